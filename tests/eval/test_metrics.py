"""Metrics on answers made by hand; a missing answer never lifts a mean."""

from __future__ import annotations

from typing import Any

import pytest

from eval.metrics import ALL, Case
from eval.metrics.answers import reasons
from eval.questions import Question
from eval.runner import compare, interval, summarise
from rag.engine import Engine

METRICS = {metric.name: metric.score for metric in ALL}


def answer(*cited: str, text: str = "", **more: Any) -> dict[str, Any]:
    return {"answer": text, "citations": [{"id": i} for i in cited], "statements": []} | more


def fact(**more: Any) -> Question:
    return Question("1", "fact", "q", gold=("a", "b"), also=("c",), answers=(("45%", "百分之45"),), **more)


def test_retrieval_counts_gold_among_the_hits() -> None:
    case = Case(fact(), answer(), ("x", "a", "y", "b"))
    assert METRICS["recall@1"](case) == 0
    assert METRICS["recall@5"](case) == 1
    assert METRICS["mrr"](case) == 0.5
    assert METRICS["recall@5"](Case(fact(history=("earlier",)), answer())) is None
    assert METRICS["recall@5"](Case(fact(), answer(), ())) == 0


def test_citations_are_counted_by_id() -> None:
    case = Case(fact(), answer("a", "c", "x"))
    assert METRICS["citation_recall"](case) == 0.5
    assert METRICS["citation_precision"](case) == pytest.approx(2 / 3)
    assert METRICS["citation_precision"](Case(fact(), answer())) is None
    assert METRICS["citation_recall"](Case(fact(), {})) == 0


def test_a_list_is_right_only_as_the_exact_set() -> None:
    listing = Question("1", "list", "q", gold=("a", "b"), also=("c",))
    assert METRICS["list_exact"](Case(listing, answer("a", "b", "c"))) == 1
    assert METRICS["list_exact"](Case(listing, answer("a", "b", "x"))) == 0
    assert METRICS["list_f1"](Case(listing, answer("a"))) == pytest.approx(2 / 3)


def test_answers_match_in_normal_form() -> None:
    assert METRICS["answers"](Case(fact(), answer(text="达到４５ %以上"))) == 1
    assert METRICS["figures"](Case(fact(), answer(text="达到四成"))) == 0
    assert METRICS["figures"](Case(fact(), answer(text="达到145%"))) == 0


def test_departments_must_have_their_very_role() -> None:
    duty = Question("1", "duty", "q", gold=("a",), departments={"lead": ("区水务局",)})
    given = {"name": "延庆区水务局", "as_printed": "区水务局", "role": "lead", "citation": "a"}
    assert METRICS["duties"](Case(duty, answer("a", departments=[given]))) == 1
    assert METRICS["duties"](Case(duty, answer("a", departments=[given | {"role": "assisting"}]))) == 0
    more = given | {"as_printed": "区财政局"}
    assert METRICS["duties"](Case(duty, answer("a", departments=[given, more]))) == 0


def test_a_sentence_outside_the_statements_is_not_grounded(engine: Engine) -> None:
    said = engine.ask("北京市可再生能源供热面积占比2026年要达到多少？").as_json()
    question = fact()
    assert METRICS["grounded"](Case(question, said, grounding=engine.grounding)) == 1
    added = said | {"answer": said["answer"] + "另需缴费300元。"}
    assert METRICS["grounded"](Case(question, added, grounding=engine.grounding)) < 1  # type: ignore[operator]
    assert METRICS["grounded"](Case(question, {}, grounding=engine.grounding)) == 0
    assert METRICS["grounded"](Case(question, {"refused": True}, grounding=engine.grounding)) is None


def test_a_count_is_grounded_in_the_ids_that_it_cites(engine: Engine) -> None:
    def share(text: str, *ids: str) -> float | None:
        statement = {"text": text, "kind": "computed", "citations": list(ids)}
        return METRICS["grounded"](
            Case(fact(), answer(text=text, statements=[statement]), grounding=engine.grounding)
        )

    two = ("bj-green-2026/19/1", "bj-green-2026/19/2")
    assert share("措施共2条（市绿色低碳2条）。", *two) == 1
    assert share("措施共3条（市绿色低碳3条）。", *two) == 0
    assert share("措施共2条（市绿色低碳2条），占99%。", *two) == 0
    assert share("措施共1条。", "zz/1") == 0


def test_asking_back_counts_with_candidates_alone() -> None:
    ambiguous = Question("1", "ambiguous", "q", gold=("a", "b"), clarify=True)
    assert METRICS["clarify"](Case(ambiguous, answer("a", clarify=True))) == 1
    assert METRICS["clarify"](Case(ambiguous, answer(clarify=True))) == 0


def test_the_headline_wants_everything() -> None:
    right = Case(fact(wrong=("52%",)), answer("a", "b", text="45%"))
    assert reasons(right) == []
    for wrong in (
        answer("a", text="45%"),
        answer("a", "b", text="46%"),
        answer("a", "b", text="45%，不是52%"),
        answer("a", "b", text="45%", refused=True),
        {},
    ):
        assert reasons(Case(right.question, wrong))


def test_refusals_are_counted_both_ways() -> None:
    no = Question("1", "unanswerable", "q", refuse=True)
    assert METRICS["refusal_recall"](Case(no, answer(refused=True))) == 1
    assert METRICS["refusal_recall"](Case(no, {})) == 0
    assert METRICS["refusal_precision"](Case(no, answer(refused=True))) == 1
    assert METRICS["refusal_precision"](Case(no, {})) is None
    assert METRICS["wrong_refusal"](Case(fact(), answer(refused=True))) == 1
    assert METRICS["wrong_refusal"](Case(fact(), {})) == 1
    assert METRICS["wrong_refusal"](Case(no, answer())) is None


def result(number: int, score: float) -> dict[str, Any]:
    scores = dict.fromkeys(METRICS, None) | {"headline": score}
    return {"id": str(number), "category": "fact", "scores": scores, "latency_ms": float(number)}


def test_the_summary_is_the_mean_and_the_comparison_is_paired() -> None:
    a = {"name": "a", "results": [result(n, float(n % 2)) for n in range(100)]}
    b = {"name": "b", "results": [result(n, 1.0) for n in range(100)]}
    assert summarise(a["results"])["headline"]["all"] == 0.5  # type: ignore[arg-type]
    assert summarise(a["results"])["latency_p99"]["all"] == 98  # type: ignore[arg-type]
    (row,) = compare(a, b)
    assert row["difference"] == 0.5
    assert 0.35 < row["low"] < 0.5 < row["high"] < 0.65
    (none,) = compare(a, a)
    assert none["low"] == none["high"] == 0


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(81, 263, 0.255, 0.366), (15, 148, 0.062, 0.160), (0, 20, 0.0, 0.161), (1, 29, 0.006, 0.172)],
)
def test_the_interval_is_wilson_s(right: int, n: int, low: float, high: float) -> None:
    """The examples of Newcombe (Statistics in Medicine, 1998), table I, method 3."""
    assert interval(right / n, n) == pytest.approx((low, high), abs=0.0006)
