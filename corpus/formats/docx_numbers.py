"""Automatic numbers of Word lists, written out as Word prints them.

Levels, restarts and overrides follow ECMA-376 part 1, 17.9, with what Word does where it differs
(MS-OI29500 2.1.289: a level restarts after any higher level; lvlRestart in an override is ignored).
Lists that share an abstract definition go on counting from each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from corpus.formats.docx_parts import Element, Styles, child, children, flag, value
from corpus.numerals import DIGITS

_LEVELS = 9
_PLACE = re.compile(r"%([1-9])")
_CLOSED = tuple("、，．。：；）】〕》])  ")  # a number that ends so needs no gap before the text
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_LEGAL = str.maketrans("零一二三四五六七八九十百千万", "零壹贰叁肆伍陆柒捌玖拾佰仟万")
_LEGAL_OLD = str.maketrans("零一二三四五六七八九十百千万", "零壹貳參肆伍陸柒捌玖拾佰仟萬")
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"))
_ROMAN_LOW = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def chinese(number: int) -> str:
    """The number in Chinese, as chapters are numbered.

    >>> chinese(10), chinese(21), chinese(105), chinese(110)
    ('十', '二十一', '一百零五', '一百一十')
    """
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        return chinese(high) + "万" + ("" if not low else ("零" if low < 1000 else "") + chinese(low))
    text = ""
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += DIGITS[digit] + name
        elif text and number and not text.endswith("零"):
            text += "零"
    return (text.removeprefix("一") if text.startswith("一十") else text) or "零"


def circled(number: int) -> str:
    """① to ㊿; beyond, the bare figure."""
    for first, last, code in ((0, 0, 0x24EA), (1, 20, 0x2460), (21, 35, 0x3251), (36, 50, 0x32B1)):
        if first <= number <= last:
            return chr(code + number - first)
    return str(number)


def _range(first: int, count: int) -> Callable[[int], str]:
    """`count` characters of Unicode from `first` on; the bare figure beyond."""
    return lambda number: chr(first + number - 1) if 1 <= number <= count else str(number)


def _cycle(characters: str) -> Callable[[int], str]:
    """Word goes from Z to AA, BB: the same character once more for every round."""
    size = len(characters)
    return lambda number: characters[(number - 1) % size] * ((number - 1) // size + 1) if number > 0 else ""


def _one_of(characters: str) -> Callable[[int], str]:
    return lambda number: characters[number - 1] if 1 <= number <= len(characters) else str(number)


def _roman(number: int) -> str:
    text = ""
    for worth, letters in (*_ROMAN, *_ROMAN_LOW):
        count, number = divmod(number, worth)
        text += letters * count
    return text


def _digits(characters: str) -> Callable[[int], str]:
    return lambda number: "".join(characters[int(digit)] for digit in str(number))


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalHalfWidth": str,
    "decimalZero": lambda number: f"{number:02}",
    "decimalFullWidth": _digits("０１２３４５６７８９"),
    "decimalFullWidth2": _digits("０１２３４５６７８９"),
    "decimalEnclosedCircle": circled,
    "decimalEnclosedCircleChinese": circled,
    "decimalEnclosedFullstop": _range(0x2488, 20),
    "decimalEnclosedParen": _range(0x2474, 20),
    "numberInDash": lambda number: f"- {number} -",
    "ordinal": _ordinal,
    "upperLetter": _cycle("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "lowerLetter": _cycle("abcdefghijklmnopqrstuvwxyz"),
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "ideographDigital": _digits("〇" + DIGITS[1:]),
    "taiwaneseDigital": _digits("〇" + DIGITS[1:]),
    "japaneseDigitalTenThousand": _digits("〇" + DIGITS[1:]),
    "chineseLegalSimplified": lambda number: chinese(number).translate(_LEGAL),
    "ideographLegalTraditional": lambda number: chinese(number).translate(_LEGAL_OLD),
    "japaneseLegal": lambda number: chinese(number).translate(_LEGAL_OLD),
    "ideographEnclosedCircle": _one_of("㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉"),
    "ideographTraditional": _one_of(_STEMS),
    "ideographZodiac": _one_of(_BRANCHES),
    "ideographZodiacTraditional": lambda number: _STEMS[(number - 1) % 10] + _BRANCHES[(number - 1) % 12],
    "chicago": _cycle("*†‡§"),
    "none": lambda _: "",
}
"""How each w:numFmt writes a number (ECMA-376 part 1, 17.18.59)."""


def formatted(number: int, kind: str) -> str:
    """The number as `kind` writes it; an unknown kind and what it cannot write come out in digits."""
    return FORMATS.get(kind, str)(number) if number > 0 else ("" if kind == "none" else str(number))


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    kind: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    restart: int | None = None
    legal: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class _List:
    """A w:num: where it counts (`abstract`), its levels, and where it starts anew."""

    abstract: str
    levels: tuple[_Level, ...]
    starts: dict[int, int]


@dataclass
class _Count:
    values: list[int | None] = field(default_factory=lambda: [None] * _LEVELS)


class Numbering:
    """The lists of one document; `label` has to be asked once a paragraph, in document order."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        self._abstract = {value(a, "abstractNumId"): a for a in children(root, "abstractNum")}
        self._nums = {value(n, "numId"): n for n in children(root, "num")}
        self._lists: dict[str, _List | None] = {}
        self._counts: dict[str, _Count] = {}
        self._begun: set[str] = set()
        self.bullets = 0
        self.unknown: set[str] = set()

    def label(self, paragraph: Element) -> str:
        """What Word prints before the paragraph, with the gap that follows it; empty for none."""
        found = self._numbered(paragraph)
        if found is None:
            return ""
        number, depth = found
        listed = self._list(number)
        if listed is None:
            return ""
        level = listed.levels[depth]
        self._advance(number, listed, depth)
        if level.kind == "bullet":
            self.bullets += 1
            return ""
        text = _PLACE.sub(lambda match: self._written(listed, depth, int(match[1]) - 1), level.text)
        return text + self._gap(text, level)

    @staticmethod
    def _gap(text: str, level: _Level) -> str:
        return "" if not text or level.suffix == "nothing" or text.endswith(_CLOSED) else " "

    def _written(self, listed: _List, depth: int, wanted: int) -> str:
        level = listed.levels[wanted]
        count = self._counts[listed.abstract].values[wanted]
        number = listed.starts.get(wanted, level.start) if count is None else count
        if level.kind not in FORMATS and level.kind != "bullet":
            self.unknown.add(level.kind)
        if listed.levels[depth].legal and level.kind != "none":
            return str(number)
        return formatted(number, level.kind)

    def _advance(self, number: str, listed: _List, depth: int) -> None:
        values = self._counts.setdefault(listed.abstract, _Count()).values
        if number not in self._begun:
            self._begun.add(number)
            for level in listed.starts:
                values[level] = None
        count = values[depth]
        values[depth] = listed.starts.get(depth, listed.levels[depth].start) if count is None else count + 1
        for below in range(depth + 1, _LEVELS):
            restart = listed.levels[below].restart
            if restart is None or depth < restart:
                values[below] = None

    def _numbered(self, paragraph: Element) -> tuple[str, int] | None:
        """The list and level: set on the paragraph, or by its style."""
        properties = child(paragraph, "pPr")
        style = value(child(properties, "pStyle"))
        direct = child(properties, "numPr")
        styled, owner = self._styles.numbering(style)
        number = value(child(direct, "numId")) or value(child(styled, "numId"))
        if not number or number == "0":
            return None
        depth = value(child(direct, "ilvl")) or value(child(styled, "ilvl"))
        if not depth and not value(child(direct, "numId")):
            listed = self._list(number)
            linked = [i for i, level in enumerate(listed.levels) if level.style == owner] if listed else []
            depth = str(linked[0]) if linked else "0"
        depth = depth or "0"
        return (number, min(int(depth), _LEVELS - 1)) if depth.isdecimal() else None

    def _list(self, number: str) -> _List | None:
        if number not in self._lists:
            self._lists[number] = self._read_list(number)
        return self._lists[number]

    def _read_list(self, number: str) -> _List | None:
        num = self._nums.get(number)
        abstract = self._abstract_of(num, hops=4)
        if num is None or abstract is None:
            return None
        levels = [_Level()] * _LEVELS
        for element in children(abstract, "lvl"):
            _put(levels, value(element, "ilvl"), _level(element))
        starts: dict[int, int] = {}
        for override in children(num, "lvlOverride"):
            at = value(override, "ilvl")
            level = child(override, "lvl")
            if level is not None and at.isdecimal() and int(at) < _LEVELS:
                _put(levels, at, replace(_level(level), restart=levels[int(at)].restart))
            start = _whole(value(child(override, "startOverride")))
            if start is not None and at.isdecimal():
                starts[int(at)] = start
        return _List(value(abstract, "abstractNumId"), tuple(levels), starts)

    def _abstract_of(self, num: Element | None, hops: int) -> Element | None:
        """The definition; one that only links to a list style is looked up there."""
        abstract = self._abstract.get(value(child(num, "abstractNumId")))
        link = value(child(abstract, "numStyleLink"))
        if link and hops:
            styled, _ = self._styles.numbering(link)
            linked = self._nums.get(value(child(styled, "numId")))
            return self._abstract_of(linked, hops - 1) if linked is not None else abstract
        return abstract


def _put(levels: list[_Level], at: str, level: _Level) -> None:
    if at.isdecimal() and int(at) < _LEVELS:
        levels[int(at)] = level


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else None


def _level(element: Element) -> _Level:
    """One w:lvl; it starts with 0 where it does not say."""
    start = _whole(value(child(element, "start")))
    return _Level(
        start=0 if start is None else start,
        kind=_number_format(element),
        text=value(child(element, "lvlText")),
        suffix=value(child(element, "suff")) or "tab",
        restart=_whole(value(child(element, "lvlRestart"))),
        legal=flag(element, "isLgl"),
        style=value(child(element, "pStyle")),
    )


def _number_format(element: Element) -> str:
    """w:numFmt, also where newer formats stand in an AlternateContent; 001, 002 is padded digits."""
    found = child(element, "numFmt")
    if found is None:
        nested = [e for e in element.iter() if str(e.tag).endswith("}numFmt")]
        found = nested[-1] if nested else None  # the fallback, whose name every version knows
    return value(found) or "decimal"
