"""What errors are called: `throw new EmailTakenException()`, `ErrUserAlreadyExists`, `AppError::UsernameTaken`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import chain_scopes
from backend_readiness.controls.context import Context
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import CallRef, Value
from backend_readiness.graph.views import FileView
from backend_readiness.model import Evidence

# A type, a variant or a constant begins with a capital; a variable of the function does not.
_CONSTANT = re.compile(r"^(?:[A-Z][A-Za-z0-9]*|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|Err[A-Z]\w*)$")
_JOINT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_|::|\.")
MAX_NAME = 120


def named_errors(context: Context) -> Iterator[tuple[str, Evidence]]:
    """(words of the name, place) of errors that functions of the chain throw, return or pass on."""
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for thrown in view.facts.throws:
            if thrown.owner == scope:
                yield from ((w, context.at(file, thrown.line)) for w in _words(view, thrown.value))
        for returned in view.returns.get(scope, ()):
            yield from ((w, context.at(file, returned.line)) for w in _words(view, returned.value))
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            for arg in call.args:
                yield from ((w, context.at(file, call.line)) for w in _words(view, arg.value))


def _words(view: FileView, value: Value | None) -> Iterator[str]:
    made = view.facts.calls[value.call].callee if isinstance(value, CallRef) else value
    path = (dotted(made) or "")[:MAX_NAME]
    last = re.split(r"[.:]+", path)[-1]
    if _CONSTANT.match(last) is not None:
        yield " ".join(_JOINT.split(last))
