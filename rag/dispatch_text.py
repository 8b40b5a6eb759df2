"""A dispatch as the text that a clerk pastes into the work order."""

from __future__ import annotations

from rag.dispatch import Dispatch
from rag.dispatch_basis import Basis

NOT_SAID = "未提供"


def dispatch_text(dispatch: Dispatch, n: int) -> str:
    """The text for the `n`-th candidate (from 0); where none answers, what the caller says and that.

    A measure's deadline is not in it: in a work order it would read as the complaint's.

    Raises:
        IndexError: there is no such candidate.
    """
    told = dispatch.complaint
    lines = [
        f"【诉求摘要】{told.summary}",
        f"【地点】{_where(dispatch)}",
        f"【时间】{'、'.join(told.times) or NOT_SAID}",
    ]
    if not dispatch.covered:
        return "\n".join([*lines, f"【计划分工】{dispatch.sentence}"])
    bases = dispatch.candidates[n].bases
    only_districts = not dispatch.there and all(basis.plan.district for basis in bases)
    if len(bases) == 1 and not only_districts:
        lines.append(f"【计划分工（供派单参考）】{_duties(bases[0])}")
    else:
        held = "、".join(basis.level for basis in bases)
        known = f"只有{held}的计划写到，核实地点后再派单" if only_districts else ""
        lines.append(f"【计划分工（供派单参考）】{known}")
        lines += [f"{_level(basis)}：{_duties(basis)}" for basis in bases]
    lines.append("【依据】" + "；\n".join(_basis(basis) for basis in bases))
    return "\n".join(lines)


def _where(dispatch: Dispatch) -> str:
    """The place, and what of it is to be verified before anything is dispatched."""
    said = "、".join(dispatch.complaint.places)
    if dispatch.there or not dispatch.covered:
        return said or "、".join(dispatch.there) or NOT_SAID
    return f"{said}（所在区派单前须核实）" if said else f"{NOT_SAID}（派单前须核实）"


def _level(basis: Basis) -> str:
    return f"{basis.plan.district}的计划" if basis.plan.district else "市级计划"


def _duties(basis: Basis) -> str:
    return "；".join(f"{part.words}：{part.said}" for part in basis.parts) or "该行没有写明部门"


def _basis(basis: Basis) -> str:
    draft = f"（{basis.status}）" if basis.plan.status == "draft" else ""
    return f"《{basis.plan.title.removesuffix(draft)}》{draft}{basis.number}：“{basis.quote}”"
