"""How a published document is laid out: its parts, their titles, tables, prose and what is neither.

A file often holds a covering notice and several attachments, each a plan of its own. Every block of the
document ends in exactly one place of one part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from corpus.columns import (
    DUTIES,
    Columns,
    NoMeasuresError,
    UnknownHeadingsError,
    looks_like_header,
    meaning,
    plain,
)
from corpus.document import Document, GridCell, Paragraph, Table
from corpus.errors import SourceError
from corpus.row_numbers import row_number
from corpus.table import depth_of

MARKER = re.compile(r"附[件表录]\s*[0-9０-９一二三四五六七八九十]*\s*[:：]?")
_SENTENCE = re.compile(r"[。；！？]|[：:]$|^[（(][一二三四五六七八九十]+[）)]|^[一二三四五六七八九十]+、")
_GUIDE = re.compile(r"(?:填表|填报|填写|编制|使用)?(?:说明|须知)|填表要求")
_REMARK = re.compile(r"(?:备?注|说明|注释)[0-9]?[：:.、]")
_LETTER = re.compile(
    r"(?:现将|现予|已经.{2,20}(?:同意|批准|审议)).{0,120}(?:印发|发布|公布|通知|遵照|贯彻)|特此通知|各有关单位[：:]"
)
_SIGNED = re.compile(
    r"[\[（(【]?(?:此件|本文|联系人|联系电话|抄送|主办|扫一扫|分享|字体|打印|关闭).{0,60}"
    r"|20\d\d\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日|[一-鿿]{2,30}(?:人民政府|办公室|办公厅|委员会|局|委|领导小组)"
    r"|国务院"
)
_DUTY_IN_TEXT = re.compile(r"负责[）)\]］]|(?:牵头|责任|配合|主责)(?:单位|部门)[：:]")
_SHORT = 60  # characters of a line of a title
_HEADER_ROWS = 8  # rows at the top of a table in which its header may stand
_SHEET = re.compile(r"工作表“([^”]*)”")
_ROW = re.compile(r"第\d+行$")
_FIGURES = re.compile(r"[.．%％<>≤≥+\-—/]*[0-9][0-9.．%％<>≤≥+\-—/]*")
_SAID = 10  # characters of a cell that a question shows


class UnknownTableError(SourceError):
    """A table that does not look like one of measures: whether to leave it out has to be said.

    `table` is what a mapping calls it (表2 = "skip"); `first` are the words of its first row. `headed`
    says that it has a header row, so that "text" (it does hold measures) is an answer too.
    """

    def __init__(self, file: str, where: str, table: str, first: Sequence[str], *, headed: bool) -> None:
        self.table, self.headed = table, headed
        self.first = "、".join(word[:_SAID] or "（空）" for word in first)
        expected = "应有“序号、重点任务、工作措施、完成时限、牵头部门”一类列名"
        leave = f'不是措施表就在列名对照表里写明 "{table}" = "skip"（略去并列入报告）'
        super().__init__(
            file, where, f"这个表没有能认出的表头（第一行是“{self.first}”），{expected}；{leave}"
        )


class OpenError(SourceError):
    """What has to be asked before the tables of a file can be read, a question a table."""

    def __init__(self, questions: Sequence[UnknownTableError | UnknownHeadingsError]) -> None:
        self.questions = tuple(questions)
        rest = "；".join(str(question) for question in questions[1:])
        first = questions[0]
        super().__init__(first.file, first.line, first.problem + (f"；{rest}" if rest else ""))


@dataclass(frozen=True, slots=True)
class Headed:
    """A table of measures: its columns, and which of its rows are header rows (0-based).

    `groups` are the columns of the grid under each heading: a table drawn by hand has more of them.
    """

    table: Table
    columns: Columns
    groups: tuple[range, ...]
    header_rows: frozenset[int]


@dataclass(slots=True)
class Part:
    """A plan's worth of a document.

    `titles` are the lines above; `flow` its headings and tables in order (empty for a plan of prose);
    `prose` its paragraphs of text; `left` what becomes no record, each with its kind.
    """

    marker: str
    titles: list[Paragraph] = field(default_factory=list)
    flow: list[Paragraph | Headed] = field(default_factory=list)
    prose: list[Paragraph] = field(default_factory=list)
    left: list[tuple[str, Paragraph | Table]] = field(default_factory=list)

    @property
    def tabular(self) -> bool:
        """Whether its measures stand in a table."""
        return any(isinstance(block, Headed) for block in self.flow)

    @property
    def empty(self) -> bool:
        """Whether nothing of it can become a record."""
        return not self.tabular and not self.prose


def parts(document: Document, mapping: Mapping[str, str] | None = None) -> list[Part]:
    """The parts of `document`; `mapping` names the columns that the lexicon lacks.

    Raises:
        OpenError: a table has a heading that neither knows, or no header row.
        SourceError: nothing in the file can be read as a plan.
    """
    tables = _Tables(document, mapping or {})
    read = [_part(marker, blocks, tables) for marker, blocks in _cut(document)]
    if tables.open:
        raise OpenError(tables.open)
    found = [half for part in read for half in _halves(part)]
    if all(part.empty for part in found):
        problem = "没有读到措施表，也没有成段的正文；请确认这是计划的正式文本"
        if pictures := sum(left.kind == "图片" for left in document.left):
            problem = f"没有读到措施表和正文，只有{pictures}张图片；不含文字识别，请找能选中文字的原文"
        raise SourceError(document.name, None, problem)
    return found


def _cut(document: Document) -> Iterator[tuple[str, list[Paragraph | Table]]]:
    """The blocks under each 附件 marker; in a workbook, of each sheet."""
    marker, blocks, sheet = "", list[Paragraph | Table](), None
    for block in document.blocks:
        place = block.place if isinstance(block, Paragraph) else block.places[0]
        named = _SHEET.search(place.words) if document.format == "xlsx" else None
        opens = isinstance(block, Paragraph) and block.kind == "text" and MARKER.fullmatch(block.lines[0])
        if opens or (named is not None and named[1] != sheet):
            if blocks:
                yield marker, blocks
            marker, blocks = (block.lines[0].rstrip("：:") if opens else ""), []  # type: ignore[union-attr]
        sheet = named[1] if named is not None else sheet
        blocks.append(block)
    if blocks:
        yield marker, blocks


def _part(marker: str, blocks: list[Paragraph | Table], tables: _Tables) -> Part:
    part = Part(marker)
    at = 0
    while at < len(blocks) and (isinstance(block := blocks[at], Paragraph)) and _may_be_title(block, at):
        part.titles.append(block)
        at += 1
    guide = any(_GUIDE.fullmatch(title.text.strip()) for title in part.titles)
    waiting: list[Paragraph] = []
    last: Headed | None = None
    for block in blocks[at:]:
        if isinstance(block, Paragraph):
            waiting.append(block)
            continue
        headed = tables.headed(block, last)
        if headed is None:
            part.left.append(("表格：按对照表略去", block))
            continue
        _settle(part, waiting, before_table=True)
        part.flow.append(headed)
        last, waiting = headed, []
    if guide and not part.flow:
        part.left += [("填表说明", paragraph) for paragraph in waiting]
        return part
    _settle(part, waiting, before_table=False)
    return part


def _halves(part: Part) -> Iterator[Part]:
    """A part whose text has duties beside a table that has them is two plans: both number from 1."""
    if part.tabular and any(_DUTY_IN_TEXT.search(paragraph.text) for paragraph in part.prose):
        text, part.prose = part.prose, []
        yield Part(part.marker, prose=text)
    yield part


def _may_be_title(block: Paragraph, at: int) -> bool:
    if block.kind != "text" or _REMARK.match(block.text):
        return False
    if at == 0 and MARKER.fullmatch(block.lines[0]):
        return True
    return len(block.text) <= _SHORT and not _SENTENCE.search(block.text)


def _settle(part: Part, waiting: Sequence[Paragraph], *, before_table: bool) -> None:
    """Say of each paragraph whether it is a heading of the table, text, or neither."""
    rest = list(waiting)
    headings: list[Paragraph] = []
    while before_table and rest and _heads_table(rest[-1]):
        headings.insert(0, rest.pop())
    letter = _is_letter(rest)
    for paragraph in rest:
        if paragraph.kind == "footnote":
            part.left.append(("脚注", paragraph))
        elif _REMARK.match(paragraph.text):
            part.left.append(("表注", paragraph))
        elif letter:
            part.left.append(("印发通知", paragraph))
        elif _SIGNED.fullmatch(paragraph.text.strip("　 ")):
            part.left.append(("落款和版头", paragraph))
        else:
            part.prose.append(paragraph)
    part.flow += headings


def _heads_table(paragraph: Paragraph) -> bool:
    """Whether a paragraph right above a table is one of its section headings."""
    text = paragraph.text
    short = len(text) <= _SHORT and not re.search(r"[。；]", text) and paragraph.kind == "text"
    return short and (depth_of(text) is not None or paragraph.centred) and not _REMARK.match(text)


def _is_letter(paragraphs: Sequence[Paragraph]) -> bool:
    """Whether the text is a covering notice: it says that something is issued, and has no chapters."""
    chapters = sum(depth_of(paragraph.text) == 0 for paragraph in paragraphs)
    return chapters < 2 and any(_LETTER.search(paragraph.text) for paragraph in paragraphs)


class _Tables:
    """The tables of a document: where the header of each is, and what has to be asked of them."""

    def __init__(self, document: Document, mapping: Mapping[str, str]) -> None:
        self._document, self._mapping = document, mapping
        called = [_ROW.sub("", table.places[0].words) for table in document.tables]
        self._called = {
            id(table): plain(name if called.count(name) == 1 else table.places[0].words)
            for name, table in zip(called, document.tables, strict=True)
        }
        self.open: list[UnknownTableError | UnknownHeadingsError] = []

    def headed(self, table: Table, last: Headed | None) -> Headed | None:
        """The table with its header found; None where it is left out, or has to be asked about.

        Raises:
            SourceError: its cells overlap or leave a place empty.
        """
        mapping = self._mapping
        try:
            grid = table.grid()
        except ValueError as error:
            raise SourceError(self._document.name, None, str(error)) from None
        called = self._called[id(table)]
        once = [_once(row) for row in grid]
        top = (n for n, row in enumerate(once[:_HEADER_ROWS]) if looks_like_header(row, mapping))
        start = next(top, None)
        if start is None:
            if mapping.get(called) == "skip":
                return None
            if last is not None and _goes_on(grid, last):
                return replace(last, table=table, header_rows=frozenset())
            if not all(mapping.get(plain(word)) == "skip" for word in once[0]):
                self.open.append(self._no_header(once[0], table, called))
            return None
        rows, groups, headings = _header(grid, start, mapping)
        blank = [group for group, heading in zip(groups, headings, strict=True) if not heading]
        if not any(_text(row[n]) for row in grid[start + rows :] for group in blank for n in group):
            mapping = {"": "skip", **mapping}
        columns = self._columns(headings, table.places[start].words, called, mapping)
        if columns is None:
            return None
        tops = [n for n, row in enumerate(once) if n >= start and row == once[start]]
        header_rows = frozenset(n for top in tops for n in range(top, top + rows))
        return Headed(table, columns, groups, header_rows)

    def _columns(
        self, headings: list[str], where: str, called: str, mapping: Mapping[str, str]
    ) -> Columns | None:
        """What the columns hold; None where the table is left out, or has to be asked about.

        Raises:
            SourceError: one of measures is to be left out, or one without is to be read.
        """
        name, said = self._document.name, mapping.get(called)
        odd = UnknownTableError(name, where, called, headings, headed=True)
        try:
            columns = Columns.named(headings, name, where, mapping)
        except UnknownHeadingsError as error:
            known = {meaning(heading, mapping) for heading in headings}
            if said != "skip":
                measures = said or known & {"text", "task", "lead", "liable", "responsible", "assisting"}
                self.open.append(error if measures else odd)
            return None
        except NoMeasuresError:
            if said not in (None, "skip"):
                raise
            if said is None:
                self.open.append(odd)
            return None
        if said == "skip":  # meant for another file: it would leave measures out
            problem = f"列名对照表写明略去“{called}”，可它的列名都认得，是措施表；请删去那一行"
            raise SourceError(name, where, problem)
        return columns

    def _no_header(
        self, first: list[str], table: Table, called: str
    ) -> UnknownTableError | UnknownHeadingsError:
        """What to ask of a table whose header is not known: its headings, or whether it is one at all."""
        name, where = self._document.name, table.places[0].words
        unknown = [word for word in first if meaning(word, self._mapping) is None]
        if any(meaning(word, self._mapping) not in (None, "number") for word in first):
            return UnknownHeadingsError(name, where, unknown)
        return UnknownTableError(name, where, called, first, headed=False)


def _goes_on(grid: list[list[GridCell]], last: Headed) -> bool:
    """Whether a table without a header goes on from the one before it: its rows have the same form."""
    if last.table.width != len(grid[0]):
        return False
    for row in grid:
        for field_name, group in zip(last.columns.fields, last.groups, strict=True):
            text = _text(row[group.start])
            if field_name in ("text", *DUTIES) and _FIGURES.fullmatch(text):
                return False
            if field_name == "number" and row is grid[0] and text and not row_number(text):
                return False
    return True


def _header(
    grid: list[list[GridCell]], start: int, mapping: Mapping[str, str]
) -> tuple[int, tuple[range, ...], list[str]]:
    """How many rows the header has, and each column's range in the grid and heading.

    It has more than one where a heading stands over several; 配合 over 市级 and 区级 is 配合（市级）.
    """
    end = start + 1
    while end < len(grid) and _heads_on(grid, start, end, mapping):
        end += 1
    groups = tuple(
        range(cell.column, cell.column + cell.columns)
        for column, cell in enumerate(grid[end - 1])
        if cell.column == column
    )
    headings = []
    for group in groups:
        words = dict.fromkeys(filter(None, (_text(grid[row][group.start]) for row in range(start, end))))
        *over, heading = words or [""]
        if over and meaning(heading, mapping) is None and meaning(over[-1], mapping) is not None:
            heading = f"{over[-1]}（{heading}）"
        headings.append(heading)
    return end - start, groups, headings


def _heads_on(grid: list[list[GridCell]], start: int, row: int, mapping: Mapping[str, str]) -> bool:
    """Whether `row` still is a row of the header that begins at `start`."""
    above = grid[row - 1]
    if not any(cell.columns > 1 for cell in above):
        return False
    if any(cell.row < row < cell.row + cell.rows for cell in above if cell.row >= start):
        return True
    own = [(cell, _text(cell)) for cell in grid[row] if _text(cell)]
    under = all(above[cell.column].columns > 1 or not _text(above[cell.column]) for cell, _ in own)
    parted = all(above[cell.column].columns > 1 for cell, _ in own)
    return bool(own) and under and (parted or any(meaning(text, mapping) for _, text in own))


def _once(row: Sequence[GridCell]) -> list[str]:
    """The text of each cell of a row, a merged one once."""
    return [_text(cell) for column, cell in enumerate(row) if cell.column == column]


def _text(cell: GridCell) -> str:
    return "".join(cell.lines)
