"""Who a request comes from, known wherever it is worked on (threads of the request included)."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What a caller may do: a reader asks and looks up, an admin also sees what others left."""

    READER = "reader"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """The one who asks: request id, name (a key's id, a proxy's user, empty on loopback), standing."""

    request: str = ""
    who: str = ""
    standing: Standing = Standing.READER
    address: str = ""


_caller: ContextVar[Caller] = ContextVar("caller")
_NOBODY = Caller()


def caller() -> Caller:
    """The caller of the request that is being worked on; nobody outside of one."""
    return _caller.get(_NOBODY)


def come_from(someone: Caller) -> None:
    """Say who the request of this context comes from."""
    _caller.set(someone)
