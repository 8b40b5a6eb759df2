"""Models by name: on this disk, or an error at once; the network only when asked."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest

from index.embedding import SentenceTransformerEncoder, prefixes
from index.errors import ModelError
from index.locate import Source, locate, pull
from index.reranker import load_reranker

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {"config.json": b'{"model_type": "bert"}', "modules.json": b"[]", "1_Pooling/config.json": b"{}"}


class Hub(BaseHTTPRequestHandler):
    """As much of a model hub as a client asks for: the list of files, and each of them."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/api/models/team/model"):
            siblings = [{"rfilename": name} for name in FILES]
            tree = [{"type": "file", "path": n, "size": len(c), "oid": "a" * 40} for n, c in FILES.items()]
            known = {"id": "team/model", "sha": COMMIT, "siblings": siblings}
            self._send(json.dumps(tree if "/tree/" in path else known).encode(), "application/json", body)
            return
        name = path.partition(f"/team/model/resolve/{COMMIT}/")[2]
        if name in FILES:
            self._send(FILES[name], "application/octet-stream", body)
        else:
            self.send_error(404)

    def _send(self, content: bytes, kind: str, body: bool) -> None:
        self.send_response(200)
        headers = {"Content-Type": kind, "Content-Length": str(len(content)), "X-Repo-Commit": COMMIT}
        for name, value in {**headers, "ETag": f'"{len(content):040x}"'}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)


class ModelScope(Hub):
    """The same of ModelScope."""

    def _answer(self, *, body: bool) -> None:
        path, _, query = self.path.partition("?")
        if path == "/api/v1/models/team/model/repo/files":
            listed = [
                {"Name": n, "Path": n, "Type": "blob", "Size": len(c), "Sha256": sha256(c).hexdigest()}
                for n, c in FILES.items()
            ]
            self._send(
                json.dumps({"Code": 200, "Data": {"Files": listed}}).encode(), "application/json", body
            )
        elif path == "/api/v1/models/team/model/repo" and (name := parse_qs(query)["FilePath"][0]) in FILES:
            self._send(FILES[name], "application/octet-stream", body)
        else:
            self.send_error(404)


@contextmanager
def hub(kind: type[Hub] = Hub) -> Iterator[str]:
    """That hub on loopback, its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_folder_is_found_by_path_and_by_name(tmp_path: Path) -> None:
    (tmp_path / "BAAI" / "bge").mkdir(parents=True)
    assert locate(str(tmp_path), tmp_path / "no") == tmp_path
    assert locate("BAAI/bge", tmp_path) == tmp_path / "BAAI" / "bge"


@pytest.mark.parametrize(
    ("name", "said"),
    [("BAAI/bge-m3-none", "wence models pull BAAI/bge-m3-none"), ("/no/where", "找不到模型文件夹")],
)
def test_a_name_that_is_not_here_is_an_error_at_once_and_asks_no_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **_: asked.append(a))
    monkeypatch.setattr(socket.socket, "connect", lambda *a: asked.append(a))
    with pytest.raises(ModelError, match=said):
        locate(name, tmp_path)
    assert not asked  # so nothing is waited for: the client's retries take half a minute


def test_what_the_hubs_client_has_cached_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached = tmp_path / "hub" / "models--team--model"
    (cached / "snapshots" / COMMIT).mkdir(parents=True)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text(COMMIT)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert locate("team/model", tmp_path / "models") == cached / "snapshots" / COMMIT


@pytest.mark.parametrize(("kind", "source"), [(Hub, "hub"), (ModelScope, "modelscope")])
def test_pull_fetches_a_whole_model_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Hub], source: Source
) -> None:
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "cache" / "modelscope"))
    with hub(kind) as address:
        folder = pull("team/model", tmp_path, address, source)
        assert folder == locate("team/model", tmp_path)
        held = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        assert held == FILES
        with pytest.raises(ModelError, match="team/other 没有取来"):
            pull("team/other", tmp_path, address, source)
    assert [path.name for path in tmp_path.glob("team/*")] == ["model"]
    assert not (tmp_path / "team" / "other").exists()
    with pytest.raises(ModelError, match="不是模型名"):
        pull("../model", tmp_path)


def test_a_model_that_wants_words_in_front_gets_them(embedder: Path, tmp_path: Path) -> None:
    """By its own configuration, or by its name where that says nothing."""
    assert prefixes("bge-small-zh-v1.5") == ("为这个句子生成表示以用于检索相关文章：", "")
    assert prefixes("multilingual-e5-small") == ("query: ", "passage: ")
    assert prefixes("other") == ("", "")
    plain = SentenceTransformerEncoder(embedder)
    np.testing.assert_array_equal(plain.encode(["油烟"]), plain.encode_queries(["油烟"]))
    own = embedder / "config_sentence_transformers.json"
    before = own.read_text(encoding="utf-8")
    own.write_text(json.dumps(json.loads(before) | {"prompts": {"query": "噪声", "document": ""}}))
    try:
        asking = SentenceTransformerEncoder(embedder)
    finally:
        own.write_text(before, encoding="utf-8")
    np.testing.assert_allclose(asking.encode_queries(["油烟"]), plain.encode(["噪声油烟"]), atol=1e-6)
    np.testing.assert_allclose(asking.encode(["油烟"]), plain.encode(["油烟"]), atol=1e-6)


def test_a_cross_encoder_scores_texts(cross_encoder: Path, embedder: Path, tmp_path: Path) -> None:
    scores = load_reranker(cross_encoder).scores("油烟", ["餐饮油烟", "噪声治理", "油"])
    assert scores.shape == (3,) and scores.dtype == np.float32
    assert np.all((scores >= 0) & (scores <= 1))
    with pytest.raises(ModelError, match="重排模型"):
        load_reranker(tmp_path)
    with pytest.raises(ModelError, match="不是打分的模型（BertModel）"):
        load_reranker(embedder)
