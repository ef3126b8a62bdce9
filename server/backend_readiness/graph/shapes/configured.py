"""Endpoints that a library opens when it is configured to: `http.formLogin(form -> form.loginProcessingUrl("/sign-in"))` answers forms.

The path is the argument that the rule names, or what the options say. Options of the rule: `paths`: calls on what the configuration gives,
within its argument or behind it, whose first argument is the path, the likeliest first, `default_path` where there is none; `ends`: calls
with which the configuration goes on with something else; `off`: names that switch it off; `settings`: as in shape `mapping`; `handlers`:
names of methods that the library runs then, of the only such class of the repository, or of the one that is nearest; `also`: what it opens
besides, each with its own `method` and paths, `unless` the file calls what configures that apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backend_readiness.facts.model import Call, CallRef, Lit, Member, Name
from backend_readiness.graph.classes.only_methods import only_method
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.settings.application_settings import ApplicationSettings
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.views import FileView, callee_name

MAX_STEPS = 40


def collect(scan: Scan) -> None:
    settings = ApplicationSettings(scan.graph)
    for hit in scan.hits.get("configured", ()):
        options = hit.rule.options
        view = scan.graph.view(hit.site.file)
        around = list(_configuring(view, hit, tuple(options.get("ends", ()))))
        if _is_off(view, hit, around, set(options.get("off", ()))):
            continue
        before = (settings.value(tuple(names), hit.site.file).strip("/") for names in options.get("settings", ()))
        prefix = "".join(f"/{value}" for value in before if value and "{" not in value)
        written = {callee_name(c) for c in view.facts.calls}
        also = [s for s in options.get("also", ()) if s.get("unless") not in written]
        for spec in ({"method": hit.rule.method or "POST", **options}, *also):
            for path in _paths(scan, hit, around, spec)[:2]:
                names = hit.rule.options.get("handlers", ()) if "unless" not in spec else ()
                handler = only_method(scan.graph, names, hit.site.file)
                scan.routing.registrations.append(
                    Registration(
                        router=None, method=spec["method"], path=join(prefix, path, keep_root=False), place=scan.place(hit),
                        start=hit.call.start, card=hit.card, rule=hit.rule, handler=handler,
                    )
                )  # fmt: skip


def _paths(scan: Scan, hit: Hit, around: list[Call], spec: Mapping[str, Any]) -> list[str]:
    view = scan.graph.view(hit.site.file)
    for name in spec.get("paths", ()):
        given = [c for c in around if callee_name(c) == name and c.args and _is_within(view, c, around, spec.get("within"))]
        written = [t for c in given[:1] for t in _written(scan, view, c)]
        if written:
            return [w.rstrip("/") + str(spec.get("behind", "")) for w in written]
    return scan.texts(hit, hit.rule.path) if hit.rule.path is not None else [str(spec["default_path"])]


def _written(scan: Scan, view: FileView, call: Call) -> list[str]:
    """The path that a call is given: a text, or a matcher that is made of one (`new AntPathRequestMatcher("/sign-out", "GET")`)."""
    first = call.args[0].value
    if isinstance(first, CallRef):
        inner = (a.value for a in view.facts.calls[first.call].args[:2])
        made = [str(v.value) for v in inner if isinstance(v, Lit) and str(v.value).startswith("/")]
        if made:
            return made
    return list(texts(scan.graph.ev, scan.graph.ev.value(first, view.path, call.owner)))


def _configuring(view: FileView, hit: Hit, ends: tuple[str, ...]) -> Iterator[Call]:
    """The calls in the argument of the configuration, and those behind it in the same chain up to one that ends it."""
    start = view.written_at(hit.call)
    yield from (c for c in view.facts.calls if start < view.written_at(c) and c.end < hit.call.end)
    number = hit.site.call
    for _ in range(MAX_STEPS):
        following = next(
            (n for n, c in enumerate(view.facts.calls) if isinstance(c.callee, Member) and c.callee.base == CallRef(number)), None
        )
        if following is None or callee_name(view.facts.calls[following]) in ends:
            return
        yield view.facts.calls[following]
        number = following


def _is_within(view: FileView, call: Call, around: list[Call], name: str | None) -> bool:
    """`authorizationEndpoint(e -> e.baseUri("/x"))`, `authorizationEndpoint().baseUri("/x")`."""
    callee = call.callee
    before = view.facts.calls[callee.base.call] if isinstance(callee, Member) and isinstance(callee.base, CallRef) else None
    if name is None or (before is not None and callee_name(before) == name):
        return True
    return any(callee_name(c) == name and view.written_at(c) < view.written_at(call) and call.end < c.end for c in around)


def _is_off(view: FileView, hit: Hit, around: list[Call], names: set[str]) -> bool:
    written = {a.value.name if isinstance(a.value, Member) else a.value.id for a in hit.call.args if isinstance(a.value, Member | Name)}
    return bool(names & written) or any(callee_name(c) in names for c in around)
