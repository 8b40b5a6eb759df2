"""Numbers in Chinese: 十四, 二〇三五, 一千五百, 两, 九十五点五."""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = "零一二三四五六七八九"
_VALUES = {char: value for value, char in enumerate(DIGITS)} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_SECTIONS = {"万": 10**4, "亿": 10**8}
CHARACTERS = "".join([*_VALUES, *_UNITS, *_SECTIONS])
NUMERAL = re.compile(rf"[{CHARACTERS}]+(?:点[{''.join(_VALUES)}]+)?")


def numeral(text: str) -> int:
    """The whole number that `text` writes, in Chinese or Arabic digits.

    >>> numeral("十四"), numeral("一千五百"), numeral("二〇三五"), numeral("37")
    (14, 1500, 2035, 37)

    Raises:
        ValueError: it is no numeral.
    """
    if text.isdecimal():
        return int(text)
    if not text or any(char not in CHARACTERS for char in text):
        raise ValueError(f"不是数目：{text}")
    if len(text) > 1 and all(char in _VALUES for char in text):
        return int("".join(str(_VALUES[char]) for char in text))
    total = section = digit = 0
    for char in text:
        if char in _VALUES:
            digit = _VALUES[char]
        elif char in _UNITS:
            section += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            total = (
                (total + section + digit) * _SECTIONS[char]
                if char == "亿"
                else total + (section + digit) * _SECTIONS[char]
            )
            section = digit = 0
    return total + section + digit


def decimal(text: str) -> Decimal:
    """`numeral` with a fraction: 九十五点五 is 95.5."""
    whole, point, fraction = text.partition("点")
    value = Decimal(numeral(whole))
    if not point:
        return value
    return value + Decimal("0." + "".join(str(_VALUES[char]) for char in fraction))
