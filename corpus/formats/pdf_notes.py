"""Footnotes: small type under a short rule at the page's foot, and the marks that refer to them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.document import Paragraph, Place
from corpus.formats.pdf_lines import Bounded, Line, box_of, joined, without
from corpus.formats.pdf_page import Ink
from corpus.formats.pdf_pieces import Piece

_MARK = re.compile(r"([①-⑳㉑-㊿]|[\[［〔]\d{1,3}[\]］〕]|\d{1,3}(?=\D)|[*＊]{1,3})\s*")
_SHORT_RULE = 0.5  # of the page's width
_RAISED = 0.12  # of the type's size


def footnotes(
    ink: Ink, lines: Sequence[Line], pieces: Sequence[Piece], size: float
) -> tuple[list[Line], list[Paragraph]]:
    """The lines of a page above its footnotes, and the footnotes.

    Args:
        ink: the page.
        lines: its lines outside tables, without page numbers.
        pieces: its tables.
        size: the size of the document's type.
    """
    below_tables = max((piece.box[3] for piece in pieces), default=0.0)
    for rule in sorted((r for r in ink.rules if r.level), key=lambda r: r.at):
        short = 20 < rule.end - rule.start < _SHORT_RULE * ink.width
        if not short or rule.at < max(below_tables + 2, 0.4 * ink.height):
            continue
        under = [line for line in lines if line.top > rule.at - 2]
        small = all(line.size <= 1.02 * size for line in under)
        if under and small and _MARK.match(under[0].text) and under[0].x0 - rule.start < 3 * size:
            return [line for line in lines if line.top <= rule.at - 2], _notes(ink, under)
    return list(lines), []


def _notes(ink: Ink, lines: Sequence[Line]) -> list[Paragraph]:
    notes: list[list[Line]] = []
    for line in lines:
        if _MARK.match(line.text) and (not notes or line.x0 <= notes[0][0].x0 + 2 * line.size):
            notes.append([line])
        else:
            notes[-1].append(line)
    found = []
    for number, note in enumerate(notes, start=1):
        text = ""
        for line in note:
            text = joined(text, line.text)
        place = Place(f"第{ink.number}页 脚注{number}", ink.number, box_of(line.box for line in note))
        found.append(Paragraph((_marked(text),), place, "footnote"))
    return found


def _marked(text: str) -> str:
    """A note with its mark in front; a bare figure is put into brackets."""
    mark, rest = mark_of(text), _MARK.sub("", text, count=1)
    return (f"[{mark}]" if mark.isdecimal() else mark) + rest


def mark_of(note: str) -> str:
    """The mark that a note begins with, as it stands in the text above."""
    found = _MARK.match(note)
    return found[1] if found else ""


def refer(pieces: Sequence[Piece], notes: Sequence[Paragraph]) -> None:
    """Take the raised marks out of the cells' lines; the cells refer to the notes instead."""
    by_mark = {mark_of(note.text).strip("[]［］〔〕"): note.text for note in notes}
    if not by_mark:
        return
    for cell in (cell for piece in pieces for cell in piece.cells):
        kept = []
        for bounded in cell.lines:
            line, marks = unmarked(bounded.line, by_mark)
            cell.notes += tuple(by_mark[mark] for mark in marks)
            if line is not None:
                kept.append(Bounded(line, bounded.left, bounded.right))
        cell.lines = kept


def unmarked(line: Line, known: dict[str, str]) -> tuple[Line | None, list[str]]:
    """`line` without raised marks that are `known`, and those marks."""
    raised = [
        glyph
        for glyph in line.glyphs
        if glyph.size < 0.85 * line.size and glyph.base < line.base - _RAISED * line.size
    ]
    said = "".join(glyph.text for glyph in raised).strip()
    marks = [mark for mark in re.findall(r"[①-⑳㉑-㊿]|\d{1,3}|[*＊]{1,3}", said) if mark in known]
    if not marks:
        return line, []
    return without(line, raised), marks
