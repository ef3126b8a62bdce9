"""Reading a report that was written earlier; it may have been altered, so nothing of it is trusted."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import ValidationError

from backend_readiness.errors import InvalidReport
from backend_readiness.report.schema import Report

MAX_BYTES = 64 * 1024 * 1024


def parse(report_json: bytes | str) -> dict[str, object]:
    """The JSON object. Errors: `InvalidReport` when it is too large, no JSON, no object, or names a key twice."""
    if len(report_json) > MAX_BYTES:
        raise InvalidReport(f"The report is larger than {MAX_BYTES // 2**20} MiB.")
    try:
        value = json.loads(report_json, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise InvalidReport("The report is no JSON: it is nested too deeply.") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise InvalidReport(f"The report is no JSON: {error}.") from None
    if not isinstance(value, dict):
        raise InvalidReport("The report is no JSON object.")
    return value


def model_of(value: Mapping[str, object]) -> Report:
    """The JSON object as a model; a number written as text does not fit. Errors: pydantic's `ValidationError`."""
    return Report.model_validate_json(json.dumps(value), strict=True)


def load(report_json: bytes | str | Mapping[str, object]) -> Report:
    """The report as a model. Errors: `InvalidReport` with the first thing that does not fit the schema."""
    value = report_json if isinstance(report_json, Mapping) else parse(report_json)
    try:
        return model_of(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "report"
        raise InvalidReport(f"The report does not fit the schema at {where}: {first['msg']}.") from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object names a key twice")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a JSON number")
