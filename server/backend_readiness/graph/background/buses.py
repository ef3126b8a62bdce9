"""Work that is sent under a key and done by what is registered for it: command buses, queues and their workers, named events."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.background import pipelines
from backend_readiness.graph.background.consumers import consuming
from backend_readiness.graph.background.exchanges import Exchanges, Nameless, nameless, names_a_queue
from backend_readiness.graph.background.listed_receivers import listed_receivers
from backend_readiness.graph.background.message_keys import MAX_KEYS, keys_of, sent_keys
from backend_readiness.graph.background.typed_receivers import taking, typed_receivers
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.settings.application_settings import ApplicationSettings
from backend_readiness.graph.tagged import Tagged
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, Site, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.bus_rules import BusRule

MAX_RECEIVERS = 6


def channel_of(tagged: Tagged[BusRule]) -> str:
    """What the rule shares what is registered with: its channel, or nothing but itself."""
    return tagged.rule.channel or f"{tagged.card.id} {tagged.card.buses.index(tagged.rule)}"


class Buses:
    """The receivers of one graph, found once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._pipelines: dict[BusRule, list[FuncV]] = {}
        self._exchanges = Exchanges(graph)
        self._settings = ApplicationSettings(graph)

    def receivers(self, callee: Ext, site: Site) -> list[tuple[FuncV, bool]]:
        """The functions that run when `callee` sends at `site`; False: another service may be meant, only the name is the same."""
        found: list[tuple[FuncV, bool]] = []
        around: list[tuple[FuncV, bool]] = []
        for tagged, _ in self.graph.knowledge.bus_senders.matches(callee):
            name = self._name(site, tagged.rule)
            keys = self._filled(sent_keys(self.graph, site, tagged.rule, callee), site.file)
            keys = [*self._through_exchanges(site, tagged.rule, callee, keys), *keys]
            for key in keys:
                sure = (not tagged.rule.channel or isinstance(key, SymbolId)) and len(keys) == 1
                for wanted, function in self._registered.get((channel_of(tagged), key), ()):
                    if (wanted is None or name is None or wanted == name) and not self._holds(function, site):
                        found.append((function, sure))
                if isinstance(key, SymbolId) and tagged.rule.typed:
                    found.extend((f, True) for f in self._typed(key, tagged.rule.typed))
            if found and tagged.rule.around:
                around.extend((f, True) for f in self._around(tagged.rule))
        return list({f.symbol: (f, sure) for f, sure in (*around, *found[:MAX_RECEIVERS])}.values())

    def _filled(self, keys: list[object], file: str) -> list[object]:
        """`${orders.topic}` as the settings say it."""
        return [self._settings.filled(k, file) if isinstance(k, str) and "${" in k else k for k in keys]

    def _through_exchanges(self, site: Site, rule: BusRule, callee: Ext, words: list[object]) -> list[object]:
        if rule.exchange is None:
            return []
        exchanges = keys_of(self.graph, argument_value(self.graph.ev, site, rule.exchange, callee), rule.made)
        return [q for e in exchanges for q in self._exchanges.queues(rule.channel, e, words)]

    def _around(self, rule: BusRule) -> list[FuncV]:
        if rule not in self._pipelines:
            self._pipelines[rule] = pipelines.around(self.graph, rule)
        return self._pipelines[rule]

    def files_sending_to(self, where: SymbolId) -> tuple[str, ...]:
        """The files with calls that send what a function is registered for."""
        registered = any(f.symbol == where for several in self._registered.values() for _, f in several)
        return tuple(dict.fromkeys(self._senders.get(where, ()))) if registered else ()

    @cached_property
    def _senders(self) -> dict[SymbolId, list[str]]:
        found: dict[SymbolId, list[str]] = defaultdict(list)
        names = self.graph.knowledge.bus_senders.names
        for path, file in self.graph.production.items():
            view = self.graph.view(path) if names.intersection(file.names) else None
            for number, call in enumerate(view.facts.calls) if view is not None else ():
                if callee_name(call) in names:
                    callees = [v for v in options(self.graph.ev.value(call.callee, path, call.owner)) if isinstance(v, Ext)]
                    for function, _ in (r for v in callees for r in self.receivers(v, Site(path, number, None))):
                        found[function.symbol].append(path)
        return found

    @property
    def received(self) -> list[tuple[str, FuncV]]:
        """(what arrives, the function that works on it) for all that is registered."""
        named: dict[object, str] = {k: self.graph.view(k.file).symbol(k.index).name for _, k in self._registered if isinstance(k, SymbolId)}
        named.update((k, self._exchanges.names.get(k, "")) for _, k in self._registered if isinstance(k, Nameless))
        return [(named.get(k, str(k)), f) for (_, k), several in self._registered.items() for _, f in several]

    def _holds(self, function: FuncV, site: Site) -> bool:
        """Does the sender itself stand in the function? It reads and writes the same queue: a test of its own, or a retry."""
        view = self.graph.view(site.file)
        return function.symbol.file == site.file and function.symbol.index in view.enclosing(view.facts.calls[site.call].owner)

    def _typed(self, message: SymbolId, names: tuple[str, ...]) -> list[FuncV]:
        """Methods of one of the names whose first parameter is of the message's class."""
        found: list[FuncV] = []
        for file in self.graph.naming(self.graph.view(message.file).symbol(message.index).name):
            view = self.graph.view(file)
            for number, symbol in enumerate(view.facts.symbols if file in self.graph.production else ()):
                if symbol.kind != "method" or symbol.name not in names:
                    continue
                function = FuncV(SymbolId(file, number), InstV(ClassV(SymbolId(file, symbol.parent))))
                if message in self._taken(function):
                    found.append(function)
        return found

    def _name(self, site: Site, rule: BusRule) -> str | None:
        value = argument_value(self.graph.ev, site, rule.name, Ext("")) if rule.name is not None else None
        return value.value if isinstance(value, Const) and isinstance(value.value, str) else None

    @cached_property
    def _registered(self) -> dict[tuple[str, object], list[tuple[str | None, FuncV]]]:
        """(channel, key) -> (name of the single job or None, function)."""
        found: dict[tuple[str, object], list[tuple[str | None, FuncV]]] = defaultdict(list)
        index = self.graph.knowledge.bus_receivers
        names = index.names
        for path, file in self.graph.production.items():
            wanted = names.intersection(file.names)
            if not wanted:
                continue
            view = self.graph.view(path)
            for number, call in enumerate(view.facts.calls):
                if callee_name(call) not in wanted:
                    continue
                for value in options(self.graph.ev.value(call.callee, path, call.owner)):
                    if not isinstance(value, Ext):
                        continue
                    for tagged, _ in index.matches(value):
                        site = Site(path, number, None)
                        if tagged.rule.receive_first and not self._is_first(site, tagged.rule.receive_first):
                            continue
                        given = argument_value(self.graph.ev, site, tagged.rule.receive_key, value)
                        keys = keys_of(self.graph, given, tagged.rule.made) if not tagged.rule.receive_typed else []
                        keys = self._filled(keys, path)
                        if not keys and names_a_queue(self.graph, site, tagged.rule.receive_key, value):
                            keys = [nameless(self.graph, site)]
                        for entry in self._functions(tagged, site, value) if keys or tagged.rule.receive_typed else ():
                            for key in keys or self._taken(entry[1]):
                                found[channel_of(tagged), key].append(entry)
        for card in self.graph.knowledge.cards:
            for number, rule in enumerate(card.buses):
                for sent, function in listed_receivers(self.graph, rule.receive_base, rule.receive_listed) if rule.receive_listed else ():
                    found[rule.channel or f"{card.id} {number}", sent].append((None, function))
                for cls, key in typed_receivers(self.graph, rule.receive_base) if rule.receive_base and not rule.receive_listed else ():
                    taken = taking(self.graph, cls, key, rule.methods) or self._methods(cls.symbol.file, cls.symbol.index, rule)
                    found[rule.channel or f"{card.id} {number}", key].extend(taken)
        return found

    def _is_first(self, site: Site, paths: tuple[str, ...]) -> bool:
        """Is the first argument, or an item of its list, one of these: `@receiver([post_save, post_delete])`?"""
        first = self.graph.ev.arg_value(site, 0)
        if first is None:
            return False
        items = [self.graph.ev.thunk(t) for o in options(first) if isinstance(o, ListV) for t in o.items[:MAX_KEYS]]
        return any(isinstance(o, Ext) and o.path in paths for v in (first, *items) for o in options(v))

    def _functions(self, tagged: Tagged[BusRule], site: Site, callee: Ext) -> list[tuple[str | None, FuncV]]:
        """What is registered: a function among the arguments, the decorated function, or methods of the decorated class, or of the one
        in whose body the call stands."""
        rule = tagged.rule
        view = self.graph.view(site.file)
        call = view.facts.calls[site.call]
        if call.kind != "decorator":
            values = [argument_value(self.graph.ev, site, ref, callee) for ref in rule.runs]
            name_value = argument_value(self.graph.ev, site, rule.receive_name, callee) if rule.receive_name is not None else None
            name = name_value.value if isinstance(name_value, Const) and isinstance(name_value.value, str) else None
            given = [f for v in values for f in self._run_by(v, rule)][:1]
            around = next((i for i in view.enclosing(call.owner) if view.symbol(i).kind == "class"), 0) if rule.methods else 0
            if not given and around and (own := self._methods(site.file, around, rule)):  # `from_queue "orders"` in the body of a worker
                return own
            return [(name, f) for f in given or consuming(self.graph, site, rule)]
        for number, symbol in enumerate(view.facts.symbols):
            if not any(isinstance(d, CallRef) and d.call == site.call for d in symbol.decorators):
                continue
            if symbol.kind != "class":
                receiver = InstV(ClassV(SymbolId(site.file, symbol.parent))) if symbol.parent > 0 else None
                return [(None, FuncV(SymbolId(site.file, number), receiver))]
            return [*self._methods(site.file, number, rule), *self._marked(site.file, number, rule)]
        return []

    def _run_by(self, value: AV | None, rule: BusRule) -> list[FuncV]:
        """The functions that a value stands for; of an object the `methods` of the rule."""
        objects = [o for o in options(value) if isinstance(o, InstV)] if value is not None and rule.methods else []
        members_of = [f for o in objects for m in rule.methods if isinstance(f := members.own_member(self.graph.ev, o, m), FuncV)]
        return members_of or [f for f in functions_in(self.graph, value) if isinstance(f, FuncV)]

    def _taken(self, function: FuncV) -> list[object]:
        """What the first parameter of a function is, when its type says so."""
        symbol = self.graph.view(function.symbol.file).symbol(function.symbol.index)
        first = next((p for p in symbol.params if p.name != "self"), None)
        if first is None or first.type is None:
            return []
        return keys_of(self.graph, self.graph.ev.instance_of(first.type, function.symbol.file, max(0, symbol.parent)), None)

    def _methods(self, file: str, number: int, rule: BusRule) -> list[tuple[str | None, FuncV]]:
        found = [members.own_member(self.graph.ev, InstV(ClassV(SymbolId(file, number))), m) for m in rule.methods]
        return [(None, f) for f in found if isinstance(f, FuncV)]

    def _marked(self, file: str, number: int, rule: BusRule) -> list[tuple[str | None, FuncV]]:
        """Methods with a decorator of their own (`@Process("resize")`); its text is the name of the job."""
        from backend_readiness.graph.classes.annotations import decorators_of, of_kind

        view = self.graph.view(file)
        found: list[tuple[str | None, FuncV]] = []
        for child in view.children.get(number, ()) if rule.marks else ():
            where = SymbolId(file, child)
            for mark in of_kind(decorators_of(self.graph, where), rule.marks):
                name = self.graph.ev.arg_value(mark.site, 0) if mark.site is not None else None
                text = name.value if isinstance(name, Const) and isinstance(name.value, str) else None
                found.append((text, FuncV(where, InstV(ClassV(SymbolId(file, number))))))
        return found
