"""The plans of a store as columns in memory: filters that speak of plans alone are settled here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.types import Plan
from index.filters import NO_FILTERS, Filters, Kind

Flags = NDArray[np.bool_]
Positions = NDArray[np.int64]

OF_PLANS = ("plans", "districts", "statuses", "years", "in_force")
"""The fields of `Filters` that a plan decides for all of its records."""
_NESTED = ("both", "either", "excluding")
_OF_RECORDS = {
    field.name: field.default for field in fields(Filters) if field.name not in (*OF_PLANS, *_NESTED, "sole")
}
_PLANLESS = {name: getattr(NO_FILTERS, name) for name in OF_PLANS}


def of_plans_alone(filters: Filters) -> bool:
    """Whether a record's plan decides by itself whether the record meets `filters`."""
    if any(getattr(filters, name) != default for name, default in _OF_RECORDS.items()):
        return False
    nested = (*filters.both, *filters.excluding, *(one for group in filters.either for one in group))
    return all(map(of_plans_alone, nested))


def parted(conjunction: Iterable[Filters]) -> tuple[list[Filters], list[Filters]]:
    """Filters that must all hold, as filters of plans alone and the rest; together they say the same."""
    plans: list[Filters] = []
    rest: list[Filters] = []
    for filters in conjunction:
        if of_plans_alone(filters):
            plans.append(filters)
            continue
        inner = parted(filters.both)
        groups = [all(map(of_plans_alone, group)) for group in filters.either]
        alone = [of_plans_alone(other) for other in filters.excluding]
        own = Filters(
            **{name: getattr(filters, name) for name in OF_PLANS},
            either=tuple(g for g, whole in zip(filters.either, groups, strict=True) if whole),
            excluding=tuple(o for o, whole in zip(filters.excluding, alone, strict=True) if whole),
        )
        left = replace(
            filters,
            **_PLANLESS,
            both=(),
            either=tuple(g for g, whole in zip(filters.either, groups, strict=True) if not whole),
            excluding=tuple(o for o, whole in zip(filters.excluding, alone, strict=True) if not whole),
        )
        plans += [*([own] if own != NO_FILTERS else []), *inner[0]]
        rest += [*([left] if not of_plans_alone(left) else []), *inner[1]]
    return plans, rest


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """Positions as runs: `rows[:, 0]` is where each begins, `rows[:, 1]` the position behind its last.

    Shape (runs, 2), in order, none empty, none touching the next.
    """

    rows: Positions

    def __len__(self) -> int:
        """How many positions."""
        return int((self.rows[:, 1] - self.rows[:, 0]).sum())

    def positions(self) -> Positions:
        """Each position, shape (len(self),), in order; read-only, as it is kept and shared."""
        runs = [np.arange(start, stop) for start, stop in self.rows.tolist()]
        found: Positions = np.concatenate([np.zeros(0, dtype=np.int64), *runs])
        found.flags.writeable = False
        return found

    def holds(self, positions: Positions) -> Flags:
        """Which of `positions` are among them, shape of `positions`."""
        run = np.searchsorted(self.rows[:, 0], positions, side="right") - 1
        found: Flags = run >= 0
        found[found] = positions[found] < self.rows[run[found], 1]
        return found


class Extent(NamedTuple):
    """Where the records of a plan stand: from position `start` up to `stop`; so many of them are measures."""

    start: int
    stop: int
    measures: int


class PlanTable:
    """The plans, and where the records of each stand."""

    def __init__(self, plans: Iterable[tuple[Plan, Extent]]) -> None:
        # in the order of their records, so that neighbours merge
        held = sorted(plans, key=itemgetter(1))
        ordered = [plan for plan, _ in held]
        self.ranges: Mapping[str, tuple[int, int]] = {plan.id: extent[:2] for plan, extent in held}
        """Of each plan, by its id: the position of its first record and the one behind its last."""
        self._ids = list(self.ranges)
        self._rows = np.array([extent[:2] for _, extent in held], dtype=np.int64).reshape(-1, 2)
        measures = np.array([extent.measures for _, extent in held], dtype=np.int64)
        passages = self._rows[:, 1] - self._rows[:, 0] - measures
        self._with: dict[Kind, Flags] = {"measure": measures > 0, "passage": passages > 0}
        self._place = {plan_id: n for n, plan_id in enumerate(self._ids)}
        self._districts = _places(plan.district for plan in ordered)
        self._statuses = _places(plan.status for plan in ordered)
        self._first = np.array([plan.first_year for plan in ordered], dtype=np.int64)
        self._last = np.array([plan.last_year for plan in ordered], dtype=np.int64)
        self._retired = np.array([plan.retired for plan in ordered], dtype=np.bool_)
        self._superseded = np.array([bool(plan.superseded_by) for plan in ordered], dtype=np.bool_)

    def meeting(self, filters: Filters) -> Flags:
        """Which plans meet `filters`, of which only what speaks of plans is looked at."""
        met = np.ones(len(self._ids), dtype=np.bool_)
        if filters.plans:
            met &= self._at(self._place[i] for i in filters.plans if i in self._place)
        if filters.districts:
            met &= self._at(n for d in filters.districts for n in self._districts.get(d, ()))
        if filters.statuses:
            met &= self._at(n for s in filters.statuses for n in self._statuses.get(s, ()))
        if filters.years:
            covered = [(self._first <= year) & (self._last >= year) for year in filters.years]
            met &= np.logical_or.reduce(covered)
        if filters.in_force:
            met &= ~self._retired
            if "draft" not in filters.statuses:
                met &= ~self._superseded
        for other in filters.both:
            met &= self.meeting(other)
        for group in filters.either:
            met &= np.logical_or.reduce([np.zeros_like(met), *map(self.meeting, group)])
        for other in filters.excluding:
            met &= ~self.meeting(other)
        return met

    def of_kinds(self, flags: Flags, kinds: Collection[Kind]) -> Flags | None:
        """The plans of `flags` whose records are of `kinds`; None where one has others besides."""
        wanted = np.logical_or.reduce([self._with[kind] for kind in kinds])
        others = np.logical_or.reduce(
            [np.zeros_like(flags), *(w for k, w in self._with.items() if k not in kinds)]
        )
        return None if (flags & wanted & others).any() else flags & wanted

    def _at(self, places: Iterable[int]) -> Flags:
        flags = np.zeros(len(self._ids), dtype=np.bool_)
        flags[np.fromiter(places, dtype=np.int64)] = True
        return flags

    def ids(self, flags: Flags) -> list[str]:
        """The ids of the plans that are set in `flags`."""
        return [self._ids[n] for n in np.flatnonzero(flags).tolist()]

    def runs(self, flags: Flags) -> Ranges:
        """Where the records of those plans stand."""
        rows = self._rows[flags]
        rows = rows[rows[:, 0] < rows[:, 1]]
        if not len(rows):
            return Ranges(rows)
        begins = np.append(True, rows[1:, 0] != rows[:-1, 1])
        ends = np.append(begins[1:], True)
        return Ranges(np.stack([rows[begins, 0], rows[ends, 1]], axis=1))


def _places(values: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, value in enumerate(values):
        found.setdefault(value, []).append(place)
    return found
