"""Which measure of the city a district's answers: pairs that were judged by hand, and plain cases."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from rag.counterparts import THRESHOLD, Counterparts, counterparts
from rag.engine import Engine

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
