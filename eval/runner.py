"""The runner: every question through every configuration, scored into one record."""

from __future__ import annotations

import hashlib
import math
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from eval.metrics import ALL, Case
from eval.metrics.answers import reasons
from eval.questions import Question
from eval.systems import System
from rag.grounding import Grounding

RESAMPLES = 2000
COMPARED = ("headline", "recall@5", "citation_recall", "refusal_recall", "wrong_refusal")


def run_system(
    name: str,
    system: System,
    questions: Sequence[Question],
    grounding: Grounding,
    settings: dict[str, Any],
    progress: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """One configuration's part of the record."""
    started = time.perf_counter()
    results = []
    for result in judged(system, questions, grounding):
        results.append(result)
        progress()
    return {
        "name": name,
        "settings": settings,
        "seconds": round(time.perf_counter() - started, 2),
        "metrics": summarise(results),
        "results": results,
    }


def judged(system: System, questions: Iterable[Question], grounding: Grounding) -> Iterator[dict[str, Any]]:
    """What `system` answers to each question, scored, as it comes."""
    for question in questions:
        answer, latency = system.answer(question)
        yield _result(Case(question, answer, system.hits(question), grounding), latency)


def _result(case: Case, latency: float | None) -> dict[str, Any]:
    q = case.question
    why = reasons(case)
    return {
        "id": q.id,
        "category": q.category,
        "register": q.register,
        "question": q.question,
        "history": list(q.history),
        "gold": list(q.gold),
        "also": list(q.also),
        "answers": [list(group) for group in q.answers],
        "departments": {role: list(names) for role, names in q.departments.items()},
        "wrong": list(q.wrong),
        "refuse": q.refuse,
        "clarify": q.clarify,
        "answer": case.answer,
        "hits": list(case.hits),
        "scores": {metric.name: metric.score(case) for metric in ALL},
        "right": not why,
        "why": why,
        "latency_ms": None if latency is None else round(latency, 3),
    }


def summarise(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Means by metric, over all and by category, and latency percentiles."""
    categories = dict.fromkeys(result["category"] for result in results)
    summary: dict[str, Any] = {}
    for metric in ALL:
        by_category = {
            category: _mean(r["scores"][metric.name] for r in results if r["category"] == category)
            for category in categories
        }
        overall = _mean(result["scores"][metric.name] for result in results)
        summary[metric.name] = {
            "title": metric.title,
            "all": overall["value"],
            "n": overall["n"],
            "by_category": {name: mean for name, mean in by_category.items() if mean["n"]},
        }
    written = [writing for result in results if (writing := result.get("answer", {}).get("writing"))]
    for name, title, share, values in (
        ("latency_p50", "latency_p50", 0.5, [r["latency_ms"] for r in results]),
        ("latency_p99", "latency_p99", 0.99, [r["latency_ms"] for r in results]),
        ("first_sentence_p50", "模型首句毫秒", 0.5, [w["first_sentence_ms"] for w in written]),
        ("first_sentence_p90", "模型首句毫秒", 0.9, [w["first_sentence_ms"] for w in written]),
        ("tokens_per_s", "模型词元每秒", 0.5, [w["tokens_per_s"] for w in written]),
    ):
        known = sorted(value for value in values if value is not None)
        value = known[math.ceil(share * len(known)) - 1] if known else None
        summary[name] = {"title": title, "all": value, "n": len(known), "by_category": {}}
    return summary


def _mean(scores: Iterable[float | None]) -> dict[str, Any]:
    counted = [score for score in scores if score is not None]
    return {"value": round(statistics.fmean(counted), 4) if counted else None, "n": len(counted)}


def interval(share: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a mean of `n` scores between 0 and 1.

    Wilson's for a proportion, which holds at the ends too; where scores lie between, it is on the
    wide side.
    """
    z = statistics.NormalDist().inv_cdf(0.975)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    middle, whole = share + z * z / (2 * n), 1 + z * z / n
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)


def compare(a: dict[str, Any], b: dict[str, Any], seed: int = 0) -> list[dict[str, Any]]:
    """Paired differences b - a with 95 % bootstrap intervals over the questions that both scored.

    Efron and Tibshirani's percentile interval over resampled questions.
    """
    rng = np.random.default_rng(seed)
    of_b = {result["id"]: result["scores"] for result in b["results"]}
    found = []
    for metric in COMPARED:
        pairs = [
            (result["scores"][metric], of_b[result["id"]][metric])
            for result in a["results"]
            if result["id"] in of_b
            and result["scores"][metric] is not None
            and of_b[result["id"]][metric] is not None
        ]
        if not pairs:
            continue
        differences = np.array([theirs - ours for ours, theirs in pairs])
        draws = rng.integers(0, len(pairs), (RESAMPLES, len(pairs)))
        low, high = np.percentile(differences[draws].mean(axis=1), [2.5, 97.5])
        found.append(
            {
                "metric": metric,
                "a": a["name"],
                "b": b["name"],
                "difference": round(float(differences.mean()), 4),
                "low": round(float(low), 4),
                "high": round(float(high), 4),
                "n": len(pairs),
            }
        )
    return found


def record(
    configs: list[dict[str, Any]], questions_name: str, questions_file: Path | None, index: dict[str, Any]
) -> dict[str, Any]:
    """The whole record of a run: what was measured, on what, and how the configurations differ."""
    digest = hashlib.sha256(questions_file.read_bytes()).hexdigest() if questions_file else None
    count = len(configs[0]["results"]) if configs else 0
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": _revision(),
        "machine": f"{platform.machine()}，Python {platform.python_version()}",
        "index": index,
        "questions": {"name": questions_name, "sha256": digest, "count": count},
        "configs": configs,
        "comparisons": [row for other in configs[1:] for row in compare(configs[0], other)],
    }


def _revision() -> dict[str, Any]:
    """The git revision of the code that ran, where it is a checkout."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(Path(__file__).parent), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603

    try:
        return {"revision": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.CalledProcessError):
        return {"revision": "", "dirty": False}
