"""Parts of a request as values: arguments that stay symbolic, what of a URL is fixed, methods, and bindings put in later."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.graph.classes import abstracts, constructions
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.evaluation.texts import join_text
from backend_readiness.graph.sent.hole_names import is_base
from backend_readiness.graph.urls import Hole, Piece, alternatives
from backend_readiness.graph.values import (
    AV,
    Const,
    Env,
    Ext,
    InstV,
    ListV,
    Obj,
    ParamV,
    Site,
    SymbolId,
    Text,
    Thunk,
    UnionV,
    UnknownV,
    options,
    union,
)

MAX_FRAMES = 8
NO_NAME = {"api", "rest", "v1", "v2", "v3"}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
_SCRIPT = re.compile(r"\{\}\.(?:php|aspx?|ashx|asmx|jsp|do|action|cgi|pl|cfm)$")


def rebind(symbolic: Evaluator, value: AV, env: Env) -> AV:
    """Put the arguments of an outer wrapper into a value that still holds its parameters."""
    match value:
        case ParamV(symbol=s, name=n) if s == env.symbol and n in env.args:
            return env.args[n]
        case ParamV(symbol=s, name=n) if (made := _made(symbolic, env.self_value, s)) is not None:
            return made.args.get(n, value)
        case Text(parts=parts):
            return join_text(_one_slash([Const(p) if isinstance(p, str) else rebind(symbolic, p, env) for p in parts]))
        case UnionV(options=several):
            return union([rebind(symbolic, o, env) for o in several])
        case Obj(fields=fields, spreads=spreads, place=place):

            def moved(t: Thunk) -> Thunk:
                return Thunk(t.file, t.owner, t.expr, env if t.env is None else t.env)

            return Obj({k: moved(t) for k, t in fields.items()}, tuple(moved(t) for t in spreads), moved(place))
        case Ext(base=ParamV() as base, path=path) if base.symbol == env.symbol and base.name in env.args:
            return symbolic.member(env.args[base.name], _read(path))
        case Ext(base=ParamV() as base, path=path) if (made := _made(symbolic, env.self_value, base.symbol)) is not None:
            return symbolic.member(made.args[base.name], _read(path)) if base.name in made.args else value
        case Ext() if env.self_value is not None and (found := abstracts.on_receiver(symbolic, value, env.self_value)):
            return found
        case _:
            return value


def _one_slash(parts: list[AV]) -> list[AV]:
    """A part that brings a slash is put behind one: what trimmed it, could not while it was not known."""
    for number, part in enumerate(parts[1:], 1):
        before = parts[number - 1]
        first = part.parts[0] if isinstance(part, Text) else part.value if isinstance(part, Const) else None
        if isinstance(first, str) and first.startswith("/") and isinstance(before, Const) and before.value == "/":
            parts[number - 1] = Const("")
    return parts


def _read(path: str) -> str:
    """What is read of a parameter: the `url` of `?options.url`, the `[0]` of `?args[0]`."""
    return path[path.rindex("[") :] if path.endswith("]") and "[" in path else path.rpartition(".")[2]


def settled(symbolic: Evaluator, value: AV, env: Env | None) -> AV:
    """A value whose parameters the wrappers on the way have bound, one behind the other."""
    frames: list[Env] = []
    while env is not None and len(frames) < MAX_FRAMES:
        frames.append(env)
        env = env.outer
    for _ in frames:
        if not any(p.symbol == f.symbol or _made(symbolic, f.self_value, p.symbol) for p in params_in(value) for f in frames):
            break
        for frame in frames:
            value = rebind(symbolic, value, frame)
    return value


def with_parts(url: AV, parts: list[AV | None]) -> AV:
    """A URL with what follows it, each part behind a slash; what is not there, empty or an object is left out."""
    for part in parts:
        if part is not None and not isinstance(part, Obj) and part not in (Const(None), Const("")):
            url = join_text([url, Const("/"), part])
    return url


def segments_of(symbolic: Evaluator, given: ListV) -> AV | None:
    """The address of which a list has the segments (`["/orders", id]`); None when the first of them is no beginning of one."""
    values = [v for t in given.items if not isinstance(v := symbolic.thunk(t), Obj)]
    first = values[0] if values else None
    start = first.parts[0] if isinstance(first, Text) else first.value if isinstance(first, Const) else ""
    if not isinstance(start, str) or not start.startswith(("/", "http://", "https://")):
        return None
    return join_text([p for n, v in enumerate(values) for p in ((Const("/"), v) if n else (v,))])


def behind(inner: Env | None, outer: Env | None) -> Env | None:
    """The bindings `inner` with those of `outer` behind them: what the call that made a wrapper gave (`create("/auth").get(url)`)."""
    frames: list[Env] = []
    while inner is not None and len(frames) < MAX_FRAMES:
        frames.append(inner)
        inner = inner.outer
    for frame in reversed(frames if outer is not None else []):
        outer = Env(frame.symbol, frame.args, frame.self_value, outer, frame.depth)
    return outer if outer is not None or not frames else frames[0]


def _made(symbolic: Evaluator, receiver: AV | None, constructor: SymbolId) -> Env | None:
    return constructions.bindings(symbolic, receiver, constructor) if isinstance(receiver, InstV) else None


def same_client(client: Ext, callee: Ext) -> bool:
    """Is the called client the one that was assigned to? Clients that no call made are one global default."""
    current: AV | None = callee
    for _ in range(6):
        if not isinstance(current, Ext):
            break
        if current.site is not None:
            return client.site is not None and (client.site.file, client.site.call) == (current.site.file, current.site.call)
        current = current.base
    return client.site is None


def argument_symbolic(ev: Evaluator, site: Site, position: int | None, kwarg: str | None, key: str | None) -> AV | None:
    """The value of an argument; a key of an argument that is a parameter stays symbolic."""
    if position is None:
        return ev.arg_value(site, 999, kwarg)
    thunk = ev.arg_thunk(site, position)
    if thunk is None:
        return None
    value = ev.thunk(thunk)
    if key is None:
        return value
    if isinstance(value, Obj):
        found = ev.member(value, key)
        return None if isinstance(found, UnknownV) else found
    objects = list(options(value))
    if any(isinstance(o, Const | Text) for o in objects):  # the address itself has no keys
        objects = [o for o in objects if isinstance(o, Obj)]
    return ev.member(union(objects), key) if isinstance(value, ParamV | UnionV) and objects else None


def shape_is_open(ev: Evaluator, url: AV) -> bool:
    """Is the path itself decided by a parameter? A parameter behind a fixed segment (`/orders/${id}`) only fills a hole, but one that
    names a script (`/settings/${name}.php`) decides."""
    for alternative in (a for option in options(url) for a in alternatives(ev, option)):
        segments = fixed_segments(alternative)
        if not any(s not in NO_NAME and "{" not in s for s in segments) or any(_SCRIPT.search(s) for s in segments):
            return True
    return False


def fixed_segments(url: tuple[Piece, ...]) -> list[str]:
    """The segments that are written out before the first hole that may hold several."""
    text = "".join(p if isinstance(p, str) else "{}" for p in url)
    path = text.partition("://")[2].partition("/")[2] if "://" in text[:12] else text
    return [s for s in path.partition("?")[0].split("/") if s]


def params_in(value: AV, depth: int = 0) -> Iterator[ParamV]:
    """The unresolved parameters that a value depends on."""
    if depth > 8:
        return
    match value:
        case ParamV():
            yield value
        case Text(parts=parts):
            for part in parts:
                if not isinstance(part, str):
                    yield from params_in(part, depth + 1)
        case UnionV(options=several):
            for option in several:
                yield from params_in(option, depth + 1)
        case Ext(base=base) if base is not None and not value.known:
            yield from params_in(base, depth + 1)
        case _:
            return


def with_base(base: tuple[Piece, ...], url: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Put the client's base URL before a relative URL."""
    first = url[0] if url else ""
    if isinstance(first, str) and "://" in first[:12]:
        return url
    if isinstance(first, Hole) and first.name and base and isinstance(base[0], Hole) and base[0].name == first.name:
        return url  # it begins with the base itself
    if isinstance(first, Hole) and base == ("/",) and first.name and is_base(first.name):
        return url  # `baseURL: "/"` before `process.env.API_URL + "/orders"`: that one may be whole
    if not any(url):
        return base
    head, tail = list(base), list(url)
    if head and isinstance(head[-1], str):
        head[-1] = head[-1].rstrip("/")
    if tail and isinstance(tail[0], str):
        tail[0] = "/" + tail[0].lstrip("/")
    elif tail:
        tail.insert(0, "/")
    return tuple(p for p in (*head, *tail) if p != "")


def goes_on(urls: tuple[tuple[Piece, ...], ...]) -> bool:
    """Is one address another one with more behind it (`"/orders" + (id ? `/${id}` : "")`)?"""
    return any(a is not b and len(a) < len(b) and a == b[: len(a)] for a in urls for b in urls)


def looks_like_url(url: tuple[Piece, ...]) -> bool:
    text = "".join(p if isinstance(p, str) else "{}" for p in url)
    return text.startswith(("/", "http://", "https://", "{}/")) or "/" in text.strip("/")


def method_names(values: tuple[AV, ...]) -> list[str]:
    names: list[str] = []
    for value in values:
        for option in options(value):
            if isinstance(option, Const) and str(option.value).upper() in METHODS:
                names.append(str(option.value).upper())
            elif isinstance(option, Ext):  # RequestMethod.POST, HttpMethod.Get
                last = option.path.rpartition(".")[2].upper()
                if last in METHODS:
                    names.append(last)
    return list(dict.fromkeys(names))
