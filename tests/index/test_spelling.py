"""Spelling: slips of sound are mended, and nothing that is right is touched."""

from __future__ import annotations

import pytest

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


def test_length_and_other_characters_stay(index: OpenIndex) -> None:
    text = "延庆 PM2.5（怀揉）秸杆99%？"
    meant, _ = index.spelling.corrected(text)
    assert len(meant) == len(text)
    assert [a for a, b in zip(text, meant, strict=True) if a != b] == ["揉", "杆"]
