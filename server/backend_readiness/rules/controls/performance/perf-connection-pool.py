"""Database connections come from one pool per process, with a limit."""

import re

from backend_readiness.controls.callees import chain_scopes
from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import databases
from backend_readiness.controls.defaults import default_of, is_before, library_default, library_rules, place_of, states
from backend_readiness.controls.deployed.setups import lines_of
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.work.clients import clients, is_aside
from backend_readiness.controls.work.out_of_sight import hidden_data
from backend_readiness.controls.work.pool_sizes import sized_at_one
from backend_readiness.controls.work.writes import STORES, texts_of_chain
from backend_readiness.facts.model import Name, Symbol
from backend_readiness.graph.evaluation import params
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import CONSTRUCTORS
from backend_readiness.model import Evidence
from backend_readiness.rules.setup_rules import SetupRule
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.matching import MAX_LINE_CHARS

# A client that is kept for the next call: a guard that looks whether there is one, a holder that fills itself once.
_ONCE = re.compile(
    r"(?i)\bonce\b|cache|memo|global|singleton|instance|\?\?=|\|\|=|is (not )?None"
    r"|\bif\b.{0,40}\b(?!err\b)\w+\)?\s*[!=]==?\s*(nil|null|None|undefined)\b|\bif\s*\(?\s*!?\w+(\.\w+){0,3}\s*\)?\s*(return|\{|:(?!=))"
)
MAX_LINES = 120
MAX_CALLERS = 6
MAX_DEPTH = 3
_ONE = re.compile(sign("perf-connection-pool", "one"))
_NO_MORE = re.compile(sign("perf-connection-pool", "no_more"))
_WAITS = re.compile(sign("perf-connection-pool", "waits"))
_FILE_LIBRARY = re.compile(sign("perf-connection-pool", "file_library"))
_FILE_POOLED_SINCE = sign("perf-connection-pool", "file_pooled_since")
_UNLIMITED = re.compile(r"max_overflow\s*=\s*-1|pool_size\s*=\s*0|connectionLimit:\s*0|maxPoolSize:\s*0")


def verify(context: Context) -> Judgement:
    kinds = {e.kind for e, _ in context.effects}
    if not kinds & STORES and not context.touches:
        hidden = hidden_data(context)
        if hidden is not None:
            return unverified(*hidden)
        if context.is_resolved:
            return not_applicable("The flow talks to no database.", context.at_route())
        return unverified("The flow's data calls were not all found.")
    near = clients(context, "connection_pool")
    bare = clients(context, "connection_single")
    null = [h for h in context.hits((r"\bNullPool\b",)) if context.is_backend(h[0]) and not is_aside(h[0]) and "import" not in h[2]]
    if null:
        return failed("The engine is made without a pool: each request opens a connection of its own.", context.at(*null[0][:2]))
    for setup in near:
        if setup.off is not None:
            return failed("The pool is there, and the configuration switches it off.", setup.off, setup.at)
        assert setup.at.file is not None
        assert setup.at.line is not None
        if _UNLIMITED.search(" ".join(context.snapshot.lines(setup.at.file)[setup.at.line - 1 : setup.at.line + 14])):
            return partial("The pool has no upper limit.", setup.at)
        one = _single(context, setup.at)
        if one is not None:
            return partial("The pool holds one connection: requests of one process wait for each other.", one)
    inside = [s.at for s in near if s.at.file is not None and s.at.line is not None and _in_chain(context, s.at.file, s.at.line)]
    each_time = inside[0] if inside and not _kept(context, inside[0]) else _made_each_time(context)
    if each_time is not None:
        return failed("The database client is made inside of the request: every request has a pool of its own.", each_time)
    opened = next((h for h in lines_of(context, "connection_single") if _in_functions(context, h[0], h[1])), None)
    if opened is not None:
        return failed("The flow opens a connection of its own for each request; nothing pools it.", context.at(*opened[:2]))
    whole = [s for s in near if not s.rule.partly or _is_whole(context, s.rule)]
    beside = databases(context)
    if whole and beside.files and not (beside.servers or beside.selected) and _opens_files_anew(context):
        file = context.at(beside.files[0].file, beside.files[0].line)
        if beside.drivers:
            return unverified("SQLite opens its file anew for each use unless a setting names a server; which runs was not found.", file)
        return partial("This version of the library opens a file of SQLite anew for each use: nothing pools or limits that.", file)
    if whole and not beside.selected and any(h.file == whole[0].at.file for h in beside.files):
        return unverified("The source opens one of several databases; which of them runs was not found out.", whole[0].at)
    endless = _waits_endlessly(context) if whole else None
    if endless is not None:
        return partial("The pool of the driver has a limit, and a caller waits for a connection without end: no time is set.", endless)
    if whole:
        says = "The pool holds a bounded number of connections, and the flow waits for one for a bounded time."
        return passed(says if whole[0].rule.partly else whole[0].rule.says, whole[0].at)
    each = next((s for s in bare if _on_chain(context, s.at)), None)
    if each is not None:
        return failed(each.rule.says, each.at)
    known = _by_setting(context)
    if known is not None:
        return known
    for setup in (*near, *bare):
        return partial(setup.rule.says, setup.at)
    return unverified("Where the database client is made was not found.")


def _opens_files_anew(context: Context) -> bool:
    """Is the library of the flow declared in a version that keeps no pool for a database in a file?"""
    return any(_FILE_LIBRARY.match(n) is not None and is_before(context, {n: _FILE_POOLED_SINCE}) for n in context.dependencies())


def _is_whole(context: Context, rule: SetupRule) -> bool:
    """Does a line of the flow, or of a file that registers its routes, make whole what the pool is in part?"""
    if not rule.whole_with:
        return False
    pattern = "|".join(rule.whole_with)
    registered = {r.route.place.file for r in context.routes}
    return bool(texts_of_chain(context, pattern)) or any(h[0] in registered for h in context.hits(rule.whole_with))


def _single(context: Context, at: Evidence) -> Evidence | None:
    """Where the pool is given the size of one, and nothing that it may grow by.

    A function that serves one request at a time needs no more.
    """
    if context.snapshot.glob(*signs("perf-connection-pool", "one_request")):
        return None
    lines = context.snapshot.lines(at.file or "")
    first = at.line or 1
    is_source = at.file in context.graph.facts.files  # or a file of settings
    own = [c for c in context.view(at.file or "").facts.calls if c.line <= first <= c.end_line] if is_source else []
    last = min((c.end_line for c in own if c.line == first), default=first)
    for number in range(first, min(last, first + MAX_LINES, len(lines)) + 1):
        if _ONE.search(lines[number - 1][:MAX_LINE_CHARS]) is not None:
            whole = " ".join(lines[first - 1 : last])
            return context.at(at.file or "", number) if "pool_size" not in whole or _NO_MORE.search(whole) is not None else None
    return next((found for c in own if c.line == first and (found := sized_at_one(context, at.file or "", c)) is not None), None)


def _waits_endlessly(context: Context) -> Evidence | None:
    """Where the client is put on a pool of a driver whose own default sets no time for the wait, in a file that sets none either."""
    for file, line, _ in context.hits(signs("perf-connection-pool", "driver_pool")):
        kept = context.is_backend(file) and not is_aside(file)
        if kept and not any(_WAITS.search(t[:MAX_LINE_CHARS]) for t in context.snapshot.lines(file)):
            return context.at(file, line)
    return None


def _by_setting(context: Context) -> Judgement | None:
    """Frameworks that make the client themselves keep connections only where a setting says so."""
    kept = default_of(context, "pooling")
    if kept is not None and kept.holds and kept.at is not None:
        return passed(kept.rule.says, kept.at)
    if kept is not None and kept.otherwise is not None:
        why = "Connections are kept, and a server of an event loop runs the application: a thread may not find its connection again."
        return unverified(why, kept.otherwise, *([kept.at] if kept.at is not None else []))
    if kept is not None and kept.off is not None and kept.rule.says_not:
        return partial(kept.rule.says_not, kept.off)
    library = library_default(context, "pooling")
    if library is not None and library.holds and library.at is not None:
        return passed(library.rule.says, library.at)
    for stated in library_rules(context, "pooling"):
        where = place_of(context, stated)
        if where is not None and library is None:
            return partial(stated.says_not, where)
    rule = states(context, "pooling")
    place = place_of(context, rule) if rule is not None else None
    return partial(rule.says_not, place) if rule is not None and place is not None and kept is None else None


def _in_functions(context: Context, file: str, line: int) -> bool:
    """Does a line stand in a function that the flow goes through?"""
    for reached in context.functions:
        where = reached.function.symbol
        symbol = context.view(where.file).symbol(where.index)
        if where.file == file and symbol.line < line <= symbol.end_line:
            return True
    return False


def _in_chain(context: Context, file: str, line: int) -> bool:
    """Does a line of a handler call something? A type of its parameters makes nothing."""
    if not any(h.file == file and h.line < line <= h.end_line for h in context.handlers):
        return False
    return any(c.line <= line <= c.end_line for c in context.view(file).facts.calls)


def _made_each_time(context: Context) -> Evidence | None:
    """Where a function that the flow calls makes the client for a name of its own, and nothing makes it only once."""
    made = {(f, n) for f, n, _ in lines_of(context, "connection_pool") if context.is_backend(f) and not is_aside(f)}
    files = {f for f, _ in made}
    for file, scope in chain_scopes(context) if made else ():
        view = context.view(file) if file in files else None
        if view is None or scope == 0:
            continue
        around = [view.symbol(n) for n in view.enclosing(scope) if n and view.symbol(n).kind != "class"]
        if any(s.decorators or s.name in CONSTRUCTORS for s in around) or _callers_keep(context, SymbolId(file, scope)):
            continue
        for assign in view.facts.assigns:
            opened = assign.owner == scope and assign.kind == "let" and isinstance(assign.target, Name) and (file, assign.line) in made
            if opened and not _fills_once(context, file, around[-1]):
                return context.at(file, assign.line)
    return None


def _fills_once(context: Context, file: str, outer: Symbol) -> bool:
    lines = context.snapshot.lines(file)[outer.line - 1 : min(outer.end_line, outer.line + MAX_LINES)]
    return any(_ONCE.search(t[:MAX_LINE_CHARS]) for t in lines)


def _callers_keep(context: Context, where: SymbolId, depth: int = 0) -> bool:
    """Is what a helper makes kept by every function that calls it: a decorator around the caller, a holder that it fills once?"""
    name = context.view(where.file).symbol(where.index).name
    sites = params.callers_named(context.graph.ev, name).get(where, ())[:MAX_CALLERS] if name else ()
    for site in sites:
        view = context.view(site.file)
        owner = view.facts.calls[site.call].owner
        around = [view.symbol(n) for n in view.enclosing(owner) if n and view.symbol(n).kind != "class"]
        kept = not around or any(s.decorators or s.name in CONSTRUCTORS for s in around) or _fills_once(context, site.file, around[-1])
        if not kept and (depth >= MAX_DEPTH or not _callers_keep(context, SymbolId(site.file, owner), depth + 1)):
            return False
    return bool(sites)


def _on_chain(context: Context, at: Evidence) -> bool:
    """Does a function that the flow runs open the connection?"""
    for reached in context.functions:
        where = reached.function.symbol
        symbol = context.view(where.file).symbol(where.index)
        if where.file == at.file and symbol.line <= (at.line or 0) <= symbol.end_line:
            return True
    return False


def _kept(context: Context, at: Evidence) -> bool:
    text = context.snapshot.lines(at.file)[at.line - 1] if at.file is not None and at.line is not None else ""
    return "global" in text or "cache" in text
