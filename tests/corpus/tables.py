"""Tables made up for property tests, and how each layout prints them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

HEADINGS = ["序号", "重点任务", "工作措施", "完成时限", "牵头部门", "主责单位", "协办单位"]
NAMES = ["区水务局", "区生态环境局", "区城市管理委", "市规划自然资源委延庆分局", "各街乡镇", "延庆公安分局"]
_TEXT = st.text("加强扬尘管控落实责任提升治理水平年度完成0123456789%，、（）", min_size=4, max_size=30)
_DEADLINES = st.sampled_from(["年底前", "6月底前", "长期实施", "持续推进", "6-9月"])
_CELL = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)


@dataclass(frozen=True)
class MadeRow:
    """One measure as it should be read; `responsible` None is a merged cell."""

    lines: list[str]
    deadline: str
    lead: list[str]
    responsible: list[str] | None
    assisting: list[str]
    new_task: bool
    page_break: bool
    heading: bool

    @property
    def text(self) -> str:
        return "".join(self.lines)


def _line(text: str) -> str:
    return "措" + text + "施。"


made_rows = st.builds(
    MadeRow,
    lines=st.lists(_TEXT.map(_line), min_size=1, max_size=3),
    deadline=_DEADLINES,
    lead=_CELL,
    responsible=st.none() | _CELL,
    assisting=st.just([]) | _CELL,
    new_task=st.booleans(),
    page_break=st.booleans(),
    heading=st.booleans(),
)
made_tables = st.lists(made_rows, min_size=1, max_size=12)


def numbered(rows: list[MadeRow]) -> list[tuple[int, int]]:
    """(序号, item) of each row."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if not found or row.new_task:
            found.append((found[-1][0] + 1 if found else 1, 1))
        else:
            found.append((found[-1][0], found[-1][1] + 1))
    return found


def opening_cells(row: MadeRow, number: int, item: int) -> tuple[str, str]:
    """序号 and 重点任务 as the row prints them: both return after a page break."""
    opens = item == 1 or row.page_break
    return (str(number), f"任务{number}") if opens else ("", "")


def as_tab_table(rows: list[MadeRow]) -> str:
    """The table with a row a line; the header returns at each page break."""
    lines = ["测试计划", "", "\t".join(HEADINGS)]
    for row, (number, item) in zip(rows, numbered(rows), strict=True):
        if row.page_break:
            lines += ["", "\t".join(HEADINGS)]
        if row.heading:
            lines.append("一、测试章节" + "\t" * 6)
        merged = "" if row.responsible is None else " ".join(row.responsible)
        cells = [*opening_cells(row, number, item), row.text, row.deadline, " ".join(row.lead), merged]
        lines.append("\t".join([*cells, " ".join(row.assisting) or "——"]))
    return "\n".join(lines) + "\n"


def as_word_table(rows: list[MadeRow]) -> str:
    """The text of a Word table: blank lines inside cells, footers at page breaks."""
    text = "测试计划\n\n" + "\n".join("\t" + heading for heading in HEADINGS) + "\n\n"
    for row, (number, item) in zip(rows, numbered(rows), strict=True):
        if row.heading:
            text += "\t一、测试章节\n\n"
        body = "\n\n".join(row.lines) + ("  — 25 —  \n" if row.page_break else "")
        groups = [row.lead] if row.responsible is None else [row.lead, row.responsible]
        names = [_broken(group) for group in [*groups, row.assisting]]
        cells = [*opening_cells(row, number, item), body, row.deadline, *names]
        text += "\n".join("\t" + cell for cell in cells) + "\n\n"
    return text


def _broken(names: list[str]) -> str:
    """Names a line each, long ones broken as Word breaks them."""
    return "\n\n".join(names).replace("资源委延庆", "资源委\n\n延庆") or "——"


def write_plan(folder: Path, text: str, reader: str) -> Path:
    """A manifest with one plan, and its file."""
    (folder / "plan.txt").write_text(text, encoding="utf-8")
    (folder / "sources.toml").write_text(
        '[[plan]]\nid = "t"\nshort = "测试"\ntitle = "延庆区测试计划"\nlevel = "区"\n'
        f'district = "延庆区"\nyear = 2026\nstatus = "final"\nreader = "{reader}"\nfile = "plan.txt"\n',
        encoding="utf-8",
    )
    return folder / "sources.toml"
