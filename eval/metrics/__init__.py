"""Metrics: each declared apart from the runner. `ALL` is the order in which a report shows them."""

from eval.metrics import answers, citations, grounded, refusals, retrieval, writing
from eval.metrics.case import Case, Metric

ALL: tuple[Metric, ...] = (
    answers.HEADLINE,
    *retrieval.METRICS,
    *citations.METRICS,
    *answers.METRICS,
    grounded.GROUNDED,
    *refusals.METRICS,
    *writing.METRICS,
)

__all__ = ["ALL", "Case", "Metric"]
