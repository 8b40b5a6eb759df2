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
    statements = []
    for found in evidence:
        record = found.record
        phrase = indicator(record)
        if phrase is not None:
            text = f"{who(record, found.plan)}：{phrase}{store.label(record.id)}。"
            statements.append(Statement(text, "quoted", (record.id,), ((record.id, record.text),)))
            continue
        if reading.by_number:
            clauses = sentences(record.text)
        else:
            clauses = best(record.text, reading.topic, figure=reading.wants_figure, like=found.like)
        statements += quoted(found, clauses, store)
    return statements
