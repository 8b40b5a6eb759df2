"""A key entered once in a browser becomes a cookie: signed, expiring, not readable by scripts."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeTimedSerializer

COOKIE = "wence"


class Sessions:
    """Signs and reads the cookie; it holds the key's id, so that a revoked key ends it."""

    def __init__(self, secret: bytes, hours: float) -> None:
        self._signer = URLSafeTimedSerializer(secret, salt="wence session")
        self.seconds = int(hours * 3600)
        """How long a session lasts."""

    def cookie(self, key_id: str) -> str:
        """The value that says: this browser gave the key `key_id`, now."""
        return str(self._signer.dumps(key_id))

    def key_id(self, cookie: str) -> str | None:
        """The key that the cookie names; None where it is forged, damaged or expired."""
        try:
            named = self._signer.loads(cookie, max_age=self.seconds)
        except BadSignature:
            return None
        return named if isinstance(named, str) else None
