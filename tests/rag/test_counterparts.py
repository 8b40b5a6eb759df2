"""Which measure of the city a district's answers: pairs that were judged by hand, and plain cases."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rag.counterparts import THRESHOLD, Counterparts, Pair, subject
from rag.engine import Engine
from rag.near import Searched, counterparts

PAIRS = Path(__file__).with_name("counterpart_pairs.csv")


@pytest.fixture(scope="module")
def found(engine: Engine) -> Counterparts:
    return counterparts(engine)


def judged(use: str) -> list[tuple[str, str, bool]]:
    lines = [line for line in PAIRS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = [row for row in csv.DictReader(lines) if row["use"] == use]
    return [(row["district"], row["city"], row["answers"] == "1") for row in rows]


@pytest.mark.parametrize("use", ["fit", "check"])
def test_what_is_told_as_an_answer_is_one(found: Counterparts, use: str) -> None:
    """Most of these pairs lie around the threshold; over all measures both figures are higher."""
    pairs = judged(use)
    assert len(pairs) >= 45
    told = {pair for pair in found.nearest.values() if pair.similarity >= THRESHOLD}
    claimed = {(pair.district, pair.city) for pair in told}
    right = sum(answers for one, other, answers in pairs if (one, other) in claimed)
    wrong = sum(not answers for one, other, answers in pairs if (one, other) in claimed)
    real = sum(answers for *_, answers in pairs)
    precision, recall = right / (right + wrong), right / real
    assert precision >= 0.95
    assert recall >= 0.7


@pytest.mark.parametrize(
    ("district", "city"),
    [
        ("hr-green-2026/11/1", "bj-green-2026/13/1"),  # 海绵城市
        ("yq-green-2026/11/1", "bj-green-2026/13/1"),
        ("yq-governance-2026/2/3", "bj-governance-2026/3/3"),  # 秸秆露天焚烧
    ],
)
def test_the_same_matter_is_found_from_either_side(found: Counterparts, district: str, city: str) -> None:
    assert [pair.city for pair in found.of(district)] == [city]
    assert district in [pair.district for pair in found.of(city)]


def test_a_measure_without_a_counterpart_has_none(found: Counterparts) -> None:
    assert found.of("yq-pollution-2026/14/3") == []  # 文明祭扫
    assert found.of("yq-pollution-2026/14/3", threshold=0)
    assert found.of("bj-eco-145/3.1.1/2") == []


def test_every_measure_of_a_district_has_a_nearest_one(found: Counterparts, engine: Engine) -> None:
    levels = {plan.id: plan.level for plan in engine.store.plans.values()}
    assert len(found.nearest) == 306
    for pair in found.nearest.values():
        assert levels[pair.district.split("/")[0]] == "区"
        assert levels[pair.city.split("/")[0]] == "市"
        assert 0 <= pair.similarity <= 1.0001
    assert counterparts(engine) is found


def test_a_plan_is_compared_where_the_other_level_has_one_on_its_matter(
    found: Counterparts, engine: Engine
) -> None:
    plans = engine.store.plans
    on = {plan.short: subject(plan) for plan in plans.values()}
    assert on["市绿色低碳"] == on["延庆绿色低碳"] == on["怀柔绿色低碳"] == "绿色低碳"
    assert on["延庆污染防治"] == "污染防治"
    left_out = [plan.short for plan in found.plans if plan.district and not found.compared(plan, "")]
    assert left_out == ["延庆污染防治", "延庆指标"]
    assert found.districts == ("延庆区", "怀柔区")
    assert found.compared(plans["bj-governance-2026"], "延庆区")
    assert not found.compared(plans["bj-governance-2026"], "怀柔区")
    new = replace(plans["hr-green-2026"], id="my-green-2026", short="密云区绿色低碳", district="密云区")
    assert found.compared(new, "")
    assert not found.compared(replace(new, short="密云污染防治"), "")


def test_what_a_district_has_not_taken_up(found: Counterparts, engine: Engine) -> None:
    for district, number in (("延庆区", 148), ("怀柔区", 148)):
        nearest = found.nearest_in[district]
        assert len(nearest) == number
        assert all(pair.city == one for one, pair in nearest.items())
        assert {engine.store.plans[pair.district.split("/")[0]].district for pair in nearest.values()} == {
            district
        }
    assert found.nearest_in["怀柔区"]["bj-green-2026/13/1"].district == "hr-green-2026/11/1"
    assert found.nearest_in["怀柔区"]["bj-green-2026/38/1"].similarity < THRESHOLD  # 大运河
    assert [pair.district for pair in found.alike("bj-green-2026/4/1")] == [
        "hr-green-2026/3/1",
        "yq-green-2026/3/1",
    ]
    assert found.alike("hr-green-2026/11/1") == found.of("hr-green-2026/11/1")


def test_a_search_finds_what_all_pairs_give(found: Counterparts, engine: Engine) -> None:
    """What a large store is asked measure by measure, for every measure of this one."""
    searched = Searched(engine.store, engine.editions.current, engine.index.vectors)
    assert searched.plans == found.plans
    assert list(searched.nearest) == list(found.nearest)
    same = [(searched.nearest, found.nearest)]
    same += [(searched.nearest_in[district], pairs) for district, pairs in found.nearest_in.items()]
    for asked, pairs in same:
        assert len(asked) == len(pairs)
        for one, pair in pairs.items():
            assert asked[one].similarity == pytest.approx(pair.similarity, abs=1e-5)
        assert sum(asked[one].city == pair.city for one, pair in pairs.items()) >= len(pairs) - 1  # a tie
    every = (*found.nearest, *found.nearest_in["怀柔区"], "bj-eco-145/3.1.1/2")
    for one in every:
        assert either_order(searched.of(one)) == either_order(found.of(one))
        assert either_order(searched.alike(one)) == either_order(found.alike(one))
    assert "bj-eco-145/3.1.1/2" not in searched.nearest
    assert searched.of("no-such-plan-2026/1/1") == []


def either_order(pairs: Sequence[Pair]) -> list[tuple[float, str, str]]:
    """Pairs nearest first; of those as near as each other either may come first."""
    rounded = [(-round(pair.similarity, 4), pair.district, pair.city) for pair in pairs]
    assert [near for near, *_ in rounded] == sorted(near for near, *_ in rounded)
    return sorted(rounded)
