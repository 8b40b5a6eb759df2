"""Everyday words and what the plans call it: query expansion with weights.

The lexicon (`lexicon/everyday.toml`) has a direction: what people say may stand for the
plan's term, not the other way round, unless an entry says `both`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from corpus.normal import any_of, normal

LEXICON = Path(__file__).parent / "lexicon" / "everyday.toml"
_KEYS = {"says", "means", "weight", "both", "helps", "finds"}


class LexiconError(ValueError):
    """The lexicon is not as described; the message names the entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """People say one of `says` where a plan says one of `means`; `weight` (0 to 1) is what that counts.

    `helps` is a question that finds the record `finds` better by this entry.
    """

    says: tuple[str, ...]
    means: tuple[str, ...]
    weight: float
    helps: str
    finds: str


@dataclass(frozen=True, slots=True)
class Expansion:
    """`start` to `end` of the query may be read as one of `terms`, counted with `weight`."""

    start: int
    end: int
    terms: tuple[str, ...]
    weight: float


class Everyday:
    """The lexicon, indexed by what is said."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        self._by_word: dict[str, list[Entry]] = {}
        for entry in entries:
            for word in entry.says:
                self._by_word.setdefault(word, []).append(entry)
        self._said = any_of(self._by_word)

    def expansions(self, text: str) -> tuple[Expansion, ...]:
        """What stands in `text` (normalised) for something else; the longest words, none overlapping.

        A term that `text` says itself adds nothing.
        """
        found = []
        for match in self._said.finditer(text):
            for entry in self._by_word[match.group()]:
                terms = tuple(term for term in entry.means if term not in text)
                if terms:
                    found.append(Expansion(*match.span(), terms, entry.weight))
        return tuple(found)


def read_everyday(path: Path) -> Everyday:
    """Read a lexicon file of the layout that `lexicon/everyday.toml` explains.

    Raises:
        LexiconError: it is no TOML, or an entry is wrong; the message names it.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LexiconError(f"词表 {path} 读不了：{error}") from None
    entries: list[Entry] = []
    for number, item in enumerate(document.get("word", []), start=1):
        entry = _entry(item, f"{path.name} 第{number}个 [[word]]（{str(item.get('says', '无 says'))[:40]}）")
        entries.append(entry)
        if item.get("both"):
            entries.append(Entry(entry.means, entry.says, entry.weight, entry.helps, entry.finds))
    return Everyday(entries)


def _entry(item: dict[str, Any], where: str) -> Entry:
    missing = [key for key in ("says", "means", "weight", "helps", "finds") if key not in item]
    unknown = sorted(item.keys() - _KEYS)
    if missing or unknown:
        raise LexiconError(f"{where}：缺 {'、'.join(missing) or '无'}，多 {'、'.join(unknown) or '无'}")
    for key in ("says", "means"):
        words = item[key]
        if (
            not isinstance(words, list)
            or not words
            or not all(isinstance(w, str) and len(w) > 1 for w in words)
        ):
            raise LexiconError(f"{where}：{key} 应是词的列表，每个词至少两个字")
    weight = item["weight"]
    if not isinstance(weight, int | float) or not 0 < weight <= 1:
        raise LexiconError(f"{where}：weight 应在 0 和 1 之间，不是 {weight!r}")
    said, meant = (tuple(normal(word) for word in item[key]) for key in ("says", "means"))
    return Entry(said, meant, float(weight), str(item["helps"]), str(item["finds"]))


@lru_cache(maxsize=1)
def everyday() -> Everyday:
    """The bundled lexicon (read once)."""
    return read_everyday(LEXICON)
