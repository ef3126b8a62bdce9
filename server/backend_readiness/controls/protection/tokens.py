"""Signed tokens of the backend: where they are made and checked, how long they live, and where the key comes from."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import Found, chain_scopes
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.named_values import written_values
from backend_readiness.controls.expressions import written
from backend_readiness.controls.kept import once
from backend_readiness.controls.lifetimes import MOVED, named_hours, written_hours
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.places import is_production
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.facts.model import Alt, Concat, Lit, Member, Name, Op, Value
from backend_readiness.graph.values import Const, Obj, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.security_words import Noun
from backend_readiness.snapshot.matching import Pattern, compile_patterns

_TIMES = re.compile(r"(?i)\btimedelta\(|\bexp\w*\s*=")
_SAYS_WHEN = re.compile(r"(?i)expir|until|ttl|life_?time|valid_?for")
_EXPIRY_KEY = re.compile(r"""["']exp["']|\bexp\s*[:=]|expiresIn|\bexp\b\s*\)""")


class Tokens:
    """Calls that make and check signed tokens in the backend, by the cards, and those on the chain of the flow."""

    def __init__(self, context: Context) -> None:
        self.context = context
        signs = self._playing("jwt_sign")
        self.signs = [f for f in signs if not self._is_for_mail(f)] or signs
        self.decodes = self._playing("jwt_decode")
        self.guards = self._playing("jwt_guard")
        self.verifies = self._playing("jwt_verify") + self.decodes
        scopes = set(chain_scopes(context))
        self.signs_here = [f for f in signs if (f.site.file, f.call.owner) in scopes]
        self.verifies_here = [f for f in self.verifies if (f.site.file, f.call.owner) in scopes]

    def _playing(self, role: str) -> list[Found]:
        prefix = f"{self.context.backend_root}/" if self.context.backend_root else ""
        calls = [c for c in self.context.roles.calls(role) if c.file.startswith(prefix)]
        return [Found(context=self.context, site=c.site, call=c.call, path=c.path) for c in calls]

    def _is_for_mail(self, found: Found) -> bool:
        """Is the token made by a function for resets or confirmations?"""
        name = self.context.view(found.site.file).symbol(found.call.owner).name
        return re.search(r"(?i)reset|confirm|verif|email|invite", name) is not None

    def text_around(self, found: Found) -> str:
        """The function that makes or checks a token, comments left out."""
        view = self.context.view(found.site.file)
        symbol = view.symbol(found.call.owner)
        lines = self.context.snapshot.lines(found.site.file)
        start, end = (symbol.line, symbol.end_line) if found.call.owner else (found.call.line, found.call.end_line + 4)
        return "\n".join(t for t in lines[max(0, start - 1) : min(end, start + 200)] if not t.lstrip().startswith(("//", "#", "*", "/*")))


def tokens_of(context: Context) -> Tokens:
    """The one `Tokens` of a context."""
    return once(context, Tokens)


def accepting_guard(context: Context) -> Found | None:
    """The call that tells a framework to accept tokens and to verify them before handlers run."""
    found = tokens_of(context).guards
    return found[0] if found else None


def says(found: Found, noun: Noun) -> Evidence | None:
    """The line of the function around a call that says the thing in the words of the language."""
    pattern = compile_patterns(words_of(found.context, noun) or ())
    if pattern is None:
        return None
    view = found.context.view(found.site.file)
    symbol = view.symbol(found.call.owner)
    start, end = (symbol.line, symbol.end_line) if found.call.owner else (found.call.line, found.call.end_line)
    for number, text in enumerate(found.context.snapshot.lines(found.site.file)[start - 1 : min(end, start + 300)], start):
        if not text.lstrip().startswith(("//", "#", "*", "/*")) and pattern.search(text.encode("utf-8", "replace")):
            return found.context.at(found.site.file, number)
    return None


# ---------------------------------------------------------------- how long


def expiry(found: Found) -> tuple[bool, float | None]:
    """(is an expiry set, its hours when that is known) of a sign call."""
    if found.path.endswith("create_access_token"):
        return True, 0.25 if found.thunk(99, "expires_delta") is None else None
    for key in ("expiresIn", "exp"):
        thunk = found.thunk(2, key)
        if thunk is not None and isinstance(thunk.expr, Alt):  # the caller may ask for the longest
            lives = [_life(found.context, o) for o in thunk.expr.options]
            known = [h for h in lives if h is not None]
            return True, max(known) if len(known) == len(lives) else None
        if thunk is not None:
            hours = next((h for v in found.constants(2, key) if (h := duration(v, 1.0)) is not None), None)
            return True, hours if hours is not None else number(found.context, thunk.expr, 1 / 3600)
    if found.thunk(0, "exp") is not None or _has_key(found, "exp"):
        hours = _timedelta(found)
        return True, hours if hours is not None else _of_claims(found)
    if _is_written_out(found):
        return False, None
    return _written(found)


def _life(context: Context, value: Value) -> float | None:
    """The hours of one of several expiries: a literal, a number, or a number and its unit put together."""
    if isinstance(value, Lit):
        return duration(value.value, 1.0)
    if isinstance(value, Concat) and len(value.parts) == 2 and isinstance(value.parts[1], Lit):
        count = number(context, value.parts[0], 1.0)
        return duration(f"{count}{value.parts[1].value}", 1.0) if count is not None else None
    return number(context, value, 1 / 3600)


def _of_claims(found: Found) -> float | None:
    """The hours that the lines of the claim itself write out: `exp: addDays(new Date(), 7) / 1000`."""
    text = tokens_of(found.context).text_around(found)
    said = [written_hours(t) for t in text.splitlines() if _EXPIRY_KEY.search(t) is not None or MOVED.search(t[:300]) is not None]
    longest = max((h for h in said if h is not None), default=None)
    return longest if longest is not None else named_hours(found.context, "\n".join(t for t in text.splitlines() if _TIMES.search(t)))


def _is_written_out(found: Found) -> bool:
    """Are the claims and the options literals, and does nothing around them add an expiry? What a caller gives does not matter then."""
    claims, given = found.value(0), found.value(2)
    if claims is None or not all(isinstance(v, Obj) and not v.spreads for v in options(claims)):
        return False
    known = given is None or all(isinstance(v, Const | Obj) for v in options(given))
    return known and _EXPIRY_KEY.search(tokens_of(found.context).text_around(found)) is None


def _written(found: Found) -> tuple[bool, float | None]:
    """(is an expiry set, its hours) by the text of the function that signs, then of those that call it or that it calls."""
    context = found.context
    own = tokens_of(context).text_around(found)
    where = SymbolId(found.site.file, found.call.owner)
    pattern = compile_patterns(words_of(context, "token_expiry") or ())
    called = [e.target.symbol for e in context.tracer.edges.of_symbol(where)[:20] if e.kind == "call"] if where.index else []
    sites = inputs_of(context).sites.get(where, ())[:6] if where.index else ()
    callers = [SymbolId(s.file, context.view(s.file).facts.calls[s.call].owner) for s in sites]
    texts = [own, *(_text_of(context, s) for s in (*called, *callers))]
    about = [t for text in texts if (t := _about(pattern, text))]
    if about:  # a function of its own says when: `setExpiration(expiresFromNow())`
        about += [_text_of(context, s) for s in called if _SAYS_WHEN.search(context.view(s.file).symbol(s.index).name) is not None]
    if not about:
        return False, None
    hours = written_hours(_about(pattern, own))
    if hours is None:  # what the callers give for the time comes before what else they say of times
        scopes = set(chain_scopes(context))
        on_flow = [s for s in sites if (s.file, context.view(s.file).facts.calls[s.call].owner) in scopes]
        given = [_lines_of(context, s.file, s.call) for s in on_flow or sites]
        hours = next((h for t in given if (h := written_hours(t)) is not None), None)
        hours = hours if hours is not None else next((h for t in given if (h := named_hours(context, t)) is not None), None)
    if hours is None:
        hours = next((h for t in about if (h := written_hours(t)) is not None), None)
    if hours is None:
        hours = next((h for t in (*about, own) if (h := named_hours(context, t)) is not None), None)
    return True, hours if hours is not None else _timedelta(found)


def _about(pattern: Pattern | None, text: str) -> str:
    """The lines that speak of the expiry, each with its neighbours, and those that make what they name."""
    lines = text.splitlines()
    hits = [n for n, t in enumerate(lines) if pattern is not None and pattern.search(t.encode("utf-8", "replace"))]
    near = {m for n in hits for m in (n - 1, n, n + 1)}
    names = {w for n in hits for w in re.findall(r"[A-Za-z_]\w{2,}", lines[n])}
    made = {n for n, t in enumerate(lines) if (m := re.match(r"\s*(?:[\w<>&:]+\s+){0,3}(\w+)\s*(?::=|=)", t)) and m.group(1) in names}
    return "\n".join(t for n, t in enumerate(lines) if n in near | made)


def _lines_of(context: Context, file: str, number: int) -> str:
    """The lines of a call, all of its arguments."""
    call = context.view(file).facts.calls[number]
    return "\n".join(context.snapshot.lines(file)[call.line - 1 : min(call.end_line, call.line + 8)])


def _text_of(context: Context, where: SymbolId) -> str:
    symbol = context.view(where.file).symbol(where.index)
    if not where.index or symbol.kind not in ("function", "method", "lambda"):
        return ""
    return "\n".join(context.snapshot.lines(where.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + 120)])


def _has_key(found: Found, key: str) -> bool:
    value = found.value(0) or found.value(99, "payload")
    return any(isinstance(v, Obj) and key in v.fields for v in (options(value) if value is not None else ()))


def _timedelta(found: Found) -> float | None:
    """The hours of the `timedelta(...)` in the function that signs, and in those that call it."""
    units = {"seconds": 1 / 3600, "minutes": 1 / 60, "hours": 1.0, "days": 24.0, "weeks": 168.0}
    context = found.context
    best: float | None = None
    scopes = {(found.site.file, found.call.owner)}
    where = SymbolId(found.site.file, found.call.owner)
    if where.index:  # a function of its own gives the time: `"exp": expires_at()`
        called = [e.target.symbol for e in context.tracer.edges.of_symbol(where)[:20] if e.kind == "call"]
        scopes |= {(s.file, s.index) for s in called}
    name = context.view(found.site.file).symbol(found.call.owner).name
    for file in context.graph.facts.naming(name)[:20] if name else ():
        if is_production(file):
            scopes |= {(file, context.view(file).facts.calls[n].owner) for n in context.view(file).calls_by_name.get(name, ())}
    for file, scope in scopes:
        view = context.view(file)
        for call_number in view.calls_of.get(scope, ()):
            call = view.facts.calls[call_number]
            if callee_name(call) != "timedelta":
                continue
            parts = [n for a in call.args if a.name in units and (n := number(context, a.value, units[a.name or ""])) is not None]
            if parts and len(parts) == len(call.args):
                best = max(best or 0.0, sum(parts))
    return best


def duration(value: object, unit: float) -> float | None:
    """Hours of `"7d"`, `"15m"`, `"1 hour"`; of a number in seconds (jsonwebtoken)."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) / 3600
    match = re.match(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w|y|sec\w*|min\w*|hour\w*|hr\w*|day\w*|week\w*|year\w*)?\s*$", str(value), re.I)
    if match is None:
        return None
    unit_name = (match.group(2) or "ms").lower()
    scale = {"ms": 1 / 3_600_000, "s": 1 / 3600, "m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0, "y": 8760.0}
    return float(match.group(1)) * scale.get(unit_name, scale.get(unit_name[0], 1.0))


def number(context: Context, value: Value, scale: float, depth: int = 0) -> float | None:
    """A number written as a literal, a product of literals, or a setting with such a default; times `scale`."""
    if isinstance(value, Lit):
        return float(value.value) * scale if isinstance(value.value, int | float) and not isinstance(value.value, bool) else None
    if isinstance(value, Op) and value.op in ("*", "+") and depth < 6:
        parts = [number(context, o, 1.0, depth + 1) for o in value.operands]
        known = [p for p in parts if p is not None]
        if len(known) != len(parts) or not known:
            return None
        total = known[0]
        for part in known[1:]:
            total = total * part if value.op == "*" else total + part
        return total * scale
    if isinstance(value, Name | Member) and depth < 4:
        name = written(value).rpartition(".")[2]
        for _, _, assigned in written_values(context, name):
            found = number(context, assigned, scale, depth + 1)
            if found is not None:
                return found
    return None
