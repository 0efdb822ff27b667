"""A hostile declaration: its papers are right, nothing is asked of the net or read, time and memory are bounded.

The papers are laid out in a process of its own that may use so much processor and memory and no more; what it opens and
where it connects is written down by the interpreter itself.
"""

import os
import re
import resource
import socket
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import docx as reader
import openpyxl
import pypdfium2
import pytest

from declarations.actions.issuing import issue
from declarations.demo import stages
from declarations.exports.papers.application import application_paper
from declarations.models import Answer
from declarations.queries.facts import dossier_of
from declarations.states import IssuedKind
from scoring.queries import programme_of
from sihao.documents import docx, workbook
from sihao.documents.paper import Paper, Paragraph
from sihao.ui.press import laid_out
from tests import worlds
from tests.documents.measuring import measured, squeezed, text_of
from tests.kept import Ground, building, kept

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning"),
]
SECONDS, MEGABYTES = 90, 700
SECRET = "机密内容不得外泄"
LONG = "长" * 100_000
SHORT_KINDS = frozenset({"text", "long_text"})


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        yield Ground(world, worlds.make_draft(world))


@pytest.fixture
def listener():
    """A port on this machine that would take a connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def hostile(port: int, planted: object) -> str:
    return (
        f'=HYPERLINK("http://127.0.0.1:{port}/a")</td></table><img src="file://{planted}"><img src="{planted}">'
        f"<link rel=stylesheet href=http://127.0.0.1:{port}/b.css><object data='file://{planted}'></object>"
        f"<style>@import url(http://127.0.0.1:{port}/c.css);*{{color:red;content:url(file://{planted})}}</style>"
        "<script>alert(1)</script>{{ settings.SECRET_KEY }}{% include '/etc/passwd' %}\u202e倒\u202c\u2066向\x07"
    )


def seen(text: str) -> str:
    """Return a text as paper may show it."""
    return re.sub("[\x00-\x1f\u202a-\u202e\u2066-\u2069]", "", text)


def laid_out_apart(paper: Paper, folder) -> list[str]:
    """Lay the paper out in a child with limits; return what it opened or asked for."""
    laid_out(Paper("题", (Paragraph("先读字体"),))).pdf()  # fonts and modules are there before anybody looks
    child = os.fork()
    if not child:
        try:
            asked: list[str] = []
            size = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
            resource.setrlimit(resource.RLIMIT_AS, (size + (MEGABYTES << 20),) * 2)
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            sys.addaudithook(lambda event, words: asked.append(f"{event} {words[0]}") if _asks(event) else None)
            pdf, word, book = laid_out(paper).pdf(), docx.write(paper), BytesIO()
            workbook.write(paper, book)
            told = list(asked)
            (folder / "asked").write_text("\n".join(told))
            for name, content in (("pdf", pdf), ("docx", word), ("xlsx", book.getvalue())):
                (folder / f"paper.{name}").write_bytes(content)
        except BaseException as problem:  # noqa: BLE001 the parent tells it
            (folder / "failed").write_text(repr(problem))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert not (folder / "failed").exists(), (folder / "failed").read_text()
    return (folder / "asked").read_text().splitlines()


def _asks(event: str) -> bool:
    return event == "open" or event.startswith(("socket.", "urllib.", "http.", "ftplib.", "subprocess.", "os.system"))


def test_a_hostile_declaration_gives_a_correct_paper_and_reaches_for_nothing(ground, listener, tmp_path, settings):
    planted = tmp_path / "secret.txt"
    planted.write_text(SECRET)
    case = stages.fresh(ground.case)
    bad = hostile(listener.getsockname()[1], planted)
    specs = [spec for spec in programme_of(case.cycle.programme).fields if spec.kind in SHORT_KINDS]
    seat = worlds.president_of(case.applicant)
    for place, spec in enumerate(specs):
        words = {"value": LONG if place == 0 else f"{place}号{bad}", "problem": ""}
        key = {"declaration": case, "field": spec.id}
        first = {**words, "set_by": seat, "set_at": worlds.NOW}
        Answer.objects.update_or_create(**key, defaults=words, create_defaults=first)
    paper = issue(
        paper=application_paper(seat, dossier_of(stages.fresh(case))),
        kind=IssuedKind.APPLICATION,
        of=case,
        version=0,
        is_draft=True,
        actor=seat,
        now=worlds.NOW,
    )

    asked = laid_out_apart(paper, tmp_path)

    ours = (sys.prefix, sys.base_prefix, str(settings.BASE_DIR), os.path.realpath(sys.prefix), "/usr/", "/etc/fonts")
    opened = [one.removeprefix("open ") for one in asked if one.startswith("open /")]
    own_code = [one[:29] for one in asked if not one.startswith("open ")]
    assert own_code == ["urllib.Request data:image/svg"]
    passing = tempfile.gettempdir()  # where the sheet is written before it is packed
    assert [one for one in opened if not one.startswith(ours) and passing not in {one, str(Path(one).parent)}] == []
    with pytest.raises(BlockingIOError):
        listener.accept()
    pdf = (tmp_path / "paper.pdf").read_bytes()
    told = squeezed(text_of(pdf))
    texts = {
        "pdf": told,
        "docx": squeezed("".join(node.text or "" for node in reader.Document(tmp_path / "paper.docx").element.iter())),
        "xlsx": _cells(tmp_path / "paper.xlsx"),
    }
    for form, text in texts.items():
        assert SECRET not in text, form
        assert "root:x" not in text, form
        assert "（原文共100000字，此处印前20000字，其余见系统。）" in text, form
        assert text.count("长") >= 20_000, form
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", text), form
    wanted = [squeezed(f"{place}号{seen(bad)}") for place in range(1, len(specs))]
    assert len(wanted) > 5
    for form in ("docx", "xlsx"):
        assert [text for text in wanted if text not in texts[form]] == [], form
    assert told.count(squeezed("{{ settings.SECRET_KEY }}{% include")) >= 1
    assert measured(pdf, landscape=False).outside == []
    assert len(pypdfium2.PdfDocument(pdf)) < 120
    formulas = [cell for sheet in openpyxl.load_workbook(tmp_path / "paper.xlsx") for row in sheet for cell in row]
    assert [cell for cell in formulas if cell.data_type == "f"] == []


def _cells(path) -> str:
    cells = (cell.value for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row)
    return squeezed("".join(str(value) for value in cells if value is not None))
