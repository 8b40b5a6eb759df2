"""What a complaint is dispatched by: a measure, the clause in point, who has which part in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.normal import normal
from corpus.places import places
from corpus.types import ROLE_WORDS, STATUS_WORDS, Duty, Measure, Plan, Role
from index.store import Store
from rag.evidence import ZONE, Evidence
from rag.reading import Reading
from rag.spans import LIKE_WORTH, sentences, trimmed

UNWRITTEN = "未写明"
COUNTED = 4  # what a clause that only counts planned works is worth less, in characters of the topic
AROUND_ZONE = frozenset(("大兴区", "通州区"))  # in these districts a place may be the zone's
ACTED = 2  # what a clause that says what is done about wrongs is worth more
_ACTS = re.compile(r"查处|打击|严禁|禁止|劝阻|违法|违规|非法")
_WORKS = re.compile(r"(组织)?实施\s*[0-9]+\s*项[^，,]*")
_EVERY = re.compile(r"各区(人民)?政府")
_SOME = re.compile(r"(各?相关|各?有关)区(人民)?政府")


@dataclass(frozen=True, slots=True)
class Part:
    """Those who have one role in a measure, by full name; `open_ended` where it says 等部门.

    `read` are they as read for a caller's district (怀柔区政府（原表“各区政府”）), without those of
    `beyond`, who have other areas; `names` are all.
    """

    role: Role
    names: tuple[str, ...]
    open_ended: bool
    read: tuple[str, ...]
    beyond: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The role as it is said: 牵头/主责 of a merged cell."""
        return ROLE_WORDS[self.role]

    @property
    def said(self) -> str:
        """The names for the caller: 甲、乙等部门."""
        return "、".join(self.read) + ("等部门" if self.open_ended else "")


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
    return Basis(record, found.plan, store.label(record.id), in_point(found, asked), parts(record))


def in_point(found: Evidence, asked: Reading) -> str:
    """The clause of a record that covers a complaint best.

    What is done about wrongs (加大查处) is to the point before how many works are planned (实施49项治理).
    """
    text = found.record.text
    clauses = [clause.text for clause in sentences(text)]
    if len(clauses) < 2 or found.topic is None or found.like is None:
        return trimmed(found.clauses(asked, most=1)[0].text)
    near = found.like(clauses)

    def worth(at: int) -> float:
        held = len(found.topic.held(normal(clauses[at]))) if found.topic else 0
        acts = held > 0 and _ACTS.search(clauses[at]) is not None
        works = _WORKS.fullmatch(trimmed(clauses[at])) is not None
        return held + LIKE_WORTH * max(near[at], 0) - COUNTED * works + ACTED * acts

    return trimmed(clauses[max(range(len(clauses)), key=worth)])


def read_for(candidate: Candidate, there: Sequence[str]) -> Candidate:
    """`candidate` with the city's collective bodies read for the districts `there` of a caller."""
    bases = (b if b.plan.district else replace(b, parts=parts(b.record, there)) for b in candidate.bases)
    return replace(candidate, bases=tuple(bases))


def parts(record: Measure, there: Sequence[str] = ()) -> tuple[Part, ...]:
    """Who has which role in `record`, in the order in which roles are said."""
    made = []
    for role in ROLE_WORDS:
        held = {duty.department: duty for duty in record.duties if duty.role is role}
        if held:
            open_ended = any(duty.open_ended for duty in record.duties if duty.role is role)
            beyond = tuple(name for name in held if there and _elsewhere(name, there))
            if len(beyond) == len(held):  # a role is never without a name
                beyond = ()
            read = tuple(_read(d, record, there) for name, d in held.items() if name not in beyond)
            made.append(Part(role, tuple(held), open_ended, read, beyond))
    return tuple(made)


def _read(duty: Duty, record: Measure, there: Sequence[str]) -> str:
    """A body's full name; 各区政府 as the governments of the districts `there`, with what is printed."""
    districts = [name for name in there if name in places().district_names]
    if _SOME.fullmatch(duty.printed):  # 相关区 are those that the text names
        districts = [name for name in districts if places().short(name) in record.text]
    elif not _EVERY.fullmatch(duty.printed):
        return duty.department
    own = "、".join(f"{name}政府" for name in districts)
    return f"{own}（原表“{duty.printed}”）" if own else duty.department


def _elsewhere(name: str, there: Sequence[str]) -> bool:
    """Whether the body `name` is another district's, or the zone's, than of those `there`."""
    if name.startswith(ZONE):
        return ZONE not in there and AROUND_ZONE.isdisjoint(there)
    district = next((d for d in places().district_names if name.startswith(d)), "")
    return bool(district) and district not in there
