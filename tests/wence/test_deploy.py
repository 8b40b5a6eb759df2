"""What stands in deploy/ fits together, and the program: no container is started here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from sqlalchemy import make_url

from index.engines import Engines
from wence.server import policy
from wence.settings import Settings, read_settings

DEPLOY = Path(__file__).parents[2] / "deploy"
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::([-?])([^}]*))?\}")
_VERSION = re.compile(r"\S+:(RELEASE\.[\dTZ-]+|v?\d+\.\d+(\.\d+)?([-.]\w+)*)")
Services = dict[str, dict[str, Any]]


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def listed(text: str) -> dict[str, str]:
    """NAME=VALUE a line, comments left out."""
    return dict(line.split("=", 1) for line in text.splitlines() if re.match(r"[A-Z_]+=", line))


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file, each variable that has no default filled with its own name."""

    def value(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        return default if kind == "-" else f"the-{name.lower()}"

    return dict(yaml.safe_load(_VARIABLE.sub(value, read("compose.yaml"))))


@pytest.fixture
def settings(compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings that a container of the service reads."""
    service = compose["services"]["wence"]
    for name, value in (listed(read(service["env_file"])) | service["environment"]).items():
        monkeypatch.setenv(name, value)
    return read_settings()


@pytest.mark.parametrize("name", ["compose.yaml", "compose.env", "wence.env", "wence.service", "Dockerfile"])
def test_only_settings_that_exist_are_named(name: str) -> None:
    named = set(re.findall(r"\bWENCE_([A-Z_]+)\b", read(name)))
    assert named <= {field.upper() for field in Settings.model_fields}


def test_images_are_of_fixed_versions(compose: dict[str, Any]) -> None:
    images = [service["image"] for service in compose["services"].values()]
    images += re.findall(r"^FROM (\S+)", read("Dockerfile"), re.MULTILINE)
    assert [image for image in images if not _VERSION.fullmatch(image)] == []


def test_every_service_is_watched_and_one_door_is_open(compose: dict[str, Any]) -> None:
    services: Services = compose["services"]
    once = {name for name, service in services.items() if service["restart"] == "no"}
    assert once == {"build"}
    assert {
        name for name, service in services.items() if not service.get("healthcheck", {}).get("test")
    } == once
    assert {name for name, service in services.items() if "ports" in service} == {"proxy"}
    assert compose["networks"]["back"]["internal"]
    assert {name for name in services if "back" not in services[name]["networks"]} == {"proxy"}


def test_what_is_mounted_and_waited_for_is_there(compose: dict[str, Any]) -> None:
    services: Services = compose["services"]
    mounted = [mount.split(":")[0] for service in services.values() for mount in service["volumes"]]
    named = {name for name in mounted if re.fullmatch(r"[a-z]+", name)}
    assert named == set(compose["volumes"])
    files = [name for name in mounted if name.endswith(".conf")]
    assert len(files) == 2
    assert all((DEPLOY / name).is_file() for name in files)
    assert {name for service in services.values() for name in service.get("depends_on", ())} <= set(services)


def test_what_the_operator_fills_in_is_what_is_asked_for() -> None:
    wanted = {name for name, kind, _ in _VARIABLE.findall(read("compose.yaml")) if kind == "?"}
    assert set(listed(read("compose.env"))) == wanted
    offered = set(re.findall(r"^#([A-Z_]+)=", read("compose.env"), re.MULTILINE))
    assert offered | wanted == {name for name, _, _ in _VARIABLE.findall(read("compose.yaml"))}


def test_hosts_find_the_servers_with_the_passwords_that_these_have(
    settings: Settings, compose: dict[str, Any], tmp_path: Path
) -> None:
    services: Services = compose["services"]
    token = settings.milvus_token.get_secret_value()
    engines = Engines.read(settings.index, settings.store_url, token, tmp_path)
    assert engines.milvus is not None
    assert engines.milvus.uri == "http://milvus:19530"
    milvus, postgres = services["milvus"]["environment"], services["postgres"]["environment"]
    assert engines.milvus.token == f"root:{milvus['COMMON_SECURITY_DEFAULTROOTPASSWORD']}"
    assert milvus["MINIO_SECRET_ACCESS_KEY"] == services["minio"]["environment"]["MINIO_ROOT_PASSWORD"]
    for given in (settings.store_url, settings.state_url):
        url = make_url(given)
        assert (url.host, url.username, url.database) == ("postgres", "wence", "wence")
        assert url.password == postgres["POSTGRES_PASSWORD"]
    assert Path(services["wence"]["volumes"][0].split(":")[1]) in settings.index_dir.parents


def test_the_proxy_is_believed_and_asks_all_hosts(settings: Settings, compose: dict[str, Any]) -> None:
    services: Services = compose["services"]
    assert policy(settings).proxies == (services["proxy"]["networks"]["front"]["ipv4_address"],)
    assert f"server wence:{settings.port} resolve" in read("nginx-many.conf")
    assert f"server 127.0.0.1:{settings.port};" in read("nginx-one.conf")
    assert services["wence"]["deploy"]["replicas"] > 1
    assert settings.workers > 1  # else a page's stream is held by the host that began it
