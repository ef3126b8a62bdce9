"""Paths of routes and URLs of calls as text: folding, parameters in one notation, joining, comparing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.graph.evaluation.calls import invoked
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.evaluation.texts import join_text
from backend_readiness.graph.settings import environment, named_settings
from backend_readiness.graph.values import AV, Const, Ext, FuncV, ListV, Obj, ParamV, Text, UnionV, options

MAX_ALTERNATIVES = 8
_STYLES = re.compile(
    r"\(:(?P<kind>\w+)\)"
    r"|<(?:(?P<conv>\w+)(?:\([^<>]{0,240}\))?:)?(?P<angle>\w+)(?P<rest>\.\.)?>"
    r"|<(?P<first>\w+):(?P<after>(?:re:)?[^<>]{1,400})>"
    r"|\{[!@]?(?P<star>\*{0,2}|\+)(?P<brace>\w+)(?:<(?P<need>[^{}<>]{0,80}(?:\{[^{}]{0,20}\}[^{}<>]{0,80}){0,4})>)?(?P<opt>\?[^{}:<>]{0,80})?"
    r"(?P<tail>\.{3}|\*\d{0,3})?(?:[:|](?P<bconv>[^{}]*(?:\{[^{}]*\}[^{}]*)*)|\s[^{}]{0,200})?\}"
    r"|\{(?P<open>\*{1,2})\}"
    r"|(?<![\w}]):(?P<colon>\w+)(?:\((?P<pattern>[^()]{0,80})\)|<[^<>]{0,80}>"
    r"|:(?:int|string|\[[^\[\]/]{1,40}\][+*?]?)(?=$|/)|\#(?P<hashed>[^#\n]{1,80})\#"
    r"|\{(?=[^{}]{0,80}[\[\\+*|])(?P<braced>[^{}]{1,80}(?:\{[\d,]{1,9}\}[^{}]{0,40}){0,3})\})?(?P<many>[*+?]?)"
    r"|\[\[?(?P<dots>\.\.\.)?(?P<bracket>[\w-]+)(?:=\w+)?\]\]?"
    r"|:?(?P<wild>\*\*?\w*)"
)

_MARKED = re.compile(r"[$#](?=\{\w{1,80}\})")  # `/orders/${id}` and `/orders/#{id}`, which is optional

_CONVERTERS = frozenset(
    {"int", "str", "string", "float", "number", "num", "path", "slug", "uuid", "alpha", "strorempty", "ext", "ymd", "re", "any"}
) | {"i32", "i64", "u32", "u64"}
_TYPES_FIRST = frozenset({"int", "str", "slug", "uuid", "path"})  # before the name inside of braces
_CONSTRAINTS = frozenset({"bool", "datetime", "decimal", "double", "exists", "file", "guid", "long", "nonfile", "required"})


@dataclass(frozen=True, slots=True)
class Hole:
    """A part of a URL that is not known before run time. `name` is the best name for it."""

    name: str
    value: AV


Piece = str | Hole


def alternatives(ev: Evaluator, value: AV, depth: int = 0) -> list[tuple[Piece, ...]]:
    """The texts that a value can be: each a sequence of strings and holes."""
    if depth > 6:
        return [(Hole("", value),)]
    match value:
        case Const():
            return [("" if value.value is None else str(value.value),)]
        case UnionV():
            # An environment variable with a literal default: the default is what can be said about it.
            several = [o for o in value.options if not _is_flag(o)] or list(value.options)
            firm: list[AV] = [o for o in several if isinstance(o, Const | Text) and o != Const("")]
            if firm and Const("") in several:  # `(page ? "/" + page : "")`: a part that may not be there
                written = any(_says_something(o) for o in firm)
                firm = [*firm, Const("")] if written else [Const(""), *firm]
            chosen = firm or several
            found: list[tuple[Piece, ...]] = []
            for option in chosen[:MAX_ALTERNATIVES]:
                found.extend(alternatives(ev, option, depth + 1))
            return _without_open_prefixes(found)[:MAX_ALTERNATIVES]
        case Text():
            results: list[tuple[Piece, ...]] = [()]
            for part in value.parts:
                pieces = [(part,)] if isinstance(part, str) else alternatives(ev, part, depth + 1)
                results = [r + (() if p == ("",) else p) for r in results for p in pieces][:MAX_ALTERNATIVES]
            return results
        case Ext():
            default = environment_default(ev, value) or named_settings.text_of(ev, value)
            default = default if default is not None else _trimmed(ev, value)
            return alternatives(ev, default, depth + 1) if default is not None else [(Hole(hole_name(value), value),)]
        case _:
            return [(Hole(hole_name(value), value),)]


def _without_open_prefixes(found: list[tuple[Piece, ...]]) -> list[tuple[Piece, ...]]:
    """`prefix + route` says nothing more beside `route` where nobody knows the prefix: it is left out like one of the environment."""
    plain = {"".join(p for p in a if isinstance(p, str)).strip("/") for a in found if not any(isinstance(p, Hole) for p in a)} - {""}
    starts = [a[1:] if a and isinstance(a[0], str) and not a[0].strip("/") else a for a in found]
    rests = [[p for p in a[1:] if isinstance(p, str)] if a and isinstance(a[0], Hole) else [] for a in starts]
    return [
        a for a, start, rest in zip(found, starts, rests, strict=True)
        if not (rest and len(rest) == len(start) - 1 and "".join(rest).strip("/") in plain)
    ]  # fmt: skip


def _trimmed(ev: Evaluator, value: Ext) -> AV | None:
    """The known text whose separators a method takes away: `"api/".removePrefix("/")`; paths are joined with single ones anyway."""
    method = value.base if isinstance(value.base, Ext) and value.path in _TRIMMED else None
    away = ev.arg_value(value.site, 0) if method is not None and value.site is not None else None
    if isinstance(away, Const) and str(away.value).strip("/"):
        return None
    return method.base if method is not None and isinstance(method.base, Const) and isinstance(method.base.value, str) else None


def _is_flag(value: AV) -> bool:
    """Yes, no or nothing, which is no part of an address beside a text or what is not known."""
    return isinstance(value, Const) and (value.value is None or isinstance(value.value, bool))


def _says_something(value: AV) -> bool:
    """Is there more in a text than separators and what is not known?"""
    parts = value.parts if isinstance(value, Text) else (value,)
    return any(str(p.value if isinstance(p, Const) else p).strip("/") for p in parts if isinstance(p, str | Const))


def with_settings(ev: Evaluator, value: AV | None) -> AV | None:
    """A text with the paths that the files of the environment give to the variables in it."""
    if isinstance(value, Text):
        return Text(tuple(p if isinstance(p, str) else with_settings(ev, p) or p for p in value.parts))
    held = environment.path_in(ev, value) if isinstance(value, Ext) else None
    return Const(held) if held is not None else value


def environment_default(ev: Evaluator, value: Ext) -> AV | None:
    """The default of `os.environ.get(name, default)`, `config(name, default=...)`, `env::var(name).unwrap_or(default)`."""
    if value.site is not None and value.path.endswith(("env.var().unwrap_or()", "env.var().unwrap_or_else()")):
        given = ev.arg_value(value.site, 0)
        given = invoked(ev, given) if isinstance(given, FuncV) else given
        return given if isinstance(given, Const) and isinstance(given.value, str) else None
    if value.site is None or not value.path.endswith(
        ("getenv()", "environ.get()", "env()", "config()", "get()", "URL()", "URL.toString()")
    ):
        return None
    if value.path.startswith("~URL"):
        first, base = ev.arg_value(value.site, 0), ev.arg_value(value.site, 1)
        return join_text([base, first]) if base is not None and first is not None else first
    default = ev.arg_value(value.site, 1, "default")
    if default is None and value.path.endswith("env()"):  # `env("PATH", "admin")`
        default = ev.arg_value(value.site, 1)
    return default if isinstance(default, Const) and isinstance(default.value, str) else None


_ENDS = ("strip", "lstrip", "rstrip", "trim", "trimStart", "trimEnd", "removeprefix", "removesuffix", "removePrefix", "removeSuffix")
_TRIMMED = frozenset(f"~str.{name}()" for name in _ENDS)
_OF_A_TEXT = tuple(f".{name}()" for name in (*_ENDS, "lower", "toLowerCase", "toString"))


def hole_name(value: AV) -> str:
    if isinstance(value, ParamV):
        return value.name.lstrip("$")
    if isinstance(value, Ext):
        path = value.path
        for _ in range(4):  # `settings.PREFIX.strip("/")` is named by the setting
            path = next((path.removesuffix(m) for m in _OF_A_TEXT if path.endswith(m)), path)
        return re.sub(r"\W+", "", path.rpartition(".")[2].split("(")[0].split("[")[0])
    return ""


def texts(ev: Evaluator, value: AV | None) -> list[str]:
    """The alternatives as path templates: a hole is `{name}`. A list gives one text for each item."""
    if value is None:
        return []
    if isinstance(value, ListV):
        return [t for item in value.items[:40] for t in texts(ev, ev.thunk(item))]
    if isinstance(value, UnionV) and any(isinstance(o, ListV) for o in value.options):
        return [t for o in options(value) for t in texts(ev, o)]
    if isinstance(value, Obj):
        return []
    return list(dict.fromkeys(_template(alternative) for alternative in alternatives(ev, value)))


def below_setting(ev: Evaluator, value: AV | None) -> list[str]:
    """The same for the path of a route: an unknown setting before its first `/` is empty (`os.Getenv("BASE") + "/cart"`).

    So is one that stands in one of several texts, `""` without it and `f"{setting}/"` with it. One that the files of the environment give
    a path has that.
    """
    value = with_settings(ev, value)
    optional = isinstance(value, UnionV) and Const("") in value.options and not any(isinstance(o, ListV) for o in value.options)
    if not optional and (not isinstance(value, Text) or isinstance(value.parts[0], str | ParamV)):
        return texts(ev, value)
    if value is None:
        return []
    found: list[str] = []
    for alternative in alternatives(ev, value):
        first, after = (*alternative, "", "")[:2]
        ends = (optional and not after) or (isinstance(after, str) and after.startswith("/"))
        is_setting = isinstance(first, Hole) and not isinstance(first.value, ParamV) and ends
        found.append(_template(alternative[1:] if is_setting else alternative))
    return list(dict.fromkeys(found))


def _template(alternative: tuple[Piece, ...]) -> str:
    return "".join(p if isinstance(p, str) else "{" + (p.name or "value") + "}" for p in alternative)


def _uniform(match: re.Match[str]) -> str:
    group = match.groupdict()
    if group["kind"]:
        return f"{{{group['kind']}}}"
    if group["first"]:  # `<name:[a-z]+>`
        return f"{{{group['first']}{'*' if match.group().endswith(':**>') else ''}}}"
    if group["angle"] in _CONVERTERS and group["conv"] and group["conv"] not in _CONVERTERS:  # `<order_id:int>`
        return f"{{{group['conv']}{'*' if group['angle'] == 'path' else ''}}}"
    if group["angle"]:
        return f"{{{group['angle']}{'*' if group['conv'] == 'path' or group['rest'] else ''}}}"
    given = group["bconv"] or ""
    if group["brace"] in _TYPES_FIRST and given.isidentifier() and not group["star"] and given not in _CONVERTERS | _CONSTRAINTS:
        return f"{{{given}{'*' if group['brace'] == 'path' else ''}}}"  # `{uuid:order_id}`
    if group["brace"]:
        many = (
            group["star"] or group["tail"] or group["need"] in (".+", ".*") or (group["bconv"] or "").strip() in ("path", ".*", ".+", "*")
        )
        return f"{{{group['brace']}{'*' if many else ''}}}"
    if group["colon"]:
        many = group["many"] in ("*", "+") or (group["pattern"] or group["braced"]) in (".*", ".+") or "/" in (group["hashed"] or "")
        return f"{{{group['colon']}{'*' if many else ''}}}"
    if group["bracket"]:
        return f"{{{group['bracket']}{'*' if group['dots'] else ''}}}"
    name = (group["wild"] or "").lstrip("*")
    if group["wild"] == "*" and match.string[match.end() : match.end() + 1] == "/":  # `/owners/*/pets`: one segment
        return "{wildcard}"
    return f"{{{name or 'wildcard'}*}}"


# `/orders{_:/?}`: with a slash or without; `/orders/?:id`: with an id or without
_MAY_END = re.compile(r"\{\w*:/\?\}$|(?<=/)\?(?=:\w)")
# `{code:regex(^\\d{{3}}$)}` of ASP.NET: the braces inside say nothing about the path
_BRACED = re.compile(r"(\{\*{0,2}\w{1,60}(?::\w{1,20}(?:\([^(){}]{0,40}\))?){0,4}):regex\((?:[^()]|\([^()]{0,100}\)){0,200}\)")
_NAMED_REST = re.compile(r"/\*\*:(?=\w)")  # `/files/**:path`
_COLON = "\x00"  # stands for `\\:`, which begins no parameter: `/orders/name\\:verb`
_GROUPED = re.compile(r"(?<=/)\((\{[^{}/]+\})\)")  # `/({files:.*}).zip`


def uniform(path: str) -> str:
    """A path with its parameters as `{name}` and `{name*}`, whatever notation it is written in."""
    plain = _NAMED_REST.sub("/*", _MAY_END.sub("", _MARKED.sub("", _BRACED.sub(r"\1", path[:2000]))).replace("\\.", "."))
    return _GROUPED.sub(r"\1", _STYLES.sub(_uniform, plain.replace("\\:", _COLON))).replace(_COLON, ":")


def with_optional_tail(path: str) -> list[str]:
    """The paths that a pattern with optional ends means: `/orders[/{id}]` is `/orders` and `/orders/{id}`; `[/]` adds none."""
    found: list[str] = []
    body, closing = path.rstrip("]"), len(path) - len(path.rstrip("]"))
    parts = body.split("[") if closing and body.count("[") == closing else [path]
    for number in range(len(parts)):
        whole = "".join(parts[: number + 1])
        if number == 0 or parts[number] != "/":
            found.append(whole)
    return found[:6]


_OPTIONAL_END = re.compile(r"/(?:\{[^{}/]*\?\}|:\w+\?|\?:\w+)/?$")


def optional_ends(path: str) -> int:
    """How many of the last segments of a path as it is written may be left out: 1 of `/orders/{id:int?}`."""
    count = 0
    while count < 3 and (found := _OPTIONAL_END.search(path)) is not None:
        path, count = path[: found.start()], count + 1
    return count


_OPTIONAL = re.compile(r"\{([^{}]*[/:.*-][^{}]*)\}")
_OPTIONAL_PARAM = re.compile(r"/(:\w{1,80}(?:\([^()]{0,80}\))?)\?(?=/|$)")


def with_optional_braces(path: str) -> list[str]:
    """The paths that a pattern with optional groups in braces means: `/pads/:pad{/:rev}/export` without and with `/:rev`.

    A parameter that may be left out is such a group: `/pads/:pad/:rev?`.
    """
    found = [_OPTIONAL_PARAM.sub(r"{/\1}", path)]
    for _ in range(3):
        parted = [(p, m) for p in found if (m := _OPTIONAL.search(p)) is not None]
        if not parted:
            return found
        found = [p for p in found if _OPTIONAL.search(p) is None]
        found += [f"{p[: m.start()]}{inner}{p[m.end() :]}" for p, m in parted for inner in ("", m.group(1))]
    return found


_GROUP = re.compile(r"\(\?P?<(\w+)>")


_CLASS = re.compile(r"(?:\[(?P<set>(?:\\.|[^\]\\\n]){1,60})\]|\\[dw](?=[*+{]))(?P<times>[*+?]|\{[\d,]{1,9}\})?")


def from_regex(pattern: str) -> str:
    """A path from a regular expression with named groups (`^orders/(?P<pk>\\d+)/$` -> `orders/{pk}/`)."""
    text = pattern.removeprefix("^").removesuffix("$").removesuffix("\\Z")
    out, i, unnamed = [], 0, 0
    while i < len(text) and i < 2000:
        if text[i] == "(":
            named = _GROUP.match(text, i)
            depth, j = 0, i
            while j < len(text):
                depth += (text[j] == "(" and text[j - 1] != "\\") - (text[j] == ")" and text[j - 1] != "\\")
                j += 1
                if depth == 0:
                    break
            if named:
                slash = "/" if text.startswith(("/", "(?:/", "(?:(?:/"), named.end()) else ""  # `(?P<path>/.+)`
                out.append(slash * (text[i - 1 : i] != "/") + "{" + named.group(1) + "}")
            elif not text.startswith("(?:", i) and not (text[j : j + 1] in ("*", "?") and out and out[-1].endswith("}")):
                unnamed += 1
                out.append(f"{{arg{unnamed}}}")
            i = j + (1 if j < len(text) and text[j] in "?*+" else 0)
        elif classed := _CLASS.match(text, i):
            if classed["set"] in ("/", "\\/"):  # `[/]*`: slashes
                out.append("/" if (classed["times"] or "1")[:1] not in ("*", "?") else "")
            else:
                unnamed += 1
                out.append(f"{{arg{unnamed}}}")
            i = classed.end()
        elif text.startswith((".*", ".+"), i) and (i == 0 or text[i - 1] != "\\"):
            out.append("{path*}" if i + 2 == len(text) else "{path}")
            i += 2
        else:
            if text[i] not in "\\^$?":
                out.append(text[i])
            i += 1
    return "".join(out)


def join(prefix: str, path: str, *, keep_root: bool) -> str:
    """Join a prefix and a path with one slash. The bare `/` of a mounted router is dropped unless `keep_root`.

    The path `..` is the prefix without its last segment.
    """
    if path == "..":
        return prefix.rstrip("/").rpartition("/")[0] or "/"
    if path in ("", "/"):
        tail = "/" if path == "/" and keep_root else ""
        return (prefix.rstrip("/") + tail) or "/"
    joined = f"{prefix.rstrip('/')}/{path.lstrip('/')}"
    return joined if joined.startswith("/") else f"/{joined}"


_PARAM = re.compile(r"\{[^{}]*\}")


def shape(path: str) -> tuple[str, ...]:
    """Segments for comparing: parameters are `{}`, tails `{*}`; query, fragment and the trailing slash do not count."""
    clean, _, query = path.split("#")[0].partition("?")
    segments = [s for s in clean.split("/") if s]
    if query.startswith("/"):  # the action of a page: `/settings?/save`
        segments.append("?" + query[1:].split("&")[0])
    return tuple("{*}" if s.startswith("{") and s.endswith("*}") else _PARAM.sub("{}", s) for s in segments)
