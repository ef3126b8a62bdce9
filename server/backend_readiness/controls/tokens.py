"""Signed tokens of the backend: where they are made and checked, how long they live, and where the key comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import Found, backend_files, chain_scopes, library_calls
from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.controls.kept import once
from backend_readiness.controls.places import is_production
from backend_readiness.facts.model import Index, Lit, Member, Name, Op, Record, Value
from backend_readiness.graph.values import Obj, options
from backend_readiness.graph.views import callee_name

_MODULES = (
    "jsonwebtoken",
    "jwt",
    "jose",
    "authlib",
    "@nestjs/jwt",
    "jwt-simple",
    "fast-jwt",
    "@fastify/jwt",
    "flask_jwt_extended",
    "itsdangerous",
    "express-jwt",
    "passport-jwt",
    "github.com/golang-jwt/jwt",
    "github.com/dgrijalva/jwt-go",
)
_SIGN = re.compile(
    r"^(jsonwebtoken(\.default)?\.sign|jwt(\.PyJWT\(\))?\.encode|jose\.jwt\.encode|authlib\.jose\.\w+(\(\))?\.encode|jwt-simple\.encode|@nestjs/jwt\.JwtService\(\)\.sign(Async)?|jose\.SignJWT\(\).*\.sign|flask_jwt_extended\.create_access_token|github\.com/(golang-jwt/jwt|dgrijalva/jwt-go)\..*\.SignedString)$"
)
_VERIFY = re.compile(
    r"^(jsonwebtoken(\.default)?\.(verify|decode)|jwt(\.PyJWT\(\))?\.decode|jose\.jwt\.decode|authlib\.jose\.\w+(\(\))?\.decode|jwt-simple\.decode|@nestjs/jwt\.JwtService\(\)\.verify(Async)?|jose\.jwtVerify|jose\.decodeJwt)$"
)
_WRAPPED = re.compile(r"^util\.promisify$")


class Tokens:
    """Sign and verify calls of the backend, and those on the chain of the flow."""

    def __init__(self, context: Context) -> None:
        self.context = context
        found = library_calls(
            context,
            re.compile(r"."),
            modules=_MODULES,
            names=("sign", "verify", "encode", "decode", "signAsync", "verifyAsync", "create_access_token", "SignedString"),
        )
        signs = [f for f in found if _SIGN.match(f.path)]
        self.signs = [f for f in signs if not self._is_for_mail(f)] or signs
        self.verifies = [f for f in found if _VERIFY.match(f.path)]
        scopes = set(chain_scopes(context))
        self.signs_here = [f for f in signs if (f.site.file, f.call.owner) in scopes]
        self.verifies_here = [f for f in self.verifies if (f.site.file, f.call.owner) in scopes]

    def _is_for_mail(self, found: Found) -> bool:
        """Is the token made by a function for resets or confirmations?"""
        name = self.context.view(found.site.file).symbol(found.call.owner).name
        return re.search(r"(?i)reset|confirm|verif|email|invite", name) is not None


def tokens_of(context: Context) -> Tokens:
    """The one `Tokens` of a context."""
    return once(context, Tokens)


# ---------------------------------------------------------------- how long


def expiry(found: Found) -> tuple[bool, float | None]:
    """(is an expiry set, its hours when that is known) of a sign call."""
    if found.path.endswith("create_access_token"):
        return True, 0.25 if found.thunk(99, "expires_delta") is None else None
    for key in ("expiresIn", "exp"):
        thunk = found.thunk(2, key)
        if thunk is not None:
            hours = next((h for v in found.constants(2, key) if (h := duration(v, 1.0)) is not None), None)
            return True, hours if hours is not None else number(found.context, thunk.expr, 1 / 3600)
    if found.thunk(0, "exp") is not None or _has_key(found, "exp"):
        return True, _timedelta(found)
    view = found.context.view(found.site.file)
    text = "\n".join(
        found.context.snapshot.lines(found.site.file)[max(0, view.symbol(found.call.owner).line - 1) : found.call.end_line + 4]
    )
    if re.search(r"setExpirationTime|expiresIn|[\"']exp[\"']|\bexp\s*[:=]", text):
        return True, _timedelta(found)
    return False, None


def _has_key(found: Found, key: str) -> bool:
    value = found.value(0) or found.value(99, "payload")
    return any(isinstance(v, Obj) and key in v.fields for v in (options(value) if value is not None else ()))


def _timedelta(found: Found) -> float | None:
    """The hours of the `timedelta(...)` in the function that signs, and in those that call it."""
    units = {"seconds": 1 / 3600, "minutes": 1 / 60, "hours": 1.0, "days": 24.0, "weeks": 168.0}
    context = found.context
    best: float | None = None
    scopes = {(found.site.file, found.call.owner)}
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


# ---------------------------------------------------------------- names and what is written under them


def written_values(context: Context, name: str) -> Iterator[tuple[str, int, Value]]:
    """(file, line, expression) of everything that production code of the backend writes under a name: fields, constants, keys of objects and settings."""  # noqa: E501
    for file in backend_files(context):
        if name not in context.graph.facts.files[file].names and not _in_strings(context, file, name):
            continue
        view = context.view(file)
        for assign in view.facts.assigns:
            target = assign.target
            said = (
                target.id
                if isinstance(target, Name)
                else target.name
                if isinstance(target, Member)
                else str(target.key.value)
                if isinstance(target, Index) and isinstance(target.key, Lit)
                else ""
            )
            if assign.value is None:
                continue
            if said == name:
                yield file, assign.line, assign.value
            yield from ((file, line, v) for line, v in _keys(assign.value, name, assign.line, context, file))
        for export in view.facts.exports:
            if export.value is not None:
                yield from ((file, line, v) for line, v in _keys(export.value, name, export.line, context, file))


def _in_strings(context: Context, file: str, name: str) -> bool:
    return name.isupper() and name in context.snapshot.text(file)


def _keys(value: Value, name: str, line: int, context: Context, file: str, depth: int = 0) -> Iterator[tuple[int, Value]]:
    if isinstance(value, Record) and depth < 4:
        for key, item in value.items:
            if key == name:
                lines = context.snapshot.lines(file)
                at = next(
                    (
                        n
                        for n in range(line, min(line + 200, len(lines) + 1))
                        if re.search(rf"[\"']?{re.escape(name)}[\"']?\s*:", lines[n - 1])
                    ),
                    line,
                )
                yield at, item
            yield from _keys(item, name, line, context, file, depth + 1)
