"""Routes in the branches of one function: `if (req.url === "/orders" && req.method === "GET") list(res)`.

`handler` is the function that answers all requests (a call of `callee`), or with `base` the methods of a class that are named by
`options.methods`; with `options.typed` the functions that have a parameter of one of these types, or call what gives one (`gives`).
Other options: `paths` and `method` are the names of members and variables that hold the path and the HTTP method, and a variable that is
given such a member holds it too; `equals` are calls that compare, `starts` those that compare the beginning of a path
(`path.startsWith("/x")`, `strings.HasPrefix(path, "/x")`), `asks` maps methods of the request to the HTTP method that they ask for
(`ctx.IsPost()`). `answers` are the members and methods by which a branch answers; with it one that does not is none (`passes` are the calls
that pass the request on). So is a comparison with a text that is no path. A branch that refuses all other requests (`if (path !== "/x")
return next()`) makes a route of what follows it.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Alt, Block, CallRef, Concat, Index, Lit, Member, Name, Op, Seq, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.routing import Registration, functions_in
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_DEPTH = 8
MAX_BRANCHES = 400
MAX_SHARED = 2
MAX_GIVEN = 2  # `var path = request.Url?.AbsolutePath ?? "/"`
_SAME = frozenset(("split", "rstrip", "strip", "partition", "replace", "toLowerCase", "toUpperCase"))
_SAME_OF_DOTNET = frozenset(("ToLower", "ToLowerInvariant", "ToUpper", "ToUpperInvariant", "TrimEnd", "Trim"))
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY"})


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
            if rule.shape == "compared" and "typed" in rule.options:
                for where in _typed(scan, rule):
                    if where not in done:
                        done.add(where)
                        _function(scan, card, rule, FuncV(where), "")


def _typed(scan: Scan, rule: RouteRule) -> Iterator[SymbolId]:
    """The functions that take a request as a parameter of a named type, or get one by a call."""
    for name in rule.options["typed"]:
        for file in scan.graph.naming(name):
            view = scan.graph.view(file)
            for number, symbol in enumerate(view.facts.symbols if file in scan.graph.production else ()):
                if symbol.kind in ("function", "method") and any(last_name(p.type) == name for p in symbol.params if p.type is not None):
                    yield SymbolId(file, number)
    for name in rule.options.get("gives", ()):
        for file in scan.graph.naming(name):
            view = scan.graph.view(file)
            for number in view.calls_by_name.get(name, ()) if file in scan.graph.production else ():
                yield SymbolId(file, view.facts.calls[number].owner)


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
                        _add(scan, card, rule, method, "/{path*}", FuncV(SymbolId(path, child), InstV(cls)), path, view.symbol(child).line)


def _function(scan: Scan, card: Card, rule: RouteRule, function: FuncV, fixed: str) -> bool:
    """Register the branches of a function on the path of its request; False when it has none."""
    view = scan.graph.view(function.symbol.file)
    inside = set(view.body(function.symbol.index))
    blocks = [b for b in view.facts.blocks if b.owner in inside][:MAX_BRANCHES]
    found = False
    for block in blocks:
        refused = _refused(view, rule, block)
        if refused is not None and _answers(view, rule, function.symbol.index, block.end, 1 << 60):
            found = True
            for method in [fixed] if fixed else refused[1] or ["ANY"]:
                _add(scan, card, rule, method, refused[0], function, view.path, view.symbol(function.symbol.index).line)
            continue
        paths = list(_paths(view, rule, block.owner, block.subject, 0)) or list(_cases(view, rule, block, blocks))
        if not paths:
            continue
        found = True
        methods = {fixed: block} if fixed else _methods_of(view, rule, block, blocks)
        handler = _called(scan, view, block) or function
        if handler is function and not _answers(view, rule, block.owner, block.start, block.end):
            continue
        for path in dict.fromkeys(paths):
            for method, branch in methods.items():
                inner = _called(scan, view, branch) if block.start < branch.start else None
                _add(scan, card, rule, method, path, inner or handler, view.path, block.line)
    return found


def _answers(view: FileView, rule: RouteRule, owner: int, start: int, end: int) -> bool:
    """Does the part of a function between two places answer the request itself? Where the card does not say how, all do."""
    names, passes = rule.options.get("answers"), rule.options.get("passes", ())
    if names is None:
        return True
    inside = [c for c in view.facts.calls if c.owner == owner and start <= c.start and c.end <= end]
    if any(callee_name(c) in passes for c in inside):
        return False
    written = (a.target for a in view.facts.assigns if a.owner == owner and start <= a.start and a.end <= end)
    return any(isinstance(t, Member) and t.name in names for t in written) or any(callee_name(c) in names for c in inside)


def _refused(view: FileView, rule: RouteRule, block: Block) -> tuple[str, list[str]] | None:
    """The path and the methods of all that a branch does not send away: `if (ctx.path !== "/x" || ctx.method !== "GET") return next();`."""
    returns = [r for r in view.facts.returns if r.owner == block.owner and block.start <= r.start < block.end]
    if block.kind != "if" or block.subject is None or not returns:
        return None
    tests = _parts(block.subject, ("||", "or")) or (block.subject,)
    paths: list[str] = []
    methods: list[str] = []
    for test in tests:
        if not isinstance(test, Op) or test.op not in ("!=", "!==") or len(test.operands) != 2:
            return None
        same = Op("==", test.operands)
        path = _other(view, rule, block.owner, same, rule.options["paths"])
        method = _other(view, rule, block.owner, same, rule.options["method"]) if path is None else None
        if path is None and method is None:
            return None
        paths.extend(t for t in _texts(path) if t.startswith("/")) if path is not None else None
        methods.extend(t for t in _texts(method) if t in METHODS) if method is not None else None
    return (paths[0], methods) if len(paths) == 1 else None


def _add(scan: Scan, card: Card, rule: RouteRule, method: str, path: str, handler: FuncV, file: str, line: int) -> None:
    place = Place(file=file, line=line, end_line=line)
    scan.routing.registrations.append(
        Registration(router=None, method=method, path=path, place=place, start=line, card=card, rule=rule, handler=handler)
    )


def _methods_of(view: FileView, rule: RouteRule, block: Block, blocks: list[Block]) -> dict[str, Block]:
    """The methods of the branch itself, of the branches inside of it, or of those around it, each with the branch that asks for it."""
    inner = [b for b in blocks if b is not block and block.start <= b.start and b.end <= block.end]
    outer = [b for b in blocks if b is not block and b.start <= block.start and block.end <= b.end]
    for branches in ([block], inner, outer):
        said = [(m, b) for b in branches for m in (*_methods(view, rule, b.owner, b.subject, 0), *_method_cases(view, rule, b, blocks))]
        if said:
            return {m: next(b for other, b in said if other == m) for m, _ in said}
    return {"ANY": block}


def _is_named(view: FileView, owner: int, value: Value, names: list[str], depth: int = 0) -> bool:
    """Is it one of the named members and variables, or a variable that is given one?"""
    value = _bare(view, value)
    if isinstance(value, Member):
        return value.name in names
    if isinstance(value, Alt):
        return depth < MAX_GIVEN and any(_is_named(view, owner, o, names, depth + 1) for o in value.options)
    if not isinstance(value, Name) or value.id in names:
        return isinstance(value, Name)
    bound = next((b for scope in view.enclosing(owner) if (b := view.bindings.get((scope, value.id)))), ())
    given = [a.value for a, path in bound if a.value is not None and not path]
    return depth < MAX_GIVEN and any(_is_named(view, owner, v, names, depth + 1) for v in given[:2])


def _sides(view: FileView, rule: RouteRule, value: Value) -> tuple[Value, Value] | None:
    """What is compared with what."""
    if isinstance(value, Op) and value.op in ("==", "===", "in") and len(value.operands) == 2:
        return value.operands[0], value.operands[1]
    if isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        if isinstance(call.callee, Member) and call.callee.name in rule.options.get("equals", ()) and call.args:
            return call.callee.base, call.args[0].value
    return None


def _other(view: FileView, rule: RouteRule, owner: int, value: Value, names: list[str]) -> Value | None:
    """What the named thing is compared with."""
    sides = _sides(view, rule, value)
    if sides is None:
        return None
    left, right = sides
    return right if _is_named(view, owner, left, names) else left if _is_named(view, owner, right, names) else None


def _texts(value: Value) -> Iterator[str]:
    for item in value.items if isinstance(value, Seq) else (value,):
        if isinstance(item, Lit) and isinstance(item.value, str):
            yield item.value
        elif isinstance(item, Member) and item.name.startswith("Method"):  # `http.MethodGet`
            yield item.name.removeprefix("Method").upper()


def _parts(value: Value | None, joined: tuple[str, ...] = ("&&", "||", "and", "or")) -> tuple[Value, ...]:
    """What a condition joins: `a && b`, and `a || b`, which a language that gives one of them back reads as one of two values."""
    if isinstance(value, Alt):
        return value.options if "||" in joined else ()
    return value.operands if isinstance(value, Op) and value.op in joined else ()


def _paths(view: FileView, rule: RouteRule, owner: int, value: Value | None, depth: int) -> Iterator[str]:
    names, starts = rule.options["paths"], rule.options.get("starts", ())
    other = _other(view, rule, owner, value, names) if value is not None else None
    if other is not None:
        yield from (t.partition("?")[0] for t in _texts(other) if t.startswith("/"))
    elif parts := _parts(value) if depth < MAX_DEPTH else ():
        for operand in parts:
            yield from _paths(view, rule, owner, operand, depth + 1)
    elif isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        if isinstance(call.callee, Member) and call.callee.name in starts and call.args:
            mine = len(call.args) == 1 or _is_named(view, owner, call.callee.base, names)
            of, given = (call.callee.base, call.args[0]) if mine else (call.args[0].value, call.args[1])
            for text in _texts(given.value) if _is_named(view, owner, of, names) else ():
                if text.startswith("/") and text != "/":
                    yield f"{text.rstrip('/')}/{{rest*}}"


def _bare(view: FileView, value: Value) -> Value:
    """`self.path.split("?")[0]`, `url.parse(req.url).pathname` and `string(ctx.Path())` compare the path too."""
    for _ in range(2):
        call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
        if call is not None and isinstance(call.callee, Name) and call.callee.id == "string" and len(call.args) == 1:
            value = call.args[0].value
        elif call is not None and isinstance(call.callee, Member) and not call.args:
            value = call.callee if call.callee.name not in _SAME | _SAME_OF_DOTNET else value
    if isinstance(value, Index):
        value = value.base
    if isinstance(value, CallRef) and isinstance(view.facts.calls[value.call].callee, Member):
        callee = view.facts.calls[value.call].callee
        if isinstance(callee, Member) and callee.name in _SAME | _SAME_OF_DOTNET:
            return callee.base
    return value


def _cases(view: FileView, rule: RouteRule, block: Block, blocks: list[Block]) -> Iterator[str]:
    """The path of a `case` of a switch on the path."""
    yield from (t for t in _of_case(view, block, blocks, rule.options["paths"]) if t.startswith("/"))


def _method_cases(view: FileView, rule: RouteRule, block: Block, blocks: list[Block]) -> Iterator[str]:
    yield from (t for t in _of_case(view, block, blocks, rule.options["method"]) if t in METHODS)


def _of_case(view: FileView, block: Block, blocks: list[Block], names: list[str]) -> Iterator[str]:
    """The texts of a `case` of a switch on one of the names, or on several things of which it is one (`case ("GET", "/orders"):`)."""
    if block.kind != "case" or block.subject is None:
        return
    around = [b for b in blocks if b.kind == "switch" and b.start <= block.start and block.end <= b.end]
    nearest = max(around, key=lambda b: b.start, default=None)
    subject = nearest.subject if nearest is not None else None
    if isinstance(subject, Seq):
        for item, wanted in zip(subject.items, block.subject.items if isinstance(block.subject, Seq) else (), strict=False):
            if _is_named(view, block.owner, item, names):
                yield from _texts(wanted)
    elif isinstance(subject, Concat) and any(_is_named(view, block.owner, p, names) for p in subject.parts):  # `${req.method} ${path}`
        yield from (word for text in _texts(block.subject) for word in text.split())
    elif subject is not None and _is_named(view, block.owner, subject, names):
        yield from _texts(block.subject)


def _methods(view: FileView, rule: RouteRule, owner: int, value: Value | None, depth: int) -> Iterator[str]:
    callee = view.facts.calls[value.call].callee if isinstance(value, CallRef) else None
    if isinstance(callee, Member) and callee.name in rule.options.get("asks", {}):
        yield str(rule.options["asks"][callee.name])
    other = _other(view, rule, owner, value, rule.options["method"]) if value is not None else None
    if other is not None:
        yield from (t for t in _texts(other) if t in METHODS)
    else:
        for operand in _parts(value) if depth < MAX_DEPTH else ():
            yield from _methods(view, rule, owner, operand, depth + 1)


def _called(scan: Scan, view: FileView, block: Block) -> FuncV | None:
    """The only function of the repository that the branch calls; one that many branches call only helps them to answer."""
    calls = [view.facts.calls[n] for n in view.calls_of.get(block.owner, ())]
    inside = [c for c in calls if block.start < c.start and c.end <= block.end]
    values = (v for c in inside[:20] for v in options(scan.graph.ev.value(c.callee, view.path, c.owner)))
    found = {v.symbol: v for v in values if isinstance(v, FuncV)}
    only = next(iter(found.values())) if len(found) == 1 else None
    name = view.symbol(only.symbol.index).name if only is not None and only.symbol.file == view.path else ""
    return None if name and sum(callee_name(c) == name for c in calls) > MAX_SHARED else only
