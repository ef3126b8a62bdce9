"""A file whose default export is a table of routes that names the files which answer: `route("orders/:id", "./orders.tsx", [...])`.

Options of the rule, beside those of shape `file_path` about exports: `files` are the tables (from the application's folder), `entry`,
`index`, `layout` and `prefix` the calls that make their rows: with path and file, with a file, with a file and no path, with a path alone.
The last argument of each may be a list of rows that stand below. A row may be a record with `path`, `file` and `children`. What `relative`
makes are the same calls, with files from the folder that it is given.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Op
from backend_readiness.graph.evaluation import exports
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.shapes.file_path import Files
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, Ext, ListV, Obj, Site, Thunk, options
from backend_readiness.rules.card_rules import RouteRule

MAX_DEPTH = 12
MAX_ROWS = 2_000
_SUFFIXES = ("", ".tsx", ".ts", ".jsx", ".js")


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "route_config":
                for name in rule.options["files"]:
                    for path in [p for p in scan.graph.production if p == name or p.endswith(f"/{name}")]:
                        table = exports.exported(scan.graph.ev, path, "default")
                        application = path.removesuffix(name).strip("/")
                        files = Files(scan, card, rule)
                        for route, file in list(_rows(scan, rule, table, path, "", 0))[:MAX_ROWS]:
                            files.add(file, application, route)


def _rows(scan: Scan, rule: RouteRule, value: AV | None, table: str, above: str, depth: int) -> Iterator[tuple[str, str]]:
    """(path, file) for each row that names a file."""
    for option in options(value) if value is not None and depth < MAX_DEPTH else ():
        if isinstance(option, ListV):
            for item in option.items[:MAX_ROWS]:
                if isinstance(item.expr, Op) and item.expr.op == "*":  # `...prefix("x", [...])`
                    item = Thunk(item.file, item.owner, item.expr.operands[0], item.env)
                yield from _rows(scan, rule, scan.graph.ev.thunk(item), table, above, depth + 1)
        elif isinstance(option, Obj):  # `{ path: "orders", file: "orders.tsx", children: [...] }`
            written = {
                k: t for k, v in option.fields.items() for t in texts(scan.graph.ev, scan.graph.ev.thunk(v)) if k in ("path", "file")
            }
            path = join(above, "/" + written["path"].strip("/"), keep_root=False) if written.get("path") else above
            if file := _file(scan, written.get("file", ""), table):
                yield path or "/", file
            if "children" in option.fields:
                yield from _rows(scan, rule, scan.graph.ev.thunk(option.fields["children"]), table, path, depth + 1)
        elif isinstance(option, Ext) and isinstance(option.base, Ext) and option.site is not None:
            yield from _row(scan, rule, option.base, option.site, table, above, depth)


def _row(scan: Scan, rule: RouteRule, callee: Ext, site: Site, table: str, above: str, depth: int) -> Iterator[tuple[str, str]]:
    ev, kinds = scan.graph.ev, rule.options
    of_folder = callee.base if isinstance(callee.base, Ext) and callee.path.startswith(f"{kinds.get('relative')}().") else None
    called = f"{kinds['entry'].rpartition('.')[0]}.{callee.path.rpartition('.')[2]}" if of_folder is not None else callee.path
    kind = next((k for k in ("entry", "index", "layout", "prefix") if kinds.get(k) == called), "")
    if not kind:
        return
    given = [texts(ev, ev.arg_value(site, n)) for n in (0, 1)]
    first, second = ((g[0] if g else "") for g in given)
    path = join(above, "/" + first.strip("/"), keep_root=False) if kind in ("entry", "prefix") and first else above
    home = texts(ev, ev.arg_value(of_folder.site, 0)) if of_folder is not None and of_folder.site is not None else []
    table = f"{table.rpartition('/')[0]}/{home[0].strip('./')}/" if home else table
    file = _file(scan, {"entry": second, "index": first, "layout": first}.get(kind, ""), table)
    if file:
        yield path or "/", file
    for number in range(1, 4):
        below = ev.arg_value(site, number)
        if isinstance(below, ListV):
            yield from _rows(scan, rule, below, table, path, depth + 1)


def _file(scan: Scan, written: str, table: str) -> str:
    if not written:
        return ""
    folder = table.rpartition("/")[0]
    whole = f"{folder}/{written.removeprefix('./')}".lstrip("/")
    return next((f"{whole}{s}" for s in _SUFFIXES if f"{whole}{s}" in scan.graph.facts.files), "")
