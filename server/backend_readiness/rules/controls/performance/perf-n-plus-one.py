"""No query of the flow runs once for each row or each element that the client sends."""

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.protection.rows import cells
from backend_readiness.controls.work.loops import Repeated, open_in_loops, repeated, unresolved_in_loops
from backend_readiness.controls.work.reads import reads
from backend_readiness.controls.work.unread import has_unread
from backend_readiness.controls.work.writes import texts_of_chain
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import CallRef
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence

# Writes that only note a change; the library sends them together.
_COLLECTED = regex.compile(r"\.(add|add_all|append|expunge)(\(\))?$")
_EAGER = regex.compile(r"joinedload|selectinload|subqueryload|contains_eager|select_related|prefetch_related")
_LAZY = frozenset({"java", "kotlin", "php", "ruby"})  # associations load by themselves when they are used
_LOADED = (
    r"(?i:join fetch)|EntityGraph|->with\(|::with\(|->load\(|loadMissing|\.includes\(|\.preload\(|\.eager_load|addSelect\(|DB::"
    r"|JdbcTemplate|\bMapper\b"
)
_TEMPLATES = ("**/templates/**/*.html", "**/templates/**/*.j2", "**/templates/**/*.jinja*")
_EACH = regex.compile(r"\{%-?\s*for\s+(\w{1,40})\s+in\b")
MAX_NAMES = 40
_ATTEMPTS = regex.compile(r"(?i)attempt|retr(y|ies)|(^|[._])tries|delay|backoff|(^|[._])pages?$")


def verify(context: Context) -> Judgement:
    found = [
        r
        for r in repeated(context)
        if not (_COLLECTED.search(r.effect.path) and r.effect.operation == "write") and not _bounded(context, r)
    ]
    if found:
        first = found[0]
        word = "query" if first.effect.operation == "read" else "write"
        evidence = []
        for item in found[:3]:
            evidence.append(context.at(item.file, item.line))
            if item.at.line != item.line:
                evidence.append(context.at(item.file, item.at.line, min(item.at.end_line, item.at.line + 6)))
        return failed(f"A {word} of {first.effect.target or 'the database'} runs once for each element of a loop.", *evidence)
    hidden = unresolved_in_loops(context)
    if hidden is not None:
        return failed("A query of a class that is chosen at run time runs once for each element of a loop.", *hidden)
    if not context.is_resolved or context.base_looks_up or has_unread(context):
        return unverified("The flow's handlers were not all resolved to their queries.")
    many = [r for r in reads(context) if r.kind in ("many", "pages", "unknown")]
    if not many:
        return not_applicable("The flow reads and writes single rows.", context.at_route())
    page = _relations_on_page(context)
    if page is not None:
        return unverified("A page of the flow reads what belongs to each row; whether it was loaded with the rows was not settled.", page)
    if context.language in _LAZY and not texts_of_chain(context, _LOADED):
        why = "The ORM reads what belongs to a row when it is asked for; whether the answer asks for it was not settled."
        return unverified(why, context.at_call(many[0].call))
    lost = open_in_loops(context)
    if lost is not None and lost[1]:
        return failed("A method that runs a query is called once for each element of a loop.", *lost[0])
    if lost is not None:
        return unverified("A call in a loop leads nowhere that was found; methods of its name run queries.", *lost[0])
    return passed("The flow reads its rows with one query each and runs none inside a loop.", *(context.at_call(r.call) for r in many[:3]))


def _relations_on_page(context: Context) -> Evidence | None:
    """A line of a template that goes through a row to another one (`post.author.name`), in a flow that renders templates."""
    if not context.chain_role("template_render") or any(
        _EAGER.search(p) for c in context.calls for p in (*c.paths, callee_name(c.call) or "")
    ):
        return None
    loops = context.hits((r"\{%-?\s*for\s+\w+\s+in\b",), _TEMPLATES)
    names = sorted({m.group(1) for _, _, text in loops if (m := _EACH.search(text)) is not None} - {"form", "field", "message"})
    if not names:
        return None
    row = "|".join(names[:MAX_NAMES])
    hits = context.hits((rf"\{{[{{%][^}}%]*\b(?:{row})\.[a-z_]+\.[a-z_]+",), _TEMPLATES)
    return context.at(hits[0][0], hits[0][1]) if hits else None


def _bounded(context: Context, item: Repeated) -> bool:
    """A loop over attempts, over a fixed number or over rows that are all written out."""
    over = item.over
    if over is not None and cells(context.graph, inputs_of(context).sites, over, "[0]", item.file, item.at.owner):
        return True
    if isinstance(over, CallRef):
        call = context.view(item.file).facts.calls[over.call]
        return callee_name(call) in ("range", "count") or _ATTEMPTS.search(dotted(call.callee) or "") is not None
    return over is not None and _ATTEMPTS.search(dotted(over) or "") is not None
