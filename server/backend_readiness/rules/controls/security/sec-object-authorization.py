"""Objects that belong to somebody: their owner must be compared with the caller, in the query or before use."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import schema_of
from backend_readiness.controls.database.tables import plain
from backend_readiness.controls.expressions import written
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.protection.asked_policies import asked_policies
from backend_readiness.controls.protection.asked_rights import only_administrators, rights_of_guards
from backend_readiness.controls.protection.constant_answers import answer_of_call, asks_nothing
from backend_readiness.controls.protection.entries import is_entry
from backend_readiness.controls.protection.guard_doubts import doubt_of_guards
from backend_readiness.controls.protection.identity import Identity, identity_of
from backend_readiness.controls.protection.inherited_answers import class_lines, narrowed_to_caller
from backend_readiness.controls.protection.inputs import Taint
from backend_readiness.controls.protection.stored_ids import of_objects, only_stores, unasked_id
from backend_readiness.controls.protection.unread_arguments import is_unread
from backend_readiness.controls.roles import status_numbers
from backend_readiness.controls.subjects import Subject
from backend_readiness.controls.work.unseen_writes import writes_unknown
from backend_readiness.facts.model import CallRef, Lit, Member, Name, Op, Value
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence, Link
from backend_readiness.rules.signs import sign

_OWNER = re.compile(
    r"(?i)^(owner|user|author|customer|account|member|tenant|creator|created_?by|seller|buyer|patient|employee|organi[sz]ation|company|workspace|team|profile)(_?id|_?pk)?$|^(uploaded|submitted|posted|added|requested|opened|placed|written)_?by(_?id)?$"
)
_IDENTIFIES = re.compile(r"(?i)(^|[_.])(id|pk|uuid|slug)$|[a-z]Id$")
_PERSON = re.compile(r"(?i)^(user|account|customer|profile|member|person|employee|patient)s?$")
_ADMINISTRATORS = re.compile(sign("sec-object-authorization", "administrators"))
# What is one person's alone, whatever else may be read by everybody.
_PRIVATE = re.compile(sign("sec-object-authorization", "private"))
_OWNS = re.compile(r"(?i)^(owner(_?id)?|(user|author|creator)_?id|created_by(_?id)?)$")
UNASKED = "The caller owns what is stored, and it takes the identifier of another object from the request; whose that is nobody asks."
_STORES = ("orm", "sql", "nosql", "storage", "file")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved, so its checks are not known.")
    subject = Subject(context)
    if is_entry(context) or subject.health:
        return not_applicable("The flow is for people who are not signed in yet.", context.at_route())
    identity = identity_of(context)
    if context.touches:
        return _by_base(context, identity)
    stores = [(e, link) for e, link in context.effects if e.kind in _STORES]
    if not stores and any(p.where == "path" for r in context.routes for p in r.route.params) and identity.refusal() is not None:
        return unverified("The address names an object, and where it is kept was not found.", context.at_route())
    if not stores and writes_unknown(context):
        return unverified("The flow calls what goes by the name of a write; what it changes was not found.", context.at_route())
    if not stores:
        return not_applicable("The flow reads and changes no stored objects.", context.at_route())
    compared, narrowed = identity.comparisons(), of_objects(context, identity.narrowed())
    checks = [*compared, *(e for _, e in narrowed)]
    ids = [p for r in context.routes for p in r.route.params if p.where == "path"]
    signed_in = identity.refusal()
    lone = _open_query(context, identity, {(s.file, s.call) for s, _ in narrowed}) if checks and not compared else None
    if lone is not None and _PRIVATE.search(lone[1]) is not None and _compares_owner(context, identity) is None:
        why = f"`{lone[1]}` is looked up by an identifier from the request alone, beside what the caller narrows: it may be anybody's."
        return failed(why, lone[0], checks[0])
    if signed_in is None:
        if checks:
            return unverified("The caller narrows what the flow reads, but nothing that refuses strangers was found.", *checks[:3])
        policy = next(iter(asked_policies(context)), None)
        if policy is not None:
            return unverified("A policy is asked about the object; what refuses strangers was not found.", policy.at)
        return _without_callers(context)
    administrators, of_guard = rights_of_guards(context)
    if administrators is not None:
        return passed("Only administrators pass the guard of the flow.", administrators)
    asked = _asked_before(context, identity)
    if asked is not None:
        return passed("Only administrators get as far as the handler.", asked)
    decided, by_name = _decided_before(context, identity)
    right = by_name or of_guard
    if decided is not None:
        return passed("What runs before the handler decides about the object and the caller.", decided)
    if compared:
        return passed("The caller is compared with the object.", *compared[:2])
    if lone is not None:
        return unverified("The caller narrows one query, but another one takes an identifier from the request alone.", lone[0], checks[0])
    unasked = unasked_id(context, identity) if only_stores(context, narrowed) else None
    if checks and unasked is not None:
        return unverified(UNASKED, unasked, checks[0])
    if checks:
        return passed("The caller narrows the queries of the flow.", *checks[:2])
    if right is not None and ids:
        why = "A right is asked for before the handler, and nothing of the object; whether everybody with it may use each was not settled."
        return unverified(why, right)
    owned = _owned(context, stores)
    yes = [e for p in asked_policies(context) if p.yes is not None for e in (p.at, p.yes)][:2]
    writes = [(e, link) for e, link in stores if e.operation in ("write", "delete")]
    if not ids:
        taken = _owner_from_caller(context, identity)
        lone = _open_query(context, identity, set()) if taken is not None else None
        open_query = (lone[0] if lone is not None else _unsettled_query(context, identity)) if taken is not None else None
        if taken is not None and open_query is not None:
            why = "The caller is handed on, but the object is looked up by an identifier from the request alone."
            return unverified(why, open_query, taken)
        if taken is not None and unasked is not None:
            return unverified(UNASKED, unasked, taken)
        if taken is not None:
            return passed("The owner of what is stored is the caller.", taken)
        dropped = _owner_from_caller(context, identity, unread=True)
        if dropped is not None:
            why = "The caller is handed to a function that never reads it; whose objects the flow lists or stores is not settled."
            return unverified(why, dropped, context.at_place(stores[0][1]))
        if not writes and owned is None:
            return not_applicable("The flow takes no identifier of an object that belongs to somebody.", context.at_route())
        return unverified("Whose objects the flow lists or stores is not settled by what was read.", context.at_place(stores[0][1]))
    stored = any(e.operation == "write" for e, _ in stores)  # what only deletes stores no owner
    taken = _owner_from_caller(context, identity) if stored or owned is None else None
    if owned is not None and taken is not None:
        return unverified("The caller is part of what is stored; whether the object itself was theirs to use was not settled.", taken)
    if owned is not None:
        effect, link, where = owned
        name = ids[0].name
        compared_owner = _compares_owner(context, identity)
        if compared_owner is not None:
            return unverified("An owner is compared with something that was not followed to the caller.", compared_owner)
        if yes and not writes:
            return unverified(
                "The policy that is asked about the object says yes to everybody; whether all may see it was not settled.", *yes
            )
        return failed(
            f"`{effect.target}` is used by `{name}` from the request, and no code of the flow compares its owner with the caller.",
            *yes, context.at_place(link), *(context.at_symbol(h) for h in identity.inputs.handlers[:1]),
            *([where] if where is not None else []),
        )  # fmt: skip
    return unverified(
        "An object is used by an identifier from the request; whether it belongs to somebody is not known.", context.at_place(stores[0][1])
    )


def _without_callers(context: Context) -> Judgement:
    doubt = doubt_of_guards(context)
    if doubt is not None:
        return unverified(f"Whether people sign in for this flow is open. {doubt[0]}", *doubt[1])
    return not_applicable("Nobody signs in for this flow, so its objects belong to nobody (see sec-authn-required).", context.at_route())


def _asked_before(context: Context, identity: Identity) -> Evidence | None:
    """A dependency of the handler, named for administrators, that turns away who does not have it."""
    for reached in context.functions:
        where = reached.function.symbol
        view = context.view(where.file)
        line = view.symbol(where.index).line
        if not only_administrators(view.symbol(where.index).name) or not _is_before(context, where.file, line):
            continue
        if not asks_nothing(context, where) and identity.refuses(where) is not None:
            return context.at(where.file, line)
    return None


def _decided_before(context: Context, identity: Identity) -> tuple[Evidence | None, Evidence | None]:
    """A guard whose answer is a comparison with the caller, or a line by which a policy is asked about the object.

    Apart from it, the answer of a guard that asks for a right by its name alone: `$user->can('client-update')`.
    """
    right: Evidence | None = None
    for guard in context.guards:
        for function in context.roles.functions(guard.value):
            where = function.symbol
            for returned in context.view(where.file).returns.get(where.index, ()):
                if returned.value is None or not identity.compares(returned.value, where.file, where.index):
                    continue
                called = context.view(where.file).facts.calls[returned.value.call] if isinstance(returned.value, CallRef) else None
                if called is None or not called.args or not all(isinstance(a.value, Lit) for a in called.args):
                    return context.at(where.file, returned.line), None
                right = right or context.at(where.file, returned.line)
    return next((p.at for p in asked_policies(context) if p.yes is None), None), right


def _by_base(context: Context, identity: Identity) -> Judgement:
    """A class that leaves the answer to its base: the objects that it serves are those of its query."""
    place = context.touches[0].place
    at = context.at(place.file, place.line)
    if (narrowed := narrowed_to_caller(context)) is not None:
        return passed("The class serves the caller's own objects.", narrowed)
    if identity.refusal() is None:
        return _without_callers(context)
    if any(_ADMINISTRATORS.search(t) for _, _, t in class_lines(context)):
        return passed("Only administrators pass the guard of the flow.", at)
    owner = next((e for t in context.touches if (e := owner_field(context, t.target)) is not None), None)
    by_id = any(p.where == "path" for r in context.routes for p in r.route.params)
    if owner is not None and by_id:
        target = context.touches[0].target
        return failed(f"`{target}` is served by an identifier from the request, whoever asks, although it has an owner.", at, owner)
    return unverified("Whose objects the class serves is not settled by what was read.", at)


def _open_query(context: Context, identity: Identity, narrowed: set[tuple[str, int]]) -> tuple[Evidence, str] | None:
    """(place, model) of a query of an owned object that takes an identifier from the request, and nothing of the caller."""
    for effect, link in context.effects:
        if effect.kind not in _STORES or (effect.site.file, effect.site.call) in narrowed or not effect.target:
            continue
        view = context.view(effect.site.file)
        outer = view.facts.calls[effect.site.call]
        inside = [
            n
            for n in view.calls_of.get(outer.owner, ())
            if outer.start <= view.facts.calls[n].start and view.facts.calls[n].end <= outer.end
        ]
        if any((effect.site.file, n) in narrowed for n in inside):
            continue
        taken = any(identity.inputs.of_args(view.facts.calls[n], effect.site.file).taint is Taint.INPUT for n in inside)
        if taken and (_PERSON.match(effect.target) or owner_field(context, effect.target) is not None):
            return context.at_place(link), effect.target
    return None


def _unsettled_query(context: Context, identity: Identity) -> Evidence | None:
    """A query of an owned object by something that is neither the caller nor a constant: an identifier out of a checked body."""
    for effect, link in context.effects:
        if effect.kind not in _STORES or effect.operation != "read" or not effect.target or _PERSON.match(effect.target):
            continue
        view = context.view(effect.site.file)
        call = view.facts.calls[effect.site.call]
        given = [a for a in call.args if not isinstance(a.value, Lit)]
        if any(identity.is_caller(a.value, effect.site.file, call.owner) for a in given):
            continue
        by_id = any(_IDENTIFIES.search(a.name or "") or _IDENTIFIES.search(written(a.value)) for a in given)
        if by_id and identity.inputs.of_args(call, effect.site.file).taint is Taint.UNKNOWN and owner_field(context, effect.target):
            return context.at_place(link)
    return None


def _owned(context: Context, stores: list[tuple[Effect, Link]]) -> tuple[Effect, Link, Evidence | None] | None:
    """The first object of the handler or its services whose model has an owner; a person's record belongs to that person."""
    before = {(link.file, link.line) for b in context.backends for link in b.links if link.stage == "middleware"}
    for effect, link in stores:
        parent = next((b.links[link.parent] for b in context.backends if link in b.links and link.parent is not None), None)
        if parent is None or (parent.file, parent.line) in before or not effect.target:
            continue
        where = owner_field(context, effect.target)
        if where is not None:
            return effect, link, where
    return None


def owner_field(context: Context, target: str) -> Evidence | None:
    """The field of a model or table that says whose it is."""
    for symbol in context.graph.defining(target)[:4]:
        view = context.view(symbol.file)
        if view.symbol(symbol.index).kind != "class":
            continue
        for (cls, name), assigns in view.fields.items():
            if cls == symbol.index and _OWNER.match(name):
                return context.at(symbol.file, assigns[0].line)
        for base in view.symbol(symbol.index).bases:
            if (
                isinstance(base, Name)
                and base.id != target
                and base.id.startswith(target)
                and (found := owner_field(context, base.id)) is not None
            ):
                return found
    for path in context.graph.facts.naming("belongsTo"):
        view = context.view(path)
        for number in view.calls_by_name.get("belongsTo", ()):
            call = view.facts.calls[number]
            first: Value | None = call.args[0].value if call.args else None
            holder = call.callee.base if isinstance(call.callee, Member) else None
            mine = isinstance(holder, Name) and (holder.id == target or (holder.id in ("models", "self") or target.lower() in path.lower()))
            if mine and isinstance(first, Name) and _PERSON.match(first.id):
                return context.at(path, call.line)
    return _owner_column(context, target)


def _compares_owner(context: Context, identity: Identity) -> Evidence | None:
    """A condition of the flow that compares something called an owner with something that is no literal, whoever that is."""
    for where, scope in identity.own_scopes():
        view = context.view(where.file)
        asked = [(b.subject, b.line) for b in view.blocks_of.get(scope, ()) if b.kind == "if" and b.subject is not None]
        asked += [(r.value, r.line) for r in view.returns.get(scope, ()) if r.value is not None]
        for value, line in asked:
            for op in (value, *value.operands) if isinstance(value, Op) else ():
                two = op.operands if isinstance(op, Op) and len(op.operands) == 2 else ()
                if not any(isinstance(o, Lit) for o in two) and any(_OWNER.match(written(o).partition(".")[2]) for o in two):
                    return context.at(where.file, line)
    return None


def _owner_column(context: Context, target: str) -> Evidence | None:
    """The column of a table that says whose a row is: one that refers to the people, by its key or by its name alone."""
    declared = schema_of(context).table(target)
    for column in declared.real.columns.values() if declared is not None else ():
        by_key = column.references and not _PERSON.match(target)
        people = _PERSON.match(plain(column.references)) if by_key else _OWNS.match(column.name)
        if people and _OWNER.match(column.name) and not column.primary and column.file:
            return context.at(column.file, column.line)
    return None


_ANSWERS = re.compile(r"(?i)err(or)?(json|response)?$|error_?json|^(abort|reject|fail|respond|render)")
_LOOKS_UP = re.compile(r"(?i)^(get|find|load|fetch|look_?up)_?(current_?)?(user|account|member|person|profile)(_?by\w*)?$")


def _owner_from_caller(context: Context, identity: Identity, *, unread: bool = False) -> Evidence | None:
    """A stored record whose field, argument or owner setter is the caller; `unread`: a call to what never reads the one given."""
    storing = _storing(context)
    for reached in context.functions:
        where = reached.function.symbol
        view = context.view(where.file)
        if storing and (where.file, where.index) not in storing:
            continue  # it finds out who the caller is, or answers
        for scope in view.body(where.index):
            for number in view.calls_of.get(scope, ()):
                call = view.facts.calls[number]
                name = callee_name(call) or ""
                if name in ("print", "info", "debug", "log", "error", "warning") or isinstance(call.callee, CallRef):
                    continue
                if answer_of_call(context, SymbolId(where.file, call.owner), number) is not None:
                    continue  # asked, and the answer is always the same
                if any(p.search(name) is not None for p in (_LOOKS_UP, _ANSWERS)) or any(status_numbers(a.value) for a in call.args):
                    continue  # the row of the caller; an answer, which stores nothing
                if (
                    where not in identity.inputs.handlers
                    and identity.context.handlers
                    and _is_before(context, where.file, view.symbol(where.index).line)
                ):
                    continue
                given = [a for a in call.args if not isinstance(a.value, Lit) and identity.is_caller(a.value, where.file, call.owner)]
                if given and is_unread(context, where.file, number, given) is unread:
                    return context.at(where.file, call.line, min(call.end_line, call.line + 5))
    return None


def _storing(context: Context) -> set[tuple[str, int]]:
    """File and symbol of the functions that write data, or call what does."""
    found: set[tuple[str, int]] = set()
    for backend in context.backends:
        leading: set[int] = set()
        for effect, number in backend.effects:
            parent = backend.links[number].parent if effect.operation in ("write", "delete") else None
            while parent is not None and parent not in leading:
                leading.add(parent)
                parent = backend.links[parent].parent
        found |= {(r.function.symbol.file, r.function.symbol.index) for r in backend.functions if r.link in leading}
    return found


def _is_before(context: Context, file: str, line: int) -> bool:
    return any(link.stage == "middleware" and (link.file, link.line) == (file, line) for b in context.backends for link in b.links)
