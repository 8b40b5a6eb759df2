"""A PostgreSQL server in a folder of its own, reached by a Unix socket; Debian's, or the one in PATH."""

from __future__ import annotations

import os
import pwd
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

SETTINGS = "-F -h '' -c max_connections=40 -c shared_buffers=16MB -c full_page_writes=off"  # -F: no fsync


def programs() -> Path | None:
    """The folder of the newest server's programs; None where none is installed."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(debian, key=lambda path: float(path.parts[-3]), default=None)
    found = newest or shutil.which("initdb")
    return Path(found).parent if found else None


class Postgres:
    """A server that can be stopped and started again; databases are made as they are asked for."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._names = (f"state_{number}" for number in count())
        # The server refuses to run as root.
        self._user = next(filter(None, map(_user, ("postgres", "nobody")))) if os.getuid() == 0 else None
        if self._user is not None:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        self._run("initdb", "--auth=trust", "--username=wence", "--encoding=UTF8", "--locale=C", "--no-sync")

    def _run(self, program: str, *arguments: str) -> None:
        identity: dict[str, Any] = {}
        if self._user is not None:
            identity = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        told = self._folder / "told"
        with told.open("wb") as output:  # no pipe: the server would hold it open
            ran = subprocess.run(
                [self._programs / program, "-D", self._folder / "data", *arguments],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                **identity,
            )
        assert ran.returncode == 0, told.read_text()

    def start(self) -> None:
        """Return when connections are taken."""
        settings = f"{SETTINGS} -k {self._folder}"
        self._run("pg_ctl", "--wait", "--log", str(self._folder / "log"), "--options", settings, "start")

    def stop(self) -> None:
        """End every connection and the server."""
        self._run("pg_ctl", "--wait", "--mode=fast", "stop")

    def kill(self) -> None:
        """SIGKILL the server with all that it has started; return when they are gone."""
        lock = self._folder / "data/postmaster.pid"
        first = int(lock.read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        everyone = [os.pidfd_open(pid) for pid in (first, *map(int, children))]
        for process in everyone:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(process, signal.SIGKILL)
        for process in everyone:
            select.select([process], [], [])
            os.close(process)
        for left in (lock, *self._folder.glob(".s.PGSQL.*.lock")):
            left.unlink()  # the dead may still have a number: who should bury them here may not

    def url(self, database: str) -> str:
        """The URL of a database of this server."""
        return f"postgresql://wence@/{database}?host={self._folder}"

    def new_database(self, encoding: str = "UTF8") -> str:
        """The URL of a database that is new and empty."""
        name = next(self._names)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}'")
        return self.url(name)


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


@contextmanager
def running(programs: Path) -> Iterator[Postgres]:
    """A server that runs, and is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="wence-pg-", dir="/tmp"))  # the path of a socket must be short
    try:
        server = Postgres(programs, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
