"""One record as a row of a list: the contract's list object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpus.types import ROLE_WORDS, Due, Measure, Passage, Plan, Record, Role


def row(record: Record, plan: Plan, label: str) -> dict[str, Any]:
    """The row of `record`; a passage has no task, deadline or roles."""
    place: dict[str, Any] = {
        "id": record.id,
        "plan": record.plan,
        "number": record.number,
        "item": record.item,
    }
    tail = {
        "path": list(record.path),
        "status": plan.status,
        "due": [_due(due) for due in record.due],
        "label": label,
        "source": record.span.as_json(),
    }
    own = _passage(record) if isinstance(record, Passage) else _measure(record)
    return place | own | tail


def _due(due: Due) -> dict[str, Any]:
    return {
        "from": due.start.isoformat() if due.start else None,
        "to": due.end.isoformat() if due.end else None,
        "basis": due.basis,
        "printed": due.printed,
    }


def _passage(record: Passage) -> dict[str, Any]:
    return {
        "task": None,
        "text": record.text,
        "deadline": None,
        "target": None,
        "category": None,
        "roles": {role.value: [] for role in Role},
        "sentences": list(record.sentences),
        "section": record.section,
        "gap_before": record.gap_before,
        "period": record.period or None,
    }


def _measure(record: Measure) -> dict[str, Any]:
    return {
        "task": record.task or None,
        "text": record.text,
        "deadline": record.deadline,
        "target": record.target,
        "category": record.category,
        "roles": {role.value: record.names(role) for role in Role},
        "open_ended": list(dict.fromkeys(duty.role.value for duty in record.duties if duty.open_ended)),
        "inferred": list(record.inferred),
    }


def roles_in_words(row: Mapping[str, Any]) -> str:
    """The departments of a row by role: 牵头：…；协办：…."""
    held = {role: row["roles"][role] for role in ROLE_WORDS}
    return "；".join(f"{ROLE_WORDS[role]}：{'、'.join(names)}" for role, names in held.items() if names)
