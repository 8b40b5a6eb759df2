"""Spelling: slips of sound are mended, and nothing that is right is touched."""

from __future__ import annotations

import pytest

from corpus.departments import departments
from corpus.places import places
from index.folder import OpenIndex
from index.store import Store, searchable

SLIPS = {
    "水雾局牵头哪些措施": "水务局牵头哪些措施",
    "怀揉区的绿色底碳计划": "怀柔区的绿色低碳计划",
    "建筑拉圾怎么管": "建筑垃圾怎么管",
    "延庆区气像局牵头什么": "延庆区气象局牵头什么",
    "海棉城市达标面积": "海绵城市达标面积",
    "危险费物填埋": "危险废物填埋",
    "生物多洋性保护": "生物多样性保护",
    "十四五归划": "十四五规划",
    "农作物秸杆": "农作物秸秆",
    "园林绿画局负责什么": "园林绿化局负责什么",
    "生太环境局牵头哪些": "生态环境局牵头哪些",
    "密云水裤保护": "密云水库保护",
    "八达领镇的任务": "八达岭镇的任务",
    "城市管里委负责什么": "城市管理委负责什么",
    "盖新厂子做环平": "盖新厂子做环评",
    "森林蓄集量": "森林蓄积量",
    "公共厂所那类": "公共场所那类",
}


@pytest.fixture(scope="module")
def store(index: OpenIndex) -> Store:
    return index.store


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_of_sound_is_read_as_meant(index: OpenIndex, slip: str) -> None:
    meant, corrections = index.spelling.corrected(slip)
    assert meant == SLIPS[slip]
    assert corrections and all(c.said in slip and c.meant in meant for c in corrections)


def test_what_the_records_say_is_never_touched(index: OpenIndex, store: Store) -> None:
    touched = [r.id for r in store.get(store.ids) if index.spelling.corrected(searchable(r))[1]]
    assert touched == []


def test_no_name_of_a_department_is_read_as_another(index: OpenIndex, store: Store) -> None:
    asked = [f"{name}牵头的措施有哪些" for name in store.departments]
    assert [text for text in asked if index.spelling.corrected(text)[1]] == []


@pytest.mark.parametrize(
    "text",
    [
        "区税务局几点上班", "孩子幼升小怎么报名", "楼上卫生间漏水谁管", "地铁票价涨了没有", "任何人都能去吗",
        "快递柜收费", "隔壁装修太吵", "hello world", "12345", "", "，。？", "GEP-R核算",
    ],
)  # fmt: skip
def test_other_words_are_left_alone(index: OpenIndex, text: str) -> None:
    assert index.spelling.corrected(text)[0] == text


@pytest.mark.parametrize(
    "text",
    [
        "妫水河有哪些措施", "凉水河治理谁牵头", "温榆河公园", "蔡家河排污", "大石河治理", "安达木河治理",
        "响潭沟村谁管垃圾", "学院南路噪声", "柏峪沟防火", "红旗桥下面堆垃圾", "王家山的树", "新华街油烟",
        "北京市教委参与噪声措施吗", "市卫健委牵头哪些", "市民委负责什么", "区科委主责吗",
        "延庆污染防治里6月底前完成的", "多元共治里噪声是第几项", "十四五规划中的氢能", "延庆区水务局里谁管",
        "动物园的河马", "登山步道太多", "延庆区灯光太亮", "国务院的文件", "延庆区微生物研究",
        "分布式光伏又是谁管",
    ],
)  # fmt: skip
def test_what_is_right_is_left_alone(index: OpenIndex, text: str) -> None:
    assert index.spelling.corrected(text)[0] == text


def test_no_name_that_the_lexicon_knows_is_touched(index: OpenIndex) -> None:
    asked = [f"请问{name}里有哪些措施" for name in [*departments().names(), *places().elsewhere]]
    assert [text for text in asked if index.spelling.corrected(text)[1]] == []


@pytest.mark.parametrize("word", ["一", "水物局", "园林绿画局", "氢氨醇烷烯"])
def test_a_long_input_is_read_like_a_short_one(index: OpenIndex, word: str) -> None:
    often = 2000 // len(word)
    once, _ = index.spelling.corrected(word)
    assert index.spelling.corrected(word * often)[0] == once * often


def test_length_and_other_characters_stay(index: OpenIndex) -> None:
    text = "延庆 PM2.5（怀揉）秸杆99%？"
    meant, _ = index.spelling.corrected(text)
    assert len(meant) == len(text)
    assert [a for a, b in zip(text, meant, strict=True) if a != b] == ["揉", "杆"]
