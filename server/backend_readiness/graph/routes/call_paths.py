"""The paths that the arguments of a registering call give: several, one for each language, behind a name, with methods in front."""

from __future__ import annotations

import re

from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import from_regex, texts
from backend_readiness.graph.values import Const, Ext, FuncV, ListV, Obj, Text, UnknownV, options
from backend_readiness.rules.card_rules import Ref

MAX_PATHS = 40
_METHOD = re.compile(r"\s*([A-Z]{3,7}(?:\|[A-Z]{3,7}){0,8})(?:[ \t]+|:)(\S*)\s*")


def split_methods(pattern: str) -> list[tuple[str, str]]:
    """`GET /orders/{$}` (also `GET:/orders`, `GET|POST /orders`) as methods and paths; a host before the path is left out.

    No method: `""`.
    """
    found = _METHOD.fullmatch(pattern)
    methods, path = (found.group(1).split("|"), found.group(2)) if found is not None else ([""], pattern.strip())
    if not path.startswith("/") and "/" in path and "." in path.partition("/")[0]:
        path = "/" + path.partition("/")[2]
    return [("ANY" if m == "ALL" else m, path.removesuffix("{$}")) for m in methods]


def regex_path(scan: Scan, hit: Hit) -> list[str]:
    """The path of a route that is given as a regular expression, or what one of the option `regexes` makes of a text:

    `/^\\/files\\/(.+)$/`, `Regex("/files/(.+)")`.
    """
    value = scan.value(hit, hit.rule.path)
    for made in options(value) if value is not None else ():
        if isinstance(made, Ext) and made.site is not None and made.path in hit.rule.options.get("regexes", ()):
            above = made.base.base if isinstance(made.base, Ext) else None  # `"/orders/(.+)".toRegex()`
            given = above if isinstance(above, Const | Text) else scan.graph.ev.arg_value(made.site, 0)
            return ["/" + from_regex(t).lstrip("/") for t in texts(scan.graph.ev, given)] if given is not None else []
    text = value.why if isinstance(value, UnknownV) else ""
    body, slash, flags = text[1:].rpartition("/")
    if not text.startswith("/") or not slash or (flags and not flags.isalpha()):
        return []
    return ["/" + from_regex(body.replace("\\/", "/")).lstrip("/")]


def after_name(scan: Scan, hit: Hit, paths: list[str]) -> list[str]:
    """`router.get("order", "/orders/:id", show)`: a name stands before the path."""
    second = scan.value(hit, Ref(arg=1))
    is_text = second is not None and any(isinstance(o, Const | Text) for o in options(second))
    return texts(scan.graph.ev, second) if is_text and not any(p.startswith(("/", "*", "{", "^")) for p in paths) else paths


def every_path(scan: Scan, hit: Hit) -> list[str]:
    """`add_resource(Orders, "/orders", "/orders/<id>")`: every argument from the path on is one."""
    if hit.rule.options["many_paths"] == "words":  # one text of them: `HandleMany("GET", "/orders /orders/{id}", list)`
        return [t for text in scan.texts(hit, hit.rule.path) for t in text.split()]
    first = hit.rule.path.arg if hit.rule.path is not None and hit.rule.path.arg is not None else 0
    arguments = [a for a in hit.call.args if a.name is None][first:]
    values = [(a, scan.graph.ev.value(a.value, hit.site.file, hit.call.owner, hit.site.env)) for a in arguments]
    listed = [v for a, v in values if not isinstance(v, FuncV) and (not a.spread or isinstance(v, ListV))]  # a function names parameters
    return [t for v in listed for t in texts(scan.graph.ev, v)]


def localized(scan: Scan, hit: Hit) -> list[str]:
    """The paths of several languages: `["en" => "/about", "nl" => "/over"]`."""
    value = scan.value(hit, hit.rule.path)
    records = [o for o in options(value) if isinstance(o, Obj)] if value is not None else []
    return [t for r in records for thunk in list(r.fields.values())[:MAX_PATHS] for t in texts(scan.graph.ev, scan.graph.ev.thunk(thunk))]
