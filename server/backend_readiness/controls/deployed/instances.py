"""How many processes of the backend the shipped deployment runs side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.startup import backend_services, commands, settings
from backend_readiness.controls.deployed.workloads import scalers, workloads
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_WORKERS = re.compile(r"(?:--workers[ =]|--web-workers[ =]|\s-w[ =]?|\s-i[ =]|--processes[ =])\s*[\"']?(\$\{?\w+[^\s\"']*|max|auto|-?\d+)")
_SERVER = re.compile(sign("instances", "server"))
_SCALED = ("Deployment", "StatefulSet", "ReplicaSet", "Rollout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A declared number of instances or workers; 0 when it is set but not a number (`$WORKERS`, `max`)."""

    kind: str  # replicas | workers | autoscaled
    number: int
    evidence: Evidence

    @property
    def several(self) -> bool:
        return self.number != 1


def counts(context: Context) -> list[Count]:
    """What the deployment says about instances of the backend: replicas, workers of the start command, autoscalers."""
    found: list[Count] = []
    services = backend_services(context)
    for service in services:
        ports = service.get("ports") is not None or service.get("expose") is not None
        if not ports and any(s.get("ports") is not None for s in services):
            continue  # another service of the backend is the one that clients reach
        replicas = service.get("deploy", "replicas") or service.get("scale")
        if replicas is not None and (ports or len(services) == 1 or _number(replicas.text) != 1):
            found.append(
                Count(kind="replicas", number=_number(replicas.text), evidence=context.at(service.path, replicas.line, replicas.line))
            )
    for manifest in workloads(context):
        if manifest.kind in _SCALED and (entry := manifest.entry.get("spec", "replicas")) is not None:
            found.append(Count(kind="replicas", number=_number(entry.text), evidence=context.at(manifest.path, entry.line)))
    for manifest in scalers(context):
        least = manifest.entry.get("spec", "minReplicas") or manifest.entry.get("spec", "minReplicaCount")
        line = least.line if least is not None else manifest.entry.line
        found.append(Count(kind="autoscaled", number=_number(least.text) if least else 0, evidence=context.at(manifest.path, line)))
    for path in context.snapshot.glob("fly.toml", "**/fly.toml"):
        for number, text in enumerate(context.snapshot.lines(path), 1):
            if (match := re.match(r"\s*min_machines_running\s*=\s*(\d+)", text)) is not None:
                found.append(Count(kind="replicas", number=int(match.group(1)), evidence=context.at(path, number)))
    for path, number, text in context.hits((r"^\s*(desired_count|min_instance_count|min_instances|instance_count)\s*=",), ("**/*.tf",)):
        found.append(Count(kind="replicas", number=_number(text.partition("=")[2].strip()), evidence=context.at(path, number)))
    for command in commands(context):
        match = _WORKERS.search(command.text)
        if match is not None and _SERVER.search(command.text) is not None:
            found.append(
                Count(kind="workers", number=_number(match.group(1)), evidence=context.at(command.file, command.line, command.end_line))
            )
    for setting in settings(context):
        if setting.name == "WEB_CONCURRENCY":
            found.append(Count(kind="workers", number=_number(setting.value), evidence=context.at(setting.file, setting.line)))
    return found


def several(context: Context) -> Count | None:
    """The first declaration by which more than one process serves requests."""
    return next((c for c in counts(context) if c.several), None)


def _number(text: str) -> int:
    match = re.search(r"\d+", text)
    return int(match.group()) if match is not None and not text.startswith("-") else 0
