"""Queries of document stores take values of a known type, not raw request objects or evaluated strings."""

import re

from backend_readiness.controls.callees import role_calls
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import states
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.protection.checked_before import checked_before, parsed_before, refuses
from backend_readiness.controls.protection.inputs import Inputs, Reach, Taint, inputs_of
from backend_readiness.controls.protection.sinks import unsettled
from backend_readiness.controls.strangers import guards_others
from backend_readiness.facts.model import Concat, Lit, Name, Record, Value
from backend_readiness.graph.values import Obj, Thunk, options

_CLEANERS = re.compile(r"^(String|toString|str|trim|escape|sanitize|mongoSanitize|ObjectId|parseInt|Number|toLowerCase)$")
_TEXT = re.compile(r"^(path|params)\.|\.params\b|^params$")
_CHECKS = re.compile(r"\.(?:validate|validateAsync|validateSync|parse|parseAsync|safeParse|safeParseAsync)\(")
_INSERTS = re.compile(r"(?i)^(insert|insertOne|insertMany|insert_one|insert_many|create|save|add|set|putItem|put_item)$")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    queries = [(e, link) for e, link in context.effects if e.kind == "nosql"]
    if not queries:
        return unsettled(context, "documents") or not_applicable("The flow asks no document store.", context.at_route())
    inputs = inputs_of(context)
    unsure = []
    cleaned = [c for c in role_calls(context, "operators_removed") if not guards_others(context, c.site.file, c.call.line)]
    for effect, link in queries:
        call = context.view(effect.site.file).facts.calls[effect.site.call]
        if _INSERTS.match(effect.path.rpartition(".")[2]) or not call.args:
            continue
        reach = _of(inputs, context, call.args[0].value, effect.site.file, call.owner, 0)
        if reach.taint is Taint.INPUT and _is_text(context, effect.site.file, call.owner, reach.name):
            continue
        if reach.taint is Taint.INPUT and parsed_before(context, reach.name) is not None:
            continue
        if reach.taint is Taint.INPUT and (before := checked_before(context, reach.name)) is not None:
            if not refuses(context):
                unsure.append(before)
            continue
        if reach.taint is Taint.INPUT and not cleaned:
            return failed(
                f"`{reach.name or 'request input'}` becomes part of a query as it came in, so an object with operators works as a value.",
                context.at_place(link),
            )
        if reach.taint is Taint.UNKNOWN:
            unsure.append(context.at_place(link))
    if unsure:
        return unverified("The type of a value in a query was not resolved.", *unsure[:3])
    if cleaned:
        return passed("Operators are removed from input before it is used.", cleaned[0].evidence())
    return passed("Values in queries have a known type.", *(context.at_place(link) for _, link in queries[:3]))


def _is_text(context: Context, file: str, owner: int, name: str) -> bool:
    """Does the function itself check by a schema that the value is a text, and answer with an error where it is not?"""
    symbol = context.view(file).symbol(owner)
    last = re.escape(name.rpartition(".")[2])
    if not owner or not last:
        return False
    text = "\n".join(context.snapshot.lines(file)[symbol.line - 1 : min(symbol.end_line, symbol.line + 200)])
    said = re.search(rf"\b{last}['\"]?\s*:\s*\w{{1,12}}\s*\.\s*(?:string|email|uuid)\(", text)
    return said is not None and _CHECKS.search(text, said.end()) is not None


def _of(inputs: Inputs, context: Context, value: Value, file: str, owner: int, depth: int) -> Reach:
    """Raw input in a query object. Text put together is a string, except under `$where`."""
    if depth > 5 or isinstance(value, Lit):
        return Reach(Taint.CLEAN)
    if isinstance(value, Record):
        found = []
        for key, item in value.items:
            if key == "$where":
                found.append(inputs.of(item, file, owner, _CLEANERS))
            elif key == "$eq":
                continue  # compares with the value as it is: an operator in it is no operator
            elif not isinstance(item, Concat):
                found.append(_of(inputs, context, item, file, owner, depth + 1))
        return max(found, key=lambda r: r.taint, default=Reach(Taint.CLEAN))
    if isinstance(value, Name):
        built = [o for o in options(context.graph.ev.value(value, file, owner)) if isinstance(o, Obj)]
        if built and all(t.file == file for o in built for t in o.fields.values()):
            return max(
                (_of(inputs, context, t.expr, file, t.owner, depth + 1) for o in built for t in (*o.fields.values(), *_spread(o, file))),
                key=lambda r: r.taint,
                default=Reach(Taint.CLEAN),
            )
    if context.language == "python":
        return Reach(Taint.CLEAN) if states(context, "typed_input") is not None else _python(inputs, value, file, owner)
    reach = inputs.of(value, file, owner, _CLEANERS)
    return Reach(Taint.CLEAN) if reach.taint is Taint.INPUT and _TEXT.search(reach.name) else reach


def _spread(value: Obj, file: str) -> list[Thunk]:
    """What is poured into an object in the same file: `{ ...req.query }`."""
    return [t for t in value.spreads if isinstance(t, Thunk) and t.file == file]


def _python(inputs: Inputs, value: Value, file: str, owner: int) -> Reach:
    reach = inputs.of(value, file, owner, _CLEANERS)
    return (
        reach if re.search(r"json|get_json|data", reach.name) else Reach(Taint.CLEAN if reach.taint is not Taint.UNKNOWN else Taint.UNKNOWN)
    )
