"""What a browser prints in front of the items of an ordered list."""

from __future__ import annotations

import re

from corpus.formats.html_page import Element, style
from corpus.numerals import DIGITS

_STYLES = {"1": "decimal", "a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman"}
_CHINESE = ("cjk", "chinese")
_LIST_STYLE = re.compile(r"(?:^|;)list-style(?:-type)?:([^;]*)")
_KINDS = re.compile(r"none|[a-z]+-(?:alpha|latin|roman)|decimal|[a-z-]*(?:cjk|chinese)[a-z-]*")
_NUMBERED = re.compile(r"[（(]?[\d一二三四五六七八九十]+[.．、）)]")
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def number_of(item: Element, text: str) -> str:
    """The number that stands in front of a list item whose own text is `text`; often none."""
    above = item.getparent()
    if above is None or above.tag != "ol" or _NUMBERED.match(text.strip()):
        return ""
    kind = _kind(item) or _kind(above) or _STYLES.get(above.get("type") or "1", "decimal")
    return _written(_place(item, above), kind)


def _kind(element: Element) -> str:
    """The list style that an element sets itself (without images and positions)."""
    found = _LIST_STYLE.search(style(element))
    words = _KINDS.search(found[1]) if found else None
    return words[0] if words else ""


def _place(item: Element, above: Element) -> int:
    """The item's number; a list is counted once, its numbers are written into the tree."""
    if _whole(item.get("value")) is None:
        items = [child for child in above if child.tag == "li"]
        down = above.get("reversed") is not None
        number = _whole(above.get("start"))
        number = (len(items) if down else 1) if number is None else number
        for one in items:
            given = _whole(one.get("value"))
            number = number if given is None else given
            one.set("value", str(number))
            number += -1 if down else 1
    return int(item.get("value"))


def _whole(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"-?\d{1,6}", text.strip()) else None


def _written(number: int, kind: str) -> str:
    if kind == "none":
        return ""
    if any(word in kind for word in _CHINESE) and 0 < number < 100:
        tens, ones = divmod(number, 10)
        ten = ("" if tens == 1 else DIGITS[tens]) + "十" if tens else ""
        return f"{ten}{DIGITS[ones] if ones else ''}、"
    if kind.endswith(("alpha", "latin")) and 0 < number <= 26:
        letter = chr(ord("a") + number - 1)
        return f"{letter.upper() if kind.startswith('upper') else letter}."
    if kind.endswith("roman") and 0 < number < 40:
        written, rest = "", number
        for value, sign in _ROMAN:
            written, rest = written + sign * (rest // value), rest % value
        return f"{written.upper() if kind.startswith('upper') else written}."
    return f"{number}."
