"""Tables of paths that an application looks requests up in itself: `$routes = ["/about" => "pages/about.php", ...]`.

Where a file names what holds the path of a request (all of `options.find` fit its text), what `graph.routes.kept_rows` reads is such a
table, in that file or in one whose name fits `options.files`. At least half of what stands under the paths must be known to answer, as
`graph.handling.written_handlers` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.model import Assign, Index, Lit, Name, Record, Seq, Value
from backend_readiness.graph.handling.written_handlers import WrittenHandlers
from backend_readiness.graph.routes.kept_rows import rows_of
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import with_optional_tail
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_CHARS = 100_000


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "kept_tables":
                _look(scan, card, rule)


def _look(scan: Scan, card: Card, rule: RouteRule) -> None:
    graph, wanted, named = scan.graph, [re.compile(p) for p in rule.options["find"]], re.compile(rule.options["files"])
    language = card.id.partition("/")[0]
    asking = [p for p in graph.naming(rule.options["holder"]) if p in graph.production]
    asking = [p for p in asking if all(w.search(graph.text(p)[:MAX_CHARS]) for w in wanted)]
    beside = [p for p, i in graph.production.items() if i.language == language and named.search(p)]
    known = {r.place.file for r in scan.routing.registrations}
    for path in dict.fromkeys([*asking, *beside]):
        view = graph.view(path)
        records = [(a.value, a.owner, a.line) for a in view.facts.assigns] + [(r.value, r.owner, r.line) for r in view.facts.returns]
        for value, owner, line in [*records, *_grown(view)] if path not in known else ():
            rows = list(rows_of(scan, rule.options, view, value, owner))
            found = [WrittenHandlers(scan, rule.options).find(list(r.answers), path) for r in rows]
            if not rows or 2 * sum(f is not None for f in found) < len(rows):
                continue
            if not asking and not all(f is not None and r.methods != ("ANY",) for r, f in zip(rows, found, strict=True)):
                continue  # no file here asks for the address: only rows that say all of it are routes
            scan.routing.fronts.update(asking)
            for row, handler in zip(rows, found, strict=True):
                place = place_of_text(scan, path, row.written, Place(file=path, line=line, end_line=line))
                scan.routing.registrations.extend(
                    Registration(router=None, method=m, path=one, place=place, start=line, card=card, rule=rule, handler=handler)
                    for one in with_optional_tail(row.path)
                    for m in row.methods
                )


def _grown(view: FileView) -> Iterator[tuple[Value, int, int]]:
    """Lists and tables that grow by statements: `$routes[] = ["GET", "/orders", ...];`, `$routes["/orders"] = "orders.php";`."""
    added: dict[tuple[int, str], list[Assign]] = {}
    for assign in view.facts.assigns:
        if isinstance(assign.target, Index) and isinstance(assign.target.base, Name) and isinstance(assign.target.key, Lit):
            added.setdefault((assign.owner, assign.target.base.id), []).append(assign)
    for (owner, _), several in added.items():
        targets = [(a.target, a.value) for a in several if isinstance(a.target, Index) and a.value is not None]
        pairs = [(t.key.value, v) for t, v in targets if isinstance(t.key, Lit)]
        if len(pairs) > 1 and all(key is None for key, _ in pairs):
            yield Seq(tuple(v for _, v in pairs)), owner, several[0].line
        elif len(pairs) > 1 and all(isinstance(key, str) for key, _ in pairs):
            yield Record(tuple((str(k), v) for k, v in pairs)), owner, several[0].line
