"""A citizen's complaint to the hotline: what it is about, and whose work the plans say that is.

A complaint is a duty question in a story. Its clauses are searched for what they are about, the whole
at once where it is short; of the measures that hold enough of it, versions of one measure at several
levels are one candidate. Nothing is dispatched that the engine would not answer.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from corpus.normal import normal
from corpus.places import places
from corpus.types import Measure, Record
from index.filters import Filters
from rag import complaint, selection
from rag.complaint import Complaint
from rag.dispatch_apart import apart
from rag.dispatch_basis import Basis, Candidate, basis, in_point, read_for
from rag.engine import Engine
from rag.evidence import CITY, Evidence, naming, speaks_of_others
from rag.near import counterparts
from rag.numbers import Numbers
from rag.reading import Reading
from rag.support import ENOUGH, OVERVIEW

MOST, NEAREST = 5, 3  # candidates, and measures shown for reference where there is none
WHOLE = 72  # characters of a topic up to which a complaint is searched as one
PART, LONG_PART = 28, 60  # of a longer one, characters of a part, and of a sentence that is one part yet
EACH_DOUBLING = 0.1  # what every doubling of the parts adds to what a measure must be worth
CLOSE = 0.72  # share of the best that a further candidate needs
_MEASURES = Filters(kinds=("measure",))
_SENTENCE = re.compile(r"[^。！？!?；;…]+")
_CLAUSE = re.compile(r"[^，,。！？!?；;… ]+")
_SEVERAL = re.compile(r"..")
_GENERAL = re.compile(r"目标")  # a task that sets targets states no matter of a caller's
# 我是四川来的, 河南口音 say where somebody is from, not where the matter is; 湖南小区 is a name.
_FROM = (
    r"(?<!我是)(?<!老家)(?<!老家是)(?<!来自){}"
    r"(?!人|来的|籍|牌|口音|话|小区|社区|家园|花园|胡同|大街|[东西南北中]?[路街村]|大厦|饭[店馆]|菜|酒店|宾馆|面馆)"
)
NONE = "计划中没有直接对应的措施，不能据此派单"
NOTHING = "没有读出要反映的事情，请把来电人说的事情写进来。"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Where a complaint goes by the plans.

    `candidates`, best first, answer it; where there are none, `covered` is false, `sentence` says
    so and `near` are for reference alone. `sentence` otherwise says what has to be known of the
    places, if anything. `there` are the districts that the caller tells of.
    """

    complaint: Complaint
    candidates: tuple[Candidate, ...]
    near: tuple[Candidate, ...] = ()
    sentence: str = ""
    there: tuple[str, ...] = ()
    ms: float = 0.0

    @property
    def covered(self) -> bool:
        """Whether a measure answers it."""
        return bool(self.candidates)


@dataclass(frozen=True, slots=True)
class _Found:
    """A measure found: the part of the complaint that it answers best, and how well."""

    evidence: Evidence
    part: Reading
    score: float
    worth: float

    @property
    def record(self) -> Measure:
        assert isinstance(self.evidence.record, Measure)  # nothing else is searched
        return self.evidence.record


class Dispatcher:
    """Dispatches complaints by the plans of one engine. Safe for threads; keeps nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._store = engine.store
        self._pairs = counterparts(engine)

    def dispatch(self, typed: str) -> Dispatch:
        """Where the complaint `typed` goes.

        Raises:
            QuestionError: nothing is said, or it is too long.
        """
        started = time.perf_counter()
        text = complaint.told(typed)
        said = complaint.without_asides(text)
        whole = self._engine.read(said)
        own, outside = _places(whole)
        placed = (*own, *outside)
        asked = _as_duty(whole, districts=(*own, "") if placed else ())
        if not placed and whole.elsewhere and (there := _elsewhere(whole)):
            told = complaint.read(text)
            sentence = f"{NONE}：来电说的是{'、'.join(there)}的事，本库只收北京的计划。"
            return Dispatch(told, (), sentence=sentence, there=tuple(there), ms=_since(started))
        found, least = self._found(asked, said, placed)
        levels = (*own, "") if placed else None
        candidates = self._candidates(found, levels, least) if _supports(found, least) else []
        near = [] if candidates else self._near(asked, said, found, levels)
        weigh = self._to_the_point(found[0], asked) if candidates else None
        return Dispatch(
            complaint.read(text, weigh),
            tuple(read_for(one, placed) for one in candidates),
            tuple(read_for(one, placed) for one in near),
            _sentence(candidates, own, outside, told=bool(asked.topic)),
            placed,
            _since(started),
        )

    def _found(self, asked: Reading, said: str, placed: Sequence[str]) -> tuple[list[_Found], float]:
        """The measures found, best first, and what one must be worth to answer."""
        best: dict[str, _Found] = {}
        parts = self._parts(asked, said)
        for part in parts:
            evidence = selection.fit(part, self._engine.finder.find(part, within=_MEASURES))
            fitting = [e for e in evidence if _is_matter(e) and _holds_there(e, placed)]
            if not fitting:
                continue
            worth = max(e.match.worth for e in fitting[:3] if e.match)
            for e in fitting:
                score = worth * e.strength / fitting[0].strength
                own = e.match.worth if e.match else 0.0
                before = best.get(e.record.id)
                if before is None or score > before.score:
                    best[e.record.id] = _Found(e, part, score, max(own, before.worth if before else 0))
        least = ENOUGH + EACH_DOUBLING * math.log2(max(len(parts), 1))
        return sorted(best.values(), key=lambda f: -f.score), least

    def _parts(self, asked: Reading, said: str) -> list[Reading]:
        """`asked` itself, or for a long story readings of its parts."""
        if len(asked.topic) <= WHOLE:
            return [asked] if len(asked.topic) > 1 else []
        topics: list[list[str]] = []
        for sentence in _SENTENCE.findall(said):
            read = (
                self._engine.read(clause).topic for clause in _CLAUSE.findall(sentence) if len(clause) > 1
            )
            topics.append([topic for topic in read if len(topic) > 1])
        return [replace(asked, topic=topic) for topic in parts_of(topics)]

    def _candidates(
        self, found: Sequence[_Found], levels: Sequence[str] | None, least: float
    ) -> list[Candidate]:
        """One candidate a matter: those that are worth enough, and what is close behind them."""
        top = found[0].score
        close = [f for f in found if f.score >= CLOSE * top and f.worth >= least - OVERVIEW]
        close.sort(key=lambda f: (f.worth < least, -f.score))  # what answers before what is near
        return self._grouped(close, levels, MOST)

    def _near(
        self, asked: Reading, said: str, found: Sequence[_Found], levels: Sequence[str] | None
    ) -> list[Candidate]:
        """What is near the matter where nothing answers it: also what answers it in another district."""
        if levels is not None:
            beyond, least = self._found(replace(asked, districts=()), said, ())
            if _supports(beyond, least):
                return self._grouped([f for f in beyond if f.worth >= least], None, NEAREST)
        return self._grouped([f for f in found if f.worth >= ENOUGH - OVERVIEW], levels, NEAREST)

    def _grouped(self, found: Sequence[_Found], levels: Sequence[str] | None, most: int) -> list[Candidate]:
        """`found` by matter, each with its versions at `levels`: districts, "" for the city; None for all."""
        groups: list[list[_Found]] = []
        for one in found:
            group = next((g for g in groups if self._same_matter(g, one)), None)
            if group is not None:
                group.append(one)
            elif len(groups) < most:
                groups.append([one])
        taken = {f.record.id for group in groups for f in group}
        made: list[Candidate] = []
        for group in groups:
            bases = self._bases(group, levels, taken)
            words = apart(bases, made[0].bases, group[0].part, self._engine.finder) if made else ""
            made.append(Candidate(tuple(bases), words, _lacking(bases, levels)))
        return made

    def _bases(self, group: Sequence[_Found], levels: Sequence[str] | None, taken: set[str]) -> list[Basis]:
        """A measure for each level, in the order of `levels`."""
        first = group[0]
        held = {self._store.plans[f.record.plan].district: f for f in reversed(group)}
        bases = {district: basis(f.evidence, f.part, self._store) for district, f in held.items()}
        for record in self._versions(first.record):
            district = self._store.plans[record.plan].district
            if district in bases or record.id in taken or (levels is not None and district not in levels):
                continue
            if not district and not _in_force(record, levels or ()):
                continue
            evidence = replace(first.evidence, record=record, plan=self._store.plans[record.plan])
            bases[district] = basis(evidence, first.part, self._store)
        order = [*(levels or ()), "", *(plan.district for plan in self._store.plans.values())]
        return sorted(bases.values(), key=lambda b: order.index(b.plan.district))

    def _versions(self, record: Measure) -> list[Measure]:
        """The measures of other levels that count as the same matter, nearest first."""
        city = self._matter(record)
        ids = [city, *(pair.district for pair in self._pairs.of(city))]
        others = [other for other in ids if other != record.id]
        return [r for r in self._store.get(others) if isinstance(r, Measure) and r.target is None]

    def _matter(self, record: Measure) -> str:
        """What names the matter of a measure: the city's measure that it answers, or itself."""
        own = self._pairs.nearest.get(record.id)
        return own.city if own and self._pairs.of(record.id) else record.id

    def _same_matter(self, group: Sequence[_Found], one: _Found) -> bool:
        """Whether `one` is the version at another level of what is in `group`."""
        if any(f.evidence.level == one.evidence.level for f in group):
            return False
        return any(self._matter(f.record) == self._matter(one.record) for f in group)

    def _to_the_point(self, best: _Found, asked: Reading) -> complaint.Weigh:
        """How much clauses are about the best of what is found: of a long story, those that found it."""
        quote = in_point(best.evidence, best.part)
        words = best.part.topic.split() if best.part.topic != asked.topic else []

        def weigh(texts: Sequence[str]) -> list[float]:
            like = self._engine.index.retriever.likeness(quote, texts)
            held = [sum(len(word) for word in words if word in normal(text)) for text in texts]
            return [float(cosine) + chars for cosine, chars in zip(like, held, strict=True)]

        return weigh


def parts_of(sentences: Iterable[Sequence[str]]) -> list[str]:
    """Sentences, given as the topics of their clauses, as topics to search for.

    Short ones go together; one that is long is taken in runs that overlap by a half.
    """
    made: list[str] = []
    held: list[str] = []
    for clauses in sentences:
        if _size(clauses) > LONG_PART:
            made += [" ".join(held), *_runs(clauses)]
            held = []
            continue
        held += clauses
        if _size(held) >= PART:
            made.append(" ".join(held))
            held = []
    made.append(" ".join(held))
    return list(dict.fromkeys(part for part in made if len(part) > 2))


def _runs(clauses: Sequence[str]) -> Iterable[str]:
    start = 0
    while start < len(clauses):
        end = start
        while end < len(clauses) and _size(clauses[start:end]) < 1.5 * PART:
            end += 1
        yield " ".join(clauses[start:end])
        if end >= len(clauses):
            return
        start = max(start + 1, (start + end + 1) // 2)


def _size(clauses: Sequence[str]) -> int:
    return sum(map(len, clauses))


def _as_duty(reading: Reading, districts: tuple[str, ...]) -> Reading:
    """`reading` as a question for departments: figures, dates and bodies in a story claim nothing."""
    return replace(
        reading,
        kind="duty",
        aspects=frozenset(("duty",)),
        districts=districts,
        outside=(),
        elsewhere=(),
        plans=(),
        years=(),
        numbers=Numbers(),
        mentions=(),
        roles=(),
        past=False,
        figures=(),
        dates=(),
        quoted=(),
        unknown=(),
        strangers=(),
        lacking=(),
        absent=(),
        scan=None,
    )


def _elsewhere(reading: Reading) -> list[str]:
    """The places elsewhere where the matter is, not where somebody is from; with neighbours it is shared."""
    far = [name for name in reading.elsewhere if name not in places().neighbours]
    return [name for name in far if re.search(_FROM.format(re.escape(name)), reading.text)]


def _is_matter(evidence: Evidence) -> bool:
    """Whether a record states work that a complaint can be about: no target, and no indicator."""
    record = evidence.record
    return isinstance(record, Measure) and record.target is None and not _GENERAL.search(record.task)


def _holds_there(evidence: Evidence, placed: Sequence[str]) -> bool:
    """Whether it holds in the districts `placed`, where there are any."""
    return not placed or evidence.level != CITY or _in_force(evidence.record, placed)


def _in_force(record: Record, there: Sequence[str]) -> bool:
    """Whether a city measure that names districts names one of those `there`."""
    return not speaks_of_others(record) or naming(record, [d for d in there if d]) == "named"


def _places(reading: Reading) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The districts with and without a plan here; a town's (八里庄) only where none is named itself."""
    named = [*filter(None, reading.districts), *reading.outside]
    said = [name for name in named if places().short(name) in reading.text] or named
    own = tuple(name for name in reading.districts if name in said)
    return own, tuple(name for name in reading.outside if name in said)


def _supports(found: Sequence[_Found], least: float) -> bool:
    """Whether one of the first three answers."""
    return any(f.worth >= least for f in found[:3])


def _lacking(bases: Sequence[Basis], levels: Sequence[str] | None) -> str:
    """Which level has nothing of the matter."""
    held = {b.plan.district for b in bases}
    if "" not in held:
        only = "、".join(b.level for b in bases)
        known = "" if levels else f"，以下只适用于{only}"
        return f"市级计划中没有找到相应措施，只有{only}的计划写到{known}。"
    lack = [district for district in levels or () if district not in held]
    return f"{'、'.join(lack)}计划中没有找到相应措施。" if lack else ""


def _sentence(
    candidates: Sequence[Candidate], own: Sequence[str], outside: Sequence[str], *, told: bool
) -> str:
    lack = f"本库没有{'、'.join(outside)}自己的计划" if outside and not own else ""
    if not told:
        return NOTHING
    if not candidates:
        return f"{NONE}（{lack}，只查了市级计划）。" if lack else f"{NONE}。"
    if lack:
        return f"{lack}，以下按市级计划。"
    if own:
        return ""
    first = candidates[0].bases
    if all(basis.plan.district for basis in first):  # no place, and nothing that holds for all
        level = "、".join(basis.level for basis in first)
        return f"来电没有说到哪个区，派单前须核实：最符合的措施只有{level}的计划写到，其他区不能据此派单。"
    return "来电没有说到哪个区，派单前须核实；市级和各区的措施分别列出。"


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
