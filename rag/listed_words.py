"""The words that the records of a list must hold, read from what is left of the question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from corpus.normal import normal
from index.filters import Filters
from index.printed import Printed
from rag.cues import cues

GENERAL = 60  # a word that so many records hold tells nothing of them apart
LEAST = 2
_CHUNK = re.compile(r"[a-z][\w.\-]*|[\u4e00-\u9fff]+")
_ALTERNATIVE = re.compile(r"\s*(?:、|/|\+|和|或者?|及|与|跟|以及)\s*")
_SPLIT = re.compile(r"[和或及与跟]")
_GENERIC = re.compile(r"(?:治理|管控|防治|管理|整治|控制|监管|推广)(?:工作|方面)?$")
_JOINING = "和与跟及或在对把里被由"
_ASKING = "说做块份条项两俩这那三四些样件个里头们"


@dataclass(frozen=True, slots=True)
class Words:
    """Groups of words: of each a record must hold one. `unread`: words that no record holds."""

    groups: tuple[tuple[str, ...], ...] = ()
    unread: tuple[str, ...] = ()

    def narrowing(self, base: Filters, *, own: bool) -> Filters:
        """`base` narrowed to records that hold them; `own`: in their own text."""

        def holding(word: str) -> Filters:
            return Filters(own_texts=(shown(word),)) if own else Filters(texts=(shown(word),))

        single = tuple(shown(group[0]) for group in self.groups if len(group) == 1)
        several = tuple(tuple(map(holding, group)) for group in self.groups if len(group) > 1)
        base = replace(base, own_texts=single) if own else replace(base, texts=single)
        return replace(base, either=(*base.either, *several))


def shown(word: str) -> str:
    """A normalised word as it is shown: GEP-R in capitals."""
    return word.upper() if word.isascii() else word


class ListedWords:
    """Reads them against what the records of one store hold."""

    def __init__(self, printed: Printed) -> None:
        self._printed = printed
        self._function = "".join(cues().function) + _ASKING

    def read(self, rest: str, quoted: Sequence[str], more: str, *, marked: bool, narrowed: bool) -> Words:
        """The words of `rest`, from which all else that the question says is gone.

        What is quoted must be held as it stands. Of other words those count that stand in a
        record. `more` holds what is said to count as well: alternatives to the last of them.
        Where they are not marked as such (提到…) they name a matter (of 噪声治理 the measures on
        噪声 are meant), and where something else narrows the list, general words tell nothing.
        """
        asked = _Asked(self._printed.sparing(), self._function)
        return asked.words(rest, quoted, more, marked=marked, narrowed=narrowed)


class _Asked:
    """The words of one list."""

    def __init__(self, printed: Printed, function: str) -> None:
        self._function = function
        self._held_by = partial(printed.lines, most=GENERAL + 1)
        self._stands = printed.holds

    def words(self, rest: str, quoted: Sequence[str], more: str, *, marked: bool, narrowed: bool) -> Words:
        """See `ListedWords.read`."""
        groups: list[tuple[str, ...]] = [(form,) for words in quoted if (form := normal(words))]
        groups, unread = self._groups(rest, groups, marked=marked, narrowed=narrowed)
        others, _ = self._groups(more, [], marked=True, narrowed=narrowed)
        if others and groups:
            groups[-1] = (*groups[-1], *(word for group in others for word in group))
        return Words(tuple(dict.fromkeys(groups)), tuple(unread))

    def _groups(
        self, rest: str, groups: list[tuple[str, ...]], *, marked: bool, narrowed: bool
    ) -> tuple[list[tuple[str, ...]], list[str]]:
        unread: list[str] = []
        rest = _without_asking(rest)
        end = None
        for match in _CHUNK.finditer(rest):
            alternative = end is not None and _ALTERNATIVE.fullmatch(rest[end : match.start()]) is not None
            found, lost = self._of_chunk(match.group(), marked=marked)
            unread += lost
            found = [group for group in found if not (narrowed and not marked and self._is_general(group))]
            if found:
                end = match.end()
                if alternative and groups:
                    groups[-1] = (*groups[-1], *found[0])
                    found = found[1:]
                groups += found
        return groups, unread

    def _is_general(self, group: Iterable[str]) -> bool:
        return all(self._held_by(word) > GENERAL for word in group)

    def _of_chunk(self, chunk: str, *, marked: bool) -> tuple[list[tuple[str, ...]], list[str]]:
        chunk = chunk.strip(_JOINING)
        word = chunk if self._held_by(chunk) else chunk.strip(self._function)
        if not marked and len(word) > LEAST + 1:
            word = _GENERIC.sub("", word)
        if len(word) < LEAST or not set(word) - set(self._function):
            return [], []
        if self._held_by(word):
            return [(word,)], []
        parts = [part for part in _SPLIT.split(word) if len(part) >= LEAST]
        if len(parts) > 1 and all(map(self._held_by, parts)):
            return [tuple(parts)], []
        runs, lost = self._runs(word)
        return [(run,) for run in runs], lost

    def _runs(self, word: str) -> tuple[list[str], list[str]]:
        """The longest runs of `word` that stand in records, and what is left.

        The longest comes first; then what stands before it is read in the same way, then what
        stands behind it. What begins at a place is looked up once, however long `word` is.
        """
        starts, ends = self._reach(word)
        found: list[str] = []
        lost: list[str] = []
        sides = [(0, len(word))]  # the next one last
        while sides:
            start, end = sides.pop()
            if found or lost:  # a side is one word, if it can be
                start, end = self._stripped(word, start, end)
                if end - start <= LEAST:
                    continue
                if starts[start] >= end:
                    found.append(word[start:end])
                    continue
            lengths = ends[np.minimum(starts[start:end], end)] - np.arange(start, end)
            first = start + int(lengths.argmax())
            length = int(lengths[first - start])
            if length <= LEAST:
                lost.append(word[start:end])
                continue
            found.append(word[first : first + length])
            sides += [(first + length, end), (start, first)]
        return found, lost

    def _reach(self, word: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Two arrays over the places of `word`, shape (len(word) + 1,).

        How far what begins at a place stands in a record (nowhere, where a word of no meaning
        begins it), and where words that end by a place end, left without such at their end.
        """
        size = len(word)
        starts, ends = np.zeros(size + 1, dtype=np.int64), np.zeros(size + 1, dtype=np.int64)
        end = 0
        for start in range(size):
            end = max(end, start)
            while end < size and self._stands(word[start : end + 1]):
                end += 1
            if word[start] not in self._function:
                starts[start] = end
        for at in range(size):
            ends[at + 1] = ends[at] if word[at] in self._function else at + 1
        return starts, ends

    def _stripped(self, word: str, start: int, end: int) -> tuple[int, int]:
        while start < end and word[start] in self._function:
            start += 1
        while end > start and word[end - 1] in self._function:
            end -= 1
        return start, end


def _without_asking(text: str) -> str:
    known = cues()
    roles = (words for _, words in known.roles)
    for pattern in (known.count, known.list, known.list_stop, *roles, known.duty, known.stop):
        text = pattern.sub(" ", text)
    return text
