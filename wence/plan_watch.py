"""A watched folder: what is put into it is added; what cannot be is said in a file beside it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from threading import Event

from corpus.errors import SourceError
from corpus.library import key_of
from wence import terminal
from wence.plan_work import Work, readable

WHY = ".未加入.txt"
LOOK_MS = 3000
_Seen = tuple[int, int]


def watch(
    folder: Path,
    work: Work,
    columns: Mapping[str, str],
    *,
    once: bool = False,
    stop: Event | None = None,
) -> None:
    """Add what stands in `folder`, and what comes into it until it is told to `stop`.

    A file that is still on its way fails to be read, and is read again when it has grown.

    Raises:
        SourceError: there is no such folder.
    """
    if not folder.is_dir():
        raise SourceError(str(folder), None, "没有这个文件夹")
    done: dict[Path, _Seen] = {}
    _take(folder, work, columns, done)
    if once:
        return
    from watchfiles import watch as changes

    terminal.say(f"正在看着 {folder}，把计划文件放进去即可；按 Ctrl-C 结束。")
    # Looked at now and then besides: a shared drive tells of no change, nor what came before the first look.
    looks = partial(changes, folder, stop_event=stop, recursive=False, raise_interrupt=False)
    for _ in looks(rust_timeout=LOOK_MS, yield_on_timeout=True):
        _take(folder, work, columns, done)


def _take(folder: Path, work: Work, columns: Mapping[str, str], done: dict[Path, _Seen]) -> None:
    fresh = {path: _state(path) for path in readable(folder)}
    held = {file.key for file in work.plans.library.register().files}
    new = [path for path, state in fresh.items() if done.get(path) != state]
    new = [path for path in new if key_of(path) not in held]
    done |= fresh
    if not new:
        return
    made = work.add(new, None, columns, [])
    for path in new:
        told = path.with_name(path.name + WHY)
        why = made.failed.get(str(path))
        if why is None:
            told.unlink(missing_ok=True)
        else:
            told.write_text(why + "\n", encoding="utf-8")


def _state(path: Path) -> _Seen:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
