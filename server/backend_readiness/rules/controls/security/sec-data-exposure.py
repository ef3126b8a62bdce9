"""Which fields the flow's answers hold: by a response model, or by an object that is written out."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import states
from backend_readiness.controls.inputs import inputs_of
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.facts.model import CallRef, Concat, Index, Lit, Member, Name, Record, Seq, Value
from backend_readiness.graph.values import AV, ClassV, InstV, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence

_SECRET = re.compile(
    r"(?i)^(hashed_?password|password(_?hash)?|passwd|pwd|secret|secret_?key|private_?key|totp_?secret|reset_?token|salt)$"
)

_SCALAR = re.compile(
    r"(?i)(^|_)(id|name|title|token|email|message|status|count|total|slug|url|username|description|price|quantity|success|text|at)$|Count$|At$|Id$"
)


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    found: list[tuple[Evidence, str | None, str]] = []
    for where in inputs_of(context).handlers:
        for cls in _models(context, where):
            secret = _secret_field(context, cls, 0)
            view = context.view(cls.file)
            found.append((context.at(cls.file, view.symbol(cls.index).line), secret, view.symbol(cls.index).name))
    leaking = next((f for f in found if f[1] is not None), None)
    if leaking is not None:
        return failed(f"The answer's model `{leaking[2]}` has the field `{leaking[1]}`.", leaking[0])
    if found:
        return passed(f"The answer is bound by the model `{found[0][2]}`.", found[0][0])
    plain = [_plain_answers(context, where) for where in inputs_of(context).handlers]
    if plain and all(p is not None for p in plain):
        return passed("The answers of the flow list their fields, and none is secret.", *(p for p in plain if p is not None))
    if not any(e.kind in ("orm", "sql", "nosql") for e, _ in context.effects):
        return not_applicable("The flow answers with no stored data.", context.at_route())
    return unverified(
        "Which fields the answers of the flow hold was not resolved.",
        context.at_place(context.handlers[0]) if context.handlers else context.at_route(),
    )


def _models(context: Context, where: SymbolId) -> list[SymbolId]:
    """The response model of a handler: `response_model=` of its decorator, else its return annotation."""
    if states(context, "typed_output") is None:
        return []
    view = context.view(where.file)
    symbol = view.symbol(where.index)
    values: list[AV] = []
    for decorator in symbol.decorators:
        if isinstance(decorator, CallRef):
            for arg in view.facts.calls[decorator.call].args:
                if arg.name == "response_model":
                    inner = arg.value.key if isinstance(arg.value, Index) else arg.value
                    values.append(context.graph.ev.value(inner, where.file, 0))
    if not values and symbol.returns is not None:
        inner = symbol.returns.key if isinstance(symbol.returns, Index) else symbol.returns
        values.append(context.graph.ev.instance_of(inner, where.file, 0))
    return [(v.cls if isinstance(v, InstV) else v).symbol for value in values for v in options(value) if isinstance(v, InstV | ClassV)]


def _secret_field(context: Context, cls: SymbolId, depth: int) -> str | None:
    view = context.view(cls.file)
    own = next((f for c, f in view.fields if c == cls.index and _SECRET.match(f)), None)
    if own is not None or depth > 4:
        return own
    for base in view.symbol(cls.index).bases:
        for value in options(context.graph.ev.value(base, cls.file, 0)):
            if isinstance(value, ClassV) and (found := _secret_field(context, value.symbol, depth + 1)) is not None:
                return found
    return None


def _plain_answers(context: Context, where: SymbolId) -> Evidence | None:
    """The handler's answers, when all of them are written out as objects of harmless fields."""
    view = context.view(where.file)
    values: list[tuple[Value, int]] = (
        [(r.value, r.line) for s in view.body(where.index) for r in view.returns.get(s, ()) if r.value is not None]
        if view.language == "python"
        else []
    )
    if view.language != "python":
        for scope in view.body(where.index):
            for number in view.calls_of.get(scope, ()):
                call = view.facts.calls[number]
                if callee_name(call) in ("json", "send", "render") and call.args and isinstance(call.callee, Member):
                    values.append((call.args[-1].value, call.line))
    if not values or not all(_harmless(context, v, where, 0) for v, _ in values):
        return None
    return context.at(where.file, values[0][1])


def _harmless(context: Context, value: Value, where: SymbolId, depth: int) -> bool:
    if isinstance(value, Lit | Concat):
        return True
    if depth > 5:
        return False
    if isinstance(value, Record):
        return all(
            k is not None
            and not _SECRET.match(k)
            and (
                isinstance(v, Member | Lit | Concat)
                or (k in ("token", "access_token", "message", "status", "id") and isinstance(v, Name | CallRef))
                or _harmless(context, v, where, depth + 1)
            )
            for k, v in value.items
        )
    if isinstance(value, Seq):
        return all(_harmless(context, v, where, depth + 1) for v in value.items)
    if isinstance(value, CallRef):
        call = context.view(where.file).facts.calls[value.call]
        return callee_name(call) in ("Response", "jsonify", "dumps", "JSONResponse", "make_response") and all(
            _harmless(context, a.value, where, depth + 1) for a in call.args[:1]
        )
    if isinstance(value, Name):
        bound = [
            a
            for s in context.view(where.file).body(where.index)
            for a, way in context.view(where.file).bindings.get((s, value.id), ())
            if not way
        ]
        return bool(bound) and all(a.value is not None and _harmless(context, a.value, where, depth + 1) for a in bound)
    return False
