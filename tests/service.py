"""`wence serve` as a process of its own, as an operator runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from eval.service import free_port, spawned
from tests.api.serving import PATIENCE_S, wait_ready


@dataclass
class Service:
    """A running service: its process, address and what it has written to standard error so far."""

    process: subprocess.Popen[str]
    url: str
    lines: list[str] = field(default_factory=list)
    reader: threading.Thread | None = None

    @property
    def workers(self) -> list[int]:
        """The processes that answer."""
        return spawned(self.process.pid) or [self.process.pid]

    def client(self) -> httpx.Client:
        """A client of it."""
        return httpx.Client(base_url=self.url, trust_env=False, timeout=PATIENCE_S)

    def ended(self) -> str:
        """Wait until it has ended; all that it wrote."""
        self.process.wait(PATIENCE_S)
        assert self.reader is not None
        self.reader.join()
        return "".join(self.lines)


@contextmanager
def service(index_dir: Path, state: str, *options: str, **environment: str) -> Iterator[Service]:
    """Serve that index; yields when it is ready, and ends it (if it still runs) with SIGTERM."""
    port = free_port()
    command = [sys.executable, "-m", "wence", "serve", "--port", str(port), *options]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("WENCE_")}
    own = {"WENCE_INDEX_DIR": str(index_dir), "WENCE_STATE_URL": state, "WENCE_PLANS": f"{index_dir}-plans"}
    env = inherited | own | environment
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=env)
    here = Service(process, f"http://127.0.0.1:{port}")
    up = threading.Event()

    def read() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            here.lines.append(line)
            if re.search("问策已就绪", line):
                up.set()
        up.set()
        process.stderr.close()

    here.reader = threading.Thread(target=read, daemon=True)
    here.reader.start()
    try:
        assert up.wait(PATIENCE_S), here.lines
        assert process.poll() is None, here.lines
        wait_ready(here.url)
        yield here
    finally:
        if process.poll() is None:
            process.terminate()
        here.ended()
