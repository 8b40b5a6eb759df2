"""Training end to end on a tiny corpus that the tests write themselves."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from model2vec import StaticModel
from numpy.typing import NDArray
from rich.console import Console
from typer import Typer
from typer.testing import CliRunner

from corpus.bank import BankQuestion
from corpus.types import Measure, Span
from index.training.__main__ import main, train
from index.training.base import first_stage
from index.training.folder import CARD, TOKENIZER, WEIGHTS, write_figures
from index.training.measure import Figure, cmrc, markdown, ncp, sts
from index.training.pairs import Mix, PairSampler
from index.training.questions import QuestionSampler
from index.training.recipe import Recipe
from index.training.texts import LAWS, REPORTS, TrainingDataError, read_texts
from index.training.vocabulary import UNKNOWN, grow_tokenizer, token_ids

ARTICLES = {
    "空气条例": [
        "第一条 为了防治大气污染，保护空气质量，制定本条例。",
        "市人民政府应当防治大气污染。企业应当减少大气污染！",
    ],
    "河道条例": [
        "第一条 为了保护河道水质，制定本条例。",
        "河道水质应当每月监测。水务部门应当公布河道水质监测结果。",
    ],
}
REPORT = "我们大力保护河道水质。\n\n大气污染防治取得进展；空气质量继续改善。"
TINY = Recipe(
    seed=3,
    vocab=120,
    dims=16,
    steps=30,
    batch=16,
    sample=100,
    bank_steps=60,
    bank_batch=4,
    bank_rate=0.05,
    hard=1,
    threads=1,
)


def measure(number: int, text: str) -> Measure:
    """A measure of a plan that the tests make up."""
    span = Span("t.txt", number, number)
    return Measure(f"t/{number}/1", "t", number, 1, "任务", text, None, None, None, ("一",), (), (), span)


RECORDS = [measure(1, "河道水质每月监测"), measure(2, "大气污染防治"), measure(3, "河道水质监测结果公布")]
BANK = [
    BankQuestion("水里发臭怎么办", "citizen", ("t/1/1", "t/3/1")),
    BankQuestion("河水多久查一次", "plain", ("t/1/1",)),
    BankQuestion("空气质量呛人", "citizen", ("t/2/1",)),
    BankQuestion("企业冒气", "spoken", ("t/2/1",)),
]


def write_lines(file: Path, lines: list[str]) -> None:
    """A gzipped file of these lines."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.write("".join(line + "\n" for line in lines))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with two laws and one report, in the two layouts of the data README."""
    write_texts(tmp_path)
    return tmp_path


def write_texts(folder: Path) -> None:
    """Those texts into `folder`."""
    laws = [
        json.dumps({"title": title, "date": "2020-01-01", "chapter": "", "text": text})
        for title, articles in ARTICLES.items()
        for text in articles
    ]
    write_lines(folder / LAWS, laws)
    write_lines(folder / REPORTS, [json.dumps({"title": "工作报告", "text": REPORT})])


@pytest.fixture
def cli() -> Typer:
    """The command line of training."""
    app = Typer()
    app.command()(main)
    return app


def trained(data: Path, out: Path, recipe: Recipe = TINY, bank: Sequence[BankQuestion] = BANK) -> Path:
    """A tiny model in `out`, on `data` and `bank`, nothing kept from other tests."""
    cache = out.with_name(f"{out.name}-cache")
    train(data, out, recipe, Console(quiet=True), bank, RECORDS, cache)
    return out


def test_training_gives_a_folder_that_both_libraries_load(data: Path, tmp_path: Path) -> None:
    """The same vectors from model2vec and sentence-transformers, and the hashes in the card."""
    from sentence_transformers import SentenceTransformer

    out = trained(data, tmp_path / "model")
    texts = ["河道水质怎么监测", "", "完全陌生 xyz"]
    ours = StaticModel.from_pretrained(out).encode(texts)
    theirs = SentenceTransformer(str(out), device="cpu").encode(texts)
    assert ours.shape == (3, TINY.dims)
    np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=0)
    assert f"{TINY.vocab}" in (out / CARD).read_text(encoding="utf-8")


def test_same_seed_same_weights_other_seed_others(data: Path, tmp_path: Path) -> None:
    """A run repeats to the byte, tokenizer included; another seed gives other weights."""
    for name, recipe in {"a": TINY, "b": TINY, "c": replace(TINY, seed=4)}.items():
        trained(data, tmp_path / name, recipe)
    for file in (WEIGHTS, TOKENIZER):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    assert (tmp_path / "a" / WEIGHTS).read_bytes() != (tmp_path / "c" / WEIGHTS).read_bytes()


def test_training_learns(data: Path, tmp_path: Path) -> None:
    """Words that stand near each other in the texts are nearer than words that do not."""
    trained(data, tmp_path / "m", bank=())
    model = StaticModel.from_pretrained(tmp_path / "m")
    water, also, air = model.encode(["河道水质", "监测结果", "大气污染防治"])
    assert float(water @ also) > float(water @ air)


def test_the_bank_puts_a_question_near_what_answers_it(data: Path, tmp_path: Path) -> None:
    """After the second stage a complaint is nearer to its measure than before it, and than to others."""
    asked = [*(q.question for q in BANK), *(r.text for r in RECORDS)]
    cosines = {}
    for name, bank in (("without", ()), ("with", BANK)):
        vectors = StaticModel.from_pretrained(trained(data, tmp_path / name, bank=bank)).encode(asked)
        cosines[name] = vectors[: len(BANK)] @ vectors[len(BANK) :].T
    assert cosines["with"][2, 1] > cosines["without"][2, 1]
    assert cosines["with"][2, 1] > cosines["with"][2, 0]


def test_a_cut_run_goes_on_to_the_same_weights(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the first stage and run again: the bytes of a run that was never cut."""
    monkeypatch.setattr("index.training.contrast.EVERY", 10)
    whole = trained(data, tmp_path / "whole")
    steps = iter(range(25))

    def dies(name: str, total: int) -> Callable[[float], None]:
        return lambda loss: next(steps)  # type: ignore[return-value]

    cache = tmp_path / "cache"
    with pytest.raises(StopIteration):
        first_stage(data, TINY, cache, dies)
    assert list(cache.glob("base-*/checkpoint.pt"))
    train(data, tmp_path / "cut", TINY, Console(quiet=True), BANK, RECORDS, cache)
    assert (tmp_path / "cut" / WEIGHTS).read_bytes() == (whole / WEIGHTS).read_bytes()


def test_what_answers_a_question_is_never_held_against_it() -> None:
    """Hard negatives are records found for a question that neither answer it nor say the same."""
    ids = [[1, 2], [3], [4, 5], [6]]
    records = [[10, 11], [12], [10, 13]]
    asked = QuestionSampler(BANK, RECORDS, ids, records, 2, 0.5, np.random.default_rng(1)).draw(4)
    texts = [tuple(text) for text in np.split(asked.answers.ids, asked.answers.starts[1:])]
    questions = [tuple(text) for text in np.split(asked.questions.ids, asked.questions.starts[1:])]
    assert len(questions) == 4 and asked.related.shape == (4, len(texts))
    assert not asked.related[np.arange(4), np.arange(4)].any()
    for row, question in enumerate(questions):
        own = BANK[ids.index(list(question))].ids
        fine = {tuple(records[n]) for n, record in enumerate(RECORDS) if record.id in own}
        for column, text in enumerate(texts):
            if text in fine and column != row:
                assert asked.related[row, column]


def test_sentences_are_read_once_with_their_documents(data: Path) -> None:
    """Article numbers go, short bits go, a repeated sentence stays where it came first."""
    write_lines(data / REPORTS, [json.dumps({"title": "重复", "text": "河道水质应当每月监测。\n甲。"})])
    texts = read_texts(data)
    assert texts.titles == [*ARTICLES, "重复"]
    assert texts.sentences[0] == "为了防治大气污染，保护空气质量，制定本条例。"
    assert texts.sentences.count("河道水质应当每月监测。") == 1
    assert len(texts.documents) == len(texts.sentences) == 6


def test_the_tokenizer_knows_every_character_and_repeats() -> None:
    """Each character of the texts has a piece; words that recur become pieces; runs agree."""
    sentences = ["河道水质监测结果", "公布河道水质，保护河道水质", "河道水质第3次ABC检查"] * 4
    one, two = grow_tokenizer(sentences, 60), grow_tokenizer(sentences, 60)
    assert one.to_str() == two.to_str()
    assert set("河道水质监测结果公布保护第次检查abc3") <= set(one.get_vocab())
    assert "河道水质" in one.get_vocab()
    assert one.token_to_id(UNKNOWN) == 0
    assert token_ids(one, ["龘", "。", ""]) == [[], [], []]


def test_a_vocabulary_too_small_is_told(data: Path, cli: Typer, tmp_path: Path) -> None:
    """The message says how many characters there are."""
    folders = ["--data", str(data), "--out", str(tmp_path / "m"), "--cache", str(tmp_path / "c")]
    arguments = [*folders, "--vocab", "10"]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 2
    assert "--vocab 10 太小" in done.output


def test_pairs_come_from_one_document() -> None:
    """Tokens tell the document: partners never come from two, and no side is empty."""
    sentences = [[10, 11], [], [12], [13, 14, 15, 16, 17], [20, 21], [22], [30]]
    documents, titles = [0, 0, 0, 0, 1, 1, 2], [[19], [], [39]]
    rng = np.random.default_rng(0)
    batch = PairSampler(sentences, documents, titles, Mix(0.4, 0.3), rng).draw(200)
    for side in (batch.left, batch.right):
        texts = np.split(side.ids, side.starts[1:])
        assert len(texts) == 200
        assert all(len(ids) for ids in texts)
        assert [set(ids // 10 - 1) for ids in texts] == [{document} for document in batch.documents]


def test_documents_of_one_sentence_make_no_pairs() -> None:
    """Nothing to learn from is an error, not an endless search."""
    with pytest.raises(ValueError, match="两句以上"):
        PairSampler([[1], [2]], [0, 1], [[], []], Mix(0.4, 0.3), np.random.default_rng(0))


def test_a_missing_folder_is_named(cli: Typer, tmp_path: Path) -> None:
    """The command line says which file it looked for, and exits with 2."""
    done = CliRunner().invoke(cli, ["--data", str(tmp_path / "no"), "--out", str(tmp_path / "m")])
    assert done.exit_code == 2
    assert "laws.jsonl.gz" in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("line", "problem"),
    [("{broken", "不是一行 JSON"), ("[1]", "应为对象"), ('{"title": "甲"}', "title 和 text")],
)
def test_a_broken_line_is_named(data: Path, line: str, problem: str) -> None:
    """File and line number stand in the message."""
    write_lines(data / LAWS, ['{"title": "甲", "text": "好"}', line])
    with pytest.raises(TrainingDataError, match=rf"laws\.jsonl\.gz 第2行：.*{problem}"):
        read_texts(data)


@pytest.mark.parametrize(
    "content",
    [b"no gzip", gzip.compress(b"{}" * 500, mtime=0)[:-9], gzip.compress(b"\xff", mtime=0)],
    ids=["no gzip", "cut short", "not UTF-8"],
)
def test_a_damaged_file_is_named(data: Path, content: bytes) -> None:
    """No gzip, cut short, or not UTF-8: the file is named."""
    (data / REPORTS).write_bytes(content)
    with pytest.raises(TrainingDataError, match=r"reports\.jsonl\.gz 第\d+行"):
        read_texts(data)


def encode_letters(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors that count the letters a, b and c: an encoder whose ranks are plain."""
    counts = np.array([[text.count(letter) for letter in "abc"] for text in texts], dtype=np.float32)
    lengths = np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)
    return np.asarray(counts / lengths, dtype=np.float32)


def test_sts_is_a_rank_correlation(tmp_path: Path) -> None:
    """Cosines in the order of the scores give 1."""
    (tmp_path / "s.txt").write_text("a\ta\t5\nab\ta\t3\na\tb\t0\n", encoding="utf-8")
    assert sts(tmp_path / "s.txt", encode_letters) == [Figure("s (3 pairs)", "Spearman", 1.0)]


def test_a_tie_counts_against_the_model(tmp_path: Path) -> None:
    """Two passages that look the same are both ranked second."""
    paragraphs = [
        {"context": "ab", "qas": [{"question": "ab"}]},
        {"context": "ba", "qas": []},
        {"context": "c", "qas": [{"question": "c"}]},
    ]
    file = tmp_path / "c.json.gz"
    file.write_bytes(gzip.compress(json.dumps({"data": [{"paragraphs": paragraphs}]}).encode()))
    assert [figure.value for figure in cmrc(file, encode_letters)] == [0.5, 0.75]


def test_ncp_ranks_distinct_answers(tmp_path: Path) -> None:
    """Questions that share an answer share its place."""
    file = tmp_path / "n.tsv"
    file.write_text("id\tdocid\tquestion\tanswer\n1\t1\ta\taa\n2\t1\taab\taa\n3\t2\tb\tc\n", encoding="utf-8")
    found = ncp(file, encode_letters)
    assert found[0].benchmark == "NCP (3 questions, 2 answers)"
    assert found[0].value == pytest.approx(2 / 3)


def test_a_missing_benchmark_is_named(tmp_path: Path) -> None:
    """The message says which file."""
    with pytest.raises(TrainingDataError, match=r"sts-b-test\.txt"):
        sts(tmp_path / "sts-b-test.txt", encode_letters)


def test_figures_go_into_the_card(data: Path, tmp_path: Path) -> None:
    """They replace what stood between the marks; a card without marks is an error."""
    trained(data, tmp_path / "m")
    for value in (0.25, 0.5):
        write_figures(tmp_path / "m", markdown([Figure("X", "MRR", value)]))
    card = (tmp_path / "m" / CARD).read_text(encoding="utf-8")
    assert "| X | MRR | 0.500 |" in card and "0.250" not in card
    (tmp_path / "m" / CARD).write_text("# nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="指标"):
        write_figures(tmp_path / "m", "x")
