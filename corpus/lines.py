"""JSON lines: the objects of a file, each with its place in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def objects(path: Path, error: type[ValueError]) -> Iterator[tuple[dict[str, Any], str]]:
    """The object of each line and where it stands (`文件 第n行`); blank lines are passed over.

    Raises:
        error: the file cannot be read, or a line is no JSON object; named in Chinese.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as problem:
        raise error(f"读不了 {path}：{problem.strerror}") from None
    except UnicodeDecodeError:
        raise error(f"{path.name} 不是 UTF-8 编码") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path.name} 第{number}行"
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as problem:
            raise error(f"{where}：第{problem.colno}个字符处不是有效的 JSON") from None
        except (ValueError, RecursionError):  # a number of thousands of digits, brackets without end
            raise error(f"{where}：不是能读的 JSON") from None
        if not isinstance(entry, dict):
            raise error(f"{where}：应是一个 JSON 对象")
        yield entry, where
