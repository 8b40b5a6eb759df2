"""A workbook's values as its reader sees them: numbers, percentages and dates in their formats."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal

from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.datetime import from_excel
from openpyxl.utils.escape import unescape

Value = str | bool | int | float | dt.datetime | dt.date | dt.time | dt.timedelta

# Formats that a Chinese Excel or WPS has built in: the file names them by number alone (ECMA-376 18.8.30).
BUILT_IN = dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"') | dict.fromkeys(
    (28, 29, 51, 53, 54, 58), 'm"月"d"日"'
)
BUILT_IN |= {30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"'} | dict.fromkeys((32, 33, 34, 35, 55, 56), 'h"时"mm"分"')

_QUOTED = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]')
_DIGITS = re.compile(r"[0#?][0#?,]*(?:\.[0#?]+)?,*|\.[0#?]+")
_PLAIN = re.compile(r"general|@|[0#?,.]*E[+-]|/|\[(?:[<>=]|DBNum|(?:h+|m+|s+)\])", re.IGNORECASE)


def shown(value: Value, form: str, built_in: int = 0) -> str:
    """What a cell shows that holds `value` in the number format `form` (or the built-in one).

    >>> shown(0.8, "0%"), shown(1.0, "General"), shown(12000, '#,##0"吨"'), shown(46203, "General", 57)
    ('80%', '1', '12,000吨', '2026年6月')
    """
    if isinstance(value, str):
        return str(unescape(value))
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    form = BUILT_IN.get(built_in, form)
    if isinstance(value, int | float):
        if not is_date_format(form):
            return _number(value, form)
        return _date(from_excel(value), form)
    return _date(value, form)


def _number(value: int | float, form: str) -> str:
    number = Decimal(repr(value))
    sections = _sections(form)
    negative = number < 0 and len(sections) > 1 and bool(sections[1])
    section = sections[1] if negative else sections[0]
    if number == 0 and len(sections) > 2 and sections[2]:
        section = sections[2]
    bare = _QUOTED.sub(lambda match: match[0] if match[0].startswith("[") else "", section)
    digits = _DIGITS.search(bare)
    if _PLAIN.search(bare) or (digits is None and bare.strip()):
        return _general(value)
    if digits is None:
        return _literals(section) or _general(value)  # words alone: "—" for nought
    return _filled(section, abs(number) if negative else number)


def _filled(section: str, number: Decimal) -> str:
    """The section with the number put where its digits stand."""
    literals: list[str] = []

    def keep(match: re.Match[str]) -> str:
        literals.append(match[1] or match[2] or "")
        return "\x00"

    bare = _QUOTED.sub(keep, section)
    digits = _DIGITS.search(bare)
    if digits is None:
        return _general(float(number))
    pattern = digits[0].rstrip(",")
    scale = len(digits[0]) - len(pattern)
    whole, _, fraction = pattern.partition(".")
    number = number.scaleb(2 * bare.count("%") - 3 * scale)
    number = number.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    written = f"{number:,f}" if "," in whole else f"{number:f}"
    written = _cut(written, len(fraction) - len(fraction.rstrip("#?")))
    sign, body = ("-", written[1:]) if written.startswith("-") else ("", written)
    left, point, right = body.partition(".")
    body = left.rjust(whole.count("0"), "0") + point + right
    text = bare[: digits.start()] + body + bare[digits.end() :]
    return sign + re.sub("\x00", lambda _: literals.pop(0), text).strip()


def _cut(written: str, optional: int) -> str:
    """Without up to `optional` noughts at the end of the fraction."""
    while optional and written.endswith("0"):
        written, optional = written[:-1], optional - 1
    return written.removesuffix(".")


def _general(value: int | float) -> str:
    """As Excel shows a number without a format: fifteen digits at most."""
    return str(value) if isinstance(value, int) else f"{value:.15g}"


def _literals(section: str) -> str:
    return "".join(match[1] or match[2] or "" for match in _QUOTED.finditer(section)).strip()


def _sections(form: str) -> list[str]:
    """The parts for positive numbers, negative ones and nought."""
    return re.findall(r'((?:"[^"]*"|\\.|[^;"\\])*)(?:;|$)', form) or [form]


def _date(value: dt.datetime | dt.date | dt.time | dt.timedelta, form: str) -> str:
    """A date in Chinese, as far as its format names its parts: 2026年6月30日, 2026年6月, 6月30日."""
    if isinstance(value, dt.timedelta):
        return str(value)
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    letters = _QUOTED.sub("", form.lower().split(";")[0])
    year, day, clock = "y" in letters or "e" in letters, "d" in letters, "h" in letters
    month = "m" in letters and (year or day or not clock)
    if not (year or month or day):
        year = month = day = not clock
    text = f"{value.year}年" * year + f"{value.month}月" * month + f"{value.day}日" * day
    time = f"{value:%H:%M}" if clock and isinstance(value, dt.datetime) else ""
    return " ".join(filter(None, (text, time)))
