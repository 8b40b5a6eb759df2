"""What a file is, told by what it holds: its name and extension are only what somebody called it.

Pages that government sites offer as .doc are often HTML, a .docx can be any zip, and a file of 200 MB
must cost no memory before it is refused. What no reader takes is refused here, in a sentence that says
what it is and how to turn it into something that can be read.
"""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Literal, NoReturn

import olefile

from corpus.errors import SourceError
from corpus.formats.package import RESEND, guarded, member

Kind = Literal["docx", "xlsx", "html", "pdf", "doc"]

NAMES: dict[str, str] = {"docx": "Word文档", "xlsx": "Excel工作簿", "html": "网页", "pdf": "PDF"}
_USUAL = {
    "docx": (".docx", ".docm", ".dotx", ".dotm"),
    "xlsx": (".xlsx", ".xlsm", ".xltx", ".xltm"),
    "html": (".html", ".htm", ".xhtml", ".shtml"),
    "pdf": (".pdf",),
}
_HEAD = 2**16
_TAKEN = "可以读的是 docx、xlsx、html 和有文字层的 pdf"
_PICTURE = "是图片，不含文字识别（OCR）：请找原文的 Word 或有文字层的 PDF"
_ARCHIVE = "是压缩包：请先解压，再逐个添加里面的文件"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", _PICTURE),
    (b"\x89PNG", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"II*\0", _PICTURE),
    (b"MM\0*", _PICTURE),
    (b"Rar!", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"\x1f\x8b", _ARCHIVE),
)
_HTML = re.compile(
    rb"<(!doctype\s+html|html|head|body|table|tbody|tr|meta|title|style|div|section|article|h[1-6]|p|span|font)"
    rb"[\s/>]",
    re.IGNORECASE,
)
_LEADING = re.compile(rb"\s*(<\?xml[^>]*>|<!--.*?-->|\s)*", re.DOTALL)
_WORD_XML = re.compile(rb"progid=\"Word\.Document\"|<w:wordDocument|<pkg:package")
# the content type of what a package is about; those of files embedded in it have no "main"
_MAIN = re.compile(
    rb"(wordprocessingml|ms-word|spreadsheetml|ms-excel|presentationml|ms-powerpoint)\.(?:\w+\.){1,2}main\+xml"
)
_STRICT = b"http://purl.oclc.org/ooxml/"
_ODF_TEXT = b"application/vnd.oasis.opendocument.text"


def kind_of(path: Path, max_mb: int) -> Kind:
    """The kind of the file at `path`; "doc" is what LibreOffice has to convert first.

    Raises:
        SourceError: no such file, a folder, empty, larger than `max_mb`, encrypted, damaged, a zip bomb,
            or of a kind that nobody here reads.
    """
    size = _size(path, max_mb)
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise SourceError(path.name, None, "没有权限读取：请检查文件权限") from error
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zipped(path)
    if head.startswith(olefile.MAGIC):
        return _ole(path)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"{\\rtf"):
        return "doc"
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise SourceError(path.name, None, what)
    if (head[:4], head[8:12]) == (b"RIFF", b"WEBP") or (head[:2], head[6:10]) == (b"BM", bytes(4)):
        raise SourceError(path.name, None, _PICTURE)
    return _text(path, head, size)


def note_of_name(path: Path, kind: str) -> tuple[str, ...]:
    """What a reader notes where the extension says another kind than the content is; else nothing."""
    if path.suffix.lower() in _USUAL[kind]:
        return ()
    called = f"扩展名是{path.suffix}" if path.suffix else "没有扩展名"
    return (f"{called}，内容是{NAMES[kind]}，按内容读取",)


def _size(path: Path, max_mb: int) -> int:
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise SourceError(path.name, None, "找不到这个文件：请检查路径") from error
    if stat.S_ISDIR(found.st_mode):
        raise SourceError(path.name or str(path), None, "是文件夹，不是文件：请给出里面的文件")
    if not stat.S_ISREG(found.st_mode):
        raise SourceError(path.name, None, "不是普通文件：请另存到磁盘后再添加")
    if found.st_size == 0:
        raise SourceError(path.name, None, f"是空文件（0字节）：{RESEND}")
    if found.st_size > max_mb * 2**20:
        mb = found.st_size / 2**20
        raise SourceError(
            path.name, None, f"有{mb:.1f}MB，超过{max_mb}MB的上限：请压缩图片，或拆成几个文件再添加"
        )
    return found.st_size


def _refuse(path: Path, what: str) -> NoReturn:
    """A readable container of the wrong thing: say what the name promised."""
    called = f"扩展名是 {path.suffix}，内容却是" if path.suffix else "内容是"
    raise SourceError(path.name, None, called + what)


def _zipped(path: Path) -> Kind:
    names = guarded(path)
    if "[Content_Types].xml" in names:
        return _ooxml(path)
    kind = member(path, "mimetype").strip()
    if kind.startswith(_ODF_TEXT):
        if b"encryption-data" in member(path, "META-INF/manifest.xml"):
            raise SourceError(path.name, None, "文件已加密：请在 LibreOffice 里取消密码，另存后再添加")
        return "doc"
    if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        _refuse(path, "OpenDocument 表格：请另存为 xlsx 后再添加")
    if "OFD.xml" in names:
        _refuse(path, "OFD 版式文件：请用阅读器导出有文字层的 PDF，或找 Word 版后再添加")
    _refuse(path, f"普通压缩包，不是 Word 或 Excel 文件：请先解压，再添加里面的文件（{_TAKEN}）")


def _ooxml(path: Path) -> Kind:
    types = member(path, "[Content_Types].xml").replace(b"\0", b"")
    strict = _STRICT in member(path, "_rels/.rels").replace(b"\0", b"")
    main = set(_MAIN.findall(types))
    if main & {b"wordprocessingml", b"ms-word"}:
        return "doc" if strict else "docx"
    if b"sheet.binary.macroEnabled.main" in types:
        _refuse(path, "二进制工作簿（xlsb）：请在 Excel 里另存为 xlsx 后再添加")
    if main & {b"spreadsheetml", b"ms-excel"}:
        if strict:
            _refuse(path, "“Strict Open XML”工作簿：请在 Excel 里另存为普通的 xlsx 后再添加")
        return "xlsx"
    if main & {b"presentationml", b"ms-powerpoint"}:
        _refuse(path, f"演示文稿（pptx）：请把内容存为 Word 或 PDF 后再添加（{_TAKEN}）")
    _refuse(path, f"别的 Office 文件：请另存为 docx 或 xlsx 后再添加（{_TAKEN}）")


def _ole(path: Path) -> Kind:
    try:
        with olefile.OleFileIO(str(path)) as container:
            streams = {"/".join(entry).lower() for entry in container.listdir()}
            # FibBase.fEncrypted of a .doc ([MS-DOC] 2.5.2)
            fib = container.openstream("WordDocument").read(12) if "worddocument" in streams else b""
    except Exception as error:  # olefile raises whatever a crooked container makes it stumble over
        raise SourceError(path.name, None, f"文件已损坏，Office 容器读不出来：{RESEND}") from error
    if "encryptedpackage" in streams:
        raise SourceError(path.name, None, "文件已加密（打开要密码）：请用 Office 取消密码，另存后再添加")
    if fib:
        if len(fib) > 11 and fib[11] & 1:
            raise SourceError(path.name, None, "文件已加密（打开要密码）：请用 Word 取消密码，另存后再添加")
        return "doc"
    if streams & {"workbook", "book"}:
        _refuse(path, "旧版 Excel 工作簿（xls）：请在 Excel 或 WPS 里另存为 xlsx 后再添加")
    if "powerpoint document" in streams:
        _refuse(path, f"旧版演示文稿（ppt）：请把内容存为 Word 或 PDF 后再添加（{_TAKEN}）")
    _refuse(path, f"别的旧版 Office 文件：请另存为 docx 或 xlsx 后再添加（{_TAKEN}）")


def _text(path: Path, head: bytes, size: int) -> Kind:
    """HTML in whatever encoding, Word's older XML, or nothing that is read here."""
    plain = head.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe")
    start = _LEADING.match(plain)
    opening = plain[start.end() :] if start else plain
    if _WORD_XML.search(plain[:4096]):
        if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
            raise SourceError(path.name, None, f"里面有DTD或实体声明，没有打开：请核实文件来源，{RESEND}")
        return "doc"
    if (
        re.match(rb"mime-version:|from:.*\r?\n", plain, re.IGNORECASE)
        and b"multipart/related" in plain.lower()
    ):
        _refuse(path, "单个文件网页（mht）：请用 Word 或浏览器打开，另存为 docx 或 html 后再添加")
    if opening.startswith(b"<svg"):
        raise SourceError(path.name, None, _PICTURE)
    other_xml = plain.startswith(b"<?xml") and b"<html" not in plain.lower()
    if opening.startswith(b"<") and _HTML.search(opening) and not other_xml:
        return "html"
    if _reads_as_text(head):
        _refuse(path, "纯文本：请把内容贴进 Word，存为 docx 后再添加")
    _refuse(path, f"无法识别的二进制数据（{size}字节）：请确认文件没有损坏，{_TAKEN}")


def _reads_as_text(head: bytes) -> bool:
    """Whether it decodes and holds next to no control characters."""
    for encoding in ("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "gb18030"):
        try:
            text = head[:-4].decode(encoding) if len(head) == _HEAD else head.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(head) - 8:
                continue
            text = head[: error.start].decode(encoding, "ignore")
        odd = sum(1 for char in text if char < " " and char not in "\t\r\n\f")
        return odd * 100 <= len(text)
    return False
