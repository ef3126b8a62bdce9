"""What components are given by those who show them: attributes of their elements, and what a call connects them with.

`<Form save={add} />` and `connect(state, { save })(Form)` both make `save` a member of the properties of `Form`, which a function has as
its first parameter and an instance of a class as a member (`props`). Cards name these calls (`connected`) and classes (`components`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, CallRef, Func, Member, Name, Param, Record, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, Obj, Site, SymbolId, Thunk, options, union
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_FILES = 60
MAX_CONNECTED = 400
MAX_GIVEN = 12
MAX_WRAPPED = 4


def are_properties(function: str, param: Param) -> bool:
    """Is a parameter what a component is given: `function Form({ save })`, `const Form = (props) => ...`?"""
    return (function[:1].isupper() and param.pattern is not None) or param.name == "props"


def goes_by(value: object, names: set[str], function: int) -> bool:
    """Is a value the function of that number, or one of those names, be it of the own object (`this.remove`)?"""
    if isinstance(value, Func):
        return value.symbol == function
    if isinstance(value, Member):
        return value.base == Name("self") and value.name in names
    return isinstance(value, Name) and value.id in names


def of_instance(ev: Evaluator, cls: ClassV, name: str) -> AV | None:
    """`this.props` in a class that is a component; None for any other member."""
    rules = [r for r in ev.world.knowledge.components if r.props == name and r.base]
    if not rules or not any(b.path in r.base for r in rules for b in inheritance.external_bases(ev, cls)):
        return None
    symbol = ev.world.view(cls.symbol.file).symbol(cls.symbol.index)
    given = [*connected(ev, cls.symbol), *attributes(ev, symbol.name, cls.symbol)]
    return union(list(given)) if given else None


def attributes(ev: Evaluator, name: str, where: SymbolId) -> list[AV]:
    """The attributes with which a component is used, as one object for each use; who imports it may call it otherwise."""
    used = [(file, name) for file in ev.world.naming(name)[:MAX_FILES]] if name else []
    if "default" in ev.world.view(where.file).exports:
        used.extend((file, local) for file, local in ev.world.importers(where.file) if local and local != name and local[:1].isupper())
    return [o for file, tag in used for o in _in_file(ev, file, tag, where)]


def _in_file(ev: Evaluator, file: str, name: str, where: SymbolId) -> list[AV]:
    view = ev.world.view(file)
    found: list[AV] = []
    for element in view.facts.elements:
        if element.tag != name:
            continue
        meant = any(isinstance(v, FuncV | ClassV) and v.symbol == where for v in options(ev.lookup(name, file, element.owner)))
        if meant:
            written = [(a.name, Thunk(file, element.owner, a.value, None)) for a in element.attrs if a.value is not None]
            fields = {key: thunk for key, thunk in written if key != "..."}
            spreads = tuple(thunk for key, thunk in written if key == "...")
            found.append(Obj(fields, spreads, Thunk(file, element.owner, Record(()), None)))
    return found[:MAX_GIVEN]


def connected(ev: Evaluator, where: SymbolId) -> list[AV]:
    """The objects whose members a call gives to a component."""
    if ev.connected is None:
        ev.connected = {}
        for symbol, given in _all_connected(ev):
            ev.connected.setdefault(symbol, []).append(given)
    return ev.connected.get(where, [])


def _all_connected(ev: Evaluator) -> list[tuple[SymbolId, AV]]:
    found: list[tuple[SymbolId, AV]] = []
    for card in ev.world.knowledge.cards:
        for rule in card.connected:
            patterns = [compiled(p) for p in ev.world.knowledge.patterns(card, rule.callee)]
            for name in {last_step(p) for p in rule.callee}:
                for file in ev.world.naming(name)[:MAX_CONNECTED]:
                    view = ev.world.view(file)
                    for number in view.calls_by_name.get(name, ()):
                        call = view.facts.calls[number]
                        meant = [o for o in options(ev.value(call.callee, file, call.owner)) if isinstance(o, Ext)]
                        callee = next((o for o in meant if any(p.fullmatch(o.path) for p in patterns)), None)
                        components = _components(ev, view, number) if callee is not None else []
                        if callee is None or not components:
                            continue
                        values = [argument_value(ev, Site(file, number, None), r, callee) for r in rule.members]
                        objects = [o for v in values if v is not None for o in _objects(ev, v)]
                        found.extend((symbol, o) for symbol in components for o in objects)
    return found


def _objects(ev: Evaluator, value: AV) -> list[AV]:
    held = [ev.invoke(o) if isinstance(o, FuncV) else o for o in options(value)]
    return [o for v in held for o in options(v) if isinstance(o, Obj)]


def _components(ev: Evaluator, view: FileView, number: int) -> list[SymbolId]:
    """What the result of a call is called with, itself or in a list of several (`compose(connect(f), g)(Form)`), or stands above."""
    marked = [i for i, s in enumerate(view.facts.symbols) if any(isinstance(d, CallRef) and d.call == number for d in s.decorators)]
    found = [SymbolId(view.path, i) for i in marked]
    inside = {number} | {i for i, c in enumerate(view.facts.calls) if any(a.value == CallRef(number) for a in c.args)}
    held = {view.result_names.get(i) for i in inside} - {None}  # `const connector = connect(f); export default connector(Form)`
    for call in view.facts.calls:
        made = isinstance(call.callee, CallRef) and call.callee.call in inside
        if call.args and (made or (isinstance(call.callee, Name) and call.callee.id in held)):
            found.extend(_wrapped(ev, view, call, 0))
    return found


def _wrapped(ev: Evaluator, view: FileView, call: Call, depth: int) -> list[SymbolId]:
    """The component that a call is given, through others that are given it: `connect(f)(withRouter(Form))`."""
    found = _inside_own(ev, view, call.args[0].value, call.owner, depth)
    for option in options(ev.value(call.args[0].value, view.path, call.owner)):
        if isinstance(option, FuncV | ClassV):
            found.append(option.symbol)
        elif isinstance(option, Ext) and option.site is not None and depth < MAX_WRAPPED:
            home = ev.world.view(option.site.file)
            inner = home.facts.calls[option.site.call]
            found.extend(_wrapped(ev, home, inner, depth + 1) if inner.args else ())
    return found


def _inside_own(ev: Evaluator, view: FileView, given: Value, owner: int, depth: int) -> list[SymbolId]:
    """The component that an own function shows with all the properties that it has: `withLogout(Form)` with a `<Form {...props} />`."""
    if not isinstance(given, CallRef) or depth >= MAX_WRAPPED:
        return []
    inner = view.facts.calls[given.call]
    makers = [o for o in options(ev.value(inner.callee, view.path, owner)) if isinstance(o, FuncV)] if inner.args else []
    shows = any(_shows_first(ev, maker.symbol) for maker in makers)
    return _wrapped(ev, view, inner, depth + 1) if shows else []


def _shows_first(ev: Evaluator, maker: SymbolId) -> bool:
    """Is the first parameter of a function a component that it shows with properties that are handed on as a whole?"""
    view = ev.world.view(maker.file)
    symbol = view.symbol(maker.index)
    tag = symbol.params[0].name if symbol.params else ""
    shown = (e for e in view.facts.elements if e.tag == tag and symbol.line <= e.line <= symbol.end_line)
    return bool(tag) and any(a.name == "..." for e in shown for a in e.attrs)
