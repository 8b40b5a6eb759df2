"""Figures, dates and named documents in a text, in comparable form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from corpus.normal import normal

_SCALE = {"": 1, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "万亿": 10**12}
_BOUND_AFTER = "及以上|及以下|以上|以下|以内|以外|左右|余"
_BOUND_BEFORE = (
    "不低于|不少于|不高于|不超过|不大于|不小于|低于|高于|少于|多于|大于|小于|超过|超|至少|最多|最低|约"
)
_NUMBER = re.compile(
    rf"(?P<before>{_BOUND_BEFORE})?"
    r"(?P<percent>百分之)?"
    r"(?<![a-z\d.])(?P<number>\d+(?:\.\d+)?)"
    r"(?P<scale>万亿|[百千万亿]?)"
    r"(?P<unit>%|个百分点|[a-z]+(?:/[a-z\u4e00-\u9fff]+)?|"
    rf"(?!{_BOUND_AFTER})[\u4e00-\u9fff](?:/[\u4e00-\u9fff]{{1,3}})?)?"
)
_AFTER = re.compile(rf"^[\u4e00-\u9fff/]{{0,6}}?(?P<after>{_BOUND_AFTER})")
_MARK = re.compile(r"〔[^〔〕]*〕")
_DOCUMENT = re.compile(r"《([^《》]+)》")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with the first character of its unit and its bound.

    `value` is scaled out (1.8万 is 18000, 百分之五 is 5 with unit %); `bound` keeps
    以上, 以内, 不低于 and the like, before and after.
    """

    value: Decimal
    unit: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.before}{self.value.normalize():f}{self.unit}{self.after}"


def figures(text: str) -> list[Figure]:
    """The figures of `text`, labels left out. Equal figures compare equal however printed."""
    form = normal(_MARK.sub("", text))
    found = []
    for match in _NUMBER.finditer(form):
        percent = bool(match["percent"]) or match["unit"] == "%"
        unit = "%" if percent else (match["unit"] or "")
        after = _AFTER.match(form[match.end("unit" if match["unit"] else "scale") :])
        value = Decimal(match["number"]) * _SCALE[match["scale"]]
        found.append(Figure(value, unit, match["before"] or "", after["after"] if after else ""))
    return found


def documents(text: str) -> list[str]:
    """Titles in 《》 brackets, normalised."""
    return [normal(title) for title in _DOCUMENT.findall(text)]
