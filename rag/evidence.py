"""Records that may answer a question, and how well each covers what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from corpus.types import Measure, Passage, Plan, Record
from index.filters import NO_FILTERS, Filters
from index.retriever import Retriever
from index.store import Store, searchable
from rag import spans
from rag.coverage import coverage
from rag.reading import Reading

DEPTH = 24
# A record that covers less than COVERED of the topic does not answer it (of a topic of FEW
# characters, COVERED_OF_FEW: half of 狗叫扰民 is any noise), unless rare words weigh for it:
# BM25 of at least WEIGHTY with HELD of the topic covered. Set on questions of the team's own.
COVERED, FEW, COVERED_OF_FEW = 0.42, 6, 0.65
WEIGHTY, HELD = 8.0, 0.2
NEAR = 0.86  # share of the best strength that another level or row needs to stand beside it
_FIVE_YEAR = "十四五"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record found.

    `coverage` is the share (0 to 1) of the topic's characters that the record holds in
    runs of two or more; `strength` (0 to 1) orders the evidence; `words` is its BM25 score;
    `figure` says that a figure was asked for and the sentence in point holds one;
    `supported` that the record holds enough of what was asked to answer it.
    """

    record: Record
    plan: Plan
    coverage: float
    strength: float
    words: float
    figure: bool = False
    supported: bool = True

    @property
    def level(self) -> str:
        """The group whose figures are told apart: 市, a district, or the five-year plan."""
        if isinstance(self.record, Passage):
            return _FIVE_YEAR
        return self.plan.district or "市"


class EvidenceFinder:
    """Finds evidence in one index."""

    def __init__(self, store: Store, retriever: Retriever) -> None:
        self._store = store
        self._retriever = retriever

    def find(self, reading: Reading, depth: int = DEPTH, within: Filters = NO_FILTERS) -> list[Evidence]:
        """Evidence for `reading`, strongest first; empty where nothing fits.

        `within` holds conditions that a caller sets; those take the place of what the
        question says on the same point.
        """
        filters = reading.filters.narrowed(within)
        if reading.outside and not reading.districts and not reading.plans:
            filters = replace(filters, districts=("",), kinds=("measure",))
        if reading.by_number:
            return self._all(filters)
        query = reading.topic or reading.text
        found = self._rank(reading, query, filters, depth)
        if reading.outside and not reading.districts:
            found = [e for e in found if any(_speaks_of(reading, e.record, d) for d in reading.outside)]
        own = [d.removesuffix("区") for d in reading.districts if d]
        if own:  # a passage of the city's plan speaks of a district only where it names it
            found = [
                e for e in found if not isinstance(e.record, Passage) or any(d in e.record.text for d in own)
            ]
        return found

    def _all(self, filters: Filters) -> list[Evidence]:
        records = self._store.scan(replace(filters, kinds=("measure",)))
        plans: Mapping[str, Plan] = self._store.plans
        return [Evidence(r, plans[r.plan], 1.0, 1.0, 0.0) for r in records]

    def _rank(self, reading: Reading, query: str, filters: Filters, depth: int) -> list[Evidence]:
        hits = self._retriever.search(query, depth, filters)
        if not hits:
            return []
        best = max(hit.words for hit in hits) or 1.0
        evidence = []
        for hit, record in zip(hits, self._store.get(hit.id for hit in hits), strict=True):
            covered = coverage(query, searchable(record))
            strength = 0.5 * covered + 0.5 * hit.words / best
            says = reading.wants_figure and spans.says_figure(record, query)
            plan = self._store.plans[record.plan]
            enough = _supports(query, covered, hit.words)
            evidence.append(Evidence(record, plan, covered, strength, hit.words, says, enough))
        return sorted(evidence, key=lambda e: -e.strength)


def _supports(topic: str, covered: float, words: float) -> bool:
    """Whether enough of `topic` is held; of a few characters nearly all must be."""
    few = len(topic.replace(" ", "")) <= FEW
    return covered >= (COVERED_OF_FEW if few else COVERED) or (words >= WEIGHTY and covered >= HELD)


def _speaks_of(reading: Reading, record: Record, district: str) -> bool:
    """What a district must do needs its name in the text; a duty may mean it by 各区政府."""
    if reading.kind != "duty":
        return isinstance(record, Measure) and district.removesuffix("区") in record.text
    return concerns(record, district)


def concerns(record: Record, district: str) -> bool:
    """Whether a city measure speaks of `district`: by name, or by 各区政府."""
    if not isinstance(record, Measure):
        return False
    if district in record.text:
        return True
    government = district + "政府"
    return any(duty.printed in (government, "各区政府") for duty in record.duties)
