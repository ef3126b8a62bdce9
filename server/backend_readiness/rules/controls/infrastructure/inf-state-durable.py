"""State of the flow on a local disk or in the memory of one process, and databases whose data a deployment loses."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.databases import databases, is_fallback, volume_for
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.memory import Memory
from backend_readiness.controls.startup import backend_services, commands, is_for_development, shipped_services
from backend_readiness.model import Evidence

_DATABASE = {"orm", "sql", "nosql"}
_IMAGES = re.compile(
    r"(?i)(?:^|/)(?:postgres|postgis|mysql|mariadb|mongo|mongodb|timescaledb|percona|mssql|cockroach)"
    r"(?:-(?:ha|server|sharded|community-server|debian|alpine))?(?=[:@]|$)"
)
_RESETS = re.compile(
    r"\b(?:db[:_-]?reset|reset[:_-]?db|migrate:(?:fresh|reset|refresh)|db:drop|drop[_-]?db|--force-reset|flush\s+--no-?input)\b"
)
_REBUILT = re.compile(
    r"(?i)cache|memo|session|token|user|limit|seen|lock|listener|socket|client|connection|registry|handler|metric|config|schema|route|logger"
)

_COUNTERS = re.compile(r"(?i)count|hits|bucket|window|attempt|limit|throttl")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not found.")
    stored = [link for e, link in context.effects if e.kind in _DATABASE]
    lost = _database_lost(context) if stored else None
    if lost is not None:
        return lost
    files = [(e, link) for e, link in context.effects if e.kind == "file" and e.operation in ("write", "delete")]
    if files:
        place = context.at_place(files[0][1])
        volume = _any_volume(context)
        if volume is not None:
            return unverified("The flow writes files; whether the declared volume holds them was not found out.", place, volume)
        return failed("The flow writes files to the local disk, and the deployment declares no volume.", place)
    for use in Memory(context).uses:
        made = use.collection
        if use.changes and _REBUILT.search(made.name) is None and stored:
            return failed(
                f"`{made.name}` keeps state of the flow in the memory of one process.",
                context.at(made.file, made.line),
                context.at(use.file, use.line),
            )
    counted = next(
        (u for u in Memory(context).of_guards if u.changes and _COUNTERS.search(f"{u.collection.name} {u.file}") is not None), None
    )
    if counted is not None and not _shares(context, counted.file):
        made = counted.collection
        why = f"`{made.name}` counts in the memory of one process; a restart or a second instance starts anew."
        return failed(why, context.at(made.file, made.line), context.at(counted.file, counted.line))
    background = context.chain_role("background_task")
    if background:
        return partial("Work of the flow waits in the process; a restart loses it.", context.at_call(background[0]))
    kept = next((link for e, link in context.effects if e.kind in ("storage", "queue")), None)
    if kept is not None:
        return passed("Files and jobs of the flow go to shared storage or a queue.", context.at_place(kept))
    if stored:
        found = databases(context)
        if found.files and not found.selected and volume_for(context, found.files[0])[0] is None:
            hit = found.files[0]
            return unverified("A file is among the databases that the configuration names.", context.at(hit.file, hit.line))
        kept_at = _kept_database(context)
        if kept_at is not None:
            return passed("The state of the flow is in a database whose data a volume keeps.", context.at_place(stored[0]), kept_at)
    return not_applicable("The flow leaves no state outside of its records.", context.at_route())


def _database_lost(context: Context) -> Judgement | None:
    for command in commands(context):
        if _RESETS.search(command.text) is not None:
            return failed(
                "The start command drops the data and seeds it again.",
                context.at(command.file, command.line, min(command.end_line, command.line + 4)),
            )
    found = databases(context)
    if found.memory and not (found.servers or found.files or found.selected):
        hit = found.memory[0]
        return failed("The database is in the memory of the process; a restart loses what the flow keeps.", context.at(hit.file, hit.line))
    if found.files and not found.servers and not found.selected:
        hit = found.files[0]
        volume, open_question = volume_for(context, hit)
        if volume is None and not open_question and not (is_fallback(hit) and found.drivers):
            services = [context.at(s.path, s.entry.line) for s in backend_services(context)[:1]]
            return failed("The database is a file of the container, and no volume keeps it.", context.at(hit.file, hit.line), *services)
    for service in shipped_services(context):
        if _IMAGES.search(service.image) is not None and not is_for_development(service.path) and service.get("volumes") is None:
            return failed(f"The database container `{service.name}` has no volume.", context.at(service.path, service.entry.line))
    return None


def _any_volume(context: Context) -> Evidence | None:
    for service in backend_services(context):
        volumes = service.get("volumes")
        if volumes is not None:
            return context.at(service.path, volumes.line)
    for manifest in context.deployment.manifests:
        if manifest.kind == "PersistentVolumeClaim":
            return context.at(manifest.path, manifest.entry.line)
    return None


def _kept_database(context: Context) -> Evidence | None:
    for service in shipped_services(context):
        volumes = service.get("volumes")
        if _IMAGES.search(service.image) is not None and volumes is not None:
            return context.at(service.path, volumes.line)
    return None


def _shares(context: Context, file: str) -> bool:
    """Does the file also speak to a shared store, of which the collection is the fallback?"""
    return any(re.search(r"(?i)redis|memcache|database|sqlalchemy|mongo", m) is not None for m in context.graph.facts.files[file].modules)
