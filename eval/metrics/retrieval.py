"""Retrieval, through ir-measures: recall@k, reciprocal rank, nDCG@10 of the gold records.

Counted for single-turn, answerable questions with at most five gold records that ask for
particular ones (no list, count, outline, ambiguous), as the design has it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import ir_measures
from ir_measures import RR, Qrel, R, ScoredDoc, nDCG

from eval.metrics.case import Case, Metric

MOST_GOLD = 5
_LEFT_OUT = ("list", "count", "outline", "ambiguous")
_MEASURES = {"recall@1": R @ 1, "recall@5": R @ 5, "recall@10": R @ 10, "mrr": RR, "ndcg@10": nDCG @ 10}


def counts(case: Case) -> bool:
    """Whether a case is counted for retrieval."""
    question = case.question
    single = not question.history and not question.refuse and question.category not in _LEFT_OUT
    return single and 0 < len(question.gold) <= MOST_GOLD


@lru_cache(maxsize=4096)
def _scores(question: str, gold: tuple[str, ...], hits: tuple[str, ...]) -> dict[str, float]:
    judged = [Qrel(question, record, 1) for record in gold]
    ranked = [ScoredDoc(question, record, 1 / (n + 1)) for n, record in enumerate(hits)]
    if not ranked:
        return dict.fromkeys(_MEASURES, 0.0)
    named = {measure: name for name, measure in _MEASURES.items()}
    found = ir_measures.iter_calc(list(named), judged, ranked)
    return {named[metric.measure]: float(metric.value) for metric in found}


def _metric(name: str) -> Callable[[Case], float | None]:
    def score(case: Case) -> float | None:
        if not counts(case):
            return None
        return _scores(case.question.id, case.question.gold, case.hits)[name]

    return score


METRICS = tuple(Metric(name, name, _metric(name)) for name in _MEASURES)
