"""Work that no request starts: what a clock runs, and what receives messages. Starts of chains that have no endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Call, CallRef, Record, Seq
from backend_readiness.graph.background.command_lines import scheduled_lines
from backend_readiness.graph.background.job_documents import scheduled_in
from backend_readiness.graph.background.job_rows import row_place, settings_named
from backend_readiness.graph.background.task_names import methods_of, named_task
from backend_readiness.graph.classes.inheritance import external_bases
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.routes.given_calls import sites_given
from backend_readiness.graph.routes.later_steps import steps_after
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.tagged import Tagged
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, Obj, Site, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Place
from backend_readiness.rules.job_rules import JobRule

if TYPE_CHECKING:
    from backend_readiness.graph.background.buses import Buses
    from backend_readiness.graph.world import Graph

MAX_JOBS = 2_000
MAX_TABLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`place` is where it is put on its schedule, `symbol` says when it runs (`schedule "0 3 * * *"`), `why` who runs it."""

    place: Place
    symbol: str
    why: str
    function: FuncV


def jobs_of(graph: Graph) -> tuple[Job, ...]:
    """What clocks run, each function once for each place; in the order of files."""
    found: dict[tuple[str, int, SymbolId], Job] = {}
    for job in (*_called(graph), *_tables(graph), *_rows(graph), *_documents(graph), *_commands(graph), *_classes(graph)):
        known = any(job.function.symbol == j.function.symbol for j in found.values()) and job.symbol == "schedule"
        if len(found) < MAX_JOBS and not known:
            found.setdefault((job.place.file, job.place.line, job.function.symbol), job)
    return tuple(sorted(found.values(), key=lambda j: (j.place.file, j.place.line)))


def received(graph: Graph, buses: Buses) -> tuple[Job, ...]:
    """What works on messages, each function once."""
    found: dict[SymbolId, Job] = {}
    for name, function in sorted(buses.received, key=lambda r: not r[0])[:MAX_JOBS]:  # one with a name before one without
        symbol = graph.view(function.symbol.file).symbol(function.symbol.index)
        place = Place(file=function.symbol.file, line=symbol.line, end_line=symbol.line)
        why = "a message starts it, no user action"
        found.setdefault(function.symbol, Job(place=place, symbol=f'message "{name}"' if name else "message", why=why, function=function))
    return tuple(found.values())


def _job(place: Place, when: str, tagged: Tagged[JobRule], function: FuncV) -> Job:
    return Job(
        place=place,
        symbol=f'schedule "{when}"' if when else "schedule",
        why=f"{tagged.card.id.partition('/')[2]}: a clock starts it, no user action",
        function=function,
    )


def _called(graph: Graph) -> Iterator[Job]:
    index = graph.knowledge.jobs
    names = index.names
    for path, file in graph.production.items() if names else ():
        if names.isdisjoint(file.names):
            continue
        view = graph.view(path)
        for number, call in enumerate(view.facts.calls):
            if callee_name(call) not in names:
                continue
            for value in options(graph.ev.value(call.callee, path, call.owner)):
                for tagged, _ in index.matches(value)[:1] if isinstance(value, Ext) else ():
                    assert isinstance(value, Ext)
                    passed_on = sites_given(graph.ev, view, number, 1)  # `func (s *Clock) Add(when string, do func())`
                    for site in passed_on or [Site(path, number, None)]:
                        for function in _run_by(graph, site, call, value, tagged.rule):
                            yield _job(_place(graph, site), _when(graph, site, value, tagged.rule), tagged, function)


def _place(graph: Graph, site: Site) -> Place:
    """Where the work is given: of a call that passes on what its function was given, where that is called."""
    outer = site.env.site if site.env is not None and site.env.site is not None else site
    call = graph.view(outer.file).facts.calls[outer.call]
    return Place(file=outer.file, line=call.line, end_line=call.end_line)


def _run_by(graph: Graph, site: Site, call: Call, callee: Ext, rule: JobRule) -> list[FuncV]:
    if call.kind == "decorator":
        view = graph.view(site.file)
        for number, symbol in enumerate(view.facts.symbols):
            if any(isinstance(d, CallRef) and d.call == site.call for d in symbol.decorators):
                if symbol.kind == "class":
                    return methods_of(graph, InstV(ClassV(SymbolId(site.file, number))), rule.methods)
                receiver = InstV(ClassV(SymbolId(site.file, symbol.parent))) if symbol.parent > 0 else None
                return [FuncV(SymbolId(site.file, number), receiver)]
        return []
    for ref in rule.runs:
        found = _functions(graph, argument_value(graph.ev, site, ref, callee), rule, site.file)
        if found:
            return found[:4]
    return []


def _functions(graph: Graph, value: AV | None, rule: JobRule, file: str) -> list[FuncV]:
    """The functions that a scheduled value runs: itself, methods of an object or class, or what a text names."""
    found: list[FuncV] = []
    for option in options(value) if value is not None else ():
        if isinstance(option, ClassV | InstV):
            found.extend(methods_of(graph, InstV(option) if isinstance(option, ClassV) else option, rule.methods))
        elif isinstance(option, Const) and isinstance(option.value, str):
            found.extend(named_task(graph, option.value, rule, file))
        elif isinstance(option, ListV) and len(option.items) in (2, 3):
            holder, name = (graph.ev.thunk(t) for t in option.items[:2])
            if isinstance(name, Const) and isinstance(holder, ClassV | InstV):
                made = InstV(holder) if isinstance(holder, ClassV) else holder
                found.extend(methods_of(graph, made, (str(name.value),)))
        elif isinstance(option, Ext) and isinstance(option.subject, ClassV) and rule.methods:
            found.extend(methods_of(graph, InstV(option.subject), rule.methods))
        else:
            found.extend(f for f in functions_in(graph, option) if isinstance(f, FuncV))
    return found


def _when(graph: Graph, site: Site, callee: Ext, rule: JobRule) -> str:
    view = graph.view(site.file)
    for ref in rule.when:
        text = _text(graph, argument_value(graph.ev, site, ref, callee))
        if text:
            return f"{ref.kwarg} {text}" if ref.kwarg and text.isdigit() else text
    said = [_written(graph, Site(site.file, number, None)) for name, number in steps_after(view, site.call) if name in rule.steps]
    return " ".join(said[:3])


def _text(graph: Graph, value: AV | None) -> str:
    for option in options(value) if value is not None else ():
        if isinstance(option, Const) and option.value is not None and not isinstance(option.value, bool):
            return str(option.value)[:80]
        if isinstance(option, Ext) and option.site is not None:
            shown = _written(graph, option.site)
            return "" if shown.endswith("()") else shown  # `every.toMillis()` says nothing
        if isinstance(option, Ext) and not option.path.endswith(")"):  # `CronExpression.EVERY_HOUR`
            return last_step(option.path)
        if isinstance(option, ListV) and len(option.items) == 2:  # `{:extended, "0 1 * * * *"}`
            return _text(graph, graph.ev.thunk(option.items[1]))
        if isinstance(option, Obj):
            return next((t for thunk in list(option.fields.values())[:4] if (t := _text(graph, graph.ev.thunk(thunk)))), "")
    return ""


def _written(graph: Graph, site: Site) -> str:
    """A call as it is read: `crontab(hour=3, minute=0)`."""
    call = graph.view(site.file).facts.calls[site.call]
    given = [(a.name, graph.ev.value(a.value, site.file, call.owner, site.env)) for a in call.args[:6]]
    shown = [f"{n}={v.value}" if n else str(v.value) for n, v in given if isinstance(v, Const)]
    return f"{callee_name(call)}({', '.join(shown)})"[:80]


def _tables(graph: Graph) -> Iterator[Job]:
    """Settings that list jobs: `beat_schedule = {"clean": {"task": "shop.tasks.clean", "schedule": 60}}`."""
    for card in graph.knowledge.cards:
        for rule in card.jobs:
            for name in rule.assigned:
                for path in graph.naming(name):
                    view = graph.view(path) if path in graph.production else None
                    if view is None:
                        continue
                    given = [(a.value, a.owner) for a in view.facts.assigns if last_name(a.target) == name]
                    given += [(a.value, c.owner) for c in view.facts.calls for a in c.args if a.name == name]
                    for written, owner in given:
                        if isinstance(written, Record):
                            yield from _listed(graph, path, owner, written, Tagged(rule, card))


def _rows(graph: Graph) -> Iterator[Job]:
    """Settings that list jobs as rows; a record among them names its jobs by its keys."""
    for card in graph.knowledge.cards:
        for rule in card.jobs:
            tagged = Tagged(rule, card)
            for name, path in ((n, p) for n in rule.rows for p in graph.naming(n) if p in graph.production):
                for listed, owner, line in settings_named(graph.view(path), name):
                    for row in listed.items[:MAX_TABLE]:
                        if isinstance(row, Record):
                            yield from _listed(graph, path, owner, row, tagged)
                        elif isinstance(row, Seq) and len(row.items) > 1:
                            place, when = row_place(graph, path, line, row), _text(graph, graph.ev.value(row.items[0], path, owner))
                            for function in _functions(graph, graph.ev.value(row.items[1], path, owner), rule, path) if when else ():
                                yield _job(place, when, tagged, function)


def _listed(graph: Graph, path: str, owner: int, written: Record, tagged: Tagged[JobRule]) -> Iterator[Job]:
    table = graph.ev.value(written, path, owner)
    for key, thunk in list(table.fields.items())[:MAX_TABLE] if isinstance(table, Obj) else ():
        entry = graph.ev.thunk(thunk)
        if not isinstance(entry, Obj):
            continue
        task = members.field_thunk(graph.ev, entry, tagged.rule.task_key)
        when = members.field_thunk(graph.ev, entry, tagged.rule.when_key)
        for function in _functions(graph, graph.ev.thunk(task), tagged.rule, path) if task is not None else ():
            symbol = graph.view(function.symbol.file).symbol(function.symbol.index)
            place = _key_place(graph, path, key) or Place(file=function.symbol.file, line=symbol.line, end_line=symbol.line)
            yield _job(place, _text(graph, graph.ev.thunk(when)) if when is not None else "", tagged, function)


def _key_place(graph: Graph, path: str, key: str) -> Place | None:
    """The line on which a key of a table is written."""
    written = re.compile(rf"""(?<![\w-])["']?{re.escape(key)}["']?[ \t]*(?:=>|:)""")
    found = [n for n, line in enumerate(graph.text(path).split("\n"), 1) if written.search(line[:400])]
    return Place(file=path, line=found[0], end_line=found[0]) if len(found) == 1 else None


def _documents(graph: Graph) -> Iterator[Job]:
    """Entries of documents that list jobs, those of one file that run the same thing at the same time once."""
    for card in graph.knowledge.cards:
        for rule in card.jobs:
            seen: set[tuple[str, SymbolId, str]] = set()
            for entry in scheduled_in(graph, rule) if rule.documents else ():
                for function in named_task(graph, entry.task, rule, entry.file):
                    if (entry.file, function.symbol, entry.when) not in seen:
                        seen.add((entry.file, function.symbol, entry.when))
                        yield _job(Place(file=entry.file, line=entry.line, end_line=entry.line), entry.when, Tagged(rule, card), function)


def _commands(graph: Graph) -> Iterator[Job]:
    """What command lines in crontabs and in documents of cron jobs run; the first rule that knows the command says what."""
    rules = [(re.compile(c), rule, card) for card in graph.knowledge.cards for rule in card.jobs for c in rule.commands]
    for entry in scheduled_lines(graph) if rules else ():
        for pattern, rule, card in rules:
            match = pattern.search(entry.task)
            functions = named_task(graph, match["task"], rule, entry.file) if match is not None else []
            if functions:
                place = Place(file=entry.file, line=entry.line, end_line=entry.line)
                yield from (_job(place, entry.when, Tagged(rule, card), f) for f in functions[:1])
                break


def _classes(graph: Graph) -> Iterator[Job]:
    """Classes that are jobs by their base."""
    for card in graph.knowledge.cards:
        for rule in card.jobs:
            wanted = [compiled(b) for b in rule.base]
            below = graph.names_below(last_step(b) for b in rule.base) if rule.base else set()
            for where in (s for name in sorted(below) for s in graph.subclasses(name)):
                cls = ClassV(where)
                if where.file in graph.production and any(w.fullmatch(b.path) for w in wanted for b in external_bases(graph.ev, cls)):
                    for function in methods_of(graph, InstV(cls), rule.methods):
                        symbol = graph.view(where.file).symbol(where.index)
                        yield _job(Place(file=where.file, line=symbol.line, end_line=symbol.line), "", Tagged(rule, card), function)
