"""Batches: a JSON object a line in, one a line out, in one process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rag.errors import QuestionError

Handler = Callable[[str, list[str], str], dict[str, Any]]


def run_batch(path: Path, handle: Handler) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield (output object, good) for every line of `path`; blank lines are passed over.

    A bad line gives an object with `error`, its `line` number and its `id` where it has one.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, start=1):
            if not raw.strip():
                continue
            entry: dict[str, Any] = {}
            try:
                entry = _entry(raw)
                document = handle(_question(entry), _history(entry), "")
            except (ValueError, RecursionError) as error:  # QuestionError is a ValueError
                said = str(error) if isinstance(error, ValueError) else "嵌套太深"
                where = "" if isinstance(error, QuestionError) else f"{path.name} 第{number}行："
                yield {"id": entry.get("id", ""), "line": number, "error": where + said}, False
                continue
            yield document | {"id": entry.get("id", "")}, True


def _entry(raw: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("不是 UTF-8 编码") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"不是有效的 JSON（{error.msg}，第{error.colno}列）") from None
    if not isinstance(entry, dict):
        raise ValueError('应是一个 JSON 对象，如 {"id": "1", "question": "……"}')
    return entry


def _question(entry: dict[str, Any]) -> str:
    if not isinstance(entry.get("question"), str):
        raise ValueError("缺少字段 question（字符串）")
    return str(entry["question"])


def _history(entry: dict[str, Any]) -> list[str]:
    history = entry.get("history") or []
    if not isinstance(history, list) or not all(isinstance(turn, str) for turn in history):
        raise ValueError("字段 history 应是字符串的列表，最早的在前")
    return history
