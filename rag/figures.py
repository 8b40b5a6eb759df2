"""Figures, dates, names and documents in a text, in comparable form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from corpus.deadlines import date_words
from corpus.normal import normal
from corpus.numerals import CHARACTERS, decimal
from corpus.terms import listed

# Units of amounts: what follows a number of a road, a hotline or a date is none of them.
_AMOUNTS = frozenset("%个处家座项天微辆块亩人次轮台米平公吨千毫升万亿倍户株棵元倍成")
DATED = frozenset("年月日号")  # units of dates
_SCALE = {"": 1, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "万亿": 10**12}
_LINES = listed(Path(__file__).parent / "lexicon" / "units.txt")
_UNITS = [unit for line in _LINES for unit in line.split()]
UNIT = "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
_BOUND_AFTER = "及以上|及以下|以上|以下|以内|以外|左右|余"
_BOUND_BEFORE = (
    "不低于|不少于|不高于|不超过|不大于|不小于|低于|高于|少于|多于|大于|小于|超过|超|至少|至多"
    "|最多|最少|最低|最高|约|近"
)
# Units as they are called in speech.
_CALLED = {
    "平米": "平方米",
    "立方": "立方米",
    "度电": "千瓦时",
    "千米": "公里",
    "平方千米": "平方公里",
    "公斤": "千克",
}
_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_AMOUNT = rf"(?:(?<![a-z\d.])(?:{_ARABIC})(?:万亿|[百千](?![瓦米克])|[万亿])?)"
_NO_NUMERAL = r"(?<![第十一二三四五六七八九])(?![百千万亿]|十[一二三四五]五)"  # 第三, 十四五
_CHINESE = rf"(?:{_NO_NUMERAL}[{CHARACTERS}]+(?:点[零〇一二三四五六七八九]+)?)"
_FIGURE = re.compile(
    rf"(?P<before>{_BOUND_BEFORE})?"
    rf"(?:(?P<percent>百分之)(?P<share>{_ARABIC}|{_CHINESE})"
    rf"|(?P<low>{_AMOUNT})(?:{UNIT})?[-~至到](?P<high>{_AMOUNT})(?P<range_unit>{UNIT})?"
    rf"|(?P<amount>{_AMOUNT})(?P<unit>{UNIT}|(?!{_BOUND_AFTER})[\u4e00-\u9fff])?"
    rf"|(?P<numeral>{_CHINESE})(?P<numeral_unit>{UNIT}))"
)
_AFTER = re.compile(rf"[\u4e00-\u9fff/]{{0,6}}?(?P<after>{_BOUND_AFTER})")
_LABEL = re.compile(r"〔[^〔〕·]*·[^〔〕]*〕")  # not 京政发〔2025〕7号
_DOCUMENT = re.compile(r"《([^《》]+)》")
_LATIN = re.compile(r"(?<![\d.])\d{1,2}[a-z](?![a-z0-9/])|[a-z][a-z0-9]*(?:[.\-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit and bound.

    `value` is scaled out (1.8万 is 18000, 百分之五 and 5% are 5 with unit %); `top` is the
    upper end of a range; `spelled` says that it was written in Chinese numerals. `before` and
    `after` keep 不低于, 以上, 以内 and the like.
    """

    value: Decimal
    unit: str
    before: str = ""
    after: str = ""
    top: Decimal | None = None
    spelled: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        top = "" if self.top is None else f"-{self.top.normalize():f}"
        return f"{self.before}{self.value.normalize():f}{top}{self.unit}{self.after}"


def labels_in(text: str) -> list[str]:
    """The citation labels that `text` carries, in order."""
    return _LABEL.findall(text)


def without_labels(text: str) -> str:
    """`text` without its labels."""
    return _LABEL.sub("", text)


def figures(text: str) -> list[Figure]:
    """The figures of `text`, labels left out. Equal figures compare equal however printed.

    A digit inside a name (PM2.5, BOD5) is part of the name: see `names`.
    """
    return list(_known(text))


@lru_cache(maxsize=8192)  # the sentences of the records are read again and again
def _known(text: str) -> tuple[Figure, ...]:
    return tuple(figure for figure, _, _ in _figures(normal(without_labels(text))))


def placed(form: str) -> list[tuple[Figure, int, int]]:
    """The figures of a normalised text, each with the offsets of its ends there."""
    return list(_figures(form))


def stated_amounts(text: str) -> tuple[Figure, ...]:
    """The amounts that a question states itself: neither a date nor a small one in words (两个地方)."""
    stated = [figure for figure in figures(text) if figure.unit[:1] in _AMOUNTS]
    return tuple(figure for figure in stated if not (figure.spelled and figure.value < 10))


_ASKED = re.compile(rf"(?:多少|几)(?:[百千万亿]*)({UNIT})")


def asked_units(text: str) -> list[str]:
    """The units in which a question asks for amounts: 多少万千瓦 asks for 千瓦."""
    return [_CALLED.get(unit, unit) for unit in _ASKED.findall(text)]


def states_amount(text: str) -> bool:
    """Whether `text` holds a figure in digits that is no date (一微克行动 is a name)."""
    return any(not figure.spelled and figure.unit not in DATED for figure in figures(text))


def _figures(form: str) -> Iterator[tuple[Figure, int, int]]:
    for match in _FIGURE.finditer(form):
        after = _AFTER.match(form, match.end())
        bounds = (match["before"] or "", after["after"] if after else "")
        adjoins = after is not None and after.start("after") == match.end()
        yield _figure(match, bounds), match.start(), after.end() if after and adjoins else match.end()


def _figure(match: re.Match[str], bounds: tuple[str, str]) -> Figure:
    if match["percent"]:
        return Figure(_value(match["share"]), "%", *bounds)
    if match["low"]:
        return Figure(_value(match["low"]), match["range_unit"] or "", *bounds, top=_value(match["high"]))
    if match["amount"]:
        return _tenths(Figure(_value(match["amount"]), match["unit"] or "", *bounds))
    return _tenths(Figure(decimal(match["numeral"]), match["numeral_unit"], *bounds, spelled=True))


def _tenths(figure: Figure) -> Figure:
    """六成 is 60%, 3000万平米 are 平方米."""
    if figure.unit != "成":
        return replace(figure, unit=_CALLED[figure.unit]) if figure.unit in _CALLED else figure
    return replace(figure, value=figure.value * 10, unit="%", spelled=False)


def _value(printed: str) -> Decimal:
    match = re.fullmatch(rf"({_ARABIC})(万亿|[百千万亿]?)", printed)
    if match is None:
        return decimal(printed)
    return Decimal(match[1].replace(",", "")) * _SCALE[match[2]]


def dates(text: str) -> list[str]:
    """Dates and permanence that `text` states, in its own words, normalised."""
    return [normal(words) for words in date_words(without_labels(text))]


def names(text: str) -> list[str]:
    """Latin words and names with digits (PM2.5, VOCs, GEP-R), normalised."""
    return _LATIN.findall(normal(without_labels(text)))


def documents(text: str) -> list[str]:
    """Titles in 《》 brackets, normalised."""
    return [normal(title) for title in _DOCUMENT.findall(text)]
