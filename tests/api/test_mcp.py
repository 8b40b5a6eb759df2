"""The tools of assistants, called by the protocol's own client: over HTTP, over standard input and output."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import CallToolResult, TextContent

from api import records
from api.answering import Answering
from api.mcp import Mounted, make_server, mount
from api.mcp_tools import INSTRUCTIONS, TOOLS
from api.problems import INTERNAL
from api.serving import LOADING, NotReadyError
from index.folder import OpenIndex
from rag.engine import Engine
from rag.options import Options
from rag.writing.model import Limits
from rag.writing.server import OpenAIModel
from rag.writing.writer import ModelWriter
from tests.api.asking import SOMEONE, Entries, part
from tests.api.serving import PATIENCE_S, served
from tests.conftest import LEARNT
from tests.model_server import Say, model_server

FIGURE = "延庆区今年PM2.5目标是多少？"
COMPARE = next(iter(LEARNT))
NAMES = ["ask", "search", "list_measures", "show_measure"]
ERAS = ["auto", "legacy"]  # the protocol without a handshake, and the one with it
HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}


def app(engine: Callable[[], Engine]) -> tuple[FastAPI, Entries]:
    mounted: list[Mounted] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with mounted[0].running():
            yield

    return part(engine, lambda app, answering: mounted.append(mount(app, answering, "1.0")), lifespan)


@pytest.fixture(scope="module")
def served_part(engine: Engine) -> Iterator[tuple[str, Entries]]:
    made, entries = app(lambda: engine)
    with served(made) as url:
        yield f"{url}/mcp", entries


@pytest.fixture(scope="module")
def url(served_part: tuple[str, Entries]) -> str:
    return served_part[0]


def over(server: Any, work: Callable[[Client], Awaitable[Any]], mode: str = "auto") -> Any:
    """What `work` gives with a client of `server`."""

    async def run() -> Any:
        async with Client(server, mode=mode) as client:
            return await work(client)

    return anyio.run(run)


def called(server: Any, name: str, mode: str = "auto", **arguments: Any) -> CallToolResult:
    """What one tool gives; the client holds it against the tool's output schema."""

    async def work(client: Client) -> CallToolResult:
        await client.list_tools()
        return await client.call_tool(name, arguments)

    result: CallToolResult = over(server, work, mode)
    return result


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def timeless(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "timings_ms"}


@pytest.mark.parametrize("mode", ERAS)
def test_the_tools_say_when_to_use_them_and_that_they_only_read(url: str, mode: str) -> None:
    async def work(client: Client) -> Any:
        return client.instructions, client.server_info, (await client.list_tools()).tools

    instructions, server, tools = over(url, work, mode)
    assert instructions == INSTRUCTIONS and "标签须原样保留" in instructions
    assert (server.name, server.title, server.version) == ("wence", "问策", "1.0")
    assert [tool.name for tool in tools] == NAMES == [tool.name for tool in TOOLS]
    for tool in tools:
        assert tool.annotations.read_only_hint and not tool.annotations.destructive_hint
        assert tool.input_schema["additionalProperties"] is False
        assert all(field["description"] for field in tool.input_schema["properties"].values())
        assert tool.output_schema["type"] == "object"
        assert "examples" not in json.dumps(tool.output_schema)


@pytest.mark.parametrize("mode", ERAS)
def test_ask_gives_the_contracts_answer_and_its_text(
    served_part: tuple[str, Entries], engine: Engine, mode: str
) -> None:
    url, entries = served_part
    entries.clear()
    first = "怀柔区海绵城市达标面积比例是多少？"
    result = called(url, "ask", mode, question="谁牵头？", history=[first])
    answer = engine.ask("谁牵头？", [first])
    assert not result.is_error
    assert timeless(result.structured_content) == timeless(answer.as_json())
    assert text(result).startswith(answer.text + "\n\n所引原文：\n〔怀柔绿色低碳·第11项〕")
    assert "（编号 hr-green-2026/11/1）" in text(result)
    (entry,) = entries
    assert (entry.via, entry.question) == ("mcp", "谁牵头？")
    assert (entry.who, entry.request) == (SOMEONE.who, SOMEONE.request)


def test_a_draft_is_marked_and_a_long_list_is_cut_in_the_text_alone(url: str) -> None:
    result = called(url, "ask", question="延庆区生态环境局牵头的措施有哪些？")
    cited = result.structured_content["citations"]
    assert len(cited) > 20
    assert text(result).count("（编号 ") == 20
    assert f"（另有 {len(cited) - 20} 条，见 citations）" in text(result)
    assert "〕（征求意见稿）" in text(result)


def test_what_the_corpus_does_not_hold_is_refused_not_an_error(url: str) -> None:
    result = called(url, "ask", question="上海的无废城市谁负责？")
    assert not result.is_error and result.structured_content["refused"] is True


def test_search_gives_what_the_engine_finds(url: str, engine: Engine) -> None:
    result = called(url, "search", query="海绵城市", top=3, district=["怀柔"], plan=None)
    options = Options(district=["怀柔"])
    assert result.structured_content == records.found(engine, "海绵城市", 3, options)
    assert text(result).startswith("找到 3 条，最切合的在前：\n〔怀柔绿色低碳·第11项〕")


def test_list_gives_a_page_of_all_and_how_to_go_on(url: str, engine: Engine) -> None:
    result = called(url, "list_measures", department=["水务局"], role=["牵头"], limit=2, offset=1)
    options = Options(department=["水务局"], role=["牵头"])
    assert result.structured_content == records.listed(engine, options, 2, 1)
    total = result.structured_content["total"]
    assert text(result).startswith(f"符合条件的共 {total} 条，第 2 至 3 条；其余用 offset=3 再取：\n〔")
    assert "；完成时限：年底前；牵头：" in text(result)
    end = called(url, "list_measures", plan=["延庆指标"], limit=500)
    assert "offset" not in text(end) and "年终目标：" in text(end)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"text": ["没有这样的词"]}, "没有符合条件的措施。"),
        ({"offset": 900}, "符合条件的共 454 条，这一页没有。"),
    ],
)
def test_an_empty_list_says_so(url: str, arguments: dict[str, Any], said: str) -> None:
    result = called(url, "list_measures", **arguments)
    assert (result.is_error, text(result)) == (False, said)


@pytest.mark.parametrize("record_id", ["hr-green-2026/11/1", "yq-indicators-2026/1/1", "bj-eco-145/3.1.1/2"])
def test_show_gives_one_record(url: str, engine: Engine, record_id: str) -> None:
    result = called(url, "show_measure", id=record_id)
    document = records.shown(engine, record_id)
    assert result.structured_content == document
    source = document["source"]
    assert text(result).endswith(f"出处：{source['file']} 第{source['line']}行")
    assert document["text"] in text(result) and document["label"] in text(result)


@pytest.mark.parametrize("department", ["水务局", ["水务局"], '["水务局"]'])
def test_a_list_may_be_written_as_models_write_it(url: str, engine: Engine, department: Any) -> None:
    result = called(url, "list_measures", department=department, role=None)
    assert result.structured_content == records.listed(engine, Options(department=["水务局"]), 50, 0)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("ask", {}, "缺少字段 question。"),
        ("ask", {"question": " "}, "问题是空的，请输入要问的内容。"),
        ("ask", {"question": "字" * 3000}, "问题有 3000 字，最多 2000 字；请只写要问的那件事。"),
        ("search", {"query": "水", "top": 201}, "字段 top 不能大于 200。"),
        ("search", {"query": "水", "plan": ["x"]}, "没有计划“x”。现有：bj-green-2026（市绿色低碳）"),
        ("list_measures", {"departments": ["水务局"]}, "不认识字段 departments。"),
        ("list_measures", {"role": "x"}, "没有角色“x”。"),
        ("list_measures", {"text": [["水"]]}, "字段 text.0 应是文字。"),
        ("show_measure", {"id": "x/1/1"}, "没有编号为 x/1/1 的措施或段落。"),
    ],
)
def test_what_is_wrong_is_a_chinese_sentence_to_the_model(
    url: str, name: str, arguments: dict[str, Any], said: str
) -> None:
    result = called(url, name, **arguments)
    assert result.is_error
    assert text(result).startswith(said)


def test_an_unknown_tool_is_an_error_of_the_protocol(url: str) -> None:
    async def work(client: Client) -> None:
        with pytest.raises(MCPError, match="没有工具 drop。可用：ask、search、list_measures、show_measure。"):
            await client.call_tool("drop", {})

    over(url, work)


def test_before_the_engine_is_there_a_tool_says_so() -> None:
    def none() -> Engine:
        raise NotReadyError(LOADING)

    result = called(make_server(Answering(none), "1.0"), "ask", question=FIGURE)
    assert (result.is_error, text(result)) == (True, LOADING)


def test_a_fault_of_ours_shows_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Engine:
        raise ZeroDivisionError("secret")

    result = called(make_server(Answering(broken), "1.0"), "ask", question=FIGURE)
    assert (result.is_error, text(result)) == (True, INTERNAL)
    assert "tool ask broke" in caplog.text


def test_a_call_that_is_taken_back_ends_the_generation(index: OpenIndex) -> None:
    asked = threading.Event()

    def says(body: dict[str, Any]) -> Say:
        asked.set()
        return Say("延庆", "ping")

    with model_server(says) as model:
        writer = ModelWriter(OpenAIModel("m", model.url, running=1, waiting=0), Limits(60, 60))
        engine = Engine(index, writer=writer)
        gate = writer.model._gate  # type: ignore[attr-defined]

        async def work(client: Client) -> None:
            async with anyio.create_task_group() as calls:
                calls.start_soon(client.call_tool, "ask", {"question": COMPARE})
                assert await anyio.to_thread.run_sync(asked.wait, PATIENCE_S)
                assert gate._inside == 1
                calls.cancel_scope.cancel()
            await anyio.to_thread.run_sync(let_go)

        def let_go() -> None:
            with gate._changed:
                assert gate._changed.wait_for(lambda: gate._inside == 0, PATIENCE_S)

        over(make_server(Answering(lambda: engine), "1.0"), work, "legacy")


def rpc(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def test_one_post_is_answered_by_one_json_document_without_a_session(url: str) -> None:
    """So that any of several processes can answer any request; and the path is exactly /mcp."""
    accept = {"accept": "application/json, text/event-stream"}
    ask = rpc("tools/call", name="ask", arguments={"question": FIGURE})
    for request in (rpc("initialize", **HELLO), ask):
        response = httpx.post(url, json=request, headers=accept, trust_env=False)
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        assert "mcp-session-id" not in response.headers
    assert "26微克/立方米〔延庆指标·第1项〕" in response.json()["result"]["content"][0]["text"]


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_there_is_no_session_to_listen_to_or_to_end(url: str, method: str) -> None:
    response = httpx.request(method, url, headers={"accept": "text/event-stream"}, trust_env=False)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert response.json()["detail"] == "这里只接受 POST：MCP 不设会话。"


def test_an_application_may_be_started_again(engine: Engine) -> None:
    made, _ = app(lambda: engine)
    for _ in range(2):
        with served(made) as url:
            assert text(called(f"{url}/mcp", "ask", question=FIGURE)).startswith(engine.ask(FIGURE).text)


def test_a_process_serves_a_client_over_standard_input_and_output(index_dir: Path, engine: Engine) -> None:
    async def work(client: Client) -> None:
        assert client.instructions == INSTRUCTIONS
        assert [tool.name for tool in (await client.list_tools()).tools] == NAMES
        asked = await client.call_tool("ask", {"question": FIGURE})
        assert timeless(asked.structured_content) == timeless(engine.ask(FIGURE).as_json())
        found = await client.call_tool("search", {"query": "海绵城市", "top": 2})
        assert found.structured_content == records.found(engine, "海绵城市", 2, Options())
        listed = await client.call_tool("list_measures", {"plan": "延庆指标", "limit": 3})
        assert listed.structured_content == records.listed(engine, Options(plan=["延庆指标"]), 3, 0)
        shown = await client.call_tool("show_measure", {"id": "hr-green-2026/11/1"})
        assert shown.structured_content == records.shown(engine, "hr-green-2026/11/1")
        wrong = await client.call_tool("show_measure", {"id": "x"})
        assert (wrong.is_error, text(wrong)) == (True, "没有编号为 x 的措施或段落。")

    environment = {"WENCE_INDEX_DIR": str(index_dir)}
    command = StdioServerParameters(command=sys.executable, args=["-m", "wence", "mcp"], env=environment)
    with Path(os.devnull).open("w") as quiet:
        over(stdio_client(command, errlog=quiet), work)


def process(index_dir: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "wence", "mcp"]
    pipe = subprocess.PIPE
    environment = os.environ | {"WENCE_INDEX_DIR": str(index_dir)}
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment)


def test_nothing_but_the_protocol_is_on_standard_output_and_it_ends_with_its_input(tmp_path: Path) -> None:
    """Though an index is built first, which it tells on standard error, and a tool is called meanwhile."""
    show = rpc("tools/call", name="show_measure", arguments={"id": "hr-green-2026/11/1"})
    calls = [rpc("initialize", **HELLO), {"jsonrpc": "2.0", "method": "notifications/initialized"}, show]
    with process(tmp_path / "index") as running:
        assert running.stdin and running.stdout and running.stderr
        running.stdin.write("".join(json.dumps(call) + "\n" for call in calls))
        running.stdin.flush()
        hello, shown = (json.loads(running.stdout.readline()) for _ in range(2))
        rest, told = running.communicate(timeout=PATIENCE_S)
    assert hello["result"]["serverInfo"]["name"] == "wence"
    assert shown["result"]["structuredContent"]["label"] == "〔怀柔绿色低碳·第11项〕"
    assert (rest, running.returncode) == ("", 0)
    assert "还没有索引，正在建立" in told and "Traceback" not in told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_that_waits_for_input_can_be_stopped(index_dir: Path, number: signal.Signals) -> None:
    with process(index_dir) as running:
        assert running.stdin and running.stdout
        running.stdin.write(json.dumps(rpc("initialize", **HELLO)) + "\n")
        running.stdin.flush()
        running.stdout.readline()
        running.send_signal(number)
        assert running.wait(PATIENCE_S) == -number


def test_a_question_at_the_command_line_does_not_pay_for_the_protocol() -> None:
    code = "import sys, wence.cli, wence.wiring\nprint([m for m in sys.modules if m.split('.')[0] == 'mcp'])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
