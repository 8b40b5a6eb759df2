"""评测: what the newest run of the benchmark found, and a form that runs a category of it."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, Response

from api.serving import NotReadyError
from eval.words import said
from index.errors import IndexFolderError
from index.store import Store
from ui import evaluation_report
from ui.benchmark_runs import Progress, Run, RunError, Runs, categories
from ui.evaluation_report import Labels, judged, unlabelled
from ui.failures import sentence
from ui.house import House
from ui.html import notice, render
from ui.widgets import HIDDEN, QUIET, TRIVIAL, gr, html

log = logging.getLogger("wence.ui")
ALL = "全部类别"
COUNTS = {"10 题": 10, "20 题": 20, "50 题": 50, "全部": 0}
RECENT = 12  # results that are shown while a run goes on
SHOWN = ("citation_recall", "citation_precision", "grounded", "recall@5", "latency_p50", "latency_p99")
ABOUT = "用开发集的题，由现在这个服务作答，逐题评分；不改动已有的评测结果。同时只能有一人评测。"
WHOLE_S = 120.0  # seconds that a run may take which nobody can stop
# Beside the policy that the report itself states: its own scripts run, in an origin apart.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts"
)
_TELL = "() => window.wence.tell(document.querySelector('#progress p')?.textContent ?? '')"

_Shown = tuple[Any, Any, Any, Any, Any]


def add_routes(app: FastAPI, house: House) -> None:
    """Add the whole report of the newest run, at /evaluation/report."""

    @app.get("/evaluation/report", include_in_schema=False, response_class=HTMLResponse)
    def whole_report() -> Response:
        headers = {"content-security-policy": POLICY, "cache-control": "no-cache"}
        path = evaluation_report.report(house.reports)
        if path is None:
            return HTMLResponse(render("evaluation_missing", folder=house.reports), 404, headers)
        return FileResponse(path, media_type="text/html; charset=utf-8", headers=headers)


def build(site: gr.Blocks, house: House) -> None:
    """Build the page."""
    runs = Runs()
    known = categories()
    everything = sum(count for _, _, count in known)
    with gr.Row(elem_id="evaluation"):
        with gr.Column(scale=7, min_width=320, elem_id="latest"):
            latest = html()
        with gr.Column(scale=5, min_width=320, elem_id="trial"):
            html(render("evaluation_form", about=ABOUT))
            with gr.Row(elem_id="form"):
                category = gr.Dropdown(
                    [(f"{ALL}（{everything} 题）", ""), *((f"{w}（{n} 题）", name) for w, name, n in known)],
                    value=known[0][1],
                    label="类别",
                    min_width=150,
                    elem_id="category",
                )
                count = gr.Dropdown(list(COUNTS), value="全部", label="题数", min_width=90, elem_id="count")
                start = gr.Button("开始", variant="primary", min_width=70, elem_id="start")
                stop = gr.Button("停止", interactive=False, min_width=70, elem_id="stop")
            progress = html(elem_id="progress")
            results = html(elem_id="results")
    running = gr.Textbox(elem_id="running", **HIDDEN)
    shown = [progress, results, running, start, stop]
    if house.queued:
        ended = start.click(_streamed(house, runs), [category, count], shown, queue=True, **QUIET)
        stop.click(runs.stop, running, None, **TRIVIAL)
    else:  # nothing streams where several processes serve: it runs whole
        told = start.click(_waiting, None, [progress, start], **TRIVIAL)
        ended = told.then(_whole(house, runs), [category, count], shown, **TRIVIAL)
    ended.then(None, js=_TELL, queue=False)
    site.load(_latest(house), None, latest, **TRIVIAL)


def _latest(house: House) -> Callable[[], str]:
    def latest() -> str:
        try:
            labels = _labels(house.answering.engine().store)
        except (NotReadyError, IndexFolderError):
            labels = unlabelled
        return evaluation_report.latest(house.reports, labels)

    return latest


def _labels(store: Store) -> Labels:
    return lambda ids: {record_id: store.label(record_id) for record_id in ids if record_id in store}


def _waiting() -> tuple[str, Any]:
    return render("evaluation_waiting"), gr.update(interactive=False)


def _streamed(house: House, runs: Runs) -> Callable[..., Iterator[_Shown]]:
    def streamed(category: str, count: str) -> Iterator[_Shown]:
        yield from _shown(house, runs, category, count)

    return streamed


def _whole(house: House, runs: Runs) -> Callable[..., _Shown]:
    def whole(category: str, count: str) -> _Shown:
        *_, last = _shown(house, runs, category, count, WHOLE_S)
        return (*last[:3], gr.update(interactive=True), gr.update(interactive=False))

    return whole


def _shown(
    house: House, runs: Runs, category: str, count: str, within_s: float = math.inf
) -> Iterator[_Shown]:
    """What the page shows as a run goes on: progress, results, the run's id, and which buttons count."""
    run: Run | None = None
    try:
        engine = house.answering.engine()
        run = runs.start(engine, category or "", COUNTS.get(count, 0), within_s)
        labels = _labels(engine.store)
        for now in run.watch():
            going = now.state == "running"
            buttons = gr.update(interactive=not going), gr.update(interactive=going)
            yield _progress(now), _results(now, labels), run.id, *buttons
    except RunError as problem:
        yield notice(str(problem)), gr.skip(), gr.skip(), gr.skip(), gr.skip()
    except Exception as problem:
        told = notice(sentence(problem, "评测"))
        yield told, gr.skip(), "", gr.update(interactive=True), gr.update(interactive=False)
    finally:
        if run is not None:  # a reader who leaves needs no more of it
            run.stop()


def _progress(now: Progress) -> str:
    share = now.right / now.done if now.done else 0.0
    within = evaluation_report.within(share, now.done, "headline") if now.done else ""
    return render("evaluation_progress", now=now, share=said(share, "headline"), within=within)


def _results(now: Progress, labels: Labels) -> str:
    if not now.done:
        return ""
    if now.state == "running":
        recent = judged(now.results[: -RECENT - 1 : -1], labels)
        return render("evaluation_results", running=True, shown=recent, metrics=[], wrong=[], right=[])
    wrong = judged([result for result in now.results if not result["right"]], labels)
    right = judged([result for result in now.results if result["right"]], labels)
    measured = evaluation_report.metrics({"metrics": now.metrics, "results": now.results}, SHOWN)
    return render("evaluation_results", running=False, shown=[], metrics=measured, wrong=wrong, right=right)
