"""A question understood: an immutable reading of what it wants and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from corpus.types import ROLE_WORDS, Role
from index.filters import Filters
from index.spelling import Correction
from rag.asking import amounts_asked
from rag.bodies import Mention
from rag.cues import Absent
from rag.figures import Figure
from rag.kinds import Aspect, Kind
from rag.landmarks import NOWHERE, Landmarks
from rag.numbers import Numbers


@dataclass(frozen=True, slots=True)
class Reading:
    """What a question wants.

    `text` is normalised, `meant` the question as typed with its slips mended;
    `aspects` are what it asks for of each record; `districts` those it names ("" for the city);
    `outside` districts of Beijing that have no plan here; `elsewhere` places outside Beijing;
    `years` those it names; `numbers` where it points in a plan; `absent` what it asks that no plan
    holds; `figures` the amounts that it states itself; `dates` the deadlines that it states itself;
    `unknown` departments that hold no duty here; `strangers` names of bodies that nobody knows;
    `lacking` plans that a place does not have here;
    `scan` what a list is narrowed to and `unread` the words of a list that narrow nothing here;
    `corrections` what was typed otherwise; `topic` what remains, which is searched; `focus` the words
    of it that a follow-up adds to what was talked of; `landmarks` the waters, roads and parks that it
    names; `replaced` drafts that it names and final texts stand in for, `retired` plans that it names and
    nothing in force stands in for.
    """

    text: str
    meant: str
    kind: Kind
    topic: str
    aspects: frozenset[Aspect] = frozenset()
    districts: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    numbers: Numbers = field(default_factory=Numbers)
    mentions: tuple[Mention, ...] = ()
    roles: tuple[Role, ...] = ()
    past: bool = False
    figures: tuple[Figure, ...] = ()
    dates: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    scan: Filters | None = None
    unread: tuple[str, ...] = ()
    absent: tuple[Absent, ...] = ()
    corrections: tuple[Correction, ...] = ()
    focus: str = ""
    landmarks: Landmarks = NOWHERE
    replaced: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()

    @property
    def wants_figure(self) -> bool:
        """Whether it asks for an amount."""
        return "figure" in self.aspects

    @property
    def amounts(self) -> int:
        """How many amounts it asks for."""
        return amounts_asked(self.text)

    @property
    def by_number(self) -> bool:
        """Whether it asks for a numbered item as such (第37项是什么)."""
        return self.numbers.task is not None and len(self.topic) < 2

    @property
    def placed(self) -> bool:
        """Whether it says where: a place, a plan."""
        return bool(self.districts or self.outside or self.plans)

    @property
    def filters(self) -> Filters:
        """What narrows the search: plans or districts, and a numbered item."""
        task, item = self.numbers.task, self.numbers.item
        return Filters(
            plans=self.plans,
            districts=() if self.plans else self.districts,
            numbers=(task,) if task is not None else (),
            items=(item,) if item is not None else (),
        )

    def as_json(self) -> dict[str, Any]:
        """The reading for programs: only what the question says, in its own terms."""
        found: dict[str, Any] = {
            "text": self.text,
            "kind": self.kind,
            "aspects": sorted(self.aspects),
            "topic": self.topic,
            "districts": [district or "北京市" for district in self.districts],
            "outside": list(self.outside),
            "elsewhere": list(self.elsewhere),
            "plans": list(self.plans),
            "replaced": list(self.replaced),
            "retired": list(self.retired),
            "years": list(self.years),
            "number": self.numbers.task,
            "item": self.numbers.item,
            "chapter": self.numbers.chapter,
            "section": self.numbers.section,
            "departments": [{"said": m.text, "names": list(m.names)} for m in self.mentions],
            "roles": [ROLE_WORDS[role] for role in self.roles],
            "past": self.past,
            "figures": [str(figure) for figure in self.figures],
            "dates": list(self.dates),
            "absent": [absent.missing for absent in self.absent],
            "unknown": [*self.unknown, *self.strangers, *self.lacking],
            "scan": self.scan.as_json() if self.scan else None,
            "unread": list(self.unread),
            "corrections": [{"said": c.said, "meant": c.meant} for c in self.corrections],
        }
        return {name: value for name, value in found.items() if value not in (None, [], "", False)}
