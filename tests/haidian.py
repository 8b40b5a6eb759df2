"""A made-up plan of a district that the corpus lacks: its final text, its draft, and the year before.

For tests of adding, comparing and answering. What differs is said here and nowhere else: `FROM_DRAFT`
and `FROM_2025` name it measure by measure (by their texts' beginnings).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.published_grid import Measure, Plan, Publication, Style
from tests.published_letters import order

TITLE = "海淀区加快绿色低碳转型2026年行动计划"
TITLE_DRAFT = TITLE + "（征求意见稿）"
TITLE_2025 = TITLE.replace("2026", "2025")
OFFICE = "海淀区生态文明建设委员会办公室"

_ENERGY = ("一、推进能源低碳转型",)
_BUILT = ("二、建设低碳城区",)
_ECO = "区生态环境局"
_DEV = "区发展改革委"
_CITY = "区城市管理委"
_HOUSING = "区住房城乡建设委"
_STREETS = "各街镇"


def _roles(
    lead: tuple[str, ...], responsible: tuple[str, ...] | None = None, assisting: tuple[str, ...] = ()
) -> dict[str, tuple[str, ...]]:
    """No `responsible`: 牵头 and 主责 are one cell."""
    first = {"lead_responsible": lead} if responsible is None else {"lead": lead, "responsible": responsible}
    return first | ({"assisting": assisting} if assisting else {})


_MEASURES = (
    Measure(
        1,
        "控制温室气体排放",
        "全区碳排放强度同比下降3%，完成市级下达的年度目标。",
        "年底前",
        _roles((_DEV,), (_ECO, _CITY, _HOUSING), (_STREETS,)),
        _ENERGY,
    ),
    Measure(
        1,
        "控制温室气体排放",
        "组织42家重点碳排放单位完成排放数据报告、核查和配额清缴。",
        "10月底前",
        _roles((_ECO,), None, (_DEV,)),
        _ENERGY,
    ),
    Measure(
        2,
        "发展可再生能源",
        "新增屋顶光伏装机容量1.5万千瓦，优先利用学校和公共机构屋顶。",
        "年底前",
        _roles((_DEV,), (_HOUSING, "区教委", "区机关事务中心")),
        _ENERGY,
    ),
    Measure(
        2,
        "发展可再生能源",
        "在上庄镇、苏家坨镇开展浅层地热供暖试点，新增供暖面积20万平方米。",
        "年底前",
        _roles((_CITY,), ("上庄镇", "苏家坨镇"), ("市规划自然资源委海淀分局",)),
        _ENERGY,
    ),
    Measure(
        3,
        "推动交通绿色出行",
        "新建公共充电桩600个、超级充电站8座，PM2.5较重路段优先布设。",
        "9月底前",
        _roles((_CITY,), None, ("区交通局", "海淀公安分局")),
        _BUILT,
    ),
    Measure(
        3,
        "推动交通绿色出行",
        "完成15公里慢行系统改造，连通中关村大街沿线地铁站点。",
        "年底前",
        _roles(("区交通局",), ("区园林绿化局", _STREETS)),
        _BUILT,
    ),
    Measure(
        4,
        "推广绿色建筑",
        "新建民用建筑全部执行绿色建筑二星级以上标准。",
        "长期实施",
        _roles((_HOUSING,), None, ("市规划自然资源委海淀分局",)),
        _BUILT,
    ),
    Measure(
        5,
        "建设“无废城市”",
        "创建“无废小区”60个、“无废学校”30所，生活垃圾回收利用率稳定在40%以上。",
        "年底前",
        _roles((_CITY,), ("区教委", _STREETS), (_ECO,)),
        _BUILT,
        open_ended=("assisting",),
    ),
    Measure(
        5,
        "建设“无废城市”",
        "在商场和写字楼推广可循环快递包装，回收快递包装箱200万个。",
        "持续推进",
        _roles(("区商务局",), None, (_ECO,)),
        _BUILT,
    ),
    Measure(
        6,
        "完善支撑保障",
        "编制上年度区级温室气体排放清单。",
        "6月底前",
        _roles((_ECO,), None, (_DEV, "区统计局")),
        _BUILT,
    ),
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What the second of two plans has that the first has not; each text by its first letters.

    `figure`, `deadline`, `duty` are (text, before, after); `added` and `dropped` are texts.
    """

    figure: tuple[str, str, str]
    deadline: tuple[str, str, str]
    duty: tuple[str, str, str]
    added: str
    dropped: str


FROM_DRAFT = Changes(
    figure=("新增屋顶光伏装机容量", "1.2万千瓦", "1.5万千瓦"),
    deadline=("新建公共充电桩", "年底前", "9月底前"),
    duty=("在商场和写字楼", _CITY, "区商务局"),
    added="编制上年度区级温室气体排放清单",
    dropped="推动翠湖湿地碳汇监测站建设",
)
FROM_2025 = Changes(
    figure=("创建“无废小区”", "40个", "60个"),
    deadline=("组织42家", "年底前", "10月底前"),
    duty=("完成15公里", _CITY, "区交通局"),
    added="在上庄镇、苏家坨镇开展浅层地热",
    dropped="完成剩余3台燃油锅炉清洁能源替代",
)


def _before(changes: Changes, dropped: Measure) -> tuple[Measure, ...]:
    """The measures of the plan from which `changes` lead to the final text."""
    found: list[Measure] = []
    for measure in _MEASURES:
        text = measure.text
        if text.startswith(changes.added):
            continue
        if text.startswith(changes.figure[0]):
            measure = replace(measure, text=text.replace(changes.figure[2], changes.figure[1]))
        if text.startswith(changes.deadline[0]):
            measure = replace(measure, deadline=changes.deadline[1])
        if text.startswith(changes.duty[0]):
            role = "lead" if "lead" in measure.roles else "lead_responsible"
            measure = replace(measure, roles={**measure.roles, role: (changes.duty[1],)})
        found.append(measure)
    at = max(i for i, measure in enumerate(found) if measure.number <= dropped.number)
    return (*found[: at + 1], dropped, *found[at + 1 :])


_STATION = Measure(
    6,
    "完善支撑保障",
    "推动翠湖湿地碳汇监测站建设。",
    "年底前",
    _roles(("区园林绿化局",), None, (_ECO,)),
    _BUILT,
)
_BOILERS = Measure(
    2,
    "发展可再生能源",
    "完成剩余3台燃油锅炉清洁能源替代。",
    "10月底前",
    _roles((_CITY,), (_STREETS,)),
    _ENERGY,
)
_STYLE = Style(merged=("完成时限",))

HAIDIAN = Plan("hd-green-2026", TITLE, _MEASURES, _STYLE)
HAIDIAN_DRAFT = Plan("hd-green-2026-draft", TITLE_DRAFT, _before(FROM_DRAFT, _STATION), _STYLE)
HAIDIAN_2025 = Plan("hd-green-2025", TITLE_2025, _before(FROM_2025, _BOILERS), _STYLE)


def with_letter(plan: Plan) -> Publication:
    """The plan under the letter that issues it."""
    return Publication(plan.title, (plan,), order(plan, OFFICE, "各有关单位："), OFFICE)
