"""Environment variables that the backend gets in a cluster or from a platform, beside those of its image and of compose files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.containers import own_containers
from backend_readiness.controls.deployed.startup import Setting
from backend_readiness.rules.signs import signs
from backend_readiness.snapshot.places import is_for_development, is_production

_PLATFORMS = signs("workload_settings", "platforms")
_LINE = re.compile(r"^\s*(?:-\s*)?(?:\w+\.)?[\"']?([A-Z][A-Z0-9_]{2,60})[\"']?\s*[:=]\s*[\"']?([^\"'#\n]{1,200}?)[\"']?\s*$")
_KEY = re.compile(r"^\s*-?\s*key:\s*[\"']?([A-Z][A-Z0-9_]{2,60})")
_VALUE = re.compile(r"^\s*value:\s*[\"']?([^\"'#\n]{1,200}?)[\"']?\s*$")
MAX_LINES = 400


def settings_of_workloads(context: Context) -> tuple[Setting, ...]:
    """What manifests of the backend's containers and files of platforms set, as far as they write the values down."""
    return (*_of_containers(context), *_of_platforms(context))


def _of_containers(context: Context) -> Iterator[Setting]:
    for manifest, container in own_containers(context):
        given = container.get("env")
        for item in given.each() if given is not None else ():
            name, value = item.get("name"), item.get("value")
            if name is not None and value is not None:
                yield Setting(name=name.text, value=value.text, file=manifest.path, line=value.line)


def _of_platforms(context: Context) -> Iterator[Setting]:
    for path in context.snapshot.glob(*_PLATFORMS):
        if is_for_development(path) or not is_production(path):
            continue
        lines = context.snapshot.lines(path)[:MAX_LINES]
        for number, line in enumerate(lines, 1):
            plain, key = _LINE.match(line[:300]), _KEY.match(line[:300])
            if plain is not None:
                yield Setting(name=plain.group(1), value=plain.group(2), file=path, line=number)
            elif key is not None and number < len(lines) and (value := _VALUE.match(lines[number][:300])) is not None:
                yield Setting(name=key.group(1), value=value.group(1), file=path, line=number + 1)
