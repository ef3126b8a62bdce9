"""Routes whose methods and handlers are a chain of calls: `router.route("/orders", get(list).post(create))`.

`path` and `handler` of the rule name the path and the chain. Options: `verbs` maps the steps of the chain to HTTP methods; `named`
maps steps to the argument that names the method (`on(MethodFilter::GET, show)`: 0); `to` are the steps that hold the handler when
the verbs do not (`get().to(show)`); `around` are steps that put something around what stands before them in the chain; `alone` is the
method of a handler that is given alone, `services` are values of packages that are handlers too; `joined` are steps that take the
routes of another such chain over (`get(list).merge(post(create))`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.routes.methods import method_words
from backend_readiness.graph.routes.routing import Guard, Registration, functions_in
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import AV, UNKNOWN, Ext, FuncV, Site, options

MAX_STEPS = 200


@dataclass(frozen=True, slots=True)
class Answer:
    method: str
    handler: AV | None
    guards: tuple[Guard, ...]


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("chain", ()):
        rule = hit.rule
        router = scan.router(hit)
        paths = scan.texts(hit, rule.path) if rule.path is not None else [""]
        given = scan.value(hit, rule.handler)
        found = [a for option in options(given) for a in answers_of(scan, hit, option)] if given is not None else []
        for path in paths:
            for answer in found:
                scan.routing.registrations.append(
                    Registration(
                        router=router, method=answer.method, path=path, place=scan.place(hit), start=scan.start(hit), card=hit.card,
                        rule=rule, handler=answer.handler, guards=answer.guards,
                    )
                )  # fmt: skip


def _steps(value: AV) -> list[tuple[str, Site]]:
    """The calls of a chain, the first one first."""
    found: list[tuple[str, Site]] = []
    current: AV | None = value
    for _ in range(MAX_STEPS):
        if not isinstance(current, Ext):
            break
        if current.site is not None and current.path.endswith(")"):
            found.append((last_step(current.path), current.site))
        current = current.base
    return found[::-1]


def answers_of(scan: Scan, hit: Hit, value: AV) -> Iterator[Answer]:
    settings = hit.rule.options
    verbs: dict[str, str] = settings.get("verbs", {})
    named: dict[str, int] = settings.get("named", {})
    ends: tuple[str, ...] = tuple(settings.get("to", ()))
    around: tuple[str, ...] = tuple(settings.get("around", ()))
    steps = _steps(value)
    methods: list[str] = []
    found = False
    for position, (name, site) in enumerate(steps):
        guards = tuple(g for later, at in steps[position + 1 :] if later in around for g in _guards(scan, hit, at))
        guards += tuple(g for earlier, at in steps[:position] if earlier in around and ends for g in _guards(scan, hit, at))
        if name in settings.get("joined", ()):
            for given in options(scan.graph.ev.arg_value(site, 0) or UNKNOWN):
                for answer in answers_of(scan, hit, given):
                    found = True
                    yield Answer(answer.method, answer.handler, (*answer.guards, *guards))
            continue
        here = [verbs[name]] if name in verbs else _named(scan, site, named[name]) if name in named else []
        if not ends:
            for method in here:
                found = True
                yield Answer(method, scan.graph.ev.arg_value(site, named[name] + 1 if name in named else 0), guards)
        elif name in ends:
            found = True
            told = [m for m in methods if m != "ANY"]  # `route().method(Method::PUT).to(show)`
            for method in told or ["ANY"]:
                yield Answer(method, scan.graph.ev.arg_value(site, 0), guards)
        else:
            methods.extend(here)
    bare = settings.get("alone")
    if not found and bare and (isinstance(value, FuncV) or functions_in(scan.graph, value) or _is_service(settings, value)):
        yield Answer(bare, value, ())


def _is_service(settings: Mapping[str, Any], value: AV) -> bool:
    """Is it what a package answers with, such as a schema of GraphQL?"""
    made = [o.path for o in options(value) if isinstance(o, Ext)]
    return any(compiled(pattern).fullmatch(path) for pattern in settings.get("services", ()) for path in made)


def _named(scan: Scan, site: Site, position: int) -> list[str]:
    """`MethodFilter::GET`, `Method::POST`, or a text."""
    value = scan.graph.ev.arg_value(site, position)
    names = method_words(scan.graph, value) if value is not None else []
    return [n for n in dict.fromkeys(names) if n.isalpha()] or ["ANY"]


def _guards(scan: Scan, hit: Hit, at: Site) -> list[Guard]:
    value = scan.graph.ev.arg_value(at, 0)
    return scan.guards_of(value, scan.place(hit), scan.start(hit)) if value is not None else []
