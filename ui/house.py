"""What every page is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from api.answering import Answering
from api.plan_desk import PlanDesk


@dataclass(frozen=True, slots=True)
class House:
    """Who answers, how, and where the reports of benchmarks lie.

    With `streams` an answer is shown sentence by sentence, and where it is `queued` a long work with its
    progress, through Gradio's queue; both are off where several processes serve, for a queue lives in
    one of them. Without a `desk` no plan can be added or retired.
    """

    answering: Answering
    streams: bool = False
    queued: bool = True
    reports: Path = field(default_factory=lambda: Path("eval-results"))
    desk: PlanDesk | None = None
