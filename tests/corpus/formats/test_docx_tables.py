"""The grid of a Word table: every place of it, whatever is merged."""

from __future__ import annotations

from pathlib import Path

import docx as library
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpus.formats.word_xml import paragraph, read_body, rows_of, saved, tbl, tc, texts


@st.composite
def _merged(draw: st.DrawFn) -> tuple[int, int, list[tuple[int, int, int, int]]]:
    height, width = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    taken: set[tuple[int, int]] = set()
    merges = []
    for _ in range(draw(st.integers(0, 4))):
        top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        bottom, right = draw(st.integers(top, height - 1)), draw(st.integers(left, width - 1))
        covered = {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
        if not covered & taken:
            taken |= covered
            merges.append((top, left, bottom, right))
    return height, width, merges


@given(_merged())
@settings(max_examples=30, deadline=None)
def test_every_place_of_a_table_with_any_merges_is_read(
    drawn: tuple[int, int, list[tuple[int, int, int, int]]],
) -> None:
    """Rows and columns that no cell begins are closed up: on the page nobody sees them."""
    height, width, merges = drawn
    owner = {(r, c): (r, c, r, c) for r in range(height) for c in range(width)}
    document = library.Document()
    table = document.add_table(height, width)
    for row in range(height):
        for column in range(width):
            table.cell(row, column).text = f"{row}行{column}列"
    for top, left, bottom, right in merges:
        table.cell(top, left).merge(table.cell(bottom, right))
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                owner[row, column] = (top, left, bottom, right)
    rows = sorted({top for top, *_ in owner.values()})
    columns = sorted({left for _, left, *_ in owner.values()})

    read_table = next(saved(document).tables)

    assert (read_table.height, read_table.width) == (len(rows), len(columns))
    for at, row in enumerate(rows):
        for by, column in enumerate(columns):
            top, left, bottom, right = owner[row, column]
            cell = read_table.grid()[at][by]
            printed = [f"{r}行{c}列" for r in range(top, bottom + 1) for c in range(left, right + 1)]
            assert list(cell.lines) == printed
            assert (cell.row, cell.column) == (rows.index(top), columns.index(left))
    assert [place.words for place in read_table.places] == [f"表1第{row + 1}行" for row in rows]


def test_hairline_columns_between_borders_that_nearly_meet_are_closed(tmp_path: Path) -> None:
    found = read_body(
        tmp_path,
        tbl(
            (900, 15, 3000),
            tc("序号") + tc("工作措施", '<w:gridSpan w:val="2"/>'),
            tc("1", '<w:gridSpan w:val="2"/>') + tc("治理扬尘"),
        ),
    )
    assert rows_of(next(found.tables)) == [["序号", "工作措施"], ["1", "治理扬尘"]]


def test_a_row_that_is_set_in_by_a_hair_keeps_its_columns(tmp_path: Path) -> None:
    before = '<w:trPr><w:gridBefore w:val="1"/></w:trPr>'
    found = read_body(
        tmp_path,
        tbl(
            (12, 900, 3000),
            tc("序号", '<w:gridSpan w:val="2"/>') + tc("工作措施"),
            before + tc("1") + tc("治理扬尘"),
        ),
    )
    assert rows_of(next(found.tables)) == [["序号", "工作措施"], ["1", "治理扬尘"]]


def test_widths_place_cells_where_a_program_wrote_no_spans(tmp_path: Path) -> None:
    def wide(text: str, width: int) -> str:
        return tc(text, f'<w:tcW w:w="{width}" w:type="dxa"/>')

    found = read_body(
        tmp_path,
        tbl(
            (1000, 2000, 3000),
            wide("附件1 重点任务分工表", 6000),
            wide("序号", 1000) + wide("工作措施", 2000) + wide("牵头部门", 3000),
            wide("一、水环境", 3010) + wide("市水务局", 2990),
        ),
    )
    assert rows_of(next(found.tables)) == [
        ["附件1 重点任务分工表"] * 3,
        ["序号", "工作措施", "牵头部门"],
        ["一、水环境", "一、水环境", "市水务局"],
    ]
    assert not found.notes


def test_short_rows_old_merges_and_open_ends_keep_the_columns_in_line(tmp_path: Path) -> None:
    skip = '<w:trPr><w:gridBefore w:val="1"/><w:gridAfter w:val="1"/></w:trPr>'
    found = read_body(
        tmp_path,
        tbl(
            (),
            tc("甲") + tc("乙") + tc("丙"),
            tc("左", '<w:hMerge w:val="restart"/>') + tc("", "<w:hMerge/>") + tc("右"),
            skip + tc("中"),
            tc("短"),
        ),
    )
    assert rows_of(next(found.tables)) == [
        ["甲", "乙", "丙"],
        ["左", "左", "右"],
        ["", "中", ""],
        ["短", "", ""],
    ]
    assert any("表1第4行" in note and "少2格" in note for note in found.notes)


def test_a_merge_that_does_not_fit_is_a_cell_of_its_own_and_covered_text_is_named(tmp_path: Path) -> None:
    start, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    found = read_body(
        tmp_path,
        tbl(
            (),
            tc("一", start) + tc("甲") + tc("乙"),
            tc("看不见", on) + tc("丙") + tc("丁"),
            tc("宽", '<w:gridSpan w:val="2"/>' + on) + tc("戊"),
        ),
    )
    assert rows_of(next(found.tables)) == [["一", "甲", "乙"], ["一", "丙", "丁"], ["宽", "宽", "戊"]]
    assert [(left.kind, left.place.words, left.text) for left in found.left] == [
        ("合并格遮住的文字", "表1第2行", "看不见")
    ]
    assert any("表1第3行" in note for note in found.notes)


def test_a_table_inside_a_cell_becomes_lines_and_a_frame_around_the_page_is_no_table(tmp_path: Path) -> None:
    inner = tbl((), tc("市水务局") + tc("年底前"), tc("区政府") + tc("6月底前"))
    nested = tbl((), tc("1") + f"<w:tc><w:tcPr/>{paragraph('分工如下：')}{inner}<w:p/></w:tc>")
    frame = tbl((), f"<w:tc><w:tcPr/>{paragraph('行动计划')}{nested}<w:p/></w:tc>")
    found = read_body(tmp_path, frame)
    assert texts(found) == ["行动计划"]
    (table,) = found.tables
    assert table.cells[1].lines == ("分工如下：", "市水务局 年底前", "区政府 6月底前")
    assert any("表1第1行" in note and "套着表格" in note for note in found.notes)
