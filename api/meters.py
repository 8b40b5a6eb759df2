"""What Prometheus is told: requests, questions, the audit's queue."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from api.state.entries import Asked

TOGETHER = "PROMETHEUS_MULTIPROC_DIR"  # the folder in which several workers add up what they count
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)

requests = Counter("wence_requests", "Requests by way in, method and status.", ("route", "method", "status"))
seconds = Histogram(
    "wence_request_seconds", "Seconds until a request was done.", ("route",), buckets=_SECONDS
)
questions = Counter("wence_questions", "Questions by way in, kind and outcome.", ("via", "route", "refused"))
feedback = Counter("wence_feedback", "Feedback by thumb.", ("thumb",))
swaps = Counter("wence_index_swaps", "Rebuilt indexes that were taken over while serving.", ("outcome",))
waiting = Gauge("wence_audit_waiting", "Audit entries not yet written.", multiprocess_mode="livesum")
lost = Gauge(
    "wence_audit_dropped", "Audit entries given up, the queue being full.", multiprocess_mode="livesum"
)


def count_question(asked: Asked) -> None:
    """Count an answered question."""
    questions.labels(asked.via, asked.route, str(asked.refused).lower()).inc()


def exposition() -> tuple[bytes, str]:
    """All figures in Prometheus's text format, those of every worker together, and the media type."""
    if TOGETHER not in os.environ:
        return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
    folder = Path(os.environ[TOGETHER])
    for path in folder.glob("gauge_live*.db"):  # what a worker that is no more had waiting is no more
        pid = path.stem.rpartition("_")[2]
        if not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists():
            with contextlib.suppress(FileNotFoundError):  # another worker was quicker
                mark_process_dead(int(pid), str(folder))  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST
