"""Keys as a running service checks them: remembered for a while, so that a request asks no database."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime

import anyio.to_thread

from api.state.database import StateError
from api.state.keys import Key, Keys

FRESH_S = 10.0  # a revoked key is refused after this at the latest
STALE_S = 3600.0  # while the database is away, a key that was good counts on for so long
ROOM = 4096


class Keyring:
    """Checks keys against the database, at most once every `FRESH_S` for each."""

    def __init__(self, keys: Keys, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys = keys
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Key]] = OrderedDict()

    async def check(self, secret: str) -> Key | None:
        """The key with that secret; None where there is none that is good now.

        Raises:
            StateError: the database cannot be asked, and the key was not good lately.
        """
        name = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
        return await self._remembered(name, lambda now: self._keys.check(secret, now))

    async def valid(self, key_id: str) -> Key | None:
        """The key with that id, where it is still good. Raises as `check`."""
        return await self._remembered(f"id:{key_id}", lambda now: self._keys.valid(key_id, now))

    async def _remembered(self, name: str, ask: Callable[[datetime], Key | None]) -> Key | None:
        now, at = datetime.now(UTC), self._clock()
        seen, key = self._known.get(name, (float("-inf"), None))
        if key is not None and at - seen < FRESH_S:
            return key if key.expires is None or key.expires > now else None
        try:
            found = await anyio.to_thread.run_sync(ask, now)
        except StateError:
            if key is None or at - seen > STALE_S or (key.expires is not None and key.expires <= now):
                raise
            return key
        self._known.pop(name, None)
        if found is not None:
            self._known[name] = (at, found)
            while len(self._known) > ROOM:
                self._known.popitem(last=False)
        return found
