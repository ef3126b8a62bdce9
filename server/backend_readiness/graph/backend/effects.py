"""What a call does to the outside world: which data, queue, mail, payment or HTTP service it touches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.facts.model import CallRef, Func
from backend_readiness.graph.backend.handed_in import handed_in
from backend_readiness.graph.backend.model_bases import stands_on
from backend_readiness.graph.backend.sql_texts import is_statement, sql_effect
from backend_readiness.graph.classes.declared_methods import declaration, is_own
from backend_readiness.graph.evaluation import following, members
from backend_readiness.graph.evaluation.built_texts import built_text
from backend_readiness.graph.evaluation.exports import class_named
from backend_readiness.graph.evaluation.spelling import is_among
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.references import argument, argument_value, step_site
from backend_readiness.graph.tagged import Tagged
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, Site, Text, options
from backend_readiness.graph.world import Graph
from backend_readiness.model import LinkStatus
from backend_readiness.rules.card_rules import Ref
from backend_readiness.rules.data_rules import DataRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One touch. `operation` is read | write | delete | call; `statement` the SQL text when there is one."""

    site: Site
    operation: str
    target: str
    kind: str
    status: LinkStatus
    card: str
    path: str
    statement: AV | None = None
    apart: bool = False  # the statement stands in an annotation or a file: the call gives it values
    declared: FuncV | None = None  # the method of an interface of the repository that is called, where a package implements it


def effect_of(graph: Graph, callee: AV, site: Site) -> Effect | None:
    """The effect of calling `callee` at `site`, by the data rules of the active cards.

    A member of what an object is made with (`constructor(models)`) is, where the object does not say, what those give who make one.
    """
    found = _meant(graph, callee, site)
    if found is None and (given := handed_in(graph, callee, site)) is not None:
        found = _meant(graph, given, site)
    return found


def _meant(graph: Graph, callee: AV, site: Site) -> Effect | None:
    for value in options(callee):
        if not isinstance(value, Ext):
            continue
        exact = [m for m in graph.knowledge.data_callees.matches(value) if not m[0].rule.lazy and not _left_out(graph, m[0], value, site)]
        if exact:
            tagged = exact[0][0]
            return _effect(graph, tagged, value, site, [last_step(value.path)], tagged.rule.operation or "call")
        found = _by_receiver(graph, value, site)
        if found is not None:
            return found
    return None


def _left_out(graph: Graph, tagged: Tagged[DataRule], callee: Ext, site: Site) -> bool:
    rule = tagged.rule
    if rule.only and not stands_on(graph, tagged, callee, site):
        return True
    if rule.alone and site.call in graph.view(site.file).called_on:
        return True
    if rule.when is not None:
        found = texts(graph.ev, argument_value(graph.ev, site, rule.when, callee))
        if not any(re.search(rule.matches, text) for text in found):
            return True
    if rule.stated and _of_statement(graph, _statement_value(graph, callee, site, rule), "sql")[0] == "call":
        return True
    if rule.known and last_step(callee.path) not in graph.named_statements:
        return True
    subject = callee.subject if isinstance(callee.subject, ClassV) else None
    return subject is not None and any(members.own_member(graph.ev, subject, n) is not None for n in rule.unless)


def _by_receiver(graph: Graph, callee: Ext, site: Site) -> Effect | None:
    steps: list[str] = []
    fetched = 0  # how many names stand after what was awaited
    current: AV | None = callee
    of_row = False
    for _ in range(40):
        if not isinstance(current, Ext):
            return None
        of_row = of_row or current.path.endswith(">")
        if steps:
            for tagged, _ in graph.knowledge.data_receivers.matches(current):
                if tagged.rule.rows and of_row:
                    continue  # `orders.Where(o => o.Name.Contains(text))`
                operation = _operation(graph, site, tagged.rule, steps[-1]) if not set(steps[:-1]) & set(tagged.rule.ends) else None
                if operation is None and steps[-1] in tagged.rule.awaited and _is_run(graph, site):
                    operation = "read"
                # `rows.find(...)` of rows that are here already
                if operation is not None and not (operation == "read" and _is_here(graph, site, tagged.rule, steps, fetched)):
                    return _effect(graph, tagged, callee, site, steps, operation)
        if not current.path.endswith(")") and not current.path.endswith("]"):
            steps.insert(0, last_step(current.path))
        made = current.site
        if not fetched and made is not None and current is not callee and graph.view(made.file).facts.calls[made.call].awaited:
            fetched = len(steps) - (0 if current.path.endswith(")") else 1)
        current = current.base
    return None


def _is_run(graph: Graph, site: Site) -> bool:
    """Is the result of the call awaited or returned?"""
    view = graph.view(site.file)
    call = view.facts.calls[site.call]
    return call.awaited or any(r.value == CallRef(site.call) for r in view.returns.get(call.owner, ()))


def _is_here(graph: Graph, site: Site, rule: DataRule, steps: list[str], after: int) -> bool:
    """Was an operation already awaited before the last steps, or do they ask its result with a function (`rows.find(r => r.id === id)`)?"""
    if after > 0 and any(_operation(graph, site, rule, s) is not None for s in steps[:-after]):
        return True
    args = graph.view(site.file).facts.calls[site.call].args
    by_function = bool(args) and isinstance(args[0].value, Func)
    return by_function and any(is_among(graph.view(site.file).language, s, n) for s in steps[:-1] for n in rule.operations.values())


def _operation(graph: Graph, site: Site, rule: DataRule, step: str) -> str | None:
    """The operation of the called method; the rule's default when it names none."""
    for operation, names in rule.operations.items():
        if is_among(graph.view(site.file).language, step, names):
            return operation
    return rule.operation or rule.default


def _effect(graph: Graph, tagged: Tagged[DataRule], callee: Ext, site: Site, steps: list[str], operation: str) -> Effect | None:
    rule = tagged.rule
    refs = (rule.target,) if isinstance(rule.target, Ref) else rule.target
    other = any(_leads_elsewhere(graph, callee, r) for r in refs)  # a relation to a class that is not known is none to its own
    target = next((t for r in refs if not (other and r.subject) and (t := _target(graph, callee, site, steps, r))), "")
    statement: AV | None = None
    apart = False
    if operation == "named_sql":
        asked = graph.ev.arg_value(site, rule.statement.arg or 0) if isinstance(rule.statement, Ref) else None
        named = next(iter(texts(graph.ev, asked)), "") if asked is not None else steps[-1]
        text = graph.named_statements.get(named, "")
        statement, apart = (Const(text), True) if text else (None, False)
        operation, found = sql_effect(text) if text else (rule.default or "call", "")
        target = found or target
    if operation in ("statement", "sql"):
        statement = _statement_value(graph, callee, site, rule)
        if operation == "sql" and _is_fragment(graph, statement):
            return None
        operation, found = _of_statement(graph, statement, operation)
        operation = rule.default if operation == "call" and rule.default is not None else operation
        target = found or target
    if rule.kind == "cache" and isinstance(class_named(graph.ev, target), ClassV):
        target = ""  # `cache.get(user.name)`: the class of the object is no key
    declared = declaration(graph.ev, callee, len(graph.view(site.file).facts.calls[site.call].args)) if graph.has_implementing else None
    if declared is not None:
        operation, found, said = of_declared(graph, declared, operation, statement)
        target = found or target
        apart, statement = apart or said is not statement, said
        if statement is None and not is_own(graph.view(declared.symbol.file), declared):
            declared = None  # declared for all implementations: the call is the place
    status = LinkStatus.CONFIRMED if callee.known else LinkStatus.INFERRED
    return Effect(
        site=site,
        operation=operation,
        target=target or rule.service,
        kind=rule.kind,
        status=status,
        card=tagged.card.id,
        path=callee.path,
        statement=statement,
        apart=apart,
        declared=declared,
    )


def of_declared(graph: Graph, declared: FuncV, operation: str, statement: AV | None) -> tuple[str, str, AV | None]:
    """Operation, target and statement of a declared method, by the text in one of its annotations (`@Query("select ...")`)."""
    from backend_readiness.graph.classes.annotations import decorators_of

    for annotation in decorators_of(graph, declared.symbol):
        if annotation.site is None or not graph.knowledge.roles_of(annotation.path.removesuffix("()")) & {"statement"}:
            continue
        for key in ("value", "query"):
            thunk = argument(graph, annotation.site, Ref(arg=0, kwarg=key))
            given = graph.ev.thunk(thunk) if thunk is not None else None
            found = list(texts(graph.ev, given)) if given is not None else []
            if found:
                said, target = sql_effect(" ".join(found))
                return (operation if said == "call" else said), target, given
    view = graph.view(declared.symbol.file)
    symbol = view.symbol(declared.symbol.index)
    mapped = graph.mapped_statements(view.path, view.symbol(symbol.parent).name).get(symbol.name)
    if mapped is not None:
        return mapped.operation, sql_effect(mapped.sql)[1], Const(mapped.sql)
    return operation, "", statement


def _is_fragment(graph: Graph, statement: AV | None) -> bool:
    """A known text that is no statement: an expression for a builder (`raw("count(*)")`)."""
    plain = [o for o in options(statement) if isinstance(o, Const | Text)] if statement is not None else []
    found = [t for o in plain for t in texts(graph.ev, o)]
    return bool(found) and not any(is_statement(t) or t.lstrip().startswith("{") for t in found)


def _statement_value(graph: Graph, callee: Ext, site: Site, rule: DataRule) -> AV | None:
    refs = rule.statement if isinstance(rule.statement, tuple) else (rule.statement or Ref(arg=0),)
    found = [built_text(graph, argument_value(graph.ev, site, ref, callee)) for ref in refs]
    said = (v for v in found if v is not None and any(is_statement(t) for t in texts(graph.ev, v)))
    return next(said, found[-1])


def _of_statement(graph: Graph, value: AV | None, mode: str) -> tuple[str, str]:
    """Operation and target of a statement value: a query object (`select(User)`), or SQL text."""
    for option in options(value) if value is not None else ():
        if isinstance(option, Ext):
            inner = effect_in_chain(graph, option)
            if inner is not None:
                return inner.operation, inner.target
            if option.site is not None:  # text("select ...") and the like
                first = graph.ev.arg_value(option.site, 0)
                if first is not None and any(is_statement(t) for t in texts(graph.ev, first)):
                    return sql_effect(texts(graph.ev, first)[0])
        for text in texts(graph.ev, option):
            if is_statement(text):
                return sql_effect(text)
    return "call", ""


def effect_in_chain(graph: Graph, value: Ext) -> Effect | None:
    """The statement constructor inside a chain of builder calls: `select(User).where(...)`."""
    current: AV | None = value
    for _ in range(40):
        if not isinstance(current, Ext):
            return None
        if current.site is not None and isinstance(current.base, Ext):
            for tagged, _ in graph.knowledge.data_callees.matches(current.base.path):
                if tagged.rule.lazy:
                    return _effect(graph, tagged, current.base, current.site, [], tagged.rule.operation or "read")
        current = current.base
    return None


def _receiver_step(callee: Ext, steps: int) -> str:
    found = next((r for r in _above(callee, steps) if not r.path.endswith((")", "]"))), None)
    return last_step(found.path) if found is not None else ""


def _above(callee: Ext, steps: int) -> Iterator[Ext]:
    """The receiver `steps` names before the end of a path, and what it was reached through."""
    current: AV | None = callee
    for _ in range(40):
        if not isinstance(current, Ext):
            return
        if steps == 0:
            yield current
        elif not current.path.endswith((")", "]")):
            steps -= 1
        current = current.base


def _target(graph: Graph, callee: Ext, site: Site, steps: list[str], ref: Ref) -> str:
    if ref.const is not None:
        return ref.const
    if ref.step is not None:
        return steps[ref.step] if -len(steps) < ref.step < len(steps) - 1 or (ref.step == 0 and len(steps) > 1) else ""
    if ref.receiver:
        return _receiver_step(callee, len(steps) + ref.receiver - 1)
    if ref.subject or ref.inherited is not None:
        return value_name(graph, argument_value(graph.ev, site, ref, callee))
    if ref.at == "receiver":
        at = next((r.site for r in _above(callee, len(steps)) if r.site is not None), None)
    else:
        at = step_site(callee, ref.at) if ref.at is not None else site
    thunk = argument(graph, at, ref) if at is not None else None
    return value_name(graph, graph.ev.thunk(thunk)) if thunk is not None else ""


def _leads_elsewhere(graph: Graph, callee: Ext, ref: Ref) -> bool:
    """Is there a step of that name, which is given what is touched: `$this->hasMany($model)->create()`?"""
    at = step_site(callee, ref.at) if ref.at is not None and ref.at != "receiver" and ref.arg is not None else None
    return at is not None and argument(graph, at, ref) is not None


def model_behind(graph: Graph, value: AV) -> AV | None:
    """The model that a form, serializer or view class is about, by the fields that the cards name; None for another class."""
    if isinstance(value, InstV) and isinstance(value.cls, ClassV):
        value = value.cls
    for path in graph.knowledge.model_fields:
        found = following.follow(graph.ev, value, path)
        if isinstance(found, ClassV | InstV | Ext) and found is not value:
            return found
    return None


def value_name(graph: Graph, value: AV | None, depth: int = 0) -> str:
    """What to call a model, table, collection or URL: class name, constant text, or nothing."""
    for option in options(value) if value is not None else ():
        match option:
            case ClassV() | InstV() if depth < 4 and (model := model_behind(graph, option)) is not None:
                return value_name(graph, model, depth + 1)
            case ClassV(symbol=s) | InstV(cls=ClassV(symbol=s)) | FuncV(symbol=s):
                return graph.view(s.file).symbol(s.index).name.rpartition(".")[2]
            case Const(value=v) if v is not None:
                dotted = str(v).replace("\\", ".")  # `"shop.Order"`
                named = class_named(graph.ev, dotted.rpartition(".")[2]) if "." in dotted else None
                return value_name(graph, named, depth + 1) if isinstance(named, ClassV) and depth < 4 else str(v)[:80]
            case Ext():
                if option.subject is not None:
                    return value_name(graph, graph.stands_for(option.path) or option.subject)
                inner = effect_in_chain(graph, option)
                if inner is not None and inner.target:
                    return inner.target
                if option.site is not None:
                    first = graph.ev.arg_value(option.site, 0)
                    if isinstance(first, Const) and isinstance(first.value, str):
                        return first.value[:80]
                    # A function that nobody imports by name hands on what it is about: `from(u in User) |> order_by(...)`.
                    if isinstance(first, ClassV) or (isinstance(first, Ext | InstV) and option.path.startswith("~") and depth < 12):
                        return value_name(graph, first, depth + 1)
                if isinstance(option.base, Ext) and option.base is not option and not option.path.startswith("?"):
                    return value_name(graph, option.base)
            case ListV(items=items) if items:
                return value_name(graph, graph.ev.thunk(items[0]))
            case _:
                found = texts(graph.ev, option)
                if found and not found[0].startswith("{"):
                    return found[0][:80]
    return ""
