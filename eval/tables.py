"""One metric of several runs, by category, as a Markdown table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """A configuration of a run: its heading, its mean over all, by category, and how many questions each."""

    heading: str
    all: float | None
    count: int
    by_category: dict[str, tuple[float, int]]


def columns(document: dict[str, Any], metric: str) -> list[Column]:
    """A column for each configuration of a record that has `metric`."""
    found = []
    for config in document["configs"]:
        measured = config["metrics"].get(metric)
        if measured is not None:
            of = {name: (mean["value"], mean["n"]) for name, mean in measured["by_category"].items()}
            heading = f"{document['questions']['name']}: {config['name']}"
            found.append(Column(heading, measured["all"], measured["n"], of))
    return found


def markdown(found: Sequence[Column]) -> str:
    """The table: a row for all questions, then one a category, with the numbers of questions."""
    categories = list(dict.fromkeys(name for column in found for name in column.by_category))
    lines = [
        "| | " + " | ".join(column.heading for column in found) + " |",
        "|---" * (len(found) + 1) + "|",
        "| all | " + " | ".join(_cell(column.all, column.count) for column in found) + " |",
    ]
    for name in categories:
        cells = [_cell(*column.by_category.get(name, (None, 0))) for column in found]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(value: float | None, count: int) -> str:
    return "" if value is None else f"{value:.3f} ({count})"
