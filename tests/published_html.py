"""A publication as a government page: rowspan and colspan, breaks within cells, the page's own furniture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from tests.published_grid import Cell, Grid, Publication, blocks

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
)
_SMALL = re.compile(r"(?<=PM)(2\.5|10)(?!\d)")


def write_html(path: Path, publication: Publication, encoding: str) -> None:
    """Write `publication` at `path` in `encoding`."""
    parts = list(blocks(publication))
    grids = [part for part in parts if isinstance(part, Grid)]
    page = _TEMPLATES.get_template("published_page.html.j2").render(
        name="".join(publication.letter[0].lines) if publication.letter else publication.plans[0].title,
        encoding=encoding,
        parts=[(part, _rows(part) if isinstance(part, Grid) else None) for part in parts],
        notes=[cell.note for grid in grids for cell in grid.cells if cell.note],
        small=_small,
    )
    path.write_bytes(page.encode(encoding))


def _rows(grid: Grid) -> Iterator[list[Cell]]:
    return ([cell for cell in grid.cells if cell.row == row] for row in range(grid.height))


def _small(line: str) -> Markup:
    """PM2.5 with its figure set low."""
    return Markup("").join(
        Markup("<sub>{}</sub>").format(piece) if at % 2 else escape(piece)
        for at, piece in enumerate(_SMALL.split(line))
    )
