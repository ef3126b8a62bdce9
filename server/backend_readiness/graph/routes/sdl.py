"""Documents of GraphQL as text: the operations that a schema declares, and those that a client's document asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.facts.model import Concat, Lit, Value

MAX_CHARS = 2_000_000
SCHEMA_FILES = (".graphql", ".graphqls", ".gql")
_TYPE = re.compile(r"\b(?:extend\s+)?type\s+([A-Za-z_]\w*)\b[^{}]{0,400}\{")
_SCHEMA = re.compile(r"\bschema\b[^{}]{0,400}\{([^{}]{0,600})\}")
_ROOT = re.compile(r"\b(query|mutation|subscription)\s*:\s*(\w+)")
_KINDS = ("Query", "Mutation", "Subscription")
_FIELD = re.compile(r"([A-Za-z_]\w*)\s*(\()?")
_OPERATION = re.compile(r"\b(query|mutation|subscription)\b\s*(\w+)?[^{}]{0,2000}\{")
_REST = re.compile(r"[\n,]|@\w+[ \t]*(\()?")
_NEXT = re.compile(r"\s*@")
_RESULT = re.compile(r"\s*:[\s\[]*(\w+)")
_WHOLE = re.compile(r"\s*:[\s\[]*\w+[!\]\s]*")
_DIRECTIVE = re.compile(r"@(\w+)[ \t]*(\()?")
_ARGUMENT = re.compile(r'(\w+)\s*:\s*"((?:[^"\\\n]|\\.){0,300})"')
_BLANKED = re.compile(r'"""[\s\S]{0,8000}?"""|"[^"\n]{0,2000}"|#[^\n]{0,2000}')


def _without_comments(text: str) -> str:
    return _BLANKED.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text[:MAX_CHARS])


def _closing(text: str, start: int, opening: str, closing: str) -> int:
    """The place behind the bracket that closes the one at `start`."""
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == opening) - (text[place] == closing)
        if depth == 0:
            return place + 1
    return len(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """`@create(model: "App\\Models\\User")`: its name without the sign, and its arguments that are texts."""

    name: str
    texts: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaField:
    """`kind` is the type that has the field, `result` the name of the field's own type, without lists; lines count from 1."""

    kind: str
    name: str
    line: int
    result: str
    directives: tuple[Directive, ...]


def root_names(text: str) -> dict[str, str]:
    """Type of a schema -> what it is, Query, Mutation or Subscription: `schema { query: RootQuery }`, or by its name."""
    return _roots(_without_comments(text))


def _roots(clean: str) -> dict[str, str]:
    named = {kind.capitalize(): name for body in _SCHEMA.findall(clean) for kind, name in _ROOT.findall(body)}
    return {named.get(kind, kind): kind for kind in _KINDS}


def declared(text: str) -> Iterator[tuple[str, str, int]]:
    """(type, field, line from 1) for each field of the types Query, Mutation and Subscription."""
    for field in schema_fields(text):
        yield field.kind, field.name, field.line


def schema_fields(text: str) -> Iterator[SchemaField]:
    """The fields of the types Query, Mutation and Subscription; the directives of such a type are those of each of its fields."""
    clean = _without_comments(text)
    roots = _roots(clean)
    for found in _TYPE.finditer(clean):
        if found.group(1) not in roots:
            continue
        end = _closing(clean, found.end() - 1, "{", "}") - 1
        place = found.end()
        above = tuple(_directives(text, clean, found.start(), found.end()))
        while place < end:
            field = _FIELD.search(clean, place, end)
            if field is None:
                break
            start = _closing(clean, field.end() - 1, "(", ")") if field.group(2) else field.end()
            place = _field_end(clean, start, end)
            result = _RESULT.match(clean, start, place)
            if not field.group(1).strip("_"):
                continue  # `_: Boolean` stands in a type that other files fill, since a type may not be empty
            yield SchemaField(
                kind=roots[found.group(1)],
                name=field.group(1),
                line=clean.count("\n", 0, field.start()) + 1,
                result=result.group(1) if result is not None else "",
                directives=(*above, *_directives(text, clean, start, place)),
            )


def _directives(text: str, clean: str, start: int, end: int) -> Iterator[Directive]:
    """The directives that stand between two places; `clean` is the text with blanks for its comments and literals."""
    while (found := _DIRECTIVE.search(clean, start, end)) is not None:
        start = _closing(clean, found.end() - 1, "(", ")") if found.group(2) else found.end()
        given = _ARGUMENT.findall(text, found.end(), start)
        yield Directive(name=found.group(1), texts={name: re.sub(r"\\(.)", r"\1", value) for name, value in given})


def _field_end(text: str, place: int, end: int) -> int:
    """The place behind the type of a field and its directives, whose arguments may stand on lines of their own."""
    whole = _WHOLE.match(text, place, end)
    if whole is not None and text[whole.end() : whole.end() + 1].isidentifier() and whole.end() < end:  # `a: Int b: Int`
        return whole.end()
    while (found := _REST.search(text, place, end)) is not None:
        place = _closing(text, found.end() - 1, "(", ")") if found.group(1) else found.end()
        if not found.group().startswith("@") and not _NEXT.match(text, place, end):
            return place
    return end


def asked(text: str) -> Iterator[tuple[str, str]]:
    """(`query` | `mutation` | `subscription`, field) for each field at the top of the operations of a client's document."""
    for kind, _, field in operations(text):
        yield kind, field


def operations(text: str) -> Iterator[tuple[str, str, str]]:
    """The same with the name of the operation, "" for one without a name, between them."""
    clean = _without_comments(text)
    for found in _OPERATION.finditer(clean):
        end = _closing(clean, found.end() - 1, "{", "}") - 1
        place = found.end()
        while place < end:
            field = _FIELD.search(clean, place, end)
            if field is None:
                break
            name, place = field.group(1), field.end()
            if clean[field.start() - 1 : field.start()] == "." or clean[max(0, field.start() - 3) : field.start()] == "...":
                continue
            rest = clean[place:end].lstrip()
            if rest.startswith(":") and not field.group(2):  # `mine: orders`: the name behind the colon is meant
                place += len(clean[place:end]) - len(rest) + 1
                continue
            yield found.group(1), found.group(2) or "", name
            place = _closing(clean, place - 1, "(", ")") if field.group(2) else place
            while (tail := clean[place:end].lstrip()).startswith(("@", "{")):
                place = end - len(tail)
                if tail[0] == "{":
                    place = _closing(clean, place, "{", "}")
                else:
                    directive = re.compile(r"@\w+\s*(\()?").match(clean, place, end)
                    assert directive is not None
                    place = _closing(clean, directive.end() - 1, "(", ")") if directive.group(1) else directive.end()


def written(value: Value | None) -> str:
    """The literal text of a template or string, holes left out."""
    if isinstance(value, Lit) and isinstance(value.value, str):
        return value.value
    if isinstance(value, Concat):
        return "".join(str(p.value) if isinstance(p, Lit) else " " for p in value.parts)
    return ""
