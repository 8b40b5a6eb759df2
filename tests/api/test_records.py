"""Looking things up over HTTP: search, lists, departments, plans."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from api.answering import Answering
from api.directory import directory
from api.problems import handle_problems
from api.record_schemas import DepartmentsOut, ListOut, PlanOut, PlansOut, SearchOut
from api.routes import records
from api.serving import LOADING, NotReadyError
from corpus.types import Passage, Role
from index.filters import DueWindow, Filters
from index.folder import OpenIndex
from rag.engine import Engine
from rag.listing import row
from tests.api.serving import PATIENCE_S, served

Params = list[tuple[str, str]]
MEASURES = ("measure",)
ENDPOINTS = ["/v1/search?q=水", "/v1/measures", "/v1/departments", "/v1/plans"]


def app(answering: Answering) -> FastAPI:
    made = FastAPI()
    handle_problems(made)
    records.add(made, answering)
    return made


@pytest.fixture(scope="module")
def desk(engine: Engine) -> Iterator[httpx.Client]:
    with (
        served(app(Answering(lambda: engine))) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE_S) as client,
    ):
        yield client


def got(desk: httpx.Client, address: str, params: Params | None = None) -> dict[str, Any]:
    response = desk.get(address, params=params)
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def test_a_search_gives_what_the_engine_finds(desk: httpx.Client, engine: Engine) -> None:
    answer = got(desk, "/v1/search", [("q", "海绵城市达标面积"), ("top", "7")])
    assert answer == {"id": "", "hits": [hit.as_json() for hit in engine.search("海绵城市达标面积", 7)]}
    assert len(SearchOut.model_validate(answer).hits) == 7


def test_a_search_is_narrowed_before_it_is_ranked(desk: httpx.Client, engine: Engine) -> None:
    params = [("q", "河湖水系治理"), ("district", "怀柔"), ("department", "水务局"), ("role", "牵头")]
    more = [("text", "河"), ("deadline", "年底前"), ("top", "200")]
    filters = Filters(
        districts=("怀柔区",),
        departments=engine.bodies.resolve("水务局"),
        roles=(Role.LEAD,),
        texts=("河",),
        due=(DueWindow.read("年底前", 2026),),  # type: ignore[arg-type]
        kinds=MEASURES,
    )
    found = {hit["id"] for hit in got(desk, "/v1/search", [*params, *more])["hits"]}
    assert found == {record.id for record in engine.store.scan(filters)} != set()


def test_a_search_without_conditions_finds_passages_too(desk: httpx.Client) -> None:
    hits = got(desk, "/v1/search", [("q", "十四五时期森林覆盖率"), ("top", "5")])["hits"]
    assert "bj-eco-145" in {hit["plan"] for hit in hits}


@pytest.mark.parametrize(
    ("params", "filters"),
    [
        ([], {}),
        ([("plan", "延庆指标")], {"plans": ("yq-indicators-2026",), "kinds": ()}),
        ([("plan", "hr-green-2026"), ("plan", "市绿色低碳")],
         {"plans": ("hr-green-2026", "bj-green-2026"), "kinds": ()}),
        ([("plan", "bj-eco-145")], {"plans": ("bj-eco-145",), "kinds": ()}),
        ([("district", "延庆")], {"districts": ("延庆区",)}),
        ([("district", "市"), ("district", "怀柔区")], {"districts": ("", "怀柔区")}),
        ([("department", "延庆区水务局")], {"departments": ("延庆区水务局",)}),
        ([("department", "延庆区水务局"), ("role", "牵头/主责")],
         {"departments": ("延庆区水务局",), "roles": (Role.LEAD_RESPONSIBLE,)}),
        ([("role", "assisting"), ("text", "公园"), ("text", "绿")],
         {"roles": (Role.ASSISTING,), "texts": ("公园", "绿")}),
        ([("deadline", "6月底前")], {"due": (DueWindow.read("6月底前", 2026),)}),
        ([("deadline", "2026-05")], {"due": (DueWindow(date(2026, 5, 1), date(2026, 5, 31)),)}),
        ([("level", "区级")], {"districts": ("延庆区", "怀柔区")}),
        ([("level", "市"), ("district", "市"), ("district", "延庆")], {"districts": ("",)}),
        ([("status", "征求意见稿"), ("level", "区")],
         {"districts": ("延庆区", "怀柔区"), "statuses": ("draft",)}),
        ([("department", "延庆区水务局"), ("role", "牵头"), ("together", "延庆区生态环境局")],
         {"departments": ("延庆区水务局",), "roles": (Role.LEAD,),
          "both": (Filters(departments=("延庆区生态环境局",)),)}),
        ([("id", "bj-eco-145/3.1.1/2"), ("id", "hr-green-2026/11/1")],
         {"ids": ("bj-eco-145/3.1.1/2", "hr-green-2026/11/1"), "kinds": ()}),
    ],
)  # fmt: skip
def test_a_list_is_all_that_meets_the_conditions_in_print_order(
    desk: httpx.Client, engine: Engine, params: Params, filters: dict[str, Any]
) -> None:
    wanted = engine.store.scan(Filters(**{"kinds": MEASURES, **filters}))
    page = got(desk, "/v1/measures", [*params, ("limit", "500")])
    store = engine.store
    assert page["items"] == [row(r, store.plans[r.plan], store.label(r.id)) for r in wanted][:500] != []
    assert (page["total"], page["limit"], page["offset"]) == (len(wanted), 500, 0)
    ListOut.model_validate(page)


@pytest.mark.parametrize(
    "params",
    [
        [("level", "市"), ("district", "延庆")],
        [("together", "北京市水务局"), ("together", "延庆区水务局"), ("together", "怀柔区水务局")],
        [("deadline", "未写明")],
        [("plan", "市绿色低碳"), ("status", "draft")],
    ],
)
def test_conditions_that_nothing_meets_list_nothing(desk: httpx.Client, params: Params) -> None:
    assert got(desk, "/v1/measures", params)["total"] == 0


def test_what_states_no_deadline_can_be_listed_beside_a_date(desk: httpx.Client, engine: Engine) -> None:
    plan = ("plan", "bj-eco-145")
    silent = got(desk, "/v1/measures", [plan, ("deadline", "未写明"), ("limit", "500")])
    assert silent["total"] > 0 and not any(item["due"] for item in silent["items"])
    dated = got(desk, "/v1/measures", [plan, ("deadline", "2035-12-31")])["total"]
    both = got(desk, "/v1/measures", [plan, ("deadline", "未写明"), ("deadline", "2035-12-31")])["total"]
    assert both == silent["total"] + dated


def test_a_list_can_be_sorted(desk: httpx.Client, engine: Engine) -> None:
    def items(sort: str) -> list[dict[str, Any]]:
        page: list[dict[str, Any]] = got(desk, "/v1/measures", [("sort", sort), ("limit", "500")])["items"]
        return page

    def ends(item: dict[str, Any]) -> list[str]:
        return [due["to"] for due in item["due"] if due["to"]]

    printed = [item["id"] for item in items("")]
    for sort, backwards in (("deadline", False), ("-deadline", True)):
        listed = items(sort)
        last = [max(ends(item), default="") for item in listed]
        dated = [day for day in last if day]
        assert last == dated + [""] * (len(last) - len(dated))  # what has no date comes last either way
        assert dated == sorted(dated, reverse=backwards)
        same = [item["id"] for item in listed if max(ends(item), default="") == "2026-12-31"]
        assert same == [record_id for record_id in printed if record_id in set(same)]  # stable
    assert [item["number"] for item in items("number")] == sorted(item["number"] for item in items(""))
    plans = list(engine.store.plans)
    assert [plans.index(item["plan"]) for item in items("-plan")] == sorted(
        (plans.index(item["plan"]) for item in items("")), reverse=True
    )
    leading = [item["roles"]["lead"] + item["roles"]["lead_responsible"] for item in items("department")]
    assert leading[0][0] == "城市副中心党工委管委会" and leading[-1][0] == "区住房城乡建设委"


def test_the_pages_of_a_list_follow_one_another(desk: httpx.Client, engine: Engine) -> None:
    address: str | None = "/v1/measures?" + urlencode({"district": "延庆", "text": "水", "limit": 40})
    ids, pages = [], 0
    while address:
        response = desk.get(address)
        ids += [item["id"] for item in response.json()["items"]]
        address = response.links.get("next", {}).get("url")
        pages += 1
    wanted = Filters(districts=("延庆区",), texts=("水",), kinds=MEASURES)
    assert ids == [record.id for record in engine.store.scan(wanted)]
    assert pages == -(-len(ids) // 40) > 1


def test_behind_the_last_there_is_nothing(desk: httpx.Client) -> None:
    response = desk.get("/v1/measures", params={"plan": "延庆指标", "offset": "1000"})
    page = response.json()
    assert page["items"] == [] and page["total"] > 0
    assert "link" not in response.headers


@pytest.mark.parametrize(
    ("record_id", "status"),
    [("hr-green-2026/11/1", 200), ("bj-eco-145/3.1.1/2", 200), ("hr-green-2026/99/1", 404)],
)
def test_one_record_is_shown_by_its_id(
    desk: httpx.Client, engine: Engine, record_id: str, status: int
) -> None:
    response = desk.get(f"/v1/measures/{record_id}")
    assert response.status_code == status
    if status == 200:
        (record,) = engine.store.get([record_id])
        assert response.json() == row(record, engine.store.plans[record.plan], engine.store.label(record_id))
    else:
        assert response.json()["detail"] == f"没有编号为 {record_id} 的措施或段落。"


@pytest.mark.parametrize("address", ENDPOINTS)
def test_a_misspelt_parameter_is_refused(desk: httpx.Client, address: str) -> None:
    response = desk.get(address + ("&" if "?" in address else "?") + "departments=水务局")
    assert response.status_code == 422
    assert response.json()["detail"] == "不认识参数 departments。"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/v1/search", "缺少参数 q。"),
        ("/v1/search?q=", "问题是空的"),
        ("/v1/search?q=水&top=0", "top 不能小于 1"),
        ("/v1/search?q=水&top=201", "top 不能大于 200"),
        ("/v1/search?q=" + "水" * 2001, "最多 2000 字"),
        ("/v1/search?q=水&plan=x", "没有计划“x”。现有：bj-green-2026（市绿色低碳）"),
        ("/v1/measures?limit=0", "limit 不能小于 1"),
        ("/v1/measures?limit=501", "limit 不能大于 500"),
        ("/v1/measures?offset=-1", "offset 不能小于 0"),
        ("/v1/measures?limit=x", "limit 应是整数"),
        ("/v1/measures?district=上海", "不认识“上海”。可用：市、"),
        ("/v1/measures?department=延庆水务处", "没有部门“延庆水务处”。相近的有：延庆区水务局"),
        ("/v1/measures?role=x", "没有角色“x”。可用：lead"),
        ("/v1/measures?deadline=改天", "看不懂时限“改天”"),
        ("/v1/measures?deadline=2026-02-30", "不是有效的日期"),
        ("/v1/measures?deadline=2026-13", "不是有效的月份"),
        ("/v1/measures?sort=size", "不能按“size”排序"),
        ("/v1/measures?level=x", "没有级别“x”。可用：市、区。"),
        ("/v1/search?q=水&status=x", "没有状态“x”。可用：final（正式）、draft（征求意见稿）。"),
        ("/v1/measures?" + "&".join(["text=水"] * 21), "text 太多，最多 20 项"),
        ("/v1/measures?text=" + "水" * 201, "text.0 太长，最多 200 字"),
        ("/v1/departments?district=上海", "不认识“上海”"),
        ("/v1/departments?limit=0", "limit 不能小于 1"),
    ],
)
def test_what_cannot_be_looked_up_is_422_and_says_what_can(
    desk: httpx.Client, address: str, said: str
) -> None:
    response = desk.get(address)
    assert response.status_code == 422
    assert said in response.json()["detail"]


def test_the_most_conditions_that_are_let_in_can_be_met(desk: httpx.Client) -> None:
    many = [
        (name, value)
        for name, value in (("text", "水"), ("deadline", "年底前"), ("role", "牵头"))
        for _ in range(20)
    ]
    assert got(desk, "/v1/measures", many)["total"] > 0


def test_departments_are_counted_as_a_scan_counts_them(desk: httpx.Client, engine: Engine) -> None:
    page = got(desk, "/v1/departments", [("limit", "500")])
    DepartmentsOut.model_validate(page)
    assert page["total"] == len(page["items"]) == len(engine.store.departments)
    for body in page["items"]:
        held = engine.store.scan(Filters(departments=(body["name"],)))
        assert body["measures"] == len(held)
        for role in (Role.ASSISTING, Role.LEAD_RESPONSIBLE):
            assert body["roles"][role] == len(
                engine.store.scan(Filters(departments=(body["name"],), roles=(role,)))
            )
        printed = {
            d.printed
            for r in held
            if not isinstance(r, Passage)
            for d in r.duties
            if d.department == body["name"]
        }
        assert set(body["printed"]) == printed


def test_the_roles_of_one_department_add_up(desk: httpx.Client, engine: Engine) -> None:
    (body,) = got(desk, "/v1/departments", [("q", "延庆区水务局")])["items"]
    leads = engine.store.scan(Filters(departments=("延庆区水务局",), roles=(Role.LEAD,)))
    assert body["roles"]["lead"] + body["roles"]["lead_responsible"] == len(leads)
    assert body["printed"] == ["区水务局"] and body["district"] == "延庆区" and not body["collective"]


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ([("q", "环保局")], ["北京市生态环境局", "延庆区生态环境局", "怀柔区生态环境局"]),
        ([("q", "市水务局")], ["北京市水务局"]),
        ([("q", "水务"), ("district", "延庆"), ("district", "市")], ["北京市水务局", "延庆区水务局"]),
        ([("q", "市规划和自然资源委员会怀柔分局")], ["北京市规划和自然资源委员会怀柔分局"]),
        ([("q", "消防总队")], []),
        ([("q", " ")], []),
    ],
)  # fmt: skip
def test_a_department_is_found_by_any_name_for_it(
    desk: httpx.Client, params: Params, names: list[str]
) -> None:
    assert [body["name"] for body in got(desk, "/v1/departments", params)["items"]] == names


def test_departments_come_in_pages(desk: httpx.Client) -> None:
    first = desk.get("/v1/departments", params={"district": "怀柔", "limit": "3"})
    second = desk.get(first.links["next"]["url"])
    whole = got(desk, "/v1/departments", [("district", "怀柔"), ("limit", "500")])["items"]
    assert first.json()["items"] + second.json()["items"] == whole[:6]
    assert {body["district"] for body in whole} == {"怀柔区"}


def test_plans_say_what_stands_in_them(desk: httpx.Client, engine: Engine) -> None:
    plans = PlansOut.model_validate(got(desk, "/v1/plans")).items
    assert [plan.id for plan in plans] == list(engine.store.plans)
    assert (sum(plan.measures for plan in plans), sum(plan.passages for plan in plans)) == (454, 170)
    assert plans[-1] == PlanOut(
        id="bj-eco-145",
        short="十四五规划",
        title=engine.store.plans["bj-eco-145"].title,
        level="市",
        district="",
        year=2021,
        years=[2021, 2025],
        status="final",
        superseded_by="",
        retired=False,
        in_force=True,
        file="bj-eco-145.txt",
        measures=0,
        passages=170,
    )
    assert {plan.district for plan in plans if plan.status == "draft"} == {"延庆区"}


def test_a_directory_goes_with_its_engine(index: OpenIndex, engine: Engine) -> None:
    assert directory(engine) is directory(engine)
    other = Engine(index)
    counted = weakref.ref(directory(other))
    assert counted() not in (None, directory(engine))
    del other
    gc.collect()
    assert counted() is None


def test_without_an_engine_everything_is_503() -> None:
    def none() -> Engine:
        raise NotReadyError(LOADING)

    with served(app(Answering(none))) as url:
        for address in (*ENDPOINTS, "/v1/measures/x"):
            response = httpx.get(url + address, trust_env=False)
            assert (response.status_code, response.json()["detail"]) == (503, LOADING)


@pytest.mark.parametrize("kind", [SearchOut, ListOut, DepartmentsOut, PlansOut])
def test_the_documented_examples_are_documents_of_their_kind(kind: type[BaseModel]) -> None:
    (example,) = kind.model_config["json_schema_extra"]["examples"]  # type: ignore[index, call-overload]
    kind.model_validate(example)


def test_every_endpoint_is_documented_with_examples(desk: httpx.Client) -> None:
    document = got(desk, "/openapi.json")
    paths = document["paths"]
    assert len(paths) == 5
    assert all(p["schema"]["examples"] for path in paths.values() for p in path["get"].get("parameters", []))
    assert "Link" in paths["/v1/measures"]["get"]["responses"]["200"]["headers"]
    assert {"SearchOut", "ListOut", "DepartmentsOut", "PlansOut"} <= set(document["components"]["schemas"])
