"""Functions that hold routes of a card whose groups say `called`: their routes belong to where they are called.

One that makes paths of what it is given, or runs a block that it is given, is meant once for each of its calls:
`fun Route.crud(name: String) { route("/$name") { ... } }`,
`fun Route.version(n: Int, build: Route.() -> Unit) = route("/v$n") { build() }`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Name
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.evaluation.params import callers_named
from backend_readiness.graph.values import ClassV, FuncV, InstV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place

if TYPE_CHECKING:
    from backend_readiness.graph.routes.groups import Groups
    from backend_readiness.graph.routes.routing import Held, Mount, RouterKey
    from backend_readiness.graph.routes.scan import Hit

MAX_HOLDING = 400
MAX_DEPTH = 4
LANGUAGES = frozenset({"kotlin"})  # whose blocks run on what the function that is given them makes of its receiver
_RUNS = frozenset({"apply", "run", "also", "let", "with"})


class CalledFunctions:
    """Those of one scan."""

    def __init__(self, groups: Groups) -> None:
        self.groups, self.scan, self.graph = groups, groups.scan, groups.scan.graph
        self._as_called: dict[tuple[RouterKey, Held], RouterKey] = {}
        self._cards = {c.id for c in self.graph.knowledge.cards for r in c.routes if r.shape == "group" and r.options.get("called")}

    def functions(self) -> list[tuple[str, int]]:
        """The functions, each of which is a body from now on, and those that only call such functions or run blocks for them."""
        found: dict[tuple[str, int], str] = {}
        blocks: dict[tuple[str, int], str] = {}
        for hits in self.scan.hits.values() if self._cards else ():
            for hit in hits:
                if hit.card.id in self._cards:
                    view = self.graph.view(hit.site.file)
                    for scope in view.enclosing(hit.call.owner):
                        kind = view.symbol(scope).kind
                        if kind in ("function", "method"):
                            found.setdefault((hit.site.file, scope), hit.card.id)
                        elif kind == "lambda" and view.language in LANGUAGES:
                            blocks.setdefault((hit.site.file, scope), hit.card.id)
        bodies = self.groups.bodies
        new = [key for key in found if key not in bodies]
        bodies.update({key: found[key] for key in new})
        self._grow(new)
        for block, card in blocks.items():
            if block not in bodies:
                self._hand_over(block, card, new)
        self._grow(new)
        return new

    def _grow(self, new: list[tuple[str, int]]) -> None:
        bodies = self.groups.bodies
        for function in new:  # grows: what only calls such functions holds their routes too
            for caller in self._calling(function) if len(new) < MAX_HOLDING else ():
                if caller not in bodies:
                    bodies[caller] = bodies[function]
                    new.append(caller)

    def mounts(self, function: tuple[str, int]) -> Iterator[Mount]:
        """Where the function is called."""
        from backend_readiness.graph.routes.routing import Mount

        child: RouterKey = ("body", *function)
        given = self.groups.bodies.get(function) in self.groups.macros
        if given:
            self.scan.routing.routers[child].needs_mount = True  # code that nobody asks for stands nowhere
        for site in self._callers(function):
            call = self.graph.view(site.file).facts.calls[site.call]
            parent = self.groups.around(site.file, call.owner)
            if site.file in self.graph.production and (parent is not None or given) and parent != child:
                place = Place(file=site.file, line=call.line, end_line=call.end_line)
                mount = Mount(parent=parent, child=child, prefix="", place=place, start=call.start, called=(site.file, site.call))
                yield from (replace(mount, held=h) for h in self._by_objects(function, site, call.owner) or [()])

    def _by_objects(self, function: tuple[str, int], site: Site, owner: int) -> list[Held]:
        """The calls by which a method of a base class runs this one, which a class below it has: those on objects of that class.

        `fun register(route: Route) { route.route(path) { routes() } }` of the base, `Orders().register(this)`. Empty: any call does.
        """
        view, there = self.graph.view(function[0]), self.graph.view(site.file)
        cls = SymbolId(function[0], view.symbol(function[1]).parent)
        around = next((s for s in there.enclosing(owner) if there.symbol(s).kind == "method"), None)
        if view.language not in LANGUAGES or around is None or SymbolId(site.file, there.symbol(around).parent) == cls:
            return []
        found: list[Held] = []
        for caller in self._callers((site.file, around)):
            call = self.graph.view(caller.file).facts.calls[caller.call]
            for value in options(self.graph.ev.value(call.callee, caller.file, call.owner)):
                receiver = value.self_value if isinstance(value, FuncV) else None
                if isinstance(receiver, InstV) and receiver.cls.symbol == cls:
                    found.append(((("body", site.file, around), (caller.file, caller.call)),))
        return found

    def as_called(self, hit: Hit, key: RouterKey | None) -> RouterKey | None:
        """The body in which a hit stands as the calls run it whose arguments the hit is read with."""
        from backend_readiness.graph.routes.routing import Mount

        held: dict[RouterKey, tuple[str, int]] = {}
        env = hit.site.env
        while env is not None and len(held) < MAX_DEPTH:
            if env.site is not None:
                held[("body", env.symbol.file, env.symbol.index)] = (env.site.file, env.site.call)
            env = env.site.env if env.site is not None else env.outer
        if key is None or key[0] != "body" or not held or (key[1], key[2]) not in self.groups.bodies:
            return key
        meant = (key, tuple(held.items()))
        if meant not in self._as_called:
            self._as_called[meant] = ("as called", key[1], len(self._as_called))
            place = self.scan.place(hit)
            mount = Mount(parent=key, child=self._as_called[meant], prefix="", place=place, start=hit.call.start, held=meant[1])
            self.scan.routing.mounts.append(mount)
        return self._as_called[meant]

    # ------------------------------------------------------------ callers

    def _calling(self, function: tuple[str, int]) -> Iterator[tuple[str, int]]:
        """The functions that call one outside of the bodies of groups."""
        for site in self._callers(function):
            view = self.graph.view(site.file)
            owner = view.facts.calls[site.call].owner
            if site.file in self.graph.production and self.groups.around(site.file, owner) is None:
                yield from ((site.file, s) for s in view.enclosing(owner) if view.symbol(s).kind in ("function", "method"))

    def _callers(self, function: tuple[str, int]) -> list[Site]:
        view = self.graph.view(function[0])
        symbol = view.symbol(function[1])
        called = callers_named(self.graph.ev, symbol.name) if symbol.name else {}
        found = called.get(SymbolId(*function), [])
        if found or symbol.kind != "method" or view.language not in LANGUAGES:
            return found
        bases = inheritance.bases(self.graph.ev, ClassV(SymbolId(function[0], symbol.parent)))  # whose method this one overrides
        above = (members.own_member(self.graph.ev, InstV(b), symbol.name) for b in bases if isinstance(b, ClassV))
        return [site for m in above if isinstance(m, FuncV) for site in called.get(m.symbol, [])]

    # ------------------------------------------------------------ blocks

    def _hand_over(self, block: tuple[str, int], card: str, new: list[tuple[str, int]]) -> None:
        """Put a block that is given to a function of the repository below the places where that runs it."""
        view = self.graph.view(block[0])
        passed = view.passed_in.get(block[1])
        if passed is None:
            return
        mounts = list(self._runs(("body", *block), Site(block[0], passed[0], None), passed[1], (), card, new, 0))
        if mounts:
            self.groups.bodies[block] = card
            self.groups.mounts.extend(mounts)

    def _runs(
        self, child: RouterKey, site: Site, position: int, held: Held, card: str, new: list[tuple[str, int]], depth: int
    ) -> Iterator[Mount]:
        """A mount for each place where a function runs the block that the call at `site` gives it."""
        from backend_readiness.graph.routes.routing import Mount

        call = self.graph.view(site.file).facts.calls[site.call]
        for value in options(self.graph.ev.value(call.callee, site.file, call.owner)) if depth < MAX_DEPTH else ():
            function = (value.symbol.file, value.symbol.index) if isinstance(value, FuncV) else None
            name = self._parameter(function, call, position) if function is not None else ""
            if function is None or not name:
                continue
            there = self.graph.view(function[0])
            key: RouterKey = ("body", *function)
            inner: Held = (*held, (key, (site.file, site.call)))
            for number, run in enumerate(there.facts.calls):
                if function[1] not in there.enclosing(run.owner):
                    continue
                given = next((n for n, a in enumerate(run.args) if a.value == Name(name)), None)
                if callee_name(run) == name or (given is not None and self._is_run(there, run)):
                    if function not in self.groups.bodies:
                        self.groups.bodies[function] = card
                        new.append(function)
                    parent = self.groups.around(function[0], run.owner) or key
                    place = Place(file=function[0], line=run.line, end_line=run.end_line)
                    yield Mount(parent=parent, child=child, prefix="", place=place, start=run.start, held=inner)
                elif given is not None:
                    found = list(self._runs(child, Site(function[0], number, None), given, inner, card, new, depth + 1))
                    if found and function not in self.groups.bodies:
                        self.groups.bodies[function] = card
                        new.append(function)
                    yield from found

    def _is_run(self, view: FileView, call: Call) -> bool:
        """Is a function of the language called that runs its block: `route.apply(build)`?"""
        found = options(self.graph.ev.value(call.callee, view.path, call.owner))
        return callee_name(call) in _RUNS and not any(isinstance(o, FuncV) for o in found)

    def _parameter(self, function: tuple[str, int], call: Call, position: int) -> str:
        """The name of the parameter that the argument at a position of the call is for; a block behind the brackets is for the last."""
        params = [p for p in self.graph.view(function[0]).symbol(function[1]).params if p.name != "self" and p.kind != "this"]
        if self.graph.view(function[0]).language not in LANGUAGES or not params:
            return ""
        named = call.args[position].name if position < len(call.args) else None
        if named is not None:
            return named
        return params[-1].name if position == len(call.args) - 1 else params[position].name if position < len(params) else ""
