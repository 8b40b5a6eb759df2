"""What a service bears, measured on a real one."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from eval.capacity import Plan, measure
from eval.service import running
from eval.soak import MOMENTS, mixture

LINUX = Path("/proc/self/smaps_rollup").exists()


@pytest.fixture(scope="module")
def result(index_dir: Path) -> dict[str, Any]:
    said: list[str] = []
    found = measure(
        index_dir, Plan(workers=2, connections=4, rate=50, seconds=0.3, rounds=2, soak=80), said.append
    )
    assert said[0] == "启动服务" and said[-1] == "长跑 80 次"
    return found


def test_questions_and_the_empty_endpoint_are_measured_in_turns(result: dict[str, Any]) -> None:
    figures = {figure["name"]: figure for figure in result["figures"]}
    assert figures["提问（4 个连接）"]["runs"] == figures["空接口 p99（50 次/秒）"]["runs"] == 2
    assert min(figures[f"{name}（4 个连接）"]["min"] for name in ("提问", "空接口")) > 0
    waits = [figures[f"提问 {name}（50 次/秒）"]["median"] for name in ("p50", "p90", "p99", "最慢")]
    assert waits == sorted(waits) and waits[0] > 0
    assert figures["拒答的比例"]["median"] < 50
    assert set(result["statuses"]) == {"200", "dropped"} and result["statuses"]["200"] >= 2 * 15
    assert result["failed"] == result["statuses"]["dropped"] == 0
    json.dumps(result)


@pytest.mark.skipif(not LINUX, reason="only Linux tells what a process holds")
def test_the_memory_of_each_worker_is_told(result: dict[str, Any]) -> None:
    figures = {figure["name"]: figure["median"] for figure in result["figures"]}
    for n in (1, 2):
        assert figures[f"进程 {n} RSS"] >= figures[f"进程 {n} PSS"] > 20
    assert "进程 3 RSS" not in figures


def test_a_soak_counts_all_that_it_sent(result: dict[str, Any]) -> None:
    soak = result["soak"]
    assert soak["statuses"] == {"200": 68, "422": 8}
    assert (soak["left"], soak["dropped"], soak["failed"], soak["restarted"]) == (4, 0, 0, False)
    assert [held["moment"] for held in soak["held"]] == list(MOMENTS)
    if LINUX:
        assert all(
            worker["threads"] > 0 < worker["files"] for held in soak["held"] for worker in held["workers"]
        )
        assert {len(held["workers"]) for held in soak["held"]} == {2}


def test_a_mixture_has_every_kind_and_no_question_twice() -> None:
    questions = (f"第{n}个问题由谁负责？" for n in itertools.count())
    sent = list(itertools.islice(mixture(questions), 200))
    lines = Counter(request.content.split(b"?")[0].split(b" HTTP")[0] for request in sent)
    assert lines == {b"POST /v1/ask": 140, b"GET /v1/search": 30, b"GET /v1/measures": 30}
    assert sum(request.leaves for request in sent) == 10
    asked = [r.content for r in sent if "由谁负责".encode() in r.content]
    assert len(set(asked)) == len(asked) == 120


def test_a_service_that_cannot_start_says_why(index_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENCE_LOG", "loud")
    with pytest.raises(RuntimeError, match=r"退出码 2(.|\n)*WENCE_LOG"), running(index_dir):
        pass
