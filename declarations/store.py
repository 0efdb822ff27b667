"""Evidence on disk: by digest under the storage root, never by a name somebody chose."""

from typing import BinaryIO

from django.core.files import File
from django.core.files.storage import default_storage


def place_of(digest: str) -> str:
    """Return where a file of that SHA-256 lies, relative to the storage root."""
    return f"evidence/{digest[:2]}/{digest[2:4]}/{digest}"


def keep(file: BinaryIO, digest: str) -> str:
    """Store the file once and return its place; the same content twice is one file."""
    place = place_of(digest)
    if not default_storage.exists(place):
        file.seek(0)
        place = default_storage.save(place, File(file))
    return place


def fetch(place: str) -> File:
    """Open a stored file for reading."""
    return default_storage.open(place, "rb")
