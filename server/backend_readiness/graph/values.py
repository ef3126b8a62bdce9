"""Abstract values: what the evaluator knows of an expression without running anything.

`Ext` is a path into a package that is not part of the repository: `fastapi.APIRouter()`, `express.Router().get`,
`@prisma/client.PrismaClient().user.findMany`. `()` marks the result of a call and `[]` an element. A global that nobody
imports starts with `~` (`~fetch`), something whose origin is not known with `?` (`?.collection().findOne`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from backend_readiness.facts.model import Value


class SymbolId(NamedTuple):
    """A symbol of a file: `facts.of(file).symbols[index]`."""

    file: str
    index: int  # type: ignore[assignment]  # the method of tuple of that name is of no use here


class Site(NamedTuple):
    """A call site with the bindings under which it was evaluated: `facts.of(file).calls[call]`."""

    file: str
    call: int
    env: Env | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Env:
    """Bindings of one call: parameters of `symbol` by name. Enclosing calls are in `outer`.

    It is not written out: its values lead to other bindings, over and over. `known` keeps what expressions are under these bindings, by
    evaluator, file, symbol and expression.
    """

    symbol: SymbolId
    args: dict[str, AV]
    self_value: AV | None
    outer: Env | None
    depth: int
    site: Site | None = None  # the call that bound them
    known: dict[tuple[int, str, int, int], AV] = field(default_factory=dict)

    def frame(self, symbol: SymbolId) -> Env | None:
        env: Env | None = self
        while env is not None:
            if env.symbol == symbol:
                return env
            env = env.outer
        return None


@dataclass(frozen=True, slots=True)
class Const:
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Text with holes: `("/orders/", Hole)`. Adjacent strings are joined."""

    parts: tuple[str | AV, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Thunk:
    """An expression with its scope, evaluated on demand."""

    file: str
    owner: int
    expr: Value
    env: Env | None


@dataclass(frozen=True, slots=True, eq=False)
class Obj:
    """An object or dict literal. Later keys win; `spreads` are looked into when a key is missing."""

    fields: dict[str, Thunk]
    spreads: tuple[Thunk, ...]
    place: Thunk


@dataclass(frozen=True, slots=True, eq=False)
class ListV:
    items: tuple[Thunk, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FuncV:
    """A function of the repository; `self_value` is what it is bound to."""

    symbol: SymbolId
    self_value: AV | None = None
    env: Env | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ClassV:
    """A class of the repository, or a function that is used as a constructor."""

    symbol: SymbolId
    env: Env | None = None
    asked: str = ""  # of a handler: the method that a route names, which the class has from a package


@dataclass(frozen=True, slots=True, eq=False)
class InstV:
    cls: ClassV
    site: Site | None = None
    holder: ClassV | None = None  # the class in whose body it was made (`objects = Manager()`)


@dataclass(frozen=True, slots=True, eq=False)
class ModV:
    file: str


@dataclass(frozen=True, slots=True, eq=False)
class PackageV:
    """A package of the repository: the names of all its files. `importer`: the file that names it step by step."""

    key: str
    files: frozenset[str]
    importer: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Ext:
    """See the module docstring. `base` is the value that the last step was taken from, `site` the call of a `()` step.

    `subject`: the class of the repository through which an external base class or generic type was reached
    (`User` of `User.objects`, of `Repository<User>`). `alias`: a second path, when the receiver is an instance of a class of
    the repository with an external base: `pkg.Base.run` and `pkg.Base().run`.
    """

    path: str
    base: AV | None = None
    site: Site | None = None
    subject: AV | None = None
    alias: str = ""

    @property
    def known(self) -> bool:
        return not self.path.startswith("?")


@dataclass(frozen=True, slots=True, eq=False)
class ParamV:
    """A parameter of which neither type nor argument is known."""

    symbol: SymbolId
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class ElementV:
    """A JSX element."""

    file: str
    element: int


@dataclass(frozen=True, slots=True, eq=False)
class UnionV:
    options: tuple[AV, ...]


@dataclass(frozen=True, slots=True, eq=False)
class UnknownV:
    why: str


AV = Const | Text | Obj | ListV | FuncV | ClassV | InstV | ModV | PackageV | Ext | ParamV | ElementV | UnionV | UnknownV

UNKNOWN = UnknownV("not resolved")


def union(values: list[AV]) -> AV:
    """One value for several possible ones; unknown ones are dropped when a known one is there."""
    flat: list[AV] = []
    for value in values:
        flat.extend(value.options if isinstance(value, UnionV) else (value,))
    known = [v for v in flat if not isinstance(v, UnknownV)]
    if not known:
        return flat[0] if flat else UNKNOWN
    unique: list[AV] = []
    seen: set[object] = set()
    for value in known:
        key = identity(value)
        if key not in seen:
            seen.add(key)
            unique.append(value)
    return unique[0] if len(unique) == 1 else UnionV(tuple(unique[:8]))


def options(value: AV) -> Iterator[AV]:
    """The value itself, or the options of a union."""
    if isinstance(value, UnionV):
        yield from value.options
    else:
        yield value


def identity(value: AV) -> object:
    """A hashable key under which two values are the same thing."""
    match value:
        case FuncV(symbol=s):
            return ("f", s, id(value.env) if value.env else 0)
        case ClassV(symbol=s):
            return ("c", s)
        case InstV(cls=c):
            return ("i", c.symbol, value.holder.symbol if value.holder else None)
        case ModV(file=f):
            return ("m", f)
        case PackageV(key=k, files=f):
            return ("p", k, min(f))
        case Ext(path=p, site=s):
            return ("e", p, s.file if s else "", s.call if s else -1, identity(value.base) if value.base and s is None else 0)
        case Const(value=v):
            return ("k", type(v).__name__, v)
        case _:
            return ("o", id(value))


def nearest_call(value: Ext) -> Site | None:
    """The call whose result a value is, or is a part of: that of `findAndCountAll()` for its `rows`."""
    current: AV | None = value
    for _ in range(6):
        if not isinstance(current, Ext):
            return None
        if current.site is not None:
            return current.site
        current = current.base
    return None


def step_of(base: Ext, step: str) -> Ext:
    return Ext(f"{base.path}{step}", base, None, base.subject, f"{base.alias}{step}" if base.alias else "")
