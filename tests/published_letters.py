"""The letters that plans are sent out with."""

from __future__ import annotations

from collections.abc import Sequence

from tests.published_grid import Line, Plan


def order(plan: Plan, office: str, to: str, day: str = "2026年3月12日") -> tuple[Line, ...]:
    """The letter that issues `plan` (印发通知)."""
    return (
        Line((office, f"关于印发《{plan.title}》的通知"), "title"),
        Line((to,), "text"),
        Line((f"　　现将《{plan.title}》印发给你们，请结合实际认真组织落实。",), "text"),
        Line((f"　　附件：{plan.title}",), "text"),
        Line((office,), "signature"),
        Line((day,), "signature"),
    )


def call(plans: Sequence[Plan]) -> tuple[Line, ...]:
    """The letter that asks for comments on drafts."""
    office = "延庆区生态文明建设委员会办公室"
    listed = (f"{at}.{plan.title}" for at, plan in enumerate(plans, start=1))
    return (
        Line((office, "关于征求2026年生态环境有关行动计划意见的函"), "title"),
        Line(("各有关单位：",), "text"),
        Line(("　　现将有关行动计划（征求意见稿）送你们征求意见，请于3月20日前反馈书面意见。",), "text"),
        Line(("　　附件：", *listed), "text"),
        Line((office,), "signature"),
        Line(("2026年3月9日",), "signature"),
    )
