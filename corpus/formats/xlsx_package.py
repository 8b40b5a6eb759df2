"""What openpyxl does not tell of a workbook: read from the package itself before it is opened."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from lxml import etree
from openpyxl.utils import range_boundaries

from corpus.document import Left, Place
from corpus.errors import SourceError

_MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\b[^>]*?\bref=["']([A-Z$]+\d+:[A-Z$]+\d+)["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_MAX_MERGED = 1_000_000
"""openpyxl keeps an object for each place of a merged range: a whole sheet merged would never end."""


@dataclass(frozen=True)
class Package:
    """Whether any cell is worked out by a formula, and the drawings that are left."""

    formulas: bool
    left: tuple[Left, ...]

    @classmethod
    def of(cls, path: Path) -> Package:
        """Look through the parts of the workbook at `path`.

        Raises:
            SourceError: it is no package, or its merged ranges cover more than can be read.
        """
        formulas, left = False, []
        try:
            with ZipFile(path) as parts:
                for name in sorted(parts.namelist()):
                    if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                        sheet = parts.read(name)
                        formulas = formulas or _FORMULA.search(sheet) is not None
                        _check_merged(path.name, sheet)
                    elif re.fullmatch(r"xl/drawings/[^/]+\.xml", name):
                        left += _boxes(parts.read(name))
                    elif name.startswith("xl/media/"):
                        left.append(Left("图片", Place("工作簿"), name.rsplit("/", 1)[-1]))
        except (BadZipFile, zlib.error) as error:
            problem = "工作簿损坏，读不出来；请用Excel或WPS打开后另存为xlsx再添加"
            raise SourceError(path.name, None, problem) from error
        return cls(formulas, tuple(left))


def _check_merged(name: str, sheet: bytes) -> None:
    places = 0
    for match in _MERGE.finditer(sheet):
        ref = match[1].decode()
        left, top, right, bottom = range_boundaries(ref)
        places += (right - left + 1) * (bottom - top + 1)
        if places > _MAX_MERGED:
            problem = f"合并单元格{ref}太大，覆盖超过{_MAX_MERGED // 10000}万格；请取消整行整列的合并后再添加"
            raise SourceError(name, None, problem)


def _boxes(drawing: bytes) -> list[Left]:
    """Text boxes and shapes with text, which lie on a sheet without being part of its cells."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    root = etree.fromstring(drawing, parser)
    bodies = [] if root is None else root.iter("{*}txBody")
    texts = ("".join(piece.text or "" for piece in body.iter("{*}t")).strip() for body in bodies)
    return [Left("文本框", Place("工作簿"), text) for text in texts if text]
