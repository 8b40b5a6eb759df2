"""Glyphs to the lines that are printed, and printed lines to the lines that were written.

A page wraps a line where its next word would not fit; such lines are joined. A line that ends early
ends there because somebody ended it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from corpus.departments import departments
from corpus.document import Box
from corpus.formats.pdf_page import Glyph

_NO_START = "，。、；：！？）》〉”’】〕」』％,.;:!?)]}%…·～℃“‘"  # a quotation mark parts from neither side
_NO_END = "（《〈“‘【〔「『([{”’"
_WORD = re.compile(r"[A-Za-z0-9.+%/-]")
_CLOSING = re.compile(r"[。；！？：;!?:][”’）)》]?$")
_SENTENCE = re.compile(r"[。；：;:]")
_BETWEEN = re.compile(r"[，、,\s]")
_LONGEST_NAME = 40
_SLACK = 0.08  # of the type's size: borders take a little of what looks free


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line: its text, its edges, the baseline, the size of its type.

    `head` is the width of what cannot be parted at its start: it is what did not fit on the line above.
    """

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    base: float
    size: float
    head: float
    glyphs: tuple[Glyph, ...]

    @property
    def box(self) -> Box:
        """Where it stands."""
        return (self.x0, self.top, self.x1, self.bottom)

    @property
    def closed(self) -> bool:
        """Whether it ends as a sentence does."""
        return _CLOSING.search(self.text) is not None


def box_of(boxes: Iterable[Box]) -> Box:
    """The smallest box around `boxes` (at least one)."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))


def lines_of(glyphs: Iterable[Glyph]) -> list[Line]:
    """The lines that `glyphs` stand on, from top to bottom.

    Large type founds the lines; a smaller glyph set higher or lower (PM₂.₅) joins the nearest.
    """
    bases: list[float] = []  # in order
    rows: list[tuple[float, list[Glyph]]] = []
    for glyph in sorted(glyphs, key=lambda g: (-round(g.size, 1), g.base)):
        at = bisect_left(bases, glyph.base)
        near = [i for i in (at - 1, at) if 0 <= i < len(bases)]
        best = min(near, key=lambda i: abs(bases[i] - glyph.base), default=None)
        reach = 0.0 if best is None else rows[best][0] * (0.55 if glyph.size < 0.85 * rows[best][0] else 0.35)
        if best is not None and abs(bases[best] - glyph.base) <= reach:
            rows[best][1].append(glyph)
        elif not glyph.text.isspace():
            bases.insert(at, glyph.base)
            rows.insert(at, (glyph.size, [glyph]))
    lines = [_line(row) for _, row in rows]
    return [line for line in lines if line is not None]


def _line(glyphs: list[Glyph]) -> Line | None:
    glyphs.sort(key=lambda g: (g.x0, g.x1))
    while glyphs and glyphs[0].text.isspace():
        glyphs.pop(0)
    while glyphs and glyphs[-1].text.isspace():
        glyphs.pop()
    if not glyphs:
        return None
    size = max(glyph.size for glyph in glyphs)
    shown = [glyph for glyph in glyphs if not glyph.text.isspace()]
    return Line(
        _text(glyphs),
        glyphs[0].x0,
        max(glyph.x1 for glyph in shown),
        min(glyph.top for glyph in shown),
        max(glyph.bottom for glyph in shown),
        max((glyph for glyph in shown), key=lambda g: g.size).base,
        size,
        _head(shown),
        tuple(glyphs),
    )


def cut(line: Line, gap: float) -> list[Line]:
    """`line` cut where it is blank for `gap` times its size or more."""
    parts: list[list[Glyph]] = [[]]
    for glyph in line.glyphs:
        if glyph.text.isspace():
            continue
        if parts[-1] and glyph.x0 - parts[-1][-1].x1 >= gap * line.size:
            parts.append([])
        parts[-1].append(glyph)
    return [found for part in parts if (found := _line(part))]


def _text(glyphs: Sequence[Glyph]) -> str:
    """The characters, with a blank where one was left between words."""
    said = glyphs[0].text
    for before, glyph in pairwise(glyphs):
        gap = glyph.x0 - before.x1
        words = before.text[-1:].isascii() and glyph.text[:1].isascii()
        wide = gap > max(before.size, glyph.size) * (0.3 if words else 0.9)
        if wide and not said[-1:].isspace() and not glyph.text.isspace():
            said += " "
        said += glyph.text
    return re.sub(r"\s+", " ", said).strip()


def _head(glyphs: Sequence[Glyph]) -> float:
    """The width of the first piece that no line break may part."""
    end = 1
    while end < len(glyphs):
        before, glyph = glyphs[end - 1].text[-1:], glyphs[end].text[:1]
        word = _WORD.match(before) and _WORD.match(glyph)
        if not (word or glyph in _NO_START or before in _NO_END):
            break
        end += 1
    return glyphs[end - 1].x1 - glyphs[0].x0


def wraps(line: Line, following: Line, left: float, right: float) -> bool:
    """Whether `line` may have been wrapped before `following`, between the edges `left` and `right`."""
    before, after = line.x0 - left, right - line.x1
    evenly = abs(before - after) < 0.6 * line.size
    evenly = evenly and abs(following.x0 - left - (right - following.x1)) < 0.6 * line.size
    centred = evenly and before > 0.3 * line.size
    both_right = max(after, right - following.x1) < 0.3 * line.size
    from_right = both_right and min(before, following.x0 - left) > 0.3 * line.size
    room = before + after if centred else before if from_right else after
    # programs leave a quarter of a character between a Latin word and a Chinese one
    blank = 0.25 if line.text[-1:].isascii() != following.text[:1].isascii() else 0.0
    return room < following.head + (blank + _SLACK) * line.size


@dataclass(frozen=True, slots=True)
class Bounded:
    """A printed line between the edges that it may fill."""

    line: Line
    left: float
    right: float


def written(lines: Sequence[Bounded]) -> tuple[str, ...]:
    """The lines that were written, from those that are printed."""
    runs: list[list[str]] = []
    for number, bounded in enumerate(lines):
        before = lines[number - 1]
        if number and wraps(before.line, bounded.line, before.left, before.right):
            runs[-1].append(bounded.line.text)
        else:
            runs.append([bounded.line.text])
    return tuple(line for run in runs for line in _names_apart(run) if line)


def joined(before: str, after: str) -> str:
    """Two ends of a line that was wrapped, with the blank that stood between two words."""
    words = before[-1:].isascii() and before[-1:].isalnum() and after[:1].isascii() and after[:1].isalpha()
    return f"{before} {after}" if words else before + after


def _whole(pieces: Sequence[str]) -> str:
    said = pieces[0]
    for piece in pieces[1:]:
        said = joined(said, piece)
    return said


def _names_apart(pieces: Sequence[str]) -> list[str]:
    """A run of full lines; where departments are listed a line each, a full line may be a whole name.

    The page cannot tell 市交通委 that fills its line from a name that goes on. The lexicon can: the run
    is cut so that as few characters as possible stand outside of names that it knows; none may where names
    are parted by marks.
    """
    whole = _whole(pieces)
    if len(pieces) == 1 or len(whole) > _LONGEST_NAME * len(pieces) or _SENTENCE.search(whole):
        return [whole]
    best: list[tuple[int, int, list[str]]] = [(0, 0, [])]
    for end in range(1, len(pieces) + 1):
        choices = []
        for start in range(max(0, end - 8), end):
            name = _whole(pieces[start:end])
            strange, cuts, names = best[start]
            choices.append((strange + (0 if _is_department(name) else len(name)), cuts + 1, [*names, name]))
        best.append(min(choices, key=lambda choice: choice[:2]))
    strange, _, names = best[-1]
    enough = strange == 0 if _BETWEEN.search(whole) else strange < len(whole)
    return names if enough else [whole]


@lru_cache(maxsize=8192)
def _is_department(name: str) -> bool:
    lexicon = departments()
    name = re.sub(r"等(有关|相关)?(部门|单位)?$", "", name)
    if not 2 <= len(name) <= _LONGEST_NAME:
        return False
    return any(lexicon.resolve(name, where) for where in ("", *lexicon.geography.district_names))


def without(line: Line, glyphs: Sequence[Glyph]) -> Line | None:
    """`line` less some of its glyphs; None where nothing stays."""
    dropped = {id(glyph) for glyph in glyphs}
    return _line([glyph for glyph in line.glyphs if id(glyph) not in dropped])
