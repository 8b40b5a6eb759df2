"""Tokens of Chinese text: bigrams of characters; Latin words and figures whole.

Chinese has no blanks; bigrams measured better than jieba words on every set tried
(shared data notes), and need no dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.normal import normal

APART = "\x01"  # parts texts that are read together; normalised text holds no such character
_OTHER = r"[a-z][a-z0-9.\-]*|\d+(?:\.\d+)?%?"
_TOKENS = re.compile(rf"{_OTHER}|[\u3400-\u9fff]+")
_NO_CHINESE = re.compile(_OTHER)
_FIRST, _LAST = 0x3400, 0x9FFF


def tokens(text: str) -> list[str]:
    """Bigrams of Chinese runs (a lone character stays one), Latin words and figures whole.

    >>> tokens("PM2.5降到26微克")
    ['pm2.5', '降到', '26', '微克']
    """
    found: list[str] = []
    for run in _TOKENS.findall(normal(text)):
        if run[0] < "\u3400" or len(run) == 1:
            found.append(run)
        else:
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
    return found


@dataclass(frozen=True, slots=True)
class Together:
    """Many texts, normalised, read as one array.

    Args:
        chars: the code points of all, parted by `APART`, shape (characters,), uint32.
        text_of: which text each is of, shape (characters,).
        chinese: which are Chinese characters, shape (characters,).
        joined: the same as one string.
    """

    chars: NDArray[np.uint32]
    text_of: NDArray[np.int64]
    chinese: NDArray[np.bool_]
    joined: str

    @classmethod
    def of(cls, texts: Sequence[str], first: int = _FIRST) -> Together:
        """Read `texts`, normalised before; Chinese characters are those from `first` on."""
        joined = APART.join(texts)
        chars = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        text_of = np.cumsum(chars == ord(APART), dtype=np.int64)
        return cls(chars, text_of, (chars >= first) & (chars <= _LAST), joined)

    def windows(self, length: int) -> NDArray[np.int64]:
        """Where `length` Chinese characters stand side by side: offsets of the first."""
        size = len(self.chars) - length + 1
        if size <= 0:
            return np.empty(0, dtype=np.int64)
        inside = self.chinese[:size].copy()
        for step in range(1, length):
            inside &= self.chinese[step : size + step]
        return np.flatnonzero(inside)

    def codes(self, starts: NDArray[np.int64], length: int) -> NDArray[np.uint64]:
        """One number for each run of `length` (at most four) characters that begins at `starts`."""
        found = self.chars[starts].astype(np.uint64)
        for step in range(1, length):
            found = found << np.uint64(16) | self.chars[starts + step]
        return found

    def tokens(self) -> tuple[NDArray[np.uint64], NDArray[np.int64], list[str], NDArray[np.int64]]:
        """The same tokens as `tokens` gives for each text, in no order.

        Codes of bigrams and lone characters with the text of each; then Latin words and figures with theirs.
        """
        pairs = self.windows(2)
        alone = self.chinese.copy()
        alone[pairs] = alone[pairs + 1] = False
        ones = np.flatnonzero(alone)
        codes = np.concatenate([self.codes(pairs, 2), self.codes(ones, 1)])
        others = list(_NO_CHINESE.finditer(self.joined))
        places = np.fromiter((match.start() for match in others), dtype=np.int64, count=len(others))
        texts = np.concatenate([self.text_of[pairs], self.text_of[ones]])
        return codes, texts, [match.group() for match in others], self.text_of[places]


def decoded(code: int) -> str:
    """The characters of a code of `Together.codes`.

    >>> decoded(ord("油") << 16 | ord("烟"))
    '油烟'
    """
    found = ""
    while code:
        found = chr(code & 0xFFFF) + found
        code >>= 16
    return found
