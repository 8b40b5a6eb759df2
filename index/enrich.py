"""Questions for a plan that nobody has written any for: made by rule, and marked so.

Three rules: what people ask of a measure that says the same in another plan; the clauses of
the record, each by itself (a long measure is found by one of its matters); and the same
clauses in everyday words, by the lexicon read backwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from corpus.bank import RULE, BankQuestion
from corpus.bank_rules import key
from corpus.normal import any_of, normal
from corpus.places import places
from corpus.types import Measure, Plan, Record
from index.expansion import Everyday
from index.sisters import sisters

BORROWED, CLAUSES, TURNED = 12, 8, 6  # questions a rule gives a record, at most
_SHORTEST, _LONGEST = 6, 40
_CLAUSE = re.compile(r"[^，。；;：:\n（）()]+")


def by_rule(
    plan: str,
    records: Sequence[Record],
    bank: Sequence[BankQuestion],
    plans: Mapping[str, Plan],
    lexicon: Everyday,
) -> list[BankQuestion]:
    """Questions for the records of `plan` among all `records`, from the written `bank` of other plans."""
    same = sisters(records)
    scope = _scope(plans)
    place = {record.id: n for n, record in enumerate(records)}
    asked_of: list[list[BankQuestion]] = [[] for _ in records]
    for question in bank:
        if question.written and question.plan != plan and not scope.search(normal(question.question)):
            for record_id in question.ids:
                asked_of[place[record_id]].append(question)
    found: dict[str, BankQuestion] = {}
    for n, record in enumerate(records):
        if record.plan != plan:
            continue
        lent = [q for other in np.flatnonzero(same[n]) if other != n for q in asked_of[other]]
        for text, register in (
            *((q.question, q.register) for q in lent[:BORROWED]),
            *((text, "plain") for text in _clauses(record)),
            *((text, "citizen") for text in _turned(record, lexicon)),
        ):
            known = found.get(key(text))
            ids = (*known.ids, record.id) if known else (record.id,)
            found[key(text)] = BankQuestion(text, register, tuple(dict.fromkeys(ids)), RULE)
    return list(found.values())


def _scope(plans: Mapping[str, Plan]) -> re.Pattern[str]:
    """Words that tie a question to one place or plan."""
    geography = places()
    names = {*geography.districts, *geography.towns, *(plan.short for plan in plans.values())}
    names |= {"北京", "全市", "本市", "市里", "市级", "全区", "区里", "十四五", "14五"}
    return any_of(names)


def _clauses(record: Record) -> list[str]:
    """The clauses of a record that are long enough to say something, at most `CLAUSES`."""
    texts = [record.text] + ([record.task, record.target or ""] if isinstance(record, Measure) else [])
    found = [clause.strip() for text in texts for clause in _CLAUSE.findall(text)]
    return [clause for clause in dict.fromkeys(found) if _SHORTEST <= len(clause) <= _LONGEST][:CLAUSES]


def _turned(record: Record, lexicon: Everyday) -> list[str]:
    """Clauses with a term of the plan replaced by what people say for it, at most `TURNED`."""
    return list(dict.fromkeys(_replaced(_clauses(record), lexicon)))[:TURNED]


def _replaced(clauses: Iterable[str], lexicon: Everyday) -> Iterator[str]:
    for clause in map(normal, clauses):
        for entry in lexicon.entries:
            for term in entry.means:
                if term in clause:
                    yield from (clause.replace(term, said) for said in entry.says)
