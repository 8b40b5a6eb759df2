"""Numbers that name a person, masked: telephone, identity card, e-mail, bank card, accounts.

Rules: mobile numbers are 1[3-9] and nine digits, land lines an area code of the national plan and
seven or eight; identity cards are GB 11643 (18 characters) and its forerunner of 15; bank cards
have 16 to 19 digits, the last one Luhn's check digit (ISO/IEC 7812). What is written otherwise is
masked where it says what it is (电话, 微信, 护照), or where its eleven digits stand as people speak them.
Licence plates stay: a complaint about a vehicle cannot do without its plate.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date

PHONE, CARD, MAIL, BANK = "〔电话〕", "〔身份证号〕", "〔邮箱〕", "〔银行卡号〕"
ACCOUNT, PASSPORT = "〔账号〕", "〔护照号〕"

_Span = tuple[int, int, str]  # where something begins and ends, and the word that takes its place

# What is read as what: full-width forms, all dashes, all blanks and what cannot be seen.
_PLAIN = (
    {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, "‐‑‒–—―−－_"), "-")
    | dict.fromkeys([*range(0x2000, 0x2010), *range(0x202A, 0x2030), 0x2060, 0xA0, 0x3000, 0xFEFF], " ")
)
# Digits as they are spoken and written out.
_NUMERALS = str.maketrans("〇零一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖", "0012345678912123456789")
_ANY = re.compile(r"[\d@＠]|[〇零一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖]{11}|微信|QQ|qq")
_START = re.compile(r"(?<![0-9])[+(]?[0-9]")
_MAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+ ?@ ?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
)
_GAP = r"[ \t-]{0,2}"
_COUNTRY = rf"(?:\+?86|0086){_GAP}"
_PROVINCES = {
    *range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66),
    71, 81, 82, 83,
}  # fmt: skip
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def masked(text: str) -> str:
    """`text` with a word in place of each such number; what is masked already stays as it is."""
    while _ANY.search(text):
        plain = _OTHER_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text.translate(_PLAIN))
        spans = list(_mails(plain)) or list(_numbers(plain)) or _said(plain)
        if not spans:
            break
        for begin, end, word in reversed(spans):
            text = text[:begin] + word + text[end:]
    return text


_OTHER_DIGIT = re.compile(r"(?![0-9])\d")  # of other scripts, and of mathematics


def _said(plain: str) -> list[_Span]:
    """What is spoken, parted otherwise, or called a number: by the first pattern that finds any."""
    for pattern, word in _BY_NAME:
        there = plain.translate(_NUMERALS) if pattern is _SPOKEN else plain
        found = (match.span(1) for match in pattern.finditer(there))
        if spans := [
            (*span, word) for span in found if pattern is not _SPOKEN or not plain[slice(*span)].isascii()
        ]:
            return spans
    return []


def _mails(plain: str) -> Iterator[_Span]:
    if "@" in plain:
        for match in _MAIL.finditer(plain):
            yield *match.span(), MAIL


def _numbers(plain: str) -> Iterator[_Span]:
    at = 0
    while start := _START.search(plain, at):
        at = start.start() + 1
        for pattern, right, word in _KINDS:
            match = pattern.match(plain, start.start())
            if match and right(re.sub(r"[ \t-]", "", match[0])):
                at = match.end()
                yield *match.span(), word
                break


def _digits(count: int) -> str:
    """`count` more digits, gaps between them, and no further one."""
    return rf"(?:{_GAP}[0-9]){{{count}}}(?![0-9])"


def _is_card(number: str) -> bool:
    """Whether an identity card may bear it: its region, and its date or its check character."""
    if int(number[:2]) not in _PROVINCES:
        return False
    if len(number) == 15:
        return _is_date("19" + number[6:12])
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return _is_date(number[6:14]) or number[17].upper() == "10X98765432"[total % 11]


def _is_date(eight: str) -> bool:
    try:
        return 1850 < date(int(eight[:4]), int(eight[4:6]), int(eight[6:])).year < 2100
    except ValueError:
        return False


def _is_bank(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = (digit * 2 - 9 * (digit > 4) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_phone(number: str) -> bool:
    return True


# What is looked for where a number begins, in this order: pattern, check of its digits, word.
_KINDS: list[tuple[re.Pattern[str], Callable[[str], bool], str]] = [
    (re.compile(rf"[1-9][0-9]{{3}}(?:{_GAP}[0-9]){{13}}{_GAP}[0-9Xx](?![0-9])"), _is_card, CARD),
    *((re.compile(rf"[1-9][0-9]{{3}}{_digits(more)}"), _is_bank, BANK) for more in (15, 14, 13, 12)),
    (re.compile(rf"[1-9][0-9]{{5}}{_GAP}[0-9]{{6}}{_GAP}[0-9]{{3}}(?![0-9])"), _is_card, CARD),
    # Not a round sum of money, nor a figure before a date; its first digits stand together, or none do.
    (
        re.compile(
            rf"(?:{_COUNTRY})?(?!1[0-9]{{4}}000000\s?(?:元|吨|度|千瓦|立方米|平方米))"
            rf"(?:1[3-9][0-9](?![ \t-](?:19|20)[0-9]{{2}}-[01]?[0-9]-){_digits(8)}"
            r"|1[ \t-]{1,2}[3-9](?:[ \t-]{1,2}[0-9]){9}(?![0-9]))"
        ),
        _is_phone,
        PHONE,
    ),
    # A land line; what follows a decimal point is none.
    (
        re.compile(
            rf"(?<![0-9]\.)(?:{_COUNTRY}\(?0?|\(?0)(?:10|2[0-9]|[3-9][0-9]{{2}})\)?{_GAP}"
            rf"[2-9](?:{_digits(7)}|{_digits(6)})"
        ),
        _is_phone,
        PHONE,
    ),
]

_SPOKEN = re.compile(r"(?<![0-9])(1[3-9][0-9]{9})(?![0-9])")
_PARTS = r"[ \t.·•~/,，、-]{1,5}"
_IS = r"(?:号码|号|是|为|[:： \t])*"
# What is looked for after these: pattern with the number as its group, word.
_BY_NAME: list[tuple[re.Pattern[str], str]] = [
    (_SPOKEN, PHONE),
    (re.compile(rf"(?<![0-9])(1[3-9][0-9]{_PARTS}[0-9]{{4}}{_PARTS}[0-9]{{4}})(?![0-9])"), PHONE),
    (re.compile(rf"(?:电话|座机|手机|号码|联系方式){_IS}([0-9](?:[ -]?[0-9]){{6,11}})(?![0-9])"), PHONE),
    (re.compile(rf"(?:微信|QQ|qq){_IS}([A-Za-z0-9_-]{{5,20}})"), ACCOUNT),
    (re.compile(rf"护照{_IS}([A-Z][A-Z0-9][0-9]{{7}})"), PASSPORT),
]
