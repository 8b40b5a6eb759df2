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
from rag import spans
from rag.bodies import Bodies, Mention
from rag.coverage import Topic
from rag.figures import Figure, figures

APART = 0.2  # how much more of a clause another figure's words must hold to be the ones meant
REPEATED = 0.6  # share of what follows a hedge that a clause must hold to say it without
NEAR = 0.5  # share of a clause that one of the plan must hold to be the one that it repeats
LONGEST = 240  # characters of a sentence
_LEXICON = Path(__file__).parent.parent / "lexicon"
_CLAUSE = re.compile(r"[^,，、;；:：。()（）\n|]+")
_COMMA = re.compile(r"[^,，;；。\n|]+")
_HAN, _WORD = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[A-Za-z\u3400-\u9fff]")
_PIECE = re.compile(r"[^,，、;；。\n|]+")  # what a figure stands in
# 管理系统上，; 除……外，: what a sentence is built with.
_BUILT = re.compile(r"(?:上|中|下)(?=[,:])|除(?=[^,]{1,24}外,)|(?:以|之)?外(?=,)|征求意见稿")
_ALL_ALIKE = re.compile(r"均|都|两[区级地者]|三[区级地者]|同样|同为")  # what is said holds of each measure
_CITY = re.compile(r"全市|本市|市级")
_PART_BEHIND = re.compile(
    r"等?(?:部门|单位)?(?:共同|具体|分别|来)?(?:负责)?(牵头/主责|牵头|主责|负责|承担|主管|协办|配合)"
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
    texts = [normal("\n|".join(printed(record))) for record in records]
    held = "|".join(texts)
    titles = [normal(f"{plan.title}|{plan.short}|{plan.district}") for plan in plans]
    around = [f"{one}|{title}" for one, title in zip(texts, titles, strict=True)]
    wholes = around if _ALL_ALIKE.search(text) else ["|".join(around)]
    wrong = [
        *_places(text, "|".join(around), plans),
        *_turned(text, held),
        *_parts(text, records, bodies),
        *_crossed(text, records, plans),
        *_misplaced(text, records),
        *(problem for whole in wholes for problem in _strange(text, whole, bodies)),
    ]
    return list(dict.fromkeys(wrong))


def _places(text: str, held: str, plans: Sequence[Plan]) -> list[str]:
    """Places that the measures do not speak of."""
    known = places()
    named = [
        name
        for name in (*known.district_names, *map(known.short, known.district_names), *known.towns_in(text))
        if name in text and name not in held and known.short(known.districts.get(name, name)) not in held
    ]
    named += [place for place in known.elsewhere_in(text) if place not in held]
    city = _CITY.search(text)
    if city and city.group() not in held and all(plan.district for plan in plans):
        named.append(city.group())
    return [f"引用处没有说“{place}”" for place in dict.fromkeys(named)]


def _turned(text: str, held: str) -> list[str]:
    """Words that turn the sense round: added, dropped, or exchanged for their contrary."""
    added = [*_words("negations").findall(text), *_words("scope").findall(text)]
    wrong = [f"原文没有“{word}”" for word in dict.fromkeys(added) if word not in held]
    for one, other in _opposites():
        for side, contrary in ((one, other), (other, one)):
            said, instead = side.search(text), contrary.search(held)
            if said and instead and not side.search(held):
                wrong.append(f"原文是“{instead.group()}”，不是“{said.group()}”")
    if "分别" in text and text not in held:
        wrong.append("“分别”对应不清，请逐项写明")
    clauses = _CLAUSE.findall(held)
    for clause in _CLAUSE.findall(text):
        topic = _topic(clause)
        source = max(clauses, key=lambda c: topic.share(topic.held(c)), default="")
        if not topic.held(source) or topic.share(topic.held(source)) < NEAR:
            continue
        dropped = [m.group() for m in _words("negations").finditer(source)]
        if dropped and not _words("negations").search(text):
            wrong.append(f"漏掉了原文的“{dropped[0]}”")
        wrong += [
            f"漏掉了原文的“{match.group()}”"
            for match in _words("hedges").finditer(source)
            if match.group() not in text and _repeats(clause, source, match)
        ]
    return wrong


def _repeats(clause: str, source: str, hedge: re.Match[str]) -> bool:
    """Whether `clause` says what the `hedge` in `source` makes less of."""
    rest = _topic(source[hedge.end() :] or source[: hedge.start()])
    return _share(rest, clause) >= REPEATED


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
        amounts = set(_amounts(clause))
        among = [n for n, plan in enumerate(plans) if not place or plan.district in place]
        hold = [amounts <= stated[n] for n in among]
        if amounts and among and not (all(hold) if _ALL_ALIKE.search(clause) else any(hold)):
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
        for clause in _PIECE.findall(source)
        if "分别" not in clause and (found := figures(clause))
    ]
    wrong = []
    for clause in _PIECE.findall(text):
        for figure in figures(clause):
            if any(clause in source for _, source in stated):
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


def _amounts(clause: str) -> list[Figure]:
    """The figures of a clause that are no years and no manner of speech (两块)."""
    return [figure for figure in figures(clause) if figure.unit != "年" and not figure.spelled]


def _without_figure(clause: str, figure: Figure) -> str:
    return clause.replace(f"{figure.value.normalize():f}{figure.unit}", " ")


def _strange(text: str, held: str, bodies: Bodies) -> list[str]:
    """Words that the measures do not print, beyond those by which office prose leads over."""
    if text in held:
        return []
    own = spans.blanked(text, [(m.start, m.end) for m in bodies.find(text)])  # have a check of their own
    own = _BUILT.sub(lambda match: " " * len(match.group()), own)
    known = {at for match in _words("office").finditer(own) for at in range(*match.span())}
    known |= Topic(own).held(held)
    light = _characters("light")
    runs = "".join(c if at not in known and _HAN.match(c) else " " for at, c in enumerate(own)).split()
    strange = [run for run in runs if not light.issuperset(run)]
    return [f"“{'、'.join(dict.fromkeys(strange))}”在引用处没有"] if strange else []


def _share(topic: Topic, text: str) -> float:
    return topic.share(topic.held(text))


def _topic(text: str) -> Topic:
    """`text` without the words that carry no content, to be looked for."""
    return Topic(_words("office").sub(" ", text))


@lru_cache(maxsize=8)
def _words(name: str) -> re.Pattern[str]:
    """The words of the lexicon `name`.txt."""
    lines = (_LEXICON / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return any_of([word for line in lines if not line.startswith("#") for word in line.split()])


@lru_cache(maxsize=1)
def _characters(name: str) -> frozenset[str]:
    """The characters of the lexicon `name`.txt."""
    lines = (_LEXICON / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(char for line in lines if not line.startswith("#") for char in line.split())


@lru_cache(maxsize=1)
def _opposites() -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    """The two sides of each line of opposites.txt."""
    lines = (_LEXICON / "opposites.txt").read_text(encoding="utf-8").splitlines()
    sides = [line.split("|") for line in lines if line and not line.startswith("#")]
    return [(any_of(one.split()), any_of(other.split())) for one, other in sides]
