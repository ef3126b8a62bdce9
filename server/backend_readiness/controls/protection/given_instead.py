"""Texts that count as a secret wherever neither the environment nor a file gives one: whether anything refuses them is not settled here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.controls.places import is_production
from backend_readiness.controls.protection.credential_shapes import SKIP
from backend_readiness.controls.protection.secrets import is_refused
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.places import is_for_development

_FILES = signs("given_instead", "files")
_HINTS = signs("given_instead", "hints")
_FORMS = tuple(re.compile(p) for p in signs("given_instead", "forms"))
_DEFAULT = re.compile(sign("given_instead", "default"))
_OPENS = re.compile(sign("given_instead", "opens"))
_VARIABLE = re.compile(sign("given_instead", "variable"))
_NO_SECRET = re.compile(sign("given_instead", "no_secret"))
_NO_VALUE = re.compile(sign("given_instead", "no_value"))
MAX_LINE = 500
MAX_TABLE = 6  # lines of a table of one setting
MAX_FOUND = 3


def given_instead(context: Context) -> list[Evidence]:
    """Lines of the backend that hold a text for a secret which nothing else gives."""
    return list(dict.fromkeys(_found(context)))[:MAX_FOUND]


def _found(context: Context) -> Iterator[Evidence]:
    found = 0
    for path, number, line in context.absences.all_hits(_HINTS, _FILES):
        aside = not is_production(path) or is_for_development(path) or SKIP.search(path) is not None or not context.is_backend(path)
        text = line[:MAX_LINE]
        if found >= MAX_FOUND or aside or text.lstrip().startswith(("#", "//", "*", "/*", "--")):
            continue
        said = _said(context, path, number, text)
        if said is None or _NO_SECRET.search(said[0]) is not None or _NO_VALUE.search(said[1]) is not None:
            continue
        if said[1].lower() != said[0].lower() and not is_refused(context, said[1]) and not stands_in_development(context, path, number):
            found += 1
            yield context.at(path, number)


def _said(context: Context, path: str, number: int, text: str) -> tuple[str, str] | None:
    """The name of the secret and the text that is taken for lack of another."""
    for form in _FORMS:
        match = form.search(text)
        if match is not None:
            return match.group("name"), match.group("value")
    default = _DEFAULT.search(text)
    if default is None:
        return None
    lines = context.snapshot.lines(path)
    above = reversed(lines[max(0, number - MAX_TABLE) : number - 1])
    opened = next((m for t in above if (m := _OPENS.match(t[:MAX_LINE])) is not None), None)
    named = any(_VARIABLE.match(t[:MAX_LINE]) is not None for t in lines[max(0, number - MAX_TABLE) : number + MAX_TABLE])
    return (opened.group("name"), default.group("value")) if opened is not None and named else None
