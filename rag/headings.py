"""How much a heading of a plan is about a topic: by the words that few headings share."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property, lru_cache

from corpus.types import Measure, Record
from index.catalogue import headings
from index.expansion import Expansion
from index.store import Store
from rag.outline import title

_WORD = re.compile(r"[a-z][a-z0-9.\-]*|\d+(?:\.\d+)?%?|[\u3400-\u9fff]+")
UNHEARD = 0.5  # what a pair that no heading holds weighs, as a share of the rarest that one holds


class Headings:
    """Weighs pairs of characters by how few of a store's headings hold them.

    建设 stands in many headings and says little of what one is about, 汛期 stands in one.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._weight = lru_cache(maxsize=1024)(self._weighed)  # a heading meets many topics

    @cached_property
    def _weights(self) -> tuple[dict[str, float], float]:
        """What each pair weighs and what one that is in no heading does, read when first asked for."""
        titles = {title(heading) for over in headings(self._store) for heading in over}
        held = Counter(pair for form in titles for pair in _pairs(form))
        weights = {pair: math.log(len(titles) / count) for pair, count in held.items()}
        return weights, UNHEARD * math.log(len(titles))

    def about(self, topic: str, heading: str, expansions: Sequence[Expansion] = ()) -> tuple[float, float]:
        """The share (0 to 1) of `topic` that `heading` holds, and of `heading` that `topic` holds.

        An everyday word is held where the heading holds what it stands for.
        """
        said = _pairs(form := title(heading))
        for expansion in sorted(expansions, key=lambda e: -e.start):
            if term := next((term for term in expansion.terms if term in form), None):
                topic = topic[: expansion.start] + term + topic[expansion.end :]
        asked = _pairs(topic)
        shared = asked & said
        both = self._weighed(shared) if shared else 0.0
        if not both:
            return 0.0, 0.0
        return both / self._weight(asked), both / self._weight(said)

    def _weighed(self, pairs: frozenset[str]) -> float:
        weights, unheard = self._weights
        return sum(weights.get(pair, unheard) for pair in pairs)


def over(record: Record) -> tuple[str, ...]:
    """The headings that a record stands under, with its task."""
    return (*record.path, record.task) if isinstance(record, Measure) else record.path


@lru_cache(maxsize=4096)
def _pairs(text: str) -> frozenset[str]:
    """The pairs of characters within the words of `text`, normalised; a Latin word counts whole."""
    found: set[str] = set()
    for word in _WORD.findall(text):
        if word[0] < "\u3400" or len(word) == 1:
            found.add(word)
        else:
            found.update(word[i : i + 2] for i in range(len(word) - 1))
    return frozenset(found)
