"""`app.get("/path", guard, handler)`: the handlers are arguments after the path."""

from __future__ import annotations

import re
from dataclasses import replace

from backend_readiness.facts.model import Func, Member, Name
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.handling.handler_names import class_named, handler_named, pair
from backend_readiness.graph.handling.handlers import unwrapped
from backend_readiness.graph.handling.implementing import implementing
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.references import step_site
from backend_readiness.graph.routes.answered import answers
from backend_readiness.graph.routes.answering_members import answering
from backend_readiness.graph.routes.call_paths import after_name, localized, regex_path, split_methods
from backend_readiness.graph.routes.chained_paths import path_before
from backend_readiness.graph.routes.given_calls import is_computed
from backend_readiness.graph.routes.later_steps import steps_after
from backend_readiness.graph.routes.made_paths import path_of_made, paths_of
from backend_readiness.graph.routes.mapped_methods import collection, mapped
from backend_readiness.graph.routes.marked_paths import as_written, marked
from backend_readiness.graph.routes.methods import methods_of
from backend_readiness.graph.routes.registering import register
from backend_readiness.graph.routes.routing import Guard, Mount, argument_values, functions_in
from backend_readiness.graph.routes.rows import guards_around, is_left_out, prefix_of, register_rows, register_tables
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.routes.step_handlers import given_later
from backend_readiness.graph.routes.typed_paths import is_open, typed_paths
from backend_readiness.graph.routes.varying import is_chosen_twice
from backend_readiness.graph.routes.wrapped_routers import wrapped_router
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import (
    AV,
    UNKNOWN,
    ClassV,
    Const,
    Ext,
    FuncV,
    InstV,
    ListV,
    ParamV,
    Site,
    Text,
    Thunk,
    options,
)
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref

MAX_STEPS = 40
_OPEN = re.compile(r"/?\{\w*\}")


def collect(scan: Scan) -> None:
    bodies = _bodies(scan)
    for hit in scan.hits.get("call", ()):
        rule = hit.rule
        scopes = scan.graph.view(hit.site.file).enclosing(hit.call.owner) if bodies and rule.options.get("at_start") else ()
        if any((hit.site.file, s) in bodies for s in scopes):
            continue
        if rule.options.get("written") and is_computed(hit.call):
            continue  # `$routes->{$verb}(...)` on what a loop makes anew: which of its prefixes belongs to it is not known
        if "rows" in rule.options:
            register_rows(scan, hit)
            continue
        if _stands_before(scan, hit) or is_chosen_twice(scan.graph.view(hit.site.file), hit.call):
            continue
        void = rule.options.get("void", ())  # later steps with which a route answers nothing: it only makes addresses
        if void and any(name in void for name, _ in steps_after(scan.graph.view(hit.site.file), hit.site.call)):
            continue
        paths = paths_of(scan, hit)
        paths = [p for p in paths if p not in rule.options.get("not_paths", ())]  # what a framework brings for development
        paths = [*paths, *rule.options.get("serves_too", ())]  # paths that one call serves besides
        if rule.options.get("localized"):
            paths = localized(scan, hit) or paths
        if rule.options.get("named_first"):
            paths = after_name(scan, hit, paths)
        paths = [p.partition("?")[0] for p in paths] if rule.options.get("queried") else paths  # `/orders?page&size`
        before = path_before(scan, hit) if rule.options.get("goes_on") else []
        if before:
            hit = replace(hit, rule=rule.model_copy(update={"path": None}))
            rule, paths = hit.rule, before
        if "typed" in rule.options:
            paths = typed_paths(scan, hit)
            if not paths:
                continue
        if rule.options.get("no_type_args") and hit.call.type_args:
            continue
        if ("untyped" in rule.options and (typed_paths(scan, hit) or is_open(scan, hit))) or (
            rule.options.get("needs_method") and methods_of(scan, hit) == ["ANY"]
        ):
            continue
        if rule.options.get("known_path") and paths and all(_OPEN.fullmatch(p) for p in paths) and scan.is_open(hit, rule.path):
            continue  # `Route::methods($methods, $pattern)` in a function of one's own
        if rule.options.get("typed_receiver"):  # of several, one that is not known at all is none
            paths = [p for p in paths if not _OPEN.fullmatch(p)] or paths
        pathless = bool(rule.options.get("pathless")) and not hit.call.args  # `router.get().handler(list)` answers all of its router
        paths = [""] if pathless else paths or [str(p) for p in (rule.options.get("default_path"),) if p is not None]
        if rule.options.get("in_group") and scan.groups.key_of(hit) is None:
            continue  # a name that nothing imports is a route only inside of a group
        first = next(options(scan.value(hit, rule.path) or UNKNOWN)) if rule.options.get("path_optional") else Const("")
        if not isinstance(first, Const | Text):
            open_ = isinstance(first, ParamV) or (isinstance(first, Ext) and first.path.startswith("~str."))  # not known
            otherwise = [] if "described" in rule.options else [""]  # `get { ... }` in a group has the path of the group
            paths = path_of_made(scan, hit) or (paths if open_ and paths else otherwise)
        paths = as_written(rule.options, [t for p in paths for t in regex_path(scan, hit) or [p]])
        if rule.path is not None and isinstance(scan.value(hit, rule.path), FuncV) and not rule.options.get("path_optional"):
            continue  # a function stands where the path should: another overload is meant
        handler, guards = handlers(scan, hit)
        if handler is None and rule.options.get("or_subject"):
            handler = hit.callee.subject
        if not paths or (handler is None and rule.handlers != "none") or _is_left_out(hit, handler):
            continue
        if "answered" in rule.options and not answers(scan.graph, handler, rule.options["answered"]):
            continue
        if rule.options.get("of_functions") and not any(isinstance(o, FuncV) for o in options(handler or UNKNOWN)):
            continue  # what a package makes of routes of its own
        if (rule.options.get("typed_receiver") and scan.is_open(hit, rule.path)) or (pathless and not functions_in(scan.graph, handler)):
            continue  # without a path, what a package makes only stands before other routes
        above = marked(prefix_of(scan, hit), rule.options.get("param_mark", ""))
        paths = [join(above, p, keep_root=True) for p in paths] if above else paths
        named = [m for p in paths for m in (split_methods(p) if rule.options.get("method_in_path") else [("", p)])]
        paths = [p for _, p in named]
        if (
            rule.options.get("absolute_paths", True)
            and not any(p == "" or p.startswith(("/", "*", "{", "^")) for p in paths)
            and not rule.slash
        ):
            continue
        guards = (*guards, *earlier(scan, hit), *chained(scan, hit), *guards_around(scan, hit))
        named = [(m, p.lstrip("/")) for m, p in named] if rule.options.get("procedure") else named
        given = rule.options.get("router")
        router = scan.router(hit) if given is None else scan.handed.router(hit, Ref(**given))
        handler = handler_named(scan, hit, handler, router)
        if "reflected" in rule.options:  # a class whose group a function makes by reflection
            group = scan.class_routers.of_handler(handler)
            if group is None and rule.options["reflected"] == "only":
                continue
            written = _written(scan, hit, handler) if group is not None else hit
            guards = (*guards, *chained(scan, written)[:1]) if written is not hit else guards
            router, hit = group or router, written
        below = (scan.router_of_any(handler) or wrapped_router(scan, hit, paths)) if rule.options.get("may_mount") else None
        if below is not None:  # `mux.Handle("/api/", api)`: the paths of `api` are whole ones
            place = scan.place(hit)
            scan.routing.mounts.append(Mount(parent=router, child=below, prefix="", place=place, start=hit.call.start, guards=guards))
            continue
        for method, inner in collection(scan, hit, handler):
            for _, path in named:
                register(scan, hit, router, path.rstrip("/").rpartition("/")[0] if path else "..", inner, guards, method)
        listed = list(mapped(scan, hit, handler))
        for method, inner in listed:
            for _, path in named:
                register(scan, hit, router, path, inner, guards, method)
        for method, path in named if not listed and not rule.options.get("only_answers") else ():
            register(scan, hit, router, path, handler, guards, method)
    _loose_tables(scan)


def _is_left_out(hit: Hit, handler: AV | None) -> bool:
    """Is the handler one of a package that no production has (`not_handlers`), or an object whose methods are the routes (`no_objects`)?"""
    if hit.rule.options.get("no_objects") and isinstance(handler, InstV):
        return True
    return is_left_out(hit.rule, handler)


def _bodies(scan: Scan) -> set[tuple[str, int]]:
    """The functions that are given as handlers: what they would register when a request comes is no route (option `at_start`)."""
    hits = [h for h in scan.hits.get("call", ()) if h.rule.options.get("at_start")]
    return {(h.site.file, a.value.symbol) for h in hits for a in h.call.args if isinstance(a.value, Func)}


def _loose_tables(scan: Scan) -> None:
    """Tables of a card whose routes all stand in lists (`tables`), of which none was found at an application."""
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.options.get("tables"):
                register_tables(scan, card, rule)
                break


def chained(scan: Scan, hit: Hit) -> tuple[Guard, ...]:
    """Guards that later steps of the chain put before the route: `app.MapGet(...).RequireAuthorization()`, named in `options.chained`."""
    wanted = hit.rule.options.get("chained", ())
    view = scan.graph.view(hit.site.file)
    found: list[Guard] = []
    for name, number in steps_after(view, hit.site.call) if wanted else ():
        if name in wanted:
            call = view.facts.calls[number]
            place = Place(file=view.path, line=call.line, end_line=call.end_line)
            for value in options(scan.graph.ev.value(call.callee, view.path, call.owner, hit.site.env)):
                if isinstance(value, Ext):
                    found.append(Guard(value=Ext(f"{value.path}()", value, Site(view.path, number, hit.site.env)), place=place, start=0))
    return tuple(found)


def _stands_before(scan: Scan, hit: Hit) -> bool:
    """Is the call a step that runs before those that follow it in the chain: `route("/x").all(guard).get(show)`, option `ahead`?"""
    before = hit.rule.options.get("ahead", ())
    view = scan.graph.view(hit.site.file)
    return callee_name(hit.call) in before and any(name in hit.rule.verbs for name, _ in steps_after(view, hit.site.call))


def earlier(scan: Scan, hit: Hit) -> tuple[Guard, ...]:
    """What such steps earlier in the chain put before the route."""
    found: list[Guard] = []
    current: AV | None = hit.callee.base if hit.rule.options.get("ahead") else None
    for _ in range(MAX_STEPS):
        if not isinstance(current, Ext):
            break
        if current.site is not None and last_step(current.path) in hit.rule.options["ahead"]:
            call = scan.graph.view(current.site.file).facts.calls[current.site.call]
            place = Place(file=current.site.file, line=call.line, end_line=call.end_line)
            for value in argument_values(scan.graph, [Thunk(place.file, call.owner, a.value, current.site.env) for a in call.args])[::-1]:
                found[:0] = scan.guards_of(value, place, call.start)
        current = current.base
    return tuple(found)


def _written(scan: Scan, hit: Hit, handler: AV | None) -> Hit:
    """Where the handler's class calls a function of the repository that registers it; the hit itself when it does not."""
    for option in options(handler) if handler is not None else ():
        if not isinstance(option, FuncV) or hit.site.file == option.symbol.file:
            continue
        view = scan.graph.view(option.symbol.file)
        name = Name(view.symbol(option.symbol.index).name)
        for number in view.calls_by_name.get(callee_name(hit.call) or "", ()):
            if any(a.value == name for a in view.facts.calls[number].args):
                return replace(hit, site=Site(view.path, number, None), call=view.facts.calls[number])
    return hit


def _action(scan: Scan, hit: Hit) -> AV | None:
    """A class or an object and the name of one of its methods as two arguments; a name that it has not, or none, means one of `methods`.

    None where no method can be meant: the one argument is the handler.
    """
    value = scan.value(hit, hit.rule.handler)
    names = [*scan.texts(hit, Ref(**hit.rule.options["action"])), *hit.rule.options.get("methods", ())]
    if not names:
        return None
    for option in options(value) if value is not None else ():
        found = (members.own_member(scan.graph.ev, option, n) for n in names) if isinstance(option, ClassV | InstV) else iter(())
        method = next((m for m in found if isinstance(m, FuncV)), None)
        if method is not None:
            return method
    return value


def _method_of(scan: Scan, hit: Hit, name: str) -> AV | None:
    """A method by its name, of what another call on the same receiver gave: `$c->setHandler(new Orders()); $c->get("/", "list");`."""
    view = scan.graph.view(hit.site.file)
    named = scan.texts(hit, hit.rule.handler)
    receiver = hit.call.callee.base if isinstance(hit.call.callee, Member) else None
    before = step_site(hit.callee, name)  # in the same chain
    for number in view.calls_by_name.get(name, ()) if receiver is not None and named else ():
        call = view.facts.calls[number]
        same = isinstance(call.callee, Member) and call.callee.base == receiver and call.owner == hit.call.owner
        if same or (before is not None and before.call == number and before.file == view.path):
            for option in options(scan.graph.ev.arg_value(Site(view.path, number, hit.site.env), 0) or UNKNOWN):
                holder = class_named(scan, "", str(option.value), ()) if isinstance(option, Const) else option
                made = InstV(holder) if isinstance(holder, ClassV) else holder
                found = members.own_member(scan.graph.ev, made, named[0]) if isinstance(made, InstV) else None
                if isinstance(found, FuncV):
                    return found
    return scan.value(hit, hit.rule.handler)


def handlers(scan: Scan, hit: Hit) -> tuple[AV | None, tuple[Guard, ...]]:
    """The handler and what stands before it: the named argument (option `pipeline`: the last of a list), or the last function."""
    rule = hit.rule
    extra = scan.guards(hit, rule.middleware)
    if rule.handler is not None and "action" in rule.options and (named := _action(scan, hit)) is not None:
        return named, extra
    if rule.handler is not None and "method_of" in rule.options:
        return _method_of(scan, hit, str(rule.options["method_of"])), extra
    if "implementing" in rule.options and (generated := implementing(scan, hit, rule.options["implementing"])) is not None:
        return generated, extra
    if rule.handler is not None:
        given = scan.value(hit, rule.handler)
        if rule.options.get("or_later"):  # `router.get("/x").coroutineHandler { ... }`
            given, first_run = given_later(scan, hit, given)
            extra = (*extra, *first_run)
        if rule.options.get("after_path"):  # `get("/x", show, roles)` and `get(show, roles)`
            written = scan.value(hit, rule.path)
            at = 1 if isinstance(next(options(written or UNKNOWN)), Const | Text) else 0
            given = scan.value(hit, Ref(arg=at))
            if isinstance(given, Const) and isinstance(given.value, str):  # `get("/x", "application/json", show)`
                given = scan.value(hit, Ref(arg=at + 1))
        place, start = scan.place(hit), hit.call.start
        if rule.options.get("pipeline") and isinstance(given, ListV) and pair(scan, given) is None and given.items:
            *before, given = (scan.graph.ev.thunk(t) for t in given.items[:MAX_STEPS])
            extra = (*extra, *(g for v in before for g in scan.guards_of(v, place, start)))
        inner, around = unwrapped(scan.graph, answering(scan, given, str(rule.options.get("handler_method", ""))))
        return inner, (*extra, *(Guard(value=w, place=place, start=start) for w in around))
    first = rule.path.arg + 1 if rule.path is not None and rule.path.arg is not None and rule.path.at is None else 0
    arguments = [a for a in hit.call.args if a.name is None][first:]
    values = argument_values(scan.graph, [Thunk(hit.site.file, hit.call.owner, a.value, hit.site.env) for a in arguments])
    if not values:
        return None, extra
    if "members_of" in rule.options.get("names", ()):  # a text names what answers
        values[-1] = handler_named(scan, hit, values[-1], None) or values[-1]
    values = [answering(scan, v, str(rule.options.get("handler_method", ""))) or v for v in values]
    place, start = scan.place(hit), hit.call.start
    last = len(values) - 1
    while last > 0 and not functions_in(scan.graph, values[last]) and any(functions_in(scan.graph, v) for v in values[:last]):
        last -= 1
    guards = tuple(g for v in values[:last] for g in scan.guards_of(v, place, start))
    handler, around = unwrapped(scan.graph, values[last])
    return handler, (*extra, *guards, *(Guard(value=w, place=place, start=start) for w in around))


__all__ = ["collect", "handlers", "texts"]
