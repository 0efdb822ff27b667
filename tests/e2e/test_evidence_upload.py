"""Evidence in a real browser: dropped on its row, cut off midway, gone on with, seen; after a reload by keyboard."""

import hashlib
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import Site, Visitor

pytestmark = pytest.mark.e2e
DROP = """([row, files]) => {
  const carried = new DataTransfer();
  for (const file of document.querySelector(files).files) carried.items.add(file);
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const goal = document.querySelector(row);
    goal.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
  }
}"""


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of some megabytes, so that it takes several pieces."""
    path = tmp_path_factory.mktemp("evidence") / "会议照片.png"
    side = 1100
    Image.frombytes("RGB", (side, side), random.Random(1).randbytes(side * side * 3)).save(path)
    return path


class Line:
    """The line between the browser and the site: it breaks behind some bytes, until it is mended."""

    def __init__(self, page: Page, behind: int) -> None:
        self.broken, self.behind, self.offsets = True, behind, []
        page.route(re.compile(r"/uploads/[0-9a-f-]{36}/\?offset="), self.carry)

    def carry(self, route: Route) -> None:
        offset = int(route.request.url.rpartition("=")[2])
        if self.broken and offset > self.behind:
            route.abort("connectionreset")
        else:
            self.offsets.append(offset)
            route.continue_()


@pytest.fixture(scope="module")
def served(served_copy: Callable, demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all; each test has a row of its own."""
    with served_copy(demo_folder, tmp_path_factory.mktemp("served") / "world") as site:
        yield site


@pytest.fixture
def chamber(served: Site, visit: Callable[..., Visitor]) -> Visitor:
    visitor = visit(served, "chamber")
    visitor.go("/work/cases/1/evidence/")
    visitor.page.on("dialog", lambda dialog: dialog.accept())
    return visitor


def row(code: str) -> str:
    return "#row-" + code.replace(".", "\\.")


def seen(page: Page, code: str, name: str) -> None:
    """Look at the piece in its row: it is there, and its picture is drawn."""
    piece = page.locator(f"{row(code)} .piece").filter(has_text=name)
    expect(piece).to_have_count(1)
    piece.get_by_text("预览").click()
    picture = piece.locator("img")
    expect(picture).to_be_visible()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())


def is_stored(site: Site, photograph: Path) -> bool:
    digest = hashlib.sha256(photograph.read_bytes()).hexdigest()
    incoming = site.folder / "files" / "incoming"
    kept = site.folder / "files" / "evidence" / digest[:2] / digest[2:4] / digest
    return kept.read_bytes() == photograph.read_bytes() and list(incoming.iterdir()) == []


def test_a_dropped_file_outlives_a_broken_line(served, chamber, photograph):
    page, goal = chamber.page, row("A2.1")
    line = Line(page, behind=300_000)
    used = int(page.locator("[data-used]").inner_text())

    page.locator("#id_files").set_input_files(photograph)
    page.evaluate(DROP, [goal, "#id_files"])
    transfer = page.locator(f"{goal} .transfer")
    expect(transfer.locator(".transfer-told")).to_contain_text("连接中断")
    page.context.set_offline(True)
    expect(transfer.locator(".transfer-told")).to_have_text("网络已断开，恢复后自动继续")
    line.broken = False
    page.context.set_offline(False)

    expect(transfer).to_have_count(0)
    seen(page, "A2.1", photograph.name)
    expect(page.locator("[data-used]")).to_have_text(f"{used + 1}")
    assert line.offsets == sorted(set(line.offsets))
    assert is_stored(served, photograph)
    page.reload()
    seen(page, "A2.1", photograph.name)
    assert chamber.faults == []


def test_a_file_goes_on_after_a_reload_and_a_new_sign_in_by_keyboard(served, chamber, photograph):
    page, goal = chamber.page, row("A2.2")
    line = Line(page, behind=300_000)

    page.locator("#id_row").select_option("A2.2")
    page.locator("#id_pages").fill("第1页")
    page.locator("#id_files").set_input_files(photograph)
    page.get_by_role("button", name="上传佐证材料").press("Enter")
    expect(page.locator("#upload .transfer-told")).to_contain_text("连接中断")
    sent = line.offsets[-1]
    page.reload()
    line.broken = False

    waiting = page.locator("[data-unfinished]")
    expect(waiting).to_contain_text("会议照片.png")
    page.context.clear_cookies()
    with page.expect_file_chooser() as chooser:
        waiting.get_by_role("button", name=re.compile("选择这个文件续传")).press("Enter")
    chooser.value.set_files(photograph)
    expect(page.locator("#unfinished .transfer-told")).to_contain_text("登录已过期")
    page.keyboard.type("Sihao-demo-2020")
    page.keyboard.press("Enter")

    expect(page.locator(f"{goal} .piece")).to_contain_text("见第1页")
    assert line.offsets[line.offsets.index(sent) + 1] > sent
    assert is_stored(served, photograph)
    assert chamber.faults == []


def test_a_refusal_stands_at_its_row_and_the_others_go_on(served, chamber, photograph, tmp_path):
    page, goal = chamber.page, row("A2.3")
    program = tmp_path / "证书.pdf"
    program.write_bytes(b"MZ\x90\x00" + bytes(600))
    empty = tmp_path / "空.pdf"
    empty.touch()

    with page.expect_file_chooser() as chooser:
        page.locator(f"{goal} [data-pick]").click()
    chooser.value.set_files([program, empty, photograph])

    expect(page.locator(f"{goal} .piece")).to_contain_text("会议照片.png")
    refused = page.locator(f"{goal} .transfer-refused .transfer-told")
    expect(refused).to_have_text(
        [
            re.compile("^“证书.pdf”没有收下：扩展名说是PDF，内容却是可执行程序。"),
            "“空.pdf”没有收下：文件是空的（0字节）。请确认文件已保存好再上传。",
        ]
    )
    assert is_stored(served, photograph)


def test_without_scripts_the_form_does_the_same(served, browser, photograph):
    goal = row("A2.4")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.url}/account/sign-in/")
    page.fill("[name=username]", "chamber")
    page.fill("[name=password]", "Sihao-demo-2020")
    page.locator("main button[type=submit]").click()
    page.goto(f"{served.url}/work/cases/1/evidence/")
    page.locator(f"{goal} [data-pick]").click()
    page.locator("#id_files").set_input_files(photograph)
    page.locator("#id_dated").fill("2020-05-01")
    page.get_by_role("button", name="上传佐证材料").click()

    expect(page.locator(f"{goal} .piece")).to_contain_text("材料日期2020年5月1日")
    page.locator(f"{goal} .piece-look summary").click()
    expect(page.locator(f"{goal} .piece-look img")).to_be_visible()
    context.close()
