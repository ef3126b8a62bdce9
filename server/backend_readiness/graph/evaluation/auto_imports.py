"""Names that a framework imports by itself: what `composables/useOrders.ts` exports is known in every file of its application.

The application of a file is the nearest folder above it that has one of the files `marks` of a rule (card key `auto_imports`). Files below
the folder `inside` of it, or those outside of the `inside` of every rule, know what the files in its `folders` export, and those in the
folders that its file of marks lists under the keys `listed`. A default export goes by the name of its file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.families import family
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Ext, Obj, UnknownV, options, union
from backend_readiness.graph.views import FileView
from backend_readiness.rules.page_rules import AutoImportRule

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_FILES = 40
_ENDINGS = (".ts", ".js", ".mjs")


def imported(ev: Evaluator, view: FileView, name: str) -> AV | None:
    """What the framework imports under this name into the file; None when it is nothing, or several things."""
    rules = ev.world.knowledge.auto_imports
    if not rules or not name.isidentifier() or len(name) < 3 or family(view.language) != "javascript":
        return None
    found: list[AV] = []
    naming: tuple[str, ...] | None = None
    for rule in rules:
        root = application_of(ev.world.has, view.path, rule.marks)
        if root is None or not _is_meant(rule, rules, view.path[len(root) :]):
            continue
        naming = tuple(ev.world.naming(name)) if naming is None else naming
        for folder in (*(f"{root}{f}/" for f in rule.folders), *_listed(ev, rule, root, view.path)):
            near = [f for f in naming[:MAX_FILES] if f.startswith(folder) and "/" not in f[len(folder) :] and f != view.path]
            files = [f for f in near if name in ev.world.view(f).exports]
            values = [exports.exported(ev, f, name) for f in files]
            values += [exports.exported(ev, p, "default") for e in _ENDINGS if ev.world.has(p := f"{folder}{name}{e}") and p not in files]
            given = [v for v in values if v is not None and not isinstance(v, UnknownV)]
            found.extend(union([v, Ext(f"{rule.known_as}.{name}")]) if rule.known_as else v for v in given)
    return found[0] if len(found) == 1 else None


def application_of(has: Callable[[str], bool], path: str, marks: tuple[str, ...]) -> str | None:
    """The folder of the application with a slash behind it, empty for the repository itself."""
    folder = path
    while folder:
        folder = folder.rpartition("/")[0]
        root = f"{folder}/" if folder else ""
        if any(has(f"{root}{m}") for m in marks):
            return root
    return None


def _is_meant(rule: AutoImportRule, rules: tuple[AutoImportRule, ...], inside: str) -> bool:
    if rule.inside:
        return inside.startswith(f"{rule.inside}/")
    return not any(r.inside and inside.startswith(f"{r.inside}/") for r in rules)


def _listed(ev: Evaluator, rule: AutoImportRule, root: str, path: str) -> Iterator[str]:
    """The folders that the settings list: `imports: { dirs: ["./server/services"] }`."""
    config = next((f"{root}{m}" for m in rule.marks if rule.listed and ev.world.has(f"{root}{m}")), None)
    if config is None or config == path:
        return
    value: AV | None = exports.module_value(ev, config)
    if isinstance(value, Ext) and value.site is not None:  # `defineNuxtConfig({...})`
        value = ev.arg_value(value.site, 0)
    for dotted in rule.listed:
        inner = value
        for key in dotted.split("."):
            thunks = [members.field_thunk(ev, o, key) for o in options(inner) if isinstance(o, Obj)] if inner is not None else []
            inner = ev.thunk(thunks[0]) if thunks and thunks[0] is not None else None
        yield from (f"{root}{t.removeprefix('./').strip('/')}/" for t in texts(ev, inner) if t and not t.startswith(("/", "..", "~", "@")))
