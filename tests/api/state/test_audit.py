"""The audit never keeps a question waiting, survives an outage, and forgets in time."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.state.audit import Audit
from api.state.database import State
from api.state.entries import Asked
from tests.api.state.children import until
from tests.postgres import Postgres

NOW = datetime.now(UTC)
ASKED = Asked(
    at=NOW,
    request="r1",
    who="abcd1234",
    via="ask",
    question="延庆区森林覆盖率？",
    route="fact",
    ids=("yq-indicators-2026/1/1", "bj-green-2026/7/3"),
    refused=False,
    writer="extractive",
    ms=2.125,
)
PATIENT = 30.0


def numbered(count: int) -> list[Asked]:
    return [replace(ASKED, request=str(number)) for number in range(count)]


def kept(state: State) -> list[Asked]:
    return list(Audit(state, 1).rows())


def outages(caplog: pytest.LogCaptureFixture) -> int:
    return sum("暂时写不进状态库" in record.message for record in caplog.records)


def test_closing_writes_all_that_waits_as_it_was_asked(state: State) -> None:
    audit = Audit(state, 1, every_s=PATIENT, batch=7)
    audit.start()
    for asked in (entries := numbered(50)):
        audit.record(asked)
    audit.close(PATIENT)
    audit.close(PATIENT)
    assert kept(state) == entries
    assert (audit.waiting, audit.dropped) == (0, 0)


def test_what_comes_after_the_close_is_dropped_and_counted(state: State) -> None:
    audit = Audit(state, 1)
    audit.record(ASKED)
    audit.close(PATIENT)  # though it was never started
    audit.record(ASKED)
    assert kept(state) == [ASKED]
    assert audit.dropped == 1


def test_a_full_batch_is_written_at_once_and_a_lone_entry_in_time(state: State) -> None:
    audit = Audit(state, 1, every_s=PATIENT, batch=3)
    audit.start()
    for asked in numbered(3):
        audit.record(asked)
    until(lambda: audit.waiting == 0)
    audit.close(PATIENT)
    soon = Audit(state, 1, every_s=0.01)
    soon.start()
    soon.record(ASKED)
    until(lambda: soon.waiting == 0)
    soon.close(PATIENT)
    assert len(kept(state)) == 4


def test_questions_are_masked(state: State) -> None:
    audit = Audit(state, 1)
    audit.record(replace(ASKED, question="我是13800138000，油烟谁管？\ud800"))
    audit.close(PATIENT)
    assert [asked.question for asked in kept(state)] == ["我是〔电话〕，油烟谁管？?"]


def test_room_is_bounded_and_the_older_entries_stay(state: State) -> None:
    audit = Audit(state, 1, room=5)
    for asked in numbered(8):
        audit.record(asked)
    assert (audit.waiting, audit.dropped) == (5, 3)
    audit.close(PATIENT)
    assert kept(state) == numbered(5)


def test_an_entry_that_the_database_does_not_take_holds_up_no_other(state: State) -> None:
    audit = Audit(state, 1)
    audit.record(ASKED)
    audit.record(replace(ASKED, via=None))  # type: ignore[arg-type]
    audit.record(ASKED)
    audit.close(PATIENT)
    assert kept(state) == [ASKED, ASKED]
    assert audit.dropped == 1


def test_what_is_asked_while_the_server_is_away_is_written_when_it_is_back(
    server: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    state = State.open(server.new_database())
    audit = Audit(state, 1, every_s=0.01)
    audit.start()
    audit.record(ASKED)
    until(lambda: audit.waiting == 0)
    server.stop()
    try:
        for asked in numbered(20):
            audit.record(asked)
        until(lambda: outages(caplog) > 0)
        assert audit.waiting == 20
    finally:
        server.start()
    until(lambda: audit.waiting == 0)
    audit.close(PATIENT)
    assert kept(state) == [ASKED, *numbered(20)]
    assert outages(caplog) == 1
    assert "森林" not in caplog.text
    state.close()


def test_what_is_asked_while_the_file_is_away_is_written_when_it_is_back(
    lite: State, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    audit = Audit(lite, 1, every_s=0.01)
    away = file.rename(file.with_name("away"))
    audit.start()
    audit.record(ASKED)
    until(lambda: outages(caplog) > 0)
    away.rename(file)
    until(lambda: audit.waiting == 0)
    audit.close(PATIENT)
    assert kept(lite) == [ASKED]
    assert "又写得进状态库了" in caplog.text


def test_a_close_without_a_database_ends_in_time_and_counts_what_is_lost(
    lite: State, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    audit = Audit(lite, 1, every_s=PATIENT)
    audit.start()
    file.rename(file.with_name("away"))
    for asked in numbered(3):
        audit.record(asked)
    started = time.monotonic()
    audit.close(0.3)
    assert time.monotonic() - started < PATIENT / 2
    assert audit.dropped == 3
    assert "审计有 3 条没能写入状态库" in caplog.text


def test_recording_does_not_wait_for_a_database_that_hangs(lite: State, file: Path) -> None:
    audit = Audit(lite, 1, batch=1)
    audit.start()
    with lite.begin():  # nobody else can write now
        started = time.monotonic()
        for asked in numbered(300):
            audit.record(asked)
        assert time.monotonic() - started < 1.0
        assert audit.waiting == 300
    audit.close(PATIENT)
    assert kept(lite) == numbered(300)


def test_threads_that_record_at_once_lose_nothing(state: State) -> None:
    audit = Audit(state, 1, every_s=0.001, batch=10)
    audit.start()

    def ask() -> None:
        for _ in range(200):
            audit.record(ASKED)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    audit.close(PATIENT)
    assert len(kept(state)) == 1600


def test_what_is_too_old_is_removed_at_the_start(state: State) -> None:
    old, new = (replace(ASKED, at=NOW - timedelta(days=days)) for days in (31, 29))
    forever = Audit(state, 36500)
    forever.record(old)
    forever.record(new)
    forever.close(PATIENT)
    assert kept(state) == [old, new]
    month = Audit(state, 30)
    month.start()
    month.close(PATIENT)
    assert kept(state) == [new]


def test_no_days_keep_nothing_and_remove_what_is_there(state: State) -> None:
    before = Audit(state, 1)
    before.record(ASKED)
    before.close(PATIENT)
    audit = Audit(state, 0)
    audit.record(ASKED)
    assert audit.waiting == audit.dropped == 0
    audit.start()
    until(lambda: kept(state) == [])
    audit.close(PATIENT)


def test_rows_are_those_of_the_time_that_is_asked_for(state: State) -> None:
    audit = Audit(state, 36500)
    days = [replace(ASKED, at=NOW + timedelta(days=day)) for day in range(4)]
    for asked in days:
        audit.record(asked)
    audit.close(PATIENT)
    assert list(audit.rows(days[1].at, days[3].at)) == days[1:3]
    assert list(audit.rows(until=days[1].at)) == days[:1]
