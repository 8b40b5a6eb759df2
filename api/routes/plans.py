"""Plans added, replaced, retired: upload, preview, confirm. For admins."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, cast

import anyio
import anyio.to_thread
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi import Path as InPath
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from api.files import named
from api.plan_around import Around
from api.plan_desk import PlanDesk
from api.plan_looked import Looked, UnknownPartError
from api.plan_schemas import (
    AnswersIn,
    ConfirmIn,
    DoneOut,
    PageQuery,
    PartQuery,
    RecordQuery,
    RecordsOut,
    UploadItem,
    UploadOut,
    UploadQuery,
    UploadsOut,
)
from api.plan_staging import StagingFullError, UnknownUploadError, Upload
from api.record_schemas import NoQuery
from api.routes.common import CONFLICT, FORBIDDEN, INVALID, UNKNOWN, UNREADY, Responses, admins_only
from corpus.bank import BankError
from corpus.errors import SourceError
from index.errors import ModelError
from index.plans import UnknownPlanError

UNKEPT = "这个服务没有启用计划库，不能加入或停用计划。"
NO_FORM = "上传的表单读不出来：应有一个名为 file 的文件。"
NO_NAME = "请写明文件名：在地址里加 ?name=文件名。"
FULL = "磁盘写不进（{reason}），文件没有收下。"
_ARRIVING = "arriving"
_TAG = ["计划管理"]
_ADMIN = INVALID | FORBIDDEN | UNKNOWN | UNREADY
_Token = Annotated[str, InPath(max_length=64, description="上传后得到的编号", examples=["0123456789abcdef"])]
_PlanId = Annotated[str, InPath(max_length=200, description="计划编号")]
_FILE = {"type": "string", "format": "binary"}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": _FILE}, "required": ["file"]}
            },
            "application/octet-stream": {"schema": _FILE},
        },
    }
}


def _content(media_type: str, description: str) -> Responses:
    return {200: {"description": description, "content": {media_type: {"schema": _FILE}}}}


def add(app: FastAPI, desk: PlanDesk | None) -> None:
    """Add /v1/plans/uploads, and what can be done with a plan that is held."""

    def kept() -> PlanDesk:
        if desk is None:
            raise HTTPException(503, UNKEPT)
        return desk

    _add_uploads(app, kept)
    _add_previews(app, kept)
    _add_changes(app, kept)


def _add_uploads(app: FastAPI, kept: Callable[[], PlanDesk]) -> None:
    admins: dict[str, Any] = {"tags": _TAG, "dependencies": [Depends(admins_only)]}

    @app.post(
        "/v1/plans/uploads",
        summary="上传计划文件并预览",
        description="收下一份 docx、xlsx、html、pdf（有文字层）或旧 .doc，读出计划，尚不加入。"
        "可用表单的 file 一栏，也可把文件直接作为请求体，并在 name 里写文件名。"
        "读不出的文件不收，原因在 detail 里；读得出而还不能加入的，收下并写明 problem 或要回答的问题。",
        status_code=201,
        response_model=UploadOut,
        responses=_ADMIN,
        openapi_extra=_BODY,
        **admins,
    )
    async def upload(request: Request, query: Annotated[UploadQuery, Query()]) -> JSONResponse:
        at, run = kept(), anyio.to_thread.run_sync
        with told():
            token, folder = await run(at.staging.begin)
        try:
            with told():
                arrived = folder / _ARRIVING
                name = await _arrived(request, arrived, query.name)
                looked = await run(at.take, token, arrived, name, query.replaces)
        except BaseException:
            at.staging.drop(token)
            raise
        return JSONResponse(UploadOut.of(looked), 201)

    @app.get(
        "/v1/plans/uploads",
        summary="待确认的文件",
        description="上传而尚未加入的文件，早的在前；一天后清理。",
        response_model=UploadsOut,
        responses=INVALID | FORBIDDEN | UNREADY,
        **admins,
    )
    def uploads(query: Annotated[NoQuery, Query()]) -> dict[str, Any]:
        return {"items": [_item(upload) for upload in kept().staging.every()]}

    @app.get(
        "/v1/plans/uploads/{token}",
        summary="预览",
        description="这份文件现在会成为怎样的计划：读到的标题、级别、年度，入库报告，要回答的问题。",
        response_model=UploadOut,
        responses=_ADMIN,
        **admins,
    )
    def preview(token: _Token) -> JSONResponse:
        return _looked(lambda: kept().looked(token))

    @app.patch(
        "/v1/plans/uploads/{token}",
        summary="回答问题、更正读到的内容",
        description="按部分写明标题、级别、区、年度、状态、编号、简称，或不要这一部分；列名各是什么；替换哪个计划。"
        "返回新的预览。",
        response_model=UploadOut,
        responses=_ADMIN,
        **admins,
    )
    def answer(token: _Token, said: AnswersIn) -> JSONResponse:
        return _looked(lambda: kept().answer(token, said.fields(), said.mapping, said.replaces))

    @app.delete(
        "/v1/plans/uploads/{token}",
        summary="放弃上传的文件",
        description="删去这份待确认的文件，什么也不加入。",
        response_model=UploadItem,
        responses=_ADMIN,
        **admins,
    )
    def drop(token: _Token) -> dict[str, str]:
        with told():
            return _item(kept().drop(token))

    @app.post(
        "/v1/plans/uploads/{token}/confirm",
        summary="确认加入",
        description="照预览加入（或替换），重建索引；全部成功或什么也不改。通常在新索引换上后才返回。",
        response_model=DoneOut,
        responses=_ADMIN | CONFLICT,
        **admins,
    )
    def confirm(token: _Token) -> JSONResponse:
        with told(changing=True):
            return JSONResponse(DoneOut.of(kept().confirm([token])))

    @app.post(
        "/v1/plans/uploads/confirm",
        summary="一次确认几份",
        description="几份文件一步加入，索引只重建一次；有一份不能加入，就一份也不加入。",
        response_model=DoneOut,
        responses=_ADMIN | CONFLICT,
        **admins,
    )
    def confirm_all(said: ConfirmIn) -> JSONResponse:
        with told(changing=True):
            return JSONResponse(DoneOut.of(kept().confirm(said.tokens)))


def _add_previews(app: FastAPI, kept: Callable[[], PlanDesk]) -> None:
    admins: dict[str, Any] = {"tags": _TAG, "dependencies": [Depends(admins_only)], "responses": _ADMIN}

    @app.get(
        "/v1/plans/uploads/{token}/records",
        summary="读出的措施",
        description="会加入的措施和段落，按原文顺序，各带出处（source.place）和页码。",
        response_model=RecordsOut,
        **admins,
    )
    def records(token: _Token, query: Annotated[PartQuery, Query()]) -> JSONResponse:
        with told():
            return JSONResponse({"items": kept().looked(token).rows(query.part)})

    @app.get(
        "/v1/plans/uploads/{token}/around",
        summary="原文里这一条的前后",
        description="表格的相邻各行（合并单元格照原样）或相邻各段，这一条所在的已标出（marked）。",
        response_model=Around,
        **admins,
    )
    def around(token: _Token, query: Annotated[RecordQuery, Query()]) -> JSONResponse:
        with told():
            return JSONResponse(asdict(kept().around(token, query.record)[1]))

    admins["responses"] = _ADMIN | _content("image/png", "页面图")

    @app.get(
        "/v1/plans/uploads/{token}/page/{number}.png",
        summary="PDF 的一页",
        description="页面图，可标出一条措施所在的行；只有 PDF 有。",
        response_class=Response,
        **admins,
    )
    def page(
        token: _Token, number: Annotated[int, InPath(ge=1, le=10_000)], query: Annotated[PageQuery, Query()]
    ) -> Response:
        with told():
            drawn = kept().page(token, number, query.record, query.width)
        return Response(drawn, media_type="image/png", headers={"cache-control": "private, max-age=600"})


def _add_changes(app: FastAPI, kept: Callable[[], PlanDesk]) -> None:
    admins: dict[str, Any] = {"tags": _TAG, "dependencies": [Depends(admins_only)]}

    def add_change(what: str, summary: str, description: str) -> None:
        def change(plan: _PlanId) -> JSONResponse:
            with told(changing=True):
                return JSONResponse(DoneOut.of(getattr(kept(), what)(plan)))

        app.add_api_route(
            f"/v1/plans/{{plan}}/{what}",
            change,
            methods=["POST"],
            summary=summary,
            description=description,
            operation_id=f"{what}_plan",
            response_model=DoneOut,
            responses=_ADMIN | CONFLICT,
            **admins,
        )

    add_change("retire", "停用计划", "答复不再依据它；它仍在库中，可按编号查看，也可恢复。")
    add_change("restore", "恢复计划", "让停用的计划重新有效。")

    @app.get(
        "/v1/plans/{plan}/original",
        summary="下载原件",
        description="加入的计划的原文件，一字节不改；随程序附带的计划没有。",
        response_class=Response,
        responses=_ADMIN | _content("application/octet-stream", "原文件"),
        **admins,
    )
    def original(plan: _PlanId) -> FileResponse:
        with told():
            path = kept().original(plan)
        return FileResponse(path, media_type="application/octet-stream", headers=named(path.name))


def _item(upload: Upload) -> dict[str, str]:
    return {"token": upload.token, "name": upload.name, "created": upload.created}


def _looked(look: Callable[[], Looked]) -> JSONResponse:
    with told():
        return JSONResponse(UploadOut.of(look()))


@contextmanager
def told(*, changing: bool = False) -> Iterator[None]:
    """What goes wrong, with its status; while something is `changing` what is wrong is the present state.

    Raises:
        HTTPException: whatever the desk objects to.
    """
    try:
        yield
    except (UnknownUploadError, UnknownPartError) as error:
        raise HTTPException(404, str(error)) from None
    except UnknownPlanError as error:
        raise HTTPException(404, f"{error}。") from None
    except (SourceError, BankError) as error:
        raise HTTPException(409 if changing else 422, f"{error}。".replace("。。", "。")) from None
    except StagingFullError as error:
        raise HTTPException(422, str(error)) from None
    except ModelError as error:
        raise HTTPException(503, str(error)) from None
    except OSError as error:
        raise HTTPException(503, FULL.format(reason=error.strerror or type(error).__name__)) from None


async def _arrived(request: Request, path: Path, name: str) -> str:
    """Write the file that is sent to `path`; its name, that of `name` first."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        if not name.strip():
            raise HTTPException(422, NO_NAME)
        try:
            async with await anyio.open_file(path, "wb") as out:
                async for piece in request.stream():
                    await out.write(piece)
        except ClientDisconnect:  # nobody is there to be told
            raise HTTPException(422, NO_FORM) from None
        return name
    try:
        async with request.form(max_files=1, max_fields=4) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise HTTPException(422, NO_FORM)
            await anyio.to_thread.run_sync(_copy, file.file, path)
            return name or file.filename or ""
    except ClientDisconnect:
        raise HTTPException(422, NO_FORM) from None
    except HTTPException as error:  # Starlette's, of a form that is none
        raise HTTPException(422, NO_FORM) from error


def _copy(file: Any, path: Path) -> None:
    with path.open("wb") as out:
        shutil.copyfileobj(cast("SpooledTemporaryFile[bytes]", file), out)
