"""The store: the truth that vectors and words only find the way into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import finalize

import numpy as np
from sqlalchemy import URL, ColumnElement, Row, Select, Table, func, select
from sqlalchemy.exc import SQLAlchemyError

from corpus.departments import Department
from corpus.types import Due, Duty, Plan, Record
from index import schema
from index.errors import IndexFolderError
from index.filters import NO_FILTERS, Filters
from index.lru import Lru
from index.plan_table import Flags, PlanTable, Positions, Ranges, parted
from index.store_names import HeldNames, Names, ReadNames
from index.store_places import Place
from index.store_rows import read_department, read_due, read_duty, read_plan, read_record
from index.store_sqlite import SqliteFile
from index.store_texts import searchable as searchable
from index.where import among, conditions

SMALL = 20_000
"""Records up to which a store holds all names in memory, and every record that was once read."""
HELD = 10_000  # records that a larger one keeps
HELD_POSITIONS = 2_000_000  # that results of scans hold together, at eight bytes each
PART = 2_000  # records that are read at a time
FEW = 10_000  # records whose duties and dues are looked up one by one, rather than found beforehand
_NO_PLAN = ("",)  # what no record is of: an empty condition would narrow nothing


def this_year(plans: Collection[Plan]) -> int:
    """The year of the newest plan in force; that of a plan for several years is its first."""
    return max(plan.first_year for plan in [p for p in plans if p.in_force] or plans)


class Store:
    """Read access to one version of a store. Safe for threads.

    Opening reads the plans alone. Up to `SMALL` records it holds all names, and keeps each record that was
    read; a larger store reads them as they are asked for and keeps the last.

    Every read raises `StoreUnreachableError` where the store is on a server that does not answer, and
    `IndexFolderError` where it cannot be read.
    """

    def __init__(self, place: Place, version: int | None = None) -> None:
        self._place = place
        self._engine, self._alone = place.reading()
        finalize(self, self._engine.dispose)  # a service exchanges stores, and a database counts connections
        self.scope = NO_FILTERS
        """What every scan is narrowed to."""
        self.standing: tuple[str, ...] | None = None
        """The plans that every scan is narrowed to besides: those that may be rested on; None for all."""
        try:
            self._open(version)
        except BaseException:
            self.close()
            raise

    def _open(self, version: int | None) -> None:
        v, p = schema.versions.c, schema.plans.c
        chosen = select(schema.versions).order_by(v.version.desc()).limit(1)
        found = self.rows(chosen if version is None else chosen.where(v.version == version))
        if not found:
            raise IndexFolderError(f"条目库里没有第 {version} 版。请运行 wence build 重建。")
        self.version: int = found[0].version
        """Which one of the store's versions this is."""
        self._count: int = found[0].records
        bodies: int = found[0].departments
        rows = self.rows(select(schema.plans).where(p.version == self.version).order_by(p.ordinal, p.start))
        plans = [read_plan(row) for row in rows]
        self.every_plan: Mapping[str, Plan] = {plan.id: plan for plan, _ in plans}
        self.plan_table = PlanTable(plans)
        """The plans as columns, and the positions of the records of each."""
        self.plans = self.every_plan
        """Those that there are for whoever does not ask for an id; every one can be looked up."""
        self.year = this_year(self.plans.values())
        """The year that 今年 means."""
        small = self._count <= SMALL
        self.names: Names = HeldNames(self.rows, self._count) if small else ReadNames(self.rows, self._count)
        self.ids = self.names.ids
        """The id of each record, in print order."""
        self.places = self.names.places
        """The position of each record, by its id."""
        self._cache: dict[str, Record] | Lru[str, Record] = {} if small else Lru(HELD)
        self._searched: dict[str, str] | Lru[str, str] = {} if small else Lru(HELD)
        self._departments = lru_cache(maxsize=1)(lambda: self._read_departments(bodies))
        self._renew()

    def _renew(self) -> None:
        """Begin without results of scans."""
        self.printed = lru_cache(maxsize=1)(self._printed)
        self._narrow = lru_cache(maxsize=1)(self._narrowed)
        self._reached: Lru[Filters, Ranges | Positions] = Lru(HELD_POSITIONS, _size)
        self._scanned: Lru[Filters, Positions] = Lru(HELD_POSITIONS, _size)

    @classmethod
    def open(cls, path: Path, version: int | None = None) -> Store:
        """Open the SQLite store at `path`: `version` of it, or the newest. A read-only disk is fine."""
        return cls(SqliteFile(path), version)

    @classmethod
    def at(cls, url: str | URL, name: str, version: int | None = None) -> Store:
        """Open the store in the schema `name` of the PostgreSQL database at `url`.

        Raises:
            StoreUnreachableError: the server does not answer.
        """
        from index.store_postgresql import PostgresSchema  # psycopg: an SQLite store does without

        return cls(PostgresSchema(url, name), version)

    def rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """All rows of `query` over the tables of `index.schema`.

        What later versions have added is not hidden: of positions those below `count()` are this one's.
        """
        try:
            with self._alone, self._engine.connect() as connection:
                return connection.execute(query).all()
        except SQLAlchemyError as error:
            raise self._place.failure(error) from None

    def within(self, scope: Filters, standing: tuple[str, ...] | None = None) -> Store:
        """This store, whose scans find the records that meet `scope` alone; all else is shared.

        With `standing` it holds these plans and no others, for whoever does not ask for an id.
        """
        view = copy(self)
        view.scope = scope
        if standing is not None:
            held = set(standing)
            view.standing = standing
            view.plans = {key: plan for key, plan in self.every_plan.items() if key in held}
        view._renew()
        if standing is None:
            view.printed = self.printed
        return view

    @property
    def narrowing(self) -> tuple[Filters, ...]:
        """The conditions that every scan here adds to its own."""
        scope = (self.scope,) if self.scope != NO_FILTERS else ()
        return scope if self.standing is None else (*scope, Filters(plans=self.standing or _NO_PLAN))

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @property
    def departments(self) -> Mapping[str, Department]:
        """Every department that has a duty, by its full name."""
        return self._departments()

    def _read_departments(self, count: int) -> Mapping[str, Department]:
        d = schema.departments.c
        rows = self.rows(select(schema.departments).where(d.ordinal < count).order_by(d.ordinal))
        return {row.name: read_department(row) for row in rows}

    def label(self, record_id: str) -> str:
        """The citation label of a record; a KeyError where there is none."""
        return self.names.label(record_id)

    def __contains__(self, record_id: object) -> bool:
        return record_id in self.places

    def count(self) -> int:
        """Number of records."""
        return self._count

    def get(self, ids: Iterable[str]) -> list[Record]:
        """The records of `ids`, in that order.

        Raises:
            KeyError: an id is not in the store.
        """
        wanted = list(ids)
        cache = self._cache
        try:
            return [cache[record_id] for record_id in wanted]
        except KeyError:
            found = {record_id: cache.get(record_id) for record_id in wanted}
        loaded = self._load([record_id for record_id, record in found.items() if record is None])
        cache.update(loaded)
        return [found[record_id] or loaded[record_id] for record_id in wanted]

    def searched(self, record: Record) -> str:
        """`searchable` of one of its records, kept."""
        text = self._searched.get(record.id)
        if text is None:
            text = searchable(record)
            self._searched.update({record.id: text})
        return text

    def scan(self, filters: Filters) -> list[Record]:
        """Every record that meets `filters`, in print order. Complete, never ranked."""
        return self.get(self.names.at(self.positions(filters).tolist()))

    def positions(self, filters: Filters) -> Positions:
        """Positions (0-based places in print order) of the records that meet `filters`; read-only."""
        found = self._scanned.get(filters)
        if found is None:
            reached = self.allowed(filters)
            found = reached.positions() if isinstance(reached, Ranges) else reached
            self._scanned.put(filters, found)
        return found

    def allowed(self, filters: Filters) -> Ranges | Positions:
        """The same as `Ranges` where plans alone decide, which asks no database; else as positions."""
        found = self._reached.get(filters)
        if found is None:
            found = self._reach(filters)
            self._reached.put(filters, found)
        return found

    def _narrowed(self) -> tuple[Flags, list[Filters]]:
        """The plans that `narrowing` leaves, and what of it is no matter of plans."""
        plans, rest = parted(self.narrowing)
        return self.plan_table.meeting(Filters(both=tuple(plans))), rest

    def _reach(self, filters: Filters) -> Ranges | Positions:
        left, always = self._narrow()
        plans, rest = parted([filters])
        flags = left & self.plan_table.meeting(Filters(both=tuple(plans)))
        flags, rest = self._without_kinds(flags, [*always, *rest])
        runs = self.plan_table.runs(flags)
        if not rest or not len(runs):
            return runs
        few = len(runs) <= FEW
        r = schema.records.c
        query = select(r.position).order_by(r.position)
        if not flags.all() and (few or 2 * len(runs) <= self._count):
            query = query.where(among(r.plan, self.plan_table.ids(flags)))
        for wanted in rest:
            query = query.where(*conditions(wanted, self.plan_table, few=few))
        rows = self.rows(query)
        found = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
        found = found[runs.holds(found)]
        found.flags.writeable = False
        return found

    def _without_kinds(self, flags: Flags, wanted: list[Filters]) -> tuple[Flags, list[Filters]]:
        """`wanted` without kinds of records where plans that are wholly of a kind settle them."""
        left = []
        for filters in wanted:
            settled = self.plan_table.of_kinds(flags, filters.kinds) if filters.kinds else None
            if settled is not None:
                flags, filters = settled, replace(filters, kinds=())
            if filters != NO_FILTERS:
                left.append(filters)
        return flags, left

    def _printed(self) -> str:
        """What search reads of all records, normalised, a line each."""
        r = schema.records.c
        query = select(r.normal).where(r.position < self._count).order_by(r.position)
        if self.standing is not None:
            query = query.where(among(r.plan, self.standing))
        return "\n".join(row[0] for row in self.rows(query))

    def categories(self) -> tuple[str, ...]:
        """The categories of indicators, in print order."""
        r = schema.records.c
        first = select(r.category, func.min(r.position).label("first"))
        held = first.where(r.category.is_not(None), r.position < self._count).group_by(r.category).subquery()
        return tuple(row[0] for row in self.rows(select(held.c.category).order_by(held.c.first)))

    def _load(self, ids: Sequence[str]) -> dict[str, Record]:
        loaded: dict[str, Record] = {}
        for start in range(0, len(ids), PART):
            loaded |= self._load_part(ids[start : start + PART])
        return loaded

    def _load_part(self, ids: Sequence[str]) -> dict[str, Record]:
        there = self.rows(select(schema.records).where(among(schema.records.c.id, ids)))
        there = [row for row in there if row.position < self._count]
        self.names.learn((row.id, row.position, row.label) for row in there)
        positions = [row.position for row in there]
        bodies = self.departments
        duties: dict[int, list[Duty]] = defaultdict(list)
        for row in self._children(schema.duties, positions):
            duties[row.position].append(read_duty(row, bodies))
        dues: dict[int, list[Due]] = defaultdict(list)
        for row in self._children(schema.dues, positions):
            dues[row.position].append(read_due(row))
        return {
            row.id: read_record(row, tuple(duties[row.position]), tuple(dues[row.position])) for row in there
        }

    def _children(self, table: Table, positions: Sequence[int]) -> Iterator[Row[Any]]:
        of: ColumnElement[bool] = among(table.c.position, positions)
        yield from self.rows(select(table).where(of).order_by(table.c.position, table.c.ordinal))


def _size(found: Ranges | Positions) -> int:
    """What a result weighs in a cache: at least as much as a thousand positions."""
    return max(1000, found.rows.size if isinstance(found, Ranges) else found.size)
