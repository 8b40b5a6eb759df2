"""Departments in a question: any name or nickname to the bodies of the store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from corpus.departments import Department, DepartmentLexicon
from corpus.normal import any_of, normal


@dataclass(frozen=True, slots=True)
class Mention:
    """A department named in a text: where, and the full names that it can mean.

    No name is left where the level in front fits none (朝阳区水务局: no plan of 朝阳 is here).
    `district` is the one that stands in front ("" for the city), None where no level does.
    """

    start: int
    end: int
    text: str
    names: tuple[str, ...]
    district: str | None = None


class Bodies:
    """The departments that hold duties in the store, by every name for them."""

    def __init__(self, known: Mapping[str, Department], lexicon: DepartmentLexicon) -> None:
        self._known = known
        self._places = lexicon.geography
        self._by_surface: dict[str, set[str]] = {}
        words: dict[str, set[str]] = {}  # stem -> what people call it
        for word, stems in lexicon.people.items():
            for stem in stems:
                words.setdefault(stem, set()).add(word)
        for form, stem in lexicon.stems.items():
            words.setdefault(stem, set()).add(form)
        for name, body in known.items():
            for surface in (name, body.stem, *words.get(body.stem, ())):
                self._by_surface.setdefault(normal(surface), set()).add(name)
        for word, pattern in lexicon.collective_people:
            alike = [name for name, body in known.items() if pattern.fullmatch(body.stem)]
            self._by_surface.setdefault(word, set()).update(alike)
        for printed, body in (*lexicon.bodies.items(), *_local(lexicon)):
            if body.name in known:
                self._by_surface.setdefault(normal(printed), set()).add(body.name)
        lengths: dict[str, set[int]] = {}  # of the names that open with the same two characters
        for surface in self._by_surface:
            lengths.setdefault(surface[:2], set()).add(len(surface))
        self._lengths = {opening: sorted(found, reverse=True) for opening, found in lengths.items()}
        self._short = _short_names(self._by_surface)
        self._order = {name: n for n, name in enumerate(known)}
        self._of_stem: dict[str, list[str]] = {}
        for name, body in known.items():
            self._of_stem.setdefault(body.stem, []).append(name)
        self._longest_districts = sorted(self._places.districts, key=len, reverse=True)
        self._found = lru_cache(maxsize=4096)(self._find)  # a sentence is checked several times over

    def find(self, text: str) -> list[Mention]:
        """Every department that `text` (normalised) names, longest first at each place.

        A level in front narrows what a name can mean: 市水务局, 延庆水务局, 区水务局.
        """
        return list(self._found(text))

    def _find(self, text: str) -> tuple[Mention, ...]:
        mentions: list[Mention] = []
        at = 0
        while at < len(text):
            reach = [n for n in self._lengths.get(text[at : at + 2], ()) if at + n <= len(text)]
            match = next((n for n in reach if text[at : at + n] in self._by_surface), 0)
            if match:
                mentions.append(self._levelled(text, at, at + match))
                at += match
            else:
                at += 1
        return tuple(mentions)

    def find_short(self, text: str) -> list[Mention]:
        """Departments named without 局 or 委 (水务跟环保俩部门, 水务牵头), where that is what is said."""
        return [
            Mention(
                match.start(), match.end(), match.group(), tuple(sorted(names, key=self._order.__getitem__))
            )
            for match in self._short[0].finditer(text)
            if (names := self._short[1][match.group()])
        ]

    def resolve(self, name: str) -> tuple[str, ...]:
        """Full names that `name`, alone, can mean; empty where none."""
        text = normal(name)
        for mention in self.find(text):
            if mention.start == 0 and mention.end == len(text):
                return mention.names
        return ()

    def nearest(self, name: str, limit: int = 3) -> list[str]:
        """Known full names that look most like `name`."""
        from difflib import get_close_matches  # only an error message needs it

        return get_close_matches(name, list(self._known), n=limit, cutoff=0.4)

    def _levelled(self, text: str, start: int, end: int) -> Mention:
        names = tuple(sorted(self._by_surface[text[start:end]], key=self._order.__getitem__))
        level, district = self._level_before(text[:start], text[start:end])
        if not level:
            return Mention(start, end, text[start:end], names, self._own_district(text[start:end], names))
        if district is None:  # 区 alone: any district
            fitting = tuple(name for name in names if not self._is_city(name))
        else:
            fitting = tuple(name for name in names if self._known[name].district == district)
        start -= len(level)
        return Mention(start, end, text[start:end], fitting, district)

    def _own_district(self, surface: str, names: tuple[str, ...]) -> str | None:
        """The district that a name says itself (延庆区水务局, 怀柔公安分局)."""
        said = {self._known[name].district for name in names}
        district = said.pop() if len(said) == 1 else None
        if district is None:
            return None
        own = self._places.short(district) in surface if district else surface.startswith("北京市")
        return district if own else None

    def _level_before(self, before: str, surface: str) -> tuple[str, str | None]:
        """The words of level right in front of a name, and the district that they mean."""
        district = next((d for d in self._longest_districts if before.endswith(d)), None)
        if district is not None:
            return district, self._places.districts[district]
        for city in ("北京市", "北京", "市"):
            if before.endswith(city) and not surface.startswith(("市", "北京")):
                return city, ""
        if before.endswith("区") and not surface.startswith("区"):
            return "区", None
        return "", None

    def _is_city(self, name: str) -> bool:
        return not self._known[name].district

    def moved(self, names: Iterable[str], districts: Iterable[str]) -> tuple[str, ...]:
        """The bodies of the same kinds as `names` in `districts` ("" = the city).

        A body that has no like there (国网北京市电力公司) stays as it is.
        """
        wanted = set(districts)
        found: dict[str, None] = {}
        for name in names:
            alike = self._of_stem[self._known[name].stem]
            there = [n for n in alike if self._known[n].district in wanted]
            everywhere = len(alike) == 1 and not self._known[name].district
            found |= dict.fromkeys(there or ([name] if everywhere else []))
        return tuple(found)


_PART_FOLLOWS = (
    r"(?=[跟和与、]|那头|那边|这块|口儿?[有管:]|在[^,。?]{0,16}[挂领摊担]"
    r"|[俩两]?[个家]?部门|[俩两](?:家|个)|牵头|主责|协办|配合|参与|一块|一起|共同)"
)


def _short_names(surfaces: Mapping[str, set[str]]) -> tuple[re.Pattern[str], dict[str, set[str]]]:
    """Names without 局 or 委 (环保, 水务), and a pattern for them where a part in the work follows."""
    short: dict[str, set[str]] = {}
    for surface, names in surfaces.items():
        match = re.fullmatch(r"([^市区]{2,4})(?:局|委|委员会)", surface)
        if match:
            short.setdefault(match[1], set()).update(names)
    return re.compile(f"(?:{any_of(short).pattern}){_PART_FOLLOWS}"), short


def _local(lexicon: DepartmentLexicon) -> list[tuple[str, Department]]:
    return [(printed, body) for (printed, _), body in lexicon.local_bodies.items()]
