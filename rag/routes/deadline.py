"""When something is due: the deadline column, and the date that the text itself states."""

from __future__ import annotations

from corpus.types import Measure
from index.store import Store
from rag.answer import Statement
from rag.evidence import Evidence
from rag.reading import Reading
from rag.routes.wording import quoted, subject, who
from rag.spans import Clause, sentences


def answer(reading: Reading, evidence: list[Evidence], store: Store) -> list[Statement]:
    """For each record the date that its text states, then its deadline column as printed."""
    return [statement for found in evidence for statement in of_record(reading, found, store)]


def of_record(reading: Reading, found: Evidence, store: Store, *, told: bool = False) -> list[Statement]:
    """When one record is due; `told` says that its subject stands before it already."""
    record = found.record
    clauses = found.clauses(reading, most=1)
    dated = _dated(record.text, [due.printed for due in record.due if due.basis == "text"])
    if not (isinstance(record, Measure) and (record.deadline or record.target)):
        return quoted(found, dated or ([] if told else clauses), store)
    about = subject(record, clauses[0])
    limit = f"完成时限为{record.deadline}" if record.deadline else "为年终目标"
    statements = quoted(found, dated, store)
    quotes: tuple[tuple[str, str], ...] = ()
    if dated or told:
        opening = f"完成时限一栏为{record.deadline}" if record.deadline else limit
    else:
        opening, quotes = f"{who(record, found.plan, store)}：“{about}”，{limit}", ((record.id, about),)
    text = f"{opening}{store.label(record.id)}。"
    return [*statements, Statement(text, "quoted", (record.id,), quotes)]


def _dated(text: str, printed: list[str]) -> list[Clause]:
    return [clause for clause in sentences(text) if any(words in clause.text for words in printed)]
