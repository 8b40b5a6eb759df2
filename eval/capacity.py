"""What a service bears: requests a second, waiting times at a given rate, memory.

`wence serve` runs as it does in earnest, with its log and its audit, and is asked over loopback by one
process beside it (`eval.load`), no question twice. In turns with the questions the same is measured of an
empty endpoint, /healthz: what HTTP itself bears on this machine, at this hour.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval import soak
from eval.distinct import distinct
from eval.load import Note, Request, Response, Run, closed_loop, nothing, open_loop, request
from eval.service import Service, running
from eval.soak import ask
from eval.speed import figure, machine
from index.folder import IndexFolder

ROUNDS = 3
EMPTY = request("GET", "/healthz")
QUANTILES = (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("最慢", 1.0))


@dataclass(frozen=True, slots=True)
class Plan:
    """How hard to press.

    `connections` at once, `rate` requests a second where a rate is kept, `seconds` for each run, and
    how many requests to `soak` it in afterwards.
    """

    workers: int = 2
    connections: int = 32
    rate: float = 200.0
    seconds: float = 10.0
    rounds: int = ROUNDS
    soak: int = 0


@dataclass(slots=True)
class _Runs:
    """The runs of one endpoint."""

    closed: list[Run] = field(default_factory=list)
    at_rate: list[Run] = field(default_factory=list)

    @property
    def every(self) -> list[Run]:
        return [*self.closed, *self.at_rate]


def measure(
    index_dir: Path, plan: Plan, progress: Callable[[str], None] = lambda what: None
) -> dict[str, Any]:
    """Measure a service over the index at `index_dir` (built before).

    Returns `machine`, `figures` (as `eval.speed.measure`), `failed` (requests dropped or answered with a
    server error), `statuses` of all questions, and `soak` where one is asked for.

    Raises:
        IndexFolderError: there is no index. RuntimeError: the service does not start, or ends.
    """
    store = IndexFolder(index_dir).open_store()
    questions = distinct(store)
    progress("启动服务")
    with running(index_dir, plan.workers) as service:
        asked, empty = _Runs(), _Runs()
        requests = map(ask, questions)
        closed_loop(service.port, requests, plan.connections, min(2.0, plan.seconds), _refused)  # warm
        for number in range(1, plan.rounds + 1):
            progress(f"第 {number} 轮，共 {plan.rounds} 轮")
            _one_round(service, plan, asked, requests, _refused)
            _one_round(service, plan, empty, itertools.repeat(EMPTY), nothing)
        if not all(run.latencies for runs in (asked, empty) for run in runs.every):
            raise RuntimeError("有一轮没有得到一个答复，无从量测")
        figures = _figures(asked, empty, plan) + _memory(service)
        result: dict[str, Any] = {
            "machine": machine(),
            "figures": figures,
            "failed": sum(run.failed for runs in (asked, empty) for run in runs.every),
            "statuses": _statuses(asked.every),
        }
        if plan.soak:
            progress(f"长跑 {plan.soak} 次")
            result["soak"] = soak.measure(service, questions, plan.soak)
            result["failed"] += result["soak"]["failed"]
    store.close()
    return result


def _one_round(service: Service, plan: Plan, runs: _Runs, requests: Iterator[Request], note: Note) -> None:
    runs.closed.append(closed_loop(service.port, requests, plan.connections, plan.seconds, note))
    runs.at_rate.append(open_loop(service.port, requests, plan.connections, plan.rate, plan.seconds, note))


def _refused(response: Response) -> bool:
    return b'"refused":true' in response.body


def _figures(asked: _Runs, empty: _Runs, plan: Plan) -> list[dict[str, Any]]:
    at_once, at_rate = f"{plan.connections} 个连接", f"{plan.rate:g} 次/秒"
    figures = [
        figure(f"提问（{at_once}）", "次/秒", [run.rate for run in asked.closed], "≥ 500 次/秒"),
        figure(f"空接口（{at_once}）", "次/秒", [run.rate for run in empty.closed]),
    ]
    for name, runs, goal in (("提问", asked.at_rate, "< 50 ms"), ("空接口", empty.at_rate, "")):
        for said, share in QUANTILES:
            values = [run.quantile(share) for run in runs]
            figures.append(figure(f"{name} {said}（{at_rate}）", "ms", values, goal if said == "p99" else ""))
    refused = [100 * run.noted / max(1, run.statuses.total()) for run in asked.every]
    costs = [run.cpu_s / max(1, run.sent) * 1e6 for run in asked.closed]
    return [*figures, figure("拒答的比例", "%", refused), figure("发问一方的 CPU", "µs/次", costs)]


def _memory(service: Service) -> list[dict[str, Any]]:
    return [
        figure(f"进程 {n} {said}", "MB", [megabytes])
        for n, held in enumerate(service.holdings().values(), start=1)
        for said, megabytes in (("RSS", held.rss), ("PSS", held.pss))
    ]


def _statuses(runs: list[Run]) -> dict[str, int]:
    """Answers by status, and the requests that got none."""
    counted: dict[str, int] = {}
    for run in runs:
        for status, n in run.statuses.items():
            counted[str(status)] = counted.get(str(status), 0) + n
    return counted | {"dropped": sum(run.dropped for run in runs)}
