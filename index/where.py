"""Filters as conditions of the store's tables."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select

from corpus.normal import normal
from corpus.types import Role
from index import schema
from index.filters import DueWindow, Filters


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """What the rows of `schema.records` must meet for `filters`, in SQL's terms."""
    r = schema.records.c
    met = _of_plans(filters)
    if filters.kinds:
        met.append(r.kind.in_(filters.kinds))
    if filters.ids:
        met.append(r.id.in_(filters.ids))
    if filters.numbers:
        met.append(r.number.in_(filters.numbers))
    if filters.items:
        met.append(r.item.in_(filters.items))
    if filters.departments or filters.roles:
        met.append(_has_duty(filters))
    if filters.due:
        met.append(or_(*(_is_due(window) for window in filters.due)))
    met += [r.normal.contains(normal(text), autoescape=True) for text in filters.texts]
    met += [r.own.contains(normal(text), autoescape=True) for text in filters.own_texts]
    if filters.categories:
        met.append(func.coalesce(r.category, "").in_(filters.categories))
    if filters.deadlines:
        met.append(func.replace(func.coalesce(r.deadline, ""), " ", "").in_(filters.deadlines))
    met += [and_(*conditions(other)) for other in filters.both]
    met += [or_(*(and_(*conditions(other)) for other in group)) for group in filters.either]
    met += [not_(and_(*conditions(other))) for other in filters.excluding]
    return met


def _of_plans(filters: Filters) -> list[ColumnElement[bool]]:
    """What the plans of records must meet."""
    of, p = schema.records.c.plan, schema.plans.c
    met: list[ColumnElement[bool]] = [of.in_(filters.plans)] if filters.plans else []
    if filters.districts:
        met.append(of.in_(select(p.id).where(p.district.in_(filters.districts))))
    if filters.statuses:
        met.append(of.in_(select(p.id).where(p.status.in_(filters.statuses))))
    if filters.years:
        covers = [and_(p.first_year <= year, p.last_year >= year) for year in filters.years]
        met.append(of.in_(select(p.id).where(or_(*covers))))
    if filters.in_force:
        standing = select(p.id).where(not_(p.retired))
        superseded = "draft" in filters.statuses
        met.append(of.in_(standing if superseded else standing.where(p.superseded_by == "")))
    return met


def _has_duty(filters: Filters) -> ColumnElement[bool]:
    d = schema.duties.c
    condition: ColumnElement[bool] = d.record == schema.records.c.id
    if filters.departments:
        condition = and_(condition, d.department.in_(filters.departments))
    if filters.roles:
        condition = and_(condition, d.role.in_([role.value for role in filters.wide_roles]))
    found = exists().where(condition)
    if not filters.sole:
        return found
    roles = d.role.in_([role.value for role in filters.wide_roles or Role])
    others = and_(d.record == schema.records.c.id, roles, d.department.not_in(filters.departments))
    return and_(found, not_(exists().where(others)))


def _is_due(window: DueWindow) -> ColumnElement[bool]:
    d = schema.dues.c
    condition: ColumnElement[bool] = d.record == schema.records.c.id
    if window.permanent:
        condition = and_(condition, d.end.is_(None))
        if window.printed is not None:
            condition = and_(condition, func.replace(d.printed, " ", "") == window.printed)
    if window.end is not None:
        condition = and_(condition, d.end <= window.end)
    if window.start is not None:
        condition = and_(condition, d.end >= window.start)
    return exists().where(condition)
