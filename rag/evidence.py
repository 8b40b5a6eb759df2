"""Records that may answer a question, and how well each covers what was asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Literal

from corpus.places import places
from corpus.types import Measure, Passage, Plan, Record
from index.expansion import Expansion
from index.filters import NO_FILTERS, Filters
from index.reranker import Reranker
from index.retriever import Retriever
from index.store import Store, searchable
from rag import spans
from rag.coverage import Topic
from rag.editions import Editions, long_term
from rag.figures import asked_units
from rag.reading import Reading
from rag.support import Match

Naming = Literal["named", "meant", ""]
DEPTH, DEEP = 16, 120
RERANKED = 20  # records that a reranker, where one is set, looks at again
HELD = 0.6  # share of the topic that a text must hold for an amount in the very unit to answer it
QUOTED = 0.3  # share of the topic that a text must hold which says the very words that are quoted
NEAR = 0.86  # share of the best strength that another level or row needs to stand beside it
CONCERNED = 0.1  # what a department that the question names adds to the strength
CITY, FIVE_YEAR = "市", "十四五"
ZONE = "北京经济技术开发区"
_OTHER_DISTRICT = re.compile("|".join(name for name in places().district_names))
_EVERY_DISTRICT = re.compile(r"各区|相关区|有关区|每区|全市各|区级")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record found.

    `coverage` is the share (0 to 1) of the topic's characters that the record holds in
    runs of two or more, `together` that of it and the bank's questions that it answers;
    `strength` (0 to 1) orders the evidence; `match` is how it meets the topic;
    `like` says how near texts are to the topic in meaning, and `topic` looks for it in them;
    `figure` says that a figure was asked for and the sentence in point holds one;
    `supported` that the record holds enough of what was asked to answer it; `naming` how a
    city measure speaks of the district that was asked about: `named`, `meant` (各区), or not;
    `concerned` that a department which the question names has a part in it.
    """

    record: Record
    plan: Plan
    coverage: float
    strength: float
    figure: bool = False
    supported: bool = True
    together: float = 1.0
    match: Match | None = None
    like: spans.Likeness | None = None
    naming: Naming = ""
    topic: Topic | None = None

    def clauses(self, reading: Reading, *, most: int = 3, figure: bool = False) -> list[spans.Clause]:
        """The sentences of the record that answer `reading`, at most `most`."""
        topic = Topic(reading.focus) if reading.focus else self.topic or reading.topic
        clauses = spans.best(self.record.text, topic, most=most, figure=figure, like=self.like)
        prose = isinstance(self.record, Passage) and most > 1
        return spans.with_what_follows(self.record.text, clauses) if prose else clauses

    @property
    def concerned(self) -> bool:
        """Whether a department that the question names has a part in it."""
        return self.match is not None and self.match.concerned

    @property
    def level(self) -> str:
        """The group whose figures are told apart: 市, a district, or the five-year plan."""
        if long_term(self.plan):
            return FIVE_YEAR
        return self.plan.district or CITY


class EvidenceFinder:
    """Finds evidence in one index: in the scope of `store`, where that has one.

    Where `store` holds every plan, it looks in the editions that a question means.
    """

    def __init__(
        self,
        store: Store,
        retriever: Retriever,
        reranker: Reranker | None = None,
        editions: Editions | None = None,
    ) -> None:
        self._store = store
        self.editions = editions or Editions(store.every_plan)
        self._retriever = retriever
        self._reranker = reranker
        self._found = lru_cache(maxsize=8)(self._find)  # several routes ask for the evidence of one question

    def find(self, reading: Reading, depth: int = DEPTH, within: Filters = NO_FILTERS) -> list[Evidence]:
        """Evidence for `reading`, strongest first; empty where nothing fits.

        `within` holds conditions that a caller sets; those take the place of what the
        question says on the same point.
        """
        return list(self._found(reading, depth, within))

    def _find(self, reading: Reading, depth: int, within: Filters) -> list[Evidence]:
        filters, query, reach = self.scope(reading, within)
        if reading.by_number:
            return self._all(filters)
        found = self._rank(reading, query, filters, max(depth, reach))
        if reading.outside and not reading.districts:
            found = [replace(e, naming=naming(e.record, reading.outside)) for e in found]
        spanning = any(long_term(self._store.every_plan[plan]) for plan in reading.plans)
        own = [] if spanning else [d.removesuffix("区") for d in reading.districts if d]
        if own:  # a passage of the city's plan speaks of a district only where it names it
            found = [
                e
                for e in found
                if not isinstance(e.record, Passage)
                or e.plan.district
                or any(d in e.record.text for d in own)
            ]
        return found

    def expansions(self, topic: str) -> Sequence[Expansion]:
        """What the everyday words of `topic` stand for."""
        return self._retriever.expansions(topic)

    def scope(self, reading: Reading, within: Filters = NO_FILTERS) -> tuple[Filters, str, int]:
        """What is searched for `reading`: filters, query, and how many records deep."""
        filters = reading.filters.narrowed(within)
        filters = replace(filters, both=(*filters.both, *self._store.narrowing))
        if self._store.standing is None:
            reached = self.editions.reached(within, self._store.scope)
            standing = self.editions.standing(reading.plans, reading.years, reached)
            if standing is not None:
                filters = replace(filters, both=(*filters.both, Filters(plans=standing)))
        query = reading.topic or reading.text
        if reading.outside and not reading.districts and not reading.plans:
            # few of what is found speak of that district
            return replace(filters, districts=("",), kinds=("measure",)), query, DEEP
        return filters, query, DEPTH

    def _all(self, filters: Filters) -> list[Evidence]:
        records = self._store.scan(replace(filters, kinds=("measure",)))
        plans: Mapping[str, Plan] = self._store.plans
        return [Evidence(r, plans[r.plan], 1.0, 1.0) for r in records]

    def _rank(self, reading: Reading, query: str, filters: Filters, depth: int) -> list[Evidence]:
        hits = self._retriever.search(query, depth, filters)
        topic = Topic(query, self._retriever.expansions(query))
        share = self._retriever.weights.coverage
        like = partial(self._retriever.likeness, query)
        units = asked_units(reading.text)
        bodies = {name for mention in reading.mentions for name in mention.names}
        wants_figure, quoted = reading.wants_figure, [word for word in reading.quoted if len(word) > 1]
        evidence = []
        for hit, record in zip(hits, self._store.get(hit.id for hit in hits), strict=True):
            text = self._store.searched(record)
            own = topic.held(text)
            covered = topic.share(own)
            asked = self._retriever.asked(record.id)
            together = topic.share(own | topic.held(asked)) if asked else covered
            strength = (1 - share) * hit.score / hits[0].score + share * together
            says = wants_figure and spans.says_figure(record, topic)
            plan = self._store.plans[record.plan]
            concerned = bool(bodies) and _concerns(record, bodies)
            strength += CONCERNED * concerned
            match = Match(query, hit, covered, together, concerned)
            enough = match.supports or (covered >= HELD and spans.says_in_unit(record, topic, units))
            enough = enough or (covered >= QUOTED and any(word in text for word in quoted))
            evidence.append(
                Evidence(record, plan, covered, strength, says, enough, together, match, like, topic=topic)
            )
        evidence.sort(key=lambda e: -e.strength)
        return self._reranked(reading, evidence) if self._reranker and evidence else evidence

    def _reranked(self, reading: Reading, evidence: list[Evidence]) -> list[Evidence]:
        """The first `RERANKED` in the order of the mean of strength and the reranker's score."""
        assert self._reranker is not None
        first, rest = evidence[:RERANKED], evidence[RERANKED:]
        scores = self._reranker.scores(reading.text, [searchable(e.record) for e in first])
        again = [replace(e, strength=(e.strength + float(s)) / 2) for e, s in zip(first, scores, strict=True)]
        return sorted(again, key=lambda e: -e.strength) + [replace(e, strength=e.strength / 2) for e in rest]


def _concerns(record: Record, bodies: set[str]) -> bool:
    """Whether one of `bodies` has a part in the record."""
    return isinstance(record, Measure) and any(duty.department in bodies for duty in record.duties)


def naming(record: Record, districts: Sequence[str]) -> Naming:
    """How a city measure speaks of one of `districts`: by its name, or by 各区 and the like."""
    if not isinstance(record, Measure):
        return ""
    printed = {duty.printed for duty in record.duties}
    for district in districts:
        government = f"{district}政府" if district.endswith("区") else ""
        if district.removesuffix("区") in record.text or (district == ZONE and ZONE in "".join(printed)):
            return "named"
        if government in printed:
            return "named"
    if speaks_of_others(record):
        return ""  # 相关区 are those that the text names
    if _EVERY_DISTRICT.search(record.text) or any(_EVERY_DISTRICT.search(name) for name in printed):
        return "meant"
    return ""


def speaks_of_others(record: Record) -> bool:
    """Whether the text names districts, which alone are then meant."""
    return names_district(record.text)


def names_district(text: str) -> bool:
    """Whether `text` names a district of Beijing."""
    return _OTHER_DISTRICT.search(text) is not None
