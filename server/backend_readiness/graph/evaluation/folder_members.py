"""Members of an application that stand for the files of a folder: `app.controller.home` is what `app/controller/home.js` exports.

A step is the name of a folder or of a file, whatever their capitals and dashes: `userInfo` is `user_info.js`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from backend_readiness.graph.evaluation import exports
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, ModV, Site, UnknownV, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

_ENDINGS = (".js", ".ts", ".mjs", ".cjs")
_STEPS = re.compile(r"[\w$]{1,80}(?:\.[\w$]{1,80}){0,6}")


def member(ev: Evaluator, folder: str, path: str) -> AV | None:
    """What the file gives that the steps behind the folder's name lead to; None where none or several files fit.

    An instance of the class that it exports or that its function makes, else what that makes, else the file itself.
    """
    file = _file(ev, folder, path)
    if not file:
        return None
    value = exports.exported(ev, file, "default")
    if isinstance(value, FuncV):
        value = ev.invoke(value)
    for option in options(value) if value is not None else ():
        if isinstance(option, ClassV):
            return InstV(option)
    return ModV(file) if value is None or isinstance(value, UnknownV) else value


def called(ev: Evaluator, path: str, folders: Sequence[str], site: Site) -> AV | None:
    """What the function gives that such a file exports: `app.middleware.limited()` for `app/middleware/limited.js`."""
    files = (f for folder in folders if (f := _file(ev, folder, path)))
    value = next((v for f in files if (v := exports.exported(ev, f, "default")) is not None), None)
    return ev.invoke(value, site) if isinstance(value, FuncV) else None


def _file(ev: Evaluator, folder: str, path: str) -> str:
    steps = path.rpartition(f".{folder.rpartition('/')[2]}.")[2]
    if not _STEPS.fullmatch(steps):
        return ""
    wanted, has = _plain(f"/{folder}/{steps.replace('.', '/')}"), ev.world.files_named
    names = _spellings(steps.rpartition(".")[2])
    found = {f for n in names for e in _ENDINGS for f in has(n + e) if _plain(f"/{f.rpartition('.')[0]}").endswith(wanted)}
    file = found.pop() if len(found) == 1 else ""
    return file if file and ev.world.has(file) else ""


def _spellings(name: str) -> Iterator[str]:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    for written in (name, words, words.lower(), words.lower().replace("_", "-")):
        yield from dict.fromkeys((written, written[:1].lower() + written[1:], written[:1].upper() + written[1:]))


def _plain(path: str) -> str:
    return path.replace("_", "").replace("-", "").lower()
