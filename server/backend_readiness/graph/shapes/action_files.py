"""Actions that XML files map: `<package namespace="/users"><action name="list" class="shop.ListUsers" method="all"/></package>`.

A rule names the files by `glob`. Options: `except`: globs of files that are none;
`action`: the attributes of an action that give its path (the first that is there), its
`class` and its `method`; `default`: the method without one; `ending`: what stands behind the paths; `endings`: the constant of such
files that lists the endings, of which one that is empty means none. A namespace stands before the paths of its package. A `*` in a path
takes anything. What a file includes counts too (`<include file="orders.xml"/>`). The default action of a package
(`<default-action-ref name="home"/>`) answers at its namespace too.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatch

from backend_readiness.graph.evaluation import members
from backend_readiness.graph.routes.descriptors import without_comments
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card
from backend_readiness.snapshot.places import is_test

MAX_CHARS = 1_000_000
MAX_FILES = 100
_TAG = re.compile(r"<(package|action|default-action-ref)\b([^<>]{0,2000})>|</package>")
_INCLUDE = re.compile(r"<include\s+file\s*=\s*[\"']([\w./\-]{1,200})[\"']")
CONSTANT = re.compile(r"<constant\s+name\s*=\s*\"([\w.\-]{1,120})\"\s+value\s*=\s*\"([^\"<>]{0,300})\"")
_BEFORE_TEXT = re.compile(r"\*+(?=\w)")  # `*Order`
_ATTRIBUTE = re.compile(r"([\w\-]{1,60})\s*=\s*(?:\"([^\"<>]{0,400})\"|'([^'<>]{0,400})')")


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "action_files":
                for path in _files(scan, rule):
                    _read(scan, card, rule, path, _ending(scan, rule, path))


def _files(scan: Scan, rule: RouteRule) -> list[str]:
    """The files of a rule and those that they include, beside them or from the root of their sources."""
    others = tuple(rule.options.get("except", ()))
    named = [f.path for f in scan.graph.snapshot.files if any(fnmatch(f.path, g) for g in rule.glob) and not is_test(f.path)]
    found = [f for f in named if not any(fnmatch(f, g) for g in others)]
    found = found[:MAX_FILES]
    for path in found:
        folder = path.rpartition("/")[0]
        for name in _INCLUDE.findall(without_comments(scan.graph.text(path)[:MAX_CHARS]))[:MAX_FILES]:
            other = posixpath.normpath(posixpath.join(folder, name.lstrip("/")))
            if other not in found and len(found) < MAX_FILES and scan.graph.has(other):
                found.append(other)
    return found


def _ending(scan: Scan, rule: RouteRule, file: str) -> str:
    """What every path ends with: the option, or what the nearest file above that sets the constant says."""
    wanted = str(rule.options.get("endings", ""))
    folder = file.rpartition("/")[0]
    for path in (file, *(f for f in _files(scan, rule) if f.rpartition("/")[0] == folder)) if wanted else ():
        said = dict(CONSTANT.findall(without_comments(scan.graph.text(path)[:MAX_CHARS]))).get(wanted)
        if said is not None:
            return ending_of(said)
    return str(rule.options.get("ending", ""))


def ending_of(listed: str) -> str:
    """The first of the endings that a constant lists; none when one of them is empty."""
    endings = [e.strip() for e in listed.split(",")]
    return f".{endings[0]}" if all(endings) else ""


def _read(scan: Scan, card: Card, rule: RouteRule, file: str, ending: str) -> None:
    given = rule.options
    for namespace, said, line in _actions(scan.graph.text(file)[:MAX_CHARS]):
        name = next((said[k] for k in given.get("action", ("name",)) if k in said), None)
        if name is None:
            continue
        place = Place(file=file, line=line, end_line=line)
        path = join(namespace, _BEFORE_TEXT.sub("{wildcard*}", name) + (ending if name else ""), keep_root=False)
        handler = _handler(scan, said.get(str(given["class"]), ""), said.get(str(given["method"]), ""), str(given["default"]))
        scan.routing.registrations.append(
            Registration(router=None, method="ANY", path=path, place=place, start=line, card=card, rule=rule, handler=handler)
        )


def _actions(text: str) -> Iterator[tuple[str, dict[str, str], int]]:
    """(namespace, attributes, line) of each action."""
    text = without_comments(text)
    namespace = home = ""
    for tag in _TAG.finditer(text):
        said = {m.group(1): m.group(2) or m.group(3) or "" for m in _ATTRIBUTE.finditer(tag.group(2) or "")}
        if tag.group(1) == "action":
            line = text.count("\n", 0, tag.start()) + 1
            yield namespace, said, line
            if home and said.get("name") == home:
                yield namespace, {**said, "name": ""}, line
        elif tag.group(1) == "default-action-ref":
            home = said.get("name", "")
        else:
            namespace, home = said.get("namespace", "").rstrip("/"), ""


def _handler(scan: Scan, dotted: str, method: str, default: str) -> AV | None:
    """The method of the class that an action names; the class itself where the name of the method has holes."""
    package, _, name = dotted.rpartition(".")
    for where in scan.graph.defining(name) if name else ():
        if scan.graph.facts.files[where.file].package == package:
            made = InstV(ClassV(where))
            found = members.own_member(scan.graph.ev, made, method or default) if "{" not in method else None
            return next((o for o in options(found) if isinstance(o, FuncV)), made.cls) if found is not None else made.cls
    return None
