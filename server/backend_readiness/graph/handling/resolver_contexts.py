"""What the resolvers of a GraphQL server are given besides their arguments: the context that the server is made with.

`ApolloServer({ context: () => ({ models }) })` and `orders(parent, args, { models })`. What functions at `context_parts` give is a part of
it under a name of its own: `ApolloServer({ dataSources: () => ({ orders: new Orders() }) })`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backend_readiness.graph.evaluation.params import key_of
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import AV, Env, FuncV, InstV, Obj, Thunk, options, union
from backend_readiness.rules.card_rules import Ref

MAX_CONTEXTS = 6
POSITION = 2  # of the context among the parameters of a resolver


def made_with(scan: Scan, hits: Iterable[Hit]) -> AV | None:
    """The context that the servers of a repository give to resolvers; None when nothing is known of it."""
    found: list[AV] = []
    for hit in hits:
        for ref in hit.rule.options.get("contexts", ()):
            given = scan.value(hit, Ref(**ref))
            for option in options(given) if given is not None else ():
                made = scan.graph.ev.invoke(option) if isinstance(option, FuncV) else option
                found.extend(o for o in options(made) if isinstance(o, Obj | InstV) and o not in found)
        found.extend(_parts(scan, hit))
    return union(found[:MAX_CONTEXTS]) if found else None


def _parts(scan: Scan, hit: Hit) -> Iterator[Obj]:
    for name, ref in hit.rule.options.get("context_parts", {}).items():
        given = scan.value(hit, Ref(**ref))
        for option in options(given) if given is not None else ():
            where = option.symbol if isinstance(option, FuncV) else None
            for item in scan.graph.view(where.file).returns.get(where.index, ())[:1] if where is not None else ():
                if item.value is not None and isinstance(option, FuncV) and where is not None:
                    held = Thunk(where.file, where.index, item.value, option.env)
                    yield Obj({name: held}, (), held)


def given_context(scan: Scan, resolver: AV, context: AV | None) -> AV:
    """The resolver with its third parameter bound to the context; anything else as it is."""
    if context is None or not isinstance(resolver, FuncV):
        return resolver
    symbol = scan.graph.view(resolver.symbol.file).symbol(resolver.symbol.index)
    formal = [p for p in symbol.params if p.name != "self"]
    if len(formal) <= POSITION or formal[POSITION].kind:
        return resolver
    args = {key_of(formal[POSITION], symbol): context}
    depth = (resolver.env.depth if resolver.env is not None else 0) + 1
    return FuncV(resolver.symbol, resolver.self_value, Env(resolver.symbol, args, resolver.self_value, resolver.env, depth))
