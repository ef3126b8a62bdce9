"""Routes in the branches of one function: `if (req.url === "/orders" && req.method === "GET") list(res)`.

`handler` is the function that answers all requests (a call of `callee`), or with `base` the methods of a class that are named by
`options.methods`; with `options.typed` the functions that have a parameter of one of these types, or call what gives one (`gives`);
with `options.returned` those that a function gives back whose declared type is one of these.
Other options: `paths` and `method` are the names of members and variables that hold the path and the HTTP method, and a variable that is
given such a member holds it too; `equals` are calls that compare, `starts` those that compare the beginning of a path
(`path.startsWith("/x")`, `strings.HasPrefix(path, "/x")`), `asks` maps methods of the request to the HTTP method that they ask for
(`ctx.IsPost()`), `fits` the calls by which a regular expression says whether it fits the path, `matches` those by which the path says
so (`fits_functions`, `starts_functions`: functions that are given it; `position_functions`: that must find a text at its place 0).
`assigned` are members that a function is put on (`$worker->onMessage = function ($connection, $request) {...}`). `reading` are names:
functions in files that name one count, of the names `functions` where these are given; so many paths must be told apart (`least`).
With `exported` the functions are those of that name in the object, or the class below one of `bases`, which a file exports by default.
`signatures` and `decorated`: see `graph.routes.signatures`. `handed` says how many of its parameters, or of their members `members`, a
function must hand on to another that branches in its place.
With `registered` the branches of handlers that other rules of the card found take the place of their routes. `answers` are the members
and methods by which a branch answers; with it one that does not is none (`passes` are the calls that pass the request on, `hands_on` those
that hand it to a handler which is not known; in a function with one of these a branch that only refuses is a guard); a function with a call
of `never` only stands before others, and with `inside` what a branch calls must answer too. So is a comparison with a text that is no
path, and with `ends`, the calls that pass a request on, a branch that does not end it. `handler_methods` are the methods of a class given
as the handler, `segments` calls of `starts` that fit the path itself too. A branch that refuses all other requests (`if (path !== "/x")
return next()`) makes a route of what follows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend_readiness.facts.model import Block, Call, CallRef, Member, Op, Seq
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation.reassigned import mentions
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.answering_members import answering
from backend_readiness.graph.routes.branch_handlers import around, called, file_path, handed_to, included, own_called
from backend_readiness.graph.routes.ending_branches import ends
from backend_readiness.graph.routes.exported_functions import exported_functions
from backend_readiness.graph.routes.method_branches import is_refusal, refuses
from backend_readiness.graph.routes.path_branches import METHODS, Asked, cases, methods_of, other, parts, paths_in, texts_of
from backend_readiness.graph.routes.path_parts import paths_of_pieces, refused_pieces
from backend_readiness.graph.routes.path_tables import looked_up, matched, unmatched
from backend_readiness.graph.routes.routing import Guard, Registration, functions_in
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.routes.signatures import functions_by_signature, tells
from backend_readiness.graph.routes.typed_functions import assigned, returned, typed
from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_BRANCHES = 400
MAX_HANDED = 2
MIN_HANDED = 2  # paths that a function tells apart which a handler gives its request; one alone is an exception of something else


@dataclass(frozen=True, slots=True)
class Branch:
    """What one branch answers."""

    method: str
    path: str
    handler: FuncV
    place: Place
    guards: tuple[Guard, ...] = ()


def collect(scan: Scan) -> None:
    done: set[SymbolId] = set()
    for hit in scan.hits.get("compared", ()):
        for function in _handlers(scan, hit):
            if function.symbol not in done and not _goes_on(scan, hit.rule, function):
                done.add(function.symbol)
                _function(scan, hit.card, hit.rule, function, "")
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "compared" and rule.base:
                _classes(scan, card, rule)
            if rule.shape == "compared" and not {"typed", "returned", "exported", "assigned"}.isdisjoint(rule.options):
                for where in (*typed(scan, rule), *returned(scan, rule), *assigned(scan, rule), *exported_functions(scan, card, rule)):
                    if where not in done:
                        done.add(where)
                        _function(scan, card, rule, FuncV(where), "")
            for found, told in functions_by_signature(scan, card, rule) if rule.shape == "compared" else ():
                if found.symbol not in done:
                    done.add(found.symbol)
                    _function(scan, card, told, found, "")
            for name in rule.options.get("reading", ()) if rule.shape == "compared" else ():
                _reading(scan, card, rule, name)
            if rule.shape == "compared" and rule.options.get("registered"):
                _refine(scan, card, rule)


def _handlers(scan: Scan, hit: Hit) -> list[FuncV]:
    """The function of a call, or the first of the named methods that its class has."""
    value = scan.value(hit, hit.rule.handler)
    for name in hit.rule.options.get("handler_methods", (str(hit.rule.options.get("handler_method", "")),)):
        found = [f for f in functions_in(scan.graph, answering(scan, value, name)) if isinstance(f, FuncV)]
        if found:
            return found
    return []


def _reading(scan: Scan, card: Card, rule: RouteRule, name: str) -> None:
    """The branches of files and functions in files that name what holds the request, where no other route of the file is known."""
    routed = {r.place.file for r in scan.routing.registrations}
    production, language, wanted = scan.graph.production, card.id.partition("/")[0], rule.options.get("functions")
    for file in [f for f in scan.graph.naming(name) if f in production and f not in routed and production[f].language == language]:
        view = scan.graph.view(file)
        asking = {n for n, s in enumerate(view.facts.symbols) if s.name in (wanted or ())}  # one that only looks into a table has no branch
        owners = [o for o in sorted({b.owner for b in view.facts.blocks} | asking) if view.symbol(o).kind != "lambda"]
        for owner in [o for o in owners if wanted is None or view.symbol(o).name in wanted][:MAX_BRANCHES]:
            if _is_around(view, owner, str(rule.options.get("around", ""))):
                continue
            least = int(rule.options.get("least", MIN_HANDED)) if wanted is not None or owner == 0 else MIN_HANDED
            found = _branches(scan, rule, FuncV(SymbolId(file, owner)), "", MAX_HANDED if least > 1 else 0) or ()
            for branch in found if len({b.path for b in found}) >= least else ():
                _add(scan, card, rule, branch)


def _is_around(view: FileView, owner: int, name: str) -> bool:
    """Does a function first ask the application that it stands around, and then only change its answer?"""
    first = min((b.start for b in view.facts.blocks if b.owner == owner), default=0)
    asked = [a.value for a in view.facts.assigns if name and a.owner == owner and isinstance(a.target, Seq)]
    calls = [view.facts.calls[v.call] for v in asked if isinstance(v, CallRef)]
    return any(c.start < first and isinstance(c.callee, Member) and c.callee.name == name for c in calls)


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
                    if (
                        method is not None
                        and not _only_refuses(view, child)
                        and not _function(scan, card, rule, FuncV(SymbolId(path, child), InstV(cls)), method)
                        and method  # one that answers any method says by its branches which paths it has
                    ):
                        place = Place(file=path, line=view.symbol(child).line, end_line=view.symbol(child).line)
                        whole = file_path(rule, path, symbol.name) or "/{path*}"
                        _add(scan, card, rule, Branch(method, whole, FuncV(SymbolId(path, child), InstV(cls)), place))


def _only_refuses(view: FileView, function: int) -> bool:
    """Does a method nothing but say that it is not allowed?"""
    calls = [view.facts.calls[n] for n in view.calls_of.get(function, ())]
    return bool(calls) and not view.blocks_of.get(function, ()) and is_refusal(max(calls, key=lambda c: c.end))


def _function(scan: Scan, card: Card, rule: RouteRule, function: FuncV, fixed: str) -> bool:
    """Register the branches of a function on the path of its request; False when it has none."""
    found = _branches(scan, rule, function, fixed)
    for branch in found or ():
        _add(scan, card, rule, branch)
    return found is not None


def _branches(scan: Scan, rule: RouteRule, function: FuncV, fixed: str, depth: int = 0) -> list[Branch] | None:
    """The branches of a function on the path of its request, or of one that it hands the request to; None when there are none."""
    view = scan.graph.view(function.symbol.file)
    asked = Asked(rule.options, scan.graph.ev)
    inside = set(view.body(function.symbol.index))
    blocks = [b for b in view.facts.blocks if b.owner in inside][:MAX_BRANCHES]
    found: list[Branch] = []
    told: set[str] = set()
    seen, own = False, bool(rule.base)
    alone = own and view.symbol(function.symbol.index).name in rule.options["methods"]  # `def do_HEAD(self): self.do_GET()`
    for block in blocks:
        refused = _refused(view, asked, block) or _others_refused(scan, view, asked, block)
        if refused is not None and _answers(view, rule, function.symbol.index, block.end, 1 << 60):
            seen = True
            at = Place(file=view.path, line=(line := view.symbol(function.symbol.index).line), end_line=line)
            found.extend(Branch(m, refused[0], function, at) for m in ([fixed] if fixed else refused[1] or ["ANY"]))
            continue
        paths = list(paths_in(view, asked, block.owner, block.subject, 0)) or list(cases(view, asked, block, blocks))
        paths = paths or paths_of_pieces(view, asked, block, blocks) or matched(scan, view, asked, block)
        if not paths:
            continue
        seen = True
        told.update(paths)
        methods = methods_of(view, asked, block, blocks) if depth or not fixed else {"ANY": block}
        methods = {m: b for m, b in methods.items() if m == fixed} or ({fixed: block} if "ANY" in methods else {}) if fixed else methods
        handler = called(scan, view, block) or included(scan, view, block) or function
        inside_it = _below(scan, rule, handler, paths, fixed, depth) if handler is not function else None
        if inside_it is not None:  # `if (path.startsWith("/api/")) return answer(request)`
            found.extend(inside_it)
            continue
        if "ends" in rule.options and not ends(view, block, blocks, rule.options["ends"]):
            continue
        if (handler is function or "told" in rule.options) and not _answers(view, rule, block.owner, block.start, block.end):
            continue
        if handler is not function and rule.options.get("inside") and not _answers_whole(scan, rule, handler):
            continue
        for path in dict.fromkeys(paths):
            for method, branch in methods.items():
                inner = called(scan, view, branch) if block.start < branch.start else None
                place = Place(file=view.path, line=block.line, end_line=block.line)
                guards = around(scan, view, branch if inner is not None else block)
                found.append(Branch(method, path, inner or handler, place, guards))
    at = Place(file=view.path, line=(line := view.symbol(function.symbol.index).line), end_line=line)
    for method, path, answers in looked_up(scan, view, asked, function):
        seen = True
        told.add(path)
        found.extend([Branch(fixed or method or "ANY", path, answers, at)] if not fixed or method in ("", fixed) else [])
    if depth and len(told | {b.path for b in found}) < (1 if alone else MIN_HANDED):
        seen = False
    if seen or depth == MAX_HANDED:
        return found if seen else None
    if own:
        below = [b for f in own_called(scan, function) if (b := _branches(scan, rule, f, fixed, depth + 1)) is not None]
        return [b for bs in below for b in bs] if below else None
    return next((b for f in handed_to(scan, function, rule) if (b := _branches(scan, rule, f, fixed, depth + 1)) is not None), None)


def _below(scan: Scan, rule: RouteRule, handler: FuncV, paths: list[str], fixed: str, depth: int) -> list[Branch] | None:
    """The branches of what answers all below a path, where they stand below it."""
    heads = [p.removesuffix("{rest*}") for p in paths if p.endswith("/{rest*}")]
    if not all(p in heads or f"{p}/" in heads for p in (p.removesuffix("{rest*}") for p in paths)) or depth >= MAX_HANDED:
        return None
    found = _branches(scan, rule, handler, fixed, depth + 1)
    return found if found and all(any(b.path.startswith(h) for h in heads) for b in found) else None


def _refine(scan: Scan, card: Card, rule: RouteRule) -> None:
    """Put the branches of a handler in the place of the route that it is registered at (option `registered`).

    The route itself stays where the handler does not refuse what no branch takes.
    """
    kept: list[Registration] = []
    for item in scan.routing.registrations:
        functions = functions_in(scan.graph, item.handler) if card.id in (item.card.id, *item.card.uses) else []
        fixed = "" if item.method == "ANY" else item.method
        found = _branches(scan, rule, functions[0], fixed) if functions and isinstance(functions[0], FuncV) else None
        below = [b for b in found or () if _is_below(b.path, item.path)]
        if not below or not isinstance(functions[0], FuncV):
            kept.append(item)
            continue
        ways = {(b.method, b.path): b for b in reversed(below)}
        kept.extend(
            replace(item, method=b.method, path=b.path, place=b.place, handler=b.handler, guards=(*item.guards, *b.guards))
            for b in reversed(ways.values())
        )
        if not _is_closed(scan, functions[0]) and (item.method, item.path) not in ways:
            kept.append(item)
    scan.routing.registrations[:] = kept


def _is_below(path: str, registered: str) -> bool:
    return path == registered or (registered.endswith("/") and f"{path}/".startswith(registered))


def _is_closed(scan: Scan, function: FuncV) -> bool:
    """Does the function refuse what no branch takes: by the last branch of its switch or chain, or by a call of its own at its end?"""
    view = scan.graph.view(function.symbol.file)
    blocks = view.blocks_of.get(function.symbol.index, ())
    if any(refuses(view, b) for b in blocks if b.kind == "else" or (b.kind in ("case", "if") and (b.subject is None or b.kind == "if"))):
        return True
    last = max((c for c in view.facts.calls if c.owner == function.symbol.index), key=lambda c: c.end, default=None)
    return last is not None and is_refusal(last)


def _answers(view: FileView, rule: RouteRule, owner: int, start: int, end: int) -> bool:
    """Does the part of a function between two places answer the request itself? Where the card does not say how, all do."""
    names, passes = rule.options.get("answers"), rule.options.get("passes", ())
    inside = [c for c in view.facts.calls if c.owner == owner and start <= c.start and c.end <= end]
    if "told" in rule.options:
        return tells(view, rule, inside)
    if names is None:
        on = rule.options.get("hands_on", ())
        return not any(callee_name(c) in on for c in inside) and not (_only_guards(view, owner, inside) and _hands_on(view, owner, on))
    if any(callee_name(c) in passes for c in inside):
        return False
    written = (a.target for a in view.facts.assigns if a.owner == owner and start <= a.start and a.end <= end)
    return any(isinstance(t, Member) and t.name in names for t in written) or any(callee_name(c) in names for c in inside)


def _answers_whole(scan: Scan, rule: RouteRule, function: FuncV) -> bool:
    view, index = scan.graph.view(function.symbol.file), function.symbol.index
    return _answers(view, rule, index, view.symbol(index).start, view.symbol(index).end)


def _goes_on(scan: Scan, rule: RouteRule, function: FuncV) -> bool:
    """Does a function let requests through to what stands behind it (option `never`)?"""
    view = scan.graph.view(function.symbol.file)
    names = rule.options.get("never", ())
    return any(callee_name(view.facts.calls[n]) in names for o in view.body(function.symbol.index) for n in view.calls_of.get(o, ()))


def _hands_on(view: FileView, owner: int, names: tuple[str, ...]) -> bool:
    return any(c.owner == owner and callee_name(c) in names for c in view.facts.calls)


def _only_guards(view: FileView, owner: int, inside: list[Call]) -> bool:
    """Does the response, which is the first parameter, only get told what is not allowed: `http.Error(w, "no listing", 403)`?"""
    response = next((p.name for p in view.symbol(owner).params), "")
    told = [c for c in inside if any(mentions(view, v, response) for v in (c.callee, *(a.value for a in c.args)))]
    return bool(told) and all(is_refusal(c) and callee_name(c) != "WriteHeader" for c in told)


def _others_refused(scan: Scan, view: FileView, asked: Asked, block: Block) -> tuple[str, list[str]] | None:
    """The same for a branch on the pieces of a path, or on the pattern that it was held against."""
    if block.kind != "if" or not _returns(view, block):
        return None
    found = refused_pieces(view, asked, block) or unmatched(scan, view, asked, block)
    return (found[0], []) if found else None


def _returns(view: FileView, block: Block) -> bool:
    ends = [c.start for c in view.facts.calls if c.owner == block.owner and callee_name(c) in ("exit", "die")]
    ends += [r.start for r in view.facts.returns if r.owner == block.owner]
    return any(block.start <= start < block.end for start in ends)


def _refused(view: FileView, asked: Asked, block: Block) -> tuple[str, list[str]] | None:
    """The path and the methods of all that a branch does not send away: `if (ctx.path !== "/x" || ctx.method !== "GET") return next();`."""
    returns = [r for r in view.facts.returns if r.owner == block.owner and block.start <= r.start < block.end]
    if block.kind != "if" or block.subject is None or not returns:
        return None
    tests = parts(block.subject, ("||", "or")) or (block.subject,)
    paths: list[str] = []
    methods: list[str] = []
    for test in tests:
        if not isinstance(test, Op) or test.op not in ("!=", "!==") or len(test.operands) != 2:
            return None
        same = Op("==", test.operands)
        path = other(view, asked, block.owner, same, asked.options["paths"])
        method = other(view, asked, block.owner, same, asked.options["method"]) if path is None else None
        if path is None and method is None:
            return None
        paths.extend(t for t in texts_of(asked, view, block.owner, path) if t.startswith("/")) if path is not None else None
        methods.extend(t for t in texts_of(asked, view, block.owner, method) if t in METHODS) if method is not None else None
    return (paths[0], methods) if len(paths) == 1 else None


def _add(scan: Scan, card: Card, rule: RouteRule, branch: Branch) -> None:
    scan.routing.registrations.append(
        Registration(
            router=None, method=branch.method, path=branch.path, place=branch.place, start=branch.place.line, card=card, rule=rule,
            handler=branch.handler, guards=branch.guards,
        )
    )  # fmt: skip
