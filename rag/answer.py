"""What leaves the house: an answer, its statements and what they rest on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from corpus.types import Duty, Plan, Record
from index.filters import Filters

Route = Literal[
    "fact", "duty", "deadline", "list", "count", "compare", "outline", "summary", "yesno",
    "clarify", "refuse", "chat",
]  # fmt: skip
StatementKind = Literal["quoted", "computed", "absence"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer and the ids that it rests on.

    A quoted one rests on the rows that it cites; a computed one is recomputed by code
    from `scan`; an absence cites nothing. `quotes` are the exact spans of the
    cited records' texts that it uses, by id. `measured` are the figures by record that a difference
    is worked out from.
    """

    text: str
    kind: StatementKind
    citations: tuple[str, ...] = ()
    quotes: tuple[tuple[str, str], ...] = ()
    departments: tuple[tuple[str, Duty], ...] = ()
    scan: Filters | None = None
    measured: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A record as an answer cites it; `quote` is an exact span of its text."""

    record: Record
    plan: Plan
    label: str
    quote: str
    score: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The contract's citation object."""
        document: dict[str, Any] = {
            "id": self.record.id,
            "plan": self.plan.id,
            "plan_title": self.plan.title,
            "status": self.plan.status,
            "number": self.record.number,
            "item": self.record.item,
            "label": self.label,
            "path": list(self.record.path),
            "text": self.record.text,
            "quote": self.quote,
            "source": {"file": self.record.span.file, "line": self.record.span.first},
        }
        if self.score is not None:
            document["score"] = round(self.score, 6)
        return document


@dataclass(frozen=True, slots=True)
class Table:
    """What is compared, as a table: every cell is copied from the record of its row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    citations: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Columns, rows of cells, and the record that each row is of."""
        return {
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "citations": list(self.citations),
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """What a route says: statements, and what stands beside them."""

    route: Route
    statements: list[Statement]
    clarify: bool = False
    table: Table | None = None
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in the contract's shape; `as_json` gives it to programs."""

    question: str
    text: str
    route: Route
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    refused: bool = False
    clarify: bool = False
    suggestions: tuple[str, ...] = ()
    table: Table | None = None
    understood: str = ""
    reading: dict[str, Any] | None = None
    writer: str = "extractive"
    timings_ms: dict[str, float] = field(default_factory=dict)
    id: str = ""

    def as_json(self) -> dict[str, Any]:
        """The contract's answer object."""
        document = {
            "id": self.id,
            "question": self.question,
            "answer": self.text,
            "refused": self.refused,
            "clarify": self.clarify,
            "route": self.route,
            "statements": [
                {"text": s.text, "kind": s.kind, "citations": list(s.citations)} for s in self.statements
            ],
            "citations": [citation.as_json() for citation in self.citations],
            "departments": self._departments(),
            "suggestions": list(self.suggestions),
            "writer": self.writer,
            "timings_ms": self.timings_ms,
        }
        if self.table:
            document["table"] = self.table.as_json()
        if self.understood:
            document["understood"] = self.understood
        if self.reading is not None:
            document["reading"] = self.reading
        return document

    def _departments(self) -> list[dict[str, str]]:
        named = dict.fromkeys(
            (duty.department, duty.printed, duty.role.value, record_id)
            for statement in self.statements
            for record_id, duty in statement.departments
        )
        keys = ("name", "as_printed", "role", "citation")
        return [dict(zip(keys, row, strict=True)) for row in named]
