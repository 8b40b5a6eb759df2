"""Lines of text outside tables to paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from corpus.document import Paragraph, Place
from corpus.formats.pdf_lines import Line, box_of, cut, joined, wraps

_NUMBER = "一二三四五六七八九十百"
_HEADING = re.compile(
    rf"[{_NUMBER}]+、|[（(][{_NUMBER}]+[）)]|\d{{1,2}}[.．、](?!\d)|[（(]\d{{1,2}}[）)]"
    rf"|第[{_NUMBER}\d]+[章节条编部]|附件\s*\d*$|附件\s*\d*[:：]"
)
_LEAST_COLUMN_LINES = 8
_LARGE = 1.2  # times the size of the text: the type of titles


@dataclass(frozen=True, slots=True)
class Column:
    """The edges between which text is set, the usual distance of its baselines, the size of its type."""

    left: float
    right: float
    step: float
    size: float


@dataclass
class _Open:
    """A paragraph that may go on."""

    lines: list[Line]
    place: Place
    column: Column
    centred: bool


def column_of(pages: Sequence[Sequence[Line]], edges: Sequence[tuple[float, float]]) -> Column | None:
    """How text is set on pages of one size; `edges` are those of their tables."""
    lines = [line for page in pages for line in page]
    if not lines:
        return None
    size = median(line.size for line in lines)
    left = min(line.x0 for line in lines)
    right = max(line.x1 for line in lines)
    if edges:
        left, right = min(left, min(e[0] for e in edges)), max(right, max(e[1] for e in edges) - 5)
    steps = [b.base - a.base for page in pages for a, b in pairwise(page) if 0 < b.base - a.base < 4 * size]
    return Column(left, right, median(steps) if steps else 1.5 * size, size)


def gutter(lines: Sequence[Line], width: float) -> float | None:
    """Where a page is set in two columns: the middle of the blank between them."""
    if not lines:
        return None
    parts = [part for line in lines for part in cut(line, 1.5)]
    for middle in (width * (0.4 + 0.02 * step) for step in range(11)):
        if any(part.x0 - 4 < middle < part.x1 + 4 for part in parts):
            continue
        left = [part for part in parts if part.x1 < middle and part.x1 - part.x0 > 0.2 * width]
        right = [part for part in parts if part.x0 > middle and part.x1 - part.x0 > 0.2 * width]
        if min(len(left), len(right)) >= _LEAST_COLUMN_LINES:
            return middle
    return None


def in_columns(lines: Sequence[Line], middle: float) -> list[Line]:
    """The lines of the left column, then those of the right one."""
    parts = [part for line in lines for part in cut(line, 1.5)]
    return [part for part in parts if part.x0 < middle] + [part for part in parts if part.x0 > middle]


class Prose:
    """Paragraphs while they grow, page by page; a table ends the one that is open."""

    def __init__(self) -> None:
        self._open: _Open | None = None
        self._numbers: dict[int, int] = {}

    def add(self, line: Line, page: int, column: Column) -> Paragraph | None:
        """Take a line; the paragraph before it where the line opens another."""
        centred = _centred(line, column)
        if self._open is not None and _goes_on(self._open, line, page, column, centred):
            self._open.lines.append(line)
            self._open.column = column
            return None
        ended = self.end()
        self._numbers[page] = self._numbers.get(page, 0) + 1
        place = Place(f"第{page}页 第{self._numbers[page]}段", page, line.box)
        self._open = _Open([line], place, column, centred)
        return ended

    def end(self) -> Paragraph | None:
        """End the paragraph that is open, and give it."""
        ended, self._open = self._open, None
        if ended is None:
            return None
        here = [line for line in ended.lines if line.top >= ended.lines[0].top - 1]
        place = Place(ended.place.words, ended.place.page, box_of(line.box for line in here))
        texts = [ended.lines[0].text]
        for line, following in pairwise(ended.lines):
            if ended.centred and not wraps(line, following, ended.column.left, ended.column.right):
                texts.append(following.text)
            else:
                texts[-1] = joined(texts[-1], following.text)
        return Paragraph(tuple(texts), place, centred=ended.centred)


def _centred(line: Line, column: Column) -> bool:
    before, after = line.x0 - column.left, column.right - line.x1
    large = line.size > _LARGE * column.size
    return (large or min(before, after) > 2.5 * line.size) and abs(before - after) < 1.5 * line.size


def _goes_on(open_: _Open, line: Line, page: int, column: Column, centred: bool) -> bool:
    last = open_.lines[-1]
    if abs(last.size - line.size) > 0.12 * last.size or centred != open_.centred:
        return False
    step = line.base - last.base
    turned = step <= 0  # the next page or column
    if not turned and step > max(1.4 * column.step, 2.2 * line.size):
        return False
    if centred:
        return not turned and not _HEADING.match(line.text)
    if last.x0 - column.left > 4 * last.size and line.x0 < last.x0 - last.size:
        return False  # a date or a name on the right
    if line.x0 - column.left > 1.2 * line.size and line.x0 - open_.lines[0].x0 > -0.5 * line.size:
        return False  # indented as a first line is
    if not wraps(last, line, open_.column.left, open_.column.right):
        return False
    return not (_HEADING.match(line.text) and last.closed)
