"""One step of the benchmark of size as a process of its own, so that its memory is its own.

`python -m eval.scale_step STEP ARGUMENTS` with the arguments as a JSON object; prints the result as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_SAID = 600  # characters of what a step said last


class StepError(RuntimeError):
    """A step did not end well; the message says which and what it said last."""


class TooLongError(StepError):
    """A step took longer than it was given."""


def alone(step: str, timeout_s: float | None = None, **arguments: Any) -> dict[str, Any]:
    """The result of `step` in a process of its own, with `seconds_all`, the whole process's time.

    Raises:
        TooLongError: it takes longer than `timeout_s`. StepError: it fails.
    """
    plain = {name: str(value) if isinstance(value, Path) else value for name, value in arguments.items()}
    command = [sys.executable, "-m", "eval.scale_step", step, json.dumps(plain)]
    root = str(Path(__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    started = time.perf_counter()
    try:
        ran = subprocess.run(  # noqa: S603  our own command
            command, capture_output=True, timeout=timeout_s, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise TooLongError(f"{step} 超过 {timeout_s:.0f} 秒") from None
    if ran.returncode != 0:
        said = ran.stderr.decode("utf-8", "replace").strip()[-_SAID:]
        raise StepError(f"量测步骤 {step} 没有做完（退出码 {ran.returncode}）：{said}")
    result: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return result | {"seconds_all": round(time.perf_counter() - started, 3)}


def _step(name: str) -> Callable[..., dict[str, Any]]:
    """The function of a step; each imports what it needs alone."""
    if name == "encode":
        from eval.scale_vectors import encode

        return encode
    if name == "build":
        from eval.scale_build import build

        return build
    if name == "ask":
        from eval.scale_ask import ask

        return ask
    from eval.scale_peer import ask as ask_peer

    return ask_peer


_PATHS = ("root", "path", "vectors")


def main(step: str, arguments: str) -> None:
    """Run the step and print its result."""
    given = {name: Path(v) if name in _PATHS else v for name, v in json.loads(arguments).items()}
    sys.stdout.write(json.dumps(_step(step)(**given)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
