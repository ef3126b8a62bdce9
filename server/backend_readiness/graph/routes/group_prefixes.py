"""Prefixes of groups that no text among their arguments says.

Options of a rule of shape `group`: `described`: an argument that is a chain of predicates; `typed`: the class that is the type argument
(see `graph.routes.typed_paths`); `regexes`: calls that make a regular expression; `settings`: names of settings of the application that
stand before all its routes, and `set_in`: the name that code assigns the same to (`rootPath = "/shop"`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend_readiness.facts.builder import last_name
from backend_readiness.graph.settings.application_settings import ApplicationSettings
from backend_readiness.graph.urls import from_regex, texts
from backend_readiness.graph.values import AV, Const, Ext, Text, options

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Hit, Scan


def said_elsewhere(scan: Scan, hit: Hit, spec: dict[str, Any], written: AV | None, described: AV | None) -> list[str]:
    """The prefixes of a group; `written` and `described` are the values that stand where its prefix, and its description, should."""
    from backend_readiness.graph.routes.typed_paths import typed_paths
    from backend_readiness.graph.shapes.described import description

    if described is not None:
        return [description(scan, described, spec).path]
    if "typed" in hit.rule.options and (found := typed_paths(scan, hit)):
        return found
    if "settings" in spec:
        return _set(scan, hit, spec)
    return _of_regex(scan, written, tuple(spec.get("regexes", ())))


def _of_regex(scan: Scan, written: AV | None, makers: tuple[str, ...]) -> list[str]:
    """`route(Regex("/v(?<version>[0-9]+)")) { ... }`, `route("/v.+".toRegex()) { ... }`."""
    for made in options(written) if written is not None and makers else ():
        if isinstance(made, Ext) and made.site is not None and made.path in makers:
            above = made.base.base if isinstance(made.base, Ext) else None
            given = above if isinstance(above, Const | Text) else scan.graph.ev.arg_value(made.site, 0)
            return ["/" + from_regex(t).lstrip("/") for t in texts(scan.graph.ev, given)]
    return []


def _set(scan: Scan, hit: Hit, spec: dict[str, Any]) -> list[str]:
    """What a file of settings says, else what code of the application assigns to the name, where all that does says the same."""
    graph = scan.graph
    found = ApplicationSettings(graph).value(tuple(spec["settings"]), hit.site.file)
    if found:
        return [found]
    name = str(spec.get("set_in", ""))
    files = [f for f in graph.naming(name) if f in graph.production] if name else []
    assigned = [(f, a) for f in files for a in graph.view(f).facts.assigns if last_name(a.target) == name and a.value is not None]
    said = {t for f, a in assigned if a.value is not None for t in texts(graph.ev, graph.ev.value(a.value, f, a.owner))}
    return sorted(said) if len(said) == 1 and not any("{" in t for t in said) else []
