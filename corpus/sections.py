"""Numbered headings and items (第一章, 一、, （一）, 1., ①) and the ids of the sections that they open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from corpus.errors import SourceError
from corpus.numerals import numeral

_CHINESE = "[一二三四五六七八九十百]{1,5}"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_BRACKETED = "㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩"
# From the outermost to the innermost (GB/T 9704: 一、（一）1.（1）); each with how a reader says its number.
_STYLES = (
    (re.compile(rf"第({_CHINESE})(?:编|部分)"), "第{}编"),
    (re.compile(rf"第({_CHINESE})章"), "第{}章"),
    (re.compile(rf"第({_CHINESE})节"), "第{}节"),
    (re.compile(rf"第({_CHINESE})条(?=[\s　]|$)"), "第{}条"),
    (re.compile(rf"({_CHINESE})\s?、"), "{}"),
    (re.compile(rf"[（(]\s?({_CHINESE})\s?[）)]|([{_BRACKETED}])"), "({})"),
    (re.compile(r"(\d{1,3})[.．](?!\d)"), "{}"),
    (re.compile(r"(\d{1,3})、"), "{}"),
    (re.compile(r"[（(](\d{1,3})[）)]"), "({})"),
    (re.compile(r"(\d{1,3})[）)]"), "{})"),
    (re.compile(rf"([{_CIRCLED}])"), "{}"),
)
UNNUMBERED = -1  # the rank of a heading without a number
ARTICLE = 3  # 第三条, whose text follows without a title
SECTION = 5  # the innermost rank that is a section whatever its first sentence looks like
INNERMOST_SECTION = 7  # 1、: what is numbered further in is a list within a text


@dataclass(frozen=True, slots=True)
class Numbering:
    """The number in front of a heading or an item.

    `rank` says how far in it stands (0 is 编), `value` is the number, `printed` the characters that
    print it, `spoken` how a reader says it within a section's number (三(一)1).
    """

    rank: int
    value: int
    printed: str
    spoken: str


@lru_cache(maxsize=4096)
def numbering(text: str) -> Numbering | None:
    """The number that `text` begins with, or None."""
    for rank, (pattern, spoken) in enumerate(_STYLES):
        if match := pattern.match(text):
            digits = next(group for group in match.groups() if group)
            return Numbering(rank, _value(digits), match.group(), spoken.format(digits))
    return None


def _value(digits: str) -> int:
    for row in (_CIRCLED, _BRACKETED):
        if digits in row:
            return row.index(digits) + 1
    return numeral(digits)


class SectionIds:
    """Section ids (3.1.1) and spoken numbers (三(一)1) from heading paths."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._front: dict[str, int] = {}

    def of(self, path: tuple[str, ...]) -> tuple[str, str]:
        """(id, number) of the section under `path`.

        A first heading without a number (what stands before chapter 一, a plan that numbers nothing) is
        0.n, n counting such headings, and is said by its name.

        Raises:
            SourceError: a heading further in has no number.
        """
        ids, spoken = [], []
        for depth, heading in enumerate(path):
            found = numbering(heading)
            if found is not None:
                ids.append(str(found.value))
                spoken.append(found.spoken)
            elif depth == 0:
                name = heading.strip("〔〕")
                ids.append(f"0.{self._front.setdefault(name, len(self._front) + 1)}")
                spoken.append(name)
            else:
                raise SourceError(self.file, None, f"标题“{heading}”没有可识别的序号")
        return ".".join(ids), "".join(spoken)
