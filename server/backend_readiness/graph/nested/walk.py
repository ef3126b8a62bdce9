"""The walk through the blocks of a nested routing language: every call in a block is a step of the card's, or is looked into."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace

from backend_readiness.facts.model import CallRef, Name
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import constants, members
from backend_readiness.graph.evaluation.inflections import camel
from backend_readiness.graph.evaluation.loops import elements
from backend_readiness.graph.evaluation.params import key_of
from backend_readiness.graph.nested import expansions, resources, single
from backend_readiness.graph.nested.arguments import Arguments
from backend_readiness.graph.nested.context import Context, joined
from backend_readiness.graph.nested.options import Nested, options_of
from backend_readiness.graph.nested.targets import Answer
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.routes.routing import Guard, Mount, RouterKey
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import AV, ClassV, Const, Env, Ext, FuncV, InstV, ListV, ModV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.card_rules import Ref
from backend_readiness.rules.cards import Card

MAX_DEPTH = 24
MAX_STEPS = 40_000
MAX_ROUNDS = 60
_EACH = {"each", "map", "forEach", "times", "each_with_index", "each_pair"}


class Walker(Arguments):
    """The routes of one card."""

    def __init__(self, scan: Scan, card: Card) -> None:
        super().__init__(scan)
        self.card = card
        self.names = set(scan.graph.knowledge.routes.names)
        self.outside = {name for r in card.routes if r.shape == "nested" for name in options_of(r).outside}
        self.pages = {name for r in card.routes if r.shape == "nested" for name in options_of(r).pages}
        self._steps = 0
        tables = [h for h in scan.hits.get("nested", ()) if options_of(h.rule).made]
        self.made = {(h.site.file, h.site.call) for h in tables}  # calls that make a table, whatever card speaks of it
        self.walked: set[tuple[str, int]] = set()

    # ------------------------------------------------------------ blocks

    def block(self, function: AV | None, context: Context, env: Env | None = None) -> Context:
        """Walk the body of a function that is given as a block; the context after it."""
        for option in options(function) if function is not None else ():
            if isinstance(option, FuncV) and context.depth < MAX_DEPTH:
                return self.body(option.symbol, replace(context, depth=context.depth + 1), env or option.env)
        return context

    def body(self, where: SymbolId, context: Context, env: Env | None = None) -> Context:
        """Walk the calls of one symbol in their order; steps may change what holds for those that follow."""
        view = self.scan.graph.view(where.file)
        self.walked.add((where.file, where.index))
        numbers = sorted(view.calls_of.get(where.index, ()), key=lambda n: view.facts.calls[n].start)
        for number in numbers:
            if self._steps > MAX_STEPS:
                break
            if self._is_outside(view, where.index, number):
                continue
            self._steps += 1
            context = self.call(Site(where.file, number, env), context)
        return context

    def inherited(self, cls: ClassV, context: Context, seen: frozenset[SymbolId] = frozenset()) -> Context:
        """The context after the prefixes and guards of the base classes of the repository, the outermost first."""
        for base in inheritance.direct_bases(self.ev, cls):
            if not isinstance(base, ClassV) or base.symbol in seen or len(seen) >= MAX_DEPTH:
                continue
            context = self.inherited(base, context, seen | {cls.symbol})
            view = self.scan.graph.view(base.symbol.file)
            for number in sorted(view.calls_of.get(base.symbol.index, ()), key=lambda n: view.facts.calls[n].start):
                context = self.call(Site(base.symbol.file, number, None), context, ("prefix", "guard"))
        return context

    def _is_outside(self, view: FileView, owner: int, number: int) -> bool:
        """Does the call stand under a condition that does not hold in production?"""
        start = view.facts.calls[number].start
        around = [b.subject for b in view.blocks_of.get(owner, ()) if b.kind == "if" and b.start <= start < b.end] if self.outside else []
        return any(isinstance(s, CallRef) and callee_name(view.facts.calls[s.call]) in self.outside for s in around)

    def call(self, site: Site, context: Context, only: tuple[str, ...] = ()) -> Context:
        """`only`: the kinds of steps that count; then no other block is looked into."""
        view = self.scan.graph.view(site.file)
        call = view.facts.calls[site.call]
        if not only and context.resource is not None and isinstance(call.callee, Name) and call.callee.id in self.pages:
            self._look_into(view, site, replace(context, level=call.callee.id))
            return context
        if callee_name(call) in self.names:
            for value in options(self.ev.value(call.callee, site.file, call.owner, site.env)):
                if not isinstance(value, Ext):
                    continue
                for tagged, match in self.scan.graph.knowledge.routes.matches(value):
                    if tagged.rule.shape == "nested" and tagged.card.id == self.card.id:
                        if only and options_of(tagged.rule).does not in only:
                            return context
                        return self.step(Hit(site, call, value, tagged.rule, tagged.card, match), context)
        if not only:
            self._look_into(view, site, context)
        return context

    def _look_into(self, view: FileView, site: Site, context: Context) -> None:
        """A call that is no step: its block stands where it is written, once for each element of a list that is known."""
        call = view.facts.calls[site.call]
        last = call.args[-1].value if call.args else None
        function = self.ev.value(last, site.file, call.owner, site.env) if last is not None else None
        for option in options(function) if function is not None else ():
            if not isinstance(option, FuncV) or option.symbol.file != site.file or view.symbol(option.symbol.index).kind != "lambda":
                continue
            envs: list[Env | None] = list(self._rounds(view, site, option)) if callee_name(call) in _EACH else []
            for env in envs or [site.env]:
                self.block(option, context, env)

    def _rounds(self, view: FileView, site: Site, function: FuncV) -> list[Env]:
        call = view.facts.calls[site.call]
        symbol = view.symbol(function.symbol.index)
        found: list[Env] = []
        for callee in options(self.ev.value(call.callee, site.file, call.owner, site.env)):
            items = elements(self.ev, callee.base) if isinstance(callee, Ext) and callee.base is not None and symbol.params else []
            for item in items[:MAX_ROUNDS]:
                found.append(Env(function.symbol, {key_of(symbol.params[0], symbol): self.ev.thunk(item)}, None, site.env, 1))
        return found

    # ------------------------------------------------------------ steps

    def step(self, hit: Hit, context: Context) -> Context:
        """One step of the language; the context for what follows it in the same block."""
        rule = options_of(hit.rule)
        match rule.does:
            case "root":
                if not context.depth:
                    above = self.texts(hit, (rule.parents,)) if rule.parents is not None else []
                    path = "".join(f"/{p}/:{p}_id" for p in above) + joined("", next(iter(self.paths(hit, rule)), ""))
                    self.block(self.block_of(hit), replace(context, path=joined(context.path, path)))
            case "scope" if rule.brings:
                self._bring(hit, context)
            case "scope" if self._kept(hit, rule) and context.kept is None:
                pass  # it stands where it is brought
            case "scope":
                before = self._known()
                for path in dict.fromkeys(self.paths(hit, rule)) or ("",):
                    self.block(self.block_of(hit), self.scoped(hit, rule, context, path))
                if (rule.leaf or (rule.asked_leaf and self.scan.texts(hit, hit.rule.methods))) and self._known() == before:
                    single.route(self, hit, rule, context)
            case "route":
                single.route(self, hit, rule, context)
            case "resources" | "resource":
                resources.register(self, hit, rule, context)
            case "level":
                self.block(self.block_of(hit), replace(context, level=rule.level))
            case "concern":
                thunk = argument_thunk(self.ev, hit.site, Ref(arg=-1))
                for name in self.texts(hit, (Ref(arg=0),)) if thunk is not None else ():
                    assert thunk is not None
                    context.concerns[name] = thunk
            case "concerns":
                for name in self.all_texts(hit):
                    self.use_concern(name, context)
            case "mount":
                self.mount(hit, rule, context)
            case "file":
                self.file(hit, rule, context)
            case "prefix":
                return self.prefixed(hit, rule, context)
            case "guard":
                return self.guarded(hit, rule, context)
            case "extend":
                self._extend(hit, rule, context)
            case "expand":
                expansions.register(self, hit, rule, context)
            case _:
                pass
        return context

    def _extend(self, hit: Hit, rule: Nested, context: Context) -> None:
        """`register Routes` runs `def self.registered(app)`, which puts routes on the application that it is given."""
        for arg in hit.call.args:
            for option in options(self.ev.value(arg.value, hit.site.file, hit.call.owner, hit.site.env)):
                found = [members.own_member(self.ev, option, n) for n in rule.hooks] if isinstance(option, ClassV | ModV) else []
                for function in found:
                    if isinstance(function, FuncV) and context.depth < MAX_DEPTH:
                        symbol = self.scan.graph.view(function.symbol.file).symbol(function.symbol.index)
                        given = [p for p in symbol.params if p.name != "self"][:1]
                        env = Env(function.symbol, {key_of(p, symbol): Ext(rule.receiver) for p in given}, None, hit.site.env, 1)
                        self.body(function.symbol, replace(context, depth=context.depth + 1), env)

    def _kept(self, hit: Hit, rule: Nested) -> str:
        """The name under which a scope is kept; empty for one that stands where it is written."""
        named = self.texts(hit, (rule.kept,)) if rule.kept is not None else []
        return named[0] if named and not named[0].startswith("/") else ""

    def _bring(self, hit: Hit, context: Context) -> None:
        """Walk the scopes that are kept under a name, wherever they are written."""
        name = next(iter(self.all_texts(hit)), "")
        if not name or context.depth >= MAX_DEPTH:
            return
        for other in self.scan.hits.get("nested", ()):
            if other.card.id == self.card.id and self._kept(other, options_of(other.rule)) == name:
                self.step(other, replace(context, depth=context.depth + 1, kept=name))

    def _known(self) -> int:
        return len(self.scan.routing.registrations) + len(self.scan.routing.mounts)

    def scoped(self, hit: Hit, rule: Nested, context: Context, path: str) -> Context:
        above = self.texts(hit, (rule.kept,))[:1] if rule.kept is not None else []
        path = joined(above[0], path) if above and above[0].startswith("/") else path
        context = replace(context, kept=None)
        module, controller = self.texts(hit, rule.module), self.texts(hit, rule.controller)
        plain = not path and not controller and not self.texts(hit, rule.name)
        outer = context if plain else context.below()  # a module alone: the routes inside are still about the resource
        only = self.texts(hit, (rule.only,)) if rule.only is not None else []
        guards = self._guard(hit) if rule.guards else ()
        return replace(
            outer,
            path=joined(outer.path, path),
            module=joined("" if rule.top else outer.module, module[0]).lstrip("/") if module else outer.module,
            name="".join([outer.name, *(f"{t}_" for t in self.texts(hit, rule.name)[:1] if t)]),
            controller=controller[0] if controller else outer.controller,
            action=next(iter(self.texts(hit, rule.action)), "") or outer.action,
            only=tuple(only) if only else outer.only,
            method=next(iter([*self.asked(hit), *(t.upper() for t in self.scan.texts(hit, hit.rule.methods))]), "") or outer.method,
            shallow_path=joined(outer.shallow_path, path),
            guards=(*outer.guards, *guards),
        )

    def _guard(self, hit: Hit) -> tuple[Guard, ...]:
        value = Ext(hit.callee.path, hit.callee.base, hit.site, hit.callee.subject)
        return (Guard(value=value, place=self.scan.place(hit), start=hit.call.start),)

    def prefixed(self, hit: Hit, rule: Nested, context: Context) -> Context:
        """A prefix for the rest of the block, or for the block that is given."""
        path = next(iter(self.paths(hit, rule)), "")
        inner = replace(context, path=joined(joined("", path), context.path) if rule.in_front else joined(context.path, path))
        block = self.block_of(hit)
        if block is not None:
            self.block(block, inner)
            return context
        return inner

    def guarded(self, hit: Hit, rule: Nested, context: Context) -> Context:
        """A function that runs before the routes; at a path where one is named. It holds for the whole table, whatever the order."""
        function = self.block_of(hit)
        values: list[AV] = [function] if function is not None else []
        if not values:
            values = [v for v in (self.scan.value(hit, ref) for ref in rule.to) if v is not None]
        path = next((p for p in self.paths(hit, rule) if p.startswith("/")), "") if function is not None else ""
        for value in values:
            guard = Guard(value=value, place=self.scan.place(hit), start=hit.call.start, path=joined(context.path, path) if path else "")
            if context.router is not None and not context.path:
                self.scan.routing.routers[context.router].guards.append(guard)
            else:
                context = replace(context, guards=(*context.guards, guard))
        return context

    def use_concern(self, name: str, context: Context) -> None:
        kept = context.concerns.get(name)
        if kept is not None and context.depth < MAX_DEPTH:
            self.block(self.ev.thunk(kept), replace(context, depth=context.depth + 1))

    def file(self, hit: Hit, rule: Nested, context: Context) -> None:
        folder = posixpath.dirname(hit.site.file)
        for name in self.all_texts(hit):
            for base in (folder, posixpath.dirname(folder)):
                path = posixpath.normpath(f"{base}/{rule.folder}/{name}.rb")
                if path in self.scan.graph.facts.files and context.depth < MAX_DEPTH:
                    self.body(SymbolId(path, 0), replace(context, depth=context.depth + 1))
                    break

    # ------------------------------------------------------------ mounts

    def mount(self, hit: Hit, rule: Nested, context: Context) -> None:
        """`mount Api => "/api"`, `mount Api, at: "/api"`, `run Api`."""
        outer = context.below()
        children: list[tuple[AV | None, str]] = list(self.pairs(hit))
        paths = self.paths(hit, rule)
        children = children or [(self.first(hit, rule.child or (Ref(arg=0),)), p) for p in paths or [""]]
        for value, path in children:
            if rule.outside_too and isinstance(value, Ext) and value.subject is None and path.strip("/"):
                single.add(self, hit, outer, outer.path, path, ["WS" if value.path.removesuffix("()") in rule.sockets else "ANY"], Answer())
            for option in (o for given in self._each(value) for o in (given, *self._traits(given))):
                key = self.router_of(option)
                if key is not None and key != outer.router:
                    self.scan.routing.mounts.append(
                        Mount(
                            parent=outer.router, child=key, prefix=joined(outer.path, path.removesuffix("/*")), place=self.scan.place(hit),
                            start=hit.call.start, guards=outer.guards,
                        )
                    )  # fmt: skip

    def _traits(self, value: AV) -> list[AV]:
        """The traits of a mounted class, whose bodies are tables of their own."""
        cls = value.cls if isinstance(value, InstV) else value
        bases = inheritance.bases(self.ev, cls) if isinstance(cls, ClassV) else []
        kept = [b for b in bases if isinstance(b, ClassV)]
        return [b for b in kept if self.scan.graph.view(b.symbol.file).symbol(b.symbol.index).kind == "interface"]

    def _each(self, value: AV | None) -> Iterator[AV]:
        for option in options(value) if value is not None else ():
            if isinstance(option, ListV):
                yield from (self.ev.thunk(item) for item in option.items[:40])
            elif isinstance(option, Const) and isinstance(option.value, str):
                names = (option.value, camel(option.value))  # `Padrino.mount("admin")`
                yield next((c for n in names if (c := constants.class_of_text(self.ev, n)) is not None), option)
            else:
                yield option

    def router_of(self, value: AV | None) -> RouterKey | None:
        """What a mounted class, or an instance of one, is in the table of mounts."""
        if isinstance(value, InstV):
            value = value.cls
        if isinstance(value, ClassV):
            first = constants.parts(self.ev, value.symbol) or (value.symbol,)
            best = min(first, key=lambda s: (s.file, s.index))
            return ("class", best.file, best.index)
        if isinstance(value, FuncV):
            return None
        if isinstance(value, Ext) and value.subject is not None:
            return self.router_of(value.subject)
        if isinstance(value, Ext) and value.site is not None and (value.site.file, value.site.call) in self.made:
            return ("site", value.site.file, value.site.call)
        return None
