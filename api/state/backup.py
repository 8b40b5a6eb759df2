"""A state saved to one file while the service goes on, and brought back from it."""

from __future__ import annotations

import os
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from filelock import Timeout
from sqlalchemy import URL

from api.state import sqlite
from api.state.database import State, StateError, read_url
from api.state.tables import migrations, secrets
from index.reasons import reason


def backup(url: str, path: Path) -> None:
    """Write the state at `url`, as it is at this moment, to one SQLite file at `path`.

    Others go on reading and writing. A file that is there is replaced once the new one is whole.

    Raises:
        StateError: there is no state, it is damaged or in PostgreSQL, or `path` cannot be written.
    """
    source = _file_of(url, "备份", f"pg_dump --format=custom --file={shlex.quote(str(path))} --dbname={{}}")
    path = path.absolute()
    with _told(f"备份到 {path} 不成"):
        if not source.exists():
            raise StateError(f"还没有状态库（{source}），没有可备份的。")
        if path.exists() and path.samefile(source):
            raise StateError("备份不能写在状态库自己身上，请换一个文件名。")
        with _copied(source, path) as copy:
            _check(copy)
            _put(copy, path)


def restore(url: str, path: Path, *, replace: bool = False) -> Path | None:
    """Put the backup at `path` in the place of the state at `url`.

    The backup itself stays as it is. A running service goes on with the restored state.

    Returns:
        Where the state that was there before is kept beside, if there was one.

    Raises:
        StateError: `path` is no whole state that this version knows; the state there holds
            anything (or cannot be read) and `replace` is not set; the files cannot be written.
    """
    target = _file_of(url, "恢复", f"pg_restore --clean --if-exists --dbname={{}} {shlex.quote(str(path))}")
    with _told(f"从 {path} 恢复不成"), sqlite.alone(target):
        if not path.is_file():
            raise StateError(f"没有备份文件 {path}。")
        if target.exists() and path.samefile(target):
            raise StateError("这就是状态库自己，不用恢复。")
        with _copied(path, target) as copy:
            _check(copy)
            State.open(
                URL.create("sqlite", database=str(copy))
            ).close()  # what an older version left is brought up to date
            if target.exists() and not replace and _holds(target):
                raise StateError(f"状态库 {target} 里已有内容，要换掉请加 --yes；现在的会留在旁边。")
            kept = _set_aside(target)
            _put(copy, target)
    return kept


def _file_of(url: str, what: str, command: str) -> Path:
    parsed = read_url(url)
    if parsed.drivername == "postgresql":
        shown = shlex.quote(parsed._replace(password=None).render_as_string())
        raise StateError(f"状态库在 PostgreSQL 上，请用它自己的工具{what}：{command.format(shown)}")
    try:
        return sqlite.path_of(parsed)
    except ValueError as error:
        raise StateError(f"WENCE_STATE_URL {error}。") from None


@contextmanager
def _told(failed: str) -> Iterator[None]:
    try:
        yield
    except Timeout:
        raise StateError(f"{failed}：另一个进程正在打开或恢复状态库，请稍后再试。") from None
    except (OSError, sqlite3.Error) as error:
        raise StateError(f"{failed}：{reason(error)}。") from None


@contextmanager
def _copied(source: Path, target: Path) -> Iterator[Path]:
    """A copy of the database at `source` in one file beside `target`, on the disk; gone at the end."""
    copy = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        with closing(sqlite.connect(source, "ro")) as reading, closing(sqlite.connect(copy)) as writing:
            reading.backup(writing)
            writing.execute("PRAGMA journal_mode=DELETE")  # nothing stays beside the file
        yield copy
    finally:
        for name in (*_files(copy), Path(f"{copy}.lock")):
            name.unlink(missing_ok=True)


def _check(copy: Path) -> None:
    """See that a copied file is a whole state.

    Raises:
        StateError: it is something else, or damaged.
    """
    with closing(sqlite.connect(copy)) as connection:
        (told,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if told != "ok":
            raise StateError("文件已损坏，没有动任何东西。")
        if migrations.name not in _tables(connection):
            raise StateError("文件不是问策的状态库，没有动任何东西。")


def _tables(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite@_%' ESCAPE '@'"
    )
    return {name for (name,) in rows}


def _holds(target: Path) -> bool:
    """Whether anything is kept in the file at `target`; so too where it cannot be read."""
    try:
        with closing(sqlite.connect(target)) as connection:
            names = _tables(connection) - {migrations.name, secrets.name}
            asked = (f'SELECT EXISTS (SELECT 1 FROM "{name}")' for name in names)
            return any(connection.execute(exists).fetchone()[0] for exists in asked)
    except sqlite3.Error:
        return True


def _set_aside(target: Path) -> Path | None:
    """Rename what is at `target` and beside it (a left journal would be played into the new file)."""
    kept, number = Path(f"{target}.before-restore"), 1
    while kept.exists():
        number += 1
        kept = Path(f"{target}.before-restore-{number}")
    was_there = target.exists()
    for old, new in zip(_files(target), _files(kept), strict=True):
        if old.exists():
            old.rename(new)
    return kept if was_there else None


def _put(copy: Path, path: Path) -> None:
    """Rename `copy` to `path`, for whoever owns that, and see that it is on the disk."""
    owner = (path if path.exists() else path.parent).stat()
    with suppress(PermissionError):  # only root can give files away
        os.chown(copy, owner.st_uid, owner.st_gid)
    copy.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _files(path: Path) -> list[Path]:
    """A database's file and what SQLite keeps beside it."""
    return [path, *(Path(f"{path}{ending}") for ending in sqlite.BESIDE)]
