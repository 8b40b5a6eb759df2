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
from corpus.terms import listed
from corpus.types import Measure, Plan, Record, Role, printed
from rag import spans
from rag.bodies import Bodies, Mention
from rag.coverage import Topic
from rag.figures import DATED, Figure, dates, figures

APART = 0.2  # how much more of a clause another figure's words must hold to be the ones meant
REPEATED = 0.6  # share of what follows a hedge that a clause must hold to say it without
NEXT_TO = 6  # characters between a word that denies and what it denies
LITTLE = 4  # characters of content that a sentence without a figure or date must hold
REACH = 16  # characters behind a word of relation within which stands what it relates to
SHORT = 3  # characters of content from which the words of a figure are compared
OWN = 0.7  # share of a clause that the words of its figure must hold
NEAR = 0.5  # share of a clause that one of the plan must hold to be the one that it repeats
LONGEST = 240  # characters of a sentence
_LEXICON = Path(__file__).parent.parent / "lexicon"
_CLAUSE = re.compile(r"[^,，、;；:：。()（）\n|]+")
_COMMA = re.compile(r"[^,，;；。\n|]+")
_HAN, _WORD = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[A-Za-z\u3400-\u9fff]")
_SENTENCE = re.compile(r"[^。;；\n]+")
_NUMBERS = re.compile(r"\d[\d.,]*[万亿]?%?年?")
_PIECE = re.compile(r"[^,，、;；。\n|]+")  # what a figure stands in
# 管理系统上，; 2026年: what a sentence is built with.
_BUILT = re.compile(
    r"(?:上|中|下)(?=[,:])|征求意见稿"
    r"|(?<=\d)年|今年|本年|全年|(?<=[月底末日])(?:以|之)?前|包括|包含|完成|实现"
)
# A plan says what is to be done, not what has been.
_DONE = re.compile(
    r"已经|已(?:完成|实现|建成|达到)|(?:全区|全市|由此|任务)(?:全面)?完成(?![^,。])|由此完成"
    r"|(?:完成|实现|达到|建成|开展|实施|落实|启动|制定|出台|提交)了"
)
_EXCLUDED, _INCLUDED = re.compile(r"不(?:包括|包含|含)"), re.compile(r"(?<!不)(?:包括|包含|含(?!量|水|氧))")
# What a sentence may be written with; other signs (≤, ↓, _) mean something that nobody checks.
_SIGNS = re.compile(r"[^\w\s,，、。;；:：.()（）《》〈〉“”‘’\"'/%·\-—–~+℃!！?？\[\]]|_|(?<![0-9A-Za-z.])-\d")
_ALL_ALIKE = re.compile(r"均|都|两[区级地者]|三[区级地者]|同样|同为")  # what is said holds of each measure
_CITY = re.compile(r"全市|本市|市级")
_PART_BEHIND = re.compile(
    r"(?:(?:是|为|作为)[^,。;]{0,40}的)?等?(?:部门|单位)?(?:共同|具体|分别|来)?(?:负责)?(牵头/主责|牵头|主责|负责|承担|主管|协办|配合)"
)
_PART_BEFORE = re.compile(
    r"(牵头/主责|牵头|主责|责任|负责|主管|协办|配合)(?:的?(?:部门|单位))?(?:分别)?(?:是|为|有|包括|由|:)?$"
)
_DIRECTED = ("配合", "督促", "协助", "指导", "委托", "监督")  # who does it stands before, whose it is behind
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
    if sign := _SIGNS.search(said):
        return [f"句子里有不能核对的符号“{sign.group()}”"]
    text = normal(said)
    held = "|".join(normal("\n|".join(printed(record))) for record in records)
    around = [_around(record, plan) for record, plan in zip(records, plans, strict=True)]
    wrong = [
        *_places(text, f"{held}|{'|'.join(around)}", plans),
        *_turned(text, held),
        *_parts(text, records, bodies),
        *_related(text, held),
        *_crossed(text, records, plans),
        *_misplaced(text, records, plans),
        *_strange(text, records, around, bodies),
        *_empty(text, held),
    ]
    return list(dict.fromkeys(wrong))


def _around(record: Record, plan: Plan) -> str:
    """What stands around the text of a record: its plan, headings and columns."""
    return normal("\n|".join([*printed(record)[1:], plan.title, plan.short, plan.district]))


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
    if (done := _DONE.search(text)) and done.group() not in held:
        wrong.append(f"原文没有说已经“{done.group()}”")
    if _INCLUDED.search(text) and _EXCLUDED.search(held) and not _INCLUDED.search(held):
        wrong.append(f"原文是“{_EXCLUDED.search(held).group()}”")  # type: ignore[union-attr]
    for one, other in _opposites():
        for side, contrary in ((one, other), (other, one)):
            said, instead = side.search(text), contrary.search(held)
            if said and instead and not side.search(held):
                wrong.append(f"原文是“{instead.group()}”，不是“{said.group()}”")
    if any("分别" in clause and clause not in held for clause in _COMMA.findall(text)):
        wrong.append("“分别”对应不清，请逐项写明")
    clauses = _CLAUSE.findall(held)
    for clause in _CLAUSE.findall(text):
        topic = _topic(clause)
        source = max(clauses, key=lambda c: topic.share(topic.held(c)), default="")
        if not topic.held(source) or topic.share(topic.held(source)) < NEAR:
            continue
        dropped = [m.group() for m in _words("negations").finditer(source) if m.group() not in text]
        if clause in source and not _negated(clause, source):
            dropped = []
        if dropped:
            wrong.append(f"漏掉了原文的“{dropped[0]}”")
        wrong += [
            f"漏掉了原文的“{match.group()}”"
            for match in _words("hedges").finditer(source)
            if match.group() not in text and _repeats(clause, source, match)
        ]
    return wrong


def _negated(clause: str, source: str) -> bool:
    """Whether a word that denies it stands right before `clause` where `source` prints it."""
    before = source[: source.find(clause)]
    return any(len(before) - match.end() <= NEXT_TO for match in _words("negations").finditer(before))


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
            bare = [m for m in group if not any(normal(m.text) in normal(r.text) for r in records)]
            wrong += [f"提到{mention.text}要写明牵头、主责或协办" for mention in bare]
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
        of_each = all(
            any(amounts <= stated[n] for n in among if plans[n].district == one)
            for one in named & {plan.district for plan in plans}
        )
        if amounts and among and not (of_each and (all(hold) if _ALL_ALIKE.search(clause) else any(hold))):
            where = f"{'、'.join(sorted(name or '全市' for name in place))}的" if place else "同一条"
            wrong.append(f"“{'、'.join(map(str, amounts))}”不都在{where}措施里，请逐条写明")
    return wrong


def _misplaced(text: str, records: Sequence[Record], plans: Sequence[Plan]) -> list[str]:
    """Figures that stand beside other words in the measures than in `text`.

    A figure is of what stands between the figure before it and the end of its clause. These words must
    hold `OWN` of what `text` says it of, and no other figure's words of the same unit clearly more.
    """
    printed_here = [normal(f"{record.text}:{getattr(record, 'target', None) or ''}") for record in records]
    stated = [pair for one in printed_here for s in _SENTENCE.findall(one) for pair in _with_words(s)]
    titles = normal("|".join(f"{plan.title}|{plan.short}|征求意见稿" for plan in plans))
    wrong = []
    for figure, said in _with_words(text):
        topic = _topic(_NUMBERS.sub(" ", said))
        own = [_share(topic, words + titles) for f, words in stated if f == figure]
        others = [
            _share(topic, words + titles) for f, words in stated if f != figure and f.unit == figure.unit
        ]
        if not own or any(said.strip(",") in one for one in printed_here):
            continue
        little = len(_HAN.findall(_words("office").sub("", said))) < SHORT
        if (max(own) < OWN and not little) or max(others, default=0) > max(own) + APART:
            wrong.append(f"“{figure}”在原文说的是另一件事")
    return wrong


def _with_words(sentence: str) -> list[tuple[Figure, str]]:
    """The amounts of a sentence, each with the words that it is of."""
    found: list[tuple[Figure, str]] = []
    held = ""
    for clause in _COMMA.findall(sentence):
        pieces = _PIECE.findall(clause)
        for n, piece in enumerate(pieces):
            held += piece + ","
            if amounts := _amounts(piece):
                last = not any(map(_amounts, pieces[n + 1 :]))
                words = held + "".join(pieces[n + 1 :]) if last else held
                found += [(figure, words) for figure in amounts]
                held = ""
    return found


def _amounts(clause: str) -> list[Figure]:
    """The figures of a clause that are no dates and no manner of speech (两块)."""
    return [figure for figure in figures(clause) if figure.unit not in DATED and not figure.spelled]


def _strange(text: str, records: Sequence[Record], around: Sequence[str], bodies: Bodies) -> list[str]:
    """Words that the measures do not print, beyond those by which office prose leads over.

    The words of each clause must stand in one sentence of a measure or around it: a sentence made
    of the words of several says what none of them says. What holds of all must stand in each.
    """
    texts = [normal(record.text) for record in records]
    own = spans.blanked(text, [(m.start, m.end) for m in bodies.find(text)])  # have a check of their own
    own = _BUILT.sub(lambda match: " " * len(match.group()), own)
    wrong = []
    for clause in _COMMA.findall(own):
        nearest = [
            min((strange(clause, f"{sentence}|{beside}") for sentence in _SENTENCE.findall(one)), key=_size)
            for one, beside in zip(texts, around, strict=True)
        ]
        lacking = max(nearest, key=_size) if _ALL_ALIKE.search(clause) else min(nearest, key=_size)
        if lacking and not any(strange(clause, f"{one}|{b}") for one, b in zip(texts, around, strict=True)):
            wrong.append(f"“{clause.strip()}”把原文几句话的内容拼在了一起")
        elif lacking:
            wrong.append(f"“{'、'.join(dict.fromkeys(lacking))}”在引用处没有")
    return wrong


def _empty(text: str, held: str) -> list[str]:
    """A sentence that says nothing which could be looked for."""
    if figures(text) or dates(text):
        return []
    known = Topic(_words("office").sub(" ", text)).held(held)
    return [] if len(known) >= LITTLE else ["没有写出措施的内容"]


def idle(said: str, record: Record, plan: Plan) -> bool:
    """Whether no clause of `said` stands in `record`: it is cited for nothing."""
    beside = _around(record, plan)
    clauses = [c for c in _COMMA.findall(normal(said)) if len(_HAN.findall(c)) >= LITTLE]
    return bool(clauses) and all(
        min(_size(strange(c, f"{s}|{beside}")) for s in _SENTENCE.findall(normal(record.text)))
        for c in clauses
    )


def _size(runs: Sequence[str]) -> int:
    return sum(map(len, runs))


def strange(clause: str, held: str) -> list[str]:
    """The words of content of `clause` (normalised) that `held` lacks."""
    known = {at for match in _words("office").finditer(clause) for at in range(*match.span())}
    known |= Topic(clause).held(held)
    kept = "".join(c if at not in known and _HAN.match(c) else " " for at, c in enumerate(clause))
    return [run for run in kept.split() if not _light().issuperset(run)]


def _related(text: str, held: str) -> list[str]:
    """Relations turned round: what follows 配合 or 督促 must follow it in the measures, too."""
    wrong = []
    for match in _words("relations").finditer(text):
        follows = re.sub(r"^[并且及]", "", text[match.end() : match.end() + 3])[:2]
        places_of = [m.span() for m in re.finditer(re.escape(match.group()), held)]
        said = [held[end : end + REACH] for _, end in places_of]
        before = text[max(match.start() - 2, 0) : match.start()]
        led = [held[max(start - REACH, 0) : start] for start, _ in places_of]
        turned = any(before in s for s in said) and not any(before in words for words in led)
        if len(before) == 2 and turned and match.group() in _DIRECTED:
            wrong.append(f"原文不是“{before}{match.group()}”")
        if said and len(follows) == 2 and _HAN.match(follows) and not any(follows in s for s in said):
            wrong.append(f"原文不是“{match.group()}{follows}”")
    return wrong


def _share(topic: Topic, text: str) -> float:
    return topic.share(topic.held(text))


def _topic(text: str) -> Topic:
    """`text` without the words that carry no content, to be looked for."""
    return Topic(_words("office").sub(" ", text))


@lru_cache(maxsize=8)
def _words(name: str) -> re.Pattern[str]:
    """The words of the lexicon `name`.txt."""
    return any_of(_in_lexicon(name))


@lru_cache(maxsize=1)
def _light() -> frozenset[str]:
    """The characters of light.txt."""
    return frozenset(_in_lexicon("light"))


@lru_cache(maxsize=1)
def _opposites() -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    """The two sides of each line of opposites.txt."""
    sides = [line.split("|") for line in listed(_LEXICON / "opposites.txt")]
    return [(any_of(one.split()), any_of(other.split())) for one, other in sides]


def _in_lexicon(name: str) -> list[str]:
    return [word for line in listed(_LEXICON / f"{name}.txt") for word in line.split()]
