"""Routes in the branches of one function: `if (req.url === "/orders" && req.method === "GET") list(res)`.

`handler` is the function that answers all requests (a call of `callee`), or with `base` the methods of a class that are named by
`options.methods`. Other options: `paths` and `method` are the names of members and variables that hold the path and the HTTP method;
`starts` are calls that compare the beginning of a path (`path.startsWith("/x")`, `strings.HasPrefix(path, "/x")`),
`asks` maps methods of the request to the HTTP method that they ask for (`ctx.IsPost()`). A comparison with a text that is no path is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Block, CallRef, Index, Lit, Member, Name, Op, Seq, Value
from backend_readiness.graph import inheritance
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routing import Registration, functions_in
from backend_readiness.graph.scan import Scan
from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_DEPTH = 8
MAX_BRANCHES = 400
_SHAPERS = ("split", "rstrip", "strip", "partition", "toLowerCase", "replace")
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def collect(scan: Scan) -> None:
    done: set[SymbolId] = set()
    for hit in scan.hits.get("compared", ()):
        value = scan.value(hit, hit.rule.handler)
        for function in functions_in(scan.graph, value):
            if isinstance(function, FuncV) and function.symbol not in done:
                done.add(function.symbol)
                _function(scan, hit.card, hit.rule, function, "")
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "compared" and rule.base:
                _classes(scan, card, rule)


def _classes(scan: Scan, card: Card, rule: RouteRule) -> None:
    names: dict[str, str] = rule.options["methods"]
    for path, index in scan.graph.production.items():
        if set(names).isdisjoint(index.names):
            continue
        view = scan.graph.view(path)
        for number, symbol in enumerate(view.facts.symbols):
            cls = ClassV(SymbolId(path, number))
            if symbol.kind == "class" and any(
                compiled(b).fullmatch(e.path) for e in inheritance.external_bases(scan.graph.ev, cls) for b in rule.base
            ):
                for child in view.children.get(number, ()):
                    method = names.get(view.symbol(child).name)
                    if method is not None and not _function(scan, card, rule, FuncV(SymbolId(path, child), InstV(cls)), method):
                        _add(scan, card, rule, method, "/{path*}", FuncV(SymbolId(path, child), InstV(cls)), view.symbol(child).line)


def _function(scan: Scan, card: Card, rule: RouteRule, function: FuncV, fixed: str) -> bool:
    """Register the branches of a function on the path of its request; False when it has none."""
    view = scan.graph.view(function.symbol.file)
    inside = set(view.body(function.symbol.index))
    blocks = [b for b in view.facts.blocks if b.owner in inside][:MAX_BRANCHES]
    found = False
    for block in blocks:
        paths = list(_paths(view, rule, block.subject, 0)) or list(_cases(view, rule, block, blocks))
        if not paths:
            continue
        found = True
        methods = {fixed: block} if fixed else _methods_of(view, rule, block, blocks)
        handler = _called(scan, view, block) or function
        for path in dict.fromkeys(paths):
            for method, branch in methods.items():
                inner = _called(scan, view, branch) if block.start < branch.start else None
                _add(scan, card, rule, method, path, inner or handler, block.line)
    return found


def _add(scan: Scan, card: Card, rule: RouteRule, method: str, path: str, handler: FuncV, line: int) -> None:
    place = Place(file=handler.symbol.file, line=line, end_line=line)
    scan.routing.registrations.append(
        Registration(router=None, method=method, path=path, place=place, start=line, card=card, rule=rule, handler=handler)
    )


def _methods_of(view: FileView, rule: RouteRule, block: Block, blocks: list[Block]) -> dict[str, Block]:
    """The methods of the branch itself, of the branches inside of it, or of those around it, each with the branch that asks for it."""
    inner = [b for b in blocks if b is not block and block.start <= b.start and b.end <= block.end]
    outer = [b for b in blocks if b is not block and b.start <= block.start and block.end <= b.end]
    for branches in ([block], inner, outer):
        found = {m: b for b in reversed(branches) for m in (*_methods(view, rule, b.subject, 0), *_method_cases(view, rule, b, blocks))}
        if found:
            return dict(reversed(found.items()))
    return {"ANY": block}


def _is_named(value: Value, names: list[str]) -> bool:
    if isinstance(value, Member):
        return value.name in names
    return isinstance(value, Name) and value.id in names


def _texts(value: Value) -> Iterator[str]:
    for item in value.items if isinstance(value, Seq) else (value,):
        if isinstance(item, Lit) and isinstance(item.value, str):
            yield item.value
        elif isinstance(item, Member) and item.name.startswith("Method"):  # `http.MethodGet`
            yield item.name.removeprefix("Method").upper()


def _paths(view: FileView, rule: RouteRule, value: Value | None, depth: int) -> Iterator[str]:
    names, starts = rule.options["paths"], rule.options.get("starts", ())
    if isinstance(value, Op) and depth < MAX_DEPTH:
        if value.op in ("==", "===", "in") and len(value.operands) == 2:
            left, right = value.operands
            other = right if _is_named(_bare(view, left), names) else left if _is_named(_bare(view, right), names) else None
            yield from (t.partition("?")[0] for t in _texts(other) if t.startswith("/")) if other is not None else ()
        elif value.op in ("&&", "||", "and", "or"):
            for operand in value.operands:
                yield from _paths(view, rule, operand, depth + 1)
    elif isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        if isinstance(call.callee, Member) and call.callee.name in starts and call.args:
            of, given = (call.callee.base, call.args[0]) if len(call.args) == 1 else (call.args[0].value, call.args[1])
            for text in _texts(given.value) if _is_named(_bare(view, of), names) else ():
                if text.startswith("/") and text != "/":
                    yield f"{text.rstrip('/')}/{{rest*}}"


def _bare(view: FileView, value: Value) -> Value:
    """`self.path.split("?")[0]`, `url.parse(req.url).pathname` and `string(ctx.Path())` compare the path too."""
    for _ in range(2):
        call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
        if call is not None and isinstance(call.callee, Name) and call.callee.id == "string" and len(call.args) == 1:
            value = call.args[0].value
        elif call is not None and isinstance(call.callee, Member) and not call.args:
            value = call.callee if call.callee.name not in _SHAPERS else value
    if isinstance(value, Index):
        value = value.base
    if isinstance(value, CallRef) and isinstance(view.facts.calls[value.call].callee, Member):
        callee = view.facts.calls[value.call].callee
        if isinstance(callee, Member) and callee.name in _SHAPERS:
            return callee.base
    return value


def _cases(view: FileView, rule: RouteRule, block: Block, blocks: list[Block]) -> Iterator[str]:
    """The path of a `case` of a switch on the path."""
    if block.kind != "case" or block.subject is None:
        return
    around = [b for b in blocks if b.kind == "switch" and b.start <= block.start and block.end <= b.end]
    nearest = max(around, key=lambda b: b.start, default=None)
    if nearest is not None and nearest.subject is not None and _is_named(_bare(view, nearest.subject), rule.options["paths"]):
        yield from (t for t in _texts(block.subject) if t.startswith("/"))


def _method_cases(view: FileView, rule: RouteRule, block: Block, blocks: list[Block]) -> Iterator[str]:
    if block.kind == "case" and block.subject is not None:
        around = [b for b in blocks if b.kind == "switch" and b.start <= block.start and block.end <= b.end]
        nearest = max(around, key=lambda b: b.start, default=None)
        if nearest is not None and nearest.subject is not None and _is_named(_bare(view, nearest.subject), rule.options["method"]):
            yield from (t for t in _texts(block.subject) if t in METHODS)


def _methods(view: FileView, rule: RouteRule, value: Value | None, depth: int) -> Iterator[str]:
    callee = view.facts.calls[value.call].callee if isinstance(value, CallRef) else None
    if isinstance(callee, Member) and callee.name in rule.options.get("asks", {}):
        yield str(rule.options["asks"][callee.name])
    if isinstance(value, Op) and depth < MAX_DEPTH:
        if value.op in ("==", "===", "in") and len(value.operands) == 2:
            left, right = value.operands
            names = rule.options["method"]
            other = right if _is_named(_bare(view, left), names) else left if _is_named(_bare(view, right), names) else None
            yield from (t for t in _texts(other) if t in METHODS) if other is not None else ()
        elif value.op in ("&&", "||", "and", "or"):
            for operand in value.operands:
                yield from _methods(view, rule, operand, depth + 1)


def _called(scan: Scan, view: FileView, block: Block) -> FuncV | None:
    """The only function of the repository that the branch calls."""
    inside = [c for c in view.facts.calls if block.start < c.start and c.end <= block.end and c.owner == block.owner]
    values = (v for c in inside[:20] for v in options(scan.graph.ev.value(c.callee, view.path, c.owner)))
    found = {v.symbol: v for v in values if isinstance(v, FuncV)}
    return next(iter(found.values())) if len(found) == 1 else None
