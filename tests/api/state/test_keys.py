"""Keys: shown once, kept hashed, good until they expire or are revoked."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from api.context import Standing
from api.state import tables
from api.state.database import State, StateError
from api.state.keys import Keys

DAY = timedelta(days=1)
NOW = datetime.now(UTC)


def test_a_new_key_opens_and_is_listed_without_its_secret(state: State) -> None:
    keys = Keys(state)
    assert not keys.any_valid(NOW)
    key, secret = keys.create("12345热线", Standing.ADMIN, NOW + DAY)
    assert re.fullmatch(rf"wence_{key.id}_[A-Za-z0-9_-]{{43}}", secret)
    assert keys.check(secret, NOW) == keys.valid(key.id, NOW) == key
    assert keys.any_valid(NOW)
    assert keys.all() == [key]
    assert (key.name, key.standing, key.expires, key.revoked) == ("12345热线", "admin", NOW + DAY, None)
    assert NOW <= key.created <= datetime.now(UTC)


def test_the_secret_is_nowhere_in_the_database(lite: State, file: Path) -> None:
    key, secret = Keys(lite).create("x", Standing.READER, None)
    with lite.read() as connection:
        (row,) = connection.execute(select(tables.keys)).all()
    assert len(row.hash) == 64
    held = b"".join(path.read_bytes() for path in file.parent.iterdir() if path.is_file())
    assert key.id.encode() in held
    assert secret.encode() not in held
    assert secret.rpartition(key.id)[2][1:].encode() not in held


def test_a_key_ends_when_it_expires(state: State) -> None:
    keys = Keys(state)
    key, secret = keys.create("x", Standing.READER, NOW + DAY)
    for now, good in ((NOW + DAY - timedelta(seconds=1), True), (NOW + DAY, False), (NOW + 2 * DAY, False)):
        assert (keys.check(secret, now) is not None) == good
        assert (keys.valid(key.id, now) is not None) == good
        assert keys.any_valid(now) == good
    _, lasting = keys.create("y", Standing.READER, None)
    assert keys.check(lasting, NOW + 36500 * DAY)


def test_a_revoked_key_opens_nothing_more(state: State) -> None:
    keys = Keys(state)
    key, secret = keys.create("x", Standing.READER, None)
    _, other = keys.create("y", Standing.READER, None)
    revoked = keys.revoke(key.id)
    assert revoked.revoked and keys.revoke(key.id) == revoked
    assert keys.check(secret, NOW) is keys.valid(key.id, NOW) is None
    assert keys.check(other, NOW)
    with pytest.raises(StateError, match="没有编号为 nobody 的密钥"):
        keys.revoke("nobody")


def test_what_is_no_key_opens_nothing(state: State) -> None:
    keys = Keys(state)
    key, secret = keys.create("x", Standing.READER, None)
    another = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    wrong = ["", "wence_", key.id, another, secret + "A", secret.upper(), " " + secret, secret + "\n"]
    wrong += ["x" * 10**6, secret.replace(key.id, "aaaaaaaa"), "wence_' OR 1=1_" + "A" * 43, "\ud800", "\0"]
    assert [text for text in wrong if keys.check(text, NOW)] == []
    assert [name for name in ("", "' OR 1=1", "\ud800", "\0") if keys.valid(name, NOW)] == []


def test_a_key_needs_a_name_and_time_to_live(state: State) -> None:
    keys = Keys(state)
    for name in ("", "  ", "长" * 101, "a\nb"):
        with pytest.raises(StateError, match="密钥的名称"):
            keys.create(name, Standing.READER, None)
    with pytest.raises(StateError, match="到期时间应在以后"):
        keys.create("x", Standing.READER, NOW - DAY)
    assert keys.all() == []


def test_the_signing_secret_stays_and_can_be_changed_by_removing_it(state: State, url: str) -> None:
    first = Keys(state).signing_secret()
    again = State.open(url)
    assert Keys(again).signing_secret() == first and len(first) == 32
    with again.begin() as connection:
        connection.execute(delete(tables.secrets))
    again.close()
    assert Keys(state).signing_secret() != first
