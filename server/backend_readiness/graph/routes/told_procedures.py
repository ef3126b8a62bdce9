"""The address of a procedure under which a router serves it too: `os.route({ method: "GET", path: "/orders" }).handler(list)`.

A step of the procedure's chain tells its method and path in a record; what is not told is the method of the rule, and the names that lead
to the procedure as a path. A chain that begins with what implements a contract (`implement(contract).orders.list.handler(show)`) is told
by the part of the contract that its names lead to. Option `told` of the rule: `step`, `method` and `path` name the step and its keys,
`before` is the step that puts a path before all of a router, `routers` the steps that take one, `contracts` what implements one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, Ext, Obj, Site, options

MAX_STEPS = 30


def addresses(scan: Scan, hit: Hit, leaf: AV, name: str, before: str) -> Iterator[tuple[str, str]]:
    """The method and the path of the procedure at `name`, below each prefix that the router is served with."""
    told = _told(hit)
    said = _said(scan, told, leaf)
    implemented, names = _implemented(told, leaf)
    if implemented is not None:
        contract = scan.graph.ev.arg_value(implemented, 0)
        found = _of_contract(scan, told, contract, names, "") if contract is not None else None
        if found is None:
            return  # a contract that is not known may tell any path
        said = {**found, **said}
    path = said.get(told["path"]) or "/" + name.replace(".", "/")
    method = said.get(told["method"], hit.rule.method or "POST").upper()
    for prefix in _served(scan, hit) or [""]:
        yield method, join(prefix, join(before, path, keep_root=False), keep_root=False)


def router_of(scan: Scan, hit: Hit, value: Ext) -> tuple[AV, str] | None:
    """What a step of a chain takes as a router, and the path that the chain puts before it."""
    told = _told(hit)
    if value.site is None or last_step(value.path) not in told.get("routers", ()):
        return None
    inner = scan.graph.ev.arg_value(value.site, 0)
    return (inner, _before(scan, told, value)) if inner is not None else None


def _told(hit: Hit) -> dict[str, Any]:
    found = hit.rule.options.get("told", {})
    return found if isinstance(found, dict) else {}


def _chain(value: AV | None) -> Iterator[Ext]:
    for _ in range(MAX_STEPS):
        if not isinstance(value, Ext):
            return
        yield value
        value = value.base


def _said(scan: Scan, told: dict[str, Any], leaf: AV) -> dict[str, str]:
    """What the steps of a chain say; the last of them counts."""
    ev = scan.graph.ev
    found: dict[str, str] = {}
    for step in _chain(leaf):
        record = ev.arg_value(step.site, 0) if step.site is not None and last_step(step.path) == told["step"] else None
        for key in (told["method"], told["path"]) if isinstance(record, Obj) else ():
            thunk = members.field_thunk(ev, record, key) if isinstance(record, Obj) else None
            text = next(iter(texts(ev, ev.thunk(thunk))), "") if thunk is not None else ""
            if text:
                found.setdefault(key, text)
    return found


def _implemented(told: dict[str, Any], leaf: AV) -> tuple[Site | None, tuple[str, ...]]:
    """The call that implements a contract at the begin of a chain, and the names that are taken from it."""
    names: list[str] = []
    called = False
    for step in _chain(leaf):
        if step.site is not None and any(compiled(f"{p}()").fullmatch(step.path) for p in told.get("contracts", ())):
            return step.site, tuple(reversed(names))
        if step.site is None and not called:
            names.append(last_step(step.path))
        called = step.site is not None
    return None, ()


def _of_contract(scan: Scan, told: dict[str, Any], value: AV, names: tuple[str, ...], before: str) -> dict[str, str] | None:
    """What the part of a contract says to which the names lead, with the paths that stand before it."""
    ev = scan.graph.ev
    for option in options(value):
        if isinstance(option, Ext) and option.site is not None and last_step(option.path) in told.get("routers", ()):
            inner = ev.arg_value(option.site, 0)
            return _of_contract(scan, told, inner, names, join(before, _before(scan, told, option), keep_root=False)) if inner else None
        if isinstance(option, Obj) and names:
            thunk = members.field_thunk(ev, option, names[0])
            return _of_contract(scan, told, ev.thunk(thunk), names[1:], before) if thunk is not None else None
        if isinstance(option, Ext) and not names:
            said = _said(scan, told, option)
            return {**said, told["path"]: join(before, said[told["path"]], keep_root=False)} if told["path"] in said else said
    return None


def _before(scan: Scan, told: dict[str, Any], value: Ext) -> str:
    found = ""
    for step in _chain(value):
        if step.site is not None and last_step(step.path) == told.get("before"):
            found = join(next(iter(texts(scan.graph.ev, scan.graph.ev.arg_value(step.site, 0))), ""), found, keep_root=False)
    return found


def _served(scan: Scan, hit: Hit) -> list[str]:
    """The paths that the calls which serve the router put before it; where one of several routers is chosen, the path chosen with it."""
    found: list[str] = []
    for other in scan.hits.get("object", ()):
        if other.card.id != hit.card.id or not other.rule.options.get("serves") or not isinstance(other.callee.base, Ext):
            continue
        site = other.callee.base.site
        if site is None or (site.file, site.call) != (hit.site.file, hit.site.call):
            continue
        given = scan.texts(other, other.rule.prefix)
        called = list(options(scan.graph.ev.value(other.call.callee, other.site.file, other.call.owner, other.site.env)))
        mine = [n for n, c in enumerate(called) if isinstance(c, Ext) and isinstance(c.base, Ext) and c.base.site == site]
        found.extend([given[mine[0]]] if len(called) == len(given) > 1 and mine else given)
    return list(dict.fromkeys(found))
