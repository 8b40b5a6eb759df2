"""Turns at a model, and time that runs out."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from index.errors import ModelError
from rag.writing.model import BusyError, Clock, Gate, Limits, Run, SlowError, timely

PATIENCE_S = 20.0


def test_turns_are_taken_in_order_and_a_full_line_is_refused() -> None:
    gate, order, inside, leave = Gate(1, 2), [], threading.Event(), threading.Event()

    def take(name: str) -> None:
        with gate.turn(Run()) as entered:
            assert entered
            order.append(name)
            inside.set()
            leave.wait(PATIENCE_S)

    first = threading.Thread(target=take, args=("first",))
    first.start()
    assert inside.wait(PATIENCE_S)
    others = []
    for n, name in enumerate(("second", "third"), start=1):
        others.append(threading.Thread(target=take, args=(name,)))
        others[-1].start()
        with gate._changed:
            assert gate._changed.wait_for(lambda n=n: len(gate._line) == n, PATIENCE_S)
    with pytest.raises(BusyError, match="2 个问题在排队"), gate.turn(Run()):
        pytest.fail("entered a full line")
    leave.set()
    for thread in (first, *others):
        thread.join(PATIENCE_S)
    assert order == ["first", "second", "third"]


def test_a_stopped_run_leaves_the_line() -> None:
    gate, run = Gate(1, 1), Run()
    with gate.turn(Run()):
        run.stop.set()
        with gate.turn(run) as entered:
            assert not entered
    with gate.turn(Run()) as entered:
        assert entered


def test_a_silent_model_is_left_and_told_to_stop() -> None:
    run, closed = Run(), threading.Event()

    def silent() -> Iterator[str]:
        try:
            yield "一"
            run.stop.wait(PATIENCE_S)
            yield "二"
        finally:
            closed.set()

    clock = Clock(Limits(first_s=0.1, total_s=0.1))
    found = []
    with pytest.raises(SlowError):
        for piece in timely(silent(), run, clock.left):
            found.append(piece)  # noqa: PERF402
    assert found == ["一"]
    assert run.stop.is_set() and closed.wait(PATIENCE_S)


def test_what_breaks_in_a_model_is_a_model_error() -> None:
    def broken() -> Iterator[str]:
        yield "一"
        raise ZeroDivisionError("secret")

    with pytest.raises(ModelError, match=r"模型出错（ZeroDivisionError）") as told:
        list(timely(broken(), Run(), lambda: PATIENCE_S))
    assert "secret" not in str(told.value)
