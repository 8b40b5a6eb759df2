"""What the plans are made of: chapters, sections, tasks, in print order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.normal import normal
from corpus.numerals import numeral
from corpus.types import Measure, Passage, Record
from index.filters import Filters
from index.store import Store

_ORDINAL = re.compile(r"^\(?([一二三四五六七八九十]{1,3})\)?[、.]?")
_CHAPTER = re.compile(r"[那这]一?个?(?:章(?!节)|大?部分|大?块)|的一章")
_LOST = "标题缺"
KEPT = 64  # plans whose parts are kept


@dataclass(frozen=True, slots=True)
class Part:
    """A chapter, section or task: its heading as printed, and its records in print order.

    `key` is the part's place: (2,) a second chapter, (2, 3) its third section; `numbers`
    are those of its tasks.
    """

    plan: str
    heading: str
    key: tuple[int, ...]
    records: tuple[Record, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The 序号 of its tasks, in order; none for a plan of prose."""
        return tuple(dict.fromkeys(r.number for r in self.records if isinstance(r, Measure)))

    @property
    def lost(self) -> bool:
        """Whether the source lost the heading."""
        return _LOST in self.heading


class Outline:
    """The parts of every plan, read when they are asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._parts = lru_cache(maxsize=KEPT)(self._of_plan)

    def parts(self, plan: str) -> tuple[Part, ...]:
        """Chapters and sections of `plan`, outer before inner, in print order."""
        return self._parts(plan)

    def _of_plan(self, plan: str) -> tuple[Part, ...]:
        return tuple(_parts(plan, self._store.scan(Filters(plans=(plan,)))))

    def chapters(self, plan: str) -> list[Part]:
        """The chapters of `plan`; none where it has no headings."""
        return [part for part in self.parts(plan) if len(part.key) == 1 and part.key[0] > 0]

    def part(self, plan: str, key: Sequence[int]) -> Part | None:
        """The part at `key`: (2,) is the second chapter, (3, 1, 2) section 三(一)2."""
        return next((part for part in self.parts(plan) if part.key == tuple(key)), None)

    def task(self, plan: str, number: int) -> list[Record]:
        """The measures of one 序号."""
        return self._store.scan(Filters(plans=(plan,), numbers=(number,), kinds=("measure",)))

    def named(self, plan: str, text: str, words: str) -> Part | None:
        """The part whose whole heading stands in `text`, or whose heading holds `words` (normalised).

        Where a chapter is asked for, a section is none.
        """
        chapter = _CHAPTER.search(text) is not None
        least = 1 if chapter else 3
        fitting = [
            part
            for part in (self.chapters(plan) if chapter else self.parts(plan))
            if not part.lost
            and (bare := title(part.heading))
            and (
                (len(bare) > 3 and bare in text)
                or any(len(word) > least and word in bare for word in words.split())
            )
        ]
        return max(fitting, key=lambda part: (len(title(part.heading)), -len(part.key)), default=None)


@lru_cache(maxsize=2048)
def title(heading: str) -> str:
    """A heading, normalised, without its ordinal and quotation marks: 建设美丽河湖."""
    form = re.sub(r"^(\([^)]*\)|[一二三四五六七八九十]+、|\d+\.)", "", normal(heading))
    return re.sub(r"[“”\"〔〕]", "", form)


def _parts(plan: str, records: Iterable[Record]) -> list[Part]:
    found: dict[tuple[int, ...], tuple[str, list[Record]]] = {}
    for record in records:
        keys = _keys(record)
        for depth, heading in enumerate(record.path):
            key = keys[: depth + 1]
            if len(key) == depth + 1:
                found.setdefault(key, (heading, []))[1].append(record)
    return [Part(plan, heading, key, tuple(inside)) for key, (heading, inside) in found.items()]


def _keys(record: Record) -> tuple[int, ...]:
    """The ordinals of a record's headings, outermost first."""
    if isinstance(record, Passage):
        return tuple(int(number) for number in record.section.split("."))
    found = []
    for heading in record.path:
        match = _ORDINAL.match(normal(heading))
        if match is None:
            break
        found.append(numeral(match[1]))
    return tuple(found)
