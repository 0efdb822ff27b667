"""Pictures: checked by structure before anything decodes them, and drawn anew for preview."""

from typing import BinaryIO

from PIL import Image

from sihao.documents.intake import jpeg, png
from sihao.documents.intake.blocks import refuse_hidden_archive
from sihao.documents.intake.refusal import Reason, UnacceptableFile

MAX_PIXELS = 60_000_000
MAX_SIDE = 30_000

_SIZES = {"jpeg": jpeg.size_of, "png": png.size_of}


def inspect_image(file: BinaryIO, kind: str) -> None:
    """Raise unless ``file`` is a whole picture of this kind, of sane dimensions, and nothing else besides."""
    width, height = _SIZES[kind](file)
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise UnacceptableFile(
            Reason.PIXELS,
            f"图片尺寸为{width}×{height}像素，超过{MAX_PIXELS // 10_000}万像素或单边{MAX_SIDE}像素的上限",
            "请缩小尺寸或降低扫描分辨率（300 dpi足够）后再上传",
        )
    _refuse_undecodable(file, kind, (width, height))
    refuse_hidden_archive(file)


def _refuse_undecodable(file: BinaryIO, kind: str, size: tuple[int, int]) -> None:
    file.seek(0)
    try:
        with Image.open(file, formats=[kind.upper()]) as image:
            agrees = image.size == size
            image.verify()
    except Exception:  # noqa: BLE001 whatever a forged picture makes Pillow raise, it is not a picture
        agrees = False
    if not agrees:
        raise UnacceptableFile(Reason.DAMAGED, "图片无法解读", "请重新拍摄、扫描或导出后再上传")
