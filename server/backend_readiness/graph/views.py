"""One file's facts, indexed for look-ups: who is declared where, what is assigned, called and returned in whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import (
    Alt,
    Assign,
    Block,
    Call,
    CallRef,
    Export,
    FileFacts,
    Func,
    Import,
    Index,
    Lit,
    Member,
    Name,
    Record,
    Return,
    Seq,
    Symbol,
    Value,
)
from backend_readiness.graph.bare_fields import set_by_name

Path = tuple[str, ...]
_WITH_TAGS = frozenset({"jinja"})  # tags and variables have names apart there
MIN_LINKS, MAX_LINKS = 6, 2_000
MAX_RECORD_DEPTH = 12
CONSTRUCTORS = ("constructor", "__init__", "__construct", "initialize")


class FileView:
    """Lazily built indexes over the facts of one file."""

    def __init__(self, path: str, facts: FileFacts) -> None:
        self.path = path
        self.facts = facts
        self.language = facts.language
        self._kept: list[Value] = []

    def keep(self, value: Value) -> Value:
        """Keep an expression put together from those of the file: what is known of one goes by its identity."""
        self._kept.append(value)
        return value

    def symbol(self, index: int) -> Symbol:
        return self.facts.symbols[index]

    @cached_property
    def bindings(self) -> dict[tuple[int, str], list[tuple[Assign, Path]]]:
        """(owner, name) -> what is assigned to the name there."""
        found: dict[tuple[int, str], list[tuple[Assign, Path]]] = defaultdict(list)
        for assign in self.facts.assigns:
            for name, path in bound_names(assign.target):
                found[assign.owner, name].append((assign, path))
        return found

    @cached_property
    def fields(self) -> dict[tuple[int, str], list[Assign]]:
        """(class-like symbol, name) -> `self.name = value`, fields of the body, `Class.prototype.name = value`."""
        found: dict[tuple[int, str], list[Assign]] = defaultdict(list)
        top = {s.name: i for i, s in enumerate(self.facts.symbols) if s.name and s.kind in ("class", "function")}
        for assign in self.facts.assigns:
            target = assign.target
            if assign.kind == "field" and isinstance(target, Name):
                found[assign.owner, target.id].append(assign)
            elif isinstance(target, Member):
                base = target.base
                if isinstance(base, Name) and base.id == "self":
                    holder = self.holder(assign.owner)
                    if holder is not None:
                        found[holder, target.name].append(assign)
                elif isinstance(base, Member) and base.name == "prototype" and isinstance(base.base, Name) and base.base.id in top:
                    found[top[base.base.id], target.name].append(assign)
        for field, assign in set_by_name(self):
            found[field].append(assign)
        return found

    @cached_property
    def type_parameters(self) -> tuple[Assign, ...]:
        return tuple(a for a in self.facts.assigns if a.kind == "type")

    @cached_property
    def member_assigns(self) -> dict[tuple[int, str, str], list[Assign]]:
        """(owner, name, member) -> `name.member = value`."""
        found: dict[tuple[int, str, str], list[Assign]] = defaultdict(list)
        for assign in self.facts.assigns:
            target = assign.target
            if isinstance(target, Member) and isinstance(target.base, Name) and target.base.id != "self":
                found[assign.owner, target.base.id, target.name].append(assign)
            elif isinstance(target, Index) and isinstance(target.base, Name) and isinstance(target.key, Lit):
                found[assign.owner, target.base.id, str(target.key.value)].append(assign)
        return found

    @cached_property
    def member_names(self) -> frozenset[str]:
        return frozenset(name for _, _, name in self.member_assigns)

    @cached_property
    def own_tags(self) -> frozenset[str]:
        """Tags of a template whose result it keeps under the name of the tag: `{% url "orders" as url %}` hides no `{% url %}`."""
        if self.language not in _WITH_TAGS:
            return frozenset()
        kept = ((a.target.id, a.value.call) for a in self.facts.assigns if isinstance(a.target, Name) and isinstance(a.value, CallRef))
        return frozenset(name for name, call in kept if self.facts.calls[call].callee == Name(name))

    def holder(self, owner: int) -> int | None:
        """The class, or the constructor function, that `self` means inside of `owner`."""
        outermost: int | None = None
        index = owner
        while index > 0:
            symbol = self.facts.symbols[index]
            if symbol.kind in ("class", "interface", "enum"):
                return index
            if symbol.kind in ("function", "method"):
                outermost = index
            index = symbol.parent
        return outermost

    @cached_property
    def children(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for i, symbol in enumerate(self.facts.symbols):
            if symbol.parent >= 0:
                found[symbol.parent].append(i)
        return found

    @cached_property
    def named_children(self) -> dict[tuple[int, str], list[int]]:
        """(parent, name) -> definitions; a lambda named after what it is assigned to is not one."""
        found: dict[tuple[int, str], list[int]] = defaultdict(list)
        for i, symbol in enumerate(self.facts.symbols):
            if symbol.name and symbol.parent >= 0 and symbol.kind != "lambda" and not symbol.partial:
                found[symbol.parent, symbol.name].append(i)
        return found

    @cached_property
    def returns(self) -> dict[int, list[Return]]:
        found: dict[int, list[Return]] = defaultdict(list)
        for item in self.facts.returns:
            found[item.owner].append(item)
        return found

    @cached_property
    def assigns_of(self) -> dict[int, list[Assign]]:
        found: dict[int, list[Assign]] = defaultdict(list)
        for item in self.facts.assigns:
            found[item.owner].append(item)
        return found

    @cached_property
    def set_by_functions(self) -> dict[str, list[Assign]]:
        """What functions of the file assign to a variable of it: `let pool` and `pool = new Pool()` in one, `global pool` in Python."""
        found: dict[str, list[Assign]] = defaultdict(list)
        for item in self.facts.assigns:
            name = item.target.id if item.kind == "assign" and item.owner and isinstance(item.target, Name) else None
            if name is not None and not any(self._declares(scope, name) for scope in self.enclosing(item.owner) if scope):
                found[name].append(item)
        return found

    def _declares(self, scope: int, name: str) -> bool:
        own = any(a.kind in ("let", "const") for a, _ in self.bindings.get((scope, name), ()))
        given = (
            n for p in self.symbol(scope).params for n in ([n for n, _ in bound_names(p.pattern)] if p.pattern is not None else [p.name])
        )
        return own or name in given

    @cached_property
    def filled_later(self) -> frozenset[str]:
        """The names of objects that get values under computed keys: `config[key] = value`."""
        targets = (a.target for a in self.facts.assigns if a.kind == "assign")
        return frozenset(t.base.id for t in targets if isinstance(t, Index) and isinstance(t.base, Name) and not isinstance(t.key, Lit))

    @cached_property
    def calls_of(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for i, call in enumerate(self.facts.calls):
            found[call.owner].append(i)
        return found

    @cached_property
    def blocks_of(self) -> dict[int, list[Block]]:
        found: dict[int, list[Block]] = defaultdict(list)
        for block in self.facts.blocks:
            found[block.owner].append(block)
        return found

    @cached_property
    def imports(self) -> dict[str, list[Import]]:
        found: dict[str, list[Import]] = defaultdict(list)
        for item in self.facts.imports:
            if item.local:
                found[item.local].append(item)
        return found

    def receivers(self, number: int) -> list[tuple[int, Value]]:
        """(owner, receiver) of the calls that a call is chained on, the innermost first; nothing for a chain of a few."""
        found: list[tuple[int, Value]] = []
        calls = self.facts.calls
        call = calls[number]
        while isinstance(call.callee, Member) and isinstance(call.callee.base, CallRef) and len(found) < MAX_LINKS:
            found.append((call.owner, call.callee.base))
            call = calls[call.callee.base.call]
        return found[::-1] if len(found) > MIN_LINKS else []

    def written_at(self, call: Call) -> int:
        """Where a call is written: the calls of one chain start at the same place, and follow each other."""
        callee = call.callee
        return self.facts.calls[callee.base.call].end if isinstance(callee, Member) and isinstance(callee.base, CallRef) else call.start

    @cached_property
    def loaded(self) -> frozenset[str]:
        """Modules that the file loads without giving them a name."""
        return frozenset(i.module for i in self.facts.imports if i.name is None and i.local is None)

    @cached_property
    def stars(self) -> tuple[str, ...]:
        return tuple(i.module for i in self.facts.imports if i.name == "*" and i.local is None)

    @cached_property
    def exports(self) -> dict[str, Export]:
        return {e.name: e for e in self.facts.exports}

    @cached_property
    def exported_stars(self) -> tuple[str, ...]:
        return tuple(e.module for e in self.facts.exports if e.name == "*" and e.module)

    @cached_property
    def calls_by_name(self) -> dict[str, list[int]]:
        """Last name of the callee -> calls; of one that is chosen (`(quick ? send : sendSlowly)(url)`) each name."""
        found: dict[str, list[int]] = defaultdict(list)
        for i, call in enumerate(self.facts.calls):
            name = callee_name(call)
            if name:
                found[name].append(i)
            elif isinstance(call.callee, Alt):
                for option in call.callee.options[:6]:
                    if isinstance(option, Name):
                        found[option.id].append(i)
        return found

    @cached_property
    def called_on(self) -> dict[int, int]:
        """Call -> the call on its result: `a()` -> `a().b()`."""
        return {
            call.callee.base.call: number
            for number, call in enumerate(self.facts.calls)
            if isinstance(call.callee, Member) and isinstance(call.callee.base, CallRef)
        }

    @cached_property
    def passed_in(self) -> dict[int, tuple[int, int, str | None]]:
        """Lambda or function symbol -> (call, argument index, key in an object argument) that it is written into."""
        found: dict[int, tuple[int, int, str | None]] = {}
        for c, call in enumerate(self.facts.calls):
            for a, arg in enumerate(call.args):
                if isinstance(arg.value, Func):
                    found.setdefault(arg.value.symbol, (c, a, arg.name))
                elif isinstance(arg.value, Record):
                    for key, value in arg.value.items:
                        if isinstance(value, Func):
                            found.setdefault(value.symbol, (c, a, key))
        return found

    @cached_property
    def made(self) -> frozenset[str]:
        """The names that are bound to the result of a call, or to what a key names, anywhere in the file."""
        return frozenset(name for (_, name), bound in self.bindings.items() if any(isinstance(a.value, CallRef | Index) for a, _ in bound))

    @cached_property
    def handed(self) -> frozenset[str]:
        """The names of parameters of constructors: a class whose head declares them reads them in its methods."""
        return frozenset(p.name for s in self.facts.symbols if s.name in CONSTRUCTORS for p in s.params)

    @cached_property
    def result_names(self) -> dict[int, str]:
        """Call -> the variable its result is assigned to, or the key of the returned object that holds it."""
        found: dict[int, str] = {}
        for item in self.facts.returns:
            if isinstance(item.value, Record):
                found.update({v.call: k for k, v in item.value.items if k is not None and isinstance(v, CallRef)})
        for assign in self.facts.assigns:
            if isinstance(assign.value, CallRef) and isinstance(assign.target, Name):
                found[assign.value.call] = assign.target.id
        return found

    @cached_property
    def returned_as(self) -> dict[str, frozenset[str]]:
        """Name -> the keys under which functions of the file return it: `return { signIn: handleSignIn }`."""
        found: dict[str, set[str]] = defaultdict(set)
        for item in self.facts.returns:
            if isinstance(item.value, Record):
                for key, value in item.value.items:
                    if key is not None and isinstance(value, Name):
                        found[value.id].add(key)
        return {name: frozenset(keys) for name, keys in found.items()}

    def enclosing(self, owner: int) -> list[int]:
        """`owner` and its enclosing symbols, innermost first."""
        chain = []
        while owner >= 0:
            chain.append(owner)
            owner = self.facts.symbols[owner].parent
        return chain

    def body(self, index: int) -> list[int]:
        """The symbol, the lambdas written inside of it, and the functions inside that it returns: code that belongs to it for a reader.
        So is what a class without a name does when it is made: `new HashMap<>() {{ put("order", find(id)); }}`."""
        found, stack, symbols = [], [index], self.facts.symbols
        while stack:
            i = stack.pop()
            found.append(i)
            given = {r.value for r in self.returns.get(i, ()) if isinstance(r.value, Name)} if i else ()
            inside = self.children.get(i, ())
            made = (b for c in inside if symbols[c].kind == "class" and not symbols[c].name for b in self.children.get(c, ()))
            stack.extend(
                c
                for c in (*inside, *(b for b in made if not symbols[b].name))
                if symbols[c].kind == "lambda" or (given and symbols[c].kind == "function" and Name(symbols[c].name) in given)
            )
        return sorted(found)


def callee_name(call: Call) -> str | None:
    """The last name of what is called: `a.b.c()` -> `c`."""
    callee = call.callee
    if isinstance(callee, Name):
        return callee.id
    if isinstance(callee, Member):
        return callee.name
    return None


def records_in(value: Value | None, depth: int = 0) -> Iterator[Record]:
    """The objects written in a value, nested ones included, the outer first."""
    if depth > MAX_RECORD_DEPTH:
        return
    if isinstance(value, Record):
        yield value
    inner = [v for _, v in value.items] if isinstance(value, Record) else value.items if isinstance(value, Seq) else ()
    for item in inner:
        yield from records_in(item, depth + 1)
