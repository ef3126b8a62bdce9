"""List endpoints read a bounded number of rows: a limit that reaches the query and that the client cannot raise at will."""

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.tables import same_table
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.work.reads import Read, cap_of, reads
from backend_readiness.controls.work.ways import way_to
from backend_readiness.model import Severity

_CUTS = regex.compile(r"(?i)paginat|\bper_?page\b|page_?size|\.slice\(|\.limit\(|\btake\b|\[\s*\w*\s*:\s*\w+\s*\]|\bislice\b")
# A rule for what the client sends, with an upper bound.
_RULED = (r"(?i)['\"](per_?page|limit|page_?size|size|take|count)['\"]\s*=>.*\bmax:",)
_PLURAL = regex.compile(r"(?i)(s|list|all|search|feed|history|timeline|data)$")


def verify(context: Context) -> Judgement:
    lists = [r for r in context.routes if r.route.endpoint.method in ("GET", "ANY", "QUERY", "HEAD")]
    found = reads(context)
    if not lists:
        if context.is_resolved:
            return not_applicable("The flow's endpoints return no collection.", context.at_route())
        return unverified("The flow's routes or handlers were not all found.")
    own = [r for r in found if r.kind in ("many", "pages") and _is_subject(r, lists[0].route.endpoint.path)]
    found = own or found  # what is read beside the list that the path names: settings, the rows that belong to one page
    many = [r for r in found if r.kind == "many"]
    unbounded = [r for r in many if not r.limited_by]
    paged = [r for r in found if r.kind == "pages"]
    open_ended = [(r, r.limit) for r in (*many, *paged) if r.limit is not None and cap_of(context, r.limit) == "open"]
    name = str(lists[0].route.endpoint)
    if unbounded:
        first = unbounded[0]
        if not _is_collection(lists[0].route.endpoint.path):
            return unverified(
                f"`{name}` reads several rows without a limit; whether their number grows is not known.", context.at_call(first.call)
            )
        if _cut_nearby(context, first):
            return unverified("The rows are cut near the query in a form that is not understood.", context.at_call(first.call))
        public = not any("auth" in role for g in context.guards for role in context.roles.of_value(g.value)) and not context.guards
        return failed(
            f"`{name}` reads every row of {first.target or 'the collection'} that the filter selects: the query has no limit.",
            *(context.at_call(r.call) for r in unbounded[:3]),
            severity=Severity.HIGH if public else None,
        )
    if open_ended and open_ended[0][0].kind == "pages" and context.hits(_RULED):
        return unverified("The size of a page comes from the client; whether a rule bounds it is not settled.",
                          context.at_call(open_ended[0][0].call), context.at(*context.hits(_RULED)[0][:2]))  # fmt: skip
    if open_ended:
        read, limit = open_ended[0]
        at = context.view(limit.file)
        handler = next((h for h in context.handlers if h.file == limit.file and h.line <= read.call.call.line <= h.end_line), None)
        extra = [context.at(at.path, handler.line, min(handler.end_line, handler.line + 8))] if handler is not None else []
        extra += way_to(context, read.call.site.file, read.call.site.call)[:3]
        return partial(f"`{name}` takes its limit from the client, and nothing caps it.", context.at_call(read.call), *extra)
    unknown = [r for r in found if r.kind == "unknown"] + [
        r for r in (*many, *paged) if r.limit is not None and cap_of(context, r.limit) == "unknown"
    ]
    if unknown:
        return unverified(f"How many rows `{unknown[0].path}` may read could not be settled.", context.at_call(unknown[0].call))
    if many:
        return passed(f"Each of the {len(many)} list queries carries a bounded limit.", *(context.at_call(r.call) for r in many[:3]))
    if paged:
        return passed("The list is read page by page.", *(context.at_call(r.call) for r in paged[:3]))
    if not context.is_resolved or any(r.registration.touches for r in context.routes):
        return unverified("The flow's handlers were not all resolved to their queries.")
    return not_applicable("The flow reads single rows only.", *([context.at_call(found[0].call)] if found else [context.at_route()]))


def _is_subject(read: Read, path: str) -> bool:
    """Is the table that is read the one that the path names last?"""
    words = [w for w in path.split("/") if w and not w.startswith("{")]
    return bool(words) and bool(read.target) and same_table(read.target.rpartition(".")[2], words[-1].replace("-", "_"))


def _is_collection(path: str) -> bool:
    """Does the path read like a list: its last word is a plural and no parameter?"""
    last = path.rstrip("/").rpartition("/")[2]
    return not last.startswith("{") and (not last or _PLURAL.search(last) is not None)


def _cut_nearby(context: Context, read: Read) -> bool:
    function = read.call.function
    symbol = context.view(function.file).symbol(function.index)
    lines = context.snapshot.lines(function.file)[symbol.line - 1 : symbol.end_line]
    return any(_CUTS.search(line) for line in lines)
