"""Calls of the flow that turn text into something dangerous, and whether request input reaches them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backend_readiness.controls.callees import chain_scopes
from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.mentions import mentioned, words_of
from backend_readiness.controls.protection.inputs import CLEAN, Inputs, Reach, Taint, inputs_of
from backend_readiness.controls.protection.strict_inputs import strict_inputs_of
from backend_readiness.facts.file_index import last_name
from backend_readiness.facts.model import Call, Concat, Lit, Member, Value
from backend_readiness.graph.values import Ext, FuncV, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.security_words import Noun
from backend_readiness.rules.signs import signs
from backend_readiness.snapshot.matching import compile_patterns


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    file: str
    number: int
    call: Call
    path: str
    at: Evidence


def sinks(context: Context, names: frozenset[str], path: re.Pattern[str]) -> Iterator[Sink]:
    """Calls in the functions of the flow whose callee has one of the names and whose canonical path matches."""
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            if callee_name(call) not in names:
                continue
            for value in options(context.graph.ev.value(call.callee, file, call.owner)):
                if isinstance(value, Ext) and path.search(value.path):
                    yield Sink(
                        file=file,
                        number=number,
                        call=call,
                        path=value.path,
                        at=context.at(file, call.line, min(call.end_line, call.line + 5)),
                    )
                    break


def judge(
    context: Context,
    found: list[Sink],
    dangerous: Callable[[Sink], list[Value]],
    *,
    cleaners: re.Pattern[str] | None,
    fails: str,
    passes: str,
    none: str,
    noun: Noun,
) -> Judgement:
    """`fails` takes the name of the input; `dangerous` gives the expressions of a call that must not hold input.

    `noun`: the topic of `security_words.yml`, for calls of other languages than those whose libraries the control names.
    """
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    unsure: list[Sink] = []
    for sink in found:
        reach = reach_of(context, sink, dangerous(sink), cleaners, noun)
        if reach.taint is Taint.INPUT:
            return failed(fails.format(f"`{reach.name}`" if reach.name else "request input"), sink.at)
        if reach.taint is Taint.UNKNOWN:
            unsure.append(sink)
    if unsure:
        return unverified("What reaches this call was not resolved.", *(s.at for s in unsure[:3]))
    if found:
        return passed(passes, *(s.at for s in found[:3]))
    told = _written(context, noun, cleaners, fails) or _touched(context, noun, cleaners, fails, passes)
    return told or unsettled(context, noun) or not_applicable(none, context.at_route())


# Kinds of effects that are calls of the topic, and how a text begins that the client cannot turn elsewhere.
_KINDS: dict[str, tuple[str, re.Pattern[str]]] = {
    "requests": ("http", re.compile(r"https?://[^/{}$#]+/")),
    "files": ("file", re.compile(r"^$")),
}


_LOCAL = re.compile(r"(?!https?://$)[\w./]")  # a path, or an address with its host
# Topics whose calls are harmful by their first argument; a redirect by either of two.
_FIRST = {"files": 1, "commands": 1, "deserializers": 1, "requests": 1, "redirects": 2}


def _written(context: Context, noun: Noun, cleaners: re.Pattern[str] | None, fails: str) -> Judgement | None:
    """A call of the topic, by the words of the language, that is given request input."""
    pattern = compile_patterns(words_of(context, noun) or ())
    inputs = _inputs(context, noun)
    for file, scope in chain_scopes(context) if pattern is not None and noun in _FIRST else ():
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            name = written(call.callee)
            dot = "." if isinstance(call.callee, Member) and "." not in name else ""  # a step of a chain: `Runtime.getRuntime().exec(`
            said = f"{'new ' if call.kind == 'new' else ''}{dot}{name}($"
            if pattern is None or not call.args or pattern.search(said[:300].encode("utf-8", "replace")) is None:
                continue
            for arg in call.args[: _FIRST[noun]]:
                if noun == "requests" and has_fixed_start(arg.value, _LOCAL):
                    continue
                reach = inputs.of(arg.value, file, call.owner, cleaners)
                if reach.taint is Taint.INPUT:
                    at = context.at(file, call.line, min(call.end_line, call.line + 5))
                    return failed(fails.format(f"`{reach.name}`" if reach.name else "request input"), at)
    return None


def _touched(context: Context, noun: Noun, cleaners: re.Pattern[str] | None, fails: str, passes: str) -> Judgement | None:
    """The calls of the topic that the cards of data libraries know, in any language."""
    if noun not in _KINDS:
        return None
    kind, fixed = _KINDS[noun]
    found = [(e, link) for e, link in context.effects if e.kind == kind]
    inputs = _inputs(context, noun)
    settled = True
    for effect, link in found:
        call = context.view(effect.site.file).facts.calls[effect.site.call]
        at = context.at_place(link)
        if effect.declared is not None and not _takes_address(context, effect.declared):
            continue  # an interface that a package implements says where its requests go
        given = [a.value for a in call.args[:2]]
        if len(given) > 1 and isinstance(given[0], Lit) and "/" not in str(given[0].value):
            given = given[1:]  # `NewRequest("GET", url)`
        for value in given[:1]:
            if has_fixed_start(value, fixed) or (isinstance(value, Lit) and isinstance(value.value, str)):
                continue
            reach = inputs.of(value, effect.site.file, call.owner, cleaners)
            if reach.taint is Taint.INPUT:
                return failed(fails.format(f"`{reach.name}`" if reach.name else "request input"), at)
            settled = False
        settled = settled and bool(given)
    if not found:
        return None
    places = [context.at_place(link) for _, link in found[:3]]
    return passed(passes, *places) if settled else unverified("What reaches this call was not resolved.", *places)


def _takes_address(context: Context, declared: FuncV) -> bool:
    params = context.view(declared.symbol.file).symbol(declared.symbol.index).params
    return any(p.type is not None and last_name(p.type) in signs("sinks", "address_types") for p in params)


def unsettled(context: Context, noun: Noun) -> Judgement | None:
    """Why the flow cannot be said to hold no such call; None when it can."""
    if words_of(context, noun) is None:
        return unverified("How the language of the flow does this is not known here.", context.at_route())
    hidden = mentioned(context, "hidden")
    if hidden is not None:
        return unverified("The flow runs code that a variable names; what it does was not read.", hidden)
    at = mentioned(context, noun)
    return unverified("The flow does something of this kind; what reaches it was not resolved.", at) if at is not None else None


def _inputs(context: Context, noun: Noun | None) -> Inputs:
    """What a shell or a file system reads must be held by a condition as a whole."""
    return strict_inputs_of(context) if noun in ("commands", "files") else inputs_of(context)


def reach_of(context: Context, sink: Sink, values: list[Value], cleaners: re.Pattern[str] | None, noun: Noun | None = None) -> Reach:
    inputs = _inputs(context, noun)
    return max((inputs.of(v, sink.file, sink.call.owner, cleaners) for v in values), key=lambda r: r.taint, default=CLEAN)


def positional(sink: Sink, position: int, *names: str) -> list[Value]:
    """The argument at a position, or under one of the keywords."""
    named = [a.value for a in sink.call.args if a.name in names]
    plain = [a.value for a in sink.call.args if a.name is None]
    return named or plain[position : position + 1]


def has_fixed_start(value: Value, pattern: re.Pattern[str]) -> bool:
    """Does a text that is put together begin with a literal that matches?"""
    if isinstance(value, Concat) and value.parts and isinstance(value.parts[0], Lit):
        return pattern.match(str(value.parts[0].value)) is not None
    return False
