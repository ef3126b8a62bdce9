"""What a chain leaves out: what a reader of the flow does not ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backend_readiness.graph.backend.quiet import is_plain, is_small
from backend_readiness.graph.values import Env, FuncV, SymbolId
from backend_readiness.graph.world import Graph
from backend_readiness.model import Link, Stage

_DATABASES = ("orm:", "sql:", "nosql:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A function of the chain, with the bindings under which it was reached and the index of its link. `called`: by a call of its own,
    not by what a package runs; `passed`: as an argument of a call."""

    function: FuncV
    env: Env | None
    link: int
    called: bool = False
    passed: bool = False


def pruned(
    graph: Graph, links: Sequence[Link], functions: Sequence[Reached], telling: set[int], settling: set[int],
    again: Sequence[tuple[int, SymbolId]] = (),
) -> dict[int, int]:  # fmt: skip
    """For each link that counts the link that shows it: itself, or that of its caller.

    Left out are the inside of services that touch nothing, what is passed on and touches nothing, and of what runs before the handler
    everything that touches nothing.
    When nothing below the handler touches anything, its library is one that no card knows: then all services stay.
    `telling`: links that say what a reader asks for, though they touch nothing. `settling`: links that write whatever was changed before;
    they are left out where another link says what is written. `again`: links whose functions call one that is shown below another link;
    they touch what it touches.
    """
    aside = {i for i in settling if _runs_before(links, i)}
    if any(_stores(link) and i not in settling and not _runs_before(links, i) for i, link in enumerate(links)):
        aside = settling
    touching = _above(links, (i for i, link in enumerate(links) if link.stage in (Stage.DATA, Stage.EXTERNAL) and i not in aside))
    touching |= _touching_again(links, functions, touching, again)
    known = any(link.stage is Stage.HANDLER and i in touching for i, link in enumerate(links))
    touching |= _above(links, (i for i in telling if not _runs_before(links, i)))
    quiet = [r for r in functions if known and r.link not in touching and links[r.link].stage is Stage.SERVICE]
    plain = {r.link for r in quiet if r.passed or is_plain(graph, r.function) or (r.called and is_small(graph, r.function))}
    shown: dict[int, int] = {}  # what puts values together is judged as a part of its caller
    told: dict[tuple[str, str, str | None], int] = {}
    for index, link in enumerate(links):
        before = _runs_before(links, index)
        parent = link.parent
        if index in aside:
            continue
        if link.stage is Stage.DATA and link.target and before:
            first = told.setdefault((link.file, link.target, link.operation), index)
            if first != index:  # what runs before the handler says once what it reads
                shown[index] = shown[first]
                continue
        is_kept = parent is not None and shown.get(parent) == parent
        if index in plain and is_kept and parent is not None and not before:
            shown[index] = parent
            continue
        if _is_inner(links, link) and index not in touching and (known or before):
            above = links[parent] if parent is not None else link
            if not is_kept or before or (parent not in touching and _is_inner(links, above)):
                continue
        shown[index] = index
    return shown


def _touching_again(
    links: Sequence[Link], functions: Sequence[Reached], touching: set[int], again: Sequence[tuple[int, SymbolId]]
) -> set[int]:
    """The links that reach a function which touches something, though it stands below another link."""
    number = {r.function.symbol: r.link for r in functions if not _runs_before(links, r.link)}
    found: set[int] = set()
    for index, symbol in reversed(again):  # what is called comes after its callers
        shown = number.get(symbol)
        if shown is not None and (shown in touching or shown in found):
            found |= _above(links, (index,))
    return found


def _above(links: Sequence[Link], ends: Iterable[int]) -> set[int]:
    """The links on the ways from some links up to the root."""
    found: set[int] = set()
    for index in ends:
        current: int | None = index
        while current is not None and current not in found:
            found.add(current)
            current = links[current].parent
    return found


def _stores(link: Link) -> bool:
    """Does a link write to the database? Mail and messages that go out are written beside what was changed."""
    return link.stage is Stage.DATA and link.operation in ("write", "delete") and link.why.startswith(_DATABASES)


def _is_inner(links: Sequence[Link], link: Link) -> bool:
    """A function that another one of the chain calls."""
    above = links[link.parent].stage if link.parent is not None else None
    return link.stage is Stage.SERVICE or (link.stage is Stage.MIDDLEWARE and above is Stage.MIDDLEWARE)


def _runs_before(links: Sequence[Link], index: int) -> bool:
    current: int | None = index
    while current is not None:
        if links[current].stage is Stage.MIDDLEWARE:
            return True
        current = links[current].parent
    return False
