"""What cannot be read is refused in one Chinese sentence: the file, why, and what to do."""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx as library
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile

from corpus.document import Document
from corpus.errors import SourceError
from corpus.formats.any import read_document
from corpus.formats.sniff import kind_of
from tests.corpus.formats.word_xml import texts

_MACRO_MAIN = "application/vnd.ms-word.document.macroEnabled.main+xml"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def _docx(text: str = "行动计划") -> bytes:
    document = library.Document()
    document.add_paragraph(text)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _with(changes: dict[str, bytes | Callable[[bytes], bytes]], packed: bytes | None = None) -> bytes:
    """A docx whose members are changed, or added."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed or _docx())) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    for name, change in changes.items():
        parts[name] = change(parts.get(name, b"")) if callable(change) else change
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return made.getvalue()


def _zip(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as new:
        for name, data in members.items():
            new.writestr(name, data)
    return made.getvalue()


def _encrypted(plain: bytes) -> bytes:
    sealed = io.BytesIO()
    OOXMLFile(io.BytesIO(plain)).encrypt("北京", sealed)
    return sealed.getvalue()


def _ole(stream: str) -> bytes:
    """An OLE container with a stream of that name: an encrypted file, its main stream renamed."""
    sealed = bytearray(_encrypted(_docx()))
    entry = sealed.find("EncryptedPackage".encode("utf-16-le"))
    name = stream.encode("utf-16-le") + b"\0\0"
    sealed[entry : entry + 66] = name.ljust(64, b"\0") + struct.pack("<H", len(name))
    return bytes(sealed)


def _locked_doc() -> bytes:
    """A .doc whose header says that it is encrypted."""
    sealed = bytearray(_ole("WordDocument"))
    start = sealed.find(struct.pack("<Q", len(_docx())))
    sealed[start + 11] |= 1
    return bytes(sealed)


def _entity(encoding: str) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        xml = data.decode("utf-8").partition("?>")[2]
        xml = xml.replace("行动计划", "&host;")
        head = f'<?xml version="1.0" encoding="{encoding}"?>'
        head += '<!DOCTYPE x [<!ENTITY host SYSTEM "file:///etc/hostname">]>'
        return (head + xml).encode(encoding)

    return change


def _broken_check(data: bytes) -> bytes:
    """One byte of the packed document turned: its CRC no longer fits."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        at = package.getinfo("word/document.xml").header_offset
    turned = bytearray(data)
    turned[at + 200] ^= 0xFF
    return bytes(turned)


def _presentation(data: bytes) -> bytes:
    return data.replace(b"wordprocessingml.document", b"presentationml.presentation").replace(
        b"wordprocessingml.", b"presentationml."
    )


_DTD = "实体声明.*没有打开"
_TYPES = "[Content_Types].xml"
_BAD: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("空.docx", lambda: b"", "是空文件"),
    "encrypted docx": ("密.docx", lambda: _encrypted(_docx()), "文件已加密.*取消密码"),
    "encrypted doc": ("密.doc", _locked_doc, "文件已加密.*取消密码"),
    "old workbook": ("表.xls", lambda: _ole("Workbook"), "旧版 Excel.*另存为 xlsx"),
    "old slides": ("片.ppt", lambda: _ole("PowerPoint Document"), "旧版演示文稿"),
    "broken OLE": ("坏.doc", lambda: _ole("WordDocument")[:700], "文件已损坏"),
    "zip as docx": ("包.docx", lambda: _zip(**{"a.txt": b"x"}), "扩展名是 .docx，内容却是普通压缩包.*先解压"),
    "slides": ("片.docx", lambda: _with({_TYPES: _presentation}), "演示文稿"),
    "ofd": ("文.ofd", lambda: _zip(**{"OFD.xml": b"<ofd/>"}), "OFD.*PDF"),
    "cut off": ("断.docx", lambda: _docx()[:-3000], "文件已损坏.*重新下载"),
    "bad check sum": ("错.docx", lambda: _broken_check(_docx()), "文件已损坏.*重新下载"),
    "not XML": ("乱.docx", lambda: _with({"word/document.xml": b"plan"}), "不是有效的XML"),
    "no document": ("缺.docx", lambda: _with({"_rels/.rels": b"<Relationships/>"}), "文件已损坏"),
    "zip bomb": ("弹.docx", lambda: _with({"word/media/a.bin": bytes(30 * 2**20)}), "压缩炸弹，没有打开"),
    "many parts": ("多.docx", lambda: _zip(**{f"{n}": b"" for n in range(5001)}), "5001个部件.*上限"),
    "escaping": ("逃.docx", lambda: _with({"../../etc/x": b"x"}), "指向文件外部的路径.*没有打开"),
    "entity": ("体.docx", lambda: _with({"word/document.xml": _entity("utf-8")}), _DTD),
    "entity in UTF-16": (
        "体.docx",
        lambda: _with({"word/document.xml": _entity("utf-16")}),
        "实体声明.*没有打开",
    ),
    "entity in styles": (
        "体.docx",
        lambda: _with({"word/styles.xml": _entity("utf-8")}),
        "实体声明.*没有打开",
    ),
    "entity, no XML name": (
        "体.docx",
        lambda: _with({"word/plan.bin": _entity("utf-8")(_docx_xml())}),
        "实体声明",
    ),
    "scan": ("扫描.jpg", lambda: b"\xff\xd8\xff\xe0" + bytes(99), "是图片，不含文字识别.*OCR"),
    "scan as docx": ("扫描.docx", lambda: b"\x89PNG\r\n\x1a\n" + bytes(99), "是图片，不含文字识别.*OCR"),
    "rar": ("附件.doc", lambda: b"Rar!\x1a\x07\x01" + bytes(99), "压缩包：请先解压"),
    "plain text": ("通知.doc", lambda: "关于印发计划的通知\n".encode("gb18030") * 9000, "纯文本.*贴进 Word"),
    "mht": ("通知.doc", lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "单个文件网页"),
    "noise": ("通知.docx", lambda: bytes(range(256)) * 40, "无法识别的二进制"),
}


def _docx_xml() -> bytes:
    with zipfile.ZipFile(io.BytesIO(_docx())) as package:
        return package.read("word/document.xml")


@pytest.mark.parametrize("case", _BAD)
def test_a_bad_file_is_refused_with_its_name_and_the_reason(case: str, tmp_path: Path) -> None:
    name, make, reason = _BAD[case]
    (tmp_path / name).write_bytes(make())
    with pytest.raises(SourceError, match=f"^{name}：.*{reason}") as caught:
        read_document(tmp_path / name)
    assert str(tmp_path) not in str(caught.value)
    assert len(str(caught.value)) < 150


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    large = tmp_path / "大.docx"
    with large.open("wb") as file:
        file.truncate(200 * 2**20)  # sparse: reading it would find no docx, and say so instead
    with pytest.raises(SourceError, match=r"^大\.docx：有200\.0MB，超过50MB的上限.*拆成几个文件"):
        read_document(large)


def test_no_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^无\.docx：找不到这个文件"):
        read_document(tmp_path / "无.docx")
    (tmp_path / "计划.docx").mkdir()
    with pytest.raises(SourceError, match=r"^计划\.docx：是文件夹，不是文件"):
        read_document(tmp_path / "计划.docx")


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("网页.doc", "<html><body>通知</body></html>".encode("gb18030"), "html"),
        ("网页.docx", b"\xef\xbb\xbf\r\n<!-- saved -->\n<!DOCTYPE html><p>x</p>", "html"),
        ("网页.doc", "\ufeff<html><table></table></html>".encode("utf-16-le"), "html"),
        ("网页.htm", b'<?xml version="1.0"?><html xmlns="x"></html>', "html"),
        ("计划.doc", _docx(), "docx"),
        ("计划", _docx(), "docx"),
        ("计划.docx", b"%PDF-1.7\n", "pdf"),
        ("计划.docx", b"{\\rtf1 x}", "doc"),
        (
            "计划.doc",
            b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:x/>',
            "doc",
        ),
        ("计划.odt", _zip(mimetype=b"application/vnd.oasis.opendocument.text"), "doc"),
    ],
)
def test_the_content_says_what_a_file_is_not_its_name(
    name: str, data: bytes, kind: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data)
    assert kind_of(tmp_path / name, 50) == kind


def _read(folder: Path, name: str, data: bytes) -> Document:
    (folder / name).write_bytes(data)
    return read_document(folder / name)


def test_a_docx_under_another_name_is_read_with_a_note(tmp_path: Path) -> None:
    found = _read(tmp_path, "计划.doc", _docx())
    assert texts(found) == ["行动计划"]
    assert found.notes == ("扩展名是.doc，内容是Word文档，按内容读取",)


def test_macros_are_never_run_and_the_text_is_read(tmp_path: Path) -> None:
    def typed(data: bytes) -> bytes:
        macro = b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
        return data.replace(_MAIN.encode(), _MACRO_MAIN.encode()).replace(b"</Types>", macro)

    def related(data: bytes) -> bytes:
        kind = b"http://schemas.microsoft.com/office/2006/relationships/vbaProject"
        link = b'<Relationship Id="rIdM" Type="' + kind + b'" Target="vbaProject.bin"/></Relationships>'
        return data.replace(b"</Relationships>", link)

    changes = {
        _TYPES: typed,
        "word/_rels/document.xml.rels": related,
        "word/vbaProject.bin": b"Sub AutoOpen()",
    }
    found = _read(tmp_path, "计划.docm", _with(changes))
    assert texts(found) == ["行动计划"]
    assert found.notes == ("文件里有宏，没有运行，只读取文字",)


def test_a_link_to_a_part_that_is_lost_does_not_cost_the_text(tmp_path: Path) -> None:
    def lost(data: bytes) -> bytes:
        kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
        return data.replace(
            b"</Relationships>",
            b'<Relationship Id="rIdX" Type="' + kind + b'" Target="../NULL"/></Relationships>',
        )

    found = _read(tmp_path, "计划.docx", _with({"word/_rels/document.xml.rels": lost}))
    assert texts(found) == ["行动计划"]
    assert any("丢失的图片" in note for note in found.notes)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=4), st.booleans())
@settings(max_examples=40, deadline=None)
def test_whatever_is_wrong_with_a_file_it_is_said_as_a_source_error(
    flips: list[tuple[int, int]], inside: bool
) -> None:
    """Bytes turned in the package, or in the XML before it is packed."""

    def turned(data: bytes) -> bytes:
        found = bytearray(data)
        for at, by in flips:
            found[at % len(found)] ^= by
        return bytes(found)

    data = _with({"word/document.xml": turned}) if inside else turned(_docx())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "计划.docx"
        path.write_bytes(data)
        try:
            read_document(path)
        except SourceError as error:
            assert error.problem
