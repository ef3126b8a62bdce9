"""Chains and routes for a terminal; the `trace` and `routes` commands print them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO
from typing import TYPE_CHECKING

from backend_readiness.model import Chain, Route
from backend_readiness.render.plain import STAGE_TITLES, chain_title, children_of, one_line, place_of
from backend_readiness.report.chains import chain_out
from backend_readiness.report.schema import ChainOut

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text
    from rich.tree import Tree

DEFAULT_WIDTH = 100
_MAX_LINKS = 400
LINK_STYLES = {"confirmed": "green", "inferred": "yellow", "missing": "red", "stubbed": "magenta"}


def console(width: int | None, color: bool) -> Console:
    """A console that writes into memory; repository text reaches it only inside `Text`, which reads no markup."""
    from rich.console import Console

    return Console(
        file=StringIO(),
        width=max(20, width or DEFAULT_WIDTH),
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )


def printed(out: Console, *parts: RenderableType) -> str:
    """What the console made of the parts, without blanks at line ends."""
    for part in parts:
        out.print(part)
    text = out.file.getvalue() if isinstance(out.file, StringIO) else ""
    return "\n".join(line.rstrip() for line in text.split("\n"))


def render_trace(chains: Sequence[Chain], *, width: int | None = None, color: bool = False) -> str:
    """Each chain as a tree, best first."""
    from rich.text import Text

    if not chains:
        return "No chain was found.\n"
    out = console(width, color)
    return printed(out, *(part for chain in chains for part in (chain_tree(chain_out(chain)), Text(""))))


def render_routes(routes: Iterable[Route], *, width: int | None = None, color: bool = False) -> str:
    """A table of endpoints with handler, place and middleware."""
    table = table_of("Method", "Path", "Handler", "Place", "Middleware")
    count = 0
    for route in routes:
        count += 1
        handler = route.handler.symbol if route.handler else "unresolved"
        table.add_row(
            cell(route.endpoint.method, "bold"),
            cell(route.endpoint.path),
            cell(handler, "" if route.handler else "yellow"),
            cell(str(route.place), "cyan"),
            cell(", ".join(named.symbol for named in route.middleware)),
        )
    if not count:
        return "No route was found.\n"
    return printed(console(width, color), table, cell(f"{count} routes" if count > 1 else "1 route", "dim"))


def chain_tree(chain: ChainOut) -> Tree:
    """The chain from user action to data; every link with its status and place, gaps last."""
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(Text(chain_title(chain), "bold"))
    branches: dict[int | None, Tree] = {None: tree}
    parent_of = {child: parent for parent, children in children_of(chain).items() for child in children}
    for index in range(min(len(chain.links), _MAX_LINKS)):
        branches[index] = branches[parent_of[index]].add(_link(chain, index))
    if len(chain.links) > _MAX_LINKS:
        tree.add(Text(f"{len(chain.links) - _MAX_LINKS} more links", "dim"))
    for gap in chain.gaps:
        tree.add(Text.assemble(("gap at ", "red"), (STAGE_TITLES[gap.stage.value], "red"), f": {one_line(gap.why)}"))
    return tree


def _link(chain: ChainOut, index: int) -> Text:
    from rich.text import Text

    link = chain.links[index]
    text = Text.assemble((f"{STAGE_TITLES[link.stage.value]} ", "dim"), (one_line(link.symbol, 80), "bold"))
    if link.target:
        text.append(f" → {one_line(' '.join(filter(None, (link.operation, link.target))), 80)}")
    text.append(f"  {place_of(link)}", "cyan")
    if link.status != "confirmed":
        text.append(f"  {link.status.value}", LINK_STYLES[link.status.value])
        text.append(f": {one_line(link.why)}" if link.why else "")
    return text


def table_of(*columns: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def cell(text: str, style: str = "") -> Text:
    """Repository text in a table: never markup, one line."""
    from rich.text import Text

    return Text(one_line(text), style)
