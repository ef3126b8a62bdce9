"""The report as other programs read it: canonical JSON, indented by two."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_readiness.report.schema import Report

FORMAT = "json"
SUFFIX = ".json"


def render(report: Report, *, width: int | None = None, color: bool = False) -> str:
    """Keys in the order of the interface; the same report gives the same bytes. ASCII only, so no text can act."""
    return json.dumps(report.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=True, allow_nan=False) + "\n"
