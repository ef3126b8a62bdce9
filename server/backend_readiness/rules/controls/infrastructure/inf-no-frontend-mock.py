"""The flow's pages against made-up data: functions that answer with samples, and mock workers that the entry point starts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.page_mentions import page_mention, unread_page
from backend_readiness.controls.places import is_production
from backend_readiness.controls.work import answers
from backend_readiness.facts.model import Name
from backend_readiness.graph.families import family
from backend_readiness.graph.urls import shape
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence, FindingStatus, Place
from backend_readiness.rules.signs import sign, signs

_MADE_UP = re.compile(r"(?i)mock|fake|dummy|sample|stub|placeholder|fixture|demo")
_SWITCH = re.compile(r"(?i)^(use|enable|with|is)?_?(mock|fake|demo|stub)s?_?(data|api|mode|enabled|server)?$|^(MOCK|FAKE|DEMO)_\w+$")
_GIVES = re.compile(r"(?i)(\breturn\b|=>|\bset\w+\()[^;]*\b(mock|fake|dummy|sample|demo|placeholder)_?[a-z]\w*")
_ADAPTERS = tuple(signs("inf-no-frontend-mock", "adapters"))
_STANDS_IN = re.compile(sign("inf-no-frontend-mock", "stands_in"))
_QUERIES = frozenset({"queryFn", "mutationFn", "fetcher", "loader", "load"})
_PAUSES = frozenset({"setTimeout", "delay", "sleep", "wait"})
_ASIDE = re.compile(r"(?i)NODE_ENV|import\.meta\.env|VITE_|process\.env|__DEV__|isDev|enableMock|DEV\b")
_ASKS = frozenset(signs("inf-no-frontend-mock", "asks"))


def verify(context: Context) -> Judgement:
    if not context.tracer.has_frontend:
        if (unread := unread_page(context)) is not None:
            return unverified("The pages of the repository are written in a form that is not read.", unread)
        return not_applicable("The repository holds no frontend.")
    worker = _worker(context)
    if worker is not None:
        return failed("The entry point starts a mock service worker without condition.", worker, status=FindingStatus.STUBBED)
    switched = next((at for m in context.matches if (at := _switched_on(context, m.call.place.file)) is not None), None)
    if switched is not None:
        return failed("A switch of the source makes the frontend answer with made-up data.", switched, status=FindingStatus.STUBBED)
    for bound in context.routes:
        found = _made_up_query(context, bound.route.endpoint.path)
        if found is None and not any(m.route is bound for m in context.matches):
            found = _made_up(context, bound.route.endpoint.path)
        if found is not None:
            return failed(
                f"The frontend answers with made-up data instead of calling `{bound.route.endpoint}`.", found, status=FindingStatus.STUBBED
            )
    spare = next((at for m in context.matches if (at := _spare(context, m.call.place)) is not None), None)
    if spare is not None:
        return partial("When the backend does not answer, the page shows made-up data as if it had.", spare)
    if context.matches:
        return passed("The frontend calls the backend.", context.at_place(context.matches[0].call.place))
    if not context.tracer.calls:
        return unverified("No call of the frontend was found at all.")
    if (named := page_mention(context)) is not None:
        return unverified("A page may deal with the flow's endpoint; no call of it was found.", named)
    return not_applicable("No part of the frontend deals with the flow's endpoint.")


def _worker(context: Context) -> Evidence | None:
    for path in context.production_files("javascript"):
        names = context.graph.facts.files[path].names
        adapter = next((n for n in _ADAPTERS if n in names), None)
        if adapter is not None and (at := _adapter(context, path, adapter)) is not None:
            return at
        if "worker" not in names or "start" not in names:
            continue
        view = context.view(path)
        if not any("mock" in i.module.lower() or i.module.startswith("msw") for i in view.facts.imports):
            continue
        for number in view.calls_by_name.get("start", ()):
            call = view.facts.calls[number]
            before = " ".join(context.snapshot.lines(path)[max(0, call.line - 8) : call.line])
            if _ASIDE.search(before) is None and call.owner == 0:
                return context.at(path, call.line)
    return None


def _adapter(context: Context, path: str, name: str) -> Evidence | None:
    """A stand-in for the client that a file makes without condition, where another file brings it in without one."""
    view = context.view(path)
    if not any(_STANDS_IN.search(i.module) for i in view.facts.imports):
        return None
    made = next((view.facts.calls[n] for n in view.calls_by_name.get(name, ()) if view.facts.calls[n].owner == 0), None)
    lines = context.snapshot.lines(path)
    if made is None or _ASIDE.search(" ".join(lines[max(0, made.line - 8) : made.line])) is not None:
        return None
    nouns = {n for r in context.routes if (n := _noun_of(r.route.endpoint.path))}
    if not any(n in "\n".join(lines).lower() for n in nouns):
        return None
    stem = path.rpartition("/")[2].partition(".")[0]
    for other in context.graph.importing_files(path):
        for number, text in enumerate(context.snapshot.lines(other), 1):
            brought = re.match(rf"\s*import\b.*['\"][^'\"]*\b{re.escape(stem)}(\.\w+)?['\"]", text)
            if brought is not None and is_production(other) and _ASIDE.search(text) is None:
                return context.at(path, made.line) if number else None
    return None


def _switched_on(context: Context, file: str) -> Evidence | None:
    """A constant such as `USE_MOCK = true`, of the file that asks the backend or of one that it imports it from."""
    if file not in context.graph.facts.files:
        return None
    view = context.view(file)
    asked = {n for n in context.graph.facts.files[file].names if _SWITCH.search(n) is not None}
    for name in sorted(asked):
        places = [file, *(t for i in view.imports.get(name, ()) if (t := context.graph.resolve(i.module, file)) is not None)]
        used = [
            t for t in context.snapshot.lines(file) if re.search(rf"\b(if|return)\b.*\b{re.escape(name)}\b|\b{re.escape(name)}\s*\?", t)
        ]
        for place in places if used else ():
            for number, text in enumerate(context.snapshot.lines(place), 1):
                if re.search(rf"\b(const|let|var)\s+{re.escape(name)}\s*(:\s*\w+\s*)?=\s*true\b", text) is not None:
                    return context.at(place, number)
    return None


def _spare(context: Context, place: Place) -> Evidence | None:
    """The line by which a failure of the call gives made-up data."""
    if place.file not in context.graph.facts.files:
        return None
    around = [
        s for s in context.view(place.file).facts.symbols if s.kind != "class" and s.line <= place.line <= s.end_line and s.parent >= 0
    ]
    if not around:
        return None
    inner = max(around, key=lambda s: (s.line, -s.end_line))
    lines = context.snapshot.lines(place.file)
    last = min(inner.end_line, len(lines))  # what is generated for a template may end behind its text
    failed_at = next((n for n in range(place.line, last + 1) if re.search(r"\bcatch\b", lines[n - 1]) is not None), None)
    for number in range(failed_at, last + 1) if failed_at is not None else ():
        if _GIVES.search(lines[number - 1][:500]) is not None:
            return context.at(place.file, number)
    return None


def _noun_of(path: str) -> str:
    """What the path is about: `item` for `/api/v1/items/{id}`; empty when that is too short to look for."""
    words = [s for s in shape(path) if "{" not in s and re.match(r"(?i)^(api|rest|v\d+)$", s) is None]
    noun = re.sub(r"(?:ies|s)$", "", re.split(r"[-_]", words[0])[-1].lower()) if words else ""
    return noun if len(noun) >= 3 else ""


def _pages(context: Context, noun: str, with_names: Callable[[str], bool]) -> Iterator[FileView]:
    """The files of the frontend that speak of the noun, and use a name of some kind."""
    backend = {r.route.place.file for r in context.tracer.routes}
    for file in context.production_files():
        index = context.graph.facts.files[file]
        if file in backend or family(index.language) != "javascript" or not any(map(with_names, index.names)):
            continue
        if any(noun in n.lower() for n in index.names):
            yield context.view(file)


def _made_up_query(context: Context, path: str) -> Evidence | None:
    """A query of a page that answers with a constant of samples of the resource, whatever else of the frontend can call the endpoint."""
    noun = _noun_of(path)
    for view in _pages(context, noun, _QUERIES.__contains__) if noun else ():
        for number, symbol in enumerate(view.facts.symbols):
            if symbol.kind != "lambda" or symbol.name not in _QUERIES or answers.calls_of(view, number):
                continue
            for name in (p.id for r in answers.returns_of(view, number) for p in _names(r.value)):
                for assign, way in view.bindings.get((0, name), ()):
                    if not way and assign.kind == "const" and noun in name.lower() and answers.sample_records(assign.value, view):
                        return context.at(view.path, symbol.line, min(symbol.end_line, symbol.line + 4))
    return None


def _made_up(context: Context, path: str) -> Evidence | None:
    """A function of the frontend, named after the resource, that answers with records from the source after a pause or at once."""
    noun = _noun_of(path)
    for view in _pages(context, noun, lambda n: n in _PAUSES or _MADE_UP.search(n) is not None) if noun else ():
        for number, symbol in enumerate(view.facts.symbols):
            if symbol.kind in ("function", "method", "lambda") and noun in symbol.name.lower() and _answers_samples(view, number):
                return context.at(view.path, symbol.line, min(symbol.end_line, symbol.line + 10))
    return None


def _answers_samples(view: FileView, index: int) -> bool:
    calls = answers.calls_of(view, index)
    if any(callee_name(c) in _ASKS for c in calls):
        return False
    pauses = any(callee_name(c) in _PAUSES for c in calls)
    values = answers.returns_of(view, index)
    names = [p.id for r in values for p in _names(r.value)]
    for name in names:
        for assign, path in view.bindings.get((0, name), ()):
            sampled = answers.sample_records(assign.value, view)
            if not path and assign.kind == "const" and sampled and (pauses or _MADE_UP.search(name) is not None):
                return True
    return pauses and any(answers.sample_records(r.value, view) for r in values)


def _names(value: object) -> list[Name]:
    from backend_readiness.controls.work.memory import parts_of
    from backend_readiness.facts.model import Value

    return [p for p in parts_of(value) if isinstance(p, Name)] if isinstance(value, Value) else []
