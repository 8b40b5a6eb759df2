"""Who leads, is responsible, assists: by level, with full names."""

from __future__ import annotations

import re

from corpus.types import ROLE_WORDS, Duty, Measure, Role
from index.filters import ROLE_INCLUDES
from index.store import Store
from rag.answer import Statement
from rag.asking import tells_complaint
from rag.evidence import Evidence
from rag.reading import Reading
from rag.routes import deadline, fact
from rag.routes.wording import indicator, quoted, subject, who

BASIS = "按计划分工（供派单参考），"
_AMOUNT = re.compile(r"多少|百分之几|几(?![个家]?(?:部门|单位|局|委|家))|多[大高远长久]|定数|具体数")
_WHAT = re.compile(
    r"叫什么|叫啥|是什么(?!部门|单位|角色)|怎么(?:规定|要求|写|说|定)|什么要求|什么内容|轮次|表述"
)


def answer(reading: Reading, evidence: list[Evidence], store: Store) -> list[Statement]:
    """For each measure what it is about, then its departments by role, then its deadline if asked.

    A merged cell is said as 牵头/主责. Where the question asks for one role and the row
    has nobody in it, the statement says so and names the others.
    """
    statements: list[Statement] = []
    for found in evidence:
        if not isinstance(found.record, Measure):
            clauses = found.clauses(reading, most=1)
            statements += quoted(found, clauses, store)
            continue
        basis = not any(BASIS in statement.text for statement in statements)
        told = told_first(reading, found, store)
        statements += [*told, of_record(reading, found, store, basis=basis, told=bool(told))]
        if "deadline" in reading.aspects:
            statements += deadline.of_record(reading, found, store, told=True)
    return statements


def told_first(reading: Reading, found: Evidence, store: Store) -> list[Statement]:
    """The clauses in point, where a complaint is told, or how much or what is asked besides who."""
    if tells_complaint(reading.text):
        return fact.of_record(reading, found, store)
    if _WHAT.search(reading.text) or (_AMOUNT.search(reading.text) and indicator(found.record) is None):
        return fact.of_record(reading, found, store)
    return []


def of_record(
    reading: Reading, found: Evidence, store: Store, *, basis: bool, told: bool = False
) -> Statement:
    """The departments of one measure; `told` says that its subject stands before it already."""
    record = found.record
    assert isinstance(record, Measure)
    duties = record.duties if asks_all(reading) or reading.outside else asked(record.duties, reading.roles)
    lack = _lack(record, reading.roles)
    said = "，".join(part for part in (lack, say(duties)) if part) or "该行没有写明部门"
    opening = BASIS if basis else ""
    quotes: tuple[tuple[str, str], ...] = ()
    if not told:
        phrase = indicator(record)
        about = record.text if phrase else subject(record, found.clauses(reading, most=1)[0])
        quotes = ((record.id, about),)
        opening = f"{who(record, found.plan, store)}{phrase or f'“{about}”'}，{opening}"
    text = f"{opening}{said}{store.label(record.id)}。"
    return Statement(text, "quoted", (record.id,), quotes, tuple((record.id, duty) for duty in duties))


def asks_all(reading: Reading) -> bool:
    """Whether it asks for the departments in general besides a role (谁负责，镇里要不要配合)."""
    text = reading.text
    for role, words in _ROLE_WORDS.items():
        if role in reading.roles:
            text = re.sub(words, " ", text)
    offered = bool(reading.mentions) and "还是" in reading.text
    return not reading.roles or offered or _GENERAL.search(text) is not None or len(reading.roles) > 1


_WHOM = r"(?:谁|哪[个些几]?(?:家|个)?(?:部门|单位|局|委办局|委|区|家)?)"


def _phrase(words: str) -> str:
    """How a role is asked for: 由谁牵头, 牵头部门是哪些, 协办的呢."""
    behind = rf"(?:部门|单位|负责|的)*(?:是|有|都有|又是|为|由|呢)*{_WHOM}?"
    return rf"(?:由|归|是|还有)?{_WHOM}?来?(?:{words}){behind}"


_ROLE_WORDS = {
    Role.LEAD: _phrase("牵头|领头|挑头|带头"),
    Role.RESPONSIBLE: _phrase("主责|责任"),
    Role.ASSISTING: _phrase("协办|配合|协助"),
}
_GENERAL = re.compile(rf"{_WHOM}|管不管|有没有份|归口|压给|压在|责任部门")


def asked(duties: tuple[Duty, ...], roles: tuple[Role, ...]) -> tuple[Duty, ...]:
    """The duties in the roles asked for; all where none is."""
    wanted = {wide for role in roles for wide in ROLE_INCLUDES[role]}
    kept = tuple(duty for duty in duties if duty.role in wanted)
    return kept or duties


def _lack(record: Measure, roles: tuple[Role, ...]) -> str:
    held = {duty.role for duty in record.duties}
    missing = [ROLE_WORDS[role] for role in roles if not held & set(ROLE_INCLUDES[role])]
    return f"该行没有列{'、'.join(missing)}单位" if missing else ""


def say(duties: tuple[Duty, ...]) -> str:
    """Departments by role, in words: 牵头：甲、乙，协办：丙等部门."""
    parts = []
    for role, words in ROLE_WORDS.items():
        held = [duty for duty in duties if duty.role is role]
        if held:
            names = "、".join(duty.department for duty in held)
            more = "等部门" if any(duty.open_ended for duty in held) else ""
            parts.append(f"{words}：{names}{more}")
    return "，".join(parts)
