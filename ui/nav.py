"""Which pages there are, and the head that each of them has."""

from __future__ import annotations

from dataclasses import dataclass

from ui.html import render

TITLE = "问策"


@dataclass(frozen=True, slots=True)
class Page:
    """A page: the module that builds it, its address, its name, what it is for, and if for `admins` only."""

    name: str
    path: str
    title: str
    about: str
    admins: bool = False


PAGES = (
    Page("chat", "/", "问答", "问计划里的任务、指标、时限和部门，每句话注明出自哪一项措施"),
    Page("desk", "/desk", "派单", "把来电人说的写进来，按回车看该派给谁、依据哪一项"),
    Page("register", "/register", "台账", "全部措施的台账：筛选、排序、查找、导出和图"),
    Page("evaluation", "/evaluation", "评测", "最近一次评测的结果，也可就某一类题现场评测"),
    Page("plans", "/plans", "计划", "加入、替换、停用计划；读出的措施与原文并排核对", admins=True),
)


def header(page: Page) -> str:
    """The head of `page`: the name of the service, the way to the others, and two switches."""
    return render("header", title=TITLE, pages=PAGES, here=page)
