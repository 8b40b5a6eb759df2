"""A published document as its reader found it: paragraphs and tables in reading order.

Every format (`corpus/formats/`) comes out in these words, so that all that follows is written once.
A reader says where each thing stands, writes automatic numbers out, knows which cells are merged,
and names what it left (`left`): nothing is dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Format = Literal["docx", "xlsx", "html", "pdf"]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the file.

    `words` say it to a reader (第3页 表2第5行, 工作表“附件1”第5行, 第12段); `page` is 1-based, 0 where the
    format has no pages; `box` is (left, top, right, bottom) in points from the page's top left.
    """

    words: str
    page: int = 0
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph outside a table: its lines (parted by manual breaks, none blank), at least one.

    `centred` says that it is set as a title is: centred, or in a title style. A footnote stands at the
    end of the document, its mark (①, [1]) in front.
    """

    lines: tuple[str, ...]
    place: Place
    kind: Literal["text", "footnote"] = "text"
    centred: bool = False

    @property
    def text(self) -> str:
        """The lines joined with nothing."""
        return "".join(self.lines)


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell with the rows and columns that it covers; `row` and `column` count from 0.

    `lines` are its paragraphs, cut at manual breaks too, stripped, blank ones dropped. A line that the
    page merely wraps is one line. `notes` are the footnotes that it refers to.
    """

    row: int
    column: int
    lines: tuple[str, ...] = ()
    rows: int = 1
    columns: int = 1
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `cells` in row order cover its `height` × `width` grid, each place once.

    `places` has one place a row. A table that goes on behind a page break is one table; a row that a
    page splits is one row.
    """

    cells: tuple[GridCell, ...]
    width: int
    places: tuple[Place, ...]

    @property
    def height(self) -> int:
        """How many rows it has."""
        return len(self.places)

    def grid(self) -> list[list[GridCell]]:
        """The cell that covers each place, shape (height, width).

        Raises:
            ValueError: a place is covered twice or not at all.
        """
        found: list[list[GridCell | None]] = [[None] * self.width for _ in self.places]
        for cell in self.cells:
            for row in range(cell.row, cell.row + cell.rows):
                for column in range(cell.column, cell.column + cell.columns):
                    if not (row < self.height and column < self.width) or found[row][column] is not None:
                        raise ValueError(f"{self.places[cell.row].words}：单元格重叠或超出表格")
                    found[row][column] = cell
        whole = [[cell for cell in row if cell is not None] for row in found]
        if any(len(row) != self.width for row in whole):
            raise ValueError(f"{self.places[0].words}：表格有空缺的格")
        return whole


@dataclass(frozen=True, slots=True)
class Left:
    """What a reader did not take over: what it is (页眉页脚, 图片, 批注 …), and its text where it has one."""

    kind: str
    place: Place
    text: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document; `notes` say, in Chinese, what its reader had to put right."""

    name: str
    format: Format
    blocks: tuple[Paragraph | Table, ...]
    left: tuple[Left, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def tables(self) -> Iterator[Table]:
        """Its tables in reading order."""
        return (block for block in self.blocks if isinstance(block, Table))
