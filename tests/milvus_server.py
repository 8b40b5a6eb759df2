"""A Milvus server in a process of its own on loopback: milvus-lite's, which speaks Milvus' protocol."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Milvus:
    """A server that can be killed and started again; what it was told stays in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return when requests are taken."""
        command = [
            sys.executable,
            "-u",
            "-m",
            "milvus_lite",
            "server",
            "--data-dir",
            str(self._folder / "data"),
        ]
        with (self._folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--port", str(self.port)],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=self._folder,
            )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert "listening" in said, (self._folder / "log").read_text()

    def kill(self) -> None:
        """SIGKILL: nothing is written, no connection is closed in order."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """It takes connections, and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        """Killed, and started again over what it had written."""
        self.kill()
        self.start()

    @property
    def running(self) -> bool:
        return self._process is not None


@contextmanager
def running() -> Iterator[Milvus]:
    """A server that runs, and is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="wence-milvus-"))
    server = Milvus(folder)
    try:
        server.start()
        try:
            yield server
        finally:
            if server.running:
                server.kill()
    finally:
        shutil.rmtree(folder)
