"""How far one machine goes, measured small."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.departments import departments
from eval.scale import Plan, goals, measure
from eval.scale_figure import FigureError, write
from eval.scale_step import StepError, TooLongError, alone
from eval.scale_vectors import Given, encode, hits, nearest, texts
from eval.synthetic import Synthetic
from eval.synthetic_questions import named
from index.embedding import Encoder
from index.engines import STORE
from index.folder import IndexFolder, open_version
from index.manifest import Inputs, Manifest
from index.store_sqlite import SqliteFile
from index.version import Making, write_version

SIZES = (300, 600)


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def results(said: list[str]) -> dict[str, Any]:
    """Both sizes; LangChain may take so little memory that the second is foreseen to be too large."""
    plan = Plan(sizes=SIZES, questions=8, peer_bytes=1)
    found = measure(plan, said.append)
    assert len(said) == plan.steps
    return found


def test_both_sizes_are_built_asked_and_listed(results: dict[str, Any]) -> None:
    assert [one["size"] for one in results["sizes"]] == list(SIZES)
    for one in results["sizes"]:
        parts = one["build"]["parts"]
        assert {"corpus", "store", "texts", "vectors", "manifest", "rest"} == set(parts)
        whole = sum(part["seconds"] for name, part in parts.items() if name != "corpus")
        assert one["build"]["seconds"] == pytest.approx(whole, abs=0.01)
        disk = one["build"]["disk"]
        assert disk["whole"] == sum(disk[name] for name in ("store", "words", "vectors", "rest"))
        assert disk["vectors"] > 4 * one["size"] * results["encoding"]["dimensions"]
        for kind in ("scoped", "named", "together"):
            asked = one["queries"][kind]
            assert asked["n"] == (16 if kind == "together" else 8)
            assert 0 < asked["p50_ms"] <= asked["p99_ms"]
            assert one["recall"]["vectors"][kind] == one["recall"]["whole"][kind] == 1  # all are looked at
        assert one["queries"]["scoped"]["gold@10"] >= 0.75
        assert one["lists"]["together"]["exact"] == 1 and one["lists"]["lead"]["most"] > 1
    assert results["encoding"]["measures"] == max(SIZES) and results["encoding"]["distinct"] > 0.99


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="Linux tells what a process holds")
def test_memory_is_a_process_s_own(results: dict[str, Any]) -> None:
    first, second = results["sizes"]
    assert first["bytes_a_measure"] is None
    assert set(second["bytes_a_measure"]) == {"rss", "pss", "anonymous"}
    for one in results["sizes"]:
        assert one["memory"]["rss"] > one["memory"]["anonymous"] > 10 * 2**20
        assert one["build"]["peak"]["rss"] > one["build"]["peak"]["anonymous"] > 10 * 2**20


def test_the_peer_is_measured_as_far_as_it_may_go(results: dict[str, Any]) -> None:
    first, second = (one["peer"] for one in results["sizes"])
    assert first["queries"]["together"]["n"] == 16
    assert first["queries"]["named"]["gold@10"] >= 0.75
    assert "需内存" in second["skipped"]


def test_each_goal_says_whether_it_is_reached(results: dict[str, Any]) -> None:
    listed = {goal["name"]: goal for goal in results["goals"]}
    assert listed["列举完整"]["reached"] and listed["近似索引 recall@10"]["reached"]
    assert all(goal["size"] == max(SIZES) for goal in results["goals"])
    slow = [
        one | {"queries": {"together": {"p50_ms": ms}}}
        for one, ms in zip(results["sizes"], (1, 11), strict=True)
    ]
    of_slow = {goal["name"]: goal["reached"] for goal in goals(slow)}
    assert of_slow["检索 p50"] is False and of_slow["p50 的增长"] is False
    alone_ = {goal["name"]: goal for goal in goals(results["sizes"][:1])}
    assert alone_["p50 的增长"]["reached"] is None and alone_["每条占内存"]["value"] is None


def test_the_figure_is_a_page_and_an_image(results: dict[str, Any], tmp_path: Path) -> None:
    write(results, tmp_path / "scale.html")
    page = (tmp_path / "scale.html").read_text(encoding="utf-8")
    assert "<title>一台机器能到多大规模：300至600条措施</title>" in page
    assert "<script src" not in page and "<link" not in page
    write(results, tmp_path / "scale.svg")
    drawn = "".join(ET.parse(tmp_path / "scale.svg").getroot().itertext())
    for words in ("检索用时（毫秒）", "每条占用的内存（字节）", "问策 p50", "LangChain 未量测 600条"):
        assert words in drawn
    with pytest.raises(FigureError, match=r"\.html、\.svg 或 \.png"):
        write(results, tmp_path / "scale.pdf")


def test_vectors_on_disk_are_those_of_the_texts_and_are_handed_out_in_turn(
    encoder: Encoder, tmp_path: Path
) -> None:
    path = tmp_path / "vectors.npy"
    told = encode(path, 250, seed=3)
    rows = encoder.encode(list(texts(Synthetic(3), 250)))
    given = Given(path)
    assert told["measures"] == 250 and given.dimensions == rows.shape[1]
    handed = [given.encode([""] * count) for count in (100, 1, 149)]
    np.testing.assert_allclose(np.concatenate(handed), rows, atol=1e-6)


def test_the_exact_search_counts_equals_as_found() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(200, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[50:60] = rows[7]
    queries = rows[[7, 120]]
    allowed = [None, np.arange(100, 150)]
    least = nearest(rows, queries, 10, allowed)
    for query, among, limit in zip(queries, allowed, least.tolist(), strict=True):
        ordered = np.sort((rows if among is None else rows[among]) @ query)[::-1]
        assert limit == pytest.approx(ordered[9])
    assert hits(rows, queries[0], np.array([7, *range(51, 60)]), least[0]) == 10
    assert hits(rows, queries[0], np.arange(100, 110), least[0]) == 0


def test_a_step_that_fails_or_takes_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="build"):
        alone("build", root=tmp_path / "index", size=300, seed=0, vectors=tmp_path / "none.npy")
    with pytest.raises(TooLongError):
        alone("encode", 0.01, path=tmp_path / "v.npy", size=300, seed=0)


def test_a_name_that_one_record_of_thousands_prints_finds_it(tmp_path: Path, encoder: Encoder) -> None:
    """By cosine thousands are as near: a rare word has to count for more the more there are."""
    corpus, size = Synthetic(0), 5000
    how = Making(departments(), encoder.encode, encoder.encode_queries, 256)
    with IndexFolder(tmp_path).lock(0):
        version = IndexFolder(tmp_path).new_version()
        version.mkdir()
        written = write_version(version, SqliteFile(version / STORE), corpus.plans(size), how)
    manifest = Manifest(Inputs({}, {}, {}, {}, ""), written.records, 256, "", store=f"{version.name}/{STORE}")
    index = open_version(version, manifest, encoder)
    asked = named(corpus, size, 40)
    found = [one.gold[0] in [hit.id for hit in index.retriever.search(one.question, 10)] for one in asked]
    assert sum(found) >= 0.95 * len(asked) > 30
