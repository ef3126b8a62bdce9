"""Handlers that leave the answer to the base of their class: what the class says about the objects and fields that it serves."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.values import ClassV, SymbolId, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

MAX_LINES = 200
_SERIALIZER = re.compile(r"\bserializer_class\s*=\s*(\w+)")
_FIELDS = re.compile(r"^\s*(fields|exclude)\s*=")
_OWNERS = re.compile(r"(?i)[\"'](user|owner|author|account|customer|created_by|role|is_staff|is_superuser|is_admin)(_id)?[\"']")
_KEPT_OUT = re.compile(r"read_only_fields\s*=|read_only\s*=\s*True|HiddenField|CurrentUserDefault|perform_create|perform_update")
_CALLER = re.compile(sign("inherited_answers", "caller"))
_LIMITS = re.compile(sign("inherited_answers", "limits"))
_OWN_PERMISSION = re.compile(r"\bhas_object_permission\b")


def class_lines(context: Context) -> list[tuple[str, int, str]]:
    """(file, line, text) of the handlers' classes and of those that they inherit from in the repository."""
    found: list[tuple[str, int, str]] = []
    for handler in context.handlers:
        for owner in _classes(context, handler.symbol.rpartition(".")[0] or handler.symbol, handler.file):
            symbol = context.view(owner.file).symbol(owner.index)
            lines = context.snapshot.lines(owner.file)
            for number in range(symbol.line, min(symbol.end_line, symbol.line + MAX_LINES, len(lines)) + 1):
                if not lines[number - 1].lstrip().startswith("#"):
                    found.append((owner.file, number, lines[number - 1]))
    return found


def narrowed_to_caller(context: Context) -> Evidence | None:
    """A line of the class that asks for the caller's own objects, or a permission of it that looks at the object."""
    for file, line, text in class_lines(context):
        if _CALLER.search(text) is not None and _LIMITS.search(_statement(context, file, line)) is not None:
            return context.at(file, line)
        if "permission_classes" in text:
            for name in re.findall(r"\b[A-Z]\w+", text):
                for owner in _classes(context, name, file):
                    symbol = context.view(owner.file).symbol(owner.index)
                    for number in range(symbol.line, min(symbol.end_line, symbol.line + MAX_LINES) + 1):
                        if _OWN_PERMISSION.search(context.snapshot.lines(owner.file)[number - 1]) is not None:
                            return context.at(owner.file, number)
    return None


def _statement(context: Context, file: str, line: int) -> str:
    """The line, with those from the start of the call that it stands in: `.filter(` above `user=self.request.user`."""
    first = min((c.line for c in context.view(file).facts.calls if c.line <= line <= c.end_line), default=line)
    return " ".join(t.strip() for t in context.snapshot.lines(file)[first - 1 : line])


def accepted_fields(context: Context) -> tuple[Evidence, str] | None:
    """(place, problem) of the fields that the serializer of the class takes; the problem is empty where it lists harmless ones."""
    for file, _, text in class_lines(context):
        named = _SERIALIZER.search(text)
        for owner in _classes(context, named.group(1), file) if named is not None else ():
            symbol = context.view(owner.file).symbol(owner.index)
            lines = context.snapshot.lines(owner.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_LINES)]
            at = next((n for n, t in enumerate(lines) if _FIELDS.match(t)), None)
            if at is None:
                continue
            place = context.at(owner.file, symbol.line + at)
            told = " ".join(lines[at : at + 25]).partition(")")[0].partition("]")[0]
            if "__all__" in told or "exclude" in lines[at]:
                return place, "every field of the model"
            whose = _OWNERS.search(told)
            if whose is not None and not any(_KEPT_OUT.search(t) for t in (*lines, *(t for _, _, t in class_lines(context)))):
                return place, f"`{whose.group(1)}`, which says whose it is or what it may do"
            return place, ""
    return None


def serializers(context: Context) -> list[SymbolId]:
    """The classes that the handlers' classes name as their serializer."""
    named = [(f, m.group(1)) for f, _, t in class_lines(context) if (m := _SERIALIZER.search(t)) is not None]
    return list(dict.fromkeys(o for f, n in named for o in _classes(context, n, f)[:1]))


def _classes(context: Context, name: str, file: str) -> list[SymbolId]:
    found: list[SymbolId] = []
    for value in options(context.graph.ev.lookup(name, file, 0)):
        if isinstance(value, ClassV):
            bases = [b for b in inheritance.bases(context.graph.ev, value) if isinstance(b, ClassV)]
            found += [value.symbol, *(b.symbol for b in bases[:6])]
    return found
