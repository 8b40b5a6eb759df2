"""Spelling: a character typed for another of the same sound (水物局, 秸杆) is read as meant.

The words of the domain are the characters that stand side by side in the records, and the names
of departments, places and fixed terms. A pair of characters that stands in none of them, nor in a
question of the bank, is suspicious: it is read as a name that sounds the same, or with another
character of the same sound where that makes words of the domain on both sides. Readings are those
of pypinyin, without tones; they are looked up when the index is built.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.normal import normal
from corpus.terms import fixed_terms, listed

SEEN, PAIRS, TRIPLES, SOUNDS = "seen.npy", "pairs.npy", "triples.npy", "sounds.json"
OFTEN, SOMETIMES = 4, 2  # how often a pair and a run of three must occur to be words of the domain
LONGEST = 8  # characters of a name that is looked for by its sound
FEW = 4  # characters of a name up to which one alone may be mistyped
KEPT = frozenset(
    "的了是在和与及或有不没无也都还就才要会能可去来到说问看给让把被对从向由于为何谁哪那这怎么什几多少吗呢吧啊呀"
)
_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
_LEXICON = Path(__file__).parent / "lexicon"
_BITS = 16
_PRIVATE = 0xE000
Codes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Correction:
    """`said`, as typed, is read as `meant`."""

    said: str
    meant: str


class Spelling:
    """Knows which characters stand side by side, and which sound alike.

    Args:
        seen: runs of two that are no mistake; `pairs`, `triples`: runs of two and three in the
            records. Each holds sorted codes and their counts, shape (2, n).
        sounds: the readings of a character, the most common first.
        names: names and terms of the domain.
        domain: characters of the records and names.
    """

    def __init__(
        self,
        seen: Codes,
        pairs: Codes,
        triples: Codes,
        sounds: Mapping[str, Sequence[str]],
        names: Iterable[str],
        domain: Iterable[str],
    ) -> None:
        self._seen, self._pairs, self._triples = seen, pairs, triples
        self._sounds = sounds
        syllables: dict[str, str] = {}  # one character for each sound
        for readings in sounds.values():
            syllables.setdefault(readings[0], chr(_PRIVATE + len(syllables)))
        self._aloud = str.maketrans({char: syllables[readings[0]] for char, readings in sounds.items()})
        self._names = {name.translate(self._aloud): name for name in names}
        self._alike: dict[str, str] = {}
        for char in domain:
            if char in sounds:
                self._alike[sounds[char][0]] = self._alike.get(sounds[char][0], "") + char

    @classmethod
    def write(cls, folder: Path, records: Iterable[str], names: Iterable[str], asked: Iterable[str]) -> None:
        """Learn from the texts of records, names and questions; write into `folder` (made here)."""
        folder.mkdir()
        own = _runs(records)
        named = sorted({*map(normal, names), *_terms(own)})
        runs = [*own, *_runs(named)]
        spoken = _tally(_runs(asked), 2)  # once alone may be a slip of whoever wrote the question
        seen = Counter({pair: count for pair, count in spoken.items() if count > 1}) + _tally(runs, 2)
        pairs = _tally(runs, 2)
        for name, counts in ((SEEN, seen), (PAIRS, pairs), (TRIPLES, _tally(runs, 3))):
            known = np.stack([_codes(counts), np.array(list(counts.values()), dtype=np.uint64)])
            np.save(folder / name, known[:, np.argsort(known[0])])
        sounds = _readings()
        short = [name for name in named if 2 <= len(name) <= LONGEST and _RUN.fullmatch(name)]
        domain = sorted({char for pair, count in pairs.items() if count >= OFTEN for char in pair})
        document = {"sounds": sounds, "names": short, "domain": "".join(domain)}
        (folder / SOUNDS).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Spelling:
        """Open what `write` wrote."""
        seen, pairs, triples = (np.load(folder / name) for name in (SEEN, PAIRS, TRIPLES))
        document = json.loads((folder / SOUNDS).read_text(encoding="utf-8"))
        return cls(seen, pairs, triples, **document)

    def corrected(self, text: str) -> tuple[str, tuple[Correction, ...]]:
        """`text` as it is meant, of the same length, and what was read otherwise than typed."""
        found: list[Correction] = []
        for match in _RUN.finditer(text):
            start, end = match.span()
            run, corrections = self._run(text[start:end])
            text = text[:start] + run + text[end:]
            found += corrections
        return text, tuple(found)

    def _run(self, run: str) -> tuple[str, list[Correction]]:
        corrections = []
        printed = _counts(self._pairs, _windows(run, 2))
        for at in map(int, np.flatnonzero(printed == 0)):
            if _counts(self._pairs, [run[at : at + 2]])[0]:
                continue  # mended with the pair before
            better = self._name(run, at) or self._character(run, at)
            if better:
                start, meant = better
                end = start + len(meant)
                corrections.append(Correction(run[start:end], meant))
                run = run[:start] + meant + run[end:]
        return run, corrections

    def _name(self, run: str, at: int) -> tuple[int, str] | None:
        """(start, name) of the longest name that sounds like what stands around `at`."""
        aloud = run.translate(self._aloud)
        for length in range(min(LONGEST, len(run)), 1, -1):
            for start in range(max(0, at + 2 - length), min(at, len(run) - length) + 1):
                name = self._names.get(aloud[start : start + length])
                if name and self._may_be(run, start, name):
                    return start, name
        return None

    def _may_be(self, run: str, start: int, name: str) -> bool:
        """Whether `name` differs from what stands at `start` by few characters that make no other word."""
        end = start + len(name)
        other = [at for at in range(start, end) if run[at] != name[at - start]]
        if not other or len(other) > 1 + (len(name) > FEW) or run[other[0]] in KEPT:
            return False
        beside = [run[start - 1 : start + 1]] if other[0] == start and start else []
        beside += [run[end - 1 : end + 1]] if other[-1] == end - 1 and end < len(run) else []
        return not _counts(self._seen, beside).any()

    def _character(self, run: str, at: int) -> tuple[int, str] | None:
        """(place, character) for the one of the two at `at` that is better read as another."""
        if _counts(self._seen, [run[at : at + 2]])[0]:
            return None
        found = max(filter(None, (self._better(run, at), self._better(run, at + 1))), default=None)
        return found[1:] if found else None

    def _better(self, run: str, place: int) -> tuple[int, int, str] | None:
        """(worth, place, character) of the best other character at `place`, or None."""
        heard = dict.fromkeys(c for s in self._sounds.get(run[place], ()) for c in self._alike.get(s, ""))
        others = "".join(char for char in heard if char != run[place])
        if not others or run[place] in KEPT:
            return None
        before, after = run[max(0, place - 2) : place], run[place + 1 : place + 3]

        def counts(known: Codes, left: str, right: str, chars: str) -> NDArray[np.int64]:
            return _counts(known, [left + char + right for char in chars])

        left, right = before[-1:], after[:1]
        beside = [side for side in ((left, ""), ("", right)) if side[0] or side[1]]
        lost = max(int(counts(self._seen, *side, run[place])[0]) for side in beside)
        fits = np.min([counts(self._seen, *side, others) for side in beside], axis=0)
        pairs = np.max([counts(self._pairs, *side, others) for side in beside], axis=0)
        around = [side for side in ((before, ""), (left, right), ("", after)) if len(side[0] + side[1]) == 2]
        triples = np.max([counts(self._triples, *side, others) for side in around] or [0 * pairs], axis=0)
        enough = (fits > 0) & (pairs >= OFTEN) & (triples >= SOMETIMES) & (triples > lost)
        worth = np.where(enough, pairs + triples, 0)
        best = int(worth.argmax())
        return (int(worth[best]), place, others[best]) if worth[best] else None


def typed_words() -> list[str]:
    """Words that questions use and the fixed terms, which are known by their sound."""
    return [*listed(_LEXICON / "typed.txt"), *fixed_terms()]


def other_words() -> tuple[str, ...]:
    """Words that sound like names of the domain and are none of them (税务局)."""
    return listed(_LEXICON / "others.txt")


def _terms(runs: Sequence[str]) -> list[str]:
    """Runs of three and four characters that stand in many surroundings, as words do."""
    found = []
    for length, often, varied in ((3, 3, 2), (4, 3, 2)):
        count = _tally(runs, length)
        left: dict[str, set[str]] = {}
        right: dict[str, set[str]] = {}
        for run in runs:
            for i in range(len(run) - length + 1):
                term = run[i : i + length]
                if count[term] >= often:
                    left.setdefault(term, set()).add(run[i - 1 : i] or str(len(left)))
                    right.setdefault(term, set()).add(run[i + length : i + length + 1] or str(len(right)))
        found += [term for term in left if len(left[term]) >= varied <= len(right[term])]
    return found


def _windows(run: str, length: int) -> list[str]:
    return [run[i : i + length] for i in range(len(run) - length + 1)]


def _runs(texts: Iterable[str]) -> list[str]:
    return [run for text in texts for run in _RUN.findall(normal(text))]


def _tally(runs: Iterable[str], length: int) -> Counter[str]:
    return Counter(window for run in runs for window in _windows(run, length))


def _codes(texts: Iterable[str]) -> Codes:
    """One number for each text of at most three characters."""
    return np.array([_code(text) for text in texts], dtype=np.uint64)


def _code(text: str) -> int:
    code = 0
    for char in text:
        code = code << _BITS | ord(char)
    return code


def _counts(known: Codes, texts: Sequence[str]) -> NDArray[np.int64]:
    """How often each of `texts` occurs, shape (len(texts),); `known` holds codes and counts."""
    codes = _codes(texts)
    at = np.minimum(np.searchsorted(known[0], codes), known.shape[1] - 1)
    return np.where(known[0, at] == codes, known[1, at], 0).astype(np.int64)


def _readings() -> dict[str, list[str]]:
    """The readings without tones of the 6,763 characters of GB 2312, the most common first."""
    from pypinyin import Style, pinyin  # only a build needs it

    common = [bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)]
    chars = [char for code in common if (char := code.decode("gb2312", "ignore"))]
    return {c: list(dict.fromkeys(pinyin(c, style=Style.NORMAL, heteronym=True)[0])) for c in chars}
