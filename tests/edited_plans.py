"""New editions of a plan with known edits, on which the matching of editions is measured."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from corpus.deadlines import read_due
from corpus.normal import with_origin
from corpus.types import Duty, Measure, Role
from rag.changes import Kind
from rag.figures import DATED, placed

DEADLINES = ("3月底前", "6月底前", "9月底前", "10月底前", "11月底前", "长期实施", "年底前")
WORDS = (
    "进一步", "完善", "统筹", "协同", "推动", "落实", "强化", "加快", "有序", "全面", "深入", "探索", "机制",
    "管理", "措施", "有关", "重点", "区域", "力度", "水平", "按照要求", "研究", "持续开展", "逐步",
)  # fmt: skip
_NAME = 12  # characters below which a text is the name of an indicator: another name is another indicator
_COUNTED = re.compile("[年月日底零一二三四五六七八九十百千万亿]")
_WORDY = re.compile(r"[\u4e00-\u9fff]{2,5}")


@dataclass
class Edited:
    """An edition: its measures, which earlier one each is (None: it is new), and what was done to it."""

    measures: list[Measure]
    origin: dict[str, str | None] = field(default_factory=dict)
    edits: dict[str, set[Kind]] = field(default_factory=dict)
    halves: dict[str, str] = field(default_factory=dict)
    """The second half of each split measure, by its id: the earlier measure."""

    def dropped(self, before: Sequence[Measure]) -> set[str]:
        """Ids of earlier measures that are no more."""
        return {m.id for m in before} - set(self.origin.values())


def edition(
    before: Sequence[Measure], new: Sequence[Measure], seed: int, *, share: float = 0.5, rework: float = 0.2
) -> Edited:
    """An edition of `before` of which a `share` is edited; `new` are measures to put in.

    `rework` is the share of characters that a reworded measure has otherwise.
    """
    rng = random.Random(seed)
    made: list[tuple[Measure, str | None, set[Kind], str]] = []
    for measure in before:
        way = rng.choices(("edit", "drop", "replace", "split", "add"), (80, 6, 4, 5, 5))[0]
        if rng.random() > share:
            way = "keep"
        kinds: set[Kind] = set()
        changed = measure
        if way == "drop":
            continue
        if way == "replace":  # another measure in the same place, with the same departments
            made.append((replace(measure, text=rng.choice(new).text), None, set(), ""))
            continue
        if way == "split" and (at := _middle(measure.text)):
            first, second = measure.text[:at], measure.text[at:]
            made.append((replace(measure, text=first), measure.id, set(), ""))
            made.append((replace(measure, text=second), None, set(), measure.id))
            continue
        if way == "edit":
            for edit in rng.sample(_EDITS, rng.choice((1, 1, 2, 3))):
                changed = edit(changed, rng, kinds, rework)
        made.append((changed, measure.id, kinds, ""))
        if way == "add":
            made.append((rng.choice(new), None, set(), ""))
    for _ in range(len(made) // 10):  # some stand elsewhere
        made.insert(rng.randrange(len(made)), made.pop(rng.randrange(len(made))))
    return _numbered(made, f"{before[0].plan}-next")


def _numbered(made: Sequence[tuple[Measure, str | None, set[Kind], str]], plan: str) -> Edited:
    """Numbers run on from 1, a task being what stands together under one title."""
    found = Edited([])
    number, item, task = 0, 0, None
    for measure, origin, kinds, half in made:
        if measure.task != task or not measure.task:
            number, item, task = number + 1, 0, measure.task
        item += 1
        numbered = replace(measure, id=f"{plan}/{number}/{item}", plan=plan, number=number, item=item)
        found.measures.append(numbered)
        found.origin[numbered.id], found.edits[numbered.id] = origin, kinds
        if half:
            found.halves[numbered.id] = half
    return found


def _middle(text: str) -> int:
    """Behind the sentence nearest the middle; 0 where there is but one."""
    ends = [match.end() for match in re.finditer("[。；]", text[:-1]) if 15 < match.end() < len(text) - 15]
    return min(ends, key=lambda end: abs(end - len(text) / 2), default=0)


def _figure(measure: Measure, rng: random.Random, kinds: set[Kind], rework: float) -> Measure:
    text, form = measure.text, with_origin(measure.text)
    spans = [
        form.printed_span(start, end)
        for figure, start, end in placed(form.text)
        if figure.unit and figure.unit[0] not in DATED and not figure.spelled
    ]
    if not spans:
        return measure
    start, end = rng.choice(spans)
    digits = re.search(r"\d+", text[start:end])
    assert digits
    value = str(int(digits.group()) + rng.randint(1, 9))
    kinds.add(Kind.FIGURE)
    at, to = start + digits.start(), start + digits.end()
    return replace(measure, text=text[:at] + value + text[to:])


def _deadline(measure: Measure, rng: random.Random, kinds: set[Kind], rework: float) -> Measure:
    if measure.deadline is None:
        return measure
    year = next((due.end.year for due in measure.due if due.end), 2026)
    old = {(due.start, due.end) for due in measure.due if due.basis == "column"}
    read = {words: {(d.start, d.end) for d in read_due(words, year, "column")} for words in DEADLINES}
    others = [words for words, days in read.items() if days != old]
    deadline = rng.choice(others)
    kinds.add(Kind.DEADLINE)
    kept = tuple(due for due in measure.due if due.basis != "column")
    return replace(measure, deadline=deadline, due=(*read_due(deadline, year, "column"), *kept))


def _duty(measure: Measure, rng: random.Random, kinds: set[Kind], rework: float) -> Measure:
    duties = list(measure.duties)
    way = rng.choice(("put in", "take out", "exchange"))
    other = Duty("区气象局", "延庆区气象局", Role.ASSISTING)
    if way == "put in" or not duties:
        duties.append(other)
    elif way == "take out":
        duties.pop(rng.randrange(len(duties)))
    else:
        at = rng.randrange(len(duties))
        duties[at] = replace(duties[at], printed=other.printed, department=other.department)
    if {(d.department, d.role) for d in duties} != {(d.department, d.role) for d in measure.duties}:
        kinds.add(Kind.DUTY)
        return replace(measure, duties=tuple(duties))
    return measure


def _words(measure: Measure, rng: random.Random, kinds: set[Kind], rework: float) -> Measure:
    """Words exchanged, put in and taken out until about `rework` of the characters are others."""
    text, done = measure.text, 0
    if len(text) < _NAME:
        return measure
    while done < rework * len(measure.text):
        form = with_origin(text)
        figures = [form.printed_span(start, end) for _, start, end in placed(form.text)]
        spans = [
            (start, end)
            for start, end in (match.span() for match in _WORDY.finditer(text))
            if not _COUNTED.search(text[start:end])
            and not any(start < last + 8 and first - 8 < end for first, last in figures)
        ]
        if not spans:
            break
        start, end = rng.choice(spans)
        word = rng.choice((*WORDS, ""))
        text = text[:start] + word + text[end:]
        done += max(end - start, len(word))
    if text == measure.text or not text.strip("。"):
        return measure
    kinds.add(Kind.WORDING)
    return replace(measure, text=text)


_EDITS = (_figure, _deadline, _duty, _words)
