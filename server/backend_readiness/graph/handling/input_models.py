"""The fields of a class as parameters of a request: those of a DTO, a struct with tags, a record, a Pydantic model."""

from __future__ import annotations

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Assign, CallRef, Lit, Name
from backend_readiness.graph.classes import inheritance, structural
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.values import AV, ClassV, InstV, ListV, Obj, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.input_rules import InputRule

MAX_FIELDS = 40
_NO_DATA = frozenset({"constructor", "__init__", "toString", "equals", "hashCode", "ToString", "Equals", "GetHashCode"})


class Models:
    """Classes of the repository whose instances a request fills."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def fields(self, value: AV, rule: InputRule) -> list[str]:
        """The names under which a request gives the fields, those of base classes first."""
        found: list[str] = []
        if rule.within:
            inner = (members.own_member(self.graph.ev, o, rule.within) for o in options(value) if isinstance(o, InstV))
            plain = rule.model_copy(update={"within": ""})
            return [n for v in inner if v is not None for n in self.fields(v, plain)]
        for option in options(value):
            cls = option.cls if isinstance(option, InstV) else option
            if isinstance(cls, ClassV):
                above = [b for b in inheritance.bases(self.graph.ev, cls) if isinstance(b, ClassV)]
                for current in (*reversed(above[:6]), cls):
                    found.extend(self._own(current.symbol, rule))
            elif isinstance(option, Obj):
                found.extend(option.fields)
            elif isinstance(option, ListV) and option.items:
                found.extend(self.fields(self.graph.ev.thunk(option.items[0]), rule))
        return list(dict.fromkeys(found))[:MAX_FIELDS]

    def is_data(self, value: AV) -> bool:
        """Is it an instance of a class that only holds data? A service, which is injected, has methods."""
        if not isinstance(value, InstV):
            return False
        view = self.graph.view(value.cls.symbol.file)
        symbol = view.symbol(value.cls.symbol.index)
        if symbol.kind != "class":
            return False
        methods = [view.symbol(i) for i in view.children.get(value.cls.symbol.index, ()) if view.symbol(i).kind == "method"]
        busy = [m for m in methods if m.name not in _NO_DATA and not m.decorators and not m.name.lower().startswith(("get", "set", "is"))]
        rule = InputRule(part="body")
        return not busy and bool(self.fields(value, rule))

    def _own(self, where: SymbolId, rule: InputRule) -> list[str]:
        view = self.graph.view(where.file)
        embedded = {last_name(b) for b in view.symbol(where.index).bases} if view.language in structural.LANGUAGES else set()
        found = [
            (a.target.id if not rule.tagged else "") if (named := self._renamed(a, where, rule)) is None else named
            for a in view.assigns_of.get(where.index, ())
            if a.kind == "field" and isinstance(a.target, Name) and _is_filled(a.target.id, view.language)
            if a.target.id not in embedded
        ]
        case = self._case(where, rule)
        if case:
            renamed = {n for a in view.assigns_of.get(where.index, ()) if (n := self._renamed(a, where, rule))}
            found = [n if n in renamed else cased(n, case) for n in found]
        for child in view.children.get(where.index, ()):
            symbol = view.symbol(child)
            if symbol.name in ("constructor", "__init__"):
                found.extend(p.name for p in symbol.params if p.field)
        return [n.lstrip("$") for n in found if n and n != "-"]

    def _renamed(self, field: Assign, where: SymbolId, rule: InputRule) -> str | None:
        """The name that an annotation of the field gives: one that stands in it, or just before."""
        if not rule.renamed:
            return None
        view = self.graph.view(where.file)
        for number in view.calls_of.get(where.index, ()):
            call = view.facts.calls[number]
            if call.kind != "decorator" or not call.args:
                continue
            callee = last_name(call.callee)
            keyed = [a.value for a in call.args if f"{callee}.{a.name}" in rule.renamed]  # `#[serde(rename = "kind")]`
            if callee not in rule.renamed and not keyed:
                continue
            if field.line - 3 <= call.line <= field.end_line and call.end <= field.end and not self._between(where, call.start, field):
                value = keyed[0] if keyed else call.args[0].value
                if isinstance(value, Lit) and isinstance(value.value, str):
                    return value.value.partition(",")[0] or None
        return None

    def _case(self, where: SymbolId, rule: InputRule) -> str:
        """The case that an annotation of the class names."""
        view = self.graph.view(where.file)
        for decorator in view.symbol(where.index).decorators if rule.cased else ():
            call = view.facts.calls[decorator.call] if isinstance(decorator, CallRef) else None
            for arg in call.args if call is not None else ():
                named = f"{last_name(call.callee) if call is not None else ''}.{arg.name}" in rule.cased
                if named and isinstance(arg.value, Lit):
                    return str(arg.value.value)
        return ""

    def _between(self, where: SymbolId, start: int, field: Assign) -> bool:
        """Does another field end between the annotation and this one? Then the annotation is that one's."""
        fields = self.graph.view(where.file).assigns_of.get(where.index, ())
        return any(start < f.end and f.start < field.start for f in fields)


def _is_filled(name: str, language: str) -> bool:
    """Can a request fill a field of that name? Not a constant, and in Go none that is written small."""
    return name[:1].isupper() if language in structural.LANGUAGES else not name.isupper() and not name.startswith("_")


def cased(name: str, case: str) -> str:
    """A name of small letters and underscores in another case: `camelCase`, `PascalCase`, `kebab-case`, `SCREAMING_SNAKE_CASE`."""
    words = [w for w in name.strip("_").split("_") if w]
    match case:
        case "camelCase":
            return "".join([words[0], *(w[:1].upper() + w[1:] for w in words[1:])]) if words else name
        case "PascalCase":
            return "".join(w[:1].upper() + w[1:] for w in words)
        case "kebab-case" | "SCREAMING-KEBAB-CASE":
            return "-".join(words).upper() if case.isupper() else "-".join(words)
        case "SCREAMING_SNAKE_CASE" | "UPPERCASE":
            return name.upper()
    return name


def declared_names(view: FileView, holder: int, names: tuple[str, ...]) -> list[str]:
    """The first texts of calls of these names in blocks of the body of a class: `params do required(:title) end`."""
    found: list[str] = []
    blocks = [i for i in view.children.get(holder, ()) if view.symbol(i).kind == "lambda"] if holder > 0 else []
    while blocks and len(found) < MAX_FIELDS:
        block = blocks.pop(0)
        for number in view.calls_of.get(block, ()):
            call = view.facts.calls[number]
            if (
                callee_name(call) in names
                and call.args
                and isinstance(call.args[0].value, Lit)
                and isinstance(call.args[0].value.value, str)
            ):
                found.append(call.args[0].value.value)
        blocks.extend(i for i in view.children.get(block, ()) if view.symbol(i).kind == "lambda")
    return found
