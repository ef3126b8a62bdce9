"""What the branches of a function compare with the path and the method of a request, see `graph.shapes.compared`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Alt, Block, Call, CallRef, Concat, Index, Lit, Member, Name, Op, Seq, Unknown, Value
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.urls import from_regex, texts
from backend_readiness.graph.values import Ext, UnknownV, options
from backend_readiness.graph.views import FileView, Path

MAX_DEPTH = 8
MAX_GIVEN = 2  # `var path = request.Url?.AbsolutePath ?? "/"`
MAX_TAKEN = 4
_SAME = frozenset(("split", "rstrip", "strip", "partition", "replace", "toLowerCase", "toUpperCase"))
_SAME_OF_DOTNET = frozenset(("ToLower", "ToLowerInvariant", "ToUpper", "ToUpperInvariant", "TrimEnd", "Trim"))
_SAME_OF_RUST = frozenset(("to_owned", "to_string", "as_str", "clone", "trim_end_matches", "trim_matches"))
_SAME_OF_PHP = {"parse_url": 0, "trim": 0, "rtrim": 0, "ltrim": 0, "strtok": 0, "strtolower": 0, "strtoupper": 0, "urldecode": 0}
_SLASHES = re.compile(r"(?:\[/\]|/)[*?]\$?$")  # an optional slash at the end
_BETWEEN = re.compile(r"[\s:|@#]+(?=/)")  # between a method and a path
_LITERAL = re.compile(r"/(.{1,400})/[a-z]{0,4}")  # `/^\/orders$/`
_METHOD = re.compile(r"Method\.(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$")  # a constant of a package, imported by its name alone
_PART = re.compile(r"(?=.*[A-Za-z])(?:/[\w-]{1,80}|[\w-]{1,80}/)[\w/-]{0,200}")  # what can only be a part of a path
_ENUMS = ("Method", "Methods", "Verbs")
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY"})


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of a rule of shape `compared`, and what says what expressions stand for."""

    options: Mapping[str, Any]
    ev: Evaluator


def methods_of(view: FileView, asked: Asked, block: Block, blocks: list[Block]) -> dict[str, Block]:
    """The methods of the branch itself, of the branches inside of it, or of those around it, each with the branch that asks for it."""
    inner = [b for b in blocks if b is not block and block.start <= b.start and b.end <= block.end]
    outer = [b for b in blocks if b is not block and b.start <= block.start and block.end <= b.end]
    for branches in ([block], inner, outer):
        said = [(m, b) for b in branches for m in (*_methods(view, asked, b.owner, b.subject, 0), *_method_cases(view, asked, b, blocks))]
        if said:
            return {m: next(b for other, b in said if other == m) for m, _ in said}
    return dict.fromkeys(_let_through(view, asked, block, blocks), block) or {"ANY": block}


def _let_through(view: FileView, asked: Asked, block: Block, blocks: list[Block]) -> list[str]:
    """The only method that a branch before it does not send away: `if (request.HttpMethod != "GET") { refuse(); return; }`."""
    for b in blocks:
        around = [o for o in blocks if o is not b and o.start <= b.start and b.end <= o.end]
        comes_first = b.kind == "if" and b.owner == block.owner and b.end <= block.start
        if not comes_first or any(o.end < block.end for o in around) or not isinstance(b.subject, Op) or b.subject.op not in ("!=", "!=="):
            continue
        wanted = other(view, asked, b.owner, Op("==", b.subject.operands), asked.options["method"])
        if wanted is not None and any(r.owner == b.owner and b.start <= r.start < b.end for r in view.facts.returns):
            return [t for t in texts_of(asked, view, b.owner, wanted) if t in METHODS]
    return []


def is_named(view: FileView, owner: int, value: Value, names: list[str], depth: int = 0) -> bool:
    """Is it one of the named members and variables, or a variable that is given one?"""
    if isinstance(value, Index) and isinstance(value.key, Lit) and value.key.value in names:  # `$_SERVER["REQUEST_URI"]`
        return True
    value = _bare(view, value)
    if isinstance(value, Index) and isinstance(value.key, Lit):
        return value.key.value in names
    if isinstance(value, Member):
        return value.name in names
    if isinstance(value, Alt):
        return depth < MAX_GIVEN and any(is_named(view, owner, o, names, depth + 1) for o in value.options)
    if not isinstance(value, Name) or value.id in names:
        return isinstance(value, Name)
    bound = next((b for scope in view.enclosing(owner) if (b := view.bindings.get((scope, value.id)))), ())
    given = [a.value for a, path in bound if a.value is not None and not path]
    taken = [v for a, path in bound if path and (v := _taken_out(a.value, path)) is not None]  # `(method, path) if path == "/x" => ...`
    return depth < MAX_GIVEN and any(is_named(view, owner, v, names, depth + 1) for v in (*given[:2], *taken[:MAX_TAKEN]))


def _taken_out(value: Value | None, path: Path) -> Value | None:
    """What a pattern takes out of several things that are looked at together."""
    at = path[0].strip("[]") if isinstance(value, Seq) and len(path) == 1 else ""
    return value.items[int(at)] if isinstance(value, Seq) and at.isdigit() and int(at) < len(value.items) else None


def _sides(view: FileView, asked: Asked, value: Value) -> Iterator[tuple[Value, Value]]:
    """What is compared with what: `a == b`, `a.equals(b)`, and `bytes.Equal(a, b)`."""
    if isinstance(value, Op) and value.op in ("==", "===", "in", "=~") and len(value.operands) == 2:
        yield value.operands[0], value.operands[1]
    if isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        if isinstance(call.callee, Member) and call.callee.name in asked.options.get("equals", ()) and call.args:
            if len(call.args) > 1:
                yield call.args[0].value, call.args[1].value
            yield call.callee.base, call.args[0].value


def other(view: FileView, asked: Asked, owner: int, value: Value, names: list[str]) -> Value | None:
    """What the named thing is compared with."""
    for left, right in _sides(view, asked, value):
        if is_named(view, owner, left, names):
            return right
        if is_named(view, owner, right, names):
            return left
    return None


def is_trimmed(view: FileView, asked: Asked, owner: int, value: Value, depth: int = 0) -> bool:
    """Have the slashes around the path, or the one before it, been taken away: `trim(parse_url(...), "/")`, or a variable given that?"""
    if isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        name = call.callee.id if isinstance(call.callee, Name) else ""
        if name in asked.options.get("trims", ()) and len(call.args) > 1 and call.args[1].value == Lit("/"):
            return True
        if isinstance(call.callee, Member) and call.callee.name in asked.options.get("trims", ()) and call.args:
            first = call.args[0].value  # `path.slice(1)`, `path.replace(/^\/+|\/+$/g, "")`
            return first == Lit(1) or (isinstance(first, Unknown) and first.text.startswith("/^\\/"))
        at = _SAME_OF_PHP.get(name, 9)
        return at < len(call.args) and depth < MAX_DEPTH and is_trimmed(view, asked, owner, call.args[at].value, depth + 1)
    if not isinstance(value, Name) or depth > MAX_GIVEN:
        return False
    bound = next((b for scope in view.enclosing(owner) if (b := view.bindings.get((scope, value.id)))), ())
    return any(is_trimmed(view, asked, owner, a.value, depth + 1) for a, path in bound if a.value is not None and not path)


def _is_bare(view: FileView, asked: Asked, owner: int, value: Value) -> bool:
    """Is what is compared a path without the slashes around it?"""
    return any(is_trimmed(view, asked, owner, side) for sides in _sides(view, asked, value) for side in sides)


def _path(text: str) -> str:
    return "/" + text.lstrip("/")


def texts_of(asked: Asked, view: FileView, owner: int, value: Value) -> Iterator[str]:
    for item in value.items if isinstance(value, Seq) else (value,):
        if isinstance(item, Lit) and isinstance(item.value, str):
            yield item.value
        elif isinstance(item, Member) and item.name.startswith("Method"):  # `http.MethodGet`
            yield item.name.removeprefix("Method").upper()
        elif isinstance(item, Member) and item.name.upper() in METHODS and (last_name(item.base) or "").endswith(_ENUMS):  # `Method::GET`
            yield item.name.upper()
        elif isinstance(item, Unknown) and item.text[:1] == item.text[-1:] == "/" and len(item.text) > 2:  # a regular expression
            yield "/" + from_regex(_SLASHES.sub("", item.text[1:-1].replace("\\/", "/").replace("\\A", "").replace("\\z", ""))).lstrip("/")
        elif isinstance(item, Name | Member | Concat):
            given = asked.ev.value(item, view.path, owner)
            yield from (o.path.rpartition(".")[2] for o in options(given) if isinstance(o, Ext) and _METHOD.search(o.path))
            yield from (t for t in texts(asked.ev, given) if "{" not in t)


def parts(value: Value | None, joined: tuple[str, ...] = ("&&", "||", "and", "or")) -> tuple[Value, ...]:
    """What a condition joins: `a && b`, and `a || b`, which a language that gives one of them back reads as one of two values."""
    if isinstance(value, Alt):
        return value.options if "||" in joined else ()
    return value.operands if isinstance(value, Op) and value.op in joined else ()


def paths_in(view: FileView, asked: Asked, owner: int, value: Value | None, depth: int) -> Iterator[str]:
    names, starts = asked.options["paths"], asked.options.get("starts", ())
    against = other(view, asked, owner, value, names) if value is not None else None
    if against is not None:
        bare = value is not None and _is_bare(view, asked, owner, value)
        yield from (_path(t.partition("?")[0]) for t in texts_of(asked, view, owner, against) if bare or t.startswith("/"))
    elif joined := parts(value) if depth < MAX_DEPTH else ():
        for operand in joined:
            yield from paths_in(view, asked, owner, operand, depth + 1)
    elif (first := _found_first(view, asked, value)) is not None:
        yield from _starting(asked, view, owner, first)
    elif isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        if isinstance(call.callee, Name) and len(call.args) > 1:
            yield from _of_function(asked, view, owner, call)
        elif isinstance(call.callee, Member) and call.callee.name in asked.options.get("fits", ()) and call.args:
            if is_named(view, owner, call.args[0].value, names):
                yield from _of_regex(asked, view, owner, call.callee.base)
        elif isinstance(call.callee, Member) and call.callee.name in asked.options.get("matches", ()) and call.args:
            if is_named(view, owner, call.callee.base, names):
                yield from _of_regex(asked, view, owner, call.args[0].value)
        elif isinstance(call.callee, Member) and call.callee.name in asked.options.get("contains", ()) and call.args:
            if is_named(view, owner, call.callee.base, names):  # `path.Contains("orders/all")`
                found = (t for t in texts_of(asked, view, owner, call.args[0].value) if _PART.fullmatch(t))
                yield from (f"/{t.strip('/')}" + ("/{rest*}" if t.endswith("/") else "") for t in found)
        elif isinstance(call.callee, Member) and call.callee.name in starts and call.args:
            mine = len(call.args) == 1 or is_named(view, owner, call.callee.base, names)
            of, given = (call.callee.base, call.args[0]) if mine else (call.args[0].value, call.args[1])
            for text in texts_of(asked, view, owner, given.value) if is_named(view, owner, of, names) else ():
                start = text.partition("?")[0]
                if start.startswith("/") and start != "/":
                    alone = start != text or (asked.options.get("whole_starts") and not start.endswith("/"))  # a query may follow
                    if call.callee.name in asked.options.get("segments", ()):
                        yield start.rstrip("/")
                    yield start if alone else f"{start.rstrip('/')}/{{rest*}}"


def _of_function(asked: Asked, view: FileView, owner: int, call: Call) -> Iterator[str]:
    """The path that a function asks for: `preg_match("#^/orders/(\\d+)$#", $path)`, `str_starts_with($path, "/api")`."""
    name, names = str(getattr(call.callee, "id", "")), asked.options["paths"]
    first, second = call.args[0].value, call.args[1].value
    if name in asked.options.get("fits_functions", ()) and is_named(view, owner, second, names):
        for text in texts_of(asked, view, owner, first):
            path = from_regex(_SLASHES.sub("", text[1:].rpartition(text[:1])[0].replace("\\/", "/")))
            yield from (_path(path),) if path.startswith("/") or (path and is_trimmed(view, asked, owner, second)) else ()
    elif name in asked.options.get("starts_functions", ()):
        yield from _starting(asked, view, owner, call)


def _found_first(view: FileView, asked: Asked, value: Value | None) -> Call | None:
    """The call that looks for a text in another one, where it must be found at the very start: `strpos($path, "/users/") === 0`."""
    sides = value.operands if isinstance(value, Op) and value.op in ("==", "===") and len(value.operands) == 2 else ()
    calls = [view.facts.calls[s.call] for s in sides if isinstance(s, CallRef)] if Lit(0) in sides else []
    names = asked.options.get("position_functions", ())
    return next((c for c in calls if isinstance(c.callee, Name) and c.callee.id in names and len(c.args) == 2), None)


def _starting(asked: Asked, view: FileView, owner: int, call: Call) -> Iterator[str]:
    """All paths below the one that a function asks for: of its two arguments the first is the path."""
    if is_named(view, owner, call.args[0].value, asked.options["paths"]):
        begun = (t.rstrip("/") for t in texts_of(asked, view, owner, call.args[1].value) if t.startswith("/") and t != "/")
        yield from (f"{t}/{{rest*}}" for t in begun)


def _of_regex(asked: Asked, view: FileView, owner: int, made: Value) -> Iterator[str]:
    """The path that a regular expression stands for, made from a text or written as one: `regexp.MustCompile(`^/orders/(\\d+)$`)`."""
    for option in options(asked.ev.value(made, view.path, owner)):
        given = asked.ev.arg_value(option.site, 0) if isinstance(option, Ext) and option.site is not None else None
        written = _LITERAL.fullmatch(option.why) if isinstance(option, UnknownV) else None
        for text in texts(asked.ev, given) if given is not None else (written.group(1),) if written is not None else ():
            path = from_regex(_SLASHES.sub("", text.replace("\\/", "/")))
            if path.startswith("/"):
                yield path


def _bare(view: FileView, value: Value) -> Value:
    """`self.path.split("?")[0]`, `url.parse(req.url).pathname` and `string(ctx.Path())` compare the path too."""
    for _ in range(2):
        call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
        if call is not None and len(call.args) == 1 and (call.callee == Name("string") or _is_converted(view, call)):
            value = call.args[0].value
        elif call is not None and isinstance(call.callee, Member) and not call.args:
            value = call.callee if call.callee.name not in _SAME | _SAME_OF_DOTNET | _SAME_OF_RUST else value
    if isinstance(value, Index):
        value = value.base
    for _ in range(MAX_DEPTH):
        call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
        at = _SAME_OF_PHP.get(call.callee.id, 9) if call is not None and isinstance(call.callee, Name) else 9
        if call is None or at >= len(call.args):
            break
        value = call.args[at].value
    for _ in range(MAX_DEPTH):
        callee = view.facts.calls[value.call].callee if isinstance(value, CallRef) else None
        if not isinstance(callee, Member) or callee.name not in _SAME | _SAME_OF_DOTNET | _SAME_OF_RUST:
            break
        value = callee.base
    return value


def _is_converted(view: FileView, call: Call) -> bool:
    """Is what a call is given a member, or a getter: `b2s(ctx.Path())`?"""
    if isinstance(call.callee, Member) and call.callee.name in _SAME | _SAME_OF_DOTNET:
        return False
    value = call.args[0].value
    getter = view.facts.calls[value.call] if isinstance(value, CallRef) else None
    return isinstance(value, Member) or (getter is not None and isinstance(getter.callee, Member) and not getter.args)


def cases(view: FileView, asked: Asked, block: Block, blocks: list[Block]) -> Iterator[str]:
    """The path of a `case` of a switch on the path."""
    around = [b for b in blocks if b.kind == "switch" and b.start <= block.start and block.end <= b.end]
    nearest = max(around, key=lambda b: b.start, default=None)
    bare = nearest is not None and nearest.subject is not None and is_trimmed(view, asked, block.owner, nearest.subject)
    yield from (_path(t) for t in _of_case(asked, view, block, blocks, asked.options["paths"]) if bare or t.startswith("/"))


def _method_cases(view: FileView, asked: Asked, block: Block, blocks: list[Block]) -> Iterator[str]:
    yield from (t for t in _of_case(asked, view, block, blocks, asked.options["method"]) if t in METHODS)


def _of_case(asked: Asked, view: FileView, block: Block, blocks: list[Block], names: list[str]) -> Iterator[str]:
    """The texts of a `case` of a switch on one of the names, or on several things of which it is one (`case ("GET", "/orders"):`)."""
    if block.kind != "case" or block.subject is None:
        return
    around = [b for b in blocks if b.kind == "switch" and b.start <= block.start and block.end <= b.end]
    nearest = max(around, key=lambda b: b.start, default=None)
    subject = nearest.subject if nearest is not None else None
    if isinstance(subject, Name) and not is_named(view, block.owner, subject, names):
        bound = next((b for scope in view.enclosing(block.owner) if (b := view.bindings.get((scope, subject.id)))), ())
        subject = next((a.value for a, path in bound if isinstance(a.value, Concat | Seq) and not path), subject)
    if isinstance(subject, Seq):
        for item, wanted in zip(subject.items, block.subject.items if isinstance(block.subject, Seq) else (), strict=False):
            if is_named(view, block.owner, item, names):
                yield from texts_of(asked, view, block.owner, wanted)
    elif isinstance(subject, Concat) and any(is_named(view, block.owner, p, names) for p in subject.parts):  # `${req.method} ${path}`
        yield from (word for text in texts_of(asked, view, block.owner, block.subject) for word in _BETWEEN.split(text, maxsplit=1))
    elif subject is not None and is_named(view, block.owner, subject, names):
        yield from texts_of(asked, view, block.owner, block.subject)


def _methods(view: FileView, asked: Asked, owner: int, value: Value | None, depth: int) -> Iterator[str]:
    callee = view.facts.calls[value.call].callee if isinstance(value, CallRef) else None
    if isinstance(callee, Member) and callee.name in asked.options.get("asks", {}):
        yield str(asked.options["asks"][callee.name])
    against = other(view, asked, owner, value, asked.options["method"]) if value is not None else None
    if against is not None:
        yield from (t for t in texts_of(asked, view, owner, against) if t in METHODS)
    else:
        for operand in parts(value) if depth < MAX_DEPTH else ():
            yield from _methods(view, asked, owner, operand, depth + 1)
