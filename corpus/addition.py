"""What an operator sees of a published file before it becomes plans, and what the operator says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from corpus.about import About
from corpus.document import Document
from corpus.errors import SourceError
from corpus.ingest import PlanRecords
from corpus.types import STATUS_WORDS, Level, Plan, Status


class TwicePlanError(SourceError):
    """The plan is held already: `plan` is the id of the one that is."""

    def __init__(self, file: str, title: str, plan: Plan) -> None:
        self.plan = plan.id
        same = f"《{title}》已在库中（{plan.id}，{STATUS_WORDS[plan.status]}），没有重复加入"
        super().__init__(
            file, None, f"{same}；若这是更正后的文本，请替换它：wence plan replace {plan.id} 文件"
        )


@dataclass(frozen=True, slots=True)
class Given:
    """What the operator says of one part of a file; what is None is taken from the document."""

    title: str | None = None
    level: Level | None = None
    district: str | None = None
    first_year: int | None = None
    last_year: int | None = None
    status: Status | None = None
    id: str | None = None
    short: str | None = None
    leave: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be asked before the file can be read: nothing is guessed.

    `name` is a field of `Given` for the part `part`, or (where `part` is None) a heading of a column, whose
    answer is one of `corpus.columns.FIELDS`. `choices` are values with their words.
    """

    part: int | None
    name: str
    words: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """One part of the file as a plan. `read` is None while something about it has to be asked.

    `supersedes` are the ids of drafts that it takes the place of; `replaces` is the plan whose text it is.
    """

    part: int
    marker: str
    known: About
    read: PlanRecords | None = None
    supersedes: tuple[str, ...] = ()
    superseded_by: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    """The rows of its tables by what they became: 措施, 章节, 表头, 表注, 空行."""

    @property
    def plan(self) -> Plan:
        """The plan as it would be added.

        Raises:
            ValueError: something has to be asked first.
        """
        if self.read is None:
            raise ValueError("a question is open")
        return self.read.plan


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be added, and what would not; nothing has been changed yet.

    `left` are (kind, place, text) of what becomes no record; `unknown` are names of departments that the
    lexicon lacks, each with the nearest that it knows; `characters` counts each line's by what they became.
    """

    path: Path
    document: Document
    mapping: dict[str, str]
    proposals: tuple[Proposal, ...]
    questions: tuple[Question, ...]
    left: tuple[tuple[str, str, str], ...] = ()
    characters: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    replaces: str = ""

    @property
    def complete(self) -> bool:
        """Whether it can be added as it is."""
        return not self.questions and bool(self.proposals)
