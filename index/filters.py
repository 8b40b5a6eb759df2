"""What narrows a scan or a search, before anything is ranked."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from enum import Enum
from typing import Any, Literal

from corpus.deadlines import PERMANENT, read_due
from corpus.normal import normal
from corpus.types import Due, Role, Status

Kind = Literal["measure", "passage"]

# Asking who leads or who is responsible includes a merged cell, said as 牵头/主责.
ROLE_INCLUDES: dict[Role, tuple[Role, ...]] = {
    Role.LEAD: (Role.LEAD, Role.LEAD_RESPONSIBLE),
    Role.RESPONSIBLE: (Role.RESPONSIBLE, Role.LEAD_RESPONSIBLE),
    Role.ASSISTING: (Role.ASSISTING,),
    Role.LEAD_RESPONSIBLE: (Role.LEAD_RESPONSIBLE,),
}


@dataclass(frozen=True, slots=True)
class DueWindow:
    """When something must be due: ends within [start, end], or `permanent` (no end).

    `printed`, where set, is the normalised wording that a permanent one must have.
    """

    start: date | None = None
    end: date | None = None
    permanent: bool = False
    printed: str | None = None

    def holds(self, due: Due) -> bool:
        """Whether `due` lies in the window, as a scan decides it."""
        if due.end is None:
            return self.permanent and self.printed in (None, due.printed.replace(" ", ""))
        early = self.start is not None and due.end < self.start
        return not (self.permanent or early or (self.end is not None and due.end > self.end))

    @classmethod
    def read(cls, words: str, year: int) -> DueWindow | None:
        """The window that a plan's words mean in `year`; None where they state no date.

        6月底前 is due by then, 6-9月 due within, 长期实施 permanent in those very words.
        """
        dues = read_due(words, year, "column")
        if not dues:
            return None
        due = dues[0]
        if due.end is None:
            said = normal(words)
            return cls(permanent=True, printed=said if PERMANENT.fullmatch(said) else None)
        return cls(start=due.start, end=due.end)


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions that a record must meet.

    Values within one field are alternatives, except `texts`, which must all occur
    (compared in normalised form); the fields together must all hold. An empty field
    does not filter. `districts` holds district names, "" for the city; `departments`
    full names; `statuses` those of plans; `roles` widen as `ROLE_INCLUDES` says. `own_texts`
    must occur in the measure's own text, not only in its task; `deadlines` are whole cells of
    that column, normalised; `sole` lets no department beside `departments` have one of `roles`.
    A record must also meet every one of `both`, one of each group of `either`, and none of `excluding`.
    `years` are those that plans cover; `in_force` leaves out plans that are retired, and drafts that a final
    text has replaced unless `statuses` names drafts.
    """

    plans: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    due: tuple[DueWindow, ...] = ()
    texts: tuple[str, ...] = ()
    own_texts: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    deadlines: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    items: tuple[int, ...] = ()
    kinds: tuple[Kind, ...] = ()
    statuses: tuple[Status, ...] = ()
    years: tuple[int, ...] = ()
    in_force: bool = False
    ids: tuple[str, ...] = ()
    sole: bool = False
    both: tuple[Filters, ...] = ()
    either: tuple[tuple[Filters, ...], ...] = ()
    excluding: tuple[Filters, ...] = ()

    def narrowed(self, by: Filters) -> Filters:
        """These filters with every condition that `by` sets in place of their own."""
        return replace(self, **{f.name: value for f in fields(by) if (value := getattr(by, f.name))})

    @property
    def wide_roles(self) -> tuple[Role, ...]:
        """The roles with those that include them."""
        return tuple(dict.fromkeys(wide for role in self.roles for wide in ROLE_INCLUDES[role]))

    def as_json(self) -> dict[str, Any]:
        """The conditions that are set, for programs."""
        return {f.name: _plain(value) for f in fields(self) if (value := getattr(self, f.name))}


def _plain(value: Any) -> Any:
    """A condition in JSON's terms."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Filters):
        return value.as_json()
    if isinstance(value, DueWindow):
        start, end = (day.isoformat() if day else None for day in (value.start, value.end))
        return {"from": start, "to": end, "permanent": value.permanent, "printed": value.printed}
    return value.value if isinstance(value, Enum) else value


NO_FILTERS = Filters()
