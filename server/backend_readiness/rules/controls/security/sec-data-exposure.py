"""Which fields the flow's answers hold: by a response model, or by an object that is written out."""

import re
from collections.abc import Iterable

from backend_readiness.controls.callees import chain_scopes, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import states
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.protection.inherited_answers import accepted_fields
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.protection.model_checks import held_by
from backend_readiness.controls.protection.whole_records import is_plain_record, whole_records
from backend_readiness.controls.work.answers import answers_of
from backend_readiness.facts.model import CallRef, Concat, Index, Lit, Member, Name, Record, Seq, Value
from backend_readiness.graph.values import AV, ClassV, InstV, Site, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.matching import compile_patterns

_SECRET = re.compile(
    r"(?i)^(hashed_?password|password(_?hash)?|passwd|pwd|secret|secret_?key|private_?key|totp_?secret|reset_?token|salt|card_?(number|cvc|cvv)|credit_?card(_?number)?|cvv|cvc|ssn|social_security_number)$"
)

_WRITTEN_SECRET = re.compile(
    r"(?i)[\"':\s](hashed_?password|password(_?hash|_digest)?|encrypted_password|secret_?key|reset_?token|remember_token)[\"']?\s*(=>|,|$)"
)


# Calls that are given what is answered.
_ANSWERS = frozenset(
    ("json", "JSON", "send", "render", "body", "ok", "Ok", "Json", "respond", "Created", "created", "JsonResponse", "entity")
)
_BODIES = ("data", "content", "response", "object", "obj")
_REQUESTS = frozenset({"req", "request", "ctx", "context", "session", "res", "locals", "state", "g"})
_NOTHING = r"""(?:""|''|nil|null|None|string\.Empty|String\.Empty)(?![\w."'])"""
_OPEN = re.compile(sign("sec-data-exposure", "open_field"))
# Members that hold whole records, which every column of a table may be part of.
_RECORDS = re.compile(
    r"(?i)^(rows|docs?|_doc|__dict__|data_?values|data|items|results?|records?|users?|accounts?|customers?|members?|profiles?|owner|author"
    r"|entit(y|ies)|documents?|list|content|objects?|payload|body|recordsets?)$"
)
_SHAPES = re.compile(r"(?i)resource|serializ|transform|present|view|collection|json|dto|represent|blueprint|entity|decorat")
MAX_MODELS = 24
_LEFT_OUT = re.compile(
    r"JsonIgnore\b|skip_serializing|serde\(skip|json:\"-|IgnoreDataMember|WRITE_ONLY|\btransient\b|@Transient\b|XmlTransient|@JsonbTransient"
)


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    found: list[tuple[Evidence, str | None, str]] = []
    envelope: Evidence | None = None
    for where in inputs_of(context).handlers:
        for cls in _with_held(context, (*_models(context, where), *_answered(context, where))):
            secret = _secret_field(context, cls, 0)
            view = context.view(cls.file)
            envelope = envelope or _open_field(context, cls)
            found.append((context.at(cls.file, view.symbol(cls.index).line), secret, view.symbol(cls.index).name))
    leaking = next((f for f in found if f[1] is not None), None)
    if leaking is not None:
        emptied = _emptied(context, leaking[1] or "")
        if emptied is not None:
            return passed(f"The answer's model `{leaking[2]}` has the field `{leaking[1]}`, and the flow empties it.", emptied)
        return failed(f"The answer's model `{leaking[2]}` has the field `{leaking[1]}`.", leaking[0])
    told = next((e for where in inputs_of(context).handlers if (e := _told(context, where)) is not None), None)
    if told is not None:
        return failed("The answer holds a secret of the record.", told)
    whole = next((w for where in inputs_of(context).handlers for w in whole_records(context, where, _SECRET)), None)
    if whole is not None:
        return failed(f"The answer holds a whole `{whole[1]}`, its `{whole[2]}` included.", whole[0])
    if found and envelope is None:
        return passed(f"The answer is bound by the model `{found[0][2]}`.", found[0][0])
    shaped = _resource(context)
    if shaped is not None:
        return shaped
    plain = [_plain_answers(context, where) for where in inputs_of(context).handlers]
    if plain and all(p is not None for p in plain):
        return passed("The answers of the flow list their fields, and none is secret.", *(p for p in plain if p is not None))
    if envelope is not None and any(e.kind in ("orm", "sql", "nosql") for e, _ in context.effects):
        return unverified("The answer has a field that may hold anything; what the flow puts into it was not resolved.", envelope)
    if context.touches:
        taken = accepted_fields(context)
        if taken is not None and taken[1] != "every field of the model":
            return passed("The serializer lists the fields of the answer.", taken[0])
        return unverified("The class answers through its base; which fields it gives was not found.", context.at_route())
    if not any(e.kind in ("orm", "sql", "nosql") for e, _ in context.effects):
        return not_applicable("The flow answers with no stored data.", context.at_route())
    return unverified(
        "Which fields the answers of the flow hold was not resolved.",
        context.at_place(context.handlers[0]) if context.handlers else context.at_route(),
    )


def _open_field(context: Context, cls: SymbolId) -> Evidence | None:
    """A field of a model that takes a value of any type."""
    view = context.view(cls.file)
    lines = context.snapshot.lines(cls.file)
    own = sorted(a[0].line for (owner, _), a in view.fields.items() if owner == cls.index)
    return next((context.at(cls.file, n) for n in own if n <= len(lines) and _OPEN.search(lines[n - 1][:300]) is not None), None)


def _emptied(context: Context, field: str) -> Evidence | None:
    """The line of the chain that takes the secret out of a record: `user.Password = ""`, `user.setPassword(null)`."""
    name = re.escape(field)
    gone = re.compile(rf"(?i)[\w)\]](\.|->){name}\s*=\s*({_NOTHING})|\.set_?{name}\(\s*({_NOTHING})\s*\)")
    return next((context.at(f, n) for f, n, t in chain_text(context) if gone.search(t)), None)


def _with_held(context: Context, models: Iterable[SymbolId]) -> list[SymbolId]:
    """The models of an answer, and those that their fields and the fields of their bases hold."""
    found = list(dict.fromkeys(models))
    for cls in found:  # what is found is looked at in its turn
        if len(found) > MAX_MODELS:
            break
        view = context.view(cls.file)
        types = [a[0].type for (owner, _), a in view.fields.items() if owner == cls.index and a[0].type is not None]
        for written in types:
            for inner in _inner_types(written, 0):
                values = options(context.graph.ev.instance_of(inner, cls.file, 0))
                found += [v.cls.symbol for v in values if isinstance(v, InstV) and v.cls.symbol not in found]
        for base in view.symbol(cls.index).bases:
            bases = options(context.graph.ev.value(base, cls.file, 0))
            found += [v.symbol for v in bases if isinstance(v, ClassV) and v.symbol not in found]
    return found[:MAX_MODELS]


def _told(context: Context, where: SymbolId) -> Evidence | None:
    """The line of an answer that is written out, with a field of a record that is a secret by its name."""
    view = context.view(where.file)
    todo = [(value, 0) for value in answers_of(view, where.index)]
    while todo:
        value, depth = todo.pop()
        for key, item in value.items if isinstance(value, Record) else ():
            if isinstance(item, Member) and key is not None and _SECRET.match(key) and _SECRET.match(item.name):
                symbol = view.symbol(where.index)
                lines = context.snapshot.lines(where.file)[symbol.line - 1 : symbol.end_line]
                said = [n for n, text in enumerate(lines, symbol.line) if re.search(rf"\b{re.escape(key)}\b", text)]
                return context.at(where.file, said[-1] if said else symbol.line)
            if isinstance(item, Record) and depth < 4:
                todo.append((item, depth + 1))
    return None


def _resource(context: Context) -> Judgement | None:
    """An answer that a class of resources or serializers shapes: the fields that it lists."""
    shapes = compile_patterns(words_of(context, "resources") or ())
    whole = compile_patterns(words_of(context, "whole_records") or ())
    for file, _, text in chain_text(context) if shapes is not None else ():
        if shapes is None or shapes.search(text.encode("utf-8", "replace")) is None:
            continue
        stored = {e.target for e, _ in context.effects}
        for name in (n for n in re.findall(r"\b[A-Z]\w+", text) if n not in stored and _SHAPES.search(n)):
            for value in options(context.graph.ev.lookup(name, file, 0)):
                if not isinstance(value, ClassV):
                    continue
                symbol = context.view(value.symbol.file).symbol(value.symbol.index)
                lines = context.snapshot.lines(value.symbol.file)[symbol.line - 1 : symbol.end_line]
                secret = next((n for n, t in enumerate(lines) if _WRITTEN_SECRET.search(t)), None)
                if secret is not None:
                    return failed("The answer holds a secret of the record.", context.at(value.symbol.file, symbol.line + secret))
                if whole is not None and any(whole.search(t.encode("utf-8", "replace")) for t in lines):
                    continue
                if len(lines) > 3:
                    return passed(
                        f"The answer is shaped by `{symbol.name}`, which lists its fields.", context.at(value.symbol.file, symbol.line)
                    )
    return None


def _answered(context: Context, where: SymbolId) -> list[SymbolId]:
    """The classes of the repository that a handler of a typed language declares as its answer, or hands to the call that answers."""
    if context.language in ("python", "javascript", "php", "ruby", "elixir"):
        return []
    ev = context.graph.ev
    symbol = context.view(where.file).symbol(where.index)
    values: list[AV] = [ev.instance_of(t, where.file, 0) for t in _inner_types(symbol.returns, 0)]
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            if call.kind == "new" and call.args and callee_name(call) == "ResponseEntity":
                values.append(ev.value(call.args[0].value, file, call.owner))
            if callee_name(call) not in _ANSWERS or not call.args or not isinstance(call.callee, Member):
                continue
            if not context.tracer.edges.of_call(Site(file, number, None)):  # what leads on to code of the repository is no answer
                values.append(ev.value(call.args[-1].value, file, call.owner))
    found = [v.cls.symbol for value in values for v in options(value) if isinstance(v, InstV)]
    own = [s for s in dict.fromkeys(found) if any(c == s.index for c, _ in context.view(s.file).fields)]
    return [*own, *(h for s in own for h in held_by(context, s))][:12]


def _inner_types(value: Value | None, depth: int) -> list[Value]:
    """`ActionResult<List<Order>>`: Order, and what stands around it."""
    if value is None or depth > 4:
        return []
    if isinstance(value, Index):
        return [*_inner_types(value.key, depth + 1), *_inner_types(value.base, depth + 1)]
    if isinstance(value, Seq):
        return [t for v in value.items[:4] for t in _inner_types(v, depth + 1)]
    return [value]


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
    own = next(
        (f for (c, f), a in view.fields.items() if c == cls.index and _SECRET.match(f) and not _is_left_out(context, cls.file, a[0].line)),
        None,
    )
    if own is not None or depth > 4:
        return own
    for base in view.symbol(cls.index).bases:
        for value in options(context.graph.ev.value(base, cls.file, 0)):
            if isinstance(value, ClassV) and (found := _secret_field(context, value.symbol, depth + 1)) is not None:
                return found
    return None


def _is_left_out(context: Context, file: str, line: int) -> bool:
    """Does a mark at the field keep it out of answers?"""
    return any(_LEFT_OUT.search(t) is not None for t in context.snapshot.lines(file)[max(0, line - 4) : line])


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
                if callee_name(call) in _ANSWERS and call.args and isinstance(call.callee, Member):
                    values.append((call.args[-1].value, call.line))
                elif call.callee == Name("Response") and call.kind == "new" and call.args:  # that of the web: `new Response(body, init)`
                    values.append((call.args[0].value, call.line))
    if not values or not all(_harmless(context, v, where, 0) for v, _ in values):
        return None
    return context.at(where.file, next((n for v, n in values if not isinstance(v, Lit)), values[0][1]))


def _is_person(value: Member) -> bool:
    """Who is signed in, as the framework keeps it on the request: a whole record, no field of one."""
    return value.name in ("user", "account", "currentUser", "current_user") and isinstance(value.base, Name) and value.base.id in _REQUESTS


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
                (isinstance(v, Member) and not _is_person(v) and _RECORDS.match(v.name) is None)
                or isinstance(v, Lit | Concat)
                or (isinstance(v, CallRef) and _harmless(context, v, where, depth + 1))
                or (k in ("token", "access_token", "message", "status", "id") and isinstance(v, Name | CallRef))
                or _harmless(context, v, where, depth + 1)
            )
            for k, v in value.items
        )
    if isinstance(value, Seq):
        return all(_harmless(context, v, where, depth + 1) for v in value.items)
    if isinstance(value, CallRef):
        call = context.view(where.file).facts.calls[value.call]
        if callee_name(call) in ("Error", "getMessage", "to_string"):  # the text of an error
            return True
        return callee_name(call) in ("Response", "stringify", "jsonify", "dumps", "JSONResponse", "make_response") and all(
            _harmless(context, a.value, where, depth + 1) for a in call.args[:1] if a.name in (None, *_BODIES)
        )
    if isinstance(value, Member) and value.name == "issues":  # what a validator has against the input
        return True
    if isinstance(value, Name) and is_plain_record(context, where, value, _SECRET):
        return True
    if isinstance(value, Name):
        bound = [
            a
            for s in context.view(where.file).body(where.index)
            for a, way in context.view(where.file).bindings.get((s, value.id), ())
            if not way
        ]
        body = set(context.view(where.file).body(where.index))
        put = [
            a
            for a in context.view(where.file).facts.assigns
            if a.owner in body and isinstance(a.target, Member | Index) and a.target.base == value
        ]
        if any(isinstance(a.target, Member) and _SECRET.match(a.target.name) for a in put):
            return False
        return bool(bound) and all(a.value is not None and _harmless(context, a.value, where, depth + 1) for a in (*bound, *put))
    return False
