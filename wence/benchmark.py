"""`wence eval`: run, compare, score, validate, export."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wence import terminal

if TYPE_CHECKING:
    from eval.questions import Question
    from eval.systems import System
    from index.store import Store
    from rag.engine import Engine

    Entry = tuple[str, System, dict[str, Any]]  # a name, a system, its settings

app = typer.Typer(name="eval", help="评测：运行、比较、校验、导出。", no_args_is_help=True)

SPLITS = ("dev", "test")
CANDIDATES = "这里的 recall@5 按检索的候选计，未经作答时的筛选，略高于 eval run。"
OUTSIDE = ("outside-dev", "outside-test")  # calls that no plan answers
MORE = ("more",)  # further questions that the routes were developed with
Split = Annotated[str, typer.Option("--split", help="dev、test、more、outside-dev、outside-test 或 all。")]
Configs = Annotated[list[str] | None, typer.Option("--config", help="配置名或 .toml 路径，可重复。")]
Categories = Annotated[list[str] | None, typer.Option("--category", help="只测这些类别，可重复。")]
Questions = Annotated[Path | None, typer.Option("--questions", help="自带的问题文件。")]
LEAVE_OUT = "只测某份计划的问题，问题库和模型都不含它（重新训练，按哈希存下）；all 为各份轮流。"
Out = Annotated[Path, typer.Option("--out", help="结果写入的文件夹。")]


@app.command()
def run(
    split: Split = "dev",
    config: Configs = None,
    category: Categories = None,
    questions: Questions = None,
    leave_out: Annotated[str | None, typer.Option("--leave-out", help=LEAVE_OUT)] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="训练文本的目录（含 text/），--leave-out 需要。")
    ] = None,
    enriched: Annotated[
        bool, typer.Option("--enriched", help="与 --leave-out 同用：给那份计划补上按规则生成的问题。")
    ] = False,
    url: Annotated[str | None, typer.Option("--url", help="测正在运行的服务；可与 --config 并比。")] = None,
    out: Out = Path("eval-results"),
) -> None:
    """运行评测，打印成绩表，写出 record.json 和 report.html。"""
    from eval.lines import QuestionFileError
    from eval.systems import ServerSystem

    if leave_out and (data is None or url):
        raise QuestionFileError("--leave-out 要重新训练，请用 --data 指明训练文本的目录，且不能与 --url 同用")
    engine = _engine(out)
    chosen = _chosen(engine.store, questions, split, category, leave_out)
    names = config or ([] if url else ["default"])
    if leave_out and data is not None:
        results = _without(engine, chosen, names, data, enriched)
        name = _name(questions, split, leave_out + (" enriched" if enriched else ""), category)
        _finish(engine, results, name, questions, out)
        return
    with contextlib.ExitStack() as stack:
        others: list[Entry] = [(url, stack.enter_context(ServerSystem(url)), {"url": url})] if url else []
        results = _run(engine, chosen, names, others)
    _finish(engine, results, _name(questions, split, leave_out, category), questions, out)


@app.command()
def score(
    answers: Annotated[list[Path], typer.Argument(help="别的系统的答复，每行一个答复对象。")],
    config: Configs = None,
    split: Split = "dev",
    questions: Questions = None,
    category: Categories = None,
    out: Out = Path("eval-results"),
) -> None:
    """给任何系统的答复打分（答复按接口约定的形状）；可列几份，也可与 --config 并比。"""
    from eval.systems import FileSystem

    engine = _engine(out)
    chosen = _chosen(engine.store, questions, split, category, None)
    systems = {path: FileSystem(path) for path in answers}
    asked = {question.id for question in chosen}
    for path, system in systems.items():
        missing, strange = len(asked - system.ids), len(system.ids - asked)
        terminal.say(f"{path.name}：{missing} 题没有答复，{strange} 个题号不在所测的题里")
    files: list[Entry] = [(path.stem, system, {"answers": str(path)}) for path, system in systems.items()]
    results = _run(engine, chosen, config or [], files)
    _finish(engine, results, _name(questions, split, None, category), questions, out)


def _engine(out: Path | None = None) -> Engine:
    """The engine as it is set; `out` is seen to be a folder before any work is done."""
    from eval.lines import QuestionFileError
    from wence.settings import read_settings
    from wence.wiring import open_engine

    if out is not None and out.exists() and not out.is_dir():
        raise QuestionFileError(f"--out {out} 不是文件夹")
    return open_engine(read_settings())


def _without(
    engine: Engine, questions: list[Question], names: list[str], data: Path, enriched: bool
) -> list[dict[str, Any]]:
    """The parts of a record of the configurations, each question asked without its plan's bank."""
    from corpus.bank import plan_of
    from eval.config import read_config
    from eval.leave_out import LeaveOneOut, Rest
    from eval.lines import QuestionFileError
    from eval.runner import run_system
    from eval.systems import EngineSystem
    from wence.settings import read_settings

    settings = read_settings()
    rest = Rest(settings.sources, settings.bank, data, enriched=enriched)
    plans = sorted({plan_of(question.gold[0]) for question in questions})
    results = []
    for config in map(read_config, names):
        if config.embedding is not None:
            raise QuestionFileError(f"配置 {config.name} 指定了别的向量模型，不能与 --leave-out 同用")
        systems = {plan: EngineSystem(rest.engine(plan, config.weights)) for plan in plans}
        about = config.as_json() | {"left_out": plans, "enriched": enriched}
        with terminal.counted(len(questions), "评测") as step:
            system = LeaveOneOut(systems)
            results.append(run_system(config.name, system, questions, engine.grounding, about, step))
    return results


def _run(
    engine: Engine, questions: list[Question], names: list[str], others: list[Entry]
) -> list[dict[str, Any]]:
    """The parts of a record: the configurations first, then other systems."""
    import tempfile

    from eval.config import open_config, read_config
    from eval.runner import run_system
    from eval.systems import EngineSystem
    from wence.settings import read_settings
    from wence.wiring import embedding, index_folder, open_writer

    s = read_settings()
    with (
        terminal.counted(len(questions) * (len(names) + len(others)), "评测") as step,
        tempfile.TemporaryDirectory() as cache,
    ):
        entries: list[Entry] = []
        for read in map(read_config, names):
            model = embedding(s)
            writer = open_writer(s, read.writer) if read.writer else engine.writer
            where = (s.index_dir, s.sources, s.bank, model, Path(cache))
            engines = index_folder(s).engines
            opened = open_config(read, *where, engine.reranker, writer, engines)
            about = read.as_json() | {"reranker": s.reranker or None}
            entries.append((read.name, EngineSystem(opened), about))
        return [
            run_system(name, system, questions, engine.grounding, about, step)
            for name, system, about in entries + others
        ]


@app.command()
def compare(
    a: Annotated[Path, typer.Argument(help="前一次的 record.json。")],
    b: Annotated[Path, typer.Argument(help="后一次的 record.json。")],
) -> None:
    """逐题比较两次评测：哪些变对了，哪些变错了。"""
    from eval.lines import QuestionFileError
    from eval.records import read_record
    from eval.runner import compare as differences

    first, second = read_record(a)["configs"][0], read_record(b)["configs"][0]
    if not {r["id"] for r in first["results"]} & {r["id"] for r in second["results"]}:
        raise QuestionFileError(f"{a} 与 {b} 没有相同的题，不能比")
    terminal.show_differences(differences(first, second))
    before = {result["id"]: result for result in first["results"]}
    changed = [r for r in second["results"] if r["id"] in before and before[r["id"]]["right"] != r["right"]]
    for result in changed:
        mark = "变对" if result["right"] else "变错"
        why = result["why"] or before[result["id"]]["why"]
        sys.stdout.write(f"{mark} {result['id']} {result['question']}（{'；'.join(why)}）\n")
    terminal.say(f"共 {len(changed)} 题有变化。")


@app.command()
def table(
    records: Annotated[list[Path], typer.Argument(help="一份或几份 record.json。")],
    metric: Annotated[str, typer.Option("--metric", help="哪个指标。")] = "recall@5",
) -> None:
    """把几次评测的一个指标按类别排成一张 Markdown 表。"""
    from eval.lines import QuestionFileError
    from eval.records import read_record
    from eval.tables import columns, markdown

    documents = [read_record(path) for path in records]
    known = sorted({name for document in documents for name in document["configs"][0]["metrics"]})
    if metric not in known:
        raise QuestionFileError(f"没有指标 {metric}；有 {'、'.join(known)}")
    found = [column for document in documents for column in columns(document, metric)]
    sys.stdout.write(markdown(found) + "\n")


@app.command()
def peers(split: Split = "dev", questions: Questions = None) -> None:
    """同样的问题过一遍常见做法（LangChain 切分加 BM25 与 FAISS 合并），比检索和速度。"""
    from eval.peers import run_peer
    from eval.runner import run_system
    from eval.systems import EngineSystem
    from index.embedding import load_encoder
    from wence.settings import read_settings
    from wence.wiring import embedding

    settings, engine = read_settings(), _engine()
    encoder = load_encoder(embedding(settings))
    chosen = _chosen(engine.store, questions, split, None, None)
    ours = run_system("wence", EngineSystem(engine), chosen, engine.grounding, {})
    usual = [
        run_peer(chosen, engine.store, encoder, settings.sources, bigrams=bigrams)
        for bigrams in (False, True)
    ]
    terminal.show_peers([ours, *usual])


@app.command()
def tune(
    data: Annotated[
        Path | None, typer.Option("--data", help="训练文本的目录（含 text/）；不给只用开发集学检索权重。")
    ] = None,
    curve: Annotated[
        bool, typer.Option("--threshold", help="不学，只量：作答门槛高低不同时各拒多少、误拒多少。")
    ] = False,
) -> None:
    """学检索的权重和作答的门槛，打印在现用的旁边；改不改由人定。

    学自开发集，和问题库里没有放进索引与训练的五分之一（要 --data，重新训练一次）。
    """
    from eval.leave_out import Rest
    from eval.questions import BUNDLED, read_questions
    from eval.tuning import found_by_register, fusion, supporting
    from index.retriever import Weights
    from rag import support
    from wence.settings import read_settings

    engine = _engine()
    dev, outside = (read_questions(BUNDLED / f"{name}.jsonl") for name in ("dev", OUTSIDE[0]))
    if curve:
        _show_curve(engine, dev, outside)
        return
    names = ("words", "vectors", "asked_words", "asked_vectors")
    if data is None:
        terminal.show_learnt("检索权重", "recall@5", names, Weights().of_parts, fusion([(engine, dev)]))
        terminal.say("现用的权重和作答门槛是加 --data 学的。" + CANDIDATES)
        return
    settings = read_settings()
    fifth, held = Rest(settings.sources, settings.bank, data).fifth()
    for register, (share, count) in found_by_register(fifth, held).items():
        terminal.say(f"未见过的 {register} {count} 题，前五条里有应引的：{share:.3f}")
    terminal.say(CANDIDATES)
    weights = fusion([(engine, dev), (fifth, held)])
    terminal.show_learnt("检索权重", "recall@5", names, Weights().of_parts, weights)
    refused = [question for question in (*dev, *outside) if question.refuse]
    judged = supporting([(engine, [*dev, *outside]), (fifth, [*held, *refused])])
    now = (*support.WEIGHTS, support.ENOUGH)
    terminal.show_learnt("作答门槛", "判对", (*support.NAMES, "ENOUGH"), now, judged)


def _show_curve(engine: Engine, dev: Sequence[Question], outside: Sequence[Question]) -> None:
    """The trade-off of the threshold as a Markdown table; the one in use is marked."""
    from eval.threshold import STEPS, curve
    from rag import support

    now = support.ENOUGH
    values = [round(now + step, 2) for step in STEPS]
    with terminal.counted(len(values) * (len(dev) + len(outside)), "评测") as step:
        points = curve(engine, dev, outside, values, step)
    sys.stdout.write(
        "| 门槛 | dev 该拒则拒 | dev 误拒 | dev 总分 | outside-dev 拒答 |\n" + "|---" * 5 + "|\n"
    )
    for p in points:
        shares = (p.refusal_recall, p.wrong_refusal, p.headline, p.outside)
        mark = "（现用）" if p.threshold == now else ""
        sys.stdout.write(f"| {p.threshold}{mark} | " + " | ".join(f"{s:.3f}" for s in shares) + " |\n")


@app.command()
def validate(questions: Questions = None) -> None:
    """对照语料校验问题文件：编号、要点、部门都要有出处。"""
    from eval.questions import BUNDLED, read_questions
    from eval.validation import leaks
    from eval.validation import validate as problems

    store = _engine().store
    paths = [questions] if questions else [BUNDLED / f"{name}.jsonl" for name in (*SPLITS, *MORE)]
    splits = [read_questions(path) for path in paths]
    found = [problem for split in splits for problem in problems(split, store)]
    if questions is None:
        found += [f"{record} 同时是 dev 和 test 的 gold" for record in leaks(*splits[:2])]
    for problem in found:
        sys.stdout.write(problem + "\n")
    terminal.say(f"共 {len(found)} 处不符。")
    if found:
        sys.exit(2)


@app.command()
def export(
    record: Annotated[Path, typer.Argument(help="record.json。")],
    out: Out = Path("eval-export"),
) -> None:
    """导出为 BEIR、TREC、RAGAS 和 ALCE 的格式。"""
    from eval.exports import export_all
    from eval.records import read_record

    for path in export_all(read_record(record), _engine(out).store, out):
        sys.stdout.write(f"{path}\n")


def _chosen(
    store: Store, path: Path | None, split: str, categories: list[str] | None, plan: str | None
) -> list[Question]:
    """The questions to run.

    Raises:
        QuestionFileError: the file is wrong, or nothing is left to run.
    """
    from corpus.bank import plan_of
    from eval.lines import QuestionFileError
    from eval.questions import BUNDLED, CATEGORIES, read_questions
    from eval.validation import unknown

    strange = sorted(set(categories or ()) - set(CATEGORIES))
    if strange:
        raise QuestionFileError(f"没有类别 {'、'.join(strange)}；有 {'、'.join(CATEGORIES)}")
    if path is not None:
        found = list(read_questions(path))
        wrong = [f"{question.id}：{said}" for question in found for said in unknown(question, store)]
        if wrong:
            raise QuestionFileError(f"{path.name} 里有语料没有的编号：{'；'.join(wrong[:5])}")
    else:
        splits = SPLITS if split == "all" else (split,)
        known = (*SPLITS, *MORE, *OUTSIDE)
        if not set(splits) <= set(known):
            raise QuestionFileError(f"没有 {split}；--split 可用 {'、'.join(known)}、all")
        found = [question for name in splits for question in read_questions(BUNDLED / f"{name}.jsonl")]
    if categories:
        found = [question for question in found if question.category in categories]
    if plan is not None:
        if plan not in (*store.plans, "all"):
            raise QuestionFileError(f"没有计划 {plan}；有 {'、'.join(store.plans)}、all")
        found = [q for q in found if q.gold and len({plan_of(record) for record in q.gold}) == 1]
        found = [q for q in found if plan in ("all", plan_of(q.gold[0]))]
    if not found:
        raise QuestionFileError("没有符合条件的问题")
    return found


def _name(path: Path | None, split: str, plan: str | None, categories: list[str] | None) -> str:
    name = path.name if path else split
    return " ".join([name, *(categories or ()), *([f"leave-out {plan}"] if plan else ())])


def _finish(
    engine: Engine, results: list[dict[str, Any]], name: str, questions: Path | None, out: Path
) -> None:
    from eval.records import write_record
    from eval.runner import record

    manifest = engine.index.manifest
    about = {"built_at": manifest.built_at, "records": manifest.records, "code": manifest.inputs.code}
    document = record(results, name, questions, about)
    written, report = write_record(document, out)
    terminal.show_scores(document)
    terminal.say(f"结果：{written}　报告：{report}")
