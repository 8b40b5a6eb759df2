"""Who a request comes from, and whether that one may come in."""

from __future__ import annotations

import asyncio
import re
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.access.keyring import Keyring
from api.access.policy import Policy, host_name, is_loopback
from api.access.rates import Rates
from api.access.sessions import COOKIE, Sessions
from api.context import Caller, Standing
from api.state.keys import Key, Keys

NO_KEY = "需要密钥：请在请求头写 Authorization: Bearer 密钥，或在浏览器打开 /login 输入密钥。"
BAD_KEY = "密钥不对，或已过期、已停用；请向管理员索取新的密钥。"
EXPIRED = "登录已过期或密钥已停用，请重新打开 /login 输入密钥。"
OTHER_SITE = "这个请求来自别的网站的页面，未予办理。"
TOO_OFTEN = "请求过于频繁，请 {seconds} 秒后再试。"
TOO_MANY_KEYS = "输错密钥次数过多，请 {seconds} 秒后再试。"
ADMINS_ONLY = "这个接口只对管理员（role=admin 的密钥）开放。"
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "via")
_SAFE = {"GET", "HEAD", "OPTIONS"}
_REQUEST_ID = re.compile(r"[0-9A-Za-z._-]{8,64}")
_USER = re.compile(r"[\w@.\-\\/ ]{1,64}")


class Turned(Exception):  # noqa: N818  it is no error of ours
    """The request may not come in: a status, a Chinese sentence, seconds to wait where it is too early."""

    def __init__(self, status: int, detail: str, wait_s: int = 0) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.wait_s = wait_s


class Seen(NamedTuple):
    """Where a request comes from: the address, its scheme, and whether a trusted proxy hands it on."""

    address: str
    scheme: str
    proxied: bool


class Door:
    """Looks at each request before anything else does. `keys` is None where no state is kept."""

    def __init__(self, policy: Policy, keys: Keys | None = None) -> None:
        self.policy = policy
        self._keyring = Keyring(keys) if keys else None
        self._keys = keys
        self._sessions: Sessions | None = None
        self._rates = Rates(policy.rate)
        # Its reading of addresses is all that is used of it: there is no application behind.
        self._proxies = ProxyHeadersMiddleware(cast("Any", None), list(policy.proxies)).trusted_hosts
        self._origins = {origin.rstrip("/").lower() for origin in policy.origins}

    async def sessions(self) -> Sessions:
        """Signs cookies with the secret that all workers share.

        Raises:
            Turned: no state is kept. StateError: the secret cannot be read.
        """
        if self._keys is None:
            raise Turned(503, "这个服务没有启用密钥。")
        if self._sessions is None:
            secret = await asyncio.to_thread(self._keys.signing_secret)
            self._sessions = Sessions(secret, self.policy.session_hours)
        return self._sessions

    def seen(self, scope: Scope) -> Seen:
        """Where a request comes from."""
        headers, peer = Headers(scope=scope), _peer(scope)
        scheme: str = scope.get("scheme", "http")
        if peer not in self._proxies:
            return Seen(peer, scheme, proxied=False)
        forwarded = ", ".join(headers.getlist("x-forwarded-for"))
        if forwarded:
            peer = self._proxies.get_trusted_client_address(forwarded)[0] or peer
        said = headers.get("x-forwarded-proto", scheme)
        return Seen(peer, said if said in ("http", "https") else scheme, proxied=True)

    async def caller(self, scope: Scope, seen: Seen, request: str) -> Caller:
        """Who sends the request, `seen` to come from there, whose id is `request`.

        Raises:
            Turned: nobody that may come in.
            StateError: the keys cannot be read.
        """
        headers, address = Headers(scope=scope), seen.address
        if seen.proxied:
            request = _said_id(headers.get("x-request-id")) or request
            if user := self._named(headers):
                admin = user in self.policy.admins
                return Caller(request, user, Standing.ADMIN if admin else Standing.READER, address)
        if self._is_local(scope, headers, address):
            return Caller(request, "", Standing.ADMIN, address)
        key = await self._key(headers, address)
        if key is not None:
            return Caller(request, key.id, key.standing, address)
        if self.policy.everyone:
            return Caller(request, "", Standing.READER, address)
        raise Turned(401, NO_KEY)

    def check_origin(self, scope: Scope) -> None:
        """Let no page of another site have anything done in the name of who is logged in here.

        Raises:
            Turned: the request changes something, and a page of another site sends it.
        """
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if scope["method"] in _SAFE or origin is None or origin.rstrip("/").lower() in self._origins:
            return
        host = headers.get("host", "")
        if _peer(scope) in self._proxies:
            host = headers.get("x-forwarded-host", host)
        try:
            own = urlsplit(origin).hostname == host_name(host)
        except ValueError:
            own = False
        if not own:
            raise Turned(403, OTHER_SITE)

    def count(self, caller: Caller) -> None:
        """Count a request; who is on this machine and needs no key is not counted.

        Raises:
            Turned: it comes too early.
        """
        if not caller.who and caller.standing is Standing.ADMIN:
            return
        if wait := self._rates.wait_s(caller.who or caller.address):
            raise Turned(429, TOO_OFTEN.format(seconds=wait), wait)

    async def given(self, secret: str, address: str) -> Key | None:
        """The key with that secret; None where it is none, which counts against `address`.

        Raises:
            Turned: too many that were none came from there.
            StateError: the keys cannot be read.
        """
        key = await self._keyring.check(secret) if self._keyring else None
        if key is not None:  # whatever others at the same address have tried
            return key
        if wait := self._rates.attempts_wait_s(address):
            raise Turned(429, TOO_MANY_KEYS.format(seconds=wait), wait)
        self._rates.failed(address)
        return None

    async def _key(self, headers: Headers, address: str) -> Key | None:
        """The key in the header or behind the cookie; None where there is neither."""
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and secret.strip():
            if self.policy.everyone and not secret.startswith("wence_"):
                return None  # clients that insist on some key send any
            key = await self.given(secret.strip(), address)
            if key is None:
                raise Turned(401, BAD_KEY)
            return key
        cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        if not cookie or self._keyring is None:
            return None
        key_id = (await self.sessions()).key_id(cookie)
        key = await self._keyring.valid(key_id) if key_id else None
        if key is None and not self.policy.everyone:
            raise Turned(401, EXPIRED)
        return key

    def _is_local(self, scope: Scope, headers: Headers, address: str) -> bool:
        """Whether a program or browser of this very machine asks, and none that hands requests on.

        The name that it calls us by counts too: a page elsewhere can make its own name mean 127.0.0.1.
        """
        if not self.policy.local or not is_loopback(address) or _peer(scope) in self._proxies:
            return False
        return is_loopback(host_name(headers.get("host", ""))) and not any(h in headers for h in _FORWARDED)

    def _named(self, headers: Headers) -> str:
        """The user whom a trusted proxy names; empty where it names none."""
        if not self.policy.user_header:
            return ""
        raw = headers.get(self.policy.user_header, "")
        try:
            user = raw.encode("latin-1").decode("utf-8").strip()
        except UnicodeError:
            return ""
        return user if _USER.fullmatch(user) else ""


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _said_id(given: str | None) -> str:
    return given if given and _REQUEST_ID.fullmatch(given) else ""
