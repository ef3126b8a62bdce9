"""Classes whose methods are actions by their names, see `graph.shapes.methods` and `graph.shapes.masks`, which share these options.

`capital`: names of classes are written as they are. `last_part` takes of a name with underscores what stands behind the last
(`Admin_UserController` of the module `admin`). `starts` is what the name of a class begins with, the rest of which its underscores part
as folders do (`Controller_Admin_Users`). `by_file`: where only capitals part the name of a class from that of its file, the file's counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backend_readiness.facts.model import Name, Symbol
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.placed_folders import placed
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import ClassV, Ext, SymbolId
from backend_readiness.graph.views import CONSTRUCTORS
from backend_readiness.rules.card_rules import RouteRule

MAX_CHARS = 1_000_000
_VERBS = ("get", "post", "put", "patch", "delete")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def classes(scan: Scan, rule: RouteRule) -> Iterator[tuple[SymbolId, str]]:
    folder = re.compile(str(rule.options.get("folder", "")))
    for path, index in scan.graph.production.items():
        match = folder.search(path)
        if match is None or not index.definitions or not _is_near(scan, rule, path, match):
            continue
        if scan.graph.view(path).language != "php":
            continue
        for definition in index.definitions:
            if definition.kind != "class":
                continue
            where = SymbolId(path, definition.symbol)
            bases = _named_above(scan, where) if rule.base else []
            symbol = scan.graph.view(path).symbol(definition.symbol)
            if "abstract" in scan.graph.text(path)[:MAX_CHARS].split("\n", symbol.line)[symbol.line - 1].partition("class ")[0].split():
                continue
            if "marks" in rule.options and not of_kind(decorators_of(scan.graph, where), tuple(rule.options["marks"])):
                continue
            if not rule.base or (_is_one_of(bases, rule.base) and not _is_one_of(bases, rule.options.get("but", ()))):
                found = match.groupdict()
                module = placed(scan, rule, found.get("module") or "")
                above = "/".join(p.strip("/") for p in (found.get("outer"), module, found.get("below")) if p)
                yield where, above + (f"|{found['inner'].strip('/')}" if found.get("inner") else "")


def _is_near(scan: Scan, rule: RouteRule, path: str, match: re.Match[str]) -> bool:
    """Does the part of the application that `outer` names use the name of `near`?"""
    name = rule.options.get("near")
    return name is None or any(f.startswith(path[: match.end("outer")] + "/") for f in scan.graph.naming(str(name)))


def _named_above(scan: Scan, where: SymbolId) -> list[str]:
    """The bases of a class: the paths of external ones, and the names of those of the repository."""
    found = inheritance.bases(scan.graph.ev, ClassV(where))
    own = (scan.graph.view(b.symbol.file).symbol(b.symbol.index).name for b in found if isinstance(b, ClassV))
    return [*(b.path for b in found if isinstance(b, Ext)), *(f"~{name}" for name in own)]


def _is_one_of(names: list[str], patterns: Iterable[str]) -> bool:
    return any(compiled(p).fullmatch(n) for p in patterns for n in names)


def words(name: str, rule: RouteRule, of: str) -> str:
    """A name as it is written in paths; `of` says whether it is one of `classes` or of `actions`."""
    if rule.options.get("starts") and of == "classes":
        return name.replace("_", "/").lower()
    if rule.options.get("capital") and of == "classes":
        return name
    if rule.options.get("kebab"):
        return "-".join(_HUMP.split(name)).lower()
    return "_".join(_HUMP.split(name)).lower() if rule.options.get("snake") in (True, of) else name[:1].lower() + name[1:]


def own_name(scan: Scan, rule: RouteRule, where: SymbolId) -> str | None:
    """The name of a class without what all end with, None for one that is none."""
    name, strip = scan.graph.view(where.file).symbol(where.index).name, str(rule.options.get("strip", ""))
    starts = str(rule.options.get("starts", ""))
    file = where.file.rpartition("/")[2].partition(".")[0]
    if rule.options.get("by_file") and file.lower() == name.lower():
        name = file
    if not name.startswith(starts):
        return None
    name = name[len(starts) :].rpartition("_")[2] if rule.options.get("last_part") else name[len(starts) :]
    if (strip and not name.endswith(strip) and not rule.options.get("may_strip")) or re.fullmatch(
        str(rule.options.get("not_classes", "")), name
    ):
        return None
    if re.fullmatch(str(rule.options.get("not_extended", "")), name) and scan.graph.subclasses(name):
        return None
    if any(is_written(scan, w) for w in rule.options.get("whole_written", ())):
        return name
    return (name.removesuffix(strip) or name) if strip else name


def is_written(scan: Scan, wanted: tuple[str, str]) -> bool:
    """Does a file of that name hold the text that a regular expression describes?"""
    file, text = wanted
    return any(re.search(text, scan.graph.text(f)[:MAX_CHARS]) for f in scan.graph.files_named(file))


def members_of(scan: Scan, rule: RouteRule, where: SymbolId) -> Iterator[tuple[SymbolId, Symbol]]:
    """The methods of a class; with `inherited` also those that it has from classes of the repository."""
    above = inheritance.bases(scan.graph.ev, ClassV(where)) if rule.options.get("inherited") else []
    seen: set[str] = set()
    for cls in (where, *(b.symbol for b in above if isinstance(b, ClassV))):
        view = scan.graph.view(cls.file)
        for child in view.children.get(cls.index, ()):
            symbol = view.symbol(child)
            if symbol.name not in seen:
                yield SymbolId(cls.file, child), symbol
        seen.update(view.symbol(c).name for c in view.children.get(cls.index, ()))


def action_of(symbol: Symbol, rule: RouteRule) -> tuple[str, str] | None:
    """HTTP method and name of the action, None for a method that is none."""
    said, after = rule.options.get("before", ""), str(rule.options.get("after", ""))
    name = symbol.name
    if symbol.kind != "method" or symbol.is_static or name.startswith("_") or name in (*CONSTRUCTORS, *rule.options.get("skip", ())):
        return None
    leads = (b for b in ((said,) if isinstance(said, str) else said) if name.startswith(b))
    before = next((b for b in leads if not b or b.endswith("_") or name[len(b) : len(b) + 1].isupper()), None)
    if before is None or not name.endswith(after):
        return None
    if any(isinstance(d, Name) and d.id in ("private", "protected") for d in symbol.decorators):
        return None
    tail = name[len(before) : len(name) - len(after)]
    if rule.options.get("verbs") == "after":
        own, _, last = tail.rpartition("_")
        return (last.upper(), own) if last in _VERBS and own else None
    if rule.options.get("verbs") == "apart":
        asked, _, rest = tail.partition("_")
        return (asked.upper(), rest) if asked in _VERBS and rest else None
    if rule.options.get("verbs"):
        verb = next((v for v in _VERBS if tail.startswith(v) and tail[len(v) : len(v) + 1].isupper()), None)
        return (verb.upper(), tail[len(verb) :]) if verb is not None else None
    return rule.method or "ANY", tail
