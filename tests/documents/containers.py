"""Small valid files and ways to bend them, for the corpora of good and hostile uploads."""

import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pikepdf
from PIL import Image

MAIN = "application/vnd.openxmlformats-officedocument."
WORD_TYPE = f"{MAIN}wordprocessingml.document.main+xml"
EXCEL_TYPE = f"{MAIN}spreadsheetml.sheet.main+xml"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFD = "http://www.ofdspec.org/2016"


def content_types(part, kind, more=""):
    return (
        f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{part}" ContentType="{kind}"/>{more}</Types>'
    )


def relations(*rows):
    body = "".join(
        f'<Relationship Id="r{number}" Type="{RELATIONS}/{kind}" Target="{target}"{mode}/>'
        for number, (kind, target, mode) in enumerate(rows)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE_RELATIONS}">{body}</Relationships>'


def outside(kind, target):
    return relations((kind, target, ' TargetMode="External"'))


def docx_parts(body="<w:p/>"):
    return {
        "[Content_Types].xml": content_types("word/document.xml", WORD_TYPE),
        "_rels/.rels": relations(("officeDocument", "word/document.xml", "")),
        "word/document.xml": f'{HEAD}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
    }


def xlsx_parts():
    return {
        "[Content_Types].xml": content_types("xl/workbook.xml", EXCEL_TYPE),
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml", "")),
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{S}"><sheets/></workbook>',
        "xl/worksheets/sheet1.xml": f'{HEAD}<worksheet xmlns="{S}"><sheetData/></worksheet>',
    }


def ofd_parts(pages=1, root="Doc_0/Document.xml"):
    listed = "".join(
        f'<ofd:Page ID="{page}" BaseLoc="Pages/Page_{page}/Content.xml"/>' for page in range(pages)
    )
    contents = {
        f"Doc_0/Pages/Page_{page}/Content.xml": f'{HEAD}<ofd:Page xmlns:ofd="{OFD}"><ofd:Content/></ofd:Page>'
        for page in range(pages)
    }
    return {
        "OFD.xml": f'{HEAD}<ofd:OFD xmlns:ofd="{OFD}" Version="1.0" DocType="OFD"><ofd:DocBody>'
        f"<ofd:DocRoot>{root}</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f'{HEAD}<ofd:Document xmlns:ofd="{OFD}"><ofd:Pages>{listed}</ofd:Pages></ofd:Document>',
        **contents,
    }


PARTS = {"docx": docx_parts, "xlsx": xlsx_parts, "ofd": ofd_parts}


def zipped(parts, method=ZIP_DEFLATED):
    """Return a zip of ``parts``; a key may be a ready ZipInfo."""
    file = BytesIO()
    with ZipFile(file, "w", method) as archive:
        for name, data in parts.items():
            info = name if isinstance(name, ZipInfo) else ZipInfo(name)
            info.compress_type = method if info.compress_type == 0 else info.compress_type
            archive.writestr(info, data)
    return file.getvalue()


def package(kind, more=None, without=()):
    parts = {**PARTS[kind](), **(more or {})}
    return zipped({name: data for name, data in parts.items() if name not in without})


def central_entries(data):
    """Yield the offset of every entry in the directory."""
    end = data.rfind(b"PK\x05\x06")
    at = struct.unpack_from("<I", data, end + 16)[0]
    while data[at : at + 4] == b"PK\x01\x02":
        yield at
        lengths = struct.unpack_from("<HHH", data, at + 28)
        at += 46 + sum(lengths)


def patched(data, at, form, value):
    changed = bytearray(data)
    struct.pack_into(form, changed, at, value)
    return bytes(changed)


def pdf(change=None, pages=1, **saving):
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(595, 842))
    if change:
        change(document)
    file = BytesIO()
    document.save(file, deterministic_id="encryption" not in saving, **saving)
    return file.getvalue()


def jpeg(size=(64, 48), mode="RGB", **saving):
    file = BytesIO()
    gradient(size, mode).save(file, "JPEG", **saving)
    return file.getvalue()


def png(size=(64, 48), mode="RGB", **saving):
    file = BytesIO()
    gradient(size, mode).save(file, "PNG", **saving)
    return file.getvalue()


def gradient(size, mode):
    return Image.linear_gradient("L").resize(size).convert(mode)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width, height, *chunks, data=b""):
    """Return a PNG that claims these dimensions, whatever its data."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", data or zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + body + chunk(b"IEND", b"")


def png_with(*chunks):
    """Return a good PNG with further chunks behind its header."""
    good = png()
    return good[:33] + b"".join(chunks) + good[33:]


def segment(marker, body):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg_with(*segments):
    """Return a good JPEG with further segments at its beginning."""
    good = jpeg()
    return good[:2] + b"".join(segments) + good[2:]


def jpeg_claiming(width, height):
    """Return a JPEG whose header claims these dimensions."""
    good = jpeg()
    at = good.index(b"\xff\xc0")
    return patched(patched(good, at + 5, ">H", height), at + 7, ">H", width)
