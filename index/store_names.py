"""Ids, positions and labels of a store's records: held in memory, or read as they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import index
from typing import Any, Protocol, overload

from sqlalchemy import Row, Select, select

from index.lru import Lru
from index.schema import records
from index.where import among

Rows = Callable[[Select[Any]], Sequence[Row[Any]]]
Name = tuple[str, int, str]
"""The id of a record, its position, its label."""

HELD = 65_536  # names that are kept of a store whose names are read
_FIRST, _PART = 16, 4096  # ids that an iteration reads first, and at most, at a time
_NAME = select(records.c.id, records.c.position, records.c.label)


class Names(Protocol):
    """What a store's records are called."""

    ids: Sequence[str]
    places: Mapping[str, int]

    def at(self, positions: Iterable[int]) -> list[str]:
        """The ids of the records at `positions`, in that order."""
        ...

    def label(self, record_id: str) -> str:
        """The label of a record; a KeyError where there is none."""
        ...

    def learn(self, names: Iterable[Name]) -> None:
        """Take note of what was read by the way."""
        ...


class HeldNames:
    """All names in memory."""

    def __init__(self, rows: Rows, count: int) -> None:
        found = rows(_NAME.where(records.c.position < count).order_by(records.c.position))
        self.ids: Sequence[str] = tuple(row.id for row in found)
        self.places: Mapping[str, int] = {record_id: n for n, record_id in enumerate(self.ids)}
        self._labels: dict[str, str] = {row.id: row.label for row in found}

    def at(self, positions: Iterable[int]) -> list[str]:
        """See `Names`."""
        return [self.ids[position] for position in positions]

    def label(self, record_id: str) -> str:
        """See `Names`."""
        return self._labels[record_id]

    def learn(self, names: Iterable[Name]) -> None:
        """See `Names`."""


class ReadNames:
    """Names read from the database, those of the last records that were asked for kept."""

    def __init__(self, rows: Rows, count: int) -> None:
        self._rows = rows
        self._count = count
        self._of_id: Lru[str, Name] = Lru(HELD)
        self._of_place: Lru[int, Name] = Lru(HELD)
        self.ids: Sequence[str] = _Ids(self, range(count))
        self.places: Mapping[str, int] = _Places(self, self.ids)

    def at(self, positions: Iterable[int]) -> list[str]:
        """See `Names`."""
        wanted = [int(position) for position in positions]
        found = {place: name[0] for place in wanted if (name := self._of_place.get(place))}
        missing = [place for place in dict.fromkeys(wanted) if place not in found]
        for start in range(0, len(missing), _PART):
            part = missing[start : start + _PART]
            found |= {name[1]: name[0] for name in self._read(among(records.c.position, part))}
        return [found[place] for place in wanted]

    def label(self, record_id: str) -> str:
        """See `Names`."""
        return self.named(record_id)[2]

    def named(self, record_id: str) -> Name:
        """Id, position and label of a record; a KeyError where there is none."""
        if not isinstance(record_id, str):
            raise KeyError(record_id)
        found = self._of_id.get(record_id)
        if found is None:
            read = self._read(among(records.c.id, [record_id]))
            if not read:
                raise KeyError(record_id)
            found = read[0]
        return found

    def learn(self, names: Iterable[Name]) -> None:
        """See `Names`."""
        for name in names:
            self._of_id.put(name[0], name)
            self._of_place.put(name[1], name)

    def run(self, places: range) -> Iterator[str]:
        """The ids of the records at `places`, a part at a time."""
        part = _FIRST
        while places:
            yield from self.at(places[:part])
            places, part = places[part:], min(part * 4, _PART)

    def _read(self, condition: Any) -> list[Name]:
        rows = self._rows(_NAME.where(condition))
        found: list[Name] = [(row.id, row.position, row.label) for row in rows if row.position < self._count]
        self.learn(found)
        return found


class _Ids(Sequence[str]):
    """Ids in print order, or a slice of them."""

    def __init__(self, names: ReadNames, places: range) -> None:
        self._names = names
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, key: int) -> str: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[str]: ...
    def __getitem__(self, key: int | slice) -> str | Sequence[str]:
        if isinstance(key, slice):
            return _Ids(self._names, self._places[key])
        return self._names.at([self._places[index(key)]])[0]

    def __iter__(self) -> Iterator[str]:
        return self._names.run(self._places)

    def __contains__(self, record_id: object) -> bool:
        place = self._names.places.get(record_id) if isinstance(record_id, str) else None
        return place in self._places


class _Places(Mapping[str, int]):
    """Positions by id."""

    def __init__(self, names: ReadNames, ids: Sequence[str]) -> None:
        self._names = names
        self._ids = ids

    def __getitem__(self, record_id: str) -> int:
        return self._names.named(record_id)[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)
