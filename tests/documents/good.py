"""Good files of every kind, as offices really have them; each must be taken in."""

from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from zipfile import ZIP_STORED

import docx
import openpyxl
import pikepdf
from docx.enum.section import WD_ORIENT
from docx.shared import Cm
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as SheetImage
from openpyxl.formatting.rule import CellIsRule
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table as SheetTable
from pikepdf import Array, Dictionary, Name, OutlineItem, String
from PIL import Image, ImageCms, PngImagePlugin
from weasyprint import HTML

from sihao.documents import xlsx
from sihao.documents.table import Column, Table
from tests.documents.containers import (
    HEAD,
    OFD,
    chunk,
    gradient,
    jpeg,
    jpeg_with,
    ofd_parts,
    outside,
    package,
    pdf,
    png,
    png_with,
    segment,
    zipped,
)

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def corpus() -> Iterator[tuple[str, str, Callable[[], bytes]]]:
    """Yield kind, label and maker of every good file."""
    for kind, samples in SAMPLES.items():
        for label, make in samples.items():
            yield kind, label, make


# PDF


def goes_to_first_page(document):
    document.Root["/OpenAction"] = Array([document.pages[0].obj, Name.XYZ, None, None, 0])


def goes_by_action(document):
    target = Array([document.pages[0].obj, Name.Fit])
    document.Root["/OpenAction"] = Dictionary(S=Name.GoTo, D=target)


def with_outline(document):
    with document.open_outline() as outline:
        outline.root.append(OutlineItem("第一章", 0))


def with_metadata(document):
    with document.open_metadata() as metadata:
        metadata["dc:title"] = "四好商会申报材料"


def with_form(document):
    field = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Tx,
        T=String("name"),
        V=String("某商会"),
        Rect=[0, 0, 99, 20],
    )
    document.pages[0].obj["/Annots"] = Array([document.make_indirect(field)])
    document.Root["/AcroForm"] = Dictionary(Fields=document.pages[0].obj["/Annots"])


def with_link(document):
    action = Dictionary(S=Name.URI, URI=String("https://www.acfic.org.cn/"))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)
    document.pages[0].obj["/Annots"] = Array([link])


def with_labels(document):
    document.Root["/PageLabels"] = Dictionary(Nums=[0, Dictionary(S=Name.D, St=3)])


def inherited_size(document):
    for page in document.pages:
        del page.obj["/MediaBox"]
    document.Root.Pages["/MediaBox"] = Array([0, 0, 595, 842])


def printed(html, **how):
    return HTML(string=html).write_pdf(**how)


def scanned():
    file = BytesIO()
    pages = [gradient((1240, 1754), "L") for _ in range(3)]
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return file.getvalue()


PDFS = {
    "blank": pdf,
    "300 pages": lambda: pdf(pages=300),
    "opens at a place": lambda: pdf(goes_to_first_page),
    "opens by a go-to action": lambda: pdf(goes_by_action),
    "bookmarks": lambda: pdf(with_outline),
    "metadata": lambda: pdf(with_metadata),
    "plain form": lambda: pdf(with_form),
    "web link": lambda: pdf(with_link),
    "page labels": lambda: pdf(with_labels),
    "size inherited": lambda: pdf(inherited_size),
    "linearised": lambda: pdf(linearize=True, pages=3),
    "object streams": lambda: pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "uncompressed": lambda: pdf(compress_streams=False),
    "version 1.3": lambda: pdf(force_version="1.3"),
    "version 2.0": lambda: pdf(min_version="2.0"),
    "blank lines behind the end": lambda: pdf() + b"\r\n\r\n\x00\x00",
    "blank line in front": lambda: b"\n" + pdf(),
    "byte order mark in front": lambda: b"\xef\xbb\xbf" + pdf(),
    "scanned": scanned,
    "printed": lambda: printed("<h1>四好商会</h1><p>申报表</p><a href='https://www.acfic.org.cn'>网</a>"),
    "tagged": lambda: printed("<html lang=zh><title>申报</title><h1>四好商会</h1>", pdf_variant="pdf/ua-1"),
    "words that look like markup": lambda: printed(
        "<p>&lt;script&gt;，/JavaScript，PK</p>", uncompressed_pdf=True
    ),
}


# Pictures


def photo():
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "HUAWEI", "P60", 6
    exif[0x9286] = "现场照片"
    return jpeg((800, 600), exif=exif, dpi=(72, 72))


def two_views():
    file = BytesIO()
    gradient((64, 48), "RGB").save(file, "MPO", save_all=True, append_images=[gradient((32, 24), "RGB")])
    return file.getvalue()


def screenshot(mode, **more):
    return lambda: png((320, 200), mode, **more)


def text_chunks():
    info = PngImagePlugin.PngInfo()
    info.add_text("Title", "plain")
    info.add_itxt("Description", "会议现场", lang="zh")
    info.add_text("Comment", "z" * 5_000, zip=True)
    return png(pnginfo=info)


def animated():
    file = BytesIO()
    frames = [gradient((32, 32), "RGB").rotate(angle) for angle in (0, 90)]
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:])
    return file.getvalue()


XMP = b"http://ns.adobe.com/xap/1.0/\x00<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta/>"
PRINT_SETTINGS = b"Photoshop 3.0\x008BIM<!DOCTYPE plist PUBLIC '-//Apple//DTD PLIST 1.0//EN'>"
JPEGS = {
    "plain": jpeg,
    "grey": lambda: jpeg(mode="L"),
    "cmyk": lambda: jpeg(mode="CMYK"),
    "photograph with exif": photo,
    "progressive": lambda: jpeg((640, 480), progressive=True),
    "optimised": lambda: jpeg(optimize=True),
    "best quality": lambda: jpeg(quality=100, subsampling=0),
    "worst quality": lambda: jpeg(quality=1),
    "colour profile": lambda: jpeg(icc_profile=SRGB),
    "comment": lambda: jpeg(comment="某商会会议照片".encode()),
    "resolution": lambda: jpeg(dpi=(300, 300)),
    "restart markers": lambda: jpeg((640, 480), restart_marker_blocks=4),
    "xmp": lambda: jpeg_with(segment(0xE1, XMP)),
    "photoshop print settings": lambda: jpeg_with(segment(0xED, PRINT_SETTINGS)),
    "two views of a telephone": two_views,
    "padding behind the end": lambda: jpeg() + bytes(3_000),
    "fill bytes before a marker": lambda: jpeg()[:2] + b"\xff\xff" + jpeg()[2:],
    "48 megapixels": lambda: jpeg((8_000, 6_000), mode="L"),
    "one pixel": lambda: jpeg((1, 1)),
}
PNGS = {
    "rgb": screenshot("RGB"),
    "rgba": screenshot("RGBA"),
    "grey": screenshot("L"),
    "grey with alpha": screenshot("LA"),
    "black and white": screenshot("1"),
    "palette": screenshot("P"),
    "palette with transparency": screenshot("P", transparency=0),
    "16 bits": screenshot("I;16"),
    "best compression": screenshot("RGB", compress_level=9),
    "uncompressed": screenshot("RGB", compress_level=0),
    "resolution": screenshot("RGB", dpi=(300, 300)),
    "colour profile": screenshot("RGB", icc_profile=SRGB),
    "texts": text_chunks,
    "animated": animated,
    "gamma": lambda: png_with(chunk(b"gAMA", (45455).to_bytes(4, "big"))),
    "time": lambda: png_with(chunk(b"tIME", b"\x07\xe4\x01\x01\x00\x00\x00")),
    "many pixels": lambda: png((7_000, 8_500), "1"),
    "one pixel": lambda: png((1, 1)),
}


# Word


def word(change=None):
    document = docx.Document()
    if change:
        change(document)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def wide_pages(document):
    section = document.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Cm(29.7), Cm(21)


def with_table(document):
    table = document.add_table(3, 4, style="Table Grid")
    table.cell(0, 0).text = "名称"


def with_letterhead(document):
    document.sections[0].header.paragraphs[0].text = "某市工商业联合会"
    document.sections[0].footer.paragraphs[0].text = "第1页"


def with_author(document):
    document.core_properties.author, document.core_properties.title = "张三", "申报材料"


def linked(target):
    return lambda: package("docx", {"word/_rels/document.xml.rels": outside("hyperlink", target)})


def from_template(target):
    return lambda: package("docx", {"word/_rels/settings.xml.rels": outside("attachedTemplate", target)})


def told(instruction):
    text = f"<w:p><w:r><w:instrText>{instruction}</w:instrText></w:r></w:p>"
    head = f'{HEAD}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    return lambda: package("docx", {"word/document.xml": f"{head}<w:body>{text}</w:body></w:document>"})


WORDS = {
    "empty": word,
    "paragraphs": lambda: word(lambda document: [document.add_paragraph("主要事迹" * 99) for _ in range(99)]),
    "headings": lambda: word(lambda document: document.add_heading("一、基本情况", 1)),
    "table": lambda: word(with_table),
    "picture": lambda: word(lambda document: document.add_picture(BytesIO(png()))),
    "photograph": lambda: word(lambda document: document.add_picture(BytesIO(jpeg()))),
    "letterhead": lambda: word(with_letterhead),
    "landscape": lambda: word(wide_pages),
    "author": lambda: word(with_author),
    "list": lambda: word(lambda document: document.add_paragraph("其一", style="List Number")),
    "rare characters": lambda: word(
        lambda document: document.add_paragraph("𬱖㛃䶮喆堃 <script>=1+1</script>")
    ),
    "comments": lambda: word(
        lambda document: document.add_comment(document.add_paragraph("x").add_run("y"), "批注")
    ),
    "web link": linked("https://www.acfic.org.cn/"),
    "mail link": linked("mailto:office@example.org"),
    "bookmark link": linked("#_Toc1"),
    "own template": from_template("file:///C:\\Users\\wang\\Templates\\Normal.dotm"),
    "own template by name": from_template("Normal.dotm"),
    "page number field": told(" PAGE \\* MERGEFORMAT "),
    "printer settings": lambda: package(
        "docx", {"word/printerSettings/printerSettings1.bin": "HP".encode("utf-16-le")}
    ),
    "utf-16 part": lambda: package(
        "docx", {"customXml/item1.xml": '<?xml version="1.0" encoding="utf-16"?><b/>'.encode("utf-16")}
    ),
}


# Excel


def workbook(change=None, **how):
    book = openpyxl.Workbook(**how)
    sheet = book.active or book.create_sheet()
    sheet.append(["名称", "会员数", "日期"])
    sheet.append(["某商会", 120, date(2020, 1, 2)])
    if change:
        change(sheet)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def with_chart(sheet):
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2), titles_from_data=True)
    sheet.add_chart(chart, "E2")


def with_choice(sheet):
    choice = DataValidation(type="list", formula1='"是,否"')
    sheet.add_data_validation(choice)
    choice.add("D2")


def with_link_out(sheet):
    sheet["A2"].hyperlink = "https://www.acfic.org.cn/"


def with_sheet_table(sheet):
    sheet.add_table(SheetTable(displayName="T1", ref="A1:C2"))


def with_name(sheet):
    sheet.parent.defined_names["total"] = DefinedName("total", attr_text=f"'{sheet.title}'!$B$2")


def with_rule(sheet):
    sheet.conditional_formatting.add("B2:B9", CellIsRule(operator="lessThan", formula=["100"]))


def written():
    file = BytesIO()
    xlsx.write(Table("附件3", [Column("名称")], [("=1+1",)]), file)
    return file.getvalue()


def assigned(place, value):
    return lambda sheet: sheet.__setitem__(place, value)


BOOKS = {
    "plain": workbook,
    "formula": lambda: workbook(assigned("B3", "=SUM(B2:B2)")),
    "chart": lambda: workbook(with_chart),
    "picture": lambda: workbook(lambda sheet: sheet.add_image(SheetImage(BytesIO(png())), "E2")),
    "choice list": lambda: workbook(with_choice),
    "web link": lambda: workbook(with_link_out),
    "table": lambda: workbook(with_sheet_table),
    "named range": lambda: workbook(with_name),
    "conditional format": lambda: workbook(with_rule),
    "comment": lambda: workbook(lambda sheet: setattr(sheet["A1"], "comment", Comment("说明", "张三"))),
    "merged": lambda: workbook(lambda sheet: sheet.merge_cells("A5:C5")),
    "several sheets": lambda: workbook(lambda sheet: sheet.parent.create_sheet("附件5 自评表")),
    "hidden sheet": lambda: workbook(
        lambda sheet: setattr(sheet.parent.create_sheet("字典"), "sheet_state", "hidden")
    ),
    "protected": lambda: workbook(lambda sheet: setattr(sheet.protection, "sheet", True)),
    "streamed": lambda: workbook(write_only=True),
    "of the house": written,
    "repetitive": lambda: workbook(lambda sheet: [sheet.append(["是"] * 30) for _ in range(3_000)]),
    "calculation chain": lambda: package("xlsx", {"xl/calcChain.xml": f"{HEAD}<calcChain/>"}),
}


# OFD


def ofd(more=None, **how):
    return lambda: zipped({**ofd_parts(**how), **(more or {})})


PLAIN = {
    name: data.replace("ofd:", "").replace("xmlns:ofd", "xmlns") if isinstance(data, str) else data
    for name, data in ofd_parts().items()
}
OFDS = {
    "one page": ofd(),
    "two pages": ofd(pages=2),
    "ninety pages": ofd(pages=90),
    "absolute place": ofd(root="/Doc_0/Document.xml"),
    "relative place": ofd(root="./Doc_0/Document.xml"),
    "without prefix": lambda: zipped(
        {name: data.replace("xmlns:ofd=", "xmlns=") for name, data in PLAIN.items()}
    ),
    "stored": lambda: zipped(ofd_parts(), ZIP_STORED),
    "invoice with its original": ofd({"Doc_0/Attachs/original_invoice.xml": f"{HEAD}<eInvoice/>"}),
    "attachment list": ofd({"Doc_0/Attachs/Attachments.xml": f'{HEAD}<ofd:Attachments xmlns:ofd="{OFD}"/>'}),
    "picture": ofd({"Doc_0/Res/image_1.png": png()}),
    "photograph": ofd({"Doc_0/Res/image_1.jpg": jpeg()}),
    "font": ofd({"Doc_0/Res/font_1.ttf": b"\x00\x01\x00\x00" + bytes(50)}),
    "seal": ofd({"Doc_0/Signs/Sign_0/Seal.esl": b"\x30\x82" + bytes(50)}),
    "signature": ofd({"Doc_0/Signs/Sign_0/SignedValue.dat": b"\x30\x82" + bytes(50)}),
    "annotations": ofd({"Doc_0/Annots/Annotations.xml": f'{HEAD}<ofd:Annotations xmlns:ofd="{OFD}"/>'}),
    "chinese part name": ofd({"Doc_0/Res/公章.png": png()}),
    "folder entries": ofd({"Doc_0/": b"", "Doc_0/Res/": b""}),
}
SAMPLES = {"pdf": PDFS, "jpeg": JPEGS, "png": PNGS, "docx": WORDS, "xlsx": BOOKS, "ofd": OFDS}
EXTENSIONS = {kind: "jpg" if kind == "jpeg" else kind for kind in SAMPLES}
