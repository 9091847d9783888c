"""The catalogue as linked data: it parses, it has the terms, it says what the catalogue says."""

from __future__ import annotations

import json

import pytest
from exchange_world import SHIPPED, run

from service_catalog.exchange.export_jsonld import duration
from service_catalog.loader import Loader
from service_catalog.model import TimeLimit


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    target = tmp_path_factory.mktemp("jsonld") / "all.jsonld"
    assert run("export", "--to", target, "--catalog", SHIPPED).exit_code == 0
    return json.loads(target.read_text("utf-8"))


def test_every_service_is_a_government_service(document):
    services = {
        node["name"]: node for node in document["@graph"] if "GovernmentService" in node["@type"]
    }
    catalog = Loader(SHIPPED).load()
    assert set(services) == {one.name for one in catalog.services.values()}
    one = catalog.service("id-card-replace")
    node = services[one.name]
    assert "cpsv:PublicService" in node["@type"]
    assert node["cv:hasCompetentAuthority"]["name"] == one.department
    assert [item["dct:title"] for item in node["cpsv:hasInput"]] == [m.name for m in one.materials]
    assert node["cv:hasCost"][0]["cv:currency"] == "CNY"
    assert node["serviceOperator"]["@type"][0] == "GovernmentOrganization"


def test_every_term_has_a_vocabulary(document):
    prefixes = {key for key in document["@context"] if not key.startswith("@")}
    for node in document["@graph"]:
        for key in node:
            assert ":" not in key or key.partition(":")[0] in prefixes


def test_ids_that_are_referred_to_exist(document):
    ids = [node["@id"] for node in document["@graph"]]
    assert len(ids) == len(set(ids))
    for node in document["@graph"]:
        for channel in node.get("availableChannel", ()):
            if "serviceLocation" in channel:
                assert channel["serviceLocation"]["@id"] in ids


@pytest.mark.parametrize(
    ("limit", "said"),
    [({"number": 3, "unit": "个月"}, "P3M"), ({"number": 20}, "20个工作日"), (None, None)],
)
def test_durations(limit, said):
    assert duration(limit and TimeLimit.parse_obj(limit)) == said


def test_another_kind_of_file_is_refused(tmp_path):
    result = run("export", "--to", tmp_path / "all.pdf", "--catalog", SHIPPED)
    assert result.exit_code == 1
    assert ".xlsx 或 .jsonld" in result.output
