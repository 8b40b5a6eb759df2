"""Stores are written whole or not at all, and grow without a reader of an earlier version noticing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.departments import departments
from corpus.ingest import Corpus, PlanRecords
from corpus.labels import labels
from corpus.normal import normal
from corpus.types import Measure, Plan
from index.errors import IndexFolderError, RepeatedRecordError
from index.filters import DueWindow, Filters
from index.store import Store
from index.store_places import Place
from index.store_postgresql import PostgresSchema, schemas
from index.store_sqlite import SqliteFile
from index.store_texts import searchable
from index.store_writing import StoreWriter

NUMBERS = count()
ASKED = (
    Filters(),
    Filters(in_force=True),
    Filters(districts=("延庆区",), kinds=("measure",)),
    Filters(texts=("扬尘",), excluding=(Filters(statuses=("draft",)),)),
    Filters(due=(DueWindow(permanent=True),), in_force=True),
    Filters(departments=("延庆区水务局", "北京市生态环境局"), sole=True),
)
# Writes to a store and dies: told by a line when rows are on their way, killed before the end.
DYING = """
import os, signal, sys
from pathlib import Path
from corpus.departments import departments
from corpus.ingest import read_corpus
from index import store_sqlite, store_writing
from index.store_postgresql import PostgresSchema
from index.store_writing import StoreWriter

store_writing.BATCH = 1
if sys.argv[3] == "spilling":  # into the file, which is then locked and half changed
    store_sqlite._APPENDED = ("journal_mode=DELETE", "cache_size=5")
where = sys.argv[1]
place = PostgresSchema(where, "wence_test", "tests") if ":" in where else store_sqlite.SqliteFile(Path(where))
entries = read_corpus().plans
after = int(sys.argv[2])
making = StoreWriter.append(place, departments(), after) if after else StoreWriter.new(place, departments())
with making as writer:
    for entry in entries[bool(after) :]:
        writer.add(entry)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def few(entry: PlanRecords) -> PlanRecords:
    """Some of its records."""
    return replace(entry, measures=entry.measures[:9], passages=entry.passages[:9])


def write(place: Place, entries: Sequence[PlanRecords]) -> None:
    with StoreWriter.new(place, departments()) as writer:
        for entry in entries:
            assert writer.add(entry) == [searchable(record) for record in entry.records]


def append(place: Place, after: int, entries: Sequence[PlanRecords], changed: Sequence[Plan] = ()) -> int:
    with StoreWriter.append(place, departments(), after, changed) as writer:
        for entry in entries:
            writer.add(entry)
    return writer.version


@contextmanager
def opened(place: Place, version: int | None = None) -> Iterator[Store]:
    store = Store(place, version)
    yield store
    store.close()


def die(place: Place, after: int = 0, how: str = "") -> None:
    where = str(place.path if isinstance(place, SqliteFile) else place.url)  # type: ignore[attr-defined]
    ran = subprocess.run([sys.executable, "-c", DYING, where, str(after), how], cwd=Path(__file__).parents[2])
    assert ran.returncode == -9


def told(store: Store) -> list[object]:
    """All that a store says."""
    return [
        list(store.every_plan.values()),
        list(store.departments.values()),
        list(store.ids),
        store.count(),
        store.printed(),
        store.categories(),
        [store.label(i) for i in store.ids],
        *(store.scan(filters) for filters in ASKED),
        *(store.positions(filters).tolist() for filters in ASKED),
    ]


@pytest.fixture(params=["small", "large"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "large":
        monkeypatch.setattr("index.store.SMALL", 0)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_each_version_reads_as_if_it_were_written_at_once(
    place: Place, size: None, corpus: Corpus, tmp_path: Path, data: st.DataObject
) -> None:
    entries = data.draw(st.permutations([few(entry) for entry in corpus.plans]))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(entries) - 1), min_size=1, max_size=3)))
    fresh = SqliteFile(tmp_path / f"{next(NUMBERS)}.sqlite")
    grown: Place = fresh
    if isinstance(place, PostgresSchema):
        grown = replace(place, schema=f"wence_grown_{next(NUMBERS)}")
    write(grown, entries[: cuts[0]])
    readers, at_once = [Store(grown)], [list(entries[: cuts[0]])]
    for start, stop in zip(cuts, [*cuts[1:], len(entries)], strict=True):
        held = at_once[-1]
        marked = data.draw(st.sets(st.sampled_from(range(len(held)))))
        held = [
            replace(e, plan=replace(e.plan, retired=not e.plan.retired)) if n in marked else e
            for n, e in enumerate(held)
        ]
        if data.draw(st.booleans()):  # an adding that never came to serve
            append(grown, readers[-1].version, [entries[-1]], [replace(held[0].plan, superseded_by="x")])
        changed = [held[n].plan for n in marked]
        version = append(grown, readers[-1].version, entries[start:stop], changed)
        readers.append(Store(grown, version))
        at_once.append([*held, *entries[start:stop]])
    for reader, whole in zip(readers, at_once, strict=True):
        once = SqliteFile(tmp_path / f"{next(NUMBERS)}.sqlite")
        write(once, whole)
        with opened(once) as store:
            assert told(reader) == told(store)
        reader.close()


def test_labels_and_departments_are_those_of_the_corpus(place: Place, corpus: Corpus) -> None:
    write(place, corpus.plans)
    with opened(place) as store:
        assert {i: store.label(i) for i in store.ids} == labels(
            [e.plan for e in corpus.plans], corpus.records
        )
        met = [d for r in corpus.records if isinstance(r, Measure) for d in r.duties]
        assert list(store.departments) == list(dict.fromkeys(d.department for d in met))
        kinds = {(name, body.collective, body.known) for name, body in store.departments.items()}
        assert kinds == {(d.department, d.collective, d.known) for d in met}


def test_what_is_there_already_is_refused_and_nothing_is_changed(place: Place, corpus: Corpus) -> None:
    first, second, third = corpus.plans[:3]
    write(place, [first])
    doubled = replace(third, measures=third.measures[:1] * 2, passages=())
    foreign = replace(third, measures=second.measures)
    named = replace(third, plan=replace(third.plan, short=first.plan.short))
    with opened(place) as store:
        before = told(store)
        for entries in ([first], [second, second], [doubled], [foreign], [named]):
            with pytest.raises(RepeatedRecordError, match="条目"):
                append(place, 1, entries)
        with pytest.raises(IndexFolderError, match="没有第 7 版"):
            append(place, 7, [second])
        with pytest.raises(IndexFolderError, match=f"没有要改的计划 {third.plan.id}"):
            append(place, 1, [second], [third.plan])
        with pytest.raises(IndexFolderError, match=r"已经有了|用不了"):
            write(place, [second])
        assert told(store) == before
    with opened(place) as store:
        assert told(store) == before
    with pytest.raises(IndexFolderError, match="没有第 2 版"):
        Store(place, 2)


def test_a_store_that_fails_half_way_is_not_there(place: Place, corpus: Corpus) -> None:
    with pytest.raises(ZeroDivisionError), StoreWriter.new(place, departments()) as writer:
        writer.add(corpus.plans[0])
        raise ZeroDivisionError
    die(place)
    with pytest.raises(IndexFolderError):
        Store(place)
    if isinstance(place, PostgresSchema):
        assert schemas(place.url, "tests") == []
    write(place, corpus.plans[:1])  # in the same place, without more ado
    Store(place).close()
    if isinstance(place, SqliteFile):
        assert [path.name for path in place.path.parent.iterdir()] == [place.path.name]


def test_an_adding_that_is_killed_leaves_the_version_before(place: Place, corpus: Corpus) -> None:
    write(place, corpus.plans[:1])
    with opened(place) as store:
        before = told(store)
        for how in ("waiting", "spilling") if isinstance(place, SqliteFile) else ("waiting",):
            die(place, 1, how)
            assert told(store.within(Filters())) == before
            with opened(place) as other:
                assert told(other) == before
        assert append(place, 1, corpus.plans[1:]) == 2
        assert told(store.within(Filters())) == before
    with opened(place) as store:
        assert store.scan(Filters()) == list(corpus.records)


def test_a_reader_goes_on_where_its_file_was_removed(tmp_path: Path, corpus: Corpus) -> None:
    path = tmp_path / "store.sqlite"
    write(SqliteFile(path), corpus.plans)
    with opened(SqliteFile(path)) as store:
        path.unlink()
        assert store.scan(Filters()) == list(corpus.records)


READING = """
import os, sys
from pathlib import Path
from index.filters import Filters
from index.store import Store
if os.getuid() == 0:  # to whom no mode says no
    os.seteuid(65534)
print(os.access(sys.argv[1], os.W_OK, effective_ids=True))
print(len(Store.open(Path(sys.argv[1])).scan(Filters(texts=("扬尘",)))))
"""


def test_a_file_that_may_only_be_read_is_enough(corpus: Corpus) -> None:
    with TemporaryDirectory(dir="/tmp") as folder:
        path = Path(folder, "store.sqlite")
        write(SqliteFile(path), corpus.plans)
        path.chmod(0o444)
        path.parent.chmod(0o555)
        command = [sys.executable, "-c", READING, str(path)]
        ran = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)
        path.parent.chmod(0o755)
    assert (ran.returncode, ran.stderr) == (0, "")
    found = sum("扬尘" in searchable(record) for record in corpus.records)
    assert ran.stdout.split() == ["False", str(found)]


PARTS = st.lists(
    st.sampled_from(["a", "Z", "Ａ", " ", "\n", "水", "_{2.5}", "_", "{", "}", "１", "—", "\u200b", "é"])
)


@given(task=PARTS.map("".join), text=PARTS.map("".join), target=st.none() | PARTS.map("".join))
def test_parts_are_normalised_apart_as_they_would_be_together(
    corpus: Corpus, task: str, text: str, target: str | None
) -> None:
    measure = next(record for record in corpus.records if isinstance(record, Measure))
    made = replace(measure, task=task, text=text, target=target, category=None, search_extra="", extras=())
    assert searchable(made) == normal(" ".join(part for part in (task, text, target) if part))
