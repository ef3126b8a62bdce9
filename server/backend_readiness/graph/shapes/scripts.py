"""Scripts that a web server runs by their path: `public/orders.php` is `/orders.php`.

A script is a file that no other includes, that declares nothing but what it runs, and that answers: it reads the request or prints.
Options of the rule: `roots` and `served` say which folder the server serves, see `graph.routes.document_roots`; `reads` are names that
hold the request, with the HTTP method that each stands for; `prints` are calls that answer; `hidden` is a regular expression for what is
not served unless a page asks for it by its address. `guarded` are constants that a file asks for when it must not be called by itself.
`web` are names that only a page has (`faint` such that a program may have too: they make a page, but none of the files beside it), and
`shell` those that only a program of the command line has: a script with one of these is no page, and neither are scripts that merely
print where none of them is one and no folder is a server's. `allowed` is the header in which a script says the one method that it takes,
where nothing else says it; `exits` are calls that end a script, see `graph.routes.refused_methods`; `given`, `missing` and
`asked_method` are those of `graph.backend.skipped_branches`. `hooked` are functions that only parts of a greater program call, which
itself loads them, unless they load one of `started`. `unless` are globs: where one fits, a framework answers every request and the rule
is not used.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatch

from backend_readiness.facts.file_index import FileIndex
from backend_readiness.facts.model import Concat, Lit, Op, Value
from backend_readiness.graph.routes.document_roots import asked_for, served_folder
from backend_readiness.graph.routes.refused_methods import only_method
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import FuncV, SymbolId
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "scripts" and not _ruled_out(scan, rule):
                _register(scan, card, rule)


def _ruled_out(scan: Scan, rule: RouteRule) -> bool:
    globs = rule.options.get("unless", ())
    return any(fnmatch(f.path, g) for f in scan.graph.snapshot.files for g in globs)


def _register(scan: Scan, card: Card, rule: RouteRule) -> None:
    graph = scan.graph
    hidden = re.compile(str(rule.options["hidden"]))
    scripts = {p: i for p, i in graph.production.items() if i.language == "php" and not i.package}
    top = served_folder(graph, rule, scripts)
    below = f"{top}/" if top else ""
    files = {p: i for p, i in scripts.items() if not hidden.search(p.removeprefix(below))}
    apart = {p: i for p, i in scripts.items() if p not in files}
    routed = {r.place.file for r in scan.routing.registrations} | scan.routing.fronts
    included = {target for p in scripts for target in _included(scan, p, top)}
    reading = [p for p in {*apart, *included} & scripts.keys() if set(rule.options["reads"]) & set(scripts[p].names)]
    asked = asked_for(graph, rule, reading, top)  # a form sends to what else would only be included
    asked |= asked_for(graph, rule, scripts.keys() - included - asked, top, by_pages=True)
    files.update((p, i) for p, i in apart.items() if p in asked)
    files = _pages(rule, files, asked, served=bool(top))
    folders = {folder for p in files for folder in _included_folders(scan.graph.view(p))}
    included |= {p for p in files if any(f"/{p.rpartition('/')[0]}".endswith(f"/{f}") for f in folders)}
    alone = not any(r.card.id.startswith(f"{card.id.partition('/')[0]}/") for r in scan.routing.registrations)
    for path, index in files.items():
        if (path in included and path not in asked) or path in routed or (top and not path.startswith(f"{top}/")):
            continue
        view = graph.view(path)
        parts = _included(scan, path, top)
        methods = _methods(view, index, rule)
        if not alone and not set(rule.options["reads"]) & set(index.names):
            continue  # beside a framework a file that reads no request is loaded by it
        if not methods and alone and path.endswith(("/index.php", "index.php")) and _runs(view, rule) and not _loads_packages(view):
            methods = ["GET"]
        if not methods and alone and _runs(view, rule) and not _loads_packages(view):  # what it includes draws its page
            drawn = (scripts[t] for t in parts if t in scripts)
            methods = ["GET"] if any(i.elements or set(rule.options["prints"]) & set(i.names) for i in drawn) else []
        for inner in (f for folder in _included_folders(view) for f in files if f"/{f.rpartition('/')[0]}".endswith(f"/{folder}")):
            if methods:  # what a page does with a request may stand in a file that it chooses
                methods = list(dict.fromkeys([*methods, *_methods(graph.view(inner), files[inner], rule)]))
        for part in parts if methods else ():  # a form and what takes it stand in a part of the page
            if part in scripts and part not in asked and _takes_its_form(graph.view(part), scripts[part], rule):
                methods = list(dict.fromkeys([*methods, *_methods(graph.view(part), scripts[part], rule)]))
        if not methods:
            continue
        deeper = [t for p in parts for t in _included(scan, p, top)] if "asked_method" in rule.options else []
        methods = next(([m] for p in (*parts, *deeper) if (m := only_method(graph, graph.view(p), rule))), methods)
        url = "/" + path.removeprefix(f"{top}/")
        for shown in (url.removesuffix("index.php"),) if url.endswith("/index.php") else (url,):
            for method in methods:
                scan.routing.registrations.append(
                    Registration(
                        router=None, method=method, path=shown, place=Place(file=path, line=1, end_line=1), start=0, card=card, rule=rule,
                        handler=FuncV(SymbolId(path, 0)),
                    )
                )  # fmt: skip


def _pages(rule: RouteRule, files: dict[str, FileIndex], asked: set[str], *, served: bool) -> dict[str, FileIndex]:
    """The files without programs of the command line that nobody asks for; `served`: they stand in a folder that is a server's."""
    web = {*rule.options.get("web", ()), *rule.options["reads"]}
    sure = {p for p, i in files.items() if i.elements or web & set(i.names)}
    shown = {p: i for p, i in files.items() if p in sure or set(rule.options.get("faint", ())) & set(i.names)}
    printing = {p: i for p, i in files.items() if p not in shown and (sure or served or p.endswith("index.php"))}
    return shown | {p: i for p, i in printing.items() if p in asked or not set(rule.options.get("shell", ())) & set(i.names)}


def _included(scan: Scan, path: str, top: str) -> list[str]:
    """The files that a file includes, by paths from it or from the folder `top`, where the script that is run mostly stands."""
    stars = [i.module for i in scan.graph.view(path).facts.imports if i.name == "*" and i.local is None]
    found = [(m, scan.graph.resolve(m, path)) for m in stars]
    from_top = [posixpath.normpath(posixpath.join(top, m)) for m, t in found if t is None]
    return [t for t in (*(t for _, t in found), *from_top) if t is not None and t != path and t in scan.graph.production]


def _included_folders(view: FileView) -> Iterator[str]:
    """The folders of files that are included by a computed name: `include "pages/$page.php"`."""
    for number in view.calls_by_name.get("require", ()):
        for arg in view.facts.calls[number].args:
            parts = arg.value.parts if isinstance(arg.value, Concat) else ()
            text = "".join(str(p.value) if isinstance(p, Lit) else "\0" for p in parts).lstrip("\0")
            folder = text.partition("\0")[0].rpartition("/")[0].strip("./")
            if "\0" in text and folder:
                yield folder


def _takes_its_form(view: FileView, index: FileIndex, rule: RouteRule) -> bool:
    """Does a part of pages draw a form, and read the request?"""
    forms = any(e.tag == "form" for e in view.facts.elements)
    return forms and _runs(view, rule) and bool(set(rule.options["reads"]) & set(index.names))


def _loads_packages(view: FileView) -> bool:
    """A front controller of a framework loads the packages of the application."""
    return any(i.module.endswith("autoload.php") for i in view.facts.imports)


def _methods(view: FileView, index: FileIndex, rule: RouteRule) -> list[str]:
    """The HTTP methods that a script answers; empty when it is no script."""
    given = index.names + tuple(str(a.value.value) for c in view.facts.calls for a in c.args[:1] if isinstance(a.value, Lit))
    if not _runs(view, rule) or set(rule.options.get("guarded", ())).intersection(given):  # `defined("ABSPATH") || exit`
        return []
    platform = tuple(rule.options.get("started", ()))
    if set(rule.options.get("hooked", ())) & set(index.names) and not any(i.module.endswith(platform) for i in view.facts.imports):
        return []  # a part of what another program runs
    branches = [t for b in view.facts.blocks for t in _tested(b.subject, 0) if t in METHODS] if "$_SERVER" in index.names else []
    found = branches or [m for name, methods in rule.options["reads"].items() if name in given for m in methods]
    said = _allowed(given, str(rule.options.get("allowed", "")))
    if said is not None and not branches and "GET" not in found:
        found = [said]
    if not found and not index.elements and not set(rule.options["prints"]) & set(index.names):
        return []
    if "POST" in found and "GET" not in found and index.elements:
        found.insert(0, "GET")  # a page that shows its form and takes it
    return list(dict.fromkeys(found)) or ["GET"]


def _allowed(given: tuple[str, ...], header: str) -> str | None:
    """The only method that a header of the answer allows; None where it allows several, or where there is none."""
    lists = [t[len(header) + 1 :] for t in given if header and t.lower().startswith(f"{header.lower()}:")]
    said = {m.strip().upper() for text in lists for m in text.split(",")} - {"OPTIONS"}
    return next(iter(said)) if len(said) == 1 and said <= set(METHODS) else None


def _tested(value: Value | None, depth: int) -> Iterator[str]:
    """The texts in a condition or a case: the HTTP methods on which a script branches."""
    if isinstance(value, Lit) and isinstance(value.value, str):
        yield value.value.upper()
    elif isinstance(value, Op) and depth < 6:
        for operand in value.operands:
            yield from _tested(operand, depth + 1)


def _runs(view: FileView, rule: RouteRule) -> bool:
    """Does the file do more at its top than to declare and include?"""
    classes = {s.name for s in view.facts.symbols if s.kind in ("class", "interface", "enum") and s.parent == 0}
    if classes:  # a whole application in one file makes its class itself, and a script may bring an error of its own
        answers = set(rule.options["prints"]) - set(rule.options.get("exits", ()))
        return any(c.owner == 0 and callee_name(c) in (classes if c.kind == "new" else answers) for c in view.facts.calls)
    return bool(view.facts.elements) or any(c.owner == 0 for c in view.facts.calls) or any(a.owner == 0 for a in view.facts.assigns)
