"""Whether the process lives, whether it can answer, and its figures."""

from __future__ import annotations

import anyio
import anyio.to_thread
from fastapi import Depends, FastAPI, Response
from fastapi.responses import FileResponse, JSONResponse

from api import meters
from api.routes.common import FAVICON, FORBIDDEN, UNREADY, Responses, admins_only
from api.schemas import Health
from api.serving import Serving

_EXAMPLE = 'wence_questions_total{via="ask",route="fact",refused="false"} 128.0\n'
CHECKS = 2  # that run at a time: one of a server that hangs takes its time
_FIGURES: Responses = {200: {"content": {"text/plain": {"example": _EXAMPLE}}}}


def add(app: FastAPI, serving: Serving) -> None:
    """Add /healthz, /readyz, /metrics and the icon."""

    @app.get("/healthz", summary="进程在运行", tags=["运行"], response_model=Health)
    async def healthz() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    limiter = anyio.CapacityLimiter(CHECKS)

    @app.get(
        "/readyz",
        summary="可以回答问题",
        tags=["运行"],
        description="模型和索引已加载、并已答过一个问题，存放条目和检索的服务器也有应答时为 200；"
        "否则 503 并说明原因。",
        response_model=Health,
        responses=UNREADY,
    )
    async def readyz() -> JSONResponse:
        await anyio.to_thread.run_sync(serving.check, abandon_on_cancel=True, limiter=limiter)
        return JSONResponse({"status": "ready"})

    @app.get(
        "/metrics",
        summary="运行指标（Prometheus）",
        tags=["运行"],
        description="各接口的请求数和用时、各类问题数、审计队列等；只对管理员开放。",
        response_class=Response,
        responses=_FIGURES | FORBIDDEN,
        dependencies=[Depends(admins_only)],
    )
    def metrics() -> Response:
        body, media_type = meters.exposition()
        return Response(body, headers={"Content-Type": media_type})

    @app.get("/favicon.ico", include_in_schema=False)
    async def favicon() -> FileResponse:
        return FileResponse(FAVICON, media_type="image/png")
