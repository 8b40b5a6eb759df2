"""How callers speak (`lexicon/complaints.toml`), compiled."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "lexicon" / "complaints.toml"
LONGEST = 8  # characters of a place's name before the word of its kind
SHORT = 4  # the same where the kind is said in one character, or not at all


@dataclass(frozen=True, slots=True)
class Words:
    """Patterns over a complaint as told.

    `asides` and `contact` match clauses that tell nothing of the matter; `place` has a `name` and
    its `end`, `behind` is what names one behind a district or `before` words, `place_tail` tells where at it,
    `place_kinds` are no names; `street` is a place that stands alone, if it is not one of `no_streets`;
    `line` and `line_to` are a line of buses and where it goes, `house` a building or room. `time` matches all
    that is said of a time in one go, `no_times` what is none alone. `opening` is what a clerk writes before
    the matter; `name` is a name that callers give for themselves.
    """

    asides: re.Pattern[str]
    contact: re.Pattern[str]
    place: re.Pattern[str]
    behind: re.Pattern[str]
    before: re.Pattern[str]
    place_tail: re.Pattern[str]
    place_kinds: re.Pattern[str]
    street: re.Pattern[str]
    no_streets: re.Pattern[str]
    line: re.Pattern[str]
    line_to: re.Pattern[str]
    house: re.Pattern[str]
    time: re.Pattern[str]
    no_times: re.Pattern[str]
    opening: re.Pattern[str]
    name: re.Pattern[str]


def _either(patterns: Sequence[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


@lru_cache(maxsize=1)
def words() -> Words:
    """The bundled words (read once)."""
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    kinds = sorted(told["place_kinds"], key=len, reverse=True)
    stops = re.escape(told["place_stops"])
    name = f"[^{stops}]{{1,{LONGEST}}}?"
    street = f"[^{re.escape(told['street_stops'])}]{{1,{LONGEST - 2}}}?"
    days, parts, often = (_either(told[key]) for key in ("days", "parts", "often"))
    joins, tails, clock, lasting = (told[key] for key in ("time_joins", "time_tails", "clock", "lasting"))
    atom = f"(?:(?:{lasting})|(?:{often})|(?:{days})|(?:{clock})|(?:{parts})){tails}"
    return Words(
        asides=re.compile(f"(?:{_either(told['asides'])})[啊呀吧哈了呢啦]*"),
        contact=re.compile(told["contact"]),
        place=re.compile(f"(?P<name>{name})(?P<end>{_either(told['place_ends'])})"),
        behind=re.compile(
            f"[^{stops}]{{0,{SHORT}}}(?:{'|'.join(told['place_ends_behind'])})"
            f"|(?<![镇乡道村])[^{stops}]{{2,{SHORT}}}(?=[，。,的那这])"
        ),
        before=re.compile(_either(told["place_before"])),
        place_tail=re.compile(told["place_tails"]),
        place_kinds=re.compile("|".join(map(re.escape, kinds))),
        street=re.compile(
            f"{told['street_before']}{street}(?:{'|'.join(told['street_ends'])}){told['street_behind']}"
        ),
        no_streets=re.compile(told["no_streets"]),
        line=re.compile(told["lines"]),
        line_to=re.compile(told["line_to"]),
        house=re.compile(told["house"]),
        time=re.compile(f"{atom}(?:{joins}{atom})*"),
        no_times=re.compile(told["no_times"]),
        opening=re.compile(told["opening"]),
        name=re.compile(
            f"(?P<before>{told['name_before']})"
            f"(?:(?:{'|'.join(told['double_surnames'])})|[{told['surnames']}])[一-龥]{{1,2}}?{told['name_behind']}"
        ),
    )
