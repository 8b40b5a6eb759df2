"""The engine: a question in, a grounded answer out. Safe for threads; keeps no history."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from corpus.departments import DepartmentLexicon, departments
from corpus.normal import printable
from index.filters import NO_FILTERS, Filters
from index.folder import OpenIndex
from index.reranker import Reranker
from rag import selection
from rag.answer import Answer, Citation, Route, Statement
from rag.bodies import Bodies
from rag.cues import cues
from rag.evidence import DEPTH, EvidenceFinder
from rag.grounding import Grounding
from rag.question import MAX_HISTORY, clean
from rag.reading import Reader, Reading
from rag.routes import deadline, duty, fact, listing, refuse
from rag.spans import best, trimmed

log = logging.getLogger("wence.rag")
_RANKED = {"fact": fact.answer, "duty": duty.answer, "deadline": deadline.answer}


class Engine:
    """Answers questions over one open index."""

    def __init__(
        self,
        index: OpenIndex,
        lexicon: DepartmentLexicon | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        lexicon = lexicon or departments()
        self.index = index
        self.store = index.store
        self.bodies = Bodies(self.store.departments, lexicon)
        self._reader = Reader(self.store.plans, self.bodies, lexicon.geography)
        self.grounding = Grounding(self.store, self.bodies)
        self.reranker = reranker
        self.finder = EvidenceFinder(self.store, index.retriever, reranker)

    def ask(self, question: str, history: Sequence[str] = (), question_id: str = "") -> Answer:
        """Answer `question`; `history` holds the earlier user questions, oldest first.

        Raises:
            QuestionError: the question (or one of the history) cannot be asked.
        """
        started = time.perf_counter()
        text = clean(question)
        earlier = [clean(turn) for turn in history[-MAX_HISTORY:] if turn.strip()]
        reading = self.read(text, earlier)
        route, statements = self._answer(text, reading)
        statements = self._grounded(statements, text)
        if not statements:
            refusal = self._grounded(self._refusal(reading), text)
            route, statements = "refuse", refusal or [refuse.FALLBACK]
        elapsed = (time.perf_counter() - started) * 1000
        timings = {"total": round(elapsed, 3)}
        return self._assembled(printable(question_id), printable(question), route, statements, timings)

    def read(self, text: str, earlier: Sequence[str] = ()) -> Reading:
        """How a cleaned question is understood."""
        return self._reader.read(text, earlier)

    def search(
        self, query: str, k: int = 10, filters: Filters = NO_FILTERS, history: Sequence[str] = ()
    ) -> list[Citation]:
        """The best `k` records for `query` as citations with scores, best first.

        The query is read as a question is: its places, plans and earlier turns narrow it.

        Raises:
            QuestionError: the query cannot be searched.
        """
        reading = self.read(clean(query), [clean(turn) for turn in history[-MAX_HISTORY:] if turn.strip()])
        found = self.finder.find(reading, max(k, DEPTH), filters)[:k]
        return [
            Citation(e.record, e.plan, self.store.label(e.record.id), quote, e.strength)
            for e in found
            for quote in [trimmed(best(e.record.text, reading.topic, most=1, like=e.like)[0].text)]
        ]

    def _answer(self, text: str, reading: Reading) -> tuple[Route, list[Statement]]:
        known = cues()
        if known.chat.fullmatch(reading.text.strip("，。!?！？~ ")):
            return "chat", [Statement(known.chat_reply, "absence")]
        if known.injection.search(reading.text):
            return "refuse", [Statement(known.injection_reply, "absence")]
        if reading.kind in ("list", "count"):
            return reading.kind, [] if self._unlistable(reading) else listing.answer(reading, self.store)
        evidence = selection.select(reading, self.finder.find(reading))
        return reading.kind, _RANKED[reading.kind](reading, evidence, self.store)

    def _unlistable(self, reading: Reading) -> bool:
        """Whether a list would rest on something that no plan here holds."""
        covered = [range(p.first_year, p.last_year + 1) for p in self.store.plans.values()]
        in_years = all(any(year in years for years in covered) for year in reading.years)
        elsewhere = reading.elsewhere or reading.outside or reading.unknown or reading.absent
        return bool(elsewhere or reading.excludes or not in_years)

    def _refusal(self, reading: Reading) -> list[Statement]:
        nearest = selection.nearest(reading, self.finder.find(reading)) if reading.figures else []
        return refuse.answer(reading, nearest, self.store)

    def _grounded(self, statements: list[Statement], question: str) -> list[Statement]:
        """The statements that pass the check; what fails does not leave, and is logged."""
        passed = []
        for statement in statements:
            wrong = self.grounding.problems(statement, question)
            if wrong:
                log.error("ungrounded statement dropped: %s: %s", statement.text, "; ".join(wrong))
            else:
                passed.append(statement)
        return passed

    def _assembled(
        self,
        question_id: str,
        question: str,
        route: Route,
        statements: list[Statement],
        timings: dict[str, float],
    ) -> Answer:
        quotes: dict[str, str] = {}
        for statement in statements:
            for record_id in statement.citations:
                quotes.setdefault(record_id, "")
            for record_id, quote in statement.quotes:
                quotes[record_id] = quotes[record_id] or quote
        records = self.store.get(quotes)
        citations = tuple(
            Citation(r, self.store.plans[r.plan], self.store.label(r.id), quotes[r.id] or r.text)
            for r in records
        )
        return Answer(
            question=question,
            text=_text(statements),
            route=route,
            statements=tuple(statements),
            citations=citations,
            refused=route in ("refuse", "chat"),
            timings_ms=timings,
            id=question_id,
        )


def _text(statements: list[Statement]) -> str:
    """Statements as lines; those that rest on the same records share one."""
    text = ""
    before: tuple[str, ...] | None = None
    for statement in statements:
        text += ("\n" if text and statement.citations != before else "") + statement.text
        before = statement.citations
    return text
