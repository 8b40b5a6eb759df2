"""Departments: printed names to full names, broken cells to names, words to departments.

The knowledge is data (`lexicon/departments.toml`); this module applies it. A name that
the lexicon lacks is kept as printed and marked unknown: never dropped, never glued to
its neighbour.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from corpus.places import LEXICON, Places, places

NONE_MARKS = frozenset({"", "—", "——", "－", "-", "--", "无", "/"})
_OPEN_END = re.compile(r"等(有关|相关)?(?:[0-9]{1,3}个)?(部门|单位|(?<=个)(?:街道|乡镇|镇|街镇|镇街))?$")
COMMA = re.compile(r"[、，,；;]")
_MAX_BROKEN = 3  # a printed name is broken into at most this many pieces


@dataclass(frozen=True, slots=True)
class Department:
    """One body: full name, kind of body (`stem`), district ("" for the city's)."""

    name: str
    stem: str
    district: str = ""
    collective: bool = False
    known: bool = True


@dataclass(frozen=True, slots=True)
class PrintedName:
    """A name of a cell: as printed and rejoined, the body, and whether 等部门 followed."""

    printed: str
    department: Department
    open_ended: bool = False


@dataclass
class DepartmentLexicon:
    """The lexicon file, indexed. `people` maps what people say to stems or full names.

    `collective_people` pairs what people say with the collective names that it means (街镇).
    """

    stems: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, Department] = field(default_factory=dict)
    local_bodies: dict[tuple[str, str], Department] = field(default_factory=dict)
    collectives: list[tuple[re.Pattern[str], bool]] = field(default_factory=list)
    people: dict[str, set[str]] = field(default_factory=dict)
    collective_people: list[tuple[str, re.Pattern[str]]] = field(default_factory=list)
    geography: Places = field(default_factory=places)

    def names(self) -> list[str]:
        """Every name of a body or place that the lexicon knows."""
        places = (*self.geography.districts, *self.geography.towns)
        return [*self.bodies, *self.stems, *self.people, *places]

    def resolve(self, printed: str, district: str = "") -> Department | None:
        """The body that `printed` means in a plan of `district` ("" = the city's plan)."""
        printed = printed.replace("(", "（").replace(")", "）")
        if body := self.local_bodies.get((printed, district)) or self.bodies.get(printed):
            return body
        collective = self._collective(printed, district)
        return (
            collective
            or self._at_level(printed, district)
            or self._government_or_town(printed, district)
            or self._as_said(printed, district)
        )

    def _collective(self, printed: str, district: str) -> Department | None:
        for pattern, local in self.collectives:
            if pattern.fullmatch(printed):
                name = district + printed.removeprefix("区") if local else printed
                return Department(name, printed, district if local else "", collective=True)
        return None

    def _at_level(self, printed: str, district: str) -> Department | None:
        for prefix, full, where in (
            ("北京市", "北京市", ""),
            ("市", "北京市", ""),
            *((name, name, name) for name in self.geography.district_names),
            *((("区", district, district),) if district else ()),
        ):
            stem = self.stems.get(printed.removeprefix(prefix)) if printed.startswith(prefix) else None
            if stem is not None:
                return Department(full + stem, stem, where)
        return None

    def _as_said(self, printed: str, district: str) -> Department | None:
        """A body that is printed as people say it, with its level in front: 区住建委, 区城管委."""
        if not re.fullmatch(r"[市区].{2,5}(?:局|委|办)", printed):
            return None
        shortened = re.compile(".*".join(printed[1:]))  # 区房管局 is a body of its own, no short form
        said = self.people.get(printed[1:], set()) & set(self.stems.values())
        meant = [stem for stem in said if shortened.search(stem)]
        return self._at_level(printed[0] + meant[0], district) if len(meant) == 1 else None

    def _government_or_town(self, printed: str, district: str) -> Department | None:
        government = re.fullmatch(r"(.+区)(人民)?政府", printed)
        if government and government[1] in self.geography.districts:
            return Department(government[1] + "政府", "区政府", government[1])
        town = re.sub(r"(人民政府|政府|办事处)$", "", printed).removeprefix(district)
        for name in (town, *_also_called(town)):
            if where := self.geography.towns.get(name):
                return Department(where + name, name, where)
        return None

    def split(self, pieces: Sequence[str], district: str) -> list[PrintedName]:
        """The names in a cell, from its pieces (the cell cut at blanks and line breaks).

        Pieces are rejoined where only the whole is a known name, or where the whole is a
        known name that its first piece begins (市规划自然资源委 / 延庆分局).
        """
        tokens = [token for piece in pieces for token in piece.split()]
        tokens = [token for token in tokens if token not in NONE_MARKS]
        names: list[PrintedName] = []
        at = 0
        while at < len(tokens):
            length = self._longest(tokens[at : at + _MAX_BROKEN], district)
            names.extend(self._named("".join(tokens[at : at + length]), district, names))
            at += length
        return names

    def _longest(self, tokens: Sequence[str], district: str) -> int:
        alone = self.resolve(_OPEN_END.sub("", tokens[0]), district)
        for length in range(len(tokens), 1, -1):
            whole = _OPEN_END.sub("", "".join(tokens[:length]))
            body = self.resolve(whole, district)
            # a name that stands alone is taken into a longer one only if that is a body's own
            if body and "".join(tokens[: length - 1]) != whole and not (alone and body.collective):
                return length
        return 1

    def _named(self, token: str, district: str, before: list[PrintedName]) -> Iterable[PrintedName]:
        name = _OPEN_END.sub("", token)
        open_ended = name != token
        if not name:  # 等部门 alone on its line belongs to the name before it
            if before:
                last = before.pop()
                yield PrintedName(last.printed, last.department, open_ended=True)
            return
        whole = self.resolve(name, district)
        parts = [part for part in COMMA.split(name) if part]
        if whole is None and any(self.resolve(part, district) for part in parts):
            for part in parts:
                body = self.resolve(part, district) or unknown(part, district)
                yield PrintedName(part, body, open_ended and part == parts[-1])
            return
        yield PrintedName(name, whole or unknown(name, district), open_ended)


def _also_called(town: str) -> list[str]:
    """Other names of a township: 苏家坨镇 and 苏家坨地区 are one."""
    kinds = ("地区", "镇", "乡")
    short = next((town.removesuffix(kind) for kind in kinds if town.endswith(kind)), "")
    return [short + kind for kind in kinds if len(short) > 1]


def unknown(printed: str, district: str) -> Department:
    """A body that the lexicon lacks: named as printed, with its district in front of 区…."""
    local = printed.startswith("区") and district
    name = district + printed.removeprefix("区") if local else printed
    return Department(name, printed, district if local else "", known=False)


def read_lexicon(path: Path) -> DepartmentLexicon:
    """Read a lexicon file of the layout that `lexicon/departments.toml` explains."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    lexicon = DepartmentLexicon()
    for entry in document.get("stem", []):
        stem = entry["stem"]
        for form in (stem, *entry.get("forms", [])):
            lexicon.stems[form] = stem
        if "formal" in entry:
            lexicon.stems.setdefault(entry["formal"], stem)
        _say(lexicon, entry, stem)
    for entry in document.get("branch", []):
        for district in lexicon.geography.district_names:
            _add_branch(lexicon, entry, district)
    for entry in document.get("body", []):
        body = Department(entry["name"], entry["name"], collective=entry.get("collective", False))
        for printed in (entry["name"], *entry["printed"]):
            lexicon.bodies[printed] = body
        _say(lexicon, entry, body.stem)
    for entry in document.get("collective", []):
        pattern = re.compile(entry["pattern"])
        lexicon.collectives.append((pattern, entry.get("local", False)))
        lexicon.collective_people += [(word, pattern) for word in entry.get("people", [])]
    return lexicon


def _add_branch(lexicon: DepartmentLexicon, entry: dict[str, Any], district: str) -> None:
    short = lexicon.geography.short(district)
    body = Department(entry["name"].replace("{区}", short), entry["name"], district)
    for printed in (entry["name"], *entry["printed"]):
        lexicon.bodies[printed.replace("{区}", short)] = body
    for printed in entry.get("local", []):
        lexicon.local_bodies[printed, district] = body
    _say(lexicon, entry, body.stem)


def _say(lexicon: DepartmentLexicon, entry: dict[str, Any], stem: str) -> None:
    for word in (*entry.get("people", []), *entry.get("forms", [])):
        lexicon.people.setdefault(word, set()).add(stem)
    if "stem" in entry:
        lexicon.people.setdefault(entry["stem"], set()).add(stem)


@lru_cache(maxsize=1)
def departments() -> DepartmentLexicon:
    """The bundled lexicon (read once)."""
    return read_lexicon(LEXICON / "departments.toml")
