"""How much of a topic a text holds."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.expansion import Expansion
from rag.cues import cues

_PARTS = re.compile(r"[a-z][a-z0-9.\-]*|\d+(?:\.\d+)?%?|[\u3400-\u9fff]+")


def coverage(topic: str, text: str, expansions: Sequence[Expansion] = ()) -> float:
    """Share of `topic`'s characters that `text` holds in common runs of at least two.

    Both are normalised. Runs are taken greedily, longest first from the left; a Latin
    word or figure counts only as a whole. A function character (的, 能, 要) that is not
    held is not missed. An everyday word is held where `text` holds what it stands for.

    >>> coverage("餐饮油烟", "加强餐饮业油烟治理")
    1.0
    """
    found = held(topic, text, expansions)
    function = cues().function
    total = 0
    for part in _PARTS.finditer(topic):
        inside = range(*part.span())
        whole = part.group()[0] < "\u3400"
        total += sum(whole or i in found or topic[i] not in function for i in inside)
    return len(found) / total if total else 0.0


def held(topic: str, text: str, expansions: Sequence[Expansion] = ()) -> frozenset[int]:
    """Offsets of the characters of `topic` that `text` holds (see `coverage`)."""
    found: set[int] = set()
    for match in _PARTS.finditer(topic):
        part = match.group()
        if part[0] < "\u3400":
            inside = set(range(len(part))) if part in text else set()
        else:
            inside = _in_runs(part, text)
        found.update(match.start() + i for i in inside)
    for expansion in expansions:
        if any(term in text for term in expansion.terms):
            found.update(range(expansion.start, expansion.end))
    return frozenset(found)


def _in_runs(part: str, text: str) -> set[int]:
    """Offsets of the characters of `part` that stand in runs of two or more in `text`."""
    if len(part) == 1:
        return {0} if part in text else set()
    found: set[int] = set()
    at = 0
    while at < len(part) - 1:
        if part[at : at + 2] not in text:
            at += 1
            continue
        end = at + 2
        while end < len(part) and part[at : end + 1] in text:
            end += 1
        found.update(range(at, end))
        at = end
    return found
