"""Calls of outside code whose result is known: by the cards, or because every program's library has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Lit, Member, Seq
from backend_readiness.graph.classes import inheritance, injection, types
from backend_readiness.graph.evaluation import (
    contexts,
    enum_names,
    exports,
    file_patterns,
    folder_members,
    folders,
    grown_lists,
    labelled_classes,
    loaded_folders,
    loaded_modules,
    texts,
)
from backend_readiness.graph.evaluation.converted import converted
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.settings import file_settings
from backend_readiness.graph.values import (
    AV,
    ClassV,
    Const,
    Ext,
    FuncV,
    InstV,
    ListV,
    ModV,
    Obj,
    ParamV,
    Site,
    Text,
    Thunk,
    UnknownV,
    options,
    union,
)
from backend_readiness.rules.card_rules import ValueRule

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


_OF_FILES: dict[str, Callable[[Evaluator, Site], AV | None]] = {
    "joined": folders.joined,
    "listed": folders.listed,
    "globbed": file_patterns.found,
    "file_name": folders.file_name,
    "file_parts": folders.file_parts,
}


def call_of_member(ev: Evaluator, callee: Ext, site: Site) -> AV | None:
    """Calls whose result is known in every program: methods of texts, lists and promises (not of Rust's filters), `super()`."""
    name = callee.path.rpartition(".")[2]
    base = callee.base
    if callee.path == "~super":
        return inheritance.super_value(ev, ev.world.view(site.file), ev.world.view(site.file).facts.calls[site.call].owner, site.env)
    if callee.path == "~classOf":  # `classOf[Orders]`
        call = ev.world.view(site.file).facts.calls[site.call]
        named = options(ev.instance_of(call.type_args[0], site.file, call.owner)) if call.type_args else ()
        return next((o.cls for o in named if isinstance(o, InstV)), None)
    if (turned := converted(ev, callee, site)) is not None:
        return turned
    if (constant := enum_names.called(ev, base, name)) is not None:
        return constant
    if callee.path == "~append" and site.file.endswith(".go"):
        return _appended(ev, site)
    if name == "replace" and isinstance(base, Const | Text | ParamV | Ext) and (left := texts.without_slashes(ev, base, site)) is not None:
        return left
    if name in ("replace", "replaceAll") and isinstance(base, Const | Text):
        filled = texts.filled_in_by_pattern(ev, base, site)
        if filled is not None:
            return filled
    if name == "replace" and isinstance(base, ParamV | Ext) and texts.filled_in_later(ev, site):
        return base
    if name == "split" and isinstance(base, Text | ParamV | Ext) and (parts := texts.before_query(ev, site)) is not None:
        return parts
    if isinstance(base, Const) and isinstance(base.value, str):
        return texts.text_method(ev, base.value, name, site)
    if isinstance(base, Text):
        return texts.template_method(ev, base, name, site)
    if callee.path in ("~URL", "~window.URL"):
        return texts.address(ev, site)
    if isinstance(base, ParamV) and name in ("toString", "trim", "strip"):
        return base
    if name == "toString" and isinstance(base, Ext) and base.path in ("~URL()", "~window.URL()") and base.site is not None:
        return ev.arg_value(base.site, 0)  # an address that the caller gives
    if name == "reduce":
        return texts.replaced_in(ev, site)
    if name in ("then", "catch", "finally") and base is not None and not site.file.endswith(".rs"):
        result = ev.arg_value(site, 0)
        if name == "then" and isinstance(result, FuncV):
            value = ev.invoke(result)
            if not isinstance(value, UnknownV):
                return value
        return base
    if isinstance(base, ListV) and name in ("concat", "join") and site.file.endswith(".rs"):  # `[base, "/api"].concat()`
        given = [ev.thunk(t) for t in base.items[:20]]
        lists = bool(given) and all(isinstance(p, ListV) or (isinstance(p, Ext) and p.site is not None) for p in given)
        return base if lists else texts.join_text(given)  # `[orders::routes(), stock::routes()].concat()`
    if isinstance(base, ListV) and name in ("slice", "join") and (of_list := texts.list_method(ev, base, name, site)) is not None:
        return of_list
    if isinstance(base, ListV) and name in ("shift", "pop") and base.items:
        return ev.thunk(base.items[0 if name == "shift" else -1])
    if isinstance(base, ListV) and name == "map" and (made := grown_lists.mapped(ev, base, site)) is not None:
        return made
    if isinstance(base, ListV) and name == "concat":
        return grown_lists.joined(ev, base, site)
    if isinstance(base, ListV) and name in ("filter", "slice", "sort", "reverse"):
        return base
    return None


def _class_named(ev: Evaluator, site: Site) -> AV | None:
    """The class that the last text among the arguments names: `get_model("shop.Order")`, `get_model("shop", "Order")`."""
    texts_given = [v.value for n in (1, 0) if isinstance(v := ev.arg_value(site, n), Const) and isinstance(v.value, str)]
    found = exports.class_named(ev, texts_given[0].rpartition(".")[2]) if texts_given else None
    return None if found is None or isinstance(found, UnknownV) else found


def _appended(ev: Evaluator, site: Site) -> AV | None:
    """`append(guards(), show)`: the items of the first list, which a call gives, and what is added to them."""
    call = ev.world.view(site.file).facts.calls[site.call]
    if not call.args or not isinstance(call.args[0].value, CallRef | Seq | Member):
        return None  # a list that grows from statement to statement
    given = [Thunk(site.file, call.owner, a.value, site.env) for a in call.args[:40]]
    items = grown_lists.items_of(ev, given[0])
    if items == (given[0],):
        return None
    return ListV((*items, *(t for thunk, a in zip(given[1:], call.args[1:], strict=False) for t in grown_lists.added(ev, thunk, a))))


def rule_value(ev: Evaluator, rule: ValueRule, callee: Ext, site: Site) -> AV | None:
    """The value that a card gives to the result of an external call; None when its argument is not there."""
    from backend_readiness.graph.references import argument_value, receiver_of_step

    if rule.take == "held":
        return None  # of a field, not of a call
    if rule.take == "context":
        return contexts.held(ev, site)
    if rule.take == "receiver":
        return receiver_of_step(callee, rule.value.at) if rule.value.at is not None else callee.base
    if rule.take == "address":
        return texts.joined(ev, site)
    if rule.take == "chained":
        return texts.chained(ev, callee, rule.source)
    if rule.take == "merged":
        return _merged(ev, site)
    if rule.take == "record":
        return _record(ev, site, argument_value(ev, site, rule.value, callee) if rule.value.at is not None else None)
    if rule.take == "module":
        return loaded_modules.by_loader(ev, site, rule)
    if rule.take in _OF_FILES:
        return _OF_FILES[rule.take](ev, site)
    if rule.take == "member":
        return folder_members.called(ev, callee.path, rule.source, site)
    value = argument_value(ev, site, rule.value, callee)
    if rule.take == "folder":
        return loaded_folders.loaded(ev, site, value)
    if value is None:
        return None
    match rule.take:
        case "arg":
            return value
        case "state":
            return None if isinstance(value, Const) and value.value in ("", None) else value
        case "chosen":
            given = ev.arg_value(site, 0)
            selectors = [v for v in options(given) if isinstance(v, FuncV)] if given is not None else []
            return union([ev.invoke(v, site) for v in selectors or options(value)])
        case "result":
            return union([exports.default_of(ev, ev.invoke(v, site)) for v in options(value)])
        case "new":
            return union([types.made(v) for v in options(value)])
        case "class":
            return _class_named(ev, site)
        case "labelled":
            return labelled_classes.labelled(ev, value, rule.source)
        case "element":
            return ev.element_of(value)
        case "file_setting":
            return file_settings.setting_in_file(ev, value, rule.source, site.file)
        case "setting":
            return injection.setting(ev, value, rule.source)
    bound = injection.bound_to(ev, value) if rule.take == "instance" else None  # what a container keeps under a token
    if bound is not None:
        return bound
    made = site if rule.take == "made" else None
    if rule.take == "instance" and rule.source:
        kept = exports.class_in_folder(ev, value, rule.source)
        return InstV(kept) if kept is not None else None
    models: list[AV] = [InstV(c, made) for v in options(value) if (c := model_of(ev, v)) is not None]
    brought = (v for v in options(value) if isinstance(v, Ext) and v.base is not None and last_step(v.path)[:1].isupper())
    found = models or [Ext(f"{v.path}()", v, site) for v in brought]  # `$container->get(Router::class)`: the class of a package
    found = found or [Ext(f"{name}()", None, site) for v in options(value) if (name := _written(v)) is not None]
    return union(found) if found else None


def _written(value: AV) -> str | None:
    """The class of a package that a text names whole: `app('Dingo\\Api\\Routing\\Router')`."""
    if not isinstance(value, Const) or not isinstance(value.value, str) or "\\" not in value.value.strip("\\"):
        return None
    return value.value.strip("\\").replace("\\", ".")


def _merged(ev: Evaluator, site: Site) -> AV | None:
    """The members of all arguments in one object, later ones first; a class that is added to stays one, a function is both."""
    call = ev.world.view(site.file).facts.calls[site.call]
    thunks = [Thunk(site.file, call.owner, a.value, site.env) for a in call.args[:12]]
    first = ev.thunk(thunks[0]) if thunks else None
    if len(thunks) > 1 and isinstance(first, FuncV):
        return union([first, Obj({}, tuple(thunks[1:]), thunks[1])])
    if len(thunks) < 2 or not isinstance(first, Obj | ModV):
        return first
    return Obj({}, tuple(thunks), first.place if isinstance(first, Obj) else thunks[0])


def _record(ev: Evaluator, site: Site, names: AV | None) -> AV:
    """The keywords of a call as a record, and its arguments under the names that it gives to their places."""
    call = ev.world.view(site.file).facts.calls[site.call]
    thunks = [(a, Thunk(site.file, call.owner, a.value, site.env)) for a in call.args[:40]]
    fields = {a.name: t for a, t in thunks if a.name is not None}
    placed = [t for a, t in thunks if a.name is None and not a.spread]
    called = [str(v.value) for t in names.items if isinstance(v := ev.thunk(t), Const)] if isinstance(names, ListV) else []
    called = str(names.value).replace(",", " ").split() if isinstance(names, Const) else called
    for place, thunk in enumerate(placed if called else ()):
        fields[f"[{place}]"] = thunk
        if place < len(called):
            fields[called[place]] = thunk
    spreads = tuple(t for a, t in thunks if a.name is None and (a.spread or not called))
    return Obj(fields, spreads, thunks[0][1] if thunks else Thunk(site.file, call.owner, Lit(None), site.env))


def held(ev: Evaluator, field: Ext) -> AV:
    """What a field holds that a base of a package gives its classes: `self.object` of a view; the field itself where no card says it."""
    from backend_readiness.graph.evaluation import following

    if not isinstance(field.subject, ClassV):
        return field
    about = InstV(field.subject)
    for rule in ev.world.call_values(field.path):
        found = (following.follow(ev, about, m) for m in rule.value.members) if rule.take == "held" else ()
        cls = next((c for v in found if v is not None for o in options(v) if (c := model_of(ev, o)) is not None), None)
        if cls is not None:
            return InstV(cls)
    return field


def model_of(ev: Evaluator, value: AV | None, depth: int = 0) -> ClassV | None:
    """The class that a query is about: itself, or the first class given along a chain of builder calls."""
    match value:
        case ClassV():
            return value
        case InstV(cls=cls):
            return cls
        case Const(value=str() as name):
            from backend_readiness.graph.evaluation.exports import class_named

            found = class_named(ev, name.replace("\\", ".").rpartition(".")[2])
            return found if isinstance(found, ClassV) else None
        case ListV(items=items) if items and depth < 4:
            return model_of(ev, ev.thunk(items[0]), depth + 1)
        case Ext() if depth < 30:
            if isinstance(value.subject, ClassV):
                return value.subject
            if value.site is not None and (first := ev.arg_value(value.site, 0)) is not None and isinstance(first, ClassV):
                return first
            if value.site is not None and value.path.startswith("~") and isinstance(first := ev.arg_value(value.site, 0), Ext | InstV):
                return model_of(ev, first, depth + 1)
            return model_of(ev, value.base, depth + 1)
        case _:
            return None
