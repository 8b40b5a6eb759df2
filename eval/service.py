"""`wence serve` as a process of its own, for the benchmarks: started, looked at, stopped.

What its workers hold is read from Linux's /proc; elsewhere nothing is known of it.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 60.0
FEW = 64  # connections among which each worker has one, however unevenly they are accepted
_PROC = Path("/proc")
_ESTABLISHED = "01"  # as /proc/net/tcp says it


@dataclass(frozen=True, slots=True)
class Holding:
    """What a process holds: megabytes resident, its share of them (the shared ones split), threads, files."""

    rss: float
    pss: float
    threads: int
    files: int


class Service:
    """A service that runs on the loopback."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, workers: int) -> None:
        self.port = port
        self._process = process
        self._workers = workers
        self.ready_s = 0.0
        """Seconds from its start until every worker could answer."""

    @property
    def workers(self) -> list[int]:
        """The processes that answer; none where the system does not tell."""
        pid = self._process.pid
        try:
            started = spawned(pid)
        except OSError:
            return []
        return [pid] if self._workers == 1 else started

    def holdings(self) -> dict[int, Holding]:
        """What each worker holds now."""
        return {pid: holding(pid) for pid in self.workers}

    def connections(self) -> Counter[int]:
        """How many connections each worker has accepted and still holds."""
        owner = {}
        for pid in self.workers:
            for file in (_PROC / str(pid) / "fd").iterdir():
                with contextlib.suppress(OSError):  # closed meanwhile
                    owner[str(file.readlink())] = pid
        lines = [line.split() for line in (_PROC / "net/tcp").read_text().splitlines()[1:]]
        here = f":{self.port:04X}"
        sockets = [
            f"socket:[{line[9]}]" for line in lines if line[1].endswith(here) and line[3] == _ESTABLISHED
        ]
        return Counter(owner[name] for name in sockets if name in owner)

    def wait(self, started: float) -> None:
        """Wait until every worker answers, `started` being when the process was (`time.perf_counter`).

        Raises:
            RuntimeError: it ends, or is not ready within a minute.
        """
        while time.perf_counter() - started < PATIENCE_S:
            if self._process.poll() is not None:
                raise RuntimeError(f"wence serve 退出码 {self._process.returncode}")
            if self._all_ready():
                self.ready_s = time.perf_counter() - started
                return
            time.sleep(0.02)
        raise RuntimeError("wence serve 一分钟内没有就绪")

    def _all_ready(self) -> bool:
        """Whether /readyz says so over connections of which each worker holds one."""
        with contextlib.ExitStack() as held:
            for _ in range(FEW if self._workers > 1 else 1):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
                held.callback(connection.close)
                try:
                    connection.request("GET", "/readyz")
                    response = connection.getresponse()
                    response.read()
                except (OSError, http.client.HTTPException):
                    return False
                if response.status != 200:
                    return False
                if self.workers and len(self.connections()) == self._workers:
                    return True
        return not self.workers or self._workers == 1


@contextlib.contextmanager
def running(index_dir: Path, workers: int = 1) -> Iterator[Service]:
    """`wence serve` over that index and a state of its own, ready; it ends with the block.

    Nobody needs a key and nothing is limited; all else is as the environment sets it.

    Raises:
        RuntimeError: it does not start; the message ends with what it said last.
    """
    with tempfile.TemporaryDirectory(prefix="wence-bench-") as folder:
        port, said = free_port(), Path(folder) / "said"
        command = [sys.executable, "-m", "wence", "serve", "--port", str(port), "--workers", str(workers)]
        environment = os.environ | {
            "WENCE_INDEX_DIR": str(index_dir),
            "WENCE_STATE_URL": f"sqlite:///{folder}/state.sqlite",
            "WENCE_HOST": "127.0.0.1",
            "WENCE_AUTH": "auto",
            "WENCE_RATE": "off",
        }
        started = time.perf_counter()
        with said.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603  our own command
                command, env=environment, stdout=subprocess.DEVNULL, stderr=log
            )
        service = Service(process, port, workers)
        try:
            try:
                service.wait(started)
            except RuntimeError as error:
                raise RuntimeError(f"{error}：{said.read_text(errors='replace')[-500:]}") from None
            yield service
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE_S)


def spawned(pid: int) -> list[int]:
    """The worker processes that the process `pid` has started.

    Raises:
        OSError: there is no such process, or the system does not tell.
    """
    children = (_PROC / f"{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in _read(_PROC / child / "cmdline")]


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def holding(pid: int) -> Holding:
    """What the process `pid` holds now."""
    process = _PROC / str(pid)
    memory = table(process / "smaps_rollup")
    status = table(process / "status")
    files = len(list((process / "fd").iterdir()))
    return Holding(memory["Rss"] / 1024, memory["Pss"] / 1024, status["Threads"], files)


def table(path: Path) -> dict[str, int]:
    """The numbers of a file of /proc (name: number, and perhaps kB)."""
    lines = (line.partition(":") for line in path.read_text().splitlines())
    words = ((name, rest.split()) for name, _, rest in lines)
    return {name: int(rest[0]) for name, rest in words if rest and rest[0].isdigit()}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended
        return b""
