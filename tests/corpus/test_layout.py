"""From a document to plans: headers, parts, numbers and what is left, on documents made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from corpus.addition import Given, Preview, Proposal
from corpus.document import Document, GridCell, Paragraph, Place, Table
from corpus.errors import SourceError
from corpus.layout import OpenError, parts
from corpus.proposing import look
from corpus.types import Measure, Role

TITLE = "密云区水生态2026年行动计划"
HEAD = ["序号", "重点任务", "工作措施", "完成时限", "责任单位"]
ROW = ["1", "保水", "巡查密云水库。", "年底前", "区水务局"]


def paragraph(text: str) -> Paragraph:
    return Paragraph(tuple(text.split("\n")), Place("第1段"))


def table(rows: Sequence[Sequence[str | None]], number: int = 1) -> Table:
    """A table by its rows: "<" is merged with the cell on the left, "^" with the one above."""
    cells: list[GridCell] = []
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text in ("<", "^"):
                continue
            wide = 1
            while c + wide < len(row) and row[c + wide] == "<":
                wide += 1
            high = 1
            while r + high < len(rows) and rows[r + high][c] == "^":
                high += 1
            cells.append(GridCell(r, c, tuple(filter(None, (text or "").split("\n"))), high, wide))
    places = tuple(Place(f"表{number}第{r + 1}行") for r in range(len(rows)))
    return Table(tuple(cells), len(rows[0]), places)


def seen(*blocks: Paragraph | Table, mapping: dict[str, str] | None = None) -> Preview:
    document = Document("密云.docx", "docx", blocks)
    return look(Path("密云.docx"), document, [], {}, mapping)


def only(found: Preview) -> Proposal:
    (proposal,) = found.proposals
    return proposal


def measures(found: Preview) -> tuple[Measure, ...]:
    read = only(found).read
    assert read is not None
    return read.measures


def test_a_header_of_two_rows_and_a_title_in_the_table() -> None:
    rows = [
        [TITLE, "<", "<", "<", "<"],
        ["序号", "任务", "完成时间", "部门分工", "<"],
        ["^", "^", "^", "牵头单位", "配合单位"],
        ["1", "巡查密云水库。", "6月底前", "区水务局", "区生态环境局"],
    ]
    (measure,) = measures(seen(paragraph(TITLE), table(rows)))
    assert measure.text == "巡查密云水库。" and measure.deadline == "6月底前"
    assert measure.names(Role.LEAD) == ["区水务局"] and measure.names(Role.ASSISTING) == ["区生态环境局"]


def test_what_is_merged_with_the_row_above_is_read_again_and_what_is_empty_is_empty() -> None:
    rows = [
        HEAD,
        ["1", "保水", "巡查密云水库。", "年底前", "区水务局"],
        ["^", "^", "整治入库河道。", "^", "^"],
        ["2", "节水", "更换水表100块。", "", ""],
    ]
    first, second, third = measures(seen(paragraph(TITLE), table(rows)))
    assert (second.number, second.item, second.deadline) == (1, 2, "年底前")
    assert second.duties == first.duties and not second.inferred
    assert third.deadline is None and third.duties == ()
    assert third.inferred == ("完成时限一格是空的", "原文没有写明部门")


def test_numbers_that_begin_again_in_each_section_run_through_and_the_report_says_so() -> None:
    rows = [
        HEAD,
        ["一、水", "<", "<", "<", "<"],
        ROW,
        ["2", "节水", "更换水表。", "年底前", "区水务局"],
        ["二、气", "<", "<", "<", "<"],
        ["1", "控尘", "清扫道路。", "年底前", "区城市管理委"],
    ]
    found = seen(paragraph(TITLE), table(rows))
    assert [(m.id, m.path) for m in measures(found)] == [
        ("my-water-2026/1/1", ("一、水",)),
        ("my-water-2026/2/1", ("一、水",)),
        ("my-water-2026/3/1", ("二、气",)),
    ]
    assert only(found).rows == {"表头": 1, "章节": 2, "措施": 3}
    read = only(found).read
    assert read is not None and any("又从头编起" in note and "表1第6行" in note for note in read.notes)


@pytest.mark.parametrize(
    ("cell", "roles"),
    [
        ("区水务局、\n区公安分局", {Role.LEAD_RESPONSIBLE: ["区水务局", "区公安分局"]}),
        ("牵头单位：区水务局\n配合单位：区财政局", {Role.LEAD: ["区水务局"], Role.ASSISTING: ["区财政局"]}),
        ("甲乙研究院、某某服务中心", {Role.LEAD_RESPONSIBLE: ["甲乙研究院", "某某服务中心"]}),
        ("——", {}),
    ],
)
def test_departments_as_plans_write_them_in_one_column(cell: str, roles: dict[Role, list[str]]) -> None:
    (measure,) = measures(seen(paragraph(TITLE), table([HEAD, [*ROW[:4], cell]])))
    assert {role: measure.names(role) for role in Role if measure.names(role)} == roles


def test_a_column_that_nobody_knows_is_asked_about_and_kept_or_left_as_answered() -> None:
    rows = [[*HEAD, "经费"], [*ROW, "300万元"]]
    asked = seen(paragraph(TITLE), table(rows))
    assert [question.name for question in asked.questions] == ["经费"]
    assert "随措施保留的说明" in {words for _, words in asked.questions[0].choices}
    kept = seen(paragraph(TITLE), table(rows), mapping={"经费": "extra"})
    assert measures(kept)[0].extras == (("经费", "300万元"),)
    left = seen(paragraph(TITLE), table(rows), mapping={"经费": "skip"})
    assert measures(left)[0].extras == () and left.characters["剔除：经费列"] == len("300万元")


def test_a_table_without_headings_is_named_by_its_place() -> None:
    odd = table([["甲", "乙", "丙"], ["1", "2", "3"]], 2)
    (question,) = seen(paragraph(TITLE), table([HEAD, ROW]), odd).questions
    assert question.name == "表2" and "第一行是“甲、乙、丙”" in question.words
    assert [value for value, _ in question.choices] == ["skip"]
    found = seen(paragraph(TITLE), table([HEAD, ROW]), odd, mapping={"表2": "skip"})
    assert len(measures(found)) == 1
    assert ("表格：按对照表略去", "表2第1行", "甲 乙 丙 1 2 3") in found.left
    again = table([["2", "节水", "更换水表。", "年底前", "区水务局"]], 2)
    assert len(measures(seen(paragraph(TITLE), table([HEAD, ROW]), again))) == 2  # it goes on


def test_two_columns_of_one_meaning_are_asked_about() -> None:
    rows = [[*HEAD[:4], "完成时间", "责任单位"], [*ROW[:4], "3月", "区水务局"]]
    found = seen(paragraph(TITLE), table(rows))
    assert [question.name for question in found.questions] == ["完成时限", "完成时间"]
    (measure,) = measures(seen(paragraph(TITLE), table(rows), mapping={"完成时间": "extra"}))
    assert measure.deadline == "年底前" and measure.extras == (("完成时间", "3月"),)


def test_a_letter_its_attachments_and_a_remark() -> None:
    found = seen(
        paragraph("密云区人民政府办公室关于印发两个计划的通知"),
        paragraph("各有关单位："),
        paragraph("现将两个2026年行动计划印发给你们，请认真贯彻落实。"),
        paragraph("附件1"),
        paragraph(TITLE),
        table([HEAD, ROW, ["注：责任单位按职责分工。", "<", "<", "<", "<"]]),
        paragraph("附件2"),
        paragraph("密云区噪声\n2026年行动计划（征求意见稿）"),
        table([HEAD, ROW], 2),
    )
    assert [(p.plan.id, p.marker, p.plan.status) for p in found.proposals] == [
        ("my-water-2026", "附件1", "final"),
        ("my-noise-2026", "附件2", "draft"),
    ]
    kinds = {kind for kind, _, _ in found.left}
    assert "印发通知" in kinds
    assert any("表注未入库" in note for note in (found.proposals[0].read or pytest.fail("no records")).notes)


def test_every_character_is_accounted_for_whatever_is_left_out() -> None:
    first = (paragraph("附件1"), paragraph(TITLE), table([HEAD, ROW]))
    blocks = (*first, paragraph("附件2"), table([HEAD, ROW], 2))
    document = Document("密云.docx", "docx", blocks)
    whole = sum(len("".join(line.split())) for line in _lines(document))
    for given in ({}, {0: Given(leave=True)}, {1: Given(leave=True)}):
        found = look(Path("密云.docx"), document, [], given)
        assert sum(found.characters.values()) == whole


def test_a_file_without_anything_to_read_is_told() -> None:
    with pytest.raises(SourceError, match="没有读到措施表，也没有成段的正文"):
        seen(paragraph(TITLE))
    with pytest.raises(OpenError):
        parts(Document("密云.docx", "docx", (table([["序号", "事由", "处理"], ["1", "甲", "乙"]]),)))


def _lines(document: Document) -> list[str]:
    found: list[str] = []
    for block in document.blocks:
        held = (block,) if isinstance(block, Paragraph) else block.cells
        found += [line for piece in held for line in piece.lines]
    return found
