"""State of the flow on a local disk or in the memory of one process, and databases whose data a deployment loses."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import databases, is_fallback, volume_for
from backend_readiness.controls.deployed.deployment import Service
from backend_readiness.controls.deployed.dropped_tables import dropped_at_start
from backend_readiness.controls.deployed.local_store import local_store, undeclared_store
from backend_readiness.controls.deployed.mounted_code import mounts_code
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.deployed.startup import backend_services, commands, image_of, shipped_services
from backend_readiness.controls.deployed.yamlfile import Entry, documents
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.work.later import beside_the_request
from backend_readiness.controls.work.memory import Memory
from backend_readiness.controls.work.writes import texts_of_chain
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.places import is_for_development

_DATABASE = {"orm", "sql", "nosql"}
# `acme/shop-mongodb` is the image of a database too, `wait-for-postgres` is none.
_IMAGES = re.compile(
    r"(?i)(?:^|/)(?:(?!wait|init|migrat|backup|check|setup)[\w.]+-(?:[\w.]+-)*)?(?:postgres|postgis|mysql|mariadb|mongo|mongodb|timescaledb|percona|mssql|cockroach)"
    r"(?:-(?:ha|server|sharded|community-server|debian|alpine))?(?=[:@]|$)"
)
_RESETS = re.compile(
    r"\b(?:db[:_-]?reset|reset[:_-]?db|migrate:(?:fresh|reset|refresh)|db:drop|drop[_-]?db|--force-reset|flush\s+--no-?input)\b"
)
_REBUILT = re.compile(
    r"(?i)cache|memo|session|token|user|limit|seen|lock|listener|socket|client|connection|registry|handler|metric|config|schema|route|logger"
)

_DATA = (
    ("(?i)postg|timescale", ("/var/lib/postgresql", "/home/postgres/pgdata", "/bitnami/postgresql")),
    ("(?i)mysql|mariadb|percona", ("/var/lib/mysql", "/bitnami/mysql", "/bitnami/mariadb")),
    ("(?i)mongo", ("/data/db", "/bitnami/mongodb")),
)
_MOVED = re.compile(r"PGDATA|data_directory|--datadir|--dbpath|\$\{?\w+\}?:")
_COUNTERS = re.compile(r"(?i)count|hits|bucket|window|attempt|limit|throttl")
_SHARED_STORE = r"(?i)redis|memcache|mongo\w*store|prismastore|storage_?uri|ratelimit_storage|throttlerstorage|\bstore\s*:"
_TEMPORARY = re.compile(r"(?i)te?mp(?![a-z]*late)|/dev/null|stdout|stderr|\bpipe\b|response|\bresp?\b")
_WRITES_FILE = sign("inf-state-durable", "writes_file")
_MAY_WRITE = sign("inf-state-durable", "may_write")
_SHARED = re.compile(sign("inf-state-durable", "shared"))
_FOR_PRODUCTION = re.compile(sign("inf-state-durable", "for_production"))


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
    written = [h for h in texts_of_chain(context, _WRITES_FILE) if not _is_temporary(context, *h)]
    if written:
        at = context.at(*written[0])
        volume = _any_volume(context)
        if volume is not None:
            return unverified("The flow writes files; whether the declared volume holds them was not found out.", at, volume)
        return failed("The flow writes files to the local disk, and the deployment declares no volume.", at)
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
    limiter = context.guard_with_role("rate_limiter")
    if limiter is not None and not any("memory:" not in t for _, _, t in context.hits((_SHARED_STORE,))):
        said = context.hits((r"[\"'](memory|async\+memory)://",))
        at = context.at(*said[0][:2]) if said else context.at_place(limiter.place)
        return partial("The limiter counts in the memory of one process; a restart or a second instance starts anew.", at)
    background = context.chain_role("background_task")
    jobs = setup_of(context, "jobs_kept")
    if background and jobs is not None and jobs.off is None:
        return passed(jobs.rule.says, jobs.at, context.at_call(background[0]))
    if background:
        return partial("Work of the flow waits in the process; a restart loses it.", context.at_call(background[0]))
    put_off = beside_the_request(context)
    if put_off is not None:
        return put_off
    kept = next((link for e, link in context.effects if e.kind in ("storage", "queue")), None)
    inline = setup_of(context, "jobs_inline") if kept is not None else None
    if kept is not None and inline is not None and inline.off is None and all(e.kind != "storage" for e, _ in context.effects):
        why = "The shipped settings run jobs inside of the request; whether what is deployed has a queue was not found out."
        return unverified(why, context.at_place(kept), inline.at)
    local = local_store(context)
    if kept is not None and local is not None and any(e.kind == "storage" for e, _ in context.effects):
        why = "The settings name the local disk as the store of files; whether another is set where it is deployed was not found out."
        return unverified(why, context.at_place(kept), local)
    nowhere = undeclared_store(context) if kept is not None and any(e.kind == "storage" for e, _ in context.effects) else None
    if kept is not None and nowhere is not None:
        why = "Production names a store of files that the committed settings do not declare; where files land was not found out."
        return unverified(why, nowhere, context.at_place(kept))
    if kept is not None:
        return passed("Files and jobs of the flow go to shared storage or a queue.", context.at_place(kept))
    maybe = [h for h in texts_of_chain(context, _MAY_WRITE) if not _is_temporary(context, *h)]
    if maybe:
        return unverified("The flow may leave a file somewhere; where it lies was not found out.", context.at(*maybe[0]))
    if stored:
        found = databases(context)
        if found.files and not found.selected and volume_for(context, found.files[0])[0] is None:
            hit = found.files[0]
            return unverified("A file is among the databases that the configuration names.", context.at(hit.file, hit.line))
        kept_at = _kept_database(context)
        if kept_at is not None:
            return passed("The state of the flow is in a database whose data a volume keeps.", context.at_place(stored[0]), kept_at)
    kept_here = next((u for u in Memory(context).uses if u.changes and _COUNTERS.search(u.collection.name) is None), None)
    if kept_here is not None and not stored:
        made = kept_here.collection
        why = f"`{made.name}` is changed in the memory of one process; whether the flow may lose it was not settled."
        return unverified(why, context.at(made.file, made.line), context.at(kept_here.file, kept_here.line))
    return not_applicable("The flow leaves no state outside of its records.", context.at_route())


def _is_temporary(context: Context, file: str, line: int) -> bool:
    """Does the line, or one just above it, speak of a file that is thrown away?"""
    return any(_TEMPORARY.search(t) is not None for t in context.snapshot.lines(file)[max(0, line - 4) : line])


def _database_lost(context: Context) -> Judgement | None:
    for command in commands(context):
        if _RESETS.search(command.text) is not None:
            return failed(
                "The start command drops the data and seeds it again.",
                context.at(command.file, command.line, min(command.end_line, command.line + 4)),
            )
    dropped = dropped_at_start(context, "What the flow keeps is lost with them.")
    if dropped is not None:
        return dropped
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
        if _IMAGES.search(image_of(context, service)) is None or is_for_development(service.path):
            continue
        volumes = service.get("volumes")
        workshop = _of_workshop(context, service) if volumes is None else None
        if workshop is not None:
            why = "The compose file mounts the source, and another image is made for production; whether its database ships is open."
            return unverified(why, context.at(service.path, service.entry.line), workshop)
        if volumes is None:
            return failed(f"The database container `{service.name}` has no volume.", context.at(service.path, service.entry.line))
        if _kept_by(context, service) is None and _is_usual(context, service):
            why = f"No volume of the database container `{service.name}` lies where the database keeps its data."
            return failed(why, context.at(service.path, volumes.line), context.at(service.path, service.entry.line))
    return None


def _of_workshop(context: Context, service: Service) -> Evidence | None:
    """The image for production that no compose file builds, where the one of the service runs the mounted source."""
    if not any(s.path == service.path and mounts_code(context, s) for s in context.deployment.compose):
        return None
    images = [d for d in context.deployment.dockerfiles if _FOR_PRODUCTION.search(d.path.rpartition("/")[2]) is not None]
    built = {b.text for s in context.deployment.compose if (b := s.get("build", "dockerfile")) is not None}
    other = next((d for d in images if d.path not in built and d.path.rpartition("/")[2] not in built), None)
    return context.at(other.path, 1) if other is not None else None


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
        if _IMAGES.search(image_of(context, service)) is None or volumes is None:
            continue
        kept = _kept_by(context, service)
        if kept is not None or not _is_usual(context, service):
            return kept or context.at(service.path, volumes.line)
    return None


def _kept_by(context: Context, service: Service) -> Evidence | None:
    """The volume that lies where the image of the database keeps its data."""
    folders = _told_folder(service) or next((f for name, f in _DATA if re.search(name, image_of(context, service)) is not None), ())
    volumes = service.get("volumes")
    for item in volumes.each() if volumes is not None else ():
        if _is_in_memory(context, service, item):
            continue
        target = item.get("target")
        parts = [p for p in item.text.split(":") if p.startswith("/")]
        mount = (target.text if target is not None else parts[-1] if parts else "").rstrip("/")
        if not folders or any(mount == f or mount.startswith(f"{f}/") or f.startswith(f"{mount}/") for f in folders if mount):
            return context.at(service.path, item.line)
    return None


def _is_in_memory(context: Context, service: Service, item: Entry) -> bool:
    """Is the mount one of memory, or a volume that the compose file declares as one (`driver_opts: {type: tmpfs}`)?"""
    kind, source = item.get("type"), item.get("source")
    if kind is not None and kind.text == "tmpfs":
        return True
    name = source.text if source is not None else item.text.partition(":")[0]
    declared = (d.get("volumes", name, "driver_opts", "type") for d in documents(context.snapshot.text(service.path)))
    return any(d is not None and d.text == "tmpfs" for d in declared)


def _told_folder(service: Service) -> tuple[str, ...]:
    """The folder that the compose file tells the database to keep its data in."""
    environment = service.get("environment")
    told = [(n, v.text) for n, v in environment.items()] if environment is not None else []
    told += (
        [(i.text.partition("=")[0].strip(), i.text.partition("=")[2].strip()) for i in environment.each()]
        if environment is not None
        else []
    )
    return tuple(v.rstrip("/") for n, v in told if n == "PGDATA" and v.startswith("/") and "$" not in v)


def _is_usual(context: Context, service: Service) -> bool:
    """Does nothing tell the database to keep its data elsewhere, and is the image one whose folder is known?"""
    if not any(re.search(name, image_of(context, service)) is not None for name, _ in _DATA):
        return False
    if _told_folder(service):
        return True
    lines = context.snapshot.lines(service.path)[service.entry.line - 1 : max(service.entry.line, service.entry.end_line)]
    moved = any(_MOVED.search(t) is not None for t in lines)
    return not moved and not context.absences.all_hits((r"\bPGDATA\b",), ("**/.env*", "**/*.env", "**/Dockerfile*"))


def _shares(context: Context, file: str) -> bool:
    """Does the file also speak to a shared store, of which the collection is the fallback?"""
    return any(_SHARED.search(m) is not None for m in context.graph.facts.files[file].modules)
