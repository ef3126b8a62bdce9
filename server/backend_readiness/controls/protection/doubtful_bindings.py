"""Fields of a body that look as if they were listed, and a reader would ask about: rights, the owner, a record of any fields."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import chain_scopes, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, partial, unverified
from backend_readiness.controls.mentions import mentioned, words_of
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.protection.model_checks import bodies, in_models
from backend_readiness.facts.model import Index, Name
from backend_readiness.graph.values import ClassV, options
from backend_readiness.model import Evidence

_RIGHTS = r"(?:role|roles|is_?admin|admin|is_?staff|is_?superuser|permissions)"
# `const { name, role } = req.body`, with the closing bracket on the line.
_TAKEN_APART = re.compile(rf"(?i)\{{[^{{}}]*\b({_RIGHTS})\b[^{{}}]*\}}\s*=\s*(?:await\s+)?(?:req|request|ctx\.request)\.body\b")
_OWNERS = r"(?:creator|created_?by|owner(?:_?id)?|author(?:_?id)?|user_?id)"
_OWNER_APART = re.compile(rf"(?i)\{{[^{{}}]*\b({_OWNERS})\b[^{{}}]*\}}\s*=\s*(?:await\s+)?(?:req|request|ctx\.request)\.body\b")
_REST = re.compile(r"\.\.\.\s*(\w+)\s*\}\s*=\s*(?:await\s+)?(?:req|request|ctx\.request)\.body\b")
_OWNER = re.compile(
    r"(?i)\b(user|owner|author|account|creator|created_?by)_?id\"?\s*[:=]\s*&?(?:req|request|input|body|dto|data|payload|form|params|in)\w*"
    r"(?:\.\w+)?\.(?:get)?(user|owner|author|account|creator|created_?by)_?id\b"
)
_COMPARED = re.compile(r"(?i)[!=]==?\s*\w*(?:\.\w+)*(?:user|owner|author|account|creator)_?id\b")
_OPEN = re.compile(r"(?i)\bextra[\"']?\s*[=:]\s*(?:[\"']allow[\"']|(?:\w+\.)*Extra\.allow)")


def doubtful_binding(context: Context) -> Judgement | None:
    """What speaks against fields that were taken for listed ones; None where nothing does."""
    lines = list(chain_text(context))
    for file, line, text in lines:
        rest = _REST.search(text)
        if rest is not None and any(
            re.search(rf"(?:\.\.\.|\(\s*|\bdata:\s*){rest.group(1)}\b", t) for f, n, t in lines if (f, n) != (file, line)
        ):
            why = "The body is stored without the fields that are named, and with every other one: a list of what is refused."
            return partial(why, context.at(file, line))
    rights = mentioned(context, "listed_rights") or in_models(context, "listed_rights", stored_only=True)
    if rights is not None:
        return unverified("The list of fields that the body may set names one that gives rights; who may set it was not settled.", rights)
    for file, line, text in lines:
        if _TAKEN_APART.search(text) is not None and identity_of(context).refusal_before() is None:
            return unverified(
                "A field that gives rights is taken from the body; whether callers may set it was not settled.", context.at(file, line)
            )
    spans = [(h.file, context.view(h.file).symbol(h.index)) for h in inputs_of(context).handlers]  # below them a name is anybody's
    own = [(f, n, t) for f, n, t in lines if any(f == file and s.line <= n <= s.end_line for file, s in spans)]
    owner = next(((f, n) for f, n, t in own if _OWNER.search(t)), None)
    if owner is not None and identity_of(context).refusal_before() is not None and not any(_COMPARED.search(t) for _, _, t in lines):
        return unverified("The body says whose the record is; whether callers may choose that was not settled.", context.at(*owner))
    apart = next(((f, n, m.group(1)) for f, n, t in own if (m := _OWNER_APART.search(t)) is not None), None)
    if apart is not None and not any(re.search(rf"(?:===?|!==?)\s*{apart[2]}\b|\b{apart[2]}\s*(?:===?|!==?)", t) for _, _, t in own):
        why = f"`{apart[2]}`, which says whose the record is, is taken from the body; whether callers may choose it was not settled."
        return unverified(why, context.at(apart[0], apart[1]))
    open_ = _any_fields(context) or _of_any_fields(context)
    return unverified("The body is taken with whatever fields it has; which of them are stored was not settled.", open_) if open_ else None


def _any_fields(context: Context) -> Evidence | None:
    """A class of the body that keeps fields which it does not list; a map that the body fills and that is handed on."""
    for cls in bodies(context, inputs_of(context).handlers):
        symbol = context.view(cls.file).symbol(cls.index)
        for number in range(symbol.line, min(symbol.end_line, symbol.line + 60) + 1):
            if _OPEN.search(context.snapshot.lines(cls.file)[number - 1]) is not None:
                return context.at(cls.file, number)
    declared = [re.compile(p) for p in words_of(context, "open_records") or ()]
    lines = list(chain_text(context)) if declared else []
    for file, line, text in lines:
        name = next((m.group(1) for p in declared if (m := p.search(text)) is not None), None)
        filled = name is not None and any(re.search(rf"(?i)\w*(bind|decode|parse)\w*\(.*&?\b{name}\b", t) for _, _, t in lines)
        if filled and any(re.search(rf"\.(?:Updates?|Create|Save|Insert\w*|Set)\(.*\b{name}\b", t) for _, _, t in lines):
            return context.at(file, line)
    return None


def _of_any_fields(context: Context) -> Evidence | None:
    """A record that is made of a parameter which takes the body as it comes: `User(**given)`, where `given: dict`."""
    inputs = inputs_of(context)
    for file, scope in chain_scopes(context):
        view = context.view(file)
        open_ = {
            p.name
            for w in inputs.handlers
            if w.file == file and w.index == scope
            for p in view.symbol(scope).params
            if p.type is not None and not inputs.is_dependency(w, p) and _is_dict(p.type)
        }
        for number in view.calls_of.get(scope, ()) if open_ else ():
            call = view.facts.calls[number]
            for arg in call.args:
                if arg.spread and isinstance(arg.value, Name) and arg.value.id in open_:
                    made = options(context.graph.ev.value(call.callee, file, call.owner))
                    if any(isinstance(v, ClassV) for v in made):
                        return context.at(file, call.line)
    return None


def _is_dict(value: object) -> bool:
    base = value.base if isinstance(value, Index) else value
    return isinstance(base, Name) and base.id in ("dict", "Dict", "Mapping", "MutableMapping")
