"""The accepted kinds of file, the signatures of the others, and what to do with those."""

import re

ACCEPTED = "PDF、JPG、PNG、OFD、DOCX、XLSX"
EXTENSIONS = {
    "pdf": "pdf",
    "jpg": "jpeg",
    "jpeg": "jpeg",
    "png": "png",
    "ofd": "ofd",
    "docx": "docx",
    "xlsx": "xlsx",
}
SUFFIXES = {"pdf": "pdf", "jpeg": "jpg", "png": "png", "ofd": "ofd", "docx": "docx", "xlsx": "xlsx"}
MIME_TYPES = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "ofd": "application/ofd",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_CONTAINERS = frozenset({"docx", "xlsx", "ofd"})
_NOTHING: frozenset[str] = frozenset()
_PROGRAM = "可执行程序"
_SIGNATURES: tuple[tuple[re.Pattern[bytes], str, frozenset[str]], ...] = tuple(
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), label, kinds)
    for pattern, label, kinds in (
        (rb"(\xef\xbb\xbf)?[\x00\t\n\f\r ]{0,16}%PDF-", "PDF文件", frozenset({"pdf"})),
        (rb"\xff\xd8\xff", "JPG图片", frozenset({"jpeg"})),
        (rb"\x89PNG\r\n\x1a\n", "PNG图片", frozenset({"png"})),
        (rb"PK\x03\x04", "压缩包", _CONTAINERS),
        (rb"PK(\x05\x06|\x07\x08)", "压缩包", _NOTHING),
        (rb"MZ|\x7fELF|\xca\xfe\xba\xbe|[\xcf\xce]\xfa\xed\xfe|\xfe\xed\xfa[\xce\xcf]", _PROGRAM, _NOTHING),
        (rb"L\x00\x00\x00\x01\x14\x02\x00", "快捷方式", _NOTHING),
        (rb"#!", "脚本程序", _NOTHING),
        (rb"\xd0\xcf\x11\xe0", "旧版Office文件（.doc、.xls）或设了密码的文件", _NOTHING),
        (rb"GIF8", "GIF图片", _NOTHING),
        (rb"BM.{4}\x00\x00\x00\x00", "BMP图片", _NOTHING),
        (rb"II\*\x00|MM\x00\*", "TIFF图片", _NOTHING),
        (rb"RIFF.{4}WEBP", "WEBP图片", _NOTHING),
        (rb".{4}ftyp(hei|hev|mif|msf|avif)", "HEIC或AVIF图片", _NOTHING),
        (rb".{4}ftyp", "视频文件", _NOTHING),
        (rb"Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ", "压缩包", _NOTHING),
        (rb"\{\\rtf", "RTF文档", _NOTHING),
        (rb"%!PS", "PostScript文件", _NOTHING),
        (
            rb"(\xef\xbb\xbf)?\s*(<\?xml.{0,500}?)?(<!--.{0,500}?-->\s*)*<svg|.{0,500}<svg",
            "SVG图片",
            _NOTHING,
        ),
        (rb"(\xef\xbb\xbf)?\s*<\?php", "网页脚本", _NOTHING),
        (rb".{0,500}<(!doctype\s+html|html|script|head|body|iframe)\b", "网页", _NOTHING),
        (rb"(\xef\xbb\xbf)?\s*<\?xml", "XML文件", _NOTHING),
    )
)
_ADVICE = {
    **dict.fromkeys(("doc", "wps", "rtf", "docm", "dot", "dotx", "odt", "txt"), "请另存为DOCX或PDF后再上传"),
    **dict.fromkeys(("xls", "et", "xlsm", "xlsb", "csv", "ods"), "请另存为XLSX或PDF后再上传"),
    **dict.fromkeys(("ppt", "pptx", "dps", "html", "htm", "mht", "eml", "caj"), "请另存为PDF后再上传"),
    **dict.fromkeys(
        ("gif", "bmp", "tif", "tiff", "webp", "heic", "heif", "avif", "svg"), "请另存为JPG或PNG后再上传"
    ),
    **dict.fromkeys(("zip", "rar", "7z", "tar", "gz"), "请解压后把里面的文件逐个上传"),
}


def what_it_looks_like(head: bytes) -> tuple[frozenset[str], str]:
    """Return the accepted kinds that begin like ``head``, and a Chinese name for what it looks like."""
    for pattern, label, kinds in _SIGNATURES:
        if pattern.match(head):
            return kinds, label
    return _NOTHING, "纯文本" if _is_text(head) else "无法识别的数据"


def advice_for(extension: str) -> str:
    """Return what to do with a file of an extension that is not accepted."""
    return _ADVICE.get(extension, f"请上传{ACCEPTED}文件")


def _is_text(head: bytes) -> bool:
    return b"\x00" not in head and not re.search(rb"[\x01-\x08\x0e-\x1f]", head)
