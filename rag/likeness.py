"""How much two texts say the same: a measure and its version at another level."""

from __future__ import annotations

from functools import lru_cache

from corpus.normal import normal

SAME = 0.5  # from which two measures of different levels are about the same matter


@lru_cache(maxsize=4096)
def _pairs(text: str) -> frozenset[str]:
    form = normal(text)
    return frozenset(form[i : i + 2] for i in range(len(form) - 1))


def alike(one: str, other: str) -> float:
    """The share (0 to 1) of the shorter text's character pairs that the longer one holds.

    >>> alike("森林覆盖率达到45%", "全区森林覆盖率达到45%以上")
    1.0
    """
    a, b = _pairs(one), _pairs(other)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0
