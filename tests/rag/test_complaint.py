"""What is taken from a caller's story: own words, place, time; numbers of persons never."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import complaint
from rag.errors import QuestionError
from rag.question import MAX_CHARS

SAID = st.sampled_from(
    [
        "您好", "谢谢您了", "我家住延庆香水园街道恒安小区3号楼", "楼下烧烤店天天冒油烟", "昨晚十一点还在烤",
        "我姓王", "孩子一宿没睡", "说了多少回没人管", "康庄镇那条沟又黑又臭", "上礼拜五半夜又来了一车",
        "从早到晚放喇叭",
    ]
)  # fmt: skip
NUMBERS = st.sampled_from(
    ["13800138000", "138 1234 5678", "139-1111-2222", "010-62345678", "110108196503071234", "wang@qq.com"]
)
STORY = st.lists(st.tuples(st.one_of(SAID, NUMBERS.map("我的电话{}".format)), st.sampled_from("，。？！ ")))


@given(STORY)
def test_a_summary_is_the_callers_own_clauses_and_no_number_survives(
    story: list[tuple[str, str]],
) -> None:
    typed = "".join(clause + mark for clause, mark in story)
    if not typed.strip():
        return
    told = complaint.read(complaint.told(typed))
    assert told.summary.startswith(complaint.BEGINS)
    said = told.summary.removeprefix(complaint.BEGINS)
    assert len(said) <= complaint.MOST
    for run in re.findall(r"[^，。？！ ]+", said):
        assert run in told.text
    for shown in (told.text, told.summary, *told.places, *told.times):
        assert not re.search(r"\d{7}|\d{3,4}[ -]\d{4}|@", shown)
    assert all(part in told.text for part in (*told.places, *told.times))


@given(STORY.filter(bool), st.lists(st.integers(0, 9), min_size=1))
def test_what_is_kept_of_a_long_story_is_one_run_of_it(
    story: list[tuple[str, str]], worth: list[int]
) -> None:
    clauses = [clause + mark for clause, mark in story] * 9
    kept = complaint.summary(clauses, lambda texts: [worth[n % len(worth)] for n in range(len(texts))])
    assert len(kept) <= complaint.MOST
    assert kept in "".join(clauses)


def test_the_sentence_to_the_point_is_in_the_summary_of_a_long_story() -> None:
    story = [f"第{n}天我跟老伴出门遛弯，路上遇见了好多熟人，聊了一会儿家常。" for n in range(20)]
    story[13] = "回来就看见楼下烧烤店在冒烟。"
    kept = complaint.summary(story, lambda texts: [float("冒烟" in text) for text in texts])
    assert "烧烤店在冒烟" in kept
    assert kept.endswith("。")


@pytest.mark.parametrize(
    ("said", "places", "times"),
    [
        (
            "我家楼下康安小区底商那家烧烤店天天冒油烟，昨晚十一点还在烤",
            ("康安小区底商",),
            ("昨晚十一点",),
        ),
        ("我是朝阳区八里庄的，昨天夜里又干到三点多", ("朝阳区八里庄",), ("昨天夜里", "三点多")),
        ("延庆香水园街道恒安小区3号楼，每天半夜放音响", ("延庆香水园街道恒安小区3号楼",), ("每天半夜",)),
        ("延庆110国道上大货车冒黑烟，今天上午9点看见的", ("延庆110国道",), ("今天上午9点",)),
        ("车一来就震，从早上五点到夜里十一点", (), ("早上五点到夜里十一点",)),
        ("怀柔庙城镇，半夜往沟里倒砖头", ("怀柔庙城镇",), ("半夜",)),
        ("健身房跑路了，臭味一路飘，一点采光都没有，门口那条马路也堵", (), ()),
        ("楼下天天半夜喝酒，垃圾好几天没人清", (), ("天天半夜",)),
        ("天天吵，烦死了", (), ()),
        ("工地上拉土的车一路掉渣土,妫水南街,灰大得很", ("妫水南街",), ()),
        ("我们下屯村有人烧荒，听村里说管不了，前两年村里也烧", ("下屯村",), ("前两年",)),
        ("湖南小区，12号楼3单元501室楼上漏水", ("湖南小区", "12号楼3单元501室"), ()),
        ("公交车冒黑烟，919路，延庆到德胜门", ("919路", "延庆到德胜门"), ()),
    ],
)
def test_place_and_time_are_as_the_caller_said_them(
    said: str, places: tuple[str, ...], times: tuple[str, ...]
) -> None:
    told = complaint.read(said)
    assert told.places == places
    assert told.times == times


def test_greetings_thanks_and_who_calls_are_left_out_of_the_summary() -> None:
    typed = "喂，您好，打扰您了，我姓王，楼下饭馆冒油烟，呛得慌。我电话13812345678，麻烦给查一下，谢谢！"
    assert complaint.read(complaint.told(typed)).summary == "来电人反映：楼下饭馆冒油烟，呛得慌。"


@pytest.mark.parametrize(
    ("typed", "summary"),
    [
        ("楼下烧烤店冒烟,22:30还在烤,管不管?", "来电人反映：楼下烧烤店冒烟，22:30还在烤，管不管？"),
        ("来电人反映:自来水发黄", "来电人反映：自来水发黄"),
        ("市民来电反映，自来水发黄，罚了1,000元", "来电人反映：自来水发黄，罚了1,000元"),
    ],
)
def test_a_summary_is_printed_as_an_office_prints_it(typed: str, summary: str) -> None:
    assert complaint.read(complaint.told(typed)).summary == summary


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("我叫张建国，楼下冒油烟", "我叫〔姓名〕，楼下冒油烟"),
        ("本人姓名：欧阳建国 家住延庆", "本人姓名：〔姓名〕 家住延庆"),
        ("我叫李娟是延庆镇的", "我叫〔姓名〕是延庆镇的"),
        ("我姓赵，叫赵铁柱，楼下冒烟", "我姓赵，叫〔姓名〕，楼下冒烟"),
        ("我叫他别烧了，我叫王大爷劝他也没用，我叫了警察", "我叫他别烧了，我叫王大爷劝他也没用，我叫了警察"),
    ],
)
def test_a_name_that_callers_give_for_themselves_is_masked(typed: str, said: str) -> None:
    assert complaint.told(typed) == said
    told = complaint.read(complaint.told(f"{typed}，电话13800138000"))
    assert told.masked == (("姓名", "电话") if "〔" in said else ("电话",))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "还没有写诉求"),
        (" \n　", "还没有写诉求"),
        ("水" * (MAX_CHARS + 1), f"诉求有 {MAX_CHARS + 1} 字，最多 {MAX_CHARS} 字"),
        ("😀😀", "没有可以检索的文字"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(typed: str, why: str) -> None:
    with pytest.raises(QuestionError, match=why):
        complaint.told(typed)
