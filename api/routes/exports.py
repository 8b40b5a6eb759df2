"""Lists to be taken away: /v1/measures.xlsx and /v1/measures.csv."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Query
from fastapi.responses import Response

from api import exports, records
from api.answering import Answering
from api.clock import now
from api.files import download
from api.record_schemas import Choosing, ExportRequest
from api.routes.common import INVALID, UNREADY, Responses

_NAMED = {
    "description": "文件名，含条件和日期，如 台账-延庆区-20261121.xlsx",
    "schema": {"type": "string"},
}
_ABOUT = (
    "符合全部条件的措施，一条不少，与列表同序；另有部门全称。"
    "xlsx 另附一页说明：条件、日期和来源计划；csv 为 UTF-8（带 BOM），Excel 可直接打开。"
)
_MANY = "同上；编号多、地址放不下时用。"


def _file(media_type: str) -> Responses:
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {200: {"description": "文件", "content": content, "headers": {"Content-Disposition": _NAMED}}}


def add(app: FastAPI, answering: Answering) -> None:
    """Add GET and POST of /v1/measures.xlsx and /v1/measures.csv."""

    def made(form: str, chosen: Choosing) -> Response:
        engine, day, options = answering.engine(), now().date(), chosen.options()
        found = records.taken(engine, records.every(engine, options, chosen.sort))
        name = exports.file_name(options, engine.store, day, form)
        if form == "csv":
            text = exports.BOM + exports.to_csv(found, exports.REGISTER)
            return download(text.encode(), exports.CSV, name)
        told = exports.about(found, options, engine.store, day, chosen.sort)
        return download(exports.to_xlsx(found, exports.REGISTER, told), exports.XLSX, name)

    def add_form(form: str, title: str, media_type: str) -> None:
        def taken(query: Annotated[Choosing, Query()]) -> Response:
            return made(form, query)

        def taken_of(request: ExportRequest) -> Response:
            return made(form, request)

        for method, endpoint, about in (("GET", taken, _ABOUT), ("POST", taken_of, _MANY)):
            app.add_api_route(
                f"/v1/measures.{form}",
                endpoint,
                methods=[method],
                summary=f"导出措施（{title}）",
                tags=["查询"],
                description=about,
                operation_id=f"{method.lower()}_measures_{form}",
                response_class=Response,
                responses=_file(media_type) | INVALID | UNREADY,
            )

    add_form("xlsx", "Excel 工作簿", exports.XLSX)
    add_form("csv", "CSV 文本", exports.CSV)
