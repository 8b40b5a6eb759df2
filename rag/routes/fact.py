"""A figure or requirement: the clause of the measure that says it, a line a level."""

from __future__ import annotations

import re

from corpus.normal import normal
from index.store import Store
from rag.answer import Statement
from rag.coverage import Topic
from rag.evidence import Evidence, names_district
from rag.figures import DATED, asked_units, figures, states_amount
from rag.reading import Reading
from rag.routes.wording import indicator, quoted, who
from rag.spans import Clause, sentences

# Units that cannot be said otherwise; counters (个, 家, 处) can.
_MEASURED = frozenset(
    (
        "天",
        "小时",
        "吨",
        "千瓦",
        "千瓦时",
        "公里",
        "米",
        "公顷",
        "亩",
        "立方米",
        "平方米",
        "微克",
        "毫克",
        "元",
        "分贝",
    )
)
_WHICH_DISTRICTS = re.compile(r"哪[两几些三四]?个?区")
ALIKE = 0.8  # share of what the chosen sentence holds that one which states the amount as well must hold
ABOUT = 0.4  # share of the topic that a sentence must hold for its amount to be in point


def answer(reading: Reading, evidence: list[Evidence], store: Store) -> list[Statement]:
    """Statements that quote the clauses of each record in `evidence`."""
    return [statement for found in evidence for statement in of_record(reading, found, store)]


def of_record(reading: Reading, found: Evidence, store: Store) -> list[Statement]:
    """What one record says to the question; its category where that is asked."""
    record = found.record
    phrase = indicator(record)
    if phrase is not None:
        kind = f"，属于{record.category}" if "category" in reading.aspects and record.category else ""  # type: ignore[union-attr]
        text = f"{who(record, found.plan, store)}：{phrase}{kind}{store.label(record.id)}。"
        return [Statement(text, "quoted", (record.id,), ((record.id, record.text),))]
    if reading.by_number:
        clauses = sentences(record.text)
    else:
        clauses = found.clauses(reading, figure=reading.wants_figure)
        clauses = with_amounts(clauses, record.text, reading)
        clauses = with_districts(clauses, record.text, reading)
    return quoted(found, clauses, store)


def with_amounts(clauses: list[Clause], text: str, reading: Reading) -> list[Clause]:
    """`clauses`, and those that state the amounts asked for where too few of them do."""
    units = set(asked_units(reading.text))
    wanted = max(reading.amounts, 1) if reading.wants_figure else 0
    lacking = wanted - sum(states_amount(c.text) and (not units or _in_units(c.text, units)) for c in clauses)
    topic = Topic(normal(reading.topic))

    def share(clause: Clause) -> float:
        return topic.share(topic.held(normal(clause.text)))

    others = [
        (_in_units(clause.text, units), share(clause), clause)
        for clause in sentences(text)
        if clause not in clauses and states_amount(clause.text)
    ]
    if units and not any(_in_units(clause.text, units) for clause in clauses):
        near = [entry for entry in others if entry[0]]  # what states it at all
    else:
        near = [entry for entry in others if entry[1] >= ABOUT]
    near.sort(key=lambda entry: (-entry[0], -entry[1]))
    held = max((share(c) for c in clauses if _in_units(c.text, units)), default=1)
    alike = sum(in_units and of_it >= ALIKE * held for in_units, of_it, _ in near)  # what states it as well
    more = [clause for _, _, clause in near[: max(lacking, alike, 0)]]
    return sorted([*clauses, *more], key=lambda c: c.start)


def _in_units(text: str, units: set[str]) -> bool:
    """Whether `text` states an amount in one of `units`."""
    return any(figure.unit in units for figure in figures(text))


def asks_districts(text: str) -> bool:
    """Whether it asks which districts."""
    return _WHICH_DISTRICTS.search(text) is not None


def with_districts(clauses: list[Clause], text: str, reading: Reading) -> list[Clause]:
    """`clauses`, and those that name districts where 哪两个区 is asked for and none of them does."""
    if not asks_districts(reading.text) or any(names_district(c.text) for c in clauses):
        return clauses
    named = [clause for clause in sentences(text) if names_district(clause.text)]
    return sorted([*clauses, *named], key=lambda clause: clause.start)


def lacks_amount(reading: Reading, evidence: list[Evidence]) -> bool:
    """Whether an amount is asked for and no record states one, or none in the unit that is asked for."""
    if not reading.amounts or reading.by_number:
        return False
    asked = asked_units(reading.text)
    dated = DATED - set(asked)
    if any(indicator(e.record) for e in evidence):
        return False
    stated = [f for e in evidence for f in figures(e.record.text) if f.unit not in dated]
    if not stated:
        return True
    units = _MEASURED & set(asked)
    return bool(units) and not any(f.unit.startswith(unit) for f in stated for unit in units)
