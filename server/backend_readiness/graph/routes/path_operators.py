"""Paths that are put together by operators: `"users" / LongNumber`, `GET -> Root / "users" / LongVar(id) :? Limit(n)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import CallRef, Concat, Index, Lit, Member, Name, Op, Seq, Unknown, Value
from backend_readiness.graph.routes.route_units import RouteUnits
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import Const, Text, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph

MAX_PARTS = 60
_JOINED = frozenset({"/", "~", "/:", "::"})
_VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


class PathOperators:
    """Reads such paths. `roots` are the names of the empty path, `rests` those of all that is left.

    `literals` are calls that stand for the text they are given, `joins` methods that put a path after another with the sign between
    them: `segment("users").slash(integerSegment())`. With `segments` only those names are parameters, what else is joined is no part of
    the path: `"users" :: path[Int] :: jsonBody[User]`. `units` know the definitions that keep a path. Of `given`, `listed` are calls
    with the parts of a path as their arguments (`GET() -> Path("users", id)`), `requests` patterns of whole requests, whose paths
    stand in a call of `listed` among their arguments: `HttpRequest(GET, Uri.Path("/users"), _, _, _)`.
    """

    def __init__(
        self, graph: Graph, roots: frozenset[str], rests: frozenset[str], literals: frozenset[str] = frozenset(),
        joins: Mapping[str, str] = MappingProxyType({}), segments: frozenset[str] = frozenset(), units: RouteUnits | None = None,
        given: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        self.graph = graph
        self.segments = segments
        self.units = units
        self._open: set[tuple[str, int]] = set()  # the definitions that are being read
        self.roots = roots
        self.rests = rests
        self.literals = literals
        self.joins = joins
        self.listed: frozenset[str] = frozenset(given.get("listed", ()))
        self.requests: frozenset[str] = frozenset(given.get("requests", ()))

    def request(self, view: FileView, owner: int, pattern: Value) -> tuple[list[str], str] | None:
        """HTTP methods and path of a pattern or of the left side of a row; None for a value that names no method."""
        if isinstance(pattern, Index) and isinstance(pattern.base, Name) and pattern.base.id in _VERBS:  # `GET(p"/users/$id")`
            return [pattern.base.id], self.path(view, owner, pattern.key, is_pattern=True)
        if isinstance(pattern, Index) and last_name(pattern.base) in self.requests:
            asked = _items(pattern)
            named = next((i for i in asked if isinstance(i, Index) and last_name(i.base) in self.listed), None)
            methods = [v for item in asked for v in _verbs(item)]
            return (methods or ["ANY"], self.path(view, owner, named, is_pattern=True)) if named is not None else None
        parts = list(_flat(pattern))
        verbs = _verbs(parts[0][1]) if parts else []
        if not verbs and len(parts) > 1 and parts[1][0] == "->" and parts[0][1] == Name("_"):  # `case _ -> Root / "x"`
            verbs = ["ANY"]
        if not verbs or len(parts) < 2 or parts[1][0] not in ("->", "/"):
            return None
        return verbs, self._joined(view, owner, parts[1:], is_pattern=parts[1][0] == "->")

    def path(self, view: FileView, owner: int, value: Value, *, is_pattern: bool = False, names: tuple[str, ...] = ()) -> str:
        """The path with its parameters; those without a name take `names` in turn."""
        return self._joined(view, owner, self._steps(view, value) or list(_flat(value)), is_pattern=is_pattern, names=names)

    def _steps(self, view: FileView, value: Value) -> list[tuple[str, Value]]:
        """The parts of a path that methods put together; none for any other."""
        found: list[tuple[str, Value]] = []
        while isinstance(value, CallRef) and len(found) < MAX_PARTS:
            call = view.facts.calls[value.call]
            if not isinstance(call.callee, Member) or call.callee.name not in self.joins:
                break
            found.extend((self.joins[call.callee.name], a.value) for a in call.args[:1])
            value = call.callee.base
        return [("", value), *reversed(found)] if found else []

    def _joined(self, view: FileView, owner: int, parts: list[tuple[str, Value]], *, is_pattern: bool, names: tuple[str, ...] = ()) -> str:
        waiting = iter(names)
        found = ""
        for sign, part in parts[:MAX_PARTS]:
            if sign not in ("", "->", *_JOINED):
                break
            piece = self._piece(view, owner, part, is_pattern, waiting)
            if sign == "/:" and piece.endswith("}"):  # `"static" /: path` takes all that is left
                piece = piece.removesuffix("}").removesuffix("*") + "*}"
            if sign == "~":
                found += piece
            elif piece:
                found = f"{found.rstrip('/')}/{piece.lstrip('/')}"
        return found

    def _piece(self, view: FileView, owner: int, part: Value, is_pattern: bool, waiting: Iterator[str]) -> str:
        kept = None if is_pattern else self._kept(view, owner, part)
        if kept is not None:
            return kept
        if self.segments and not self._is_part(view, part):
            return ""
        if self.segments and self._is_unknown_text(view, owner, part):
            return f"{{{part.id if isinstance(part, Name) else ''}}}"
        if isinstance(part, Op) and part.op not in _JOINED and part.operands:  # `"orders" ?? Doc.p("all of them")`
            part = part.operands[0]
        if isinstance(part, Lit):
            return str(part.value)
        if isinstance(part, Name | Member):
            name = part.id if isinstance(part, Name) else part.name
            if name in self.roots:
                return ""
            if name in self.rests:
                return f"{{{name}*}}"
            if is_pattern and (name[:1].islower() or name == "_"):
                return f"{{{name.strip('_')}}}"
            known = [o for o in options(self.graph.ev.value(part, view.path, owner)) if isinstance(o, Const | Text)]
            written = texts(self.graph.ev, known[0]) if known else []
            if not written and self.segments and name not in self.segments:
                return ""
            return written[0] if written else f"{{{next(waiting, '')}}}"
        if isinstance(part, Concat):  # `version.v1 + "/admin"`
            return next(iter(texts(self.graph.ev, self.graph.ev.value(part, view.path, owner))), "")
        if isinstance(part, Index) and last_name(part.base) in self.listed:
            return "/".join(self._piece(view, owner, item, is_pattern, waiting) for item in _items(part))
        if isinstance(part, Index):  # `LongVar(id)`
            key = next((i for i in _items(part) if not isinstance(i, Unknown)), part.key)  # `param[Int](id)`
            return f"{{{key.id if isinstance(key, Name) else ''}}}"
        if isinstance(part, CallRef):
            call = view.facts.calls[part.call]
            given = call.args[0].value if call.args else None
            name = callee_name(call) or ""
            if name in self.rests:
                return f"{{{next(waiting, name)}*}}"
            if name in self.literals and isinstance(given, Lit):
                return str(given.value)
            if call.kind == "template":  # `p"/users/$id"`
                return _text(given)
            if isinstance(given, Lit) and isinstance(given.value, str):  # `path[Long]("id")`, `int("id")`
                return f"{{{given.value}}}"
        return f"{{{next(waiting, '')}}}"

    def _kept(self, view: FileView, owner: int, part: Value) -> str | None:
        """The path that a definition of the repository keeps: `private val orders = "v1" / "orders"`."""
        unit = self.units.meant(view, owner, part) if self.units is not None and isinstance(part, Name | Member) else None
        if unit is None or len(unit.values) != 1 or (unit.file, unit.start) in self._open:
            return None
        value, held = unit.values[0], self.graph.view(unit.file)
        if not isinstance(value, Op) or not all(sign in ("", *_JOINED) for sign, _ in _flat(value)):
            return None
        self._open.add((unit.file, unit.start))
        found = self._joined(held, unit.owner, list(_flat(value)), is_pattern=False)
        self._open.discard((unit.file, unit.start))
        return found

    def _is_unknown_text(self, view: FileView, owner: int, part: Value) -> bool:
        """A text that a definition takes from elsewhere: `val context: String = config.getString("context")`."""
        unit = self.units.meant(view, owner, part) if self.units is not None and isinstance(part, Name) else None
        known = [o for o in options(self.graph.ev.value(part, view.path, owner)) if isinstance(o, Const | Text)]
        return unit is not None and unit.type == Name("String") and not any(texts(self.graph.ev, o) for o in known)

    def _is_part(self, view: FileView, part: Value) -> bool:
        if isinstance(part, Lit):
            return isinstance(part.value, str)
        named = view.facts.calls[part.call].callee if isinstance(part, CallRef) else part
        named = named.base if isinstance(named, Index) else named
        name = named.id if isinstance(named, Name) else named.name if isinstance(named, Member) else ""
        return name in self.segments or name in self.rests or isinstance(part, Name | Member | Concat)


def _flat(value: Value) -> Iterator[tuple[str, Value]]:
    """The operands from left to right, each with the operator before it."""
    links: list[tuple[str, Value]] = []
    while isinstance(value, Op) and value.op != "|" and len(value.operands) >= 2 and len(links) < MAX_PARTS:
        for operand in reversed(value.operands[1:]):
            inner = list(_leaves(operand))
            links.extend((value.op if number == 0 else "/", part) for number, part in reversed(list(enumerate(inner))))
        value = value.operands[0]
    yield "", value
    yield from reversed(links)


def _leaves(value: Value, depth: int = 0) -> Iterator[Value]:
    """What a path on the right of a sign is made of: `a :: b :: c` is read from the right."""
    if not isinstance(value, Op) or value.op not in _JOINED or depth >= MAX_PARTS:
        yield value
        return
    for operand in value.operands:
        yield from _leaves(operand, depth + 1)


def _items(pattern: Index) -> tuple[Value, ...]:
    """What stands in the brackets of a pattern."""
    return pattern.key.items if isinstance(pattern.key, Seq) else (pattern.key,)


def _verbs(value: Value) -> list[str]:
    """`GET`, `Method.GET`, `Method.ANY`, `GET | HEAD`, `GET()`."""
    if isinstance(value, Index) and not _items(value):
        return _verbs(value.base)
    if isinstance(value, Op) and value.op == "|":
        return [v for operand in value.operands for v in _verbs(operand)]
    name = value.id if isinstance(value, Name) else value.name if isinstance(value, Member) else ""
    return [name] if name in _VERBS or (name == "ANY" and isinstance(value, Member)) else []


def _text(value: Value | None) -> str:
    """A text whose holes are parameters: `/users/$id`, `/files/$rest*`, `/n/${int(id)}`."""
    parts = value.parts if isinstance(value, Concat) else (value,)
    found = ""
    for part in parts:
        if isinstance(part, Lit):
            written = str(part.value)
            if found.endswith("}") and written.startswith("*"):
                found, written = f"{found[:-1]}*}}", written[1:]
            elif found.endswith("}") and written.startswith("<"):
                written = written.partition(">")[2]
            found += written
        elif part is not None:
            found += f"{{{part.id if isinstance(part, Name) else ''}}}"
    return found
