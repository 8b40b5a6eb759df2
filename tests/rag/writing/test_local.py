"""Models in this process: real small ones, made on the spot."""

from __future__ import annotations

import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from corpus.ingest import Corpus
from index.errors import ModelError
from index.folder import OpenIndex
from rag.engine import Engine
from rag.writing.load import Options, load_model
from rag.writing.local import TransformersModel
from rag.writing.model import BusyError, Limits, Message, Run
from rag.writing.writer import ModelWriter
from tests import tiny_llm
from tests.conftest import LEARNT

HELLO = (Message("system", "规则"), Message("user", "延庆区有哪些措施？"))
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def random_model(random_llm: Path) -> TransformersModel:
    return TransformersModel(random_llm, tiny_llm.CONTEXT, waiting=1)


def test_nonsense_is_survived(random_model: TransformersModel, index: OpenIndex) -> None:
    engine = Engine(index, writer=ModelWriter(random_model, Limits(tokens=120)))
    plain = Engine(index)
    for question in LEARNT:
        answer = engine.ask(question)
        assert answer.text == plain.ask(question).text and answer.writer == "extractive"
        assert answer.writing is not None and answer.writing.fallback
        assert answer.writing.tokens >= 120 and answer.writing.supported == 0


@pytest.mark.parametrize("question", LEARNT)
def test_a_model_that_has_learnt_its_work_is_kept(trained_llm: Path, index: OpenIndex, question: str) -> None:
    """It streams sentence by sentence through the engine; nothing of it is replaced."""
    model = load_model(f"transformers:{trained_llm}", trained_llm.parent, Options())
    assert model is not None
    engine = Engine(index, writer=ModelWriter(model))
    answers = list(engine.stream(question))
    own = LEARNT[question].count("。")
    written = answers[-1].as_json()["writing"]
    assert (written["sentences"], written["supported"]) == (own, own)
    assert (written["replaced"], written["dropped"], written["added"], written["fallback"]) == (0, 0, 0, "")
    assert answers[-1].writer == "transformers:tiny"
    assert [s.writer for s in answers[-1].statements[:own]] == ["transformers:tiny"] * own
    assert len({len(a.statements) for a in answers}) > own
    assert written["tokens_per_s"] > 0 and 0 < written["first_sentence_ms"] <= written["model_ms"] + 1000


def test_a_generation_stops_when_it_is_told_to(random_model: TransformersModel) -> None:
    run = Run()
    stream = random_model.stream(HELLO, 2000, run)
    next(stream)
    stream.close()
    assert run.stop.is_set() and run.tokens < 2000
    assert "".join(random_model.stream(HELLO, 8, Run())) != "", "the next one has its turn"


def test_one_at_a_time_and_a_full_line_is_refused(random_model: TransformersModel) -> None:
    holding, second = Run(), Run()
    first = random_model.stream(HELLO, 2000, holding)
    next(first)
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(lambda: list(random_model.stream(HELLO, 4, second)))
        gate = random_model._gate
        with gate._changed:
            assert gate._changed.wait_for(lambda: len(gate._line) == 1, PATIENCE_S)
        with pytest.raises(BusyError):
            next(random_model.stream(HELLO, 4, Run()))
        assert second.tokens == 0, "nothing runs beside the first"
        first.close()
        waits.result(PATIENCE_S)
    assert 0 < second.tokens <= 4


def test_a_reader_who_leaves_ends_the_generation(random_llm: Path, index: OpenIndex) -> None:
    model, gone = TransformersModel(random_llm, tiny_llm.CONTEXT), threading.Event()
    engine = Engine(index, writer=ModelWriter(model, Limits(tokens=3000)))
    answers = engine.stream(next(iter(LEARNT)), cancelled=gone)
    assert next(answers).statements == (), "the evidence is there before the first word"
    gone.set()
    *_, last = answers
    assert last.writing is not None and last.writing.tokens < 100
    assert last.text == Engine(index).ask(next(iter(LEARNT))).text


def test_a_prompt_beyond_the_context_is_an_error(random_model: TransformersModel) -> None:
    long = (Message("user", "措施" * 5000),)
    with pytest.raises(ModelError, match="超过模型的"):
        list(random_model.stream(long, 10, Run()))
    assert "".join(random_model.stream(HELLO, 4, Run())) != ""


def broken(folder: Path, random_llm: Path, name: str) -> Path:
    """A copy of the model that something has happened to."""
    made = folder / name
    shutil.copytree(random_llm, made)
    if name == "no-config":
        (made / "config.json").unlink()
    elif name == "no-weights":
        (made / "model.safetensors").unlink()
    elif name == "cut-weights":
        (made / "model.safetensors").write_bytes((made / "model.safetensors").read_bytes()[:1000])
    elif name == "empty-weights":
        (made / "model.safetensors").write_bytes(b"")
    elif name == "embedder":
        config = json.loads((made / "config.json").read_text())
        (made / "config.json").write_text(json.dumps(config | {"architectures": ["BertModel"]}))
    return made


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no-config", "不是语言模型的文件夹"),
        ("no-weights", "没有权重文件"),
        ("empty-weights", "是空的"),
        ("cut-weights", "读不出来"),
        ("embedder", "不是对话用的语言模型（BertModel）"),
    ],
)
def test_a_folder_that_holds_no_model_is_told(tmp_path: Path, random_llm: Path, name: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        TransformersModel(broken(tmp_path, random_llm, name), 1000)


def test_a_model_without_a_chat_template_is_told(corpus: Corpus, tmp_path: Path) -> None:
    base = tiny_llm.make(tmp_path / "base", tiny_llm.texts(corpus)[:50], template=None)
    with pytest.raises(ModelError, match="没有对话模板"):
        TransformersModel(base, 1000)


def test_four_bits_need_what_this_machine_lacks(random_llm: Path) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ModelError, match="要有 CUDA 显卡"):
        TransformersModel(random_llm, 1000, bits="4")
