"""Values that what ships gives to the settings from which signing keys are read: images, compose files, objects of a cluster, defaults."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.startup import settings
from backend_readiness.controls.deployed.workloads import own_manifests
from backend_readiness.controls.places import is_production
from backend_readiness.controls.protection.secrets import Origin, Source, is_refused
from backend_readiness.model import Evidence
from backend_readiness.snapshot.places import is_for_development

MIN_KEY = 8  # characters
_KEY = re.compile(r"(?i)^(?=.*(jwt|token|session|auth|sign))(?=.*(secret|key))(?!.*(public|expir|name|path|file|url|_id$)).*$")
_STANDS_IN = re.compile(r"(?i)^$|\$|<|\{\{|^#|^(your|change|replace|xxx|insert|placeholder|example)|^[./]|/run/secrets")
_TEXT = re.compile(r"[\"'`]([\w.:-]{3,80})[\"'`]")


def written_for_keys(context: Context, named: Collection[str]) -> Evidence | None:
    """Where the deployment that ships writes out the value of a setting which the code hands to what signs."""
    for name, value, at in (*_of_containers(context), *_of_cluster(context)):
        if (name in named or (_KEY.match(name) and _is_read(context, name))) and _is_value(context, value):
            return at
    return None


def set_default(context: Context, found: list[Source]) -> Evidence | None:
    """The line that gives the setting of a key a default: `viper.SetDefault("jwt.secret", "opensesame")`."""
    for source in found:
        if source.origin is not Origin.CONFIGURED or source.at is None or source.at.file is None or source.at.line is None:
            continue
        for name in _TEXT.findall(context.snapshot.lines(source.at.file)[source.at.line - 1][:500])[:4]:
            pattern = rf"(?i)\bset_?default\w*\(\s*[\"'`]{re.escape(name)}[\"'`]\s*,\s*[\"'`]([^\"'`]+)[\"'`]"
            for file, number, text in context.hits((pattern,))[:3]:
                match = re.search(pattern, text)
                if match is not None and _is_value(context, match.group(1)):
                    return context.at(file, number)
    return None


def _is_value(context: Context, text: str) -> bool:
    value = text.strip("\"'")
    return len(value) >= MIN_KEY and _STANDS_IN.search(value) is None and not is_refused(context, value)


def _of_containers(context: Context) -> Iterator[tuple[str, str, Evidence]]:
    for setting in settings(context):
        if not is_for_development(setting.file):
            yield setting.name, setting.value, context.at(setting.file, setting.line)


def _of_cluster(context: Context) -> Iterator[tuple[str, str, Evidence]]:
    """Names and values of maps of settings, and of the variables that containers are given."""
    for manifest in own_manifests(context):
        if not is_production(manifest.path) or is_for_development(manifest.path):
            continue
        if manifest.kind in ("ConfigMap", "Secret"):
            for key in ("data", "stringData")[manifest.kind == "Secret" :]:
                held = manifest.entry.get(key)
                for name, value in held.items() if held is not None else ():
                    yield name, value.text, context.at(manifest.path, value.line)
            continue
        for key, listed in manifest.entry.walk():
            for item in listed.each() if key == "env" else ():
                name_entry, value_entry = item.get("name"), item.get("value")
                if name_entry is not None and value_entry is not None:
                    yield name_entry.text, value_entry.text, context.at(manifest.path, value_entry.line)


def _is_read(context: Context, name: str) -> bool:
    return context.is_found((rf"\b{re.escape(name)}\b",))
