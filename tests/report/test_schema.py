from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError
from tests.report.folder_source import CHAIN, login_app, login_report

from backend_readiness.report import canonical
from backend_readiness.report.chains import trace_out
from backend_readiness.report.load import load
from backend_readiness.report.schema import Report, schema_json

PUBLISHED = Path(__file__).parents[2] / "references" / "report.schema.json"


def test_the_published_schema_is_that_of_the_models(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        PUBLISHED.write_text(schema_json(), encoding="utf-8")
    assert PUBLISHED.read_text(encoding="utf-8") == schema_json()


def test_a_report_fits_the_published_schema() -> None:
    schema = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(canonical.plain(login_report()))


def test_the_schema_is_closed_everywhere() -> None:
    schema = json.loads(schema_json())
    objects = [schema, *(item for item in schema["$defs"].values() if item.get("type") == "object")]
    assert len(objects) > 10
    assert all(item["additionalProperties"] is False for item in objects)


def test_the_report_has_the_keys_of_the_interface() -> None:
    plain = canonical.plain(login_report())
    assert plain["schema"] == "backend-readiness/report/1"
    interface = {"tool", "engine", "repository", "flow", "chains", "layers", "controls", "findings", "score", "checklist"}
    assert interface <= set(plain)


def test_the_trace_has_the_keys_of_the_interface() -> None:
    plain = canonical.plain(trace_out("text", "user signs in", [CHAIN], login_app()))
    assert (plain["schema"], plain["start"]) == ("backend-readiness/trace/1", {"kind": "text", "value": "user signs in"})
    chain = plain["chains"][0]  # type: ignore[index]
    names = {"stage", "status", "file", "line", "end_line", "symbol", "parent", "operation", "target", "why"}
    assert names <= set(chain["links"][0])
    assert chain["endpoint"] == {"method": "POST", "path": "/api/login"}
    assert chain["gaps"] == [{"stage": "external", "why": "no token service is called"}]


def test_a_report_survives_the_way_through_json() -> None:
    report = login_report()
    assert load(json.dumps(canonical.plain(report))) == report


def test_a_report_is_frozen_and_takes_no_other_key() -> None:
    with pytest.raises(ValidationError):
        login_report().engine = "agent"
    with pytest.raises(ValidationError):
        Report.model_validate({**canonical.plain(login_report()), "more": 1})
