"""What is known of handlers that a package brings: the flow's code has nothing to read, and the package's card says what holds.

Only flows are settled of which every route is answered by a package alone; what the repository adds to one stays `unverified`.
"""

from __future__ import annotations

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, partial, passed
from backend_readiness.controls.kept import once
from backend_readiness.graph.backend.brought import brought_rules
from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.routes.routing import BoundRoute, functions_in
from backend_readiness.model import Evidence
from backend_readiness.rules.brought_rules import BroughtRule, SettledRule
from backend_readiness.snapshot.matching import compile_patterns


def settled(context: Context, control: str) -> Judgement | None:
    """The verdict that the cards of the packages give on all routes of the flow; the worst of several, None where one says nothing."""
    found = [_of_route(context, route, control) for route in context.routes]
    known = [j for j in found if j is not None]
    if not known or len(known) != len(found):
        return None
    return max(known, key=lambda j: ("pass", "partial", "fail").index(j.verdict.value))


def _rules(context: Context) -> PatternIndex[BroughtRule]:
    return brought_rules(context.graph)


def _of_route(context: Context, bound: BoundRoute, control: str) -> Judgement | None:
    stands = bound.registration.stands
    if stands is None or functions_in(context.graph, bound.handler):
        return None
    path, _, action = stands.symbol.rpartition(".")
    for rule, _ in once(context, _rules).matches(path):
        for said in rule.settled:
            if said.control == control and (not said.actions or action in said.actions):
                return _judged(context, said, context.at(stands.file, stands.line), stands.file)
    return None


def _judged(context: Context, said: SettledRule, at: Evidence, file: str) -> Judgement | None:
    """What holds, what a line switches off, and nothing where a line says otherwise."""
    off = failed if said.absent == "fail" else partial
    listed = _listed(context, said, file)
    disabled = _first(context, said, said.disabled)
    if disabled is not None:
        return off(said.says_not, disabled)
    switched_on = _first(context, said, said.when) if said.when else at
    if said.says and switched_on is not None and (listed is not None or not said.listed):
        return passed(said.says, listed or switched_on)
    if _first(context, said, said.unless) is not None or not said.says_not or (said.when and said.listed and listed is None):
        return None
    return off(said.says_not, at)


def _listed(context: Context, said: SettledRule, file: str) -> Evidence | None:
    """The line of the model on which it asks the package for the part that does this."""
    pattern = compile_patterns(said.listed) if said.listed else None
    for number, line in enumerate(context.snapshot.lines(file), 1):
        if pattern is not None and not line.lstrip().startswith("#") and pattern.search(line.encode()):
            return context.at(file, number)
    return None


def _first(context: Context, said: SettledRule, patterns: tuple[str, ...]) -> Evidence | None:
    found = context.hits(patterns, said.paths) if patterns else []
    return context.at(*found[0][:2]) if found else None
