"""Texts: joining their parts, and the methods that every language's texts have."""

from __future__ import annotations

import re
from itertools import islice, product
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Lit, Member, Name, Unknown, Value
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.values import AV, UNKNOWN, Const, Ext, FuncV, ListV, ParamV, Site, Text, Thunk, UnionV, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_PARTS, MAX_STEPS = 100, 40
MAX_OPTIONS, MAX_TEXTS = 4, 8
# Methods whose result is the text itself, but for blanks at its ends or at the beginnings of its lines.
_LEAVES = frozenset({"strip", "trim", "toString", "valueOf", "trimIndent", "trimMargin", "stripIndent", "squish", "strip_heredoc"})


def join_text(parts: list[AV]) -> AV:
    """Join text parts; a part that is no text stays as a hole. A single constant stays a constant."""
    joined: list[str | AV] = []
    for part in parts:
        pieces: tuple[str | AV, ...]
        if isinstance(part, Const):
            pieces = ("" if part.value is None else str(part.value),)
        elif isinstance(part, Text):
            pieces = part.parts
        else:
            pieces = (part,)
        for piece in pieces:
            if isinstance(piece, str) and joined and isinstance(joined[-1], str):
                joined[-1] += piece
            elif piece != "":
                joined.append(piece)
    if all(isinstance(p, str) for p in joined):
        return Const("".join(p for p in joined if isinstance(p, str)))
    return Text(tuple(joined))


def join_written(written: tuple[Value, ...], values: list[AV]) -> AV:
    """The parts of a written text. A field that begins as nothing is no empty part of a path: `/teams/${this.team}/orders`."""
    parts = list(values)
    for number, value in enumerate(values):
        field, before = written[number], values[number - 1] if number else None
        if Const(None) in options(value) and isinstance(field, Member) and isinstance(before, Const) and str(before.value).endswith("/"):
            given = [o for o in options(value) if o != Const(None)]
            parts[number] = union(given) if given else Ext(f"?.{field.name}")
    return join_text(parts)


# `/\/+/g`, `/\/{2,}/g`, `/([^:]\/)\/+/g`, `/(?<!:)\/\/+/g`: slashes that stand together, and what is put there.
_SEVERAL_SLASHES = re.compile(r"/(?:\(\?<!https?:\)|\(\?<!:\)|\((?:\^\|)?\[\^:\](?:\\/)?\))?(?:\\/(?:\+|\{2,\})?){1,2}/g")
_ONE_SLASH = (Lit("/"), Lit("$1"), Lit("$1/"))
_RUN_OF_SLASHES = re.compile(r"(?<!:)/{2,}")
_SLASHES = re.compile(r"/(?:\^?\(?\\/[+*]?\)?\$?\|?){1,2}/g?")  # `/^\/+/`, `/\/$/`, `/^\/|\/$/g`: slashes at the start or the end


def without_slashes(ev: Evaluator, value: AV, site: Site) -> AV | None:
    r"""`url.replace(/^\/+/, "")` of an address: without its slashes there, and itself while it is not known. None: another replacement.

    So is `url.replace(/\/+/g, "/")`, one slash where several stand.
    """
    call = ev.world.view(site.file).facts.calls[site.call]
    pattern = call.args[0].value if len(call.args) == 2 else None
    if not isinstance(pattern, Unknown):
        return None
    parts: list[str | AV] = list(value.parts) if isinstance(value, Text) else [str(value.value)] if isinstance(value, Const) else []
    if _SEVERAL_SLASHES.fullmatch(pattern.text) and call.args[1].value in _ONE_SLASH:
        parts = [_RUN_OF_SLASHES.sub("/", p) if isinstance(p, str) else p for p in parts]
        return join_text([Const(p) if isinstance(p, str) else p for p in parts]) if parts else value
    if not _SLASHES.fullmatch(pattern.text) or call.args[1].value != Lit(""):
        return None
    sides = [side for side in pattern.text.strip("g")[1:-1].split("|") if side]
    if not all(side.startswith("^") or side.endswith("$") for side in sides):
        return None
    for side in sides if parts else ():
        at = 0 if side.startswith("^") else -1
        part = parts[at]
        parts[at] = part if not isinstance(part, str) else part.lstrip("/") if at == 0 else part.rstrip("/")
    return join_text([Const(p) if isinstance(p, str) else p for p in parts]) if parts else value


_REGEX = re.compile(r"/(?P<body>(?:\\.|[^/\\])+)/[a-z]*")
_NAMED_PART = re.compile(r"(?<=/):(\w+)")


def filled_in_by_pattern(ev: Evaluator, value: Const | Text, site: Site) -> AV | None:
    r"""An address with its parts: `url.replace(/{(.*?)}/g, (_, name) => path[name])`, `"/orders/:id".replace(/:id/, id)`."""
    call = ev.world.view(site.file).facts.calls[site.call]
    pattern = _REGEX.fullmatch(call.args[0].value.text) if len(call.args) == 2 and isinstance(call.args[0].value, Unknown) else None
    if pattern is None:
        return None
    parts = value.parts if isinstance(value, Text) else (str(value.value),)
    given = ev.arg_value(site, 1)
    if isinstance(given, FuncV):
        return join_text([Const(_NAMED_PART.sub(r"{\1}", p)) if isinstance(p, str) else p for p in parts])
    old = pattern["body"].replace("\\", "")
    if given is None or re.fullmatch(r"[:{}<>\w]+", old) is None:
        return None
    return join_text([q for p in parts for q in (_replaced(p, old, given) if isinstance(p, str) else [p])])


def filled_in_later(ev: Evaluator, site: Site) -> bool:
    r"""Does a function put parts into an address that the caller gives: `url.replace(/\{\w*\}/g, (key) => params[key])`?"""
    call = ev.world.view(site.file).facts.calls[site.call]
    pattern = _REGEX.fullmatch(call.args[0].value.text) if len(call.args) == 2 and isinstance(call.args[0].value, Unknown) else None
    return pattern is not None and pattern["body"].lstrip("\\")[:1] in ("{", ":") and isinstance(ev.arg_value(site, 1), FuncV)


def before_query(ev: Evaluator, site: Site) -> ListV | None:
    """`url.split("?")` of an address that is not known: what stands before the query is the address. None: other parts."""
    call = ev.world.view(site.file).facts.calls[site.call]
    if not isinstance(call.callee, Member) or not call.args or call.args[0].value not in (Lit("?"), Lit("#")):
        return None
    return ListV((Thunk(site.file, call.owner, call.callee.base, site.env),))


def template_method(ev: Evaluator, text: Text, name: str, site: Site) -> AV | None:
    """A method of a text with holes; None when its result cannot be told."""
    if name in _LEAVES:
        return text
    first, second = ev.arg_value(site, 0), ev.arg_value(site, 1)
    if name in ("replace", "replaceAll") and isinstance(first, Const) and second is not None:
        return join_text([q for p in text.parts for q in (_replaced(p, str(first.value), second) if isinstance(p, str) else [p])])
    return None


def _replaced(text: str, old: str, new: AV) -> list[AV]:
    """A text with a value in the place of what is replaced: `"/orders/<id>".replace("<id>", id)`."""
    before, found, after = text.partition(old) if old else (text, "", "")
    return [Const(before), *([new, Const(after)] if found else [])]


def address(ev: Evaluator, site: Site) -> AV | None:
    """`new URL(path, base)` as text."""
    path, base = ev.arg_value(site, 0), ev.arg_value(site, 1)
    if path is None or base is None:
        return path if isinstance(path, Const | Text) else None
    text = join_text([path])
    start = text.parts[0] if isinstance(text, Text) else str(text.value) if isinstance(text, Const) else ""
    if isinstance(start, str) and start and not start.startswith("/") and isinstance(base, Const):
        return join_text([Const(str(base.value).rstrip("/") + "/"), path])
    return join_text([base, path]) if isinstance(base, Const | Text) else text if isinstance(path, Const | Text) else path


def replaced_in(ev: Evaluator, site: Site) -> AV | None:
    """`Object.entries(values).reduce((url, [key, value]) => url.replace(key, value), path)` is the path with its parameters filled."""
    step, start = ev.arg_value(site, 0), ev.arg_value(site, 1)
    if not isinstance(step, FuncV) or start is None:
        return None
    view = ev.world.view(step.symbol.file)
    params = view.symbol(step.symbol.index).params
    for item in view.returns.get(step.symbol.index, ()):
        callee = view.facts.calls[item.value.call].callee if isinstance(item.value, CallRef) else None
        if isinstance(callee, Member) and callee.name in ("replace", "replaceAll") and params and callee.base == Name(params[0].name):
            return start
    return None


def joined(ev: Evaluator, site: Site) -> AV | None:
    """Parts of an address with one slash between each two: `path.Join("/admin", "/login")`."""
    parts: list[AV] = []
    for position in range(len(ev.world.view(site.file).facts.calls[site.call].args)):
        value = _one_text(ev.arg_value(site, position))
        if not isinstance(value, Const | Text | ParamV | Ext) and not (parts and value is UNKNOWN):
            return None
        text = str(value.value) if isinstance(value, Const) else None
        if text is not None:
            value = Const(text.strip("/") if parts else text.rstrip("/"))
        parts.extend([Const("/"), value] if parts else [value])
    return join_text(parts) if parts else None


def chained(ev: Evaluator, callee: Ext, steps: tuple[str, ...]) -> AV | None:
    """What the steps of a chain are given, one behind the other: `fromUriString(base).path("/orders").build().toUri()`."""
    parts: list[AV] = []
    current: AV | None = callee
    for _ in range(MAX_STEPS):
        if not isinstance(current, Ext):
            break
        if current.site is not None and last_step(current.path) in steps and not current.path.endswith("()()"):
            parts.insert(0, ev.arg_value(current.site, 0) or UNKNOWN)
        current = current.base
    return join_text(parts) if parts else None


def _one_text(value: AV | None) -> AV | None:
    """The one part of an address that is known of several: what a setting stands for, and `"/"` where it names none."""
    known = {str(o.value).strip("/"): o for o in options(value) if isinstance(o, Const)} if isinstance(value, UnionV) else {}
    return next(iter(known.values())) if len(known) == 1 else value


def text_method(ev: Evaluator, text: str, name: str, site: Site) -> AV | None:
    """A method of a known text; None when its result cannot be told."""
    if name in _LEAVES or name in ("encode", "decode"):
        return Const(text)
    if name in ("lower", "toLowerCase", "ToLower", "ToLowerInvariant", "lowercase"):
        return Const(text.lower())
    if name in ("upper", "toUpperCase", "ToUpper", "ToUpperInvariant", "uppercase"):
        return Const(text.upper())
    first = ev.arg_value(site, 0)
    if name in ("rstrip",) and isinstance(first, Const):
        return Const(text.rstrip(str(first.value)))
    if name == "split" and isinstance(first, Const) and isinstance(first.value, str) and first.value:
        return ListV(tuple(Thunk(site.file, 0, Lit(t), None) for t in text.split(first.value)[:MAX_PARTS]))
    if name in ("slice", "substring") and isinstance(first, Const):
        return _cut(text, first, ev.arg_value(site, 1))
    if name in ("indexOf", "lastIndexOf") and isinstance(first, Const) and isinstance(first.value, str):
        return Const(text.find(first.value) if name == "indexOf" else text.rfind(first.value))
    if name in ("concat", "plus") and isinstance(first, Const):
        return Const(text + str(first.value))
    if name == "join" and isinstance(first, ListV) and first.items:  # `"/".join([BASE, "orders"])`
        said = [ev.thunk(t) for t in first.items[:MAX_PARTS]]
        return join_text([p for v in said for p in (Const(text), v)][1:])
    if name in ("replace", "replaceAll", "removeprefix", "removesuffix") and isinstance(first, Const):
        second = ev.arg_value(site, 1) if name.startswith("replace") else None
        if isinstance(second, ParamV | Ext | Text):
            return join_text(_replaced(text, str(first.value), second))
        return Const(text.replace(str(first.value), str(second.value) if isinstance(second, Const) else "", 1))
    return None


def list_method(ev: Evaluator, given: ListV, name: str, site: Site) -> AV | None:
    """A method of a known list: `file.split(".").slice(0, -1).join(".")`; None when its result cannot be told."""
    first, second = ev.arg_value(site, 0), ev.arg_value(site, 1)
    if name == "join" and isinstance(first, Const) and isinstance(first.value, str) and len(given.items) <= MAX_PARTS:
        said = [ev.thunk(t) for t in given.items]
        if said and isinstance(said[0], Const | Text) and all(isinstance(v, Const | Text | ParamV | Ext | UnionV) for v in said):
            several = product(*(tuple(islice(options(v), MAX_OPTIONS)) for v in said))  # `["", base, path].join("/")`
            return union(
                [join_text([p for n, v in enumerate(row) for p in ((first, v) if n else (v,))]) for row in islice(several, MAX_TEXTS)]
            )
        return Const(first.value.join(str(v.value) for v in said if isinstance(v, Const))) if all(map(_is_text, said)) else None
    start, end = (v.value if isinstance(v, Const) else None for v in (first, second))
    if name == "slice" and isinstance(start, int) and (second is None or isinstance(end, int)):
        return ListV(given.items[start : end if isinstance(end, int) else None])
    return None


def _is_text(value: AV) -> bool:
    return isinstance(value, Const) and isinstance(value.value, str)


def _cut(text: str, start: Const, end: AV | None) -> AV | None:
    """`"orders.js".slice(0, -3)`; None when a bound is not known."""
    first, last = start.value, end.value if isinstance(end, Const) else None
    if not isinstance(first, int) or not (end is None or isinstance(last, int)):
        return None
    return Const(text[first : last if isinstance(last, int) else None])
