"""A call that registers a fixed list of routes: `Auth::routes()`.

Option `routes` of the rule: rows of HTTP method, path, handler as text (or empty), name. `names`: see `graph.handling.handler_names`.
`without`: the key of an argument's record that turns rows off, to the words that their paths then contain; `with` the key without which
they are off; `left_out`: where the names of paths stand that are off. `answered`: paths that are routes only where the repository has what
answers them. `switches`: keywords that turn rows off where they are given as false, to their HTTP method and path (`DELETE /{id}`).
`of_argument`: classes of packages, or texts, to the rows of each, for those that the call is given (`api.register_controllers(
JWTController)`, `enable :login`).
`prefixed_by`: the name of a call in the same block that puts a path before all of them (`prefix "/auth"`).
`within`: a regular expression for the file that such a call must stand in: elsewhere it only asks for the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.graph.handling.handler_names import handler_named
from backend_readiness.graph.routes.routing import Registration, functions_in
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.shapes.brought import is_moved
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import ClassV, Const, Ext, options
from backend_readiness.rules.card_rules import Ref


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("bundle", ()):
        if not re.search(str(hit.rule.options.get("within", "")), hit.site.file) or is_moved(scan, hit.rule):
            continue
        router = scan.class_routers.grouped(hit.site.file, hit.call.owner) or scan.router(hit)
        said = hit.rule.options
        flags = [(key, words, Const(False)) for key, words in said.get("without", {}).items()]
        off = [w for key, words, no in flags if scan.value(hit, Ref(arg=0, key=str(key))) == no for w in str(words).split()]
        off += [str(w) for key, w in said.get("with", {}).items() if scan.value(hit, Ref(arg=0, key=str(key))) != Const(True)]
        off += [f"/{t}" for t in (scan.texts(hit, Ref(**said["left_out"])) if "left_out" in said else ())]
        without = {row for key, row in said.get("switches", {}).items() if scan.value(hit, Ref(kwarg=str(key))) == Const(False)}
        guards = scan.guards(hit, hit.rule.middleware)
        front = _front(scan, hit)
        for method, path, handler, *name in (*said.get("routes", ()), *_of_arguments(scan, hit)):
            answers = handler_named(scan, hit, Const(handler), router) if handler else None
            if f"{method} {path}" in without or any(word in path for word in off):
                continue
            if path in said.get("answered", ()) and not (functions_in(scan.graph, answers) or isinstance(answers, ClassV)):
                continue
            scan.routing.registrations.append(
                Registration(
                    router=router, method=method, path=f"{front}{path}", place=scan.place(hit), start=hit.call.start, card=hit.card,
                    rule=hit.rule,
                    handler=answers, guards=guards,
                    name=scan.groups.name_before(router) + (name[0] if name else ""),
                )
            )  # fmt: skip


def _front(scan: Scan, hit: Hit) -> str:
    """What another call in the block of this one puts before its paths."""
    view = scan.graph.view(hit.site.file)
    beside = [view.facts.calls[n] for n in view.calls_by_name.get(str(hit.rule.options.get("prefixed_by", "")), ())]
    given = (scan.graph.ev.value(c.args[0].value, view.path, c.owner) for c in beside if c.owner == hit.call.owner and c.args)
    return next((f"/{t.strip('/')}" for value in given for t in texts(scan.graph.ev, value) if t.strip("/")), "")


def _of_arguments(scan: Scan, hit: Hit) -> Iterator[list[str]]:
    """The rows of the classes, or of the texts, that the call is given."""
    known = hit.rule.options.get("of_argument", {})
    for arg in hit.call.args if known else ():
        for option in options(scan.graph.ev.value(arg.value, hit.site.file, hit.call.owner, hit.site.env)):
            named = option.path if isinstance(option, Ext) else option.value if isinstance(option, Const) else ""
            yield from known.get(named, ())
