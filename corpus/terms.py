"""The fixed terms of the domain (`lexicon/terms.txt`): what a question has to say as it is."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from corpus.places import LEXICON


@lru_cache(maxsize=1)
def fixed_terms() -> tuple[str, ...]:
    """The bundled terms (read once)."""
    return listed(LEXICON / "terms.txt")


def listed(path: Path) -> tuple[str, ...]:
    """The lines of a word list; blank ones and those that open with # are none."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
