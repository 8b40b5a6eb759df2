"""What was read, in the words of what was written (`tests/published_grid.py`), so that both compare."""

from __future__ import annotations

from corpus.document import GridCell
from corpus.types import Measure, Role
from tests.published_grid import Cell
from tests.published_grid import Measure as Written


def as_written(measure: Measure) -> Written:
    """A measure as a plan states it."""
    return Written(
        measure.number,
        measure.task or None,
        measure.text,
        measure.deadline,
        {role.value: tuple(measure.names(role)) for role in Role if measure.names(role)},
        measure.path,
        tuple(dict.fromkeys(duty.role.value for duty in measure.duties if duty.open_ended)),
        measure.target,
        measure.category,
    )


def as_cell(cell: GridCell) -> Cell:
    """A cell with its place, its reach and its lines."""
    return Cell(cell.row, cell.column, cell.lines, cell.rows, cell.columns)
