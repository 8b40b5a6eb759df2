"""The account of a source: every character is a field of a record or a named leftover."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable

from corpus.errors import SourceError


class Ledger:
    """Who took which character of `text` (offsets count characters)."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self._taken: list[str | None] = [None] * len(text)
        self._line_starts = [0, *(i + 1 for i, char in enumerate(text) if char == "\n")]

    def line(self, offset: int) -> int:
        """The 1-based line that holds `offset`."""
        return bisect_right(self._line_starts, offset)

    def take(self, start: int, end: int, kind: str) -> None:
        """Enter `text[start:end]` as `kind`; a character is never taken twice."""
        for offset in range(start, end):
            if self.text[offset].isspace():
                continue
            if self._taken[offset] is not None:
                problem = f"“{self.text[start:end]}”被读了两次（{self._taken[offset]}、{kind}）"
                raise SourceError(self.file, self.line(offset), problem)
            self._taken[offset] = kind

    def totals(self) -> dict[str, int]:
        """Characters by kind (blanks do not count)."""
        return dict(Counter(kind for kind in self._taken if kind is not None))

    def close(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Raise a `SourceError` at the first character in `ranges` that nobody took."""
        for start, end in ranges:
            for offset in range(start, end):
                if self._taken[offset] is None and not self.text[offset].isspace():
                    rest = self.text[offset : offset + 30].split("\n")[0]
                    problem = f"“{rest}”没有归入任何字段，也不是表头、页脚或标题"
                    raise SourceError(self.file, self.line(offset), problem)
