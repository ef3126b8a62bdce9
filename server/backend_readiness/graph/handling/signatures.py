"""Parameters of a request in the signature of a handler: annotated ones, extractors, and those that are filled by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Alt, CallRef, Index, Lit, Member, Name, Op, Param, Seq, Symbol, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.annotations import annotation_calls, of_kind
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.handling.input_models import Models
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, SymbolId, options
from backend_readiness.graph.world import Graph
from backend_readiness.rules.input_rules import InputRule


class Signatures:
    """What the parameters of one handler take."""

    def __init__(self, graph: Graph, models: Models, rules: Sequence[InputRule], path_names: tuple[str, ...]) -> None:
        self.graph, self.ev, self.models, self.rules, self.path_names = graph, graph.ev, models, rules, path_names

    def of(self, where: SymbolId, symbol: Symbol, formal: Sequence[Param]) -> Iterator[tuple[InputRule, str]]:
        """(rule, name) for each parameter that the request fills, in the order of the signature."""
        for param in formal:
            if param.kind in ("*", "**"):
                continue
            if self._is_dependency(where, param):
                continue
            marked = self._marked(where, symbol, param)
            if marked:
                yield from marked
            elif param.name not in self.path_names:
                yield from self._unmarked(where, symbol, param)

    def filled(self, where: SymbolId, symbol: Symbol, param: Param) -> bool:
        """Does the framework fill this parameter, so that it cannot be the request itself?"""
        return param.name in self.path_names or next(self.of(where, symbol, [param]), None) is not None

    def _is_dependency(self, where: SymbolId, param: Param) -> bool:
        dependencies = self.graph.knowledge.dependencies
        return any(
            isinstance(v, Ext) and dependencies.matches(v)
            for file, number in annotation_calls(self.ev, param, where.file)
            for v in options(self.ev.value(self.graph.view(file).facts.calls[number].callee, file, 0))
        )

    def _marked(self, where: SymbolId, symbol: Symbol, param: Param) -> list[tuple[InputRule, str]]:
        own = list(self._annotations(where, symbol, param))
        found: list[tuple[InputRule, str]] = []
        for rule in self.rules:
            for mark in of_kind(own, rule.marks) if rule.marks else ():
                named = self._given(mark, rule)
                if named:
                    found.extend((rule, n) for n in named)
                else:
                    found.extend((rule, n) for n in self._fields(where, symbol, param, rule) or [param.name.lstrip("$")])
        return found

    def _annotations(self, where: SymbolId, symbol: Symbol, param: Param) -> Iterator[Ext]:
        """Decorators, the default, and calls or names inside of the type (`Annotated[int, Query()]`)."""
        owner = max(0, symbol.parent)
        calls = [(file, CallRef(number)) for file, number in annotation_calls(self.ev, param, where.file)]
        for file, expr in [*((where.file, d) for d in param.decorators), *calls][:8]:
            for value in options(self.ev.value(expr, file, owner if file == where.file else 0)):
                if isinstance(value, Ext):
                    yield value

    def _given(self, mark: Ext, rule: InputRule) -> list[str]:
        """The name that an annotation gives: its only positional text, or one of its keys."""
        if mark.site is None or not mark.path.endswith("()"):
            return []
        call = self.graph.view(mark.site.file).facts.calls[mark.site.call]
        for arg in call.args:
            if (arg.name or "") in rule.keys:
                found = [t for t in texts(self.ev, self.ev.value(arg.value, mark.site.file, call.owner)) if t and "{" not in t]
                if found:
                    return found[:1]
        return []

    def _unmarked(self, where: SymbolId, symbol: Symbol, param: Param) -> Iterator[tuple[InputRule, str]]:
        outer, inner = _split(param.type)
        for rule in self.rules:
            if outer in rule.extractors:
                fields = self._fields_of(inner, where, symbol, rule) if inner is not None else []
                yield from ((rule, n) for n in fields or [param.name])
                return
        names = _type_names(param.type)
        for rule in self.rules:
            if rule.plain and (names <= set(rule.plain) if names else "" in rule.plain):
                yield rule, param.name.lstrip("$")
                return
        typed = self._typed(param.type, where, symbol) if param.type is not None else None
        for rule in self.rules:
            if rule.models and typed is not None:
                for option in options(typed):
                    if self.models.is_data(option):
                        yield from ((rule, n) for n in self.models.fields(option, rule))
                        if not (rule.tagged or rule.within):
                            return

    def _fields(self, where: SymbolId, symbol: Symbol, param: Param, rule: InputRule) -> list[str]:
        return self._fields_of(param.type, where, symbol, rule) if param.type is not None else []

    def _fields_of(self, annotation: Value, where: SymbolId, symbol: Symbol, rule: InputRule) -> list[str]:
        return self.models.fields(self._typed(annotation, where, symbol), rule)

    def _typed(self, annotation: Value, where: SymbolId, symbol: Symbol) -> AV:
        return self.ev.instance_of(annotation, where.file, max(0, symbol.parent))


def annotated(ev: Evaluator, function: FuncV) -> tuple[SymbolId, Symbol]:
    """The method that says what its parameters take: that of a base or interface, when annotations stand there alone."""
    symbol = ev.world.view(function.symbol.file).symbol(function.symbol.index)
    made = function.self_value
    own = (function.symbol, symbol)
    if not isinstance(made, InstV) or any(p.decorators for p in symbol.params):
        return own
    for base in inheritance.bases(ev, made.cls):
        if isinstance(base, ClassV):
            view = ev.world.view(base.symbol.file)
            for index in view.named_children.get((base.symbol.index, symbol.name), ()):
                declared = view.symbol(index)
                if len(declared.params) == len(symbol.params) and any(p.decorators for p in declared.params):
                    return SymbolId(base.symbol.file, index), declared
    return own


def _split(annotation: Value | None) -> tuple[str, Value | None]:
    """`Query<Page>` -> ("Query", Page)."""
    if isinstance(annotation, Index):
        key = annotation.key
        return last_name(annotation.base) or "", key.items[0] if isinstance(key, Seq) and key.items else key
    return last_name(annotation) or "", None


def _type_names(annotation: Value | None) -> set[str]:
    """All names of a type: `list[str] | None` -> {"list", "str"}."""
    found: set[str] = set()
    stack: list[Value | None] = [annotation]
    while stack and len(found) < 20:
        match stack.pop():
            case Name(id=name) | Member(name=name):
                found.add(name)
            case Index(base=base, key=key):
                stack.extend((base, key))
            case Seq(items=items) | Alt(options=items) | Op(operands=items):
                stack.extend(items)
            case Lit() | None:
                continue
            case _:
                found.add("?")
    return found - {"None", "null", "Optional", "Nullable"}
