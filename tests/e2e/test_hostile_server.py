"""The heaviest hostile files against the served site: its memory stays bounded and nothing of them remains.

One of each heavy family goes in by each door (HEAVY_OF_EACH=3 for more); the whole corpus is judged without a server
in tests/documents/test_sniff.py and tests/web/test_hostile_uploads.py.
"""

import os
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import APIRequestContext

from tests.documents import good, hostile
from tests.e2e.conftest import Site, Visitor

pytestmark = pytest.mark.e2e
HEAVY = (
    "too large",
    "pdf exhausting",
    "pixel floods",
    "container bombs",
    "declarations",
    "picture polyglots",
    "embedded",
)
OF_EACH = int(os.environ.get("HEAVY_OF_EACH", "1"))
PIECE = 1024 * 1024
GROWTH = 96
JSON = {"Accept": "application/json"}


def heavy() -> Iterator[hostile.Sample]:
    """Yield a few of each heavy family, spread over it."""
    samples = list(hostile.corpus())
    for family in HEAVY:
        mine = [sample for sample in samples if sample.family == family]
        yield from mine[:: max(1, len(mine) // OF_EACH)][:OF_EACH]


class Sender:
    """Sends files as the page does, by form and piece by piece."""

    def __init__(self, visitor: Visitor) -> None:
        visitor.go("/work/cases/1/evidence/")
        self.page = f"{visitor.url}/work/cases/1/evidence/"
        self.request: APIRequestContext = visitor.page.request
        self.token = visitor.page.locator("#upload [name=csrfmiddlewaretoken]").input_value()
        self.headers = JSON | {"X-CSRFToken": self.token, "Referer": self.page}

    def by_form(self, name: str, content: bytes) -> str:
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        fields = {"csrfmiddlewaretoken": self.token, "row": "A2.1", "files": file}
        return self.request.post(self.page, multipart=fields, headers={"Referer": self.page}).text()

    def by_pieces(self, name: str, content: bytes) -> str:
        said = {"token": str(uuid.uuid4()), "row": "A2.1", "name": name, "size": str(len(content))}
        told = self.request.post(f"{self.page}uploads/", form=said, headers=self.headers).json()
        while "refused" not in told and not told.get("done"):
            offset = told["offset"]
            url = f"{self.page}uploads/{said['token']}/?offset={offset}"
            told = self.request.put(url, data=content[offset : offset + PIECE], headers=self.headers).json()
        return "".join(told.get("refused", ()))


def memory(site: Site, line: str) -> int:
    """Return how many megabytes the server's process holds now (VmRSS), or held at most (VmHWM)."""
    told = Path(f"/proc/{site.process.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(one.split()[1]) for one in told if one.startswith(line)) // 1024


def files(site: Site) -> set[str]:
    root = site.folder / "files"
    return {one.relative_to(root).as_posix() for one in root.rglob("*") if one.is_file()}


def pieces(site: Site) -> int:
    with sqlite3.connect(site.folder / "sihao.sqlite3") as database:
        return database.execute("select count(*) from declarations_attachment").fetchone()[0]


def test_the_heaviest_files_cost_the_server_little_and_leave_nothing(site, visit):
    served = site()
    sender = Sender(visit(served, "chamber"))
    warm = good.SAMPLES["docx"]
    sender.by_form("好.docx", next(iter(warm.values()))())
    sender.by_pieces("照片.jpg", good.JPEGS["photograph with exif"]())
    there, counted, before = files(served), pieces(served), memory(served, "VmRSS")

    samples = list(heavy())
    for sample in samples:
        content = sample.make()
        for send in (sender.by_form, sender.by_pieces):
            assert "没有收下：" in send(sample.name, content), str(sample)

    assert {sample.family for sample in samples} == set(HEAVY)
    assert memory(served, "VmHWM") - before <= GROWTH
    assert (files(served), pieces(served)) == (there, counted)
