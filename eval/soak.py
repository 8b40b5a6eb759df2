"""A soak: many requests of all kinds, well-behaved and not, and what the service holds meanwhile."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from eval.load import Request, closed_loop, nothing, request
from eval.service import Service

CONNECTIONS = 16
MOMENTS = ("开始", "四分之一", "一半", "结束")
_EVENTS = "text/event-stream"
_BAD = (b"{", b"[]", b'{"question": 1}', b'{"question": ""}', b'{"question": "?", "more": 1}', b"\xff\xfe")


def measure(service: Service, questions: Iterator[str], requests: int) -> dict[str, Any]:
    """Send so many, and look at the workers before, at a quarter, at the half and at the end.

    Returns `requests`, `statuses` (answers by status), `dropped`, `left` (clients that went in mid-stream),
    `failed` (dropped, or answered with a server error), `held` (for each moment, for each worker what it
    holds) and `restarted`, whether a worker was another one in the end.
    """
    quarter, half = requests // 4, requests // 4
    parts = (quarter, half, requests - quarter - half)
    mixed = mixture(questions)
    holdings = [service.holdings()]
    statuses: Counter[int] = Counter()
    dropped = left = failed = 0
    for part in parts:
        run = closed_loop(service.port, itertools.islice(mixed, part), CONNECTIONS, float("inf"), nothing)
        statuses += run.statuses
        dropped, left, failed = dropped + run.dropped, left + run.left, failed + run.failed
        holdings.append(service.holdings())
    return {
        "requests": requests,
        "statuses": {str(status): n for status, n in sorted(statuses.items())},
        "dropped": dropped,
        "left": left,
        "failed": failed,
        "held": [
            {"moment": moment, "workers": [asdict(held) for held in holding.values()]}
            for moment, holding in zip(MOMENTS, holdings, strict=True)
        ],
        "restarted": len({tuple(holding) for holding in holdings}) > 1,
    }


def mixture(questions: Iterator[str]) -> Iterator[Request]:
    """Requests of all kinds, in turns, no question twice.

    Of twenty nine are questions, two questions answered as a stream of events and one whose reader leaves
    in mid-stream, three searches, three lists, and two bodies that are none.
    """
    for n in itertools.count():
        kind, question = n % 20, next(questions)
        words = quote(question[:8])
        if kind in (0, 7):
            yield ask(question, stream=True)
        elif kind == 3:
            yield ask(question, stream=True, leaves=True)
        elif kind in (5, 11, 17):
            yield request("GET", f"/v1/search?q={words}&top={1 + n % 20}")
        elif kind in (2, 9, 14):
            yield request("GET", f"/v1/measures?text={quote(question[2:4])}&limit={1 + n % 100}")
        elif kind in (6, 16):
            yield request("POST", "/v1/ask", _BAD[n // 10 % len(_BAD)])
        else:
            yield ask(question)


def ask(question: str, *, stream: bool = False, leaves: bool = False) -> Request:
    """A question as a request."""
    body = json.dumps({"question": question, "stream": stream}, ensure_ascii=False).encode()
    return request("POST", "/v1/ask", body, _EVENTS if stream else "*/*", leaves=leaves)
