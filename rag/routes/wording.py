"""How an answer says where something stands. Shared by the routes."""

from __future__ import annotations

from corpus.types import Measure, Passage, Plan, Record
from index.store import Store
from rag.answer import Statement
from rag.evidence import Evidence
from rag.spans import Clause, trimmed


def who(record: Record, plan: Plan) -> str:
    """Whose plan it is, as a sentence opens: 延庆区（征求意见稿）."""
    if isinstance(record, Passage):
        return "“十四五”规划" + (f"回顾{record.period}" if record.period else "")
    return (plan.district or "全市") + ("（征求意见稿）" if plan.status == "draft" else "")


def quoted(evidence: Evidence, clauses: list[Clause], store: Store, lead: str = "") -> list[Statement]:
    """One statement a clause, each ending with its label; the first says whose plan it is."""
    record = evidence.record
    label = store.label(record.id)
    statements = []
    for n, clause in enumerate(clauses):
        opening = (lead or who(record, evidence.plan) + "：") if n == 0 else ""
        words = trimmed(clause.text)
        text = f"{opening}{words}{label}。"
        statements.append(Statement(text, "quoted", (record.id,), ((record.id, words),)))
    return statements


def indicator(record: Record) -> str | None:
    """An indicator with its year-end target as a phrase, or None where it is no indicator."""
    if isinstance(record, Measure) and record.target is not None:
        return f"{record.text}的年终目标为{record.target}"
    return None


def subject(record: Record, clause: Clause) -> str:
    """What a duty or deadline is about: the clause, cut at a comma where it is long."""
    words = trimmed(clause.text)
    if len(words) <= 48:
        return words
    cut = max(words.rfind(mark, 0, 48) for mark in "，,、；;")
    return words[:cut] if cut >= 12 else words[:48]
