"""`wence keys`: the keys of those who may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.context import Standing
from wence import terminal

if TYPE_CHECKING:
    from datetime import datetime

    from api.state.keys import Key

app = typer.Typer(name="keys", help="密钥：建立、列出、停用。", no_args_is_help=True)
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON。")]
USE = "密钥只显示这一次；调用接口时写在请求头 Authorization: Bearer 密钥，用浏览器的在 /login 输入。"


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="给谁用的，例如 12345热线平台。")],
    role: Annotated[
        Standing, typer.Option("--role", help="reader 提问、查阅；admin 另可看反馈和运行情况。")
    ] = Standing.READER,
    days: Annotated[int, typer.Option("--days", min=0, max=36500, help="有效多少天；0 为长期有效。")] = 365,
    as_json: JsonOption = False,
) -> None:
    """建立一个密钥，只显示一次；库里只存它的散列值。"""
    from datetime import UTC, datetime, timedelta

    from api.state.keys import Keys
    from wence.state import opened, shown

    expires = datetime.now(UTC) + timedelta(days=days) if days else None
    with opened() as state:
        key, secret = Keys(state).create(name, role, expires)
    if as_json:
        terminal.emit(_as_json(key) | {"secret": secret})
        return
    until = f"{shown(key.expires)} 到期" if key.expires else "长期有效"
    terminal.say(f"已建立 {key.id}（{key.name}，{key.standing}，{until}）。{USE}")
    typer.echo(secret)


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """列出建立过的密钥（不含密钥本身）。"""
    from datetime import UTC, datetime

    from rich.table import Table

    from api.state.keys import Keys
    from wence.state import opened, shown

    with opened() as state:
        keys = Keys(state).all()
    if as_json:
        for key in keys:
            terminal.emit(_as_json(key))
        return
    table = Table("编号", "名称", "角色", "建立", "到期", "现状")
    now = datetime.now(UTC)
    for key in keys:
        until = shown(key.expires) if key.expires else "长期"
        table.add_row(key.id, key.name, key.standing, shown(key.created), until, _standing(key, now))
    terminal.console().print(table)


@app.command()
def revoke(key: Annotated[str, typer.Argument(metavar="ID", help="wence keys list 列出的编号。")]) -> None:
    """停用一个密钥，不能恢复。"""
    from api.state.keys import Keys
    from wence.state import opened

    with opened() as state:
        revoked = Keys(state).revoke(key)
    terminal.say(f"已停用 {revoked.id}（{revoked.name}）。正在运行的服务十秒内不再接受它。")


def _standing(key: Key, now: datetime) -> str:
    if key.revoked:
        return "已停用"
    return "有效" if key.valid(now) else "已过期"


def _as_json(key: Key) -> dict[str, Any]:
    times = {"created": key.created, "expires": key.expires, "revoked": key.revoked}
    named = {"id": key.id, "name": key.name, "role": key.standing.value}
    return named | {name: at and at.isoformat(timespec="seconds") for name, at in times.items()}
