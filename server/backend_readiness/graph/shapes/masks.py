"""Templates that stand for the actions of several classes: `$router->addRoute("<presenter>/<action>[/<id>]", "Home:default")`.

`path` is the template, `handler` what it leads to where it does not name it itself: a text with a `separator`, a record, or a class.
Options of the rule: `slots` maps `controller`, `action` and `module` to the names of slots and of the keys of a record; `spelling` writes
slots as `{name}`; `optional` are the two signs around a part that may be left out, and a slot with a value (`{id=1}`) at the end may be
left out too (`given_optional`: also one for which `handler` has a value). `module` refers to what says in which module the classes are
(`held` is the call that makes a list for one module, to which the template is added). Which classes and methods are meant, and how their
names are written, is said as in shape `methods` (`folder`, `strip`, `before`, `kebab`, `index` ...); with `own_folder` a class may stand
in a folder of its own name. A class of a module that the template does not name is written with the module and `apart` before it, and is
not meant without that. `taken`: a slot that may be left out is, where the method has no parameter of its name. `runs` is a method of a
class that has no other actions. A template without the slots `controller`
and `action` leads to one method.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from backend_readiness.facts.model import CallRef, Index
from backend_readiness.graph.classes.inheritance import bases
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.references import argument
from backend_readiness.graph.routes.class_actions import action_of, classes, members_of, own_name, words
from backend_readiness.graph.routes.methods import methods_of
from backend_readiness.graph.routes.registering import register
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import ClassV, Const, Ext, FuncV, InstV, Obj, SymbolId, options
from backend_readiness.rules.card_rules import Ref

MAX_VARIANTS = 16
MAX_STEPS = 12
_SLOT = re.compile(r"\{(\w{1,40})\}")
_VALUED = re.compile(r"\{(\w{1,40})=([^{}]{0,60})\}")
_VALUED_END = re.compile(r"(/?\{\w{1,40}=[^{}]{0,60}\})((?:/?\{\w{1,40}=[^{}]{0,60}\}|\[.*\]|\(.*\))*)([\])]*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Class:
    """A class with actions: its name as it is compared, its module, and methods by the names of actions."""

    where: SymbolId
    name: str
    module: str
    actions: dict[str, tuple[str, SymbolId]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """What a template leads to where it does not say it itself."""

    controller: str = ""
    action: str = ""
    module: str | None = None
    cls: SymbolId | None = None


def collect(scan: Scan) -> None:
    known: dict[int, list[_Class]] = {}
    done: set[tuple[str, str, SymbolId]] = set()
    for hit in scan.hits.get("masks", ()):
        if id(hit.rule) not in known:
            known[id(hit.rule)] = list(_classes(scan, hit))
        for written in scan.texts(hit, hit.rule.path):
            target = _target(scan, hit)
            if target is not None:
                template, target = _valued(hit, _spelled(hit, written), target)
                _expand(scan, hit, template, target, known[id(hit.rule)], done)


def _classes(scan: Scan, hit: Hit) -> Iterator[_Class]:
    """The classes of the folder; a method of two beginnings (`actionShow`, `renderShow`) is one action."""
    index = str(hit.rule.options.get("index", "index"))
    for where, folder in classes(scan, hit.rule):
        name = own_name(scan, hit.rule, where)
        if name is None:
            continue
        module = "/".join(p for p in folder.split("/") if p)
        if hit.rule.options.get("starts") and "_" in name:
            inner, _, name = name.rpartition("_")
            module = inner.replace("_", "/")
        if hit.rule.options.get("own_folder") and module.rpartition("/")[2] == name:
            module = module.rpartition("/")[0]
        actions: dict[str, tuple[str, SymbolId]] = {}
        for member, symbol in members_of(scan, hit.rule, where):
            found = action_of(symbol, hit.rule)
            if found is not None:
                said = found[1][:1].lower() + found[1][1:]
                actions.setdefault(said, (words(found[1], hit.rule, "actions"), member))
            elif symbol.name == hit.rule.options.get("runs"):
                actions.setdefault(index, (index, member))
        yield _Class(where=where, name=name, module=module, actions=actions)


# ------------------------------------------------------------ what a template leads to


def _target(scan: Scan, hit: Hit) -> _Target | None:
    slots: dict[str, str] = hit.rule.options["slots"]
    module = _module(scan, hit)
    value = scan.value(hit, hit.rule.handler)
    for option in options(value) if value is not None else ():
        if isinstance(option, FuncV):
            return None  # a function answers
        if isinstance(option, Obj):
            read = {n: _field(scan, option, k) for n, k in slots.items()}
            return _Target(controller=read.get("controller", ""), action=read.get("action", ""), module=read.get("module") or module)
        if isinstance(option, ClassV | InstV):
            return _Target(cls=option.symbol if isinstance(option, ClassV) else option.cls.symbol, module=module)
        if isinstance(option, Const) and isinstance(option.value, str) and option.value:
            return _of_text(hit, option.value, module)
    return _Target(module=module)


def _of_text(hit: Hit, text: str, module: str | None) -> _Target:
    """`Admin:User:default` is an action of a class of a module; without an action the last part is empty."""
    separator = str(hit.rule.options.get("separator", ":"))
    *spaces, controller, action = text.split(separator) if separator in text else (text, "")
    inner = "/".join(s for s in spaces if s)
    return _Target(controller=controller, action=action, module="/".join(p for p in (module, inner) if p) or module)


def _field(scan: Scan, record: Obj, key: str) -> str:
    thunk = members.field_thunk(scan.graph.ev, record, key)
    return next(iter(texts(scan.graph.ev, scan.graph.ev.thunk(thunk))), "") if thunk is not None else ""


def _module(scan: Scan, hit: Hit) -> str | None:
    """The module that a step before it names, or the list that the template is added to."""
    said = hit.rule.options.get("module")
    found = next(iter(scan.texts(hit, Ref(**said))), None) if said is not None else None
    if found is not None:
        return found.replace(":", "/")
    if "held" not in hit.rule.options:
        return None
    view = scan.graph.view(hit.site.file)
    added = (a for a in view.facts.assigns if a.value == CallRef(hit.site.call))
    lists = [(a.target.base, a.owner) for a in added if isinstance(a.target, Index)]  # `$admin[] = new Route(...)`
    held = [o for base, owner in lists for o in options(scan.graph.ev.value(base, view.path, owner))]
    current = hit.callee.base
    for _ in range(MAX_STEPS):
        held.extend([current] if isinstance(current, Ext) else [])
        current = current.base if isinstance(current, Ext) else None
    for option in held:
        if isinstance(option, Ext) and option.site is not None and option.path.endswith(str(hit.rule.options["held"])):
            thunk = argument(scan.graph, option.site, Ref(arg=0))
            named = texts(scan.graph.ev, scan.graph.ev.thunk(thunk)) if thunk is not None else []
            return named[0].replace(":", "/") if named else None
    return None


# ------------------------------------------------------------ templates


def _spelled(hit: Hit, written: str) -> str:
    for pattern, put in hit.rule.options.get("spelling", ()):
        written = re.sub(pattern, put, written)
    return written


def _valued(hit: Hit, written: str, target: _Target) -> tuple[str, _Target]:
    """The template with optional parts for all that has a value, and what it leads to by these values."""
    slots: dict[str, str] = hit.rule.options["slots"]
    said = dict(_VALUED.findall(written))
    target = replace(
        target, controller=target.controller or said.get(slots["controller"], ""), action=target.action or said.get(slots["action"], "")
    )
    for name, value in (("controller", target.controller), ("action", target.action)) if hit.rule.options.get("given_optional") else ():
        written = written.replace(f"{{{slots[name]}}}", f"{{{slots[name]}={value}}}") if value else written
    opens, closes = hit.rule.options.get("optional", "[]")
    for inserted in range(4):  # what has a value may be left out where nothing follows that must be there
        found = _VALUED_END.search(written)
        before = written[: found.start()] if found is not None else ""
        if found is None or before.count(opens) - before.count(closes) > inserted:
            break  # it stands in a part that may be left out already
        bare = _VALUED.sub(r"{\1}", found.group(1))
        written = f"{written[: found.start(1)]}{opens}{bare}{found.group(2)}{closes}{found.group(3)}"
    return _VALUED.sub(r"{\1}", written), target


def _variants(text: str, signs: str) -> list[str]:
    """The template with each part that may be left out and without it, the shortest first."""
    start = text.find(signs[0])
    depth, end = 0, start
    while 0 <= end < min(len(text), 500):
        depth += (text[end] == signs[0]) - (text[end] == signs[1])
        end += 1
        if depth == 0:
            break
    if start < 0 or depth:
        return [text]
    found = [text[:start] + inner + text[end:] for inner in ("", text[start + 1 : end - 1])]
    return list(dict.fromkeys(t for f in found for t in _variants(f, signs)))[:MAX_VARIANTS]


def _expand(scan: Scan, hit: Hit, template: str, target: _Target, known: list[_Class], done: set[tuple[str, str, SymbolId]]) -> None:
    slots = {n: f"{{{k}}}" for n, k in hit.rule.options["slots"].items()}
    variants = _variants(template, str(hit.rule.options.get("optional", "[]")))
    for cls in known:
        for variant in (v for v in variants if _fits(scan, hit, v, slots, target, cls)):
            for written, member in _actions(scan, hit, variant, slots, target, cls, variants):
                path = f"/{_filled(hit, variant, slots, cls, written, target).strip('/')}"
                for method in methods_of(scan, hit):
                    if (method, path, cls.where) not in done:
                        done.add((method, path, cls.where))
                        handler = FuncV(member, InstV(ClassV(cls.where)))
                        register(scan, hit, scan.router(hit), path, handler, scan.guards(hit, hit.rule.middleware), method)


def _actions(
    scan: Scan, hit: Hit, variant: str, slots: dict[str, str], target: _Target, cls: _Class, variants: list[str]
) -> Iterator[tuple[str, SymbolId]]:
    """The actions of a class that one way to write the template stands for; the usual one is left out where it may be."""
    usual = target.action or str(hit.rule.options.get("index", "index"))
    named = slots["action"] in variant
    left_out = variant.endswith(slots["action"]) and any(slots["action"] not in v for v in variants)
    strict = hit.rule.options.get("taken") and {slots["controller"], slots["action"]} & _named(variant)
    for action, (written, member) in cls.actions.items():
        if (action.lower() == usual.lower() and left_out) or (not named and action.lower() != usual.lower()):
            continue
        if not strict or not _asks_more(scan, variant, slots, member, variants):
            yield written, member


def _named(variant: str) -> set[str]:
    return {f"{{{s}}}" for s in _SLOT.findall(variant)}


def _asks_more(scan: Scan, variant: str, slots: dict[str, str], member: SymbolId, variants: list[str]) -> bool:
    """Has a template a slot that the method does not take, and that may be left out?"""
    own = {p.name.lstrip("$") for p in scan.graph.view(member.file).symbol(member.index).params}
    more = {s for s in _SLOT.findall(variant) if f"{{{s}}}" not in slots.values() and s not in own}
    return any(not more & set(_SLOT.findall(v)) for v in variants) if more else False


def _fits(scan: Scan, hit: Hit, variant: str, slots: dict[str, str], target: _Target, cls: _Class) -> bool:
    """May a template stand for the actions of a class?"""
    if target.cls is not None:
        return cls.where == target.cls or any(
            isinstance(b, ClassV) and b.symbol == cls.where for b in bases(scan.graph.ev, ClassV(target.cls))
        )
    if "module" in slots and slots["module"] in variant:
        if not cls.module:
            return False
    elif target.module is not None and cls.module.lower() != target.module.lower():
        return False
    if slots["controller"] in variant:
        return target.module is not None or not cls.module or "apart" in hit.rule.options
    if target.module is None and cls.module:
        return False
    return bool(target.controller) and cls.name.lower() == target.controller.lower()


def _filled(hit: Hit, variant: str, slots: dict[str, str], cls: _Class, action: str, target: _Target) -> str:
    module = words(cls.module, hit.rule, "classes")
    name = words(cls.name, hit.rule, "classes")
    if "module" in slots and slots["module"] in variant:
        variant = variant.replace(slots["module"], module)
    elif cls.module and target.module is None:
        name = module.replace("/", str(hit.rule.options.get("apart", "/"))) + str(hit.rule.options.get("apart", "/")) + name
    return variant.replace(slots["controller"], name).replace(slots["action"], action)
