"""Reads the configuration file. It is part of the audited repository: bounded, never followed out of it, and nothing in it is run."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from backend_readiness.errors import UnusableInput
from backend_readiness.snapshot.content import read_regular

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    from backend_readiness.configuration.model import Configuration

FILE_NAME = ".backend-readiness.toml"
MAX_BYTES = 256 * 1024


def read(root: Path) -> tuple[Configuration, str]:
    """(the configuration of the repository at `root`, the text of its file); the defaults and "" without a file.

    Errors: `UnusableInput` naming the key that is wrong and the nearest one.
    """
    from backend_readiness.configuration.model import Configuration

    path = os.path.join(os.fspath(root), FILE_NAME)
    if not os.path.lexists(path):
        return Configuration(), ""
    try:
        data = read_regular(path, MAX_BYTES)
    except OSError as error:
        raise UnusableInput(f"{FILE_NAME} cannot be read ({(error.strerror or 'no regular file').lower()})") from error
    if len(data) > MAX_BYTES:
        raise UnusableInput(f"{FILE_NAME} is larger than {MAX_BYTES // 1024} KiB")
    text = data.decode("utf-8", "replace")
    return parse(text), text


def parse(text: str) -> Configuration:
    """Errors: `UnusableInput`."""
    from pydantic import ValidationError

    from backend_readiness.configuration.model import Configuration

    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UnusableInput(f"{FILE_NAME} is not TOML: {str(error)[:200]}") from error
    try:
        return Configuration.model_validate(raw)
    except ValidationError as error:
        raise UnusableInput(f"{FILE_NAME}: {_explained(error)}") from error


def _explained(error: ValidationError) -> str:
    first = error.errors()[0]
    at = ".".join(str(step) for step in first["loc"])
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(first["loc"][-1]), _keys_at(first["loc"][:-1]), 1, 0.4)
        known = f"did you mean {near[0]}?" if near else f"there are {', '.join(_keys_at(first['loc'][:-1]))}"
        return f"unknown key {at}; {known}"
    return f"{at or 'the file'}: {first['msg'].removeprefix('Value error, ')}"


def _keys_at(way: Iterable[int | str]) -> list[str]:
    from backend_readiness.configuration import model

    tables: dict[str, type[BaseModel]] = {
        "flows": model.DeclaredFlow,
        "attestations": model.Attestation,
        "accepted_risks": model.AcceptedRisk,
        "links": model.DeclaredLink,
    }
    named: type[BaseModel] = next((tables[str(step)] for step in way if str(step) in tables), model.Configuration)
    return [field.alias or name for name, field in named.model_fields.items()]
