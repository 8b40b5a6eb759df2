"""What is hard about the source documents, trap by trap (shared seeds README)."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.ingest import Corpus
from corpus.normal import normal
from corpus.types import Measure, Role


@pytest.fixture(scope="module")
def measures(corpus: Corpus) -> dict[str, Measure]:
    return {m.id: m for entry in corpus.plans for m in entry.measures}


def notes(corpus: Corpus, plan: str) -> str:
    return "\n".join(next(e.notes for e in corpus.plans if e.plan.id == plan))


def test_a_number_that_returns_after_a_page_break_continues_its_task(
    corpus: Corpus, measures: dict[str, Measure]
) -> None:
    assert measures["bj-green-2026/36/4"].task == "统筹推进生态保护修复"
    assert "统筹推进实施生态保护修复" in notes(corpus, "bj-green-2026")
    assert measures["bj-governance-2026/11/6"].text.startswith("加强工作统筹谋划")
    assert measures["yq-pollution-2026/3/6"].text.startswith("推进公共领域车新能源化")
    assert measures["yq-indicators-2026/6/1"].category == "约束性指标"


def test_a_merged_lead_cell_is_lead_and_responsible_together(measures: dict[str, Measure]) -> None:
    target = measures["bj-green-2026/1/1"]
    assert target.names(Role.LEAD_RESPONSIBLE) == ["市发展改革委", "各区政府", "北京经济技术开发区管委会"]
    assert not target.names(Role.LEAD)
    assert not target.names(Role.RESPONSIBLE)
    six_cells = measures["yq-pollution-2026/3/2"]
    assert six_cells.names(Role.LEAD_RESPONSIBLE) == ["区交通局"]
    assert six_cells.names(Role.ASSISTING) == ["区商务局"]


def test_a_dash_that_slid_left_does_not_make_a_responsible_department(
    corpus: Corpus, measures: dict[str, Measure]
) -> None:
    slid = measures["bj-governance-2026/9/1"]
    assert slid.names(Role.LEAD_RESPONSIBLE) == ["城市副中心党工委管委会", "通州区政府"]
    assert not slid.names(Role.RESPONSIBLE) + slid.names(Role.ASSISTING)
    assert "bj-governance-2026/9/1：协办单位的“——”印到了主责单位一格" in notes(corpus, "bj-governance-2026")


def test_a_row_without_department_cells_inherits_those_above(measures: dict[str, Measure]) -> None:
    above, row = measures["bj-governance-2026/11/5"], measures["bj-governance-2026/11/6"]
    assert row.deadline == "10 月底"
    assert [d.printed for d in row.duties] == [d.printed for d in above.duties]
    assert all(duty.inferred for duty in row.duties)
    assert row.inferred


def test_a_misprint_stays_as_printed_and_is_found_as_meant(measures: dict[str, Measure]) -> None:
    misprint = measures["bj-green-2026/27/1"]
    assert "(ED)" in misprint.text
    assert "EI" in misprint.search_extra


def test_one_file_holds_four_draft_attachments(corpus: Corpus) -> None:
    drafts = [entry.plan for entry in corpus.plans if entry.plan.status == "draft"]
    assert [plan.id for plan in drafts] == [
        "yq-pollution-2026", "yq-green-2026", "yq-governance-2026", "yq-indicators-2026",
    ]  # fmt: skip
    assert {plan.file for plan in drafts} == {"yq-2026-draft.txt"}


def test_indicators_have_target_and_category_down_the_rows(measures: dict[str, Measure]) -> None:
    indicator = measures["yq-indicators-2026/14/1"]
    assert indicator.text == "累计非道路移动机械新能源化率"
    assert indicator.target == "30%"
    assert indicator.category == "结构减排"
    assert indicator.due[0].end == date(2026, 12, 31)


def test_page_footers_and_bookmarks_leave_no_trace(measures: dict[str, Measure]) -> None:
    split = measures["hr-green-2026/6/2"]
    assert split.text.endswith("绿电占比超过60%。")
    assert split.names(Role.LEAD_RESPONSIBLE) == ["区经济和信息化局", "区发展改革委", "区生态环境局"]
    printed = [m.text + m.task + (m.deadline or "") + "".join(m.path) for m in measures.values()]
    assert not any("— 2" in text or "— 3" in text or "bookmark" in text for text in printed)


def test_a_number_that_slid_and_one_that_is_lost(corpus: Corpus, measures: dict[str, Measure]) -> None:
    assert measures["hr-green-2026/31/1"].task == "加强重要生态空间监督管理"
    assert measures["hr-green-2026/30/2"].names(Role.ASSISTING) == ["市规划和自然资源委员会怀柔分局"]
    lost = measures["hr-green-2026/35/1"]
    assert lost.task == "开展GEP—R核算和应用"
    assert any("35" in note for note in lost.inferred)
    assert measures["hr-green-2026/34/2"].names(Role.ASSISTING) == ["公安分局"]
    assert "序号35在原文中缺失" in notes(corpus, "hr-green-2026")


def test_an_empty_deadline_is_the_one_above(measures: dict[str, Measure]) -> None:
    row = measures["hr-green-2026/2/2"]
    assert row.deadline == "年底前"
    assert row.inferred


@pytest.mark.parametrize(
    ("measure", "printed", "name"),
    [
        ("yq-pollution-2026/3/9", "市规划自然资源委延庆分局", "北京市规划和自然资源委员会延庆分局"),
        ("hr-green-2026/24/1", "市规划和自然资源委员会怀柔分局", "北京市规划和自然资源委员会怀柔分局"),
        ("hr-green-2026/36/1", "区委生态文明委成员单位", "怀柔区委生态文明委成员单位"),
        ("yq-governance-2026/13/1", "区城市管理指挥中心", "延庆区城市管理指挥中心"),
        ("bj-green-2026/4/2", "市委金融委员会办公室", "北京市委金融委员会办公室"),
        ("bj-green-2026/38/2", "城市副中心党工委管委会", "北京城市副中心党工委管委会"),
        ("bj-green-2026/39/2", "北京经济技术开发区管委会", "北京经济技术开发区管委会"),
        ("bj-governance-2026/10/1", "中国人民银行北京市分行", "中国人民银行北京市分行"),
        ("bj-green-2026/8/2", "市科委、中关村管委会", "北京市科委、中关村管委会"),
        ("yq-pollution-2026/1/1", "区科信局（中关村延庆园管委会）", "延庆区科信局（中关村延庆园管委会）"),
        ("bj-governance-2026/10/1", "市发展和改革委员会", "北京市发展改革委"),
        ("bj-governance-2026/10/1", "市经济信息化局", "北京市经济和信息化局"),
    ],
)
def test_broken_and_compound_names_are_one_body(
    measures: dict[str, Measure], measure: str, printed: str, name: str
) -> None:
    assert (printed, name) in {(d.printed, d.department) for d in measures[measure].duties}


def test_open_ended_and_collective_duties_are_marked(measures: dict[str, Measure]) -> None:
    duties = {d.printed: d for d in measures["bj-green-2026/5/1"].duties}
    assert duties["市交通委"].open_ended
    assert not duties["各区政府"].open_ended
    assert duties["各区政府"].collective
    assert not any("等部门" in d.printed for m in measures.values() for d in m.duties)
    towns = next(d for d in measures["yq-pollution-2026/13/2"].duties)
    assert (towns.printed, towns.department, towns.collective) == ("各街乡镇", "延庆区各街乡镇", True)


def test_the_deadline_in_the_text_stands_beside_the_column(measures: dict[str, Measure]) -> None:
    due = measures["bj-governance-2026/11/3"].due
    assert [(d.basis, d.end) for d in due] == [("column", date(2026, 12, 31)), ("text", date(2026, 3, 31))]


def test_half_and_full_width_have_one_normal_form(measures: dict[str, Measure]) -> None:
    assert "pm2.5、总悬浮颗粒物(tsp)" in normal(measures["bj-governance-2026/15/1"].text)
    assert "利用率达80%以上" in normal(measures["bj-green-2026/8/2"].text)
    assert "gep-r" in normal(measures["bj-green-2026/39/1"].text)
