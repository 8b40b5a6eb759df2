"""The check that stands at the door: what a statement says stands in what it cites.

A quoted statement: every figure (with unit and bound), date, named document and
department is in the cited records, and each quote is an exact span. A computed one: its
count is recomputed from the ids that it cites. An absence cites nothing and holds no
figure that the question does not hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from corpus.normal import normal
from corpus.types import Measure, Plan, Record
from rag.answer import Statement
from rag.bodies import Bodies
from rag.figures import documents, figures


def problems(
    statement: Statement,
    records: Sequence[Record],
    plans: Mapping[str, Plan],
    bodies: Bodies,
    question: str = "",
) -> list[str]:
    """What in `statement` is not supported, in Chinese; empty where it is grounded.

    `records` are the cited ones in the order of `statement.citations`.
    """
    if [record.id for record in records] != list(statement.citations):
        return ["引用的条目与所给条目不一致"]
    if statement.kind == "absence":
        return _absence(statement, question)
    if not records:
        return ["没有引用任何条目"]
    if statement.kind == "computed":
        return _computed(statement)
    return [
        *_quotes(statement, records),
        *_figures(statement.text, records, plans),
        *_documents(statement.text, records, plans),
        *_departments(statement, records, bodies),
    ]


def _absence(statement: Statement, question: str) -> list[str]:
    if statement.citations:
        return ["“没有”一类的话不应引用条目"]
    asked = Counter(figure.value for figure in figures(question))
    return [f"{f.value} 不在问题里" for f in figures(statement.text) if f.value not in asked]


def _computed(statement: Statement) -> list[str]:
    count = len(set(statement.citations))
    said = [figure.value for figure in figures(statement.text)]
    if statement.counted != count or count not in said:
        return [f"所说数目与引用的 {count} 条不符"]
    return []


def _quotes(statement: Statement, records: Sequence[Record]) -> list[str]:
    texts = {record.id: record.text for record in records}
    return [
        f"“{quote[:20]}”不是原文" for record_id, quote in statement.quotes if quote not in texts[record_id]
    ]


def _figures(text: str, records: Sequence[Record], plans: Mapping[str, Plan]) -> list[str]:
    held = {figure for record in records for figure in figures(_printed(record, plans))}
    return [f"{figure} 在引用处没有" for figure in figures(text) if figure not in held]


def _documents(text: str, records: Sequence[Record], plans: Mapping[str, Plan]) -> list[str]:
    held = normal("".join(_printed(record, plans) for record in records))
    return [f"《{title}》在引用处没有" for title in documents(text) if title not in held]


def _departments(statement: Statement, records: Sequence[Record], bodies: Bodies) -> list[str]:
    """Departments named with a duty are in that very role; others at least named."""
    wrong = []
    duties = {record.id: record.duties for record in records if isinstance(record, Measure)}
    for record_id, duty in statement.departments:
        if duty not in duties.get(record_id, ()):
            wrong.append(f"{duty.department} 不是 {record_id} 的{duty.role.value}")
    held = {duty.department for of_record in duties.values() for duty in of_record}
    text = normal("".join(record.text for record in records))
    return wrong + [
        f"{mention.text} 在引用处没有"
        for mention in bodies.find(normal(statement.text))
        if not held & set(mention.names) and mention.text not in text
    ]


def _printed(record: Record, plans: Mapping[str, Plan]) -> str:
    """All that a record says, field by field, parted so that no figure runs over."""
    plan = plans[record.plan]
    parts = [record.text, plan.title, f"{plan.year}年", *record.path]
    if isinstance(record, Measure):
        parts += [record.task, record.deadline or "", record.target or "", record.category or ""]
        parts += [name for duty in record.duties for name in (duty.printed, duty.department)]
    return "\n|".join(parts)
