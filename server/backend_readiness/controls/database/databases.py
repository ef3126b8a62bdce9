"""Which database the shipped configuration selects: a server, a file, or memory."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import place_of, states
from backend_readiness.controls.deployed.layered import is_replaced_below
from backend_readiness.controls.deployed.startup import Setting, backend_images, backend_services, settings
from backend_readiness.controls.places import is_production
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import signs
from backend_readiness.snapshot.places import is_for_development

_SERVERS = r"postgres(?:ql)?|mysql2?|mariadb|mongodb|mssql|sqlserver|oracle|cockroachdb"
SERVER = signs("databases", "server")
FILE = signs("databases", "file")
MEMORY = (
    r"(?i)\bsqlite(?:\+\w+)?://(?:/:memory:|['\"]\s*(?:[,);]|$))",
    r"""['"]:memory:['"]""",
    r"file::memory:|mode=memory|(?i)(?:data ?source|filename)\s*=\s*:memory:",
    r"(?i)\bjdbc:(?:h2:mem|hsqldb:mem|derby:memory|sqlite::memory)|\br2dbc:h2:mem",
    r"\.UseInMemoryDatabase\(|Connection::open_in_memory\(|<jdbc:embedded-database\b|\bnew EmbeddedDatabaseBuilder\(",
    r"\bMongoMemoryServer\b|mongodb-memory-server|\bpg-mem\b|\bmongomock\.",
)
_CONFIG = (
    "**/.env*", "**/*.env", "**/*.prisma", "**/*.toml", "**/*.ini", "**/*.cfg", "**/*.yml", "**/*.yaml", "**/*config*.json",
    "**/*.properties", "**/Dockerfile*", "**/fly.toml", "**/appsettings*.json", "**/*.conf", "**/*.hocon", "**/*.xml", "**/*.exs",
)  # fmt: skip
_DRIVERS = frozenset(signs("databases", "drivers"))
_EMBEDDED = frozenset(signs("databases", "embedded"))
# A pipeline brings up a database for the tests.
_PIPELINE = re.compile("|".join(signs("databases", "pipelines")))
# What is opened is in a variable: beside a database in memory it says nothing of a file.
_GIVEN = re.compile(r"\(\s*[A-Za-z_]\w*\s*[),]")
_FALLBACK = re.compile(r"(?i)\bor\b|\|\||\?\?|\bget(?:env)?\(|default|\benv\b|process\.env|:-")
_OPENED = re.compile(r"(?<![\w.])(\w+)\.connect\(")
_COMPOSED = ("compose.yml", "compose.yaml")  # what the folder is named after counts as well
_ASIDE = re.compile(r"(?i)\b(dev|develop(?:ment)?|test|tests|testing|local)\b|TEST|DEV_")
# Addresses and the names of databases in memory: they say nothing of when the line holds.
_NAMED = re.compile(r"://\S+|\b(?:jdbc|sqlite):\S+|InMemoryDatabase\([^)]*\)")


# The settings of one profile: `application-postgres.properties`, `appsettings.Development.json`.
_PROFILE = re.compile(r"(?:^|/)application-([\w-]+)\.(?:properties|ya?ml)$|(?:^|/)appsettings\.(\w+)\.json$")


@dataclass(frozen=True, slots=True)
class Hit:
    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """What configuration and code of the backend name, in the order of files. `selected`: what the shipped deployment sets."""

    servers: tuple[Hit, ...]
    files: tuple[Hit, ...]
    memory: tuple[Hit, ...]
    selected: tuple[Setting, ...]
    drivers: tuple[str, ...]
    embedded: tuple[str, ...]


def indexes_foreign_keys(context: Context) -> bool:
    """Is the one database that the application names MySQL or MariaDB, which index every foreign key?"""
    found = databases(context)
    named = [*(h.text for h in found.servers), *(s.value for s in found.selected), *found.drivers]
    return bool(named) and not found.files and all(re.search(r"(?i)mysql|mariadb|trilogy|myxql", n) is not None for n in named)


def databases(context: Context) -> Databases:
    """Lines that select a database; those for tests and development alone are left out."""
    sources = (*context.source_globs, *_CONFIG)
    ships = [s for s in settings(context) if re.search("|".join(SERVER[:1]), s.value) is not None]
    known = {d.lower() for d in context.dependencies()}
    memory = _hits(context, MEMORY, sources)
    inside = {h.file for h in memory}
    opened = _opened_by_itself(context, bool(known & _DRIVERS)) if not memory else None
    memory = (opened,) if opened is not None else memory
    files = tuple(h for h in _hits(context, FILE, sources) if h.file not in inside or _GIVEN.search(h.text) is None)
    deployed = {s.path for s in backend_services(context)}  # what the deployment sets stands before what the source falls back on
    files = tuple(sorted((h for h in files if not _is_of_another(context, h)), key=lambda h: h.file not in deployed))
    servers = _hits(context, SERVER, sources)
    if not (memory or files or servers or ships or known & _DRIVERS):  # the settings of development are the only ones
        memory = _hits(context, MEMORY, sources, aside=True)
    return Databases(
        servers=servers,
        files=files,
        memory=memory,
        selected=tuple(ships),
        drivers=tuple(sorted(known & _DRIVERS)),
        embedded=tuple(sorted(known & _EMBEDDED)),
    )


def opened_by_itself(context: Context) -> Evidence | None:
    """The line that brings the embedded database which the framework opens, and fills with tables, because no address is given."""
    known = {d.lower() for d in context.dependencies()}
    hit = _opened_by_itself(context, bool(known & _DRIVERS))
    return context.at(hit.file, hit.line) if hit is not None else None


def _is_of_another(context: Context, hit: Hit) -> bool:
    """Does the line open a file by a driver (`sqlite3.connect(...)`) that none of the flow's data calls goes through?"""
    opened = _OPENED.search(hit.text)
    roots = {re.split(r"[.(]", e.path)[0] for e, _ in context.effects if e.kind in ("orm", "sql", "nosql", "query")}
    return opened is not None and bool(roots) and opened.group(1) not in roots and not any(r.startswith(("?", "~")) or not r for r in roots)


def _opened_by_itself(context: Context, driven: bool) -> Hit | None:
    """The embedded database that the framework opens in memory where no address is given: the line of the manifest that brings it.

    An address in the settings of a profile that nothing selects is none. `driven`: the driver of a server is there too; then the
    repository must show that its address is that of such a profile.
    """
    rule = states(context, "embedded_database")
    given = context.hits(rule.when, rule.paths) if rule is not None else []
    given = [h for h in given if is_production(h[0])]
    if any(_is_active(context, file) for file, _, _ in given) or (driven and not given):
        return None
    place = place_of(context, rule) if rule is not None else None
    if place is None or place.file is None or place.line is None:
        return None
    lines = context.snapshot.lines(place.file)
    rest = "\n".join(lines[place.line - 1 : place.line + 5]).partition("</dependency>")[0]
    return None if "<scope>test" in rest else Hit(place.file, place.line, lines[place.line - 1])


def _hits(context: Context, patterns: tuple[str, ...], paths: tuple[str, ...], *, aside: bool = False) -> tuple[Hit, ...]:
    """`aside`: also lines that say they are for development, in files that ship."""
    found = []
    for file, line, text in context.hits(patterns, paths):
        if _PIPELINE.search(file) is not None or "example" in file.lower() or not _is_active(context, file):
            continue
        if text.lstrip().startswith("|") or is_replaced_below(context.snapshot.lines(file), file, line):
            continue  # a row of a table in prose; what production says otherwise
        if (
            is_selected(context, file)
            or (aside and is_production(file))
            or not (
                (is_for_development(file if file.endswith(_COMPOSED) else file.rpartition("/")[2]) and not file.endswith(".env"))
                or stands_aside(context, file, line)
            )
        ):
            found.append(Hit(file, line, text))
    return tuple(found)


def _is_active(context: Context, file: str) -> bool:
    """Is the file one that ships: not the settings of a profile that nothing selects?"""
    profile = _PROFILE.search(file)
    if profile is None:
        return True
    name = profile.group(1) or profile.group(2)
    if re.search(r"(?i)^(?:prod|production|docker|cloud|k8s|kubernetes)$", name) is not None:
        return True
    return is_selected(context, file)


def is_selected(context: Context, file: str) -> bool:
    """Does a setting that ships choose the profile whose settings the file holds, be it one for development?"""
    profile = _PROFILE.search(file)
    if profile is None:
        return False
    name = profile.group(1) or profile.group(2)
    chosen = context.hits((r"spring[._]profiles[._](?:active|include)", r"SPRING_PROFILES_ACTIVE", r"^\s+active:\s*\S"), _CONFIG)
    return any(re.search(rf"\b{re.escape(name)}\b", t) is not None for f, _, t in chosen if _PROFILE.search(f) is None)


def stands_aside(context: Context, file: str, line: int) -> bool:
    """Does the line, or the block around it, say that it is for tests or development?"""
    lines = context.snapshot.lines(file)
    text = lines[line - 1]
    if _ASIDE.search(_NAMED.sub("", text)) is not None:
        return True
    indent = len(text) - len(text.lstrip())
    for number in range(line - 2, max(-1, line - 60), -1):
        above = lines[number]
        depth = len(above) - len(above.lstrip())
        if above.strip() and depth < indent:
            if _ASIDE.search(above) is not None and "else" not in above:
                return True
            indent = depth
            if not indent:
                break
    return False


def chosen_by(context: Context, hit: Hit) -> tuple[bool | None, Evidence | None]:
    """(what the shipped settings say to the `if` that the line stands under, its place); (None, None) where that was not found."""
    lines = context.snapshot.lines(hit.file)
    for number in range(hit.line, max(0, hit.line - 5), -1):
        text = lines[number - 1]
        if re.search(r"\b(?:if|unless|when|elif|else if)\b|\?\s", text) is None:
            continue
        against = re.search(r"!\s*\w|\bnot\b|\bunless\b|== ?false", text) is not None
        for name in re.findall(r"[\"'](?:[\w.]+[:.])?(\w{4,})[\"']|\b(\w*(?:[mM]emory|MEMORY)\w*)\b", text):
            word = next(n for n in name if n)
            for file, line, said in context.hits((rf"(?i)\b{re.escape(word)}\b[\"']?\s*[:=]\s*[\"']?(?:true|false)\b",), _CONFIG):
                if not is_for_development(file) and _is_active(context, file):
                    return (re.search(r"(?i)true", said) is not None) != against, context.at(file, line)
        return None, None
    return None, None


def is_fallback(hit: Hit) -> bool:
    """Is the line a default that a setting may replace?"""
    return _FALLBACK.search(hit.text) is not None


def volume_for(context: Context, hit: Hit) -> tuple[Evidence | None, bool]:
    """(the volume that keeps the file of the line, whether another volume leaves it open)."""
    path = re.search(
        r"(?:sqlite(?:\+\w+)?:///|connect\(\s*['\"]|Database\(\s*['\"]|storage['\"]?\s*[:=]\s*['\"]|url\s*=\s*['\"]file:)([^'\"\s?)]+)",
        hit.text,
    )
    wanted = path.group(1) if path else ""
    workdir = next((i.text.strip() for image in backend_images(context) for i in reversed(image.final_stage) if i.name == "WORKDIR"), "")
    full = wanted if wanted.startswith("/") else f"{workdir.rstrip('/')}/{wanted.removeprefix('./')}" if wanted else ""
    other = False
    for service in backend_services(context):
        volumes = service.get("volumes")
        for item in volumes.each() if volumes is not None else ():
            target = (item.get("target") or item).text.split(":")
            mount = (target[1] if len(target) > 1 else target[0]).rstrip("/")
            if full and mount and (full == mount or full.startswith(f"{mount}/")):
                return context.at(service.path, item.line), False
            other = other or not full
    for image in backend_images(context):
        for instruction in image.final_stage:
            if (
                instruction.name == "VOLUME"
                and full
                and any(full.startswith(v.strip('[]", ')) for v in instruction.text.split() if v.strip('[]", '))
            ):
                return context.at(image.path, instruction.line), False
    for manifest in context.deployment.manifests:
        for key, entry in manifest.entry.walk():
            if key == "mountPath" and full.startswith(entry.text.rstrip("/") + "/"):
                return context.at(manifest.path, entry.line), False
    for file in context.snapshot.glob("**/config/deploy.y*ml"):
        said = context.snapshot.lines(file)[:2_000]
        for number, line in enumerate(said, 1):
            mounted = re.match(r"\s*-\s*['\"]?[\w./-]+:(/[\w./-]+)", line)
            if mounted is not None:
                other = True
                inside = rf"(?i):\s*['\"]?{re.escape(mounted.group(1).rstrip('/'))}/\S*(sqlite|\.db\b)"
                if full.startswith(mounted.group(1).rstrip("/") + "/") or any(re.search(inside, t) for t in said):
                    return context.at(file, number), False
    for file in context.snapshot.glob("**/fly.toml"):
        for number, line in enumerate(context.snapshot.lines(file), 1):
            if "destination" in line and full and any(full.startswith(p + "/") for p in re.findall(r"['\"](/[^'\"]+)['\"]", line)):
                return context.at(file, number), False
    return None, other
