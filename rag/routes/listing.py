"""List all, how many: a scan of the store with the filters read from the question.

Complete by construction: nothing is ranked or cut.
"""

from __future__ import annotations

from itertools import groupby

from corpus.types import ROLE_WORDS, Duty, Measure, Role
from index.filters import Filters
from index.store import Store
from rag.answer import Statement
from rag.reading import Reading
from rag.routes.wording import subject
from rag.spans import sentences

MOST_TOPIC = 12  # a longer topic is a description, not a word to scan for


def filters(reading: Reading) -> Filters | None:
    """The scan that the question asks for, or None where it names nothing to scan for."""
    texts = tuple(reading.topic.split()) if len(reading.topic) <= MOST_TOPIC else None
    whole_plan = reading.kind == "count" and bool(reading.plans)
    if texts is None or not (reading.departments or texts or reading.due or whole_plan):
        return None
    districts = () if reading.plans or reading.departments else reading.districts
    return Filters(
        plans=reading.plans,
        districts=districts,
        departments=reading.departments,
        roles=reading.roles if reading.departments else (),
        due=reading.due,
        texts=texts,
        kinds=("measure",),
    )


def answer(reading: Reading, store: Store) -> list[Statement]:
    """A computed statement with the number, then (for a list) one a measure, by plan.

    Empty where the question names nothing to scan for or nothing meets it.
    """
    wanted = filters(reading)
    found = [record for record in store.scan(wanted) if isinstance(record, Measure)] if wanted else []
    if wanted is None or not found:
        return []
    ids = tuple(record.id for record in found)
    total = _total(wanted, found, store)
    if reading.kind == "count":
        labels = "".join(store.label(record_id) for record_id in ids)
        return [Statement(f"{total}{labels}。", "computed", ids, scan=wanted)]
    statements = [Statement(f"{total}：", "computed", ids, scan=wanted)]
    for record in found:
        about = subject(record, sentences(record.text)[0])
        duties = _duties(record, wanted)
        said = "，" + "、".join(f"{d.department}{ROLE_WORDS[d.role]}" for d in duties) if duties else ""
        text = f"{about}{said}{store.label(record.id)}。"
        named = tuple((record.id, duty) for duty in duties)
        statements.append(Statement(text, "quoted", (record.id,), ((record.id, about),), named))
    return statements


def _total(wanted: Filters, found: list[Measure], store: Store) -> str:
    by_plan = [
        f"{store.plans[plan].short}{len(list(group))}条" for plan, group in groupby(found, lambda r: r.plan)
    ]
    said = []
    if wanted.departments:
        said.append("、".join(wanted.departments))
    if wanted.roles:
        said.append("、".join(_role_words(role) for role in wanted.roles))
    if wanted.texts:
        said.append("文字中含" + "、".join(f"“{text}”" for text in wanted.texts))
    if wanted.due:
        said.append("所问时限内")
    return f"{'，'.join(said)}的措施共{len(found)}条（{'，'.join(by_plan)}）"


def _role_words(role: Role) -> str:
    return {"lead": "牵头（含牵头/主责合并）", "responsible": "主责（含牵头/主责合并）"}.get(
        role.value, ROLE_WORDS[role]
    )


def _duties(record: Measure, wanted: Filters) -> list[Duty]:
    roles = wanted.wide_roles
    return [
        duty
        for duty in record.duties
        if duty.department in wanted.departments and (not roles or duty.role in roles)
    ]
