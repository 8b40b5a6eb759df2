"""A backup is whole whatever goes on meanwhile; a restore loses nothing, and takes nothing but a state."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from api.context import Standing
from api.state.backup import backup, restore
from api.state.database import State, StateError
from api.state.feedback import Feedback
from api.state.keys import Keys
from api.state.migrations import MIGRATIONS
from tests.api.state.children import until
from tests.api.state.test_database import known, refused

NOW = datetime.now(UTC)


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


def add(state: State, *questions: str) -> None:
    for question in questions:
        Feedback(state).add(thumb="down", question=question, answer="答" * 300)


def questions(url: str) -> list[str]:
    state = State.open(url)
    try:
        return [left.question for left in Feedback(state).every()]
    finally:
        state.close()


def test_what_was_there_at_the_backup_is_there_after_the_restore(
    lite: State, url: str, file: Path, tmp_path: Path
) -> None:
    add(lite, "一", "二")
    _, secret = Keys(lite).create("x", Standing.READER, None)
    signing = Keys(lite).signing_secret()
    saved = tmp_path / "saved.sqlite"
    backup(url, saved)
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    add(lite, "三")
    with pytest.raises(StateError, match="里已有内容，要换掉请加 --yes"):
        restore(url, saved)
    kept = restore(url, saved, replace=True)
    assert Keys(lite).check(secret, NOW) and Keys(lite).signing_secret() == signing
    add(lite, "四")  # the state that is open goes on with the restored one
    lite.close()
    assert questions(url) == ["一", "二", "四"]
    assert kept == Path(f"{file}.before-restore")
    assert questions(f"sqlite:///{kept}") == ["一", "二", "三"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert questions(f"sqlite:///{saved}") == ["一", "二"]


def test_a_second_restore_keeps_what_the_first_put_aside(lite: State, url: str, tmp_path: Path) -> None:
    saved = tmp_path / "saved.sqlite"
    backup(url, saved)
    add(lite, "一")
    first = restore(url, saved, replace=True)
    second = restore(url, saved, replace=True)
    assert first and second and first != second
    assert questions(f"sqlite:///{first}") == ["一"]


def test_a_state_without_anything_in_it_is_restored_without_being_asked(
    lite: State, url: str, tmp_path: Path
) -> None:
    add(lite, "一")
    saved = tmp_path / "saved.sqlite"
    backup(url, saved)
    for other, made in ((tmp_path / "empty.sqlite", True), (tmp_path / "new" / "none.sqlite", False)):
        if made:
            State.open(f"sqlite:///{other}").close()
        kept = restore(f"sqlite:///{other}", saved)
        assert (kept is not None) == made
        assert questions(f"sqlite:///{other}") == ["一"]


def test_a_backup_is_whole_while_others_write(lite: State, url: str, tmp_path: Path) -> None:
    written, stop = [0], threading.Event()

    def write() -> None:
        while not stop.is_set():
            with lite.begin() as connection:  # two rows of one transaction
                for thumb in ("up", "down"):
                    row = f"'{thumb}','','q','[]','{'a' * 2000}','[]','','','','',CURRENT_TIMESTAMP"
                    columns = "thumb,reason,question,history,answer,ids,route,writer,request,who,at"
                    connection.execute(text(f"INSERT INTO feedback ({columns}) VALUES ({row})"))
            written[0] += 2

    writer = threading.Thread(target=write)
    writer.start()
    counts: list[int] = []
    for number in range(1, 11):
        until(lambda: written[0] >= 4 * number)  # noqa: B023
        saved = tmp_path / f"{number}.sqlite"
        backup(url, saved)
        connection = sqlite3.connect(saved)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        counts.append(connection.execute("SELECT count(*) FROM feedback").fetchone()[0])
        connection.close()
    stop.set()
    writer.join()
    assert counts == sorted(counts) and counts[0] >= 4 and counts[-1] >= 40
    assert [count for count in counts if count % 2] == []


def test_a_restore_while_others_write_loses_and_damages_nothing(
    lite: State, url: str, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.sqlite"
    backup(url, saved)
    acknowledged: list[int] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            try:
                add(lite, question := f"{len(acknowledged)}")
            except StateError:  # between the two files there is none
                continue
            acknowledged.append(int(question))

    writer = threading.Thread(target=write)
    writer.start()
    kept = []
    for _ in range(5):
        enough = len(acknowledged) + 20
        until(lambda: len(acknowledged) >= enough)  # noqa: B023
        kept.append(restore(url, saved, replace=True))
    stop.set()
    writer.join()
    lite.close()
    there = questions(url) + [q for path in kept if path for q in questions(f"sqlite:///{path}")]
    assert sorted(map(int, there)) == acknowledged


def test_an_older_backup_is_brought_up_to_date(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, *MIGRATIONS[:1])
    old = State.open(f"sqlite:///{tmp_path}/old.sqlite")
    _, secret = Keys(old).create("x", Standing.READER, None)
    old.close()
    known(monkeypatch, *MIGRATIONS)
    restore(url, tmp_path / "old.sqlite")
    state = State.open(url)
    add(state, "一")
    assert Keys(state).check(secret, NOW)
    state.close()


def test_a_newer_backup_is_refused(lite: State, url: str, tmp_path: Path) -> None:
    saved = tmp_path / "saved.sqlite"
    backup(url, saved)
    connection = sqlite3.connect(saved)
    connection.execute("INSERT INTO wence_migrations VALUES (99, 'later', '2030-01-01')")
    connection.commit()
    connection.close()
    with pytest.raises(StateError, match="更新版本"):
        restore(url, saved)


def test_what_is_no_whole_state_is_refused_and_nothing_is_changed(
    lite: State, url: str, tmp_path: Path
) -> None:
    add(lite, *["水" * 200] * 30)
    saved = tmp_path / "saved.sqlite"
    backup(url, saved)
    whole = saved.read_bytes()
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(whole[:8192] + bytes(4096) + whole[12288:])
    unread = tmp_path / "unread.sqlite"  # damaged where nothing looks that does not look everywhere
    unread.write_bytes(whole[:-4096] + bytes(4096))
    half = tmp_path / "half.sqlite"
    half.write_bytes(whole[: len(whole) // 2])
    prose = tmp_path / "prose.txt"
    prose.write_text("会议纪要" * 1000)
    empty = tmp_path / "empty"
    empty.touch()
    other = tmp_path / "other.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE staff (name)")
    connection.close()
    for path, said in (
        (damaged, "损坏"),
        (unread, "文件已损坏，没有动任何东西"),
        (half, "损坏"),
        (prose, "不是 SQLite 数据库"),
        (empty, "不是问策的状态库"),
        (other, "不是问策的状态库"),
        (tmp_path / "none", "没有备份文件"),
        (tmp_path, "没有备份文件"),
    ):
        with pytest.raises(StateError, match=said):
            restore(url, path, replace=True)
    assert len(questions(url)) == 30
    assert [path.name for path in tmp_path.iterdir() if "before-restore" in path.name] == []
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_damaged_state_is_replaced_when_that_is_said_and_kept(url: str, file: Path, tmp_path: Path) -> None:
    state = State.open(url)
    add(state, "一")
    saved = tmp_path / "saved.sqlite"
    backup(url, saved)
    state.close()
    file.write_bytes(b"x" * 10_000)
    with pytest.raises(StateError, match="不成"):
        backup(url, tmp_path / "again.sqlite")
    assert not (tmp_path / "again.sqlite").exists()
    assert "文件不是 SQLite 数据库" in refused(url)
    with pytest.raises(StateError, match="--yes"):
        restore(url, saved)
    kept = restore(url, saved, replace=True)
    assert kept and kept.read_bytes() == b"x" * 10_000
    assert questions(url) == ["一"]


def test_a_journal_that_was_left_behind_is_not_played_into_the_restored_state(
    lite: State, url: str, file: Path, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.sqlite"
    backup(url, saved)
    add(lite, "一", "二")
    left = Path(f"{file}-wal").read_bytes()  # as after a crash
    assert left
    lite.close()
    file.unlink()
    Path(f"{file}-wal").write_bytes(left)
    restore(url, saved)
    assert questions(url) == []


def test_a_backup_that_cannot_be_written_is_said(lite: State, url: str, file: Path, tmp_path: Path) -> None:
    for path, said in (
        (tmp_path / "none" / "saved", "没有这个文件或文件夹"),
        (tmp_path, "文件夹"),
        (file, "不能写在状态库自己身上"),
    ):
        with pytest.raises(StateError, match=said):
            backup(url, path)
    with pytest.raises(StateError, match="还没有状态库"):
        backup(f"{url}.none", tmp_path / "saved")
    with pytest.raises(StateError, match="这就是状态库自己"):
        restore(url, file, replace=True)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_file_of_the_same_name_is_replaced_by_the_backup(lite: State, url: str, tmp_path: Path) -> None:
    saved = tmp_path / "有 空格?.sqlite"
    saved.write_text("old")
    add(lite, "一")
    backup(url, saved)
    other = tmp_path / "other"
    shutil.copy(saved, other)
    assert questions(f"sqlite:///{other}") == ["一"]
    assert restore(f"sqlite:///{tmp_path}/third", saved) is None


def test_postgresql_is_left_to_its_own_tools() -> None:
    url = "postgresql://wence:geheim@db/state"
    for action, said in ((backup, "pg_dump --format=custom"), (restore, "pg_restore --clean --if-exists")):
        with pytest.raises(StateError, match=said) as refusal:
            action(url, Path("/backups/of state"))
        assert "'/backups/of state'" in str(refusal.value)
        assert "postgresql://wence@db/state" in str(refusal.value)
        assert "geheim" not in str(refusal.value)
