"""The pages of a PDF to the blocks of a document, in reading order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from corpus.columns import looks_like_header, plain
from corpus.document import Left, Paragraph, Table
from corpus.errors import SourceError
from corpus.formats.pdf_furniture import furniture
from corpus.formats.pdf_grid import Ruled, grids
from corpus.formats.pdf_lines import Line, cut, lines_of
from corpus.formats.pdf_notes import footnotes, mark_of, refer, unmarked
from corpus.formats.pdf_page import Glyph, Ink
from corpus.formats.pdf_pieces import Piece, bound, piece_of, take_glyphs
from corpus.formats.pdf_prose import Column, Prose, column_of, gutter, in_columns
from corpus.formats.pdf_tables import goes_on, make_table

_NEAR = 4.0
_OTHER = "请提供 Word 或 Excel 文件"
_UNRULED = f"有没有框线的表格，无法可靠读取；{_OTHER}"


@dataclass
class Layout:
    """The blocks, what was left and what there is to say."""

    blocks: list[Paragraph | Table] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class _Page:
    """A page being laid out: its tables' parts, its lines outside them, the edges of its text."""

    ink: Ink
    pieces: list[Piece]
    lines: list[Line]
    notes: list[Paragraph] = field(default_factory=list)
    middle: float | None = None

    def items(self) -> list[Piece | Line]:
        """Pieces and lines from top to bottom."""
        lines = self.lines if self.middle is None else in_columns(self.lines, self.middle)
        if self.middle is not None and not self.pieces:
            return list(lines)
        return sorted([*self.pieces, *lines], key=lambda item: item.box[1])


def layout(name: str, inks: Sequence[Ink]) -> Layout:
    """Lay out a file's pages.

    Raises:
        SourceError: a table is not ruled, or its rules draw no grid.
    """
    found = Layout()
    pages: list[_Page] = []
    for ink in inks:
        pages.append(_page(name, ink, pages[-1] if pages else None, found))
    kept, furnished = furniture(inks, [page.lines for page in pages])
    found.left += furnished
    for page, lines in zip(pages, kept, strict=True):
        page.lines = lines
        _check_ruled(name, page)
    bound([piece for page in pages for piece in page.pieces])
    _take_footnotes(pages)
    for page in pages:
        page.middle = gutter(page.lines, page.ink.width)
        if page.middle is not None:
            found.notes.append(f"第{page.ink.number}页按左右两栏读入，请对照原文核对先后次序")
    _fill(pages, found)
    cited = {note for t in found.blocks if isinstance(t, Table) for cell in t.cells for note in cell.notes}
    found.blocks += [note for page in pages for note in page.notes if note.text not in cited]
    return found


def _page(name: str, ink: Ink, before: _Page | None, found: Layout) -> _Page:
    ruled = _tables(name, ink, before, found)
    held, free = take_glyphs(ruled, ink.glyphs)
    pieces = []
    for grid, glyphs in zip(ruled, held, strict=True):
        if any(not glyph.text.isspace() for cell in glyphs for glyph in cell):
            pieces.append(piece_of(ink.number, grid, glyphs))
    return _Page(ink, pieces, lines_of(free))


def _tables(name: str, ink: Ink, before: _Page | None, found: Layout) -> list[Ruled]:
    """The grids of a page that are tables: no frames, no drawings, none inside another's cell."""
    tables: list[Ruled] = []
    drawn = grids(ink.rules)
    for grid in drawn:
        if len(grid.cells) == 1:
            last = before.pieces[-1] if before and before.pieces else None
            if last is None or abs(grid.box[2] - grid.box[0] - (last.box[2] - last.box[0])) > _NEAR:
                continue
        if not grid.whole:
            if any(_is_heading(line) for line in lines_of(_within(ink.glyphs, grid))):
                raise SourceError(name, f"第{ink.number}页", f"表格的框线不完整，分不出单元格；{_OTHER}")
            found.notes.append(f"第{ink.number}页有框线不成表格的图形，其中的文字按正文读入")
            continue
        tables.append(grid)
    outer = [
        grid for grid in tables if not any(_inside(grid, other) for other in tables if other is not grid)
    ]
    if len(outer) < len(tables):
        found.notes.append(f"第{ink.number}页的单元格里另有表格，其中的文字按单元格的文字读入")
    return outer


def _within(glyphs: Sequence[Glyph], grid: Ruled) -> Iterator[Glyph]:
    left, top, right, bottom = grid.box
    return (g for g in glyphs if left < (g.x0 + g.x1) / 2 < right and top < (g.top + g.bottom) / 2 < bottom)


def _inside(grid: Ruled, other: Ruled) -> bool:
    mine, theirs = grid.box, other.box
    return mine[0] >= theirs[0] and mine[1] >= theirs[1] and mine[2] <= theirs[2] and mine[3] <= theirs[3]


def _is_heading(line: Line) -> bool:
    """Whether words stand apart on a line as the headings of columns do."""
    words = [word for part in cut(line, 0.8) for word in part.text.split()]
    return len(words) >= 3 and looks_like_header(words) and any(plain(word) for word in words)


def _check_ruled(name: str, page: _Page) -> None:
    for line in page.lines:
        if _is_heading(line):
            raise SourceError(name, f"第{page.ink.number}页", f"“{line.text[:20]}”一行起{_UNRULED}")


def _take_footnotes(pages: Sequence[_Page]) -> None:
    lines = [line for page in pages for line in page.lines]
    lines += [b.line for page in pages for piece in page.pieces for cell in piece.cells for b in cell.lines]
    size = median(line.size for line in lines) if lines else 10.0
    for page in pages:
        page.lines, page.notes = footnotes(page.ink, page.lines, page.pieces, size)
        if page.notes:
            refer(page.pieces, page.notes)
            known = {mark_of(note.text).strip("[]［］〔〕"): note.text for note in page.notes}
            stripped = (unmarked(line, known)[0] for line in page.lines)
            page.lines = [line for line in stripped if line is not None]


def _columns(pages: Sequence[_Page]) -> dict[int, Column | None]:
    """How text is set, by the width of the page."""
    alike: dict[int, list[_Page]] = defaultdict(list)
    for page in pages:
        alike[round(page.ink.width)].append(page)
    columns = {}
    for width, group in alike.items():
        edges = [(piece.box[0], piece.box[2]) for page in group for piece in page.pieces]
        columns[width] = column_of([page.lines for page in group if page.middle is None], edges)
    return columns


def _fill(pages: Sequence[_Page], found: Layout) -> None:
    """Paragraphs and tables in reading order; a table may go on over pages."""
    columns = _columns(pages)
    lowest: dict[int, float] = {}
    for page in pages:
        bottom = max((item.box[3] for item in page.items()), default=0.0)
        height = round(page.ink.height)
        lowest[height] = max(lowest.get(height, 0.0), bottom)
    prose = Prose()
    run: list[Piece] = []
    room: list[float] = []
    tables = 0

    def close_table() -> None:
        nonlocal tables
        if not run:
            return
        tables += 1
        made = make_table(run, tables, room)
        found.blocks.append(made.table)
        found.left += made.left
        found.notes += made.notes
        run.clear()
        room.clear()

    def take(paragraph: Paragraph | None) -> None:
        if paragraph is not None:
            found.blocks.append(paragraph)

    for page in pages:
        items = page.items()
        for index, item in enumerate(items):
            if isinstance(item, Piece):
                take(prose.end())
                follows = index == 0 and run and run[-1].page == item.page - 1
                if not (follows and goes_on(run[-1], item)):
                    close_table()
                run.append(item)
                room.append(lowest[round(page.ink.height)] - item.box[3])
                continue
            close_table()
            column = _column(item, page, columns)
            take(prose.add(item, page.ink.number, column))
    take(prose.end())
    close_table()


def _column(line: Line, page: _Page, columns: dict[int, Column | None]) -> Column:
    if page.middle is not None:
        middle, parts = page.middle, in_columns(page.lines, page.middle)
        mine = [part for part in parts if (part.x0 < middle) == (line.x0 < middle)]
        return column_of([mine], ()) or Column(0, page.ink.width, 1.5 * line.size, line.size)
    return columns.get(round(page.ink.width)) or Column(0, page.ink.width, 1.5 * line.size, line.size)
