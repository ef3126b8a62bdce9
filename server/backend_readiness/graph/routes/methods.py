"""The HTTP methods of a registration."""

from __future__ import annotations

import re

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import CallRef, Member, Value
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.references import step_site
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.routes.steps_before import calls_before
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Const, Ext, ListV, Thunk, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import Ref

_STANDARD = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "QUERY", "ANY")


def verbs(text: str, words: dict[str, list[str]]) -> list[str]:
    """The methods in a text: one, several (`GET|POST`), or the name of a constant (`{METHOD_GET}`, `{READABLE}` by the rule's `words`)."""
    bare = text.strip("{}")
    if bare in words:
        return list(words[bare])
    if bare != text:
        return [m for m in _STANDARD if re.fullmatch(rf"(?:\w*_|[Mm]ethod){m}|{m}", bare, re.IGNORECASE)]
    return [m.upper() for m in re.split(r"[|, ]+", text) if m]


def method_words(graph: Graph, value: AV, depth: int = 0) -> list[str]:
    """Methods that are written as names: `get`, `Method::POST`, `MethodFilter::GET.or(MethodFilter::PUT)`, `method(get, post)`."""
    found: list[str] = []
    for option in options(value) if depth < 8 else ():
        if isinstance(option, ListV):
            found.extend(m for t in option.items[:9] for m in method_words(graph, graph.ev.thunk(t), depth + 1))
        elif isinstance(option, Ext) and option.site is not None and option.path.endswith("()"):
            call = graph.view(option.site.file).facts.calls[option.site.call]
            before = option.base.base if isinstance(option.base, Ext) else None
            given = [graph.ev.value(a.value, option.site.file, call.owner, option.site.env) for a in call.args[:9]]
            found.extend(m for one in ([before] if before is not None else []) + given for m in method_words(graph, one, depth + 1))
        elif isinstance(option, Ext):
            found.append(last_step(option.path).upper())
    return found


def methods_of(scan: Scan, hit: Hit) -> list[str]:
    """Fixed by the rule, listed in an argument, or named by the callee (`all`, `any`, `route` mean every method)."""
    rule = hit.rule
    if rule.method is not None:
        return [rule.method]
    if "around" in rule.options:
        return _around(scan, hit, rule.options["around"]) or list(rule.default_methods) or ["ANY"]
    if "asked_before" in rule.options:
        return _asked_before(scan, hit, rule.options["asked_before"]) or list(rule.default_methods) or ["ANY"]
    if rule.options.get("method_of_made") and (made := _of_maker(scan, hit)):
        return made
    if "listed_by" in rule.options:
        return _listed_beside(scan, hit, str(rule.options["listed_by"])) or list(rule.default_methods) or ["ANY"]
    if rule.methods is not None and rule.methods.at is not None and not rule.options.get("words"):  # `.Methods("GET", "POST")`
        thunks = scan.thunks(hit, rule.methods) or (_above(scan, hit, rule.methods) if rule.options.get("methods_above") else [])
        given = [t.upper() for thunk in thunks for t in texts(scan.graph.ev, scan.graph.ev.thunk(thunk))]
        return [m for m in given if m.isalpha()] or list(rule.default_methods) or ["ANY"]
    if rule.methods is not None:
        value = scan.value(hit, rule.methods)
        again = [a for a in hit.call.args if rule.methods.kwarg is not None and a.name == rule.methods.kwarg]
        if rule.options.get("methods_go_on") and rule.methods.arg is not None:  # `mux.HandleFunc("/x", show, "GET", "PUT")`
            again = [a for a in hit.call.args if a.name is None][rule.methods.arg :]
        if len(again) > 1:  # `#[route("/x", method = "GET", method = "POST")]`
            value = ListV(tuple(Thunk(hit.site.file, hit.call.owner, a.value, hit.site.env) for a in again))
        if value is not None:
            found = [m for t in texts(scan.graph.ev, value) for m in verbs(t, hit.rule.options.get("method_words", {}))]
            if rule.options.get("words"):  # the method is written as a name: `path(get, ...)`, `Method::POST`
                found.extend(method_words(scan.graph, value) or _written(scan, hit, rule.methods))
            if isinstance(value, ListV) or found:
                return list(dict.fromkeys(m for m in found if m.isalpha())) or list(rule.default_methods) or ["ANY"]
        return list(rule.default_methods) or ["ANY"]
    verb = hit.verb
    for start in rule.options.get("strip", ()):  # `NSGet` is `Get` in a namespace
        verb = verb.removeprefix(start)
    verb = verb.upper()
    if not verb:
        return list(rule.default_methods) or ["ANY"]
    return list(rule.options.get("method_words", {}).get(hit.verb, ())) or [
        {"ALL": "ANY", "ANY": "ANY", "DEL": "DELETE", "HANDLE": "ANY"}.get(verb, verb)
    ]


def _asked_before(scan: Scan, hit: Hit, steps: list[str]) -> list[str]:
    """The methods that earlier steps of the chain ask for: `router.filter(get().or(head())).goal(show)`."""
    view = scan.graph.view(hit.site.file)
    calls = [view.facts.calls[n] for n in calls_before(view, hit.call)]
    return list(dict.fromkeys(m for c in calls if callee_name(c) in steps for a in c.args[:1] for m in _called(view, a.value, 0)))


def _called(view: FileView, value: Value, depth: int) -> list[str]:
    """The methods that calls in an expression are named for."""
    call = view.facts.calls[value.call] if isinstance(value, CallRef) and depth < 8 else None
    if call is None:
        return []
    inside = (*((call.callee.base,) if isinstance(call.callee, Member) else ()), *(a.value for a in call.args[:9]))
    name = (callee_name(call) or "").upper()
    return ([name] if name in _STANDARD and not call.args else []) + [m for v in inside for m in _called(view, v, depth + 1)]


def _of_maker(scan: Scan, hit: Hit) -> list[str]:
    """The method of what makes the path, its name or its first argument: `mux.Handle(pat.Get("/orders"), list)`, `REST("GET", "/x")`."""
    made = scan.value(hit, hit.rule.path)
    calls = [o for o in options(made) if isinstance(o, Ext)] if made is not None else []
    names = [last_step(o.path.removesuffix("()")).upper() for o in calls]
    given = [t for o in calls if o.site is not None for t in texts(scan.graph.ev, scan.graph.ev.arg_value(o.site, 0))]
    return [n for n in (*names, *given) if n in _STANDARD]


def _above(scan: Scan, hit: Hit, ref: Ref) -> list[Thunk]:
    """The methods that the router takes for all of its routes: `posts := r.Methods("POST").Subrouter()`."""
    site = step_site(hit.callee, ref.at or "")
    call = scan.graph.view(site.file).facts.calls[site.call] if site is not None else None
    return [Thunk(site.file, call.owner, a.value, site.env) for a in call.args if a.name is None] if site is not None and call else []


def _written(scan: Scan, hit: Hit, ref: Ref) -> list[str]:
    """The method as it is written, where the file has a function of that name: `#[utoipa::path(delete, ...)]` over `fn delete()`."""
    thunk = scan.thunk(hit, ref)
    name = last_name(thunk.expr) if thunk is not None else None
    return [m for m in _STANDARD if name is not None and m == name.upper()]


def _around(scan: Scan, hit: Hit, names: dict[str, int]) -> list[str]:
    """The methods that the innermost call around the hit is given which takes them: `route("/x", HttpMethod.Put) { handle { } }`."""
    view = scan.graph.view(hit.site.file)
    numbers = [n for name in names for n in view.calls_by_name.get(name, ())]
    outer = [c for c in (view.facts.calls[n] for n in numbers) if c.start <= hit.call.start and hit.call.end <= c.end]
    for call in sorted(outer, key=lambda c: -c.start):
        given = [a.value for a in call.args][names[callee_name(call) or ""] :][:1]
        values = [_of_made(scan, scan.graph.ev.value(v, view.path, call.owner)) for v in given]
        found = [m for v in values for t in texts(scan.graph.ev, v) for m in verbs(t, {})]
        if found and all(m.isalpha() for m in found):
            return list(dict.fromkeys(found))
    return []


def _of_made(scan: Scan, value: AV) -> AV:
    """A method that is made of its name: `HttpMethod("COPY")`."""
    inner = scan.graph.ev.arg_value(value.site, 0) if isinstance(value, Ext) and value.site is not None else None
    return inner if isinstance(inner, Const) else value


def _listed_beside(scan: Scan, hit: Hit, name: str) -> list[str]:
    """The methods that another call in the same function lists: `Verbs(Http.GET, Http.HEAD); Routes("/orders");`."""
    view = scan.graph.view(hit.site.file)
    beside = (view.facts.calls[n] for n in view.calls_by_name.get(name, ()) if view.facts.calls[n].owner == hit.call.owner)
    values = (scan.graph.ev.value(a.value, view.path, c.owner, hit.site.env) for c in beside for a in c.args)
    return list(dict.fromkeys(m for v in values for t in texts(scan.graph.ev, v) for m in verbs(t, {}) if m.isalpha()))
