"""What a whole store holds, told by its database: headings, tasks, labels, and who has how many duties."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from zlib import crc32

from sqlalchemy import BigInteger, ColumnElement, cast, func, not_, select

from corpus.normal import normal
from corpus.types import Role
from index import schema
from index.store import Store
from index.where import among

SAMPLE = 20_000  # records whose headings tell how usual a word is in headings
_r, _d = schema.records.c, schema.duties.c


def headings(store: Store, sample: int = SAMPLE) -> Iterator[tuple[str, ...]]:
    """The headings that each record stands under, a measure's task among them.

    Of a store of more than `sample` records those of some plans, always the same, of about so many records.
    """
    query = select(_r.kind, _r.path, _r.task).where(_here(store))
    if store.count() > sample:
        plans = sorted(store.every_plan, key=lambda plan: crc32(plan.encode()))
        query = query.where(among(_r.plan, plans[: max(1, len(plans) * sample // store.count())]))
    for row in store.rows(query):
        yield (*row.path, row.task) if row.kind == "measure" else tuple(row.path)


def is_task(store: Store, words: str) -> bool:
    """Whether `words`, normalised, are the whole name of a task: a pass over all records."""
    named = _r.normal.startswith(words, autoescape=True)  # what search reads of a measure begins with it
    query = select(_r.task).where(_here(store), _r.kind == "measure", named).distinct()
    return any(normal(row.task) == words for row in store.rows(query))


def labelled(store: Store, labels: Collection[str]) -> dict[str, str]:
    """The ids of the records that `labels` cite, by label; a label that no record has is left out."""
    said = {label.strip("〔〕").partition("·")[0] for label in labels}
    plans = [plan.id for plan in store.every_plan.values() if plan.short in said]
    if not plans:
        return {}
    query = select(_r.label, _r.id).where(_here(store), among(_r.plan, plans), among(_r.label, [*labels]))
    return {row.label: row.id for row in store.rows(query)}


def plan_sizes(store: Store) -> dict[str, tuple[int, int]]:
    """By the id of a plan that has any: how many measures and how many passages."""
    number = func.count().label("number")
    query = select(_r.plan, _r.kind, number).where(_here(store)).group_by(_r.plan, _r.kind)
    found = {(row.plan, row.kind): row.number for row in store.rows(query)}
    return {plan: (found.get((plan, "measure"), 0), found.get((plan, "passage"), 0)) for plan, _ in found}


@dataclass(slots=True)
class Held:
    """What a department holds: the names it is printed under, in print order, and how many measures."""

    printed: list[str] = field(default_factory=list)
    measures: int = 0
    roles: dict[Role, int] = field(default_factory=lambda: dict.fromkeys(Role, 0))


def held(store: Store, plans: Iterable[str]) -> Mapping[str, Held]:
    """What each department holds by `plans`, by its full name; those that hold nothing are left out."""
    of_plans = _of_plans(store, frozenset(plans))
    found: dict[str, Held] = {}
    first = func.min(cast(_d.position, BigInteger) * 1024 + _d.ordinal)
    names = select(_d.department, _d.printed).where(*of_plans).group_by(_d.department, _d.printed)
    for row in store.rows(names.order_by(first)):
        found.setdefault(row.department, Held()).printed.append(row.printed)
    measures = func.count(_d.position.distinct()).label("measures")
    for row in store.rows(select(_d.department, measures).where(*of_plans).group_by(_d.department)):
        found[row.department].measures = row.measures
    by_role = select(_d.department, _d.role, measures).where(*of_plans).group_by(_d.department, _d.role)
    for row in store.rows(by_role):
        found[row.department].roles[Role(row.role)] = row.measures
    return found


def _of_plans(store: Store, plans: frozenset[str]) -> list[ColumnElement[bool]]:
    """That a duty is one of `plans`; nothing has to be looked up where these are all."""
    met: list[ColumnElement[bool]] = [_d.position < store.count()]
    gone = [plan for plan in store.every_plan if plan not in plans]
    if not gone:
        return met
    few = len(gone) < len(plans)
    there = _d.position.in_(select(_r.position).where(among(_r.plan, gone if few else [*plans])))
    return [*met, not_(there) if few else there]


def _here(store: Store) -> ColumnElement[bool]:
    """That a record is one of the version that is open: the file may hold later ones."""
    return _r.position < store.count()
