"""Word files for tests, from the XML of their body."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import docx as library
from docx.oxml.ns import nsdecls
from docx.oxml.parser import parse_xml

from corpus.document import Document, Paragraph, Table
from corpus.formats.docx import read

SPACES = (
    nsdecls("w", "r", "wp", "a", "pic")
    + ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    + ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    + ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)


def word(*body: str) -> library.document.Document:
    """A document with this XML as its body."""
    document = library.Document()
    for element in parse_xml(f"<w:body {SPACES}>{''.join(body)}</w:body>"):
        document.element.body.insert(len(document.element.body) - 1, element)
    return document


def read_body(folder: Path, *body: str) -> Document:
    path = folder / "计划.docx"
    word(*body).save(str(path))
    return read(path)


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def tc(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"


def tbl(widths: Sequence[int], *rows: str) -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    inner = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{inner}</w:tbl>"


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


def rows_of(table: Table) -> list[list[str]]:
    return [["".join(cell.lines) for cell in row] for row in table.grid()]


def saved(document: library.document.Document) -> Document:
    """What is read of a document of python-docx."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "计划.docx"
        document.save(str(path))
        return read(path)
