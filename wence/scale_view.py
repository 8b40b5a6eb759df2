"""The benchmark of size at a terminal: a column a size, and what is to be reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wence import terminal

_MB = 2**20
Cell = Callable[[dict[str, Any]], str]


def show(results: dict[str, Any]) -> None:
    """Both tables."""
    from rich import box
    from rich.table import Table

    out = terminal.console()
    encoding = results["encoding"]
    out.print(f"机器：{results['machine']}")
    out.print(
        f"合成语料：每秒生成 {encoding['making_rate']:,} 条，编码 {encoding['rate']:,} 条"
        f"（单列，不计入建索引）；互不相同的文本占 {encoding['distinct']:.1%}。"
    )
    table = Table(box=box.SIMPLE)
    table.add_column("量测")
    for one in results["sizes"]:
        table.add_column(f"{one['size']:,} 条", justify="right")
    for name, cell in _OURS:
        table.add_row(name, *(cell(one) for one in results["sizes"]))
    table.add_section()
    for name, cell in _PEER:
        table.add_row(f"LangChain {name}", *(_of_peer(one["peer"], cell) for one in results["sizes"]))
    out.print(table)
    for one in results["sizes"]:
        if "skipped" in one["peer"]:
            out.print(f"LangChain 未量测 {one['size']:,} 条：{one['peer']['skipped']}。")
    goals = Table("目标", "要求", "实测", "规模", "达到", box=box.SIMPLE)
    for goal in results["goals"]:
        reached = {True: "是", False: "否", None: "未知"}[goal["reached"]]
        value = "" if goal["value"] is None else f"{goal['value']:g}"
        goals.add_row(goal["name"], *(f"{v} {goal['unit']}".strip() for v in (goal["goal"], value)),
                      f"{goal['size']:,}", reached)  # fmt: skip
    out.print(goals)


def _of_peer(peer: dict[str, Any], cell: Cell) -> str:
    return "未量测" if "skipped" in peer else cell(peer)


def _waits(kind: str) -> Cell:
    def cell(one: dict[str, Any]) -> str:
        asked = one["queries"].get(kind)
        return f"{asked['p50_ms']:.2f} / {asked['p99_ms']:.2f}" if asked else ""

    return cell


def _found(kind: str) -> Cell:
    def cell(one: dict[str, Any]) -> str:
        asked = one["queries"].get(kind)
        return f"{asked['gold@5']:.1%} / {asked['gold@10']:.1%}" if asked else ""

    return cell


def _rate(part: str) -> Cell:
    return lambda one: f"{one['build']['parts'][part]['rate']:,}" if part in one["build"]["parts"] else ""


def _texts(one: dict[str, Any]) -> str:
    """Of the process that writes them, where there is one."""
    build = one["build"]
    return f"{one['size'] / (build['beside']['cpu_seconds'] or build['parts']['texts']['seconds']):,.0f}"


def _disk(part: str) -> Cell:
    return lambda one: f"{one['build']['disk'][part] / one['size']:,.0f}"


def _memory(kind: str) -> Cell:
    return lambda one: f"{one['bytes_a_measure'][kind]:,}" if one["bytes_a_measure"] else "基准"


def _peak(kind: str) -> Cell:
    return lambda one: f"{peak / _MB:,.0f}" if (peak := one["build"]["peak"][kind]) else ""


_OURS: Sequence[tuple[str, Cell]] = (
    ("建索引，已有向量（条/s）", lambda one: f"{one['build']['rate']:,}"),
    ("　条目库", _rate("store")),
    ("　向量索引", _rate("vectors")),
    ("　词索引、正字", _texts),
    ("建索引内存峰值（MB）", _peak("rss")),
    ("　不计文件映射", _peak("anonymous")),
    (
        "　写词索引、正字的进程",
        lambda one: f"{rss / _MB:,.0f}" if (rss := one["build"]["beside"]["rss"]) else "",
    ),
    ("磁盘（字节/条）", _disk("whole")),
    ("　条目库", _disk("store")),
    ("　词索引", _disk("words")),
    ("　向量索引", _disk("vectors")),
    ("打开（ms）", lambda one: f"{one['open_ms']:,.0f}"),
    ("常驻内存（字节/条）", _memory("rss")),
    ("　分摊", _memory("pss")),
    ("　不计文件映射", _memory("anonymous")),
    ("检索 p50 / p99（ms）", _waits("together")),
    ("　限定区县年份", _waits("scoped")),
    ("　不限定", _waits("named")),
    ("近似索引 recall@10", lambda one: f"{one['recall']['vectors']['together']:.4f}"),
    ("整个检索与精确检索前 10 相同", lambda one: f"{one['recall']['whole']['together']:.4f}"),
    ("前 5 / 前 10 含应引：限定", _found("scoped")),
    ("前 5 / 前 10 含应引：不限定", _found("named")),
    ("列举 p50（ms）", lambda one: f"{one['lists']['together']['p50_ms']:.2f}"),
    ("列举完整", lambda one: f"{one['lists']['together']['exact']:.0%}"),
)
_PEER: Sequence[tuple[str, Cell]] = (
    ("建索引（条/s）", lambda one: f"{one['build']['rate']:,}"),
    ("常驻内存（字节/条）", _memory("rss")),
    ("检索 p50 / p99（ms）", _waits("together")),
    ("前 5 / 前 10 含应引：限定", _found("scoped")),
    ("前 5 / 前 10 含应引：不限定", _found("named")),
)
