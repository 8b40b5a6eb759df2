"""Places: the city, its districts, their streets and townships, and places elsewhere."""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

LEXICON = Path(__file__).parent / "lexicon"


@dataclass(frozen=True, slots=True)
class Places:
    """`districts` maps a name in use (朝阳, 朝阳区) to the district (朝阳区).

    `towns` maps a street or township to its district; `elsewhere` holds names of
    provinces and cities outside Beijing, longest first, with the `neighbours` that the
    plans themselves speak of. `part_of_names` are words that make a district's name part of
    another one (密云水库). Names in `unmistakable` are never made by chance.
    """

    districts: dict[str, str]
    towns: dict[str, str]
    elsewhere: tuple[str, ...]
    neighbours: frozenset[str]
    part_of_names: tuple[str, ...]
    unmistakable: frozenset[str]
    letters: dict[str, str] = field(default_factory=dict)
    """What a district's plans are called by in ids, where it is not its first letters."""

    def short(self, district: str) -> str:
        """延庆区 → 延庆."""
        return district.removesuffix("区")

    @property
    def district_names(self) -> tuple[str, ...]:
        """The sixteen districts in the lexicon's order, each once."""
        return tuple(dict.fromkeys(self.districts.values()))

    def districts_in(self, text: str) -> list[str]:
        """Districts that `text` names, by name or by one of their towns, in text order."""
        matches = self._district_pattern().finditer(text)
        found = {match.start(): self.districts[match.group()] for match in matches}
        for town in self.towns_in(text):
            found.setdefault(text.find(town), self.towns[town])
        return list(dict.fromkeys(found[at] for at in sorted(found)))

    def towns_in(self, text: str) -> list[str]:
        """Streets and townships that `text` names, longest first."""
        return sorted((town for town in self.towns if town in text), key=len, reverse=True)

    def elsewhere_in(self, text: str) -> list[str]:
        """Provinces and cities outside Beijing that `text` names."""
        return [name for name in self.elsewhere if name in text and self._stands_alone(name, text)]

    def _stands_alone(self, name: str, text: str) -> bool:
        """A short name that other words can make by chance (夏天|水里) needs a boundary."""
        if len(name) > 2 or name in self.unmistakable:
            return True
        before, after = (
            r"(?:^|[^\u4e00-\u9fff]|问|查|在|和|与|跟|比|像|是)",
            r"(?:市|省|的|今年|$|[^\u4e00-\u9fff])",
        )
        return re.search(f"{before}{name}|{name}{after}", text) is not None

    def without_districts(self, text: str) -> str:
        """`text` with blanks in place of the districts that it names."""
        return self._district_pattern().sub(" ", text)

    def _district_pattern(self) -> re.Pattern[str]:
        return _alternation(tuple(self.districts), self.part_of_names)


_KIND = re.compile(r"(?:地区|街道|镇|乡)+$")
_BEFORE_A_PLACE = r"(?:^|[^\u4e00-\u9fff]|[问查在和与跟比像是])"
_AFTER_A_PLACE = r"(?:[市省的]|今年|$|[^\u4e00-\u9fff])"


@lru_cache(maxsize=8)
def _alternation(names: tuple[str, ...], not_before: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    alternatives = "|".join(map(re.escape, longest_first))
    return re.compile(f"(?:{alternatives})(?!{'|'.join(map(re.escape, not_before))})")


@lru_cache(maxsize=1)
def places() -> Places:
    """The bundled lexicon of places (read once)."""
    document = tomllib.loads((LEXICON / "places.toml").read_text(encoding="utf-8"))
    districts: dict[str, str] = {}
    for entry in document["district"]:
        for name in (entry["name"], *entry["names"]):
            districts[name] = entry["name"]
    lines = (LEXICON / "streets.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    towns = {row["name"]: row["district"] for row in rows if len(row["name"]) > 2}
    for name, district in list(towns.items()):  # 回龙观街道 is called 回龙观
        short = _KIND.sub("", name)
        if len(short) > 2:
            towns.setdefault(short, district)
    outside = document["elsewhere"]
    return Places(
        districts=districts,
        towns=towns,
        elsewhere=tuple(sorted([*outside["names"], *outside["neighbours"]], key=len, reverse=True)),
        neighbours=frozenset(outside["neighbours"]),
        part_of_names=tuple(document["part_of_names"]),
        unmistakable=frozenset(outside["unmistakable"]) | frozenset(outside["neighbours"]),
        letters={entry["name"]: entry["letters"] for entry in document["district"] if "letters" in entry},
    )
