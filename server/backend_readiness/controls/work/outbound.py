"""Calls of a flow to other services over the network, and what bounds them in time. Databases, caches and queues are not meant."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.local_store import local_store
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.controls.work.finders import LANGUAGES
from backend_readiness.controls.work.later import handed_over
from backend_readiness.controls.work.lost_calls import lost_calls
from backend_readiness.controls.work.out_of_sight import asks_elsewhere, unseen_work
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Name
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.references import argument, step_site
from backend_readiness.graph.values import AV, Const, Ext, ListV, Obj, ParamV, Site, UnknownV, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.data_rules import TimeoutRule
from backend_readiness.rules.signs import sign

NETWORK = frozenset({"http", "mail", "payment", "storage", "external"})
_NEEDS_NETWORK = regex.compile(sign("outbound", "needs_network"))
_MAKES = regex.compile(r"(?i)[.:](new|builder|build|create|default|with_?\w*|set\w*|add\w*)$")  # makes or sets up a client: no call yet
_CHOSEN = regex.compile(sign("outbound", "chosen_store"))
_SERVICE = regex.compile(sign("outbound", "service"))
_STAYS = regex.compile(sign("outbound", "stays"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What limits a call in time. `kind`: limited, default, weak (in part only), none, unknown."""

    kind: str
    words: str = ""
    site: Site | None = None  # where the limit, or its absence, is written


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """One call to another service. `target` is its address or the service's name, where known."""

    call: ChainCall
    path: str
    kind: str
    target: str
    bound: Bound


def outbound_calls(context: Context) -> list[Outbound]:
    """The flow's calls to other services, in the order of the chain."""
    effects: dict[tuple[str, int], Effect] = {(e.site.file, e.site.call): e for e, _ in context.effects}
    found: list[Outbound] = []
    for call in context.calls:
        effect = effects.get((call.site.file, call.site.call))
        for value in call.callee:
            if not isinstance(value, Ext) or _STAYS.search(value.path) is not None:
                continue
            rules = context.graph.knowledge.timeouts.matches(value)
            client = context.graph.knowledge.clients.matches(value)
            if effect is not None and effect.kind not in NETWORK:
                continue  # a database, cache or queue
            if effect is None and not rules and not (value.known and any(not t.rule.when_url for t, _ in client)):
                continue
            path = value.path
            if effect is not None and effect.kind == "storage" and _CHOSEN.search(path) is not None and local_store(context) is not None:
                continue  # the framework keeps files on its own disk
            bound = _bound(context, call, value, rules[0][0].rule if rules else None)
            kind = effect.kind if effect is not None else "http"
            found.append(Outbound(call=call, path=path, kind=kind, target=effect.target if effect is not None else "", bound=bound))
            break
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Strange:
    """What may ask another service: a call into a package, or work that is handed over. `name` is how it is written."""

    name: str
    at: Evidence


def unknown_services(context: Context) -> list[Strange]:
    """Calls into packages that no card describes and whose names sound like a service elsewhere, those that may lead to one, and work
    that is given to one who waits for it elsewhere in the process."""
    calls = _strange_calls(context) or lost_calls(context) or unseen_work(context)
    found = [Strange(name=c.paths[0] if c.paths else callee_name(c.call) or "", at=context.at_call(c)) for c in calls]
    if not found and (asked := asks_elsewhere(context)) is not None and asked.file is not None and asked.line is not None:
        found = [Strange(name=context.snapshot.lines(asked.file)[asked.line - 1].strip()[:80], at=asked)]
    return found or [Strange(name=context.snapshot.lines(f)[n - 1].strip()[:80], at=context.at(f, n)) for f, n in handed_over(context)]


def _strange_calls(context: Context) -> list[ChainCall]:
    effects = {(e.site.file, e.site.call) for e, _ in context.effects} | {
        (c.call.site.file, c.call.site.call) for c in outbound_calls(context)
    }
    starts = {(file, context.view(file).facts.calls[number].start) for file, number in effects}
    knowledge, edges = context.graph.knowledge, context.tracer.edges
    found = []
    for call in context.calls:
        if (call.site.file, call.call.start) in starts:
            continue  # a step of a chain that is known
        for path in call.paths:
            root = path.partition("(")[0]
            if (call.site.file, call.site.call) in effects or path.startswith(("~", "?")) or knowledge.roles_of(path):
                continue
            if _STAYS.search(path) is not None:
                continue
            if (
                context.language in LANGUAGES
                and _SERVICE.search(root) is not None
                and call.call.kind == "call"
                and not _MAKES.search(path)
                and not edges.of_call(call.site)
            ):
                found.append(call)
                break
            if call.call.awaited and "(" in path and _NEEDS_NETWORK.search(root) is not None:
                found.append(call)
                break
    return found


def _bound(context: Context, call: ChainCall, callee: Ext, rule: TimeoutRule | None) -> Bound:
    around = _wrapped(context, call)
    if around is not None:
        return around
    if rule is None:
        return Bound(kind="unknown")
    for ref in rule.limits:
        at = step_site(callee, ref.at) if ref.at is not None else call.site
        thunk = argument(context.graph, at, ref) if at is not None else None
        if thunk is None or at is None:
            continue
        state = _limit(context, context.graph.ev.thunk(thunk))
        return Bound(kind=state, words=f"{ref.key or ref.kwarg or 'timeout'}", site=at)
    if not rule.default:
        made = step_site(callee, "()")
        return Bound(kind="none", site=made)
    return Bound(kind="weak" if rule.weak else "default", words=rule.default)


def _limit(context: Context, value: AV) -> str:
    """limited | none | unknown for the value of a limit: `None`, 0, `Timeout(None)` and objects of such are none."""
    found = [_one_limit(context, o, 0) for o in options(value)]
    if "none" in found and "limited" not in found:
        return "none"
    return "limited" if "limited" in found else "unknown"


def _one_limit(context: Context, value: AV, depth: int) -> str:
    if depth > 4:
        return "unknown"
    if isinstance(value, Const):
        return "none" if value.value in (None, 0, False) else "limited"
    ev = context.graph.ev
    if isinstance(value, Ext) and value.site is not None and value.path.endswith("()"):
        call = context.view(value.site.file).facts.calls[value.site.call]
        inner = [_one_limit(context, o, depth + 1) for a in call.args for o in options(ev.value(a.value, value.site.file, call.owner))]
        return "none" if inner and set(inner) == {"none"} else "limited"
    if isinstance(value, ListV):
        inner = [_one_limit(context, o, depth + 1) for t in value.items[:4] for o in options(ev.thunk(t))]
        return "none" if inner and set(inner) == {"none"} else "limited"
    if isinstance(value, Obj):
        inner = [_one_limit(context, o, depth + 1) for t in value.fields.values() for o in options(ev.thunk(t))]
        return "none" if inner and set(inner) == {"none"} else "limited"
    # A number that comes from settings or an argument is a limit whose size is not known here.
    return "limited" if not isinstance(value, UnknownV | ParamV) else "unknown"


def _wrapped(context: Context, call: ChainCall) -> Bound | None:
    """A limit around the call: `async with asyncio.timeout(5):`, `asyncio.wait_for(call, 5)`."""
    view = context.view(call.site.file)
    inner = call.call
    for number in view.calls_of.get(inner.owner, ()):
        outer = view.facts.calls[number]
        if number != call.site.call and outer.start <= inner.start and inner.end <= outer.end and _is_timeout(context, call, outer.callee):
            return Bound(kind="limited", words="a timeout around the call", site=Site(call.site.file, number, None))
    for block in view.blocks_of.get(inner.owner, ()):
        if block.kind != "with" or not block.start <= inner.start < inner.end <= block.end:
            continue
        for number in view.calls_of.get(inner.owner, ()):
            outer = view.facts.calls[number]
            if outer.line == block.line and outer.start >= block.start and _is_timeout(context, call, outer.callee):
                return Bound(kind="limited", words="a timeout around the call", site=Site(call.site.file, number, None))
    return None


def _is_timeout(context: Context, call: ChainCall, callee: object) -> bool:
    name = dotted(callee) if isinstance(callee, Name) or hasattr(callee, "base") else None  # type: ignore[arg-type]  # a Member
    if name is None:
        return False
    value = context.graph.ev.value(callee, call.site.file, call.call.owner)  # type: ignore[arg-type]  # checked above
    return "timeout" in context.roles.of_value(value)
