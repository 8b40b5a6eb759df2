"""Questions that were asked of a draft, for the final text that took its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from corpus.bank import BankQuestion
from corpus.ingest import Corpus
from corpus.matching import match


def inherited(asked: Sequence[BankQuestion], corpus: Corpus) -> tuple[BankQuestion, ...]:
    """`asked`, each with the final text's records beside those of the draft that they were asked of.

    The bank is a draft's until somebody writes one for the final text: without this a citizen's words would
    find it less well than the draft that it replaced.
    """
    later = _later(corpus)
    if not later:
        return tuple(asked)
    more = (_of(question, later) for question in asked)
    return tuple(
        replace(q, ids=tuple(dict.fromkeys((*q.ids, *ids)))) for q, ids in zip(asked, more, strict=True)
    )


def _of(question: BankQuestion, later: dict[str, str]) -> list[str]:
    return [later[record] for record in question.ids if record in later]


def _later(corpus: Corpus) -> dict[str, str]:
    """The final text's record by the draft's, of all drafts that were superseded."""
    entries = {entry.plan.id: entry for entry in corpus.plans}
    found: dict[str, str] = {}
    for draft in corpus.plans:
        final = entries.get(draft.plan.superseded_by)
        if final is None:
            continue
        for pair in match(draft.records, final.records).pairs:
            found[draft.records[pair.before].id] = final.records[pair.after].id
    return found
