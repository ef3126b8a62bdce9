"""Questions about the application as a whole: who plays a role anywhere in it, and where a missing thing would stand."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from backend_readiness.controls.callees import app_place
from backend_readiness.controls.context import Context
from backend_readiness.controls.operations import managed_lines
from backend_readiness.graph.routes.routing import BoundRoute, RouterKey
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence, Place

_JVM = ("pom.xml", "build.gradle", "build.gradle.kts")
_FOR_TESTS = re.compile(r"(?i)test|dev|doc|lint")
_MANIFESTS = {
    "python": ("requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "setup.cfg"),
    "javascript": ("package.json",),
    "go": ("go.mod",),
    "java": _JVM,
    "kotlin": _JVM,
    "php": ("composer.json",),
    "ruby": ("Gemfile",),
    "rust": ("Cargo.toml",),
    "elixir": ("mix.exs",),
}
_HEALTH = frozenset({
    "health", "healthz", "health-check", "health_check", "healthcheck", "health-checker", "healthchecker", "livez", "liveness", "readyz",
    "readiness", "heartbeat", "_health",
})  # fmt: skip
_CHECKS_HEALTH = re.compile(r"(?i)^(get_?)?(health(_?check(er)?)?|healthz|liveness|readiness|heart_?beat)$")  # of a handler
_EXTENSION = re.compile(r"\.(php|aspx?|ashx|jsp|do|json|html?|txt)$")
_AMBIGUOUS = frozenset({"live", "ready", "ping", "status", "up", "alive"})
# What a health endpoint of its own looks at: `/health/db`, `/up/databases`.
_PARTS = frozenset(
    {"db", "database", "databases", "deep", "dependencies", "full", "details", "detailed", "live", "ready", "redis", "startup", "services"}
)
_GENERIC = re.compile(
    r"^(api|rest|v\d+(\.\d+)?|app|web|public|private|internal|system|service"
    r"|server|backend|monitor(ing)?|_?health|actuator|-)$"
)
_RENDERS = frozenset({"render", "render_template", "TemplateResponse", "view", "sendFile"})
_MOUNTED = frozenset({"mount", "handle_params"})
_BARE = frozenset({"plain", "json", "status", "nothing", "text"})
_DEPENDENCIES = (
    "dependencies",
    "install_requires",
    "[packages]",
    "<dependencies>",
    "dependencies {",
    '"require"',
    "[dependencies]",
    "defp deps",
    "<PackageReference",
    "require (",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """Something that plays a role. `path` is its canonical path, `function` the symbol it stands in."""

    path: str
    place: Place
    function: SymbolId


def players(context: Context, role: str, files: Collection[str] | None = None) -> Iterator[Player]:
    """Calls and registered values with the role in the backend's folders, calls first, in the order of files; of `files` if given."""
    for call in context.roles.each(role) if files is None else context.roles.among(role, files):
        if context.is_backend(call.file):
            facts = call.call
            place = Place(file=call.file, line=facts.line, end_line=min(facts.end_line, facts.line + 5))
            yield Player(path=call.path, place=place, function=SymbolId(call.file, facts.owner))
    for guard in context.guards:
        if (files is None or guard.place.file in files) and role in context.roles.of_value(guard.value):
            yield Player(path=str(getattr(guard.value, "path", "")), place=guard.place, function=SymbolId(guard.place.file, 0))


def where_missing(context: Context, note: str) -> tuple[Evidence, ...]:
    """Where a thing of the whole application would have stood: where the application is made, and its manifest."""
    manifest = manifest_place(context, "no dependency brings it")
    found = [m for m in (manifest, workspace_place(context, "no dependency brings it")) if m is not None]
    return (replace(app_place(context), note=note), *found)


def workspace_place(context: Context, note: str = "") -> Evidence | None:
    """Where the manifest of a workspace around the backend's names dependencies for all of its members; None without one."""
    if context.language != "rust" or context.snapshot.file("Cargo.toml") is None:
        return None
    lines = context.snapshot.lines("Cargo.toml")
    members = next((n for n, t in enumerate(lines, 1) if t.startswith("[workspace]")), None)
    if members is None or any(t.startswith("[package]") for t in lines):
        return None
    return context.at(
        "Cargo.toml", next((n for n, t in enumerate(lines, 1) if t.startswith("[workspace.dependencies]")), members), note=note
    )


def manifest_place(context: Context, note: str = "", marks: tuple[str, ...] = ()) -> Evidence | None:
    """Where the dependencies of the backend are declared; `marks`: words of a part of them that is meant first."""
    prefix = f"{context.backend_root}/" if context.backend_root else ""
    projects = context.snapshot.glob(f"{prefix}**/*.csproj") if context.language == "csharp" else ()
    served = [p for p in projects if "Sdk.Web" in context.snapshot.text(p)] or list(projects)
    named = [prefix + name for name in _MANIFESTS.get(context.language, ())]
    for path in (*named, *served[:1]):
        if context.snapshot.file(path) is not None and (lines := context.snapshot.lines(path)):
            aside = managed_lines(lines)
            live = [(n, t) for n, t in enumerate(lines, 1) if n not in aside]
            heads = ((n for n, text in live if any(d in text for d in words)) for words in (marks, _DEPENDENCIES))
            return context.at(path, next((n for found in heads for n in found), 1), note=note)
    above = [a for a in context.snapshot.applications if a.root in ("", context.backend_root) and context.language in a.languages]
    for own in sorted(above, key=lambda a: a.root != context.backend_root):  # a manifest of another name: `requirements_app.txt`
        shipped = next((m for m in own.manifests if _FOR_TESTS.search(m.rpartition("/")[2]) is None), None)
        if shipped is not None:
            return context.at(shipped, 1, note=note)
    return None


def health_routes(context: Context) -> list[BoundRoute]:
    """Routes of the repository that answer for the health of the service, by the last fixed segment of their path.

    A word with other meanings (`/orders/{id}/status`, `/account/2fa/status`) counts only where the path names nothing else,
    and a page for people (`/app/ping` with a form) is none.
    """
    found = []
    first = {r.route.endpoint.path.lower().strip("/").partition("/")[0] for r in context.routes}
    prefixes = {s for s in first if s.startswith("{")}  # a prefix of the whole application that a setting gives
    for bound in context.tracer.routes:
        endpoint = bound.route.endpoint
        segments = [s for s in endpoint.path.lower().split("/") if s]
        segments = segments[1:] if segments and segments[0] in prefixes else segments
        if endpoint.method not in ("GET", "HEAD", "ANY") or any("{" in s for s in segments):
            continue
        handler = bound.route.handler
        last = _EXTENSION.sub("", segments[-1]) if segments else ""
        below = len(segments) > 1 and last in _PARTS and (segments[-2] in _HEALTH or segments[:-1] in (["up"], ["status"], ["ready"]))
        says = below or last in _HEALTH or (last in _AMBIGUOUS and all(_GENERIC.match(s) for s in segments[:-1]))
        says = says or (handler is not None and _CHECKS_HEALTH.match(handler.symbol.rpartition(".")[2]) is not None)
        apart = not context.is_backend(bound.route.place.file) and not _hangs_together(context, bound)
        if (
            says
            and not apart
            and is_served(context, bound)
            and not _is_page(context, bound)
            and not _is_of_records(context, bound, segments)
        ):
            found.append(bound)
    return found


def _hangs_together(context: Context, bound: BoundRoute) -> bool:
    """Is a route of another folder put up on the very application that serves the flow?"""
    other = _outermost(context, bound)
    return other is not None and other in {_outermost(context, r) for r in context.routes}


def _is_of_records(context: Context, bound: BoundRoute, segments: list[str]) -> bool:
    """Is the path about the health of something that the handler reads from a table (`/pets/health`)?"""
    if len(segments) < 2 or all(_GENERIC.match(s) or s in _HEALTH for s in segments[:-1]):
        return False
    return any(e.kind in ("orm", "nosql") and e.target for e, _ in context.tracer.walk(bound).effects)


def _is_page(context: Context, bound: BoundRoute) -> bool:
    """Does the handler show a page? `render plain: "OK"` and `render json: {}` show none; a view that is mounted is one."""
    if bound.route.handler is not None and bound.route.handler.symbol.rpartition(".")[2] in _MOUNTED:
        return True
    calls = (c.call for f in context.roles.functions(bound.handler) for c in context.calls_in(f.symbol))
    return any(callee_name(c) in _RENDERS and not any(a.name in _BARE for a in c.args) for c in calls)


def is_served(context: Context, bound: BoundRoute) -> bool:
    """Does a route hang on the application that serves the flow? True where that cannot be told."""
    mine = {_outermost(context, r) for r in context.routes}
    other = _outermost(context, bound)
    if None in mine or other is None or not mine or other in mine:
        return True
    return re.search(r"(?i)router|blueprint|group", callee_name(context.view(other[1]).facts.calls[other[2]]) or "") is None


def _outermost(context: Context, bound: BoundRoute) -> RouterKey | None:
    router = bound.registration.router
    if router is None or router[0] != "site":
        return None
    above = context.tracer.mounts_above(router)
    last = above[-1] if above else router
    return last if last[0] == "site" else None


def only_in_development(context: Context, file: str, start: int) -> bool:
    """Does the place stand in a branch that production does not take (`if (env !== "production")`, `if settings.DEBUG`)?"""
    from backend_readiness.facts.model import Alt, Lit, Op, Value

    def says(value: Value | None, depth: int = 0) -> str:
        if depth > 6 or value is None:
            return ""
        if isinstance(value, Lit):
            return str(value.value)
        if isinstance(value, Op):
            return f"{value.op} " + " ".join(says(o, depth + 1) for o in value.operands)
        if isinstance(value, Alt):
            return " ".join(says(o, depth + 1) for o in value.options)
        return str(getattr(value, "name", getattr(value, "id", "")))

    if file not in context.graph.facts.files:  # a route of a library, written down in a file of settings
        return False
    for block in context.view(file).facts.blocks:
        if block.kind == "if" and block.start <= start < block.end:
            text = says(block.subject).lower()
            differs = any(o in text for o in ("!=", "!==", "not "))
            if (
                ("production" in text and differs)
                or ("development" in text and not differs)
                or (text.strip() in ("debug", "is_dev", "isdev"))
            ):
                return True
    return False
