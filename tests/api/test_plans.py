"""Plans added through the API: uploaded, asked about, confirmed, retired; and nothing half-added."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.access.policy import Policy
from api.context import Standing
from api.gate import Limits
from api.plan_desk import PlanDesk
from api.plan_staging import KEEP_S, Staging, file_name
from api.serving import Serving
from corpus.library import Register
from corpus.manifest import BUNDLED
from index.build import Built, Progress
from index.embedding import Encoder
from index.errors import IndexFolderError
from index.plans import Plans
from tests.haidian import HAIDIAN, HAIDIAN_DRAFT, TITLE
from tests.held import Office, office, plans_in
from tests.published import PUBLICATIONS, as_pdf, write, write_plan

UPLOADS = "/v1/plans/uploads"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, index_dir: Path, encoder: Encoder) -> Iterator[Office]:
    """A service to which nothing is added."""
    limits = Limits(plan_mb=1)
    with office(tmp_path_factory.mktemp("office"), index_dir, encoder, limits=limits) as running:
        yield running


@pytest.fixture
def client(shared: Office) -> Iterator[httpx.Client]:
    with shared.client() as client:
        yield client


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan of a district that the corpus lacks, as a web page."""
    return write_plan(tmp_path_factory.mktemp("published") / "海淀.html", HAIDIAN)


def sent(client: httpx.Client, path: Path, **query: str) -> dict[str, Any]:
    """What is said of a file that was uploaded as a form."""
    with path.open("rb") as file:
        response = client.post(UPLOADS, files={"file": (path.name, file)}, params=query)
    assert response.status_code == 201, response.text
    told: dict[str, Any] = response.json()
    return told


def staged(office: Office) -> list[Path]:
    return list(PlanDesk(_plans(office), 50, Serving(_never)).staging.folder.glob("*"))


def _plans(office: Office) -> Plans:
    return Plans(BUNDLED, office.library, _refused)


def _never() -> Any:
    raise AssertionError


def _refused(register: Register, progress: Progress) -> Built:
    raise IndexFolderError("磁盘满了。")


def test_a_plan_is_previewed_added_answered_from_and_retired(
    tmp_path: Path, index_dir: Path, encoder: Encoder, page: Path
) -> None:
    question = {"question": "海淀区新增屋顶光伏装机容量的目标是多少？"}
    with office(tmp_path, index_dir, encoder) as running, running.client() as client:
        told = sent(client, page)
        (plan,) = told["report"]["plans"]
        assert (plan["title"], plan["id"], plan["measures"]) == (TITLE, "hd-green-2026", 10)
        assert plan["rows"]["措施"] == 10
        assert told["complete"]
        upload = f"{UPLOADS}/{told['token']}"
        rows = client.get(f"{upload}/records").json()["items"]
        assert [row["text"] for row in rows] == [measure.text for measure in HAIDIAN.measures]
        fourth = rows[3]
        around = client.get(f"{upload}/around", params={"record": fourth["id"]}).json()
        (own,) = [row for row in around["rows"] if row["marked"]]
        assert fourth["text"] in ["".join(cell["lines"]) for cell in own["cells"]]
        assert around["rows"][0]["heading"]
        assert client.post("/v1/ask", json=question).json()["citations"] == []

        done = client.post(f"{upload}/confirm").json()
        assert [added["id"] for added in done["plans"]] == ["hd-green-2026"]
        assert done["serves"]
        answer = client.post("/v1/ask", json=question).json()
        assert [citation["id"] for citation in answer["citations"]] == ["hd-green-2026/2/1"]
        assert client.get("/v1/plans/hd-green-2026/original").content == page.read_bytes()
        assert client.get("/v1/plans/bj-green-2026/original").status_code == 404
        assert client.get(upload).status_code == 404
        assert staged(running) == []

        again = sent(client, page)
        assert (again["complete"], again["twice"]) == (False, "hd-green-2026")
        assert "已在库中" in again["problem"]
        assert client.post(f"{UPLOADS}/{again['token']}/confirm").status_code == 409

        assert client.post("/v1/plans/hd-green-2026/retire").json()["serves"]
        assert client.post("/v1/ask", json=question).json()["citations"] == []
        running.kept.audit.close(5)
        entries = [(e.via, e.route, e.ids) for e in running.kept.audit.rows() if e.via == "plans"]
        assert entries == [("plans", what, ("hd-green-2026",)) for what in ("add", "retire")]


def test_a_draft_and_its_final_text_are_added_in_one_step_or_not_at_all(
    tmp_path: Path, index_dir: Path, encoder: Encoder, page: Path
) -> None:
    draft = write_plan(tmp_path / "征求意见稿.docx", HAIDIAN_DRAFT)
    with office(tmp_path, index_dir, encoder) as running, running.client() as client:
        tokens = [sent(client, path)["token"] for path in (draft, page, page)]
        refused = client.post(f"{UPLOADS}/confirm", json={"tokens": tokens})
        assert (refused.status_code, "已在库中" in refused.json()["detail"]) == (409, True)
        assert running.library.register() == Register()
        done = client.post(f"{UPLOADS}/confirm", json={"tokens": tokens[:2]}).json()
        assert [(plan["status"], plan["in_force"]) for plan in done["plans"]][1] == ("final", True)
        assert done["superseded"] == [done["plans"][0]["id"]]
        held = {plan["id"]: plan["in_force"] for plan in client.get("/v1/plans").json()["items"]}
        assert [held[plan["id"]] for plan in done["plans"]] == [False, True]
        waiting = client.get(UPLOADS).json()["items"]
        assert [upload["token"] for upload in waiting] == tokens[2:]


def test_what_a_document_does_not_say_is_asked_and_answered(
    client: httpx.Client, page: Path, tmp_path: Path
) -> None:
    silent = tmp_path / "无年.html"
    text = page.read_text(encoding="utf-8").replace("2026年", "").replace("牵头部门", "承办处室")
    silent.write_text(text, encoding="utf-8")
    told = sent(client, silent)
    upload = f"{UPLOADS}/{told['token']}"
    (asked,) = told["report"]["questions"]
    assert (asked["part"], asked["name"]) == (None, "承办处室")
    assert client.post(f"{upload}/confirm").status_code == 409
    assert client.patch(upload, json={"mapping": {"承办处室": "boss"}}).status_code == 422
    told = client.patch(upload, json={"mapping": {"承办处室": "lead"}}).json()
    (asked,) = told["report"]["questions"]
    assert (asked["part"], asked["name"]) == (0, "year")
    assert "哪一年" in asked["words"]
    assert client.patch(upload, json={"given": {"0": {"district": "海甸"}}}).status_code == 422
    said = {"first_year": 2026, "short": "海淀绿色", "id": "hd-1"}
    told = client.patch(upload, json={"given": {"0": said}}).json()
    (plan,) = told["report"]["plans"]
    assert (plan["years"], plan["short"], plan["id"]) == ([2026, 2026], "海淀绿色", "hd-1")
    assert told["complete"]
    told = client.patch(upload, json={"given": {"0": {"short": None}}}).json()
    assert told["report"]["plans"][0]["short"] == "海淀绿色低碳"
    assert client.get(upload).json() == told
    assert client.delete(upload).status_code == 200
    assert client.get(upload).status_code == 404


def test_a_new_text_replaces_a_plan_that_is_held_and_leaves_what_is_not_wanted(
    client: httpx.Client, tmp_path: Path
) -> None:
    file = write(tmp_path / "延庆.docx", PUBLICATIONS[2])
    told = sent(client, file)
    assert told["twice"] == "yq-pollution-2026"
    assert [part["marker"] for part in told["parts"]] == ["附件1", "附件2", "附件3", "附件4"]
    leave = {part["part"]: {"leave": True} for part in told["parts"] if part["marker"] != "附件3"}
    upload = f"{UPLOADS}/{told['token']}"
    told = client.patch(upload, json={"given": leave, "replaces": "延庆多元共治"}).json()
    (plan,) = told["report"]["plans"]
    assert told["complete"]
    assert (told["replaces"], plan["id"], plan["measures"]) == ("yq-governance-2026",) * 2 + (39,)


def test_a_page_of_a_pdf_is_a_picture_with_the_row_marked(client: httpx.Client, tmp_path: Path) -> None:
    (pdf,) = as_pdf([write_plan(tmp_path / "海淀.docx", HAIDIAN)], tmp_path)
    upload = f"{UPLOADS}/{sent(client, pdf)['token']}"
    row = client.get(f"{upload}/records").json()["items"][0]
    assert row["page"] == 1
    plain, marked = (client.get(f"{upload}/page/1.png", params=p) for p in ({}, {"record": row["id"]}))
    assert marked.headers["content-type"] == "image/png"
    assert marked.content.startswith(b"\x89PNG")
    assert marked.content != plain.content
    assert client.get(f"{upload}/page/99.png").status_code == 404


def test_a_file_that_cannot_be_read_is_one_sentence_and_leaves_nothing(
    client: httpx.Client, shared: Office
) -> None:
    before = staged(shared)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("a.txt", "x")
    for name, content in (("计划.docx", archive.getvalue()), ("空.pdf", b""), ("图.docx", b"\x89PNG....")):
        response = client.post(UPLOADS, params={"name": name}, content=content)
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["detail"].startswith(f"{name}：")
    assert client.post(UPLOADS, content=b"x").json()["detail"].startswith("请写明文件名")
    assert client.post(UPLOADS, files={"other": b"x"}).status_code == 422
    assert (
        client.post(UPLOADS, params={"name": "a.html", "replaces": "没有"}, content=b"<p>").status_code == 404
    )
    assert staged(shared) == before


@pytest.mark.parametrize("declared", [True, False])
def test_a_file_may_be_large_up_to_its_limit_and_nothing_else_may(
    client: httpx.Client, shared: Office, declared: bool
) -> None:
    before = staged(shared)
    pieces = [b"<p>" + b"x" * 65533] * 24
    content = b"".join(pieces) if declared else iter(pieces)
    response = client.post(UPLOADS, params={"name": "大.html"}, content=content)
    assert response.status_code == 413
    assert response.json()["detail"] == "文件太大，最多 1 MB。"
    assert staged(shared) == before
    half = client.post(UPLOADS, params={"name": "半.html"}, content=b"".join(pieces[:10]))
    assert half.status_code == 201
    assert half.json()["report"]["questions"]
    assert client.post("/v1/ask", content=b"".join(pieces[:10])).status_code == 413
    assert client.patch(f"{UPLOADS}/{'0' * 16}", content=b"".join(pieces[:10])).status_code == 413


def test_only_admins_come_near(tmp_path: Path, index_dir: Path, encoder: Encoder, page: Path) -> None:
    with office(tmp_path, index_dir, encoder, policy=Policy(local=False)) as running:
        soon = datetime.now(UTC) + timedelta(days=1)
        _, reader = running.kept.keys.create("读者", Standing.READER, soon)
        _, admin = running.kept.keys.create("管理员", Standing.ADMIN, soon)
        calls = [
            ("POST", UPLOADS),
            ("GET", UPLOADS),
            *((method, f"{UPLOADS}/{'0' * 16}") for method in ("GET", "PATCH", "DELETE")),
            ("POST", f"{UPLOADS}/{'0' * 16}/confirm"),
            ("GET", f"{UPLOADS}/{'0' * 16}/records"),
            ("GET", f"{UPLOADS}/{'0' * 16}/page/1.png"),
            ("POST", "/v1/plans/bj-green-2026/retire"),
            ("POST", "/v1/plans/bj-green-2026/restore"),
            ("GET", "/v1/plans/bj-green-2026/original"),
        ]
        with running.client() as nobody, running.client({"Authorization": f"Bearer {reader}"}) as client:
            for method, path in calls:
                assert nobody.request(method, path, content=b"x").status_code == 401, (method, path)
                assert client.request(method, path, content=b"x").status_code == 403, (method, path)
        with running.client({"Authorization": f"Bearer {admin}"}) as client:
            assert sent(client, page)["complete"]


def test_where_the_index_cannot_be_built_nothing_is_added(
    tmp_path: Path, index_dir: Path, encoder: Encoder, page: Path
) -> None:
    real = plans_in(tmp_path, index_dir)
    broken = Plans(BUNDLED, real.library, _refused)
    with office(tmp_path, index_dir, encoder, plans=broken) as running, running.client() as client:
        upload = f"{UPLOADS}/{sent(client, page)['token']}"
        held = client.get("/v1/plans").json()
        for path in (f"{upload}/confirm", "/v1/plans/bj-green-2026/retire"):
            response = client.post(path)
            assert (response.status_code, response.json()["detail"]) == (503, "磁盘满了。")
        assert client.get("/v1/plans").json() == held
        assert running.library.register() == Register()
        assert not list((running.library.folder / "files").glob("*"))
        assert client.get(upload).json()["complete"]


def test_uploads_outlive_a_restart_and_are_swept_after_a_day(
    client: httpx.Client, shared: Office, page: Path
) -> None:
    token = sent(client, page)["token"]
    other = Staging(PlanDesk(_plans(shared), 50, Serving(_never)).staging.folder)
    assert token in [upload.token for upload in other.every()]
    os.utime(other.folder / token, (time.time() - KEEP_S - 60,) * 2)
    assert sent(client, page)["token"] != token
    assert client.get(f"{UPLOADS}/{token}").status_code == 404


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("../../etc/计划.docx", "计划.docx"),
        ("C:\\桌面\\计划.docx", "计划.docx"),
        (".\u202e计划\x00.docx", "计划.docx"),
        ("", "未命名文件"),
        ("..", "未命名文件"),
        ("extract.json", "原件-extract.json"),
    ],
)
def test_a_file_s_name_is_no_path(said: str, kept: str) -> None:
    assert file_name(said) == kept
    assert len(file_name("长" * 300 + ".docx").encode()) <= 200
    assert file_name("长" * 300 + ".docx").endswith(".docx")
