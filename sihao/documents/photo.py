"""What a photograph says of itself: when it was taken. Anybody can change it: it is a hint and no proof."""

import re
from datetime import datetime, timedelta, timezone
from typing import BinaryIO
from zoneinfo import ZoneInfo

from PIL import Image

BEIJING = ZoneInfo("Asia/Shanghai")
CAMERA = 0x8769  # the directory of what the camera wrote
TAKEN, TAKEN_OFFSET = 0x9003, 0x9011
MOMENT = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)
OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1990, 2100


def taken_at(file: BinaryIO) -> datetime | None:
    """Return when a JPEG or PNG was taken, as its EXIF data say; None where they do not.

    A camera that names no offset from UTC is taken to show Beijing time. The file stands at its beginning afterwards.
    """
    try:
        file.seek(0)
        with Image.open(file, formats=["JPEG", "PNG"]) as image:
            camera = image.getexif().get_ifd(CAMERA)
        return _instant(str(camera.get(TAKEN, "")), str(camera.get(TAKEN_OFFSET, "")))
    except Exception:  # noqa: BLE001 whatever forged data make Pillow raise, they tell no time
        return None
    finally:
        file.seek(0)


def _instant(moment: str, offset: str) -> datetime | None:
    told = MOMENT.fullmatch(moment.strip("\0 "))
    if told is None or not FIRST_YEAR <= int(told[1]) <= LAST_YEAR:
        return None
    year, month, day, hour, minute, second = map(int, told.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=_zone(offset.strip("\0 ")))


def _zone(offset: str) -> timezone | ZoneInfo:
    told = OFFSET.fullmatch(offset)
    if told is None:
        return BEIJING
    away = timedelta(hours=int(told[2]), minutes=int(told[3]))
    return timezone(away if told[1] == "+" else -away)
