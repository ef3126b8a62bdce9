"""Services that answer without a controller: `POST /api/app/order/place` is the method `Place` of `OrderAppService : ApplicationService`.

A call of `callee` switches it on for the classes with a base of `base` that stand below the folder of the class which `handler` leads to.
Options: `root` is what all paths begin with, `suffixes` what the name of a class drops, `drops` that of a method, `verbs` the HTTP methods
by the words that names begin with (all others are POST). With `words` a path has the rest of the name in small letters and an `{id}` for
the parameter, otherwise the name itself. `inherited`: by bases, the methods that they bring, and their parameters. `guards` are marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from backend_readiness.facts.model import Name, Symbol
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.routes.groups import kebab
from backend_readiness.graph.routes.routing import Guard, Registration
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, SymbolId, options
from backend_readiness.model import Place

_SHAPE = "service_actions"
_CLOSED = frozenset(("private", "protected", "abstract", "property"))
MAX_CLASSES = 2_000
MAX_STEPS = 4


def collect(scan: Scan) -> None:
    seen: set[tuple[SymbolId, str]] = set()
    for hit in scan.hits.get(_SHAPE, ()):
        for cls in _services(scan, hit):
            root = str(hit.rule.options["root"])
            if (cls.symbol, root) not in seen:
                seen.add((cls.symbol, root))
                _register(scan, hit, cls)


def _services(scan: Scan, hit: Hit) -> Iterator[ClassV]:
    """The classes below a base, in the folder of the class that the call is given."""
    given = argument_value(scan.graph.ev, hit.site, hit.rule.handler, hit.callee) if hit.rule.handler is not None else None
    folders = [c.symbol.file.rpartition("/")[0] for v in options(given) if (c := _class_of(v)) is not None] if given is not None else []
    wanted = [compiled(p) for p in hit.rule.base]
    names = scan.graph.names_below(p.rpartition(".")[2] for p in hit.rule.base)
    found = dict.fromkeys(s for name in sorted(names) for s in scan.graph.subclasses(name))
    for where in list(found)[:MAX_CLASSES]:
        symbol = scan.graph.view(where.file).symbol(where.index)
        inside = any(not f or where.file.startswith(f"{f}/") for f in folders)
        if not inside or where.file not in scan.graph.production or _is_closed(symbol):
            continue
        if any(w.fullmatch(b.path) for b in inheritance.external_bases(scan.graph.ev, ClassV(where)) for w in wanted):
            yield ClassV(where)


def _class_of(value: AV) -> ClassV | None:
    """`Module` of `typeof(Module).Assembly`."""
    current: AV | None = value
    for _ in range(MAX_STEPS):
        current = current.base if isinstance(current, Ext) else current
    return current if isinstance(current, ClassV) else None


def _is_closed(symbol: Symbol) -> bool:
    return symbol.kind != "class" or any(isinstance(d, Name) and d.id in _CLOSED for d in symbol.decorators)


def _register(scan: Scan, hit: Hit, cls: ClassV) -> None:
    rule = hit.rule.options
    symbol = scan.graph.view(cls.symbol.file).symbol(cls.symbol.index)
    suffix = next((s for s in rule["suffixes"] if symbol.name.endswith(s) and symbol.name != s), "")
    token = symbol.name.removesuffix(suffix)
    base = f"{rule['root']}/{kebab(token) if rule.get('words') else token}"
    common = _guards(scan, rule, cls.symbol)
    for name, (handler, params) in _actions(scan, rule, cls).items():
        method, path = _address(rule, name, params)
        where = handler.symbol if isinstance(handler, FuncV) else cls.symbol
        at = scan.graph.view(where.file).symbol(where.index)
        own = _guards(scan, rule, where) if isinstance(handler, FuncV) else ()
        scan.routing.registrations.append(
            Registration(
                router=None, method=method, path=base + path, card=hit.card, rule=hit.rule, handler=handler, start=at.start,
                place=Place(file=where.file, line=at.line, end_line=at.line), guards=(*common, *own),
            )
        )  # fmt: skip


def _actions(scan: Scan, rule: dict[str, Any], cls: ClassV) -> dict[str, tuple[FuncV | ClassV, tuple[str, ...]]]:
    """Name of a method -> what answers, the class where a base of a package does, and the names of its parameters."""
    found: dict[str, tuple[FuncV | ClassV, tuple[str, ...]]] = {}
    above = {b.path for b in inheritance.external_bases(scan.graph.ev, cls)}
    for row in rule.get("inherited", ()):
        if any(compiled(p).fullmatch(a) for p in row["base"] for a in above):
            found.update({name: (cls, tuple(params)) for name, params in row["methods"].items()})
    levels = [cls, *(b for b in inheritance.bases(scan.graph.ev, cls) if isinstance(b, ClassV))]
    for level in levels:
        view = scan.graph.view(level.symbol.file)
        for child in view.children.get(level.symbol.index, ()):
            method = view.symbol(child)
            plain = method.kind == "method" and not method.is_static and method.name not in ("", "constructor", "Dispose")
            shut = any(isinstance(d, Name) and d.id in _CLOSED for d in method.decorators)
            if plain and not shut and (method.name not in found or isinstance(found[method.name][0], ClassV)):
                own = members.own_member(scan.graph.ev, InstV(cls), method.name)
                handler = own if isinstance(own, FuncV) else FuncV(SymbolId(level.symbol.file, child), InstV(cls))
                found[method.name] = handler, tuple(p.name for p in method.params if p.name not in ("self", "this"))
    return found


def _address(rule: dict[str, Any], name: str, params: tuple[str, ...]) -> tuple[str, str]:
    """The HTTP method and the path below that of the class."""
    plain = name.removesuffix(str(rule.get("drops", "")))
    begins = [(word, verb) for verb, words in rule["verbs"].items() for word in words if re.match(rf"{word}(?![a-z])", plain)]
    word, verb = max(begins, key=lambda b: len(b[0]), default=("", "POST"))
    if not rule.get("words"):
        return verb, f"/{plain}"
    rest = kebab(plain.removeprefix(word))
    return verb, ("/{id}" if "id" in params else "") + (f"/{rest}" if rest else "")


def _guards(scan: Scan, rule: dict[str, Any], where: SymbolId) -> tuple[Guard, ...]:
    marks = of_kind(decorators_of(scan.graph, where), tuple(rule.get("guards", ())))
    symbol = scan.graph.view(where.file).symbol(where.index)
    place = Place(file=where.file, line=symbol.line, end_line=symbol.line)
    return tuple(Guard(value=m, place=place, start=0) for m in marks if isinstance(m, Ext))
