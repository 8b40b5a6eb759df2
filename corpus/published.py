"""From a published document to the records of its plans, with an account of every character."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from corpus.departments import DepartmentLexicon
from corpus.document import Document, Paragraph, Table
from corpus.errors import SourceError
from corpus.exact_table import ExactReading
from corpus.layout import Headed, Part, parts
from corpus.ledger import Ledger
from corpus.passages import apart
from corpus.rows import Cell, Row
from corpus.transcript import Transcript
from corpus.types import Measure, Passage, Plan, Span, Task

_LINE = re.compile(r"第(\d+)行")


@dataclass(frozen=True, slots=True)
class PartRecords:
    """What one part of a document gave; see `corpus.ingest.PlanRecords`."""

    tasks: tuple[Task, ...] = ()
    measures: tuple[Measure, ...] = ()
    passages: tuple[Passage, ...] = ()
    notes: tuple[str, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)
    """The rows of its tables by what they became."""


class Published:
    """A document, its parts and its lines.

    Raises:
        SourceError: as `layout.parts`.
    """

    def __init__(self, document: Document, mapping: Mapping[str, str] | None = None) -> None:
        self.document = document
        self.parts = parts(document, mapping)
        self.transcript = Transcript(document)

    def ledger(self) -> Ledger:
        """A new account of its lines."""
        return Ledger(self.document.name, self.transcript.text)

    def read(self, part: Part, plan: Plan, ledger: Ledger, lexicon: DepartmentLexicon) -> PartRecords:
        """The records of `part` as `plan`; every character of it is entered in `ledger`.

        Raises:
            SourceError: a row or paragraph that cannot be read, with its place.
        """
        cell = self.transcript.cell
        for title in part.titles:
            cell(title).take(ledger, "标题：文件")
        for kind, block in part.left:
            self._leave(block, ledger, kind)
        read = PartRecords()
        if part.tabular:
            reading = self._tables(part, plan, ledger, lexicon)
            table = reading.read()
            read = PartRecords(table.tasks, table.measures, (), table.notes, dict(reading.rows))
        if part.prose:
            from corpus.prose_plan import read_prose

            prose = read_prose(plan, [cell(paragraph) for paragraph in part.prose], ledger, lexicon)
            if read.measures and prose.measures:
                place = self.transcript.place(prose.measures[0].span.first).words
                problem = "正文里的这一项和表格里的措施各有编号，会相混；请把正文另存成一份文件加入"
                raise SourceError(ledger.file, place, problem)
            passages = prose.passages
            if read.measures or prose.measures:
                passages = tuple(apart(passage) for passage in passages)
            read = PartRecords(
                (*read.tasks, *prose.tasks),
                (*read.measures, *prose.measures),
                passages,
                (*read.notes, *map(self._note, prose.notes)),
                read.rows,
            )
        return replace(
            read,
            measures=tuple(replace(measure, span=self._placed(measure.span)) for measure in read.measures),
            passages=tuple(replace(p, spans=tuple(map(self._placed, p.spans))) for p in read.passages),
        )

    def _note(self, note: str) -> str:
        """A note with places of the file instead of lines of the transcript."""
        return _LINE.sub(lambda match: self.transcript.place(int(match[1])).words, note)

    def _placed(self, span: Span) -> Span:
        return replace(span, place=self.transcript.place(span.first).words)

    def leave(self, part: Part, ledger: Ledger) -> None:
        """Enter a part that the operator does not want, or that becomes no record."""
        for block in (*part.titles, *part.prose, *(block for _, block in part.left)):
            self._leave(block, ledger, "未入库")
        for item in part.flow:
            self._leave(item.table if isinstance(item, Headed) else item, ledger, "未入库")

    def _leave(self, block: Paragraph | Table, ledger: Ledger, kind: str) -> None:
        held = (block,) if isinstance(block, Paragraph) else block.cells
        for piece in held:
            self.transcript.cell(piece).take(ledger, f"剔除：{kind}")

    def _tables(self, part: Part, plan: Plan, ledger: Ledger, lexicon: DepartmentLexicon) -> ExactReading:
        reading = ExactReading(plan, ledger, lexicon)
        for item in part.flow:
            if isinstance(item, Paragraph):
                place = self.transcript.cell(item)
                line = ledger.line(place.pieces[0].start)
                reading.section(place, Row((place,), line, line, exact=True, where=item.place.words))
                continue
            for number, row in enumerate(self.transcript.rows(item.table)):
                if number in item.header_rows:
                    reading.rows["表头"] += 1
                    reading.leave(row, "剔除：表头")
                    reading.begin(item.columns)
                elif number < min(item.header_rows, default=0):
                    reading.rows["标题"] += 1
                    reading.leave(row, "标题：文件")
                else:
                    reading.begin(item.columns)
                    reading.row(_grouped(row, item.groups))
        return reading


def _grouped(row: Row, groups: Sequence[range]) -> Row:
    """The row with one cell a heading, where the grid has more columns than the header shows."""
    return replace(row, cells=tuple(_one([row.cells[n] for n in group]) for group in groups))


def _one(cells: Sequence[Cell | None]) -> Cell | None:
    held = [cell for cell in cells if cell is not None]
    if len(held) < 2:
        return held[0] if held else None
    filled = [cell for cell in held if cell.pieces]
    if len(filled) < 2:
        return filled[0] if filled else held[0]
    own = [cell for cell in filled if not cell.repeated] or filled
    return Cell(tuple(piece for cell in own for piece in cell.pieces), own[0].repeated)
