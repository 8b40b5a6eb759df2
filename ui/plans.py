"""计划: published plans are added, replaced and retired; what was parsed stands beside the page it came from.

The shell is static; what it shows comes as markup from the routes here, and what it does goes to /v1/plans.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.responses import HTMLResponse

from api.plan_desk import PlanDesk
from api.plan_schemas import RecordQuery
from api.routes.common import admins_only
from api.routes.plans import UNKEPT, told
from ui import plans_view
from ui.house import House
from ui.html import render
from ui.widgets import gr, html

ACCEPTED = ".docx,.docm,.doc,.rtf,.odt,.wps,.xlsx,.xlsm,.html,.htm,.pdf"


def add_routes(app: FastAPI, house: House) -> None:
    """Add the markup that the page is filled with; for admins, as the API."""
    admins = [Depends(admins_only)]

    def desk() -> PlanDesk:
        if house.desk is None:
            raise HTTPException(503, UNKEPT)
        return house.desk

    def add(path: str, shown: Callable[..., str]) -> None:
        app.add_api_route(
            path, shown, response_class=HTMLResponse, dependencies=admins, include_in_schema=False
        )

    def held() -> str:
        with told():
            return render("plans_held", rows=plans_view.held(desk(), house.answering))

    def uploads() -> str:
        with told():
            return "".join(_upload(desk(), upload.token) for upload in desk().staging.every())

    def upload(token: str) -> str:
        with told():
            return _upload(desk(), token)

    def around(token: str, query: Annotated[RecordQuery, Query()]) -> str:
        with told():
            looked, found = desk().around(token, query.record)
            drawn = looked.document.format == "pdf" and found.page > 0
            return render("plans_around", token=token, record=query.record, around=found, drawn=drawn)

    add("/plans/held", held)
    add("/plans/uploads", uploads)
    add("/plans/uploads/{token}", upload)
    add("/plans/uploads/{token}/around", around)


def build(site: gr.Blocks, house: House) -> None:
    """Build the page."""
    most = house.desk.max_mb if house.desk else 0
    html(render("plans", accepted=ACCEPTED, most=most), elem_id="plans")


def _upload(desk: PlanDesk, token: str) -> str:
    return render("plans_upload", **plans_view.upload(desk.looked(token), desk))
