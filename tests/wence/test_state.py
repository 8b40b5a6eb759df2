"""`wence keys`, `wence audit`, `wence feedback`, `wence state`: what a service keeps, at the command line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import Run

from api.state.audit import Audit
from api.state.database import State
from api.state.entries import Asked
from api.state.feedback import Feedback
from api.state.keys import Keys
from eval.lines import QuestionFileError
from eval.questions import read_questions
from eval.validation import validate
from index.folder import OpenIndex

NOW = datetime.now(UTC)
LATE = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # the second of March in Beijing


@pytest.fixture(autouse=True)
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/state.sqlite"
    monkeypatch.setenv("WENCE_STATE_URL", url)
    return url


@contextmanager
def opened(url: str) -> Iterator[State]:
    state = State.open(url)
    yield state
    state.close()


def test_a_key_is_shown_once_listed_and_revoked(run: Run, url: str) -> None:
    made = run("keys", "create", "12345热线", "--role", "admin")
    secret = made.out.strip()
    assert made.status == 0
    assert "密钥只显示这一次" in made.err and "Authorization: Bearer" in made.err and secret not in made.err
    with opened(url) as state:
        key = Keys(state).check(secret, NOW)
        assert key is not None and (key.name, key.standing) == ("12345热线", "admin")
        assert key.expires is not None and (key.expires - NOW).days in (364, 365)
    listed = run("keys", "list")
    assert "12345热线" in listed.out and "有效" in listed.out and secret not in listed.out
    revoked = run("keys", "revoke", key.id)
    assert (revoked.status, revoked.out) == (0, "")
    assert f"已停用 {key.id}（12345热线）" in revoked.err
    assert "已停用" in run("keys", "list").out
    with opened(url) as state:
        assert Keys(state).check(secret, NOW) is None


def test_a_key_as_json_for_programs(run: Run) -> None:
    (key,) = run("keys", "create", "接口", "--days", "0", "--json").objects
    assert key["secret"].startswith(f"wence_{key['id']}_")
    assert (key["role"], key["expires"]) == ("reader", None)
    (listed,) = run("keys", "list", "--json").objects
    assert listed == {name: value for name, value in key.items() if name != "secret"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["keys", "create", ""], "密钥的名称"),
        (["keys", "revoke", "nobody"], "没有编号为 nobody 的密钥"),
        (["audit", "export", "--since", "昨天"], "看不懂日期“昨天”"),
        (["audit", "export", "-o", "/proc/none/file"], "写不了 /proc/none/file：没有这个文件或文件夹"),
        (["feedback", "export", "--since", "2026-02-30"], "看不懂日期“2026-02-30”"),
        (["state", "restore", "/no/file"], "没有备份文件 /no/file"),
    ],
)
def test_what_cannot_be_done_is_said(run: Run, arguments: list[str], said: str) -> None:
    ran = run(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert f"错误：{said}" in ran.err
    assert "Traceback" not in ran.err


def test_a_state_that_cannot_be_reached_is_said_without_its_password(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENCE_STATE_URL", "postgresql://u:geheim@127.0.0.1:1/wence")
    ran = run("keys", "list")
    assert (ran.status, ran.err) == (2, "错误：状态库 wence 打不开：连接不上。\n")
    ran = run("state", "backup", "x")
    assert ran.status == 2 and "pg_dump" in ran.err and "geheim" not in ran.err


def test_the_audit_is_exported_by_days_of_beijing(run: Run, url: str, tmp_path: Path) -> None:
    asked = Asked(LATE, "r1", "k1", "ask", "=1+1？", "fact", ("a/1/1", "b/2/1"), False, "extractive", 2.5)
    with opened(url) as state:
        audit = Audit(state, 36500)
        audit.record(asked)
        audit.close(30)
    (row,) = run("audit", "export").objects
    assert row == {
        "at": "2026-03-02T00:30:00.000+08:00",
        "request": "r1",
        "who": "k1",
        "via": "ask",
        "question": "=1+1？",
        "route": "fact",
        "ids": ["a/1/1", "b/2/1"],
        "refused": False,
        "writer": "extractive",
        "ms": 2.5,
    }
    for since, until, found in (("02", "02", 1), ("03", "09", 0), ("01", "01", 0), ("01", "02", 1)):
        ran = run("audit", "export", "--since", f"2026-03-{since}", "--until", f"2026-03-{until}")
        assert len(ran.objects) == found
        assert f"共 {found} 条。" in ran.err
    sheet = tmp_path / "审计.csv"
    assert run("audit", "export", "--format", "csv", "-o", str(sheet)).out == ""
    heading, cells = csv.reader(sheet.read_text(encoding="utf-8-sig").splitlines())
    assert heading[0] == "时间" and len(heading) == len(cells)
    assert cells[4:8] == ["'=1+1？", "fact", "a/1/1、b/2/1", "否"]


def leave(url: str, thumb: str, route: str, *ids: str, history: tuple[str, ...] = ()) -> None:
    with opened(url) as state:
        Feedback(state).add(
            thumb=thumb,  # type: ignore[arg-type]
            question="延庆区森林覆盖率要达到多少？",
            answer="65.22%",
            reason="答错了",
            route=route,
            ids=ids,
            history=history,
            at=LATE,
        )


def test_a_liked_answer_becomes_a_question_of_the_benchmark(
    run: Run, url: str, index: OpenIndex, tmp_path: Path
) -> None:
    leave(url, "up", "fact", "bj-green-2026/7/3")
    leave(url, "up", "refuse", "bj-green-2026/7/3")
    leave(url, "up", "clarify", "bj-green-2026/7/3", "bj-green-2026/8/2")
    leave(url, "up", "fact", "bj-green-2026/7/3", history=("前一问",))
    leave(url, "down", "fact")
    file = tmp_path / "liked.jsonl"
    assert run("feedback", "export", "--thumb", "up", "-o", str(file)).status == 0
    questions = read_questions(file)
    assert [(q.id, q.category, len(q.gold), q.refuse, q.clarify) for q in questions] == [
        ("feedback-1", "fact", 1, False, False),
        ("feedback-2", "unanswerable", 0, True, False),
        ("feedback-3", "ambiguous", 2, False, True),
        ("feedback-4", "follow-up", 1, False, False),
    ]
    assert questions[3].history == ("前一问",)
    assert validate(questions, index.store) == []
    assert run("eval", "validate", "--questions", str(file)).status == 0


def test_a_bad_answer_is_a_question_only_when_someone_has_filled_it_in(
    run: Run, url: str, index: OpenIndex, tmp_path: Path
) -> None:
    leave(url, "down", "list", "bj-green-2026/7/3")
    leave(url, "up", "fact", "bj-green-2026/7/3")
    (item,) = run("feedback", "export").objects
    assert (item["id"], item["category"], item["gold"]) == ("feedback-1", "list", [])
    assert item["notes"] == {
        "todo": item["notes"]["todo"],
        "thumb": "down",
        "reason": "答错了",
        "answer": "65.22%",
        "cited": ["bj-green-2026/7/3"],
        "route": "list",
        "writer": "",
        "at": "2026-03-02T00:30:00+08:00",
    }
    assert "请填 gold" in item["notes"]["todo"]
    file = tmp_path / "bad.jsonl"
    file.write_text(json.dumps(item), encoding="utf-8")
    with pytest.raises(QuestionFileError, match="字段 gold 不能空"):
        read_questions(file)
    file.write_text(json.dumps(item | {"gold": ["bj-green-2026/7/3"]}), encoding="utf-8")
    assert validate(read_questions(file), index.store) == []
    assert len(run("feedback", "export", "--thumb", "all").objects) == 2
    assert run("feedback", "export", "--since", "2026-03-03").objects == []


def test_an_export_that_someone_may_have_filled_in_is_not_written_over(
    run: Run, url: str, tmp_path: Path
) -> None:
    leave(url, "down", "fact")
    filled = tmp_path / "bad.jsonl"
    assert run("feedback", "export", "-o", str(filled)).status == 0
    filled.write_text("mine", encoding="utf-8")
    again = run("feedback", "export", "-o", str(filled))
    assert (again.status, "已经有了" in again.err) == (2, True)
    assert filled.read_text(encoding="utf-8") == "mine"


def test_a_state_is_saved_and_brought_back(run: Run, url: str, tmp_path: Path) -> None:
    saved = str(tmp_path / "saved.sqlite")
    assert "还没有状态库" in run("state", "backup", saved).err
    secret = run("keys", "create", "x").out.strip()
    assert run("state", "backup", saved).status == 0
    run("keys", "create", "y")
    asked = run("state", "restore", saved)
    assert asked.status == 2 and "--yes" in asked.err
    restored = run("state", "restore", saved, "--yes")
    assert restored.status == 0 and "before-restore" in restored.err
    with opened(url) as state:
        assert [key.name for key in Keys(state).all()] == ["x"]
        assert Keys(state).check(secret, NOW)
