"""Which column of a table holds what, read from its header row."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.errors import SourceError
from corpus.normal import normal
from corpus.places import LEXICON
from corpus.rows import Cell

_FIRST = "序号"


@dataclass(frozen=True, slots=True)
class Columns:
    """The fields of a table's columns, left to right (see `lexicon/columns.toml`)."""

    fields: tuple[str, ...]

    @classmethod
    def of_header(cls, cells: Sequence[Cell | None], file: str, line: int) -> Columns | None:
        """The columns, where `cells` are a header row (its first cell says 序号).

        Raises:
            SourceError: a heading is unknown or stands twice.
        """
        headings = [normal(cell.text) if cell else "" for cell in cells]
        if len(headings) < 2 or headings[0] != _FIRST:
            return None
        known = _headings()
        unknown = [heading for heading in headings if heading not in known]
        if unknown:
            problem = f"表头有不认识的列：{'、'.join(unknown)}；请在 columns.toml 里登记"
            raise SourceError(file, line, problem)
        fields = tuple(known[heading] for heading in headings)
        if len(set(fields)) != len(fields):
            raise SourceError(file, line, "表头有两列含义相同")
        if "text" not in fields or "lead" not in fields:
            raise SourceError(file, line, "表头缺少工作措施（或指标名称）列或牵头部门列")
        return cls(fields)


@lru_cache(maxsize=1)
def _headings() -> dict[str, str]:
    return tomllib.loads((LEXICON / "columns.toml").read_text(encoding="utf-8"))
