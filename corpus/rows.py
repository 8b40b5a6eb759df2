"""What a table reader hands on: rows of cells, each piece of text with its offset."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of printed text: stripped, with offsets of its ends in the file's text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as its printed lines, blank ones dropped.

    `repeated` says that it is merged with the row above, whose pieces it gives again.
    """

    pieces: tuple[Piece, ...] = ()
    repeated: bool = False

    @property
    def text(self) -> str:
        """The lines joined with nothing."""
        return "".join(piece.text for piece in self.pieces)

    def take(self, ledger: Ledger, kind: str) -> None:
        """Enter every piece in the ledger; what a cell repeats is entered once, where it is printed."""
        for piece in () if self.repeated else self.pieces:
            ledger.take(piece.start, piece.end, kind)


@dataclass(frozen=True, slots=True)
class Row:
    """A table row.

    A cell that is None is merged with the one to its left. `lost_number` says that the
    row printed no 序号 although it opens a task; `notes` says what the reader put right.
    In an `exact` row every merge is known: a cell that is empty there is just that. `where` is its
    place in a published file, in words.
    """

    cells: tuple[Cell | None, ...]
    first_line: int
    last_line: int
    lost_number: bool = False
    notes: tuple[str, ...] = ()
    exact: bool = False
    where: str = ""

    @property
    def said(self) -> str:
        """Where it stands: the place in the file, or the line."""
        return self.where or f"第{self.first_line}行"

    @property
    def filled(self) -> list[Cell]:
        """The cells that hold text."""
        return [cell for cell in self.cells if cell is not None and cell.pieces]


def piece(text: str, start: int, end: int) -> Piece | None:
    """`text[start:end]` without the blanks at its ends, or None where nothing is left."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Piece(text[start:end], start, end) if start < end else None
