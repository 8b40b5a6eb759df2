"""Where a Milvus is, and who asks: read, and never shown."""

from __future__ import annotations

import pytest

from index.errors import EngineUnreachableError, IndexFolderError
from index.milvus.address import Address
from index.milvus.connection import Server


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("http://db:19530", Address("http://db:19530")),
        ("https://db/policy?alias=plans", Address("https://db", "plans", "policy")),
        ("http://root:s%40crt@db:19530", Address("http://db:19530", token="root:s@crt")),
        ("http://akey@[::1]:19530", Address("http://[::1]:19530", token="akey")),
        ("/data/plans.db?alias=plans", Address("/data/plans.db", "plans")),
    ],
)
def test_an_address_is_read(given: str, expected: Address) -> None:
    read = Address.read(given)
    assert read == expected
    assert not read.token or read.token not in repr(read)


def test_a_token_of_its_own_goes_before_the_one_in_the_address() -> None:
    assert Address.read("http://root:old@db:19530", "new").token == "new"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "db:19530",
        "ftp://root:secret@db",
        "http://root:secret@db:x",
        "http://db?alias=",
        "http://db?as=wence",
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(given: str) -> None:
    with pytest.raises(IndexFolderError, match="milvus:http://主机:19530") as refused:
        Address.read(given)
    assert "secret" not in str(refused.value)


def test_a_server_that_is_not_there_is_named_without_its_token() -> None:
    server = Server(Address.read("http://root:secret@127.0.0.1:9"), timeout_s=1.0)
    with pytest.raises(EngineUnreachableError, match=r"127\.0\.0\.1:9）没有应答") as away:
        server.call("list_collections")
    assert "secret" not in str(away.value)
