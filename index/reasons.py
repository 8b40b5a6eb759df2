"""Why a database failed, in Chinese words that carry no password and no value of a row."""

from __future__ import annotations

import errno
import re
from typing import Any

from sqlalchemy import exc

# SQLite's names of results, the more particular first: its extended ones begin with the plain ones.
_SQLITE = (
    ("SQLITE_FULL", "磁盘已满"),
    ("SQLITE_READONLY", "数据库是只读的"),
    ("SQLITE_NOTADB", "文件不是 SQLite 数据库，或已损坏"),
    ("SQLITE_CORRUPT", "文件已损坏"),
    ("SQLITE_CANTOPEN", "打不开文件（不存在，或没有权限）"),
    ("SQLITE_PERM", "没有权限"),
    ("SQLITE_BUSY", "被别的进程占用"),
    ("SQLITE_LOCKED", "被别的进程占用"),
    ("SQLITE_IOERR", "磁盘读写出错（可能已满或已坏）"),
)
# PostgreSQL's SQLSTATE codes, likewise (appendix A of its manual).
_POSTGRESQL = (
    ("53100", "磁盘已满"),
    ("53300", "连接数已满"),
    ("53", "数据库资源不足"),
    ("25006", "数据库是只读的"),
    ("42501", "没有权限"),
    ("28", "用户名或口令不对"),
    ("3D000", "没有这个数据库"),
    ("3F000", "没有这个模式（schema）"),
    ("XX00", "数据库已损坏"),
    ("57P", "连接不上（数据库正在停止或启动）"),
    ("08", "连接不上"),
)
# What a server says before it has a code to give: libpq's words.
_CONNECTING = (
    ("authentication failed", "用户名或口令不对"),
    ("no pg_hba.conf entry", "数据库不接受从这里登录"),
    ("no password supplied", "没有给口令"),
    ("too many clients", "连接数已满"),
    ("remaining connection slots", "连接数已满"),
    (" does not exist", "没有这个数据库或用户"),
)
_SYSTEM = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已满",
    errno.EFBIG: "文件大小到了上限",
    errno.EROFS: "磁盘是只读的",
    errno.EISDIR: "是文件夹",
    errno.ENOTDIR: "路径中间有文件",
    errno.EEXIST: "已经有了",
}
_PASSWORD = re.compile(r"://[^/@\s]*@")


def reason(error: Exception) -> str:
    """Why `error`, of SQLAlchemy, a driver or the system, came about; one short Chinese phrase."""
    if isinstance(error, exc.TimeoutError):
        return "连接都在用"
    cause: Any = getattr(error, "orig", None) or error
    if isinstance(cause, OSError):
        return _SYSTEM.get(cause.errno or 0) or cause.strerror or type(cause).__name__
    if code := getattr(cause, "sqlite_errorname", None):
        return _said(_SQLITE, code) or _plain(cause)
    if code := getattr(cause, "sqlstate", None):
        return _said(_POSTGRESQL, code) or f"{_plain(cause)}（{code}）"
    if type(cause).__module__.partition(".")[0] == "psycopg" and type(cause).__name__.endswith(
        ("OperationalError", "ConnectionTimeout", "InterfaceError")
    ):
        told = str(cause)
        return next((said for words, said in _CONNECTING if words in told), "连接不上")
    return _plain(cause)


def _said(reasons: tuple[tuple[str, str], ...], code: str) -> str:
    return next((said for prefix, said in reasons if code.startswith(prefix)), "")


def _plain(cause: Any) -> str:
    """The first line of what a driver says. Further lines hold statements and values."""
    if isinstance(cause, exc.SQLAlchemyError):
        return type(cause).__name__
    told = getattr(getattr(cause, "diag", None), "message_primary", None) or str(cause)
    line = next(iter(told.splitlines()), "") or type(cause).__name__
    return _PASSWORD.sub("://", line)[:200]
