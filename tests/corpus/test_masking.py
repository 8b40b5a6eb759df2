"""Numbers that name a person never survive; figures of the plans always do."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.bank import BUNDLED_BANK, read_bank
from corpus.ingest import Corpus
from corpus.masking import ACCOUNT, BANK, CARD, MAIL, PASSPORT, PHONE, masked
from corpus.types import printed
from eval.questions import BUNDLED, read_questions

CHINESE = st.text(alphabet="我你的电话是卡号在北京延庆区请问，。：（）“”", max_size=8)
FULL_WIDTH = {ord("0") + digit: ord("０") + digit for digit in range(10)}
PROVINCES = ("11", "12", "13", "31", "44", "51", "65", "71", "81")


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(alphabet="0123456789", min_size=count, max_size=count)


@st.composite
def written(draw: st.DrawFn, number: str, groups: tuple[int, ...] = ()) -> str:
    """A number as people write it: in one or in groups, with blanks or dashes, full-width or not."""
    if groups and draw(st.booleans()):
        gap = draw(st.sampled_from(["-", " ", "－", "　", " -", "—", "\u200b"]))
        parts, rest = [], number
        for size in groups:
            parts.append(rest[:size])
            rest = rest[size:]
        number = gap.join(part for part in [*parts, rest] if part)
    return number.translate(FULL_WIDTH) if draw(st.booleans()) else number


@st.composite
def mobiles(draw: st.DrawFn) -> str:
    number = "1" + draw(st.sampled_from("3456789")) + draw(digits(9))
    prefix = draw(st.sampled_from(["", "", "+86", "86", "+86 ", "+86-", "0086", "＋86 "]))
    return prefix + draw(written(number, draw(st.sampled_from([(3, 4), (3, 3), (4, 3), (1,) * 11]))))


@st.composite
def landlines(draw: st.DrawFn) -> str:
    code = draw(st.sampled_from(["010", "021", "029", "0311", "0755", "0991"]))
    number = draw(st.sampled_from("2345678")) + draw(digits(draw(st.sampled_from([6, 7]))))
    form = draw(st.sampled_from(["{}-{}", "{}{}", "({}){}", "（{}）{}", "{} {}", "{}－{}", "+86 {} {}"]))
    return form.format(code, draw(written(number, (4,))))


@st.composite
def cards(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(PROVINCES)) + draw(digits(4))
    born = draw(st.dates(date(1900, 1, 1), date(2026, 12, 31)))
    if draw(st.booleans()):
        day = draw(st.dates(date(1910, 1, 1), date(1999, 12, 31)))
        return draw(written(f"{region}{day:%y%m%d}{draw(digits(3))}"))
    last = draw(st.sampled_from("0123456789Xxｘ"))
    return draw(written(f"{region}{born:%Y%m%d}{draw(digits(3))}{last}", (6, 8)))


@st.composite
def banks(draw: st.DrawFn) -> str:
    first = draw(st.sampled_from("34569"))
    body = first + draw(digits(draw(st.integers(14, 17))))
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 * (value > 9)
    return draw(written(body + str(-total % 10), (4, 4, 4, 4)))


LATIN = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789"
MAILS = st.builds(
    "{}{}{}.{}".format,
    st.text(alphabet=LATIN + "._-", min_size=1, max_size=12),
    st.sampled_from("@＠"),
    st.text(alphabet=LATIN, min_size=1, max_size=10),
    st.sampled_from(["com", "gov.cn", "com.cn", "org", "bj.cn"]),
)
KINDS = {"mobile": mobiles(), "landline": landlines(), "card": cards(), "bank": banks(), "mail": MAILS}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_a_number_of_a_person_never_survives(kind: str, data: st.DataObject) -> None:
    before, after = data.draw(CHINESE), data.draw(CHINESE)
    number = data.draw(KINDS[kind])
    said = masked(f"{before}{number}{after}")
    assert not any(char.isdecimal() or char in "@＠" for char in said), said
    assert said.startswith(before[:-1]) and said.endswith(after[1:])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(*KINDS.values()), min_size=2, max_size=4), st.sampled_from("，；、\n"))
def test_several_numbers_side_by_side_are_all_masked(numbers: list[str], between: str) -> None:
    said = masked("我" + between.join(numbers) + "完")
    left = "".join(char for char in said if char.isdecimal() or char in "@＠")
    assert left == "", said


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.text(alphabet="0123456789 -@.x１+()（）我a", max_size=60), *KINDS.values()))
@example("2026 6222 0200 0000 0000 13800138000")
def test_what_is_masked_stays_as_it_is(text: str) -> None:
    once = masked(text)
    assert masked(once) == once


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("我的电话13800138000，", f"我的电话{PHONE}，"),
        ("+86-138-0013-8000", PHONE),
        ("（010）6555-1234转8", f"{PHONE}转8"),
        ("110101199003074514", CARD),
        ("11010119900307451X", CARD),
        ("110101900307451", CARD),
        ("卡号6222 0200 0000 0000 000", f"卡号{BANK}"),
        ("a.b@bjhb.gov.cn谢谢", f"{MAIL}谢谢"),
        ("1.13800138000 2.13900139000", f"1.{PHONE} 2.{PHONE}"),
        ("2026 4111 1111 1111 1111", f"2026 {BANK}"),
        ("13800138000 110101199003074514 010-65551234", f"{PHONE} {CARD} {PHONE}"),
        ("13800138000\n4111111111111111", f"{PHONE}\n{BANK}"),
    ],
)
def test_the_kind_of_number_is_said(text: str, said: str) -> None:
    assert masked(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "打12345热线",
        "总投资15000000000元，占地13500000000平方米",
        "2025-12-31 2026-01-15 420万千瓦",
        "投资138 2026-12-31前完成",
        "13 14 15 16 17 18 19 20",
        "0.0105551234、3.14159265358979",
        "京环发〔2026〕10号 2026年第000000000000001号",
        "4111111111111112",  # no bank card: Luhn's digit is another
        "990101199003074514",  # no identity card: there is no such region
        "110101199013324514",  # nor this one: no such day, and another check digit
        "@张三 看看",
        "6-9月、2026-06-30、10.5-11.5",
    ],
)
def test_figures_that_name_nobody_stay(text: str) -> None:
    assert masked(text) == text


def test_nothing_of_the_corpus_and_of_the_questions_on_it_is_masked(corpus: Corpus) -> None:
    plans = [entry.plan.id for entry in corpus.plans]
    texts = [" ".join(printed(record)) for record in corpus.records]
    texts += [part for record in corpus.records for part in printed(record)]
    bank = read_bank(BUNDLED_BANK, plans, {record.id for record in corpus.records})
    texts += [question.question for question in bank]
    for name in ("dev", "more"):
        texts += [q.question for q in read_questions(BUNDLED / f"{name}.jsonl")]
    assert len(texts) > 5000
    assert [text for text in texts if masked(text) != text] == []


NUMBERS = (
    "138.1234.5678", "138·1234·5678", "138~1234~5678", "138/1234/5678", "138，1234，5678", "138、1234、5678",
    "138  -  1234  -  5678", "一三八一二三四五六七八", "幺三八零零零零一二三四", "壹叁捌壹贰叁肆伍陆柒捌",
    "13八1234五678", "𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖", "١٣٨١٢٣٤٥٦٧٨", "69101234", "6910-1234", "6910 1234", "400-810-1234",
)  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_a_telephone_as_callers_give_it(number: str) -> None:
    assert masked(f"我电话是{number}，快点") == f"我电话是{PHONE}，快点"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("加我微信：wx_ab12，或者QQ 123456789", f"加我微信：{ACCOUNT}，或者QQ {ACCOUNT}"),
        ("护照号E12345678", f"护照号{PASSPORT}"),
        *(
            (stays, stays)
            for stays in ("京A12345的渣土车冒黑烟", "微信支付的停车费", "第13、14、15、16、17、18项")
        ),
    ],
)
def test_what_says_what_it_is(said: str, left: str) -> None:
    assert masked(said) == left
