"""Lines of prose whose characters know where they stand in the file's text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from corpus.ledger import Ledger
from corpus.rows import Piece
from corpus.types import Span


@dataclass(frozen=True, slots=True)
class Line:
    """Printed text; `offsets[i]` is where `text[i]` stands in the file's text."""

    text: str
    offsets: tuple[int, ...]

    @classmethod
    def of(cls, piece: Piece) -> Line:
        """A printed line as a table or document reader gives it."""
        return cls(piece.text, tuple(range(piece.start, piece.end)))

    def __add__(self, other: Line) -> Line:
        """The two joined with nothing."""
        return Line(self.text + other.text, self.offsets + other.offsets)

    def __bool__(self) -> bool:
        return bool(self.text)

    def cut(self, start: int, end: int | None = None) -> Line:
        """`text[start:end]` without the blanks at its ends."""
        end = len(self.text) if end is None else end
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        return Line(self.text[start:end], self.offsets[start:end])

    def take(self, ledger: Ledger, kind: str) -> None:
        """Enter every character in the ledger."""
        if not self.text:
            return
        breaks = [n for n, (a, b) in enumerate(pairwise(self.offsets), 1) if b != a + 1]
        for first, last in pairwise([0, *breaks, len(self.offsets)]):
            ledger.take(self.offsets[first], self.offsets[last - 1] + 1, kind)

    def number(self, ledger: Ledger) -> int:
        """The 1-based line of the file on which it begins."""
        return ledger.line(self.offsets[0])


def joined(lines: Iterable[Line]) -> Line:
    """All lines as one."""
    whole = Line("", ())
    for line in lines:
        whole += line
    return whole


def span(line: Line, ledger: Ledger) -> Span:
    """The lines of the file that `line` covers."""
    return Span(ledger.file, ledger.line(min(line.offsets)), ledger.line(max(line.offsets)))
