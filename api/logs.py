"""Structured logs on standard error: one line an event, the request's id in each, no number of a person."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.types import Processor

from corpus.masking import masked

_QUIET = ("httpx", "httpcore", "openai", "uvicorn.access", "mcp", "asyncio")


def configure(*, as_json: bool, stream: TextIO | None = None) -> None:
    """Send every log record of this process, the libraries' included, to `stream` (standard error).

    As lines of JSON for a collector, or as plain text for a person at a terminal.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_persons,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


def _without_persons(logger: Any, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Mask telephone, identity-card, bank numbers and e-mail in whatever text an event carries."""
    for name, value in event.items():
        if isinstance(value, str) and name not in _OURS:
            event[name] = masked(value)
    return event


_OURS = frozenset({"timestamp", "level", "logger", "request", "method", "path", "route", "version"})
