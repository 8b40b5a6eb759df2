"""A published page: the element that holds the document, its paragraphs and its tables.

Government sites lay pages out with tables and put the text of a plan between menus; what stands around
it is left and said. Nothing is fetched: pictures and attached files are named among what was left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from corpus.document import Document, Left, Paragraph, Place, Table
from corpus.errors import SourceError
from corpus.formats import html_table
from corpus.formats.html_flow import Flow, narrowed
from corpus.formats.html_page import (
    AROUND,
    NESTED,
    Element,
    bodies_of,
    decoded,
    is_hidden,
    outside,
    parsed,
)
from corpus.formats.spans import Spanned, place
from corpus.normal import normal

_MARK = re.compile(r"[\[（(〔【]?(?:\d{1,3}|[*†‡①-⑳])[\])）〕】]?")
_RAISED = re.compile(r"ftn|edn|fn|note|zhu", re.IGNORECASE)
_TITLE_WITHIN = 10
"""A page's own title is looked for in as many paragraphs of its text."""


def read(path: Path) -> Document:
    """Read the page at `path`.

    Raises:
        SourceError: its encoding or its tags cannot be read, or no text is found in it.
    """
    text, notes = decoded(path.name, path.read_bytes())
    tree = parsed(path.name, text)
    bodies = bodies_of(tree)
    whole = len(bodies) == 1 and bodies[0].tag in ("body", "html")
    page = _Page(path.name, tree, notes=list(notes))
    try:
        for body in bodies:
            Flow(page, page.paragraph, AROUND if whole else frozenset()).run(body)
    except RecursionError:
        raise SourceError(path.name, None, NESTED) from None
    if not page.blocks:
        problem = "没有读到正文：网页可能靠脚本显示；请在浏览器里打开后另存为“网页，全部”，或改用docx、pdf"
        raise SourceError(path.name, None, problem)
    if around := "" if whole else outside(tree, bodies):
        page.left.append(Left("页面其余部分", Place("正文以外"), around))
    page.title()
    return Document(
        path.name, "html", (*page.blocks, *page.footnotes.values()), tuple(page.left), tuple(page.notes)
    )


@dataclass
class _Page:
    """The document while it is read; what a flow meets on its way comes here."""

    name: str
    tree: Element
    blocks: list[Paragraph | Table] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    footnotes: dict[str, Paragraph] = field(default_factory=dict)
    _targets: dict[str, Element] | None = None
    _in_row: Place | None = None
    _said: int = 0
    _tables: int = 0

    # ------------------------------------------------------------------ what a flow hands over

    def paragraph(self, lines: tuple[str, ...], centred: bool) -> None:
        """A paragraph outside tables."""
        self._said += 1
        self.blocks.append(Paragraph(lines, Place(f"第{self._said}段"), centred=centred))

    def leave(self, kind: str, text: str) -> None:
        """Something is not taken over."""
        said = f"第{self._said}段之后" if self.blocks else "正文之前"
        self.left.append(Left(kind, self._in_row or Place(said), text))

    def table(self, element: Element, flow: Flow) -> None:
        """A table: of data, or one that lays out what it holds."""
        for stray in html_table.strays_of(element):
            if isinstance(stray, str):
                self.notes.append(f"表格里有不在单元格中的文字“{narrowed(stray)[:20]}”，已放在表格之前")
                flow.sink((narrowed(stray),), False)
            else:
                flow.run(stray)
        self._hidden(element)
        if html_table.is_layout(element):
            for row in html_table.rows_of(element):
                for cell in row:
                    flow.run(cell)
        elif flow.sink == self.paragraph:
            self._data(element, flow)
        else:
            self._nested(element, flow)

    def mark(self, element: Element, flow: Flow) -> bool:
        """A linked mark whose note stands in the page: the note goes where the text referred to it."""
        if element.tag not in ("a", "sup"):
            return False
        mark = narrowed("".join(element.itertext()))
        link = element if element.tag == "a" else next(element.iter("a"), None)
        href = "" if link is None else link.get("href") or ""
        if not href.startswith("#") or not _MARK.fullmatch(mark):
            return False
        note = self._notes().get(href[1:])
        if note is None:
            return False
        text = f"{mark}{_note_text(note)}"
        if flow.sink == self.paragraph:
            self.footnotes[href] = Paragraph((text,), Place(f"脚注{mark}"), "footnote")
        else:
            flow.marks.append(text)
        return True

    def is_note(self, element: Element) -> bool:
        """Whether the element is a footnote's text, which stands where it is referred to."""
        return any(element is note for note in self._notes().values())

    # ------------------------------------------------------------------ titles, tables, footnotes

    def title(self) -> None:
        """Put the page's own title in front, where the text does not begin with it."""
        said = [normal(block.text) for block in self.blocks if isinstance(block, Paragraph)]
        named = [
            one.get("content", "") for one in self.tree.iter("meta") if one.get("name") == "ArticleTitle"
        ]
        headings = [narrowed("".join(one.itertext())) for one in self.tree.iter("h1") if not is_hidden(one)]
        title = next(filter(None, map(str.strip, (*named, *headings))), "")
        if normal(title) not in "".join(said[:_TITLE_WITHIN]) and normal(title) not in said:
            self.blocks.insert(0, Paragraph((title,), Place("页面标题"), centred=True))
            self.notes.append(f"正文没有标题，取页面标题“{title}”")

    def _data(self, element: Element, flow: Flow) -> None:
        self._tables += 1
        number, rows = self._tables, 0
        groups: list[list[list[Spanned]]] = []
        for group in html_table.groups_of(element):
            groups.append([])
            for row in group:
                rows += 1
                self._in_row = Place(f"表{number}第{rows}行")
                groups[-1].append([self._cell(cell, flow) for cell in row])
        self._in_row = None
        try:
            grid = place(groups)
        except ValueError as error:
            problem = f"{error}，读不进来；请拆成几个文件后再添加"
            raise SourceError(self.name, f"表{number}", problem) from None
        self.notes += [f"表{number}{note}" for note in grid.notes]
        places = tuple(Place(f"表{number}第{row + 1}行") for row in grid.rows)
        self.blocks.append(Table(grid.cells, grid.width, places))

    def _cell(self, cell: Element, flow: Flow) -> Spanned:
        lines: list[str] = []
        inside = Flow(self, lambda more, _: lines.extend(more), flow.skip)
        inside.run(cell)
        rows, columns = html_table.span(cell, "rowspan"), html_table.span(cell, "colspan")
        return Spanned(tuple(lines), rows, columns, tuple(inside.marks))

    def _nested(self, element: Element, flow: Flow) -> None:
        """A table of data in a cell: each of its rows is a line there."""
        for row in html_table.rows_of(element):
            cells = [self._cell(cell, flow) for cell in row]
            flow.marks += [mark for cell in cells for mark in cell.notes]
            if line := " ".join("".join(cell.lines) for cell in cells if cell.lines):
                flow.sink((line,), False)
        where = self._in_row.words if self._in_row else "正文"
        self.notes.append(f"{where}的单元格里还有一个表格，已逐行并入这一格")

    def _hidden(self, table: Element) -> None:
        """Rows and cells that are not shown take no place in the table."""
        for one in table.iter("tr", "td", "th"):
            above = next(one.iterancestors("table"), None)
            if above is table and is_hidden(one) and (text := narrowed("".join(one.itertext()))):
                self.leave("隐藏文字", text)

    def _notes(self) -> dict[str, Element]:
        """The blocks that marks of footnotes lead to, by name."""
        if self._targets is None:
            order = {one: at for at, one in enumerate(self.tree.iter())}
            named = {name: one for one in order for name in (one.get("name"), one.get("id")) if name}
            self._targets = {}
            for link in self.tree.iter("a"):
                name = (link.get("href") or "").partition("#")[2]
                target = named.get(name) if (link.get("href") or "").startswith("#") else None
                note = None if target is None else _block(target)
                if note is not None and order[note] > order[link] and _is_mark(link, note):
                    self._targets[name] = note
        return self._targets


def _note_text(note: Element) -> str:
    """The note without its own mark, which leads back to the text."""
    text = narrowed("".join(note.itertext()))
    return _MARK.sub("", text, count=1).strip() if _MARK.match(text) else text


def _block(element: Element) -> Element | None:
    """The paragraph or list item that a target stands in."""
    wanted = ("p", "li", "dd", "div", "aside")
    if element.tag in wanted:
        return element
    return next(element.iterancestors(*wanted), None)


def _is_mark(link: Element, note: Element) -> bool:
    """Whether a link is the mark of a note: the note begins with it, or is an item of a list."""
    mark = narrowed("".join(link.itertext()))
    bare = mark.isdecimal() and not _RAISED.search(link.get("href") or "")
    raised = any(one.tag == "sup" for one in (link.getparent(), *link.iter()))
    begins = narrowed("".join(note.itertext())).startswith(mark)
    return bool(_MARK.fullmatch(mark)) and (raised or not bare) and (begins or note.tag == "li")
