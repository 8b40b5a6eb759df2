"""The check that stands at the door: what a statement says stands in what it cites.

A quoted statement carries the labels of its citations, and all that can be checked in it
is in the cited records: figures (whole unit, bound, range), dates and permanence in words,
Latin names, named documents, departments of the right level in the role said, and each
quote as an exact span. A computed one is scanned for again: its ids, total and breakdown
are what the store gives now. An absence cites nothing and says nothing that can be checked
but what the question says.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.deadlines import read_due
from corpus.normal import normal
from corpus.types import ROLE_WORDS, Measure, Passage, Record, Role, printed
from index.filters import Filters
from index.lru import Lru
from index.store import Store
from rag import amended, differences
from rag.answer import Statement
from rag.bodies import Bodies, Mention
from rag.figures import Figure, dates, documents, figures, labels_in, names, without_labels
from rag.opening import Opening

_ROLE_BY_WORD = {"牵头/主责": Role.LEAD_RESPONSIBLE} | {
    word: role for role, word in ROLE_WORDS.items() if role is not Role.LEAD_RESPONSIBLE
}
_ROLE_WORD = "|".join(_ROLE_BY_WORD)
_LISTED_ROLE = re.compile(rf"({_ROLE_WORD}):([^,。;]*)")
_QUOTED = re.compile(r"“([^”]*)”")
_BODY_LIKE = re.compile(r"[市区][\u4e00-\u9fff]{1,8}?(?:局|委员会|委|办公室)")

_DATE_FRAME = re.compile(r"^[到至于在]?(?:(?:20\d\d|今|本)(?=年[底末内])|(?:20\d\d|今|本)年)?|(?:以|之)?前$")
# Manners of speech with a numeral that states no amount.
_COUNTED_SIDES = re.compile(r"市区两级|[两二三](?:级|者|地|区)(?!响应|标准|以)")
_ASKED_BACK = re.compile(r"（例如[^（）]*）|再问一次")  # states nothing
_YEAR = re.compile(r"20\d\d\s*年?")


KEPT = 8192  # records whose printed form is kept


@dataclass(frozen=True, slots=True)
class Held:
    """What records say: the normalised form of it, and its figures."""

    form: str
    figures: frozenset[Figure]


class Grounding:
    """Checks statements against one store."""

    def __init__(self, store: Store, bodies: Bodies) -> None:
        self._store = store
        self._bodies = bodies
        plans = store.every_plan.values()
        titles = [f"《{plan.title}》" for plan in plans]
        # What plans are called is known here: a title, or a short name with its years.
        called = (name for plan in plans for name in (plan.dated, plan.short))
        self._plan_names = [*titles, *sorted(called, key=len, reverse=True)]
        self._opening = Opening(self._plan_names)
        self._known: Lru[str, Held] = Lru(KEPT)
        self._quoted = lru_cache(maxsize=2048)(self._of_quoted)  # many questions meet the same sentence

    def problems(self, statement: Statement, question: str = "") -> list[str]:
        """What in `statement` is not supported, in Chinese; empty where it is grounded."""
        if statement.kind == "absence":
            return self._absence(statement, question)
        if not statement.citations:
            return ["没有引用任何条目"]
        return list(self._quoted(statement)) if statement.kind == "quoted" else self._computed(statement)

    def _of_quoted(self, statement: Statement) -> list[str]:
        """What the records that it cites do not say."""
        records = self._store.get(statement.citations)
        said = _COUNTED_SIDES.sub("", without_labels(statement.text))
        said = self._without_opening(said, records)
        forms = [self._held(record) for record in records]
        held = Held("|".join(h.form for h in forms), frozenset[Figure]().union(*(h.figures for h in forms)))
        return [
            *self._labels(statement),
            *_quotes(statement, records),
            *_missing(said, held),
            *self._dates(said, records, held.form),
            *self._departments(statement, said, records, held.form),
        ]

    def _without_opening(self, said: str, records: Sequence[Record]) -> str:
        """`said` without whose plan of which year it is, where it opens with that and is right."""
        plans = [self._store.every_plan[record.plan] for record in records]
        openings = (f"{plan.district or '全市'}{year}年" for plan in plans for year in plan.years)
        return said.removeprefix(next((words for words in openings if said.startswith(words)), ""))

    def _labels(self, statement: Statement) -> list[str]:
        expected = [self._store.label(record_id) for record_id in statement.citations]
        if labels_in(statement.text) != expected:
            return [f"标签应为{''.join(expected)}"]
        ends = statement.text.rstrip("。").endswith(expected[-1])
        return [] if ends else ["句子没有以标签结尾"]

    def _dates(self, said: str, records: Sequence[Record], held: str) -> list[str]:
        """Dates of `said` that the records do not print, but for the year before and the 前 behind them."""
        strange = [words for words in dates(said) if words not in held]
        if not strange:
            return []
        stated = {(due.start, due.end) for record in records for due in record.due}
        years = {self._store.plans[record.plan].year for record in records}

        def same(words: str) -> bool:
            core = _DATE_FRAME.sub("", words)
            if core:  # 2026年底前 where 年底前 is printed
                return core in held
            return any((d.start, d.end) in stated for y in years for d in read_due(words, y, "column"))

        return [f"{words} 在引用处没有" for words in strange if not same(words)]

    def _departments(
        self, statement: Statement, said: str, records: Sequence[Record], held: str
    ) -> list[str]:
        """Departments exist at their level in the records, in the very role that is said."""
        wrong = [
            f"{duty.department} 不是 {record_id} 的{ROLE_WORDS[duty.role]}"
            for record_id, duty in statement.departments
            if not any(duty in r.duties for r in records if isinstance(r, Measure) and r.id == record_id)
        ]
        duties = [duty for record in records if isinstance(record, Measure) for duty in record.duties]
        everyone = {duty.department for duty in duties}
        text = normal(_without_quotes(said, statement))
        strangers = [
            mention.text
            for mention in self._bodies.find(text)
            if not everyone & set(mention.names) and mention.text not in held
        ]
        strangers += [b for b in _BODY_LIKE.findall(self._without_mentions(text)) if b not in held]
        wrong += [f"{name} 在引用处没有" for name in strangers]
        for role, mention in self._roles_said(text):
            in_role = {duty.department for duty in duties if duty.role is role}
            if not in_role & set(mention.names):
                wrong.append(f"{mention.text} 在引用处不是{ROLE_WORDS[role]}")
        return wrong

    def _roles_said(self, text: str) -> list[tuple[Role, Mention]]:
        """(role, department) pairs: 牵头:甲、乙 and 甲牵头."""
        found = []
        for match in _LISTED_ROLE.finditer(text):
            role = _ROLE_BY_WORD[match[1]]
            found += [(role, mention) for mention in self._bodies.find(match[2])]
        for mention in self._bodies.find(text):
            behind = re.match(rf"({_ROLE_WORD})(?!:)", text[mention.end :])
            if behind:
                found.append((_ROLE_BY_WORD[behind[1]], mention))
        return found

    def _without_mentions(self, text: str) -> str:
        for mention in reversed(self._bodies.find(text)):
            text = text[: mention.start] + "|" + text[mention.end :]
        return text

    def _computed(self, statement: Statement) -> list[str]:
        """The scan gives the very ids, and the text holds its total and breakdown alone."""
        if differences.is_difference(without_labels(statement.text)):
            return [*self._labels(statement), *self.recomputed(statement.text, statement.citations)]
        if amended.is_tally(statement.text):
            return amended.wrong_tally(statement, self._store.get(statement.citations), self._store)
        if statement.tally or amended.is_amendment(without_labels(statement.text)):
            return [*self._labels(statement), *self.recomputed(statement.text, statement.citations)]
        if statement.scan is None:
            return ["没有写明按什么条件计数"]
        found = self._store.scan(statement.scan)
        if {record.id for record in found} != set(statement.citations):
            return ["所引用的与重新查到的不一致"]
        wrong, rest = self._tally(statement.text, found)
        if wrong:
            return wrong
        said = [f"“{words}”" for words in conditions_said(statement.scan)]
        said += [f"{year}年" for other in _every(statement.scan) for year in other.years]
        for known in said:
            rest = rest.replace(known, "")
        rest = self._without_plans(rest)
        rest_wrong = [f"{figure} 不是查出的数目" for figure in figures(rest)]
        allowed = {name for other in _every(statement.scan) for name in other.departments}
        strangers = [
            mention.text
            for mention in self._bodies.find(normal(rest))
            if allowed and not allowed & set(mention.names)
        ]
        return rest_wrong + [f"{name} 不在查找条件里" for name in strangers]

    def recomputed(self, text: str, ids: Sequence[str]) -> list[str]:
        """What a computed sentence says that does not follow from the records `ids` alone.

        A difference is worked out again from their figures; a count must be their number and
        plans (its scan is not known here), and words in quotation marks must be in each of them.

        Raises:
            KeyError: an id that no record has.
        """
        found = self._store.get(dict.fromkeys(ids))
        said = without_labels(text)
        if differences.is_difference(said):
            return differences.wrong(said, figures("\n|".join(map(self._printed, found))))
        if amended.is_amendment(said):
            return amended.wrong(said, found, self._store)
        wrong, rest = self._tally(text, found)
        for quoted in set(_QUOTED.findall(rest)):
            if all(quoted in normal(self._printed(record)) for record in found):
                rest = rest.replace(f"“{quoted}”", "")
        return wrong or [f"{figure} 不是查出的数目" for figure in figures(rest)]

    def _tally(self, text: str, found: Sequence[Record]) -> tuple[list[str], str]:
        """What total and breakdown are missing in `text`, and what else it says."""
        by_plan = Counter(self._store.plans[record.plan].short for record in found)
        rest = without_labels(text)
        unit = "段" if any(isinstance(record, Passage) for record in found) else "条"
        for said in (f"共{len(found)}{unit}", *(f"{short}{n}{unit}" for short, n in by_plan.items())):
            if said not in rest:
                return [f"应说明“{said}”"], rest
            rest = rest.replace(said, "", 1)
        return [], rest

    def _without_plans(self, text: str) -> str:
        """`text` without what plans are called."""
        for place in self._opening.places(text):
            text = text.replace(self._plan_names[place], "")
        return text

    def _absence(self, statement: Statement, question: str) -> list[str]:
        if statement.citations or labels_in(statement.text):
            return ["“没有”一类的话不应引用条目"]
        text = self._without_plans(_ASKED_BACK.sub("", statement.text))
        asked = normal(question)
        values = {figure.value for figure in figures(question)}
        strange = [str(figure) for figure in figures(text) if figure.value not in values]
        strange += [f"《{title}》" for title in documents(text) if title not in asked]
        named = {name for mention in self._bodies.find(asked) for name in mention.names}
        strange += [
            m.text
            for m in self._bodies.find(normal(text))
            if m.text not in asked and not named & set(m.names)
        ]
        return [f"{what} 不在问题里" for what in strange]

    def _held(self, record: Record) -> Held:
        """All that a record says, made ready to be searched; kept, for it is cited again and again."""
        known = self._known.get(record.id)
        if known is None:
            text = self._printed(record)
            known = Held(normal(text), frozenset(figures(text)))
            self._known.put(record.id, known)
        return known

    def _printed(self, record: Record) -> str:
        """All that a record says, field by field, parted so that no figure runs over."""
        plan = self._store.plans[record.plan]
        place = f"第{record.number}项" if isinstance(record, Measure) else record.number
        title, year = plan.title, f"{plan.year}年"
        if _YEAR.search(record.text):  # another year than the one that it states is not its own
            title, year = _YEAR.sub("", title), ""
        return "\n|".join([*printed(record), title, plan.short, year, place])


def conditions_said(scan: Filters) -> set[str]:
    """The words in quotation marks by which a count says what it was narrowed to."""
    return {w for f in _every(scan) for w in (*f.texts, *f.own_texts, *f.deadlines)}


def _every(scan: Filters) -> Iterator[Filters]:
    """`scan` and the conditions inside it, however deep."""
    yield scan
    for other in (*scan.both, *scan.excluding, *(f for group in scan.either for f in group)):
        yield from _every(other)


def _quotes(statement: Statement, records: Sequence[Record]) -> list[str]:
    texts = {record.id: record.text for record in records}
    return [
        f"“{quote[:20]}”不是原文"
        for record_id, quote in statement.quotes
        if quote not in texts.get(record_id, "")
    ]


def _missing(said: str, held: Held) -> list[str]:
    """Figures, Latin names and documents of `said` that `held` lacks."""
    wrong = [str(figure) for figure in figures(said) if figure not in held.figures]
    wrong += [name for name in names(said) if name not in held.form]
    wrong += [f"《{title}》" for title in documents(said) if title not in held.form]
    return [f"{what} 在引用处没有" for what in wrong]


def _without_quotes(said: str, statement: Statement) -> str:
    """`said` without its exact quotes: what is printed needs no second proof."""
    for _, quote in statement.quotes:
        said = said.replace(quote, "|", 1)
    return said
