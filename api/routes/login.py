"""A key entered once: a page with one box, and the cookie that it gives."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.door import BAD_KEY, Door, Turned
from api.access.sessions import COOKIE
from api.state.database import StateError

_PAGE = Template((Path(__file__).parents[1] / "static" / "login.html").read_text(encoding="utf-8"))


def add(app: FastAPI, door: Door) -> None:
    """Add /login and /logout."""

    @app.get("/login", include_in_schema=False)
    async def page(next: str = "/") -> Response:  # noqa: A002  the name in the address
        return _page("", next)

    @app.post("/login", include_in_schema=False)
    async def enter(
        request: Request,
        key: Annotated[str, Form(max_length=200)] = "",
        next: Annotated[str, Form(max_length=500)] = "/",  # noqa: A002
    ) -> Response:
        seen = door.seen(request.scope)
        try:
            sessions = await door.sessions()
            found = await door.given(key.strip(), seen.address)
        except Turned as turned:
            return _page(turned.detail, next, turned.status)
        except StateError as error:
            return _page(str(error), next, 503)
        if found is None:
            return _page(BAD_KEY, next, 401)
        response = RedirectResponse(_own(next), 303)
        response.set_cookie(
            COOKIE,
            sessions.cookie(found.id),
            max_age=sessions.seconds,
            httponly=True,
            samesite="lax",
            secure=seen.scheme == "https",
        )
        return response

    @app.post("/logout", include_in_schema=False)
    async def leave() -> Response:
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE)
        return response


def _page(problem: str, target: str, status: int = 200) -> HTMLResponse:
    filled = _PAGE.substitute(problem=escape(problem), next=escape(_own(target)))
    return HTMLResponse(filled, status, headers={"Cache-Control": "no-store"})


def _own(target: str) -> str:
    """`target` where it is a path of this site; the front page else."""
    good = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if good else "/"
