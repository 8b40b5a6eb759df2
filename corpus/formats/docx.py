"""Word documents (docx).

python-docx opens the package; the elements are walked here, because its paragraphs and cells leave out
content controls, tracked insertions, text boxes, footnotes and automatic numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from docx.opc.constants import RELATIONSHIP_TYPE as RT

from corpus.document import Document, Left, Paragraph, Place, Table
from corpus.errors import SourceError
from corpus.formats.docx_grid import RawCell, RawRow, build
from corpus.formats.docx_numbers import Numbering
from corpus.formats.docx_parts import (
    BROKEN,
    Element,
    NoteBook,
    Package,
    Styles,
    child,
    children,
    elements,
    flag,
    value,
)
from corpus.formats.docx_parts import local as tag
from corpus.formats.docx_runs import Inline, Runs, comment_text
from corpus.formats.sniff import note_of_name
from corpus.formats.spans import MAX_COLUMNS

_PASSED = {"sectPr", "tblPr", "tblGrid", "trPr", "tcPr", "tblPrEx", "sdtPr", "sdtEndPr", "customXmlPr"}
_CENTRED = ("center", "distribute")  # 分散对齐 sets titles as centring does
_ELSEWHERE = {"altChunk": "另一份文件（altChunk）", "subDoc": "子文档（subDoc）"}


def read(path: Path) -> Document:
    """Read the docx at `path`; tracked changes are taken as accepted.

    Raises:
        SourceError: it is damaged, rests on files inside it that only Word can join, or holds no text.
    """
    reading = _Reading(path.name, Package(path))
    try:
        blocks = tuple(reading.blocks())
    except (RecursionError, SyntaxError) as error:  # nested without end, or a part that is no XML
        raise SourceError(path.name, None, BROKEN) from error
    if not blocks:
        held = {left.kind for left in reading.left}
        problem = "只有图片，没有文字，像是扫描件；不含文字识别（OCR）" if "图片" in held else "没有任何文字"
        raise SourceError(path.name, None, f"{problem}：请找原文的 Word 或有文字层的 PDF")
    notes = (*note_of_name(path, "docx"), *reading.said())
    return Document(path.name, "docx", blocks, tuple(reading.left), notes)


@dataclass
class _Cell:
    """What a cell holds while it is read."""

    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)


class _Reading:
    """One document from top to bottom: automatic numbers, notes and fields run on through it."""

    def __init__(self, name: str, package: Package) -> None:
        self._name = name
        self._package = package
        self._styles = Styles(package.root(RT.STYLES))
        self._numbers = Numbering(package.root(RT.NUMBERING), self._styles)
        roots = package.roots(RT.COMMENTS)
        self._comments = {value(c, "id"): c for root in roots for c in children(root, "comment")}
        self._runs = Runs(package, self._styles, NoteBook(package), self._comments)
        self._footnotes: list[Paragraph] = []
        self._notes: list[str] = []
        self._paragraphs = self._tables = 0
        self.left: list[Left] = []

    def blocks(self) -> Iterator[Paragraph | Table]:
        """The body in reading order, then the footnotes."""
        for body in children(self._package.document, "body"):
            yield from self._flow(body, None)
        yield from self._footnotes
        for comment in self._comments.values():
            self.left.append(Left("批注", Place("批注"), comment_text(comment)))
        self._margins()

    def said(self) -> Iterator[str]:
        """What had to be put right, for the operator."""
        yield from self._notes
        changes = self._runs.changes
        if any(changes.values()):
            removed = changes["del"] + changes["moveFrom"]
            yield f"文件带有修订，按接受全部修订读取（新增{changes['ins']}处，删去{removed}处）"
        if self._package.has_macros:
            yield "文件里有宏，没有运行，只读取文字"
        if self._package.broken:
            yield f"有{self._package.broken}处链接指向文件里没有的部件（多为丢失的图片），已略过"
        if self._numbers.bullets:
            yield f"有{self._numbers.bullets}段带项目符号，符号不写进文字"
        if self._numbers.unknown:
            yield f"编号格式{'、'.join(sorted(self._numbers.unknown))}不认识，按阿拉伯数字写出"
        if self._runs.symbols:
            yield f"符号字体的字符没有对应文字，以〓代替：{'、'.join(sorted(self._runs.symbols))}"
        if self._runs.unread_fields:
            yield f"有{self._runs.unread_fields}处公式域（EQ）读不出，以〓代替"
        if self._runs.formulas:
            yield f"有{self._runs.formulas}处公式按文字顺序读取，上下标不分"

    # ------------------------------------------------------------------ paragraphs

    def _flow(self, container: Element, box: str | None) -> Iterator[Paragraph | Table]:
        """The paragraphs and tables of the body, or of a text box whose place is `box`."""
        for content in self._content(container, box):
            if isinstance(content, list):
                yield from self._paragraph(content, box)
            else:
                yield from self._table(content, box)

    def _paragraph(self, joined: list[Element], box: str | None) -> Iterator[Paragraph | Table]:
        inline, lines = self._lines(joined)
        counted = bool(lines) and not self._is_contents(joined[-1])
        self._paragraphs += counted and box is None
        words = box or (f"第{self._paragraphs}段" if counted else f"第{self._paragraphs}段之后")
        place = Place(words)
        self._leave(inline, place)
        if counted:
            yield Paragraph(lines, place, centred=self._is_centred(joined[-1]))
        elif lines:
            self.left.append(Left("目录", place, "".join(lines)))
        self._footnotes += [Paragraph((note,), Place(f"{words} 脚注"), "footnote") for note in inline.notes]
        for inner in inline.boxes:
            yield from self._flow(inner, box or f"{words} 文本框")

    def _lines(self, joined: list[Element], numbered: bool = True) -> tuple[Inline, tuple[str, ...]]:
        """The paragraph's lines, its automatic number in front."""
        inline = self._runs.read(joined)
        mark = child(child(joined[-1], "pPr"), "rPr")
        gone = not inline.text.strip() and (flag(mark, "vanish") or child(mark, "del") is not None)
        label = self._numbers.label(joined[-1]) if numbered and not gone else ""
        return inline, tuple(
            line.strip() for line in (label + inline.text.lstrip()).split("\n") if line.strip()
        )

    def _is_centred(self, paragraph: Element) -> bool:
        properties = child(paragraph, "pPr")
        style = value(child(properties, "pStyle"))
        jc = value(child(properties, "jc")) or self._styles.alignment(style)
        return jc in _CENTRED or self._styles.is_title(style)

    def _is_contents(self, paragraph: Element) -> bool:
        """A line of a generated table of contents: the headings themselves follow in the text."""
        galleries = (
            child(child(child(sdt, "sdtPr"), "docPartObj"), "docPartGallery")
            for sdt in paragraph.iterancestors()
            if tag(sdt) == "sdt"
        )
        if any(value(gallery) == "Table of Contents" for gallery in galleries):
            return True
        return self._styles.is_contents(value(child(child(paragraph, "pPr"), "pStyle")))

    def _leave(self, inline: Inline, place: Place) -> None:
        self.left += [Left(kind, place, text.strip()) for kind, text in inline.left]

    def _content(self, container: Element, place: str | None) -> Iterator[list[Element] | Element]:
        """Paragraphs (several where the mark between them was deleted) and tables, out of their wrappers."""
        waiting: list[Element] = []
        for element in self._unwrapped(container, place):
            if tag(element) == "p":
                waiting.append(element)
                mark = child(child(element, "pPr"), "rPr")
                if child(mark, "del") is None and child(mark, "moveFrom") is None:
                    yield waiting
                    waiting = []
                continue
            if waiting:
                yield waiting
                waiting = []
            yield element
        if waiting:
            yield waiting

    def _unwrapped(self, container: Element, place: str | None) -> Iterator[Element]:
        for element in elements(container):
            name = tag(element)
            if name in ("p", "tbl"):
                yield element
            elif name in _ELSEWHERE:
                problem = f"嵌着{_ELSEWHERE[name]}，内容不在正文里：请用 Word 打开并另存为 docx"
                raise SourceError(self._name, place or f"第{self._paragraphs}段之后", problem)
            elif name == "AlternateContent":
                for choice in list(elements(element))[:1]:
                    yield from self._unwrapped(choice, place)
            elif name not in _PASSED:
                yield from self._unwrapped(element, place)

    # ------------------------------------------------------------------ tables

    def _table(self, table: Element, box: str | None) -> Iterator[Paragraph | Table]:
        rows = list(_inside(table, "tr"))
        only = list(_inside(rows[0], "tc")) if len(rows) == 1 else []
        if len(only) == 1 and any(tag(e) == "tbl" for e in self._unwrapped(only[0], "")):
            yield from self._flow(only[0], box)  # a frame around the page, no table
            return
        self._tables += 1
        number = self._tables
        after = f"（{box}）" if box else ""
        boxes: list[tuple[str, Element]] = []
        raws: list[RawRow] = []
        places: list[Place] = []
        for row in rows:
            place = Place(f"表{number}第{len(places) + 1}行{after}")
            if self._is_gone(row, place):
                continue
            raw, found = self._row(row, place)
            raws.append(raw)
            places.append(place)
            boxes += [(f"{place.words} 文本框", each) for each in found]
        built = build(raws, _widths(table))
        self._notes += [f"{places[at].words}：{what}" for at, what in built.notes]
        self.left += [Left("合并格遮住的文字", places[at], text) for at, text in built.covered]
        if any(cell.lines for cell in built.grid.cells):
            kept = tuple(places[at] for at in built.grid.rows)
            yield Table(built.grid.cells, built.grid.width, kept)
        elif raws:
            self._notes.append(f"表{number}{after}没有文字，已略过")
        for words, each in boxes:
            yield from self._flow(each, words)

    def _is_gone(self, row: Element, place: Place) -> bool:
        """Whether a tracked change deleted the row, or it is hidden; its text is left then."""
        properties = child(row, "trPr")
        deleted = child(properties, "del") is not None
        if not deleted and not flag(properties, "hidden"):
            return False
        text = " ".join(str(t.text) for t in row.iter() if tag(t) in ("t", "delText") and t.text)
        self._runs.changes["del"] += deleted
        self.left.append(Left("修订中删去的文字" if deleted else "隐藏文字", place, text))
        return True

    def _row(self, row: Element, place: Place) -> tuple[RawRow, list[Element]]:
        properties = child(row, "trPr")
        cells: list[RawCell] = []
        boxes: list[Element] = []
        for element in _inside(row, "tc"):
            setting = child(element, "tcPr")
            merge = child(setting, "vMerge")
            downwards = "" if merge is None else value(merge) or "continue"
            cell = self._cell(element, place, numbered=downwards != "continue")
            boxes += cell.boxes
            sideways = child(setting, "hMerge")
            width = child(setting, "tcW")
            cells.append(
                RawCell(
                    columns=min(max(1, _count(child(setting, "gridSpan"))), MAX_COLUMNS),
                    merge=downwards,
                    to_left=sideways is not None and value(sideways) in ("", "continue"),
                    width=_count(width, "w") if value(width, "type") == "dxa" else 0,
                    lines=tuple(cell.lines),
                    notes=tuple(cell.notes),
                )
            )
        before, after = (min(_count(child(properties, n)), MAX_COLUMNS) for n in ("gridBefore", "gridAfter"))
        raw = RawRow(cells, before, after)
        return raw, boxes

    def _cell(self, element: Element, place: Place, numbered: bool) -> _Cell:
        """The lines of a cell; a table inside it gives a line a row."""
        cell = _Cell()
        if child(child(element, "tcPr"), "cellDel") is not None:
            self._notes.append(f"{place.words}：修订删去了一个单元格，这里仍按原样读取")
        for content in self._content(element, place.words):
            if isinstance(content, list):
                inline, lines = self._lines(content, numbered)
                self._leave(inline, place)
                cell.lines += lines
                cell.notes += inline.notes
                cell.boxes += inline.boxes
                continue
            self._notes.append(f"{place.words}：单元格里套着表格，按行读作文字")
            for row in _inside(content, "tr"):
                inner = [self._cell(each, place, numbered) for each in _inside(row, "tc")]
                line = " ".join("".join(each.lines) for each in inner if each.lines)
                cell.lines += [line] if line else []
                cell.notes += [note for each in inner for note in each.notes]
                cell.boxes += [box for each in inner for box in each.boxes]
        return cell

    # ------------------------------------------------------------------ margins

    def _margins(self) -> None:
        """Headers and footers are left, each text once."""
        self._runs.end_fields()
        seen: set[tuple[str, str]] = set()
        for relation, words in ((RT.HEADER, "页眉"), (RT.FOOTER, "页脚")):
            for root in self._package.roots(relation):
                read = list(self._margin(root))
                text = " ".join(filter(None, (inline.text.strip() for inline in read)))
                found = [("页眉页脚", text)] if text else []
                found += [(kind, said.strip()) for inline in read for kind, said in inline.left]
                new = [each for each in dict.fromkeys(found) if each not in seen]
                self.left += [Left(kind, Place(words), said) for kind, said in new]
                seen.update(new)

    def _margin(self, container: Element) -> Iterator[Inline]:
        """The paragraphs of a header or footer, in its text boxes (page numbers!) and tables too."""
        for content in self._content(container, "页眉页脚"):
            if not isinstance(content, list):
                for cell in (cell for row in _inside(content, "tr") for cell in _inside(row, "tc")):
                    yield from self._margin(cell)
                continue
            inline = self._runs.read(content)
            yield inline
            for box in inline.boxes:
                yield from self._margin(box)


def _inside(element: Element, name: str) -> Iterator[Element]:
    """The rows of a table or the cells of a row, out of the content controls around them."""
    for inner in elements(element):
        if tag(inner) == name:
            yield inner
        elif tag(inner) not in _PASSED:
            yield from _inside(inner, name)


def _count(element: Element | None, name: str = "val") -> int:
    text = value(element, name)
    return min(int(text[:6]), 100_000) if text.isascii() and text.isdecimal() else 0


def _widths(table: Element) -> list[int]:
    return [_count(column, "w") for column in children(child(table, "tblGrid"), "gridCol")]
