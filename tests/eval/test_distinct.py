"""Questions for the benchmarks of speed: all different, and mostly answered."""

from __future__ import annotations

from itertools import islice

from eval.distinct import ASKING, distinct
from rag.engine import Engine


def test_tens_of_thousands_of_questions_are_all_different_and_the_same_each_time(engine: Engine) -> None:
    many = list(islice(distinct(engine.store), 60_000))
    assert len(set(many)) == 60_000
    assert many == list(islice(distinct(engine.store), 60_000))
    assert {ending for ending in ASKING if any(q.endswith(ending) for q in many[:100])} == set(ASKING)


def test_most_of_them_are_answered(engine: Engine) -> None:
    asked = list(islice(distinct(engine.store), 0, 40_000, 200))
    refused = [question for question in asked if engine.ask(question).refused]
    assert len(refused) <= 0.12 * len(asked)
