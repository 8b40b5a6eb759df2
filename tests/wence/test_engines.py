"""Milvus and PostgreSQL instead of files: the same product, and no half answer when one of them dies."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from corpus.bank import BUNDLED_BANK
from corpus.library import Library, Register
from corpus.manifest import BUNDLED
from corpus.proposing import preview
from index import adding
from index.build import Built, build
from index.embedding import SHIPPED, Encoder
from index.engines import OWNER, Engines
from index.errors import EngineUnreachableError, ServerAwayError, StoreUnreachableError
from index.folder import IndexFolder, OpenIndex
from index.manifest import Manifest
from index.milvus import writing
from index.milvus.collections import builds
from index.milvus.connection import Server
from index.plans import Plans
from index.progress import Progress
from index.store_postgresql import schemas
from index.store_writing import StoreWriter
from index.vectors_kept import Kept
from rag.engine import Engine
from tests import milvus_server
from tests.api.serving import readiness
from tests.haidian import HAIDIAN, HAIDIAN_2025
from tests.milvus_server import Milvus
from tests.postgres import Postgres
from tests.published import write_plan
from tests.service import service
from tests.wence.conftest import Run

DEV = Path(__file__).parents[2] / "eval/questions/dev.jsonl"
FACT, LISTED = "延庆区今年PM2.5目标是多少？", "延庆区水务局牵头哪些措施？"
NEW = {"question": "餐饮油烟扰民由谁来管？"}
"""What the service has not been asked yet: nothing of it is known from before."""
CHAT = {"model": "wence", "messages": [{"role": "user", "content": NEW["question"]}]}
HEADERS = {"Accept": "application/json, text/event-stream"}
CALL = {"name": "ask", "arguments": NEW}
MCP = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": CALL}


@dataclass(frozen=True)
class Place:
    """Where an index is kept: a folder, a database, an alias of a Milvus server."""

    root: Path
    milvus: Milvus
    postgres: Postgres
    store_url: str

    @property
    def index(self) -> str:
        return f"milvus:{self.milvus.uri}?alias={self.alias}"

    @property
    def alias(self) -> str:
        return "a" + self.store_url.partition("?")[0].rpartition("/")[2]

    @property
    def engines(self) -> Engines:
        return Engines.read(self.index, self.store_url, "", self.root)

    @property
    def folder(self) -> IndexFolder:
        return IndexFolder(self.root, self.engines)

    @property
    def servers(self) -> dict[str, str]:
        return {"WENCE_INDEX": self.index, "WENCE_STORE_URL": self.store_url}

    def other(self, root: Path) -> Place:
        """Another folder with the same servers, as another machine has it."""
        return Place(root, self.milvus, self.postgres, self.store_url)

    def held(self) -> tuple[list[str], list[str]]:
        """The collections and the schemas that there are."""
        server = self.engines.server()
        try:
            return builds(server), schemas(self.store_url, None)
        finally:
            server.close()


@pytest.fixture(scope="module")
def milvus() -> Iterator[Milvus]:
    with milvus_server.running() as server:
        yield server


@pytest.fixture
def place(tmp_path: Path, milvus: Milvus, server: Postgres) -> Place:
    """One where nothing is yet."""
    return Place(tmp_path / "index", milvus, server, server.new_database())


@pytest.fixture(scope="module")
def whole(milvus: Milvus, server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One with the bundled corpus."""
    root = tmp_path_factory.mktemp("engines") / "index"
    whole = Place(root, milvus, server, server.new_database())
    build(root, BUNDLED, BUNDLED_BANK, SHIPPED, engines=whole.engines)
    return whole


@pytest.fixture
def office(run: Run, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`wence` whose index is at `place`, with a question bank that is empty yet."""
    bank = tmp_path / "bank"
    bank.mkdir()
    own = {"WENCE_INDEX_DIR": str(place.root), "WENCE_BANK": str(bank)}
    for name, value in (place.servers | own).items():
        monkeypatch.setenv(name, value)
    assert run("build").status == 0
    return run


def asked(engine: Engine, questions: Sequence[str]) -> list[dict[str, Any]]:
    return [engine.ask(question).as_json() | {"timings_ms": {}} for question in questions]


def test_the_answers_lists_and_counts_of_files_come_from_servers(
    whole: Place, engine: Engine, encoder: Encoder
) -> None:
    lines = [json.loads(line) for line in DEV.read_text(encoding="utf-8").splitlines()]
    whole_sets = [line for line in lines if line["category"] in ("list", "count")]
    questions = [line["question"] for line in (*lines[::25], *whole_sets[::6])]
    index = whole.folder.open(encoder)
    assert index.milvus is not None and index.manifest.store.startswith("postgresql:")
    assert asked(Engine(index), questions) == asked(engine, questions)
    # What is left in the folder is small: no text of a record, no vector.
    assert {path.name for path in index.folder.iterdir()}.isdisjoint({"store.sqlite", "vectors"})


def test_a_build_says_where_it_has_to_go_and_a_question_that_it_stands_elsewhere(
    office: Run, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "索引是新的" in office("build", "--if-needed").err
    with monkeypatch.context() as moved:
        moved.setenv("WENCE_STORE_URL", place.postgres.new_database())
        ran = office("build", "--if-needed")
        assert (ran.status, "存放位置已变" in ran.err) == (0, True)
        assert "索引是新的" in office("build", "--if-needed").err
        moved.setenv("WENCE_INDEX", "files")
        ran = office("ask", FACT)
        assert ran.status == 2 and "WENCE_INDEX=milvus:" in ran.err
        moved.setenv("WENCE_INDEX", "milvus:")
        assert "Milvus 的地址写错了" in office("ask", FACT).err
    monkeypatch.setenv("WENCE_INDEX_DIR", str(place.root.with_name("files")))
    for name in ("WENCE_INDEX", "WENCE_STORE_URL"):
        monkeypatch.delenv(name)
    assert office("build").status == 0
    monkeypatch.setenv("WENCE_STORE_URL", place.store_url)
    ran = office("ask", FACT)
    assert ran.status == 0 and "提示：存放位置已变，请运行 wence build。" in ran.err


def killing(
    patch: pytest.MonkeyPatch, owner: type, name: str, kill: Callable[[], None], when: Callable[..., bool]
) -> None:
    """Let the method `name` of `owner` call `kill` before its third call for which `when` holds."""
    does, times = getattr(owner, name), iter(range(1, 1_000_000))

    def killed(self: Any, *args: Any, **kwargs: Any) -> Any:
        if when(*args) and next(times) == 3:
            kill()
        return does(self, *args, **kwargs)

    patch.setattr(owner, name, killed)


@pytest.mark.parametrize("dies", ["milvus", "postgres"])
def test_a_server_killed_in_mid_build_leaves_what_served_and_the_next_build_ends_well(
    office: Run, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies: str
) -> None:
    before, held = place.folder.current(), place.held()
    answer = office("ask", LISTED, "--json").objects[0]["answer"]
    shutil.copy(BUNDLED_BANK / "yq-indicators-2026.jsonl", tmp_path / "bank")
    with monkeypatch.context() as patch:
        patch.setattr(writing, "SENT", 200)
        if dies == "milvus":
            killing(patch, Server, "call", place.milvus.kill, lambda name, *rest: name == "insert")
            said = f"错误：Milvus（{place.milvus.uri}）没有应答"
        else:
            killing(patch, StoreWriter, "add", place.postgres.kill, lambda entry: True)
            said = "错误：连不上条目库所在的 PostgreSQL"
        ran = office("build")
    assert ran.status == 2 and said in ran.err and "Traceback" not in ran.err
    getattr(place, dies).start()
    collections, stores = place.held()
    assert stores == held[1] and set(collections) >= set(held[0])
    assert place.folder.current() == before
    assert [path.name for path in place.folder.versions.iterdir()] == [before.name]
    assert office("ask", LISTED, "--json").objects[0]["answer"] == answer
    assert office("build").status == 0
    assert place.folder.current() != before
    assert office("ask", LISTED, "--json").objects[0]["answer"] == answer
    manifests = [Manifest.read(version) for version in (before, place.folder.current())]
    collections, stores = place.held()
    assert set(collections) == {manifest.collection for manifest in manifests}
    assert {f"postgresql:{name}" for name in stores} == {manifest.store for manifest in manifests}


def test_a_server_that_dies_when_the_new_index_serves_takes_nothing_with_it(
    office: Run, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is cleared away last can wait for the next build."""
    drops = Engines.drop_stores

    def dying(self: Engines, kept: Collection[Manifest]) -> None:
        place.postgres.kill()
        drops(self, kept)

    monkeypatch.setattr(Engines, "drop_stores", dying)
    try:
        assert office("build").status == 0
    finally:
        monkeypatch.setattr(Engines, "drop_stores", drops)
        place.postgres.start()
    assert office("ask", FACT).status == 0
    assert office("build").status == 0
    assert len(place.held()[1]) == 2


def plans_at(place: Place, library: Library, bank: Path) -> Plans:
    def rebuild(register: Register, progress: Progress) -> Built:
        return build(
            place.root, BUNDLED, bank, SHIPPED, library=library, register=register, engines=place.engines
        )

    return Plans(BUNDLED, library, rebuild)


def opened(place: Place, encoder: Encoder) -> OpenIndex:
    return place.folder.open(encoder)


def test_plans_added_to_a_large_index_on_servers_are_found_as_in_one_built_anew(
    place: Place, tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other folder has the same servers and alias: neither touches what is the other's."""
    monkeypatch.setattr(adding, "LARGE", 100)
    bank = tmp_path / "bank"
    bank.mkdir()
    library = Library(tmp_path / "plans")
    build(place.root, BUNDLED, bank, SHIPPED, library=library, engines=place.engines)
    first = opened(place, encoder)
    copy = place.other(tmp_path / "copy")
    shutil.copytree(place.root, copy.root, ignore=shutil.ignore_patterns(OWNER))
    assert asked(Engine(opened(copy, encoder)), [FACT]) == asked(Engine(first), [FACT])
    plans = plans_at(place, library, bank)
    for plan in (HAIDIAN_2025, HAIDIAN):
        plans.add([preview(write_plan(tmp_path / f"{plan.title}.docx", plan), plans.held())])
    plans.retire("hr-green-2026")
    grown = opened(place, encoder)
    kept = (first.manifest.store, first.manifest.collection)
    assert (grown.manifest.store, grown.manifest.collection) == kept
    build(copy.root, BUNDLED, bank, SHIPPED, library=library, engines=copy.engines)
    anew = opened(copy, encoder)
    assert {anew.manifest.store, anew.manifest.collection}.isdisjoint(kept)
    assert grown.store.every_plan == anew.store.every_plan
    assert grown.store.get(grown.store.ids) == anew.store.get(anew.store.ids)
    questions = ["海淀区碳排放强度要降多少？", "海淀区生态环境局牵头哪些措施？", "海淀区屋顶光伏怎么推进"]
    for found, other in zip(asked(Engine(grown), questions), asked(Engine(anew), questions), strict=True):
        assert (found["answer"], found["refused"]) == (other["answer"], other["refused"])
    assert first.store.count() + len(HAIDIAN.measures) + len(HAIDIAN_2025.measures) == grown.store.count()
    question = "延庆区森林覆盖率目标"
    assert [h.id for h in first.retriever.search(question)], "who reads the old version goes on"


def test_a_build_anew_takes_the_vectors_from_the_collection_that_serves(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []
    encoded = Kept.encoded

    def counting(self: Kept, texts: Sequence[str], encode: Any, kind: Any) -> Any:
        counted.append(len(texts))
        return encoded(self, texts, encode, kind)

    monkeypatch.setattr(Kept, "encoded", counting)
    bank = tmp_path / "bank"
    bank.mkdir()
    build(place.root, BUNDLED, bank, SHIPPED, engines=place.engines)
    records = place.folder.manifest().records
    assert sum(counted) == records
    build(place.root, BUNDLED, bank, SHIPPED, engines=place.engines)
    assert sum(counted) == records, "nothing was encoded again"


@pytest.mark.parametrize("dies", ["milvus", "postgres"])
def test_a_server_that_is_gone_is_said_to_who_asks_and_found_again(
    whole: Place, engine: Engine, tmp_path: Path, dies: str
) -> None:
    away: type[ServerAwayError] = EngineUnreachableError if dies == "milvus" else StoreUnreachableError
    server = getattr(whole, dies)
    with (
        service(whole.root, f"sqlite:///{tmp_path}/state.sqlite", **whole.servers) as here,
        here.client() as client,
    ):
        assert client.post("/v1/ask", json={"question": LISTED}).status_code == 200
        server.kill()
        try:
            refused = readiness(here.url, lambda response: response.status_code == 503)
            assert refused["detail"] == away.to_readers
            for path, body in (("/v1/ask", NEW), ("/v1/chat/completions", CHAT)):
                for stream in (False, True):
                    answer = client.post(path, json=body | {"stream": stream})
                    assert (answer.status_code, answer.json()["detail"]) == (503, away.to_readers)
            called = client.post("/mcp", json=MCP, headers=HEADERS).json()["result"]
            assert called["isError"] and called["content"][0]["text"] == away.to_readers
        finally:
            server.start()
        after = client.post("/v1/ask", json=NEW)
        assert (after.status_code, after.json()["answer"]) == (200, engine.ask(NEW["question"]).text)
        assert client.get("/readyz").status_code == 200
    said = here.ended()
    assert "Traceback" not in said and "server away" in said
