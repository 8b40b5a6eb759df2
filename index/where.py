"""Filters as conditions of the store's tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    Table,
    and_,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement, bindparam

from corpus.normal import normal
from corpus.types import Role
from index import schema
from index.filters import DueWindow, Filters
from index.plan_table import OF_PLANS, PlanTable, of_plans_alone

MANY = 500  # values that are given one by one; more go as one JSON text: engines limit bound variables
_LARGEST = 2**31 - 1  # of an integer column


class _Values(FunctionElement[Any]):
    """The values of a JSON array, as a subquery of one column."""

    inherit_cache = True
    name = "json_values"


@compiles(_Values, "sqlite")
def _of_sqlite(element: _Values, compiler: Any, **options: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **options)}))"


@compiles(_Values, "postgresql")
def _of_postgresql(element: _Values, compiler: Any, **options: Any) -> str:
    given = compiler.process(element.clauses, **options)
    number = "::integer" if isinstance(element.type, Integer) else ""
    return f"(SELECT value{number} FROM jsonb_array_elements_text(CAST({given} AS jsonb)))"


def among(column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """That `column` is one of `values`, however many; what no row can hold is left out."""
    held = [value for value in values if _can_be_held(value)]
    if len(held) <= MANY:
        return column.in_(held)
    listed = _Values(bindparam(None, json.dumps(held), type_=String()))
    listed.type = column.type
    return column.op("IN", is_comparison=True)(listed)


def _can_be_held(value: Any) -> bool:
    if not isinstance(value, str):
        return bool(abs(value) <= _LARGEST)
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False


def conditions(filters: Filters, plans: PlanTable, *, few: bool = False) -> list[ColumnElement[bool]]:
    """What the rows of `schema.records` must meet for `filters`, in SQL's terms.

    With `few`, other conditions leave few records: the duties and dues of each are looked up, where else
    those that meet the filters are found first.
    """
    r = schema.records.c
    if of_plans_alone(filters):
        return _of_plans(filters, plans)
    met = _of_plans(Filters(**{name: getattr(filters, name) for name in OF_PLANS}), plans)
    if filters.kinds:
        met.append(r.kind.in_(filters.kinds))
    number = func.coalesce(r.number, -1)  # a passage has none: nothing here may be unknown, or "not" fails
    for column, values in ((r.id, filters.ids), (number, filters.numbers), (r.item, filters.items)):
        if values:
            met.append(among(column, values))
    if filters.departments or filters.roles:
        met.append(_has_duty(filters, few))
    if filters.due:
        met.append(or_(*(_is_due(window, few) for window in filters.due)))
    met += [r.normal.contains(normal(text), autoescape=True) for text in filters.texts]
    met += [r.own.contains(normal(text), autoescape=True) for text in filters.own_texts]
    if filters.categories:
        met.append(among(func.coalesce(r.category, ""), filters.categories))
    if filters.deadlines:
        met.append(among(func.replace(func.coalesce(r.deadline, ""), " ", ""), filters.deadlines))

    def all_of(other: Filters) -> ColumnElement[bool]:
        return and_(true(), *conditions(other, plans, few=few))

    met += [all_of(other) for other in filters.both]
    met += [or_(false(), *map(all_of, group)) for group in filters.either]
    met += [not_(all_of(other)) for other in filters.excluding]
    return met


def _of_plans(filters: Filters, plans: PlanTable) -> list[ColumnElement[bool]]:
    """What the plans of records must meet."""
    flags = plans.meeting(filters)
    return [] if flags.all() else [among(schema.records.c.plan, plans.ids(flags))]


def _found(table: Table, condition: ColumnElement[bool], few: bool) -> ColumnElement[bool]:
    """That a record has a row in `table` which meets `condition`."""
    here, there = schema.records.c.position, table.c.position
    if few:
        return exists().where(there == here, condition)
    return here.in_(select(there).where(condition))


def _has_duty(filters: Filters, few: bool) -> ColumnElement[bool]:
    d = schema.duties.c
    roles = d.role.in_([role.value for role in filters.wide_roles or Role])
    wanted = [among(d.department, filters.departments)] if filters.departments else []
    found = _found(schema.duties, and_(*wanted, *([roles] if filters.roles else [])), few)
    if not filters.sole:
        return found
    return and_(found, not_(_found(schema.duties, and_(roles, *map(not_, wanted)), few=True)))


def _is_due(window: DueWindow, few: bool) -> ColumnElement[bool]:
    d = schema.dues.c
    met: list[ColumnElement[bool]] = []
    if window.permanent:
        met.append(d.end.is_(None))
        if window.printed is not None:
            met.append(func.replace(d.printed, " ", "") == window.printed)
    if window.end is not None:
        met.append(d.end <= window.end)
    if window.start is not None:
        met.append(d.end >= window.start)
    return _found(schema.dues, and_(true(), *met), few)
