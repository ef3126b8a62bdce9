"""What a request may set: a body model or named fields, never the whole body."""

import re

from backend_readiness.controls.callees import chain_scopes, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import argument_for, written
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.protection.allow_lists import allow_list
from backend_readiness.controls.protection.body_models import body_model, taken_right
from backend_readiness.controls.protection.doubtful_bindings import doubtful_binding
from backend_readiness.controls.protection.filled_records import kept_field
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.protection.inherited_answers import accepted_fields
from backend_readiness.controls.protection.inputs import Inputs, inputs_of
from backend_readiness.controls.protection.marked_params import is_open_body, open_body
from backend_readiness.controls.protection.model_checks import bodies, in_models
from backend_readiness.controls.protection.stored_classes import is_stored_class
from backend_readiness.controls.protection.unlisted_fields import unlisted_right
from backend_readiness.controls.subjects import Subject
from backend_readiness.controls.work.own_writes import handlers_touch, own_writes, stored_writes
from backend_readiness.controls.work.unread import may_change_unread
from backend_readiness.controls.work.unseen_writes import may_write_unseen
from backend_readiness.facts.model import Call, CallRef, Index, Member, Name, Record, Seq, Value
from backend_readiness.graph.values import ClassV, FuncV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence, Verdict
from backend_readiness.snapshot.matching import compile_patterns

_BODIES = re.compile(r"^(body|json|get_json|form|data|values|POST|payload)$")
_COPIES = frozenset({"assign", "dict", "to_dict", "copy", "json", "get_json", "parse", "loads", "merge", "extend"})
# What makes or changes a record by a record of values.
_MAKES = frozenset({"create", "build", "bulkCreate", "insertOne", "insertMany", "insert", "upsert", "findByIdAndUpdate", "updateOne"})
# Keys of an argument under which the fields of the record stand; none for what is poured in.
_HOLDERS = frozenset({None, "data", "$set"})
# What takes all of a body but named fields: a list of what is refused.
_LEAVES_OUT = frozenset({"omit", "except", "without", "omitBy"})
_PRIVILEGED = re.compile(
    r"(?i)^(is_?(admin|superuser|staff|active|verified)|role|roles|permissions?|owner(_id)?|user_id|balance|price|status|credits?)$"
)

_RIGHTS = re.compile(
    r"(?i)^(\w*(user|account|member)_?)?(role|roles|is_?admin|admin|is_?staff|is_?superuser|permissions|authorities)$"
    r"|^\w+as_?(an_?)?admin(istrator)?$"
)
_TAKEN = re.compile(
    r"""(?i)=\s*\w*(body|data|json|form|payload)(\(\))?(\.|\[['"]|\.get\(['"])(is_?admin|admin|role|roles|is_?staff|is_?superuser|permissions)\b"""
)
# The same as a member of a record or a condition: `role: req.body.role`, `{ $in: req.body.roles }`.
_CHOSEN = re.compile(
    r"""(?i)(?<![=!])[:=]\s*(\w+\.)*\w*(body|payload)(\.|\[['"])(is_?admin|admin|role|roles|is_?staff|is_?superuser|permissions)\b(?!\s*[=!]==?)"""
)


def verify(context: Context) -> Judgement:
    judged = _bound(context)
    return (doubtful_binding(context) if judged.verdict is Verdict.PASS else None) or judged


def _bound(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    writes = own_writes(context) if context.handlers else stored_writes(context)
    if not writes and any(t.operation == "write" for t in context.touches):
        taken = accepted_fields(context)
        if taken is None:
            return unverified("The class answers through its base; which fields it takes was not found.", context.at_route())
        at, problem = taken
        return failed(f"The serializer takes {problem}.", at) if problem else passed("The serializer lists the fields that it takes.", at)
    if not writes and may_change_unread(context):
        return unverified("A statement of the flow was not read: which fields it stores is not known.", context.at_route())
    if not writes and (may_write_unseen(context) or (stored_writes(context) and _asks_for_change(context) and not handlers_touch(context))):
        return unverified("The flow's writes were not all found.", context.at_route())
    if not writes:
        return not_applicable("The flow stores no fields of a body.", context.at_route())
    inputs = inputs_of(context)
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            if _sets_every_key(context, inputs, call, file):
                return failed("Every key of the body is set on the record, whatever it is called.", context.at(file, call.line))
            if not _stores(context, call, file, number):
                continue
            for arg in call.args[:6]:
                if _all_but(context, inputs, arg.value, file, call.owner):
                    why = "The body is stored without the fields that are named, and with every other one: a list of what is refused."
                    return partial(why, context.at(file, call.line, min(call.end_line, call.line + 11)))
                whole = _whole_body(context, inputs, arg.value, file, call.owner, arg.spread, 0)
                if whole or _whole_part(context, inputs, call, arg.value, file):
                    listed = allow_list(context)
                    if listed is not None:
                        return listed
                    at = context.at(file, call.line, min(call.end_line, call.line + 11))
                    typed = open_body(context, inputs.handlers)
                    if typed is not None:
                        why = "The class of the body lists its fields for the compiler alone; whether more is stored is open."
                        return unverified(why, at, context.at_symbol(typed))
                    return failed(
                        "The whole body of the request is stored, whatever fields it has.",
                        context.at(file, call.line, min(call.end_line, call.line + 11)),
                    )
    if not context.guards:
        for file, line, text in chain_text(context):
            if _TAKEN.search(text):
                return failed("The request itself may set a field that gives rights.", context.at(file, line))
    told = _in_words(context, inputs) or unlisted_right(context)
    if told is not None:
        return told
    kept = kept_field(context)
    if kept is not None:
        why = f"The body fills the stored record itself, and nothing sets `{kept[0]}` again: the client says what it holds."
        return partial(why, *kept[1:])
    if Subject(context).sign_up and identity_of(context).refusal_before() is None:
        for file, line, text in chain_text(context):
            if _CHOSEN.search(text):
                why = "The request says which rights a new account has; which of them it is given was not settled."
                return unverified(why, context.at(file, line))
    right = taken_right(context, inputs)
    if right is not None:
        why = f"The body may hold `{right[0]}`, which says what somebody may do, and no role is asked for before it is taken."
        return unverified(why, right[1])
    model = body_model(context, inputs, _PRIVILEGED)
    if model is not None:
        if model.privileged is not None and not context.guards:
            why = f"The body model `{model.name}` has the field `{model.privileged}`; whether callers may set it was not settled."
            return unverified(why, model.at)
        return passed(f"The body is bound through the model `{model.name}`.", model.at)
    owner = _listed_owner(context)
    if owner is not None:
        return partial("The list of fields that the body may set names whose the record is.", owner)
    return passed("Named fields are taken from the body.", context.at_place(writes[0][1]))


def _asks_for_change(context: Context) -> bool:
    return Subject(context).changes and not Subject(context).sign_in


def _listed_owner(context: Context) -> Evidence | None:
    """Where a list of fields takes the owner of the record from the body, and nothing on the flow sets the owner itself afterwards."""
    listed, sets = (compile_patterns(words_of(context, noun) or ()) for noun in ("listed_owner", "sets_owner"))
    if listed is None or not context.guards:
        return None
    lines = [(f, n, t.encode("utf-8", "replace")) for f, n, t in chain_text(context)]
    if sets is not None and any(sets.search(t) for _, _, t in lines):
        return None
    said = next((context.at(f, n) for f, n, t in lines if listed.search(t)), None)
    return said or in_models(context, "listed_owner", stored_only=True)


def _in_words(context: Context, inputs: Inputs) -> Judgement | None:
    """A body that is stored as it is, or that says which rights a new account has, in languages whose bodies are read as text."""
    pattern = compile_patterns(words_of(context, "whole_body") or ())
    lines = list(chain_text(context))
    for file, line, text in lines if pattern is not None else ():
        if pattern is not None and pattern.search(text.encode("utf-8", "replace")) is not None:
            at = context.at(file, line)
            listed = context.hits((r"\$fillable\s*=|attr_accessible|\$allowedFields",))
            if listed and not re.search(r"force|permit!|unsafe", text):
                return partial("The whole body is given to the model, which keeps a list of the fields that it takes.", at)
            return failed("The whole body of the request is stored, whatever fields it has.", at)
    if context.language in ("python", "javascript", "php", "ruby", "elixir"):
        return None  # their bodies have no classes
    targets = {e.target for e, _ in context.effects if e.operation == "write"}
    for cls in bodies(context, inputs.handlers, inside=True):
        view = context.view(cls.file)
        own = [f for (c, f) in view.fields if c == cls.index]
        rights = next((f for f in own if _RIGHTS.match(f)), None)
        if rights is not None and Subject(context).lets_in_people and identity_of(context).refusal_before() is None:
            taken_over = re.compile(rf"(?i)(?<!&)\b\w+\.(get)?{re.escape(rights)}\b(?!\W*[!=]=)")
            use = next(((f, n) for f, n, t in lines if taken_over.search(t)), None)
            copied = _copied(context, inputs, lines)
            name = re.escape(rights)
            kept_out = rf"(?i)\b{name}[\"']?\s*,\s*ignore\s*=\s*true|\bskip\(.*{name}|[gs]et{name}\b.*Ignore\("
            if copied is not None and not context.is_found((kept_out,)):
                field = view.fields[cls.index, rights][0]
                why = f"A mapper copies the body onto the account, `{rights}` included, which says what the account may do."
                return failed(why, copied, context.at(cls.file, field.line))
            if use is not None:
                field = view.fields[cls.index, rights][0]
                taken = context.at_place(context.handlers[0]) if context.handlers else context.at_route()
                return failed(
                    "Whoever registers says which role the account has.", taken, context.at(cls.file, field.line), context.at(*use)
                )
        if view.symbol(cls.index).name in targets or is_stored_class(context, cls, targets):
            left = [f for f in own if _PRIVILEGED.match(f) and not _set_again(f, lines)]
            at = context.at(cls.file, view.symbol(cls.index).line)
            if left:
                why = f"The body fills the stored record itself, and nothing keeps `{left[0]}` out of it."
                return failed(why, context.at_place(context.handlers[0]) if context.handlers else at, at)
            return unverified("The body fills the stored record itself; whether every field is meant for callers was not settled.", at)
    return None


def _copied(context: Context, inputs: Inputs, lines: list[tuple[str, int, str]]) -> Evidence | None:
    """The line that fills another object from a parameter of the handler."""
    names = {p.name for h in inputs.handlers for p in context.view(h.file).symbol(h.index).params if p.name}
    pattern = compile_patterns(words_of(context, "copies_fields") or ())
    for file, line, text in lines if pattern is not None and names else ():
        if pattern is None or pattern.search(text.encode("utf-8", "replace")) is None:
            continue
        if re.search(rf"[(,]\s*({'|'.join(re.escape(n) for n in sorted(names))})\b", text) is not None:
            return context.at(file, line)
    return None


def _set_again(field: str, lines: list[tuple[str, int, str]]) -> bool:
    return any(re.search(rf"(?i)(\.{re.escape(field)}\s*=[^=]|\.set_?{re.escape(field)}\()", t) for _, _, t in lines)


def _stores(context: Context, call: Call, file: str, number: int) -> bool:
    if any((e.site.file, e.site.call) == (file, number) and e.operation == "write" for e, _ in context.effects):
        return True
    if call.args and any(_saves(context, e.site.file, e.site.call, file, number) for e, _ in context.effects if e.operation == "write"):
        return True
    name = callee_name(call) or ""
    if name in ("setattr", "build", "set", "fill", "update_attributes", "assign", "model_validate", "sqlmodel_update"):
        return name in ("build",) or (
            name == "assign"
            and bool(call.args)
            and isinstance(call.args[0].value, Name | Member)
            and re.search(r"(?i)user|account|record|model|entity|doc|item|order", written(call.args[0].value)) is not None
        )
    return any(isinstance(v, ClassV) and _is_model(context, v) for v in options(context.graph.ev.value(call.callee, file, call.owner)))


def _saves(context: Context, saved_in: str, save: int | None, file: str, number: int) -> bool:
    """Is the write made on what the call has just made: `new Member(given).save()`?"""
    if saved_in != file or save is None:
        return False
    view = context.view(file)
    callee = view.facts.calls[save].callee
    base = callee.base if isinstance(callee, Member) else None
    if isinstance(base, Name) and view.facts.calls[number].kind == "new":  # `const member = new Member(given); await member.save()`
        owner = view.facts.calls[save].owner
        bound = next((b for s in view.enclosing(owner) if (b := view.bindings.get((s, base.id)))), ())
        return any(not way and isinstance(a.value, CallRef) and a.value.call == number for a, way in bound)
    return isinstance(base, CallRef) and base.call == number


def _whole_part(context: Context, inputs: Inputs, call: Call, value: Value, file: str) -> bool:
    """Is a record of the body taken as it is for a record that is made or changed: `Article.create(req.body.article)`?"""
    makes = call.kind == "new" or callee_name(call) in _MAKES
    return makes and isinstance(value, Member) and _whole_body(context, inputs, value.base, file, call.owner, False, 1)


def _sets_every_key(context: Context, inputs: Inputs, call: Call, file: str) -> bool:
    """`for name, value in body.items(): setattr(record, name, value)`, with nothing that picks among the names."""
    if not (isinstance(call.callee, Name) and call.callee.id == "setattr" and len(call.args) == 3 and isinstance(call.args[1].value, Name)):
        return False
    view = context.view(file)
    key = call.args[1].value.id
    loop = next((b for b in view.blocks_of.get(call.owner, ()) if b.kind == "loop" and b.start <= call.start < b.end), None)
    if loop is None or any(b.kind == "if" and loop.start <= b.start < loop.end for b in view.blocks_of.get(call.owner, ())):
        return False
    for assign in view.facts.assigns:
        if assign.kind != "for" or assign.owner != call.owner or not loop.start <= assign.start < loop.end:
            continue
        first = assign.target.items[0] if isinstance(assign.target, Seq) and assign.target.items else assign.target
        over = assign.value
        if isinstance(over, CallRef):
            inner = view.facts.calls[over.call]
            if callee_name(inner) in ("items", "keys") and isinstance(inner.callee, Member):
                over = inner.callee.base
        if isinstance(first, Name) and first.id == key and over is not None:
            return _is_raw_body(inputs, view, over, file, call.owner) or _whole_body(context, inputs, over, file, call.owner, True, 0)
    return False


def _is_raw_body(inputs: Inputs, view: FileView, value: Value, file: str, owner: int) -> bool:
    """Is it a handler's parameter that takes the body as it comes: `body: dict[str, Any]`?"""
    where = SymbolId(file, owner)
    if not isinstance(value, Name) or where not in inputs.handlers or view.bindings.get((owner, value.id)):
        return False
    for param in view.symbol(owner).params:
        if param.name == value.id and param.type is not None and not inputs.is_dependency(where, param):
            written_type = param.type.base if isinstance(param.type, Index) else param.type
            return isinstance(written_type, Name) and written_type.id in ("dict", "Dict", "Mapping", "MutableMapping")
    return False


def _is_model(context: Context, cls: ClassV) -> bool:
    name = context.view(cls.symbol.file).symbol(cls.symbol.index).name
    return any(e.target == name and e.operation == "write" for e, _ in context.effects)


def _all_but(context: Context, inputs: Inputs, value: Value, file: str, owner: int) -> bool:
    """Is it the body without named fields: `omit(req.body, "role")`, or a name that holds that?"""
    view = context.view(file)
    held = [value]
    if isinstance(value, Name):
        scopes = [view.bindings.get((s, value.id)) for s in view.enclosing(owner)]
        held = [a.value for a, way in next((b for b in scopes if b), ()) if a.value is not None and not way]
    for item in held:
        call = view.facts.calls[item.call] if isinstance(item, CallRef) else None
        if call is None or callee_name(call) not in _LEAVES_OUT or not call.args:
            continue
        if _whole_body(context, inputs, call.args[0].value, file, owner, False, 1):
            return True
    return False


def _whole_body(context: Context, inputs: Inputs, value: Value, file: str, owner: int, spread: bool, depth: int) -> bool:
    if depth > 6:
        return False
    if isinstance(value, Record):
        held = [item for key, item in value.items if key in _HOLDERS]
        return any(_whole_body(context, inputs, item, file, owner, True, depth + 1) for item in held)
    if isinstance(value, Member):
        return inputs.is_request(value.base, file, owner) and _BODIES.match(value.name) is not None
    if isinstance(value, CallRef):
        call = context.view(file).facts.calls[value.call]
        name = callee_name(call) or ""
        if isinstance(call.callee, Member) and inputs.is_request(call.callee.base, file, owner):
            return _BODIES.match(name) is not None and not call.args
        inner = [a.value for a in call.args] + ([call.callee.base] if isinstance(call.callee, Member) else [])
        if name == "create" and any(isinstance(v, FuncV) for v in options(context.graph.ev.value(call.callee, file, call.owner))):
            return False  # a service's own
        return name in (*_COPIES, "create") and any(_whole_body(context, inputs, v, file, owner, spread, depth + 1) for v in inner)
    if isinstance(value, Name):
        view = context.view(file)
        for scope in view.enclosing(owner):
            bound = view.bindings.get((scope, value.id))
            if bound:
                return any(
                    a.value is not None
                    and (
                        (not way and _whole_body(context, inputs, a.value, file, a.owner, spread, depth + 1))
                        or (len(way) == 1 and way[0] == "body" and inputs.is_request(a.value, file, a.owner))
                    )
                    for a, way in bound
                )
            where = SymbolId(file, scope)
            for param in view.symbol(scope).params:
                if param.name == value.id:
                    if where in inputs.handlers and is_open_body(context, where, param):
                        return True
                    for site in inputs.sites.get(where, ())[:4]:
                        call = context.view(site.file).facts.calls[site.call]
                        arg = argument_for(view.symbol(scope).params, param, call.args)
                        if arg is not None and _whole_body(context, inputs, arg, site.file, call.owner, spread, depth + 1):
                            return True
                    return False
    return False
