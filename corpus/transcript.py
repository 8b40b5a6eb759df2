"""A document as lines of text: what the ledger accounts for, citations point into, and the index keeps.

A published file is read once, when it is added; its transcript (JSON) is what builds read from then on.
Line n of a transcript is one printed line of a paragraph or a cell, in reading order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from corpus.document import Document, GridCell, Left, Paragraph, Place, Table
from corpus.errors import SourceError
from corpus.rows import Cell, Piece, Row

FORMAT = 1


class Transcript:
    """The lines of `document`, as one text, and the way from its parts to them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._lines: list[str] = []
        self._places: list[Place] = []
        self._starts: list[int] = []
        self._first: dict[int, int] = {}
        self._length = 0
        for block in document.blocks:
            if isinstance(block, Paragraph):
                self._enter(id(block), block.lines, block.place)
            else:
                for cell in sorted(block.cells, key=lambda cell: (cell.row, cell.column)):
                    self._enter(id(cell), cell.lines, block.places[cell.row])
        self.text = "\n".join(self._lines)

    def _enter(self, key: int, lines: tuple[str, ...], place: Place) -> None:
        self._first[key] = len(self._lines)
        for line in lines:
            self._starts.append(self._length)
            self._lines.append(line)
            self._places.append(place)
            self._length += len(line) + 1

    def place(self, line: int) -> Place:
        """Where the 1-based `line` stands in the published file."""
        return self._places[line - 1]

    @property
    def lines(self) -> list[str]:
        """All lines."""
        return self._lines

    def cell(self, of: Paragraph | GridCell, *, repeated: bool = False) -> Cell:
        """A paragraph or cell as pieces with their offsets in `text`."""
        first = self._first[id(of)]
        starts = self._starts[first : first + len(of.lines)]
        pieces = (Piece(line, at, at + len(line)) for line, at in zip(of.lines, starts, strict=True))
        return Cell(tuple(pieces), repeated)

    def rows(self, table: Table) -> Iterator[Row]:
        """The rows of `table`: a cell merged with its left neighbour is None, with the one above repeated.

        Raises:
            SourceError: its cells overlap or leave a place empty.
        """
        try:
            grid = table.grid()
        except ValueError as error:
            raise SourceError(self.document.name, None, str(error)) from None
        before = 0
        for number, line in enumerate(grid):
            cells = tuple(
                None if cell.column < column else self.cell(cell, repeated=cell.row < number)
                for column, cell in enumerate(line)
            )
            own = {self._first[id(c)] + n for c in line if c.row == number for n in range(len(c.lines))}
            first, last = (min(own) + 1, max(own) + 1) if own else (before, before)
            before = last
            notes = dict.fromkeys(f"脚注：{note}" for c in line if c.row == number for note in c.notes)
            yield Row(cells, first, last, notes=tuple(notes), exact=True, where=table.places[number].words)


def save(document: Document, path: Path) -> None:
    """Write `document` as JSON."""
    blocks = [{"is": type(block).__name__.lower(), **asdict(block)} for block in document.blocks]
    content = {"version": FORMAT, **asdict(document), "blocks": blocks}
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def load(path: Path) -> Document:
    """Read what `save` wrote.

    Raises:
        SourceError: it is missing, damaged, or of another format.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.pop("version") != FORMAT:
            raise SourceError(path.name, None, "是别的版本所存的读取结果，请重新加入原文件")
        content["blocks"] = tuple(_block(block) for block in content["blocks"])
        content["left"] = tuple(Left(**{**item, "place": _place(item["place"])}) for item in content["left"])
        content["notes"] = tuple(content["notes"])
        return Document(**content)
    except FileNotFoundError:
        raise SourceError(str(path), None, "读取结果不见了，请重新加入原文件") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(str(path), None, f"读取结果已损坏，请重新加入原文件（{error}）") from None


def _block(block: dict[str, Any]) -> Paragraph | Table:
    if block.pop("is") == "paragraph":
        lines = tuple(block.pop("lines"))
        return Paragraph(**{**block, "lines": lines, "place": _place(block["place"])})
    cells = tuple(
        GridCell(**{**cell, "lines": tuple(cell["lines"]), "notes": tuple(cell["notes"])})
        for cell in block["cells"]
    )
    return Table(cells, block["width"], tuple(_place(place) for place in block["places"]))


def _place(place: dict[str, Any]) -> Place:
    return Place(place["words"], place["page"], tuple(place["box"]) if place["box"] else None)
