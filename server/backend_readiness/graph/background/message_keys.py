"""What a message is sent under, or taken by: a text, a class, or the name of the queue that another call made."""

from __future__ import annotations

from backend_readiness.graph.backend.marked_receivers import marked_texts
from backend_readiness.graph.references import argument, argument_value, step_site
from backend_readiness.graph.values import AV, ClassV, Const, Ext, InstV, ListV, Obj, Site, options
from backend_readiness.graph.world import Graph
from backend_readiness.rules.bus_rules import BusRule
from backend_readiness.rules.card_rules import Ref

MAX_KEYS = 20
MAX_NESTED = 2


def keys_of(graph: Graph, value: AV | None, made: Ref | None, depth: int = 0) -> list[object]:
    """Texts and symbols of classes. `made`: where the call that made a queue names it (`channel.queueDeclare("orders").getQueue()`)."""
    keys: list[object] = []
    for option in options(value) if value is not None else ():
        if isinstance(option, ClassV | InstV):
            keys.append(option.symbol if isinstance(option, ClassV) else option.cls.symbol)
        elif isinstance(option, Const) and isinstance(option.value, str) and option.value:
            keys.append(option.value)
        elif isinstance(option, Ext) and isinstance(option.base, ClassV):  # `OrderPlaced.name`
            keys.append(option.base.symbol)
        elif isinstance(option, Ext) and made is not None:
            keys.extend(keys_of(graph, _named(graph, option, made), None))
        elif isinstance(option, ListV) and depth < MAX_NESTED:  # `subscribe(["orders", "returns"])`; a list may hold itself
            keys.extend(k for t in option.items[:MAX_KEYS] for k in keys_of(graph, graph.ev.thunk(t), made, depth + 1))
        elif isinstance(option, Obj):  # `xreadgroup("shop", "one", {"orders": ">"})`
            keys.extend([k for k in option.fields if k][:MAX_KEYS])
    return keys


def sent_keys(graph: Graph, site: Site, rule: BusRule, callee: Ext) -> list[object]:
    """What a call sends under: what stands at the rule's `key`, or what an annotation says of it or of the receiver."""
    if rule.key_marks:
        return [*marked_texts(graph, site, rule.key_marks)]
    keys = keys_of(graph, argument_value(graph.ev, site, rule.key, callee), rule.made)
    written = argument(graph, site, rule.key) if rule.key_fields and not keys else None
    return [*marked_texts(graph, site, rule.key_fields, written.expr)] if written is not None and written.file == site.file else keys


def _named(graph: Graph, value: Ext, made: Ref) -> AV | None:
    if made.subject:  # `Event<OrderPlaced>`
        return value.subject
    site = step_site(value, made.at) if made.at is not None else None
    return argument_value(graph.ev, site, made, value) if site is not None else None
