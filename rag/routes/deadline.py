"""When something is due: the deadline column, and the date that the text itself states."""

from __future__ import annotations

from corpus.types import Measure
from index.store import Store
from rag.answer import Statement
from rag.evidence import Evidence
from rag.reading import Reading
from rag.routes.wording import quoted, subject, who
from rag.spans import Clause, best, sentences


def answer(reading: Reading, evidence: list[Evidence], store: Store) -> list[Statement]:
    """For each record the date that its text states, then its deadline column as printed."""
    statements: list[Statement] = []
    for found in evidence:
        record = found.record
        clauses = best(record.text, reading.topic, most=1, like=found.like)
        dated = _dated(record.text, [due.printed for due in record.due if due.basis == "text"])
        if isinstance(record, Measure) and (record.deadline or record.target):
            about = subject(record, clauses[0])
            limit = f"完成时限为{record.deadline}" if record.deadline else "为年终目标"
            statements += quoted(found, dated, store)
            opening = "完成时限一栏为" if dated else f"{who(record, found.plan)}：“{about}”，{limit}"
            text = f"{opening}{record.deadline if dated else ''}{store.label(record.id)}。"
            quotes = () if dated else ((record.id, about),)
            statements.append(Statement(text, "quoted", (record.id,), quotes))
        else:
            statements += quoted(found, dated or clauses, store)
    return statements


def _dated(text: str, printed: list[str]) -> list[Clause]:
    return [clause for clause in sentences(text) if any(words in clause.text for words in printed)]
