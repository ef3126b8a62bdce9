"""Classes whose methods answer requests: which HTTP methods, which method answers each, what the base class does itself."""

from __future__ import annotations

from dataclasses import dataclass

from backend_readiness.graph.backend.effects import value_name
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import following, members
from backend_readiness.graph.handling.standing_guards import opened
from backend_readiness.graph.routes.routing import Guard, Touch
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, Obj, UnionV, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import ViewRule

MAX_WRAPPERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a class answers one HTTP method. `handler` is the method, or the class where its base answers."""

    method: str
    handler: AV
    guards: tuple[Guard, ...] = ()
    runs: tuple[FuncV, ...] = ()
    touches: tuple[Touch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view class: `cls` is None for one that is used straight from its package; `actions` maps HTTP methods to names."""

    value: AV
    cls: ClassV | None
    bases: tuple[Ext, ...]
    rule: ViewRule
    actions: dict[str, str]
    wrappers: tuple[Guard, ...] = ()
    name: str = ""  # that the call gives which makes the class a handler


def view_of(scan: Scan, value: AV | None, place: Place, start: int, depth: int = 0) -> View | None:
    """The view class behind a handler value, through `as_view()` and wrappers; None when it is none."""
    graph = scan.graph
    for option in options(value) if value is not None else ():
        if isinstance(option, ClassV):
            bases = tuple(inheritance.external_bases(graph.ev, option))
            rule = _rule(scan, bases)
            if rule is not None:
                return View(value=option, cls=option, bases=bases, rule=rule, actions={})
        elif isinstance(option, InstV):  # `Handler::route("/", Index::default())`, where no call turns a class into a handler
            bases = tuple(inheritance.external_bases(graph.ev, option.cls))
            rule = _rule(scan, bases)
            if rule is not None and not rule.via:
                return View(value=option, cls=option.cls, bases=bases, rule=rule, actions={})
        elif isinstance(option, Ext) and option.site is not None:
            found = _made(scan, option) if scan.graph.knowledge.view_calls.matches(option.path) else None
            if found is not None:
                return found
            call = graph.view(option.site.file).facts.calls[option.site.call]
            for arg in call.args[:4] if depth < MAX_WRAPPERS else ():
                inner = graph.ev.value(arg.value, option.site.file, call.owner, option.site.env)
                if not isinstance(inner, ClassV | Ext):
                    continue
                found = view_of(scan, inner, place, start, depth + 1)
                if found is not None:
                    guard = Guard(value=option, place=place, start=start)
                    return View(
                        value=found.value,
                        cls=found.cls,
                        bases=found.bases,
                        rule=found.rule,
                        actions=found.actions,
                        name=found.name,
                        wrappers=(guard, *found.wrappers),
                    )
    return None


def _rule(scan: Scan, bases: tuple[Ext, ...]) -> ViewRule | None:
    found = [tagged for base in bases for tagged, _ in scan.graph.knowledge.views.matches(base.path)]
    first = min(found, key=lambda t: (t.card.id, t.card.views.index(t.rule)), default=None)  # the card names special bases first
    return first.rule if first is not None else None


def _made(scan: Scan, value: Ext) -> View | None:
    """`Orders.as_view()`, `Orders.as_view({"get": "list"})`, `TemplateView.as_view()`."""
    graph = scan.graph
    actions: dict[str, str] = {}
    first = graph.ev.arg_value(value.site, 0) if value.site is not None else None
    if isinstance(first, Obj):
        actions = {k.upper(): n for k, t in first.fields.items() for n in texts(graph.ev, graph.ev.thunk(t))}
    if isinstance(value.subject, ClassV):
        bases = tuple(inheritance.external_bases(graph.ev, value.subject))
        called = [tagged.rule for tagged, _ in graph.knowledge.view_calls.matches(value.path)]
        rule = _rule(scan, bases) or next(iter(called), None)  # a base of a package that no card knows: its own methods still answer
        name = first.value if isinstance(first, Const) and isinstance(first.value, str) else ""
        if rule is None:
            return None
        return View(value=value.subject, cls=value.subject, bases=bases, rule=rule, actions=actions, name=name)
    owner = value.base.base if isinstance(value.base, Ext) else None
    if isinstance(owner, Ext):
        rule = _rule(scan, (owner,))
        return View(value=value, cls=None, bases=(owner,), rule=rule, actions=actions) if rule is not None else None
    return None


def provided(scan: Scan, bases: tuple[Ext, ...]) -> set[str]:
    """The names that external bases bring, by the cards."""
    return {n for b in bases for tagged, _ in scan.graph.knowledge.provides.matches(b.path) for n in tagged.rule}


def answers(scan: Scan, view: View, place: Place, start: int, wanted: tuple[str, ...] = ()) -> list[Answer]:
    """One answer for each HTTP method, only those of `wanted` when some are named."""
    brought = provided(scan, view.bases)
    table: dict[str, tuple[str, ...]] = {m: (n,) for m, n in view.actions.items()}
    table = table or dict(view.rule.methods)
    allowed = allowed_methods(scan, view)
    found: list[Answer] = []
    for method, names in table.items():
        if allowed and method not in allowed and method != "*":
            continue
        handler = next((f for n in names if (f := _method(scan, view.cls, n)) is not None), None)
        first = _method(scan, view.cls, names[0]) is not None
        if not first and names[0] not in brought:
            continue
        for each in (sorted(allowed) or ["GET"]) if method == "*" else [method]:
            if wanted and each not in wanted:
                continue
            guards = (*view.wrappers, *class_guards(scan, view, place, start, names[0] if view.actions else "", each))
            found.append(answer(scan, view, each, names, handler, guards))
    return found


def answer(scan: Scan, view: View, method: str, names: tuple[str, ...], handler: FuncV | None, guards: tuple[Guard, ...]) -> Answer:
    """The answer to one HTTP method; the hooks and the touch of the base where the class has no method of its own."""
    if handler is not None or view.cls is None:
        return Answer(method=method, handler=handler if handler is not None else view.value, guards=guards)
    key = names[0] if names[0] in view.rule.hooks else method
    runs = [f for path in view.rule.hooks.get(key, ()) if isinstance(f := following.follow(scan.graph.ev, InstV(view.cls), path), FuncV)]
    operation = view.rule.touches.get(names[0]) or view.rule.touches.get(method)
    touch = _touch(scan, view, operation) if operation is not None else None
    return Answer(method=method, handler=view.value, guards=guards, runs=tuple(runs), touches=(touch,) if touch is not None else ())


def _method(scan: Scan, cls: ClassV | None, name: str) -> FuncV | None:
    found = members.own_member(scan.graph.ev, InstV(cls), name) if cls is not None else None
    return found if isinstance(found, FuncV) else None


def allowed_methods(scan: Scan, view: View) -> set[str]:
    values = [members.own_member(scan.graph.ev, view.cls, f) for f in view.rule.allowed] if view.cls is not None else []
    return {t.upper() for v in values if v is not None for t in texts(scan.graph.ev, v) if t.isalpha()}


def _touch(scan: Scan, view: View, operation: str) -> Touch | None:
    assert view.cls is not None
    for path in view.rule.model:
        value = following.follow(scan.graph.ev, InstV(view.cls), path)
        name = value_name(scan.graph, value) if value is not None else ""
        if name:
            return Touch(operation=operation, target=name, place=member_place(scan, view.cls, path.partition(".")[0].removesuffix("()")))
    return None


def member_place(scan: Scan, cls: ClassV, name: str) -> Place:
    """Where the class or a base of it in the repository writes the field or method; the class itself when none does."""
    for owner in (cls, *(b for b in inheritance.bases(scan.graph.ev, cls) if isinstance(b, ClassV))):
        view = scan.graph.view(owner.symbol.file)
        for assign in view.fields.get((owner.symbol.index, name), ())[-1:]:
            return Place(file=view.path, line=assign.line, end_line=assign.end_line)
        for child in view.named_children.get((owner.symbol.index, name), ())[-1:]:
            return Place(file=view.path, line=view.symbol(child).line, end_line=view.symbol(child).end_line)
    symbol = scan.graph.view(cls.symbol.file).symbol(cls.symbol.index)
    return Place(file=cls.symbol.file, line=symbol.line, end_line=symbol.line)


def class_guards(scan: Scan, view: View, place: Place, start: int, action: str = "", verb: str = "") -> list[Guard]:
    """Guards of one answer of the class: mixed in as a base that plays a role, methods that run first, listed in its fields, or standing.

    `action` and `verb` are the name of the method that answers and its HTTP method, where they are known.
    """
    if view.cls is None:
        return []
    found = [Guard(value=b, place=place, start=start) for b in view.bases if scan.graph.knowledge.roles_of(b.path)]
    for name in view.rule.guard_methods:
        method = _method(scan, view.cls, name)
        if method is not None:
            found.append(Guard(value=method, place=place, start=start))
    standing = {r.field: r for card, r in scan.standing.rules if r.field and view.rule in card.views}
    for name in dict.fromkeys((*view.rule.guards, *standing)):
        where = member_place(scan, view.cls, name)
        if name in standing:
            known = {t: v for t, v in ((standing[name].action, action), (standing[name].verb, verb)) if t and v}
            chosen = scan.standing.of_class(view.cls, standing[name], known, where, start)
            if chosen is not None:
                found.extend(chosen)
                continue
        value = members.own_member(scan.graph.ev, view.cls, name)
        for option in opened(scan, value) if isinstance(value, ListV | UnionV) else ():
            found.extend(Guard(value=v, place=where, start=start) for v in scan.standing.running(option))
    return found
