"""Routes that are kept out of the document that a library makes of them: by a mark, a router, or a setting."""

from __future__ import annotations

import re
from itertools import takewhile

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.setups import is_written_at
from backend_readiness.graph.urls import shape
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_HIDDEN = signs("left_out_routes", "hidden")
_LIMITS = signs("left_out_routes", "limits")
_LEFT_OUT = signs("left_out_routes", "left_out")
_PATH = re.compile(sign("left_out_routes", "path"))
_MADE = regex.compile(sign("left_out_routes", "made"))
_MOUNTED = regex.compile(sign("left_out_routes", "mounted"))
_STEPS = re.compile(sign("left_out_routes", "steps"))
_STEP = re.compile(r"\s*\.\w")
_CONFIG = ("**/application*.properties", "**/application*.y*ml")
MAX_BEFORE = 12  # lines of a call that spans several


def left_out(context: Context) -> Evidence | None:
    """Where it is said that the document does not hold the flow's endpoint; None where nothing says so."""
    return _marked(context) or _chained(context) or _unmounted(context) or _beyond(context)


def _marked(context: Context) -> Evidence | None:
    """A mark at the handler, or at the class around it."""
    for handler in context.handlers:
        if handler.file not in context.graph.facts.files:
            continue
        around = [s for s in context.view(handler.file).facts.symbols if s.line <= handler.line <= s.end_line]
        places = [handler.line, *(s.line for s in around if s.kind in ("function", "method", "class"))]
        for line in dict.fromkeys(places):
            if is_written_at(context, _HIDDEN, handler.file, line, line):
                return context.at(handler.file, line)
    return None


def _chained(context: Context) -> Evidence | None:
    """A step of the chain that registers the route: `app.MapPost("/orders", Add).ExcludeFromDescription()`."""
    for bound in context.routes:
        place = bound.route.place
        lines = context.snapshot.lines(place.file)
        below = takewhile(_STEP.match, lines[place.end_line : place.end_line + MAX_BEFORE])
        for number, text in enumerate((*lines[place.line - 1 : place.end_line], *below), place.line):
            if _STEPS.search(text[:500]) is not None:
                return context.at(place.file, number)
    return None


def _unmounted(context: Context) -> Evidence | None:
    """The router of the route, made or mounted without a document."""
    route = context.routes[0].route.place.file
    stem = route.rpartition("/")[2].partition(".")[0]
    for file, number, _ in context.hits(_LEFT_OUT):
        lines = context.snapshot.lines(file)
        for text in reversed(lines[max(0, number - MAX_BEFORE) : number]):
            made, mounted = _MADE.search(text[:500]), _MOUNTED.search(text[:500])
            if made is not None and file == route:
                return context.at(file, number)
            if mounted is not None and (stem in mounted["name"].split(".") or (file == route and "." not in mounted["name"])):
                return context.at(file, number)
            if made is not None or mounted is not None or re.match(r"\s*@", text) is not None:
                break
    return None


def _beyond(context: Context) -> Evidence | None:
    """A setting that names the paths of the document, none of which is the endpoint's."""
    said = context.hits(_LIMITS, (*context.source_globs, *_CONFIG))
    if not said:
        return None
    lines = {(f, n): context.snapshot.lines(f)[n - 1 : n + 5] for f, n, _ in said}
    patterns = [p for block in lines.values() for p in _PATH.findall(_statement(block))]
    whole = [tuple(s for s in p.split("/") if s) for p in patterns if p != "/"]
    mine = shape(context.routes[0].route.endpoint.path)
    if not whole or any(_covers(p, mine) for p in whole) or any(not p or p[0] in ("**", ".*", "*") for p in whole):
        return None
    return context.at(*said[0][:2])


def _statement(block: tuple[str, ...]) -> str:
    """The lines of a call or of a list below a key, as far as they belong to it."""
    first, *rest = block
    if first.rstrip().endswith((":", "(", ",")):
        more = [t for t in rest if re.match(r"\s*(-|\"|/)", t)]
        return "\n".join([first, *more])
    return first


def _covers(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    for position, part in enumerate(pattern):
        if part in ("**", ".*"):
            return True
        if position >= len(path) or (part != path[position] and "*" not in part and "{" not in part and "{" not in path[position]):
            return False
    return len(pattern) == len(path)
