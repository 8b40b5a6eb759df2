"""Who may come in: keys, cookies, proxies, other sites, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from api.access import keyring
from api.access.policy import Policy
from api.access.sessions import COOKIE, Sessions
from api.app import create_app
from api.context import Standing
from api.gate import PUBLIC
from api.kept import Kept
from rag.engine import Engine
from tests.api.serving import PATIENCE_S, served, wait_ready

CLOSED = Policy(local=False)
QUESTION = {"question": "延庆区今年PM2.5目标是多少？"}
Opened = Callable[[Policy], AbstractContextManager[tuple[httpx.Client, Kept]]]


@pytest.fixture
def opened(engine: Engine, tmp_path: Path) -> Opened:
    """Serves with a policy; gives a client without a key, and the state."""

    @contextmanager
    def opened(policy: Policy) -> Iterator[tuple[httpx.Client, Kept]]:
        kept = Kept(f"sqlite:///{tmp_path}/state.sqlite", 1)
        with served(create_app(lambda: engine, kept=kept, policy=policy)) as url:
            wait_ready(url)
            with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE_S) as client:
                yield client, kept

    return opened


def bearer(kept: Kept, standing: Standing = Standing.READER, days: float = 1) -> dict[str, str]:
    _, secret = kept.keys.create("测试", standing, datetime.now(UTC) + timedelta(days=days))
    return {"Authorization": f"Bearer {secret}"}


def test_without_a_key_nothing_but_the_doorbell_answers(opened: Opened) -> None:
    with opened(CLOSED) as (client, kept):
        admin = bearer(kept, Standing.ADMIN)
        paths = [*client.get("/openapi.json", headers=admin).json()["paths"], "/docs", "/openapi.json", "/x"]
        for path in paths:
            for method in ("GET", "POST"):
                response = client.request(method, path)
                if path in PUBLIC:
                    assert response.status_code in (200, 405)
                else:
                    assert response.status_code == 401, (method, path)
                    assert response.headers["www-authenticate"] == "Bearer"
                    assert response.headers["content-type"] == "application/problem+json"
                    assert response.json()["type"] == "urn:wence:problem:unauthorized"


def test_a_key_opens_and_what_is_for_admins_asks_for_theirs(opened: Opened) -> None:
    with opened(CLOSED) as (client, kept):
        reader, admin = bearer(kept), bearer(kept, Standing.ADMIN)
        assert client.post("/v1/ask", json=QUESTION, headers=reader).json()["route"] == "fact"
        for path in ("/metrics", "/v1/feedback"):
            assert client.get(path, headers=reader).status_code == 403
            assert client.get(path, headers=admin).status_code == 200


@pytest.mark.parametrize("authorization", ["Bearer wence_x", "Bearer", "Basic abc", "Bearer 密钥", ""])
def test_what_is_no_key_opens_nothing(opened: Opened, authorization: str) -> None:
    with opened(CLOSED) as (client, _):
        response = client.post("/v1/ask", json=QUESTION, headers={"Authorization": authorization.encode()})
        assert response.status_code == 401


def test_an_expired_and_a_revoked_key_open_nothing_any_more(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "FRESH_S", 0.0)
    with opened(Policy(local=False, rate="")) as (client, kept):
        short = bearer(kept, days=1e-5)
        while client.get("/v1/plans", headers=short).status_code == 200:
            pass
        assert client.get("/v1/plans", headers=short).status_code == 401
        key, secret = kept.keys.create("一把", Standing.READER, None)
        headers = {"Authorization": f"Bearer {secret}"}
        assert client.get("/v1/plans", headers=headers).status_code == 200
        kept.keys.revoke(key.id)
        assert client.get("/v1/plans", headers=headers).status_code == 401


def test_a_browser_is_led_to_the_box_and_its_key_becomes_a_cookie(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "FRESH_S", 0.0)
    with opened(CLOSED) as (client, kept):
        led = client.get("/docs", headers={"Accept": "text/html"})
        assert (led.status_code, led.headers["location"]) == (303, "/login?next=/docs")
        assert 'name="key"' in client.get(led.headers["location"]).text
        wrong = client.post("/login", data={"key": "wence_no"})
        assert (wrong.status_code, "密钥不对" in wrong.text) == (401, True)
        key, secret = kept.keys.create("一把", Standing.READER, None)
        entered = client.post("/login", data={"key": f" {secret} ", "next": "/docs"})
        assert (entered.status_code, entered.headers["location"]) == (303, "/docs")
        assert {"HttpOnly", "SameSite=lax"} <= set(entered.headers["set-cookie"].split("; "))
        assert secret not in entered.headers["set-cookie"]
        assert client.get("/v1/plans").status_code == 200
        good = client.cookies[COOKIE]
        for bad in (good[:-2] + "aa", good.split(".")[0], "x" * 5000, ""):
            client.cookies.set(COOKIE, bad)
            assert client.get("/v1/plans").status_code == 401
        client.cookies.clear()
        client.cookies.set(COOKIE, good)
        assert client.get("/v1/plans").status_code == 200
        kept.keys.revoke(key.id)
        assert client.get("/v1/plans").status_code == 401


def test_a_cookie_is_good_for_its_time_and_its_own_secret() -> None:
    secret = b"s" * 32
    cookie = Sessions(secret, 1).cookie("k1")
    assert Sessions(secret, 1).key_id(cookie) == "k1"
    assert Sessions(secret, -1 / 3600).key_id(cookie) is None
    assert Sessions(b"t" * 32, 1).key_id(cookie) is None


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", ""])
def test_the_way_back_from_the_box_leads_nowhere_else(opened: Opened, target: str) -> None:
    with opened(CLOSED) as (client, kept):
        _, secret = kept.keys.create("一把", Standing.READER, None)
        entered = client.post("/login", data={"key": secret, "next": target})
        assert entered.headers["location"] == "/"


def test_whoever_guesses_keys_has_to_wait(opened: Opened) -> None:
    with opened(CLOSED) as (client, kept):
        good = bearer(kept)
        answers = [client.get("/v1/plans", headers={"Authorization": f"Bearer wence_{n}"}) for n in range(21)]
        assert [a.status_code for a in answers] == [401] * 20 + [429]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 60
        assert client.post("/login", data={"key": "wence_no"}).status_code == 429
        assert client.get("/v1/plans", headers=good).status_code == 200  # at the same address


def test_a_caller_may_ask_so_often_and_hinders_no_other(opened: Opened) -> None:
    with opened(Policy(local=False, rate="3/minute")) as (client, kept):
        one, other = bearer(kept), bearer(kept)
        codes = [client.get("/v1/plans", headers=one).status_code for _ in range(4)]
        assert codes == [200, 200, 200, 429]
        assert client.get("/v1/plans", headers=other).status_code == 200
        assert client.get("/healthz").status_code == 200


def test_this_machine_needs_no_key_and_is_not_counted(opened: Opened) -> None:
    with opened(Policy(rate="1/minute")) as (client, _):
        assert [client.get("/v1/plans").status_code for _ in range(3)] == [200] * 3
        assert client.get("/metrics").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "10.1.2.3"},
        {"Forwarded": "for=10.1.2.3"},
        {"X-Real-IP": "10.1.2.3"},
        {"Via": "1.1 proxy"},
        {"Host": "wence.office.example"},
        {"Host": "127.0.0.1.evil.example"},
    ],
)
def test_what_only_looks_local_needs_a_key(opened: Opened, headers: dict[str, str]) -> None:
    with opened(Policy()) as (client, kept):
        assert client.get("/v1/plans", headers=headers).status_code == 401
        assert client.get("/v1/plans", headers=headers | bearer(kept)).status_code == 200


def test_a_trusted_proxy_names_the_user_and_no_one_else_may(opened: Opened) -> None:
    named = {"X-Forwarded-User": "张三".encode(), "X-Forwarded-For": "10.9.8.7"}
    trusted = Policy(
        local=False, proxies=("127.0.0.1",), user_header="X-Forwarded-User", admins=frozenset({"李四"})
    )
    with opened(trusted) as (client, kept):
        assert client.post("/v1/ask", json=QUESTION, headers=named).status_code == 200
        assert client.get("/metrics", headers=named).status_code == 403
        chief = named | {"X-Forwarded-User": "李四".encode()}
        assert client.get("/metrics", headers=chief).status_code == 200
        assert client.get("/v1/plans").status_code == 401
        assert client.get("/v1/plans", headers={"X-Forwarded-User": "<script>"}).status_code == 401
        kept.audit.close(10)
        assert [row.who for row in kept.audit.rows()] == ["张三"]
    with opened(Policy(local=False, proxies=("10.0.0.0/8",), user_header="X-Forwarded-User")) as (client, _):
        assert client.get("/v1/plans", headers=named).status_code == 401


def test_a_page_of_another_site_has_nothing_done_here(opened: Opened) -> None:
    with opened(Policy()) as (client, _):
        for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example"):
            assert client.post("/v1/ask", json=QUESTION, headers={"Origin": origin}).status_code == 403
        own = client.post("/v1/ask", json=QUESTION, headers={"Origin": str(client.base_url).rstrip("/")})
        assert own.status_code == 200
        foreign = client.get("/v1/plans", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in foreign.headers


def test_a_portal_that_is_named_may_call_from_its_pages(opened: Opened) -> None:
    portal = "https://portal.example"
    with opened(Policy(origins=(portal,))) as (client, _):
        asked = client.post("/v1/ask", json=QUESTION, headers={"Origin": portal})
        assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, portal)
        ahead = client.options("/v1/ask", headers={"Origin": portal, "Access-Control-Request-Method": "POST"})
        assert ahead.status_code == 200
        other = {"Origin": "https://other.example"}
        assert client.post("/v1/ask", json=QUESTION, headers=other).status_code == 403


def test_told_outright_anyone_reads_but_only_this_machine_administers(opened: Opened) -> None:
    far = {"X-Forwarded-For": "10.1.2.3", "Authorization": "Bearer sk-anything"}
    with opened(Policy(local=False, everyone=True)) as (client, _):
        assert client.post("/v1/ask", json=QUESTION, headers=far).status_code == 200
        assert client.get("/metrics", headers=far).status_code == 403
