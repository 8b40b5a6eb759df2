"""What spelling learns when an index is built: which characters stand side by side, and how they sound."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.normal import normals
from corpus.places import places
from corpus.terms import fixed_terms, listed
from index.spelling import (
    LONGEST,
    MOST,
    OFTEN,
    PAIRS,
    RUN,
    SEEN,
    SOMETIMES,
    SOUNDS,
    TRIPLES,
    Counts,
    aloud,
    windows,
)
from index.statistics import begins
from index.tokens import Together, decoded

TERMS_OF = 20_000  # records, at the most twice as many, from which terms are learnt
FIRST = 0x4E00  # characters before it are in no word
_BEYOND = 0x110000  # more than any character
_LEXICON = Path(__file__).parent / "lexicon"
Tally = tuple[NDArray[np.uint64], NDArray[np.uint64]]
_NOTHING: Tally = (np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.uint64))


class SpellingWriter:
    """Learns from texts that come one after another; memory holds the counts and a sample of them.

    Args:
        before: what an index learnt that is added to.
    """

    def __init__(self, before: Path | None = None) -> None:
        self._counted: dict[int, list[Tally]] = {2: [], 3: []}
        self._seen: list[Tally] = []
        self._names: list[str] = []
        self._right: list[str] = []
        if before is not None:
            for length, name in ((2, PAIRS), (3, TRIPLES)):
                self._counted[length].append(_tallied(before / name))
            self._seen.append(_tallied(before / SEEN))
            document = json.loads((before / SOUNDS).read_text(encoding="utf-8"))
            self._names, self._right = document["names"], document["known"]
        self._sample: list[str] = []
        self._every = 1
        self._taken = 0

    def add(self, texts: Sequence[str]) -> None:
        """Take further texts, normalised."""
        together = Together.of(texts, FIRST)
        for length, tallies in self._counted.items():
            codes = together.codes(together.windows(length), length)
            found, times = np.unique(codes, return_counts=True)
            tallies.append((found, times.astype(np.uint64)))
            if len(tallies) > 1 and sum(len(codes) for codes, _ in tallies[1:]) > len(tallies[0][0]):
                tallies[:] = [_sum(tallies)]
        for text in texts:
            if self._taken % self._every == 0:
                self._sample.append(text)
            self._taken += 1
        while len(self._sample) > 2 * TERMS_OF:
            self._sample, self._every = self._sample[::2], 2 * self._every

    def finish(self, folder: Path, names: Iterable[str], asked: Iterable[str]) -> None:
        """Write into `folder` (made here) what was learnt, with `names` and what was `asked`."""
        folder.mkdir()
        given = set(normals(list(names)))
        terms = _terms(self._sample)
        named = sorted(given | {term for term in terms if given.isdisjoint((term[1:], term[:-1]))})
        own = {length: _sum([*tallies, _tally(named, length)]) for length, tallies in self._counted.items()}
        spoken, times = _tally(normals(list(asked)), 2)
        often = times > 1  # once alone may be a slip of whoever wrote the question
        seen = _sum([*self._seen, (spoken[often], times[often]), own[2]])
        for name, tally in ((SEEN, seen), (PAIRS, own[2]), (TRIPLES, own[3])):
            np.save(folder / name, np.stack(tally))
        pairs = {
            decoded(code): times for code, times in zip(*(part.tolist() for part in own[2]), strict=True)
        }
        sounds = _readings()
        every = sorted({*self._names, *named})
        short = [name for name in every if 2 <= len(name) <= LONGEST and RUN.fullmatch(name)]
        right = given.union(places().elsewhere, other_words())
        known = sorted(name for name in right.union(self._right) if len(name) <= MOST and RUN.fullmatch(name))
        domain = sorted({char for pair, count in pairs.items() if count >= OFTEN for char in pair})
        document = {"sounds": sounds, "names": short, "domain": "".join(domain), "known": known}
        document["ordinary"] = _ordinary(pairs, sounds)
        (folder / SOUNDS).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _tallied(path: Path) -> Tally:
    codes, times = np.load(path)
    return codes, times


def _tally(texts: Sequence[str], length: int) -> Tally:
    """Each run of `length` characters in `texts`, normalised, and how often it stands there."""
    together = Together.of(texts, FIRST)
    found, times = np.unique(together.codes(together.windows(length), length), return_counts=True)
    return found, times.astype(np.uint64)


def _sum(tallies: Sequence[Tally]) -> Tally:
    """Several tallies as one, sorted by code."""
    codes, times = (np.concatenate(parts) for parts in zip(_NOTHING, *tallies, strict=True))
    order = np.argsort(codes, kind="stable")  # each is sorted: they are merged
    codes = codes[order]
    first = begins(codes)
    return codes[first], np.add.reduceat(times[order], first) if len(first) else times


def typed_words() -> list[str]:
    """Words that questions use and the fixed terms, which are known by their sound."""
    return [*listed(_LEXICON / "typed.txt"), *fixed_terms()]


def other_words() -> tuple[str, ...]:
    """Words that sound like names of the domain and are none of them (税务局)."""
    return listed(_LEXICON / "others.txt")


def _terms(texts: Sequence[str]) -> list[str]:
    """Runs of three and four characters that stand in many surroundings, as words do."""
    together = Together.of(["", *texts, ""], FIRST)  # so that something stands beside each character
    found: list[str] = []
    for length, often, varied in ((3, 3, 2), (4, 3, 2)):
        starts = together.windows(length)
        terms, which, times = np.unique(
            together.codes(starts, length), return_inverse=True, return_counts=True
        )
        kept = times[which] >= often
        starts, which = starts[kept], which[kept]
        meant = np.ones(len(terms), dtype=np.bool_)
        ends = _BEYOND + _met(which)  # what is no character counts anew once a further term was met
        for sides in (starts - 1, starts + length):
            beside = np.where(together.chinese[sides], together.chars[sides], ends)
            pairs = np.sort(which << 32 | beside)
            met = np.bincount(pairs[begins(pairs)] >> 32, minlength=len(terms))
            meant &= met >= varied
        found += [decoded(code) for code in terms[meant].tolist()]
    return found


def _met(which: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many different ones there are up to each place of `which`."""
    _, first = np.unique(which, return_index=True)
    new = np.zeros(len(which), dtype=np.int64)
    new[first] = 1
    return np.cumsum(new)


def _ordinary(printed: Counts, sounds: Mapping[str, Sequence[str]]) -> list[str]:
    """Words of two to four characters that pypinyin lists and the records do not print.

    Those that sound like a word that questions use (前头, 牵头) are slips as often as not.
    """
    from pypinyin.phrases_dict import phrases_dict  # only a build needs it

    sounding = aloud(sounds)
    typed = {word.translate(sounding) for word in listed(_LEXICON / "typed.txt")}
    words = (word for word in phrases_dict if 2 <= len(word) <= 4 and RUN.fullmatch(word))
    return sorted(
        word
        for word in words
        if word.translate(sounding) not in typed and any(pair not in printed for pair in windows(word, 2))
    )


def _readings() -> dict[str, list[str]]:
    """The readings without tones of the 6,763 characters of GB 2312, the most common first.

    Of the others those count that words have: 机 is read wei in none.
    """
    from pypinyin import Style, pinyin  # only a build needs it
    from pypinyin.phrases_dict import phrases_dict
    from pypinyin.style import convert

    plain = lru_cache(maxsize=None)(lambda syllable: convert(syllable, Style.NORMAL, strict=False))
    used: Counter[tuple[str, str]] = Counter()
    for word, syllables in phrases_dict.items():
        used.update((char, plain(said[0])) for char, said in zip(word, syllables, strict=False))
    common = [bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)]
    chars = [char for code in common if (char := code.decode("gb2312", "ignore"))]
    found = {c: list(dict.fromkeys(pinyin(c, style=Style.NORMAL, heteronym=True)[0])) for c in chars}
    return {
        c: [r for n, r in enumerate(said) if not n or used[c, r] >= SOMETIMES] for c, said in found.items()
    }
