"""Invented photographs: fields of colour that run into each other, the same for the same number."""

from io import BytesIO
from random import Random
from typing import Any

from PIL import Image, ImageDraw, ImageFilter


def scene(number: int, size: tuple[int, int] = (800, 600)) -> Image.Image:
    """Return a picture that looks like no other."""
    rng, (width, height) = Random(number), size
    image = Image.new("RGB", size, tuple(rng.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y = rng.randrange(width), rng.randrange(height)
        across, down = rng.randrange(30, width // 3), rng.randrange(30, height // 3)
        box = (x - across, y - down, x + across, y + down)
        draw.ellipse(box, fill=tuple(rng.randrange(256) for _ in range(3)))
    return image.filter(ImageFilter.GaussianBlur(3))


def saved(image: Image.Image, kind: str = "JPEG", **how: Any) -> bytes:
    """Return a picture as a file."""
    file = BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()
