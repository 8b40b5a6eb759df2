"""Whether the plans print a word, and how often: looked up in memory, or in the database of a large store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Protocol

from sqlalchemy import ColumnElement, Select, func, not_, select

from index import schema
from index.store import Store
from index.where import among

IN_MEMORY = 50_000
"""Records up to which all that they print is held as one text: some 15 MB, read in 0.1 s."""
ENOUGH = 200  # records that tell how a word is printed, where more hold it
KEPT = 8192  # lookups that are kept
WHOLE, QUICK = 4, 1 / 8  # passes that a question may cost, and what one costs that soon finds what it seeks

Known = Callable[[str], bool]
"""Whether a word may be printed: false only where some of its characters never stand side by side."""


class Printed(Protocol):
    """What the plans print, normalised, a line for each record."""

    def holds(self, word: str) -> bool:
        """Whether `word` is printed."""
        ...

    def times(self, word: str, most: int) -> int:
        """How often `word` is printed, counted up to `most`."""
        ...

    def lines(self, word: str, most: int) -> int:
        """How many records hold `word`, counted up to `most`."""
        ...

    def around(self, word: str) -> str:
        """Text that tells how `word` is printed: every record that holds it, or `ENOUGH` of them."""
        ...

    def sparing(self) -> Printed:
        """The same for one question, which may ask for a great many words."""
        ...


class PrintedText:
    """All that is printed, as one text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def holds(self, word: str) -> bool:
        """See `Printed`."""
        return word in self._text

    def times(self, word: str, most: int) -> int:
        """See `Printed`."""
        return min(self._text.count(word), most)

    def lines(self, word: str, most: int) -> int:
        """See `Printed`."""
        if word not in self._text:
            return 0
        return min(sum(word in line for line in self._text.split("\n")), most)

    def around(self, word: str) -> str:
        """See `Printed`: all there is, which is at hand."""
        return self._text

    def sparing(self) -> Printed:
        """See `Printed`: it costs nothing to ask."""
        return self


class StoreText(PrintedText):
    """All that the records of a store print; what was looked up is kept."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.holds = lru_cache(maxsize=KEPT)(super().holds)  # type: ignore[method-assign]
        self.lines = lru_cache(maxsize=KEPT)(super().lines)  # type: ignore[method-assign]


class PrintedRecords:
    """What the records of a store print, asked of its database; a lookup ends at what answers it.

    Args:
        store: its plans that may be rested on are looked at.
        known: spares the lookup of what cannot be printed. A word that is rare, or that is not printed
            though its parts are, takes a pass over all texts: about a second for a million records.
    """

    def __init__(self, store: Store, known: Known) -> None:
        self._store = store
        self._known = known
        self._first = lru_cache(maxsize=KEPT)(self._found)

    def holds(self, word: str) -> bool:
        """See `Printed`."""
        return bool(self.lines(word, 1))

    def times(self, word: str, most: int) -> int:
        """See `Printed`."""
        return min(sum(text.count(word) for text in self._texts(word, most)), most)

    def lines(self, word: str, most: int) -> int:
        """See `Printed`."""
        return self._first(word, most) if self._known(word) else 0

    def around(self, word: str) -> str:
        """See `Printed`."""
        return "\n".join(self._texts(word, ENOUGH))

    def sparing(self) -> Printed:
        """See `Printed`: when `WHOLE` passes over all texts have been made, nothing more is printed."""
        return _Sparing(self._store, self._known, self._first)

    def _found(self, word: str, most: int) -> int:
        held = self._of(word, most).subquery()
        ((count,),) = self._store.rows(select(func.count()).select_from(held))
        return int(count)

    def _texts(self, word: str, most: int) -> Iterator[str]:
        if self._known(word):
            yield from (row.normal for row in self._store.rows(self._of(word, most)))

    def _of(self, word: str, most: int) -> Select[tuple[str]]:
        """The texts of the first `most` records that hold `word`."""
        r = schema.records.c
        query = select(r.normal).where(r.normal.contains(word, autoescape=True), *self._standing())
        return query.limit(most)

    def _standing(self) -> list[ColumnElement[bool]]:
        r, plans = schema.records.c, self._store.every_plan
        met = [r.position < self._store.count()]
        if self._store.standing is None:
            return met
        standing = frozenset(self._store.standing)
        gone = [plan for plan in plans if plan not in standing]
        return [*met, not_(among(r.plan, gone)) if len(gone) < len(standing) else among(r.plan, [*standing])]


class _Sparing(PrintedRecords):
    """Asks no more than a question may cost."""

    def __init__(self, store: Store, known: Known, first: Callable[[str, int], int]) -> None:
        super().__init__(store, known)
        self._left: float = WHOLE
        self._kept, self._first = first, lru_cache(maxsize=None)(self._asked)

    def _asked(self, word: str, most: int) -> int:
        if self._left <= 0:
            return 0
        found = self._kept(word, most)
        self._left -= QUICK if found >= most else 1
        return found


def printed_in(store: Store, known: Known) -> Printed:
    """What the records of `store` print."""
    if store.count() <= IN_MEMORY:
        return StoreText(store.printed())
    return PrintedRecords(store, known)
