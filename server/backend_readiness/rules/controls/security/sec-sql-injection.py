"""Statements on the chain: text put together with input is an injection; constants, bound values and query builders are not."""

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import chain_scopes, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.mentions import mentioned, words_of
from backend_readiness.controls.protection.inputs import Reach, Taint, inputs_of
from backend_readiness.controls.subjects import Subject
from backend_readiness.controls.work.statements import Statement, statements
from backend_readiness.controls.work.substitutions import substitutions
from backend_readiness.controls.work.unseen_writes import may_write_unseen
from backend_readiness.facts.model import Call, Concat, Lit, Member, Name, Record, Value
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence, Verdict
from backend_readiness.snapshot.matching import compile_patterns

_HARMLESS = re.compile(r"(?i)\.to_i\b|quote|sanitize|Integer\(|intval|escape|\(int\)|Atoi|parseInt|whitelist|allowed")
_SQL_TEXT = re.compile(r"(?i)[\"'`]\s*(select\s[^\"'`]{1,200}\sfrom|insert\s+into|update\s+\S{1,80}\s+set|delete\s+from)\s")
# What fills a text, and a text of a statement with a place for another text.
_OF_TABLE = re.compile(
    r"(?i:table|column|prefix|schema|index|order|sort|field|placeholder|where|join|marks|sql|query)|(^|[.:])[A-Z][A-Z_0-9]*$"
)
_FORMATS = frozenset({"sprintf", "vsprintf", "Sprintf", "format"})
_FILLED = re.compile(
    r"(?is)\s*(select\s.{1,300}?\sfrom|insert\s+into|update\s+\S{1,80}\s+set|delete\s+from|grant\s.{1,300}?\son"
    r"|(create|drop|alter)\s+(user|role|database|table|schema)\b).{0,300}?(%s|%v|%\d\$s|\{\w*\})"
)
_CLEANERS = re.compile(r"(?i)^(escape|escapeId|quote_ident|quote_literal|Identifier|Literal|quote_name|quoteIdentifier)$")


def verify(context: Context) -> Judgement:
    found = list(statements(context))
    unsure: list[tuple[Statement, Reach]] = []
    for statement in found:
        reach = statement.holes(inputs_of(context), _CLEANERS)
        if reach.taint is Taint.INPUT:
            what = f"`{reach.name}`" if reach.name else "request input"
            return failed(f"The text of a statement is put together with {what}.", _at(context, statement))
        if reach.taint is Taint.UNKNOWN:
            unsure.append((statement, reach))
    put_in = list(substitutions(context, inputs_of(context)))
    given = next((p for p in put_in if p.reach.taint is Taint.INPUT), None)
    if given is not None:
        return failed(f"The statement takes `{given.name}` as text, and the request gives it.", given.at)
    built = _put_together(_built(context), _given_as_text(context))
    if built is not None:
        return built
    doubtful = [*(_at(context, s) for s, _ in unsure), *(p.at for p in put_in if p.reach.taint is Taint.UNKNOWN)]
    if not doubtful:
        doubtful = list(_formatted(context, {(s.file, s.call) for s in found}))
    if doubtful:
        return unverified("A statement on the chain has parts whose origin is not resolved.", *doubtful[:3])
    if found:
        return passed("The statements of the flow are constant text with bound values.", *(_at(context, s) for s in found[:3]))
    stores = [(e, link) for e, link in context.effects if e.kind in ("orm", "sql", "query")]
    if stores:
        return passed("The flow reaches the database through query expressions, which bind their values.", context.at_place(stores[0][1]))
    if context.touches and not context.effects:
        place = context.touches[0].place
        return passed(
            "The base class reaches the database through query expressions, which bind their values.", context.at(place.file, place.line)
        )
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved, so its statements are not known.")
    hidden = mentioned(context, "hidden")
    if hidden is not None:
        return unverified("The flow runs code that a variable names; its statements were not read.", hidden)
    looks = next((context.at(f, n) for f, n, t in chain_text(context) if _SQL_TEXT.search(t)), None)
    if looks is not None:
        return unverified("A text on the flow looks like a statement; what runs it was not resolved.", looks)
    if _may_ask_unseen(context):
        why = (
            "No statement was found, while the flow asks for a change or compares a credential: what it reads and writes was not resolved."
        )
        return unverified(why, context.at_route())
    return not_applicable("The flow runs no SQL.")


def _put_together(built: Judgement | None, given: Judgement | None) -> Judgement | None:
    """The worse of two judgements: what is proved comes before what is not known."""
    return given if given is not None and (built is None or given.verdict is Verdict.FAIL) else built


def _may_ask_unseen(context: Context) -> bool:
    """Has the flow to ask a store by what it does, and was none of its data calls found?"""
    return not context.effects and not context.touches and (may_write_unseen(context) or Subject(context).credentials)


def _formatted(context: Context, known: set[tuple[str, int]]) -> Iterator[Evidence]:
    """Texts of statements that are filled with more than constants and names of tables, where what runs them was not found:
    `run(sprintf("DROP USER %s", $name))`."""
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            filled = _filled(call)
            if any(f == file and view.facts.calls[n].owner == call.owner for f, n in known):
                continue  # of a statement that was read
            if any(isinstance(v, Name | Member) and _OF_TABLE.search(written(v)) is None for v in filled):
                yield context.at(file, call.line, min(call.end_line, call.line + 5))


def _filled(call: Call) -> list[Value]:
    """What fills the text of a statement that a call is given, or makes."""
    first = call.args[0].value if call.args else None
    if callee_name(call) in _FORMATS and isinstance(first, Lit) and _FILLED.match(str(first.value)) is not None:
        return [a.value for a in call.args[1:]]
    for put in (a.value for a in call.args if isinstance(a.value, Concat)):
        if _FILLED.match("".join(str(p.value) if isinstance(p, Lit) else "%s" for p in put.parts)) is not None:
            return [p for p in put.parts if not isinstance(p, Lit)]
    return []


def _given_as_text(context: Context) -> Judgement | None:
    """Input that a query builder takes as a part of the statement: `Order(sort)`, `First(&user, id)` with a text for the number."""
    ways = [(compile_patterns(words_of(context, "text_first") or ()), 0), (compile_patterns(words_of(context, "text_second") or ()), 1)]
    joined = compile_patterns(words_of(context, "text_joined") or ())
    if not any(p for p in (joined, *(w[0] for w in ways))) or not any(e.kind == "orm" for e, _ in context.effects):
        return None
    inputs, doubt = inputs_of(context), None
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            said = f".{callee_name(call) or ''}($".encode()
            if joined is not None and call.args and isinstance(call.args[0].value, Concat) and joined.search(said):
                reach = inputs.of(call.args[0].value, file, call.owner, _CLEANERS)
                if reach.taint is Taint.INPUT:
                    at = context.at(file, call.line, min(call.end_line, call.line + 5))
                    return failed(f"The text of a statement is put together with `{reach.name or 'request input'}`.", at)
            for pattern, position in ways:
                if pattern is None or len(call.args) <= position or not isinstance(call.callee, Member) or not pattern.search(said):
                    continue
                value = call.args[position].value
                reach = inputs.of(value, file, call.owner, _CLEANERS)
                at = context.at(file, call.line, min(call.end_line, call.line + 5))
                if reach.taint is Taint.INPUT and not isinstance(value, Record):
                    what = f"`{reach.name}`" if reach.name else "request input"
                    return failed(f"The library takes a text as a part of the statement, and is given {what}.", at)
                if isinstance(value, Concat) and reach.taint is Taint.UNKNOWN:
                    doubt = doubt or at
    return unverified("The text of a statement is put together from parts whose origin is not resolved.", doubt) if doubt else None


def _built(context: Context) -> Judgement | None:
    """What lines of the chain say, where a statement is put together in a way that is not followed: `where("id = #{params[:id]}")`."""
    built, given = compile_patterns(words_of(context, "built_sql") or ()), compile_patterns(words_of(context, "input") or ())
    doubtful: Evidence | None = None
    for file, line, text in chain_text(context) if built is not None and given is not None else ():
        written = text.encode("utf-8", "replace")
        if built is None or given is None or not built.search(written):
            continue
        if given.search(written) and not _HARMLESS.search(text):
            return failed("The text of a statement is put together with request input.", context.at(file, line))
        if _is_constant(context, file, line, text):
            continue
        doubtful = doubtful or context.at(file, line)
    if doubtful is None:
        return None
    return unverified("The text of a statement is put together from parts whose origin is not resolved.", doubtful)


def _is_constant(context: Context, file: str, line: int, text: str) -> bool:
    """Are all names that the line puts into the text set to a literal a few lines above?"""
    names = re.findall(r"[#$]?\{\s*(\w+)\s*\}", text)
    above = context.snapshot.lines(file)[max(0, line - 16) : line - 1]
    made = r"\s*(const|let|var|val|final|String)?\s*\$?%s\s*=\s*[\"'`][^#$+]*$"
    return bool(names) and all(any(re.match(made % n, t) for t in above) for n in names)


def _at(context: Context, statement: Statement) -> Evidence:
    call = context.view(statement.file).facts.calls[statement.call]
    return context.at(statement.file, call.line, min(call.end_line, call.line + 11))
