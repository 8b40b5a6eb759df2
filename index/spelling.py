"""Spelling: a character typed for another of the same sound (水物局, 秸杆) is read as meant.

The words of the domain are the characters that stand side by side in the records, and the names
of departments, places and fixed terms. A pair of characters that stands in none of them, nor in a
question of the bank, is suspicious: it is read as a name that sounds the same, or with another
character of the same sound where that makes words of the domain on both sides. Readings are those
of pypinyin, without tones; they are looked up when the index is built.

What is right is left alone: names that stand there exactly, ordinary words (those that pypinyin
lists), the 河, 镇, 村 that closes the name of a place and what stands before it, and the 里 or 中
behind a name (污染防治里).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.tokens import decoded

SEEN, PAIRS, TRIPLES, SOUNDS = "seen.npy", "pairs.npy", "triples.npy", "sounds.json"
OFTEN, SOMETIMES = 4, 2  # how often a pair and a run of three must occur to be words of the domain
LONGEST = 8  # characters of a name that is looked for by its sound
FEW = 4  # characters of a name up to which one alone may be mistyped
MOST = 12  # characters of a name that is looked for as it stands
ENDINGS = frozenset("河镇村山乡沟湖路桥街")  # they close the names of places
INSIDE = frozenset("里中上下内")  # behind a name: in it
KEPT = frozenset(
    "的了是在和与及或有不没无也都还就才要会能可去来到说问看给让把被对从向由于为何谁哪那这怎么什几多少吗呢吧啊呀"
)
OPEN = frozenset("等")  # stands before anything: what it stands beside is no word
RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
_PRIVATE = 0xE000
HELD = 300_000  # runs of characters up to which all are held in memory
Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Correction:
    """`said`, as typed, is read as `meant`."""

    said: str
    meant: str


class Words:
    """Words that are found where they stand exactly."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        self._most: dict[str, int] = {}  # characters of the longest word that begins with these two
        for word in self._words:
            self._most[word[:2]] = max(len(word), self._most.get(word[:2], 0))

    def spans(self, run: str) -> list[tuple[int, int]]:
        """(start, end) of each of them in `run`."""
        return [
            (start, start + length)
            for start in range(len(run) - 1)
            for length in range(2, self._most.get(run[start : start + 2], 0) + 1)
            if run[start : start + length] in self._words
        ]


class Standing:
    """What stands right in a run: `inside` characters of names, which begin and end at places."""

    def __init__(self, run: str, known: Words, ordinary: Words) -> None:
        self.inside: set[int] = set()
        self.begins: set[int] = set()
        self.ends: set[int] = set()
        for start, end in known.spans(run):
            self.add(start, end)
        words = ordinary.spans(run)
        self.words = {start for start, end in words if end - start == 2}
        self.inside.update(at for start, end in words if end - start > 2 for at in range(start, end))

    def add(self, start: int, end: int) -> None:
        """A name stands at `start`."""
        self.inside.update(range(start, end))
        self.begins.add(start)
        self.ends.add(end)

    def in_word(self, place: int) -> bool:
        """Whether the character at `place` is one of an ordinary word of two."""
        return place in self.words or place - 1 in self.words


class Spelling:
    """Knows which characters stand side by side, and which sound alike.

    Args:
        seen: runs of two that are no mistake, and how often they occur; `pairs`, `triples`: runs
            of two and three in the records.
        sounds: the readings of a character, the most common first.
        names: names and terms of the domain that are looked for by their sound.
        domain: characters of the records and names.
        known: names that are right as they stand; `ordinary`: other right words.
    """

    def __init__(
        self,
        seen: Counts,
        pairs: Counts,
        triples: Counts,
        sounds: Mapping[str, Sequence[str]],
        names: Iterable[str],
        domain: Iterable[str],
        known: Iterable[str] = (),
        ordinary: Iterable[str] = (),
    ) -> None:
        self._seen, self._pairs, self._triples = seen, pairs, triples
        self._sounds = sounds
        self._aloud = aloud(sounds)
        self._names = {name.translate(self._aloud): name for name in names}
        self._known, self._ordinary = Words(known), Words(ordinary)
        self._alike: dict[str, str] = {}
        for char in domain:
            if char in sounds and char not in KEPT and char not in OPEN:
                self._alike[sounds[char][0]] = self._alike.get(sounds[char][0], "") + char
        self._run = lru_cache(maxsize=256)(self._mended)  # one question is read several times

    @classmethod
    def load(cls, folder: Path) -> Spelling:
        """Open what `write` wrote."""
        seen, pairs, triples = (_counts(folder / name) for name in (SEEN, PAIRS, TRIPLES))
        document = json.loads((folder / SOUNDS).read_text(encoding="utf-8"))
        return cls(seen, pairs, triples, **document)

    def corrected(self, text: str) -> tuple[str, tuple[Correction, ...]]:
        """`text` as it is meant, of the same length, and what was read otherwise than typed."""
        found: list[Correction] = []
        for match in RUN.finditer(text):
            start, end = match.span()
            run, corrections = self._run(text[start:end])
            text = text[:start] + run + text[end:]
            found += corrections
        return text, tuple(found)

    def may_print(self, word: str) -> bool:
        """Whether the records may print `word`: all of its runs of two and three characters stand somewhere.

        False is sure: what the records print is known whole.
        """
        runs = RUN.findall(word)
        known = ((2, self._pairs), (3, self._triples))
        return all(part in held for run in runs for length, held in known for part in windows(run, length))

    def _mended(self, run: str) -> tuple[str, tuple[Correction, ...]]:
        corrections = []
        standing = Standing(run, self._known, self._ordinary)
        for at in [at for at, pair in enumerate(windows(run, 2)) if pair not in self._pairs]:
            if run[at : at + 2] in self._pairs:
                continue  # mended with the pair before
            if name := self._name(run, at, standing):
                start, meant = name
                standing.add(start, start + len(meant))
            elif char := self._character(run, at, standing):
                start, meant = char
            else:
                continue
            end = start + len(meant)
            corrections.append(Correction(run[start:end], meant))
            run = run[:start] + meant + run[end:]
        return run, tuple(corrections)

    def _name(self, run: str, at: int, standing: Standing) -> tuple[int, str] | None:
        """(start, name) of the longest name that sounds like what stands around `at`."""
        first = max(0, at + 2 - LONGEST)
        sounding = run[first : at + LONGEST].translate(self._aloud)
        least = FEW if at in standing.words else 2  # an ordinary word may be part of a long name
        for length in range(min(LONGEST, len(sounding)), least - 1, -1):
            for start in range(max(first, at + 2 - length), min(at, first + len(sounding) - length) + 1):
                name = self._names.get(sounding[start - first : start - first + length])
                if name and self._may_be(run, start, name, standing):
                    return start, name
        return None

    def _may_be(self, run: str, start: int, name: str, standing: Standing) -> bool:
        """Whether `name` differs from what stands at `start` by few characters that make no other word."""
        end = start + len(name)
        other = [at for at in range(start, end) if run[at] != name[at - start]]
        if not other or len(other) > 1 + (len(name) > FEW):
            return False
        if any(self._stays(run, at, end, standing) for at in other):
            return False
        beside = [run[start - 1 : start + 1]] if other[0] == start and start else []
        beside += [run[end - 1 : end + 1]] if other[-1] == end - 1 and end < len(run) else []
        return not any(pair in self._seen for pair in beside)

    def _stays(self, run: str, place: int, end: int, standing: Standing) -> bool:
        """Whether the character at `place` is right, where a name until `end` would have another."""
        if run[place] in KEPT or place in standing.inside:
            return True
        if run[place] in INSIDE and place in standing.ends:
            return True
        return _closes(run, place, standing) or (place + 1 >= end and _closes(run, place + 1, standing))

    def _character(self, run: str, at: int, standing: Standing) -> tuple[int, str] | None:
        """(place, character) for the one of the two at `at` that is better read as another."""
        if run[at : at + 2] in self._seen:
            return None
        places = [
            p for p in (at, at + 1) if not self._stays(run, p, p + 1, standing) and not standing.in_word(p)
        ]
        found = max(filter(None, (self._better(run, place, standing) for place in places)), default=None)
        return found[1:] if found else None

    def _better(self, run: str, place: int, standing: Standing) -> tuple[int, int, str] | None:
        """(worth, place, character) of the best other character at `place`, or None.

        It makes no mistake on either side, and a word of the records on one that no name closes.
        """
        heard = dict.fromkeys(c for s in self._sounds.get(run[place], ()) for c in self._alike.get(s, ""))
        before, after = run[max(0, place - 2) : place], run[place + 1 : place + 3]
        left, right = before[-1:], after[:1]
        fit = [
            char
            for char in heard
            if char != run[place]
            and (not left or left + char in self._seen)
            and (not right or char + right in self._seen)
        ]
        if not fit:
            return None
        open_left, open_right = place not in standing.ends, place + 1 not in standing.begins
        sides = [(left, "")] * (open_left and left != "") + [("", right)] * (open_right and right != "")
        around = [(before, "")] * open_left + [(left, right)] + [("", after)] * open_right
        around = [side for side in around if len(side[0] + side[1]) == 2]

        def count(known: Counts, where: list[tuple[str, str]], char: str) -> int:
            return max((known.get(a + char + b, 0) for a, b in where), default=0)

        lost = max(
            self._seen.get(pair, 0) for pair in (left + run[place], run[place] + right) if len(pair) == 2
        )
        best: tuple[int, int, str] | None = None
        for char in fit:
            pairs, triples = count(self._pairs, sides, char), count(self._triples, around, char)
            enough = pairs >= OFTEN and triples >= SOMETIMES and triples > lost
            if not lost:  # what was typed stands nowhere: once in the records is enough on both sides
                enough = enough or sum(a + char + b in self._triples for a, b in around) > 1
            if enough and (best is None or pairs + triples > best[0]):
                best = (pairs + triples, place, char)
        return best


def _closes(run: str, place: int, standing: Standing) -> bool:
    """Whether the character at `place` closes the name of a place that is not known (凉水河)."""
    if run[place : place + 1] not in ENDINGS or not place:
        return False
    return run[place - 1] not in KEPT and place - 1 not in standing.inside


def windows(run: str, length: int) -> list[str]:
    """Every run of `length` characters in `run`."""
    return [run[i : i + length] for i in range(len(run) - length + 1)]


def _counts(path: Path) -> Counts:
    """The texts of a file of codes, and how often each occurs."""
    codes, counts = np.load(path, mmap_mode="r")
    if len(codes) > HELD:
        return MappedCounts(codes, counts)
    chars = codes.astype(">u8").tobytes().decode("utf-16-be")  # four to a code, the first ones zero
    texts = (chars[at : at + 4].lstrip("\0") for at in range(0, len(chars), 4))
    return dict(zip(texts, counts.tolist(), strict=True))


class MappedCounts(Counts):
    """Counts of texts of at most three characters, looked up in sorted codes that are mapped."""

    def __init__(self, codes: NDArray[np.uint64], counts: NDArray[np.uint64]) -> None:
        self._codes = np.asarray(codes)
        self._counts = np.asarray(counts)

    def __getitem__(self, text: str) -> int:
        code = 0
        for char in text:
            code = code << 16 | ord(char)
        at = int(np.searchsorted(self._codes, np.uint64(code)))
        if at == len(self._codes) or int(self._codes[at]) != code:
            raise KeyError(text)
        return int(self._counts[at])

    def __iter__(self) -> Iterator[str]:
        return map(decoded, self._codes.tolist())

    def __len__(self) -> int:
        return len(self._codes)


def aloud(sounds: Mapping[str, Sequence[str]]) -> dict[int, str]:
    """A translation to one character for each sound."""
    syllables: dict[str, str] = {}
    for readings in sounds.values():
        syllables.setdefault(readings[0], chr(_PRIVATE + len(syllables)))
    return str.maketrans({char: syllables[readings[0]] for char, readings in sounds.items()})
