"""The engine: a question in, a grounded answer out. Safe for threads; keeps no history."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from threading import Event

from corpus.departments import DepartmentLexicon, departments
from corpus.normal import printable
from corpus.places import Places
from index.filters import NO_FILTERS, Filters
from index.folder import OpenIndex
from index.printed import printed_in
from index.reranker import Reranker
from index.store import Store
from rag import dialogue
from rag.amended import Amendments
from rag.answer import EXTRACTIVE, Answer, Citation, Reply, Statement, Writing, joined
from rag.bodies import Bodies
from rag.cues import cues
from rag.desk import BEYOND, Desk
from rag.editions import Editions
from rag.evidence import DEPTH, EvidenceFinder
from rag.follow_ups import further
from rag.grounding import Grounding
from rag.headings import Headings
from rag.near import counterparts
from rag.outline import Outline
from rag.parts import parts
from rag.question import MAX_HISTORY, clean
from rag.reader import Reader
from rag.reading import Reading
from rag.routes import (
    ask_back,
    catalogue,
    clarify,
    compare,
    listing,
    outline,
    overview,
    ranked,
    refuse,
    summary,
    yesno,
)
from rag.spans import trimmed
from rag.speaker import Speaker
from rag.writing.check import Checker
from rag.writing.draft import Draft
from rag.writing.follow_up import FollowUps, agree
from rag.writing.writer import Extractive, Writer

log = logging.getLogger("wence.rag")
Route = Callable[[Reading, Desk], Reply | None]
_ROUTES: dict[str, tuple[Route, ...]] = {
    "list": (listing.answer,),
    "count": (listing.answer,),
    "outline": (outline.answer, clarify.answer),
    "compare": (compare.answer, ranked.answer),
    "summary": (overview.answer, clarify.answer, summary.answer, ranked.answer, clarify.fallback),
    "yesno": (yesno.answer,),
    "duty": (clarify.answer, ranked.answer, clarify.fallback),
    "deadline": (clarify.answer, ranked.answer, clarify.fallback),
    "fact": (overview.answer, clarify.answer, summary.of_task, ranked.answer, clarify.fallback),
}


SCOPES = 64  # scopes whose desks are kept


class Engine:
    """Answers questions over one open index."""

    def __init__(
        self,
        index: OpenIndex,
        lexicon: DepartmentLexicon | None = None,
        reranker: Reranker | None = None,
        writer: Writer | None = None,
        follow_ups: FollowUps | None = None,
    ) -> None:
        lexicon = lexicon or departments()
        self.index = index
        self.store = index.store
        self.bodies = Bodies(self.store.departments, lexicon)
        self.editions = Editions(self.store.every_plan)
        self._reader = self._read_against(lexicon.geography)
        self._speaker = Speaker(self.bodies, lexicon.geography)
        self.grounding = Grounding(self.store, self.bodies)
        self.checker = Checker(self.store, self.grounding, self.bodies)
        self.writer: Writer = writer or Extractive()
        self._follow_ups = follow_ups
        self.reranker = reranker
        self._amendments = Amendments(self.store, self.editions)
        self._headings = Headings(self.store)
        self._narrowed = lru_cache(maxsize=SCOPES)(self._desk_within)
        self.finder = self._narrowed(NO_FILTERS, None).finder

    def _read_against(self, geography: Places) -> Reader:
        """A reader of questions, against what is in force."""
        in_force = self.editions.in_force
        store = self.store.within(NO_FILTERS, None if len(in_force) == len(self.store.plans) else in_force)
        printed = printed_in(store, self.index.spelling.may_print)
        return Reader(store, self.bodies, geography, self.editions, printed)

    def _desk_over(self, store: Store) -> Desk:
        finder = EvidenceFinder(store, self.index.retriever, self.reranker, self.editions)
        return Desk(store, finder, Outline(store), self._headings)

    def _desk_within(self, scope: Filters, standing: tuple[str, ...] | None) -> Desk:
        plain = scope == NO_FILTERS and standing is None
        return self._desk_over(self.store if plain else self.store.within(scope, standing))

    def desk(self, scope: Filters, reading: Reading | None = None) -> Desk:
        """What answers within `scope` are drawn from; of a `reading` the editions that it may rest on."""
        if reading is None:
            return self._narrowed(scope, None)
        whole, reached = reading.kind in ("list", "count"), self.editions.reached(scope)
        standing = self.editions.standing(reading.plans, reading.years, reached, whole=whole)
        return self._narrowed(scope, standing)

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        question_id: str = "",
        *,
        explain: bool = False,
        scope: Filters = NO_FILTERS,
    ) -> Answer:
        """Answer `question`; `history` holds the earlier user questions, oldest first.

        With `explain` the answer holds how the question was read. Everything that it rests on
        meets `scope`.

        Raises:
            QuestionError: the question (or one of the history) cannot be asked.
        """
        *_, answer = self.stream(question, history, question_id, explain=explain, scope=scope)
        return answer

    def stream(
        self,
        question: str,
        history: Sequence[str] = (),
        question_id: str = "",
        *,
        explain: bool = False,
        scope: Filters = NO_FILTERS,
        cancelled: Event | None = None,
    ) -> Generator[Answer]:
        """`ask`, as it comes: the answer so far whenever a sentence may leave, the whole one last.

        Where a model words it, the first has no statement yet, but the citations of the evidence.
        A reader who has gone sets `cancelled`: the model then stops, and what is left is quoted.

        Raises:
            QuestionError: as `ask`, before anything is given.
        """
        started = time.perf_counter()
        typed, open_desk = clean(question), self.desk(scope)
        *before, named = self._speaker.named([*self._earlier(history), typed], scope)
        text, earlier, reading = self._understood(named, before, open_desk, cancelled)
        desk = self.desk(scope, reading)
        drafts, gone, begun = [], cancelled or Event(), time.monotonic()
        whole_text = self._meant(text)
        for part in [whole_text] if ask_back.needed(reading) else parts(self._reader, reading, whole_text):
            asked = reading if part == whole_text else self.read(part, earlier, open_desk)
            own = desk if asked is reading else self.desk(scope, asked)
            reply = self._replied(asked, f"{typed}\n{text}\n{part}", own)
            drafts.append(Draft(part, asked, reply, partial(_ranked, asked, own), gone, begun))
            earlier = [*earlier, part]
        whole = together([draft.reply for draft in drafts])
        shown = Answer(
            question=printable(question),
            text="",
            route=whole.route,
            statements=(),
            citations=self._citations(whole.statements),
            refused=whole.route in ("refuse", "chat"),
            clarify=whole.clarify,
            suggestions=further([(d.reading, d.reply) for d in drafts], desk, counterparts(self)),
            table=whole.table,
            understood=reading.meant if reading.corrections or text != typed else "",
            scope=desk.scope,
            reading=reading.as_json() if explain else None,
            id=printable(question_id),
        )
        said: list[Statement] = whole.statements
        writings: list[Writing] = []
        if any(map(self.writer.words, drafts)):
            said = []
            yield shown
            for statement in self._written(drafts, writings):
                said.append(statement)
                yield replace(shown, text=joined(said), statements=tuple(said))
        elapsed = (time.perf_counter() - started) * 1000
        yield replace(
            shown,
            text=joined(said),
            statements=tuple(said),
            citations=self._citations(said) if writings else shown.citations,
            writer=next((s.writer for s in said if s.writer != EXTRACTIVE), EXTRACTIVE),
            writing=Writing.together(writings) if writings else None,
            timings_ms={"total": round(elapsed, 3)},
        )

    def _understood(
        self, text: str, earlier: list[str], desk: Desk, cancelled: Event | None
    ) -> tuple[str, list[str], Reading]:
        """The question to answer, what it is asked after, and how it is read.

        A model, where one is set to, makes a full question of a follow-up; it holds where the rules
        read the same places and departments.
        """
        reading = self.read(text, earlier, desk)
        full = self._follow_ups.rewritten(text, earlier, cancelled) if self._follow_ups and earlier else None
        if full is not None and agree(alone := self.read(full), reading):
            return full, [], alone
        return text, earlier, reading

    def _written(self, drafts: Sequence[Draft], writings: list[Writing]) -> Iterator[Statement]:
        """What the writer makes of the drafts, one after the other; `writings` grows with what it counts."""
        first: float | None = None
        for draft in drafts:
            own = Writing(self.writer.name, first_s=first)
            if self.writer.words(draft):
                writings.append(own)
            yield from self.writer.write(draft, self.checker, own)
            first = own.first_s

    def _replied(self, reading: Reading, asked: str, desk: Desk) -> Reply:
        """The grounded reply to one question; a refusal where nothing of an answer passes."""
        asked = f"{asked}\n{desk.within}"
        reply = self._grounded(self._reply(reading, desk), asked, desk)
        if not reply.statements and cues().chat_others.fullmatch(reading.text):
            return Reply("chat", [Statement(cues().chat_reply, "absence")])
        if not reply.statements:
            reply = self._grounded(refuse.answer(reading, desk), asked, desk)
            reply = reply if reply.statements else Reply("refuse", [refuse.FALLBACK])
        reply = self._of_editions(refuse.with_unwritten(reply, reading), reading, asked)
        return self._of_scope(reply, reading, asked, desk) if desk.scope else reply

    def _of_editions(self, reply: Reply, reading: Reading, asked: str) -> Reply:
        """`reply` with what has to be said of the editions that it rests on."""
        before, behind = self._amendments.of(reading, reply)
        if not before and not behind:
            return reply
        opening, end = ([s for s in told if not self._unfounded(s, asked)] for told in (before, behind))
        return replace(reply, statements=[*opening, *reply.statements, *end])

    def _unfounded(self, statement: Statement, question: str, *more: str) -> list[str]:
        """What is wrong with a statement, which then does not leave, and is logged."""
        wrong = [*self.grounding.problems(statement, question), *more]
        if wrong:
            log.error("ungrounded statement dropped: %s: %s", statement.text, "; ".join(wrong))
        return wrong

    def _of_scope(self, reply: Reply, reading: Reading, asked: str, desk: Desk) -> Reply:
        """`reply` with what has to be said of the scope; of a refusal, whether all the corpus answers."""
        if reply.route != "refuse":
            return desk.qualified(reply, reading)
        everywhere = self.desk(NO_FILTERS, reading)
        beyond = self._grounded(self._reply(reading, everywhere), asked, everywhere)
        answered = beyond.statements and beyond.route not in ("refuse", "chat")
        return replace(reply, statements=[*reply.statements, BEYOND]) if answered else reply

    def read(self, text: str, earlier: Sequence[str] = (), desk: Desk | None = None) -> Reading:
        """How a cleaned question is understood after `earlier` ones, oldest first, at a desk."""
        desk = desk or self.desk(NO_FILTERS)
        reached = self.editions.reached(desk.store.scope)
        reading = self._reader.read(*self.index.spelling.corrected(text), reached)
        if not earlier:
            return reading
        before = self.read(earlier[-1], earlier[:-1], desk)
        return self._reader.again(dialogue.carried(self._reader, desk.finder, reading, before))

    def search(
        self, query: str, k: int = 10, filters: Filters = NO_FILTERS, history: Sequence[str] = ()
    ) -> list[Citation]:
        """The best `k` records for `query` as citations with scores, best first.

        The query is read as a question is: its places, plans and earlier turns narrow it.

        Raises:
            QuestionError: the query cannot be searched.
        """
        *before, named = self._speaker.named([*self._earlier(history), clean(query)], filters)
        reading = self.read(named, before)
        found = self.finder.find(reading, max(k, DEPTH), filters)[:k]
        return [
            Citation(e.record, e.plan, self.store.label(e.record.id), quote, e.strength)
            for e in found
            for quote in [trimmed(e.clauses(reading, most=1)[0].text)]
        ]

    @staticmethod
    def _earlier(history: Sequence[str]) -> list[str]:
        return [clean(turn) for turn in history[-MAX_HISTORY:] if turn.strip()]

    def _meant(self, text: str) -> str:
        return self.index.spelling.corrected(text)[0]

    def _reply(self, reading: Reading, desk: Desk) -> Reply | None:
        """What the routes for its kind say, the first that says anything; None where none does."""
        known = cues()
        if known.chat.fullmatch(reading.text.strip("，。!?！？~ ")):
            return Reply("chat", [Statement(known.chat_reply, "absence")])
        if (told := catalogue.answer(reading, self.store)) is not None:
            return told
        if known.injection.search(reading.text):
            return Reply("refuse", [Statement(known.injection_reply, "absence")])
        if (back := ask_back.answer(reading, desk)) is not None:
            return back
        if self._beyond(reading) or desk.lacks(reading):
            return None
        return next((reply for route in _ROUTES[reading.kind] if (reply := route(reading, desk))), None)

    def _beyond(self, reading: Reading) -> bool:
        """Whether the answer would rest on a plan that is not here, or a list on what no plan holds."""
        if (reading.lacking and not reading.past) or refuse.out_of_force(reading):
            return True
        if reading.kind not in ("list", "count"):
            return False
        in_years = self.editions.told_years.issuperset(reading.years)
        stranger = bool(reading.strangers) and not reading.mentions
        return bool(reading.elsewhere or reading.unknown or reading.absent or stranger or not in_years)

    def _grounded(self, reply: Reply | None, question: str, desk: Desk) -> Reply:
        """The reply with the statements that pass the check; what fails does not leave, and is logged."""
        if reply is None:
            return Reply("refuse", [])
        passed = [
            statement
            for statement in reply.statements
            if not self._unfounded(statement, question, *desk.outside(statement.citations))
        ]
        answers = reply.route not in ("refuse", "chat") and not reply.clarify
        if answers and all(s.kind == "absence" for s in passed):
            passed = []
        return Reply(reply.route, passed, reply.clarify, reply.table, reply.suggestions)

    def _citations(self, statements: Sequence[Statement]) -> tuple[Citation, ...]:
        quotes: dict[str, str] = {}
        for statement in statements:
            for record_id in statement.citations:
                quotes.setdefault(record_id, "")
            for record_id, quote in statement.quotes:
                quotes[record_id] = quotes[record_id] or quote
        return tuple(
            Citation(r, self.store.plans[r.plan], self.store.label(r.id), quotes[r.id] or r.text)
            for r in self.store.get(quotes)
        )


def _ranked(reading: Reading, desk: Desk) -> list[str]:
    """The ids that a search for `reading` finds, best first."""
    return [evidence.record.id for evidence in desk.finder.find(reading)]


def together(replies: Sequence[Reply]) -> Reply:
    """Several replies as one: it refuses only where all do."""
    if len(replies) == 1:
        return replies[0]
    answered = [reply for reply in replies if reply.route not in ("refuse", "chat")]
    return Reply(
        (answered or replies)[0].route,
        [statement for reply in replies for statement in reply.statements],
        clarify=any(reply.clarify for reply in replies),
        table=next((reply.table for reply in replies if reply.table), None),
        suggestions=tuple(dict.fromkeys(s for reply in replies for s in reply.suggestions)),
    )
