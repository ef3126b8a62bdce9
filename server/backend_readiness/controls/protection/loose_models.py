"""Rules of models that ask only that a text is there, where nothing says how long it may be or what it may hold."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.protection.model_checks import in_models
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import signs_by
from backend_readiness.snapshot.matching import compile_patterns


def loose_models(context: Context) -> Evidence | None:
    """A rule of a stored model that asks only that free text is there, when nothing in the model bounds a text.

    Where each rule names its field, when nothing bounds one of the texts that this rule names.
    """
    found = in_models(context, "loose_model_rules", stored_only=True) or _loose_beside_chain(context)
    if found is None or found.line is None or found.file is None:
        return None
    bounds = compile_patterns(words_of(context, "bounding_model_rules") or ())
    view = context.view(found.file)
    holders = [s for s in view.facts.symbols if s.kind == "class" and s.line <= found.line <= s.end_line]
    first, last = (min(s.line for s in holders), max(s.end_line for s in holders)) if holders else (1, found.line + 200)
    lines = context.snapshot.lines(found.file)[first - 1 : last]
    if bounds is None or not any(bounds.search(t.encode("utf-8", "replace")) for t in lines):
        return found
    free = signs_by("loose_models", "free_field").get(context.language, ())
    bounded = signs_by("loose_models", "bounds_field").get(context.language, ())
    names = {m[1] for p in free for m in re.finditer(p, context.snapshot.lines(found.file)[found.line - 1][:500])}
    said = [re.compile(p.replace("{name}", n)) for n in sorted(names) for p in bounded]
    return found if any(not any(p.search(t[:500]) for t in lines) for p in said) else None


def _loose_beside_chain(context: Context) -> Evidence | None:
    """The same line in a model whose rules run on the chain, where each rule names its field: the model need not be known as stored."""
    if context.language not in signs_by("loose_models", "free_field"):
        return None
    loose, rules = (compile_patterns(words_of(context, noun) or ()) for noun in ("loose_model_rules", "model_rules"))
    if loose is None or rules is None:
        return None
    files = dict.fromkeys(f for f, _, t in chain_text(context) if rules.search(t.encode("utf-8", "replace")) is not None)
    for file in files:
        for number, text in enumerate(context.snapshot.lines(file), 1):
            if loose.search(text.encode("utf-8", "replace")) is not None:
                return context.at(file, number)
    return None
