"""POST /v1/ask: how the question was read, and the table of a comparison."""

from typing import Any

import httpx
import pytest

from api.schemas import AnswerOut, TableOut

COMPARISON = "海绵城市达标面积比例，市里和怀柔各是多少？"


def ask(client: httpx.Client, question: str, **more: object) -> dict[str, Any]:
    response = client.post("/v1/ask", json={"question": question, **more})
    assert response.status_code == 200
    AnswerOut.model_validate(response.json(), strict=False)
    answer: dict[str, Any] = response.json()
    return answer


def test_the_reading_comes_when_it_is_asked_for(client: httpx.Client) -> None:
    reading = ask(client, "延庆区水务局牵头的措施有几条？", explain=True)["reading"]
    assert (reading["kind"], reading["districts"], reading["roles"]) == ("count", ["延庆区"], ["牵头"])
    assert reading["departments"] == [{"said": "延庆区水务局", "names": ["延庆区水务局"]}]


@pytest.mark.parametrize("more", [{}, {"explain": False}])
def test_without_explain_there_is_no_reading(client: httpx.Client, more: dict[str, bool]) -> None:
    answer = ask(client, "延庆区森林覆盖率要达到多少？", **more)
    assert answer.keys().isdisjoint({"reading", "understood", "table"})


def test_a_mended_question_is_shown_even_without_explain(client: httpx.Client) -> None:
    plain, explained = (ask(client, "延庆森林复盖率是多少", explain=explain) for explain in (False, True))
    assert plain["question"] == explained["question"] == "延庆森林复盖率是多少"
    assert plain["understood"] == explained["understood"] == "延庆森林覆盖率是多少"
    assert explained["reading"]["corrections"] == [{"said": "复", "meant": "覆"}]
    assert "65.22%" in plain["answer"]


def test_a_follow_up_is_read_with_what_it_takes_along(client: httpx.Client) -> None:
    history = ["延庆建成区海绵城市达标面积比例"]
    reading = ask(client, "那怀柔呢", history=history, explain=True)["reading"]
    assert (reading["districts"], reading["topic"]) == (["怀柔区"], "建成区海绵城市达标面积比例")


def test_a_comparison_has_a_table_of_what_it_cites(client: httpx.Client) -> None:
    answer = ask(client, COMPARISON)
    table = TableOut.model_validate(answer["table"])
    assert table.citations == ["bj-green-2026/13/1", "hr-green-2026/11/1"]
    assert {len(row) for row in table.rows} == {len(table.columns)}
    assert [row[table.columns.index("数字")] for row in table.rows] == ["44%", "44%"]
    labels = {citation["id"]: citation["label"] for citation in answer["citations"]}
    assert [row[-1] for row in table.rows] == [labels[record_id] for record_id in table.citations]


@pytest.mark.parametrize("explain", ["ja", None, [], 7])
def test_explain_is_yes_or_no(client: httpx.Client, explain: object) -> None:
    response = client.post("/v1/ask", json={"question": COMPARISON, "explain": explain})
    assert response.status_code == 422
    assert "字段 explain" in response.json()["detail"]
