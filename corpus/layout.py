"""How a published document is laid out: its parts, their titles, tables, prose and what is neither.

A file often holds a covering notice and several attachments, each a plan of its own. Every block of the
document ends in exactly one place of one part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn

from corpus.columns import Columns, UnknownHeadingsError, known_headings, looks_like_header, plain
from corpus.document import Document, GridCell, Paragraph, Table
from corpus.errors import SourceError
from corpus.table import depth_of

MARKER = re.compile(r"附[件表录]\s*[0-9０-９一二三四五六七八九十]*\s*[:：]?")
_SENTENCE = re.compile(r"[。；！？]|[：:]$|^[（(][一二三四五六七八九十]+[）)]|^[一二三四五六七八九十]+、")
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
        UnknownHeadingsError: a table has a heading that neither knows.
        SourceError: a table has no header row, or nothing in the file can be read as a plan.
    """
    read = (_part(marker, blocks, document, mapping or {}) for marker, blocks in _cut(document))
    found = [half for part in read for half in _halves(part)]
    if all(part.empty for part in found):
        problem = "没有读到措施表，也没有成段的正文；请确认这是计划的正式文本"
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


def _part(
    marker: str, blocks: list[Paragraph | Table], document: Document, mapping: Mapping[str, str]
) -> Part:
    part = Part(marker)
    at = 0
    while at < len(blocks) and (isinstance(block := blocks[at], Paragraph)) and _may_be_title(block, at):
        part.titles.append(block)
        at += 1
    waiting: list[Paragraph] = []
    last: Headed | None = None
    for block in blocks[at:]:
        if isinstance(block, Paragraph):
            waiting.append(block)
            continue
        headed = _headed(block, last, document, mapping)
        if headed is None:
            part.left.append(("表格：按对照表略去", block))
            continue
        _settle(part, waiting, before_table=True)
        part.flow.append(headed)
        last, waiting = headed, []
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


def _headed(
    table: Table, last: Headed | None, document: Document, mapping: Mapping[str, str]
) -> Headed | None:
    """The table with its header found; None where the mapping leaves all its columns out.

    Raises:
        SourceError: it has no header row and does not go on from the table before it.
    """
    try:
        grid = table.grid()
    except ValueError as error:
        raise SourceError(document.name, None, str(error)) from None
    once = [_once(row) for row in grid]
    top = (n for n, row in enumerate(once[:_HEADER_ROWS]) if looks_like_header(row, mapping))
    start = next(top, None)
    if start is None:
        if last is not None and last.table.width == table.width:
            return replace(last, table=table, header_rows=frozenset())
        if all(mapping.get(plain(word)) == "skip" for word in once[0]):
            return None
        _no_header(once[0], document.name, table.places[0].words, mapping)
    rows, heads = _header(grid, start)
    headings = [_text(cell) for cell in heads]
    columns = Columns.named(headings, document.name, table.places[start].words, mapping)
    again = {n for n, row in enumerate(once) if n > start and row == once[start]}
    second = {n + 1 for n in again if rows > 1}
    groups = tuple(range(cell.column, cell.column + cell.columns) for cell in heads)
    return Headed(table, columns, groups, frozenset({*range(start, start + rows), *again, *second}))


def _no_header(first: list[str], name: str, where: str, mapping: Mapping[str, str]) -> NoReturn:
    """Stop at a table whose header is not known: it says which headings are not, or that there is none."""
    known = {**known_headings(), **mapping}
    if any(plain(word) in known for word in first):
        raise UnknownHeadingsError(name, where, [word for word in first if plain(word) not in known])
    said = "、".join(word[:10] or "（空）" for word in first)
    expected = "应有“序号、重点任务、工作措施、完成时限、牵头部门”一类列名"
    raise SourceError(name, where, f"这个表没有能认出的表头（第一行是“{said}”），{expected}")


def _header(grid: list[list[GridCell]], start: int) -> tuple[int, list[GridCell]]:
    """How many rows the header has (two where a heading stands over several), and the cell of each column."""
    top = grid[start]
    deep = any(cell.rows > 1 for cell in top) and any(cell.columns > 1 for cell in top)
    rows = 2 if deep and start + 1 < len(grid) else 1
    last = grid[start + rows - 1]
    return rows, [cell for column, cell in enumerate(last) if cell.column == column]


def _once(row: Sequence[GridCell]) -> list[str]:
    """The text of each cell of a row, a merged one once."""
    return [_text(cell) for column, cell in enumerate(row) if cell.column == column]


def _text(cell: GridCell) -> str:
    return "".join(cell.lines)
