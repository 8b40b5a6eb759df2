"""One normalised form of text for search, grounding and validators.

NFKC (full-width figures and signs become half-width), `PM _{2.5}` becomes PM2.5, all
dashes one dash, blanks dropped unless they part two Latin words, letters in lower case.
A map back to the text as printed lets a match there be quoted exactly.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

import numpy as np

_SUBSCRIPT = re.compile(r"\s*_\{\s*([^}]*?)\s*\}\s*")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_CJK = "\u3400-\u9fff"
BLANK_IN_NAME = re.compile(rf"(?<=[{_CJK}])\s+(?=[{_CJK}])")


@dataclass(frozen=True, slots=True)
class Normal:
    """Normalised `text`; `origin[i]` is the offset in the printed text of `text[i]`."""

    text: str
    origin: Sequence[int]

    def printed_span(self, start: int, end: int) -> tuple[int, int]:
        """The offsets in the printed text of `text[start:end]` (not empty)."""
        return self.origin[start], self.origin[end - 1] + 1


@lru_cache(maxsize=16384)
def with_origin(printed: str) -> Normal:
    """Normalise `printed` and keep the way back."""
    form = printed.translate(_FORMS)
    if len(form) == len(printed) and " " not in form and "_{" not in form and form.isprintable():
        return Normal(form, range(len(form)))  # as most texts: each character has one form
    chars: list[str] = []
    origin: list[int] = []
    skipped: set[int] = set()
    for match in _SUBSCRIPT.finditer(printed):
        kept = range(match.start(1), match.end(1))
        skipped.update(i for i in range(*match.span()) if i not in kept)
    pending_blank = False
    for position, char in enumerate(printed):
        if position in skipped:
            continue
        for part in _FORMS[ord(char)]:
            if part.isspace():
                pending_blank = True
                continue
            if not part.isprintable():
                continue
            if pending_blank and chars and _latin(chars[-1]) and _latin(part):
                chars.append(" ")
                origin.append(position)
            pending_blank = False
            chars.append(part)
            origin.append(position)
    return Normal("".join(chars), tuple(origin))


class _Forms(dict[int, str]):
    """What a character, by its code, is normalised to: one or more characters; filled as they occur."""

    def __missing__(self, code: int) -> str:
        form = unicodedata.normalize("NFKC", chr(code)).translate(_DASHES).lower()
        if len(self) < 32768:
            self[code] = form
        return form


_FORMS = _Forms()


def has_chinese(text: str) -> bool:
    """Whether `text` holds a Chinese character."""
    return _CHINESE.search(text) is not None


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that matches the longest of `words` at a place; nothing where there is none."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or "(?!)")


def printable(text: str) -> str:
    """`text` with what no encoding can write (half a surrogate pair) replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


def normal(printed: str) -> str:
    """The normalised form alone."""
    return with_origin(printed).text


_LONG = 1  # in place of a form: the character takes the long way; no form is U+0001
_TABLE = np.zeros(0x110000, dtype=np.uint32)  # the form of a character by its code; filled as they occur


def normals(printed: Sequence[str]) -> list[str]:
    """`normal` of each of many texts, read together.

    >>> normals(["市级，PM2.5", "25㎡"])
    ['市级,pm2.5', '25m2']
    """
    codes = np.frombuffer("".join(printed).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    forms = _TABLE[codes]
    if not forms.all():
        for code in np.unique(codes[forms == 0]).tolist():
            form = _FORMS[code]
            one = len(form) == 1 and form.isprintable() and form not in " _"
            _TABLE[code] = ord(form) if one else _LONG
        forms = _TABLE[codes]
    whole = forms.tobytes().decode("utf-32-le")
    ends = list(accumulate(map(len, printed)))
    found = [whole[start:end] for start, end in pairwise([0, *ends])]
    long = np.flatnonzero(forms == _LONG)
    for n in dict.fromkeys(np.searchsorted(ends, long, side="right").tolist()):
        parts = _SUBSCRIPT.sub(r"\1", printed[n]).translate(_FORMS).split()
        found[n] = joined("".join(filter(str.isprintable, part)) for part in parts)
    return found


def joined(parts: Iterable[str]) -> str:
    """The normalised form of `parts` behind one another, each normalised before.

    >>> joined(["油烟pm", "ok", "噪声"])
    '油烟pm ok噪声'
    """
    whole = ""
    for part in filter(None, parts):
        blank = bool(whole) and _latin(whole[-1]) and _latin(part[0])
        whole += " " * blank + part
    return whole


def join_name(printed: str) -> str:
    """A name or title whose blanks are broken lines: 强化水环境 联保共治 is one word."""
    return BLANK_IN_NAME.sub("", printed.strip())


def _latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
