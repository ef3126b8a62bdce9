"""The names under which a function may be called from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import CallRef, Func, Member, Name, Record, Value
from backend_readiness.graph.evaluation import later_members
from backend_readiness.graph.evaluation.params import callers_named
from backend_readiness.graph.evaluation.questions import World
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.snapshot.places import is_production

MAX_NESTED = 4
MAX_SITES = 100
MAX_ASKING = 20
MAX_FILES = 200


def names_of(graph: Graph, where: SymbolId) -> set[str]:
    """Its own name, the local names of those who import its module, the keys of the objects that hold it or what returned it."""
    view = graph.view(where.file)
    symbol = view.symbol(where.index)
    names = {symbol.name} if symbol.name else set()
    names |= view.returned_as.get(symbol.name, frozenset())
    names |= {key for key, held in _held(view) if held in (Func(where.index), Name(symbol.name))}
    passed = view.passed_in.get(where.index)
    if passed is not None and passed[0] in view.result_names:  # `return { get: useCallback(async (url) => ...) }`
        names.add(view.result_names[passed[0]])
    names |= later_members.names(graph.ev, view, where.index) | _called_too(view, symbol.name)
    names |= set(_given_back_as(graph, where)) | imported_as(graph, symbol.name)
    return names | {local for _, local in graph.importers(where.file) if local}


def imported_as(world: World, name: str) -> set[str]:
    """Other names that files import it under: `import { request as __request } from "./request"`."""
    files = [f for f in world.naming(name) if is_production(f)] if name else []
    items = (i for f in files[:MAX_FILES] for i in world.view(f).facts.imports) if len(files) <= MAX_FILES else ()
    return {i.local for i in items if i.name == name and i.local and i.local != name}


def _called_too(view: FileView, name: str) -> set[str]:
    """Its other names in its own file: `export const fetch = fetcher`, `export { fetcher as fetch }`."""
    if not name:
        return set()
    exported = {e.name for e in view.facts.exports if e.value == Name(name) and e.name not in ("=", "default")}
    bound = {a.target.id for a in view.facts.assigns if a.value == Name(name) and isinstance(a.target, Name)}
    return (exported | bound) - {name}


def _given_back_as(graph: Graph, where: SymbolId) -> Iterator[str]:
    """What callers call a function that another one gives back, itself or through a call (`return useCallback(async (url) => ...)`):
    the `get` of `{ get: request("GET") }`, the `api` of `const api = useApi()`."""
    view = graph.view(where.file)
    symbol = view.symbol(where.index)
    maker = symbol.parent
    values = [r.value for r in view.returns.get(maker, ())] if maker > 0 else []
    if not any(v in values for v in _ways_to_say(view, where.index)):
        return
    made = SymbolId(where.file, maker)
    for site in callers_named(graph.ev, view.symbol(maker).name).get(made, [])[:MAX_SITES]:
        other = graph.view(site.file)
        result = CallRef(site.call)
        yield from (a.target.name for a in other.facts.assigns if a.value == result and isinstance(a.target, Member))
        yield from (key for key, held in _held(other) if held == result)
        if site.call in other.result_names:
            yield other.result_names[site.call]
        yield from _asked_for(graph, other, result)


def _asked_for(graph: Graph, view: FileView, kept: CallRef) -> Iterator[str]:
    """What callers call a value that a call keeps and a function hands out: `Api = createContext(client())` with
    `const useApi = () => useContext(Api)` and `const api = useApi()`."""
    calls = view.facts.calls
    keepers = {view.result_names[n] for n, c in enumerate(calls) if n in view.result_names and any(a.value == kept for a in c.args)}
    asking = [n for n, c in enumerate(calls) if len(c.args) == 1 and isinstance(c.args[0].value, Name) and c.args[0].value.id in keepers]
    for number in asking[:MAX_ASKING]:
        owner = calls[number].owner
        if number in view.result_names:
            yield view.result_names[number]
        if CallRef(number) not in [r.value for r in view.returns.get(owner, ())]:
            continue
        hook = view.symbol(owner).name
        for file in graph.calling(hook)[:MAX_FILES] if hook else ():  # what each of them means is looked at later
            other = graph.view(file)
            yield from (other.result_names[n] for n in other.calls_by_name.get(hook, ()) if n in other.result_names)


def _ways_to_say(view: FileView, function: int) -> Iterator[Value]:
    """How its file may write a function: itself, its name, the call that it is handed to, the name of that one's result."""
    yield Func(function)
    passed = view.passed_in.get(function)
    named = [view.symbol(function).name]
    if passed is not None:
        yield CallRef(passed[0])
        named.append(view.result_names.get(passed[0], ""))
    yield from (Name(n) for n in named if n)


def _held(view: FileView) -> Iterator[tuple[str, Value]]:
    """What the object literals of a file hold, and under which key."""
    written = (*(a.value for a in view.facts.assigns), *(r.value for r in view.facts.returns), *(e.value for e in view.facts.exports))
    for value in written:
        if isinstance(value, Record):
            yield from _fields(value, 0)


def _fields(record: Record, depth: int) -> Iterator[tuple[str, Value]]:
    for key, value in record.items:
        if isinstance(value, Record) and depth < MAX_NESTED:
            yield from _fields(value, depth + 1)
        elif key is not None:
            yield key, value
