"""A request of the flow that arrives twice has one effect: by a natural key, an idempotency key, or because repeating it is harmless."""

from collections.abc import Sequence

import regex

from backend_readiness.controls.asked_methods import asked_methods
from backend_readiness.controls.callees import chain_scopes
from backend_readiness.controls.context import Context
from backend_readiness.controls.database.given_columns import drawn_by_code, given_columns, made_anew
from backend_readiness.controls.database.schema import Column, Declared, Index, schema_of
from backend_readiness.controls.database.tables import plain, same_table
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.standing import apart
from backend_readiness.controls.work.decisions import Decisions
from backend_readiness.controls.work.finders import LANGUAGES
from backend_readiness.controls.work.hidden_touches import settled
from backend_readiness.controls.work.put_back import put_back
from backend_readiness.controls.work.unread import may_change_unread
from backend_readiness.controls.work.unseen_writes import may_write_unseen
from backend_readiness.controls.work.ways import handler, way_to
from backend_readiness.controls.work.writes import Write, texts_of_chain, writes
from backend_readiness.facts.model import Member, Name
from backend_readiness.graph.values import ClassV, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence, FindingStatus
from backend_readiness.rules.signs import sign

_KEYED = (
    r"(?i)idempotency[-_]?key|on_conflict|onConflict|ON CONFLICT|ignore_conflicts|get_or_create|findOrCreate|upsert|INSERT IGNORE"
    r"|processed_?events?|already_?processed"
)
_MADE_UP = (
    r"(?i)\bkey\b.*\b(uuid4|uuid\.uuid4|randomUUID|token_urlsafe|token_hex|nanoid|ulid)\b"
    r"|\b(uuid4|randomUUID)\b.*\bkey\b|\(.*\b(uuid4|randomUUID)\(\).*\)"
)
_MADE = regex.compile(r"(?i)(^|_)(id|uuid|guid|pk|key|no|number|code|seq)$|[a-z](Id|ID|Uuid|No)$")
_DRAWN = regex.compile(r"(?i)generated|serial|auto_?increment|identity")  # a type that says that the database makes the values
_NATURAL = regex.compile(
    r"(?i)e?mail|user_?name|login|slug|handle|sku|isbn|iban|nick|phone|domain|^name$|title|_id$|[a-z]Id$|idempoten|external|event|hash$"
)
_NESTED = regex.compile(r"\b(create|createMany|connectOrCreate)\s*:\s*[\[{]")
_GENERATED = regex.compile(r"(?i)uuid|guid|token|secret|digest|badge|(^|_)code$|api_?key")
# Amounts of which one change more is one too many.
_AMOUNTS = regex.compile(sign("data-idempotency", "amounts"))
_COUNTS = sign("data-idempotency", "counts")
_STATE = regex.compile(sign("data-idempotency", "state"))
_ENDS = regex.compile(r"\s*(return|raise|throw|abort|halt)\b")
_HOOK = regex.compile(r"(?i)web-?hook|/hooks?(/|$)|callback")


def verify(context: Context) -> Judgement:
    return settled(context, _judgement(context))


def _judgement(context: Context) -> Judgement:
    methods = asked_methods(context)
    every = writes(context)
    again = _applied_again(context)
    if methods and methods <= {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "QUERY"}:
        if again is not None and methods - {"DELETE"}:
            return again
        added = next((w for w in every if w.inserts and not w.beside), None) if methods & {"GET", "PUT"} else None
        if added is not None and "PUT" in methods and _rule_of(context, added) is None:
            why = f"The flow adds to `{added.effect.target}` where its method promises that a second request changes nothing more."
            return unverified(why, context.at_call(added.call))
        return not_applicable("The flow reads, sets what is sent or deletes by id: repeating it changes nothing more.", context.at_route())
    made = [w for w in every if w.inserts and not w.beside]
    effects = [e for e, _ in context.effects if e.kind in ("mail", "payment")]
    schema = schema_of(context)
    if not made:
        for write in every:
            declared = schema.table(write.effect.target) if write.inserts else None
            rule = _rule(context, write, declared) if declared is not None else None
            if declared is not None and rule is not None:
                return passed(f"What came before is remembered in `{declared.name}` under a unique rule.", context.at(rule.file, rule.line))
        if again is not None:
            return again
        if every and _HOOK.search(context.routes[0].route.endpoint.path if context.routes else ""):
            return _of_hook(context, every)
        if not context.is_resolved or any(r.registration.touches for r in context.routes) or may_write_unseen(context):
            return unverified("The flow's writes were not all found.")
        shared = _shared_insert(context)
        if shared is not None:
            return unverified("The flow inserts through a function that several kinds of records share.", shared)
        if effects:
            return unverified(f"Whether a second `{effects[0].path.replace('()', '')}` does harm is not settled.", context.at_route())
        if every and context.language in LANGUAGES and "POST" in methods:
            return unverified("Whether the flow's writes make new records was not resolved.", context.at_call(every[0].call))
        within = _made_within(context, every) or (_filled_record(context) if "POST" in methods and every else None)
        if within is not None:
            return unverified("A write makes a record within another; whether a second one is kept out was not resolved.", within)
        if may_change_unread(context):
            return unverified("A statement of the flow was not read: whether it makes records is not known.", context.at_route())
        return not_applicable("The flow creates nothing that could come twice.", context.at_route())
    checked = {c.read.effect.target: c for c in reversed(Decisions(context).checks()) if not c.limits}
    words = [w for r in context.routes for w in regex.split(r"[/_-]", r.route.endpoint.path) if w and not w.startswith("{")]
    main = [w for w in made if any(same_table(word, w.effect.target) for word in words)] or made[:1]
    bare: list[Write] = []
    for write in main:
        declared = schema.table(write.effect.target)
        if declared is None:
            continue
        rule = _rule(context, write, declared)
        made_up = texts_of_chain(context, _MADE_UP)
        if rule is not None and made_up and _about_keys(rule):
            why = f"The key that would recognise a second `{declared.name}` is made anew for each request."
            return failed(why, context.at(*made_up[0]), context.at(rule.file, rule.line), status=FindingStatus.STUBBED)
        if rule is not None:
            return passed(f"A second `{declared.name}` is refused by a unique rule of the database.", context.at(rule.file, rule.line))
        ruled = (c for c in declared.real.columns.values() if c.unique and not c.primary and not _is_made(c))
        loose = next((c for c in ruled if not drawn_by_code(context, c.name)), None)
        if loose is not None and not given_columns(context, write):
            why = f"Whether each insert gives `{declared.name}.{loose.name}`, which is unique, was not resolved."
            return unverified(why, context.at(loose.file, loose.line), context.at_call(write.call))
        over = next((i for i in declared.real.indexes if i.unique), None)
        if over is not None and not given_columns(context, write):
            why = f"Whether each insert gives {', '.join(over.columns)} of `{declared.name}`, which is unique, was not resolved."
            return unverified(why, context.at(over.file, over.line), context.at_call(write.call))
        bare.append(write)
    others = [w for w in every if w.effect.target not in {m.effect.target for m in main}]
    keyed = [k for k in texts_of_chain(context, _KEYED) if not any(_stands_in(k, w) for w in others)]
    if keyed:
        return unverified("The chain recognises repeated requests; what backs it in the database is not settled.", context.at(*keyed[0]))
    if not bare:
        if not schema.models and not schema.migrated and made[0].effect.kind == "nosql":
            missing = context.missing("a key for repeated requests", at=context.at_call(made[0].call), patterns=(_KEYED, r"(?i)unique"))
            if missing is not None:
                return failed("A repeated request makes a second record: no key tells that it came before.", missing)
        return unverified(f"The table of `{made[0].effect.target}` was not found.", context.at_call(made[0].call))
    first = bare[0]
    name = first.effect.target
    if name in checked and plain(checked[name].columns[0]) not in ("id",):
        check = checked[name]
        why = f"A repeated request is recognised by reading `{name}.{check.columns[0]}` only: two at once both pass the check."
        return partial(why, *apart((context.at_call(check.read.call), context.at(check.file, check.line))), context.at_call(first.call))
    return failed(
        f"A repeated request makes a second `{name}`: neither an idempotency key nor a unique rule recognises it.",
        next(
            (context.at_place(r.route.place) for r in context.routes if r.route.endpoint.method not in ("GET", "HEAD")), context.at_route()
        ),
        context.at_call(first.call),
        *handler(context),
        *way_to(context, first.call.site.file, first.call.site.call)[:2],
    )


def _applied_again(context: Context) -> Judgement | None:
    """A change that counts from what stands there, so that the same request a second time changes it once more."""
    columns = {plain(c) for d in schema_of(context).of_flow(context, "write") for c in d.real.columns}
    found = []
    for file, number in texts_of_chain(context, _COUNTS):
        if _asks_for_state(context, file, number):
            continue
        names = _AMOUNTS.findall(context.snapshot.lines(file)[number - 1][:500])
        if any(plain(n) in columns for n in names) or (names and not columns):
            found.append(context.at(file, number))
    found += [context.at(p.file, p.line, p.end_line) for p in put_back(context, Decisions(context)) if _AMOUNTS.fullmatch(p.column)]
    if not found or not any(e.operation == "write" for e, _ in context.effects) or texts_of_chain(context, _KEYED):
        return None
    return failed("A repeated request counts an amount up or down once more: nothing recognises that it came before.", *found[:3])


def _asks_for_state(context: Context, file: str, number: int) -> bool:
    """Does the function compare a state of the record above the line, and end there: `status == "pending"`, `return`?"""
    holders = [s for s in context.view(file).facts.symbols if s.kind in ("function", "method") and s.line <= number <= s.end_line]
    first = max((s.line for s in holders), default=number)
    above = [t[:500] for t in context.snapshot.lines(file)[first - 1 : number - 1]]
    asked = next((n for n, t in enumerate(above) if _STATE.search(t) is not None), None)
    return asked is not None and any(_ENDS.match(t) is not None for t in above[asked:])


def _rule_of(context: Context, write: Write) -> Column | Index | None:
    declared = schema_of(context).table(write.effect.target)
    return _rule(context, write, declared) if declared is not None else None


def _made_within(context: Context, every: Sequence[Write]) -> Evidence | None:
    """A change of one record whose values make another: `update({ data: { lines: { create: {...} } } })`."""
    for write in every:
        file, call = write.call.site.file, write.call.call
        for number, text in enumerate(context.snapshot.lines(file)[call.line - 1 : call.end_line], call.line):
            if _NESTED.search(text) is not None:
                return context.at(file, number)
    return None


def _filled_record(context: Context) -> Evidence | None:
    """Where the flow makes an object of a class of rows; what it is added to may store it: `article.comments.add(comment)`."""
    schema = schema_of(context)
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            name = callee_name(call) or ""
            if not name[:1].isupper() or not isinstance(call.callee, Name) or schema.table(name) is None:
                continue
            if any(isinstance(v, ClassV) for v in options(context.graph.ev.value(call.callee, file, call.owner))):
                return context.at(file, call.line)
    return None


def _stands_in(place: tuple[str, int], write: Write) -> bool:
    return place[0] == write.call.site.file and write.call.call.line <= place[1] <= write.call.call.end_line


def _shared_insert(context: Context) -> Evidence | None:
    """A line that writes more than one table on this flow, one of them its subject: a method of a repository for all tables."""
    seen: dict[tuple[str, int], set[str]] = {}
    for backend in context.backends:
        for link in backend.links:
            if link.operation == "write" and link.target and link.why.startswith(("orm", "sql", "nosql")):
                seen.setdefault((link.file, link.line), set()).add(link.target)
    return next((context.at(*place) for place, targets in seen.items() if len(targets) > 1), None)


def _rule(context: Context, write: Write, declared: Declared) -> Column | Index | None:
    """A unique rule over values that the insert gives; the primary key counts when it is given instead of made by the database.

    A value that is drawn for each request (`slug: slugify(title) + uuid()`) is never refused.
    """
    values = given_columns(context, write)
    given = set(values)
    anew = {name for name, value in values.items() if made_anew(context, write, value)}
    columns = [c for c in declared.real.columns.values() if c.name not in anew and not (c.unique and drawn_by_code(context, c.name))]
    several = sum(c.primary for c in columns) > 1
    for column in columns:
        made = _MADE.search(column.name) is not None and not several  # a key of its own, which the database or the code makes anew
        handed = not given and _DRAWN.search(column.type) is None and _is_handed_in(context, write, declared, column)
        natural = column.primary and (column.name in given or not made or handed)
        if natural or (column.unique and not (column.primary or plain(column.name) == "id") and _comes(column, given)):
            return column
    names, drawn = {plain(g) for g in given}, {plain(g) for g in anew}
    unique = [i for i in declared.real.indexes if i.unique and not any(plain(c) in drawn for c in i.columns)]
    return next((i for i in unique if any(plain(c) in names for c in i.columns)), None)


def _is_handed_in(context: Context, write: Write, declared: Declared, column: Column) -> bool:
    """Is the key a member of something else where the flow makes the record, in another function than the one that stores it?

    What is answered may be a class of the same name as the record, in another file.
    """
    home = declared.model.file if declared.model is not None else ""
    for call in context.calls:
        makes = any(
            isinstance(v, ClassV)
            and home in ("", v.symbol.file)
            and context.view(v.symbol.file).symbol(v.symbol.index).name == write.effect.target
            for v in call.callee
        )
        if makes and any(a.name and plain(a.name) == plain(column.name) and isinstance(a.value, Member) for a in call.call.args):
            return True
    return False


def _comes(column: Column, given: set[str]) -> bool:
    """Does a unique column get its value from the request? Where the insert does not say, its name must speak for itself."""
    if given:
        return column.name in given
    return not column.nullable and _NATURAL.search(column.name) is not None and "uuid" not in column.type.lower()


def _is_made(column: Column) -> bool:
    """Is the value made anew for each row: a random identifier or secret?"""
    return "uuid" in column.type.lower() or _GENERATED.search(column.name) is not None


def _about_keys(rule: Column | Index) -> bool:
    names = rule.columns if isinstance(rule, Index) else (rule.name,)
    return any("key" in n.lower() or "idempot" in n.lower() for n in names)


def _of_hook(context: Context, every: list[Write]) -> Judgement:
    if texts_of_chain(context, _KEYED):
        return unverified("The chain recognises repeated deliveries; what backs it is not settled.", context.at_call(every[0].call))
    why = "Nothing recognises a delivery that came before: the same event is applied again."
    steps: list[Evidence] = []
    for effect, link in context.effects:
        if effect.site == every[0].effect.site:
            for backend in context.backends:
                above = link.parent
                while above is not None and link in backend.links and len(steps) < 4:
                    step = backend.links[above]
                    steps.append(context.at(step.file, step.line))
                    above = step.parent
    return failed(why, context.at_call(every[0].call), *steps, context.at_route())
