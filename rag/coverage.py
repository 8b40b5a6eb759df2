"""How much of a topic a text holds."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.expansion import Expansion
from rag.cues import cues

_PARTS = re.compile(r"[a-z][a-z0-9.\-]*|\d+(?:\.\d+)?%?|[\u3400-\u9fff]+")


class Topic:
    """A topic (normalised), made ready to be looked for in many texts.

    A text holds the topic's characters that stand in it in common runs of at least two. Runs are
    taken greedily, longest first from the left; a Latin word or figure counts only as a whole.
    An everyday word is held where the text holds what it stands for.

    >>> topic = Topic("餐饮油烟")
    >>> topic.share(topic.held("加强餐饮业油烟治理"))
    1.0
    """

    def __init__(self, topic: str, expansions: Sequence[Expansion] = ()) -> None:
        function = cues().function
        self._parts = [(match.start(), match.group()) for match in _PARTS.finditer(topic)]
        self._expansions = expansions
        self._light: set[int] = set()  # function characters: not missed where they are not held
        self._weighty = 0
        for start, part in self._parts:
            whole = part[0] < "\u3400"
            light = [start + i for i, char in enumerate(part) if not whole and char in function]
            self._light.update(light)
            self._weighty += len(part) - len(light)

    def share(self, held: frozenset[int]) -> float:
        """The share (0 to 1) of the topic's characters that `held` are.

        A function character (的, 能, 要) that is not held is not missed.
        """
        total = self._weighty + len(held & self._light)
        return len(held) / total if total else 0.0

    def held(self, text: str) -> frozenset[int]:
        """Offsets of the topic's characters that `text`, normalised, holds."""
        found: set[int] = set()
        for start, part in self._parts:
            if part[0] < "\u3400":
                if part in text:
                    found.update(range(start, start + len(part)))
            else:
                _add_runs(found, start, part, text)
        for expansion in self._expansions:
            if any(term in text for term in expansion.terms):
                found.update(range(expansion.start, expansion.end))
        return frozenset(found)


def _add_runs(found: set[int], start: int, part: str, text: str) -> None:
    """Add the offsets of the characters of `part` that stand in runs of two or more in `text`."""
    if len(part) == 1:
        if part in text:
            found.add(start)
        return
    at = 0
    while at < len(part) - 1:
        if part[at : at + 2] not in text:
            at += 1
            continue
        end = at + 2
        while end < len(part) and part[at : end + 1] in text:
            end += 1
        found.update(range(start + at, start + end))
        at = end
