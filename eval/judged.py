"""The questions of a record with what each configuration made of them: gold beside what was cited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

NO_LABELS: Mapping[str, str] = MappingProxyType({})


def tally(config: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """By category, in the order of the questions: how many were wrong, of how many."""
    counts: dict[str, tuple[int, int]] = {}
    for result in config["results"]:
        wrong, asked = counts.get(result["category"], (0, 0))
        counts[result["category"]] = (wrong + (not result["right"]), asked + 1)
    return counts


def questions(
    configs: Sequence[Mapping[str, Any]], known: Mapping[str, str] = NO_LABELS
) -> list[dict[str, Any]]:
    """Every question once, with what each configuration made of it; the first one's failures lead.

    Labels are those of the answers, then the `known` ones, by id.
    """
    labels = dict(known) | {
        cited["id"]: cited.get("label") or cited["id"]
        for config in configs
        for result in config["results"]
        for cited in (result.get("answer") or {}).get("citations") or []
    }
    asked: dict[str, dict[str, Any]] = {}
    for index, config in enumerate(configs):
        for result in config["results"]:
            entry = asked.setdefault(
                result["id"], {"asked": result, "labels": labels, "runs": [None] * len(configs)}
            )
            entry["runs"][index] = _run(config["name"], result, labels)
    for entry in asked.values():
        entry["marks"] = "".join("-" if run is None else str(int(run["right"])) for run in entry["runs"])
    return sorted(asked.values(), key=lambda entry: (entry["marks"][0] != "0", "0" not in entry["marks"]))


def _run(name: str, result: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    """What one configuration answered to one question, and what it missed."""
    answer = result.get("answer") or {}
    gold, also, hits = result.get("gold") or [], result.get("also") or [], result.get("hits") or []
    ranks = {hit: rank for rank, hit in reversed(list(enumerate(hits, 1)))}
    cited = {one["id"]: one for one in answer.get("citations") or []}
    judged = {**dict.fromkeys(cited, "extra"), **{i: "also" for i in also if i in cited}}
    judged |= {i: "right" if i in cited else "missing" for i in gold}
    rows = [
        {
            "id": i,
            "verdict": verdict,
            "label": labels.get(i, i),
            "quote": cited.get(i, {}).get("quote") or "",
            "rank": ranks.get(i),
        }
        for i, verdict in judged.items()
    ]
    return {
        "name": name,
        "right": bool(result["right"]),
        "result": result,
        "answer": answer,
        "cited": rows,
        "searched": len(hits),
        "departments": _departments(result, answer),
        "scores": [
            (metric, value) for metric, value in (result.get("scores") or {}).items() if value is not None
        ],
    }


def _departments(result: dict[str, Any], answer: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Where the departments are not right: those that lack their role, and those that were given."""
    if result["scores"].get("duties") != 0:
        return {}
    given = {(one["role"], one["as_printed"]) for one in answer.get("departments") or []}
    due = {(role, name) for role, names in result["departments"].items() for name in names}
    return {"缺部门": sorted(due - given), "所给部门": sorted(given)}
