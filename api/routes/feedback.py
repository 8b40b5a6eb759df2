"""What readers think of answers: left by anyone who may ask, read by admins."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Path, Query
from fastapi.responses import JSONResponse

from api import meters
from api.context import caller
from api.feedback_schemas import FeedbackPage, FeedbackQuery, FeedbackRequest, FeedbackTaken
from api.routes.common import FORBIDDEN, INVALID, UNKNOWN, UNREADY, admins_only
from api.state.feedback import Feedback

WITHDRAWN = "没有这条反馈，或者不是您对这次答复留下的。"
UNKEPT = "这个服务没有启用状态库，不能保存反馈。"


def add(app: FastAPI, feedback: Feedback | None) -> None:
    """Add /v1/feedback; without a state it says that it keeps none."""

    def kept() -> Feedback:
        if feedback is None:
            raise HTTPException(503, UNKEPT)
        return feedback

    @app.post(
        "/v1/feedback",
        summary="反馈",
        tags=["反馈"],
        description="对一条答复点赞（up）或点踩（down），可写原因。返回时已经存好；"
        "问题、答复和原因里的电话、身份证号、邮箱、银行卡号存前隐去。",
        status_code=201,
        response_model=FeedbackTaken,
        responses=INVALID | UNREADY,
    )
    def leave(given: FeedbackRequest) -> JSONResponse:
        someone = caller()
        number = kept().add(
            request=given.request or someone.request,
            who=someone.who,
            thumb=given.thumb,
            reason=given.reason,
            question=given.question,
            history=given.history,
            answer=given.answer,
            ids=given.ids,
            route=given.route,
            writer=given.writer,
        )
        meters.feedback.labels(given.thumb).inc()
        return JSONResponse({"id": number}, 201)

    @app.delete(
        "/v1/feedback/{number}",
        summary="撤回反馈",
        tags=["反馈"],
        description="撤回自己留下的一条反馈；要写明是对哪一次答复（它的请求编号）。",
        response_model=FeedbackTaken,
        responses=INVALID | UNREADY | UNKNOWN,
    )
    def withdraw(
        number: Annotated[int, Path(ge=1, le=2**63 - 1)],
        request: Annotated[str, Query(min_length=1, max_length=64, description="答复的请求编号")],
    ) -> JSONResponse:
        if not kept().withdraw(number, request=request, who=caller().who):
            raise HTTPException(404, WITHDRAWN)
        return JSONResponse({"id": number})

    @app.get(
        "/v1/feedback",
        summary="查看反馈",
        tags=["反馈"],
        description="新的在前；只对管理员开放。",
        response_model=FeedbackPage,
        responses=INVALID | UNREADY | FORBIDDEN,
        dependencies=[Depends(admins_only)],
    )
    def look(query: Annotated[FeedbackQuery, Query()]) -> dict[str, Any]:
        total, rows = kept().page(query.limit, query.offset, query.thumb)
        items = [FeedbackPage.item(row) for row in rows]
        return {"total": total, "limit": query.limit, "offset": query.offset, "items": items}
