"""JSON lines with ids, as question and answer files hold them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class QuestionFileError(ValueError):
    """A file of the benchmark that cannot be used; names file, line and field."""


def read_lines(path: Path, read: Callable[[dict[str, Any], str], tuple[str, T]], what: str) -> dict[str, T]:
    """What `read` makes of each line, by the id that it gives; blank lines are passed over.

    `read` gets the line's object and its place in words; `what` names the content.

    Raises:
        QuestionFileError: the file, a line or an id that stands twice; or there is no line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise QuestionFileError(f"读不了 {path}：{error.strerror}") from None
    except UnicodeDecodeError:
        raise QuestionFileError(f"{path.name} 不是 UTF-8 编码") from None
    found: dict[str, T] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path.name} 第{number}行"
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            raise QuestionFileError(f"{where}：第{error.colno}个字符处不是有效的 JSON") from None
        if not isinstance(entry, dict):
            raise QuestionFileError(f"{where}：应是一个 JSON 对象")
        name, value = read(entry, where)
        if name in found:
            raise QuestionFileError(f"{where}：id {name} 已经用过")
        found[name] = value
    if not found:
        raise QuestionFileError(f"{path.name} 里没有{what}")
    return found
