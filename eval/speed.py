"""The speed benchmark: build, cold command, warm answer, server readiness.

Whole-process figures come from real processes; a warm answer is timed in this process on
one core. The questions are made from the records, each a different one: they time the
way through the engine and say nothing about quality.
"""

from __future__ import annotations

import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from corpus.normal import normal
from corpus.types import Measure
from index.embedding import SHIPPED, load_encoder
from index.folder import IndexFolder
from rag.engine import Engine

COLD_RUNS = 5
BUILD_RUNS = 3
SERVER_RUNS = 3
_ASKING = ("由谁负责？", "的要求是什么？", "什么时候完成？", "哪个部门牵头？")


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
        _figure("建索引（整个进程）", "s", [seconds for seconds, _ in builds], "≤ 3 s"),
        _figure("建索引内存峰值", "MB", [megabytes for _, megabytes in builds], "≤ 500 MB"),
        _figure("wence ask 冷进程", "s", cold, "≤ 1.0 s"),
        _figure("热答复 p50（单核）", "ms", warm, "≤ 3 ms"),
        _figure("热答复 p99（单核）", "ms", [warm[int(0.99 * (len(warm) - 1))]], "≤ 15 ms"),
        _figure("向量模型载入（不用 torch）", "ms", loads, "≤ 150 ms"),
        _figure("编码一个问题", "ms", encodes, "≤ 0.2 ms"),
        _figure("服务就绪", "s", ready, "≤ 5 s"),
    ]
    machine = f"{platform.machine()}，{os.cpu_count()} 核，Python {platform.python_version()}"
    return {"machine": machine, "figures": figures}


def _model() -> tuple[list[float], list[float]]:
    """Milliseconds to load the shipped model, its libraries imported, and to encode a question."""
    loads, encodes = [], []
    for _ in range(COLD_RUNS):
        started = time.perf_counter()
        encoder = load_encoder(SHIPPED)
        loads.append((time.perf_counter() - started) * 1000)
    for ending in _ASKING * 25:
        started = time.perf_counter()
        encoder.encode_queries([f"楼下饭馆天天冒油烟{ending}"])
        encodes.append((time.perf_counter() - started) * 1000)
    return loads, encodes


def _figure(name: str, unit: str, values: list[float], goal: str) -> dict[str, Any]:
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
        questions = list(_questions(engine))
        for question in questions[: len(questions) // 4]:
            engine.ask(question)
        return [engine.ask(question).timings_ms["total"] for question in questions[len(questions) // 4 :]]
    finally:
        if allowed:
            os.sched_setaffinity(0, allowed)


def _questions(engine: Engine) -> Iterator[str]:
    for n, record in enumerate(engine.store.get(engine.store.ids)):
        place = engine.store.plans[record.plan].district if isinstance(record, Measure) and n % 2 else ""
        words = normal(record.text)
        yield f"{place}{words[n % 7 : n % 7 + 8 + n % 9]}{_ASKING[n % len(_ASKING)]}"


def _server_ready(index_dir: Path) -> float:
    """Seconds from the start of `wence serve` to its /readyz."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "wence", "serve", "--port", str(port)]
    environment = os.environ | {"WENCE_INDEX_DIR": str(index_dir)}
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603  our own command
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while time.perf_counter() - started < 60:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=1).status_code == 200:
                    return time.perf_counter() - started
            except httpx.TransportError:
                pass
            if process.poll() is not None:
                raise RuntimeError(f"wence serve 退出码 {process.returncode}")
            time.sleep(0.02)
        raise RuntimeError("wence serve 一分钟内没有就绪")
    finally:
        process.terminate()
        process.wait(timeout=20)
