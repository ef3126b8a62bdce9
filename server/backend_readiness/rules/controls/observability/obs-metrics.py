"""Request rate, errors and latency: a metrics library that is used, with a timing among its instruments."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.deployed.unsent_telemetry import dead_exporters
from backend_readiness.controls.effective import is_never_called, live_players
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.standing import apart, of_application
from backend_readiness.graph.values import SymbolId
from backend_readiness.rules.signs import sign, signs

_MEASURES = re.compile(
    r"(?i)(instrument\w*|\w*middleware|\w*metrics|expose|patch\w*|initialize|init_app"
    r"|timing|timer|timed|distribution|init|start)$"
)
# What a library measures of the process by itself: its memory and its threads, and no request.
_OF_PROCESS = re.compile(r"(?i)collect_?default_?metrics|default_?metrics|process_?collector|gc_?stats|runtime_?metrics|heap_?stats")
_DECLARES = re.compile(r"(Histogram|Summary|Histogram(Vec|WithOpts)|SummaryVec|histogram|createHistogram|create_histogram)$")
_COUNTS = re.compile(r"(?i)(counter|gauge|meter|create_?counter)(vec)?$")
_OBSERVES = (r"\.(observe|Observe|time|startTimer|observeDuration|record|zero|start_timer)\(",)
_AROUND = re.compile(sign("obs-metrics", "around"))
_HINTS = signs("obs-metrics", "hints")


def verify(context: Context) -> Judgement:
    setup = setup_of(context, "metrics")
    dead = dead_exporters(context) if setup is not None or live_players(context, "metrics") else None
    if dead is not None:
        return failed("Requests are measured, and what exports the measurements stands in a function that nothing calls.", dead)
    if setup is not None and setup.off is None and not setup.rule.partly:
        return passed(setup.rule.says, setup.at)
    found = live_players(context, "metrics")
    timed = [p for p in found if _MEASURES.search(p.path.removesuffix("()")) and not _OF_PROCESS.search(p.path)]
    declared = [p for p in found if _DECLARES.search(p.path.removesuffix("()"))]
    seen = [h for h in context.hits(_OBSERVES) if not is_never_called(context, _function_at(context, h[0], h[1]))] if declared else []
    observed = [h for h in seen if _is_of_requests(context, h[0], h[1])]
    if observed:
        timed = declared
    if timed:
        return passed(f"Requests are measured with `{timed[0].path}`.", context.at_place(timed[0].place))
    if found and seen:
        why = f"`{declared[0].path}` times other work; nothing was found that times the requests."
        return partial(why, context.at_place(declared[0].place), context.at(*seen[0][:2]))
    if found:
        made = [p for p in found if _COUNTS.search(p.path.removesuffix("()")) is not None]
        guards = {f.symbol.file for g in context.guards for f in context.roles.functions(g.value)}
        near = [p for p in found if p.place.file in guards]
        places = apart(context.at_place(p.place) for p in (*made[:1], *near[:2], *found))
        return partial(f"`{(made or found)[0].path}` counts, but nothing measures latency.", *places)
    if setup is not None:
        if setup.off is not None:
            return failed("The measurement of requests is there, and the configuration switches it off.", setup.off, setup.at)
        return partial(setup.rule.says, setup.at)
    app, *others = of_application(context, "no instrument is registered on the application")
    absence = context.missing("the source of the backend", at=app, roles=("metrics",), patterns=_HINTS)
    if absence is None:
        hits = context.hits(_HINTS)
        return unverified(
            "Something that looks like metrics is there, but not in a known form.", *(context.at(f, line) for f, line, _ in hits[:2])
        )
    return failed("The application has no metrics library, no instrument and no metrics endpoint.", absence, *others)


def _is_of_requests(context: Context, file: str, line: int) -> bool:
    """Does a line that observes stand in what the flow runs through, or in something that is put around requests?"""
    for reached in context.functions:
        where = reached.function.symbol
        symbol = context.view(where.file).symbol(where.index)
        if where.file == file and symbol.line <= line <= symbol.end_line:
            return True
    outer = _function_at(context, file, line)
    first = context.view(file).symbol(outer.index).line if file in context.graph.facts.files and outer.index else line
    text = "\n".join(context.snapshot.lines(file)[max(0, first - 4) : line])
    return _AROUND.search(f"{file}\n{text}") is not None


def _function_at(context: Context, file: str, line: int) -> SymbolId:
    """The innermost function around a line; the file itself where there is none."""
    symbols = context.view(file).facts.symbols if file in context.graph.facts.files else ()
    inside = [(s.end_line - s.line, n) for n, s in enumerate(symbols) if s.kind != "module" and s.line <= line <= s.end_line]
    return SymbolId(file, min(inside)[1] if inside else 0)
