"""The conversation as a file, made from what the browser sends."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from api import clock
from api.answering import Answering
from api.files import download
from api.routes.common import INVALID, UNREADY
from ui.turns import Turn

MOST = 2000  # records that one file may cite; a thousand take a second
TOO_MUCH = f"对话所引的措施一共超过 {MOST} 条，请先清空对话，再分几次导出。"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class Conversation(BaseModel):
    """What is exported: the conversation as the page keeps it."""

    model_config = ConfigDict(extra="forbid")

    turns: list[Turn] = Field(min_length=1, max_length=500)


def add(app: FastAPI, answering: Answering) -> None:
    """Add POST /export/conversation.docx; the gate stands in front of it."""

    @app.post(
        "/export/conversation.docx",
        include_in_schema=False,
        response_class=Response,
        responses=INVALID | UNREADY,
    )
    def conversation_docx(given: Conversation) -> Response:
        from ui.documents import conversation  # python-docx, which only this needs

        if sum(len(told.cited) for told in given.turns) > MOST:
            raise HTTPException(422, TOO_MUCH)
        when = clock.now()
        made = conversation(given.turns, answering.engine().store, when)
        return download(made, DOCX, f"问策问答记录_{when:%Y%m%d_%H%M}.docx")
