"""Whether the row that ends a page goes on at the top of the next one.

Word and LibreOffice rule a split row off like a whole one, so the page does not show it. What shows it is
the text: a sentence that breaks off in a full line, cells that every other row fills and that are empty
here. Two measures made one would be worse than a row left in two: what stays open is said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from corpus.columns import looks_like_header, meaning
from corpus.formats.pdf_lines import wraps
from corpus.formats.pdf_pieces import Held, Piece
from corpus.normal import normal

Verdict = Literal["split", "apart", "unsure"]
LEADING = frozenset({"number", "task", "category"})
"""What stands in front of the measures and is merged over them."""
_SPLIT, _APART = 2, -1
_ENOUGH_ROWS = 2
_ROOM_LINES = 4  # a row that may be split leaves less of the page free


@dataclass(frozen=True)
class Habits:
    """How a table fills its columns, by the left edge of each.

    `fields` says what a column holds (where its heading is known), `text` is the left edge of the measures,
    `always` are the columns that every row fills and that are merged over no rows, `filled` those of
    which no cell is empty, `whole` the texts that stand in a column as whole cells.
    """

    fields: Mapping[int, str]
    text: int
    always: frozenset[int]
    filled: frozenset[int]
    whole: Mapping[int, frozenset[str]]

    def field(self, cell: Held) -> str:
        """What the cell's column holds, "" where that is not known."""
        return self.fields.get(key(cell.left), "")


def key(left: float) -> int:
    """A column's left edge, blunt enough to find it again on the next page."""
    return round(left / 8)


def header_row(piece: Piece) -> int | None:
    """The row with the columns' headings, among the first three."""
    for row in range(min(3, len(piece.rows))):
        cells = piece.row(row)
        if len(cells) > 1 and looks_like_header([cell.text for cell in cells]):
            return row
    return None


def habits_of(pieces: Sequence[Piece]) -> Habits:
    """What all the pages of a table show."""
    fields: dict[int, str] = {}
    head = header_row(pieces[0])
    if head is not None:
        fields = {key(c.left): meaning(c.text) or "" for c in pieces[0].row(head)}
    elif pieces[0].cells:
        fields = {key(pieces[0].cells[0].left): "number"} if _numbered(pieces) else {}
    rows: Counter[int] = Counter()
    filled: Counter[int] = Counter()
    letters: Counter[int] = Counter()
    merged: set[int] = set()
    whole: dict[int, set[str]] = defaultdict(set)
    for piece in pieces:
        header = header_row(piece)
        top = 0 if header is None else header + 1  # the rows at a break may be halves
        for cell in piece.cells:
            inside = cell.row > top and cell.end < len(piece.rows)
            if cell.right - cell.left > 0.9 * piece.width:
                continue
            column = key(cell.left)
            letters[column] += len(cell.text)
            if cell.rows > 1:
                merged.add(column)
            if inside:
                rows[column] += 1
                filled[column] += bool(cell.lines)
                whole[column].add(normal(cell.text))
    text = next((column for column, name in fields.items() if name == "text"), None)
    if text is None:
        text = max(letters, key=lambda column: letters[column], default=0)
    always = {c for c in letters if filled[c] >= 0.9 * rows[c] and c not in merged}
    full = {c for c in letters if rows[c] >= _ENOUGH_ROWS and filled[c] == rows[c]}
    return Habits(
        fields, text, frozenset(always), frozenset(full), {c: frozenset(said) for c, said in whole.items()}
    )


def _numbered(pieces: Iterable[Piece]) -> bool:
    first = [cell.text for piece in pieces for cell in piece.cells if cell.left < 4 and cell.lines]
    return 2 * sum(text.isdecimal() for text in first) >= len(first) > 0


def number_goes_on(upper: Held, lower: Held, before: int) -> bool:
    """Whether a narrow cell's number is parted by the break: 1 and 2 behind 11 are 12.

    `before` is the number of the task before, 0 where there is none.
    """
    whole = upper.text + lower.text
    return bool(upper.lines and lower.lines) and whole.isdecimal() and int(whole) == before + 1


def verdict(
    pairs: Sequence[tuple[Held, Held]], habits: Habits, room: float = 0.0, before: int = 0
) -> Verdict:
    """Whether a row goes on: `pairs` are its cells above and below the break, column by column.

    `room` is what the page above leaves free under the table, in points; `before` is the number of the
    task before that of the row.
    """
    score = 0
    for upper, lower in pairs:
        weight = _weigh(upper, lower, habits, before)
        if weight is None:
            return "apart"
        score += weight
    # what is merged over rows elsewhere may be merged here: a hint, however many cells are empty
    score += any(u.lines and not v.lines and _merges(v, habits) for u, v in pairs if u.rows == v.rows == 1)
    size = max((b.line.size for upper, _ in pairs for b in upper.lines), default=10.0)
    if room > _ROOM_LINES * size:
        score -= 2
    return "split" if score >= _SPLIT else "apart" if score <= _APART else "unsure"


def _merges(cell: Held, habits: Habits) -> bool:
    column = key(cell.left)
    return column in habits.filled and column not in habits.always and habits.field(cell) not in LEADING


def _weigh(upper: Held, lower: Held, habits: Habits, before: int) -> int | None:
    """For a split row (> 0) or against it (< 0); None settles that a new row begins."""
    name, column = habits.field(lower), key(lower.left)
    if name == "number" and lower.lines:
        return 0 if number_goes_on(upper, lower, before) else None
    if upper.rows > 1 or lower.rows > 1 or name in LEADING or not (upper.lines or lower.lines):
        return 0
    if not lower.lines:
        return 2 if column in habits.always else 0
    if not upper.lines:
        return -2
    last, first = upper.lines[-1], lower.lines[0]
    full = wraps(last.line, first.line, last.left, last.right)
    if column == habits.text:
        return -1 if last.line.closed else 3 if full else 0
    above, below = normal(upper.text), normal(lower.text)
    if above == below:
        return -3
    whole = habits.whole.get(column, frozenset())
    if above + below in whole and not {above, below} <= whole:
        return 2  # 持续 and 推进: together they are what other rows say
    if name == "deadline" and {above, below} <= whole:
        return -2
    return 1 if full else -2 if name == "deadline" else 0
