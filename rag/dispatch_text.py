"""A dispatch as the text that a clerk pastes into the work order."""

from __future__ import annotations

from rag.dispatch import Dispatch
from rag.dispatch_basis import Basis

NOT_SAID = "未提供"


def dispatch_text(dispatch: Dispatch, n: int) -> str:
    """The text for the `n`-th candidate (from 0); where none answers, what the caller says and that.

    Raises:
        IndexError: there is no such candidate.
    """
    told = dispatch.complaint
    lines = [
        f"【诉求摘要】{told.summary}",
        f"【地点】{'、'.join(told.places) or NOT_SAID}",
        f"【时间】{'、'.join(told.times) or NOT_SAID}",
    ]
    if not dispatch.covered:
        return "\n".join([*lines, f"【计划分工】{dispatch.sentence}"])
    bases = dispatch.candidates[n].bases
    several = len(bases) > 1
    lines.append("【计划分工（供派单参考）】" + ("" if several else _duties(bases[0])))
    if several:
        lines += [f"{basis.level}：{_duties(basis)}" for basis in bases]
    deadlines = dict.fromkeys(basis.deadline for basis in bases)
    if len(deadlines) == 1:
        lines.append(f"【完成时限】{bases[0].deadline}")
    else:
        lines.append("【完成时限】" + "；".join(f"{basis.level}：{basis.deadline}" for basis in bases))
    lines.append("【依据】" + "；\n".join(_basis(basis) for basis in bases))
    return "\n".join(lines)


def _duties(basis: Basis) -> str:
    return "；".join(f"{part.words}：{part.said}" for part in basis.parts) or "该行没有写明部门"


def _basis(basis: Basis) -> str:
    draft = f"（{basis.status}）" if basis.plan.status == "draft" else ""
    return f"《{basis.plan.title.removesuffix(draft)}》{draft}{basis.number}：“{basis.quote}”"
