"""The trade-off of the threshold for refusing."""

from __future__ import annotations

import pytest

from eval.questions import BUNDLED, read_questions
from eval.threshold import curve, threshold
from rag import support
from rag.engine import Engine


def test_the_threshold_is_put_back_whatever_happens() -> None:
    before = support.ENOUGH
    with pytest.raises(ZeroDivisionError), threshold(before + 1):
        assert before + 1 == support.ENOUGH
        _ = 1 / 0
    assert before == support.ENOUGH


def test_a_higher_threshold_refuses_more(engine: Engine) -> None:
    dev = [q for q in read_questions(BUNDLED / "dev.jsonl") if q.category in ("complaint", "unanswerable")]
    outside = read_questions(BUNDLED / "outside-dev.jsonl")
    low, now, high = curve(engine, dev, outside, (0.0, support.ENOUGH, 99.0))
    assert low.outside < now.outside <= high.outside
    assert low.refusal_recall < now.refusal_recall <= high.refusal_recall
    assert low.wrong_refusal < now.wrong_refusal < high.wrong_refusal
    assert high.headline < now.headline
