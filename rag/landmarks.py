"""Waters, roads, hills and parks that a question names, and whether the plans write of them.

A name is what stands before 河, 水库, 公园 … and is no common word (`lexicon/landmarks.toml`). Whether
the plans know it, their own text decides.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from corpus.normal import any_of
from index.printed import Printed, PrintedText

_FILE = Path(__file__).parent / "lexicon" / "landmarks.toml"
LEAST, MOST = 2, 4  # characters before what closes a name
_WATER = "水"
USUAL = 3  # times that a pair of characters is printed which is a word beside a name (治理妫水河)
# What parts a name from the words before it.
_CUT = re.compile(
    r"[^\u4e00-\u9fff]|[的在对把由与和跟及到从往给是有这那哪座里中我你他您们按据将为让使被于以说会要写段份篇]|总结|概述|梳理|起草|提到|关于|今年|明年|怎么|如何|怎样|好"
)


class Landmarks(NamedTuple):
    """Names in a question: those that the plans print, and those that stand in none."""

    printed: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()


class _Lexicon(NamedTuple):
    """Where a name closes, by kind what makes a common word of it, and the kinds of waters."""

    closes: re.Pattern[str]
    common: dict[str, re.Pattern[str]]
    waters: tuple[str, ...]


NOWHERE = Landmarks()


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    """The bundled words (read once)."""
    words = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    common = words["common"]
    closes = re.compile(f"(?:{any_of(common).pattern})(?!{words['closing']['not_before']})")
    by_kind = {kind: re.compile(f"(?:{any_of(before).pattern})$") for kind, before in common.items()}
    return _Lexicon(closes, by_kind, tuple(words["waters"]))


def landmarks(text: str, printed: Printed) -> Landmarks:
    """The names in `text`, from which places and departments are gone; `printed` is all that plans say."""
    known: dict[str, None] = {}
    unwritten: dict[str, None] = {}
    for before, kind in _closed(text):
        if standing := _standing(before, kind, printed):
            known[standing] = None
        elif own := _own(before, printed):
            unwritten[own + kind] = None
    # 香山公园 says 香山, too.
    whole = (name for name in unwritten if not any(name in other != name for other in (*unwritten, *known)))
    return Landmarks(tuple(known), tuple(whole))


def of_another(names: tuple[str, ...], text: str) -> bool:
    """Whether a record's `text` is on another water than `names`, of the kind, and on none of them."""
    if any(name in text for name in names):
        return False
    kinds = tuple(kind for kind in _lexicon().waters if any(name.endswith(kind) for name in names))
    return bool(kinds) and any(other.endswith(kinds) for other in landmarks(text, PrintedText(text)).printed)


def of_the_kind(names: tuple[str, ...], text: str) -> bool:
    """Whether a record's `text` is at least on waters, where `names` are, or on parks, where they are."""
    lexicon = _lexicon()
    words = {
        _WATER if kind in lexicon.waters else kind
        for kind in lexicon.common
        if any(name.endswith(kind) for name in names)
    }
    return any(word in text for word in words)


def is_water(name: str) -> bool:
    """Whether it is a river, a lake or a reservoir."""
    return name.endswith(_lexicon().waters)


def _closed(text: str) -> Iterator[tuple[str, str]]:
    """The words before what closes a name, back to where they are cut, and what closes it."""
    closes, common, _ = _lexicon()
    for match in closes.finditer(text):
        before, kind = _CUT.split(text[: match.start()])[-1], match.group()
        if before and not common[kind].search(before):
            yield before, kind


def _standing(before: str, kind: str, printed: Printed) -> str:
    """The end of `before` that is printed as a name, most often and then longest; empty where none is.

    An end of one character is no sign by itself: 水河 stands in 凉水河.
    """
    ends = [before[i:] + kind for i in range(len(before))]
    signs = ends[: max(len(ends) - LEAST + 1, 1)]
    if not printed.holds(signs[-1]):  # it ends all the others
        return ""
    text = printed.around(ends[-1])
    return max(ends, key=lambda name: (text.count(name), len(name)))


def _own(before: str, printed: Printed) -> str:
    """What is the name's own of `before`; empty where that is not sure.

    One character is a name only where it is printed nowhere (妫河).
    """
    while len(before) >= LEAST + 2 and printed.times(before[:2], USUAL) >= USUAL:
        before = before[2:]
    if len(before) == 1:
        return "" if printed.holds(before) else before
    return before if LEAST <= len(before) <= MOST else ""
