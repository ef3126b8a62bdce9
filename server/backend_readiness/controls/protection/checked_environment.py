"""Members of the environment as a library of schemas hands it on: `schema.parse(process.env).JWT_SECRET`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.facts.model import Call, CallRef, Lit, Member, Record, Value
from backend_readiness.graph.values import Const, Ext, options
from backend_readiness.graph.views import callee_name
from backend_readiness.rules.signs import sign

ENVIRONMENT = re.compile(r"(^|\.)(env|environ|getenv|ENV|\$?_ENV|\$_SERVER|Env)(\.|$)")
_DEFAULTS = re.compile(sign("checked_environment", "defaults"))
MAX_STEPS = 12


def rule_of(context: Context, value: Member, file: str) -> tuple[str, int, str | None] | None:
    """(file, line, default) of the call which the environment is given to and whose result the member is read from; None for any other.

    The default is the text that the schema writes for the name or the code puts in its place (`env.JWT_SECRET || "x"`), else None.
    """
    found = list(options(context.graph.ev.value(value, file, 0)))
    beside = next((o.value for o in found if isinstance(o, Const) and isinstance(o.value, str) and o.value), None)
    for option in found:
        if not isinstance(option, Ext):
            continue
        made, name = list(_calls(context, option)), option.path.rpartition(".")[2]
        read = next(((f, c) for f, c in made if any(ENVIRONMENT.search(written(a.value)) for a in c.args)), None)
        if read is not None:
            rules = [_default(context, v, f) for f, c in made for a in c.args for k, v in _items(a.value) if k == name]
            ruled = next((r for r in rules if r), None)
            if ruled is None and beside is not None:
                return *(_line_of(context, (read[0], file), beside) or (read[0], read[1].line)), beside
            return read[0], read[1].line, ruled
    return None


def _line_of(context: Context, files: tuple[str, ...], text: str) -> tuple[str, int] | None:
    """(file, line) where one of the files has the text in quotes."""
    quoted = tuple(f"{q}{text}{q}" for q in "\"'`")
    said = ((f, n) for f in files for n, t in enumerate(context.snapshot.lines(f), 1) if any(q in t for q in quoted))
    return next(said, None)


def default_under(context: Context, base: Value, path: str, file: str) -> tuple[str, int, str] | None:
    """(file, line, default) that a schema of settings writes under a path, `config.get("jwt.secret")`; None when it writes none."""
    for option in options(context.graph.ev.value(base, file, 0)):
        for where, call in _calls(context, option) if isinstance(option, Ext) else ():
            for arg in call.args:
                rule: Value | None = arg.value
                for key in path.split("."):
                    rule = next((v for k, v in _items(rule) if k == key), None)
                text = next((v.value for k, v in _items(rule) if k is not None and _DEFAULTS.fullmatch(k) and isinstance(v, Lit)), None)
                if isinstance(text, str) and text:
                    return where, call.line, text
    return None


def _calls(context: Context, value: Ext) -> Iterator[tuple[str, Call]]:
    """The calls that a value of a library comes out of, the last first."""
    step: object = value
    for _ in range(MAX_STEPS):
        if not isinstance(step, Ext):
            return
        if step.site is not None:
            yield step.site.file, context.view(step.site.file).facts.calls[step.site.call]
        step = step.base


def _items(value: Value | None) -> Iterator[tuple[str | None, Value]]:
    if isinstance(value, Record):
        yield from value.items


def _default(context: Context, value: Value, file: str) -> str | None:
    """The text that a rule puts in place of a missing value: `.default("x")`, `str({ default: "x" })`."""
    for _ in range(MAX_STEPS):
        if not isinstance(value, CallRef):
            return None
        call = context.view(file).facts.calls[value.call]
        given = [a.value for a in call.args] if _DEFAULTS.fullmatch(callee_name(call) or "") else []
        given += [v for a in call.args for k, v in _items(a.value) if k is not None and _DEFAULTS.fullmatch(k)]
        text = next((g.value for g in given if isinstance(g, Lit) and isinstance(g.value, str) and g.value), None)
        if text is not None:
            return text
        if not isinstance(call.callee, Member):
            return None
        value = call.callee.base
    return None
