"""The parts of a Word package: its XML, its styles, its footnotes."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.oxml import serialize_part_xml
from docx.opc.package import OpcPackage
from docx.opc.part import Part, XmlPart
from docx.oxml.ns import nsmap
from docx.oxml.parser import parse_xml
from docx.oxml.xmlchemy import BaseOxmlElement

from corpus.errors import SourceError

Element: TypeAlias = BaseOxmlElement
W = "{" + nsmap["w"] + "}"
_OFF = ("0", "false", "off", "none")
_MACRO_TYPE = "vbaProject"
_TITLE = re.compile(r"(title|subtitle|heading \d|标题.*|副标题)", re.IGNORECASE)
_TOC = re.compile(r"(toc \d|目录 ?\d)", re.IGNORECASE)
_UNREAD = re.compile(r"/(media|embeddings)/|vbaProject", re.IGNORECASE)
BROKEN = "文件已损坏，Word 文档的部件读不出来：请用 Word 打开并另存为 docx，或请发文单位重发"


def child(element: Element | None, name: str) -> Element | None:
    """The direct child w:`name`; None where there is none, or no element."""
    found: Element | None = None if element is None else element.find(W + name)
    return found


def children(element: Element | None, name: str) -> list[Element]:
    """The direct children w:`name`."""
    return [] if element is None else list(element.findall(W + name))


def elements(element: Element) -> Iterator[Element]:
    """Its children without comments and processing instructions."""
    return (inner for inner in element if isinstance(inner.tag, str))


def local(element: Element) -> str:
    """Its tag without the namespace."""
    return str(element.tag).rpartition("}")[2]


def value(element: Element | None, name: str = "val") -> str:
    """The attribute w:`name`; empty where there is none, or no element."""
    return "" if element is None else str(element.get(W + name) or "")


def flag(element: Element | None, name: str) -> bool:
    """Whether the on/off property w:`name` is set."""
    found = child(element, name)
    return found is not None and value(found) not in _OFF


class Package:
    """A docx, opened by python-docx; templates and files with macros too (the macros are never run).

    `broken` counts links to parts that the file does not hold (Word skips them; python-docx would not).
    """

    def __init__(self, path: Path) -> None:
        self.broken = 0
        try:
            opened = OpcPackage.open(self._mended(path))
            self.main = opened.main_document_part
            self.parts = tuple(opened.iter_parts())
            self.document = self._root(self.main)
        except SourceError:
            raise
        except Exception as error:  # a crooked file makes the libraries raise anything
            raise SourceError(path.name, None, BROKEN) from error
        self._name = path.name

    @property
    def has_macros(self) -> bool:
        """Whether it brings macros along."""
        return any(_MACRO_TYPE in f"{part.content_type} {part.partname}" for part in self.parts)

    def roots(self, relation: str) -> list[Element]:
        """The roots of the parts that the main part is related to so; unreadable ones are an error."""
        try:
            return [
                self._root(rel.target_part)
                for rel in self.main.rels.values()
                if rel.reltype == relation and not rel.is_external
            ]
        except Exception as error:
            raise SourceError(self._name, None, BROKEN) from error

    def root(self, relation: str) -> Element | None:
        """The first of them."""
        return next(iter(self.roots(relation)), None)

    def texts(self, relation_id: str) -> str:
        """Every text (a:t) of the drawing part with that relationship id, joined with blanks."""
        rel = self.main.rels.get(relation_id)
        if rel is None or rel.is_external:
            return ""
        found = self._root(rel.target_part).iter("{" + nsmap["a"] + "}t")
        return " ".join(str(text.text) for text in found if text.text)

    @staticmethod
    def _root(part: Part) -> Element:
        return part.element if isinstance(part, XmlPart) else parse_xml(part.blob)

    def _mended(self, path: Path) -> io.BytesIO:
        """The package without relationships to parts that it does not hold (WPS leaves such behind).

        Pictures, embedded files and macros stay empty: nobody here opens them.
        """
        mended = io.BytesIO()
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(mended, "w") as target:
            names = set(source.namelist())
            for name in names:
                data = b"" if _UNREAD.search(name) else source.read(name)
                if name.endswith(".rels"):
                    data = self._without_broken(name, data, names)
                target.writestr(name, data)
        mended.seek(0)
        return mended

    def _without_broken(self, name: str, data: bytes, names: set[str]) -> bytes:
        root = parse_xml(data)
        folder = posixpath.dirname(posixpath.dirname(name))
        for rel in list(elements(root)):
            target = unquote(str(rel.get("Target") or ""))
            held = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
            if rel.get("TargetMode") != "External" and held not in names:
                root.remove(rel)
                self.broken += 1
        return bytes(serialize_part_xml(root))


class Styles:
    """The styles of a document, each with what it inherits (w:basedOn)."""

    def __init__(self, root: Element | None) -> None:
        self._styles = {value(style, "styleId"): style for style in children(root, "style")}
        self._default = next(
            (
                value(style, "styleId")
                for style in self._styles.values()
                if value(style, "type") == "paragraph" and value(style, "default") not in ("", *_OFF)
            ),
            "",
        )

    def numbering(self, style: str) -> tuple[Element | None, str]:
        """The w:numPr that the paragraph style sets, and the id of the style that sets it."""
        for owner, element in self._chain(style or self._default):
            found = child(child(element, "pPr"), "numPr")
            if found is not None and child(found, "numId") is not None:
                return found, owner
        return None, ""

    def is_title(self, style: str) -> bool:
        """Whether it is a title or heading, or rests on one."""
        return any(_TITLE.fullmatch(value(child(e, "name"))) for _, e in self._chain(style))

    def is_contents(self, style: str) -> bool:
        """Whether it sets the lines of a table of contents."""
        return any(_TOC.fullmatch(value(child(e, "name"))) for _, e in self._chain(style))

    def alignment(self, style: str) -> str:
        """The w:jc of a paragraph style."""
        for _, element in self._chain(style or self._default):
            found = value(child(child(element, "pPr"), "jc"))
            if found:
                return found
        return ""

    def hides(self, style: str) -> bool:
        """Whether text in this style is hidden (w:vanish)."""
        for _, element in self._chain(style):
            if child(child(element, "rPr"), "vanish") is not None:
                return flag(child(element, "rPr"), "vanish")
        return False

    def _chain(self, style: str) -> Iterator[tuple[str, Element]]:
        seen: set[str] = set()
        while style in self._styles and style not in seen:
            seen.add(style)
            yield style, self._styles[style]
            style = value(child(self._styles[style], "basedOn"))


@dataclass(frozen=True, slots=True)
class NoteKind:
    """Footnotes or endnotes: the element of a reference, of a note, its part, how numbers look."""

    reference: str
    note: str
    relation: str
    properties: str
    default: str


FOOTNOTE = NoteKind("footnoteReference", "footnote", RT.FOOTNOTES, "footnotePr", "decimal")
ENDNOTE = NoteKind("endnoteReference", "endnote", RT.ENDNOTES, "endnotePr", "lowerRoman")


class NoteBook:
    """The footnotes and endnotes of a document by their id, and the format of their marks."""

    def __init__(self, package: Package) -> None:
        self._notes: dict[tuple[str, str], Element] = {}
        self._format: dict[str, str] = {}
        settings = package.root(RT.SETTINGS)
        for kind in (FOOTNOTE, ENDNOTE):
            for root in package.roots(kind.relation):
                self._notes |= {(kind.note, value(n, "id")): n for n in children(root, kind.note)}
            sections = [child(s, kind.properties) for s in package.document.iter(W + "sectPr")]
            said = [value(child(p, "numFmt")) for p in (*sections, child(settings, kind.properties))]
            self._format[kind.note] = next((f for f in said if f), kind.default)

    def note(self, kind: NoteKind, number: str) -> Element | None:
        """The note with that id."""
        return self._notes.get((kind.note, number))

    def format(self, kind: NoteKind) -> str:
        """The w:numFmt of the marks."""
        return self._format[kind.note]
