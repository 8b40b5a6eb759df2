"""The words by which a question says what it wants (`lexicon/cues.toml`), indexed."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from corpus.normal import any_of
from corpus.types import Role

_FILE = Path(__file__).parent / "lexicon" / "cues.toml"


@dataclass(frozen=True, slots=True)
class Absent:
    """Something that the plans do not hold, and how questions ask for it.

    What is stated in `unit`, where there is one, is the thing nevertheless.
    """

    pattern: re.Pattern[str]
    missing: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Cues:
    """Compiled cues. The patterns search in normalised text."""

    duty: re.Pattern[str]
    roles: tuple[tuple[Role, re.Pattern[str]], ...]
    roles_asked: re.Pattern[str]
    deadline: re.Pattern[str]
    count: re.Pattern[str]
    list: re.Pattern[str]
    list_stop: re.Pattern[str]
    summary: re.Pattern[str]
    outline: re.Pattern[str]
    compare: re.Pattern[str]
    compare_stop: re.Pattern[str]
    levels: re.Pattern[str]
    yesno: re.Pattern[str]
    category: re.Pattern[str]
    figure: re.Pattern[str]
    stop: re.Pattern[str]
    function: frozenset[str]
    absent: tuple[Absent, ...]
    chat: re.Pattern[str]
    chat_corpus: re.Pattern[str]
    chat_status: re.Pattern[str]
    chat_others: re.Pattern[str]
    chat_reply: str
    injection: re.Pattern[str]
    injection_reply: str


def _either(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


@lru_cache(maxsize=1)
def cues() -> Cues:
    """The bundled cues (read once)."""
    document = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    roles = dict(document["duty"]["roles"])
    asked = roles.pop("asked")
    return Cues(
        duty=any_of(document["duty"]["cues"]),
        roles=tuple((Role(role), any_of(words)) for role, words in roles.items()),
        roles_asked=_either(asked),
        deadline=any_of(document["deadline"]["cues"]),
        count=any_of(document["count"]["cues"]),
        list=any_of(document["list"]["cues"]),
        list_stop=any_of(document["list"]["stop"]),
        summary=_either(document["summary"]["patterns"]),
        outline=_either(document["outline"]["words"]),
        compare=_either(document["compare"]["patterns"]),
        compare_stop=_either(document["compare"]["stop"]),
        levels=_either(document["compare"]["levels"]),
        yesno=_either(document["yesno"]["patterns"]),
        category=_either(document["category"]["patterns"]),
        figure=any_of(document["figure"]["cues"]),
        stop=any_of(document["stop"]["phrases"]),
        function=frozenset(document["function"]["characters"]),
        absent=tuple(
            Absent(_either(item["patterns"]), item["missing"], item.get("unit", ""))
            for item in document["absent"]
        ),
        chat=_either(document["chat"]["patterns"]),
        chat_corpus=_either(document["chat"]["corpus"]),
        chat_status=_either(document["chat"]["status"]),
        chat_others=_either(document["chat"]["others"]),
        chat_reply=document["chat"]["reply"],
        injection=_either(document["injection"]["patterns"]),
        injection_reply=document["injection"]["reply"],
    )
