"""schemathesis over the OpenAPI document: whatever it sends, no server error, and what is documented."""

from __future__ import annotations

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS, load_all_checks

load_all_checks()
# A question of signs alone fits the schema and is refused all the same; the rest must hold.
CHECKED = [CHECKS.get_one(name) for name in CHECKS.get_all_names() if name != "positive_data_acceptance"]


OPERATIONS = [
    ("/v1/ask", "POST"),
    ("/v1/chat/completions", "POST"),
    ("/v1/models", "GET"),
    ("/v1/models/{model}", "GET"),
    ("/v1/search", "GET"),
    ("/v1/measures", "GET"),
    ("/v1/measures.xlsx", "GET"),
    ("/v1/measures.xlsx", "POST"),
    ("/v1/measures.csv", "GET"),
    ("/v1/measures.csv", "POST"),
    ("/v1/measures/{record_id}", "GET"),
    ("/v1/departments", "GET"),
    ("/v1/plans", "GET"),
    ("/v1/plans/uploads", "POST"),
    ("/v1/plans/uploads", "GET"),
    ("/v1/plans/uploads/confirm", "POST"),
    ("/v1/plans/uploads/{token}", "GET"),
    ("/v1/plans/uploads/{token}", "PATCH"),
    ("/v1/plans/uploads/{token}", "DELETE"),
    ("/v1/plans/uploads/{token}/confirm", "POST"),
    ("/v1/plans/uploads/{token}/records", "GET"),
    ("/v1/plans/uploads/{token}/around", "GET"),
    ("/v1/plans/uploads/{token}/page/{number}.png", "GET"),
    ("/v1/plans/{plan}/retire", "POST"),
    ("/v1/plans/{plan}/restore", "POST"),
    ("/v1/plans/{plan}/original", "GET"),
    ("/v1/feedback", "POST"),
    ("/v1/feedback", "GET"),
    ("/v1/feedback/{number}", "DELETE"),
    ("/metrics", "GET"),
    ("/healthz", "GET"),
    ("/readyz", "GET"),
]


@pytest.fixture(scope="module")
def document(kept_address: str) -> schemathesis.BaseSchema:
    """The OpenAPI document of a service that keeps state, as it serves it."""
    return schemathesis.openapi.from_url(f"{kept_address}/openapi.json")


@pytest.mark.parametrize("mode", schemathesis.GenerationMode)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_nothing_that_is_sent_breaks_an_endpoint(
    document: schemathesis.BaseSchema, path: str, method: str, mode: schemathesis.GenerationMode
) -> None:
    cases = document[path][method].as_strategy(generation_mode=mode)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(cases)
    def send(case: schemathesis.Case) -> None:
        response = case.call()
        if response.status_code not in (400, 413):  # too long an address, too large a body: no matter what
            case.validate_response(response, checks=CHECKED)

    try:
        send()
    except Unsatisfiable:  # nothing about it can be wrong: it takes no parameter
        assert mode is schemathesis.GenerationMode.NEGATIVE


def test_every_endpoint_is_documented(kept_address: str) -> None:
    paths = httpx.get(f"{kept_address}/openapi.json", trust_env=False).json()["paths"]
    assert {(path, method.upper()) for path in paths for method in paths[path]} == set(OPERATIONS)
    for path, operations in paths.items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            if path.startswith("/v1/"):
                assert {"401", "413", "429"} <= set(operation["responses"]), (method, path)
