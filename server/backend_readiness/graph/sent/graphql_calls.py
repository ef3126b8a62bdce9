"""Calls of a GraphQL client: `useQuery(ORDERS)` with a document that asks for `orders` calls `QUERY orders`.

A card names the calls and where their document stands (`documents`). A document is a tagged template, a text, or a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from backend_readiness.facts.model import Call, Name
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.families import family
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.routes.sdl import asked, written
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.handed_documents import handed_on
from backend_readiness.graph.sent.hook_callers import given_names, run_by_callers
from backend_readiness.graph.sent.named_documents import Asked, named_documents
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Ext, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place
from backend_readiness.rules.cards import Card
from backend_readiness.rules.page_rules import DocumentRule

MAX_FIELDS = 40


def graphql_calls(graph: Graph, routes: tuple[BoundRoute, ...]) -> tuple[ApiCall, ...]:
    """The calls of the interface to operations that the repository serves."""
    known = {(e.method, e.path) for r in routes if (e := r.route.endpoint).method in ("QUERY", "MUTATION", "SUBSCRIPTION")}
    found: list[ApiCall] = []
    generated, symbolic = Generated(graph), Evaluator(graph, callers=False)
    for card in graph.knowledge.cards if known else ():
        for rule in card.documents:
            if rule.hook:
                found.extend(_hooks(graph, card, rule, known, generated))
            patterns = [compiled(p) for p in graph.knowledge.patterns(card, rule.callee)]
            names = {last_step(p) for p in graph.knowledge.patterns(card, rule.callee)}
            for path, index in graph.production.items():
                if family(index.language) != card.id.partition("/")[0] or names.isdisjoint(index.names):
                    continue
                view = graph.view(path)
                for number, call in enumerate(view.facts.calls):
                    if callee_name(call) not in names or call.kind == "decorator":
                        continue
                    values = options(graph.ev.value(call.callee, path, call.owner))
                    if not any(isinstance(v, Ext) and p.fullmatch(v.path) for v in values for p in patterns):
                        continue
                    ev = symbolic if rule.own else graph.ev
                    site = Site(path, number, None)
                    if not rule.later and not rule.own and not _read(symbolic, graph, rule, site, generated):
                        handed = list(_handed(graph, card, rule, site, known, generated))
                        found.extend(handed)
                        if handed:
                            continue
                    for method, name in dict.fromkeys(_read(ev, graph, rule, site, generated)):
                        if (method, name) in known:
                            sent = [_call(method, name, path, c, card) for c in _sent(graph, view, number, rule.later)]
                            found.extend(run_by_callers(graph, number, sent) if rule.later else sent)
    return tuple(found)


def _read(ev: Evaluator, graph: Graph, rule: DocumentRule, site: Site, generated: Generated) -> list[Asked]:
    """The operations of the document that stands in the arguments of a call."""
    values = (argument_value(ev, site, ref, Ext("")) for ref in rule.document)
    return [a for v in values if v is not None for a in _asked(graph, v, site.file, generated)][:MAX_FIELDS]


def _handed(graph: Graph, card: Card, rule: DocumentRule, site: Site, known: set[Asked], generated: Generated) -> Iterator[ApiCall]:
    """The operations of documents that the function around a call is given, where its callers give them."""
    for caller, asks in handed_on(graph, site, lambda given: _read(graph.ev, graph, rule, given, generated)):
        sent = graph.view(caller.file).facts.calls[caller.call]
        yield from (_call(method, name, caller.file, sent, card) for method, name in dict.fromkeys(asks) if (method, name) in known)


def _call(method: str, name: str, path: str, sent: Call, card: Card) -> ApiCall:
    place = Place(file=path, line=sent.line, end_line=sent.end_line)
    return ApiCall(
        method=method, urls=((name,),), place=place, start=sent.start, owner=SymbolId(path, sent.owner), card=card.id, rpc="graphql"
    )


class Generated:
    """Generated code that the repository does not keep: names of documents and of the functions that send them."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        rules = [r for c in graph.knowledge.cards for r in c.documents]
        self._constants = [re.compile(r.constant) for r in rules if r.constant]

    @cached_property
    def _named(self) -> dict[str, list[Asked]]:
        return named_documents(self.graph)

    def of_operation(self, name: str) -> list[Asked]:
        """What an operation asks for, its first letter written small or not."""
        return self._named.get(name) or self._named.get(name[:1].lower() + name[1:]) or []

    def of_constant(self, path: str) -> list[Asked]:
        matches = (p.fullmatch(last_step(path)) for p in self._constants)
        return next((self.of_operation(m.group("name")) for m in matches if m is not None), [])


def _hooks(graph: Graph, card: Card, rule: DocumentRule, known: set[Asked], generated: Generated) -> Iterator[ApiCall]:
    """Calls of generated functions: `const [pay] = usePayMutation()`."""
    pattern = re.compile(rule.hook)
    for path, index in graph.production.items():
        if family(index.language) != card.id.partition("/")[0] or not any(pattern.fullmatch(n) for n in index.names):
            continue
        view = graph.view(path)
        for number, call in enumerate(view.facts.calls):
            hook = pattern.fullmatch(callee_name(call) or "")
            if hook is None or any(not isinstance(v, Ext) for v in options(graph.ev.value(call.callee, path, call.owner))):
                continue  # one that the repository keeps is read like any other function
            for method, name in generated.of_operation(hook.group("name"))[:MAX_FIELDS]:
                for sent in _sent(graph, view, number, rule.later) if (method, name) in known else ():
                    yield _call(method, name, path, sent, card)


def _sent(graph: Graph, view: FileView, number: int, later: bool) -> list[Call]:
    """The calls of the function that a hook gives (`const [pay] = useMutation(PAY)`); the hook's own when none is in sight."""
    made = view.facts.calls[number]
    found: list[Call] = []
    for call in view.facts.calls if later else ():
        if isinstance(call.callee, Name) and call.start > made.start and call.callee.id in given_names(view, number):
            found.append(call)
    return found or [made]


def _asked(graph: Graph, value: AV, path: str, generated: Generated) -> Iterator[Asked]:
    """(method, operation) for each operation of a document."""
    for option in options(value):
        found: list[str] = []
        if isinstance(option, Ext) and option.site is None:
            yield from generated.of_constant(option.path)
        option = _made(option)
        if isinstance(option, Ext) and option.site is not None:
            call = graph.view(option.site.file).facts.calls[option.site.call]
            found = [written(a.value) for a in call.args[:1]]
        elif isinstance(option, Ext) and option.path.split(".gr")[-1].startswith(("aphql", "aphqls")):
            found = [_file(graph, option.path, path)]
        else:
            found = texts(graph.ev, option)
        for text in found:
            for kind, name in asked(text):
                yield kind.upper(), name


def _made(value: AV) -> AV:
    """The tagged template that a value is a part of: `PAY.loc.source.body`."""
    current = value
    for _ in range(4):
        if not isinstance(current, Ext) or current.site is not None:
            break
        if isinstance(current.base, Ext) and current.base.site is not None and ".loc" in current.path:
            return current.base
        current = current.base or current
    return value


def _file(graph: Graph, module: str, path: str) -> str:
    """The text of a document in a file of its own (`import ORDERS from "./orders.graphql"`)."""
    folder = path.rpartition("/")[0]
    stem = module.partition(".graphql")[0] + ".graphql"
    parts = [*folder.split("/"), *stem.split("/")]
    whole: list[str] = []
    for part in parts:
        if part == "..":
            whole = whole[:-1]
        elif part not in (".", ""):
            whole.append(part)
    name = "/".join(whole)
    return graph.text(name) if any(f.path == name for f in graph.snapshot.files) else ""
