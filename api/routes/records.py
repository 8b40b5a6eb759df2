"""Looking things up: search, lists, one record, the departments, the plans."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import FastAPI, HTTPException, Path, Query, Request
from fastapi.responses import JSONResponse

from api import records
from api.answering import Answering
from api.directory import directory
from api.record_schemas import (
    DepartmentQuery,
    DepartmentsOut,
    ListOut,
    ListQuery,
    NoQuery,
    PlansOut,
    SearchOut,
    SearchQuery,
)
from api.routes.common import INVALID, UNKNOWN, UNREADY, Responses
from api.schemas import MeasureOut, PassageOut
from rag.options import read_district

_LINK = {"description": '还有下一页时：<地址>; rel="next"', "schema": {"type": "string"}}
_PAGED: Responses = {200: {"headers": {"Link": _LINK}}}


def add(app: FastAPI, answering: Answering) -> None:
    """Add /v1/search, /v1/measures, /v1/measures/{id}, /v1/departments and /v1/plans."""

    @app.get(
        "/v1/search",
        summary="检索措施和段落",
        tags=["查询"],
        description="按词和语义查，先筛选后排序，最切合的在前；问句里的区和计划也起筛选作用。",
        response_model=SearchOut,
        responses=INVALID | UNREADY,
    )
    def search(query: Annotated[SearchQuery, Query()]) -> JSONResponse:
        return JSONResponse(records.found(answering.engine(), query.q, query.top, query.options()))

    @app.get(
        "/v1/measures",
        summary="列出措施",
        tags=["查询"],
        description="符合全部条件的措施，完整、分页，按原文顺序或 sort 所写的一栏；"
        "指定没有表格的计划时为其段落。",
        response_model=ListOut,
        responses=_PAGED | INVALID | UNREADY,
    )
    def measures(request: Request, query: Annotated[ListQuery, Query()]) -> JSONResponse:
        return _page(request, _listed(answering, query))

    @app.get(
        "/v1/measures/{record_id:path}",
        summary="一项措施或一段规划原文",
        tags=["查询"],
        description="按编号取一条，例如 bj-green-2026/13/1 或 bj-eco-145/3.1.1/2。",
        response_model=MeasureOut | PassageOut,
        responses=UNKNOWN | UNREADY,
    )
    def measure(record_id: Annotated[str, Path(examples=["bj-green-2026/13/1"])]) -> JSONResponse:
        try:
            return JSONResponse(records.shown(answering.engine(), record_id))
        except records.UnknownRecordError as error:
            raise HTTPException(404, str(error)) from None

    @app.get(
        "/v1/departments",
        summary="部门和各自的措施数",
        tags=["查询"],
        description="计划里有职责的部门：全称、所在区、印出的名称、按职责的措施数；可按名称和区查。",
        response_model=DepartmentsOut,
        responses=_PAGED | INVALID | UNREADY,
    )
    def departments(request: Request, query: Annotated[DepartmentQuery, Query()]) -> JSONResponse:
        districts = [read_district(value) for value in query.district]
        known = directory(answering.engine()).departments(query.q, districts)
        items = known[query.offset : query.offset + query.limit]
        page = {"total": len(known), "limit": query.limit, "offset": query.offset, "items": items}
        return _page(request, page)

    @app.get(
        "/v1/plans",
        summary="有哪些计划",
        tags=["查询"],
        description="计划和规划的编号、简称、全名、级别、年份、状态（正式或征求意见稿）、原文文件和条数。",
        response_model=PlansOut,
        responses=INVALID | UNREADY,
    )
    def plans(query: Annotated[NoQuery, Query()]) -> JSONResponse:
        return JSONResponse({"items": directory(answering.engine()).plans})


def _listed(answering: Answering, query: ListQuery) -> dict[str, Any]:
    return records.listed(answering.engine(), query.options(), query.limit, query.offset, query.sort)


def _page(request: Request, page: dict[str, Any]) -> JSONResponse:
    """`page` with a link to the next one, where there is one; relative, so that it holds behind a proxy."""
    following = page["offset"] + page["limit"]
    if following >= page["total"]:
        return JSONResponse(page)
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "offset"]
    link = f"<{request.url.path}?{urlencode([*asked, ('offset', following)])}>"
    return JSONResponse(page, headers={"Link": f'{link}; rel="next"'})
