"""Citations by id, in ALCE's sense, and lists as sets."""

from __future__ import annotations

from eval.metrics.case import Case, Metric
from eval.questions import EXACT


def precision(case: Case) -> float | None:
    """Share of the cited records that may be cited; None where nothing is cited or asked."""
    if case.question.refuse or not case.cited:
        return None
    allowed = {*case.question.gold, *case.question.also}
    return len(case.cited & allowed) / len(case.cited)


def recall(case: Case) -> float | None:
    """Share of the gold records that are cited; a refusal of an answerable question is 0."""
    if not case.question.gold:
        return None
    return len(case.cited & set(case.question.gold)) / len(case.question.gold)


def list_f1(case: Case) -> float | None:
    """F1 of the cited set against the gold set, for lists and counts."""
    if case.question.category not in EXACT:
        return None
    gold, cited = set(case.question.gold), case.cited - set(case.question.also)
    if not cited:
        return 0.0
    hits = len(cited & gold)
    return 2 * hits / (len(cited) + len(gold))


def list_exact(case: Case) -> float | None:
    """Whether the cited set is the gold set, for lists and counts."""
    f1 = list_f1(case)
    return None if f1 is None else float(f1 == 1.0)


METRICS = (
    Metric("citation_precision", "引用准确", precision),
    Metric("citation_recall", "引用完整", recall),
    Metric("list_f1", "清单 F1", list_f1),
    Metric("list_exact", "清单全对", list_exact),
)
