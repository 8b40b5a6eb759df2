"""Running text of a page: elements to paragraphs and their lines, as a browser sets them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from corpus.formats.html_lists import number_of
from corpus.formats.html_page import SILENT, Element, is_hidden, is_tool, style

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_BREAK = "\x1e"
_DROPPED = {"del": "删除的文字", "s": "删除线文字", "strike": "删除线文字"}
_EMBEDDED = frozenset(["iframe", "object", "embed", "svg", "canvas", "video", "audio", "math"])
_CONTROLS = frozenset(["select", "textarea", "button", "input"])
_ATTACHMENT = re.compile(r"\.(?:docx?|xlsx?|pptx?|pdf|ofd|wps|et|rtf|zip|rar|7z)(?:$|[?#])", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_INDENT = re.compile(r"[ \t\n\r\f]*(?:[\u3000\u2003]|[\xa0\u2002]{2})[\s\xa0]*\S")
_SUPERSCRIPTS = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_CENTRED = re.compile(r"(?:^|;)text-align:(?:-webkit-)?(\w+)")
_TITLES = frozenset(("h1", "h2", "h3", "center"))

Sink = Callable[[tuple[str, ...], bool], None]


class Surroundings(Protocol):
    """What a flow hands to the document that it runs in."""

    def leave(self, kind: str, text: str) -> None:
        """Something is not taken over."""

    def table(self, element: Element, flow: Flow) -> None:
        """A table stands here."""

    def mark(self, element: Element, flow: Flow) -> bool:
        """Whether the element is the mark of a footnote, which was noted."""

    def is_note(self, element: Element) -> bool:
        """Whether the element is the text of a footnote."""


@dataclass
class Flow:
    """Collects the text of elements; each paragraph goes to `sink` as (lines, whether it is centred).

    `marks` are the footnotes that the text referred to.
    """

    around: Surroundings
    sink: Sink
    skip: frozenset[str] = frozenset()
    marks: list[str] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _centred: bool = False

    def run(self, element: Element) -> None:
        """Read the inside of an element as a block."""
        self._open(element)
        self._inside(element)
        self.close()

    def close(self) -> None:
        """End the paragraph."""
        raw, self._pieces = "".join(self._pieces), []
        lines: list[str] = []
        for segment in raw.split(_BREAK):
            line = narrowed(segment)
            if lines and (not line or (not self._centred and _INDENT.match(segment))):
                self.sink(tuple(lines), self._centred)
                lines = []
            if line:
                lines.append(line)
        if lines:
            self.sink(tuple(lines), self._centred)

    def _inside(self, element: Element) -> None:
        self._text(element, element.text)
        for child in element:
            if isinstance(child.tag, str):
                self._element(child)
            self._text(element, child.tail)

    def _text(self, element: Element, text: str | None) -> None:
        if not text:
            return
        if element.tag == "pre" or "white-space:pre" in style(element):
            text = text.replace("\r\n", "\n").replace("\n", _BREAK)
        elif element.tag == "sup":
            text = text.translate(_SUPERSCRIPTS) if text.strip().lstrip("+-").isdecimal() else text
        self._pieces.append(text)

    def _element(self, element: Element) -> None:
        tag = element.tag
        if tag in SILENT or self.around.is_note(element):
            return
        if self._left(element) or self.around.mark(element, self):
            return
        if tag == "br":
            self._pieces.append(_BREAK)
        elif tag == "table":
            self.close()
            self.around.table(element, self)
            self._centred = is_centred(element.getparent())
        elif tag in BLOCKS or "display:block" in style(element):
            self._block(element)
        else:
            self._inside(element)
            self._link(element)

    def _block(self, element: Element) -> None:
        before = self._centred
        self._open(element)
        if element.tag == "li":
            self._pieces.append(number_of(element, "".join(element.itertext())))
        self._inside(element)
        if element.tag == "pre":
            self._pieces.append("\n")
        self.close()
        self._centred = before

    def _open(self, element: Element) -> None:
        if not _only_number(self._pieces, element):
            self.close()
        self._centred = is_centred(element)

    def _left(self, element: Element) -> bool:
        """Leave what is no text of the document, and say so where it says something."""
        kind = self._kind_left(element)
        if kind is None:
            return False
        text = narrowed("".join(element.itertext()))
        if kind in ("图片", "嵌入对象"):
            source = element.get("src") or element.get("data") or ""
            text = text or element.get("alt") or source[:200] or str(element.tag)
        if text:
            self.around.leave(kind, text)
        return True

    def _kind_left(self, element: Element) -> str | None:
        tag = element.tag
        if is_hidden(element):
            return "隐藏文字"
        if tag in self.skip or is_tool(element):
            return "页面其余部分"
        if tag == "div" and (element.get("title") or "").lower() in ("header", "footer"):
            return "页眉页脚"  # as LibreOffice writes them
        if tag == "img":
            return "图片"
        if tag in _EMBEDDED:
            return "嵌入对象"
        return "页面控件" if tag in _CONTROLS else _DROPPED.get(tag)

    def _link(self, element: Element) -> None:
        href = element.get("href") or ""
        if element.tag == "a" and _ATTACHMENT.search(href):
            self.around.leave("附件链接", f"{narrowed(''.join(element.itertext()))}（{href}）")


def narrowed(text: str) -> str:
    r"""Text as it is shown: blanks narrowed to one, none where a line of the source breaks in Chinese.

    >>> narrowed("加强\n  治理\u3000 "), narrowed("PM2.5\n and NO2")
    ('加强治理', 'PM2.5 and NO2')
    """

    def blank(match: re.Match[str]) -> str:
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        broken = "\n" in match.group() and (_WIDE.match(before) or _WIDE.match(after))
        return "" if broken else " "

    return _BLANKS.sub(blank, text).replace("\xa0", " ").strip()


def is_centred(element: Element | None) -> bool:
    """Whether text in the element is set as a title is; what stands in a cell is asked up to its table."""
    while element is not None and element.tag != "table":
        if element.tag in _TITLES or "msotitle" in (element.get("class") or "").lower().split():
            return True
        found = _CENTRED.search(style(element))
        aligned = found[1] if found else (element.get("align") or "").lower()
        if aligned:
            return bool(aligned in ("center", "middle"))
        element = element.getparent()
    return False


def _only_number(pieces: list[str], element: Element) -> bool:
    """Nothing but the number of a list item stands before its first block."""
    above = element.getparent()
    return bool(
        above is not None
        and above.tag == "li"
        and not element.getprevious() is not None
        and not (above.text or "").strip()
        and element.tag not in ("ol", "ul", "table")
        and "".join(pieces).strip()
    )
