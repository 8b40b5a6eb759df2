"""JSON lines with ids, as question and answer files hold them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from corpus.lines import objects

T = TypeVar("T")


class QuestionFileError(ValueError):
    """A file of the benchmark that cannot be used; names file, line and field."""


def read_lines(path: Path, read: Callable[[dict[str, Any], str], tuple[str, T]], what: str) -> dict[str, T]:
    """What `read` makes of each line, by the id that it gives; blank lines are passed over.

    `read` gets the line's object and its place in words; `what` names the content.

    Raises:
        QuestionFileError: the file, a line or an id that stands twice; or there is no line.
    """
    found: dict[str, T] = {}
    for entry, where in objects(path, QuestionFileError):
        name, value = read(entry, where)
        if name in found:
            raise QuestionFileError(f"{where}：id {name} 已经用过")
        found[name] = value
    if not found:
        raise QuestionFileError(f"{path.name} 里没有{what}")
    return found
