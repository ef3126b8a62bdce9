"""Inputs of the flow go through a schema or validator before they are used."""

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import chain_scopes, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of, states
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.mentions import mentioned, words_of
from backend_readiness.controls.protection.apart_rules import apart_rules
from backend_readiness.controls.protection.bare_fields import bare_field
from backend_readiness.controls.protection.bounds import unbounded_field, unbounded_param
from backend_readiness.controls.protection.form_types import checked_form
from backend_readiness.controls.protection.inert_rules import without_engine
from backend_readiness.controls.protection.inherited_answers import accepted_fields
from backend_readiness.controls.protection.inner_checks import idle_inside
from backend_readiness.controls.protection.inputs import Inputs, inputs_of
from backend_readiness.controls.protection.listed_fields import free_listed_field, is_stored, listed_names
from backend_readiness.controls.protection.loose_models import loose_models
from backend_readiness.controls.protection.model_checks import (
    checked_fields,
    checked_models,
    loose_rule,
    unbounded_body,
    unchecked_fields,
    unruled_body,
)
from backend_readiness.controls.protection.noted_checks import answer_dropped, only_noted
from backend_readiness.controls.protection.open_fields import open_field, open_param
from backend_readiness.controls.protection.open_rules import open_rule
from backend_readiness.controls.protection.read_beside import read_beside
from backend_readiness.controls.protection.sent_messages import sent_messages
from backend_readiness.controls.protection.settled_input import is_entrance, passed_if_served, passed_if_settled
from backend_readiness.controls.subjects import Subject
from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import Call
from backend_readiness.graph.values import Ext, InstV, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.security_words import load_security_words
from backend_readiness.rules.signs import signs

_CALLS = frozenset(signs("sec-input-validation", "calls"))
# Calls that only schemas have.
_SAFE = frozenset({"safeParse", "safeParseAsync"})
# Validators that stand apart from the fields, and checks by hand.
_OTHER_RULES = (
    r"(?i)AbstractValidator<|ConstraintValidator|implements Validator\b|RuleFor\(|InitBinder|\bValidatorFactory\b|IValidatableObject",
    r"(?i)\bRequestValidation\b|\bvalidat(e|ion|or)<",
)
# Validators that stand apart, whichever fields they are for.
_APART = (
    r"(?i)AbstractValidator<|(implements|:) Validator\b|RuleFor\(|\bValidatorFactory\b",
    r"(?i)IValidatableObject|binder\w*\.(add|set)Validators?\(",
)
_TESTED = re.compile(
    r"\.(isEmpty|isBlank|matches|length|is_empty|len|MatchString|hasText|hasLength)\(|\.Length\b|\blen\(|IsNullOr|StringUtils|Regex|Pattern\.|requireNonNull"
    r"|[=!]= ?(null|nil|\"\")|BadRequest|BAD_REQUEST|unprocessable|Unprocessable|IllegalArgument"
)
_NAMED = re.compile(r"(?i)(?<!re)validat|schema|sanitiz")
_SPEAKS = re.compile(r"(?i)(?<!re)validat|sanitiz|schema\w*\s*[.(:]")
_OPERATIONS = frozenset({"RPC", "QUERY", "MUTATION", "SUBSCRIPTION"})
_ARGS = re.compile(r"(?i)^(args?|arguments|variables|input|params|data)$")
# Whether there is anything at all, and what cuts a text: neither says what it may be.
_EMPTY = re.compile(r"\.length\s*(===?|!==?|>)\s*0|\blen\([^()]*\)\s*(==|!=|>)\s*0|\.(slice|substr|substring)\([^)]*\.length")


def _is_given_forms(context: Context, inputs: Inputs) -> bool:
    """Is it an action of a page, whose function a form or a call of the page gives its arguments?"""
    acts = any(r.route.endpoint.method == "ACTION" for r in context.routes)
    return acts and any(context.view(w.file).symbol(w.index).params for w in inputs.handlers)


def _is_given_input(context: Context, inputs: Inputs) -> Evidence | None:
    """A handler of an operation, which has no path, that takes what the caller sends: `({ input }) => ...`, `(_, args) => ...`."""
    methods = {r.route.endpoint.method for r in context.routes}
    for where in inputs.handlers if methods & _OPERATIONS else ():
        symbol = context.view(where.file).symbol(where.index)
        named = {n for p in symbol.params if p.pattern is not None for n, _ in bound_names(p.pattern)}
        args = methods - {"RPC"} and len(symbol.params) > 1 and (symbol.params[1].pattern is not None or _ARGS.match(symbol.params[1].name))
        if args or named & {"input", "rawInput", "getRawInput"}:
            return context.at_symbol(where)
    return None


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    inputs = inputs_of(context)
    typed, loose = _typed(context, inputs)
    if typed and not loose:
        kept = Subject(context).changes and not is_entrance(context)
        free = unbounded_body(context, inputs.handlers) if kept else None
        if free is not None:
            return partial("The body has the right types, and nothing bounds what its texts may hold.", free, *typed[:1])
        field = (unbounded_field(context, inputs.handlers) or unbounded_param(context, inputs.handlers)) if kept else None
        if field is not None:
            return partial(f"The input has the right types, and nothing bounds what `{field[0]}` may hold.", field[1], *typed[:1])
        anything = _of_any_kind(context, inputs)
        if anything is not None:
            return anything
        return passed_if_settled(context, inputs.handlers, "Types and models of the handler's parameters refuse bad input.", *typed[:2])
    inside = idle_inside(context, inputs.handlers)
    if inside is not None:
        return failed("The fields of the object inside of the body have rules, and nothing passes the check on to them.", *inside)
    apart = apart_rules(context, inputs.handlers)
    if apart is not None and apart.runs is not None:
        if apart.loose is not None and not is_entrance(context):
            return partial(f"Input is validated, and nothing bounds what `{apart.loose[0]}` may hold.", apart.loose[1], apart.at)
        return passed("Input is validated before it is used.", apart.at, apart.runs)
    form = checked_form(context)
    if form is not None:
        if form.loose is not None and not is_entrance(context):
            return partial(f"The form is validated, and nothing bounds what `{form.loose[0]}` may hold.", form.loose[1], form.at)
        return passed("The form is validated before it is used.", form.at)
    checks = list(_checks(context))
    noted = [n for _, c in checks if (n := only_noted(context, *c) if c is not None else None) is not None]
    if checks and len(noted) == len(checks):
        return failed("What the validator finds is only written to the log: the flow goes on with input that it refused.", noted[0])
    dropped = [d for _, c in checks if (d := answer_dropped(context, *c) if c is not None else None) is not None]
    if checks and len(dropped) == len(checks):
        return failed("The input is checked, and nothing asks what the check found: the flow goes on with what it refused.", dropped[0])
    extra = read_beside(context, [c for _, c in checks if c is not None]) if all(c is not None for _, c in checks) else None
    if extra is not None:
        return partial(f"Input is validated, and `{extra[0]}` is read beside what the validator is given.", extra[1], checks[0][0])
    checked = checks[0][0] if checks else _checked_everywhere(context)
    schemas = context.routes and all(set(r.registration.checked) & {"body", "query"} for r in context.routes)
    if checked is None and schemas and not _is_marked_only(context):
        checked = context.at_route("the schema of the route")
    checked = checked or checked_fields(context, inputs.handlers)
    missing = without_engine(context) if checked is not None else None
    if checked is not None and missing is not None:
        why = "The rules are annotations, and no build file brings what evaluates them; whether something else does was not settled."
        return unverified(why, checked, missing)
    by_model = checked is None and not Subject(context).sign_in
    if by_model:
        checked = checked_models(context)
    if checked is not None:
        if apart is not None and apart.loose is not None and not is_entrance(context):  # run by a way of the application's own
            return partial(f"Input is validated, and nothing bounds what `{apart.loose[0]}` may hold.", apart.loose[1], checked)
        free_text = (loose_rule(context, inputs.handlers) or loose_models(context)) if not is_entrance(context) else None
        if free_text is not None:
            return partial("Input is validated, and nothing bounds what a field of free text may hold.", free_text)
        kept = Subject(context).changes and not is_entrance(context)
        field = unbounded_field(context, inputs.handlers) if kept and not context.is_found(_APART) else None
        if field is not None:
            beside = [checked] if checked != field[1] else []
            return partial(f"Input is validated, and nothing bounds what `{field[0]}` may hold.", field[1], *beside)
        bare = bare_field(context, inputs.handlers) if Subject(context).changes and not by_model else None
        if bare is not None:
            return partial(f"Input is validated, and no rule says that `{bare[0]}` must be there or what it may hold.", bare[1], checked)
        names = listed_names(context) if by_model and kept else None
        if names is not None and not is_stored(context, names):
            return unverified("The models that are stored have rules; which of them the input meets was not resolved.", checked)
        listed = free_listed_field(context, names) if names else None
        if listed is not None:
            why = f"Input is validated by the model, and nothing says what its text `{listed[0]}` may hold."
            return partial(why, *({(e.file, e.line): e for e in (listed[1], checked)}.values()))
        anything = _of_any_kind(context, inputs) if context.language == "javascript" else None
        if anything is not None:
            return anything
        return passed_if_settled(context, inputs.handlers, "Input is validated before it is used.", checked)
    if typed:
        return unverified("A part of the input is typed; the rest is read from the request directly.", *loose[:1], *typed[:1])
    if context.touches and (served := accepted_fields(context)) is not None:
        return passed_if_served(context, "The serializer of the class checks the input.", served[0])
    idle = unchecked_fields(context, inputs.handlers)
    if idle is not None:
        at = context.at_place(context.handlers[0]) if context.handlers else context.at_route()
        return failed("The fields of the body have rules, and nothing on this flow runs them.", at, idle)
    unruled = _without_rules(context, inputs)
    if unruled is not None:
        return unruled
    sent = _sent(context)
    if sent is not None:
        return sent
    reads = _reads(context, inputs)
    foreign = context.language not in ("python", "javascript", "php")
    if foreign:
        told = reads[0] if reads else mentioned(context, "input")
        if told is not None:
            return unverified("The flow reads input; whether all of it is checked was not resolved.", told)
        if words_of(context, "input") is None or any(_takes(context, inputs, where) for where in inputs.handlers):
            return unverified(
                "The handler has parameters; whether they are filled from the request and checked was not resolved.", context.at_route()
            )
    if not reads and inputs.has_extracted():
        return unverified("Parts of the request become typed values; what their fields may hold was not resolved.", context.at_route())
    if not reads and (given := _is_given_input(context, inputs)) is not None:
        return unverified("The procedure takes input; which check it goes through was not resolved.", given)
    if not reads and _is_given_forms(context, inputs):
        return unverified(
            "The action has parameters; whether the form fills them and a rule checks them was not resolved.", context.at_route()
        )
    if not reads and context.touches:  # the class of a library answers, and reads what it is sent
        return unverified("A library takes the input; whether what it stores is checked was not resolved.", context.at_route())
    if not reads:
        return (
            not_applicable("The flow takes no input.", context.at_route())
            if not any(p for r in context.routes for p in r.route.params)
            else unverified("How the parameters of the path are checked was not resolved.", context.at_route())
        )
    if not Subject(context).changes:
        return unverified("Input is used that no schema or validator known here checks.", *reads[:2])
    doubtful = [context.at(f, n) for f, n, t in chain_text(context) if _SPEAKS.search(t)]
    tested = [
        context.at(f, n)
        for f, n, t in chain_text(context)
        if re.search(r"typeof |isinstance\(|\.test\(|re\.(full)?match|\.length\b|len\(|isNaN|Number\.is|\.isEmail|\.is[A-Z]\w+\(", t)
        and _EMPTY.search(t) is None
    ]
    if doubtful or len(tested) >= 2:
        return unverified("Input is checked by hand; whether each value is was not settled.", *(doubtful or tested)[:2])
    at = context.at_place(context.handlers[0]) if context.handlers else context.at_route()
    return failed("No schema or validator checks the input before it is used.", reads[0], at)


def _sent(context: Context) -> Judgement | None:
    """The message of a remote procedure has types by its document, and no rule: the flow stores its texts as they come."""
    read = sent_messages(context).text_read() if Subject(context).changes and not is_entrance(context) else None
    if read is None or any(_NAMED.search(t) or _TESTED.search(t) for _, _, t in chain_text(context)):
        return None
    why = f"The message has the right types, and nothing bounds what `{read[0]}` may hold."
    return partial(why, read[1], context.at_place(context.handlers[0]) if context.handlers else context.at_route())


def _of_any_kind(context: Context, inputs: Inputs) -> Judgement | None:
    """A body, or a field of it, whose type lets everything pass."""
    body = open_param(context, inputs.handlers)
    if body is not None and body[2]:
        return unverified(f"`{body[0]}` may be anything by its type; whether the flow checks what it holds was not resolved.", body[1])
    if body is not None:
        return partial(f"`{body[0]}` may be anything by its type, and nothing on the flow checks what it holds.", body[1])
    field = open_field(context, inputs.handlers) or open_rule(context, inputs.handlers)
    return (
        partial(f"The rest of the input is checked, and nothing says what `{field[0]}` may hold.", field[1]) if field is not None else None
    )


def _without_rules(context: Context, inputs: Inputs) -> Judgement | None:
    """The classes of the body have texts and no rule, where rules stand on fields, and nothing near them checks by other means."""
    if not load_security_words().checked_fields.get(context.language) or not Subject(context).changes:
        return None
    free = unruled_body(context, inputs.handlers)
    if free is None or context.is_found(_OTHER_RULES):
        return None
    view = context.view(free.file or "")
    named = {f for (_, f) in view.fields} | {p.name for h in inputs.handlers for p in context.view(h.file).symbol(h.index).params if p.name}
    spoken = re.compile(rf"(?i)\b(get)?({'|'.join(re.escape(n) for n in sorted(named)) or 'body'})\b")
    if any(_NAMED.search(t) or (_TESTED.search(t) and spoken.search(t)) for _, _, t in chain_text(context)):
        return None
    at = context.at_place(context.handlers[0]) if context.handlers else context.at_route()
    return failed("No field of the body has a rule, and nothing on the flow checks what it holds.", at, free)


def _takes(context: Context, inputs: Inputs, where: SymbolId) -> bool:
    """Does the handler have a parameter beside the request object, or a request object in a flow that changes something?"""
    params = [p for p in context.view(where.file).symbol(where.index).params if p.name not in ("self", "this")]
    return any(not inputs.request_param(where, p) for p in params) or (bool(params) and Subject(context).changes)


def _typed(context: Context, inputs: Inputs) -> tuple[list[Evidence], list[Evidence]]:
    """Models and types on the handler's parameters; raw request objects beside them."""
    typed: list[Evidence] = []
    loose: list[Evidence] = []
    if states(context, "typed_input") is None:
        return typed, loose
    for where in inputs.handlers:
        view = context.view(where.file)
        symbol = view.symbol(where.index)
        own = [p for p in symbol.params if not inputs.is_dependency(where, p)]
        named = [p for p in own if not inputs.request_param(where, p)]
        models = [
            p
            for p in named
            if p.type is not None and any(isinstance(v, InstV) for v in options(context.graph.ev.instance_of(p.type, where.file, 0)))
        ]
        if models or named or len(own) == len(named):
            typed.append(context.at(where.file, symbol.line, min(symbol.end_line, symbol.line + 3)))
        for value in models[:1]:
            for option in options(context.graph.ev.instance_of(value.type, where.file, 0)) if value.type is not None else ():
                if isinstance(option, InstV):
                    typed.insert(
                        0, context.at(option.cls.symbol.file, context.view(option.cls.symbol.file).symbol(option.cls.symbol.index).line)
                    )
    loose = [context.at(f, n) for f, n, t in chain_text(context) if re.search(r"request\.(json|form|body|query_params|stream)\b", t)]
    return typed, loose


def _is_marked_only(context: Context) -> bool:
    """Has the class of the body no rule, in a language that keeps rules on fields? A mark that runs them then checks nothing."""
    on_fields = bool(load_security_words().checked_fields.get(context.language))
    return on_fields and unruled_body(context, inputs_of(context).handlers) is not None


def _checks(context: Context) -> Iterator[tuple[Evidence, tuple[str, Call] | None]]:
    """What checks input before the handler or in the flow: where it stands, and the call that does it unless it is a guard of its own."""
    marks_only = _is_marked_only(context)
    for guard in context.guards:
        for value in options(guard.value):
            if isinstance(value, Ext) and "schema_library" in context.roles.of_value(value):
                yield context.at_place(guard.place), None
        if not marks_only and "validator" in context.roles.of_value(guard.value):
            yield context.at_place(guard.place), None
        for function in context.roles.functions(guard.value):
            if {400, 422} & context.roles.statuses(function.symbol, depth=1) and _NAMED.search(
                context.view(function.symbol.file).symbol(function.symbol.index).name
            ):
                yield context.at_place(guard.place), None
    chain = set(chain_scopes(context))
    for role in context.roles.calls("validator"):
        if role.call.kind == "decorator" and marks_only:
            continue  # `@Valid` on a class whose fields have no rule checks nothing
        if (role.file, role.call.owner) in chain:
            yield context.at(role.file, role.call.line), (role.file, role.call)
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            name = callee_name(call) or ""
            if name in _CALLS or _NAMED.search(name):
                if name in _SAFE and any("schema_library" in context.graph.knowledge.roles_of(i.module) for i in view.facts.imports):
                    yield context.at(file, call.line), (file, call)
                for value in options(context.graph.ev.value(call.callee, file, call.owner)):
                    if isinstance(value, Ext) and "schema_library" in context.graph.knowledge.roles_of(value.path):
                        yield context.at(file, call.line), (file, call)


def _checked_everywhere(context: Context) -> Evidence | None:
    everywhere = default_of(context, "validation")
    return everywhere.at if everywhere is not None and everywhere.holds else None


def _reads(context: Context, inputs: Inputs) -> list[Evidence]:
    """Places of the chain that read the body, the query or a form."""
    found = [
        context.at(f, n)
        for f, n, t in chain_text(context)
        if re.search(
            r"\breq(uest)?\.(body|query|form|json|get_json|args|values|POST|GET|data|files|post\(\)|multipart\(\))|ctx\.request\.body"
            r"|\$request->|\brequest\(|\$_(GET|POST|REQUEST|FILES|COOKIE)\b|\$this->(request|input)->",
            t,
        )
    ]
    return found
