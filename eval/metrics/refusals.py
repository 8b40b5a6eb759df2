"""Refusing what the corpus does not hold, and only that."""

from __future__ import annotations

from eval.metrics.case import Case, Metric


def refused(case: Case) -> float | None:
    """Whether an unanswerable question is refused."""
    return float(case.refused) if case.question.refuse else None


def refused_rightly(case: Case) -> float | None:
    """Whether a refused question is unanswerable."""
    return float(case.question.refuse) if case.refused else None


def wrongly_refused(case: Case) -> float | None:
    """Whether an answerable question is refused, or not answered at all."""
    return None if case.question.refuse else float(case.refused or not case.answer)


def clarified(case: Case) -> float | None:
    """Whether an ambiguous question is answered by its candidates or asked back with some."""
    if not case.question.clarify:
        return None
    gold = set(case.question.gold)
    asked = bool(case.answer.get("clarify")) and bool(gold & case.cited)
    return float(asked or (gold <= case.cited and not case.refused))


METRICS = (
    Metric("refusal_recall", "该拒则拒", refused),
    Metric("refusal_precision", "拒而不误", refused_rightly),
    Metric("wrong_refusal", "误拒", wrongly_refused),
    Metric("clarify", "澄清", clarified),
)
