"""A figure or requirement: the clause of the measure that says it, a line a level."""

from __future__ import annotations

from index.store import Store
from rag.answer import Statement
from rag.evidence import Evidence
from rag.reading import Reading
from rag.routes.wording import indicator, quoted, who
from rag.spans import best, sentences


def answer(reading: Reading, evidence: list[Evidence], store: Store) -> list[Statement]:
    """Statements that quote the clauses of each record in `evidence`."""
    return [statement for found in evidence for statement in of_record(reading, found, store)]


def of_record(reading: Reading, found: Evidence, store: Store) -> list[Statement]:
    """What one record says to the question; its category where that is asked."""
    record = found.record
    phrase = indicator(record)
    if phrase is not None:
        kind = f"，属于{record.category}" if "category" in reading.aspects and record.category else ""  # type: ignore[union-attr]
        text = f"{who(record, found.plan)}：{phrase}{kind}{store.label(record.id)}。"
        return [Statement(text, "quoted", (record.id,), ((record.id, record.text),))]
    if reading.by_number:
        clauses = sentences(record.text)
    else:
        clauses = best(record.text, reading.topic, figure=reading.wants_figure, like=found.like)
    return quoted(found, clauses, store)
