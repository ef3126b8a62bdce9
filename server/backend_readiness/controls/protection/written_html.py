"""Values that a flow writes into an answer which browsers read as HTML, without a template: echoed, returned or rendered as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import chain_scopes, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import states
from backend_readiness.controls.judgement import Judgement, failed, unverified
from backend_readiness.controls.protection.inputs import Taint, inputs_of
from backend_readiness.facts.model import Concat, Lit, Op, Value
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs, signs_by

_SAFE = re.compile(sign("written_html", "safe"))
AS_IT_IS = frozenset(signs("written_html", "as_it_is"))
_SENDS = frozenset({"send", "write", "end"})
_TAG = re.compile(r"<\w+[^>]*>?")
_HTML = re.compile(r"[\"'`]text/html\b")


def written_html(context: Context) -> Judgement | None:
    """What speaks against an answer that comes from no template; None where nothing does."""
    inputs = inputs_of(context)
    doubt: Evidence | None = None
    for value, file, owner, line, is_html in _written(context):
        reach = inputs.of(value, file, owner, _SAFE)
        at = context.at(file, line)
        if reach.taint is Taint.INPUT and (is_html or _has_tags(value)):
            return failed("HTML is put together with input and sent as it is.", at)
        if reach.taint is Taint.INPUT or (reach.taint is Taint.UNKNOWN and is_html):
            doubt = doubt or at
    if doubt is not None:
        return unverified("Browsers read the answer as HTML; whether a value in it may hold markup was not settled.", doubt)
    made = next((context.at(f, n) for f, n, t in chain_text(context) if _HTML.search(t)), None)
    return unverified("The flow writes HTML by itself; whether input gets into it was not resolved.", made) if made is not None else None


def _written(context: Context) -> Iterator[tuple[Value, str, int, int, bool]]:
    """Each value with its file, its function, its line, and whether it is HTML whatever it looks like."""
    echoes = frozenset(signs_by("written_html", "echoes").get(context.language, ()))
    as_html = states(context, "text_is_html") is not None
    handlers = {(h.file, s) for h in inputs_of(context).handlers for s in context.view(h.file).body(h.index)}
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            name = callee_name(call) or ""
            for arg in call.args[:4]:
                if (name in echoes and not isinstance(arg.value, Lit)) or (name == "render" and arg.name in AS_IT_IS):
                    yield arg.value, file, call.owner, call.line, True
                elif as_html and name in _SENDS and _is_text(arg.value):
                    yield arg.value, file, call.owner, call.line, False
        for answer in view.returns.get(scope, ()) if as_html and (file, scope) in handlers else ():
            if answer.value is not None and _is_text(answer.value):
                yield answer.value, file, scope, answer.line, False


def _is_text(value: Value) -> bool:
    return isinstance(value, Concat) or (isinstance(value, Op) and value.op in ("+", "%"))


def _has_tags(value: Value) -> bool:
    parts = value.parts if isinstance(value, Concat) else value.operands if isinstance(value, Op) else ()
    return any(_TAG.search(str(p.value)) for p in parts if isinstance(p, Lit)) or any(_has_tags(p) for p in parts if isinstance(p, Op))
