"""What a language model wrote, before and after the check. None where no model worded the answer."""

from __future__ import annotations

from typing import Any

from eval.metrics.case import Case, Metric
from eval.metrics.grounded import stands


def _share(case: Case, *counted: str) -> float | None:
    written: dict[str, Any] = case.answer.get("writing") or {}
    if not written.get("sentences"):
        return None
    return float(sum(written[name] for name in counted)) / float(written["sentences"])


def before(case: Case) -> float | None:
    """Share of the model's sentences that the check passed as they were written."""
    return _share(case, "supported")


def mended(case: Case) -> float | None:
    """Share of them that it passed at the second attempt."""
    return _share(case, "repaired")


def replaced(case: Case) -> float | None:
    """Share of them in whose place the plan's own words stand, or nothing."""
    return _share(case, "replaced", "dropped")


def after(case: Case) -> float | None:
    """Share of the model's sentences in the answer that are grounded, judged again from the JSON alone."""
    if case.grounding is None:
        return None
    own = [s for s in case.answer.get("statements", []) if s.get("writer", "extractive") != "extractive"]
    return sum(stands(s, case, case.grounding) for s in own) / len(own) if own else None


def fell_back(case: Case) -> float | None:
    """Whether nothing of the model's is in the answer."""
    written = case.answer.get("writing")
    return None if written is None else float(bool(written["fallback"]))


METRICS = (
    Metric("writer_before", "模型句核对前有据", before),
    Metric("writer_mended", "模型句改正后有据", mended),
    Metric("writer_replaced", "模型句未采用", replaced),
    Metric("writer_after", "模型句核对后有据", after),
    Metric("writer_fallback", "全用原文", fell_back),
)
