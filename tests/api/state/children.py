"""Processes that tests start, and waiting for what others do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE_S = 30.0


class Child:
    """Python code in a process of its own."""

    def __init__(self, code: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def read(self, lines: int) -> list[str]:
        """The next lines of its output."""
        assert self.process.stdout is not None
        return [self.process.stdout.readline().rstrip("\n") for _ in range(lines)]

    def tell(self, line: str) -> None:
        """Give it a line to read."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def rest(self) -> list[str]:
        """The further lines of its output, when it has ended."""
        return self.process.communicate(timeout=PATIENCE_S)[0].splitlines()


@contextmanager
def children(number: int, code: str, *arguments: str) -> Iterator[list[Child]]:
    """So many processes of the same code, killed at the end."""
    started = [Child(code, *arguments) for _ in range(number)]
    try:
        yield started
    finally:
        for child in started:
            child.process.kill()
            child.process.communicate()


def until(met: Callable[[], bool]) -> None:
    """Return when `met` says so."""
    deadline = time.monotonic() + PATIENCE_S
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.005)
