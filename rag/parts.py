"""Several questions in one: each with a subject of its own is answered for itself."""

from __future__ import annotations

import re

from rag.asking import asks_openly
from rag.dialogue import own_words
from rag.likeness import alike
from rag.reader import Reader
from rag.reading import Reading

MOST = 4  # questions in one
OWN, PLACED = 5, 2  # characters of a subject of its own, and of one whose place is said
_END = re.compile(r"(?<=[?？;；])")
_WHICH = re.compile(r"落[在到]|哪[两几些]?[个家]?(?:区|局|委|部门|单位)?")
_TOGETHER = ("list", "count", "outline")
OTHER = 0.3  # likeness of two subjects from which they are set beside each other, not asked apart


def parts(reader: Reader, reading: Reading, text: str) -> list[str]:
    """The questions in `text`, whose whole reading is `reading`; itself alone where it is one.

    What follows without a subject (谁牵头？什么时候完成？) is asked of the first and belongs to it.
    """
    pieces = [piece.strip() for piece in _END.split(text) if piece.strip(" ?？;；")]
    if not 1 < len(pieces) <= MOST:
        return [text]
    readings = [reader.read(piece) for piece in pieces]
    if reading.kind in _TOGETHER and len({r.kind in _TOGETHER for r in readings}) == 1:
        return [text]
    alone = [_alone(r, PLACED if reading.kind != "compare" else OWN) for r in readings]
    if not all(alone) or (reading.kind == "compare" and _same_matter(readings)):
        return [text]
    return pieces


def _alone(reading: Reading, placed: int) -> bool:
    """Whether a piece can be answered by itself; one with a place needs `placed` characters of its own."""
    own = len(_WHICH.sub("", own_words(reading)).replace(" ", ""))
    if (
        reading.absent
        or (reading.elsewhere and own >= OWN)
        or (reading.mentions and reading.kind in _TOGETHER)
    ):
        return True
    return (asks_openly(reading.text) and own >= OWN) or (reading.placed and own >= placed)


def _same_matter(readings: list[Reading]) -> bool:
    first = own_words(readings[0])
    return any(alike(first, own_words(other)) >= OTHER for other in readings[1:])
