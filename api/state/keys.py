"""Keys of callers. A secret is shown once, when it is made; what is kept cannot be turned back into it."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, or_, select, text, update

from api.context import Standing
from api.state.database import State, StateError
from api.state.tables import keys
from api.state.tables import secrets as kept

_ID = string.ascii_lowercase + string.digits
_SECRET = re.compile(r"wence_([a-z0-9]{8})_[A-Za-z0-9_-]{43}")
NAME = 100  # characters that a name may have


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is known after it was made. Times are in UTC; `expires` None is never."""

    id: str
    name: str
    standing: Standing
    created: datetime
    expires: datetime | None
    revoked: datetime | None

    def valid(self, now: datetime) -> bool:
        """Whether it opens anything at `now`."""
        return self.revoked is None and (self.expires is None or now < self.expires)


def _hash(secret: str) -> str:
    """SHA-256, without salt or stretching: of 256 random bits nobody guesses one."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: Any) -> Key:
    return Key(row.id, row.name, Standing(row.standing), row.created, row.expires, row.revoked)


class Keys:
    """The keys in a state. Every method raises StateError where the database fails."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create(self, name: str, standing: Standing, expires: datetime | None) -> tuple[Key, str]:
        """A new key and its secret, `wence_<8 characters, the id>_<43 characters, 256 bits>`.

        Raises:
            StateError: the name is empty or too long, or `expires` has gone by.
        """
        name, now = name.strip(), datetime.now(UTC)
        if not 0 < len(name) <= NAME or not name.isprintable():
            raise StateError(f"密钥的名称应为 1 到 {NAME} 个字，不能换行。")
        if expires is not None and expires <= now:
            raise StateError("密钥的到期时间应在以后。")
        key = Key("".join(secrets.choice(_ID) for _ in range(8)), name, standing, now, expires, None)
        secret = f"wence_{key.id}_{secrets.token_urlsafe(32)}"
        row = {"id": key.id, "name": name, "standing": standing.value, "hash": _hash(secret)}
        with self._state.begin() as connection:
            connection.execute(insert(keys).values(row | {"created": now, "expires": expires}))
        return key, secret

    def all(self) -> list[Key]:
        """Every key that was ever made, the oldest first."""
        with self._state.read() as connection:
            return [_key(row) for row in connection.execute(select(keys).order_by(keys.c.created, keys.c.id))]

    def revoke(self, key_id: str) -> Key:
        """Close a key for good; one that is closed stays as it is.

        Raises:
            StateError: there is no such key.
        """
        with self._state.begin() as connection:
            now = datetime.now(UTC)
            open_ = keys.c.id == key_id, keys.c.revoked.is_(None)
            connection.execute(update(keys).where(*open_).values(revoked=now))
            row = connection.execute(select(keys).where(keys.c.id == key_id)).one_or_none()
        if row is None:
            raise StateError(f"没有编号为 {key_id[:20]} 的密钥；wence keys list 列出全部。")
        return _key(row)

    def check(self, secret: str, now: datetime) -> Key | None:
        """The key that `secret` is of; None where it is unknown, malformed, expired or revoked."""
        if not (match := _SECRET.fullmatch(secret)):
            return None
        row = self._row(keys.c.id == match[1])
        if row is None or not hmac.compare_digest(row.hash, _hash(secret)):
            return None
        return key if (key := _key(row)).valid(now) else None

    def valid(self, key_id: str, now: datetime) -> Key | None:
        """The key with this id, where it is still good (for one who has shown the secret before)."""
        row = self._row(keys.c.id == key_id)
        return key if row is not None and (key := _key(row)).valid(now) else None

    def any_valid(self, now: datetime) -> bool:
        """Whether there is a key that opens anything."""
        ends = or_(keys.c.expires.is_(None), keys.c.expires > now)
        return self._row(keys.c.revoked.is_(None), ends) is not None

    def _row(self, *conditions: ColumnElement[bool]) -> Any:
        with self._state.read() as connection:
            return connection.execute(select(keys).where(*conditions).limit(1)).one_or_none()

    def signing_secret(self) -> bytes:
        """32 random bytes to sign cookies with: made at the first use, the same ever after."""
        found = select(kept.c.value).where(kept.c.name == "signing")
        with self._state.read() as connection:
            value = connection.execute(found).scalar_one_or_none()
        if value is None:
            made = {"name": "signing", "value": secrets.token_hex(32)}
            put = text("INSERT INTO secrets (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING")
            with self._state.begin() as connection:
                connection.execute(put, made)  # of several processes one comes first
                value = connection.execute(found).scalar_one()
        return bytes.fromhex(value)
