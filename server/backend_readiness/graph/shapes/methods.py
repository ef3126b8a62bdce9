"""Routes by the names of classes and methods: `OrdersController::actionView` is `/orders/view`.

Options of the rule: `base` are external base classes of such a class (those of the rule), or with `~` the names of such classes in the
repository, `but` those of classes that it does not speak of; `folder` is a regular expression for its file, whose groups `outer`,
`module` and `below` stand before the path and `inner` before the name of the class with a dot. `strip` is what the class's name ends with
(or may end with, `may_strip`), `not_classes` a regular expression for names of bases, `not_extended` for those of classes that are some
where another one goes on from them, `before` and `after` what the method's name starts and ends with (one of several beginnings; a
method without them is none, unless `bare`); `kebab` and `snake` write words apart (`snake:
classes` only those of classes); `led` is a setter and the name of the setting that lists words which, before the method's name, stand
before the whole path instead (`admin_edit`); `index` is the method that answers the class's own path (`short_index`: and no other),
`home` the class whose index answers `/` (with `home_folder` that of this module too; `home_written`, names of files and regular
expressions for what names another), `module_home` the one whose index answers for its module; `verbs` says that the HTTP method stands
before the name (`getIndex`), or `after` it (`index_get`; `apart`: before it, as in `get_index`); `skip` are methods that are none.
`requires` are names that the repository must use, `near` one that the part must which `outer` stands for. `arguments` puts the parameters
of the method into the path (`filled`: a single one always). `unless_routed`: only classes that no other route names (`elsewhere`: but for
their own decorators), and in any case the index of `home`; `methods`: only methods. `provided` maps bases to the actions that they bring,
each with its HTTP methods; `limits` and `others`: see `declared_actions`; `inherited` counts methods of base classes of the repository
too. `when` and `unless` are settings that must and must not be true. `marks` are decorators that such a class has, whose argument at
`prefix` is its path; each action is a route for each of `default_methods`; of their methods only those with a decorator of
`acts` count, without one of `acts_without`. `unless_written` and `whole_written` (then the name keeps
`strip`) are names of files and regular expressions for what stands in them.
"""

from __future__ import annotations

import re

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Lit, Member, Name, Symbol
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import argument
from backend_readiness.graph.routes.class_actions import action_of, classes, is_written, members_of, own_name, words
from backend_readiness.graph.routes.declared_actions import limits_of, others_of
from backend_readiness.graph.routes.dispatchers import with_dispatcher
from backend_readiness.graph.routes.routing import Registration, functions_in
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, SymbolId
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_CHARS = 1_000_000


def collect(scan: Scan) -> None:
    listed = [(c, r) for c in scan.graph.knowledge.cards for r in c.routes if r.shape == "methods"]
    for card, written in sorted(listed, key=lambda pair: "dispatched" in pair[1].options):  # an own dispatcher counts where none is known
        if all(scan.graph.naming(n) for n in written.options.get("requires", ())):
            rule = with_dispatcher(scan, card, written) if _is_on(scan, written) else None
            if rule is not None:
                routed = _routed(scan, rule) if rule.options.get("unless_routed") else set()
                for where, folder in classes(scan, rule):
                    if where not in routed:
                        _register(scan, card, rule, where, folder, routed)
                    elif not folder and own_name(scan, rule, where) == _home(scan, rule, where):
                        _register(scan, card, rule, where, folder, routed, only_home=True)


def _is_on(scan: Scan, rule: RouteRule) -> bool:
    """Do the settings of the application switch the convention on (`when`), and none of `unless`?"""
    on, off = rule.options.get("when", ()), rule.options.get("unless", ())
    if any(is_written(scan, w) for w in rule.options.get("unless_written", ())):
        return False
    return all(_is_set(scan, n) for n in on) and not any(_is_set(scan, n) for n in off)


def _is_set(scan: Scan, name: str) -> bool:
    """`public bool $autoRoute = true;`, `$routes->setAutoRoute(true)`."""
    for file in scan.graph.naming(name):
        for assign in scan.graph.view(file).facts.assigns if file in scan.graph.production else ():
            if isinstance(assign.target, Name | Member) and last_name(assign.target) == name and assign.value == Lit(True):
                return True
    setter = f"set{name[:1].upper()}{name[1:]}"
    for file in scan.graph.naming(setter):
        view = scan.graph.view(file)
        if any(a.value == Lit(True) for n in view.calls_by_name.get(setter, ()) for a in view.facts.calls[n].args[:1]):
            return True
    return False


def _routed(scan: Scan, rule: RouteRule) -> set[SymbolId]:
    """The classes whose methods other routes name, or those `methods`; decorators of their own (`elsewhere`) may not count."""
    found: set[SymbolId] = set()
    for item in scan.routing.registrations:
        if rule.options["unless_routed"] == "elsewhere" and item.rule.shape == "annotation":
            continue
        for function in functions_in(scan.graph, item.handler):
            if isinstance(function, FuncV) and rule.options["unless_routed"] == "methods":
                found.add(function.symbol)
            elif isinstance(function, FuncV) and isinstance(function.self_value, InstV):
                found.add(function.self_value.cls.symbol)
    return found


def _register(
    scan: Scan, card: Card, rule: RouteRule, where: SymbolId, folder: str, routed: set[SymbolId], *, only_home: bool = False
) -> None:
    options = rule.options
    own = own_name(scan, rule, where)
    if own is None:
        return
    folder, inner = (folder.partition("|")[::2]) if "|" in folder else (folder, "")
    called = ".".join([*(f.lower() for f in inner.split("/") if f), words(own, rule, "classes")])  # a class in a folder: `admin.user`
    if options.get("module_named") and _answers_for_module(rule, where, called, folder):
        called = ""
    base = "/".join(p for p in (words(folder, rule, "classes") if folder else "", called) if p)
    stated = _stated(scan, rule, where)
    base = base if stated is None else stated
    limits, leading, home = limits_of(scan, rule, where), _leading(scan, rule), _home(scan, rule, where)
    for member, symbol in members_of(scan, rule, where):
        action = action_of(symbol, rule) if _is_marked(scan, rule, member) else None
        if action is None or member in routed:
            continue
        method, name = action
        led = next((p for p in leading if name.startswith(f"{p}_")), "")
        name = name.removeprefix(f"{led}_") if led else name
        written = words(name, rule, "actions")
        index = name.lower() == str(options.get("index", "index")).lower()
        if only_home and not index:
            continue
        given = _given(symbol, filled=options.get("arguments") == "filled") if options.get("arguments") else [""]
        short = ["/" if own == home and not folder else f"/{base}"] if index else []
        if short and folder and own == options.get("module_home"):
            short = [f"/{words(folder, rule, 'classes')}", *short]
        short = [f"/{led}{p}" for p in short] if led else short
        if short and own == home and folder and folder == options.get("home_folder"):
            short = ["/", *short]
        if short == ["/"] and options.get("short_index"):
            short = ["/", f"/{base}"]  # the class at the root has its own path too
        place = Place(file=member.file, line=symbol.line, end_line=symbol.line)
        handler = FuncV(member, InstV(ClassV(where)))
        needed = bool(given[0])  # with parameters the name of the action cannot be left out
        whole = f"/{led}/{base}/{written}" if led else f"/{base}/{written}"
        long = () if only_home or (index and options.get("short_index") and not needed) else (whole,)
        for path in (
            p.replace("//", "/") for p in (*(() if needed else short), *long)
        ):  # the action that answers for its class may be written or left out
            for tail in given:
                for verb in limits.get(written) or limits.get("*") or rule.default_methods or (method,):
                    _add(scan, card, rule, verb, path + tail, place, symbol.start, handler)
    for name, answers, line in others_of(scan, rule, where) if not only_home else ():
        place = Place(file=where.file, line=line, end_line=line)
        for verb in limits.get(name) or limits.get("*") or rule.default_methods or (rule.method or "ANY",):
            _add(scan, card, rule, verb, f"/{base}/{name}", place, 0, answers)
    if not only_home:
        _provided(scan, card, rule, where, base)


def _answers_for_module(rule: RouteRule, where: SymbolId, called: str, folder: str) -> bool:
    """Is the class called as the module (`outer`) in whose own folder it stands?"""
    match = re.search(str(rule.options["folder"]), where.file)
    return match is not None and (match["outer"] or "").strip("/").lower() == called.lower() == folder.lower()


def _leading(scan: Scan, rule: RouteRule) -> list[str]:
    """The words that a setting lets stand before the names of methods: `Configure::write("Routing.prefixes", ["admin"])`."""
    setter, setting = rule.options.get("led", ("", ""))
    for file in scan.graph.naming(setter) if setter else ():
        view = scan.graph.view(file)
        for number in view.calls_by_name.get(setter, ()):
            given = [scan.graph.ev.value(a.value, file, 0) for a in view.facts.calls[number].args[:2]]
            if len(given) == 2 and setting in texts(scan.graph.ev, given[0]):
                return texts(scan.graph.ev, given[1])
    return []


def _home(scan: Scan, rule: RouteRule, where: SymbolId) -> str:
    """The class whose index answers `/`: what the settings of the application say that the class is part of, else that of the card."""
    found: dict[str, str] = {}
    for name, text in rule.options.get("home_written", ()):
        for file in scan.graph.files_named(name):
            folder = file.rpartition("config/")[0]
            said = re.search(text, scan.graph.text(file)[:MAX_CHARS]) if where.file.startswith(folder) else None
            if said is not None:
                found[folder] = "".join(w[:1].upper() + w[1:] for w in said.group(1).split("-"))
    return found[max(found, key=len)] if found else str(rule.options.get("home", ""))


def _is_marked(scan: Scan, rule: RouteRule, member: SymbolId) -> bool:
    """Has the method one of the decorators `acts`, and none of `acts_without`?"""
    wanted, others = tuple(rule.options.get("acts", ())), tuple(rule.options.get("acts_without", ()))
    own = decorators_of(scan.graph, member) if wanted else []
    return not wanted or bool(of_kind(own, wanted) and not of_kind(own, others))


def _stated(scan: Scan, rule: RouteRule, where: SymbolId) -> str | None:
    """The path that a mark of the class gives to it."""
    for mark in of_kind(decorators_of(scan.graph, where), tuple(rule.options.get("marks", ()))):
        thunk = argument(scan.graph, mark.site, rule.prefix) if mark.site is not None and rule.prefix is not None else None
        found = texts(scan.graph.ev, scan.graph.ev.thunk(thunk)) if thunk is not None else []
        if found:
            return found[0].strip("/")
    return None


def _given(symbol: Symbol, *, filled: bool) -> list[str]:
    """The parameters of a method as the end of its path, without (a single one is `filled`) and with those that may be left out."""
    found, needed = "", ""
    for param in symbol.params:
        if param.kind == "" and (param.type is None or getattr(param.type, "id", "") in ("int", "string")):
            found += f"/{{{param.name.lstrip('$')}}}"
            needed = needed if param.default is not None else found
    if filled and found.count("/") == 1:
        return [found if needed else f"{found.removesuffix('}')}?}}"]
    return list(dict.fromkeys((needed, found)))


def _add(scan: Scan, card: Card, rule: RouteRule, method: str, path: str, place: Place, start: int, handler: AV) -> None:
    scan.routing.registrations.append(
        Registration(router=None, method=method, path=path, place=place, start=start, card=card, rule=rule, handler=handler)
    )


def _provided(scan: Scan, card: Card, rule: RouteRule, where: SymbolId, base: str) -> None:
    """The actions that a base class brings and the class does not write itself."""
    view = scan.graph.view(where.file)
    symbol = view.symbol(where.index)
    own = {view.symbol(c).name for c in view.children.get(where.index, ())}
    above = inheritance.external_bases(scan.graph.ev, ClassV(where)) if "provided" in rule.options else []
    for path, actions in rule.options.get("provided", {}).items():
        if not any(compiled(path).fullmatch(b.path) for b in above):
            continue
        place = Place(file=where.file, line=symbol.line, end_line=symbol.line)
        for action, methods in actions.items():
            if f"{rule.options.get('before', '')}{action[:1].upper()}{action[1:]}" not in own:
                for method in methods:
                    _add(scan, card, rule, method, f"/{base}/{action}", place, symbol.start, ClassV(where))
