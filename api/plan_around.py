"""What stands around a record in the file it was read from: the rows or paragraphs, with its own marked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from corpus.document import Box, Document, Paragraph, Place, Table
from corpus.layout import Headed
from corpus.published import Published
from corpus.types import Measure, Record

ROWS = 2  # of a table, shown on either side
PARAGRAPHS = 3


@dataclass(frozen=True, slots=True)
class AroundCell:
    """A cell as far as it is shown: `rows` counts the shown rows that it covers."""

    lines: tuple[str, ...]
    rows: int
    columns: int
    marked: bool


@dataclass(frozen=True, slots=True)
class AroundRow:
    """A row of a table: the cells that begin in it; `gap` says that rows before it are not shown."""

    cells: tuple[AroundCell, ...]
    heading: bool = False
    marked: bool = False
    gap: bool = False


@dataclass(frozen=True, slots=True)
class AroundText:
    """A paragraph."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Around:
    """Where a record stands. `page` is 0 where the file has no pages; a table or paragraphs, not both."""

    place: str
    page: int
    rows: tuple[AroundRow, ...] = ()
    paragraphs: tuple[AroundText, ...] = ()


def places_of(record: Record, published: Published) -> list[Place]:
    """The places of the rows or paragraphs that `record` was read from, in order."""
    spans = (record.span,) if isinstance(record, Measure) else record.spans
    lines = (line for span in spans for line in range(span.first, span.last + 1))
    return list(dict.fromkeys(published.transcript.place(line) for line in lines))


def box_on(places: Iterable[Place], page: int) -> Box | None:
    """What encloses those of `places` that stand on `page`; None where none does."""
    boxes = [place.box for place in places if place.page == page and place.box]
    if not boxes:
        return None
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def around(record: Record, published: Published) -> Around:
    """What stands around `record`."""
    places = places_of(record, published)
    first = places[0]
    blocks = published.document.blocks
    for at, block in enumerate(blocks):
        if isinstance(block, Table) and first in block.places:
            own = {n for n, place in enumerate(block.places) if place in places}
            return Around(first.words, first.page, _rows(block, own, _headings(block, published)))
        if isinstance(block, Paragraph) and block.place == first:
            return Around(first.words, first.page, paragraphs=_paragraphs(published.document, at, places))
    return Around(first.words, first.page)


def _headings(table: Table, published: Published) -> frozenset[int]:
    flow = (item for part in published.parts for item in part.flow if isinstance(item, Headed))
    return next((item.header_rows for item in flow if item.table is table), frozenset())


def _rows(table: Table, own: set[int], headings: frozenset[int]) -> tuple[AroundRow, ...]:
    near = range(max(0, min(own) - ROWS), min(table.height, max(own) + ROWS + 1))
    over = [row for row in sorted(headings) if row < near.start and row <= min(headings) + 1]
    shown = [*over, *near]
    made = []
    for n, row in enumerate(shown):
        cells = []
        for cell in sorted(table.cells, key=lambda cell: cell.column):
            covered = [r for r in shown if cell.row <= r < cell.row + cell.rows]
            if covered and covered[0] == row:
                marked = not own.isdisjoint(covered)
                cells.append(AroundCell(cell.lines, len(covered), cell.columns, marked))
        gap = row != (shown[n - 1] if n else -1) + 1
        made.append(AroundRow(tuple(cells), row in headings, row in own, gap))
    return tuple(made)


def _paragraphs(document: Document, at: int, places: list[Place]) -> tuple[AroundText, ...]:
    own = [n for n, b in enumerate(document.blocks) if isinstance(b, Paragraph) and b.place in places] or [at]
    near = document.blocks[max(0, min(own) - PARAGRAPHS) : max(own) + PARAGRAPHS + 1]
    return tuple(AroundText(b.text, b.place in places) for b in near if isinstance(b, Paragraph))
