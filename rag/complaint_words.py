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
    `place_kinds` are no names; `time` matches all that is said of a time in one go.
    """

    asides: re.Pattern[str]
    contact: re.Pattern[str]
    place: re.Pattern[str]
    behind: re.Pattern[str]
    before: re.Pattern[str]
    place_tail: re.Pattern[str]
    place_kinds: re.Pattern[str]
    time: re.Pattern[str]


def _either(patterns: Sequence[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


@lru_cache(maxsize=1)
def words() -> Words:
    """The bundled words (read once)."""
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    kinds = sorted(told["place_kinds"], key=len, reverse=True)
    stops = re.escape(told["place_stops"])
    name = f"[^{stops}]{{1,{LONGEST}}}?"
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
        time=re.compile(f"{atom}(?:{joins}{atom})*"),
    )
