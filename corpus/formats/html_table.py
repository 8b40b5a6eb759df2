"""Tables of a page: which only lay it out, and the rows of those that hold data."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.formats.html_flow import BLOCKS
from corpus.formats.html_page import Element, is_hidden, readable, style

_GROUPS = ("thead", "tbody", "tfoot")
_CELLS = ("td", "th")
_PAGE = 4
"""A cell with as many blocks of text is a page, where nothing else says that it is data."""


def groups_of(table: Element) -> list[list[list[Element]]]:
    """The rows of cells of each group, in the order in which a browser shows them."""
    groups: list[tuple[str, list[list[Element]]]] = [("tbody", [])]
    _collect(table, groups)
    heads = [rows for kind, rows in groups if kind == "thead"][:1]
    feet = [rows for kind, rows in groups if kind == "tfoot"][:1]
    rest = [rows for _, rows in groups if not any(rows is one for one in heads + feet)]
    return [rows for rows in heads + rest + feet if rows]


def rows_of(table: Element) -> list[list[Element]]:
    """The rows of cells of all groups."""
    return [row for group in groups_of(table) for row in group]


def strays_of(table: Element) -> Iterator[Element | str]:
    """What stands in a table outside its cells: captions and text that browsers move in front of it."""
    for element in [table, *_own(table)]:
        inside = element.tag in (*_CELLS, "caption")
        if element.tag == "caption":
            yield element
        if not inside and (element.text or "").strip():
            yield str(element.text)
        if element is not table and (element.tail or "").strip():
            yield str(element.tail)


def is_layout(table: Element) -> bool:
    """Whether a table only lays the page out: its cells are read as running text then.

    That is one column, a table around tables that says little itself, or one row whose cell holds
    paragraphs like a page.
    """
    filled = [[cell for cell in row if readable(cell)] for row in rows_of(table)]
    if table.get("role") in ("presentation", "none") or all(len(row) <= 1 for row in filled):
        return True
    wide = [row for row in filled if len(row) > 1]
    inner = sum(len(readable(one)) for one in table.iter("table") if _table_of(one) is table)
    if inner and (len(wide) < 2 or inner * 2 > len(readable(table))):
        return True
    return len(wide) == 1 and not _has_lines(table) and any(_blocks(cell) >= _PAGE for cell in wide[0])


def span(cell: Element, name: str) -> int:
    """Rowspan or colspan as a browser reads it: leading digits; 1 where there is none."""
    text = (cell.get(name) or "").strip()
    digits = text[: len(text) - len(text.lstrip("0123456789"))]
    if not digits:
        return 1
    number = int(digits[:6])
    return number if number or name == "rowspan" else 1


def _collect(element: Element, groups: list[tuple[str, list[list[Element]]]]) -> None:
    loose = False
    for child in element:
        if not isinstance(child.tag, str) or child.tag == "table":
            continue
        if child.tag in _CELLS:
            if not loose:
                groups[-1][1].append([])
            groups[-1][1][-1].append(child)
        elif child.tag == "tr":
            if not is_hidden(child):
                groups[-1][1].append([cell for cell in _cells(child) if not is_hidden(cell)])
        elif child.tag in _GROUPS:
            groups.append((child.tag, []))
            _collect(child, groups)
            groups.append(("tbody", []))
        elif child.tag != "caption":
            _collect(child, groups)
        loose = child.tag in _CELLS


def _cells(row: Element) -> Iterator[Element]:
    for child in row:
        if child.tag in _CELLS:
            yield child
        elif isinstance(child.tag, str) and child.tag not in ("table", "tr"):
            yield from _cells(child)


def _own(table: Element) -> Iterator[Element]:
    """The elements of a table down to its cells, not what stands in them."""
    for child in table:
        if isinstance(child.tag, str):
            yield child
            if child.tag not in (*_CELLS, "caption", "table"):
                yield from _own(child)


def _table_of(element: Element) -> Element | None:
    return next(element.iterancestors("table"), None)


def _has_lines(table: Element) -> bool:
    """Whether it is drawn with lines, as tables of data are."""
    own = (table.get("border") or "0").strip() not in ("", "0")
    return own or any("border" in style(cell) for row in rows_of(table) for cell in row)


def _blocks(cell: Element) -> int:
    return sum(1 for one in cell.iter("p", "div", "li") if one.tag in BLOCKS and readable(one))
