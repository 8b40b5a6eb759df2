"""GET /v1/measures/{id}: one record in full."""

import httpx
import pytest

from api.schemas import MeasureOut, PassageOut
from corpus.types import Passage
from rag.engine import Engine
from rag.listing import row


@pytest.mark.parametrize(
    ("record_id", "label"),
    [
        ("bj-green-2026/13/1", "〔市绿色低碳·第13项〕"),
        ("yq-indicators-2026/1/1", "〔延庆指标·第1项〕"),
        ("bj-eco-145/3.1.1/2", "〔十四五规划·三(一)1第2段〕"),
    ],
)
def test_a_record_is_the_row_that_a_list_shows(
    client: httpx.Client, engine: Engine, record_id: str, label: str
) -> None:
    response = client.get(f"/v1/measures/{record_id}")
    assert response.status_code == 200
    (record,) = engine.store.get([record_id])
    assert response.json() == row(record, engine.store.plans[record.plan], label)


def test_every_record_fits_the_documented_model(engine: Engine) -> None:
    for record in engine.store.get(engine.store.ids):
        model = PassageOut if isinstance(record, Passage) else MeasureOut
        model.model_validate(row(record, engine.store.plans[record.plan], engine.store.label(record.id)))


@pytest.mark.parametrize("record_id", ["", "bj-green-2026/13/99", "%00", "../../etc/passwd", "字" * 500])
def test_an_unknown_id_is_404_in_chinese(client: httpx.Client, record_id: str) -> None:
    response = client.get(f"/v1/measures/{record_id}")
    assert response.status_code == 404
    assert response.json()["detail"].endswith("。")
