"""Writing a store: plans come one after another, and go out in batches of bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, Table, delete, func, insert, literal, select

from corpus.departments import Department, DepartmentLexicon, unknown
from corpus.labels import labels
from corpus.types import Measure, Plan, Record
from index import schema
from index.errors import IndexFolderError, RepeatedRecordError
from index.plan_table import Extent
from index.store_places import Place, Sink
from index.store_rows import department_row, due_rows, duty_rows, plan_row, record_row
from index.store_texts import read_and_own
from index.where import among

if TYPE_CHECKING:
    from corpus.ingest import PlanRecords

BATCH = 2000  # records that wait in memory until they are written
FIRST = 1
"""The version of a store that was never added to."""


@dataclass
class _Held:
    """What a store holds already: so many records, its departments, ids and short names of its plans."""

    records: int = 0
    departments: set[str] = field(default_factory=set)
    plans: set[str] = field(default_factory=set)
    shorts: set[str] = field(default_factory=set)


class StoreWriter:
    """Writes plans to a store, in the order in which they come.

    >>> with StoreWriter.new(SqliteFile(path), departments()) as writer:
    ...     for entry in corpus.plans:
    ...         texts = writer.add(entry)
    """

    def __init__(self, sink: Sink, lexicon: DepartmentLexicon, version: int, held: _Held) -> None:
        self.version = version
        """The version that is being written."""
        self._sink = sink
        self._lexicon = lexicon
        self._held = held
        self._bodies = len(held.departments)
        self._waiting: dict[Table, list[tuple[Any, ...]]] = {
            table: []
            for table in (schema.plans, schema.records, schema.departments, schema.duties, schema.dues)
        }

    @classmethod
    @contextmanager
    def new(cls, place: Place, lexicon: DepartmentLexicon) -> Iterator[StoreWriter]:
        """Make a store at `place`: there when the block has ended without an error, and not before.

        Raises:
            IndexFolderError: it cannot be written, or is there already.
        """
        with place.new() as sink:
            sink.make_tables()
            writer = cls(sink, lexicon, FIRST, _Held())
            yield writer
            writer._finish()
            sink.make_indexes()

    @classmethod
    @contextmanager
    def append(
        cls, place: Place, lexicon: DepartmentLexicon, after: int, changed: Iterable[Plan] = ()
    ) -> Iterator[StoreWriter]:
        """Add a version to the store at `place`, in one transaction that costs what is added.

        It holds the plans and records of version `after`, of which the plans `changed` are now as given,
        and what is added. An open `Store` goes on with its own version. No other version than `after` can
        be opened anew, and what an appending behind it left that never came to serve is taken away.

        Raises:
            IndexFolderError: it cannot be written, or lacks the version or a plan of `changed`.
        """
        with place.append() as sink:
            held, newest = _cut_to(sink, after)
            writer = cls(sink, lexicon, newest + 1, held)
            writer._take_over(after, list(changed))
            yield writer
            writer._finish()

    @property
    def records(self) -> int:
        """How many records the store has so far."""
        return self._held.records

    def add(self, entry: PlanRecords) -> list[str]:
        """Write a plan and its records; what search reads of each (`searchable`), in order.

        Raises:
            RepeatedRecordError: the store holds the plan, its short name or one of its records already.
            IndexFolderError: the database does not take it.
        """
        plan, records = entry.plan, entry.records
        self._check(plan, records)
        start = self._held.records
        label = labels([plan], records)
        waiting, texts = self._waiting, []
        for position, (record, (text, own)) in enumerate(
            zip(records, read_and_own(records), strict=True), start
        ):
            texts.append(text)
            waiting[schema.records].append(record_row(position, record, label[record.id], text, own))
            if record.due:
                waiting[schema.dues] += due_rows(position, record.due)
            if isinstance(record, Measure) and record.duties:
                waiting[schema.duties] += duty_rows(position, record.duties)
                self._meet(record, plan.district)
        self._held.records += len(records)
        extent = Extent(start, self._held.records, len(entry.measures))
        waiting[schema.plans].append(plan_row(self.version, plan, extent))
        if len(waiting[schema.records]) >= BATCH:
            self._flush()
        return texts

    def _check(self, plan: Plan, records: Iterable[Record]) -> None:
        if plan.id in self._held.plans or plan.short in self._held.shorts:
            raise RepeatedRecordError(f"条目库里已经有计划 {plan.id}（{plan.short}），不能再加一次。")
        self._held.plans.add(plan.id)
        self._held.shorts.add(plan.short)
        seen: set[str] = set()
        for record in records:
            if record.id in seen or record.plan != plan.id or not record.id.startswith(plan.id + "/"):
                raise RepeatedRecordError(f"计划 {plan.id} 的条目编号 {record.id} 重复，或不属于这个计划。")
            seen.add(record.id)

    def _meet(self, measure: Measure, district: str) -> None:
        for duty in measure.duties:
            if duty.department not in self._held.departments:
                self._held.departments.add(duty.department)
                body = self._lexicon.resolve(duty.printed, district) or unknown(duty.printed, district)
                if body.name != duty.department:
                    body = Department(duty.department, body.stem, body.district, body.collective, body.known)
                self._waiting[schema.departments].append(department_row(self._bodies, body))
                self._bodies += 1

    def _flush(self) -> None:
        for table, rows in self._waiting.items():
            if rows:
                self._sink.put(table, rows)
                rows.clear()

    def _take_over(self, after: int, changed: list[Plan]) -> None:
        """Copy the plans of version `after`, those in `changed` with what they are now."""
        p = schema.plans.c
        stand = select(p.id, p.short, p.start, p.stop, p.measures).where(p.version == after)
        extents = {}
        for row in self._sink.connection.execute(stand):
            extents[row.id] = Extent(row.start, row.stop, row.measures)
            self._held.plans.add(row.id)
            self._held.shorts.add(row.short)
        for plan in changed:
            if plan.id not in extents:
                raise IndexFolderError(f"条目库里没有要改的计划 {plan.id}。")
            self._waiting[schema.plans].append(plan_row(self.version, plan, extents[plan.id]))
        others = [column for column in schema.plans.c if column is not p.version]
        kept: Select[Any] = select(literal(self.version), *others).where(p.version == after)
        if changed:
            kept = kept.where(~among(p.id, [plan.id for plan in changed]))
        copied = insert(schema.plans).from_select([p.version, *others], kept)
        self._sink.connection.execute(copied)

    def _finish(self) -> None:
        self._flush()
        self._sink.put(schema.versions, [(self.version, self._held.records, self._bodies)])


def _cut_to(sink: Sink, version: int) -> tuple[_Held, int]:
    """Leave version `version` alone in the store; what it holds, and the newest number ever given."""
    connection, v = sink.connection, schema.versions.c
    row = connection.execute(select(v.records, v.departments).where(v.version == version)).one_or_none()
    if row is None:
        raise IndexFolderError(f"条目库里没有第 {version} 版。请运行 wence build 重建。")
    newest = connection.execute(select(func.max(v.version))).scalar_one()
    for table, column in (
        (schema.records, schema.records.c.position),
        (schema.duties, schema.duties.c.position),
        (schema.dues, schema.dues.c.position),
    ):
        connection.execute(delete(table).where(column >= row.records))
    connection.execute(delete(schema.departments).where(schema.departments.c.ordinal >= row.departments))
    for table in (schema.plans, schema.versions):
        connection.execute(delete(table).where(table.c.version != version))
    names = connection.execute(select(schema.departments.c.name)).scalars()
    return _Held(row.records, set(names)), newest
