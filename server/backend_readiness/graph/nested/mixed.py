"""Modules that a table takes in, which put steps of their own on it: `register Routes`, `include Shared`, `extend AdminRoutes`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Func
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.evaluation.params import key_of
from backend_readiness.graph.values import AV, ClassV, Env, Ext, FuncV, ModV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name

if TYPE_CHECKING:
    from backend_readiness.graph.nested.context import Context
    from backend_readiness.graph.nested.options import Nested
    from backend_readiness.graph.nested.walk import Walker
    from backend_readiness.graph.routes.scan import Hit

MAX_DEPTH = 24


def extend(walker: Walker, hit: Hit, rule: Nested, context: Context) -> Context:
    """`register Routes` runs `def self.registered(app)` with the application; `included do ... end` is a part of the table itself."""
    for arg in hit.call.args if context.depth < MAX_DEPTH else ():
        for option in options(walker.ev.value(arg.value, hit.site.file, hit.call.owner, hit.site.env)):
            for name in rule.hooks if isinstance(option, ClassV | ModV) else ():
                function = members.own_member(walker.ev, option, name)
                if isinstance(function, FuncV):
                    symbol = walker.scan.graph.view(function.symbol.file).symbol(function.symbol.index)
                    given = [p for p in symbol.params if p.name != "self"][:1]
                    env = Env(function.symbol, {key_of(p, symbol): Ext(rule.receiver) for p in given}, None, hit.site.env, 1)
                    walker.body(function.symbol, replace(context, depth=context.depth + 1), env)
                elif isinstance(option, ClassV):
                    context = _written_in(walker, option, name, context)
    return context


def _written_in(walker: Walker, module: ClassV, name: str, context: Context) -> Context:
    """The blocks that the body of a module hands to a call of the name; what they put before paths holds for the rest of the table."""
    view = walker.scan.graph.view(module.symbol.file)
    for number in view.calls_of.get(module.symbol.index, ()):
        call = view.facts.calls[number]
        if callee_name(call) == name and call.args:
            site = Site(module.symbol.file, number, None)
            block: AV = walker.ev.value(call.args[-1].value, site.file, call.owner, None)
            depth = context.depth
            context = replace(walker.block(block, context), depth=depth)
    return context


def inherited(walker: Walker, cls: ClassV, context: Context, seen: frozenset[SymbolId] = frozenset()) -> Context:
    """The context after the prefixes and guards of the base classes and modules of the repository, the outermost first."""
    for base in inheritance.direct_bases(walker.ev, cls):
        if not isinstance(base, ClassV) or base.symbol in seen or len(seen) >= MAX_DEPTH:
            continue
        context = inherited(walker, base, context, seen | {cls.symbol})
        view = walker.scan.graph.view(base.symbol.file)
        own = [n for n in view.calls_of.get(base.symbol.index, ()) if callee_name(view.facts.calls[n]) not in walker.hooks]
        for number in sorted([*own, *_hooked(walker, view, base.symbol.index)], key=lambda n: view.facts.calls[n].start):
            context = walker.call(Site(base.symbol.file, number, None), context, ("prefix", "guard"))
    return context


def _hooked(walker: Walker, view: FileView, module: int) -> list[int]:
    """The calls in `included do ... end` of a module."""
    calls = [view.facts.calls[n] for n in view.calls_of.get(module, ()) if callee_name(view.facts.calls[n]) in walker.hooks]
    blocks = [a.value.symbol for c in calls for a in c.args if isinstance(a.value, Func)]
    return [n for b in blocks for n in view.calls_of.get(b, ())]
