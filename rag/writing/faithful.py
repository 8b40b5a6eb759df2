"""Whether a sentence in a model's own words says what the measures that it cites say.

Figures, dates, names and departments are the business of `rag.grounding`, for every statement
alike. What is added here is for prose that nobody quoted: that the words themselves stand in the
measures, that a figure stands beside the words that it stands beside there, that no department
changes its part, no place its level, and that nothing is turned round: no 不得 added or dropped, no
夜间 for 昼间, no 探索 left out.

All of it is decided by code over the words as printed; a sentence that means the same in words too far
from the plan's is refused, too. `wence eval check` measures how often each of these errs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from corpus.normal import any_of, normal
from corpus.places import places
from corpus.types import Measure, Plan, Record, Role, printed
from rag.bodies import Bodies, Mention
from rag.coverage import Topic
from rag.figures import Figure, figures

ENOUGH = 0.7  # share of a sentence's characters of content that the measures must hold
LEAST = 0.5  # the same of each of its clauses
SHORT = 4  # characters of content below which a clause is not judged by itself
APART = 0.2  # how much more of a clause another figure's words must hold to be the ones meant
NEAR = 0.5  # share of a clause that one of the plan must hold to be the one that it repeats
LONGEST = 240  # characters of a sentence
_LEXICON = Path(__file__).parent.parent / "lexicon"
_CLAUSE = re.compile(r"[^,，、;；:：。()（）\n|]+")
_COMMA = re.compile(r"[^,，;；。\n|]+")
_HAN, _WORD = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[A-Za-z\u3400-\u9fff]")
_CITY = re.compile(r"全市|本市|市级")
_PART_BEHIND = re.compile(
    r"等?(?:部门|单位)?(?:共同|具体|分别|来)?(牵头/主责|牵头|主责|负责|承担|主管|协办|配合)"
)
_PART_BEFORE = re.compile(
    r"(牵头/主责|牵头|主责|责任|负责|主管|协办|配合)(?:的?(?:部门|单位))?(?:分别)?(?:是|为|有|包括|由|:)?$"
)
_JOINED = re.compile(r"[、和与及]|以及|会同|[(（][^()（）]*[)）][、和与及]?")
_DOES = frozenset((Role.LEAD, Role.RESPONSIBLE, Role.LEAD_RESPONSIBLE))
_PARTS = {
    "牵头/主责": frozenset((Role.LEAD_RESPONSIBLE,)),
    "牵头": frozenset((Role.LEAD, Role.LEAD_RESPONSIBLE)),
    "主责": frozenset((Role.RESPONSIBLE, Role.LEAD_RESPONSIBLE)),
    "协办": frozenset((Role.ASSISTING,)),
    "配合": frozenset((Role.ASSISTING,)),
} | dict.fromkeys(("责任", "负责", "承担", "主管"), _DOES)


def unfaithful(said: str, records: Sequence[Record], plans: Sequence[Plan], bodies: Bodies) -> list[str]:
    """What in `said` the `records` (each with its plan) do not bear out, in Chinese; empty where all is."""
    if len(said) > LONGEST:
        return [f"句子太长（{len(said)} 字），请分成短句"]
    if len(_HAN.findall(said)) * 2 < len(_WORD.findall(said)):
        return ["不是中文句子"]
    text = normal(said)
    held = normal("\n|".join(part for record in records for part in printed(record)))
    around = held + "|" + "|".join(normal(f"{plan.title}|{plan.short}|{plan.district}") for plan in plans)
    return [
        *_places(text, around, plans),
        *_turned(text, held),
        *_parts(text, records, bodies),
        *_crossed(text, records, plans),
        *_misplaced(text, records),
        *_strange(text, around),
    ]


def _places(text: str, held: str, plans: Sequence[Plan]) -> list[str]:
    """Places that the measures do not speak of."""
    known = places()
    named = [place for place in known.districts_in(text) if known.short(place) not in held]
    named += [place for place in known.elsewhere_in(text) if place not in held]
    city = _CITY.search(text)
    if city and city.group() not in held and all(plan.district for plan in plans):
        named.append(city.group())
    return [f"引用处没有说“{place}”" for place in dict.fromkeys(named)]


def _turned(text: str, held: str) -> list[str]:
    """Words that turn the sense round: added, dropped, or exchanged for their contrary."""
    wrong = [
        f"原文没有“{word}”" for word in dict.fromkeys(_words("negations").findall(text)) if word not in held
    ]
    for one, other in _opposites():
        for side, contrary in ((one, other), (other, one)):
            said, instead = side.search(text), contrary.search(held)
            if said and instead and not side.search(held):
                wrong.append(f"原文是“{instead.group()}”，不是“{said.group()}”")
    clauses = _COMMA.findall(held)
    for clause in _COMMA.findall(text):
        topic = _topic(clause)
        source = max(clauses, key=lambda c: topic.share(topic.held(c)), default="")
        if not topic.held(source) or topic.share(topic.held(source)) < NEAR:
            continue
        dropped = [m.group() for m in _words("negations").finditer(source)]
        if dropped and not _words("negations").search(clause):
            wrong.append(f"漏掉了原文的“{dropped[0]}”")
        wrong += [
            f"原文是“{match.group()}{follows}”"
            for match in _words("hedges").finditer(source)
            if (follows := source[match.end() : match.end() + 2])
            and follows in clause
            and match.group() not in text
        ]
    return wrong


def _parts(text: str, records: Sequence[Record], bodies: Bodies) -> list[str]:
    """Departments that have another part in the measures than `text` gives them."""
    duties = [duty for record in records if isinstance(record, Measure) for duty in record.duties]
    wrong = []
    for group in _groups(text, bodies.find(text)):
        behind = _PART_BEHIND.match(text, group[-1].end)
        before = _PART_BEFORE.search(text[: group[0].start])
        part = behind or before
        if part is None:
            continue
        wrong += [
            f"{mention.text} 在引用处不是{part[1]}"
            for mention in group
            if not any(duty.department in mention.names and duty.role in _PARTS[part[1]] for duty in duties)
            and not any(mention.text + part[1] in normal(record.text) for record in records)
        ]
    return wrong


def _groups(text: str, mentions: Sequence[Mention]) -> list[list[Mention]]:
    """Departments named in one breath (甲、乙和丙)."""
    groups: list[list[Mention]] = [[mention] for mention in mentions[:1]]
    for one, other in pairwise(mentions):
        if _JOINED.fullmatch(text[one.end : other.start]):
            groups[-1].append(other)
        else:
            groups.append([other])
    return groups


def _crossed(text: str, records: Sequence[Record], plans: Sequence[Plan]) -> list[str]:
    """Amounts of several measures in one clause, or of one place beside the name of another."""
    if len(records) < 2:
        return []
    known, wrong = places(), []
    place: set[str] = set()
    stated = [frozenset(figures("\n|".join(printed(record)))) for record in records]
    for clause in _COMMA.findall(text):
        named = {*known.districts_in(clause), *([""] if _CITY.search(clause) else [])}
        place = named or place
        amounts = {figure for figure in figures(clause) if figure.unit != "年"}
        among = [n for n, plan in enumerate(plans) if not place or plan.district in place]
        if amounts and among and not any(amounts <= stated[n] for n in among):
            where = f"{'、'.join(sorted(name or '全市' for name in place))}的" if place else "同一条"
            wrong.append(f"“{'、'.join(map(str, amounts))}”不都在{where}措施里，请逐条写明")
    return wrong


def _misplaced(text: str, records: Sequence[Record]) -> list[str]:
    """Figures that stand beside other words in the measures than in `text`.

    For each clause with an amount: where the plan's clauses with another amount of the same unit hold
    clearly more of its words than those with this one, the amount is said of the wrong thing.
    """
    sources = [normal(f"{record.text}:{getattr(record, 'target', None) or ''}") for record in records]
    stated = [
        (found, clause)
        for source in sources
        for clause in _COMMA.findall(source)
        if "分别" not in clause and (found := figures(clause))
    ]
    wrong = []
    for clause in _COMMA.findall(text):
        for figure in figures(clause):
            if figure.unit == "年" or "分别" in clause or any(clause in source for _, source in stated):
                continue
            topic = _topic(_without_figure(clause, figure))
            own = [_share(topic, c) for found, c in stated if figure in found]
            others = [
                _share(topic, c)
                for found, c in stated
                if figure not in found and any(f.unit == figure.unit for f in found)
            ]
            if own and others and max(others) > max(own) + APART:
                wrong.append(f"“{figure}”在原文说的是另一件事")
    return wrong


def _without_figure(clause: str, figure: Figure) -> str:
    return clause.replace(f"{figure.value.normalize():f}{figure.unit}", " ")


def _strange(text: str, held: str) -> list[str]:
    """Clauses, and at last the whole, whose words the measures do not hold."""
    if text in held:
        return []
    for clause in _CLAUSE.findall(text):
        topic = _topic(clause)
        if clause not in held and _weight(clause) >= SHORT and _share(topic, held) < LEAST:
            return [f"“{clause}”在引用处没有依据"]
    topic = _topic(text)
    return [] if _weight(text) < SHORT or _share(topic, held) >= ENOUGH else ["多数文字不出自引用的措施"]


def _share(topic: Topic, text: str) -> float:
    return topic.share(topic.held(text))


def _topic(text: str) -> Topic:
    """`text` without the words that carry no content, to be looked for."""
    return Topic(_words("office").sub(" ", text))


def _weight(text: str) -> int:
    """How many Chinese characters of content `text` has."""
    return len(_HAN.findall(_words("office").sub(" ", text)))


@lru_cache(maxsize=4)
def _words(name: str) -> re.Pattern[str]:
    """The words of the lexicon `name`.txt."""
    lines = (_LEXICON / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return any_of([word for line in lines if not line.startswith("#") for word in line.split()])


@lru_cache(maxsize=1)
def _opposites() -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    """The two sides of each line of opposites.txt."""
    lines = (_LEXICON / "opposites.txt").read_text(encoding="utf-8").splitlines()
    sides = [line.split("|") for line in lines if line and not line.startswith("#")]
    return [(any_of(one.split()), any_of(other.split())) for one, other in sides]
