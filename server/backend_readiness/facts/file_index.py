"""The light part of a file's facts, loaded for every file: what must be known of it to tell whether its facts are worth loading.

A question over the whole repository ("which calls may be requests?") is asked of the indexes first. What they say must never be
less than what the facts say: a file may be loaded for nothing, but none may be left out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from enum import IntEnum

import msgspec

from backend_readiness.facts.model import (
    Alt,
    Assign,
    Call,
    CallRef,
    Concat,
    FileFacts,
    Func,
    Index,
    Lit,
    Member,
    Name,
    Record,
    Seq,
    Value,
)

COMPUTED = "[]"  # in `FileIndex.names`: a call of what stands under a computed key, `router[verb]("/orders", show)`
MARKUP = "</>"  # in `FileIndex.names`: the file has the text of an element that sends something
TOP = 1 << 31  # in `FileIndex.shapes`: called outside of all functions and classes
_PATH_MARKS = re.compile(r"[/<{^*:]")
_SECOND = re.compile(r"\[[1-9]\]")


class First(IntEnum):
    """What stands as the first argument of a call. `PATH`: a text that is empty or holds one of `/ < { ^ * :`."""

    NONE = 0
    PATH = 1
    TEXT = 2
    LITERAL = 3
    BUILT = 4  # text put together
    FUNCTION = 5
    LIST = 6
    OBJECT = 7
    OTHER = 8


_SPOKEN = {First.PATH, First.BUILT, First.OBJECT}
_NEVER = {First.NONE, First.LITERAL, First.FUNCTION, First.LIST}
# As plain numbers: an index is made of every call of a repository.
_NONE, _PATH, _TEXT, _LITERAL, _OTHER = map(int, (First.NONE, First.PATH, First.TEXT, First.LITERAL, First.OTHER))
_FIRSTS: dict[type, int] = {Concat: First.BUILT.value, Func: First.FUNCTION.value, Seq: First.LIST.value, Record: First.OBJECT.value}


class Definition(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A named symbol, or a module-level or class-level assignment (`kind` `variable`; `symbol` is then its owner).

    `kind` is `partial` for a class that is declared in another file.
    """

    name: str
    kind: str
    symbol: int
    line: int


class FileIndex(msgspec.Struct, frozen=True, array_like=True):
    """What must be known of every file without loading its facts.

    `names`: every identifier, member name, imported name, attribute name and JSX tag in the file, once each, sorted.
    `modules`: the modules it imports, as written. `bases`: (class name, last name of the base) pairs; "" for a base without a name.
    `package`: the package or namespace that the file declares, with dots (`com.shop.orders`); empty where the language has none.
    `shapes`: for each of `names`, how it is called: the bits of `shape_of` of all calls whose callee ends in it, or is what such a call
    gives (`client()(url)`); 0: never.
    `made`: names called alone (`api(...)`), and fields called so (as `self.api`), that stand for something imported, or bound here to the
    result of a call or to what is passed a text or an object; with each the modules of which it is a second answer and nothing else
    (`[order, setOrder] = useState()`).
    `given`: names called alone that are parameters of a named function.
    `erased`: those of `modules` of which it takes nothing but types.
    """

    language: str
    definitions: tuple[Definition, ...]
    names: tuple[str, ...]
    modules: tuple[str, ...]
    bases: tuple[tuple[str, str], ...] = ()
    elements: int = 0
    errors: int = 0
    package: str = ""
    shapes: tuple[int, ...] = ()
    made: tuple[tuple[str, tuple[str, ...]], ...] = ()
    given: tuple[str, ...] = ()
    erased: tuple[str, ...] = ()

    def calls(self, name: str) -> bool:
        """Does the name end a callee in the file?"""
        at = bisect_left(self.names, name)
        return at < len(self.names) and self.names[at] == name and self.shapes[at] != 0

    def called(self, names: AbstractSet[str]) -> dict[str, int]:
        """Those of `names` that end a callee in the file, with their shapes."""
        found: dict[str, int] = {}
        for name in frozenset(self.names) & names:
            shapes = self.shapes[bisect_left(self.names, name)]
            if shapes:
                found[name] = shapes
        return found


def index_of(facts: FileFacts, names: set[str], package: str = "") -> FileIndex:
    """The index of a file; `names` are those that its adapter met."""
    for item in facts.imports:
        if item.name:
            names.add(item.name)
        if item.local:
            names.add(item.local)
    named = [(i, s) for i, s in enumerate(facts.symbols) if s.name and s.kind != "module"]
    definitions = [Definition(s.name, "partial" if s.partial else s.kind, i, s.line) for i, s in named]
    containers = {i for i, s in enumerate(facts.symbols) if s.kind in ("module", "class", "interface")}
    for assign in facts.assigns:
        if assign.owner in containers and isinstance(assign.target, Name):
            definitions.append(Definition(assign.target.id, "variable", assign.owner, assign.line))
    renamed = {i.local: i.name for i in facts.imports if i.local and i.name and i.name != "default" and i.local != i.name}
    bases = [(s.name, renamed.get(last, last)) for s in facts.symbols if s.name for b in s.bases for last in (last_name(b) or "",)]
    shapes: dict[str, int] = {}
    alone: dict[str, list[Call]] = {}
    fields: dict[str, list[Call]] = {}
    for call in facts.calls:
        callee = call.callee
        if isinstance(callee, Member):
            shapes[callee.name] = shapes.get(callee.name, 0) | 1 << shape_of(call) | (0 if call.owner else TOP)
            if isinstance(callee.base, Name) and callee.base.id == "self":
                fields.setdefault(callee.name, []).append(call)
        elif isinstance(callee, Name):
            bits = 1 << shape_of(call) | (0 if call.owner else TOP)
            shapes[callee.id] = shapes.get(callee.id, 0) | bits
            alone.setdefault(callee.id, []).append(call)
        elif isinstance(callee, Alt):  # `(quick ? send : sendSlowly)(url)`
            for option in callee.options:
                if isinstance(option, Name):
                    shapes[option.id] = shapes.get(option.id, 0) | 1 << shape_of(call) | (0 if call.owner else TOP)
        elif isinstance(callee, CallRef):  # `client()(url)`
            maker = facts.calls[callee.call].callee
            if made_by := last_name(maker):
                shapes[made_by] = shapes.get(made_by, 0) | 1 << shape_of(call) | (0 if call.owner else TOP)
            if isinstance(maker, Name):
                alone.setdefault(maker.id, []).append(call)
        elif isinstance(callee, Index) and not isinstance(callee.key, Lit):
            shapes[COMPUTED] = shapes.get(COMPUTED, 0) | 1 << shape_of(call) | (0 if call.owner else TOP)
    names.update(shapes)
    ordered = sorted(names)
    return FileIndex(
        language=facts.language,
        definitions=tuple(definitions),
        names=tuple(ordered),
        modules=tuple(sorted({i.module for i in facts.imports} | {e.module for e in facts.exports if e.module})),
        bases=tuple(bases),
        elements=len(facts.elements),
        errors=facts.errors,
        package=package,
        shapes=tuple([shapes.get(name, 0) for name in ordered]),
        made=(*_made(facts, alone), *_made_fields(facts, fields)),
        given=_given(facts, alone),
        erased=_erased(facts),
    )


def _made(facts: FileFacts, alone: dict[str, list[Call]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    imported: dict[str, list[str]] = {}
    for item in facts.imports:
        if item.local:
            imported.setdefault(item.local, []).append(item.module)
    bound: dict[str, list[tuple[Assign, tuple[str, ...]]]] = {}
    for assign in facts.assigns:
        for name, path in bound_names(assign.target):
            if name in alone:
                bound.setdefault(name, []).append((assign, path))
    found: list[tuple[str, tuple[str, ...]]] = []
    for name, calls in alone.items():
        if name not in bound and name not in imported:
            continue
        held = bound.get(name, [])
        results = any(isinstance(a.value, CallRef | Index) for a, _ in held)
        firsts = {_first_of(c) for c in calls if c.kind != "decorator"}
        if firsts & _SPOKEN or (results and not firsts <= _NEVER):
            behind = [()] if name in imported else [_second_of(facts, imported, a, p) for a, p in held]
            found.append((name, tuple(dict.fromkeys(m for modules in behind for m in modules)) if all(behind) else ()))
    return tuple(found)


def _made_fields(facts: FileFacts, called: dict[str, list[Call]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Fields that are bound to the result of a call and called themselves (`this.client = create()`, `this.client(url)`)."""
    if not called:
        return
    bound = {n for a in facts.assigns if isinstance(a.value, CallRef) and (n := own_field(a.target, a.kind)) in called}
    yield from ((f"self.{name}", ()) for name in called if name in bound and not {_first_of(c) for c in called[name]} <= _NEVER)


def own_field(target: Value, kind: str) -> str | None:
    """The name of the field of its own object that an assignment sets."""
    if isinstance(target, Member) and isinstance(target.base, Name) and target.base.id == "self":
        return target.name
    return target.id if kind == "field" and isinstance(target, Name) else None


def _second_of(facts: FileFacts, imported: dict[str, list[str]], assign: Assign, path: tuple[str, ...]) -> Iterable[str]:
    """The modules of the function of which a binding is a second, third ... answer; none when it is anything else."""
    if not path or _SECOND.fullmatch(path[-1]) is None or not isinstance(assign.value, CallRef):
        return ()
    callee = facts.calls[assign.value.call].callee
    return imported.get(callee.id, ()) if isinstance(callee, Name) else ()


def _given(facts: FileFacts, alone: dict[str, list[Call]]) -> tuple[str, ...]:
    return tuple(name for name, calls in alone.items() if any(_is_parameter(facts, name, call.owner) for call in calls))


def _is_parameter(facts: FileFacts, name: str, owner: int) -> bool:
    while owner >= 0:
        symbol = facts.symbols[owner]
        if any(param.name == name for param in symbol.params):
            return bool(symbol.name)
        owner = symbol.parent
    return False


def shape_of(call: Call) -> int:
    """A number below 30 for how a call is written: its kind, its first argument, and whether there are more; see `bits_of`."""
    if call.kind == "call":
        return 2 + 2 * _first_of(call) + (len(call.args) > 1)
    return _number(call.kind, _first_of(call), False)


def bits_of(firsts: Iterable[First], kinds: Iterable[str] = ("call", "new", "template"), more: Iterable[bool] = (False, True)) -> int:
    """The bits in `FileIndex.shapes` of calls of these kinds with such first arguments, and with or without more arguments."""
    bits = 0
    for first in firsts:
        for kind in kinds:
            for several in more:
                bits |= 1 << _number(kind, first, several)
    return bits


def _number(kind: str, first: int, more: bool) -> int:
    if kind == "call":
        return 2 + 2 * first + more
    return {"decorator": 0, "template": 1}.get(kind, 20 + first)


def _first_of(call: Call) -> int:
    if not call.args:
        return _NONE
    value = call.args[0].value
    if type(value) is Lit:
        if type(value.value) is not str:
            return _LITERAL
        return _PATH if not value.value or _PATH_MARKS.search(value.value) else _TEXT
    return _FIRSTS.get(type(value), _OTHER)


def bound_names(target: Value, path: tuple[str, ...] = ()) -> list[tuple[str, tuple[str, ...]]]:
    """The names that a target binds with the way to each: `{a: [b]} ` -> `[("b", ("a", "[0]"))]`."""
    if isinstance(target, Name):
        return [(target.id, path)]
    found: list[tuple[str, tuple[str, ...]]] = []
    if isinstance(target, Record):
        for key, value in target.items:
            found.extend(bound_names(value, (*path, key) if key is not None else (*path, "...")))
    elif isinstance(target, Seq):
        for i, value in enumerate(target.items):
            found.extend(bound_names(value, (*path, f"[{i}]")))
    return found


def last_name(value: Value | None) -> str | None:
    """The last identifier of a name or member chain (`a.b.C[T]` -> `C`), else None."""
    if isinstance(value, Name):
        return value.id
    if isinstance(value, Member):
        return value.name
    if isinstance(value, Index):
        return last_name(value.base)
    return None


def _erased(facts: FileFacts) -> tuple[str, ...]:
    loaded = {i.module for i in facts.imports if not i.erased} | {e.module for e in facts.exports if e.module}
    return tuple(sorted({i.module for i in facts.imports if i.erased} - loaded))
