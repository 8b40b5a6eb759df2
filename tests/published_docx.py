"""A publication as a Word file: true gridSpan and vMerge, automatic numbers, footnotes, page furniture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from tests.published_grid import Cell, Grid, Line, Publication, blocks

_NUMBERING = 77
_WIDTHS = {"序号": 700, "类别": 1500, "重点任务": 1600, "工作措施": 5200, "指标名称": 4200, "完成时限": 1100}
_DEPARTMENTS = 2000
_SMALL = re.compile(r"(?<=PM)(2\.5|10)(?!\d)")
_FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def write_docx(path: Path, publication: Publication) -> None:
    """Write `publication` at `path`: landscape A4, the letter in front upright."""
    document = Document()
    _furnish(document, publication)
    _number(document)
    notes: list[str] = []
    upright = bool(publication.letter)
    for block in blocks(publication):
        if isinstance(block, Line) and block.page and upright:
            _landscape(document.add_section(WD_SECTION.NEW_PAGE))
            upright = False
            _line(document, block, page=False)
        elif isinstance(block, Line):
            _line(document, block, page=block.page)
        else:
            if block.page:
                document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
            body = document.element.body
            body.insert(len(body) - 1, _table(block, notes))
            document.add_paragraph()
    if not publication.letter:
        _landscape(document.sections[0])
    if notes:
        _footnotes(document, notes)
    document.save(str(path))


def _furnish(document: Any, publication: Publication) -> None:
    """Body font, running head and page number."""
    style = document.styles["Normal"]
    style.font.size = Pt(10.5)
    style.paragraph_format.space_after = Pt(0)
    style.paragraph_format.line_spacing = 1.2
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "仿宋_GB2312")
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    if publication.running:
        section.header.paragraphs[0].text = publication.running
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot.add_run("— ")
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    field.append(_run("1"))
    foot._p.append(field)
    foot.add_run(" —")


def _landscape(section: Any) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(18)


def _number(document: Any) -> None:
    """A list of plain numbers (1, 2, 3) for 序号 columns that count by themselves."""
    numbering = document.part.numbering_part.element
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{_NUMBERING}">'
        '<w:multiLevelType w:val="singleLevel"/>'
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:suff w:val="nothing"/>'
        '<w:lvlText w:val="%1"/><w:lvlJc w:val="left"/></w:lvl></w:abstractNum>'
    )
    numbering.insert(0, abstract)
    numbering.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="{_NUMBERING}"><w:abstractNumId w:val="{_NUMBERING}"/></w:num>'
        )
    )


def _line(document: Any, line: Line, page: bool) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.page_break_before = page or None
    for at, text in enumerate(line.lines):
        if at:
            paragraph.runs[-1].add_break()
        run = paragraph.add_run(text)
        if line.kind == "title":
            run.font.size = Pt(22)
        run.font.bold = line.kind == "heading" or None
    if line.kind == "title":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    elif line.kind == "signature":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _table(grid: Grid, notes: list[str]) -> Any:
    widths = [_WIDTHS.get(heading, _DEPARTMENTS) for heading in grid.columns]
    table = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        "<w:tblBorders>"
        + "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
            for side in ("top", "left", "bottom", "right", "insideH", "insideV")
        )
        + '</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="40" w:type="dxa"/>'
        '<w:bottom w:w="40" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>'
        + "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        + "</w:tblGrid></w:tbl>"
    )
    for row in range(grid.height):
        made = OxmlElement("w:tr")
        if row == 0 and grid.returns:
            made.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for cell in grid.row(row):
            width = sum(widths[cell.column : cell.column + cell.columns])
            made.append(_cell(cell, row, width, grid.columns[cell.column], notes))
        table.append(made)
    return table


def _cell(cell: Cell, row: int, width: int, heading: str, notes: list[str]) -> Any:
    made = OxmlElement("w:tc")
    properties = made.get_or_add_tcPr()
    properties.append(_element("w:tcW", w=width, type="dxa"))
    if cell.columns > 1:
        properties.append(_element("w:gridSpan", val=cell.columns))
    if cell.rows > 1:
        properties.append(_element("w:vMerge", val="restart") if row == cell.row else OxmlElement("w:vMerge"))
    properties.append(_element("w:vAlign", val="center"))
    for paragraph in _paragraphs(cell, heading) if row == cell.row else [OxmlElement("w:p")]:
        made.append(paragraph)
    if row == cell.row and cell.note:
        notes.append(cell.note)
        made.findall(qn("w:p"))[-1].append(_reference(len(notes)))
    return made


def _paragraphs(cell: Cell, heading: str) -> Iterator[Any]:
    """A text's lines are paragraphs; a title or a name is broken by hand within one."""
    if cell.number:
        paragraph = OxmlElement("w:p")
        numbers = _element("w:numPr")
        numbers.append(_element("w:ilvl", val=0))
        numbers.append(_element("w:numId", val=_NUMBERING))
        paragraph.get_or_add_pPr().append(numbers)
        yield paragraph
        return
    parts = [cell.lines] if heading == "重点任务" else [(line,) for line in cell.lines]
    for part in parts:
        paragraph = OxmlElement("w:p")
        for at, line in enumerate(part):
            if at:
                paragraph[-1].append(OxmlElement("w:br"))
            for place, piece in enumerate(_SMALL.split(line)):
                paragraph.append(_run(piece, bold=cell.row == 0, small=place % 2 == 1))
        yield paragraph


def _run(text: str, bold: bool = False, small: bool = False) -> Any:
    run = OxmlElement("w:r")
    if bold:
        run.get_or_add_rPr().append(OxmlElement("w:b"))
    if small:
        run.get_or_add_rPr().append(_element("w:vertAlign", val="subscript"))
    said = OxmlElement("w:t")
    said.text = text
    said.set(qn("xml:space"), "preserve")
    run.append(said)
    return run


def _element(name: str, **values: str | int) -> Any:
    made = OxmlElement(name)
    for key, value in values.items():
        made.set(qn(f"w:{key}"), str(value))
    return made


def _reference(number: int) -> Any:
    run = OxmlElement("w:r")
    run.get_or_add_rPr().append(_element("w:vertAlign", val="superscript"))
    run.append(_element("w:footnoteReference", id=number))
    return run


def _footnotes(document: Any, notes: list[str]) -> None:
    """The part that holds the footnotes, with the two that Word keeps for its lines."""
    root = parse_xml(
        f"<w:footnotes {nsdecls('w')}>"
        '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
        '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p>'
        "</w:footnote></w:footnotes>"
    )
    for number, note in enumerate(notes, start=1):
        made = _element("w:footnote", id=number)
        paragraph = OxmlElement("w:p")
        mark = OxmlElement("w:r")
        mark.get_or_add_rPr().append(_element("w:vertAlign", val="superscript"))
        mark.append(OxmlElement("w:footnoteRef"))
        paragraph.append(mark)
        paragraph.append(_run(f" {note}"))
        made.append(paragraph)
        root.append(made)
    package = document.part.package
    part = Part(PackURI("/word/footnotes.xml"), _FOOTNOTES, serialize_part_xml(root), package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
