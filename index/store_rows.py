"""Records as rows of the store's tables, and back. A row's values stand in the order of its columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

from corpus.departments import Department
from corpus.types import Due, Duty, Measure, Passage, Plan, Record, Role, Span
from index.plan_table import Extent

Values = tuple[Any, ...]
_ROLES = {role.value: role for role in Role}
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_path = lru_cache(maxsize=4096)(_as_json)  # records of a section share it
_PLAN = [field.name for field in fields(Plan)]  # the columns behind `version`, in this order


def plan_row(version: int, plan: Plan, extent: Extent) -> Values:
    """The row of a plan whose records stand at `extent`."""
    return (version, *(getattr(plan, name) for name in _PLAN), *extent)


def read_plan(row: Sequence[Any]) -> tuple[Plan, Extent]:
    """The plan of a row, and where its records stand."""
    return Plan(*row[1 : 1 + len(_PLAN)]), Extent(*row[1 + len(_PLAN) :])


def department_row(ordinal: int, body: Department) -> Values:
    """The row of the department that is the `ordinal`-th of the store."""
    return (ordinal, body.name, body.stem, body.district, body.collective, body.known)


def read_department(row: Sequence[Any]) -> Department:
    """The department of a row."""
    return Department(*row[1:])


def duty_rows(position: int, duties: Iterable[Duty]) -> list[Values]:
    """The rows of the duties of the record at `position`."""
    return [
        (position, n, duty.printed, duty.department, duty.role._value_, duty.open_ended, duty.inferred)
        for n, duty in enumerate(duties)
    ]


def read_duty(row: Sequence[Any], bodies: Mapping[str, Department]) -> Duty:
    """The duty of a row; `bodies` are the departments by name."""
    _, _, printed, department, role, open_ended, inferred = row
    body = bodies[department]
    return Duty(printed, body.name, _ROLES[role], body.collective, body.known, open_ended, inferred)


def due_rows(position: int, dues: Iterable[Due]) -> list[Values]:
    """The rows of the dates of the record at `position`, as both drivers take them."""
    return [
        (
            position,
            n,
            due.start.isoformat() if due.start else None,
            due.end.isoformat() if due.end else None,
            due.basis,
            due.printed,
        )
        for n, due in enumerate(dues)
    ]


def read_due(row: Sequence[Any]) -> Due:
    """The date of a row."""
    return Due(*row[2:])


def record_row(position: int, record: Record, label: str, searched: str, own: str) -> Values:
    """The row of a record; `searched` and `own` are what search reads of it and what it says itself."""
    span = record.span
    if isinstance(record, Passage):
        kind, number, section, spoken, task = "passage", None, record.section, record.number, ""
        deadline = target = category = None
        detail = _as_json(
            {
                "ordinal": record.ordinal,
                "sentences": record.sentences,
                "spans": [[one.first, one.last, one.place] for one in record.spans],
                "gap_before": record.gap_before,
                "period": record.period,
            }
        )
    else:
        kind, number, section, spoken, task = "measure", record.number, None, None, record.task
        deadline, target, category = record.deadline, record.target, record.category
        detail = _detail(record.inferred, record.search_extra, span.place, record.extras)
    return (
        position,
        record.id,
        kind,
        record.plan,
        number,
        record.item,
        section,
        spoken,
        task,
        record.text,
        searched,
        own,
        deadline,
        target,
        category,
        _path(record.path),
        label,
        span.file,
        span.first,
        span.last,
        detail,
    )


@lru_cache(maxsize=4096)  # most measures of a plan have none
def _detail(inferred: Sequence[str], search_extra: str, place: str, extras: Sequence[tuple[str, str]]) -> str:
    """What is kept of a measure besides its columns."""
    return _as_json({"inferred": inferred, "search_extra": search_extra, "place": place, "extras": extras})


def read_record(row: Sequence[Any], duties: tuple[Duty, ...], dues: tuple[Due, ...]) -> Record:
    """The record of a row, with its duties and dates."""
    _, record_id, kind, plan, number, item, section, spoken, task, text, _, _, *others = row
    deadline, target, category, path, _, file, first_line, last_line, detail = others
    if kind == "passage":
        return Passage(
            id=record_id,
            plan=plan,
            section=section,
            number=spoken,
            item=item,
            ordinal=detail["ordinal"],
            path=tuple(path),
            sentences=tuple(detail["sentences"]),
            spans=tuple(Span(file, *span) for span in detail["spans"]),
            due=dues,
            gap_before=detail["gap_before"],
            period=detail["period"],
        )
    return Measure(
        id=record_id,
        plan=plan,
        number=number,
        item=item,
        task=task,
        text=text,
        deadline=deadline,
        target=target,
        category=category,
        path=tuple(path),
        duties=duties,
        due=dues,
        span=Span(file, first_line, last_line, detail["place"]),
        inferred=tuple(detail["inferred"]),
        search_extra=detail["search_extra"],
        extras=tuple((heading, text) for heading, text in detail["extras"]),
    )
