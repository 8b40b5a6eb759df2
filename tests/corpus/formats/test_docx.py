"""Word files give what a reader of the printed page sees: nothing that wraps text swallows it."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import docx as library
import pytest
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.parser import parse_xml

from corpus.document import Paragraph
from corpus.errors import SourceError
from corpus.formats.docx import read
from tests.corpus.formats.word_xml import SPACES, paragraph, read_body, rows_of, tbl, tc, texts, word

_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def test_tracked_changes_are_read_as_accepted(tmp_path: Path) -> None:
    by = 'w:id="1" w:author="甲" w:date="2026-03-01T00:00:00Z"'
    found = read_body(
        tmp_path,
        f"<w:p><w:r><w:t>到2026年</w:t></w:r><w:del {by}><w:r><w:delText>下降10%</w:delText></w:r></w:del>"
        f"<w:ins {by}><w:r><w:t>下降12%</w:t></w:r></w:ins></w:p>",
        f"<w:p><w:pPr><w:rPr><w:del {by}/></w:rPr></w:pPr><w:r><w:t>前半句，</w:t></w:r></w:p>",
        paragraph("后半句。"),
        tbl((), tc("留"), f"<w:trPr><w:del {by}/></w:trPr>" + tc("删")),
    )
    assert texts(found) == ["到2026年下降12%", "前半句，后半句。"]
    assert rows_of(next(found.tables)) == [["留"]]
    assert ("修订中删去的文字", "下降10%") in [(left.kind, left.text) for left in found.left]
    assert ("修订中删去的文字", "删") in [(left.kind, left.text) for left in found.left]
    assert any("修订" in note and "接受" in note for note in found.notes)


def test_nothing_that_word_wraps_around_text_swallows_it(tmp_path: Path) -> None:
    run = "<w:r><w:t>{}</w:t></w:r>".format
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> REF x </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        + run("结果")
        + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    circled = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> eq \\o\\ac(○,3)</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    found = read_body(
        tmp_path,
        f"<w:sdt><w:sdtPr/><w:sdtContent><w:p><w:sdt><w:sdtPr/><w:sdtContent>{run('控件')}</w:sdtContent></w:sdt>"
        f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('单击此处输入')}</w:sdtContent></w:sdt></w:p>"
        "</w:sdtContent></w:sdt>",
        f'<w:p><w:smartTag w:element="x">{run("标记")}</w:smartTag><w:hyperlink>{run("链接")}</w:hyperlink>'
        f"<w:fldSimple w:instr='PAGE'>{run('域')}</w:fldSimple>{field}</w:p>",
        f"<w:p>{circled}{run('PM')}<w:r><w:rPr><w:vertAlign w:val='subscript'/></w:rPr><w:t>2.5</w:t></w:r>"
        '<w:r><w:sym w:font="Symbol" w:char="F0A3"/><w:t>30</w:t><w:noBreakHyphen/><w:t>35</w:t></w:r>'
        "<w:m:oMath/></w:p>".replace("<w:m:oMath/>", "<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath>"),
        "<w:p><w:r><w:t>上行</w:t><w:br/><w:t>下行</w:t><w:tab/><w:t>列</w:t></w:r><w:r><w:ruby><w:rt><w:r><w:t>shuǐ"
        f"</w:t></w:r></w:rt><w:rubyBase>{run('水')}</w:rubyBase></w:ruby></w:r></w:p>",
    )
    assert texts(found) == ["控件", "标记链接域结果", "③PM2.5≤30-35x", "上行下行 列水"]
    last = found.blocks[-1]
    assert isinstance(last, Paragraph)
    assert last.lines == ("上行", "下行 列水")
    assert last.place.words == "第4段"


def test_a_text_box_is_read_once_behind_its_paragraph(tmp_path: Path) -> None:
    title, table = paragraph("框内标题", '<w:jc w:val="center"/>'), tbl((), tc("甲") + tc("乙"))
    box = f"<w:txbxContent>{title}{table}</w:txbxContent>"
    found = read_body(
        tmp_path,
        "<w:p><w:r><w:t>正文</w:t></w:r><w:r><mc:AlternateContent><mc:Choice Requires='wps'>"
        f"<w:drawing><wp:inline><a:graphic><a:graphicData uri=''><wps:wsp><wps:txbx>{box}"
        "</wps:txbx></wps:wsp></a:graphicData></a:graphic>"
        "</wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>"
        f"{box}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>",
        paragraph("后文"),
    )
    assert texts(found) == ["正文", "框内标题", "后文"]
    inner = found.blocks[1]
    assert isinstance(inner, Paragraph)
    assert (inner.place.words, inner.centred) == ("第1段 文本框", True)
    assert next(found.tables).places[0].words == "表1第1行（第1段 文本框）"


def test_footnotes_leave_the_line_and_keep_their_mark(tmp_path: Path) -> None:
    def reference(number: int) -> str:
        return f'<w:r><w:footnoteReference w:id="{number}"/></w:r>'

    document = word(
        f"<w:p><w:r><w:t>污染防治</w:t></w:r>{reference(2)}<w:r><w:t>攻坚</w:t></w:r></w:p>",
        tbl((), f"<w:tc><w:tcPr/><w:p><w:r><w:t>国控断面</w:t></w:r>{reference(3)}</w:p></w:tc>"),
    )
    document.element.body.sectPr.append(
        parse_xml(f'<w:footnotePr {SPACES}><w:numFmt w:val="decimalEnclosedCircleChinese"/></w:footnotePr>')
    )
    notes = "".join(
        f'<w:footnote w:id="{at}"><w:p><w:r><w:footnoteRef/><w:t> {text}</w:t></w:r></w:p></w:footnote>'
        for at, text in ((2, "指大气、水、土壤。"), (3, "共三个。"))
    )
    part = Part(
        PackURI("/word/footnotes.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
        f"<w:footnotes {SPACES}>{notes}</w:footnotes>".encode(),
        document.part.package,
    )
    document.part.relate_to(part, _RELATION + "footnotes")
    document.save(str(tmp_path / "脚注.docx"))
    found = read(tmp_path / "脚注.docx")
    assert texts(found) == ["污染防治攻坚", "①指大气、水、土壤。"]
    last = found.blocks[-1]
    assert isinstance(last, Paragraph)
    assert (last.kind, last.place.words) == ("footnote", "第1段 脚注")
    (cell,) = next(found.tables).cells
    assert (cell.lines, cell.notes) == (("国控断面",), ("②共三个。",))


def test_what_is_not_taken_over_is_named(tmp_path: Path) -> None:
    document = word(
        paragraph("正文"),
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>隐去</w:t></w:r></w:p>",
        paragraph("总体要求 1", '<w:pStyle w:val="TOC1"/>'),
    )
    document.styles.add_style("toc 1", 1).element.set(
        "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}styleId", "TOC1"
    )
    document.add_comment(document.paragraphs[0].runs[0], "请核对", "甲")
    document.add_picture(io.BytesIO(_png()))
    document.sections[0].header.paragraphs[0].text = "内部资料"
    document.sections[0].footer.add_table(1, 1, 1000).cell(0, 0).text = "— 1 —"
    document.save(str(tmp_path / "附带.docx"))
    found = read(tmp_path / "附带.docx")
    assert texts(found) == ["正文"]
    assert [(left.kind, left.place.words, left.text) for left in found.left] == [
        ("批注", "第1段", "请核对"),
        ("隐藏文字", "第1段之后", "隐去"),
        ("目录", "第1段之后", "总体要求 1"),
        ("图片", "第1段之后", ""),
        ("页眉页脚", "页眉", "内部资料"),
        ("页眉页脚", "页脚", "— 1 —"),
    ]


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def test_pictures_alone_are_a_scan_and_embedded_files_are_refused(tmp_path: Path) -> None:
    document = library.Document()
    document.add_picture(io.BytesIO(_png()))
    document.save(str(tmp_path / "扫描.docx"))
    with pytest.raises(SourceError, match=r"扫描\.docx：只有图片，没有文字.*OCR"):
        read(tmp_path / "扫描.docx")
    with pytest.raises(SourceError, match=r"计划\.docx 第1段之后：嵌着另一份文件.*另存为 docx"):
        read_body(tmp_path, paragraph("正文"), '<w:altChunk r:id="rId99"/>')
