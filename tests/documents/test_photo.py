"""When a photograph was taken, as it says itself; what it does not say, or says badly, is nothing."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image

from sihao.documents.photo import CAMERA, TAKEN, TAKEN_OFFSET, taken_at

MODEL = 0x0110


def photo(moment: str = "", offset: str = "", kind: str = "JPEG") -> BytesIO:
    image, file = Image.new("RGB", (8, 8)), BytesIO()
    exif = image.getexif()
    exif[MODEL] = "camera"
    told = {TAKEN: moment, TAKEN_OFFSET: offset}
    exif.get_ifd(CAMERA).update({name: text for name, text in told.items() if text})
    image.save(file, kind, exif=exif)
    return file


@pytest.mark.parametrize(
    ("moment", "offset", "expected"),
    [
        ("2020:11:05 14:03:09", "", datetime(2020, 11, 5, 6, 3, 9, tzinfo=UTC)),
        ("2020:11:05 14:03:09", "+08:00", datetime(2020, 11, 5, 6, 3, 9, tzinfo=UTC)),
        ("2020:11:05 14:03:09", "-02:30", datetime(2020, 11, 5, 16, 33, 9, tzinfo=UTC)),
        ("2020:11:05 14:03:09", "west", datetime(2020, 11, 5, 6, 3, 9, tzinfo=UTC)),
        ("0000:00:00 00:00:00", "", None),
        ("2020:13:05 14:03:09", "", None),
        ("1989:01:01 00:00:00", "", None),
        ("yesterday", "", None),
        ("", "", None),
    ],
)
def test_the_moment_is_read_with_its_offset_and_beijing_time_without(moment, offset, expected):
    file = photo(moment, offset)

    assert taken_at(file) == expected
    assert file.tell() == 0


def test_a_png_may_tell_it_too():
    assert taken_at(photo("2020:11:05 08:00:00", kind="PNG")) == datetime(2020, 11, 5, tzinfo=UTC)


FORGED = b"\xff\xd8\xff\xe1\x00\x20Exif\x00\x00II*\x00\xff\xff\xff\xff"


@pytest.mark.parametrize("content", [b"", b"no picture", FORGED])
def test_what_is_no_picture_or_forged_tells_nothing(content):
    assert taken_at(BytesIO(content)) is None
