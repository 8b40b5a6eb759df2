"""What a 序号 cell prints: a number, one of two levels (1.2, 1-2), another mark (A1), or a sum (合计)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.normal import normal
from corpus.numerals import numeral

_NUMBER = re.compile(r"[（(第]?([0-9]+|[零〇一二三四五六七八九十百]+)[)）、.．]?[项条]?")
_TWO = re.compile(r"[（(第]?([0-9]+)[.\-．、]([0-9]+)[)）.．]?[项条]?")
_CHINESE = re.compile(r"(?P<open>[（(]?)([一二三四五六七八九十]+)[)）、.．]?")
_MARK = re.compile(r"[^。；：:，,]{1,8}")
SUM = re.compile(r"[总合小共]计.{0,6}")


@dataclass(frozen=True, slots=True)
class RowNumber:
    """`number` is None where only a `mark` is printed; `mark` is what a plain number does not say.

    `item` is the second figure of a number of two levels.
    """

    number: int | None
    mark: str = ""
    item: int = 0


def row_number(text: str) -> RowNumber | None:
    """What the 序号 cell says; None where it is no number at all.

    >>> row_number("（三）"), row_number("1-2")
    (RowNumber(number=3, mark='', item=0), RowNumber(number=1, mark='1-2', item=2))
    """
    plain = normal(text)
    if match := _NUMBER.fullmatch(plain):
        return RowNumber(numeral(match[1]))
    if match := _TWO.fullmatch(plain):
        return RowNumber(int(match[1]), text, int(match[2]))
    return RowNumber(None, text) if _MARK.fullmatch(plain) else None


def heading_of(mark: str, title: str) -> tuple[int, str] | None:
    """Depth and words of a section whose Chinese numeral stands in a 序号 cell of its own; else None.

    >>> heading_of("（二）", "水"), heading_of("一", "气"), heading_of("3", "声")
    ((1, '（二）水'), (0, '一、气'), None)
    """
    match = _CHINESE.fullmatch(normal(mark))
    if match is None:
        return None
    return (1, f"（{match[2]}）{title}") if match["open"] else (0, f"{match[2]}、{title}")
