"""What a sentence in a model's own words may say of a measure, and what it may not."""

from __future__ import annotations

import pytest

from rag.engine import Engine
from rag.writing.sentences import Cutter

SPONGE = ["yq-green-2026/11/1", "hr-green-2026/11/1"]
FOREST = ["bj-green-2026/33/1", "yq-green-2026/31/1"]


def wrong(engine: Engine, ids: list[str], said: str) -> list[str]:
    """What the check says of one sentence about the measures `ids`; nothing where it may leave."""
    cutter = Cutter()
    (sentence,) = cutter.feed(said) + cutter.finish(cut=False)
    statement, problems = engine.checker.checked(sentence, engine.store.get(ids), "m", (), "")
    assert (statement is None) == bool(problems)
    return problems


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (SPONGE, "延庆区要求建成区海绵城市达标面积比例达到52%[1]，怀柔区为44%[2]。"),
        (SPONGE, "根据计划，怀柔区的这项工作应于2026年底前完成，由区水务局等部门牵头/主责[2]。"),
        (SPONGE, "两区均要求强化应急预案和部门联动工作机制[1][2]。"),
        (SPONGE, "在极端天气方面，延庆区将做好应对，并强化应急预案[1]。"),
        (FOREST, "全市森林覆盖率的目标为45%[1]。"),
        (FOREST, "《北京市加快绿色低碳转型2026年行动计划》提出，全市森林覆盖率达到45%[1]。"),
    ],
)
def test_a_fair_sentence_may_leave(engine: Engine, ids: list[str], said: str) -> None:
    assert wrong(engine, ids, said) == []


@pytest.mark.parametrize(
    ("ids", "said", "told"),
    [
        (SPONGE, "延庆区建成区海绵城市达标面积比例达到44%，怀柔区达到52%[1][2]。", "不都在"),
        (SPONGE, "延庆区、怀柔区建成区海绵城市达标面积比例分别达到52%、44%[1][2]。", "逐项写明"),
        (SPONGE, "两区均要求建成区海绵城市达标面积比例达到52%[1][2]。", "不都在"),
        (SPONGE, "延庆区停止开展海绵城市建设[1]。", "原文没有“停止”"),
        (SPONGE, "延庆区要求所有建成区海绵城市达标面积比例达到52%[1]。", "原文没有“所有”"),
        (SPONGE, "密云区建成区海绵城市达标面积比例达到52%[1]。", "没有说“密云"),
        (SPONGE, "延庆区建成区海绵城市达标面积比例达到52%，并给予补贴[1]。", "补贴"),
        (SPONGE, "海绵城市建设由区水务局协办[1]。", "不是协办"),
        (SPONGE, "延庆区建成区海绵城市达标面积比例在上半年达到52%[1]。", "上半年"),
        (FOREST, "延庆区森林覆盖率达到45%[1]。", "延庆"),
        (FOREST, "全市绿视率达到45%[1]。", "另一件事"),
    ],
)
def test_what_twists_a_measure_may_not(engine: Engine, ids: list[str], said: str, told: str) -> None:
    problems = wrong(engine, ids, said)
    assert any(told in problem for problem in problems), problems


# Each is untrue of the measure; a reviewer got all of them past an earlier check.
EVASIONS = [
    ("yq-green-2026/34/1", "区水务局组织实施2026年矿山生态修复项目[1]。"),
    ("yq-green-2026/34/1", "由区水务局统筹推进实施2026年矿山生态修复项目[1]。"),
    ("yq-green-2026/34/1", "2026年矿山生态修复项目完成了[1]。"),
    ("yq-green-2026/34/1", "该计划的工作任务全面完成了[1]。"),
    ("yq-green-2026/34/1", "来年实施矿山生态修复项目[1]。"),
    ("yq-green-2026/34/1", "每季度实施矿山生态修复项目[1]。"),
    ("yq-green-2026/36/3", "市级部门配合做好GEP-R核算[1]。"),
    ("yq-green-2026/11/1", "延庆区建成区海绵城市达标面积比例≤52%[1]。"),
    ("yq-green-2026/11/1", "延庆区建成区海绵城市达标面积比例为-52%[1]。"),
    ("yq-green-2026/11/1", "延庆区建成区海绵城市达标面积比例52%↓[1]。"),
    ("yq-green-2026/11/1", "延庆区建成区海绵城市达标面积比例达到了52%[1]。"),
    ("yq-green-2026/11/1", "延庆区建成区[1]。"),
    ("yq-green-2026/11/1", "延庆区建成区海绵城市达标面积比例达到52%，全区完成[1]。"),
    ("bj-green-2026/20/1", "除装配式新建建筑施工现场外，建筑垃圾产生量每万平方米低于300吨[1]。"),
    ("hr-green-2026/11/1", "怀柔区的征求意见稿提出，建成区海绵城市达标面积比例达到44%[1]。"),
    (
        "bj-green-2026/20/1",
        "新建建筑施工现场建筑垃圾（包括工程渣土）产生量每万平方米低于300吨[1]。",
    ),
]


@pytest.mark.parametrize(("record", "said"), EVASIONS)
def test_what_a_reviewer_slipped_past_it(engine: Engine, record: str, said: str) -> None:
    assert wrong(engine, [record], said)


@pytest.mark.parametrize(
    "said",
    [
        "延庆区和怀柔区建成区海绵城市达标面积比例达到52%[1][2]。",
        "延庆区建成区海绵城市达标面积比例达到52%，怀柔区同样[1][2]。",
        "两区的目标同样[1][2]。",
    ],
)
def test_what_holds_of_one_measure_is_not_said_of_two(engine: Engine, said: str) -> None:
    assert wrong(engine, SPONGE, said)


def test_a_measure_is_not_cited_for_nothing(engine: Engine) -> None:
    noise = [f"yq-governance-2026/12/{n}" for n in range(1, 6)]
    said = "全力巩固声环境质量改善成效"
    assert wrong(engine, noise, f"{said}[1]。") == []
    problems = wrong(engine, noise, f"{said}[1][2][3][4][5]。")
    assert len([p for p in problems if "没有说这件事" in p]) == 4


def test_words_of_two_sentences_are_not_put_together(engine: Engine) -> None:
    """Each word stands in the measure, but no sentence of it says so."""
    (record,) = engine.store.get(["yq-green-2026/11/1"])
    assert "海绵城市" in record.text and "极端天气" in record.text
    problems = wrong(engine, SPONGE, "延庆区持续开展极端天气建设，做好海绵城市事件应对[1]。")
    assert any("拼在了一起" in problem for problem in problems), problems


def test_the_first_sentence_on_a_draft_says_so_and_ends_with_its_labels(engine: Engine) -> None:
    cutter = Cutter()
    (sentence,) = cutter.feed("延庆区做好极端天气事件应对[1]。\n")
    shown = engine.store.get(SPONGE)
    one, problems = engine.checker.checked(sentence, shown, "m", (), "")
    assert one is not None, problems
    assert one.text.endswith("（征求意见稿）〔延庆绿色低碳·第11项〕。")
    again, _ = engine.checker.checked(sentence, shown, "m", [one], "")
    assert again is not None and "征求意见稿" not in again.text
    assert one.quotes[0][1] in shown[0].text
