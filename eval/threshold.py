"""The trade-off of the threshold for refusing: what a lower or higher `support.ENOUGH` costs and brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from eval.questions import Question
from eval.runner import run_system
from eval.systems import EngineSystem
from rag import support
from rag.engine import Engine

STEPS = (-1.0, -0.6, -0.3, 0.0, 0.4, 0.8)  # from the threshold in use
METRICS = ("headline", "refusal_recall", "wrong_refusal")


@dataclass(frozen=True, slots=True)
class Point:
    """How one threshold does: shares over dev, and of the calls that no plan answers those refused."""

    threshold: float
    headline: float
    refusal_recall: float
    wrong_refusal: float
    outside: float


@contextmanager
def threshold(value: float) -> Iterator[None]:
    """`support.ENOUGH` is `value` inside. It is the module's own, so of every engine of this process."""
    before = support.ENOUGH
    support.ENOUGH = value
    try:
        yield
    finally:
        support.ENOUGH = before


def curve(
    engine: Engine,
    dev: Sequence[Question],
    outside: Sequence[Question],
    values: Sequence[float],
    progress: Callable[[], None] = lambda: None,
) -> list[Point]:
    """A point for each of `values`, each from a whole run of both sets of questions."""

    def shares(questions: Sequence[Question]) -> list[float]:
        run = run_system("", EngineSystem(engine), questions, engine.grounding, {}, progress)
        return [run["metrics"][name]["all"] or 0.0 for name in METRICS]

    points = []
    for value in values:
        with threshold(value):
            headline, refused, wrongly = shares(dev)
            points.append(Point(value, headline, refused, wrongly, shares(outside)[1]))
    return points
