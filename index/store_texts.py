"""What search reads of a record, and what the record says itself; normalised."""

from __future__ import annotations

from corpus.normal import normal
from corpus.types import Passage, Record


def searchable(record: Record) -> str:
    """What search reads of a record: its text, task, indicator columns."""
    if isinstance(record, Passage):
        return _joined(record.path[-1], record.text)
    extras = (text for _, text in record.extras)
    parts = (record.task, record.text, record.search_extra, record.target, record.category, *extras)
    return _joined(*(part for part in parts if part))


def own_words(record: Record) -> str:
    """What a record itself says: its text and target, not its task."""
    if isinstance(record, Passage):
        return normal(record.text)
    return _joined(*(part for part in (record.text, record.search_extra, record.target) if part))


def _joined(*parts: str) -> str:
    """`normal` of the parts with blanks between them: each is normalised once, as it comes, and kept."""
    if any("_{" in part for part in parts):  # a subscript takes the blanks around it, in the part before too
        return normal(" ".join(parts))
    text = ""
    for part in filter(None, map(normal, parts)):
        between = " " if text and _is_latin(text[-1]) and _is_latin(part[0]) else ""
        text += between + part
    return text


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
