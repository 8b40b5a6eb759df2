"""Feedback is on the disk when it is acknowledged, masked, and read back the newest first."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from api.state import database
from api.state.database import State
from api.state.feedback import Feedback, Left
from tests.api.state.children import children

AT = datetime(2026, 3, 1, 8, 30, 15, 123456, tzinfo=UTC)
ADDING = """
import os, sys, threading
from api.state.database import State
from api.state.feedback import Feedback

feedback = Feedback(State.open(sys.argv[1]))

def add(name):
    while True:
        number = feedback.add(thumb="down", question=f"{name}", answer="答" * 500)
        os.write(1, f"{number}\\n".encode())

for name in range(3):
    threading.Thread(target=add, args=(name,)).start()
"""


def test_what_is_left_is_read_back_as_it_was(state: State) -> None:
    number = Feedback(state).add(
        at=AT.astimezone(),
        request="r1",
        who="abcd1234",
        thumb="down",
        reason="没有写明谁牵头",
        question="那怀柔呢？",
        history=["延庆海绵城市比例是多少？", "市里呢？"],
        answer="……",
        ids=["hr-green-2026/11/1", "hr-green-2026/11/1", "bj-green-2026/7/3"],
        route="fact",
        writer="extractive",
    )
    expected = Left(
        id=number,
        at=AT,
        request="r1",
        who="abcd1234",
        thumb="down",
        reason="没有写明谁牵头",
        question="那怀柔呢？",
        history=("延庆海绵城市比例是多少？", "市里呢？"),
        answer="……",
        ids=("hr-green-2026/11/1", "bj-green-2026/7/3"),
        route="fact",
        writer="extractive",
    )
    assert Feedback(state).page(10, 0) == (1, [expected])
    assert list(Feedback(state).every()) == [expected]


def test_numbers_of_persons_are_masked_wherever_they_stand(state: State) -> None:
    said = "打 138 0013 8000 找我"
    Feedback(state).add(thumb="down", question=said, answer=said, reason=said, history=[said, "别的"])
    _, (left,) = Feedback(state).page(1, 0)
    masked = "打 〔电话〕 找我"
    assert {left.question, left.answer, left.reason} == {masked}
    assert left.history == (masked, "别的")


def test_pages_are_the_newest_first_by_thumb_and_time(state: State) -> None:
    feedback = Feedback(state)
    for day in range(6):
        thumb = "up" if day % 3 == 0 else "down"
        feedback.add(thumb=thumb, question=str(day), answer="", at=AT + timedelta(days=day))

    def page(*arguments: object) -> tuple[int, str]:
        total, rows = feedback.page(*arguments)  # type: ignore[arg-type]
        return total, "".join(row.question for row in rows)

    assert page(2, 0) == (6, "54")
    assert page(3, 4) == (6, "10")
    assert page(3, 9) == (6, "")
    assert page(9, 0, "up") == (2, "30")
    assert page(9, 0, "down", AT + timedelta(days=2)) == (3, "542")
    assert [row.question for row in feedback.every("down", AT + timedelta(days=2))] == list("245")


def test_an_export_reads_more_than_one_part(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PART", 3)
    feedback = Feedback(state)
    for count in range(7):
        assert [row.question for row in feedback.every()] == [str(n) for n in range(count)]
        feedback.add(thumb="up", question=str(count), answer="")


def test_threads_that_add_at_once_lose_nothing(state: State) -> None:
    feedback, numbers = Feedback(state), set[int]()

    def add(name: int) -> None:
        for _ in range(20):
            numbers.add(feedback.add(thumb="up", question=str(name), answer=""))

    threads = [threading.Thread(target=add, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 160
    assert {row.id for row in feedback.every()} == numbers


def test_a_process_killed_under_load_loses_nothing_that_it_acknowledged(url: str) -> None:
    acknowledged: set[str] = set()
    with children(1, ADDING, url) as (child,):
        acknowledged.update(child.read(200))
        child.process.kill()  # SIGKILL
        output = child.rest()
    acknowledged.update(line for line in output if line)
    state = State.open(url)
    kept = {str(row.id) for row in Feedback(state).every()}
    assert len(acknowledged) >= 200
    assert acknowledged <= kept
    assert len(kept - acknowledged) <= 3  # committed, and killed before it could say so
    state.close()


def test_who_left_it_takes_it_back_and_nobody_else(state: State) -> None:
    kept = Feedback(state)
    number = kept.add(request="r1", who="one", thumb="up", question="那怀柔呢？", answer="答")
    assert not kept.withdraw(number, request="r1", who="another")
    assert not kept.withdraw(number, request="r2", who="one")
    assert kept.page(10, 0)[0] == 1
    assert kept.withdraw(number, request="r1", who="one")
    assert not kept.withdraw(number, request="r1", who="one")
    assert kept.page(10, 0)[0] == 0
