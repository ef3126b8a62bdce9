"""Collections that live in the memory of one process: of a module, of an object that lives as long, of the function that sets routes up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_production
from backend_readiness.controls.work.captured import SetUps
from backend_readiness.facts.model import Alt, Assign, Call, CallRef, Concat, Index, Member, Name, Op, Record, Seq, Value
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.memory_words import words_for
from backend_readiness.rules.signs import signs
from backend_readiness.snapshot.matching import compile_patterns

_MAKERS = {"dict", "list", "set", "Map", "Set", "Array", "defaultdict", "OrderedDict", "deque", "Counter", "Object"}
MUTATORS = {
    "push", "append", "add", "set", "insert", "extend", "update", "unshift", "splice", "pop", "popitem", "popleft", "remove", "discard",
    "delete", "clear", "setdefault", "appendleft", "shift", "__setitem__",
}  # fmt: skip
_DECLARED = frozenset(signs("memory", "declared"))
_STARTS = re.compile(
    r"(?i)^_*(create|make|build|init|setup|configure|bootstrap|start)_?(app|application|server|api)?$|^(main|lifespan|bootstrap)$"
)
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Collection:
    """A shared collection where it is made. `items` are the entries that it starts with.

    `captured`: a function around the handler makes it, which runs when the routes are set up: `val users = mutableListOf<User>()`.
    """

    file: str
    line: int
    end_line: int
    name: str
    items: int
    captured: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """A place in a function that changes or reads a collection."""

    collection: Collection
    function: SymbolId
    file: str
    line: int
    changes: bool


class Memory:
    """Shared collections and their uses, for the functions of one flow."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.graph = context.graph
        self.set_ups = SetUps(context)

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """Uses in the functions of the chain, in the order of the walk."""
        found: dict[tuple[str, int, bool, Collection], Use] = {}
        for reached in self.context.functions:
            for use in self.uses_in(reached.function.symbol):
                found.setdefault((use.file, use.line, use.changes, use.collection), use)
        return tuple(found.values())

    @cached_property
    def of_guards(self) -> tuple[Use, ...]:
        """Uses in the files of the repository's own guards: what middleware counts and remembers."""
        roots = {f.symbol.file for g in self.context.guards for f in self.context.roles.functions(g.value)}
        found: list[Use] = []
        for file in sorted(roots):
            view = self.graph.view(file)
            for index, symbol in enumerate(view.facts.symbols):
                if symbol.kind in ("function", "method"):
                    found.extend(self.uses_in(SymbolId(file, index)))
        return tuple(found)

    def uses_in(self, function: SymbolId) -> Iterator[Use]:
        view = self.graph.view(function.file)
        body = set(view.body(function.index))
        for assign in view.facts.assigns:
            if assign.owner in body:
                yield from self._of_assign(assign, view, function)
        for owner in body:
            for number in view.calls_of.get(owner, ()):
                yield from self._of_call(view.facts.calls[number], view, function)
        for item in view.facts.returns:
            if item.owner in body:
                yield from self._read(item.value, view, item.owner, item.line, function)
        for block in view.facts.blocks:
            if block.owner in body:
                yield from self._read(block.subject, view, block.owner, block.line, function)

    def is_changed(self, collection: Collection) -> bool:
        """Does production code change the collection anywhere?"""
        for path in (collection.file, *self.graph.importing_files(collection.file)):
            if is_production(path) and collection.name in self.graph.facts.files[path].names:
                view = self.graph.view(path)
                places = {a.owner for a in view.facts.assigns} | {c.owner for c in view.facts.calls}
                for owner in places - {0}:
                    if any(u.changes and u.collection == collection for u in self.uses_in(SymbolId(path, owner))):
                        return True
        return False

    # ------------------------------------------------------------ single facts

    def _of_assign(self, assign: Assign, view: FileView, function: SymbolId) -> Iterator[Use]:
        target: Value = assign.target
        if isinstance(target, Index):
            base = target.base.base if isinstance(target.base, Index) else target.base
            found = self.behind(base, view, assign.owner)
            if found is not None:
                yield Use(found, function, view.path, assign.line, True)
        elif (isinstance(target, Name) or (isinstance(target, Member) and target.name.startswith("@@"))) and assign.kind in (
            "assign",
            "aug",
        ):
            found = self.behind(target, view, assign.owner)
            if found is not None:
                yield Use(found, function, view.path, assign.line, True)
        yield from self._read(assign.value, view, assign.owner, assign.line, function)

    def _of_call(self, call: Call, view: FileView, function: SymbolId) -> Iterator[Use]:
        if isinstance(call.callee, Member):
            base = call.callee.base
            inner = base.base if isinstance(base, Index) else base
            found = self.behind(inner, view, call.owner)
            if found is not None:
                changes = call.callee.name in MUTATORS or call.callee.name in words_for(view.language).changes
                yield Use(found, function, view.path, call.line, changes)
        elif call.callee == Name("delete") and call.args and view.language == "go":
            found = self.behind(call.args[0].value, view, call.owner)
            if found is not None:
                yield Use(found, function, view.path, call.line, True)
        for arg in call.args:
            yield from self._read(arg.value, view, call.owner, call.line, function)

    def _read(self, value: Value | None, view: FileView, owner: int, line: int, function: SymbolId) -> Iterator[Use]:
        for part in parts_of(value):
            found = self.behind(part, view, owner)
            if found is not None:
                yield Use(found, function, view.path, line, False)

    # ------------------------------------------------------------ what a name means

    def behind(self, value: Value, view: FileView, owner: int) -> Collection | None:
        """The shared collection that an expression names; None for locals, parameters and everything else."""
        if isinstance(value, Name):
            return self._named(value.id, view, owner)
        if not isinstance(value, Member):
            return None
        if isinstance(value.base, Name) and value.base.id == "self":
            return self._field(value.name, view, owner)
        if isinstance(value.base, Name):
            return self._member(value.base.id, value.name, view, owner)
        return None

    def _named(self, name: str, view: FileView, owner: int) -> Collection | None:
        for scope in view.enclosing(owner):
            symbol = view.symbol(scope)
            if scope and any(p.name == name for p in symbol.params):
                return None
            bound = [a for a, path in view.bindings.get((scope, name), ()) if not path and a.kind in _DECLARED]
            if bound and scope and bound[0].kind == "field" and symbol.kind == "class":  # `CACHE` of the class around it
                return self._field(name, view, owner)
            if bound:
                made = self._made(bound[0], name, view) if scope == 0 or self.set_ups.runs_once(view, scope) else None
                return replace(made, captured=scope != 0) if made is not None else None
        for item in view.imports.get(name, ()):
            target = self.graph.resolve(item.module, view.path)
            if target is not None and item.name not in (None, "*"):
                return self._of_module(target, item.name or name)
        return None

    def _of_module(self, file: str, name: str, depth: int = 0) -> Collection | None:
        view = self.graph.view(file)
        for assign, path in view.bindings.get((0, name), ()):
            if not path and assign.kind in _DECLARED:
                return self._made(assign, name, view)
        export = view.exports.get(name) or (view.exports.get("=") if name == "default" else None)
        if export is not None and depth < 3 and isinstance(export.value, Name) and export.value.id != name:
            return self._of_module(file, export.value.id, depth + 1)
        return None

    def _member(self, base: str, name: str, view: FileView, owner: int) -> Collection | None:
        """`store.users`: of an imported module, or of a record or class of this module."""
        for item in view.imports.get(base, ()):
            target = self.graph.resolve(item.module, view.path)
            if target is None and item.name not in (None, "*", "default"):
                target = self.graph.resolve(f"{item.module}.{item.name}", view.path)
            if target is None:
                continue
            found = self._of_module(target, name)
            if found is not None:
                return found
            other = self.graph.view(target)
            return self._of_record(item.name if item.name not in (None, "*", "default") else base, name, other)
        return self._of_record(base, name, view)

    def _of_record(self, base: str, name: str, view: FileView) -> Collection | None:
        for assign, path in view.bindings.get((0, base), ()):
            if not path and isinstance(assign.value, Record):
                for key, value in assign.value.items:
                    if key == name and is_collection(value, view):
                        return Collection(view.path, assign.line, assign.line, name, _size(value))
        for index in view.named_children.get((0, base), ()):
            for assign in view.fields.get((index, name), ()):
                if view.symbol(index).kind == "class" and assign.owner == index and is_collection(assign.value, view):
                    return self._made(assign, name, view)
        return None

    def _field(self, name: str, view: FileView, owner: int) -> Collection | None:
        holder = view.holder(owner)
        if holder is None:
            return None
        for assign in view.fields.get((holder, name), ()):
            if is_collection(assign.value, view, assign.type) and self._lives_long(view, holder, assign):
                return self._made(assign, name, view)
        return None

    def _lives_long(self, view: FileView, holder: int, field: Assign) -> bool:
        """A field of the class itself (Python), or of an object that a module makes or a container keeps."""
        symbol = view.symbol(holder)
        if view.language == "python" and field.owner == holder:
            return True
        words = words_for(view.language)
        declared = compile_patterns((words.shared,)) if words.shared and field.owner == holder else None
        if declared is not None and declared.search(self.graph.snapshot.lines(view.path)[field.line - 1].encode("utf-8", "replace")):
            return True
        kept = {callee_name(view.facts.calls[d.call]) if isinstance(d, CallRef) else getattr(d, "id", "") for d in symbol.decorators}
        if kept & set(words.kept):
            return True
        if any(
            isinstance(d, CallRef) and callee_name(view.facts.calls[d.call]) in ("Injectable", "Service", "singleton")
            for d in symbol.decorators
        ):
            return True
        for path in self.graph.naming(symbol.name):
            other = self.graph.view(path)
            for number in other.calls_by_name.get(symbol.name, ()):
                call = other.facts.calls[number]
                if call.kind in ("call", "new") and is_production(path) and self._runs_once(other, call.owner):
                    return True
            for name in words.kept_by:
                for number in other.calls_by_name.get(name, ()):
                    call = other.facts.calls[number]
                    named = [*call.type_args, *(a.value for a in call.args[:2])]
                    if is_production(path) and any(symbol.name in _names(_made_of(n, other)) for n in named):
                        return True
        locks = set(words.locks)  # what a lock of the same object guards is shared by the requests that run at once
        return bool(locks) and any(
            _names(other.type) & locks for (owner, _), places in view.fields.items() if owner == holder for other in places
        )

    def _runs_once(self, view: FileView, owner: int) -> bool:
        """A module, or a function that makes the application: a method `create` of a class makes one of many."""
        symbol = view.symbol(owner)
        if owner == 0 or symbol.kind == "class":
            return owner == 0
        started = _STARTS.match(symbol.name)
        return started is not None and (symbol.kind != "method" or started.group(2) is not None or started.group(3) is not None)

    def _made(self, assign: Assign, name: str, view: FileView) -> Collection | None:
        if not is_collection(assign.value, view, assign.type):
            return None
        return Collection(view.path, assign.line, assign.end_line, name, _size(assign.value))


def is_collection(value: Value | None, view: FileView, written: Value | None = None) -> bool:
    """A literal or a constructor of a list, dict, set or map, or one by the type that is written."""
    if isinstance(value, Record | Seq):
        return True
    words = words_for(view.language)
    if isinstance(value, CallRef) and callee_name(view.facts.calls[value.call]) in (_MAKERS if not words.makers else words.makers):
        return True
    if isinstance(value, Op) and value.op == "as" and words.types:  # `make(map[string]int)`
        return any(_names(o) & set(words.types) for o in value.operands)
    return bool(words.types) and (value is None or isinstance(value, CallRef)) and bool(_names(written) & set(words.types))


def _made_of(value: Value | None, view: FileView) -> Value | None:
    """`typeof(Orders)` and `new Orders()` name the class that they are given or make."""
    if not isinstance(value, CallRef):
        return value
    call = view.facts.calls[value.call]
    return call.args[0].value if callee_name(call) == "typeof" and call.args else call.callee


def _names(written: Value | None, depth: int = 0) -> set[str]:
    """The names in a type as written."""
    if written is None or depth > MAX_DEPTH:
        return set()
    if isinstance(written, Name):
        return {written.id}
    if isinstance(written, Member):
        return {written.name}
    if isinstance(written, Index):
        return _names(written.base, depth + 1) | _names(written.key, depth + 1)
    return {n for i in written.items[:8] for n in _names(i, depth + 1)} if isinstance(written, Seq) else set()


def _size(value: Value | None) -> int:
    return len(value.items) if isinstance(value, Record | Seq) else 0


def parts_of(value: Value | None, depth: int = 0) -> Iterator[Value]:
    """Names and members inside an expression, the expression itself first; calls are not entered."""
    if value is None or depth > MAX_DEPTH:
        return
    if isinstance(value, Name | Member):
        yield value
        if isinstance(value, Member):
            yield from parts_of(value.base, depth + 1)
    elif isinstance(value, Index):
        yield from parts_of(value.base, depth + 1)
        yield from parts_of(value.key, depth + 1)
    elif isinstance(value, Concat):
        for part in value.parts[:40]:
            yield from parts_of(part, depth + 1)
    elif isinstance(value, Record):
        for _, item in value.items[:80]:
            yield from parts_of(item, depth + 1)
    elif isinstance(value, Seq):
        for item in value.items[:80]:
            yield from parts_of(item, depth + 1)
    elif isinstance(value, Alt):
        for item in value.options[:20]:
            yield from parts_of(item, depth + 1)
    elif isinstance(value, Op):
        for item in value.operands[:20]:
            yield from parts_of(item, depth + 1)
