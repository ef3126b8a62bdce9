"""What a package gives that loads all files of a folder: `requireDir("./routes")` is `{orders: <what orders.js gives>, ...}`."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Lit, Name
from backend_readiness.graph.evaluation import folders
from backend_readiness.graph.values import AV, Obj, Site, Thunk, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_FILES = 200
_ENDINGS = (".js", ".ts", ".mjs", ".cjs")


def loaded(ev: Evaluator, site: Site, value: AV | None) -> AV | None:
    """A record of the files of the folder, by their names without ending; None where the folder is not known."""
    here = posixpath.dirname(site.file)
    named = [f for o in options(value) for f in folders.named(ev, o, site.file)] if value is not None else [here]
    for folder in named:
        fields: dict[str, Thunk] = {}
        for name in ev.world.entries(folder)[:MAX_FILES]:
            stem, ending = posixpath.splitext(name)
            path = posixpath.join(folder, name)
            if ending in _ENDINGS and path != site.file and not stem.endswith(".d"):
                fields[stem] = _given(ev, path)
        if fields:
            return Obj(fields, (), Thunk(site.file, 0, Lit(None), None))
    return None


def _given(ev: Evaluator, file: str) -> Thunk:
    """What a file gives whole, or as its default, else all that it gives."""
    exports = ev.world.view(file).exports
    for name in ("=", "default"):
        export = exports.get(name)
        if export is not None and export.value is not None and export.module is None:
            return Thunk(file, 0, export.value, None)
    return Thunk(file, 0, Name("exports"), None)
