"""Who leads, is responsible, assists: by level, with full names."""

from __future__ import annotations

from corpus.types import ROLE_WORDS, Duty, Measure, Role
from index.filters import ROLE_INCLUDES
from index.store import Store
from rag.answer import Statement
from rag.evidence import Evidence
from rag.reading import Reading
from rag.routes.wording import quoted, subject, who
from rag.spans import best

BASIS = "按计划分工（供派单参考），"


def answer(reading: Reading, evidence: list[Evidence], store: Store) -> list[Statement]:
    """One statement a measure: what it is about, then its departments by role.

    A merged cell is said as 牵头/主责. Where the question asks for one role and the row
    has nobody in it, the statement says so and names the others.
    """
    statements: list[Statement] = []
    for found in evidence:
        record = found.record
        clause = best(record.text, reading.topic, most=1, like=found.like)[0]
        if not isinstance(record, Measure):
            statements += quoted(found, [clause], store)
            continue
        duties = record.duties if reading.several else _asked(record.duties, reading.roles)
        about = subject(record, clause)
        opening = BASIS if not statements else ""
        lack = _lack(record, reading.roles)
        said = "，".join(part for part in (lack, _said(duties)) if part)
        text = f"{who(record, found.plan)}“{about}”，{opening}{said}{store.label(record.id)}。"
        named = tuple((record.id, duty) for duty in duties)
        statements.append(Statement(text, "quoted", (record.id,), ((record.id, about),), named))
    return statements


def _asked(duties: tuple[Duty, ...], roles: tuple[Role, ...]) -> tuple[Duty, ...]:
    wanted = {wide for role in roles for wide in ROLE_INCLUDES[role]}
    asked = tuple(duty for duty in duties if duty.role in wanted)
    return asked or duties


def _lack(record: Measure, roles: tuple[Role, ...]) -> str:
    held = {duty.role for duty in record.duties}
    missing = [ROLE_WORDS[role] for role in roles if not held & set(ROLE_INCLUDES[role])]
    return f"该行没有列{'、'.join(missing)}单位" if missing else ""


def _said(duties: tuple[Duty, ...]) -> str:
    parts = []
    for role, words in ROLE_WORDS.items():
        held = [duty for duty in duties if duty.role is role]
        if held:
            names = "、".join(duty.department for duty in held)
            more = "等部门" if any(duty.open_ended for duty in held) else ""
            parts.append(f"{words}：{names}{more}")
    return "，".join(parts)
