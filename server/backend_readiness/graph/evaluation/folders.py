"""Paths and folders of the repository as a program computes them: `path.join(__dirname, "routes")`, `readdirSync(folder)`."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Lit
from backend_readiness.graph.values import AV, Const, Ext, ListV, Site, Thunk, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_FILES = 200
_HERE = ("~__dirname", "~import.meta.dirname", "~import.meta.url")


def joined(ev: Evaluator, site: Site) -> AV | None:
    """A path from the repository's root (`/src/routes`); one that does not start at a known folder stays relative."""
    call = ev.world.view(site.file).facts.calls[site.call]
    path = ""
    for position in range(len(call.args)):
        value = next(iter(options(ev.arg_value(site, position) or Const(None))))
        if isinstance(value, Ext) and value.path in _HERE:
            path = "/" + posixpath.dirname(site.file)
        elif isinstance(value, Ext) and value.path == "~process.cwd()":
            path = "/"
        elif isinstance(value, Const) and isinstance(value.value, str):
            path = posixpath.join(path, value.value.replace("file://", "")) if not value.value.startswith("/") or not path else value.value
        else:
            return None
    normal = posixpath.normpath(path) if path else ""
    return Const("/" + normal.lstrip("/") if normal.startswith("/") else normal) if normal else None


def listed(ev: Evaluator, site: Site) -> AV | None:
    """The names of what lies in a folder; the file that asks is left out."""
    value = ev.arg_value(site, 0)
    for option in options(value) if value is not None else ():
        folder = ""
        if isinstance(option, Ext) and option.path in _HERE:
            folder = "/" + posixpath.dirname(site.file)
        elif isinstance(option, Const) and isinstance(option.value, str):
            folder = (
                option.value
                if option.value.startswith("/")
                else "/" + posixpath.normpath(posixpath.join(posixpath.dirname(site.file), option.value))
            )
        if folder:
            names = [n for n in ev.world.entries(folder.strip("/")) if posixpath.join(folder.strip("/"), n) != site.file]
            return ListV(tuple(Thunk(site.file, 0, Lit(n), None) for n in names[:MAX_FILES])) if names else None
    return None


def shared(left: str, right: str) -> int:
    """How many folders two files have in common, from the top."""
    count = 0
    for a, b in zip(left.split("/")[:-1], right.split("/")[:-1], strict=False):
        if a != b:
            break
        count += 1
    return count
