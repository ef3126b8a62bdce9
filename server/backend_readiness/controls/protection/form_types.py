"""Input that goes through a form class: whether the rules of what the form fills are run, and which of its free texts they leave open."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_MAKES = re.compile(sign("form_types", "makes"))
_CHECKS = re.compile(sign("form_types", "checks"))
_HOLDS = re.compile(sign("form_types", "holds"))
_FIELDS = re.compile(sign("form_types", "fields"))
_RULES = re.compile(sign("form_types", "rules"))
_BOUNDS = re.compile(sign("form_types", "bounds"))
_FREE = re.compile(sign("form_types", "free"))
MAX_ABOVE = 24
MAX_FORM_LINES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Where a form is checked, and the first of its fields of free text (name and place) that no rule bounds."""

    at: Evidence
    loose: tuple[str, Evidence] | None


def checked_form(context: Context) -> Form | None:
    """The form that the chain makes and checks; None where there is none, its class is not known, or nothing has a rule."""
    if context.language != "php":
        return None
    lines = list(chain_text(context))
    made = next((m.group(1) for _, _, t in lines if (m := _MAKES.search(t[:500])) is not None), None)
    at = next((context.at(f, n) for f, n, t in lines if _CHECKS.search(t[:500]) is not None), None)
    form = _class_file(context, made) if made is not None and at is not None else None
    if form is None or at is None:
        return None
    text = context.snapshot.lines(form)[:MAX_FORM_LINES]
    holds = next((m.group(1) for t in text if (m := _HOLDS.search(t)) is not None), None)
    model = _class_file(context, holds) if holds is not None else None
    said = context.snapshot.lines(model) if model is not None else ()
    if not any(_RULES.search(t) for t in (*text, *said)):
        return None
    names = {m.group(1): (n, t) for n, t in enumerate(text, 1) for m in _FIELDS.finditer(t)}
    for name, (number, line) in names.items():
        if _FREE.match(name) is None or any(_BOUNDS.search(t) for t in (line, *_options(text, number))):
            continue
        declared = next((n for n, t in enumerate(said, 1) if re.search(rf"^\s*(?:private|protected|public)\b.*\${name}\b", t)), 0)
        if model is not None and declared and not any(_RULES.search(t) and _BOUNDS.search(t) for t in _marks(said, declared)):
            return Form(at=at, loose=(name, context.at(model, declared)))
    return Form(at=at, loose=None)


def _class_file(context: Context, name: str) -> str | None:
    found = [path for path, defined in context.graph.facts.defining(name) if defined.kind == "class"]
    return found[0] if len(found) == 1 else None


def _options(lines: tuple[str, ...], number: int) -> list[str]:
    """What the lines below give the field, up to the next one."""
    below = lines[number : number + MAX_ABOVE]
    ends = next((n for n, t in enumerate(below) if "->add(" in t or t.strip() == ";"), len(below))
    return list(below[:ends])


def _marks(lines: tuple[str, ...], declared: int) -> list[str]:
    """The annotations and attributes of a property: the lines above it, up to the end of the one before."""
    found = [lines[declared - 1]]
    for text in reversed(lines[max(0, declared - 1 - MAX_ABOVE) : declared - 1]):
        if text.rstrip().endswith((";", "{", "}")) and not text.lstrip().startswith(("*", "#")):
            break
        found.append(text)
    return found
