"""How far one machine goes: indexes of synthetic corpora of growing size, beside LangChain's ensemble.

Vectors are encoded once, beforehand: a smaller corpus is the beginning of the largest. Every size is built by
one process and asked by another, so that what each holds in memory is its own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.memory import Memory
from eval.peers import PeersMissingError
from eval.scale_step import StepError, TooLongError, alone
from eval.speed import machine

SIZES = (1_000, 10_000, 100_000, 1_000_000)
GIB = 2**30
_FEWEST = 40  # questions without which a waiting time says nothing


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured.

    Args:
        sizes: measures of each corpus, ascending.
        questions: of either kind, timed at each size.
        seed: of corpora and questions.
        work: the folder for the vectors and the indexes; a temporary one where none is given.
        peer_s: seconds that LangChain may take at a size; with 0 it is left out.
        peer_bytes: memory that it may take.
    """

    sizes: Sequence[int] = SIZES
    questions: int = 200
    seed: int = 0
    work: Path | None = None
    peer_s: float = 600.0
    peer_bytes: int = 6 * GIB

    @property
    def steps(self) -> int:
        """How many steps are told as progress."""
        return 1 + 3 * len(self.sizes)


def measure(plan: Plan, progress: Callable[[str], None] = lambda step: None) -> dict[str, Any]:
    """Measure all sizes of `plan`.

    Returns `machine`, `encoding`, `sizes` (of each: size, build, open_ms, memory, queries, recall, lists, and
    `peer` with its figures or the reason why it was not measured) and `goals`.

    Raises:
        StepError: a step of ours fails. OSError: the folder cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="wence-scale-", dir=plan.work) as folder:
        work = Path(folder)
        vectors = work / "vectors.npy"
        progress(f"编码 {max(plan.sizes):,} 条")
        encoding = alone("encode", path=vectors, size=max(plan.sizes), seed=plan.seed)
        measured: list[dict[str, Any]] = []
        for size in sorted(plan.sizes):
            measured.append(_ours(plan, size, work / f"index-{size}", vectors, progress))
            progress(f"{size:,} 条：LangChain")
            measured[-1]["peer"] = _peer(plan, size, vectors, measured[:-1])
    _beyond_smallest(measured)
    return {
        "machine": machine(),
        "encoding": encoding,
        "sizes": measured,
        "goals": goals(measured),
    }


def _ours(
    plan: Plan, size: int, root: Path, vectors: Path, progress: Callable[[str], None]
) -> dict[str, Any]:
    given: dict[str, Any] = {"root": root, "size": size, "seed": plan.seed, "vectors": vectors}
    progress(f"{size:,} 条：建索引")
    build = alone("build", **given)
    progress(f"{size:,} 条：提问")
    return {"size": size, "build": build} | alone("ask", **given, questions=plan.questions)


def _peer(plan: Plan, size: int, vectors: Path, before: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """LangChain at that size, or why it was not measured."""
    if not plan.peer_s:
        return {"skipped": "没有要求量测"}
    last = next((one for one in reversed(before) if "queries" in one["peer"]), None)
    if before and last is None:
        return {"skipped": before[-1]["peer"]["skipped"]}
    if last is not None:
        times = size / last["size"]
        peak = (last["peer"]["build"]["peak"]["rss"] or 0) * times
        if peak > plan.peer_bytes:
            return {"skipped": f"按上一规模推算需内存 {peak / GIB:.0f} GB，限 {plan.peer_bytes / GIB:.0f} GB"}
        seconds = times * (last["peer"]["build"]["seconds"] + _FEWEST * _p50(last["peer"]) / 1000)
        if seconds > plan.peer_s:
            return {"skipped": f"按上一规模推算需 {seconds:.0f} 秒，限 {plan.peer_s:.0f} 秒"}
    given: dict[str, Any] = {"size": size, "seed": plan.seed, "vectors": vectors, "questions": plan.questions}
    try:
        return alone("peer", plan.peer_s, **given, seconds=plan.peer_s / 3)
    except TooLongError:
        return {"skipped": f"{plan.peer_s:.0f} 秒内没有做完"}
    except StepError as error:
        missing = PeersMissingError.__name__ in str(error)
        return {"skipped": "没有安装 wence[peers]" if missing else f"没有做完：{str(error)[-120:]}"}


def _p50(asked: dict[str, Any]) -> float:
    milliseconds: float = asked["queries"]["together"]["p50_ms"]
    return milliseconds


def _beyond_smallest(measured: Sequence[dict[str, Any]]) -> None:
    """Bytes a measure in memory of each size, ours and the peer's, beyond the smallest; None for that one."""
    for runs in (measured, [one["peer"] for one in measured]):
        least: dict[str, int] | None = runs[0].get("memory")
        for one, run in zip(measured, runs, strict=True):
            held, more = run.get("memory"), one["size"] - measured[0]["size"]
            run["bytes_a_measure"] = (
                Memory(**held).over(Memory(**least), more) if held and least and more > 0 else None
            )


def goals(measured: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is to be reached at a million measures, what the largest size measured gives, and whether it does.

    Each has name, unit, value (None where it is not known), goal in words, reached, and size.
    """
    first, last = measured[0], measured[-1]
    p50 = _p50(last)
    rss = (last["bytes_a_measure"] or {}).get("rss")
    grown = p50 / _p50(first) if len(measured) > 1 else None
    exact = min(one["lists"]["together"]["exact"] for one in measured)
    rows: list[tuple[str, str, float | None, str, Callable[[float], bool]]] = [
        ("检索 p50", "ms", p50, "≤ 10", lambda value: value <= 10),
        ("p50 的增长", "倍", grown, "< 10", lambda value: value < 10),
        ("近似索引 recall@10", "", last["recall"]["vectors"]["together"], "≥ 0.98", lambda v: v >= 0.98),
        ("建索引（已有向量）", "条/s", last["build"]["rate"], "≥ 20000", lambda v: v >= 20_000),
        ("每条占内存", "字节", rss, "≤ 2048", lambda value: value <= 2048),
        ("列举完整", "", exact, "= 1", lambda value: value == 1),
    ]
    return [
        {
            "name": name,
            "unit": unit,
            "value": None if value is None else round(value, 4),
            "goal": goal,
            "reached": None if value is None else reaches(value),
            "size": last["size"],
        }
        for name, unit, value, goal, reaches in rows
    ]
