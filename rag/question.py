"""A question as typed, made fit to be read."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import opencc

from rag.errors import QuestionError

MAX_CHARS = 2000
MAX_HISTORY = 20
_SEARCHABLE = re.compile(r"[\u3400-\u9fffA-Za-z0-9]")
_conversion = threading.Lock()


def clean(typed: str) -> str:
    """`typed` in simplified characters, without control characters and outer blanks.

    Raises:
        QuestionError: it is empty, longer than MAX_CHARS characters, or holds nothing
            that could be searched (emoji and signs alone).
    """
    text = "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") else char for char in typed)
    text = re.sub(r"\s+", " ", text).strip()
    if not text:
        raise QuestionError("问题是空的，请输入要问的内容。")
    if len(text) > MAX_CHARS:
        raise QuestionError(f"问题有 {len(text)} 字，最多 {MAX_CHARS} 字；请只写要问的那件事。")
    if not _SEARCHABLE.search(text):
        raise QuestionError("问题里没有可以检索的文字，请用中文写出要问的内容。")
    return simplified(text)


def simplified(text: str) -> str:
    """`text` in simplified characters."""
    with _conversion:
        return str(_simplifier().convert(text))


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
