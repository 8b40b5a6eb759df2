"""A made-up county: its names, its towns and rivers, and the forms filled for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from pypinyin import lazy_pinyin

from corpus.places import places
from corpus.types import Duty
from eval.synthetic_forms import FIGURE, YEAR, PlanForm, lexicon

TOWNS, RIVERS, SAID = 12, 4, 60
_SPREAD = 7  # neighbours in the list of names differ in both characters


class County:
    """The county that stands at place `at` in the list of names.

    Raises:
        ValueError: the list is shorter.
    """

    def __init__(self, at: int, seed: int) -> None:
        names = county_names()
        if at >= len(names):
            raise ValueError(f"合成语料最多 {len(names)} 个区县")
        self.short, self.letters = names[at]
        kinds = lexicon()["county"]
        self.full = self.short + kinds[at % len(kinds)]
        self._rng = np.random.default_rng((seed, 1, at))
        kinds = lexicon()["town"]
        self.towns = [f"{self._name()}{kinds[n % len(kinds)]}" for n in range(TOWNS)]
        self.rivers = [f"{self._name()}河" for _ in range(RIVERS)]
        self.said = [self._local() for _ in range(SAID)]
        """What measures say of this county alone; figures are `FIGURE`."""
        self._duties: dict[int, tuple[tuple[Duty, ...], ...]] = {}

    def _name(self) -> str:
        first, second = _characters("first"), _characters("second")
        return first[self._rng.integers(len(first))] + second[self._rng.integers(len(second))]

    def _local(self) -> str:
        said = lexicon()["local"]
        town = int(self._rng.integers(TOWNS))
        other = (town + 1 + int(self._rng.integers(TOWNS - 1))) % TOWNS
        river = self.rivers[self._rng.integers(RIVERS)]
        text: str = said[self._rng.integers(len(said))]
        return text.format(town=self.towns[town], other=self.towns[other], river=river, n=FIGURE)

    def gaps(self, year: int) -> Mapping[str, str]:
        """What stands in the gaps of the forms in that year."""
        values = {"full": self.full, "short": self.short}
        values |= {f"town{n}": name for n, name in enumerate(self.towns)}
        values |= {f"river{n}": name for n, name in enumerate(self.rivers)}
        return values | {f"year{n - YEAR}": str(year + n - YEAR) for n in range(2020, 2040)}

    def duties(self, form: PlanForm) -> tuple[tuple[Duty, ...], ...]:
        """The duties of each row of a form."""
        if id(form) not in self._duties:
            filled = (tuple(duty.filled(self.full, self.short) for duty in row.duties) for row in form.rows)
            self._duties[id(form)] = tuple(filled)
        return self._duties[id(form)]


@lru_cache(maxsize=1)
def county_names() -> tuple[tuple[str, str], ...]:
    """Every county's name without its kind, and its letters in ids; both unique."""
    first, second = (_by_sound(_characters(which)) for which in ("first", "second"))
    real = set(places().districts)
    found = []
    for n in range(len(first) * len(second)):
        column = n % len(first)
        row = (n // len(first) + _SPREAD * column) % len(second)
        name = first[column][0] + second[row][0]
        if name not in real:
            found.append((name, first[column][1] + second[row][1]))
    return tuple(found)


@lru_cache(maxsize=4)
def _characters(which: str) -> str:
    """The characters of one of the lexicon's lists, each once."""
    listed: str = lexicon()[which]
    return "".join(dict.fromkeys("".join(listed.split())))


def _by_sound(characters: str) -> list[tuple[str, str]]:
    """Characters with their sounds, the first of each sound."""
    of: dict[str, str] = {}
    for character in characters:
        of.setdefault(lazy_pinyin(character)[0], character)
    return [(character, sound) for sound, character in of.items()]


def thing_name(number: int) -> str:
    """The thing of its own that one measure of the plan at that place names; no other plan has it."""
    characters, kinds = _characters("thing"), lexicon()["kinds"]
    place = (number + 1) * _STRIDE % (len(characters) ** 3 * len(kinds))
    place, kind = divmod(place, len(kinds))
    name = ""
    for _ in range(3):
        place, character = divmod(place, len(characters))
        name += characters[character]
    return f"{name}{kinds[kind]}"


_STRIDE = 15_485_863  # a prime: neighbours get names far apart, and none comes twice
