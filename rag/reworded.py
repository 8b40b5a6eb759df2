"""How one text became another: figures, dates and words that differ, each where it is printed.

Figures and dates count as what they mean (1.8万 is 18000, 年底前 is 12月底前), all else as printed, in its
normal form. Which side is called the earlier makes no difference to what is found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from corpus.deadlines import PERMANENT, date_words, read_due
from corpus.normal import with_origin
from corpus.types import Due
from rag.figures import DATED, Figure, placed

Marked = tuple[tuple[str, bool], ...]
"""A text in pieces, each with whether it differs; joined they are the text as printed."""
_LATIN = re.compile(r"[a-z][a-z0-9]*(?:[.\-][a-z0-9]+)*|\d+(?:\.\d+)?")
_CLAUSE = re.compile(r"[，,。；;：:！？\n]")
_CONTEXT = 24  # characters of its clause that are given before a figure
_YEAR_UNIT, _OWN_YEAR = "年", "本年"
Kind = Literal["figure", "date", "words"]


@dataclass(frozen=True, slots=True)
class Token:
    """A figure, a date, a Latin word or one character; `start` and `end` are offsets in the printed text."""

    kind: Kind
    key: Hashable
    start: int
    end: int
    figure: Figure | None = None
    due: tuple[Due, ...] = ()


@dataclass(frozen=True, slots=True)
class Replaced:
    """A figure or a date in place of another; None where one side has none."""

    kind: Kind
    before: Token | None
    after: Token | None


@dataclass(frozen=True, slots=True)
class Reworded:
    """What differs between two texts. `words` says that more does than the figures and dates `replaced`."""

    before: Marked
    after: Marked
    replaced: tuple[Replaced, ...]
    words: bool


def reworded(before: str, after: str, years: tuple[int, int]) -> Reworded:
    """What differs between two texts of plans of `years`; the own year of a plan is the same in both."""
    if before > after or (before == after and years[0] > years[1]):
        found = reworded(after, before, (years[1], years[0]))
        turned = (Replaced(one.kind, one.after, one.before) for one in found.replaced)
        return Reworded(found.after, found.before, tuple(turned), found.words)
    one, other = _keyed(_tokens(before, years[0]), _tokens(after, years[1]), years)
    blocks = _blocks([token.key for token in one], [token.key for token in other])
    replaced = tuple(_replaced(one, other, blocks))
    told = {id(token) for pair in replaced for token in (pair.before, pair.after) if token}
    differing = [token for a, b in blocks for token in (*one[a], *other[b])]
    merged = _without_crumbs(blocks, one)
    return Reworded(
        _marked(before, one, [a for a, _ in merged]),
        _marked(after, other, [b for _, b in merged]),
        replaced,
        any(id(token) not in told for token in differing),
    )


def whole(text: str, *, changed: bool) -> Marked:
    """A text of one piece."""
    return ((text, changed),) if text else ()


def clause(text: str, token: Token) -> Marked:
    """The clause of `text` around a token, which is marked."""
    start = max((m.end() for m in _CLAUSE.finditer(text, 0, token.start)), default=0)
    end = match.start() if (match := _CLAUSE.search(text, token.end)) else len(text)
    start = max(start, token.start - _CONTEXT)
    parts = (text[start : token.start].lstrip(), False), (text[token.start : token.end], True)
    return tuple(part for part in (*parts, (text[token.end : end].rstrip(), False)) if part[0])


@lru_cache(maxsize=4096)
def _tokens(printed: str, year: int) -> tuple[Token, ...]:
    """The tokens of a text, without gaps in its normal form."""
    form = with_origin(printed)
    text = form.text
    found: list[Token] = []
    taken: set[int] = set()

    def take(start: int, end: int, kind: Kind, key: Hashable, figure: Figure | None = None) -> None:
        if start < end and taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            first, last = form.printed_span(start, end)
            due = read_due(text[start:end], year, "text") if kind == "date" else ()
            found.append(Token(kind, key, first, last, figure, due))

    at = 0
    for words in date_words(text):
        start = text.find(words, at)
        if start >= 0 and not PERMANENT.fullmatch(words):
            days = tuple((due.start, due.end) for due in read_due(words, year, "column"))
            take(start, start + len(words), "date", days or words)
            at = start + 1
    for figure, start, end in placed(text):
        if not (figure.spelled and figure.value == 1):  # 统一组织, 一批: a manner of speech
            kind, key = _meant(figure, text[start:end], text[start - 1 : start])
            take(start, end, kind, key, figure if kind == "figure" else None)
    for match in _LATIN.finditer(text):
        take(*match.span(), "words", match.group())
    for n in range(len(text)):
        take(n, n + 1, "words", text[n])
    return tuple(sorted(found, key=lambda token: token.start))


def _meant(figure: Figure, words: str, before: str) -> tuple[Kind, Hashable]:
    """What a figure behind the character `before` is: an amount, a date, or a part of the wording."""
    if not figure.unit and before == "〔":
        return "words", words  # 京政发〔2025〕7号
    if figure.unit[:1] not in DATED:
        return "figure", figure
    if figure.unit[0] == _YEAR_UNIT and figure.top is None:
        return "words", (int(figure.value), words)  # 2026年工作要点 sets no time
    return ("words" if figure.unit[0] in "号年" else "date"), words


def _keyed(
    before: Sequence[Token], after: Sequence[Token], years: tuple[int, int]
) -> tuple[list[Token], list[Token]]:
    """Dates that the other side does not hold, counted from the plan's own year: 2025年底前 is 2026年底前."""
    sides = before, after
    held = [{token.key for token in side if token.kind == "date"} for side in sides]
    first, second = (
        [token if token.kind != "date" or token.key in other else _of_own_year(token, year) for token in side]
        for side, other, year in zip(sides, reversed(held), years, strict=True)
    )
    return first, second


def _of_own_year(token: Token, year: int) -> Token:
    if not isinstance(token.key, tuple):
        return token
    key: Hashable
    if token.kind == "date":
        key = tuple((_relative(start, year), _relative(end, year)) for start, end in token.key)
    else:
        key = (_OWN_YEAR, token.key[1].replace(str(year), "")) if token.key[0] == year else token.key
    return replace(token, key=key)


def _relative(day: date | None, year: int) -> Hashable:
    return (day.month, day.day) if day is not None and day.year == year else day


_Block = tuple[slice, slice]


def _blocks(one: Sequence[Hashable], other: Sequence[Hashable]) -> list[_Block]:
    """The stretches that differ, in order."""
    start, most = 0, min(len(one), len(other))
    while start < most and one[start] == other[start]:
        start += 1
    end = 0
    while end < most - start and one[-1 - end] == other[-1 - end]:
        end += 1
    a, b = one[start : len(one) - end], other[start : len(other) - end]
    found = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [
        (slice(start + i, start + j), slice(start + k, start + m))
        for tag, i, j, k, m in found
        if tag != "equal"
    ]


def _replaced(one: Sequence[Token], other: Sequence[Token], blocks: Sequence[_Block]) -> Iterator[Replaced]:
    """Figures and dates that one side has more of, paired within their stretch, then across the text."""
    more, less = (Counter(token.key for token in side) for side in (one, other))
    lost, gained = more - less, less - more
    rest: tuple[list[Token], list[Token]] = ([], [])
    for a, b in blocks:
        gone, come = _taken(one[a], lost), _taken(other[b], gained)
        if not gone and not come and _lone(one[a]) and _lone(other[b]):
            gone, come = list(one[a]), list(other[b])  # two figures that have changed places
        pairs = list(_paired(gone, come))
        yield from (Replaced(x.kind, x, y) for x, y in pairs)
        rest[0].extend(token for token in gone if all(token is not x for x, _ in pairs))
        rest[1].extend(token for token in come if all(token is not y for _, y in pairs))
    pairs = list(_paired(*rest))
    yield from (Replaced(x.kind, x, y) for x, y in pairs)
    yield from (Replaced(x.kind, x, None) for x in rest[0] if all(x is not y for y, _ in pairs))
    yield from (Replaced(y.kind, None, y) for y in rest[1] if all(y is not x for _, x in pairs))


def _taken(tokens: Sequence[Token], wanted: Counter[Hashable]) -> list[Token]:
    taken = []
    for token in tokens:
        if token.kind != "words" and wanted[token.key] > 0:
            wanted[token.key] -= 1
            taken.append(token)
    return taken


def _lone(tokens: Sequence[Token]) -> bool:
    return len(tokens) == 1 and tokens[0].kind != "words"


def _paired(gone: Sequence[Token], come: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    """Those of one kind and unit, in order."""
    left = list(come)
    for token in gone:
        for other in left:
            if other.kind == token.kind and _unit(other) == _unit(token):
                left.remove(other)
                yield token, other
                break


def _unit(token: Token) -> str:
    return token.figure.unit if token.figure else ""


def _without_crumbs(blocks: Sequence[_Block], one: Sequence[Token]) -> list[_Block]:
    """Stretches parted by a lone character run together: half-changed words are hard to read."""
    merged: list[_Block] = []
    for a, b in blocks:
        if merged and a.start - merged[-1][0].stop == 1 and one[merged[-1][0].stop].kind == "words":
            last = merged.pop()
            a, b = slice(last[0].start, a.stop), slice(last[1].start, b.stop)
        merged.append((a, b))
    return merged


def _marked(printed: str, tokens: Sequence[Token], stretches: Sequence[slice]) -> Marked:
    pieces: list[tuple[str, bool]] = []
    at = 0
    for stretch in stretches:
        if stretch.start < stretch.stop:
            start, end = tokens[stretch.start].start, tokens[stretch.stop - 1].end
            pieces += [(printed[at:start], False), (printed[start:end], True)]
            at = end
    pieces.append((printed[at:], False))
    return tuple(piece for piece in pieces if piece[0])
