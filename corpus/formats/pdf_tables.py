"""Tables that go on over pages: the parts that stand on each page, made one table again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from corpus.document import GridCell, Left, Place, Table
from corpus.formats.pdf_pieces import Held, Piece, same_columns
from corpus.formats.pdf_split import LEADING, Habits, habits_of, header_row, key, number_goes_on, verdict
from corpus.normal import normal

_NEAR = 4.0
_MOST_HEADER_ROWS = 3


@dataclass
class Made:
    """What came of a document's pieces: a table, what was left of them and what there is to say."""

    table: Table
    left: list[Left] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def goes_on(above: Piece, below: Piece) -> bool:
    """Whether `below`, first on its page, may go on with `above`, last on the page before."""
    if not same_columns(above, below):
        return False
    new_header = header_row(below)
    if new_header is None:
        return True
    # a header of its own that the table above does not have opens another table
    old_header = header_row(above)
    return old_header is None or _said(above, old_header) == _said(below, new_header)


def make_table(pieces: Sequence[Piece], number: int, room: Sequence[float]) -> Made:
    """One table from its pieces, page by page.

    Args:
        pieces: the parts, in order.
        number: the table's number in the document, from 1.
        room: what each piece's page leaves free under it, in points.
    """
    growing = _Growing(number, habits_of(pieces))
    for index, piece in enumerate(pieces):
        growing.add(piece, room[index - 1] if index else 0.0)
    return growing.made(pieces[0].width)


def _said(piece: Piece, row: int) -> tuple[str, ...]:
    return tuple(normal(cell.text) for cell in piece.row(row))


class _Growing:
    """A table while its pieces are added."""

    def __init__(self, number: int, habits: Habits) -> None:
        self.number = number
        self.habits = habits
        self.cells: list[Held] = []
        self.places: list[Place] = []
        self.head: list[tuple[str, ...]] = []
        self.left: list[Left] = []
        self.notes: list[str] = []

    def add(self, piece: Piece, room: float) -> None:
        if not self.places:
            self.head = [_said(piece, row) for row in range(min(_MOST_HEADER_ROWS, len(piece.rows)))]
            self._append(piece)
            return
        repeated = self._repeated(piece)
        for row in range(repeated):
            place = Place(f"第{piece.page}页 表{self.number}", piece.page, piece.rows[row])
            text = " ".join(cell.text for cell in piece.row(row))
            self.left.append(Left("换页重复的表头", place, text))
        piece = piece.without(repeated)
        if not piece.rows:
            return
        ending = sorted((c for c in self.cells if c.end == len(self.places)), key=lambda c: c.left)
        pairs = self._pairs(ending, piece)
        found = "apart" if pairs is None else verdict(pairs, self.habits, room, self._number_before(ending))
        if pairs is not None and found == "split":
            self._go_on(pairs, piece)
            return
        if found == "unsure":
            self.notes.append(
                f"第{piece.page}页 表{self.number}第{len(self.places) + 1}行：看不出是新的一行"
                f"还是上一页末行的续行，按新的一行读入；请对照原文"
            )
        self._append(piece, self._held_over(ending, piece))

    def _repeated(self, piece: Piece) -> int:
        """How many rows at the top of `piece` are the table's first ones again."""
        for start in range(len(self.head)):
            count = 0
            while (
                start + count < len(self.head)
                and count < len(piece.rows)
                and _said(piece, count) == self.head[start + count]
                and any(self.head[start + count])
            ):
                count += 1
            several = any(len(self.head[start + i]) > 1 for i in range(count))
            if count and several and all(cell.end <= count or cell.row >= count for cell in piece.cells):
                return count
        return 0

    def _pairs(self, ending: Sequence[Held], piece: Piece) -> list[tuple[Held, Held]] | None:
        """The cells above and below the break; None where they stand differently: no row goes on."""
        top = piece.row(0)
        if len(top) != len(ending) or not all(u.beside(v) for u, v in zip(ending, top, strict=True)):
            return None
        return list(zip(ending, top, strict=True))

    def _go_on(self, pairs: Sequence[tuple[Held, Held]], piece: Piece) -> None:
        """The first row of `piece` belongs to the last row there is."""
        for upper, lower in pairs:
            upper.rows += lower.rows - 1
            upper.lines += lower.lines
            upper.notes += lower.notes
        taken = {id(lower) for _, lower in pairs}
        shift = len(self.places) - 1
        self._take(piece, shift, taken)
        self._place(piece, 1)

    def _number_before(self, ending: Sequence[Held]) -> int:
        """The last number above the rows that end the page."""
        above = min((cell.row for cell in ending if self.habits.field(cell) == "number"), default=0)
        numbers = [
            (cell.row, int(cell.text))
            for cell in self.cells
            if cell.row < above and self.habits.field(cell) == "number" and cell.text.isdecimal()
        ]
        return max(numbers, default=(0, 0))[1]

    def _held_over(self, ending: Sequence[Held], piece: Piece) -> set[int]:
        """The cells at the top of `piece` that are the lower part of one that a page break cuts."""
        top = piece.row(0)
        fields = [self.habits.field(cell) for cell in top]
        opens = any(name == "number" and cell.lines for name, cell in zip(fields, top, strict=True))
        before = self._number_before(ending)
        parted = any(
            number_goes_on(u, v, before) for u in ending for v in top if u.beside(v) and u.left < _NEAR
        )
        opens = opens and not parted
        taken: set[int] = set()
        for name, lower in zip(fields, top, strict=True):
            upper = next((cell for cell in ending if cell.beside(lower)), None)
            if upper is None or len(top) == 1:
                continue
            if not (lower.lines or opens or name not in LEADING):
                pass  # behind the number of the task that goes on
            elif not lower.lines and (upper.rows > 1 or lower.rows > 1 or name == "category"):
                pass
            elif not lower.lines and upper.lines and key(lower.left) in self.habits.filled:
                where = f"第{piece.page}页 表{self.number}第{len(self.places) + 1}行"
                self.notes.append(f"{where}：“{upper.text[:12]}”一格被分页切断，按与上一行合并读入")
            elif (name == "number" and parted) or (name == "task" and not opens and "number" in fields):
                pass  # a task opens with its number: without one its name goes on
            else:
                continue
            upper.rows += lower.rows
            upper.lines += lower.lines
            upper.notes += lower.notes
            taken.add(id(lower))
        return taken

    def _append(self, piece: Piece, taken: set[int] | None = None) -> None:
        self._take(piece, len(self.places), taken or set())
        self._place(piece, 0)

    def _take(self, piece: Piece, shift: int, taken: set[int]) -> None:
        self.cells += [replace(c, row=c.row + shift) for c in piece.cells if id(c) not in taken]

    def _place(self, piece: Piece, start: int) -> None:
        for box in piece.rows[start:]:
            words = f"第{piece.page}页 表{self.number}第{len(self.places) + 1}行"
            self.places.append(Place(words, piece.page, box))

    def made(self, width: float) -> Made:
        """The table: its columns are all the edges that any page shows."""
        edges: list[float] = []
        for edge in sorted({0.0, width, *(c.left for c in self.cells), *(c.right for c in self.cells)}):
            if not edges or edge - edges[-1] > _NEAR:
                edges.append(edge)
        cells = []
        for cell in sorted(self.cells, key=lambda c: (c.row, c.left)):
            start, end = _nearest(edges, cell.left), _nearest(edges, cell.right)
            cells.append(GridCell(cell.row, start, cell.written, cell.rows, end - start, cell.notes))
        table = Table(tuple(cells), len(edges) - 1, tuple(self.places))
        return Made(table, self.left, self.notes)


def _nearest(edges: Sequence[float], x: float) -> int:
    return min(range(len(edges)), key=lambda i: abs(edges[i] - x))
