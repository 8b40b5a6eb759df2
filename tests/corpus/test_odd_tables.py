"""Tables as districts really draw them: odd numbers, section rows, headers of several rows, other tables."""

from __future__ import annotations

import pytest

from corpus.errors import SourceError
from corpus.proposing import look
from corpus.row_numbers import RowNumber, row_number
from corpus.types import Role
from tests.corpus.test_layout import HEAD, ROW, TITLE, measures, only, paragraph, seen, table

MATRIX = [["序号", "街道", "目标值", "上年值"], ["1", "鼓楼街道", "30", "32"]]


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("３", RowNumber(3)),
        ("（三）", RowNumber(3)),
        ("1-2", RowNumber(1, "1-2", 2)),
        ("A1", RowNumber(None, "A1")),
        ("这里写的是一整句话，不是序号", None),
    ],
)
def test_what_a_number_cell_says(printed: str, number: RowNumber | None) -> None:
    assert row_number(printed) == number


def test_numbers_of_two_levels_are_task_and_item_and_stay_as_printed() -> None:
    rows = [HEAD, ["1.1", *ROW[1:]], ["1.2", "节水", *ROW[2:]], ["2.1", "治水", *ROW[2:]]]
    found = measures(seen(paragraph(TITLE), table(rows)))
    assert [(m.number, m.item, m.task) for m in found] == [(1, 1, "保水"), (1, 2, "节水"), (2, 1, "治水")]
    assert [m.extras for m in found] == [(("序号", "1.1"),), (("序号", "1.2"),), (("序号", "2.1"),)]


def test_sections_with_their_number_apart_sums_and_empty_numbers_are_no_measures() -> None:
    rows = [
        HEAD,
        ["一", "水", "<", "<", "<"],
        ROW,
        ["二", "气", "", "", ""],
        ["2", *ROW[1:]],
        ["3", "", "", "", ""],
        ["合计", "", "2项", "", ""],
    ]
    found = seen(paragraph(TITLE), table(rows))
    assert [(m.number, m.path) for m in measures(found)] == [(1, ("一、水",)), (2, ("二、气",))]
    assert only(found).rows == {"表头": 1, "章节": 2, "措施": 2, "空行": 1, "合计": 1}
    read = only(found).read
    assert read is not None
    said = "".join(read.notes)
    assert "合计行未入库：合计 2项" in said and "只有序号“3”" in said


def test_a_task_merged_over_the_measures_is_the_measure_and_a_row_without_any_is_named() -> None:
    (measure,) = measures(
        seen(paragraph(TITLE), table([HEAD, ["1", "巡查水库。", "<", "年底前", "区水务局"]]))
    )
    assert (measure.task, measure.text) == ("", "巡查水库。")
    with pytest.raises(SourceError, match="表1第3行：这一行（区财政局）没有工作措施"):
        seen(paragraph(TITLE), table([HEAD, ROW, ["", "", "", "", "区财政局"]]))


@pytest.mark.parametrize("below", ["^", ""])
def test_a_header_of_three_rows_whether_merged_or_not(below: str) -> None:
    rows = [
        ["序号", "2026年\n目标任务", "责 任 单 位", "<", "<"],
        [below, below, "牵头\n单位", "配合单位（部门）", "<"],
        [below, below, below, "市级", "区级"],
        ["1", "巡查水库。", "区水务局", "市水务局", "区财政局"],
    ]
    (measure,) = measures(seen(paragraph(TITLE), table(rows)))
    assert measure.text == "巡查水库。" and measure.names(Role.LEAD) == ["区水务局"]
    assert measure.names(Role.ASSISTING) == ["市水务局", "区财政局"]


def test_city_and_district_leads_are_both_leads_and_a_second_task_column_is_the_measure() -> None:
    rows = [
        ["类别", "序号", "任务名称", "工作内容", "市级牵头部门", "区级牵头部门"],
        ["水", "1", "保水", "巡查水库。", "市水务局", "区水务局"],
    ]
    (measure,) = measures(seen(paragraph(TITLE), table(rows)))
    assert (measure.task, measure.text, measure.category) == ("保水", "巡查水库。", "水")
    assert measure.names(Role.LEAD) == ["市水务局", "区水务局"]


def test_a_table_that_is_no_plan_is_asked_about_and_never_read_as_the_next_rows() -> None:
    blocks = (paragraph(TITLE), table([HEAD, ROW]), table(MATRIX, 2))
    (question,) = seen(*blocks).questions
    assert question.name == "表2" and [value for value, _ in question.choices] == ["skip", "text"]
    found = seen(*blocks, mapping={"表2": "skip"})
    assert len(measures(found)) == 1 and any("鼓楼街道 30 32" in text for _, _, text in found.left)
    figures = table([["1", "鼓楼街道", "30", "32", "1"]], 2)  # as wide as the measures, without a header
    assert [q.name for q in seen(paragraph(TITLE), table([HEAD, ROW]), figures).questions] == ["表2"]
    with pytest.raises(SourceError, match="写明略去“表1”，可它的列名都认得"):
        seen(*blocks, mapping={"表1": "skip", "表2": "skip"})


def test_a_table_without_departments_takes_them_from_the_text() -> None:
    rows = [HEAD[:4], ["1", "保水", "巡查水库（区水务局牵头，区财政局配合）。", "2027年底"]]
    (measure,) = measures(seen(paragraph(TITLE), table(rows)))
    assert measure.names(Role.LEAD) == ["区水务局"] and measure.names(Role.ASSISTING) == ["区财政局"]
    assert [str(due.end) for due in measure.due] == ["2027-12-31"]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("区水务局/区交通局", ["区水务局", "区交通局"]),
        ("区城管执法\n局、区住房城乡\n建设委", ["区城管执法局", "区住房城乡建设委"]),
        ("区水务局及各街道", ["区水务局", "各街道"]),
        ("区水务局区交通局", ["区水务局", "区交通局"]),
        ("区住建委、区直各部门、各街道（镇）", ["区住建委", "区直各部门", "各街道（镇）"]),
    ],
)
def test_names_as_cells_hold_them(cell: str, names: list[str]) -> None:
    (measure,) = measures(seen(paragraph(TITLE), table([HEAD, [*ROW[:4], cell]])))
    assert [duty.printed for duty in measure.duties] == names and all(duty.known for duty in measure.duties)


def test_two_plans_of_one_title_in_one_file_are_asked_about() -> None:
    blocks = (paragraph("附件1"), paragraph(TITLE), table([HEAD, ROW]))
    again = (paragraph("附件2"), paragraph(TITLE), table([HEAD, ROW], 2))
    found = seen(*blocks, *again)
    assert [(q.part, q.name) for q in found.questions] == [(1, "title")]
    first = look(found.path, found.document, [], only={0})
    assert first.complete and [p.part for p in first.proposals] == [0]
