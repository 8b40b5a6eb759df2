"""The record of a run as one HTML page that asks nothing of the network.

`page` takes the runner's JSON record and fills `page.html.j2`; the style, the script and every
figure (small inline SVG) stand in the page itself. All values are escaped by Jinja, and the page's
content policy lets only its own script run, known by its hash.

The figures' coordinates come from `eval.page` alone; the template draws them.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from corpus.types import ROLE_WORDS
from eval.judged import questions, tally
from eval.words import CATEGORIES, LESS_IS_BETTER, NOTES, VERDICTS, said, titles

HERE = Path(__file__).parent


# The plotting area inside a drawing of 420 x 260; the template draws axes around it.
LEFT, RIGHT, TOP, BOTTOM = 46.0, 404.0, 14.0, 214.0
CURVE_POINTS = 160


def page(record: dict[str, Any]) -> str:
    """The whole report of `record` as one self-contained HTML page, in Chinese.

    The first configuration is the one that the head and the order of the questions speak of. In
    `comparisons`, `difference` is the value of `b` less that of `a`.

    Raises:
        ValueError: the record holds no configuration.
    """
    if not record["configs"]:
        raise ValueError("这份记录里没有任何配置的结果，无法生成报告。")
    script = (HERE / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["said"] = said
    return environment.get_template("page.html.j2").render(
        record=record,
        first=record["configs"][0],
        roles=ROLE_WORDS,
        titles=titles(record["configs"]),
        categories=CATEGORIES,
        notes=NOTES,
        verdicts=VERDICTS,
        settings=_settings(record["configs"]),
        table=_table(record),
        bars=_bars(record["configs"]),
        plots=[
            plot for draw in (_recall, _refusal, _latency) if (plot := draw(record["configs"])) is not None
        ],
        questions=questions(record["configs"]),
        tally=tally(record["configs"][0]),
        style=(HERE / "page.css").read_text(encoding="utf-8"),
        script=script,
        digest=digest,
    )


def write_page(record: dict[str, Any], path: Path) -> None:
    """Write the report of `record` to `path`, in UTF-8."""
    path.write_text(page(record), encoding="utf-8")


def _settings(configs: list[dict[str, Any]]) -> list[tuple[str, list[str], bool]]:
    """A row a setting: its dotted name, what each configuration says, and whether they differ."""
    flat = [dict(_flattened(config.get("settings") or {})) for config in configs]
    names = dict.fromkeys(name for settings in flat for name in settings)
    rows = [(name, [settings.get(name, "—") for settings in flat]) for name in names]
    return [(name, values, len(set(values)) > 1) for name, values in rows]


def _flattened(settings: dict[str, Any], before: str = "") -> Iterable[tuple[str, str]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flattened(value, f"{before}{name}.")
        else:
            yield before + name, "—" if value is None else str(value)


def _table(record: dict[str, Any]) -> dict[str, Any]:
    """The rows metric by configuration, then by the pairs that were compared."""
    compared = {(c["metric"], c["a"], c["b"]): c for c in record.get("comparisons") or []}
    pairs = list(dict.fromkeys((a, b) for _, a, b in compared))
    configs = record["configs"]
    order = dict.fromkeys(metric for config in configs for metric in config["metrics"])
    rows = [
        {
            "metric": metric,
            "cells": [config["metrics"].get(metric) or {"all": None, "n": 0} for config in configs],
            "pairs": [_verdict(compared.get((metric, a, b))) for a, b in pairs],
        }
        for metric in order
    ]
    return {"pairs": pairs, "rows": rows}


def _verdict(compared: dict[str, Any] | None) -> dict[str, Any] | None:
    """The comparison with its word: better or worse only where the interval leaves zero out."""
    if compared is None or compared["difference"] is None or compared["low"] is None:
        return None
    better = -1 if compared["metric"] in LESS_IS_BETTER else 1
    side = 1 if compared["low"] > 0 else -1 if compared["high"] < 0 else 0
    return compared | {"word": {1: "better", -1: "worse", 0: "same"}[side * better]}


# Figures ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis: its ends, its ticks with their words, and whether it is logarithmic."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def at(self, value: float, start: float, end: float) -> float:
        """Where `value` falls between the drawing's `start` and `end`."""
        bend: Callable[[float], float] = math.log10 if self.log else float
        low, high = bend(self.low), bend(self.high)
        return round(
            start + (bend(min(max(value, self.low), self.high)) - low) / (high - low) * (end - start), 1
        )


def _shares(values: Sequence[float]) -> Scale:
    """A scale of shares that holds `values`, with at most six ticks."""
    low, high = min(values), max(values)
    low, high = max(0.0, min(low, high - 0.04)), min(1.0, max(high, low + 0.04))
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2) if high / s - low / s <= 4 or s == 0.2)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple((k * step, f"{k * step * 100:.0f}%") for k in range(first, last + 1))
    return Scale(first * step, last * step, ticks)


def _milliseconds(values: Sequence[float]) -> Scale:
    """A logarithmic scale that holds `values`, with ticks at 1, 2 and 5 of each decade."""
    low, high = max(min(values), 0.01), max(*values, 0.02)
    marks = [m * 10.0**d for d in range(-2, 8) for m in (1, 2, 5)]
    first = max((i for i, mark in enumerate(marks) if mark <= low), default=0)
    last = max(next((i for i, mark in enumerate(marks) if mark >= high), len(marks) - 1), first + 1)
    kept = marks[first : last + 1]
    worded = kept if len(kept) <= 8 else [m for m in kept if math.log10(m) == round(math.log10(m))]
    return Scale(kept[0], kept[-1], tuple((m, f"{m:g}") for m in worded), log=True)


def _plot(
    name: str,
    axes: tuple[str, str],
    scales: tuple[Scale, Scale],
    series: list[dict[str, Any]],
    data: dict[str, Any],
) -> dict[str, Any]:
    """A figure ready to draw. Each of `series` has `values` (its curve) and `marks` (value pair, words)."""
    x, y = scales
    drawn = [
        {
            "index": one["index"],
            "curve": " ".join(f"{x.at(a, LEFT, RIGHT):g},{y.at(b, BOTTOM, TOP):g}" for a, b in one["values"]),
            "marks": [(x.at(a, LEFT, RIGHT), y.at(b, BOTTOM, TOP), words) for (a, b), words in one["marks"]],
            "label": one.get("label"),
        }
        for one in series
    ]
    return {
        "name": name,
        "axes": axes,
        "x": [(x.at(value, LEFT, RIGHT), word) for value, word in x.ticks],
        "y": [(y.at(value, BOTTOM, TOP), word) for value, word in y.ticks],
        "series": drawn,
        "labels": _labels(drawn),
        "alt": "；".join(
            "，".join(f"{head} {cell}" for head, cell in zip(data["head"], row, strict=True))
            for row in data["rows"]
        ),
        "data": data,
    }


def _labels(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Names beside single points; where two would lie on each other, they move to the drawing's middle."""
    labels: list[dict[str, Any]] = []
    middle = (TOP + BOTTOM) / 2
    named = [(*one["marks"][0][:2], one["label"]) for one in drawn if one["label"]]
    for x, y, text in sorted(named, key=lambda one: -abs(one[1] - middle)):
        left, up = x > (LEFT + RIGHT) / 2, y > middle
        near = [label["y"] for label in labels if (label["left"], label["up"]) == (left, up)]
        at = min([y + 4, *(n - 14 for n in near)]) if up else max([y + 4, *(n + 14 for n in near)])
        labels.append({"x": x + (-9 if left else 9), "y": at, "left": left, "up": up, "text": text})
    return labels


def _of(config: dict[str, Any], metric: str) -> float | None:
    value: float | None = (config["metrics"].get(metric) or {}).get("all")
    return value


def _recall(configs: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Recall over k; none where no configuration has it for two k."""
    found = {int(m[7:]) for config in configs for m in config["metrics"] if re.fullmatch(r"recall@\d+", m)}
    depths = sorted(found)
    rows = [(i, c["name"], [_of(c, f"recall@{k}") for k in depths]) for i, c in enumerate(configs)]
    known = [value for _, _, values in rows for value in values if value is not None]
    if len(depths) < 2 or not known:
        return None
    series = []
    for index, name, values in rows:
        points = [
            ((float(k), v), f"{name} 召回@{k} {v:.1%}")
            for k, v in zip(depths, values, strict=True)
            if v is not None
        ]
        series.append({"index": index, "values": [point for point, _ in points], "marks": points})
    x = Scale(float(depths[0]), float(depths[-1]), tuple((float(k), str(k)) for k in depths))
    data = {
        "head": ["配置", *(f"k={k}" for k in depths)],
        "rows": [[name, *(said(v, "recall@1") for v in values)] for _, name, values in rows],
    }
    return _plot("召回曲线", ("取前 k 条", "应引措施的召回率"), (x, _shares(known)), series, data)


def _refusal(configs: list[dict[str, Any]]) -> dict[str, Any] | None:
    """A point a configuration: answerable questions refused against unanswerable ones refused."""
    rows = [(i, c["name"], _of(c, "wrong_refusal"), _of(c, "refusal_recall")) for i, c in enumerate(configs)]
    points = [(index, name, x, y) for index, name, x, y in rows if x is not None and y is not None]
    if not points:
        return None
    series = []
    for index, name, x, y in points:
        marks = [((x, y), f"{name} 误拒 {x:.1%}，应拒已拒 {y:.1%}")]
        series.append({"index": index, "values": [], "marks": marks, "label": name})
    scales = (
        _shares([0.0, *(point[2] for point in points)]),
        _shares([1.0, *(point[3] for point in points)]),
    )
    data = {
        "head": ["配置", "误拒", "应拒已拒"],
        "rows": [[name, said(x, "wrong_refusal"), said(y, "refusal_recall")] for _, name, x, y in rows],
    }
    return _plot(
        "拒答取舍", ("误拒：可答的题被拒答（越左越好）", "应拒已拒（越高越好）"), scales, series, data
    )


def _latency(configs: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The share of questions answered within a time, p50 and p99 marked."""
    timed = [
        sorted(r["latency_ms"] for r in c["results"] if r.get("latency_ms") is not None) for c in configs
    ]
    known = [value for values in timed for value in values]
    if not known:
        return None
    series, rows = [], []
    for index, (config, values) in enumerate(zip(configs, timed, strict=True)):
        if not values:
            continue
        kept = {round(i * (len(values) - 1) / CURVE_POINTS) for i in range(CURVE_POINTS + 1)}
        curve = [(values[i], (i + 1) / len(values)) for i in sorted(kept)]
        quantiles = [(p, _of(config, f"latency_p{p}")) for p in (50, 99)]
        marks = [
            ((v, p / 100), f"{config['name']} p{p} {said(v, 'latency_p50')}")
            for p, v in quantiles
            if v is not None
        ]
        series.append({"index": index, "values": [(values[0], 0.0), *curve], "marks": marks})
        rows.append(
            [config["name"], *(said(v, "latency_p50") for _, v in quantiles), said(values[-1], "latency_p50")]
        )
    y = Scale(0.0, 1.0, tuple((v, f"{v:.0%}") for v in (0.0, 0.25, 0.5, 0.75, 1.0)))
    data = {"head": ["配置", "p50", "p99", "最慢"], "rows": rows}
    return _plot("时延分布", ("毫秒（对数）", "已答完的题"), (_milliseconds(known), y), series, data)


def _bars(configs: list[dict[str, Any]]) -> dict[str, Any]:
    """The headline by category, the lowest of the first configuration on top."""
    shares = [(config["metrics"].get("headline") or {}).get("by_category") or {} for config in configs]
    names = dict.fromkeys(category for share in shares for category in share)
    empty: dict[str, Any] = {"value": None, "n": 0}
    rows = [(name, [share.get(name) or empty for share in shares]) for name in names]
    rows.sort(key=lambda row: (row[1][0]["value"] is None, row[1][0]["value"] or 0.0))
    return {"rows": rows, "thick": 12 if len(configs) == 1 else 11, "gap": 9 if len(configs) == 1 else 7}
