"""The newest record of the benchmark, and any results like it, as the page 评测 shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from eval.judged import NO_LABELS, questions
from eval.lines import QuestionFileError
from eval.records import REPORT, newest, read_record
from eval.runner import interval
from eval.words import CATEGORIES, NOTES, VERDICTS, said, titles
from ui.html import notice, render

WORST = 10  # wrong answers that the page shows; the report has them all
EACH = 3  # records of one verdict that are named; more are counted
Labels = Callable[[Iterable[str]], Mapping[str, str]]
"""The labels, by id, of those of some ids that have one."""
_ORDER = ("missing", "extra", "right", "also")
_SPLITS = {
    "dev": "开发集",
    "test": "测试集",
    "more": "补充题",
    "outside-dev": "库外诉求（开发）",
    "outside-test": "库外诉求（测试）",
    "all": "开发集和测试集",
}


def unlabelled(ids: Iterable[str]) -> Mapping[str, str]:
    """No labels: ids stand for them."""
    return NO_LABELS


def latest(folder: Path, labels: Labels = unlabelled) -> str:
    """The newest record in `folder` summarised; where there is none, how to make one.

    `labels` gives ids as answers cite them.
    """
    path = newest(folder)
    if path is None:
        return render("evaluation_none", folder=folder)
    try:
        return _summary(path, path.stat().st_mtime_ns, labels)
    except (QuestionFileError, KeyError, TypeError, ValueError) as error:
        why = str(error) if isinstance(error, QuestionFileError) else f"{path} 缺少评测结果的内容"
        return notice(f"最近一次的评测结果读不出来：{why}。请重新运行评测。")


def report(folder: Path) -> Path | None:
    """The whole report of the newest record; None where there is none."""
    path = newest(folder)
    found = path.with_name(REPORT) if path else None
    return found if found and found.is_file() else None


@lru_cache(maxsize=2)
def _read(path: Path, changed: int) -> dict[str, Any]:
    return read_record(path)


def _summary(path: Path, changed: int, labels: Labels) -> str:
    record = _read(path, changed)
    first, *others = record["configs"]
    wrong = [result for result in first["results"] if not result["right"]]
    wrong.sort(
        key=lambda result: [result["scores"].get(name) or 0.0 for name in ("citation_recall", "answers")]
    )
    head = first["metrics"]["headline"]
    return render(
        "evaluation_latest",
        headline=said(head["all"], "headline"),
        within=within(head["all"], head["n"], "headline"),
        right=len(first["results"]) - len(wrong),
        count=len(first["results"]),
        about=_about(record, first),
        bars=_bars(head["by_category"]),
        metrics=metrics(first),
        others=[(one["name"], said(one["metrics"]["headline"]["all"], "headline")) for one in others],
        name=first["name"],
        wrong=judged(wrong[:WORST], labels),
        more=max(0, len(wrong) - WORST),
        whole=path.with_name(REPORT).is_file(),
    )


def _about(record: Mapping[str, Any], first: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was measured, on what, when."""
    asked, index, code = record["questions"], record["index"], record["git"]
    name, _, narrowed = asked["name"].partition(" ")
    part = "、".join(CATEGORIES.get(word, word) for word in narrowed.split())
    set_of = _SPLITS.get(name, name) + (f"（{part}）" if part else "")
    changed = "，有未提交的改动" if code["dirty"] else ""
    return [
        ("时间", _time(record["created"])),
        ("题集", f"{set_of}，{asked['count']} 题"),
        ("程序", (code["revision"][:10] or "未知") + changed),
        ("索引", f"{index['records']} 条，{_time(index['built_at'])} 建立"),
        ("用时", f"{first['seconds']:.1f} 秒"),
        ("机器", record["machine"]),
    ]


def _time(written: str) -> str:
    return f"{datetime.fromisoformat(written).astimezone():%Y-%m-%d %H:%M}"


def _bars(by_category: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A bar a category, the lowest on top."""
    rows = [
        {
            "name": CATEGORIES.get(name, name),
            "share": mean["value"],
            "said": said(mean["value"], "headline"),
            "within": within(mean["value"], mean["n"], "headline"),
            "n": mean["n"],
        }
        for name, mean in by_category.items()
    ]
    return sorted(rows, key=lambda row: row["share"])


def metrics(config: dict[str, Any], only: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The metrics that were measured: value, interval, how many questions, and what each means."""
    named = titles([config])
    return [
        {
            "title": named[name],
            "value": said(mean["all"], name),
            "within": within(mean["all"], mean["n"], name),
            "n": mean["n"],
            "note": NOTES.get(name, ""),
        }
        for name, mean in config["metrics"].items()
        if mean["all"] is not None and name in (only or config["metrics"])
    ]


def within(share: float, n: int, metric: str) -> str:
    """The interval of a share in words; times and rates have none."""
    if metric.startswith(("latency", "first_sentence", "tokens")):
        return ""
    low, high = interval(share, n)
    return f"{said(low, metric).rstrip('%')}–{said(high, metric)}"


def judged(results: Sequence[Mapping[str, Any]], labels: Labels) -> list[dict[str, Any]]:
    """Results as rows, in their order: the question, right or not and why, gold and given citations."""
    order = {result["id"]: n for n, result in enumerate(results)}
    named = {i for result in results for key in ("gold", "also") for i in result.get(key) or ()}
    found = questions([{"name": "", "results": results}], labels(named))
    return sorted((_row(entry) for entry in found), key=lambda row: order[row["id"]])


def _row(entry: Mapping[str, Any]) -> dict[str, Any]:
    run = entry["runs"][0]
    asked = entry["asked"]
    by_verdict = {
        verdict: [one["label"] for one in run["cited"] if one["verdict"] == verdict] for verdict in _ORDER
    }
    why = [reason for reason in asked["why"] if not reason.startswith(("没有引用", "多引了"))]
    return {
        "id": asked["id"],
        "question": asked["question"],
        "history": asked["history"],
        "category": CATEGORIES.get(asked["category"], asked["category"]),
        "right": asked["right"],
        "why": why,
        "refused": bool((asked.get("answer") or {}).get("refused")),
        "cited": [
            (verdict, VERDICTS[verdict], labels[:EACH], len(labels))
            for verdict, labels in by_verdict.items()
            if labels
        ],
        "time": said(asked["latency_ms"], "latency_p50"),
    }
