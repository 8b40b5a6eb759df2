"""What sets a further candidate apart from the first, in a few words taken from the records."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from corpus.normal import normal
from corpus.terms import fixed_terms
from index.expansion import everyday
from rag.dispatch_basis import Basis
from rag.evidence import EvidenceFinder
from rag.reading import Reading

MOST = 2  # terms that are said
HEAD = 16  # characters of a clause that stand for it where no term does


def apart(bases: Sequence[Basis], first: Sequence[Basis], asked: Reading, finder: EvidenceFinder) -> str:
    """What `bases` are about or led by that `first` are not; `asked` is what the caller says."""
    meant = {term for expansion in finder.expansions(asked.topic) for term in expansion.terms}
    said = (_matter(bases[0], first, asked.topic, meant), _leads(bases, first))
    return "，".join(words for words in said if words)


def _matter(one: Basis, first: Sequence[Basis], topic: str, meant: Collection[str]) -> str:
    """The plans' terms in the clause in point that the first does not hold, those that are `meant` first."""
    quote = normal(one.quote)
    others = normal("|".join(f"{b.record.text}|{b.record.task}" for b in first))
    own = [term for term in _terms() if len(term) > 1 and term in quote and term not in others]
    own.sort(key=lambda term: (term not in meant and term not in topic, -len(term)))
    kept: list[str] = []
    for term in own:
        if len(kept) < MOST and not any(term in other or other in term for other in kept):
            kept.append(term)
    kept.sort(key=quote.index)
    if kept:
        return "、".join(_terms()[term] for term in kept)
    if one.record.task and one.record.task != first[0].record.task:
        return one.record.task
    return re.split(r"[，,、：:]", one.quote)[0][:HEAD]


@lru_cache(maxsize=1)
def _terms() -> dict[str, str]:
    """The plans' terms by their normalised form, the longest first."""
    printed = {term for entry in everyday().entries for term in entry.means}
    terms = {normal(term): term for term in (*fixed_terms(), *printed)}
    return {term: terms[term] for term in sorted(terms, key=lambda term: (-len(term), term))}


def _leads(bases: Sequence[Basis], first: Sequence[Basis]) -> str:
    """Who leads it at the level of the first's, where others do."""
    same = [b for b in bases if b.level == first[0].level] or bases[:1]
    leads = same[0].leads
    other = {name for b in first if b.level == same[0].level for name in b.leads}
    own = [name for name in leads if name not in other]
    return f"{'、'.join(own[:2])}{'等' if len(own) > 2 else ''}牵头" if own else ""
