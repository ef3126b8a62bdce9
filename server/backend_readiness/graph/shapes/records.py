"""Routes whose methods, handler and guard stand in a record, or in several: `register_rest_route("shop/v1", "/orders", [...])`.

Options of the rule: `joined` are references to the parts of the path, `before` stands in front of it; `records` is the reference to the
record or list of records, with the keys `methods`, `handler` and `guard`; or `hook` is a regular expression for the text at `path`, whose
group `name` fills `{name}` of `template`. `rewritten` takes `path` for a regular expression of an address. `not_in` is a regular expression
for files that do not count. `names`: see `graph.handling.handler_names`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from backend_readiness.graph.evaluation import members
from backend_readiness.graph.handling.handler_names import handler_named
from backend_readiness.graph.optional_parts import with_optional_groups
from backend_readiness.graph.routes.methods import verbs
from backend_readiness.graph.routes.routing import Guard, Registration
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import from_regex, texts
from backend_readiness.graph.values import AV, ClassV, Const, Env, FuncV, InstV, ListV, Obj, Site, SymbolId, options
from backend_readiness.rules.card_rules import Ref

MAX_CLASSES = 60
MAX_RECORDS = 20


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("records", ()):
        if "not_in" in hit.rule.options and re.search(str(hit.rule.options["not_in"]), hit.site.file):
            continue
        if hit.rule.options.get("rewritten"):
            paths = ["/" + from_regex(text).strip("/") for text in scan.texts(hit, hit.rule.path)]
            for path in (p for p in paths if re.search(r"\w", re.sub(r"\{[^{}]*\}", "", p))):  # some of it must be known
                _add(scan, hit, hit.rule.method or "ANY", path, None, ())
            continue
        if "hook" in hit.rule.options:
            _hook(scan, hit)
            continue
        for bound in _of_classes(scan, hit):
            for path in _paths(scan, bound):
                for record in _records(scan, scan.value(bound, Ref(**hit.rule.options["records"]))):
                    _register(scan, bound, path, record)


def _of_classes(scan: Scan, hit: Hit) -> Iterator[Hit]:
    """The call as each class runs it that has it from the one that writes it; that one itself when it is whole."""
    view = scan.graph.view(hit.site.file)
    method = view.symbol(hit.call.owner)
    named = view.symbol(method.parent).name if hit.site.env is None and method.kind == "method" else ""
    own = SymbolId(hit.site.file, hit.call.owner)
    found = [(s, members.own_member(scan.graph.ev, InstV(ClassV(s)), method.name)) for s in scan.graph.subclasses(named)[:MAX_CLASSES]]
    below = [InstV(ClassV(s)) for s, f in found if isinstance(f, FuncV) and f.symbol == own]
    if not below or not any("{" in t for ref in hit.rule.options["joined"] for t in scan.texts(hit, Ref(**ref))):
        yield hit
    for made in below:
        yield replace(hit, site=Site(hit.site.file, hit.site.call, Env(own, {}, made, None, 0)))


def _paths(scan: Scan, hit: Hit) -> list[str]:
    whole = [""]
    for ref in hit.rule.options["joined"]:
        if whole == [""] and scan.is_open(hit, Ref(**ref)):
            return []  # what all its paths begin with is not known
        parts = [o for t in scan.texts(hit, Ref(**ref)) for o in with_optional_groups(t)]
        whole = [f"{w}/{p.strip('/')}" for w in whole for p in parts][:8]
    return [str(hit.rule.options.get("before", "")) + from_regex(w).rstrip("/") for w in whole]


def _records(scan: Scan, value: AV | None) -> Iterator[Obj]:
    for option in options(value) if value is not None else ():
        if isinstance(option, ListV):
            for item in option.items[:MAX_RECORDS]:
                yield from _records(scan, scan.graph.ev.thunk(item))
        elif isinstance(option, Obj):
            numbered = [t for k, t in option.fields.items() if k.isdigit()][:MAX_RECORDS]
            if numbered:
                for thunk in numbered:
                    yield from _records(scan, scan.graph.ev.thunk(thunk))
            else:
                yield option


def _field(scan: Scan, record: Obj, key: object) -> AV | None:
    thunk = members.field_thunk(scan.graph.ev, record, str(key))
    return scan.graph.ev.thunk(thunk) if thunk is not None else None


def _register(scan: Scan, hit: Hit, path: str, record: Obj) -> None:
    rule = hit.rule.options
    router = scan.router(hit)
    given = _field(scan, record, rule["methods"])
    words = [m for t in texts(scan.graph.ev, given) for m in verbs(t, rule.get("method_words", {}))] if given is not None else []
    handler = handler_named(scan, hit, _field(scan, record, rule["handler"]), router)
    guard = handler_named(scan, hit, _field(scan, record, rule["guard"]), router)
    place = scan.place(hit)
    guards = (Guard(value=guard, place=place, start=hit.call.start),) if guard is not None and not isinstance(guard, Const) else ()
    for method in words or ["GET"]:
        _add(scan, hit, method, path, handler, guards)


def _add(scan: Scan, hit: Hit, method: str, path: str, handler: AV | None, guards: tuple[Guard, ...]) -> None:
    scan.routing.registrations.append(
        Registration(
            router=scan.router(hit), method=method, path=path, place=scan.place(hit), start=hit.call.start, card=hit.card, rule=hit.rule,
            handler=handler, guards=guards,
        )
    )  # fmt: skip


def _hook(scan: Scan, hit: Hit) -> None:
    """`add_action("wp_ajax_save", "save_order")`."""
    for text in scan.texts(hit, hit.rule.path):
        for pattern, template in hit.rule.options["hook"].items():
            match = re.fullmatch(str(pattern), text)
            if match is not None:
                handler = handler_named(scan, hit, scan.value(hit, hit.rule.handler), None)
                _add(scan, hit, hit.rule.method or "POST", str(template).replace("{name}", match["name"]), handler, ())
                break
