"""What stands on every page and belongs to none: page numbers, running headers and footers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from corpus.document import Left, Place
from corpus.formats.pdf_lines import Line, cut
from corpus.formats.pdf_page import Ink

_EDGE = 0.13  # of the page's height, above and below
_SAME_HEIGHT = 4.0
_DASH = r"[-—–－―─·•~〜]"
_PAGE_NUMBER = re.compile(
    rf"{_DASH}*\s*\d{{1,4}}\s*{_DASH}*|第?\s*\d{{1,4}}\s*/\s*(共\s*)?\d{{1,4}}\s*页?"
    r"|第\s*\d{1,4}\s*页\s*[，,/（(]?\s*(共\s*\d{1,4}\s*页)?\s*[）)]?|[Pp]age\s*\d+(\s*of\s*\d+)?|[ivxIVX]{1,6}"
)


def furniture(inks: Sequence[Ink], pages: Sequence[Sequence[Line]]) -> tuple[list[list[Line]], list[Left]]:
    """The lines of each page without its furniture, and the furniture."""
    running = _running(inks, pages)
    kept: list[list[Line]] = []
    left: list[Left] = []
    for index, (ink, lines) in enumerate(zip(inks, pages, strict=True)):
        kept.append([])
        outer = {id(line) for line in (*_outermost(lines), *_outermost(lines[::-1]))}
        for line in lines:
            edge = _edge(ink, line)
            where = Place(f"第{ink.number}页", ink.number, line.box)
            if edge and _is_page_number(line) and id(line) in outer:
                left.append(Left("页码", where, line.text))
            elif edge and (index, id(line)) in running:
                left.append(Left(edge, where, line.text))
            else:
                kept[-1].append(line)
    return kept, left


def _edge(ink: Ink, line: Line) -> str:
    if line.bottom < _EDGE * ink.height:
        return "页眉"
    return "页脚" if line.top > (1 - _EDGE) * ink.height else ""


def _is_page_number(line: Line) -> bool:
    return all(_PAGE_NUMBER.fullmatch(part.text) for part in cut(line, 2))


def _outermost(lines: Sequence[Line]) -> Sequence[Line]:
    """The first lines: a page number may stand beside or next to a running header."""
    return lines[:2]


def _running(inks: Sequence[Ink], pages: Sequence[Sequence[Line]]) -> set[tuple[int, int]]:
    """(page, line) where the same text stands at the same height on most pages, or on every other one.

    Figures that count with the pages (计划 第3页) are the same text; 附件1 and 附件2 on two pages are not.
    """
    found: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    counting: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for index, (ink, lines) in enumerate(zip(inks, pages, strict=True)):
        for line in lines:
            if not _edge(ink, line):
                continue
            height = round(line.base / _SAME_HEIGHT)
            for near in (height - 1, height, height + 1):
                found[line.text, near].append((index, id(line)))
                counted = line.text.replace(str(ink.number), "#")
                if counted != line.text:
                    counting[counted, near].append((index, id(line)))
    enough = max(2, 0.4 * len(inks))
    same = {hit for hits in found.values() if len({i for i, _ in hits}) >= enough for hit in hits}
    return same | {
        hit for hits in counting.values() if len({i for i, _ in hits}) >= max(3, enough) for hit in hits
    }
