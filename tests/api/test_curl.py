"""The commands of docs/api.md, run as they stand there."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from rag.engine import Engine

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
_BLOCKS = re.findall(r"```bash\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
COMMANDS = [
    command.strip()
    for block in _BLOCKS
    for command in re.split(r"\n(?=curl )", block.strip())
    if command.startswith("curl ")
]
FEEDBACK = "/v1/feedback"


def ran(command: str, address: str) -> str:
    env = os.environ | {"WENCE": address, "WENCE_KEY": "wence_none", "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(["bash", "-c", f"{command} --fail-with-body -D /dev/stderr"], env=env,
                          capture_output=True, text=True, check=False, timeout=60)  # fmt: skip
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout


def test_the_docs_have_commands() -> None:
    assert len(COMMANDS) >= 11
    assert sum(FEEDBACK in command for command in COMMANDS) == 1


@pytest.mark.parametrize("command", [c for c in COMMANDS if FEEDBACK not in c])
def test_a_command_of_the_docs_does_what_it_says(address: str, engine: Engine, command: str) -> None:
    out = ran(command, address)
    if "event-stream" in command:
        assert out.startswith("event: evidence")
        assert "event: answer" in out
        return
    if "/v1/measures.csv" in command:
        assert out.startswith("\ufeff计划简称,")
        assert "征求意见稿" in out and "怀柔" not in out.splitlines()[1]
        return
    found = json.loads(out)
    if '"scope"' in command:
        assert found["scope"] == "延庆区，延庆区水务局参与"
        assert found["answer"].startswith("所选范围（延庆区，延庆区水务局参与）内，")
    elif "/v1/ask" in command:
        assert found["answer"] == engine.ask("海绵城市达标面积比例，市里和怀柔各是多少？").text
    elif "/chat/" in command:
        assert "26微克/立方米〔延庆指标·第1项〕" in found["choices"][0]["message"]["content"]
    elif "/v1/search" in command:
        assert {hit["plan"] for hit in found["hits"]} == {"hr-green-2026"}
        assert len(found["hits"]) == 5
    elif "/v1/measures/" in command:
        assert found["id"] == "bj-green-2026/13/1"
    elif "/v1/measures" in command:
        assert found["total"] > 0
        assert all(row["roles"]["lead"] or row["roles"]["lead_responsible"] for row in found["items"])
    elif "/v1/departments" in command:
        assert any(item["name"] == "北京市生态环境局" for item in found["items"])
    elif "/v1/plans" in command:
        assert len(found["items"]) == 8
    else:
        assert found["data"][0]["id"] == "wence"


def test_the_feedback_of_the_docs_is_kept(kept_address: str) -> None:
    (command,) = [c for c in COMMANDS if FEEDBACK in c]
    number = json.loads(ran(command, kept_address))["id"]
    listed = json.loads(ran(f'curl -s "$WENCE{FEEDBACK}"', kept_address))
    assert (listed["total"], listed["items"][0]["id"]) == (1, number)
    assert listed["items"][0]["reason"] == "没有写明由谁牵头"
