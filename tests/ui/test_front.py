"""What surrounds the page: language, policy, the import, and no other host."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from ui import widgets
from ui.nav import PAGES
from ui.quick import quick_import

ROOT = Path(__file__).parents[2]
ROOMS = ("corpus", "index", "rag", "eval", "api", "ui", "wence")
WATCHED = """
import socket, sys
asked = []
def watch(event, arguments):
    if event in ("socket.getaddrinfo", "socket.connect", "socket.sendto"):
        asked.append((event, arguments[1:]))
sys.addaudithook(watch)
from api.app import create_app
assert "gradio" not in sys.modules
from ui.house import House
from ui.site import mount
from starlette.testclient import TestClient
app = create_app(lambda: None)
mount(app, House(app.state.answering))
with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as client:
    assert client.get("/").status_code == 200
    assert client.get("/docs").status_code == 200
assert not asked, asked
"""


@pytest.mark.parametrize("path", [page.path for page in PAGES])
def test_a_page_declares_chinese_and_lets_no_other_host_in(address: str, path: str) -> None:
    response = httpx.get(address + path, trust_env=False, headers={"accept-encoding": "br"})
    assert '<html\n\tlang="zh-CN"' in response.text
    assert "connect-src 'self'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/openapi.json", "/favicon.ico"])
def test_the_api_keeps_its_addresses_beside_the_page(address: str, path: str) -> None:
    assert httpx.get(address + path, trust_env=False).status_code == 200


def test_only_one_module_names_gradio() -> None:
    naming = [
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "import gradio" in path.read_text(encoding="utf-8")
    ]
    assert naming == ["ui/widgets.py"]


def test_importing_and_serving_the_page_asks_no_other_host() -> None:
    done = subprocess.run([sys.executable, "-c", WATCHED], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_quick_import_hides_the_files_of_gradio_alone_and_for_a_while() -> None:
    before = inspect.getfile
    with quick_import():
        with pytest.raises(OSError, match="no stub"):
            inspect.getfile(widgets.gr.Blocks)
        assert inspect.getfile(widgets.theme) == widgets.__file__
    assert inspect.getfile is before
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/info",
        "/gradio_api/upload",
        "/gradio_api/proxy=http://127.0.0.1/",
        "/gradio_api/component_server",
        "/gradio_api/vibe-code",
        "/gradio_api/call/reply",
        "/gradio_api/queue/status",
        "/login_check",
        "/monitoring",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_the_page_does_not_need_of_gradio_is_not_there(address: str, method: str, path: str) -> None:
    response = httpx.request(method, address + path, trust_env=False)
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_request_that_names_a_file_gets_none(address: str, place: int) -> None:
    file = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    message = [{"role": "user", "content": [{"type": "file", "file": file}]}]
    for data in (file, message, {"type": "component", "component": "file", "value": file}):
        sent = ["延庆区今年PM2.5目标是多少？", "[]", [], [], [], []]
        sent[place] = data
        for event in range(12):
            body = {"data": sent, "fn_index": event, "session_hash": "s"}
            response = httpx.post(f"{address}/gradio_api/run/predict", json=body, trust_env=False)
            assert "root:" not in response.text
            assert "/tmp/gradio" not in response.text
