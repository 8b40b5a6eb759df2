"""Automatic numbers of Word are written out as they are printed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from docx.oxml.parser import parse_xml

from corpus.document import Document, Paragraph
from corpus.formats.docx import read
from corpus.formats.docx_numbers import chinese
from corpus.numerals import numeral
from tests.corpus.formats.word_xml import SPACES, paragraph, rows_of, tbl, tc, texts, word


def _level(at: int, kind: str, text: str, more: str = "") -> str:
    inner = f'<w:start w:val="1"/><w:numFmt w:val="{kind}"/>{more}<w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{at}">{inner}</w:lvl>'


def _listed(folder: Path, levels: Sequence[str], nums: Sequence[str], *body: str) -> Document:
    """A document with one list definition (900) and these w:num (their inner XML; numId 901 on)."""
    document = word(*body)
    numbering = document.part.numbering_part.element
    numbering.append(
        parse_xml(f'<w:abstractNum {SPACES} w:abstractNumId="900">{"".join(levels)}</w:abstractNum>')
    )
    for at, inner in enumerate(nums, start=901):
        numbering.append(
            parse_xml(f'<w:num {SPACES} w:numId="{at}"><w:abstractNumId w:val="900"/>{inner}</w:num>')
        )
    path = folder / "编号.docx"
    document.save(str(path))
    return read(path)


def _item(text: str, level: int = 0, num: int = 901) -> str:
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>')


def test_nested_chinese_numbers_are_written_out_as_printed(tmp_path: Path) -> None:
    levels = [
        _level(0, "chineseCountingThousand", "%1、"),
        _level(1, "chineseCounting", "（%2）"),
        _level(2, "decimal", "%3."),
        _level(3, "decimalEnclosedCircleChinese", "%4", '<w:suff w:val="nothing"/>'),
    ]
    steps = [
        (0, "总体要求"),
        (1, "目标"),
        (2, "空气"),
        (2, "水"),
        (3, "断面"),
        (1, "原则"),
        (2, "系统"),
        (0, "任务"),
        (1, "治水"),
    ]
    found = _listed(tmp_path, levels, [""], *(_item(text, level) for level, text in steps))
    assert texts(found) == [
        "一、总体要求",
        "（一）目标",
        "1. 空气",
        "2. 水",
        "①断面",
        "（二）原则",
        "1. 系统",
        "二、任务",
        "（一）治水",
    ]


def test_numbers_restart_where_they_are_told_to_and_go_on_where_not(tmp_path: Path) -> None:
    levels = [
        _level(0, "chineseCountingThousand", "第%1章", '<w:suff w:val="space"/>'),
        _level(1, "chineseCountingThousand", "第%2条", '<w:lvlRestart w:val="0"/>'),
        _level(2, "decimal", "%1.%3", "<w:isLgl/>"),
    ]
    anew = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="9"/></w:lvlOverride>'
    found = _listed(
        tmp_path,
        levels,
        ["", anew, ""],
        _item("总则"),
        _item("为了", 1),
        _item("附则"),
        _item("本条接续", 1),
        _item("细项", 2),
        _item("另起", num=902),
        _item("同一列表", num=903),
    )
    assert texts(found) == [
        "第一章 总则",
        "第一条 为了",
        "第二章 附则",
        "第二条 本条接续",
        "2.1 细项",
        "第九章 另起",
        "第十章 同一列表",
    ]


def test_a_style_can_number_and_a_paragraph_can_decline(tmp_path: Path) -> None:
    document = word(
        paragraph("甲", '<w:pStyle w:val="Heading1"/>'),
        paragraph("乙", '<w:pStyle w:val="Heading1"/><w:numPr><w:numId w:val="0"/></w:numPr>'),
        paragraph("丙", '<w:pStyle w:val="Heading1"/>'),
    )
    numbering = document.part.numbering_part.element
    level = _level(0, "ideographTraditional", "%1．", '<w:pStyle w:val="Heading1"/>')
    numbering.append(parse_xml(f'<w:abstractNum {SPACES} w:abstractNumId="900">{level}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {SPACES} w:numId="901"><w:abstractNumId w:val="900"/></w:num>'))
    properties = document.styles["Heading 1"].element.get_or_add_pPr()
    properties.append(parse_xml(f'<w:numPr {SPACES}><w:numId w:val="901"/></w:numPr>'))
    document.save(str(tmp_path / "样式.docx"))
    found = read(tmp_path / "样式.docx")
    assert texts(found) == ["甲．甲", "乙", "乙．丙"]
    assert all(block.centred for block in found.blocks if isinstance(block, Paragraph))


def test_a_column_of_automatic_numbers_counts_down_the_table(tmp_path: Path) -> None:
    """Cells that a merge covers do not count."""

    def number(merge: str = "") -> str:
        return f"<w:tc><w:tcPr>{merge}</w:tcPr>{_item('')}</w:tc>"

    found = _listed(
        tmp_path,
        [_level(0, "decimal", "%1")],
        [""],
        tbl(
            (),
            tc("序号") + tc("措施"),
            number('<w:vMerge w:val="restart"/>') + tc("甲"),
            number("<w:vMerge/>") + tc("乙"),
            number() + tc("丙"),
        ),
    )
    assert rows_of(next(found.tables)) == [["序号", "措施"], ["1", "甲"], ["1", "乙"], ["2", "丙"]]


def test_chinese_numbers_read_back() -> None:
    numbers = [*range(1, 1200), 2035, 9999, 10_000, 10_010, 12_345]
    assert [numeral(chinese(number)) for number in numbers] == numbers
