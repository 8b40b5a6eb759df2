"""The state of a service, open: keys, feedback, audit."""

from __future__ import annotations

from api import meters
from api.state.audit import Audit
from api.state.database import State
from api.state.feedback import Feedback
from api.state.keys import Keys


class Kept:
    """Opens a state database and what it holds; a worker does not `make` one that has gone away.

    Raises:
        StateError: it cannot be opened, or is not ours.
    """

    def __init__(self, url: str, audit_days: int, *, make: bool = True) -> None:
        self._state = State.open(url, make=make)
        self.keys = Keys(self._state)
        self.feedback = Feedback(self._state)
        self.audit = Audit(self._state, audit_days, after=self._measure)

    def start(self) -> None:
        """Begin to write the audit."""
        self.audit.start()

    def _measure(self) -> None:
        meters.waiting.set(self.audit.waiting)
        meters.lost.set(self.audit.dropped)

    def close(self, timeout_s: float = 10.0) -> None:
        """Write what is still waiting, and close."""
        self.audit.close(timeout_s)
        self._state.close()
