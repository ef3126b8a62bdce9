"""Where a flow takes files, by a field of its body or of the model that it stores; and whether a line checks what kind they are."""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.protection.model_checks import bodies_taken
from backend_readiness.model import Evidence
from backend_readiness.rules.security_words import Noun
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.matching import compile_patterns

_QUESTION = re.compile(sign("uploaded_files", "question"))
_RULE = re.compile(sign("uploaded_files", "rule"))
_ANSWER = re.compile(sign("uploaded_files", "answer"))
_FORM = re.compile(sign("uploaded_files", "form"))
_OF_FILE = re.compile(sign("uploaded_files", "of_file"))
_GIVEN = re.compile(r"(?:^|[\s$])(\w+)\s*:?=(?!=)")
_SYMBOL = re.compile(r":(\w+)")
_NEAR = 12  # lines in which what a kind was read into may be asked about
_LONGEST = 150


def file_of_form(context: Context) -> Evidence | None:
    """Where a handler takes a file out of a form that it has read as a whole: `(await request.formData()).get("file")`."""
    lines = list(chain_text(context))
    forms = [(f, n) for f, n, t in lines if _FORM.search(t)]
    return context.at(*forms[0]) if forms and any(_OF_FILE.search(t) for _, _, t in lines) else None


def file_of_field(context: Context) -> Evidence | None:
    """A field for files of a class that the handler takes, or of a model that the flow stores and that its lines name."""
    taken = _in_bodies(context, "uploads")
    if taken is not None:
        return taken
    pattern = compile_patterns(words_of(context, "upload_fields") or ())
    if pattern is None:
        return None
    stored = {e.target.rpartition(".")[2] for e, _ in context.effects if e.operation == "write" and e.target}
    stored |= {t.target.rpartition(".")[2] for t in context.touches if t.operation == "write" and t.target}
    said = " ".join(t for _, _, t in chain_text(context))
    for name in sorted(stored):
        for file, line, _ in context.hits((rf"^\s*(final\s+)?class\s+([\w:.]+)?\b{re.escape(name)}\b",))[:2]:
            for number, text in enumerate(context.snapshot.lines(file)[line : line + _LONGEST], line + 1):
                if re.match(r"class\s", text):
                    break
                if pattern.search(text.encode("utf-8", "replace")) is not None:
                    named = _SYMBOL.search(text)
                    if named is None or re.search(rf"\b{re.escape(named.group(1))}\b", said) is not None:
                        return context.at(file, number)
    return None


def _in_bodies(context: Context, noun: Noun) -> Evidence | None:
    pattern = compile_patterns(words_of(context, noun) or ())
    for cls in bodies_taken(context, inputs_of(context).handlers) if pattern is not None else ():
        symbol = context.view(cls.file).symbol(cls.index)
        for number in range(symbol.line, min(symbol.end_line, symbol.line + _LONGEST) + 1):
            if pattern is not None and pattern.search(context.snapshot.lines(cls.file)[number - 1].encode("utf-8", "replace")) is not None:
                return context.at(cls.file, number)
    return None


def kind_checked(context: Context) -> Evidence | None:
    """A line of the flow that asks what kind a file is; one that only keeps the kind, or names that of the answer, does not."""
    return _asked(context, chain_text(context))


def kind_checked_anywhere(context: Context) -> bool:
    return _asked(context, context.hits(words_of(context, "upload_kinds") or ())) is not None


def _asked(context: Context, lines: Iterable[tuple[str, int, str]]) -> Evidence | None:
    pattern = compile_patterns(words_of(context, "upload_kinds") or ())
    for file, line, text in lines:
        if pattern is None or pattern.search(text.encode("utf-8", "replace")) is None or _ANSWER.search(text) is not None:
            continue
        if _RULE.search(text) is not None or _QUESTION.search(text) is not None:
            return context.at(file, line)
        given = _GIVEN.search(text)
        after = context.snapshot.lines(file)[line : line + _NEAR]
        if given is not None and any(_QUESTION.search(t) and re.search(rf"\b{re.escape(given.group(1))}\b", t) for t in after):
            return context.at(file, line)
    return None
