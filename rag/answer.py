"""What leaves the house: an answer, its statements and what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from corpus.types import Duty, Plan, Record
from index.filters import Filters

Route = Literal[
    "fact", "duty", "deadline", "list", "count", "compare", "outline", "summary", "yesno",
    "clarify", "refuse", "chat",
]  # fmt: skip
EXTRACTIVE = "extractive"  # the writer that quotes
INSTEAD = "【原文】"  # marks what stands in for a sentence of a model that failed
StatementKind = Literal["quoted", "computed", "absence"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer and the ids that it rests on.

    A quoted one rests on the rows that it cites; a computed one is recomputed by code
    from `scan`; an absence cites nothing. `quotes` are the exact spans of the
    cited records' texts that it uses, by id. `measured` are the figures by record that a difference
    is worked out from. `writer` is who worded it; `replaced` says, in Chinese, what was wrong with
    the model's sentence that it stands in for. `tally` marks a computed one that counts its own
    citations and claims no more.
    """

    text: str
    kind: StatementKind
    citations: tuple[str, ...] = ()
    quotes: tuple[tuple[str, str], ...] = ()
    departments: tuple[tuple[str, Duty], ...] = ()
    scan: Filters | None = None
    measured: tuple[tuple[str, str], ...] = ()
    writer: str = EXTRACTIVE
    replaced: str = ""
    tally: bool = False

    def as_json(self) -> dict[str, Any]:
        """The contract's statement object."""
        document: dict[str, Any] = {
            "text": self.text,
            "kind": self.kind,
            "citations": list(self.citations),
            "writer": self.writer,
        }
        return document | {"replaced": self.replaced} if self.replaced else document


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
            "source": self.record.span.as_json(),
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


_COUNTED = (
    "sentences", "supported", "repaired", "replaced", "dropped", "repeated", "added", "left_out",
    "tokens", "model_s",
)  # fmt: skip


@dataclass(slots=True)
class Writing:
    """What a model wrote for one answer and what code made of it: sentences counted, seconds taken.

    `sentences` were whole; of them `supported` passed the check as written, `repaired` at the second
    attempt, `replaced` are said in the plan's words instead, `dropped` are not said at all
    (`repeated`: said before). `added` measures hold what the model left unsaid and are quoted or counted
    behind it; `left_out` of these did not fit into its context. `problems` says what was wrong,
    `stopped` why it ended early, and `fallback` why nothing of the model's is in the answer.
    """

    model: str
    prompt: str = ""
    sentences: int = 0
    supported: int = 0
    repaired: int = 0
    replaced: int = 0
    dropped: int = 0
    repeated: int = 0
    added: int = 0
    left_out: int = 0
    problems: list[str] = field(default_factory=list)
    stopped: str = ""
    fallback: str = ""
    tokens: int = 0
    model_s: float = 0.0
    first_s: float | None = None

    @classmethod
    def together(cls, parts: Sequence[Writing]) -> Writing:
        """What was written for the parts of one answer: it fell back only where each of them did."""
        if len(parts) == 1:
            return parts[0]
        whole = cls(parts[0].model, parts[0].prompt)
        for name in _COUNTED:
            setattr(whole, name, sum(getattr(part, name) for part in parts))
        whole.problems = [problem for part in parts for problem in part.problems]
        reasons = dict.fromkeys(reason for part in parts if (reason := part.stopped or part.fallback))
        whole.fallback = "；".join(reasons) if all(part.fallback for part in parts) else ""
        whole.stopped = "；".join(reasons)
        whole.first_s = min((part.first_s for part in parts if part.first_s is not None), default=None)
        return whole

    def as_json(self) -> dict[str, Any]:
        """The counts for programs; milliseconds, and tokens a second."""
        rate = self.tokens / self.model_s if self.model_s > 0 and self.tokens else None
        times = {
            "model_ms": round(self.model_s * 1000, 1),
            "first_sentence_ms": None if self.first_s is None else round(self.first_s * 1000, 1),
            "tokens_per_s": None if rate is None else round(rate, 1),
        }
        counts = asdict(self)
        del counts["model_s"], counts["first_s"]
        return counts | times | {"note": self.note}

    @property
    def note(self) -> str:
        """One sentence for readers on who wrote the answer and what of it was replaced."""
        model = self.model.partition(":")[2]
        if self.fallback:
            return f"模型 {model} 没有写出可用的答复（{self.fallback}），以上为原文摘录。"
        done = [
            f"{count}句{what}"
            for count, what in (
                (self.supported, "有据"),
                (self.repaired, "经改正"),
                (self.replaced, "改用原文"),
                (self.dropped - self.repeated, "无据未采用"),
            )
            if count
        ]
        more = f"；另补{self.added}条原文" if self.added else ""
        early = f"；{self.stopped}，其余为原文摘录" if self.stopped else ""
        return f"由模型 {model} 撰写，逐句核对：{'，'.join(done) or '无句可用'}{more}{early}。"


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
    scope: str = ""
    writer: str = EXTRACTIVE
    writing: Writing | None = None
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
            "statements": [statement.as_json() for statement in self.statements],
            "citations": [citation.as_json() for citation in self.citations],
            "departments": self._departments(),
            "suggestions": list(self.suggestions),
            "writer": self.writer,
            "timings_ms": self.timings_ms,
        }
        if self.writing is not None:
            document["writing"] = self.writing.as_json()
        if self.table:
            document["table"] = self.table.as_json()
        if self.understood:
            document["understood"] = self.understood
        if self.scope:
            document["scope"] = self.scope
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


def joined(statements: Sequence[Statement]) -> str:
    """Statements as lines; those that rest on the same records share one."""
    text = ""
    before: tuple[str, ...] | None = None
    for statement in statements:
        text += ("\n" if text and statement.citations != before else "") + statement.text
        before = statement.citations
    return text


def marked(statements: Sequence[Statement]) -> str:
    """`joined`, with a mark before what stands in for a model's sentence that failed."""
    return joined([replace(s, text=INSTEAD + s.text) if s.replaced else s for s in statements])
