"""The FastAPI application: questions, measures, health, and its own documentation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import anyio.to_thread
from fastapi import FastAPI, Header, HTTPException, Response
from fastapi.responses import FileResponse, JSONResponse
from fastapi_offline import FastAPIOffline

from api.problems import handle_problems
from api.schemas import AnswerOut, AskRequest, Health, MeasureOut, PassageOut, Problem
from api.serving import Serving
from api.streaming import MEDIA_TYPE, streamed
from rag.engine import Engine
from rag.listing import row

FAVICON = Path(__file__).parent / "static" / "favicon.png"
ABOUT = "面向北京市、区生态环境行动计划的政策问答：每句话都注明出自哪一项措施。"
THREADS = 40
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_Responses = dict[int | str, dict[str, Any]]
_STREAM: _Responses = {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}}
_INVALID: _Responses = {422: {"model": Problem, "description": "问题或请求不合要求"}}
_UNKNOWN: _Responses = {404: {"model": Problem, "description": "没有这个编号"}}
_UNREADY: _Responses = {503: {"model": Problem, "description": "尚未就绪，或加载失败"}}


def create_app(load_engine: Callable[[], Engine], *, version: str = "dev", threads: int = THREADS) -> FastAPI:
    """The application; `load_engine` is called once, in a thread, when it starts.

    At most `threads` requests are worked on at a time; one that waits for a model holds one.
    `app.state.serving` hands out the engine: `app.state.serving.engine()`.
    """
    serving = Serving(load_engine)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads
        serving.start()
        yield

    app = FastAPIOffline(
        redoc_url=None,
        title="问策 API",
        version=version,
        description=ABOUT,
        favicon_url="favicon.ico",
        static_url="/docs-files",
        swagger_ui_parameters={"validatorUrl": None, "defaultModelsExpandDepth": 0},
        lifespan=lifespan,
    )
    app.state.serving = serving
    handle_problems(app)
    _add_questions(app, serving)
    _add_health(app, serving)
    app.add_api_route("/v1/{rest:path}", _unknown, methods=METHODS, include_in_schema=False)
    return app


def _unknown(rest: str) -> None:
    """Whatever else is asked for under /v1, so that it is not handed on to the page."""
    raise HTTPException(404, "没有这个接口，或者请求方法不对；接口说明见 /docs。")


def _add_questions(app: FastAPI, serving: Serving) -> None:
    @app.post(
        "/v1/ask",
        summary="提问",
        tags=["问答"],
        description="回答一个问题；每句话以所依据措施的标签结尾，没有依据时 refused 为真。",
        response_model=AnswerOut,
        responses=_STREAM | _INVALID | _UNREADY,
    )
    def ask(request: AskRequest, accept: Annotated[str, Header(include_in_schema=False)] = "") -> Response:
        engine, name = serving.engine(), request.id or ""
        if request.stream or MEDIA_TYPE in accept:
            gone = Event()
            answers = engine.stream(
                request.question, request.history, name, explain=request.explain, cancelled=gone
            )
            return streamed(answers, gone)
        answer = engine.ask(request.question, request.history, name, explain=request.explain)
        return JSONResponse(answer.as_json())

    @app.get(
        "/v1/measures/{record_id:path}",
        summary="一项措施或一段规划原文",
        tags=["问答"],
        description="按编号取一条，例如 bj-green-2026/13/1 或 bj-eco-145/3.1.1/2。",
        response_model=MeasureOut | PassageOut,
        responses=_UNKNOWN | _UNREADY,
    )
    def measure(record_id: str) -> JSONResponse:
        store = serving.engine().store
        if record_id not in store:
            raise HTTPException(404, f"没有编号为 {record_id[:60]} 的措施或段落。")
        (record,) = store.get([record_id])
        return JSONResponse(row(record, store.plans[record.plan], store.label(record_id)))


def _add_health(app: FastAPI, serving: Serving) -> None:
    @app.get("/healthz", summary="进程在运行", tags=["运行"], response_model=Health)
    async def healthz() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @app.get(
        "/readyz",
        summary="可以回答问题",
        tags=["运行"],
        description="模型和索引已加载、并已答过一个问题时为 200；否则 503 并说明原因。",
        response_model=Health,
        responses=_UNREADY,
    )
    async def readyz() -> JSONResponse:
        serving.engine()
        return JSONResponse({"status": "ready"})

    @app.get("/favicon.ico", include_in_schema=False)
    async def favicon() -> FileResponse:
        return FileResponse(FAVICON, media_type="image/png")
