"""What a complaint is dispatched by: a measure, the clause in point, who has which part in it."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.types import ROLE_WORDS, STATUS_WORDS, Measure, Plan, Role
from index.store import Store
from rag.evidence import Evidence
from rag.reading import Reading
from rag.spans import trimmed

UNWRITTEN = "未写明"


@dataclass(frozen=True, slots=True)
class Part:
    """Those who have one role in a measure, by full name; `open_ended` where it says 等部门."""

    role: Role
    names: tuple[str, ...]
    open_ended: bool

    @property
    def words(self) -> str:
        """The role as it is said: 牵头/主责 of a merged cell."""
        return ROLE_WORDS[self.role]

    @property
    def said(self) -> str:
        """The names: 甲、乙等部门."""
        return "、".join(self.names) + ("等部门" if self.open_ended else "")


@dataclass(frozen=True, slots=True)
class Basis:
    """One measure at one level; `quote` is an exact span of its text."""

    record: Measure
    plan: Plan
    label: str
    quote: str
    parts: tuple[Part, ...]

    @property
    def level(self) -> str:
        """市级, or the district."""
        return self.plan.district or "市级"

    @property
    def status(self) -> str:
        """正式 or 征求意见稿."""
        return STATUS_WORDS[self.plan.status]

    @property
    def deadline(self) -> str:
        """Its deadline as printed."""
        return self.record.deadline or UNWRITTEN

    @property
    def leads(self) -> tuple[str, ...]:
        """Who leads, alone or in a merged cell."""
        leading = (Role.LEAD, Role.LEAD_RESPONSIBLE)
        return tuple(name for part in self.parts if part.role in leading for name in part.names)

    @property
    def number(self) -> str:
        """Where it stands: 第11项第2条; the 条 only where the label has it."""
        inner = self.label.strip("〔〕").partition("·")[2]
        return inner or f"第{self.record.number}项"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One matter: its measure at each level, what sets it apart from the first, which level lacks it."""

    bases: tuple[Basis, ...]
    apart: str = ""
    note: str = ""


def basis(found: Evidence, asked: Reading, store: Store) -> Basis:
    """The measure of `found` as the basis of what `asked` is about."""
    record = found.record
    assert isinstance(record, Measure)
    quote = trimmed(found.clauses(asked, most=1)[0].text)
    return Basis(record, found.plan, store.label(record.id), quote, parts(record))


def parts(record: Measure) -> tuple[Part, ...]:
    """Who has which role in `record`, in the order in which roles are said."""
    made = []
    for role in ROLE_WORDS:
        held = [duty for duty in record.duties if duty.role is role]
        if held:
            names = tuple(dict.fromkeys(duty.department for duty in held))
            made.append(Part(role, names, any(duty.open_ended for duty in held)))
    return tuple(made)
