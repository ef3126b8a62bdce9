"""A collection by convention: `Route::resource("photos", PhotoController::class)` is a route for each of the usual actions.

Options of the rule: `actions` maps names of methods to lists of HTTP methods and a path (`{one}` is the parameter of a member); `only` and
`except` are lists of references to the arguments that choose among them, by their names or those of `chosen_as`; `class_from_path` names
the class where none is given; `many` says that the argument is a record of several collections. The parameter is named after the singular
of the path; `photos.comments` is nested, with `outer` behind the names of the parameters around it, `inner` behind its own; `shallow` is a
later step, or the call itself, with which a member stands by itself; `one` is its fixed name, `parameters` refers to a record of other
names. `added` maps later steps to further `actions`. `called`: what the routes are named, a record of names by actions or the beginning of
all. `drop` maps steps of the chain to actions that they take away, `without` verbs to those that they lack; `inside`: see `rows`.
`service`: only an object is a collection, and only the actions that it, its class or an external base of it has are routes; `adapters` are
paths of bases that have all of them, `brings` those of bases with some; what an action `does` to the data of those that `keeps` names.
`names`: see `handler_names`, `hooks`: see `service_hooks`.
`single` and `parameter` are references to the arguments that say that it is one thing alone, without a parameter, and how its parameter is
called. `existing`: an action that the class has no method for is none. `made`: the call makes the router of the collection, which is
mounted elsewhere. `mapped` refers to a record of further actions, each with its `method`, `path` and `action`; `path_given` to the path,
where it is not that of the name and the name is none. `of_decorated`, see shape `decorator`: the call stands in a class that a decorator
makes a router. `known_path`: it has a name that is known. `pair`: the texts of the path are its own and that of one member.
`begun_by` names a call of the package before it that is given the `application` which the routes are put on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.evaluation.exports import exported
from backend_readiness.graph.evaluation.plurals import singular
from backend_readiness.graph.handling.handler_names import handler_named
from backend_readiness.graph.handling.service_hooks import ServiceHooks
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.routes.groups import kebab
from backend_readiness.graph.routes.later_steps import steps_after
from backend_readiness.graph.routes.routing import Registration, RouterKey, Touch
from backend_readiness.graph.routes.rows import prefix_of
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.shapes.decorator import decorated_router
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, ModV, Obj, Site, SymbolId, nearest_call, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref

_OPEN = re.compile(r"/?\{\w*\}")
MAX_COLLECTIONS = 200
MAX_MAPPED = 40
MAX_CALLING = 20


def collect(scan: Scan) -> None:
    hooks: dict[str, ServiceHooks] = {}
    for hit in scan.hits.get("collection", ()):
        if "hooks" in hit.rule.options and hit.card.id not in hooks:
            hooks[hit.card.id] = ServiceHooks(scan, hit.card, hit.rule.options["hooks"])
        for path, handler in _collections(scan, hit):
            _register(scan, hit, path, handler, hooks.get(hit.card.id))


def _collections(scan: Scan, hit: Hit) -> Iterator[tuple[str, AV | None]]:
    if hit.rule.options.get("many"):
        given = scan.value(hit, hit.rule.path)
        for value in options(given) if given is not None else ():
            for path, thunk in list(value.fields.items())[:MAX_COLLECTIONS] if isinstance(value, Obj) else ():
                yield path, scan.graph.ev.thunk(thunk)
        return
    for path in scan.texts(hit, hit.rule.path)[: 1 if hit.rule.options.get("pair") else None]:
        if hit.rule.options.get("known_path") and _OPEN.fullmatch(path):
            continue  # `$routes->resources($this->getName())`
        yield path, scan.value(hit, hit.rule.handler)


def _after(scan: Scan, hit: Hit) -> set[str]:
    return {name for name, _ in steps_after(scan.graph.view(hit.site.file), hit.site.call)}


def _actions(scan: Scan, hit: Hit) -> dict[str, list[str]]:
    """The usual actions with those that later steps of the chain add."""
    found = dict(hit.rule.options["actions"])
    after = _after(scan, hit) if "added" in hit.rule.options else set()
    for step, more in hit.rule.options.get("added", {}).items():
        found.update(more if step in after else {})
    return {**found, **{key: [*methods, tail] for key, (methods, tail, _) in _mapped(scan, hit).items()}}


def _mapped(scan: Scan, hit: Hit) -> dict[str, tuple[list[str], str, str]]:
    """Further actions that a record of the call adds: name -> HTTP methods, path below the collection, method of the class."""
    ev, found = scan.graph.ev, {}
    given = scan.value(hit, _ref(hit, "mapped"))
    for value in options(given) if given is not None else ():
        for key, thunk in list(value.fields.items())[:MAX_MAPPED] if isinstance(value, Obj) else ():
            record = ev.thunk(thunk)
            said = {n: members.field_thunk(ev, record, n) for n in ("method", "path", "action")} if isinstance(record, Obj) else {}
            written = {n: texts(ev, ev.thunk(t)) for n, t in said.items() if t is not None}
            tail = next(iter(written.get("path", [] if "path" in written else [key])), "").strip("/")
            methods = [m.upper() for m in written.get("method", ["GET"])]
            found[key] = (methods, f"/{tail}" if tail else "", next(iter(written.get("action", [key])), key))
    return found


def _chosen(scan: Scan, hit: Hit, actions: dict[str, list[str]]) -> list[str]:
    called = {t: a for a, words in hit.rule.options.get("chosen_as", {}).items() for t in words}
    only = [called.get(t, t) for ref in hit.rule.options.get("only", ()) for t in _words(scan, hit, ref)]
    without = {called.get(t, t) for ref in hit.rule.options.get("except", ()) for t in _words(scan, hit, ref)}
    after = _after(scan, hit) if "drop" in hit.rule.options else set()
    without.update(hit.rule.options.get("without", {}).get(hit.verb, ()))
    without |= {a for step, gone in hit.rule.options.get("drop", {}).items() if step in after for a in gone}
    given = [scan.value(hit, Ref(**ref)) for ref in hit.rule.options.get("only", ())]
    none = any(isinstance(value, ListV) and not value.items for value in given)  # `only: []`
    return [a for a in actions if (a in only if only or none else True) and a not in without]


def _words(scan: Scan, hit: Hit, ref: dict[str, object]) -> list[str]:
    """The texts of an argument, or of all arguments of a step (`->only("index", "show")`)."""
    read = Ref(**ref)  # type: ignore[arg-type]  # checked by the model
    return [t for thunk in scan.thunks(hit, read) for t in texts(scan.graph.ev, scan.graph.ev.thunk(thunk))]


def _register(scan: Scan, hit: Hit, path: str, handler: AV | None, hooks: ServiceHooks | None) -> None:
    made = hit.rule.options.get("made")
    router: RouterKey | None = ("site", hit.site.file, hit.site.call) if made else _put_on(scan, hit) or scan.router(hit)
    if made:
        scan.note(("site", hit.site.file, hit.site.call), Ext(f"{hit.callee.path}()", hit.callee, hit.site))
    if "of_decorated" in hit.rule.options:
        keys = decorated_router(scan, SymbolId(hit.site.file, hit.call.owner), hit.rule.options["of_decorated"])
        if not keys:
            return
        router, handler = keys[0], handler or ClassV(SymbolId(hit.site.file, hit.call.owner))
    if handler is None and hit.rule.options.get("class_from_path"):
        handler = Const(_class_of(path))
    named = handler_named(scan, hit, handler, router)
    cls = next((o for o in options(named) if isinstance(o, ClassV)), None) if named is not None else None
    if cls is None and isinstance(named, FuncV) and isinstance(named.self_value, InstV):
        cls = named.self_value.cls  # a class with a method that is called when it is given alone
    given = scan.texts(hit, _ref(hit, "path_given")) if not path.startswith("/") else []
    path = next(iter(given), kebab(path) if hit.rule.options.get("kebab") else path)
    segments = [s for s in path.strip("/").split(hit.rule.options.get("nesting", ".")) if s]
    renamed = _written(scan, hit, "parameters")
    outer = str(hit.rule.options.get("outer", ""))
    base = "".join(f"/{s}/{{{renamed.get(s.rpartition('/')[2], _parameter(s) + outer)}}}" for s in segments[:-1])
    one = str(hit.rule.options.get("one", "")) or (_parameter(segments[-1]) + str(hit.rule.options.get("inner", "")) if segments else "id")
    one = renamed.get(segments[-1].rpartition("/")[2], one) if segments else one
    named_one = next((t for t in scan.texts(hit, _ref(hit, "parameter"))), "")
    alone = scan.value(hit, _ref(hit, "single")) == Const(True)
    service = _service(scan, hit, named) if hit.rule.options.get("service") else None
    if service is None and hit.rule.options.get("service"):
        return
    base += f"/{segments[-1]}" if segments else ""
    above = prefix_of(scan, hit)
    base = join(above, base, keep_root=False) if above else base
    guards = scan.guards(hit, hit.rule.middleware)
    before, called = scan.groups.name_before(router), _written(scan, hit, "called")
    stem = next(iter(t for r in hit.rule.options.get("called", ()) for t in scan.texts(hit, Ref(**r))), path.strip("/").replace("/", "."))
    actions, mapped = _actions(scan, hit), _mapped(scan, hit)
    flat = f"/{segments[-1]}" if len(segments) > 1 and _is_shallow(scan, hit) else base
    for action in _chosen(scan, hit, actions):
        *methods, tail = actions[action]
        below = flat if "{one}" in tail else base
        tail = tail.replace("/{id}", "") if alone else tail.replace("{id}", f"{{{named_one or 'id'}}}")
        if alone and action == "index":
            continue
        method_name = str(hit.rule.options.get("prefix", "")) + (mapped[action][2] if action in mapped else action)
        found = members.own_member(scan.graph.ev, InstV(cls), method_name) if cls is not None else None
        if service is not None:
            found = service.get(action)
            cls = next((o.cls for o in options(named) if isinstance(o, InstV)), None) if named is not None else None
        if found is None and cls is not None and hit.rule.options.get("existing"):
            continue
        before_it = hooks.guards(path, action, scan.place(hit)) if hooks is not None else ()
        for method in methods if service is None or action in service else ():
            scan.routing.registrations.append(
                Registration(
                    router=router, method=method, path=below + tail.replace("{one}", f"{{{one}}}"), place=scan.place(hit),
                    start=hit.call.start, card=hit.card, rule=hit.rule, handler=found if isinstance(found, FuncV) else cls,
                    guards=(*guards, *before_it),
                    name=before + called.get(action, f"{stem}.{action}"),
                    touches=_touches(scan, hit, named, action, segments) if service is not None and found is None else (),
                )
            )  # fmt: skip


def _touches(scan: Scan, hit: Hit, service: AV | None, action: str, segments: list[str]) -> tuple[Touch, ...]:
    """What a base of a service does to its data where the service leaves an action to it, at the class or the call that makes it."""
    done = hit.rule.options.get("does", {}).get(action)
    ends = scan.graph.knowledge.patterns(hit.card, tuple(hit.rule.options.get("keeps", ())))
    for option in options(service) if done and segments and service is not None else ():
        paths = [e.path for e in inheritance.external_bases(scan.graph.ev, option.cls)] if isinstance(option, InstV) else []
        paths += [option.path] if isinstance(option, Ext) else []
        if not any(compiled(e).fullmatch(p) for e in ends for p in (*paths, *(f"{p}()" for p in paths))):
            continue
        if isinstance(option, InstV):
            file, line = option.cls.symbol.file, scan.graph.view(option.cls.symbol.file).symbol(option.cls.symbol.index).line
        elif isinstance(option, Ext) and (site := nearest_call(option)) is not None:
            file, line = site.file, scan.graph.view(site.file).facts.calls[site.call].line
        else:
            continue
        return (Touch(operation=done, target=segments[-1], place=Place(file=file, line=line, end_line=line)),)
    return ()


def _put_on(scan: Scan, hit: Hit) -> RouterKey | None:
    """The application that an earlier call of the package is given: `finale.initialize({ app })`."""
    ref = _ref(hit, "application")
    if ref is None:
        return None
    ev, name = scan.graph.ev, hit.rule.options.get("begun_by", "")
    for file in (hit.site.file, *scan.graph.calling(name)[:MAX_CALLING]):
        view = scan.graph.view(file)
        for number in view.calls_by_name.get(name, ()):
            call = view.facts.calls[number]
            callees = [o for o in options(ev.value(call.callee, file, call.owner)) if isinstance(o, Ext) and o.base == hit.callee.base]
            given = argument_value(ev, Site(file, number, None), ref, callees[0]) if callees else None
            key = scan.router_of_any(given) if given is not None else None
            if key is not None:
                return key
    return None


def _is_shallow(scan: Scan, hit: Hit) -> bool:
    """Does a step of the chain, or the call itself, say that one of an inner collection stands alone?"""
    wanted = hit.rule.options.get("shallow", "")
    return bool(wanted) and (last_step(hit.callee.path) == wanted or wanted in _after(scan, hit))


def _written(scan: Scan, hit: Hit, option: str) -> dict[str, str]:
    """The texts by names of the records that an option refers to: `->parameters(["photos" => "picture"])`."""
    found: dict[str, str] = {}
    for ref in hit.rule.options.get(option, ()):
        for thunk in scan.thunks(hit, Ref(**ref)):
            for value in options(scan.graph.ev.thunk(thunk)):
                fields = list(value.fields.items())[:MAX_COLLECTIONS] if isinstance(value, Obj) else []
                found.update((k, t) for k, inner in fields for t in texts(scan.graph.ev, scan.graph.ev.thunk(inner))[:1])
    return found


def _ref(hit: Hit, name: str) -> Ref | None:
    return Ref(**hit.rule.options[name]) if name in hit.rule.options else None


def _service(scan: Scan, hit: Hit, value: AV | None) -> dict[str, AV | None] | None:
    """The actions that a service answers with what answers them; None for what is no service."""
    wanted = hit.rule.options["actions"]
    adapters = scan.graph.knowledge.patterns(hit.card, tuple(hit.rule.options.get("adapters", ())))
    for option in options(value) if value is not None else ():
        found: dict[str, AV | None] = {}
        paths: list[str] = []
        if isinstance(option, InstV):
            own = {a: members.own_member(scan.graph.ev, option, a) for a in wanted}
            found.update((a, v) for a, v in own.items() if isinstance(v, FuncV))
            paths = [e.path.removesuffix("[]") for e in inheritance.external_bases(scan.graph.ev, option.cls)]
        elif isinstance(option, Obj):
            thunks = {a: members.field_thunk(scan.graph.ev, option, a) for a in wanted}
            found.update((a, v) for a, t in thunks.items() if t is not None and isinstance(v := scan.graph.ev.thunk(t), FuncV))
        elif isinstance(option, ModV):
            given = {a: exported(scan.graph.ev, option.file, a) for a in wanted}
            found.update((a, v) for a, v in given.items() if isinstance(v, FuncV))
        elif isinstance(option, Ext):
            paths = [option.path.removesuffix("()")]
        brought = [a for p, names in hit.rule.options.get("brings", {}).items() if p in paths for a in names]
        if brought or any(compiled(a).fullmatch(p) for a in adapters for p in paths):
            found.update((a, found.get(a)) for a in brought or wanted)
        if found:
            return found
    return None


def _parameter(segment: str) -> str:
    return singular(segment.rpartition("/")[2]).replace("-", "_")


def _class_of(path: str) -> str:
    """`order-items` and `OrderItems` are handled by the class `OrderItems`."""
    return "".join(word[:1].upper() + word[1:] for word in path.rstrip("/").rpartition("/")[2].split("-"))
