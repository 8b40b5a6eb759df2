"""What a Word paragraph says: its runs, with all that Word wraps around them.

Read as a reader of the page would see it with every tracked change accepted: what is deleted, hidden or
a picture is handed back by name, footnotes are taken out of the line, symbol fonts become Unicode.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from docx.oxml.ns import nsmap

from corpus.formats.docx_numbers import circled, formatted
from corpus.formats.docx_parts import (
    ENDNOTE,
    FOOTNOTE,
    Element,
    NoteBook,
    NoteKind,
    Package,
    Styles,
    W,
    child,
    children,
    elements,
    flag,
    local,
    value,
)
from corpus.places import LEXICON

GAP = "〓"
_R = "{" + nsmap["r"] + "}"
_PRIVATE = range(0xF020, 0xF100)
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_ENCLOSED = re.compile(r"\\o\s*(?:\\a[cdlr]\s*)?\(\s*([○〇◯□△◇])\s*[,，;]\s*(.+?)\s*\)\s*$")
_OVER = re.compile(
    r"\\o\s*\\a[cdlr]\s*\(.*[,，;]\s*([^,，;()]+)\)\s*$"
)  # pinyin above a character (拼音指南)
_SKIPPED = {"pPr", "rPr", "sdtPr", "sdtEndPr", "smartTagPr", "customXmlPr", "rubyPr", "ctrlPr", "instrText"}
_SKIPPED |= {
    "delInstrText",
    "footnoteRef",
    "endnoteRef",
    "annotationRef",
    "separator",
    "continuationSeparator",
}
_SKIPPED |= {"softHyphen", "lastRenderedPageBreak", "proofErr", "pgNum", "bookmarkStart", "bookmarkEnd"}
_PLAIN = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_JOINED = ("修订中删去的文字", "隐藏文字")


@dataclass
class Inline:
    """A paragraph's text (manual breaks as newlines), its footnotes, text boxes, and what was left."""

    text: str = ""
    notes: list[str] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)

    def leave(self, kind: str, text: str) -> None:
        """Name something that was not taken over; runs of the same hidden text make one."""
        if kind in _JOINED and self.left and self.left[-1][0] == kind:
            text = self.left.pop()[1] + text
        self.left.append((kind, text))


@dataclass
class _Field:
    """A complex field: its instruction until it is separated from its result."""

    instruction: str = ""
    separated: bool = False


class Runs:
    """Reads paragraphs one after another; fields and the count of footnotes run on between them."""

    def __init__(
        self, package: Package, styles: Styles, book: NoteBook, comments: dict[str, Element]
    ) -> None:
        self._package = package
        self._styles = styles
        self._book = book
        self._comments = comments
        self._marks = {FOOTNOTE.note: 0, ENDNOTE.note: 0}
        self._fields: list[_Field] = []
        self._out = Inline()
        self._run: Element | None = None
        self._deleted = 0
        self._hidden = False
        self._base_hidden = False
        self.changes = {"ins": 0, "del": 0, "moveFrom": 0}
        self.symbols: set[str] = set()
        self.unread_fields = 0
        self.formulas = 0

    def read(self, paragraphs: list[Element]) -> Inline:
        """What the paragraphs say as one (several where a tracked change joined them)."""
        before, self._out = self._out, Inline()
        out = self._out
        hidden = self._base_hidden
        for paragraph in paragraphs:
            self._base_hidden = self._styles.hides(value(child(child(paragraph, "pPr"), "pStyle")))
            self._walk_into(paragraph)
            self._fields = [each for each in self._fields if each.separated]  # one cut off swallows no more
        self._out, self._base_hidden = before, hidden
        return out

    def end_fields(self) -> None:
        """Another part begins: a field that was never ended ends here."""
        self._fields.clear()

    # ------------------------------------------------------------------ the walk

    def _walk_into(self, element: Element) -> None:
        for inner in elements(element):
            self._walk(inner)

    def _walk(self, element: Element) -> None:
        name = local(element)
        if name in _SKIPPED:
            if name == "instrText" and self._fields and not self._fields[-1].separated:
                self._fields[-1].instruction += str(element.text or "")
            return
        if name in _PLAIN:
            self._say(_PLAIN[name])
            return
        handler = self._handlers.get(name)
        if handler is None:
            self._walk_into(element)  # hyperlinks, smart tags, bidirectional runs, whatever wraps text
        else:
            handler(self, element)

    def _say(self, text: str) -> None:
        if any(not each.separated for each in self._fields):
            return
        if self._deleted:
            self._out.leave("修订中删去的文字", text)
        elif self._hidden:
            self._out.leave("隐藏文字", text)
        else:
            self._out.text += text

    def _read_run(self, run: Element) -> None:
        before = self._run, self._hidden
        self._run, self._hidden = run, self._hides(run)
        for inner in elements(run):
            self._walk(inner)
            if value(inner, "customMarkFollows") not in ("", "0", "false"):
                break  # the mark that follows is the footnote's
        self._run, self._hidden = before

    def _hides(self, run: Element) -> bool:
        properties = child(run, "rPr")
        if child(properties, "vanish") is not None:
            return flag(properties, "vanish")
        return self._base_hidden or self._styles.hides(value(child(properties, "rStyle")))

    def _read_text(self, element: Element) -> None:
        text = str(element.text or "").replace("\r\n", " ").replace("\n", " ")
        if element.get("{http://www.w3.org/XML/1998/namespace}space") != "preserve":
            text = text.strip(" \t\r")
        if any(ord(char) in _PRIVATE for char in text):
            fonts = child(child(self._run, "rPr"), "rFonts")
            font = value(fonts, "ascii") or value(fonts, "hAnsi")
            text = "".join(self._symbol(font, c) if ord(c) in _PRIVATE else c for c in text)
        self._say(text)

    def _read_symbol(self, element: Element) -> None:
        code = value(element, "char")
        if re.fullmatch(r"[0-9A-Fa-f]{1,4}", code):
            self._say(self._symbol(value(element, "font"), chr(int(code, 16))))

    def _symbol(self, font: str, char: str) -> str:
        low = ord(char) - 0xF000 if ord(char) in _PRIVATE else ord(char)
        found = _symbols().get((font.lower(), low))
        if found is None and ord(char) not in _PRIVATE and low > 0xFF:
            found = char  # a real character, printed in a font of its own
        if found is None:
            self.symbols.add(f"{font or '未知字体'} {low:02X}")
        return found or GAP

    def _read_deleted(self, element: Element) -> None:
        self.changes[local(element)] += 1
        self._deleted += 1
        self._walk_into(element)
        self._deleted -= 1

    def _read_inserted(self, element: Element) -> None:
        self.changes["ins"] += 1
        self._walk_into(element)

    def _read_control(self, element: Element) -> None:
        """A content control; its placeholder (单击此处输入文字) is no text."""
        if not flag(child(element, "sdtPr"), "showingPlcHdr"):
            self._walk_into(element)

    def _read_choice(self, element: Element) -> None:
        """mc:AlternateContent says one thing several times: the first choice, or else the fallback."""
        for inner in list(elements(element))[:1]:
            self._walk_into(inner)

    def _read_ruby(self, element: Element) -> None:
        for base in children(element, "rubyBase"):
            self._walk_into(base)
        for above in children(element, "rt"):
            self._out.leave("注音", "".join(str(t.text or "") for t in above.iter(W + "t")))

    def _read_formula(self, element: Element) -> None:
        self.formulas += 1
        for inner in element.iter():
            if local(inner) == "t":
                self._say(str(inner.text or ""))

    # ------------------------------------------------------------------ fields

    def _read_field_char(self, element: Element) -> None:
        kind = value(element, "fldCharType")
        if kind == "begin":
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._fields[-1].separated = True
        elif kind == "end" and self._fields:
            ended = self._fields.pop()
            if not ended.separated and re.match(r"\s*eq\b", ended.instruction, re.IGNORECASE):
                self._say(self._equation(ended.instruction))

    def _equation(self, instruction: str) -> str:
        """EQ fields have no stored result: Word's 带圈字符 and 拼音指南 are such."""
        found = _ENCLOSED.search(instruction)
        if found:
            inside = found[2]
            return circled(int(inside)) if found[1] in "○〇◯" and inside.isdecimal() else inside
        found = _OVER.search(instruction)
        if found:
            return found[1].strip()
        self.unread_fields += 1
        return GAP

    # ------------------------------------------------------------------ notes, comments, drawings

    def _read_note(self, element: Element) -> None:
        kind = FOOTNOTE if local(element) == FOOTNOTE.reference else ENDNOTE
        note = self._book.note(kind, value(element, "id"))
        if note is None or self._deleted:
            return
        text = "".join(self._note_text(p) for p in note.iter(W + "p"))
        self._out.notes.append(self._mark(kind, element) + text)

    def _mark(self, kind: NoteKind, reference: Element) -> str:
        """The printed mark; a plain figure is put in brackets, so that it is not read as part of the text.

        Notes are counted through the document, also where Word starts anew on every page.
        """
        if value(reference, "customMarkFollows") not in ("", "0", "false"):
            after = reference.itersiblings(W + "t", W + "sym")
            return "".join(str(e.text or "") or GAP for e in after)
        self._marks[kind.note] += 1
        mark = formatted(self._marks[kind.note], self._book.format(kind))
        return f"[{mark}]" if mark.isascii() else mark

    def _note_text(self, paragraph: Element) -> str:
        fields, self._fields = self._fields, []
        inline = self.read([paragraph])
        self._fields = fields
        self._out.left += inline.left
        return inline.text.strip().replace("\n", "")

    def _read_comment(self, element: Element) -> None:
        comment = self._comments.pop(value(element, "id"), None)
        if comment is not None:
            self._out.leave("批注", comment_text(comment))

    def _read_drawing(self, element: Element) -> None:
        """Pictures, charts and diagrams are named; the text of boxes and shapes is read."""
        if self._deleted:
            return
        inner = list(_outside_boxes(element))
        names = {local(each) for each in inner}
        described = next((str(e.get("descr")) for e in inner if local(e) == "docPr" and e.get("descr")), "")
        if "OLEObject" in names:
            program = next(str(e.get("ProgID") or "") for e in inner if local(e) == "OLEObject")
            self._out.leave("嵌入对象", program)
        elif names & {"pic", "imagedata"}:
            self._out.leave("图片", described)
        if "chart" in names:
            self._out.leave("图表", described)
        for each in inner:
            if local(each) == "relIds":
                self._out.leave("SmartArt图形", self._package.texts(str(each.get(_R + "dm") or "")))
            elif local(each) == "textpath" and each.get("string"):
                self._out.leave("艺术字", str(each.get("string")))
            elif local(each) == "txbxContent":
                self._out.boxes.append(each)

    _handlers: dict[str, Callable[[Runs, Element], None]] = {  # noqa: RUF012 -- the table of this class
        "r": _read_run,
        "t": _read_text,
        "delText": _read_text,
        "sym": _read_symbol,
        "del": _read_deleted,
        "moveFrom": _read_deleted,
        "ins": _read_inserted,
        "sdt": _read_control,
        "AlternateContent": _read_choice,
        "ruby": _read_ruby,
        "oMath": _read_formula,
        "fldChar": _read_field_char,
        FOOTNOTE.reference: _read_note,
        ENDNOTE.reference: _read_note,
        "commentReference": _read_comment,
        "drawing": _read_drawing,
        "pict": _read_drawing,
        "object": _read_drawing,
    }


def comment_text(comment: Element) -> str:
    """What a w:comment says."""
    return "".join(str(text.text or "") for text in comment.iter(W + "t"))


def _outside_boxes(element: Element) -> list[Element]:
    """Everything in a drawing, without what stands inside its text boxes and fallbacks."""
    found: list[Element] = []
    waiting = [element]
    while waiting:
        current = waiting.pop()
        found.append(current)
        if local(current) != "txbxContent":
            waiting += [e for e in reversed(list(elements(current))) if e.tag != _FALLBACK]
    return found


@lru_cache(maxsize=1)
def _symbols() -> dict[tuple[str, int], str]:
    """(font in lower case, code) to the character (`lexicon/symbols.toml`)."""
    fonts = tomllib.loads((LEXICON / "symbols.toml").read_text(encoding="utf-8"))
    return {
        (font, int(first, 16) + at): char
        for font, rows in fonts.items()
        for first, row in rows.items()
        for at, char in enumerate(row)
    }
