"""Who the caller is, and where the flow refuses one who is nobody: guards, dependencies, checks in the handler."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.development import stands_under_a_setting
from backend_readiness.controls.expressions import argument_for, written
from backend_readiness.controls.kept import once
from backend_readiness.controls.protection.caught_refusals import is_for_other_errors
from backend_readiness.controls.protection.compared_callers import decides, only_compares
from backend_readiness.controls.protection.constant_answers import constant_answer, operations_given, targets_of_call
from backend_readiness.controls.protection.ended_scripts import ended_for_strangers, is_included
from backend_readiness.controls.protection.handed_callers import asked_elsewhere, handed_callers
from backend_readiness.controls.protection.inputs import Inputs, inputs_of
from backend_readiness.controls.protection.only_for_some import for_some
from backend_readiness.controls.protection.open_marks import open_to_all
from backend_readiness.controls.protection.optional_guards import is_optional
from backend_readiness.controls.protection.other_questions import guards_forms
from backend_readiness.controls.protection.passing_on import speaks_of_caller, turns_callers_away
from backend_readiness.controls.protection.refusals import (
    lets_unsent_pass,
    names_caller,
    returned_refusals,
    sends_to_sign_in,
    stated_refusals,
    switched_off,
    turns_away,
)
from backend_readiness.controls.protection.skippers import stands_aside_for
from backend_readiness.controls.protection.unread_arguments import is_unread
from backend_readiness.controls.subjects import Subject
from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import Alt, Call, CallRef, Concat, Index, Lit, Member, Name, Op, Param, Record, Seq, Value
from backend_readiness.graph.classes.annotations import annotation_calls
from backend_readiness.graph.routes.routing import Guard, function_named
from backend_readiness.graph.values import AV, Ext, Site, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence, Stage
from backend_readiness.rules.signs import sign

_GUARD_NAME = re.compile(sign("identity", "guard_name"))
_IDENTITY = re.compile(r"(?i)(^|\.|_)(current_?_?user\w*|logged_?_?(in)?_?user\w*|auth_?user\w*|principal|identity|claims|token_?data|(jwt|auth|token)_?payload|viewer|caller|actor|signed_?in\w*|current_?account|current_?member|user_?from_?token)(\.|$|_id|id)")  # fmt: skip  # noqa: E501
_REQUEST_IDENTITY = frozenset({"user", "userId", "user_id", "userid", "uid", "auth", "session", "account", "currentUser", "loggedUser", "loggedInUser", "principal", "jwt", "token", "decoded", "state", "locals", "me", "profile", "admin", "customer", "member", "owner"})  # fmt: skip  # noqa: E501
_IDENTITY_CALL = re.compile(r"(?i)^(get_?)?(current_?user|jwt_?identity|identity|session|auth(?!or(?!i[sz]))|user_?from_?token|user_?id|viewer|logged_?in_?user|server_?session|token_?validator|decode_?(auth_?)?token|verify_?(access_?)?token|verify(?!_?(file|exist|captcha|recaptcha|email|code|otp|password|hash|input|body|param))|decode(?!_?(uri|url|base64|utf|html|entit|body|json|form|query|param|component))|current_?account|get_?claims|get_?jwt)\w*$")  # fmt: skip  # noqa: E501
_PERSON = re.compile(r"(?i)^(app(lication)?_?|article_?)?(users?|accounts?|members?|profiles?|persons?|people)(_?(model|entity|record|table|dao))?s?$")  # fmt: skip  # noqa: E501
_NO_QUERY = ("add", "commit", "refresh", "delete", "save", "dict", "print", "info", "debug", "log", "warning", "error", "setDataValue")
_ASKS = re.compile(r"(?i)owner|permission|authori[sz]|access|belongs|equals?$|^can|^is_?admin|has_?role")
_RIGHT = re.compile(r"(?i)role|admin|staff|superuser|permission|scope")


class Identity:
    """Questions about the caller of one flow."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.graph = context.graph
        self.inputs: Inputs = inputs_of(context)
        self.compared: Evidence | None = None  # where a handler refuses whoever is not the one of an object
        self._visited: dict[tuple[str, str, int], int] = {}  # names of one question, with the depth at which they were asked
        self._signs_in = Subject(context).sign_in  # sent back to its own page: asked once more, whoever it is

    def refusal(self) -> tuple[str, tuple[Evidence, ...]] | None:
        """What refuses a request without valid credentials before the flow acts, with its places; None when nothing is known to."""
        return self.refusal_before() or self._handler_refuses()

    def refusal_before(self) -> tuple[str, tuple[Evidence, ...]] | None:
        """The same, of what runs before the handler only; None where the handler is marked as open to everybody."""
        if self.opened() is not None:
            return None
        for guard in sorted(self.context.guards, key=lambda g: stands_under_a_setting(self.context, g.place.file, g.place.line)):
            if (found := self.guard_refuses(guard)) is not None:
                return found
        asked = asked_elsewhere(self.context) | handed_callers(self.context)
        for reached in self.context.functions:
            where = reached.function.symbol
            if where in self.inputs.handlers or where in asked or guards_forms(self.graph, reached.function):
                continue
            if self._is_before(where) and (line := self.refuses(where, off=switched_off(reached.function))) is not None:
                name = self.graph.view(where.file).symbol(where.index).name
                return f"`{name}` runs before the handler and refuses.", (self.context.at_route(), self.context.at(where.file, line))
        return None if (scheme := self._scheme_in_signature()) is None else ("The handler's signature asks for credentials.", (scheme,))

    def opened(self) -> Evidence | None:
        """Where the handler, or a rule of access that names its path, says that guards let everybody pass."""
        named = [r.registration.opened for r in self.context.routes]
        if named and named[0] is not None and all(named):
            return self.context.at_place(named[0])
        return next((self.context.at_symbol(w) for w in self.inputs.handlers if open_to_all(self.graph.view(w.file), w.index)), None)

    def guard_refuses(self, guard: Guard) -> tuple[str, tuple[Evidence, ...]] | None:
        """Does one guard refuse? By its role, by its name when it comes from a library, or by what its code does."""
        place = self.context.at_place(guard.place)
        if stands_aside_for(self.context, guard) is not None:
            return None
        functions = [f for f in self.context.roles.functions(guard.value) if not guards_forms(self.graph, f)]
        for function in functions:
            if (line := self.refuses(function.symbol, off=switched_off(function))) is not None:
                name = function_named(self.graph, function).symbol
                return f"`{name}` refuses requests without credentials.", (place, self.context.at(function.symbol.file, line))
            if self._decides(function.symbol):
                return "A guard class decides who may pass.", (place, self.context.at_symbol(function.symbol))
        for option in options(guard.value):
            if isinstance(option, Ext) and option.known:
                roles = self.context.roles.of_value(option)
                if ("auth_guard" in roles or _GUARD_NAME.search(option.path)) and not self.lets_pass(option):
                    return f"`{option.path.removesuffix('()').removeprefix('~')}` stands before the handler.", (place,)
        optional = any(isinstance(o, Ext) and is_optional(self.graph, o) for o in options(guard.value))
        if not functions and not optional and "auth_guard" in self.context.roles.of_value(guard.value):
            return "An authentication guard stands before the handler.", (place,)
        return None

    def _decides(self, where: SymbolId) -> bool:
        """A method by which a guard class says yes or no, and that does not always say yes."""
        view = self.graph.view(where.file)
        says = view.symbol(where.index).name in ("canActivate", "has_permission", "has_object_permission")
        return says and any(r.value is not None and not isinstance(r.value, Lit) for r in view.returns.get(where.index, ()))

    def lets_pass(self, value: AV) -> bool:
        """Is it known of something from a package that it refuses nobody?"""
        return isinstance(value, Ext) and ("identifies" in self.context.roles.of_value(value) or is_optional(self.graph, value))

    def refuses(self, where: SymbolId, depth: int = 2, off: frozenset[str] = frozenset(), told: bool = False) -> int | None:
        """The line on which a function answers or raises 401 or 403, or sends to the sign-in page; its callees included.

        What happens only where the request carries a credential, or behind one of the names of `off`, is no refusal of those without one.
        """
        view, spared = self.graph.view(where.file), for_some(self.context)
        statuses = {400, 401, 403} if _GUARD_NAME.search(view.symbol(where.index).name) else {401, 403}
        for scope in view.body(where.index):
            if lets_unsent_pass(view, scope):
                return None
            for number in view.calls_of.get(scope, ()):
                call = view.facts.calls[number]
                turned = turns_away(view, call, statuses) or (not self._signs_in and sends_to_sign_in(view, call))
                if turned and not spared(view, scope, call.start, off) and turns_callers_away(self.context, where, call, told):
                    return call.line
            said = (*stated_refusals(view, scope), *ended_for_strangers(self.graph, view, scope))
            stated = next((line for start, line in said if not spared(view, scope, start, off)), None)
            if stated is not None:
                return stated
            for answer in returned_refusals(view, scope, statuses):
                if not spared(view, scope, answer.start, off) and (told or speaks_of_caller(self.context, where, answer)):
                    return answer.line
        for edge in self.context.tracer.edges.of_symbol(where)[:20] if depth else ():
            at = self.graph.view(edge.site.file)
            call = at.facts.calls[edge.site.call]
            unasked = is_for_other_errors(at, call) or spared(at, call.owner, call.start, off)
            speaks = told or speaks_of_caller(self.context, where, call)
            if (
                (edge.kind == "call" or is_included(at, edge))
                and not unasked
                and edge.target.symbol != where
                and self.refuses(edge.target.symbol, depth - 1, told=speaks)
            ):
                return call.line
        return None

    def _is_before(self, where: SymbolId) -> bool:
        links = {(link.file, link.line) for b in self.context.backends for link in b.links if link.stage is Stage.MIDDLEWARE}
        return (where.file, self.graph.view(where.file).symbol(where.index).line) in links

    def _scheme_in_signature(self) -> Evidence | None:
        for where in self.inputs.handlers:
            view = self.graph.view(where.file)
            for file, number in (n for p in view.symbol(where.index).params for n in annotation_calls(self.graph.ev, p, where.file)):
                call = self.graph.view(file).facts.calls[number]
                for arg in call.args[:1]:
                    value = self.graph.ev.value(arg.value, file, call.owner)
                    if any(
                        isinstance(v, Ext) and "auth_guard" in self.context.roles.of_value(v) and not is_optional(self.graph, v)
                        for v in options(value)
                    ):
                        return self.context.at(file, call.line)
        return None

    def _handler_refuses(self) -> tuple[str, tuple[Evidence, ...]] | None:
        """A check in the handler, or in a function that it calls and whose result is the caller."""
        for where in self.inputs.handlers:
            if (line := self.refuses(where, depth=2)) is None:
                continue
            if not only_compares(self.graph.view(where.file), where, line, self.compares, self.is_caller):
                return "The handler itself refuses a caller who is not signed in.", (self.context.at(where.file, line),)
            self.compared = self.compared or self.context.at(where.file, line)
        return None

    def is_caller(self, expr: Value, file: str, owner: int, depth: int = 0) -> bool:
        """Does the expression stand for the signed-in caller, or something of theirs (their id)?"""
        self._visited = self._visited if depth else {}
        if depth > 12:
            return False
        match expr:
            case Member(base=base, name=name):
                if self.inputs.is_request(base, file, owner):
                    return name in _REQUEST_IDENTITY or _IDENTITY.search(name) is not None
                return _IDENTITY.search(written(expr)) is not None or self.is_caller(base, file, owner, depth + 1)
            case Index(base=base):
                return self.is_caller(base, file, owner, depth + 1)
            case Name(id=name):
                return self._name_is_caller(name, file, owner, depth)
            case CallRef(call=number):
                call = self.graph.view(file).facts.calls[number]
                called = callee_name(call) or ""
                if _IDENTITY_CALL.match(called):
                    return True
                inside = [call.callee.base] if isinstance(call.callee, Member) else []
                return any(self.is_caller(v, file, owner, depth + 1) for v in (*inside, *(a.value for a in call.args[:6])))
            case Concat(parts=items) | Seq(items=items) | Alt(options=items) | Op(operands=items):
                return any(self.is_caller(v, file, owner, depth + 1) for v in items[:12])
            case Record(items=pairs):
                return any(self.is_caller(v, file, owner, depth + 1) for _, v in pairs[:30])
        return False

    def _name_is_caller(self, name: str, file: str, owner: int, depth: int) -> bool:
        if self._visited.get((name, file, owner), 13) <= depth:  # on the way already, or found to be nobody
            return False
        self._visited[name, file, owner] = depth
        view = self.graph.view(file)
        for scope in view.enclosing(owner):
            where = SymbolId(file, scope)
            for param in view.symbol(scope).params:
                if param.name == name:
                    return self._param_is_caller(where, param, depth)
                if param.pattern is not None and name in {n for n, _ in bound_names(param.pattern)}:
                    return _IDENTITY.search(name) is not None
            bound = view.bindings.get((scope, name))
            if bound:
                if _IDENTITY.search(name):
                    return True
                return any(
                    a.value is not None
                    and (
                        self.is_caller(a.value, file, a.owner, depth + 1)
                        or (bool(way) and way[0] in _REQUEST_IDENTITY and self.inputs.is_request(a.value, file, a.owner))
                    )
                    for a, way in bound[:6]
                )
        value = self.graph.ev.lookup(name, file, owner)
        return any(isinstance(v, Ext) and _IDENTITY.search(v.path) is not None for v in options(value))

    def _param_is_caller(self, where: SymbolId, param: Param, depth: int) -> bool:
        if where in self.inputs.handlers:
            if not self.inputs.is_dependency(where, param):
                return names_caller(self.graph.view(where.file), param) or (bool(param.decorators) and bool(_IDENTITY.search(param.name)))
            return re.search(
                r"(?i)user|account|principal|identity|claims|auth|token|session|member|customer|caller|payload|owner", param.name
            ) is not None and not re.search(r"(?i)^(db|session|db_session|async_session)$", param.name)
        for site in self.inputs.sites.get(where, ())[:6]:
            view = self.graph.view(site.file)
            call = view.facts.calls[site.call]
            arg = argument_for(self.graph.view(where.file).symbol(where.index).params, param, call.args)
            if arg is not None and self.is_caller(arg, site.file, call.owner, depth + 1):
                return True
        return not self.inputs.sites.get(where) and _IDENTITY.search(param.name) is not None

    def comparisons(self) -> list[Evidence]:
        """Conditions of handlers and services in which the caller is compared with something that is no literal."""
        return [
            self.context.at(where.file, block.line)
            for where, scope in self.own_scopes()
            for block in self.graph.view(where.file).blocks_of.get(scope, ())
            if block.kind == "if" and block.subject is not None and self.compares(block.subject, where.file, scope)
            if decides(self.graph.view(where.file), block)
        ]

    def narrowed(self) -> list[tuple[Site, Evidence]]:
        """Calls of handlers and services by which the caller narrows a query, or is asked for a right."""
        touched = [e for e, _ in self.context.effects]
        effects = {(e.site.file, e.site.call) for e in touched}
        people = {(e.site.file, e.site.call) for e in touched if _PERSON.match(e.target) and e.operation == "read"}
        others = any(not _PERSON.match(e.target) for e in touched if e.target)
        found: list[tuple[Site, Evidence]] = []
        for where, scope in self.own_scopes():
            view = self.graph.view(where.file)
            for number in view.calls_of.get(scope, ()):
                call = view.facts.calls[number]
                site = Site(where.file, number, None)
                if others and (where.file, number) in people:
                    continue  # the row of the caller: it says nothing of the objects that the flow is about
                if self._narrows(call, site, effects):
                    found.append((site, self.context.at(where.file, call.line, min(call.end_line, call.line + 5))))
        return found

    def own_scopes(self) -> Iterator[tuple[SymbolId, int]]:
        """The functions of the chain that do not run before the handler, with the lambdas inside of them."""
        earlier = self._below([r.function.symbol for r in self.context.functions if self._is_before(r.function.symbol)])
        earlier -= self._below(list(self.inputs.handlers))
        for reached in self.context.functions:
            where = reached.function.symbol
            if where in self.inputs.handlers or where not in earlier:
                for scope in self.graph.view(where.file).body(where.index):
                    yield where, scope

    def _below(self, functions: list[SymbolId]) -> set[SymbolId]:
        """The functions with those that they call, one after another."""
        seen: set[SymbolId] = set()
        while functions and len(seen) < 400:
            where = functions.pop()
            if where not in seen:
                seen.add(where)
                functions.extend(e.target.symbol for e in self.context.tracer.edges.of_symbol(where) if e.kind in ("call", "dispatch"))
        return seen

    def compares(self, value: Value, file: str, owner: int, depth: int = 0) -> bool:
        if depth > 6:
            return False
        if isinstance(value, Op):
            if value.op in ("==", "!=", "===", "!==", "in", "not in", "is", "is not"):
                literal = any(isinstance(o, Lit) for o in value.operands)
                right = any(_RIGHT.search(written(o)) for o in value.operands)
                if (not literal or right) and any(not isinstance(o, Lit) and self.is_caller(o, file, owner) for o in value.operands):
                    return True
            return any(self.compares(o, file, owner, depth + 1) for o in value.operands)
        if isinstance(value, Alt):
            return any(self.compares(o, file, owner, depth + 1) for o in value.options)
        if isinstance(value, CallRef):
            call = self.graph.view(file).facts.calls[value.call]
            targets = targets_of_call(self.context, SymbolId(file, owner), value.call)
            if any(constant_answer(self.context, t) is not None for t in targets):
                return False
            if any(self.compares(v, t.file, t.index, depth + 2) for v, t in operations_given(self.context, targets)):
                return True
            if _ASKS.search(callee_name(call) or "") is None:
                return False
            inside = (call.callee.base,) if isinstance(call.callee, Member) else ()
            return any(self.is_caller(v, file, owner) for v in (*inside, *(a.value for a in call.args)))
        return False

    def _narrows(self, call: Call, site: Site, effects: set[tuple[str, int]]) -> bool:
        """A query whose arguments, or whose receiver, hold the caller."""
        name = callee_name(call) or ""
        if name in _NO_QUERY:
            return False
        in_query = (site.file, site.call) in effects or name in (
            "where", "filter", "filter_by", "find", "findOne", "find_one", "get_object_or_404", "findFirst", "findUnique", "check_object_permissions", "can", "authorize", "ensure_owner", "require_owner",  # noqa: E501
            "andWhere", "findOneBy", "execute", "query", "fetch", "fetchrow", "fetchval", "fetch_one", "fetch_all", "exec", "scalar", "scalars", "and_",  # noqa: E501
        )  # fmt: skip
        if not in_query and re.search(r"(?i)owner|permission|authori[sz]|access|belongs", name) is None:
            return False
        if given := [a for a in call.args[:8] if self.is_caller(a.value, site.file, call.owner)]:
            return not is_unread(self.context, site.file, site.call, given)
        of = call.callee.base if isinstance(call.callee, Member) and (site.file, site.call) in effects else None
        return of is not None and self.is_caller(of, site.file, call.owner)


def identity_of(context: Context) -> Identity:
    """The one `Identity` of a context."""
    return once(context, Identity)
