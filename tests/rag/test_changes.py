"""What changed between two editions of a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.deadlines import read_due
from corpus.ingest import Corpus, PlanRecords, read_corpus
from corpus.types import Duty, Measure, Record, Role
from rag.change_rows import as_rows, changed_from_draft, summary
from rag.changes import WHEREABOUTS, Change, Differences, Kind, differences
from rag.figures import Figure
from rag.reworded import reworded
from tests.edited_plans import Edited, edition

PLANS = ("bj-green-2026", "yq-pollution-2026", "yq-indicators-2026", "hr-green-2026")
NEW = {
    "bj-green-2026": "yq-pollution-2026",
    "yq-pollution-2026": "bj-green-2026",
    "yq-indicators-2026": "bj-governance-2026",
    "hr-green-2026": "yq-governance-2026",
}
"""Where the measures come from that an edition gains: plans on another matter."""
TEXTS = st.text("建设3.5个（Ａ） 处，年底前1万", max_size=24)


@lru_cache(maxsize=1)
def corpus() -> Corpus:
    """Not the fixture: hypothesis prints a failing test's arguments."""
    return read_corpus()


def plan_of(plan: str) -> PlanRecords:
    return next(entry for entry in corpus().plans if entry.plan.id == plan)


def kinds(changes: Sequence[Change]) -> set[Kind]:
    return {change.kind for change in changes} - WHEREABOUTS


def changed(one: Measure, **fields: object) -> Differences:
    return differences([one], [replace(one, **fields)])


@pytest.fixture
def measure() -> Measure:
    """延庆绿色低碳·第11项: 海绵城市 52%."""
    return next(m for m in plan_of("yq-green-2026").measures if m.number == 11)


def with_deadline(one: Measure, words: str, year: int = 2026) -> Measure:
    kept = tuple(due for due in one.due if due.basis != "column")
    return replace(one, deadline=words, due=(*read_due(words, year, "column"), *kept))


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 999), plan=st.sampled_from(PLANS), rework=st.sampled_from((0.1, 0.2, 0.3)))
def test_an_edited_plan_is_accounted_for_and_its_edits_are_found(seed: int, plan: str, rework: float) -> None:
    before = plan_of(plan).measures
    made = edition(before, plan_of(NEW[plan]).measures, seed, rework=rework)
    found = differences(before, made.measures)
    every_record_once(before, made.measures, found)
    mirrored(found, differences(made.measures, before))
    edits_found(made, before, found)


def every_record_once(before: Sequence[Record], after: Sequence[Record], found: Differences) -> None:
    earlier = [*found.dropped, *(pair.before for pair in found.pairs)]
    later = [*found.added, *(pair.after for pair in found.pairs)]
    assert sorted(r.id for r in earlier) == sorted(r.id for r in before)
    assert sorted(r.id for r in later) == sorted(r.id for r in after)
    assert len(found.changed) + len(found.moved) + len(found.same) == len(found.pairs)


def mirrored(found: Differences, back: Differences) -> None:
    assert {r.id for r in found.added} == {r.id for r in back.dropped}
    assert {r.id for r in found.dropped} == {r.id for r in back.added}
    assert {i: r.id for i, r in found.split.items()} == {i: r.id for i, r in back.merged.items()}
    there = {(p.before.id, p.after.id): Counter(p.changes) for p in found.pairs}
    again = {
        (p.after.id, p.before.id): Counter(
            replace(c, before=c.after, after=c.before, old=c.new, new=c.old) for c in p.changes
        )
        for p in back.pairs
    }
    assert there == again


def edits_found(made: Edited, before: Sequence[Measure], found: Differences) -> None:
    """No pair is wrong, hardly one is missed, and of a pair every kind of change is found and no other."""
    halved = set(made.halves.values())
    missed = 0
    got = {p.after.id: p for p in found.pairs}
    for after, origin in made.origin.items():
        pair = got.get(after)
        if pair is None:
            missed += origin is not None and origin not in halved
            continue
        assert pair.before.id == (origin or made.halves.get(after)), (pair.before.text, pair.after.text)
        if origin and origin not in halved:
            assert kinds(pair.changes) == made.edits[after], pair.after.text
    assert missed <= 1
    assert all(found.split[i].id == half for i, half in made.halves.items() if i in found.split)


@pytest.mark.parametrize("plan", ["bj-green-2026", "bj-eco-145"])
def test_a_plan_is_the_same_as_itself(plan: str) -> None:
    records = plan_of(plan).records
    found = differences(records, records)
    assert len(found.same) == len(records)
    assert summary(found) == f"新增0条、删去0条、修改0条、移动0条、未变{len(records)}条。"


def test_a_figure_is_told_as_printed_and_as_a_number(measure: Measure) -> None:
    (pair,) = changed(measure, text=measure.text.replace("52%", "56%")).pairs
    (change,) = pair.changes
    assert (change.kind, change.old, change.new) == (
        Kind.FIGURE,
        Figure(Decimal(52), "%"),
        Figure(Decimal(56), "%"),
    )
    assert ("52%", True) in change.before and ("56%", True) in change.after


def test_figures_that_change_places_are_found(measure: Measure) -> None:
    one = replace(measure, text="建成小区8处，示范区4处。")
    (pair,) = changed(one, text="建成小区4处，示范区8处。").pairs
    assert [(str(c.old), str(c.new)) for c in pair.changes] == [("8处", "4处"), ("4处", "8处")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("达到1.8万亩", "达到18000亩"),
        ("年底前完成", "12月底前完成"),
        ("PM2.5（细颗粒物）", "ＰＭ2.5(细颗粒物)"),
    ],
)
def test_the_same_in_another_form_is_no_change(measure: Measure, before: str, after: str) -> None:
    (pair,) = changed(replace(measure, text=before), text=after).pairs
    assert pair.changes == ()


def test_a_deadline_is_compared_by_its_date(measure: Measure) -> None:
    one = with_deadline(measure, "10月底前")
    (later,) = differences([one], [with_deadline(measure, "11月底前")]).pairs
    assert [(c.kind, c.item) for c in later.changes] == [(Kind.DEADLINE, "完成时限")]
    (same,) = differences([with_deadline(measure, "年底前")], [with_deadline(measure, "12月底前")]).pairs
    assert kinds(same.changes) == {Kind.WORDING}


def test_the_own_year_of_each_plan_is_the_same(measure: Measure) -> None:
    """From 2025 to 2026, 到2025年底 and 到2026年底 are both the end of the year; 2030年 stays 2030年."""
    plan = plan_of("yq-green-2026").plan
    years = replace(plan, year=2025), plan
    text = "到{}年底前完成2项，{}年要点，到2030年建成。"
    one = with_deadline(replace(measure, text=text.format(2025, 2025)), "2025年10月底前", 2025)
    other = with_deadline(replace(measure, text=text.format(2026, 2026)), "10月底前")
    (pair,) = differences([one], [other], years).pairs
    assert kinds(pair.changes) == {Kind.WORDING}  # the column says it in other words
    late = replace(other, text=other.text.replace("2030", "2035"))
    (pair,) = differences([one], [late], years).pairs
    assert Kind.DEADLINE in kinds(pair.changes)


def test_departments_are_compared_by_full_names_and_roles(measure: Measure) -> None:
    def duty(printed: str, full: str, role: Role) -> Duty:
        return Duty(printed, full, role)

    short = (duty("市发展改革委", "北京市发展和改革委员会", Role.LEAD_RESPONSIBLE),)
    long = (
        duty("市发展和改革委员会", "北京市发展和改革委员会", Role.LEAD),
        duty("市发展和改革委员会", "北京市发展和改革委员会", Role.RESPONSIBLE),
    )
    one = replace(measure, duties=short)
    assert changed(one, duties=long).pairs[0].changes == ()
    assisting = (replace(short[0], role=Role.ASSISTING),)
    changes = changed(one, duties=assisting).pairs[0].changes
    assert [(c.item, c.old, c.new) for c in changes] == [
        ("牵头/主责", ("北京市发展和改革委员会",), ()),
        ("协办单位", (), ("北京市发展和改革委员会",)),
    ]


def test_a_final_text_is_told_against_its_draft(measure: Measure) -> None:
    water = Duty("区水务局", "延庆区水务局", Role.LEAD)
    eco = Duty("区生态环境局", "延庆区生态环境局", Role.LEAD)
    draft = replace(with_deadline(measure, "10月底前"), duties=(water,), target="26微克/立方米")
    final = replace(with_deadline(measure, "11月底前"), duties=(eco,), target="25微克/立方米", number=12)
    assert changed_from_draft(final, differences([draft], [final])) == (
        "较征求意见稿：完成时限由10月底前改为11月底前；年终目标由26微克/立方米改为25微克/立方米；"
        "牵头部门由区水务局改为区生态环境局。"
    )
    reworded_only = replace(draft, text=draft.text.replace("。", "；"), number=3)
    assert changed_from_draft(reworded_only, differences([draft], [reworded_only])) == ""
    assert changed_from_draft(final, differences([], [final])) == "较征求意见稿：本条为新增。"


def test_rows_put_in_renumber_the_rest_and_move_nothing() -> None:
    before = plan_of("yq-governance-2026").measures
    new = replace(plan_of("bj-green-2026").measures[0], id="x/1/1")
    later = [replace(m, number=m.number + 1, id=f"x/{m.number + 1}/{m.item}") for m in before]
    rows = as_rows(differences(before, [new, *later]), lambda record_id: record_id)
    assert Counter(row.group for row in rows) == {"新增": 1, "编号顺延": len(before)}
    taken = [*later[1:], replace(later[0], number=40, id="x/40/1", task="其他")]
    rows = as_rows(differences(before, taken), lambda record_id: record_id)
    assert [(row.item, row.note) for row in rows if row.group == "位置"] == [
        ("重点任务", ""),
        ("编号", "移至第40项第1条"),
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.text("建设3.5个（Ａ） 处，年底前1万", max_size=24),
    st.text("建设3.5个（Ａ） 处，年底前1万", max_size=24),
)
def test_marked_texts_are_the_texts_and_either_side_finds_the_same(before: str, after: str) -> None:
    found, back = reworded(before, after, (2026, 2026)), reworded(after, before, (2026, 2026))
    assert "".join(text for text, _ in found.before) == before
    assert "".join(text for text, _ in found.after) == after
    assert (found.before, found.after, found.words) == (back.after, back.before, back.words)
