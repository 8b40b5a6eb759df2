"""`sources.toml`: which files hold which plans, and how each is read."""

from __future__ import annotations

import codecs
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast, get_args

from corpus.errors import SourceError
from corpus.types import Level, Plan, Status

BUNDLED = Path(__file__).parent / "sources" / "sources.toml"
_REQUIRED = ("id", "short", "title", "level", "district", "year", "status", "reader", "file")
_OPTIONAL = ("starts_at", "order", "encoding", "covers", "misprint", "period")
PROSE = "prose"
PUBLISHED = "published"
"""The reader of added plans: `path` is the transcript of a published file, `part` the part of it."""


@dataclass(frozen=True, slots=True)
class Misprint:
    """A known misprint: the text stays as printed, search reads `meant` too."""

    measure: str
    printed: str
    meant: str


@dataclass(frozen=True, slots=True)
class Source:
    """A plan and how to read it: an entry of the manifest, or of the library. Paths are absolute."""

    plan: Plan
    reader: str
    path: Path
    encoding: str = "utf-8-sig"
    starts_at: str | None = None
    order: Path | None = None
    misprints: tuple[Misprint, ...] = ()
    periods: tuple[tuple[str, str], ...] = ()
    part: int = 0
    mapping: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """The file as text.

        Raises:
            SourceError: it is missing, empty or not in the declared encoding.
        """
        name = self.path.name
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            problem = f"清单登记了计划 {self.plan.id}，但文件不存在"
            raise SourceError(str(self.path), None, problem) from None
        except OSError as error:
            raise SourceError(str(self.path), None, f"文件读不了（{error.strerror}）") from None
        try:
            text = raw.decode(self.encoding)
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            expected = self.encoding.removesuffix("-sig")
            problem = f"不是 {expected} 编码（第 {error.start} 字节）；请转码，或在清单中写明 encoding"
            raise SourceError(name, line, problem) from None
        if not text.strip():
            raise SourceError(name, None, "文件是空的")
        return text.replace("\r\n", "\n")


def read_manifest(path: Path = BUNDLED) -> tuple[Source, ...]:
    """Read and check the manifest at `path`.

    Raises:
        SourceError: it is missing, not TOML, empty, or an entry is wrong (named by its id).
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SourceError(str(path), None, "找不到语料清单") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(path.name, None, f"清单不是有效的 TOML：{error}") from None
    entries = document.get("plan", [])
    if not entries:
        raise SourceError(path.name, None, "清单里没有任何 [[plan]]")
    sources = tuple(_source(path, entry, n) for n, entry in enumerate(entries))
    for name in ("id", "short"):
        seen: set[str] = set()
        for source in sources:
            value = str(getattr(source.plan, name))
            if value in seen:
                raise SourceError(path.name, None, f"{name} = {value} 登记了两次")
            seen.add(value)
    return sources


def _source(path: Path, entry: dict[str, Any], ordinal: int) -> Source:
    label = f"第{ordinal + 1}个 [[plan]]（{entry.get('id', '无 id')}）"
    missing = [key for key in _REQUIRED if key not in entry]
    unknown = [key for key in entry if key not in _REQUIRED + _OPTIONAL]
    if missing or unknown:
        said = "缺少 " + "、".join(missing) if missing else "有不认识的键 " + "、".join(unknown)
        raise SourceError(path.name, None, f"{label}{said}")
    for key, allowed in (("level", get_args(Level)), ("status", get_args(Status))):
        if entry[key] not in allowed:
            problem = f"{label}的 {key} = {entry[key]!r}，应为 {' 或 '.join(allowed)}"
            raise SourceError(path.name, None, problem)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", str(entry["id"])):
        raise SourceError(path.name, None, f"{label}的 id 只能用小写字母、数字和连字符")
    try:
        codecs.lookup(entry.get("encoding", "utf-8"))
    except (LookupError, TypeError):
        raise SourceError(path.name, None, f"{label}的 encoding 不是已知的编码") from None
    for name, keys in (("misprint", {"measure", "printed", "meant"}), ("period", {"section", "name"})):
        if any(set(item) != keys for item in entry.get(name, [])):
            raise SourceError(path.name, None, f"{label}的 {name} 应有 {'、'.join(sorted(keys))}")
    if not isinstance(entry["year"], int):
        raise SourceError(path.name, None, f"{label}的 year 应为整数")
    if (entry["level"] == "区") != bool(entry["district"]):
        raise SourceError(path.name, None, f"{label}的 level 与 district 不一致：区级计划要写明区名")
    covers = entry.get("covers", [entry["year"], entry["year"]])
    if not (isinstance(covers, list) and len(covers) == 2 and covers[0] <= covers[1]):
        raise SourceError(path.name, None, f"{label}的 covers 应为 [起年, 止年]")
    plan = Plan(
        id=entry["id"],
        short=entry["short"],
        title=entry["title"],
        level=cast("Level", entry["level"]),
        district=entry["district"],
        year=entry["year"],
        status=cast("Status", entry["status"]),
        file=entry["file"],
        ordinal=ordinal,
        first_year=covers[0],
        last_year=covers[1],
        prose=entry["reader"] == PROSE,
    )
    folder = path.parent
    return Source(
        plan=plan,
        reader=entry["reader"],
        path=folder / entry["file"],
        encoding=entry.get("encoding", "utf-8-sig"),
        starts_at=entry.get("starts_at"),
        order=folder / entry["order"] if "order" in entry else None,
        misprints=tuple(Misprint(**item) for item in entry.get("misprint", [])),
        periods=tuple((item["section"], item["name"]) for item in entry.get("period", [])),
    )
