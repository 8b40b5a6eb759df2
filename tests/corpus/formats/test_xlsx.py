"""Workbooks: what Excel shows is what comes out, cell by cell."""

from __future__ import annotations

import datetime as dt
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from grids import Made, made, texts_of
from hypothesis import given, settings
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font

from corpus.document import Document, Paragraph, Table
from corpus.errors import SourceError
from corpus.formats.xlsx import read
from corpus.formats.xlsx_values import shown

HEADER = ["序号", "工作措施", "牵头部门"]


def moment(*parts: int) -> dt.datetime:
    return dt.datetime(*parts)  # noqa: DTZ001 - a workbook knows no time zones


def saved(fill: Callable[[Any], None], folder: Path) -> Path:
    book = Workbook()
    fill(book.active)
    path = folder / "计划.xlsx"
    book.save(path)
    return path


def sheet_of(fill: Callable[[Any], None]) -> Document:
    with tempfile.TemporaryDirectory() as folder:
        return read(saved(fill, Path(folder)))


def with_rows(*rows: list[Any]) -> Callable[[Any], None]:
    def fill(sheet: Any) -> None:
        for row in rows:
            sheet.append(row)

    return fill


def table_of(document: Document) -> Table:
    (table,) = document.tables
    return table


def refused(path: Path) -> str:
    with pytest.raises(SourceError) as error:
        read(path)
    return str(error.value)


@given(made())
@settings(max_examples=40, deadline=None)
def test_any_merges_survive_the_round_trip(table: Made) -> None:
    def fill(sheet: Any) -> None:
        sheet.append([f"列{column}" for column in range(table.width)])  # so that no row is a title
        for merge in table.merges:
            row, column = merge.row + 2, merge.column + 1
            sheet.cell(row, column, merge.text)
            sheet.merge_cells(
                start_row=row,
                start_column=column,
                end_row=row + merge.rows - 1,
                end_column=column + merge.columns - 1,
            )

    columns = [f"列{column}" for column in range(table.width)]
    over = table.texts(packed_columns=False)
    assert texts_of(table_of(sheet_of(fill))) == [columns, *over]


def test_titles_stand_before_the_table_and_places_name_sheet_and_row() -> None:
    def fill(sheet: Any) -> None:
        sheet.title = "附件1"
        with_rows(["延庆区2026年行动计划"], ["任务清单"], HEADER, [1.0, "加强\n治理", "区水务局"])(sheet)
        sheet.merge_cells("A1:G1")

    document = sheet_of(fill)
    assert [(b.text, b.centred, b.place.words) for b in document.blocks if isinstance(b, Paragraph)] == [
        ("附件1", True, "工作表“附件1”"),
        ("延庆区2026年行动计划", True, "工作表“附件1”第1行"),
        ("任务清单", True, "工作表“附件1”第2行"),
    ]
    table = table_of(document)
    assert texts_of(table) == [HEADER, ["1", "加强治理", "区水务局"]]
    assert table.cells[4].lines == ("加强", "治理")
    assert [place.words for place in table.places] == ["工作表“附件1”第3行", "工作表“附件1”第4行"]


def test_an_empty_row_parts_two_tables_and_empty_edges_are_trimmed() -> None:
    def fill(sheet: Any) -> None:
        with_rows([], [None, *HEADER], [None, 1, "甲", "乙"], [], [None, "附件2"], [None, *HEADER])(sheet)
        sheet.merge_cells("B3:B4")  # reaches into a row that is empty otherwise
        sheet["XFD1048576"].font = Font(bold=True)
        sheet["J900"] = "  "

    document = sheet_of(fill)
    assert [texts_of(table) for table in document.tables] == [[HEADER, ["1", "甲", "乙"]], [HEADER]]
    assert [block.text for block in document.blocks if isinstance(block, Paragraph)] == ["附件2"]


def test_a_merged_cell_bridges_an_empty_row() -> None:
    def fill(sheet: Any) -> None:
        with_rows(HEADER, [1, "甲", "乙"], [], [None, "丙", "丁"])(sheet)
        sheet.merge_cells("A2:A4")

    rows = texts_of(table_of(sheet_of(fill)))
    assert rows == [HEADER, ["1", "甲", "乙"], ["1", "", ""], ["1", "丙", "丁"]]


def test_a_sheet_without_a_table_is_paragraphs() -> None:
    def fill(sheet: Any) -> None:
        with_rows(["关于印发计划的通知"], ["各单位："], [], ["一、总体要求"])(sheet)
        sheet["A1"].alignment = Alignment(horizontal="center")

    blocks = [block for block in sheet_of(fill).blocks if isinstance(block, Paragraph)]
    assert [(block.text, block.centred) for block in blocks] == [
        ("关于印发计划的通知", True),
        ("各单位：", False),
        ("一、总体要求", False),
    ]


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (1.0, "General", "1"),
        (0.1 + 0.2, "General", "0.3"),
        (0.8, "0%", "80%"),
        (0.855, "0.0%", "85.5%"),
        (12345.5, "#,##0.00", "12,345.50"),
        (12000, '#,##0"吨"', "12,000吨"),
        (30, '"≤"0"微克/立方米"', "≤30微克/立方米"),
        (7, "000", "007"),
        (2.5, "0.##", "2.5"),
        (2.5, "0", "3"),
        (-3.2, '0.0_);[Red]"-"0.0', "-3.2"),
        (-3.2, "0.0", "-3.2"),
        (0, '0;-0;"—"', "—"),
        (12500000, '0.0,,"百万"', "12.5百万"),
        (5, ";;;", "5"),
        (True, "General", "TRUE"),
        ("甲_x000D_", "@", "甲\r"),
        (moment(2026, 6, 30), "mm-dd-yy", "2026年6月30日"),
        (moment(2026, 6, 1), '[$-804]yyyy"年"m"月"', "2026年6月"),
        (moment(2026, 6, 1), "yyyy", "2026年"),
        (moment(2026, 6, 30), 'm"月"d"日"', "6月30日"),
        (moment(2026, 6, 30, 8, 5), "yyyy-mm-dd hh:mm", "2026年6月30日 08:05"),
        (dt.time(8, 30), "h:mm", "08:30"),
    ],
)
def test_values_come_as_they_are_shown(value: Any, form: str, text: str) -> None:
    assert shown(value, form) == text


def test_chinese_built_in_date_formats_are_dates() -> None:
    """A Chinese Excel writes yyyy年m月 as number 57 alone; other readers show 46174."""
    assert shown(46174, "General", 57) == "2026年6月"
    assert shown(46203, "General", 31) == "2026年6月30日"


def test_rich_text_is_one_text() -> None:
    rich = CellRichText("加强", TextBlock(InlineFont(b=True), "扬尘"), "管控")
    assert texts_of(table_of(sheet_of(with_rows(["序号", "措施"], [1, rich]))))[1] == ["1", "加强扬尘管控"]


def test_what_is_hidden_or_beside_the_cells_is_said(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    with_rows(HEADER, [1, "甲", "乙"])(sheet)
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet["B2"].comment = Comment("再核实", "张三")
    sheet["C2"].font = Font(strike=True)
    sheet.oddFooter.center.text = "第&P页"
    hidden = book.create_sheet("底稿")
    with_rows(["草", "稿"], ["#REF!"])(hidden)
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "计划.xlsx")
    document = read(tmp_path / "计划.xlsx")
    assert {(one.kind, one.place.words, one.text) for one in document.left} == {
        ("批注", "工作表“Sheet”B2", "再核实"),
        ("页眉页脚", "工作表“Sheet”", "第&P页"),
        ("隐藏工作表", "工作表“底稿”", "草 稿\n#REF!"),
    }
    assert document.notes == (
        "工作表“Sheet”C2的文字带删除线，已照常读入",
        "工作表“Sheet”第2行是隐藏的，已照常读入",
        "工作表“Sheet”C列是隐藏的，已照常读入",
    )
    assert texts_of(table_of(document)) == [HEADER, ["1", "甲", "乙"]]


def test_a_formula_without_a_saved_value_is_refused(tmp_path: Path) -> None:
    path = saved(with_rows(HEADER, [1, "甲", "=B1"]), tmp_path)
    assert refused(path) == (
        "计划.xlsx 工作表“Sheet”C2：公式没有保存计算结果；请用Excel或WPS打开，保存一次后再添加"
    )


def test_saved_values_of_formulas_count_even_an_empty_text(tmp_path: Path) -> None:
    path = saved(with_rows(HEADER, ["=1+1", "甲", '=""']), tmp_path)
    edited = tmp_path / "算过.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(edited, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml"):
                part = part.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>").replace(
                    b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>"
                )
                part = part.replace(b'<c r="C2">', b'<c r="C2" t="str">')
            new.writestr(name, part)
    assert texts_of(table_of(read(edited)))[1] == ["2", "甲", ""]


def test_a_cell_that_shows_an_error_is_refused(tmp_path: Path) -> None:
    path = saved(with_rows(HEADER, [1, "#REF!", "乙"]), tmp_path)
    assert refused(path) == "计划.xlsx 工作表“Sheet”B2：单元格显示错误#REF!；请在Excel或WPS里改正后再添加"


def test_a_workbook_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    path = tmp_path / "计划.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    assert refused(path) == "计划.xlsx：工作簿损坏，读不出来；请用Excel或WPS打开后另存为xlsx再添加"
    assert refused(saved(lambda sheet: None, tmp_path)) == (
        "计划.xlsx：工作簿里没有内容；请检查是不是选错了文件，或内容在隐藏的工作表里"
    )


def test_a_merge_over_the_whole_sheet_is_refused_before_it_is_laid_out(tmp_path: Path) -> None:
    path = saved(with_rows(HEADER, [1, "甲", "乙"]), tmp_path)
    bomb = tmp_path / "大.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bomb, "w") as new:
        for name in old.namelist():
            merge = b'</sheetData><mergeCells count="1"><mergeCell ref="A3:XFD1048576"/></mergeCells>'
            part = old.read(name)
            new.writestr(name, part.replace(b"</sheetData>", merge) if name.endswith("sheet1.xml") else part)
    assert refused(bomb) == (
        "大.xlsx：合并单元格A3:XFD1048576太大，覆盖超过100万格；请取消整行整列的合并后再添加"
    )
