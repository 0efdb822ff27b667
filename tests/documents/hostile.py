"""A corpus of hostile uploads, made in code: name, content, and why each must be refused."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from zipfile import ZIP_LZMA, ZipInfo

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from sihao.documents.sniff import Reason
from tests.documents.containers import (
    EXCEL_TYPE,
    HEAD,
    OFD,
    WORD_TYPE,
    W,
    central_entries,
    chunk,
    content_types,
    docx_parts,
    jpeg,
    jpeg_claiming,
    jpeg_with,
    ofd_parts,
    outside,
    package,
    patched,
    pdf,
    png,
    png_of,
    png_with,
    relations,
    segment,
    xlsx_parts,
    zipped,
)

MAX_BYTES = 20 * 1024 * 1024
KINDS = ("pdf", "jpg", "png", "ofd", "docx", "xlsx")
CONTAINERS = ("ofd", "docx", "xlsx")
MZ = b"MZ\x90\x00" + bytes(60) + b"This program cannot be run in DOS mode.\r\r\n$"
ELF = b"\x7fELF\x02\x01\x01" + bytes(57)
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
PHP = b"<?php system($_GET['c']); ?>"


@dataclass(frozen=True)
class Sample:
    """One hostile upload; ``make`` builds its content when it is wanted."""

    family: str
    label: str
    name: str
    make: Callable[[], bytes]
    reason: Reason

    def __str__(self) -> str:
        return f"{self.family}:{self.label}"


def corpus() -> Iterator[Sample]:
    """Yield every sample, family by family."""
    for family, (reason, samples) in FAMILIES.items():
        for label, name, made in samples():
            make = made if callable(made) else (lambda content=made: content)
            yield Sample(family, label, name, make, reason)


# Renamed files


DISGUISES = {
    "exe": MZ,
    "elf": ELF,
    "mach-o": b"\xcf\xfa\xed\xfe" + bytes(60),
    "java": b"\xca\xfe\xba\xbe" + bytes(60),
    "lnk": b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(60),
    "shell": b"#!/bin/sh\nrm -rf ~\n",
    "batch": b"@echo off\r\ndel /q *.*\r\n",
    "vbs": b'CreateObject("WScript.Shell").Run "calc"\r\n',
    "html": HTML,
    "html with a comment in front": b"<!-- x -->\n<html><script>1</script></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "svg behind a declaration": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "php": PHP,
    "xml": b'<?xml version="1.0"?><a/>',
    "gif": b"GIF89a" + bytes(40),
    "gif with script": b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//",
    "bmp": b"BM" + bytes(4) + bytes(60),
    "tiff": b"II*\x00" + bytes(60),
    "webp": b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(40),
    "heic": b"\x00\x00\x00\x18ftypheic" + bytes(40),
    "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
    "rtf": rb"{\rtf1{\object\objocx}}",
    "postscript": b"%!PS-Adobe-3.0\n(x) run\n",
    "rar": b"Rar!\x1a\x07\x01\x00" + bytes(40),
    "7z": b"7z\xbc\xaf'\x1c" + bytes(40),
    "gzip": gzip.compress(b"x" * 100, mtime=0),
    "empty zip": b"PK\x05\x06" + bytes(18),
    "noise": bytes(range(256)),
    "zeros": bytes(1000),
    "text": "这不是图片".encode(),
}


def disguised():
    for label, content in DISGUISES.items():
        for extension in KINDS:
            yield f"{label} as {extension}", f"营业执照.{extension}", content
    for extension in KINDS:
        good = {"pdf": pdf, "jpg": jpeg, "png": png}
        for kind, make in good.items():
            if kind != extension:
                yield f"good {kind} as {extension}", f"a.{extension}", make
        for kind in CONTAINERS:
            if kind != extension:
                yield f"good {kind} as {extension}", f"a.{extension}", lambda kind=kind: package(kind)
    for extension in CONTAINERS:
        yield f"plain zip as {extension}", f"a.{extension}", zipped({"a.txt": b"x"})
        yield (
            f"xl parts without a workbook as {extension}",
            f"a.{extension}",
            zipped({"xl/styles.xml": b"<a/>"}),
        )
        yield f"pptx as {extension}", f"a.{extension}", zipped({"ppt/presentation.xml": b"<a/>"})


def extensions():
    names = (
        "a.exe a.scr a.com a.bat a.js a.vbs a.html a.svg a.gif a.bmp a.tif a.webp a.heic a.doc a.xls a.docm a.xlsm "
        "a.xlsb a.dotx a.pptx a.zip a.rar a.7z a.txt a.csv a.rtf a.wps a.et a.pdf.exe a.pdf.lnk a.jpg.js a pdf"
    )
    for name in (
        *names.split(" "),
        "a.pdf:evil.exe",
        ".htaccess",
        "a.ｐｄｆ",
        "a.pdf%00.exe",
        "a.docx.",
        "a.exe .",
    ):
        if name != "a.docx.":
            yield name, name, pdf


def names():
    for name in (
        "../../etc/passwd.pdf",
        "..\\..\\windows\\a.pdf",
        "/etc/cron.d/a.pdf",
        "C:\\a.pdf",
        "a/b.pdf",
        "a.pdf\x00.exe",
        "\x00.pdf",
        "a\r\nSet-Cookie: x.pdf",
        "a\x1b[2J.pdf",
        "a\x7f.pdf",
        "a\x85.pdf",
        "a\u202efdp.pdf",
        "\u2067a.pdf",
        "a\u202a.pdf",
    ):
        yield repr(name), name, pdf


def empty():
    for extension in KINDS:
        yield extension, f"a.{extension}", b""


def too_large():
    for extension in KINDS:
        yield extension, f"a.{extension}", lambda: bytes(MAX_BYTES + 1)


# PDF


def adding(**entries):
    def change(document):
        for key, value in entries.items():
            document.Root["/" + key] = value

    return change


def annotation(**entries):
    def change(document):
        note = Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **entries)
        document.pages[0].obj["/Annots"] = Array([document.make_indirect(note)])

    return change


def loose(**entries):
    def change(document):
        thing = document.make_indirect(Dictionary(**entries))
        document.Root["/Custom"] = thing

    return change


def script(**more):
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"), **more)


def action(kind, **more):
    return Dictionary(S=Name("/" + kind), **more)


def deep_in_arrays(document):
    document.Root["/Custom"] = Array([Array([Array([Dictionary(A=script())])])])


def pdf_scripts():
    streams = {"object_stream_mode": pikepdf.ObjectStreamMode.generate}
    yield "open action", "a.pdf", lambda: pdf(adding(OpenAction=script()))
    yield (
        "name tree",
        "a.pdf",
        lambda: pdf(adding(Names=Dictionary(JavaScript=Dictionary(Names=["x", script()])))),
    )
    yield "annotation", "a.pdf", lambda: pdf(annotation(Subtype=Name.Link, A=script()))
    yield (
        "additional action",
        "a.pdf",
        lambda: pdf(annotation(Subtype=Name.Link, AA=Dictionary(E=script()))),
    )
    yield "next action", "a.pdf", lambda: pdf(loose(S=Name.URI, Next=script()))
    yield "in arrays", "a.pdf", lambda: pdf(deep_in_arrays)
    yield "in an object stream", "a.pdf", lambda: pdf(adding(OpenAction=script()), **streams)
    yield (
        "as a stream",
        "a.pdf",
        lambda: pdf(lambda d: adding(Custom=Dictionary(JS=Stream(d, b"app.alert(1)")))(d)),
    )
    yield "escaped name", "a.pdf", escaped_script
    for place in ("O", "C", "WC", "DS", "WP"):
        yield (
            f"document event {place}",
            "a.pdf",
            lambda place=place: pdf(adding(AA=Dictionary({"/" + place: script()}))),
        )


def escaped_script():
    """Return a PDF whose script is written with escaped names; the cross-reference table is made to fit."""
    body = [
        b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/J#61vaScript/#4aS(app.alert\\(1\\))>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
    ]
    return pdf_of(body)


def pdf_of(objects, trailer=b""):
    """Return a PDF of raw objects with a right cross-reference table."""
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    end = b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (count, trailer, len(out))
    return bytes(out) + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + end


PDF_HEAD = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]
PDF_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"


def pdf_actions():
    for kind in (
        "Launch",
        "SubmitForm",
        "ImportData",
        "GoToR",
        "GoToE",
        "Rendition",
        "Movie",
        "Sound",
        "Trans3D",
    ):
        target = action(kind, F=String("\\\\server\\share\\a.exe"))
        yield f"link {kind}", "a.pdf", lambda target=target: pdf(annotation(Subtype=Name.Link, A=target))
    yield (
        "open action Launch",
        "a.pdf",
        lambda: pdf(adding(OpenAction=action("Launch", F=String("calc.exe")))),
    )
    yield (
        "open action URI",
        "a.pdf",
        lambda: pdf(adding(OpenAction=action("URI", URI=String("http://x.invalid")))),
    )
    yield "page event URI", "a.pdf", lambda: pdf(with_page_event)


def with_page_event(document):
    document.pages[0].obj["/AA"] = Dictionary(O=action("URI", URI=String("http://x.invalid")))


def pdf_forms():
    yield (
        "xfa stream",
        "a.pdf",
        lambda: pdf(lambda d: adding(AcroForm=Dictionary(XFA=Stream(d, b"<xdp/>")))(d)),
    )
    yield (
        "xfa array",
        "a.pdf",
        lambda: pdf(adding(AcroForm=Dictionary(XFA=Array([String("template"), String("x")])))),
    )


def with_attachment(document):
    document.attachments["a.exe"] = pikepdf.AttachedFileSpec(document, MZ, filename="a.exe")


def pdf_embedded():
    yield "attachment", "a.pdf", lambda: pdf(with_attachment)
    for kind in ("FileAttachment", "RichMedia", "Screen", "3D", "Movie", "Sound"):
        yield f"annotation {kind}", "a.pdf", lambda kind=kind: pdf(annotation(Subtype=Name("/" + kind)))
    yield (
        "associated file",
        "a.pdf",
        lambda: pdf(
            lambda d: adding(AF=Array([Dictionary(Type=Name.Filespec, EF=Dictionary(F=Stream(d, MZ)))]))(d)
        ),
    )


def pdf_encrypted():
    for level in (2, 3, 4, 6):
        yield (
            f"open password, level {level}",
            "a.pdf",
            lambda level=level: pdf(
                encryption=pikepdf.Encryption(
                    user="u", owner="o", R=level, aes=level >= 4, metadata=level >= 4
                )
            ),
        )
        yield (
            f"owner password, level {level}",
            "a.pdf",
            lambda level=level: pdf(
                encryption=pikepdf.Encryption(
                    user="", owner="o", R=level, aes=level >= 4, metadata=level >= 4
                )
            ),
        )


def pdf_damaged():
    good = pdf(pages=3)
    for part in (1, 3, 5, 7, 9):
        yield f"cut at {part}0 %", "a.pdf", good[: len(good) * part // 10]
    yield "header alone", "a.pdf", b"%PDF-1.7\n%%EOF\n"
    yield "no cross-reference", "a.pdf", good.replace(b"startxref", b"startxxxx")
    yield "wrong cross-reference", "a.pdf", good.replace(b"xref\n0", b"xrxf\n0")
    yield "version unknown", "a.pdf", b"%PDF-9.9" + good[8:]
    yield "no pages", "a.pdf", pdf_of([PDF_HEAD[0], b"<</Type/Pages/Kids[]/Count 0>>"])
    yield "no page tree", "a.pdf", pdf_of([b"<</Type/Catalog>>"])
    yield "page tree in a circle", "a.pdf", pdf_of([PDF_HEAD[0], b"<</Type/Pages/Kids[2 0 R]/Count 1>>"])
    yield "cross-reference stream that swells", "a.pdf", swelling_table
    yield "text between the marks", "a.pdf", b"%PDF-1.4\n" + "你好\n".encode() * 50 + b"%%EOF"


def pdf_polyglots():
    good = pdf()
    with_comment = zipped({"a.txt": b"x"})
    for label, more in {
        "exe": MZ,
        "elf": ELF,
        "html": HTML,
        "php": PHP,
        "zip": with_comment,
        "noise": b"\x01" * 9,
    }.items():
        yield f"{label} behind the end", "a.pdf", good + more
        yield f"{label} far behind the end", "a.pdf", good + more + bytes(5_000) + b"x"
    yield "html in front", "a.pdf", b"%PDF-1.4\n" + HTML + b"\n" + good[9:]
    yield "php in front", "a.pdf", b"%PDF-1.4\n%" + PHP + b"\n" + good[9:]
    hidden = good[:-7] + with_comment[:-2] + b"\x07\x00" + b"\n%%EOF\n"
    yield "zip whose comment is the end", "a.pdf", hidden


def pdf_exhausting():
    yield "object stream that swells", "a.pdf", lambda: swelling_objects(b"[" + b"0 " * 60_000_000 + b"]")
    yield (
        "arrays that fill the memory",
        "a.pdf",
        lambda: swelling_objects(b"[" + b"[%s]" % (b"0 " * 900_000) * 30 + b"]"),
    )
    yield "a million objects", "a.pdf", many_objects


def swelling_objects(content):
    inner = zlib.compress(b"4 0 " + content, 9)
    stream = b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (
        len(inner),
        inner,
    )
    places, out = [], b"%PDF-1.5\n"
    for number, body in enumerate([*PDF_HEAD, PDF_PAGE, None, stream], 1):
        places.append(len(out))
        out += b"" if body is None else b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows = b"\x00" * 5 + b"".join(
        (b"\x02\x00\x00\x05\x00" if number == 4 else b"\x01" + place.to_bytes(3, "big") + b"\x00")
        for number, place in enumerate(places, 1)
    )
    rows += b"\x01" + len(out).to_bytes(3, "big") + b"\x00"
    table = b"<</Type/XRef/Size 7/Root 1 0 R/W[1 3 1]/Length %d>>stream\n%s\nendstream" % (len(rows), rows)
    return out + b"6 0 obj\n" + table + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(out)


def many_objects():
    return pdf_of([*PDF_HEAD, PDF_PAGE, *[b"0"] * 400_000])


def swelling_table():
    rows = zlib.compress(bytes(400_000_000), 9)
    table = (
        b"<</Type/XRef/Size 80000000/Root 1 0 R/W[1 3 1]/Filter/FlateDecode/Length %d>>stream\n%s\nendstream"
    )
    out = b"%PDF-1.5\n"
    return out + b"1 0 obj\n" + table % (len(rows), rows) + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(out)


# Pictures


def picture_polyglots():
    for extension, make in (("jpg", jpeg), ("png", png)):
        for label, more in {
            "zip": zipped({"a.class": b"x"}),
            "exe": MZ,
            "html": HTML,
            "php": PHP,
            "rar": DISGUISES["rar"],
            "pdf": pdf(),
            "picture": png(),
        }.items():
            yield (
                f"{label} behind a {extension}",
                f"a.{extension}",
                lambda make=make, more=more: make() + more,
            )
            yield (
                f"{label} behind padding and a {extension}",
                f"a.{extension}",
                lambda make=make, more=more: make() + bytes(70_000) + more,
            )
    yield "zip inside a comment", "a.jpg", jpeg_hiding_archive
    yield "zip inside a chunk", "a.png", png_hiding_archive
    yield "second jpeg unannounced", "a.jpg", lambda: jpeg() * 2
    announced = segment(0xE2, b"MPF\x00" + bytes(20))
    yield "announced picture that is a program", "a.jpg", lambda: jpeg_with(announced) + MZ
    yield "announced picture cut off", "a.jpg", lambda: jpeg_with(announced) + jpeg()[:-30]
    yield "twenty announced pictures", "a.jpg", lambda: jpeg_with(announced) + jpeg() * 20


def jpeg_hiding_archive():
    archive = zipped({"a.txt": b"x"})
    good = jpeg()
    rest = len(good) - 2
    return good[:2] + segment(0xFE, archive[:-2] + rest.to_bytes(2, "little")) + good[2:]


def png_hiding_archive():
    archive = zipped({"a.txt": b"x"})
    rest = len(png()) - 33 + 4
    return png_with(chunk(b"prVt", archive[:-2] + rest.to_bytes(2, "little")))


def picture_scripts():
    for label, more in {
        "html": HTML,
        "php": PHP,
        "svg": DISGUISES["svg"],
        "iframe": b"<iframe src=//x>",
    }.items():
        yield f"{label} in a jpeg comment", "a.jpg", lambda more=more: jpeg_with(segment(0xFE, more))
        yield f"{label} in exif", "a.jpg", lambda more=more: jpeg_with(segment(0xE1, b"Exif\x00\x00" + more))
        yield (
            f"{label} in a png text",
            "a.png",
            lambda more=more: png_with(chunk(b"tEXt", b"Comment\x00" + more)),
        )
        yield f"{label} in an unknown chunk", "a.png", lambda more=more: png_with(chunk(b"prVt", more))


def pixel_floods():
    for width, height in (
        (60_000, 60_000),
        (30_000, 30_000),
        (10_000, 6_001),
        (40_000, 1),
        (2**31 - 1, 2**31 - 1),
    ):
        yield f"png {width}x{height}", "a.png", png_of(width, height)
        if width < 65_536:
            yield f"jpg {width}x{height}", "a.jpg", lambda size=(width, height): jpeg_claiming(*size)


def picture_damage():
    for part in (1, 5, 9):
        yield f"jpeg cut at {part}0 %", "a.jpg", lambda part=part: jpeg()[: len(jpeg()) * part // 10]
        yield f"png cut at {part}0 %", "a.png", lambda part=part: png()[: len(png()) * part // 10]
    yield "jpeg without its end", "a.jpg", lambda: jpeg()[:-2]
    yield "jpeg of no size", "a.jpg", lambda: jpeg_claiming(0, 0)
    yield "jpeg of no height", "a.jpg", lambda: jpeg_claiming(64, 0)
    yield "jpeg without a picture", "a.jpg", b"\xff\xd8\xff\xd9"
    yield "jpeg with an endless segment", "a.jpg", lambda: jpeg()[:2] + b"\xff\xe1\xff\xff" + jpeg()[2:]
    yield "jpeg with a short segment", "a.jpg", lambda: jpeg()[:2] + b"\xff\xe1\x00\x01" + jpeg()[2:]
    yield "png signature alone", "a.png", b"\x89PNG\r\n\x1a\n"
    yield "png without data", "a.png", lambda: png()[:33] + chunk(b"IEND", b"")
    yield "png with a wrong check sum", "a.png", lambda: patched(png(), 29, ">I", 0)
    yield "png of no width", "a.png", png_of(0, 10)
    yield "png with two headers", "a.png", lambda: png_with(png()[8:33])
    yield "png with an unknown critical chunk", "a.png", lambda: png_with(chunk(b"ABcD", b"x"))
    yield "png with an endless chunk", "a.png", lambda: png()[:33] + b"\x7f\xff\xff\xff" + png()[37:]


# Containers


def entry(name, **changes):
    info = ZipInfo("placeholder")
    info.filename = info.orig_filename = name
    for key, value in changes.items():
        setattr(info, key, value)
    return info


def container_entries():
    bad = (
        "../../evil.sh",
        "/etc/passwd",
        "C:/evil.txt",
        "a\\b.xml",
        "..\\evil",
        "a/../../b.xml",
        "./a.xml",
        "a//b.xml",
    )
    for kind in CONTAINERS:
        for name in (*bad, "a\nb.xml", "a:b.xml"):
            yield (
                f"{name!r} in {kind}",
                f"a.{kind}",
                lambda kind=kind, name=name: package(kind, {entry(name): b"x"}),
            )
        link = entry("word/link.xml", external_attr=0o120777 << 16, create_system=3)
        yield (
            f"symbolic link in {kind}",
            f"a.{kind}",
            lambda kind=kind, link=link: package(kind, {link: b"/etc/passwd"}),
        )
        device = entry("word/dev.xml", external_attr=0o020666 << 16, create_system=3)
        yield f"device in {kind}", f"a.{kind}", lambda kind=kind, device=device: package(kind, {device: b""})
        yield f"the same name twice in {kind}", f"a.{kind}", lambda kind=kind: package(kind, twice(kind))
        yield (
            f"names differing by case in {kind}",
            f"a.{kind}",
            lambda kind=kind: package(kind, {"X/A.xml": "<a/>", "x/a.XML": "<a/>"}),
        )
        yield f"local name differs in {kind}", f"a.{kind}", lambda kind=kind: local_renamed(package(kind))


def twice(kind):
    first = next(iter({"docx": docx_parts, "xlsx": xlsx_parts, "ofd": ofd_parts}[kind]()))
    return {entry(first.upper()): "<a/>"}


def local_renamed(data):
    last = list(central_entries(data))[-1]
    offset = int.from_bytes(data[last + 42 : last + 46], "little")
    return data[: offset + 30] + b"Z" + data[offset + 31 :]


def container_bombs():
    for kind in CONTAINERS:
        made = {
            "swelling entry": lambda kind=kind: package(kind, {"a.xml": swelling(30)}),
            "2,100 entries": lambda kind=kind: package(kind, {f"{n}.xml": "<a/>" for n in range(2_100)}),
            "overlapping entries": lambda kind=kind: overlapping(kind),
            "entry over the directory": lambda kind=kind: over_directory(kind),
        }
        for label, make in made.items():
            yield f"{label} in {kind}", f"a.{kind}", make
    yield "210 MB", "a.xlsx", lambda: package("xlsx", {f"{n}.xml": swelling(70) for n in range(3)})
    yield "30,000 entries", "a.docx", lambda: package("docx", {f"{n}": "" for n in range(30_000)})
    yield (
        "directory of 3 MB",
        "a.docx",
        lambda: package("docx", {f"{n}{'x' * 1_500}": "" for n in range(1_900)}),
    )


@cache
def swelling(megabytes):
    return b"<a>" + b" " * (megabytes * 1024 * 1024) + b"</a>"


def overlapping(kind):
    data = package(kind)
    first = next(central_entries(data))
    size = int.from_bytes(data[first + 20 : first + 24], "little")
    return patched(data, first + 20, "<I", size + 200)


def over_directory(kind):
    data = package(kind)
    last = list(central_entries(data))[-1]
    return patched(data, last + 20, "<I", len(data))


def container_encryption():
    for kind in CONTAINERS:
        for bit in (0x1, 0x41, 0x2001):
            yield (
                f"flag {bit:#x} in {kind}",
                f"a.{kind}",
                lambda kind=kind, bit=bit: flagged(package(kind), bit),
            )
    yield "ofd with an encryption part", "a.ofd", lambda: package("ofd", {"Encryptions.xml": "<a/>"})


def flagged(data, bits):
    last = list(central_entries(data))[-1]
    return patched(data, last + 8, "<H", bits)


def container_damage():
    for kind in CONTAINERS:
        for part in (2, 5, 9):
            yield (
                f"{kind} cut at {part}0 %",
                f"a.{kind}",
                lambda kind=kind, part=part: package(kind)[: len(package(kind)) * part // 10],
            )
        yield f"wrong check sum in {kind}", f"a.{kind}", lambda kind=kind: wrong_sum(package(kind))
        yield (
            f"strange method in {kind}",
            f"a.{kind}",
            lambda kind=kind: zipped(package_parts(kind), ZIP_LZMA),
        )
        yield f"garbage as data in {kind}", f"a.{kind}", lambda kind=kind: garbled(kind)
        yield f"broken xml in {kind}", f"a.{kind}", lambda kind=kind: package(kind, {"x/a.xml": "<a><b></a>"})
        yield f"no xml in {kind}", f"a.{kind}", lambda kind=kind: package(kind, {"x/a.xml": b"\x00\x01\x02"})
        yield f"size understated in {kind}", f"a.{kind}", lambda kind=kind: understated(package(kind))


def package_parts(kind):
    return {"docx": docx_parts, "xlsx": xlsx_parts, "ofd": ofd_parts}[kind]()


def wrong_sum(data):
    last = list(central_entries(data))[-1]
    return patched(data, last + 16, "<I", 12345)


def understated(data):
    last = list(central_entries(data))[-1]
    return patched(data, last + 24, "<I", 5)


def garbled(kind):
    data = package(kind)
    last = list(central_entries(data))[-1]
    offset = int.from_bytes(data[last + 42 : last + 46], "little")
    name_length = int.from_bytes(data[offset + 26 : offset + 28], "little")
    start = offset + 30 + name_length
    return data[:start] + b"\xff" * 20 + data[start + 20 :]


def container_polyglots():
    for kind in CONTAINERS:
        for label, more in {"exe": MZ, "html": HTML, "zeros": bytes(10)}.items():
            yield f"{label} behind a {kind}", f"a.{kind}", lambda kind=kind, more=more: package(kind) + more
        yield f"comment in a {kind}", f"a.{kind}", lambda kind=kind: commented(package(kind), HTML)
    both = {**docx_parts(), **{name: data for name, data in xlsx_parts().items() if name.startswith("xl/")}}
    yield "docx and xlsx at once", "a.docx", zipped(both)
    yield "docx and ofd at once", "a.ofd", zipped({**docx_parts(), **ofd_parts()})
    yield "picture in front of a docx", "a.docx", b"PK\x03\x04" + png() + package("docx")


def commented(data, comment):
    return patched(data, len(data) - 2, "<H", len(comment)) + comment


def macros():
    binary = {"word/vbaProject.bin": b"\x01\x02"}
    yield "vba in a docx", "a.docx", lambda: package("docx", binary)
    yield "vba elsewhere in a docx", "a.docx", lambda: package("docx", {"customXml/VBAPROJECT.BIN": b"\x01"})
    yield "vba in an xlsx", "a.xlsx", lambda: package("xlsx", {"xl/vbaProject.bin": b"\x01\x02"})
    yield "vba data", "a.docx", lambda: package("docx", {"word/vbaData.xml": "<a/>"})
    yield "excel 4 macro sheet", "a.xlsx", lambda: package("xlsx", {"xl/macrosheets/sheet1.xml": "<a/>"})
    yield "dialog sheet", "a.xlsx", lambda: package("xlsx", {"xl/dialogsheets/sheet1.xml": "<a/>"})
    yield "activex", "a.docx", lambda: package("docx", {"word/activeX/activeX1.xml": "<a/>"})
    for label, kind in {
        "docm renamed": "application/vnd.ms-word.document.macroEnabled.main+xml",
        "template with macros": "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    }.items():
        types = content_types("word/document.xml", kind)
        yield label, "a.docx", lambda types=types: package("docx", {"[Content_Types].xml": types})
    xlsm = content_types("xl/workbook.xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    yield "xlsm renamed", "a.xlsx", lambda: package("xlsx", {"[Content_Types].xml": xlsm})
    part = '<Override PartName="/x/a.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    types = content_types("word/document.xml", WORD_TYPE, part)
    yield "vba under another name", "a.docx", lambda: package("docx", {"[Content_Types].xml": types})


def fields():
    def told(instruction):
        return f"<w:p><w:r><w:instrText>{instruction}</w:instrText></w:r></w:p>"

    split = "".join(
        f"<w:r><w:instrText>{part}</w:instrText></w:r>" for part in (" D", "DE", "AU", 'TO c:\\x.exe "y"')
    )
    bodies = {
        "dde": told(' DDE cmd "/c calc" '),
        "dde auto": told(' DDEAUTO c:\\windows\\system32\\cmd.exe "/k calc" '),
        "dde in small letters": told(" ddeauto excel "),
        "dde split over runs": f"<w:p>{split}</w:p>",
        "simple field": '<w:p><w:fldSimple w:instr=" DDEAUTO excel "/></w:p>',
    }
    for label, body in bodies.items():
        yield label, "a.docx", lambda body=body: zipped(docx_parts(body))
    header = f'{HEAD}<w:hdr xmlns:w="{W}">{told(" DDE x ")}</w:hdr>'
    yield "in a header", "a.docx", lambda: package("docx", {"word/header1.xml": header})
    odd = f'{HEAD}<z:document xmlns:z="{W}"><z:instrText>DDE x</z:instrText></z:document>'
    yield "under another prefix", "a.docx", lambda: package("docx", {"word/document.xml": odd})


def embedded():
    yield "ole object in a docx", "a.docx", lambda: package("docx", {"word/embeddings/oleObject1.bin": b"x"})
    yield "workbook in a docx", "a.docx", lambda: package("docx", {"word/embeddings/a.xlsx": package("xlsx")})
    yield "ole object in an xlsx", "a.xlsx", lambda: package("xlsx", {"xl/embeddings/oleObject1.bin": b"x"})
    yield "web page as a chunk", "a.docx", lambda: package("docx", {"word/afchunk1.mht": HTML})
    for kind in CONTAINERS:
        for name in ("media/a.exe", "a.js", "a.html", "a.bat", "a.zip", "x/a.docm", "a.lnk", "a.PS1"):
            yield f"{name} in {kind}", f"a.{kind}", lambda kind=kind, name=name: package(kind, {name: b"x"})
        for label, content in {
            "exe": MZ,
            "elf": ELF,
            "zip": package("docx"),
            "ole": DISGUISES["ole"],
            "pdf": b"%PDF-1",
        }.items():
            yield (
                f"{label} as a picture in {kind}",
                f"a.{kind}",
                lambda kind=kind, content=content: package(kind, {"media/image1.png": content}),
            )
    for kind in ("oleObject", "package", "aFChunk", "control", "vbaProject"):
        yield (
            f"relation {kind}",
            "a.docx",
            lambda kind=kind: package(
                "docx", {"word/_rels/document.xml.rels": relations((kind, "x/a.bin", ""))}
            ),
        )


def external():
    rels = {"docx": "word/_rels/document.xml.rels", "xlsx": "xl/_rels/workbook.xml.rels"}
    for kind, place in rels.items():
        for relation, target in (
            ("image", "http://x.invalid/a.png"),
            ("frame", "http://x.invalid/a.htm"),
            ("subDocument", "file://server/a.docx"),
            ("attachedTemplate", "http://x.invalid/a.dotm"),
            ("attachedTemplate", "\\\\server\\share\\a.dotm"),
            ("attachedTemplate", "file://server/share/a.dotm"),
            ("attachedTemplate", "file:///\\\\server\\a.dotm"),
            ("externalLinkPath", "file:///C:\\a.xlsx"),
            ("hyperlink", "javascript:alert(1)"),
            ("hyperlink", "ms-msdt:/id"),
            ("hyperlink", " vbscript:x"),
            ("hyperlink", "data:text/html,x"),
        ):
            yield (
                f"{relation} {target} in {kind}",
                f"a.{kind}",
                lambda kind=kind, place=place, row=(relation, target): package(kind, {place: outside(*row)}),
            )
    yield "other workbook", "a.xlsx", lambda: package("xlsx", {"xl/externalLinks/externalLink1.xml": "<a/>"})
    yield "connection", "a.xlsx", lambda: package("xlsx", {"xl/connections.xml": "<a/>"})
    yield "query", "a.xlsx", lambda: package("xlsx", {"xl/queryTables/queryTable1.xml": "<a/>"})


LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><a>&j;</a>"
)
DECLARATIONS = {
    "billion laughs": LAUGHS,
    "quadratic blow-up": f'<!DOCTYPE a [<!ENTITY x "{"x" * 50_000}">]><a>{"&x;" * 5_000}</a>',
    "external entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "external dtd": '<!DOCTYPE a SYSTEM "http://x.invalid/a.dtd"><a/>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://x.invalid/a">%x;]><a/>',
    "bare doctype": "<!DOCTYPE a><a/>",
}


def declarations():
    for kind in CONTAINERS:
        for label, text in DECLARATIONS.items():
            yield (
                f"{label} in {kind}",
                f"a.{kind}",
                lambda kind=kind, text=text: package(kind, {"x/a.xml": text}),
            )
        wide = '<?xml version="1.0" encoding="utf-16"?>' + DECLARATIONS["external entity"]
        yield (
            f"utf-16 in {kind}",
            f"a.{kind}",
            lambda kind=kind, wide=wide: package(kind, {"x/a.xml": wide.encode("utf-16")}),
        )
        yield (
            f"behind a long comment in {kind}",
            f"a.{kind}",
            lambda kind=kind: package(
                kind, {"x/a.xml": f"<!--{'x' * 200_000}-->" + DECLARATIONS["bare doctype"]}
            ),
        )
    for part in ("[Content_Types].xml", "_rels/.rels", "word/document.xml"):
        yield (
            f"in {part}",
            "a.docx",
            lambda part=part: package("docx", {part: DECLARATIONS["external entity"]}),
        )
    for part in ("OFD.xml", "Doc_0/Document.xml"):
        yield f"in {part}", "a.ofd", lambda part=part: package("ofd", {part: DECLARATIONS["external entity"]})


def incomplete():
    for part in ("[Content_Types].xml", "_rels/.rels"):
        yield f"docx without {part}", "a.docx", lambda part=part: package("docx", without=(part,))
        yield f"xlsx without {part}", "a.xlsx", lambda part=part: package("xlsx", without=(part,))
    wrong = {
        "docx typed as xlsx": content_types("word/document.xml", EXCEL_TYPE),
        "docx typed as a template": content_types(
            "word/document.xml", WORD_TYPE.replace("document.main", "template.main")
        ),
        "docx of another part": content_types("word/other.xml", WORD_TYPE),
        "docx typed as nothing": content_types("word/document.xml", ""),
    }
    for label, types in wrong.items():
        yield label, "a.docx", lambda types=types: package("docx", {"[Content_Types].xml": types})
    yield "ofd without its document", "a.ofd", lambda: package("ofd", without=("Doc_0/Document.xml",))
    yield "ofd without pages", "a.ofd", lambda: zipped(ofd_parts(pages=0))
    yield "ofd of another root", "a.ofd", lambda: package("ofd", {"OFD.xml": "<html/>"})
    yield "ofd pointing outside", "a.ofd", lambda: zipped(ofd_parts(root="../../etc/passwd"))
    yield (
        "ofd naming no document",
        "a.ofd",
        lambda: package("ofd", {"OFD.xml": f'<ofd:OFD xmlns:ofd="{OFD}"/>'}),
    )


FAMILIES = {
    "disguised": (Reason.DISGUISED, disguised),
    "extension": (Reason.EXTENSION, extensions),
    "name": (Reason.NAME, names),
    "empty": (Reason.EMPTY, empty),
    "too large": (Reason.TOO_LARGE, too_large),
    "pdf scripts": (Reason.ACTIVE, pdf_scripts),
    "pdf actions": (Reason.ACTIVE, pdf_actions),
    "pdf forms": (Reason.ACTIVE, pdf_forms),
    "pdf embedded": (Reason.EMBEDDED, pdf_embedded),
    "pdf encrypted": (Reason.ENCRYPTED, pdf_encrypted),
    "pdf damaged": (Reason.DAMAGED, pdf_damaged),
    "pdf polyglots": (Reason.TRAILING, pdf_polyglots),
    "pdf exhausting": (Reason.COMPLEX, pdf_exhausting),
    "picture polyglots": (Reason.TRAILING, picture_polyglots),
    "picture scripts": (Reason.ACTIVE, picture_scripts),
    "pixel floods": (Reason.PIXELS, pixel_floods),
    "picture damage": (Reason.DAMAGED, picture_damage),
    "container entries": (Reason.ENTRY, container_entries),
    "container bombs": (Reason.BOMB, container_bombs),
    "container encryption": (Reason.ENCRYPTED, container_encryption),
    "container damage": (Reason.DAMAGED, container_damage),
    "container polyglots": (Reason.TRAILING, container_polyglots),
    "macros": (Reason.ACTIVE, macros),
    "fields": (Reason.ACTIVE, fields),
    "embedded": (Reason.EMBEDDED, embedded),
    "external": (Reason.EXTERNAL, external),
    "declarations": (Reason.ENTITY, declarations),
    "incomplete": (Reason.INCOMPLETE, incomplete),
}
