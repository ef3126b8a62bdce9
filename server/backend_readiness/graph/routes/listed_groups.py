"""Groups whose routes stand in a list elsewhere: `RouteGroup(ADMIN_ROUTES, prefix="/admin")`, and files that a package loads below a path.

Options of a rule beside `inside` and `inside_prefix` (see `rows`): `inside_list` names the argument of such a call that lists the routes;
`loaded` maps ends of paths of files to the `prefix` which their routes get, where the repository names `by`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import Ext, ListV, Site, options
from backend_readiness.rules.card_rules import Ref

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Hit, Scan

MAX_LISTED = 400
MAX_NESTED = 6


@dataclass(frozen=True, slots=True)
class Group:
    """A call around routes, and the part of a file that it lists."""

    site: Site
    file: str
    start: int
    end: int


def means(scan: Scan, file: str, number: int, pattern: str) -> bool:
    call = scan.graph.view(file).facts.calls[number]
    callee = options(scan.graph.ev.value(call.callee, file, call.owner))
    return any(isinstance(v, Ext) and compiled(pattern).fullmatch(v.path) for v in callee)


def prefix_around(scan: Scan, hit: Hit) -> str:
    """What the calls around a registration put before its path, from the outside in."""
    return _around(scan, hit, hit.site.file, hit.call.start, hit.call.end, 0)


def _around(scan: Scan, hit: Hit, file: str, start: int, end: int, depth: int) -> str:
    found, first = "", (start, end)
    view = scan.graph.view(file)
    written = sorted({(g.start, g.site.call) for g in _written(scan, hit, file) if g.start < start and end <= g.end})
    for begin, number in written:
        found = join(found, _prefix(scan, hit, Site(file, number, None)), keep_root=False)
        first = min(first, (begin, view.facts.calls[number].end))
    for group in scan.listed.of(hit) if depth < MAX_NESTED else ():
        if group.file == file and group.start <= first[0] and first[1] <= group.end:
            call = scan.graph.view(group.site.file).facts.calls[group.site.call]
            above = _around(scan, hit, group.site.file, call.start, call.end, depth + 1)
            return join(join(above, _prefix(scan, hit, group.site), keep_root=False), found, keep_root=False)
    return join(_loaded(scan, hit, file), found, keep_root=False)


def _written(scan: Scan, hit: Hit, file: str) -> Iterator[Group]:
    """The groups of a file."""
    view = scan.graph.view(file)
    for pattern in scan.graph.knowledge.patterns(hit.card, tuple(hit.rule.options.get("inside", ()))):
        for number in view.calls_by_name.get(pattern.rpartition(".")[2], ()):
            if means(scan, file, number, pattern):
                yield Group(Site(file, number, None), file, view.facts.calls[number].start, view.facts.calls[number].end)


class ListedGroups:
    """The parts of files that groups elsewhere list, by the card and the calls that make groups."""

    def __init__(self, scan: Scan) -> None:
        self._scan = scan
        self._found: dict[tuple[str, ...], list[Group]] = {}

    def of(self, hit: Hit) -> list[Group]:
        key = (hit.card.id, *hit.rule.options.get("inside", ())) if "inside_list" in hit.rule.options else ()
        if key not in self._found:
            self._found[key] = self._read(hit, Ref(**hit.rule.options["inside_list"])) if key else []
        return self._found[key]

    def _read(self, hit: Hit, ref: Ref) -> list[Group]:
        graph = self._scan.graph
        names = {p.rpartition(".")[2] for p in graph.knowledge.patterns(hit.card, tuple(hit.rule.options.get("inside", ())))}
        found: list[Group] = []
        files = dict.fromkeys(f for name in sorted(names) for f in graph.naming(name) if f in graph.production)
        for group in (g for file in files for g in _written(self._scan, hit, file)):
            thunk = argument_thunk(graph.ev, group.site, ref)
            for value in options(graph.ev.thunk(thunk)) if thunk is not None else ():
                for item in value.items[:MAX_LISTED] if isinstance(value, ListV) else ():
                    if isinstance(item.expr, CallRef):
                        call = graph.view(item.file).facts.calls[item.expr.call]
                        if item.file != group.file or not group.start <= call.start < group.end:
                            found.append(Group(group.site, item.file, call.start, call.end))
        return found


def _prefix(scan: Scan, hit: Hit, site: Site) -> str:
    thunk = argument_thunk(scan.graph.ev, site, Ref(**hit.rule.options.get("inside_prefix", {"arg": 0})))
    return next(iter(texts(scan.graph.ev, scan.graph.ev.thunk(thunk))), "") if thunk is not None else ""


def _loaded(scan: Scan, hit: Hit, file: str) -> str:
    for ending, spec in hit.rule.options.get("loaded", {}).items():
        if f"/{file}".endswith(f"/{ending}") and any(f in scan.graph.production for f in scan.graph.naming(str(spec["by"]))):
            return str(spec["prefix"])
    return ""
