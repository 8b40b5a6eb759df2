"""`wence bank check`, `wence enrich`, `wence models`, and models by option."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from corpus.bank import BUNDLED_BANK
from tests.wence.conftest import Run


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the bank that a test may change."""
    copy = Path(shutil.copytree(BUNDLED_BANK, tmp_path / "bank"))
    monkeypatch.setenv("WENCE_BANK", str(copy))
    return copy


def test_the_bank_is_checked_and_counted(run: Run, bank: Path) -> None:
    ran = run("bank", "check")
    assert ran.status == 0, ran.out
    assert "hr-green-2026" in ran.out and "0 处不符" in ran.err
    with (bank / "hr-green-2026.jsonl").open("a", encoding="utf-8") as lines:
        twice = {"question": "秸秆烧了", "register": "plain", "ids": ["hr-green-2026/1/1"]}
        lines.write("".join(json.dumps(twice | {"question": q}) + "\n" for q in ("秸秆烧了", "秸秆，烧了")))
    ran = run("bank", "check")
    assert ran.status == 2
    assert "是同一个问题" in ran.out


def test_a_plan_without_a_bank_is_given_one_by_rule(run: Run, bank: Path, tmp_path: Path) -> None:
    (bank / "hr-green-2026.jsonl").unlink()
    ran = run("enrich", "hr-green-2026")
    assert ran.status == 0, ran.err
    assert "编写的 0 个" in ran.err
    lines = (bank / "hr-green-2026.machine.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 500 and {json.loads(line)["made"] for line in lines} == {"rule"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WENCE_INDEX_DIR", str(tmp_path / "index"))
        built = run("build", "--json")
        assert built.status == 0, built.err
        plans = {plan["plan"]: plan["questions"] for plan in built.objects[0]["plans"]}
        assert plans["hr-green-2026"]["by"] == {"rule": len(lines)}
        assert plans["hr-green-2026"]["records_without"] == []
        assert plans["bj-green-2026"]["by"].keys() == {"written"}
        found = run("search", "怀柔区生活垃圾资源化利用率", "--json").objects[0]["hits"]
        assert "hr-green-2026/6/1" in [hit["id"] for hit in found[:5]]


def test_what_cannot_be_enriched_is_said(run: Run, bank: Path, tmp_path: Path) -> None:
    for arguments, said in (
        (("no-plan",), "没有计划 no-plan"),
        (("hr-green-2026", "--writer", "qwen"), "不认识的撰写者 qwen"),
        (("hr-green-2026", "--out", "/proc/no"), "写不了 /proc/no"),
    ):
        ran = run("enrich", *arguments)
        assert ran.status == 2
        assert said in ran.err
    broken = bank / "bj-green-2026.jsonl"
    broken.write_text("{", encoding="utf-8")
    ran = run("build")
    assert ran.status == 2
    assert "bj-green-2026.jsonl 第1行" in ran.err


def test_models_are_listed_and_named_ones_must_be_here(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENCE_MODELS", str(tmp_path))
    (tmp_path / "team" / "model").mkdir(parents=True)
    (tmp_path / "team" / "model" / "config.json").write_text("{}")
    ran = run("models", "list")
    assert ran.out.splitlines()[1:] == ["team/model"]
    for option in ("--embedding", "--reranker"):
        ran = run("ask", "延庆区森林覆盖率", option, "team/none")
        assert ran.status == 2
        assert "本机没有模型 team/none" in ran.err
    ran = run("ask", "延庆区森林覆盖率", "--embedding", str(tmp_path / "team" / "model"))
    assert ran.status == 2
    assert "没有 sentence-transformers 模型" in ran.err


def test_another_model_builds_and_serves_its_own_index(
    run: Run, embedder: Path, cross_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENCE_INDEX_DIR", str(tmp_path / "index"))
    assert run("build", "--embedding", str(embedder)).status == 0
    asked = ("search", "延庆区森林覆盖率要达到多少？", "--json")
    ran = run(*asked)
    assert ran.status == 2
    assert "是用另一个向量模型建的" in ran.err and "以同样的 --embedding 运行 wence build" in ran.err
    ran = run(*asked, "--embedding", str(embedder), "--reranker", str(cross_encoder))
    assert ran.status == 0, ran.err
    assert ran.objects[0]["hits"]


def test_tuning_prints_what_is_learnt_beside_what_is_used(run: Run) -> None:
    ran = run("eval", "tune")
    assert ran.status == 0, ran.err
    assert "asked_words" in ran.out and "五折交叉验证" in ran.out
