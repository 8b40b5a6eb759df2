"""How an answer says where something stands. Shared by the routes."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.types import Measure, Passage, Plan, Record
from index.store import Store
from rag.answer import Statement
from rag.editions import long_term
from rag.evidence import Evidence
from rag.spans import Clause, trimmed

SUBJECT = 60
_PAIRS = (("（", "）"), ("(", ")"), ("《", "》"), ("〈", "〉"), ("“", "”"), ("〔", "〕"))


def who(record: Record, plan: Plan, store: Store) -> str:
    """Whose plan it is, as a sentence opens: 延庆区（征求意见稿）; 延庆区2025年 where that is past."""
    period = f"回顾{record.period}" if isinstance(record, Passage) and record.period else ""
    if long_term(plan):
        return plan.short + period
    year = "" if store.year in plan.years else f"{plan.year}年"
    return (plan.district or "全市") + year + ("（征求意见稿）" if plan.status == "draft" else "") + period


def quoted(evidence: Evidence, clauses: list[Clause], store: Store, lead: str = "") -> list[Statement]:
    """One statement a clause, each ending with its label; the first says whose plan it is."""
    record = evidence.record
    label = store.label(record.id)
    statements = []
    for n, clause in enumerate(clauses):
        opening = (lead or who(record, evidence.plan, store) + "：") if n == 0 else ""
        words = trimmed(clause.text)
        text = f"{opening}{words}{label}。"
        statements.append(Statement(text, "quoted", (record.id,), ((record.id, words),)))
    return statements


def joined_labels(ids: Sequence[str], store: Store) -> str:
    """The labels of `ids` behind each other."""
    return "".join(store.label(record_id) for record_id in ids)


def indicator(record: Record) -> str | None:
    """An indicator with its year-end target as a phrase, or None where it is no indicator."""
    if isinstance(record, Measure) and record.target is not None:
        return f"{record.text}的年终目标为{record.target}"
    return None


def subject(record: Record, clause: Clause) -> str:
    """What a duty or deadline is about: the clause, where it is long only up to a comma.

    It is never cut inside a word, an enumeration or brackets.
    """
    words = trimmed(clause.text)
    if len(words) <= SUBJECT:
        return words
    commas = [at for at, mark in enumerate(words) if mark in "，,；;" and _closed(words[:at])]
    return next((words[:at] for at in reversed(commas) if 12 <= at <= SUBJECT), words)


def _closed(text: str) -> bool:
    """Whether every bracket and quotation mark of `text` is closed."""
    return all(text.count(opening) == text.count(closing) for opening, closing in _PAIRS)
