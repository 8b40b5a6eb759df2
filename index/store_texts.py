"""What search reads of a record, and what the record says itself; normalised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from corpus.normal import joined, normal, normals
from corpus.types import Passage, Record


def searchable(record: Record) -> str:
    """What search reads of a record: its text, task, indicator columns."""
    return _joined(_searched(record), normal)


def own_words(record: Record) -> str:
    """What a record itself says: its text and target, not its task."""
    return _joined(_own(record), normal)


def read_and_own(records: Sequence[Record]) -> Iterator[tuple[str, str]]:
    """`searchable` and `own_words` of each record: what several of them print is normalised once."""
    parts = [(_searched(record), _own(record)) for record in records]
    printed = list({part for both in parts for some in both for part in some})
    forms = dict(zip(printed, normals(printed), strict=True))
    form = forms.__getitem__
    for searched, own in parts:
        yield _joined(searched, form), _joined(own, form)


def _searched(record: Record) -> list[str]:
    if isinstance(record, Passage):
        return [part for part in (record.path[-1], record.text) if part]
    extras = (text for _, text in record.extras)
    parts = (record.task, record.text, record.search_extra, record.target, record.category, *extras)
    return [part for part in parts if part]


def _own(record: Record) -> list[str]:
    if isinstance(record, Passage):
        return [record.text]
    return [part for part in (record.text, record.search_extra, record.target) if part]


def _joined(parts: Sequence[str], form: Callable[[str], str]) -> str:
    """`normal` of the parts with blanks between them; `form` gives that of one."""
    for part in parts:
        if "_{" in part:  # a subscript takes the blanks around it, in the part before too
            return normal(" ".join(parts))
    return joined(map(form, parts))
