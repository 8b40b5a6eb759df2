"""A published file of any format, told by what it holds, never by its name alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from corpus.document import Document
from corpus.formats.sniff import kind_of

MAX_MB = 50


def read_document(path: Path, max_mb: int = MAX_MB) -> Document:
    """Read the docx, xlsx, html or pdf at `path`; an old .doc goes through LibreOffice.

    Raises:
        SourceError: it cannot be read, with the reason and what to do; nothing of it is used then.
    """
    kind = kind_of(path, max_mb)
    return _reader(kind)(path)


def _reader(kind: str) -> Callable[[Path], Document]:
    """The reader's module is imported when one is needed: a question needs none."""
    if kind == "docx":
        from corpus.formats.docx import read
    elif kind == "xlsx":
        from corpus.formats.xlsx import read
    elif kind == "html":
        from corpus.formats.html import read
    elif kind == "pdf":
        from corpus.formats.pdf import read
    else:
        from corpus.formats.doc import read
    return read
