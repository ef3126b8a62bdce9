"""Tables that a function looks the path of its request up in: `ROUTES.get(self.path)`, `ROUTES[self.command][path]`, `path in ROUTES`.

A key is a path, a method and a path (`("GET", "/orders")`, `"GET /orders"`), or a method whose value is such a table. The value is what
answers: a function, or the name of a method of the class. Options of a rule of shape `compared`: `looks_up` are the methods of a table
that give an entry; `matches` are the functions that hold a pattern against a text (`re.match(r"^/orders/(\\d+)$", path)`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Block, CallRef, Concat, Index, Lit, Member, Name, Op, Record, Seq, Value
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.routes.path_branches import METHODS, Asked, is_named, is_trimmed, parts, paths_in
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import from_regex, texts
from backend_readiness.graph.values import Const, Ext, FuncV, Obj, options
from backend_readiness.graph.views import FileView

MAX_VALUES = 2_000
_ADDING = frozenset(("Add", "TryAdd"))
MAX_ENTRIES = 400
MAX_DEPTH = 5
MAX_WORDS = 12
_WORDS = re.compile(r"\(\?:([\w-]+(?:\|[\w-]+)+)\)(?![?*+{])")


def looked_up(scan: Scan, view: FileView, asked: Asked, function: FuncV) -> list[tuple[str, str, FuncV]]:
    """(method or nothing, path, what answers) of the tables that a function takes its answers from."""
    if not asked.options.get("looks_up"):
        return []
    found: dict[tuple[str, str], tuple[str, str, FuncV]] = {}
    for owner, value in _values(view, set(view.body(function.symbol.index))):
        base = _table(view, asked, owner, value)
        bare = base is not None and isinstance(value, Index) and is_trimmed(view, asked, owner, value.key)
        for option in options(scan.graph.ev.value(base, view.path, owner)) if base is not None else ():
            if isinstance(option, Obj) and isinstance(option.place.expr, Record):
                record = _with_slashes(option.place.expr) if bare else option.place.expr
                for entry in _entries(scan, option.place.file, option.place.owner, record, function, "", 0):
                    found.setdefault(entry[:2], entry)
        for entry in _added(scan, view, base, function) if base is not None else ():
            found.setdefault(entry[:2], entry)
    around = "told" in asked.options  # a function around an application: a table that gives no functions gives it settings
    return [e for e in found.values() if not around or e[2].symbol != function.symbol][:MAX_ENTRIES]


def _with_slashes(record: Record) -> Record:
    """A table whose keys are paths without the slash before them."""
    return Record(tuple((f"/{k}" if k and "/" not in k[:1] else k, v) for k, v in record.items), record.computed)


def _values(view: FileView, inside: set[int]) -> Iterator[tuple[int, Value]]:
    """The expressions of some functions, with those that stand in them."""
    facts = view.facts
    whole = [(a.owner, a.value) for a in facts.assigns if a.owner in inside and a.value is not None]
    whole += [(c.owner, v) for c in facts.calls if c.owner in inside for v in (c.callee, *(a.value for a in c.args))]
    whole += [(r.owner, r.value) for r in facts.returns if r.owner in inside and r.value is not None]
    whole += [(b.owner, b.subject) for b in facts.blocks if b.owner in inside and b.subject is not None]
    whole += [(c.owner, CallRef(n)) for n, c in enumerate(facts.calls) if c.owner in inside]
    for owner, value in whole[:MAX_VALUES]:
        for part in _parts(value, 0):
            yield owner, part


def _parts(value: object, depth: int) -> Iterator[Value]:
    if isinstance(value, tuple):
        for item in value:
            yield from _parts(item, depth)
    elif isinstance(value, msgspec.Struct) and depth < MAX_DEPTH:
        yield value  # type: ignore[misc]  # every part of an expression is one
        for name in value.__struct_fields__:
            yield from _parts(getattr(value, name), depth + 1)


def _table(view: FileView, asked: Asked, owner: int, value: Value) -> Value | None:
    """What is looked into with the path; what is looked into with the method before that is the same table."""
    base = _asked_with(view, asked, owner, value, asked.options["paths"])
    for _ in range(2):
        outer = _asked_with(view, asked, owner, base, asked.options["method"]) if base is not None else None
        base = outer or base
    return base


def _asked_with(view: FileView, asked: Asked, owner: int, value: Value | None, names: list[str]) -> Value | None:
    base: Value | None = None
    key: Value | None = None
    if isinstance(value, Index):
        base, key = value.base, value.key
    elif isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        if isinstance(call.callee, Member) and call.callee.name in asked.options["looks_up"] and call.args:
            given = [a.value.items if isinstance(a.value, Seq) else (a.value,) for a in call.args]  # `find((verb, path), out var found)`
            base, key = call.callee.base, Seq(tuple(v for values in given for v in values))
    keys = key.items if isinstance(key, Seq) else (key,) if key is not None else ()
    return base if any(is_named(view, owner, p, names) for k in keys for p in _put_together(view, owner, k)) else None


def _put_together(view: FileView, owner: int, key: Value) -> tuple[Value, ...]:
    """The parts of a key that a text holds together: `var key = $"{request.HttpMethod} {path}"`, then `routes[key]`."""
    if isinstance(key, Name):
        bound = next((b for scope in view.enclosing(owner) if (b := view.bindings.get((scope, key.id)))), ())
        whole = next((a.value for a, path in bound if isinstance(a.value, Concat) and not path), None)
        return (key, *whole.parts) if isinstance(whole, Concat) else (key,)
    return key.parts if isinstance(key, Concat) else (key,)


def _entries(
    scan: Scan, file: str, owner: int, record: Record, function: FuncV, method: str, depth: int
) -> Iterator[tuple[str, str, FuncV]]:
    for key, value in (*((Lit(k), v) for k, v in record.items if k is not None), *record.computed):
        words = [w for t in _words(scan, file, owner, key) for w in t.split()]
        named = next((w for w in words if w in METHODS), method)
        path = next((w for w in words if w.startswith("/")), "")
        inner = value if isinstance(value, Record) else None
        if path and inner is not None and any(k in METHODS for k, _ in inner.items):
            for verb, answers in inner.items:
                if verb in METHODS:
                    yield verb, path, _answers(scan, file, owner, answers, function)
        elif path:
            yield named, path, _answers(scan, file, owner, value, function)
        elif named and inner is not None and depth < MAX_DEPTH:
            yield from _entries(scan, file, owner, inner, function, named, depth + 1)


def _added(scan: Scan, view: FileView, table: Value, function: FuncV) -> Iterator[tuple[str, str, FuncV]]:
    """The entries that a file puts into a table one by one: `routes["/orders"] = list`, `routes.Add("/orders", list)`."""
    name = last_name(table)
    pairs = [
        (a.owner, a.target.key, a.value)
        for a in view.facts.assigns
        if isinstance(a.target, Index) and a.value is not None and last_name(a.target.base) == name
    ]
    pairs += [
        (c.owner, c.args[0].value, c.args[1].value)
        for c in view.facts.calls
        if isinstance(c.callee, Member) and c.callee.name in _ADDING and len(c.args) == 2 and last_name(c.callee.base) == name
    ]
    for owner, key, value in pairs[:MAX_ENTRIES] if name else ():
        yield from _entries(scan, view.path, owner, Record((), ((key, value),)), function, "", 0)


def _words(scan: Scan, file: str, owner: int, key: Value) -> list[str]:
    items = key.items if isinstance(key, Seq) else (key,)
    return [t for i in items for t in ([i.value] if isinstance(i, Lit) and isinstance(i.value, str) else _text(scan, file, owner, i))]


def _text(scan: Scan, file: str, owner: int, value: Value) -> list[str]:
    return texts(scan.graph.ev, scan.graph.ev.value(value, file, owner)) if isinstance(value, Name | Member) else []


def _answers(scan: Scan, file: str, owner: int, value: Value, function: FuncV) -> FuncV:
    """The function that an entry names, by itself or as a method of the class; else the one that looks it up."""
    given = scan.graph.ev.value(value, file, owner)
    if isinstance(given, Const) and isinstance(given.value, str) and function.self_value is not None:
        given = members.own_member(scan.graph.ev, function.self_value, given.value) or given
    return next((f for f in functions_in(scan.graph, given) if isinstance(f, FuncV)), function)


def matched(scan: Scan, view: FileView, asked: Asked, block: Block) -> list[str]:
    """The path of the pattern that a branch has held against it: `m = re.match(r"^/orders/(\\d+)$", path)`, then `if m and ...:`."""
    tests = parts(block.subject, ("&&", "and")) or ((block.subject,) if block.subject is not None else ())
    return next((found for test in tests if (found := _held(scan, view, asked, block, _there(test), block.end))), [])


def _there(test: Value) -> Value:
    """What a test says that it is there: `m !== null`."""
    is_there = isinstance(test, Op) and test.op in ("!=", "!==") and len(test.operands) == 2 and test.operands[1] == Lit(None)
    return test.operands[0] if isinstance(test, Op) and is_there else test


def unmatched(scan: Scan, view: FileView, asked: Asked, block: Block) -> list[str]:
    """The path of what is left when a branch sends away what does not fit a pattern: `if not m: return ...`, `if m is None: ...`."""
    value = block.subject
    none = isinstance(value, Op) and value.op == "is" and value.operands[1:] == (Lit(None),)
    if isinstance(value, Op) and (none or value.op in ("not", "!")):
        return _held(scan, view, asked, block, value.operands[0], block.start)
    return []


def _held(scan: Scan, view: FileView, asked: Asked, block: Block, value: Value | None, until: int) -> list[str]:
    """The paths of the pattern that a value was held against, by the last assignment before a place."""
    if isinstance(value, Name):
        bound = next((b for scope in view.enclosing(block.owner) if (b := view.bindings.get((scope, value.id)))), ())
        before = [a for a, path in bound if a.value is not None and not path and a.start < until]
        value = max(before, key=lambda a: a.start).value if before else None
    call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
    if call is None or not isinstance(call.callee, Member) or not call.args:
        return []
    pattern, given = call.args[0].value, call.args[-1].value
    plainly = list(paths_in(view, asked, block.owner, value, 0)) if isinstance(value, CallRef) else []
    if plainly:  # `m = path.match(/^\/orders\/(\d+)$/)`
        return plainly
    if isinstance(call.callee.base, Name) and f"{call.callee.base.id}.{call.callee.name}" in asked.options.get("matches", ()):
        found = texts(scan.graph.ev, scan.graph.ev.value(pattern, view.path, call.owner)) if len(call.args) > 1 else []
    elif call.callee.name in asked.options.get("fits", ()):
        made = options(scan.graph.ev.value(call.callee.base, view.path, call.owner))
        known = (scan.graph.ev.arg_value(o.site, 0) for o in made if isinstance(o, Ext) and o.site is not None)
        found = [t for v in known if v is not None for t in texts(scan.graph.ev, v)]
    else:
        return []
    if not is_named(view, block.owner, given, asked.options["paths"]):
        return []
    plain = [e for t in found for e in with_words(t.replace("\\/", "/"))]
    return [p for t in plain if (p := from_regex(t)).startswith("/")]


def with_words(pattern: str) -> list[str]:
    """A pattern once for each word of its groups of words without a name: `/(?:orders|carts)/(\\d+)`."""
    found = _WORDS.search(pattern)
    if found is None:
        return [pattern]
    return [e for w in found[1].split("|") for e in with_words(pattern[: found.start()] + w + pattern[found.end() :])][:MAX_WORDS]
