"""The walk through the blocks of a nested routing language: every call in a block is a step of the card's, or is looked into."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace

from backend_readiness.facts.model import CallRef, Member, Name
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import constants
from backend_readiness.graph.evaluation.inflections import camel
from backend_readiness.graph.nested import expansions, followed, kept, mixed, resources, single
from backend_readiness.graph.nested.arguments import Arguments
from backend_readiness.graph.nested.context import Context, joined
from backend_readiness.graph.nested.each import MAX_ROUNDS, rounds_of
from backend_readiness.graph.nested.options import Nested, options_of
from backend_readiness.graph.nested.targets import Answer
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.routes.routing import Guard, Mount, RouterKey
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import AV, ClassV, Const, Env, Ext, FuncV, InstV, ListV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.card_rules import Ref
from backend_readiness.rules.cards import Card

MAX_DEPTH = 24
MAX_STEPS = 40_000
_UNKNOWN = re.compile(r"^/\{[^{}]*\}(?=/|$)")
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
        self.hooks = {name for r in card.routes if r.shape == "nested" for name in options_of(r).hooks}
        self.own_requests = {name for r in card.routes if r.shape == "nested" for name in options_of(r).own_requests}
        self.with_steps: dict[SymbolId, bool] = {}
        steps = [p for r in card.routes if r.shape == "nested" and r.callee for p in scan.graph.knowledge.patterns(card, r.callee)]
        self.receivers = [compiled(base) for base in sorted({p.rpartition(".")[0] for p in steps} - {"", "~"})]

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
                if isinstance(value, FuncV) and isinstance(call.callee, Name) and not followed.has_steps(self, value.symbol):
                    value = Ext(f"~{call.callee.id}")  # `def draw(name) = instance_eval(File.read(...))`
                if not isinstance(value, Ext):
                    continue
                for tagged, match in self.scan.graph.knowledge.routes.matches(value):
                    if tagged.rule.shape == "nested" and tagged.card.id == self.card.id:
                        if only and options_of(tagged.rule).does not in only:
                            return context
                        return self.step(Hit(site, call, value, tagged.rule, tagged.card, match), context)
        if not only:
            self._look_into(view, site, context)
            self._follow(view, site, context)
        return context

    def _follow(self, view: FileView, site: Site, context: Context) -> None:
        """A call of a function of the repository: its steps stand where it is called."""
        for where, env in followed.functions(self, view, site) if context.depth < MAX_DEPTH else ():
            if where not in context.followed:
                self.body(where, replace(context, depth=context.depth + 1, followed=(*context.followed, where)), env)

    def is_receiver(self, callee: Ext) -> bool:
        """Is the value before the last name of a callee one that steps of the card are called on?"""
        base = callee.base
        names = (callee.path.rpartition(".")[0], base.path if isinstance(base, Ext) else "")
        return any(p.fullmatch(n) for n in names if n for p in self.receivers)

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

    def _rounds(self, view: FileView, site: Site, function: FuncV) -> Iterator[Env]:
        call = view.facts.calls[site.call]
        symbol = view.symbol(function.symbol.index)
        over = call.callee.base if isinstance(call.callee, Member) and symbol.params else None
        for args in rounds_of(self.ev, symbol, self.ev.value(over, site.file, call.owner, site.env)) if over is not None else ():
            yield Env(function.symbol, args, None, site.env, 1)

    # ------------------------------------------------------------ steps

    def step(self, hit: Hit, context: Context) -> Context:
        """One step of the language; the context for what follows it in the same block."""
        rule = options_of(hit.rule)
        match rule.does:
            case "root" if rule.made and context.router != ("site", hit.site.file, hit.site.call):
                pass  # a table of its own, which stands where it is mounted
            case "root":
                if not context.depth:
                    above = self.texts(hit, (rule.parents,)) if rule.parents is not None else []
                    path = "".join(f"/{p}/:{p}_id" for p in above) + joined("", next(iter(self.paths(hit, rule)), ""))
                    own = joined("".join(f"/{p}/:{p}_id" for p in above), next(iter(self.texts(hit, rule.own_path)), ""))
                    self.block(self.block_of(hit), replace(context, path=joined(context.path, path), own_path=own))
            case "scope" if rule.or_prefix and self.block_of(hit) is None:
                return self.prefixed(hit, rule, context)
            case "scope" if rule.brings:
                kept.bring(self, hit, context)
            case "scope" if kept.name_of(self, hit, rule) and context.kept is None:
                pass  # it stands where it is brought
            case "scope":
                before = self._known()
                for path in dict.fromkeys(self.paths(hit, rule)) or ("",):
                    inner = self.scoped(hit, rule, context, path)
                    self.block(self.block_of(hit), inner)
                    self._own_table(hit, rule, inner)
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
                return mixed.extend(self, hit, rule, context)
            case "expand":
                expansions.register(self, hit, rule, context)
            case _:
                pass
        return context

    def _own_table(self, hit: Hit, rule: Nested, context: Context) -> None:
        """`slice :main, at: "/main"` puts the table of the slice there."""
        name = rule.own_table.format(**{"class": camel(context.module)}) if rule.own_table else ""
        cls = constants.class_of_text(self.ev, name) if name else None
        if cls is not None and context.router is not None:
            self._put(hit, context, self.router_of(cls), context.path)

    def _known(self) -> int:
        return len(self.scan.routing.registrations) + len(self.scan.routing.mounts)

    def scoped(self, hit: Hit, rule: Nested, context: Context, path: str) -> Context:
        above = self.texts(hit, (rule.kept,))[:1] if rule.kept is not None else []
        path = joined(above[0], path) if above and above[0].startswith("/") else path
        context = replace(context, kept=None)
        module, controller = self.texts(hit, rule.module), self.texts(hit, rule.controller)
        plain = not path and not self.texts(hit, rule.name)
        outer = context if plain else context.below()  # a module or a controller alone: the routes inside are still about the resource
        if outer.resource is not None and controller:
            outer = replace(outer, resource=replace(outer.resource, controller=controller[0]))
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
            shallow=outer.shallow or rule.shallows,
            shallow_path=joined(outer.shallow_path, next(iter(self.texts(hit, rule.shallow_at)), path)),
            path_names={**outer.path_names, **self.renamings(hit, rule)},
            guards=(*outer.guards, *guards),
        )

    def _guard(self, hit: Hit) -> tuple[Guard, ...]:
        value = Ext(hit.callee.path, hit.callee.base, hit.site, hit.callee.subject)
        return (Guard(value=value, place=self.scan.place(hit), start=hit.call.start),)

    def prefixed(self, hit: Hit, rule: Nested, context: Context) -> Context:
        """A prefix for the rest of the block, or for the block that is given."""
        block = self.block_of(hit)
        inner = context
        for path in self.paths(hit, rule)[: MAX_ROUNDS if block is not None else 1]:
            inner = replace(context, path=joined(joined("", path), context.path) if rule.in_front else joined(context.path, path))
            if block is not None:
                self.block(block, inner)
        if block is not None and inner is context:
            self.block(block, context)
        return context if block is not None else inner

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
            if isinstance(value, FuncV) and rule.lambdas and not self._tells_apart(value):
                single.add(self, hit, outer, outer.path, path, ["ANY"], Answer(handler=value))
            brought = rule.outside_too and isinstance(value, Ext) and value.subject is None and joined(outer.path, path).strip("/")
            if brought and isinstance(value, Ext) and value.path.removesuffix("()").removesuffix(".new") not in rule.outside_but:
                single.add(self, hit, outer, outer.path, path, ["WS" if value.path.removesuffix("()") in rule.sockets else "ANY"], Answer())
            for option in (o for given in self._each(value) for o in (given, *self._traits(given, rule))):
                key = self.router_of(option) if self._is_itself(option, rule) else None
                if key is not None and key != outer.router:
                    self._put(hit, outer, key, joined(outer.path, path.removesuffix("/*")))

    def _is_itself(self, value: AV, rule: Nested) -> bool:
        """Is it the application, and not something else that it keeps (`run Shop.assets`)?"""
        name = value.path.removesuffix("()").rpartition(".")[2] if isinstance(value, Ext) and isinstance(value.subject, ClassV) else ""
        return not name or not rule.selves or name in rule.selves

    def _put(self, hit: Hit, context: Context, child: RouterKey | None, path: str) -> None:
        if child is not None:
            path = _UNKNOWN.sub("", path)  # a head that only a configuration knows is nothing by default
            at, start = self.scan.place(hit), hit.call.start
            self.scan.routing.mounts.append(
                Mount(parent=context.router, child=child, prefix=path, place=at, start=start, guards=context.guards)
            )

    def _tells_apart(self, function: FuncV) -> bool:
        """Does a function branch? Then its paths are told by what it compares."""
        view = self.scan.graph.view(function.symbol.file)
        return any(view.blocks_of.get(scope) for scope in view.body(function.symbol.index))

    def _traits(self, value: AV, rule: Nested) -> list[AV]:
        """The traits, and with `bases` the base classes, of a mounted class, whose bodies are tables of their own."""
        cls = value.cls if isinstance(value, InstV) else value
        bases = inheritance.bases(self.ev, cls) if isinstance(cls, ClassV) else []
        kept = [b for b in bases if isinstance(b, ClassV)]
        kinds = ("interface", "class") if rule.bases else ("interface",)
        return [b for b in kept if self.scan.graph.view(b.symbol.file).symbol(b.symbol.index).kind in kinds]

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
