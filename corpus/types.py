"""The records that everything else is made of. All are immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Literal


class Role(StrEnum):
    """A department's role in a measure, in the order in which a row prints them."""

    LEAD = "lead"
    RESPONSIBLE = "responsible"
    ASSISTING = "assisting"
    LEAD_RESPONSIBLE = "lead_responsible"


# How plans and answers say them. A merged cell is both roles together.
ROLE_WORDS: dict[Role, str] = {
    Role.LEAD: "牵头",
    Role.LEAD_RESPONSIBLE: "牵头/主责",
    Role.RESPONSIBLE: "主责",
    Role.ASSISTING: "协办",
}

Level = Literal["市", "区"]
Status = Literal["final", "draft"]
STATUS_WORDS: dict[Status, str] = {"final": "正式", "draft": "征求意见稿"}
DueBasis = Literal["column", "text", "target"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of lines in a source file: 1-based, both ends inclusive.

    Of a published file the lines are those of its transcript; `place` says where they stand (第3页 表2第5行).
    """

    file: str
    first: int
    last: int
    place: str = ""

    @property
    def words(self) -> str:
        """The file and the place in it: 计划.docx 表1第5行, plan.txt 第12行."""
        return f"{self.file} {self.place or f'第{self.first}行'}"

    def as_json(self) -> dict[str, Any]:
        """The contract's `source`, with the place where there is one."""
        source: dict[str, Any] = {"file": self.file, "line": self.first}
        return source | {"place": self.place} if self.place else source


def source_words(source: Mapping[str, Any]) -> str:
    """The file and the place in it, of the contract's `source`."""
    return Span(source["file"], source["line"], source["line"], source.get("place") or "").words


@dataclass(frozen=True, slots=True)
class Plan:
    """One document. `level` is 市 or 区; `district` is empty for the city.

    `year` is the one that its dates speak of; it covers `first_year` to `last_year`. `prose`
    says that it has sections and passages in place of a table. `superseded_by` is the id of the final
    text that took the place of a draft; what was `retired` an office has taken out of force.
    """

    id: str
    short: str
    title: str
    level: Level
    district: str
    year: int
    status: Status
    file: str
    ordinal: int
    first_year: int
    last_year: int
    prose: bool = False
    superseded_by: str = ""
    retired: bool = False

    @property
    def in_force(self) -> bool:
        """Whether answers may rest on it unasked."""
        return not (self.superseded_by or self.retired)

    @property
    def dated(self) -> str:
        """Its short name and its years: 延庆绿色低碳（2026年）, 十四五规划（2021至2025年）."""
        first, last = self.first_year, self.last_year
        return f"{self.short}（{first}年）" if first == last else f"{self.short}（{first}至{last}年）"

    @property
    def years(self) -> range:
        """The years that it covers."""
        return range(self.first_year, self.last_year + 1)

    @property
    def years_before(self) -> range:
        """As many years before them, of which a plan of prose reports; none for another."""
        return range(self.first_year - len(self.years) * self.prose, self.first_year)


@dataclass(frozen=True, slots=True)
class Duty:
    """A department's role in one measure.

    `printed` is the name as the row prints it, `department` its full name
    (延庆区水务局). `collective` marks 各区政府 and the like; `known` is false where
    the lexicon lacks the name, which is then kept as printed; `open_ended` says
    that the cell ends in 等部门; `inferred` that the cell was merged with the row above.
    """

    printed: str
    department: str
    role: Role
    collective: bool = False
    known: bool = True
    open_ended: bool = False
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due, as dates.

    `start` and `end` are inclusive; `end` is None for what has no end (长期实施).
    `basis` says where it was read (the deadline column, the measure's text, or the
    year-end target column) and `printed` the words that say it.
    """

    start: date | None
    end: date | None
    basis: DueBasis
    printed: str


@dataclass(frozen=True, slots=True)
class Task:
    """One 序号 with its 重点任务, under its section headings (`path`)."""

    plan: str
    number: int
    title: str
    path: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Measure:
    """One 工作措施 row of a task, or one indicator.

    `id` is plan/number/item. `text` is as printed, line breaks joined and page
    furniture removed. `search_extra` holds what search reads besides (the meant form
    of a misprint). `inferred` names what was not printed in the row itself. `extras` are cells of
    further columns, each with its heading (备注).
    """

    id: str
    plan: str
    number: int
    item: int
    task: str
    text: str
    deadline: str | None
    target: str | None
    category: str | None
    path: tuple[str, ...]
    duties: tuple[Duty, ...]
    due: tuple[Due, ...]
    span: Span
    inferred: tuple[str, ...] = ()
    search_extra: str = ""
    extras: tuple[tuple[str, str], ...] = ()

    def names(self, role: Role) -> list[str]:
        """Names as printed of the departments that have `role`, in print order."""
        return [duty.printed for duty in self.duties if duty.role is role]


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a plan without a table: whole sentences of one section.

    `id` is plan/section/item with `section` such as 3.1.1; `number` is the section as
    a reader says it (三(一)1). `gap_before` says that the source lost text in front of it;
    `period` is set where the section looks back (“十三五”时期).
    """

    id: str
    plan: str
    section: str
    number: str
    item: int
    ordinal: int
    path: tuple[str, ...]
    sentences: tuple[str, ...]
    spans: tuple[Span, ...]
    due: tuple[Due, ...] = ()
    gap_before: bool = False
    period: str = ""

    @property
    def text(self) -> str:
        """The sentences as one text."""
        return "".join(self.sentences)

    @property
    def span(self) -> Span:
        """The lines of the first sentence."""
        return self.spans[0]


Record = Measure | Passage


def printed(record: Record) -> list[str]:
    """All that `record` says, field by field: text, headings, columns, departments."""
    parts = [record.text, *record.path]
    if isinstance(record, Measure):
        parts += [record.task, record.deadline or "", record.target or "", record.category or ""]
        parts += [text for extra in record.extras for text in extra]
        parts += [name for duty in record.duties for name in (duty.printed, duty.department)]
    return parts
