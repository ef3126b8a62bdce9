"""Pages that a server runs by their path: `src/main/webapp/orders/list.jsp` is `/orders/list.jsp`.

A rule names the pages by `glob`. Options: `roots`: folders of what is served, besides those that hold a folder of `hidden`, in which
nothing is served by its path; `includes`: a regular expression for the pages that a page includes, which are parts and no pages;
`descriptors`: files that map pages to other paths; `shown`: regular expressions for the pages that a document of `documents` has an
action show, which are views unless a page asks for them (`asked`: where one does) or the browser is sent there (word `sent`);
`view_settings`, `view_folders`, `view_makers`: settings of the application, regular expressions for a document, and for the code that
names one of these classes, which give the folder whose pages are such views too.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatch

from backend_readiness.facts.model import Concat, Lit
from backend_readiness.graph.routes.descriptors import deployed
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.settings.application_settings import ApplicationSettings
from backend_readiness.graph.values import FuncV, SymbolId
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.snapshot.places import is_production

MAX_CHARS = 400_000
MAX_PAGES = 4_000
MAX_DOCUMENTS = 400


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "server_pages":
                for path, place in _pages(scan, rule):
                    for method in ("GET", "POST") if _takes_form(scan, place.file) else ("GET",):
                        scan.routing.registrations.append(
                            Registration(
                                router=None, method=method, path=path, place=place, start=0, card=card, rule=rule,
                                handler=_script(scan, place),
                            )
                        )  # fmt: skip


def _script(scan: Scan, place: Place) -> FuncV | None:
    """What runs: the code of the page."""
    return FuncV(SymbolId(place.file, 0)) if place.file in scan.graph.production else None


def _takes_form(scan: Scan, page: str) -> bool:
    """Does the page hold a form that it is sent itself?"""
    index = scan.graph.production.get(page)
    for form in scan.graph.view(page).facts.elements if index is not None and "form" in index.names else ():
        said = {a.name.lower(): a.value for a in form.attrs}
        method, action = said.get("method"), said.get("action", Lit(""))
        tail = action.parts[-1] if isinstance(action, Concat) else action
        if form.tag.lower() == "form" and isinstance(method, Lit) and str(method.value).upper() == "POST" and isinstance(tail, Lit):
            name = str(tail.value).partition("?")[0].rpartition("/")[2]
            if name == page.rpartition("/")[2] or (not name and tail is action):
                return True
    return False


def _pages(scan: Scan, rule: RouteRule) -> Iterator[tuple[str, Place]]:
    files = [f.path for f in scan.graph.snapshot.files if is_production(f.path)]
    pages = [p for p in files if any(fnmatch(p, g) for g in rule.glob)][:MAX_PAGES]
    hidden = set(rule.options.get("hidden", ()))
    roots = {p.partition(f"{h}/")[0].rstrip("/") for p in files for h in hidden if f"/{h}/" in f"/{p}"}
    folders = tuple(rule.options.get("roots", ()))
    roots |= {p[: p.index(f"{r}/") + len(r)] for p in pages for r in folders if f"/{r}/" in f"/{p}"}
    parts = (
        {i for p in pages for i in _included(scan.graph.text(p)[:MAX_CHARS], p, roots, str(rule.options["includes"]))} if pages else set()
    )
    shown = _shown(scan, rule, files, pages) if pages else set()
    for page in pages:
        root = max((r for r in roots if not r or page.startswith(f"{r}/")), key=len, default=None)
        inside = page.removeprefix(f"{root}/") if root else page
        if root is not None and page not in parts | shown and not hidden & set(inside.split("/")):
            yield f"/{inside}", Place(file=page, line=1, end_line=1)
    for file in (p for p in files if any(fnmatch(p, g) for g in rule.options.get("descriptors", ()))):
        for item in deployed(scan.graph.text(file)):
            for pattern in item.patterns if item.document else ():
                if pattern.startswith("/"):
                    yield pattern, Place(file=file, line=item.line, end_line=item.line)


def _shown(scan: Scan, rule: RouteRule, files: list[str], pages: list[str]) -> set[str]:
    """The pages that a configuration has an action show, and no other page asks for by their address."""
    documents = [f for f in files if any(fnmatch(f, g) for g in rule.options.get("documents", ()))][:MAX_DOCUMENTS]
    texts = [scan.graph.text(f)[:MAX_CHARS] for f in documents]
    found = [m for text in texts for written in rule.options.get("shown", ()) for m in re.finditer(written, text)]
    named = {m.group(1).strip() for m in found if rule.options["sent"] not in m.group().lower()}
    views = {p for p in pages if any(f"/{p}".endswith(n if n.startswith("/") else f"/{n}") for n in named)}
    folders = _folders(scan, rule, texts, pages)
    views |= {p for p in pages if any(f in f"/{p}" for f in folders)}
    if not views:
        return set()
    asked = {m.rpartition("/")[2] for p in pages for m in re.findall(str(rule.options["asked"]), scan.graph.text(p)[:MAX_CHARS])}
    return {p for p in views if p.rpartition("/")[2] not in asked}


def _folders(scan: Scan, rule: RouteRule, documents: list[str], pages: list[str]) -> set[str]:
    """The folders in which a framework looks for the views that its actions name: `/views/`."""
    settings, makers = ApplicationSettings(scan.graph), tuple(rule.options.get("view_makers", ()))
    said = {settings.value(tuple(rule.options.get("view_settings", ())), p) for p in pages[:1]}
    code = [scan.graph.text(f)[:MAX_CHARS] for name in makers for f in scan.graph.naming(name)]
    written = rule.options.get("view_folders", ())
    said |= {m.group(1).strip() for text in (*documents, *code) for w in written for m in re.finditer(w, text)}
    return {f"/{f.strip('/')}/" for f in said if f.strip("/")}


def _included(text: str, page: str, roots: set[str], written: str) -> Iterator[str]:
    for found in re.finditer(written, text):
        name = found.group(1)
        if not name.startswith("/"):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(page), name))
        for root in roots if name.startswith("/") else ():
            yield f"{root}{name}".lstrip("/")
