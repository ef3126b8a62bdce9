"""What a web server serves of a repository: the folder at its root, and the scripts that pages ask for by their address.

`roots` of a rule are folders that servers usually have at their root; `served` are globs of files with, for each, a regular expression
whose group is a folder that is put there (`COPY website /var/www/html`), as that file writes it. `marks` are files that stand beside the
first page of what a server serves.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from fnmatch import fnmatch

from backend_readiness.facts.model import Concat, Lit, Value
from backend_readiness.graph.sent.path_fits import fits
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import RouteRule

MAX_CHARS = 60_000
MAX_DEPTH = 2
_HOLE = "{}"
_NAMED = re.compile(r"(?:[\w.-]+/)+\{\}\.\w+")


def served_folder(graph: Graph, rule: RouteRule, files: Collection[str]) -> str:
    """The folder at the root of the server; empty: the repository itself."""
    usual = next((r for r in rule.options.get("roots", ()) if any(p.startswith(f"{r}/") for p in files)), "")
    if usual:
        return str(usual)
    found = {f for f in _said(graph, rule) if any(p.startswith(f"{f}/") for p in files)} or _marked(graph, rule, files)
    return found.pop() if len(found) == 1 else ""


def _marked(graph: Graph, rule: RouteRule, files: Collection[str]) -> set[str]:
    """The folders that hold a first page and what only a server reads, in a repository whose own folder holds no page."""
    marks = tuple(rule.options.get("marks", ()))
    if not marks or any("/" not in p for p in files):
        return set()
    folders = {p.rpartition("/")[0] for p in files if p.endswith("/index.php") and p.count("/") <= MAX_DEPTH}
    return {f for f in folders if any(graph.has(f"{f}/{m}") for m in marks)}


def _said(graph: Graph, rule: RouteRule) -> Iterator[str]:
    for glob, pattern in rule.options.get("served", {}).items():
        for file in graph.snapshot.files:
            if fnmatch(file.path, glob) or fnmatch(file.path, f"*/{glob}"):
                around = posixpath.dirname(file.path)
                for match in re.finditer(str(pattern), graph.text(file.path)[:MAX_CHARS]):
                    named = next((g for g in match.groups() if g), "").strip("/")
                    yield from (posixpath.normpath(posixpath.join(f, named)) for f in dict.fromkeys((around, "")))


def asked_for(graph: Graph, rule: RouteRule, scripts: Collection[str], top: str, *, by_pages: bool = False) -> set[str]:
    """The scripts that an attribute of an element (`action`, `href`) or an argument of a call names by their address.

    `loads` of the rule are calls that take a file and ask for no address. `by_pages`: calls of scripts that the server runs count no
    more, only elements and what a browser runs.
    """
    own = {graph.view(s).language for s in scripts} if by_pages else set()
    loads = set(rule.options.get("loads", ()))
    wanted = {posixpath.basename(s) for s in scripts}
    found: set[str] = set()
    for path in graph.production if wanted else ():
        view = graph.view(path)
        said = [a.value for e in view.facts.elements for a in e.attrs]
        calls = view.facts.calls if view.language not in own else ()
        said += [a.value for c in calls if callee_name(c) not in loads for a in c.args]
        said += [a.value for a in view.facts.assigns if a.value is not None] if by_pages and view.language not in own else []
        for text in (t for v in said for t in _texts(v)):
            address = text.strip().partition("?")[0].partition("#")[0]
            if (posixpath.basename(address) in wanted or _HOLE in address) and "//" not in address:
                beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), address.lstrip("/")))
                below = posixpath.normpath(posixpath.join(top, address.lstrip("/")))
                found |= {s for s in scripts if _HOLE in address and fits(s, below)} | ({beside, below} & set(scripts))
    return found


def _texts(value: Value | None) -> Iterator[str]:
    if isinstance(value, Lit) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, Concat):  # `"save.php?id=" . $id`
        first = value.parts[0] if value.parts else None
        yield from _texts(first) if isinstance(first, Lit) else ()
        named = f"{first.value}{_HOLE}{_written(value.parts[-1])}" if isinstance(first, Lit) else ""
        if len(value.parts) == 3 and _NAMED.fullmatch(named):  # `"settings/" + name + ".php"`
            yield named


def _written(value: Value) -> str:
    return str(value.value) if isinstance(value, Lit) else ""
