"""Which column of a table holds what, read from its header row."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from corpus.errors import SourceError
from corpus.normal import normal
from corpus.places import LEXICON
from corpus.rows import Cell

FIELDS = {
    "number": "序号",
    "task": "重点任务",
    "text": "工作措施",
    "deadline": "完成时限",
    "target": "年终目标",
    "category": "类别",
    "lead": "牵头部门",
    "responsible": "主责单位",
    "assisting": "协办单位",
    "liable": "责任单位",
    "extra": "随措施保留的说明",
    "skip": "不入库",
}
"""What a heading can be mapped to, in words."""
DUTIES = ("lead", "lead_responsible", "responsible", "assisting")
_ONCE = tuple(list(FIELDS)[:6])
_FIRST = "序号"
_BRACKETED = re.compile(r"[（(\[【].*?[）)\]】]")
_OF_YEAR = re.compile(r"20\d\d年?度?(?=..)")


class UnknownHeadingsError(SourceError):
    """A header row with headings that neither the lexicon nor a mapping knows: `headings`, as printed."""

    def __init__(
        self, file: str, line: int | str | None, headings: Sequence[str], what: str = "不认识的列"
    ) -> None:
        self.headings = tuple(headings)
        said = "、".join(f"“{heading}”" for heading in headings)
        problem = f"表头有{what}：{said}；请在列名对照表里写明各是什么（见使用手册“加入新计划”）"
        super().__init__(file, line, problem)


class NoMeasuresError(SourceError):
    """A header row without a column of measures, or with neither departments nor numbers."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The fields of a table's columns, left to right (see `lexicon/columns.toml`).

    `headings` are the columns as printed, for those that are kept under their heading.
    """

    fields: tuple[str, ...]
    headings: tuple[str, ...] = ()

    @classmethod
    def of_header(cls, cells: Sequence[Cell | None], file: str, line: int) -> Columns | None:
        """The columns, where `cells` are a header row (its first cell says 序号).

        Raises:
            SourceError: a heading is unknown or stands twice.
        """
        headings = [cell.text if cell else "" for cell in cells]
        if len(headings) < 2 or plain(headings[0]) != _FIRST:
            return None
        columns = cls.named(headings, file, line)
        if not set(DUTIES) & set(columns.fields):
            raise NoMeasuresError(file, line, "表头缺少牵头部门（责任单位）列")
        if len(set(columns.fields)) < len(columns.fields):
            raise SourceError(file, line, "表头有两列含义相同：" + "、".join(headings))
        return columns

    @classmethod
    def named(
        cls, headings: Sequence[str], file: str, line: int | str, mapping: Mapping[str, str] | None = None
    ) -> Columns:
        """The columns with these `headings`; those of `mapping` (see `read_mapping`) go first.

        Several columns may hold departments of one role (市级牵头部门, 区级牵头部门).

        Raises:
            UnknownHeadingsError: one is known to neither, or two hold the same.
            NoMeasuresError: none holds measures.
        """
        unknown = [heading for heading in headings if meaning(heading, mapping) is None]
        if unknown:
            raise UnknownHeadingsError(file, line, unknown)
        fields = [meaning(heading, mapping) or "" for heading in headings]
        if "liable" in fields:
            meant = "responsible" if "lead" in fields else "lead_responsible"
            fields = [meant if field == "liable" else field for field in fields]
        if "text" not in fields and "task" in fields:
            fields[max(n for n, field in enumerate(fields) if field == "task")] = "text"
        twice = [field for field in _ONCE if fields.count(field) > 1]
        if twice:
            same = [h for h, field in zip(headings, fields, strict=True) if field == twice[0]]
            raise UnknownHeadingsError(file, line, same, "含义相同的列")
        if "text" not in fields or not {*DUTIES, "number"} & set(fields):
            raise NoMeasuresError(file, line, "表头缺少工作措施（或指标名称）列或牵头部门（责任单位）列")
        return cls(tuple(fields), tuple(headings))


def plain(heading: str) -> str:
    """A heading as the lexicon writes it: without blanks and brackets."""
    return _BRACKETED.sub("", normal(heading)).replace(" ", "")


def meaning(heading: str, mapping: Mapping[str, str] | None = None) -> str | None:
    """The field that a column of this heading holds; 2026年目标 is 目标 unless it is named whole."""
    known = {**known_headings(), **(mapping or {})}
    whole = plain(heading)
    return known.get(whole) or known.get(_OF_YEAR.sub("", whole))


def looks_like_header(headings: Sequence[str], mapping: Mapping[str, str] | None = None) -> bool:
    """Whether the cells of a row are headings of columns: two or more, and at least half of them, known."""
    filled = [heading for heading in headings if heading]
    found = [field for heading in filled if (field := meaning(heading, mapping))]
    fields = set(found)
    return len(fields) >= 2 and 2 * len(found) >= len(filled) and bool(fields & {"text", "task", "number"})


def read_mapping(path: Path) -> dict[str, str]:
    """A mapping file of the lexicon's form: "改革事项" = "task", a line each.

    Raises:
        SourceError: it is no TOML, or maps to what is no field.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceError(str(path), None, f"列名对照表读不了（{error.strerror}）") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(path.name, None, f"列名对照表不是有效的 TOML：{error}") from None
    return checked_mapping(document, path.name)


def checked_mapping(mapping: Mapping[str, object], file: str) -> dict[str, str]:
    """`mapping` with its headings plain.

    Raises:
        SourceError: it maps to what is no field.
    """
    for heading, field in mapping.items():
        if field not in FIELDS:
            allowed = "、".join(f"{name}（{words}）" for name, words in FIELDS.items())
            raise SourceError(file, None, f"“{heading}”写成了 {field}，可用的有 {allowed}")
    return {plain(heading): str(field) for heading, field in mapping.items()}


@lru_cache(maxsize=1)
def known_headings() -> dict[str, str]:
    """The lexicon: field by heading."""
    return tomllib.loads((LEXICON / "columns.toml").read_text(encoding="utf-8"))
