"""Whole processes: nothing heavy is imported, nothing reaches for the network."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from wence import server

GUARD = """
import sys
def guard(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise RuntimeError("network: " + repr((event, arguments[1:])))
sys.addaudithook(guard)
"""


def python(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "TRANSFORMERS_"))}
    env = inherited | environment
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False)


def test_a_question_needs_neither_torch_nor_the_network(index_dir: Path) -> None:
    code = GUARD + (
        "sys.argv = ['wence', 'ask', '延庆区森林覆盖率要达到多少？', '--json']\n"
        "from wence.cli import main\ntry:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'gradio', 'langchain_text_splitters'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    ran = python(code, WENCE_INDEX_DIR=str(index_dir))
    assert ran.returncode == 0, ran.stderr
    assert "65.22%" in ran.stdout
    assert ran.stderr.strip() == "[]"


def test_a_build_and_the_service_start_with_the_network_switched_off(tmp_path: Path) -> None:
    code = GUARD + (
        "sys.argv = ['wence', 'build']\n"
        "from wence.cli import main\ntry:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code\n"
        "from pathlib import Path\nimport os\n"
        "from wence.settings import read_settings\nfrom wence.wiring import open_engine\n"
        "from api.app import create_app\nfrom ui.house import House\nfrom ui.site import mount\n"
        "app = create_app(lambda: open_engine(read_settings()))\n"
        "mount(app, House(app.state.answering))\n"
        "print('mounted')\n"
    )
    ran = python(code, WENCE_INDEX_DIR=str(tmp_path / "index"))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.rstrip().endswith("mounted")


def test_a_port_in_use_is_told_before_anything_is_loaded(index_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "wence", "serve", "--port", port]
        env = os.environ | {"WENCE_INDEX_DIR": str(index_dir)}
        ran = subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=60)
    assert ran.returncode == 2
    assert f"不能在 127.0.0.1:{port} 上监听" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("signal_name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_stopped_service_ends_cleanly(index_dir: Path, signal_name: str) -> None:
    import signal

    env = os.environ | {"WENCE_INDEX_DIR": str(index_dir), "PYTHONUNBUFFERED": "1"}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "wence", "serve", "--port", port]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=env)
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if "示例" in line:
            break
    assert f"问策已就绪：http://127.0.0.1:{port}/" in said
    process.send_signal(getattr(signal, signal_name))
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=30) in (0, -15, 143)
    assert "Traceback" not in rest


@pytest.mark.parametrize(("parent", "told"), [(1, False), (2, True)])
def test_a_worker_leaves_when_its_parent_has_and_not_because_that_is_process_one(
    monkeypatch: pytest.MonkeyPatch, parent: int, told: bool
) -> None:
    """In a container the service itself is process 1."""
    raised: list[int] = []
    monkeypatch.setattr(server.os, "getppid", lambda: 1)
    monkeypatch.setattr(server.multiprocessing, "parent_process", lambda: SimpleNamespace(pid=parent))
    monkeypatch.setattr(server.signal, "raise_signal", raised.append)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace(prctl=lambda *told: 0))
    server._end_with_parent()
    assert bool(raised) is told
