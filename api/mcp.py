"""The MCP server: the tools of `api.mcp_tools` over standard input and output, or at /mcp of the application.

Importing this costs 0.3 s, so only what serves does. It stands on the package's low-level server: the
comfortable one passes over arguments that it does not know, and says errors in English.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from threading import Event
from typing import Any

import anyio
import anyio.to_thread
import mcp_types as types
from fastapi import FastAPI, HTTPException
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.answering import Answering
from api.mcp_tools import INSTRUCTIONS, TOOLS, Given, Tool
from api.problems import INTERNAL, invalid, told
from api.records import UnknownRecordError
from api.serving import NotReadyError
from index.errors import IndexFolderError
from rag.errors import QuestionError
from rag.options import ConditionError

log = logging.getLogger("wence.api")
PATH = "/mcp"
# Their messages are Chinese sentences for whoever asks.
_TOLD = (QuestionError, ConditionError, UnknownRecordError, NotReadyError, IndexFolderError)
_READ_ONLY = types.ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


def make_server(answering: Answering, version: str) -> Server[Any]:
    """A server with the tools over `answering`; it keeps nothing between calls."""
    tools = {tool.name: tool for tool in TOOLS}
    listed = [_listed(tool) for tool in TOOLS]
    schemas = {tool.name: tool.input_schema for tool in listed}

    async def list_tools(
        context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=listed)

    async def call_tool(
        context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        tool = tools.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"没有工具 {params.name[:60]}。可用：{'、'.join(tools)}。")
        try:
            given = await _worked(tool, answering, params.arguments or {})
        except ValidationError as error:
            return _failed(_wrong(error))
        except _TOLD as error:
            return _failed(told(error))
        except Exception:
            log.exception("tool %s broke", tool.name)
            return _failed(INTERNAL)
        return types.CallToolResult(content=[_text(given.text)], structured_content=given.document)

    return Server(
        "wence",
        title="问策",
        version=version,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        get_tool_input_schema=schemas.get,
    )


async def _worked(tool: Tool, answering: Answering, given: dict[str, Any]) -> Given:
    """Do it in a thread; when the caller takes the call back, a model that writes is told to stop."""
    arguments = tool.arguments.model_validate(given)
    gone = Event()
    try:
        work = partial(tool.work, answering, arguments, gone)
        return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
    finally:
        gone.set()


def _listed(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.arguments.model_json_schema(),
        output_schema=tool.result,
        annotations=_READ_ONLY,
    )


def _wrong(error: ValidationError) -> str:
    """What is wrong with the arguments, in the words of the API's own bad requests."""
    return invalid([{**wrong, "loc": ("body", *wrong["loc"])} for wrong in error.errors()])


def _failed(sentence: str) -> types.CallToolResult:
    return types.CallToolResult(content=[_text(sentence)], is_error=True)


def _text(text: str) -> types.TextContent:
    return types.TextContent(type="text", text=text)


async def serve_stdio(answering: Answering, version: str) -> None:
    """Serve one client over standard input and output, until it closes them."""
    server = make_server(answering, version)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


class Mounted:
    """The tools at /mcp of an application, over HTTP; they are served while `running`.

    No session is kept and every answer is one JSON document, so that any of several processes can
    give it.
    """

    def __init__(self, server: Server[Any]) -> None:
        self._server = server
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """What must be open while the application serves: enter it in its lifespan."""
        self._manager = StreamableHTTPSessionManager(
            self._server,
            json_response=True,
            stateless=True,
            # The gate in front of the application checks Host and Origin for all of it.
            security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        async with self._manager.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; without sessions there is nothing to listen to (GET) or to end (DELETE)."""
        if scope["method"] != "POST":
            raise HTTPException(405, "这里只接受 POST：MCP 不设会话。", {"Allow": "POST"})
        if self._manager is None:
            raise NotReadyError("MCP 尚未启动。")
        await self._manager.handle_request(scope, receive, send)


def mount(app: FastAPI, answering: Answering, version: str) -> Mounted:
    """Put the tools at exactly /mcp of `app`, behind the routes that it has; see `Mounted.running`."""
    mounted = Mounted(make_server(answering, version))
    app.router.routes.append(Route(PATH, mounted, include_in_schema=False))
    return mounted
