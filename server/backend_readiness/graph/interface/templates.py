"""Components whose template is not inside of a function: what a name of the template means, and which component a tag is.

Vue files export an object of options, Angular classes name their template in a decorator. The keys are in the cards.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.classes import injection, type_parameters
from backend_readiness.graph.families import PAGES
from backend_readiness.graph.interface.tag_members import component_at
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, ModV, Obj, Site, SymbolId, Text, UnknownV, options
from backend_readiness.snapshot.places import is_test

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView
    from backend_readiness.graph.world import Graph

MAX_MIXINS = 6
MAX_SCRIPTS = 40
# Languages in which no name beside the body of a class is one of its members; the heads of generic classes name each other there.
_NO_MEMBERS = frozenset({"python", "java", "kotlin"})
_OF_TYPES = frozenset({"csharp"})  # in which a type of a package that a container knows is no member of a base outside
_WITHOUT_TEMPLATES = frozenset({"javascript", "html"})  # elsewhere a name may be what the server draws the page with
_WORD = re.compile(r"[-_:]+(\w)")


def scope_value(ev: Evaluator, view: FileView, owner: int, name: str) -> AV | None:
    """A name of a template that its own file does not declare: a member of the component. None: it has none of it."""
    if ev.world.is_component_file(view.path):
        return component_member(ev, view.path, name)
    scoped = ev.world.scoped(view.path, name)
    if scoped is not None:
        return scoped
    if is_shared(view) or view.language in PAGES:
        found = _global_function(ev, view, name) or _global_variable(ev, view, name)
        if found is not None:
            return found
    cls = ev.world.template_class(view.path) if owner == 0 else None
    around = view.symbol(owner)
    open_type = type_parameters.is_of_class(around, name)
    if cls is None and owner > 0 and around.kind == "class" and view.language not in _NO_MEMBERS and not open_type:
        cls = ClassV(SymbolId(view.path, owner))  # a template written into the decorator
    if cls is None:
        return None
    found = ev.member(InstV(cls), name)
    if view.language in _OF_TYPES and isinstance(found, Ext) and injection.is_bound(ev, name):
        return None
    return None if isinstance(found, UnknownV) or (isinstance(found, Ext) and not found.known) else found


def is_classic(view: FileView) -> bool:
    """A script without imports and exports: what it declares is seen by all scripts of its page."""
    return not view.facts.imports and not view.facts.exports


def is_shared(view: FileView) -> bool:
    """Does what stands at its top belong to all scripts of a page?"""
    return (view.language in PAGES and view.language != "php") or (view.language == "javascript" and is_classic(view))


def _global_function(ev: Evaluator, view: FileView, name: str) -> AV | None:
    """The only function of that name which another script of a page declares at its top."""
    found: list[SymbolId] = []
    for where in ev.world.defining(name):
        other = ev.world.view(where.file)
        symbol = other.symbol(where.index)
        if where.file != view.path and symbol.parent == 0 and symbol.kind == "function" and is_shared(other):
            found.append(where)
    if len(found) > 1:  # each page has a script of its own, with a function of that name
        loaded = {script_name(t) for t in _loaded_by(ev, view)}
        found = [w for w in found if script_name(w.file) in loaded]
    return FuncV(found[0]) if len(found) == 1 else None


def _global_variable(ev: Evaluator, view: FileView, name: str) -> AV | None:
    """What the only script that declares a variable of that name at its top gives it: a text, or a thing of a package."""
    found: list[AV] = []
    if view.language not in _WITHOUT_TEMPLATES:
        return None
    for file, owner in ev.world.variables(name)[:MAX_SCRIPTS]:
        other = ev.world.view(file)
        if file == view.path or owner != 0 or not (other.language == "javascript" and is_classic(other)) or is_test(file):
            continue
        key = ("script variable", file, name)
        found.append(UnknownV(name) if key in ev.active else ev.guarded(key, partial(ev.lookup, name, file, 0)))
    first = found[0] if found else None
    if isinstance(first, Ext) and all(isinstance(v, Ext) and v.path == first.path for v in found):
        return first if first.known or first.path.endswith("()") else None
    return first if isinstance(first, Const | Text) and len(found) == 1 else None


def script_name(address: str) -> str:
    """The name of a script's file, whether it is made smaller or not: `orders` of `/js/dist/orders.min.js?v=2`."""
    return address.partition("?")[0].rpartition("/")[2].removesuffix(".js").removesuffix(".min")


def _loaded_by(ev: Evaluator, view: FileView) -> list[str]:
    """The ends of the addresses of the scripts that a page loads."""
    from backend_readiness.graph import urls

    sources = [a.value for e in view.facts.elements if e.tag == "script" for a in e.attrs if a.name == "src" and a.value is not None]
    values = (urls.alternatives(ev, ev.value(s, view.path, 0)) for s in sources[:MAX_SCRIPTS])
    return [url[-1] for several in values for url in several if url and isinstance(url[-1], str)]


def component_member(ev: Evaluator, file: str, name: str) -> AV | None:
    """A member of a component that exports its options (`methods.save`, what `setup()` returns), or is a class."""
    export = ev.world.view(file).exports.get("default")
    if export is None or export.value is None:
        return None
    value = ev.value(export.value, file, 0)
    found = ev.guarded(("component", file, name), lambda: _of_options(ev, value, name, 0) or UnknownV("absent"))
    return None if isinstance(found, UnknownV) else found


def options_of(ev: Evaluator, file: str) -> Obj | None:
    """The options that a component file exports."""
    export = ev.world.view(file).exports.get("default")
    return _options(ev, ev.value(export.value, file, 0)) if export is not None and export.value is not None else None


def _options(ev: Evaluator, value: AV) -> Obj | None:
    for option in options(value):
        if isinstance(option, Obj):
            return option
        if isinstance(option, Ext) and option.site is not None:  # `defineComponent({...})`, `Vue.extend({...})`
            inner = ev.arg_value(option.site, 0)
            if isinstance(inner, Obj):
                return inner
    return None


def _of_options(ev: Evaluator, value: AV, name: str, depth: int) -> AV | None:
    for option in options(value):
        if isinstance(option, ClassV):
            return ev.member(InstV(option), name)
    obj = _options(ev, value)
    if obj is None:
        return None
    for key in ev.world.component_options():
        held = ev.member(obj, key.removesuffix("()"))
        if isinstance(held, UnknownV):
            continue
        if key.endswith("()"):
            held = ev.invoke(held)
        for part in options(held):
            found = _field(ev, part, name) if isinstance(part, Obj) else None
            if found is not None and not isinstance(found, UnknownV):
                return found
    if depth < 2:
        for mixin in _mixins(ev, obj):
            found = _of_options(ev, mixin, name, depth + 1)
            if found is not None:
                return found
    return None


def _field(ev: Evaluator, part: Obj, name: str) -> AV | None:
    """A field of an object of options; a spread call (`...mapActions(["login"])`) has those that its arguments name."""
    if name in part.fields:
        return ev.thunk(part.fields[name])
    for spread in part.spreads[:8]:
        value = ev.thunk(spread)
        if isinstance(value, Obj):
            found = _field(ev, value, name)
            if found is not None:
                return found
        elif isinstance(value, Ext) and value.site is not None:
            for given in (ev.arg_value(value.site, 0), ev.arg_value(value.site, 1)):
                listed = [ev.thunk(t) for t in given.items[:40]] if isinstance(given, ListV) else []
                if any(isinstance(v, Const) and v.value == name for v in listed) or (isinstance(given, Obj) and name in given.fields):
                    return ev.member(value, name)
    return None


def _mixins(ev: Evaluator, obj: Obj) -> list[AV]:
    found: list[AV] = []
    listed = ev.member(obj, "mixins")
    if isinstance(listed, ListV):
        found.extend(ev.thunk(t) for t in listed.items[:MAX_MIXINS])
    extended = ev.member(obj, "extends")
    if not isinstance(extended, UnknownV):
        found.append(extended)
    result: list[AV] = []
    for value in found:
        if isinstance(value, ModV):
            export = ev.world.view(value.file).exports.get("default")
            value = ev.value(export.value, value.file, 0) if export is not None and export.value is not None else value
        result.append(value)
    return result


# ---------------------------------------------------------------- classes with a decorator


@dataclass(frozen=True, slots=True)
class DecoratedComponents:
    """Classes that a decorator makes components: by the file of their template, and by the tag of their element."""

    by_template: Mapping[str, ClassV]
    by_tag: Mapping[str, ClassV]
    classes: frozenset[SymbolId]


def decorated_components(graph: Graph) -> DecoratedComponents:
    """All of them; the first class that names a template or a tag has it."""
    by_template: dict[str, ClassV] = {}
    by_tag: dict[str, ClassV] = {}
    classes: set[SymbolId] = set()
    for rule in graph.knowledge.components:
        if rule.decorator is None:
            continue
        for path in graph.naming(rule.decorator.rpartition(".")[2]):
            view = graph.view(path)
            for number, symbol in enumerate(view.facts.symbols):
                if symbol.kind != "class":
                    continue
                for decorator in symbol.decorators:
                    if not isinstance(decorator, CallRef):
                        continue
                    callee = graph.ev.value(view.facts.calls[decorator.call].callee, path, 0)
                    if not isinstance(callee, Ext) or callee.path != rule.decorator:
                        continue
                    where = SymbolId(path, number)
                    classes.add(where)
                    site = Site(path, decorator.call, None)
                    template = graph.ev.arg_value(site, 0, rule.template)
                    address = template.value if isinstance(template, Const) and isinstance(template.value, str) else ""
                    if address and (file := _template_file(graph, path, address)):
                        by_template.setdefault(file, ClassV(where))
                    tag = graph.ev.arg_value(site, 0, rule.selector)
                    if isinstance(tag, Const) and isinstance(tag.value, str):
                        for one in tag.value.split(","):
                            by_tag.setdefault(one.strip().strip("[]"), ClassV(where))
    return DecoratedComponents(by_template, by_tag, frozenset(classes))


def _template_file(graph: Graph, path: str, address: str) -> str:
    """The file beside the class; else the only one with that end, where an address begins at the root of the pages."""
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), address))
    if beside in graph.facts.files:
        return beside
    end = posixpath.normpath(f"/{address}")
    fits = [f for f in graph.files_named(posixpath.basename(address)) if f"/{f}".endswith(end)]
    return fits[0] if len(fits) == 1 else ""


# ---------------------------------------------------------------- tags


def component_of_tag(graph: Graph, file: str, owner: int, tag: str) -> SymbolId | None:
    """The component that an element shows; a file that is one is its module symbol."""
    name = pascal(tag)
    if not ("-" in tag or tag[:1].isupper()):
        return None
    held = component_at(graph, file, owner, tag) if "." in tag else None
    for value in options(held if held is not None else graph.ev.lookup(name, file, owner)):
        if isinstance(value, FuncV | ClassV):
            return value.symbol
        if isinstance(value, ModV) and graph.is_component_file(value.file):
            return SymbolId(value.file, 0)
    cls = graph.decorated_components.by_tag.get(tag)
    if cls is not None:
        return cls.symbol
    if graph.is_component_file(file):  # registered by name, or by the folder that it stands in
        obj = options_of(graph.ev, file)
        if obj is not None:
            registered = graph.ev.member(graph.ev.member(obj, "components"), name)
            if isinstance(registered, ModV):
                return SymbolId(registered.file, 0)
        suffix = file.rpartition(".")[2]
        found = graph.files_named(f"{name}.{suffix}")
        if len(found) == 1 and found[0] != file:
            return SymbolId(found[0], 0)
    return None


def pascal(tag: str) -> str:
    """`order-list` -> `OrderList`."""
    text = _WORD.sub(lambda m: m.group(1).upper(), tag)
    return text[:1].upper() + text[1:]
