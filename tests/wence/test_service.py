"""The service as a process: several workers, killed, stopped, its index exchanged, its disk full."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from eval.service import free_port, holding
from index.folder import IndexFolder
from tests.api.serving import PATIENCE_S
from tests.browser import chromium
from tests.model_server import Say, model_server
from tests.postgres import programs, running
from tests.service import Service, service

ASKED = {"question": "延庆区今年PM2.5目标是多少？"}
DOWN = {"thumb": "down", "question": ASKED["question"], "answer": "……"}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


@contextmanager
def under_load(
    here: Service, ask: Callable[[httpx.Client, int], int], threads: int = 4
) -> Iterator[Counter[int]]:
    """Ask from several clients until the block ends; counts what `ask` gives (a status; 0: no answer)."""
    stop = threading.Event()
    counted: Counter[int] = Counter()

    def go_on(first: int) -> Counter[int]:
        own: Counter[int] = Counter()
        with here.client() as client:
            n = first
            while not stop.is_set():
                own[ask(client, n)] += 1
                n += threads
        return own

    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(go_on, n) for n in range(threads)]
        try:
            yield counted
        finally:
            stop.set()
        for run in running:
            counted += run.result()


def question(client: httpx.Client, n: int) -> int:
    return client.post("/v1/ask", json={"question": f"{ASKED['question']}{n}"}).status_code


def again(client: httpx.Client, n: int) -> int:
    """Ask; once more where the connection broke, as any client that meets a restart does."""
    try:
        return question(client, n)
    except httpx.TransportError:
        return question(client, n)


def wence(index_dir: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"WENCE_INDEX_DIR": str(index_dir)} | environment
    command = [sys.executable, "-m", "wence", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_a_rebuilt_index_is_taken_over_by_every_worker_without_a_failed_request(
    tmp_path: Path, index_dir: Path, state: Path
) -> None:
    mine = tmp_path / "index"
    assert wence(mine, "build").returncode == 0
    before = IndexFolder(mine).current().name

    def taken(client: httpx.Client) -> float:
        lines = client.get("/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if 'swaps_total{outcome="taken"' in line)

    with service(mine, f"sqlite:///{state}", "--workers", "2") as here, here.client() as client:
        assert len(here.workers) == 2
        with under_load(here, question) as counted:
            for n in (1, 2):
                assert wence(mine, "build").returncode == 0
                while taken(client) < 2 * n:
                    assert here.process.poll() is None
        assert IndexFolder(mine).current().name != before
        assert set(counted) == {200}
        assert counted[200] > 20


def test_an_index_that_cannot_be_loaded_is_left_and_the_old_one_serves(tmp_path: Path, state: Path) -> None:
    mine = tmp_path / "index"
    assert wence(mine, "build").returncode == 0
    with service(mine, f"sqlite:///{state}") as here, here.client() as client:
        (mine / "versions" / "20990101T000000-1-1").mkdir()
        (mine / "current").write_text("20990101T000000-1-1\n")
        while 'outcome="failed"' not in client.get("/metrics").text:
            assert here.process.poll() is None
        assert client.post("/v1/ask", json=ASKED).status_code == 200
        assert client.get("/readyz").status_code == 200


def test_no_feedback_that_was_acknowledged_is_lost_when_all_is_killed(index_dir: Path, state: Path) -> None:
    acknowledged: list[int] = []
    enough = threading.Event()

    def leave(client: httpx.Client, n: int) -> int:
        try:
            response = client.post("/v1/feedback", json=DOWN | {"reason": f"第{n}条"})
        except httpx.TransportError:
            return 0
        if response.status_code == 201:
            acknowledged.append(response.json()["id"])
            if len(acknowledged) > 60:
                enough.set()
        return response.status_code

    with service(index_dir, f"sqlite:///{state}", "--workers", "2") as here:
        with under_load(here, leave) as counted:
            assert enough.wait(PATIENCE_S)
            for pid in (here.process.pid, *here.workers):
                os.kill(pid, signal.SIGKILL)
        assert set(counted) <= {201, 0}
    with sqlite3.connect(state) as connection:
        kept = {row[0] for row in connection.execute("SELECT id FROM feedback")}
    assert set(acknowledged) <= kept
    assert len(acknowledged) == len(set(acknowledged))
    with service(index_dir, f"sqlite:///{state}") as again, again.client() as client:
        assert client.get("/v1/feedback").json()["total"] == len(kept)


def test_a_killed_worker_is_replaced(index_dir: Path, state: Path) -> None:
    with service(index_dir, f"sqlite:///{state}", "--workers", "2") as here, here.client() as client:
        first, second = here.workers
        with under_load(here, again) as counted:
            os.kill(first, signal.SIGKILL)
            while not (set(here.workers) - {first, second}):
                assert here.process.poll() is None
        assert client.post("/v1/ask", json=ASKED).status_code == 200
        assert set(counted) == {200}


def test_workers_end_with_the_process_that_started_them(index_dir: Path, state: Path) -> None:
    with service(index_dir, f"sqlite:///{state}", "--workers", "2") as here, here.client() as client:
        assert client.post("/v1/ask", json=ASKED).status_code == 200
        here.process.kill()
        with pytest.raises(httpx.TransportError):
            while True:
                httpx.get(f"{here.url}/healthz", trust_env=False)
    with sqlite3.connect(state) as connection:  # they wrote the audit before
        assert connection.execute("SELECT count(*) FROM audit").fetchall() == [(1,)]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stop_finishes_the_running_answer_and_writes_the_audit(
    index_dir: Path, state: Path, workers: str
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def says(_: object) -> Say:
        begun.set()
        go_on.wait(PATIENCE_S)
        return Say("延庆区PM2.5年均浓度的年终目标为26微克/立方米[1]。")

    with model_server("") as models:
        models.says = says
        writer = f"openai:m@{models.url}"
        with (
            service(index_dir, f"sqlite:///{state}", "--workers", workers, "--writer", writer) as here,
            here.client() as client,
            ThreadPoolExecutor(1) as pool,
        ):
            running = pool.submit(client.post, "/v1/ask", json=ASKED)
            assert begun.wait(PATIENCE_S)
            here.process.send_signal(signal.SIGTERM)
            with pytest.raises(httpx.TransportError):
                while True:  # the door closes first
                    httpx.get(f"{here.url}/healthz", trust_env=False)
            go_on.set()
            assert running.result().status_code == 200
            said = here.ended()
    assert "Traceback" not in said
    exported = wence(index_dir, "audit", "export", WENCE_STATE_URL=f"sqlite:///{state}")
    (entry,) = [json.loads(line) for line in exported.stdout.splitlines()]
    assert (entry["question"], entry["via"]) == (ASKED["question"], "ask")


def test_a_client_that_leaves_a_plain_request_frees_the_model(index_dir: Path, state: Path) -> None:
    begun = threading.Event()

    def says(_: object) -> Say:
        begun.set()
        return Say("延庆区", then="hang")

    with model_server("") as models:
        models.says = says
        options = ("--writer", f"openai:m@{models.url}")
        env = {"WENCE_WRITER_RUNNING": "1", "WENCE_WRITER_TOTAL_S": "600", "WENCE_WRITER_FIRST_S": "600"}
        with service(index_dir, f"sqlite:///{state}", *options, **env) as here:
            with pytest.raises(httpx.ReadTimeout), here.client() as client:
                client.post("/v1/ask", json=ASKED, timeout=httpx.Timeout(PATIENCE_S, read=1.0))
            assert begun.is_set()
            models.says = lambda _: Say("延庆区PM2.5年均浓度的年终目标为26微克/立方米[1]。")
            with here.client() as client:
                answer = client.post("/v1/ask", json=ASKED).json()
            assert answer["writer"].startswith("openai:")


def test_an_open_page_does_not_keep_the_service_from_leaving(index_dir: Path, state: Path) -> None:
    with service(index_dir, f"sqlite:///{state}", WENCE_LEAVE_S="600") as here, chromium() as browser:
        page = browser.new_page()
        page.goto(here.url)
        page.locator("#question textarea").fill(ASKED["question"])
        page.locator("#question textarea").press("Enter")
        expect(page.locator("#chat")).to_contain_text("26微克/立方米")
        here.process.send_signal(signal.SIGTERM)
        said = here.ended()  # at once: not after the 600 s that answers get
    assert "Traceback" not in said
    with sqlite3.connect(state) as connection:
        kept = connection.execute("SELECT via, question FROM audit").fetchall()
    assert kept == [("page", ASKED["question"])]


def test_the_page_works_with_several_workers(index_dir: Path, state: Path) -> None:
    with service(index_dir, f"sqlite:///{state}", "--workers", "3") as here, chromium() as browser:
        for n in range(4):
            page = browser.new_page()
            page.goto(here.url)
            page.locator("#question textarea").fill(f"{ASKED['question']}{n}")
            page.locator("#question textarea").press("Enter")
            expect(page.locator("#chat")).to_contain_text("26微克/立方米")
            page.close()


def test_a_full_disk_takes_feedback_away_but_no_answer(index_dir: Path, state: Path) -> None:
    with service(index_dir, f"sqlite:///{state}") as here, here.client() as client:
        assert client.post("/v1/feedback", json=DOWN).status_code == 201
        full = (state.stat().st_size // 2, resource.RLIM_INFINITY)
        free = resource.prlimit(here.process.pid, resource.RLIMIT_FSIZE, full)
        refused = client.post("/v1/feedback", json=DOWN | {"reason": "字" * 2000})
        assert refused.status_code == 503
        assert "状态库" in refused.json()["detail"]
        assert client.post("/v1/ask", json=ASKED).status_code == 200
        resource.prlimit(here.process.pid, resource.RLIMIT_FSIZE, free)
        assert client.post("/v1/feedback", json=DOWN).status_code == 201
        assert client.get("/v1/feedback").json()["total"] == 2


def test_a_state_that_goes_away_takes_no_answer_with_it(index_dir: Path) -> None:
    found = programs()
    if found is None:
        pytest.skip("no PostgreSQL server is installed")
    with running(found) as server:
        url = server.new_database()
        create = ("keys", "create", "热线台", "--role", "admin", "--json")
        created = wence(index_dir, *create, WENCE_STATE_URL=url)
        key = {"Authorization": f"Bearer {json.loads(created.stdout)['secret']}"}
        with service(index_dir, url, "--auth", "always") as here, here.client() as client:
            client.headers.update(key)
            assert client.post("/v1/ask", json=ASKED).status_code == 200
            server.stop()
            assert client.post("/v1/ask", json=ASKED).status_code == 200
            refused = client.post("/v1/feedback", json=DOWN)
            assert (refused.status_code, "状态库" in refused.json()["detail"]) == (503, True)
            stranger = client.get("/v1/plans", headers={"Authorization": "Bearer wence_abcdefgh_x"})
            assert stranger.status_code in (401, 503)
            server.start()
            assert client.post("/v1/feedback", json=DOWN).status_code == 201
            assert client.get("/v1/feedback").json()["total"] == 1
        exported = wence(index_dir, "audit", "export", WENCE_STATE_URL=url)
        assert len(exported.stdout.splitlines()) == 2


def test_nothing_leaks_whatever_clients_do(index_dir: Path, state: Path) -> None:
    """A short soak; `wence bench serve --soak 10000` is the long one."""

    def do(client: httpx.Client, n: int) -> int:
        if n % 10 == 0:
            with socket.create_connection(("127.0.0.1", client.base_url.port or 0)) as leaving:
                body = json.dumps(ASKED | {"stream": True}).encode()
                head = f"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
                leaving.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)
                leaving.recv(10)
            return 200
        if n % 10 == 1:
            return client.post("/v1/ask", content=b"{").status_code
        if n % 10 == 2:
            return client.get("/v1/measures", params={"text": f"水{n}"}).status_code
        if n % 10 == 3:
            return client.post("/v1/feedback", json=DOWN).status_code
        return question(client, n)

    with service(index_dir, f"sqlite:///{state}") as here, ThreadPoolExecutor(8) as pool:

        def soak(numbers: range) -> Counter[int]:
            def share(of: int) -> list[int]:
                with here.client() as client:
                    return [do(client, n) for n in numbers[of::8]]

            return Counter(status for part in pool.map(share, range(8)) for status in part)

        soak(range(600))
        before = holding(here.workers[0])
        counted = soak(range(600, 1800))
        after = holding(here.workers[0])
        assert set(counted) == {200, 201, 422}
        assert after.rss - before.rss < 30  # megabytes: what is remembered of sentences is bounded
        assert after.threads - before.threads <= 2
        assert after.files - before.files <= 4


def test_another_address_wants_a_key_or_a_plain_word(index_dir: Path, state: Path) -> None:
    url = f"sqlite:///{state}"
    port = str(free_port())
    refused = wence(index_dir, "serve", "--host", "0.0.0.0", "--port", port, WENCE_STATE_URL=url)
    assert refused.returncode == 2
    assert "没有一把可用的密钥" in refused.stderr
    assert "wence keys create" in refused.stderr
    assert "Traceback" not in refused.stderr
    created = wence(index_dir, "keys", "create", "热线台", "--json", WENCE_STATE_URL=url)
    secret = json.loads(created.stdout)["secret"]
    with service(index_dir, url, "--host", "0.0.0.0") as here, here.client() as client:
        assert client.post("/v1/ask", json=ASKED).status_code == 401
        assert client.post("/v1/ask", json=ASKED, headers={"Authorization": f"Bearer {secret}"}).is_success
    with (
        service(index_dir, f"{url}2", "--host", "0.0.0.0", "--auth", "never") as here,
        here.client() as client,
    ):
        assert client.post("/v1/ask", json=ASKED).status_code == 200


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("WENCE_RATE", "viel", "WENCE_RATE"),
        ("WENCE_USER_HEADER", "X-User", "WENCE_PROXIES"),
        ("WENCE_PROXIES", "*", "WENCE_PROXIES"),
        ("WENCE_PROXIES", "proxy.office", "WENCE_PROXIES"),
        ("WENCE_CORS", "*", "WENCE_CORS"),
        ("WENCE_STATE_URL", "sqlite:////proc/none/state.sqlite", "状态库"),
        ("WENCE_AUTH", "maybe", "WENCE_AUTH"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told(
    index_dir: Path, state: Path, setting: str, value: str, said: str
) -> None:
    environment = {"WENCE_STATE_URL": f"sqlite:///{state}", setting: value}
    refused = wence(index_dir, "serve", "--port", str(free_port()), **environment)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
