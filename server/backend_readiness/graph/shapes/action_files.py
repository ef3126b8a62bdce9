"""Actions that XML files map: `<package namespace="/users"><action name="list" class="shop.ListUsers" method="all"/></package>`.

A rule names the files by `glob`. Options: `action`: the attributes of an action that give its path (the first that is there), its
`class` and its `method`; `default`: the method without one; `ending`: what stands behind the paths. A namespace stands before the
paths of its package. A `*` in a path takes anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch

from backend_readiness.graph import members
from backend_readiness.graph.descriptors import without_comments
from backend_readiness.graph.routing import Registration
from backend_readiness.graph.scan import Scan
from backend_readiness.graph.urls import join
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card
from backend_readiness.snapshot.places import is_test

MAX_CHARS = 1_000_000
MAX_FILES = 100
_TAG = re.compile(r"<(package|action)\b([^<>]{0,2000})>|</package>")
_ATTRIBUTE = re.compile(r"([\w\-]{1,60})\s*=\s*(?:\"([^\"<>]{0,400})\"|'([^'<>]{0,400})')")


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "action_files":
                paths = [f.path for f in scan.graph.snapshot.files if any(fnmatch(f.path, g) for g in rule.glob) and not is_test(f.path)]
                for path in paths[:MAX_FILES]:
                    _read(scan, card, rule, path)


def _read(scan: Scan, card: Card, rule: RouteRule, file: str) -> None:
    given = rule.options
    for namespace, said, line in _actions(scan.graph.text(file)[:MAX_CHARS]):
        name = next((said[k] for k in given.get("action", ("name",)) if said.get(k)), "")
        if not name:
            continue
        place = Place(file=file, line=line, end_line=line)
        path = join(namespace, name + str(given.get("ending", "")), keep_root=False)
        handler = _handler(scan, said.get(str(given["class"]), ""), said.get(str(given["method"]), ""), str(given["default"]))
        scan.routing.registrations.append(
            Registration(router=None, method="ANY", path=path, place=place, start=line, card=card, rule=rule, handler=handler)
        )


def _actions(text: str) -> Iterator[tuple[str, dict[str, str], int]]:
    """(namespace, attributes, line) of each action."""
    text = without_comments(text)
    namespace = ""
    for tag in _TAG.finditer(text):
        said = {m.group(1): m.group(2) or m.group(3) or "" for m in _ATTRIBUTE.finditer(tag.group(2) or "")}
        if tag.group(1) == "action":
            yield namespace, said, text.count("\n", 0, tag.start()) + 1
        else:
            namespace = said.get("namespace", "").rstrip("/")


def _handler(scan: Scan, dotted: str, method: str, default: str) -> AV | None:
    """The method of the class that an action names; the class itself where the name of the method has holes."""
    package, _, name = dotted.rpartition(".")
    for where in scan.graph.defining(name) if name else ():
        if scan.graph.facts.files[where.file].package == package:
            made = InstV(ClassV(where))
            found = members.own_member(scan.graph.ev, made, method or default) if "{" not in method else None
            return next((o for o in options(found) if isinstance(o, FuncV)), made.cls) if found is not None else made.cls
    return None
