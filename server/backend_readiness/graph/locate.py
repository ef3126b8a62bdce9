"""A start given as `file:line`: what stands there, and the chains that go through it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from backend_readiness.errors import UnknownStart
from backend_readiness.facts.model import CallRef, Element, Lit, Symbol
from backend_readiness.graph.families import PAGES, families_of, family
from backend_readiness.graph.interface.shown import page_that_loads
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.linking import Match, Unmatched
from backend_readiness.graph.start_order import is_beside, is_idle, is_other_name, usual
from backend_readiness.graph.steps import Step, event_step
from backend_readiness.graph.values import FuncV, SymbolId
from backend_readiness.graph.views import FileView
from backend_readiness.model import Link, LinkStatus, Place

if TYPE_CHECKING:
    from backend_readiness.graph.background.jobs import Job
    from backend_readiness.graph.trace import Traced, Tracer

_LOCATION = re.compile(r"(?P<file>[^\s:][^:]*):(?P<line>\d{1,7})$")
MAX_FUNCTIONS = 80
MAX_JOBS = 200
MAX_ENDED = 3
MAX_ASKED = 400
_Asked = TypeVar("_Asked", bound=Match | Unmatched)


def parse_location(text: str) -> tuple[str, int] | None:
    match = _LOCATION.match(text.strip())
    return (match["file"].removeprefix("./"), int(match["line"])) if match else None


def from_location(tracer: Tracer, file: str, line: int) -> list[Traced]:
    """Chains through the place, nearest first. Errors: `UnknownStart` when the file is not there or was not read."""
    graph = tracer.graph
    if file not in graph.facts.files:
        listed = _through_jobs(tracer, tracer.scheduled, file, line) if graph.has(file) else []
        if listed:
            return listed  # a document of schedules is no source file
        raise UnknownStart(f"{file} is not a source file of the repository; give a path relative to its root")
    direct = _through_routes(tracer, file, line)
    scheduled = _through_jobs(tracer, tracer.scheduled, file, line) if not direct else []
    if scheduled:
        return [*scheduled, *_through_backend(tracer, file, line)]
    interface = direct or _through_interface(tracer, file, line) or _through_actions(tracer, file, line)
    chains = (
        interface or _through_routes(tracer, file, line, whole=True) or _through_page(tracer, file) or _through_backend(tracer, file, line)
    )
    jobs = chains or _through_jobs(tracer, tracer.received, file, line) or _below_jobs(tracer, file, line)
    return jobs or _that_end(tracer, file, line)


def _covers(link: Link, file: str, line: int) -> bool:
    return link.file == file and link.line <= line <= link.end_line


def _through_routes(tracer: Tracer, file: str, line: int, *, whole: bool = False) -> list[Traced]:
    """The line is a registration, or inside of a handler; `whole`: of one that is a whole page, whose elements may lead elsewhere."""
    found = []
    for bound in tracer.routes:
        place, handler = bound.route.place, bound.route.handler
        at_route = place.file == file and place.line <= line <= place.end_line
        at_handler = handler is not None and handler.file == file and handler.line <= line <= handler.end_line
        is_page = isinstance(bound.handler, FuncV) and bound.handler.symbol.index == 0
        if at_route or (at_handler and is_page == whole):
            found.append((not at_route, bound))
    return [t for _, b in sorted(found, key=lambda f: f[0])[:4] for t in tracer.from_route(b)]


def _through_page(tracer: Tracer, file: str) -> list[Traced]:
    """The file is a page that functions of the server beside it load: `+page.svelte` with the `load` of `+page.server.ts`."""
    folder, _, name = file.rpartition("/")
    rules = [r for r in tracer.graph.knowledge.pages if r.loads and name in r.page]
    found: list[Traced] = []
    for bound in tracer.routes if rules else ():
        handler = bound.handler.symbol if isinstance(bound.handler, FuncV) else None
        if handler is not None and handler.file.rpartition("/")[0] == folder:
            loaded = page_that_loads(tracer.graph, handler)
            found.extend(tracer.from_route(bound) if loaded is not None and loaded.place.file == file else ())
    return found[:4]


def _through_jobs(tracer: Tracer, jobs: Sequence[Job], file: str, line: int) -> list[Traced]:
    """The line puts work on a schedule, or is inside of the function that is run."""
    found: list[Traced] = []
    for job in jobs:
        where = job.function.symbol
        symbol = tracer.graph.view(where.file).symbol(where.index)
        at_place = job.place.file == file and job.place.line <= line <= job.place.end_line
        if at_place or (where.file == file and symbol.line <= line <= symbol.end_line):
            found.append(tracer.from_job(job))
    return found[:4]


def _below_jobs(tracer: Tracer, file: str, line: int) -> list[Traced]:
    """The line is below what a clock or a message starts."""
    chains = (tracer.from_job(job) for job in (*tracer.scheduled, *tracer.received)[:MAX_JOBS])
    return [t for t in chains if any(_covers(link, file, line) for link in t.chain.links)][:4]


def _through_interface(tracer: Tracer, file: str, line: int) -> list[Traced]:
    """The line is an element, a handler or a call of the frontend."""
    asked = tracer.linking.matches
    found: list[tuple[bool, int, int, Traced]] = []
    for order, (head, roots, direct) in enumerate(_starts(tracer, asked, file, line)):
        for match in direct:
            found.append((False, 0, order, tracer.chain(match.route, match, tuple(head))))
        for root in roots:
            for match, path, later in _calls_below(tracer, asked, root):
                steps = _with_head(tracer, head, root, path, match.call, (file, line))
                found.append((later, len(path), order, tracer.chain(match.route, match, steps)))
        if found:
            break
    found.sort(key=lambda f: (is_beside(f[3]), f[0], f[1], f[2], not f[3].chain.complete, usual(f[3]), is_other_name(f[3]), is_idle(f[3])))
    return [f[3] for f in found[:6]]


def _through_actions(tracer: Tracer, file: str, line: int) -> list[Traced]:
    """The line is on the way up from a request, which no way down leads to: an element whose event another component hears, or the
    beginning of a page or of a component that is shown."""
    view = tracer.graph.view(file)
    elements = [e for e in view.facts.elements if e.line <= line <= max(e.end_line, e.line)]
    events = any(tracer.ui.is_event(e.tag, a.name) for e in elements for a in e.attrs)
    begun = (SymbolId(file, i) for i, s in enumerate(view.facts.symbols) if i and s.line == line)
    if not events and line != 1 and not any(tracer.ui.is_component(where) for where in begun):
        return []
    found: list[tuple[int, int, Traced]] = []
    for match in [m for m in tracer.linking.matches if m.call.kind == "call"][:MAX_ASKED]:
        for steps in tracer.user_paths(match.call):
            there = (s for s in steps if _holds(s.place, file, line))
            if any(s.kind == "event" if events else s.place.line == line for s in there):
                traced = tracer.chain(match.route, match, steps)
                found.append((len(steps), usual(traced), traced))
    found.sort(key=lambda f: f[:2])
    return [f[2] for f in found[:6]]


def _with_head(
    tracer: Tracer, head: list[Step], root: SymbolId, path: list[Step], call: ApiCall, place: tuple[str, int]
) -> tuple[Step, ...]:
    """The way from the user to a call that is reached from a function, which may be a component that begins at the place asked for."""
    above = tracer.ui.paths(root) if not head else []
    symbol = tracer.graph.view(root.file).symbol(root.index)
    listened = _listened_inside(tracer, root, call) if not head and not (above and above[0][0].kind == "event") else None
    if listened is not None:
        return listened
    if head or not above:
        return (*head, *path)
    if above[0][0].kind == "function" and (root.file, symbol.line) == place and tracer.ui.is_component(root):
        ways = [p for p in tracer.user_paths(call) if p[0].kind != "function"]
        through = next((p for p in ways if any(s.where == root for s in p)), None)
        return through or next((p for p in ways if any(_holds(s.place, p[0].place.file, p[0].place.line or 0) for s in path)), tuple(path))
    return (*above[0][:-1], *path)


def _listened_inside(tracer: Tracer, root: SymbolId, call: ApiCall) -> tuple[Step, ...] | None:
    """The way to a call from an event that the function only listens for: `rows.forEach((row) => row.addEventListener("click", save))`."""
    symbol = tracer.graph.view(root.file).symbol(root.index)
    for way in tracer.user_paths(call) if call.kind == "call" else ():
        is_listener = bool(way) and way[0].kind == "event" and (way[0].element is None or way[0].registered is not None)
        heard = (way[0].registered or way[0].place) if is_listener else None
        if heard is not None and heard.file == root.file and symbol.line <= (heard.line or 0) <= symbol.end_line:
            return way
    return None


def _that_end(tracer: Tracer, file: str, line: int) -> list[Traced]:
    """Chains from the place that reach no endpoint: to a request that no route answers, else to the function that the event runs."""
    asked = tracer.linking.unmatched
    starts = _starts(tracer, asked, file, line)
    for head, roots, direct in starts:
        ended = [(end, ()) for end in direct]
        below = [
            (end, _with_head(tracer, head, root, path, end.call, (file, line)))
            for root in roots
            for end, path, _ in _calls_below(tracer, asked, root)
        ]
        below.sort(key=lambda found: len(found[1]))
        if ended or below:
            return [tracer.ended(end.call, end.reason, steps) for end, steps in (*ended, *below)[:MAX_ENDED]]
    for head, roots, _ in starts:
        if head:
            return [tracer.unasked((*head, tracer.ui.function_step(r, LinkStatus.CONFIRMED, "the event runs it"))) for r in roots[:1]]
    return []


def _starts(tracer: Tracer, asked: Sequence[_Asked], file: str, line: int) -> list[tuple[list[Step], list[SymbolId], list[_Asked]]]:
    """(steps before, functions to go down from, those of `asked` at the place itself), the narrowest reading first."""
    graph, ui = tracer.graph, tracer.ui
    view = graph.view(file)
    direct = [m for m in asked if m.call.place.file == file and m.call.place.line <= line <= m.call.place.end_line]
    found: list[tuple[list[Step], list[SymbolId], list[_Asked]]] = []
    forms = [m for m in direct if m.call.kind != "call"]
    events = {where: list(steps) for where, steps in ui.events_of(file).items()}
    for where, step in ui.events.listeners.on_pages.get(file, ()) if view.language in PAGES else ():
        events.setdefault(where, []).append(step)
    if forms and _is_listened_to(view, events, line) and not any("action" in (a.name for a in e.attrs) for e in _at(view, line, "form")):
        forms = []  # a script takes the submit over
    if forms:
        found.append(([], [], forms))
    elements = sorted((e for e in view.facts.elements if e.line <= line <= max(e.end_line, e.line)), key=lambda e: e.end - e.start)
    if not direct and elements:  # a message stands where its attribute does, further down in the element
        found.append(
            ([], [], [m for m in asked if m.call.rpc == "message" and m.call.place.file == file and m.call.start == elements[0].start])
        )
    around = _form_around(view, elements) if not forms else None
    sent = [m for m in asked if m.call.kind == "form" and m.call.place.file == file and m.call.start == around.start] if around else []
    pressed = any(ui.is_event(e.tag, a.name) for e in elements[:1] for a in e.attrs)  # the event of the button comes first
    if sent and not pressed:
        found.append(([], [], sent))
    for element in [*elements, *([around] if around is not None else [])]:
        events_there = [a for a in element.attrs if ui.is_event(element.tag, a.name)]
        for attr in sorted(events_there, key=lambda a: a.line != line):  # of several the one that is written on the line
            if attr.value is not None or len(events_there) == 1:
                step = event_step(file, element, attr.name)
                roots = [where for where, steps in events.items() if any(s.place == step.place and s.symbol == step.symbol for s in steps)]
                found.append(([step], roots, []))
        found.append(([], ui.given.of_element(file, element), []))
    if sent and pressed:
        found.append(([], [], sent))
    for where, steps in events.items():  # a listener that a script puts on the element: `$("#save").on("click", save)`
        heads = [s for s in steps if s.kind == "event" and (_holds(s.place, file, line) or _holds(s.registered, file, line))]
        if heads and all(where not in roots for _, roots, _ in found):
            found.append((heads[:1], [where], []))
    scopes = [i for i, s in enumerate(view.facts.symbols) if i and (s.line <= line <= s.end_line or _is_above(view, s, line))]
    calls = [m for m in direct if m.call.kind == "call"]
    for scope in sorted(scopes, key=lambda i: view.symbol(i).end - view.symbol(i).start):
        found.append(([], [SymbolId(file, scope)], []))
    for match in calls:
        event = ui.events.around(file, match.call.start)  # `onclick="send('/orders')"`
        found.insert(len(forms), ([], [match.call.owner], []) if event is None else ([event], [], [match]))
    for element in elements:
        value = graph.ev.lookup(element.tag, file, element.owner) if element.tag[:1].isupper() else None
        inner = [f.symbol for f in functions_in(graph, value) if isinstance(f, FuncV)]
        if inner:
            found.append(([], inner, []))
    return found


def _at(view: FileView, line: int, tag: str) -> list[Element]:
    return [e for e in view.facts.elements if e.tag.lower() == tag and e.line <= line <= max(e.end_line, e.line)]


def _is_above(view: FileView, symbol: Symbol, line: int) -> bool:
    """Is a decorator of the symbol written on the line?"""
    written = (view.facts.calls[d.call] for d in symbol.decorators if isinstance(d, CallRef))
    return any(c.line <= line <= c.end_line for c in written)


def _is_listened_to(view: FileView, events: dict[SymbolId, list[Step]], line: int) -> bool:
    """Does a script register a function for the submit of the form on the line?"""
    steps = (s for several in events.values() for s in several if s.registered is not None and s.attribute == "submit")
    return any(_holds(s.place, view.path, line) for s in steps)


def _holds(place: Place | None, file: str, line: int) -> bool:
    return place is not None and place.file == file and (place.line or 0) <= line <= (place.end_line or 0)


def _form_around(view: FileView, elements: Sequence[Element]) -> Element | None:
    """The form that the first of the elements sends, which is a button without an event of its own or a field for that."""
    button = next((e for e in elements if e.tag.lower() == "input" or e.tag.lower().endswith("button")), None)
    if button is None:
        return None
    kinds = [a.value.value for a in button.attrs if a.name == "type" and isinstance(a.value, Lit)]
    if (kinds and kinds[0] not in ("submit", "image")) or (button.tag.lower() == "input" and not kinds):
        return None
    forms = [e for e in view.facts.elements if e.tag.lower().endswith("form") and e.start < button.start and button.line <= e.close_line]
    return max(forms, key=lambda e: e.start, default=None)


def _calls_below(tracer: Tracer, asked: Sequence[_Asked], root: SymbolId) -> list[tuple[_Asked, list[Step], bool]]:
    """Those of `asked` that are reached from a function, nearest first, with the functions on the way.

    The last says that it comes later: what leads to it is a function that is written inside of this one (`.then(() => ...)`) or a
    component that this one shows, not it itself.
    """
    by_owner: dict[SymbolId, list[_Asked]] = {}
    for match in asked:
        if match.call.kind == "call":
            by_owner.setdefault(match.call.owner, []).append(match)
    found: list[tuple[_Asked, list[Step], bool]] = []
    queue: list[tuple[SymbolId, list[Step], bool]] = [(root, [], False)]
    seen = {root}
    while queue and len(seen) < MAX_FUNCTIONS:
        where, above, later = queue.pop(0)
        view = tracer.graph.view(where.file)
        body = [SymbolId(where.file, i) for i in view.body(where.index)]
        step = tracer.ui.function_step(where, LinkStatus.CONFIRMED, "on the way to the call")
        path = [*above, step] if where.index else above
        own = sorted((m for s in body for m in by_owner.get(s, ())), key=lambda m: m.call.start)
        found.extend((m, path, later or (where == root and m.call.owner != root)) for m in own)
        if len(path) > 10:
            continue
        for edge in tracer.edges.of_symbol(where):
            target = edge.target.symbol
            if target not in seen and target not in body:
                seen.add(target)
                inside = where == root and view.facts.calls[edge.site.call].owner != root.index
                queue.append((target, path, later or inside))
        for element in view.facts.elements:
            if element.owner in {s.index for s in body} and element.tag[:1].isupper():
                for function in functions_in(tracer.graph, tracer.graph.ev.lookup(element.tag, where.file, element.owner)):
                    if isinstance(function, FuncV) and function.symbol not in seen and not found:
                        seen.add(function.symbol)
                        queue.append((function.symbol, path, True))
    return found


def _through_backend(tracer: Tracer, file: str, line: int) -> list[Traced]:
    """The line is somewhere below a handler. No handler of a server in another language leads to a script of a page."""
    index = tracer.graph.facts.files
    if family(index[file].language) == "javascript":
        served = {bound.route.handler.file if bound.route.handler is not None else bound.route.place.file for bound in tracer.routes}
        if not any(f in index and families_of(index[f].language, index[f].elements).count("javascript") for f in served):
            return []
    found = []
    for bound in tracer.routes:
        walk = tracer.walk(bound)
        spans = [link.end_line - link.line for link in walk.links if _covers(link, file, line)]
        if spans:
            found.append((min(spans), str(bound.route.endpoint), bound))
    found.sort(key=lambda f: f[:2])
    return [t for _, _, b in found[:6] for t in tracer.from_route(b)[:2]]
