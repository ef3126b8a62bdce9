"""Classes that put routes on a group which a function makes for each of them, found by reflection.

`foreach (var type in types) { var group = app.MapGroup($"/api/{type.Name}"); type.GetMethod("Map").Invoke(null, [group]); }`
names a type of the repository; what a class below that type registers stands below the path that the function gives for this class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Alt, Call, CallRef, Concat, Lit, Member, Name, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.values import ClassV, Const, FuncV, InstV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Scan

MAX_DEPTH = 8
MAX_FILES = 40


def prefix_of(scan: Scan, where: SymbolId, maker: str) -> str | None:
    """The path of the group (made by a call of `maker`) that is made for a class; None when no function makes one for such classes."""
    graph = scan.graph
    for base in inheritance.bases(graph.ev, ClassV(where)):
        if not isinstance(base, ClassV):
            continue
        name = graph.view(base.symbol.file).symbol(base.symbol.index).name
        for file in graph.naming(name)[:MAX_FILES]:
            view = graph.view(file)
            for number in view.calls_by_name.get(maker, ()) if file in graph.production else ():
                found = _Folding(scan, view, where).path(view.facts.calls[number], name)
                if found is not None:
                    return found
    return None


class _Folding:
    """The text of an expression in which a variable stands for a class, or for an instance of it."""

    def __init__(self, scan: Scan, view: FileView, where: SymbolId) -> None:
        self.scan, self.view, self.where, self.ev = scan, view, where, scan.graph.ev
        self.variables: set[str] = set()
        self.owner = 0

    def path(self, call: Call, base: str) -> str | None:
        symbol = self.view.symbol(call.owner)
        inside = set(self.view.body(call.owner))
        about = {p.name for p in symbol.params if p.type == Name(base)}
        calls = [c for c in self.view.facts.calls if c.owner in inside]
        named = any(v == Name(base) for c in calls for v in (*(a.value for a in c.args), *c.type_args))  # `IsAssignableTo(typeof(IGroup))`
        assigns = [a for a in self.view.facts.assigns if a.owner == call.owner]
        if named or any(a.value == Name(base) for a in assigns):  # `var wanted = typeof(IGroup);`
            about |= {a.target.id for a in assigns if a.kind == "for" and isinstance(a.target, Name)}
        self.variables, self.owner = about, call.owner
        return self.text(call.args[0].value, 0) if about and call.args else None

    def text(self, value: Value, depth: int) -> str | None:
        if depth > MAX_DEPTH:
            return None
        match value:
            case Lit():
                return str(value.value) if isinstance(value.value, str) else None
            case Concat():
                parts = [self.text(p, depth + 1) for p in value.parts]
                return "".join(p for p in parts if p is not None) if None not in parts else None
            case Alt():
                return next((t for o in value.options if (t := self.text(o, depth + 1)) is not None), None)
            case Name():
                bound = self.view.bindings.get((self.owner, value.id), ())
                given = bound[-1][0].value if bound and value.id not in self.variables else None
                return self.text(given, depth + 1) if given is not None else None
            case Member(base=base, name="Name") if self.is_subject(base):
                return self.scan.graph.view(self.where.file).symbol(self.where.index).name
            case Member(base=base, name=name) if self.is_subject(base):
                return self.property(name)
            case CallRef():
                return self.asked(self.view.facts.calls[value.call])
        return None

    def is_subject(self, value: Value) -> bool:
        if isinstance(value, CallRef):
            callee = self.view.facts.calls[value.call].callee
            return isinstance(callee, Member) and callee.name == "GetType" and self.is_subject(callee.base)
        return isinstance(value, Name) and value.id in self.variables

    def asked(self, call: Call) -> str | None:
        """`type.GetProperty("RoutePrefix")?.GetValue(null)`."""
        base = call.callee.base if isinstance(call.callee, Member) else None
        inner = self.view.facts.calls[base.call] if isinstance(base, CallRef) and callee_name(call) == "GetValue" else None
        if inner is None or callee_name(inner) not in ("GetProperty", "GetField") or not inner.args:
            return None
        named = inner.args[0].value
        return self.property(str(named.value)) if isinstance(named, Lit) else None

    def property(self, name: str) -> str | None:
        found = members.own_member(self.ev, InstV(ClassV(self.where)), name)
        for option in options(found) if found is not None else ():
            value = self.ev.invoke(option) if isinstance(option, FuncV) else option
            if isinstance(value, Const) and isinstance(value.value, str):
                return value.value
        return None
