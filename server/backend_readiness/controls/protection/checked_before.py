"""Values that a chain of checks before the handler lets through only as text: `check("email").isEmail()` ahead of it."""

from __future__ import annotations

import regex

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.facts.model import Lit
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Const, Env, Ext, FuncV, Obj, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_TEXT = frozenset(signs("checked_before", "text"))
_REFUSES = regex.compile(sign("checked_before", "refuses"))
_PARSES = regex.compile(sign("checked_before", "parses"))
_STOPS = regex.compile(sign("checked_before", "stops"))
_OBJECTS = frozenset(signs("checked_before", "objects"))
_SCHEMA_TEXT = frozenset(signs("checked_before", "schema_text"))
_STEP = regex.compile(r"\w+")
MAX_STEPS = 20
MAX_LINES = 80


def checked_before(context: Context, name: str) -> Evidence | None:
    """Where a check ahead of the handler asks that the field at the end of `name` (`req.body.email`) be a text of some form."""
    field = name.rpartition(".")[2]
    for guard in context.guards if field else ():
        for value in options(guard.value):
            steps, fields = _chain(context, value)
            if field in fields and steps & _TEXT:
                return context.at_place(guard.place)
    return None


def parsed_before(context: Context, name: str) -> Evidence | None:
    """Where a function ahead of the handler, made with a schema (`validate(schema.login)`), parses input and refuses what is no text."""
    part, _, field = name.rpartition(".")
    for guard in context.guards if field and part else ():
        for value in options(guard.value):
            if not isinstance(value, FuncV) or value.env is None:
                continue
            symbol = context.view(value.symbol.file).symbol(value.symbol.index)
            lines = context.snapshot.lines(value.symbol.file)
            body = "\n".join(lines[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_LINES)])
            if _PARSES.search(body) is None or _STOPS.search(body) is None:
                continue
            given = [o for bound in value.env.args.values() for o in options(bound)]
            named = part.rpartition(".")[2]
            told = any(isinstance(g, Const) and g.value == named for g in given)
            takes = told or f".{named}" in body or _falls_to(context, value.env, named)
            if takes and any(_field_is_text(context, schema, field) for schema in given):
                return context.at_place(guard.place)
    return None


def _falls_to(context: Context, env: Env, part: str) -> bool:
    """Does a parameter that nobody gave name that part of the request by its default: `source = Source.BODY`?"""
    params = context.view(env.symbol.file).symbol(env.symbol.index).params
    defaults = [p.default for p in params if p.default is not None and p.name not in env.args]
    said = [str(d.value) if isinstance(d, Lit) else written(d).rpartition(".")[2] for d in defaults]
    return part in (s.lower() for s in said)


def _field_is_text(context: Context, schema: AV, field: str) -> bool:
    """Does a schema of an object say of the field that it is a text, without turning what was sent into one?"""
    ev = context.graph.ev
    made = schema if isinstance(schema, Ext) and schema.site is not None else None
    if made is None or last_step(made.path.removesuffix("()")) not in _OBJECTS or made.site is None:
        return False
    first = ev.arg_value(made.site, 0)
    fields = [o for o in options(first) if isinstance(o, Obj)] if first is not None else []
    kinds = [k for o in fields if field in o.fields for k in options(ev.thunk(o.fields[field]))]
    steps = [set(_STEP.findall(k.path)) if isinstance(k, Ext) else set[str]() for k in kinds]
    return bool(steps) and all(s & _SCHEMA_TEXT and "coerce" not in s for s in steps)


def refuses(context: Context) -> bool:
    """Does the flow look at what such checks found? By themselves they only collect."""
    return any(_REFUSES.search(text) is not None for _, _, text in chain_text(context))


def _chain(context: Context, value: AV) -> tuple[set[str], set[str]]:
    """(methods of a chain, the constant texts that its first calls are given)."""
    steps: set[str] = set()
    fields: set[str] = set()
    current: AV | None = value
    for _ in range(MAX_STEPS):
        if not isinstance(current, Ext):
            break
        steps.add(last_step(current.path.removesuffix("()")))
        if current.site is not None:
            fields.update(texts(context.graph.ev, context.graph.ev.arg_value(current.site, 0)))
        current = current.base
    return steps, fields
