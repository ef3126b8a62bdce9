"""Where the shapes look: calls that match the route patterns of the active cards, each with its values."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property

from backend_readiness.facts.model import CallRef, Lit, Seq
from backend_readiness.graph.backend.brought import BroughtHandlers
from backend_readiness.graph.classes.embedded import embedded
from backend_readiness.graph.handling.container_entries import ContainerEntries
from backend_readiness.graph.handling.handlers import unwrapped
from backend_readiness.graph.handling.standing_guards import StandingGuards
from backend_readiness.graph.references import argument, argument_value, step_site
from backend_readiness.graph.routes.call_places import CallPlaces
from backend_readiness.graph.routes.class_routers import ClassRouters
from backend_readiness.graph.routes.derived_routers import put_classes_below
from backend_readiness.graph.routes.given_routers import given_to_object
from backend_readiness.graph.routes.groups import Groups
from backend_readiness.graph.routes.handed_routers import HandedRouters
from backend_readiness.graph.routes.hits import Hit, hits_of
from backend_readiness.graph.routes.last_given import LastGiven
from backend_readiness.graph.routes.later_steps import sites_after
from backend_readiness.graph.routes.listed_groups import ListedGroups
from backend_readiness.graph.routes.param_routers import ParamRouters
from backend_readiness.graph.routes.router_keys import OPEN_KEYS, router_key
from backend_readiness.graph.routes.router_settings import assigned_in, below_member, front_of
from backend_readiness.graph.routes.routing import BoundRoute, Guard, Mount, RouterKey, Routing, call_place
from backend_readiness.graph.routes.served import makes_application
from backend_readiness.graph.routes.unused_routers import drop_unused
from backend_readiness.graph.shapes import collectors
from backend_readiness.graph.urls import below_setting
from backend_readiness.graph.values import AV, Const, Ext, InstV, ListV, ModV, Site, SymbolId, Thunk, options
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place
from backend_readiness.rules.cards import Card, Ref

_OPEN = re.compile(r"(?:\{\w*\}[/ ]?)+")  # a slash before it makes it a part of the path, which is there whatever it says
__all__ = ["Hit", "Scan"]
ROUTER_TYPES = ("app", "router")


class Scan:
    """One pass over the repository for routes."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.routing = Routing(graph)
        self._places = CallPlaces(graph)
        self._last_given = LastGiven()
        self._served: dict[str, bool] = {}

    def run(self) -> tuple[BoundRoute, ...]:
        for collect in collectors():
            collect(self)
        self.param_routers.finish()
        drop_unused(self)
        from backend_readiness.graph.handling.class_guards import ClassGuards
        from backend_readiness.graph.handling.guard_names import GuardNames
        from backend_readiness.graph.handling.pipelines import Pipelines
        from backend_readiness.graph.handling.wrappers import handler_guards
        from backend_readiness.graph.routes.upgrades import Upgrades

        self.brought.apply(self.routing.registrations)
        ClassGuards(self).apply()
        Pipelines(self).apply()
        GuardNames(self).apply()
        self.standing.apply()
        for number, item in enumerate(self.routing.registrations):
            self.routing.registrations[number] = replace(item, guards=(*item.guards, *handler_guards(self, item)))
        Upgrades(self).apply()
        return self.routing.join()

    @cached_property
    def listed(self) -> ListedGroups:
        return ListedGroups(self)

    # ------------------------------------------------------------ hits

    @cached_property
    def brought(self) -> BroughtHandlers:
        return BroughtHandlers(self.graph)

    @cached_property
    def hits(self) -> dict[str, list[Hit]]:
        """Shape -> hits, in the order of files and places."""
        return hits_of(self.graph)

    @cached_property
    def registering(self) -> frozenset[tuple[str, int]]:
        """(file, function) of the functions that write routes themselves."""
        return frozenset((h.site.file, h.call.owner) for h in self.hits.get("call", ()) if not h.passed)

    @cached_property
    def decorating(self) -> frozenset[tuple[str, int]]:
        """(file, call) of the decorators that register routes."""
        return frozenset((h.site.file, h.site.call) for h in self.hits.get("decorator", ()))

    @cached_property
    def decorated(self) -> dict[tuple[str, int], int]:
        """(file, decorator call) -> the symbol it decorates."""
        found: dict[tuple[str, int], int] = {}
        for hits in self.hits.values():
            for path in {h.site.file for h in hits}:
                for index, symbol in enumerate(self.graph.view(path).facts.symbols):
                    for decorator in symbol.decorators:
                        if isinstance(decorator, CallRef):
                            found[path, decorator.call] = index
        return found

    # ------------------------------------------------------------ arguments

    def thunk(self, hit: Hit, ref: Ref | None) -> Thunk | None:
        """The argument that `ref` names, of the hit or of an earlier step of its chain."""
        if ref is None:
            return None
        site: Site | None = hit.site
        if ref.at is not None:
            site = step_site(hit.callee, ref.at, self.patterns(hit.card)) or next(
                iter(sites_after(self.graph.view(hit.site.file), hit.site, ref.at)), None
            )
        return None if site is None else argument(self.graph, site, ref)

    def thunks(self, hit: Hit, ref: Ref) -> list[Thunk]:
        """The same for a reference that may mean several: of a step (`at`) every argument from `arg` on, each time it is there."""
        if ref.at is None or ref.key is not None or ref.arg is None:
            thunk = self.thunk(hit, ref)
            return [thunk] if thunk is not None else []
        earlier = step_site(hit.callee, ref.at, self.patterns(hit.card))
        found: list[Thunk] = []
        for site in (*((earlier,) if earlier is not None else ()), *sites_after(self.graph.view(hit.site.file), hit.site, ref.at)):
            call = self.graph.view(site.file).facts.calls[site.call]
            given = [a for a in call.args if a.name is None][ref.arg :]
            found.extend(Thunk(site.file, call.owner, a.value, site.env) for a in given)
        return found

    def value(self, hit: Hit, ref: Ref | None) -> AV | None:
        if ref is not None and (ref.subject or ref.members or ref.inherited is not None):
            return argument_value(self.graph.ev, hit.site, ref, hit.callee)
        thunk = self.thunk(hit, ref)
        return None if thunk is None else self.graph.ev.thunk(self._last_given.of(self.graph.view(thunk.file), thunk, hit.call))

    def texts(self, hit: Hit, ref: Ref | None) -> list[str]:
        if ref is not None and ref.const is not None:
            return [ref.const]
        return below_setting(self.graph.ev, given_to_object(self.graph.ev, self.value(hit, ref)))

    def is_open(self, hit: Hit, ref: Ref | None) -> bool:
        """Is the text of an argument wholly unknown (`router.Group(config.BasePath)`)?"""
        value = self.value(hit, ref)
        found = self.texts(hit, ref) if value is not None and not isinstance(value, Const) else []
        return bool(found) and all(_OPEN.fullmatch(t) for t in found)

    def guards(self, hit: Hit, refs: tuple[Ref, ...]) -> tuple[Guard, ...]:
        found: list[Guard] = []
        for thunk in (t for ref in refs for t in self.thunks(hit, ref)):
            for item in thunk.expr.items if isinstance(thunk.expr, Seq) else (thunk.expr,):
                value = self._opened(Thunk(thunk.file, thunk.owner, item, thunk.env))
                found.extend(self.guards_of(value, self.place(hit), hit.call.start))
        return tuple(found)

    def _opened(self, thunk: Thunk) -> AV:
        """The value of a guard; a dependency wrapper (`Depends(f)`) is opened to the function that it names."""
        if isinstance(thunk.expr, CallRef):
            site = Site(thunk.file, thunk.expr.call, thunk.env)
            call = self.graph.view(thunk.file).facts.calls[thunk.expr.call]
            for value in options(self.graph.ev.value(call.callee, thunk.file, call.owner, thunk.env)):
                if isinstance(value, Ext) and self.graph.knowledge.dependencies.matches(value):
                    inner = self.graph.ev.arg_value(site, 0)
                    if inner is not None:
                        return inner
        return self.graph.ev.thunk(thunk)

    def guards_of(self, value: AV, place: Place, start: int, *, only_after: bool = False, path: str = "") -> list[Guard]:
        """Guards for a value or a list of values."""
        if isinstance(value, ListV):
            return [
                g for t in value.items[:40] for g in self.guards_of(self.graph.ev.thunk(t), place, start, only_after=only_after, path=path)
            ]
        inner, around = unwrapped(self.graph, value)  # `asyncHandler(protect)`: both run, the inner one last
        values = [*around, value if inner is None else inner]
        return [Guard(value=v, place=place, start=start, only_after=only_after, path=path) for v in values]

    # ------------------------------------------------------------ routers

    def is_served(self, card: Card) -> bool:
        """Does an application of the repository serve what is mounted on it? Else routes with a path of their own stand for themselves."""
        if card.id not in self._served:
            self._served[card.id] = makes_application(self.graph, card)
        return self._served[card.id]

    def patterns(self, card: Card) -> list[str]:
        return [p for name in ROUTER_TYPES for p in self.graph.knowledge.patterns(card, "{" + name + "}")]

    @cached_property
    def standing(self) -> StandingGuards:
        return StandingGuards(self)

    @cached_property
    def container(self) -> ContainerEntries:
        return ContainerEntries(self.graph)

    @cached_property
    def groups(self) -> Groups:
        return Groups(self)

    def router(self, hit: Hit) -> RouterKey | None:
        """What the hit registers on: itself when the rule says so, the group that it is written in, else its receiver."""
        if hit.rule.options.get("is_router"):  # `engine!("/admin" => Engine::new(vec![route!("/" => Home)]))`
            return ("site", hit.site.file, hit.site.call)
        return self.groups.router(hit)

    def receiver(self, hit: Hit) -> RouterKey | None:
        """The router that the hit is called on, or that is itself called, with its own prefix and guards noted on first sight."""
        found = router_key(self.graph, (None if "made_by" in hit.rule.options else hit.callee.base) or hit.callee, self.patterns(hit.card))
        inside = self.class_routers.around(hit.site.file, hit.call.owner, hit.card)
        if inside is None and found is not None and found[0][0] in OPEN_KEYS:
            inside = self.handed.around(hit.site.file, hit.call.owner)
        if found is None:
            return inside or ("file", hit.site.file, 0)
        key, value = found
        if key[0] in OPEN_KEYS and inside is not None:
            return inside
        if key[0] in OPEN_KEYS and hit.card.param_routers:
            key = self.param_routers.key_of(self.graph.view(hit.site.file), hit.call, hit.card) or key
        self.note(key, value)
        return key

    @cached_property
    def param_routers(self) -> ParamRouters:
        return ParamRouters(self)

    @cached_property
    def class_routers(self) -> ClassRouters:
        return ClassRouters(self)

    @cached_property
    def handed(self) -> HandedRouters:
        return HandedRouters(self)

    def function_router(self, where: SymbolId, card: Card) -> RouterKey:
        """The router that stands for a function: what it is given to put its routes on, or itself with a path of its own."""
        return self.param_routers.note(where, card)

    def router_of_value(self, value: AV | None, card: Card) -> RouterKey | None:
        """The router that a mounted value is (or leads to: `router.routes()`, `api.urls`, a module that exports one)."""
        from backend_readiness.graph.evaluation import exports

        for option in options(value) if value is not None else ():
            if isinstance(option, ModV):
                inner = self.router_of_value(exports.module_value(self.graph.ev, option.file), card)
                if inner is not None:
                    return inner
            for held in (option, *(embedded(self.graph, option) if isinstance(option, InstV) else ())):
                found = router_key(self.graph, held, self.patterns(card))
                if found is not None:
                    self.note(*found)
                    return found[0]
        return None

    def router_of_any(self, value: AV | None) -> RouterKey | None:
        """The same, whatever framework the router is of."""
        for card in self.graph.knowledge.cards:
            found = self.router_of_value(value, card) if "router" in card.types or "app" in card.types else None
            if found is not None:
                return found
        return None

    def note(self, key: RouterKey, value: Ext) -> None:
        """Read the prefix and the guards with which a router was made, and each router that it was made from."""
        if value.site is None or value.base is None:
            return
        put_classes_below(self, key, value.base)
        known = key in self.routing.routers
        info = self.routing.routers[key]
        # An instance of a class of the repository is made by that class, whose external base says what it is.
        maker = value.base if isinstance(value.base, Ext) else Ext(value.path, value.base, None, value.subject)
        matches = self.graph.knowledge.routes.matches
        for tagged, match in [*matches(maker.path), *(matches(maker.alias) if maker.alias and maker.alias != maker.path else ())]:
            rule = tagged.rule
            if rule.shape == "prefix":
                call = self.graph.view(value.site.file).facts.calls[value.site.call]
                hit = Hit(value.site, call, maker, rule, tagged.card, match)
                if rule.options.get("group"):
                    called = options(self.graph.ev.value(call.callee, value.site.file, call.owner, value.site.env))
                    meant = [c for c in called if isinstance(c, Ext) and c.path == maker.path]  # it may be called with several routers
                    for one in meant or [maker]:
                        self._put_below(key, replace(hit, callee=one))
                if known:
                    continue
                host = str(rule.options.get("host_end") or "/")  # `Party("admin.")` is a host, not a part of the path
                written = [rule.prefix]
                if rule.options.get("every") and rule.prefix is not None:  # `NewGroup(api, "/v1", "/v2")` stands at each
                    written = [Ref(arg=n) for n in range(rule.prefix.arg or 0, len(call.args))]
                said = (t for ref in written for t in self.texts(hit, ref) if t and (host == "/" or not t.endswith(host)))
                found = (below_member(hit, f"/{t.strip('/')}" if rule.options.get("relative") else t) for t in said)
                info.prefixes.extend(t for t in found if not self.is_open(hit, rule.prefix))
                if rule.options.get("nested"):  # a router below the members of another: `NestedRouter(parent, "orders", lookup="order")`
                    outer = self.router_of_value(self.value(hit, rule.parent), tagged.card)
                    before = self.routing.routers[outer].prefixes if outer is not None else []
                    lookup = next(iter(self.texts(hit, rule.child)), "parent")
                    info.prefixes = [f"{a}/{t.strip('/')}/{{{lookup}_pk}}" for a in before or [""] for t in self.texts(hit, rule.path)]
                    continue
                info.prefixes.extend(f"/{t.strip('/')}" for t in assigned_in(self, hit) if t.strip("/"))
                if not info.prefixes and rule.options.get("named_prefix"):
                    info.prefixes.extend(f"/{t.lstrip('/')}" for t in self.texts(hit, Ref(arg=0)) if t.strip("/"))
                above = self.value(hit, rule.parent)
                parent = self.router_of_any(above) if rule.options.get("any_parent") else self.router_of_value(above, tagged.card)
                if parent is not None and parent != key:
                    self.routing.mounts.append(Mount(parent=parent, child=key, prefix="", place=self.place(hit), start=call.start))
                info.guards.extend(self.guards(hit, rule.middleware))
                info.front = info.front or front_of(self, hit)

    def given_prefix(self, value: AV, card: Card) -> str:
        """The prefix of a router that a function makes with what it is given: `use(orders("/v2"))`. Its other calls have others."""
        found = router_key(self.graph, value, self.patterns(card))
        if found is None or found[1].site is None or found[1].site.env is None or self.routing.routers[found[0]].prefixes:
            return ""
        made = found[1]
        for tagged, match in self.graph.knowledge.routes.matches(made.base.path) if isinstance(made.base, Ext) and made.site else ():
            if tagged.rule.shape == "prefix" and made.site is not None and isinstance(made.base, Ext):
                call = self.graph.view(made.site.file).facts.calls[made.site.call]
                hit = Hit(made.site, call, made.base, tagged.rule, tagged.card, match)
                if not self.is_open(hit, tagged.rule.prefix):
                    return next((f"/{t.strip('/')}" for t in self.texts(hit, tagged.rule.prefix) if t.strip("/")), "")
        return ""

    def _put_below(self, key: RouterKey, hit: Hit) -> None:
        """`router.Group("/x")` stands below `router`; a function that makes it is called with one router or with several."""
        found = router_key(self.graph, hit.callee.base, self.patterns(hit.card)) if hit.callee.base is not None else None
        if found is None or found[0] == key:
            return
        at = (hit.site.file, hit.call.owner)
        inside = (self.class_routers.around(*at, hit.card) or self.handed.around(*at)) if found[0][0] == "path" else None
        parent = inside or found[0]
        if any(m.parent == parent and m.child == key for m in self.routing.mounts):
            return
        self.routing.mounts.append(Mount(parent=parent, child=key, prefix="", place=self.place(hit), start=hit.call.start))
        self.note(*found)

    def start(self, hit: Hit) -> int:
        """Where the hit stands among the others of its file."""
        return self._places.start(hit.site, hit.passed)

    def place(self, hit: Hit) -> Place:
        """Where the route is written: of a call that passes on what its function was given, where that is called."""
        path = self.thunk(hit, hit.rule.path) if hit.passed else None  # one that is written stands where it is written
        given = hit.passed and not (path is not None and isinstance(path.expr, Lit))
        return call_place(self.graph, hit.put) if hit.put is not None else self._places.place_of(hit.site, given, path)
