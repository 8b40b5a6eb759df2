"""`wence bench`: speed of the parts, what the service bears, and how far one machine goes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from wence import terminal

app = typer.Typer(
    name="bench",
    help="量测：各步骤的速度；serve 量测服务的承载；scale 量测规模。",
    invoke_without_command=True,
)
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON。")]


@app.callback()
def speed(context: typer.Context, as_json: JsonOption = False) -> None:
    """量测：建索引、冷启动、热答复、服务就绪各用多久；wence bench serve 量测服务的承载。"""  # noqa: D415
    if context.invoked_subcommand:
        return
    from eval.speed import measure
    from wence.settings import read_settings

    _show(measure(read_settings().index_dir), as_json=as_json)


@app.command()
def serve(
    workers: Annotated[int, typer.Option(min=1, max=64, help="服务的进程数。")] = 2,
    connections: Annotated[int, typer.Option(min=1, max=1000, help="同时的连接数。")] = 32,
    rate: Annotated[float, typer.Option(min=1, help="按固定频率提问时每秒几次。")] = 200.0,
    seconds: Annotated[float, typer.Option(min=0.1, help="每一轮的秒数。")] = 10.0,
    rounds: Annotated[int, typer.Option(min=1, help="轮数；提问和空接口交替。")] = 3,
    soak: Annotated[int, typer.Option(min=0, help="量测之后再长跑多少次各种请求；0 为不跑。")] = 0,
    as_json: JsonOption = False,
) -> None:
    """量测服务的承载：每秒能答多少、固定频率下要等多久、占多少内存；有请求出错时退出码为 70。"""  # noqa: D415
    from eval.capacity import Plan, measure
    from wence.settings import read_settings

    plan = Plan(workers, connections, rate, seconds, rounds, soak)
    results = measure(read_settings().index_dir, plan, terminal.say)
    _show(results, as_json=as_json)
    if "soak" in results and not as_json:
        _show_soak(results["soak"])
    if results["failed"]:
        terminal.say(f"有 {results['failed']} 个请求没有得到答复，或服务出错：{results['statuses']}")
        sys.exit(70)


@app.command()
def scale(
    size: Annotated[
        list[int] | None,
        typer.Option(min=300, max=10_000_000, help="合成语料的条数，可重复；不写则为一千至一百万四种。"),
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="把结果画成图，存为这个 .html；.png 和 .svg 要有 Chromium。")
    ] = None,
    questions: Annotated[int, typer.Option(min=5, max=2000, help="每种规模、每类提问的次数。")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="合成语料和提问的种子；同一种子结果相同。")] = 0,
    work: Annotated[
        Path | None, typer.Option(help="放向量和索引的目录，量测完即删；一百万条约需 6 GB。")
    ] = None,
    peer_seconds: Annotated[
        float, typer.Option(min=0, help="LangChain 在每种规模上最多用几秒；0 为不量测。")
    ] = 600.0,
    peer_gigabytes: Annotated[float, typer.Option(min=0.1, help="LangChain 最多用多少 GB 内存。")] = 6.0,
    as_json: JsonOption = False,
) -> None:
    """量测一台机器能到多大规模：用合成语料建索引、提问、列举，与 LangChain 对照；不论结果，退出码为 0。"""  # noqa: D415
    from eval import scale as benchmark
    from eval.scale_figure import FigureError, check, write
    from eval.scale_step import StepError
    from wence.scale_view import show

    plan = benchmark.Plan(
        sizes=sorted(set(size or benchmark.SIZES)),
        questions=questions,
        seed=seed,
        work=work,
        peer_s=peer_seconds,
        peer_bytes=int(peer_gigabytes * benchmark.GIB),
    )
    try:
        if figure is not None:
            check(figure)
        with terminal.progress(plan.steps, "量测规模") as step:
            results = benchmark.measure(plan, step)
        if as_json:
            terminal.emit(results)
        else:
            show(results)
        if figure is not None:
            write(results, figure)
            terminal.say(f"图：{figure}")
    except FigureError as error:
        terminal.say(str(error))
        sys.exit(2)
    except StepError as error:
        terminal.say(str(error))
        sys.exit(70)


def _show(results: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        terminal.emit(results)
    else:
        terminal.show_figures(results)


def _show_soak(soak: dict[str, Any]) -> None:
    """What each worker held at each moment, and how the requests were answered."""
    from rich.table import Table

    table = Table("时刻", "进程", "常驻内存 MB", "分摊内存 MB", "线程", "打开的文件")
    for held in soak["held"]:
        for n, worker in enumerate(held["workers"], start=1):
            memory = (f"{worker[name]:.0f}" for name in ("rss", "pss"))
            table.add_row(held["moment"], str(n), *memory, str(worker["threads"]), str(worker["files"]))
    answered = "，".join(f"{status} 共 {n} 次" for status, n in soak["statuses"].items())
    out = terminal.console()
    out.print(
        f"长跑 {soak['requests']} 次：{answered}；中途离开 {soak['left']} 次，中断 {soak['dropped']} 次。"
    )
    out.print(table)
    if soak["restarted"]:
        out.print("有进程中途换过。")
