"""The store: the truth that vectors and words only find the way into."""

from __future__ import annotations

import sqlite3
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from copy import copy
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import (
    URL,
    ColumnElement,
    Engine,
    RowMapping,
    create_engine,
    insert,
    select,
)
from sqlalchemy.pool import StaticPool

from corpus.departments import Department, DepartmentLexicon, unknown
from corpus.labels import labels
from corpus.normal import normal
from corpus.types import Due, Duty, Measure, Passage, Plan, Record, Role, Span
from index import schema
from index.filters import NO_FILTERS, Filters
from index.where import conditions

if TYPE_CHECKING:
    from corpus.ingest import Corpus

_NO_PLAN = ("",)  # what no record is of: an empty condition would narrow nothing


def this_year(plans: Collection[Plan]) -> int:
    """The year of the newest plan in force; that of a plan for several years is its first."""
    return max(plan.first_year for plan in [p for p in plans if p.in_force] or plans)


def searchable(record: Record) -> str:
    """What search reads of a record, normalised: its text, task, indicator columns."""
    if isinstance(record, Passage):
        return normal(record.path[-1] + " " + record.text)
    parts = (record.task, record.text, record.search_extra, record.target, record.category)
    extras = (text for _, text in record.extras)
    return normal(" ".join(part for part in (*parts, *extras) if part))


def own_words(record: Record) -> str:
    """What a record itself says, normalised: its text and target, not its task."""
    if isinstance(record, Passage):
        return normal(record.text)
    return normal(" ".join(part for part in (record.text, record.search_extra, record.target) if part))


def write_store(path: Path, corpus: Corpus, lexicon: DepartmentLexicon) -> None:
    """Write a new SQLite store of `corpus` at `path` (which must not exist)."""
    engine = create_engine(URL.create("sqlite", database=str(path)))
    plan_list = [entry.plan for entry in corpus.plans]
    district = {plan.id: plan.district for plan in plan_list}
    label = labels(plan_list, corpus.records)
    bodies: dict[str, Department] = {}
    duties, dues = [], []
    for record in corpus.records:
        for n, duty in enumerate(record.duties if isinstance(record, Measure) else ()):
            body = lexicon.resolve(duty.printed, district[record.plan])
            bodies[duty.department] = body or unknown(duty.printed, district[record.plan])
            duties.append(_duty_row(record.id, n, duty))
        dues += [_due_row(record.id, n, due) for n, due in enumerate(record.due)]
    try:
        schema.metadata.create_all(engine)
        with engine.begin() as connection:
            for table, rows in (
                (schema.plans, [_plan_row(plan) for plan in plan_list]),
                (schema.records, [_record_row(n, r, label[r.id]) for n, r in enumerate(corpus.records)]),
                (schema.departments, [_department_row(body) for body in bodies.values()]),
                (schema.duties, duties),
                (schema.dues, dues),
            ):
                if rows:
                    connection.execute(insert(table), rows)
    finally:
        engine.dispose()


class Store:
    """Read access to a store. Safe for threads; records once read are kept in memory."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._cache: dict[str, Record] = {}
        self._searched: dict[str, str] = {}
        self._lock = threading.Lock()
        self.scope = NO_FILTERS
        """What every scan is narrowed to."""
        self.standing: tuple[str, ...] | None = None
        """The plans that every scan is narrowed to besides: those that may be rested on; None for all."""
        with engine.connect() as connection:
            rows = connection.execute(select(schema.plans).order_by(schema.plans.c.ordinal))
            self.every_plan: Mapping[str, Plan] = {row["id"]: Plan(**row) for row in rows.mappings()}
            bodies = connection.execute(select(schema.departments)).mappings()
            self.departments: Mapping[str, Department] = {row["name"]: Department(**row) for row in bodies}
            ordered = connection.execute(
                select(schema.records.c.id, schema.records.c.label).order_by(schema.records.c.position)
            ).all()
        self.plans = self.every_plan
        """Those that there are for whoever does not ask for an id; every one can be looked up."""
        self.year = this_year(self.plans.values())
        """The year that 今年 means."""
        self.ids: tuple[str, ...] = tuple(row.id for row in ordered)
        self.places: Mapping[str, int] = {record_id: n for n, record_id in enumerate(self.ids)}
        self._labels = {row.id: row.label for row in ordered}
        self.printed = lru_cache(maxsize=1)(self._printed)
        self.positions = lru_cache(maxsize=512)(self._positions)

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open the SQLite store at `path` read-only; a read-only disk is fine."""
        uri = f"file:{quote(str(path))}?mode=ro&immutable=1"

        def connect() -> sqlite3.Connection:
            return sqlite3.connect(uri, uri=True, check_same_thread=False)

        # One connection, opened now: it goes on reading when a build has removed the version.
        return cls(create_engine("sqlite://", creator=connect, poolclass=StaticPool))

    def within(self, scope: Filters, standing: tuple[str, ...] | None = None) -> Store:
        """This store, whose scans find the records that meet `scope` alone; all else is shared.

        With `standing` it holds these plans and no others, for whoever does not ask for an id.
        """
        view = copy(self)
        view.scope = scope
        if standing is not None:
            view.standing = standing
            view.plans = {key: plan for key, plan in self.every_plan.items() if key in standing}
            view.printed = lru_cache(maxsize=1)(view._printed)
        view.positions = lru_cache(maxsize=512)(view._positions)
        return view

    @property
    def narrowing(self) -> tuple[Filters, ...]:
        """The conditions that every scan here adds to its own."""
        scope = (self.scope,) if self.scope != NO_FILTERS else ()
        return scope if self.standing is None else (*scope, Filters(plans=self.standing or _NO_PLAN))

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def label(self, record_id: str) -> str:
        """The citation label of a record."""
        label: str = self._labels[record_id]
        return label

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._labels

    def get(self, ids: Iterable[str]) -> list[Record]:
        """The records of `ids`, in that order.

        Raises:
            KeyError: an id is not in the store.
        """
        wanted = list(ids)
        missing = [record_id for record_id in wanted if record_id not in self._cache]
        if missing:
            loaded = {record.id: record for record in self._load(schema.records.c.id.in_(missing))}
            self._cache.update(loaded)
        return [self._cache[record_id] for record_id in wanted]

    def searched(self, record: Record) -> str:
        """`searchable` of one of its records, kept."""
        text = self._searched.get(record.id)
        if text is None:
            text = self._searched[record.id] = searchable(record)
        return text

    def scan(self, filters: Filters) -> list[Record]:
        """Every record that meets `filters`, in print order. Complete, never ranked."""
        return self.get(self.ids[position] for position in self._positions(filters))

    def _positions(self, filters: Filters) -> tuple[int, ...]:
        """Positions (0-based places in print order) of the records that meet `filters`."""
        query = select(schema.records.c.position).order_by(schema.records.c.position)
        for wanted in (*self.narrowing, filters):
            query = query.where(*conditions(wanted))
        with self._lock, self._engine.connect() as connection:
            return tuple(connection.execute(query).scalars())

    def _printed(self) -> str:
        """What search reads of all records, normalised, a line each."""
        query = select(schema.records.c.normal)
        if self.standing is not None:
            query = query.where(schema.records.c.plan.in_(self.standing))
        with self._lock, self._engine.connect() as connection:
            return "\n".join(connection.execute(query).scalars())

    def categories(self) -> tuple[str, ...]:
        """The categories of indicators, in print order."""
        query = select(schema.records.c.category).where(schema.records.c.category.is_not(None))
        with self._lock, self._engine.connect() as connection:
            ordered = connection.execute(query.order_by(schema.records.c.position)).scalars()
            return tuple(dict.fromkeys(ordered))

    def count(self) -> int:
        """Number of records."""
        return len(self.ids)

    def _load(self, condition: ColumnElement[bool]) -> list[Record]:
        ids = select(schema.records.c.id).where(condition)
        with self._lock, self._engine.connect() as connection:
            rows = connection.execute(select(schema.records).where(condition)).mappings().all()
            duties = self._children(connection, schema.duties, ids)
            dues = self._children(connection, schema.dues, ids)
        return [self._record(row, duties[row["id"]], dues[row["id"]]) for row in rows]

    @staticmethod
    def _children(connection: Any, table: Any, ids: Any) -> dict[str, list[RowMapping]]:
        query = select(table).where(table.c.record.in_(ids)).order_by(table.c.record, table.c.ordinal)
        found: dict[str, list[RowMapping]] = defaultdict(list)
        for row in connection.execute(query).mappings():
            found[row["record"]].append(row)
        return found

    def _record(self, row: RowMapping, duties: list[RowMapping], dues: list[RowMapping]) -> Record:
        detail = row["detail"]
        due = tuple(Due(d["start"], d["end"], d["basis"], d["printed"]) for d in dues)
        if row["kind"] == "passage":
            return Passage(
                id=row["id"],
                plan=row["plan"],
                section=row["section"],
                number=row["spoken"],
                item=row["item"],
                ordinal=detail["ordinal"],
                path=tuple(row["path"]),
                sentences=tuple(detail["sentences"]),
                spans=tuple(Span(row["file"], *span) for span in detail["spans"]),
                due=due,
                gap_before=detail["gap_before"],
                period=detail["period"],
            )
        return Measure(
            id=row["id"],
            plan=row["plan"],
            number=row["number"],
            item=row["item"],
            task=row["task"],
            text=row["text"],
            deadline=row["deadline"],
            target=row["target"],
            category=row["category"],
            path=tuple(row["path"]),
            duties=tuple(self._duty(duty) for duty in duties),
            due=due,
            span=Span(row["file"], row["first_line"], row["last_line"], detail["place"]),
            inferred=tuple(detail["inferred"]),
            search_extra=detail["search_extra"],
            extras=tuple((heading, text) for heading, text in detail["extras"]),
        )

    def _duty(self, row: RowMapping) -> Duty:
        body = self.departments[row["department"]]
        return Duty(
            printed=row["printed"],
            department=body.name,
            role=Role(row["role"]),
            collective=body.collective,
            known=body.known,
            open_ended=row["open_ended"],
            inferred=row["inferred"],
        )


def _plan_row(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in schema.plans.c.keys()}  # noqa: SIM118


def _department_row(body: Department) -> dict[str, Any]:
    return {name: getattr(body, name) for name in schema.departments.c.keys()}  # noqa: SIM118


def _duty_row(record: str, ordinal: int, duty: Duty) -> dict[str, Any]:
    return {
        "record": record,
        "ordinal": ordinal,
        "printed": duty.printed,
        "department": duty.department,
        "role": duty.role.value,
        "open_ended": duty.open_ended,
        "inferred": duty.inferred,
    }


def _due_row(record: str, ordinal: int, due: Due) -> dict[str, Any]:
    return {
        "record": record,
        "ordinal": ordinal,
        "start": due.start,
        "end": due.end,
        "basis": due.basis,
        "printed": due.printed,
    }


def _record_row(position: int, record: Record, label: str) -> dict[str, Any]:
    common: dict[str, Any] = {
        "position": position,
        "id": record.id,
        "plan": record.plan,
        "item": record.item,
        "text": record.text,
        "normal": searchable(record),
        "own": own_words(record),
        "path": list(record.path),
        "label": label,
        "file": record.span.file,
        "first_line": record.span.first,
        "last_line": record.span.last,
    }
    if isinstance(record, Passage):
        detail = {
            "ordinal": record.ordinal,
            "sentences": list(record.sentences),
            "spans": [[span.first, span.last, span.place] for span in record.spans],
            "gap_before": record.gap_before,
            "period": record.period,
        }
        nothing = dict.fromkeys(("number", "deadline", "target", "category"))
        own = {"kind": "passage", "section": record.section, "spoken": record.number, "task": ""}
        return common | nothing | own | {"detail": detail}
    own = {name: getattr(record, name) for name in ("number", "task", "deadline", "target", "category")}
    detail = {
        "inferred": list(record.inferred),
        "search_extra": record.search_extra,
        "place": record.span.place,
        "extras": [list(extra) for extra in record.extras],
    }
    return common | own | {"kind": "measure", "section": None, "spoken": None, "detail": detail}
