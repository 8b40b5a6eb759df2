"""The state opens, migrates once, refuses what is not its own, and says in Chinese what fails."""

from __future__ import annotations

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, make_url, select, text

from api.context import Standing
from api.state import postgresql, sqlite
from api.state.database import State, StateError
from api.state.feedback import Feedback
from api.state.keys import Keys
from api.state.migrations import MIGRATIONS, Migration
from api.state.tables import metadata, migrations
from tests.api.state.children import children
from tests.postgres import Postgres

OPENING = """
import sys
from api.context import Standing
from api.state.database import State
from api.state.keys import Keys
print("ready", flush=True)
sys.stdin.readline()
state = State.open(sys.argv[1])
print(Keys(state).signing_secret().hex())
state.close()
"""
FILLING = """
import resource, sys
from api.context import Standing
from api.state.database import State, StateError
from api.state.feedback import Feedback

feedback = Feedback(State.open(sys.argv[1]))
long = "水" * 200_000
feedback.add(thumb="down", question="before", answer="")
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
for _ in range(2):
    try:
        feedback.add(thumb="down", question="full", answer=long)
    except StateError as error:
        print(error)
print(feedback.page(9, 0)[0])
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
feedback.add(thumb="down", question="after", answer=long)
print([left.question for left in feedback.every()])
"""


def add(state: State, question: str = "问") -> int:
    return Feedback(state).add(thumb="down", question=question, answer="答")


def refused(url: str) -> str:
    with pytest.raises(StateError) as refusal:
        State.open(url)
    return str(refusal.value)


def known(monkeypatch: pytest.MonkeyPatch, *migrations: Migration) -> None:
    """Let the program know these migrations alone."""
    for module in ("migrations", "database"):
        monkeypatch.setattr(f"api.state.{module}.MIGRATIONS", migrations)


def numbers(state: State) -> list[int]:
    with state.read() as connection:
        return list(connection.execute(select(migrations.c.number).order_by(migrations.c.number)).scalars())


def test_the_migrated_tables_are_those_that_queries_see(state: State) -> None:
    with state.read() as connection:
        made = inspect(connection)
        assert set(made.get_table_names()) == set(metadata.tables)
        for name, table in metadata.tables.items():
            columns = {column["name"]: column["nullable"] for column in made.get_columns(name)}
            assert list(columns) == [column.name for column in table.columns]
            key = {column.name for column in table.primary_key}
            assert set(made.get_pk_constraint(name)["constrained_columns"]) == key
            may_be_null = {column for column, nullable in columns.items() if nullable}
            assert may_be_null - key == {column.name for column in table.columns if column.nullable}


def test_processes_that_open_at_once_migrate_once_and_sign_alike(url: str) -> None:
    with children(4, OPENING, url) as started:
        for child in started:
            assert child.read(1) == ["ready"]
        for child in started:
            child.tell("go")
        secrets = {tuple(child.rest()) for child in started}
    state = State.open(url)
    assert secrets == {(Keys(state).signing_secret().hex(),)}
    assert numbers(state) == list(range(1, len(MIGRATIONS) + 1))
    state.close()


def test_an_opening_waits_for_another_process_that_makes_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "OPENING_S", 0.05)
    with sqlite.alone(file):
        assert "正被另一个进程打开或恢复，请稍后再试" in refused(f"sqlite:///{file}")
    State.open(f"sqlite:///{file}").close()


def test_an_opening_waits_for_another_process_that_migrates(server: Postgres) -> None:
    url = server.new_database()
    other = State(postgresql.engine(make_url(url)))
    with other.begin() as connection:
        postgresql.lock(connection)
        assert "lock timeout" in refused(url + "&options=-c%20lock_timeout=50")
    other.close()
    State.open(url).close()


def test_transactions_that_read_before_they_write_come_one_after_the_other(lite: State) -> None:
    def count() -> None:
        for _ in range(20):
            with lite.begin() as connection:
                (there,) = connection.execute(text("SELECT count(*) FROM secrets")).one()
                connection.execute(text("INSERT INTO secrets VALUES (:name, '')"), {"name": str(there)})

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(count) for _ in range(4)]:
            done.result()
    with lite.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM secrets")).scalar() == 80


def test_an_opened_state_keeps_what_it_has(url: str) -> None:
    for times in range(1, 4):
        state = State.open(url)
        add(state)
        assert Feedback(state).page(1, 0)[0] == times
        state.close()


def test_a_migration_that_fails_leaves_nothing_behind(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(connection: object) -> None:
        raise RuntimeError("half way")

    known(monkeypatch, *MIGRATIONS, broken)
    with pytest.raises(RuntimeError):
        State.open(url)
    known(monkeypatch, *MIGRATIONS)
    state = State.open(url)
    assert numbers(state) == list(range(1, len(MIGRATIONS) + 1))
    state.close()


def test_a_state_of_an_earlier_version_is_brought_up_and_keeps_what_it_has(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch, *MIGRATIONS[:1])
    state = State.open(url)
    Keys(state).create("x", Standing.READER, None)
    assert numbers(state) == [1]
    state.close()
    known(monkeypatch, *MIGRATIONS)
    state = State.open(url)
    assert numbers(state) == list(range(1, len(MIGRATIONS) + 1))
    assert len(Keys(state).all()) == 1
    assert add(state) == 1
    state.close()


def test_a_state_of_a_later_version_is_refused(url: str) -> None:
    state = State.open(url)
    with state.begin() as connection:
        connection.execute(text("INSERT INTO wence_migrations VALUES (99, 'later', CURRENT_TIMESTAMP)"))
    state.close()
    assert "是更新版本的问策用过的（第 99 号，本版只到第 3 号），请升级问策。" in refused(url)


def test_a_database_of_another_program_is_refused_and_left_alone(url: str) -> None:
    state = State.open(url)
    with state.begin() as connection:
        for table in metadata.tables:
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("CREATE TABLE staff (name TEXT)"))
    state.close()
    assert "里有别的程序的表（staff），请换一个 WENCE_STATE_URL。" in refused(url)


def test_a_file_that_is_no_database_is_refused_and_left_alone(file: Path) -> None:
    file.write_text("会议纪要" * 1000)
    assert "文件不是 SQLite 数据库，或已损坏" in refused(f"sqlite:///{file}")
    assert file.read_text() == "会议纪要" * 1000


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("state.sqlite", "WENCE_STATE_URL 看不懂，应写成 sqlite:///"),
        ("postgresql://u:geheim@host:port/x", "WENCE_STATE_URL 看不懂"),
        ("mysql://u:geheim@host/x", "状态库不支持 mysql"),
        ("sqlite://", "应写成 sqlite:////绝对/路径"),
        ("sqlite:////proc/none/state.sqlite", "没有这个文件或文件夹"),
        ("sqlite:////usr", "是文件夹"),
        ("postgresql://u:geheim@127.0.0.1:1/x", "状态库 x 打不开：连接不上。"),
        ("postgres://u:geheim@127.0.0.1:1/x?foo=geheim", "状态库 x 打不开："),
    ],
)
def test_what_cannot_be_opened_is_said_without_its_password(url: str, said: str) -> None:
    message = refused(url)
    assert said in message
    assert "geheim" not in message


def test_the_file_and_its_folder_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.sqlite"
    state = State.open(f"sqlite:///{path}")
    add(state)
    modes = {stat.S_IMODE(found.stat().st_mode) for found in path.parent.iterdir()}
    assert (modes, stat.S_IMODE(path.parent.stat().st_mode)) == ({0o600}, 0o700)
    state.close()


def test_what_is_committed_is_on_the_disk(lite: State) -> None:
    with lite.read() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL


def test_a_file_that_may_not_grow_is_said_and_taken_up_again(file: Path) -> None:
    with children(1, FILLING, f"sqlite:///{file}") as (child,):
        first, second, count, questions = child.rest()
    assert first == second == "状态库用不了：磁盘读写出错（可能已满或已坏）。"
    assert (count, questions) == ("1", "['before', 'after']")


def test_a_full_disk_is_said_and_taken_up_again(lite: State) -> None:
    def limit(pages: int) -> None:
        with lite.begin() as connection:  # of the one connection in the pool
            connection.execute(text(f"PRAGMA max_page_count={pages}"))

    limit(1)  # what there is already
    with pytest.raises(StateError, match="状态库用不了：磁盘已满。"):
        add(lite, "水" * 100_000)
    limit(1_000_000)
    assert add(lite) > 0


@pytest.mark.parametrize(
    ("code", "said"),
    [("53100", "磁盘已满"), ("25006", "数据库是只读的"), ("42501", "没有权限"), ("XX001", "数据库已损坏")],
)
def test_what_postgresql_objects_to_is_said(server: Postgres, code: str, said: str) -> None:
    state = State.open(server.new_database())
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$"
    with pytest.raises(StateError, match=f"状态库用不了：{said}。"), state.begin() as connection:
        connection.execute(text(raising))
    state.close()


def test_a_server_that_refuses_says_why(server: Postgres) -> None:
    url = server.new_database()
    assert "没有这个数据库或用户" in refused(server.url("none"))
    assert "没有这个数据库或用户" in refused(url.replace("wence@", "nobody@"))
    assert "数据库是只读的" in refused(url + "&options=-c%20default_transaction_read_only=on")
    assert "数据库的编码是 LATIN1，存不了汉字" in refused(server.new_database("LATIN1"))


def test_a_schema_of_its_own_keeps_it_apart_from_others(server: Postgres) -> None:
    url = server.new_database()
    taken = State.open(url)
    with taken.begin() as connection:
        connection.execute(text("CREATE SCHEMA wence"))
        connection.execute(text("ALTER TABLE wence_migrations RENAME TO something"))
    taken.close()
    assert "别的程序的表" in refused(url)
    state = State.open(url + "&options=-csearch_path%3Dwence")
    assert add(state) == 1
    state.close()


def test_a_server_that_was_away_is_used_again(server: Postgres) -> None:
    state = State.open(server.new_database())
    add(state)
    server.stop()
    try:
        for _ in range(2):
            with pytest.raises(StateError, match="连接不上"):
                add(state)
    finally:
        server.start()
    assert add(state) == 2
    state.close()


def test_a_server_that_was_restarted_is_used_as_if_nothing_had_been(server: Postgres) -> None:
    state = State.open(server.new_database())
    add(state)
    server.stop()
    server.start()
    assert add(state) == 2
    state.close()


def test_a_file_that_was_removed_takes_nothing_more_until_it_is_back(lite: State, file: Path) -> None:
    add(lite)
    away = file.with_name("away")
    file.rename(away)
    with pytest.raises(StateError, match="打不开文件"):
        add(lite)
    assert not file.exists()  # an empty one would hide the loss
    away.rename(file)
    assert add(lite) == 2


def test_a_file_that_was_replaced_is_the_one_that_is_used(lite: State, file: Path) -> None:
    add(lite)
    other = file.with_name("other.sqlite")
    State.open(f"sqlite:///{other}").close()
    for beside in ("-wal", "-shm"):  # as `restore` does: a left journal would be played into the new file
        Path(f"{file}{beside}").unlink()
    other.replace(file)
    assert Feedback(lite).page(1, 0)[0] == 0


def test_a_damaged_file_is_said(file: Path) -> None:
    state = State.open(f"sqlite:///{file}")
    for _ in range(50):
        add(state, "水" * 1000)
    state.close()
    cut = file.read_bytes()[: file.stat().st_size // 2]
    file.write_bytes(cut)
    assert "文件已损坏" in refused(f"sqlite:///{file}")
    assert file.read_bytes() == cut


def test_a_file_that_another_process_holds_is_said(
    lite: State, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with lite.read() as connection:
        connection.execute(text("PRAGMA busy_timeout=0"))  # of the one connection in the pool
    with pytest.raises(StateError, match="被别的进程占用"):
        add(lite)
    assert Feedback(lite).page(1, 0) == (0, [])  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    assert add(lite) == 1


def test_what_cannot_be_stored_as_it_is_is_stored_with_a_mark(state: State) -> None:
    add(state, "half \ud800 and \0 nul")
    _, (left,) = Feedback(state).page(1, 0)
    assert left.question == "half ? and \ufffd nul"


def test_a_file_that_has_gone_is_not_made_where_it_should_be(file: Path) -> None:
    with pytest.raises(StateError, match="状态库"):
        State.open(f"sqlite:///{file}", make=False)
    assert not file.exists()
    State.open(f"sqlite:///{file}").close()
    State.open(f"sqlite:///{file}", make=False).close()
