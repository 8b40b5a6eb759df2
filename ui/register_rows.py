"""The rows of the register as its template needs them: searched words lit, counterparts beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.normal import normal, with_origin
from corpus.types import STATUS_WORDS, Measure, Plan, Record
from index.store import Store
from rag.counterparts import Counterparts, subject
from rag.options import Options
from rag.question import simplified
from ui.rows import Cell, row
from ui.views import View

_DUTIES = 3  # columns of departments


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, lit where it is what was searched for."""

    text: str
    lit: bool


@dataclass(frozen=True, slots=True)
class Other:
    """A measure of the other level on the same matter, how like it is, and the address of both."""

    label: str
    text: str
    similarity: float
    query: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the register."""

    id: str
    plan: Plan
    status: str
    number: str
    task: tuple[Part, ...]
    text: tuple[Part, ...]
    deadline: str
    target: tuple[Part, ...]
    duties: tuple[Cell, ...]
    label: str
    path: tuple[str, ...]
    source: str
    notes: tuple[str, ...]
    others: tuple[Other, ...]
    unmatched: str
    district: bool


def lines(records: Sequence[Record], store: Store, found: Counterparts, words: Sequence[str]) -> list[Line]:
    """`records` as rows, with `words` lit wherever they are searched."""
    pattern = _pattern(words)
    return [_line(record, store, found, pattern) for record in records]


def _line(record: Record, store: Store, found: Counterparts, pattern: re.Pattern[str] | None) -> Line:
    whole, plan = row(record, store), store.plans[record.plan]
    measure = record if isinstance(record, Measure) else None
    duties = tuple(
        cell for cell in whole.cells[-_DUTIES:] if measure and cell.column.endswith(("部门", "单位"))
    )
    return Line(
        id=record.id,
        plan=plan,
        status=STATUS_WORDS[plan.status],
        number=str(record.number),
        task=parts((measure.task or measure.category or "") if measure else "", pattern),
        text=parts(record.text, pattern),
        deadline=(measure.deadline or "") if measure else "",
        target=parts((measure.target or "") if measure else "", pattern),
        duties=duties or (Cell("部门", "", _DUTIES),),
        label=whole.label,
        path=whole.path,
        source=whole.source,
        notes=whole.notes,
        others=tuple(_others(record, store, found)),
        unmatched="" if not plan.district or found.compared(plan, "") else subject(plan),
        district=bool(plan.district),
    )


def _others(record: Record, store: Store, found: Counterparts) -> list[Other]:
    made = []
    for pair in found.alike(record.id):
        (other,) = store.get([pair.city if pair.district == record.id else pair.district])
        query = View(Options(id=(pair.district, pair.city))).query()
        made.append(Other(store.label(other.id), other.text, pair.similarity, query))
    return made


def _pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    """What the search takes `words` for; None where nothing was searched."""
    forms = sorted({form for word in words if (form := normal(simplified(word)))}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, forms))) if forms else None


def parts(text: str, pattern: re.Pattern[str] | None) -> tuple[Part, ...]:
    """`text` in pieces, those lit that its normalised form matches; none where it is empty."""
    made: list[Part] = []
    at = 0
    if pattern is not None:
        form = with_origin(text)
        for match in pattern.finditer(form.text):
            start, end = form.printed_span(*match.span())
            if start > at:
                made.append(Part(text[at:start], lit=False))
            made.append(Part(text[max(start, at) : end], lit=True))
            at = end
    return tuple([*made, Part(text[at:], lit=False)] if text[at:] else made)
