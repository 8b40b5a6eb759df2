"""The speed benchmark: build, cold command, warm answer, server readiness.

Whole-process figures come from real processes; a warm answer is timed in this process on
one core. The questions are made from the records, each a different one: they time the
way through the engine and say nothing about quality.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from eval.distinct import ASKING, distinct
from eval.service import running
from index.embedding import SHIPPED, load_encoder
from index.folder import IndexFolder
from rag.engine import Engine

COLD_RUNS = 5
BUILD_RUNS = 3
SERVER_RUNS = 3
QUESTIONS = 624


def measure(index_dir: Path, progress: Callable[[str], None] = lambda what: None) -> dict[str, Any]:
    """Measure everything against the index at `index_dir` (built before).

    Returns `machine` and `figures`: name, unit, median, min, max, runs, goal.
    """
    progress("建索引")
    builds = [_build() for _ in range(BUILD_RUNS)]
    progress("冷启动")
    command = [sys.executable, "-m", "wence", "ask", "延庆区2026年PM2.5目标是多少？", "--json"]
    cold = [_process(command, {"WENCE_INDEX_DIR": str(index_dir)})[0] for _ in range(COLD_RUNS)]
    progress("热答复")
    warm = sorted(_warm(index_dir))
    progress("向量模型")
    loads, encodes = _model()
    progress("服务就绪")
    ready = [_server_ready(index_dir) for _ in range(SERVER_RUNS)]
    figures = [
        figure("建索引（整个进程）", "s", [seconds for seconds, _ in builds], "≤ 3 s"),
        figure("建索引内存峰值", "MB", [megabytes for _, megabytes in builds], "≤ 500 MB"),
        figure("wence ask 冷进程", "s", cold, "≤ 1.0 s"),
        figure("热答复 p50（单核）", "ms", warm, "≤ 3 ms"),
        figure("热答复 p99（单核）", "ms", [warm[int(0.99 * (len(warm) - 1))]], "≤ 15 ms"),
        figure("向量模型载入（不用 torch）", "ms", loads, "≤ 150 ms"),
        figure("编码一个问题", "ms", encodes, "≤ 0.2 ms"),
        figure("服务就绪", "s", ready, "≤ 5 s"),
    ]
    return {"machine": machine(), "figures": figures}


def machine() -> str:
    """The machine in words, as it stands above figures."""
    return f"{platform.machine()}，{os.cpu_count()} 核，Python {platform.python_version()}"


def _model() -> tuple[list[float], list[float]]:
    """Milliseconds to load the shipped model, its libraries imported, and to encode a question."""
    loads, encodes = [], []
    for _ in range(COLD_RUNS):
        started = time.perf_counter()
        encoder = load_encoder(SHIPPED)
        loads.append((time.perf_counter() - started) * 1000)
    for ending in ASKING * 10:
        started = time.perf_counter()
        encoder.encode_queries([f"楼下饭馆天天冒油烟{ending}"])
        encodes.append((time.perf_counter() - started) * 1000)
    return loads, encodes


def figure(name: str, unit: str, values: list[float], goal: str = "") -> dict[str, Any]:
    """One figure of several runs, as it is shown: median and range."""
    return {
        "name": name,
        "unit": unit,
        "median": round(statistics.median(values), 3),
        "min": round(min(values), 3),
        "max": round(max(values), 3),
        "runs": len(values),
        "goal": goal,
    }


def _build() -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        return _process([sys.executable, "-m", "wence", "build"], {"WENCE_INDEX_DIR": folder})


def _process(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds and peak resident megabytes of one run of `command`."""
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603  our own command
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} 退出码 {process.returncode}")
    kilobytes = usage.ru_maxrss if sys.platform != "darwin" else usage.ru_maxrss / 1024
    return seconds, kilobytes / 1024


def _warm(index_dir: Path) -> list[float]:
    """Milliseconds of each answer, on one core where the system lets us choose."""
    engine = Engine(IndexFolder(index_dir).open(load_encoder(SHIPPED)))
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    if allowed:
        os.sched_setaffinity(0, {min(allowed)})
    try:
        questions = _questions(engine)
        for question in questions[: len(questions) // 4]:
            engine.ask(question)
        return [engine.ask(question).timings_ms["total"] for question in questions[len(questions) // 4 :]]
    finally:
        if allowed:
            os.sched_setaffinity(0, allowed)


def _questions(engine: Engine) -> list[str]:
    """As many as there are records."""
    return list(islice(distinct(engine.store), QUESTIONS))


def _server_ready(index_dir: Path) -> float:
    """Seconds from the start of `wence serve` to its /readyz."""
    with running(index_dir) as service:
        return service.ready_s
