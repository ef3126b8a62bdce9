"""Paths and folders of the repository as a program computes them: `path.join(__dirname, "routes")`, `readdirSync(folder)`."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Lit
from backend_readiness.graph.values import AV, Const, Ext, ListV, Obj, Site, Text, Thunk, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_FILES = 200
_HERE = ("~__dirname", "~import.meta.dirname", "~import.meta.url")


def start(ev: Evaluator, value: AV, file: str) -> str | None:
    """The folder that a value stands for in a file, from the repository's root: that of the file, or what a card says of a package."""
    if not isinstance(value, Ext):
        return None
    return "/" + posixpath.dirname(file) if value.path in _HERE else ev.world.folder(value.path)


def joined(ev: Evaluator, site: Site) -> AV | None:
    """A path from the repository's root (`/src/routes`); one that does not start at a known folder stays relative."""
    call = ev.world.view(site.file).facts.calls[site.call]
    path = ""
    for position in range(len(call.args)):
        value = next(iter(options(ev.arg_value(site, position) or Const(None))))
        begun = start(ev, value, site.file)
        if begun is not None:
            path = begun
        elif isinstance(value, Const) and isinstance(value.value, str):
            path = posixpath.join(path, value.value.replace("file://", "")) if not value.value.startswith("/") or not path else value.value
        else:
            return None
    normal = posixpath.normpath(path) if path else ""
    return Const("/" + normal.lstrip("/") if normal.startswith("/") else normal) if normal else None


def file_name(ev: Evaluator, site: Site) -> AV | None:
    """The last part of a path, without the ending that is named: `path.basename(file, ".js")`."""
    path, ending = ev.arg_value(site, 0), ev.arg_value(site, 1)
    if not isinstance(path, Const) or not isinstance(path.value, str):
        return None
    name = posixpath.basename(path.value)
    if isinstance(ending, Ext) and ending.path == "path.extname()":
        return Const(posixpath.splitext(name)[0])
    return Const(name.removesuffix(str(ending.value))) if isinstance(ending, Const) else Const(name)


def file_parts(ev: Evaluator, site: Site) -> AV | None:
    """The parts of a path: `path.parse(file).name`."""
    path = ev.arg_thunk(site, 0)
    value = ev.thunk(path) if path is not None else None
    if path is None or not isinstance(value, Const) or not isinstance(value.value, str):
        return None
    base = posixpath.basename(value.value)
    name, ending = posixpath.splitext(base)
    said = {"base": base, "name": name, "ext": ending, "dir": posixpath.dirname(value.value)}
    return Obj({k: Thunk(site.file, 0, Lit(t), None) for k, t in said.items()}, (), path)


def listed(ev: Evaluator, site: Site) -> AV | None:
    """The names of what lies in a folder; the file that asks is left out."""
    value = ev.arg_value(site, 0)
    for option in options(value) if value is not None else ():
        for folder in named(ev, option, site.file):
            names = [n for n in ev.world.entries(folder) if posixpath.join(folder, n) != site.file]
            if names:
                return ListV(tuple(Thunk(site.file, 0, Lit(n), None) for n in names[:MAX_FILES]))
    return None


def named(ev: Evaluator, value: AV, file: str) -> list[str]:
    """What a value may mean as a folder; a relative path stands beside the file, or where the program was started."""
    begun = start(ev, value, file)
    if begun is not None:
        return [begun.strip("/")]
    value = with_given(ev, value) if isinstance(value, Text) else value
    if isinstance(value, Text) and all(isinstance(p, str) for p in value.parts[1:]):
        first = value.parts[0]
        begun = start(ev, first, file) if not isinstance(first, str) else None
        return [posixpath.normpath((begun + "".join(str(p) for p in value.parts[1:])).strip("/"))] if begun is not None else []
    if not isinstance(value, Const) or not isinstance(value.value, str):
        return []
    if value.value.startswith("/"):
        return [value.value.strip("/")]
    around = posixpath.dirname(file)
    return [posixpath.normpath(posixpath.join(f, value.value)) for f in (around, *started_in(around))]


def with_given(ev: Evaluator, value: Text) -> Text:
    """A text with what the only texts are that callers give for its parameters, or their defaults: `__dirname + "/" + folder`."""
    from backend_readiness.graph.evaluation import params

    parts: list[str | AV] = []
    for part in value.parts:
        given = [o for p in options(part) for o in options(params.given_by_callers(ev, p))] if not isinstance(part, str) else []
        said = {o.value for o in given if isinstance(o, Const) and isinstance(o.value, str)}
        parts.append(part if isinstance(part, str) or len(said) != 1 else said.pop())
    return Text(tuple(parts))


def started_in(folder: str) -> list[str]:
    """The folders that a program may be started in: those around its file, the outermost first."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:i]) for i in range(len(parts) + 1)]


def shared(left: str, right: str) -> int:
    """How many folders two files have in common, from the top."""
    count = 0
    for a, b in zip(left.split("/")[:-1], right.split("/")[:-1], strict=False):
        if a != b:
            break
        count += 1
    return count
