"""A published table with a notice around it, counted by hand: 国办发〔2018〕126号."""

from __future__ import annotations

from pathlib import Path

from corpus.addition import Given
from corpus.proposing import preview
from corpus.types import Role

PAGES = Path(__file__).parent / "formats" / "published"
# 序号 and how many departments its row names, read off the page.
ROWS = {
    1: 3,
    2: 2,
    3: 2,
    4: 2,
    5: 2,
    6: 8,
    7: 1,
    8: 2,
    9: 1,
    10: 1,
    11: 3,
    12: 2,
    13: 4,
    14: 2,
    21: 2,
    22: 3,
    23: 3,
}
LAST = ["国家发展改革委", "国务院国资委", "审计署"]


def test_every_row_and_department_of_the_list_of_23() -> None:
    (page,) = PAGES.glob("10_*.html")
    asked = preview(page, [], mapping={})
    assert [question.name for question in asked.questions] == ["推广范围"]
    of_nation = {part: Given(level="市", first_year=2018) for part in (0, 1)}
    found = preview(page, [], of_nation, {"推广范围": "extra"})
    notice, table = found.proposals
    assert notice.read is not None and table.read is not None
    assert notice.plan.prose and len(notice.read.passages) > 0
    assert table.rows == {"表头": 1, "章节": 5, "措施": 17}
    measures = {measure.number: measure for measure in table.read.measures}
    assert {number: len(measure.duties) for number, measure in measures.items()} == ROWS
    assert measures[23].names(Role.LEAD_RESPONSIBLE) == LAST
    assert measures[6].extras == (("推广范围", "8个改革试验区域"),)
    assert measures[21].path == ("五、管理体制创新方面（共3项）",)
    assert any("序号从14跳到21" in note for note in table.read.notes)  # the page leaves 15 to 20 out
    assert "附件" not in notice.plan.title and table.plan.title == "第二批支持创新相关改革举措推广清单"
