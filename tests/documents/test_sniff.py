import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sihao.documents.intake import child
from sihao.documents.sniff import Reason, UnacceptableFile, clean_image, inspect, safe_name
from tests.documents import good, hostile
from tests.documents.containers import jpeg, package, patched, pdf, png, png_of
from tests.documents.hostile import MAX_BYTES

ROOT = Path(__file__).parents[2]
HOSTILE = list(hostile.corpus())
HEAVY = {
    "too large",
    "pdf exhausting",
    "pixel floods",
    "container bombs",
    "declarations",
    "picture polyglots",
}
BENT = {"jpg": jpeg(), "png": png(), **{kind: package(kind) for kind in ("docx", "xlsx", "ofd")}}


def judged(content, name):
    try:
        return inspect(BytesIO(content), name, max_bytes=MAX_BYTES).kind
    except UnacceptableFile as problem:
        return problem.reason


def pages_of(content):
    return inspect(BytesIO(content), "a.pdf", max_bytes=MAX_BYTES).pages


def refusal(content, name, max_bytes=MAX_BYTES):
    with pytest.raises(UnacceptableFile) as caught:
        inspect(BytesIO(content), name, max_bytes=max_bytes)
    return caught.value


def refusal_of(content, name, max_bytes=MAX_BYTES):
    return str(refusal(content, name, max_bytes))


# The corpora


def test_the_corpus_is_large_and_varied():
    families = Counter(sample.family for sample in HOSTILE)

    assert len(HOSTILE) >= 600
    assert len(families) >= 20
    assert len({str(sample) for sample in HOSTILE}) == len(HOSTILE)


@pytest.mark.parametrize("family", sorted(hostile.FAMILIES.keys() - HEAVY))
def test_every_hostile_file_is_refused_for_its_reason_in_one_calm_sentence_and_a_remedy(family):
    samples = [sample for sample in HOSTILE if sample.family == family]

    told = {sample: refusal(sample.make(), sample.name) for sample in samples}

    assert [(str(one), found) for one, found in told.items() if found.reason != one.reason] == []
    assert [(str(one), str(found)) for one, found in told.items() if not is_calm(str(found))] == []


def is_calm(message):
    whom, _, rest = message.partition("”没有收下：")
    printed = not any(ord(char) < 32 for char in message)
    return whom.startswith("“") and "请" in rest.rpartition("：")[2] and message.endswith("。") and printed


@pytest.mark.parametrize("kind", good.SAMPLES)
def test_every_good_file_is_taken_in(kind):
    name = f"证明材料.{good.EXTENSIONS[kind]}"

    found = {label: judged(make(), name) for label, make in good.SAMPLES[kind].items()}

    assert found == dict.fromkeys(good.SAMPLES[kind], kind)
    assert len(found) >= 15


BURDEN = """
import json, resource, sys, time
from pathlib import Path
from sihao.documents.intake import child
from sihao.documents.sniff import UnacceptableFile, inspect
warm, *files = [Path(name) for name in sys.argv[1:]]
def judge(path):
    with path.open("rb") as file:
        try:
            return ["", inspect(file, path.name, max_bytes=20 * 1024 * 1024).kind]
        except UnacceptableFile as refusal:
            return [refusal.reason.name, str(refusal)]
judge(warm)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
longest, told = 0, []
for path in files:
    begun = time.process_time()
    told.append(judge(path))
    longest = max(longest, time.process_time() - begun)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
child.stop()
children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"grown": (after - before) // 1024, "child": children // 1024, "longest": longest, "told": told}))
"""
def test_heavy_hostile_files_are_refused_so_too_and_cost_little_memory_and_time_and_leave_nothing(tmp_path):
    samples = [sample for sample in HOSTILE if sample.family in HEAVY]
    store, scratch = tmp_path / "store", tmp_path / "scratch"
    store.mkdir()
    scratch.mkdir()
    warm = store / "warm.docx"
    warm.write_bytes(package("docx"))
    files = [warm]
    for number, sample in enumerate(samples):
        (store / str(number)).mkdir()
        files.append(store / str(number) / sample.name)
        files[-1].write_bytes(sample.make())

    environment = {**os.environ, "TMPDIR": str(scratch), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", BURDEN, *files], env=environment, capture_output=True, check=True
    )

    burden = json.loads(done.stdout)
    told = dict(zip(map(str, samples), burden["told"], strict=True))
    assert {label: reason for label, (reason, _) in told.items()} == {str(one): one.reason.name for one in samples}
    assert [(label, message) for label, (_, message) in told.items() if not is_calm(message)] == []
    assert burden["grown"] <= 64
    assert burden["child"] <= 640
    assert burden["longest"] <= 5
    assert list(scratch.iterdir()) == []


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_bent_files_are_judged_and_never_crash(data):
    extension = data.draw(st.sampled_from(["jpg", "png", "docx", "xlsx", "ofd"]))
    content = bytearray(BENT[extension])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    keep = data.draw(st.integers(0, len(content)))

    assert judged(bytes(content), f"a.{extension}") is not None
    assert judged(bytes(content[:keep]), f"a.{extension}") is not None


# What comes back


def test_a_good_file_is_described():
    content = pdf(pages=3)

    found = inspect(BytesIO(content), "登记证书 2020.PDF", max_bytes=MAX_BYTES)

    assert (found.name, found.kind, found.mime, found.extension) == (
        "登记证书 2020.PDF",
        "pdf",
        "application/pdf",
        "pdf",
    )
    assert (found.pages, found.size, found.sha256) == (3, len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize(
    ("content", "name", "pages"),
    [
        (jpeg(), "a.jpeg", 1),
        (png(), "a.png", 1),
        (package("docx"), "a.docx", None),
        (package("xlsx"), "a.xlsx", None),
    ],
)
def test_pages_are_counted_where_there_are_pages(content, name, pages):
    assert inspect(BytesIO(content), name, max_bytes=MAX_BYTES).pages == pages


def test_ofd_pages_are_counted():
    assert inspect(BytesIO(good.OFDS["ninety pages"]()), "a.ofd", max_bytes=MAX_BYTES).pages == 90


@pytest.mark.parametrize(
    ("content", "name"),
    [(BENT["png"], "a.png"), (b"", "a.pdf"), (hostile.MZ, "a.docx")],
    ids=["good", "empty", "hostile"],
)
def test_the_file_stands_at_its_beginning_afterwards(content, name):
    file = BytesIO(content)
    file.seek(0, 2)

    with suppress(UnacceptableFile):
        inspect(file, name, max_bytes=MAX_BYTES)

    assert file.tell() == 0


def test_the_limit_of_size_has_two_sides():
    content = png()

    assert inspect(BytesIO(content), "a.png", max_bytes=len(content)).size == len(content)
    assert refusal_of(content, "a.png", len(content) - 1) == (
        f"“a.png”没有收下：文件大小为{len(content)}字节，超过{len(content) - 1}字节的上限。"
        "请压缩、降低扫描分辨率或分成几个文件后再上传。"
    )


# What the person reads


MESSAGES = {
    "empty": (bytes, "证书.pdf", "文件是空的（0字节）。请确认文件已保存好再上传。"),
    "program": (
        lambda: hostile.MZ,
        "证书.pdf",
        "扩展名说是PDF，内容却是可执行程序。请上传真正的PDF、JPG、PNG、OFD、DOCX、XLSX文件，不要只改扩展名。",
    ),
    "old excel": (bytes, "表.xls", "扩展名“.xls”不在接受之列。请另存为XLSX或PDF后再上传。"),
    "heic": (bytes, "照片.heic", "扩展名“.heic”不在接受之列。请另存为JPG或PNG后再上传。"),
    "zip": (bytes, "材料.zip", "扩展名“.zip”不在接受之列。请解压后把里面的文件逐个上传。"),
    "no extension": (bytes, "材料", "文件没有扩展名。请上传PDF、JPG、PNG、OFD、DOCX、XLSX文件。"),
    "path": (pdf, "../a.pdf", "文件名中有路径（“/”或“\\”）。请改名后再上传。"),
    "control character": (pdf, "a\x00.pdf", "文件名中有控制字符。请改名后再上传。"),
    "direction": (
        pdf,
        "a\u202efdp.pdf",
        "文件名中有改变文字方向的隐藏字符，看到的扩展名可能是假的。请改名后再上传。",
    ),
    "jpeg as png": (
        jpeg,
        "照片.png",
        "扩展名说是PNG，内容却是JPG图片。请上传真正的PDF、JPG、PNG、OFD、DOCX、XLSX文件，不要只改扩展名。",
    ),
    "pixels": (
        lambda: png_of(60_000, 60_000),
        "图.png",
        (
            "图片尺寸为60000×60000像素，超过6000万像素或单边30000像素的上限。"
            "请缩小尺寸或降低扫描分辨率（300 dpi足够）后再上传。"
        ),
    ),
    "trailing": (
        lambda: jpeg() + hostile.MZ,
        "图.jpg",
        "JPG图片的结尾之后还有别的内容。请用看图软件打开，另存为新的图片后再上传。",
    ),
    "script": (
        lambda: pdf(hostile.adding(OpenAction=hostile.script())),
        "a.pdf",
        "PDF里带有脚本（JavaScript）。请打开后用“打印”—“另存为PDF”生成一份新的再上传。",
    ),
    "password": (
        lambda: pdf(encryption=pikepdf.Encryption(user="u", owner="o")),
        "a.pdf",
        "PDF设有打开密码。请去掉密码后再上传。",
    ),
    "restricted": (
        lambda: pdf(encryption=pikepdf.Encryption(user="", owner="o")),
        "a.pdf",
        "PDF设有权限密码（限制打印、复制或编辑）。请去掉密码后再上传。",
    ),
    "macros": (
        lambda: package("docx", {"word/vbaProject.bin": b"x"}),
        "a.docx",
        "文件带有宏。请另存为不带宏的格式（DOCX、XLSX）或PDF后再上传。",
    ),
    "entry": (
        lambda: package("xlsx", {"../../evil": b"x"}),
        "a.xlsx",
        "文件内部有越界的路径（../../evil）。请用原来的软件打开，另存为PDF后再上传。",
    ),
    "entity": (
        lambda: package("docx", {"x.xml": "<!DOCTYPE a><a/>"}),
        "a.docx",
        "文件内部声明了外部实体（DTD）。请用原来的软件打开，另存为PDF后再上传。",
    ),
    "incomplete": (
        lambda: package("docx", without=("_rels/.rels",)),
        "a.docx",
        "DOCX文件缺少必需的部分（_rels/.rels）。请用原来的软件打开，另存为PDF后再上传。",
    ),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_a_refusal_says_what_is_wrong_and_how_to_mend_it(case):
    make, name, message = MESSAGES[case]

    assert refusal_of(make() or b"", name) == f"“{safe_name(name)}”没有收下：{message}"


def test_a_megabyte_is_shown_as_one():
    assert "文件大小为2.0 MB，超过1.0 MB的上限" in refusal_of(bytes(2 << 20), "a.pdf", 1 << 20)


# Names


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("四好商会申报表（盖章）.pdf", "四好商会申报表（盖章）.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\王\\证书.PDF", "证书.PDF"),
        ("a\x00b\x1b.pdf", "ab.pdf"),
        ("a\r\nb.pdf", "ab.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("\u200e2020\u200b年.pdf", "2020年.pdf"),
        ('a<b>:"c|d?e*.pdf', "a_b___c_d_e_.pdf"),
        ("  a   b .pdf ", "a b.pdf"),
        ("a.pdf. .", "a.pdf"),
        (".pdf", "pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("lpt1", "_lpt1"),
        ("", "未命名"),
        ("...", "未命名"),
        ("𬱖㛃䶮.pdf", "𬱖㛃䶮.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("长" * 300 + ".docx", "长" * 115 + ".docx"),
        ("a." + "x" * 300, "a." + "x" * 10),
        ("😀.png", "😀.png"),
        ("a\ud800.pdf", "a.pdf"),
    ],
)
def test_names_are_made_safe(name, safe):
    assert safe_name(name) == safe


@given(st.text())
def test_safe_names_are_safe(name):
    safe = safe_name(name)

    assert 0 < len(safe) <= 120
    assert safe.isprintable()
    assert not set(safe) & set('/\\:*?"<>|')
    assert safe_name(safe) == safe
    assert safe.encode()


# Pictures for preview


def test_a_cleaned_picture_carries_no_metadata():
    cleaned = clean_image(BytesIO(good.JPEGS["photograph with exif"]()))

    with Image.open(BytesIO(cleaned)) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (600, 800))
        assert dict(image.getexif()) == {}
    assert b"HUAWEI" not in cleaned


PREVIEWS = {
    "cmyk": (lambda: jpeg(mode="CMYK"), "JPEG", "RGB"),
    "transparent": (lambda: png(mode="RGBA"), "PNG", "RGBA"),
    "palette": (lambda: png(mode="P", transparency=0), "PNG", "RGBA"),
    "black and white": (lambda: png(mode="1"), "PNG", "RGB"),
    "texts": (good.PNGS["texts"], "PNG", "RGB"),
}


@pytest.mark.parametrize("case", PREVIEWS)
def test_a_cleaned_picture_shows_in_every_browser(case):
    make, form, mode = PREVIEWS[case]

    with Image.open(BytesIO(clean_image(BytesIO(make())))) as image:
        assert (image.format, image.mode, image.size) == (form, mode, (64, 48))
        assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("make", [jpeg, png])
def test_a_large_picture_is_made_smaller_for_preview(make):
    content = make((8_000, 6_000), mode="L")

    with Image.open(BytesIO(clean_image(BytesIO(content)))) as image:
        assert max(image.size) == 2_400


@pytest.mark.parametrize(
    "content",
    [hostile.MZ, b"", BENT["jpg"][:-20], png_of(60_000, 60_000), png_of(100, 100)],
    ids=["program", "empty", "cut", "flood", "false data"],
)
def test_what_is_no_picture_is_not_cleaned(content):
    with pytest.raises(UnacceptableFile) as caught:
        clean_image(BytesIO(content))

    assert caught.value.reason in {Reason.DAMAGED, Reason.PIXELS}


# The child


def test_a_child_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(child, "PATIENCE", 0)

    assert refusal_of(pdf(), "a.pdf") == "“a.pdf”没有收下：服务器正忙，没能及时检查完。请过几分钟再上传。"


def test_a_child_that_fails_is_a_refusal(monkeypatch, tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(9)")
    monkeypatch.setattr(child, "PROBE", broken)

    assert judged(pdf(), "a.pdf") is Reason.COMPLEX
    with pytest.raises(UnacceptableFile):
        clean_image(BytesIO(jpeg()))


def test_a_nursery_that_was_killed_is_replaced():
    assert judged(pdf(), "a.pdf") == "pdf"
    child._standing[-1].process.kill()

    assert judged(pdf(), "a.pdf") == "pdf"


def test_a_file_is_judged_again_when_the_nursery_dies_under_it():
    assert judged(pdf(), "a.pdf") == "pdf"
    child._standing[-1].process.send_signal(signal.SIGSTOP)
    threading.Timer(0.2, child._standing[-1].process.kill).start()

    assert judged(pdf(), "a.pdf") == "pdf"


def test_files_of_several_threads_get_their_own_answers():
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda pages: pages_of(pdf(pages=pages)), range(1, 25)))

    assert found == list(range(1, 25))


def test_a_bent_pdf_is_refused_or_read():
    content = pdf(pages=2)
    places = range(9, len(content), len(content) // 8)

    found = [judged(patched(content, place, "B", content[place] ^ 0x55), "a.pdf") for place in places]

    assert set(found) <= {"pdf", Reason.DAMAGED, Reason.COMPLEX, Reason.TRAILING}
