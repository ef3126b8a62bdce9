"""Canonical JSON and the digests over it: the same value gives the same bytes everywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from pydantic import BaseModel


def canonical(value: object) -> bytes:
    """`value` (plain JSON values) with sorted keys, no blanks, ASCII only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def digest(value: object) -> str:
    """sha256 of the canonical JSON, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def plain(model: BaseModel) -> dict[str, object]:
    """A model as plain JSON values, with the names of the interface."""
    return model.model_dump(mode="json", by_alias=True)


def integrity(report: Mapping[str, object]) -> str:
    """The digest of a whole report without itself and without what may differ between runs (`run.id`, `run.created_at`)."""
    body = {key: value for key, value in report.items() if key != "integrity"}
    run = body.get("run")
    if isinstance(run, dict):
        body["run"] = {key: value for key, value in run.items() if key not in ("id", "created_at")}
    return digest(body)
