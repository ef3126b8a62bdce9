"""Rewrites between the browser and the backend: proxies of development servers, rewrites of frameworks, reverse proxies.

A call of `/api/orders` reaches `/orders` when a proxy takes `/api` off. Only rewrites that change the path are kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import translate

from backend_readiness.facts.model import Func, Lit, Record, Unknown
from backend_readiness.graph.views import callee_name, records_in
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place

_SCRIPTS = (
    "vite.config.*",
    "vue.config.*",
    "nuxt.config.*",
    "next.config.*",
    "setupProxy.*",
    "webpack*.config.*",
    "webpack.dev.*",
    "proxy.conf*",
    "proxy.config.*",
    "svelte.config.*",
    "rsbuild.config.*",
    "astro.config.*",
    "quasar.config.*",
)
_PACKAGES = frozenset({"http-proxy-middleware", "@fastify/http-proxy", "fastify-http-proxy", "koa-proxies", "express-http-proxy"})
_JSON = ("proxy.conf*.json", "proxy.json", "vercel.json", "proxy.config.json")
_SERVERS = ("*nginx*.conf*", "default.conf*", "*.conf.template", "nginx.*", "*/nginx/*", "*/conf.d/*")
_LOCATION = re.compile(r"location\s+(?:=|\^~)?\s*(/[\w./-]*)\s*\{([^{}]{0,2000})\}")
_PASS = re.compile(r"proxy_pass\s+https?://[^/\s;]+([^\s;]*);")
_REWRITE = re.compile(r"rewrite\s+\^?(/[\w./-]*?)/?\(\.\*\)\$?\s+/?([\w./-]*?)/?\$1\s")
_REGEX = re.compile(r"/?\^?((?:\\?/[\w.-]*)+)(?:\\?/|\$|/[gi]*)?$")
MAX_FILES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A path that starts with `before` arrives with `after` in its place.

    `deeper`: the address behind the proxy is a setting, which may hold a path of its own.
    """

    before: str
    after: str
    place: Place
    deeper: bool = False

    def apply(self, path: str) -> str | None:
        """The path behind the proxy; None when it does not go through it."""
        head = self.before.rstrip("/")
        if path != head and not path.startswith(f"{head}/"):
            return None
        return "/" + (self.after.strip("/") + path[len(head) :]).lstrip("/")


def rewrites(graph: Graph) -> tuple[Rewrite, ...]:
    """All rewrites of the repository that change a path, in the order of files."""
    found: list[Rewrite] = []
    files = [f.path for f in graph.snapshot.files]
    gateways = [p for p, index in graph.production.items() if not _PACKAGES.isdisjoint(index.modules)]
    for path in dict.fromkeys([p for p in (*_named(files, _SCRIPTS), *gateways) if p in graph.facts.files][:MAX_FILES]):
        found.extend(_of_script(graph, path))
    for path in _named(files, _JSON)[:MAX_FILES]:
        found.extend(_of_json(graph, path))
    for path in _named(files, _SERVERS)[:MAX_FILES]:
        found.extend(_of_server(graph, path))
    return tuple(dict.fromkeys(r for r in found if r.before.strip("/") != r.after.strip("/") and r.before.strip("/")))


def _named(files: list[str], patterns: tuple[str, ...]) -> list[str]:
    """The files that a pattern fits, in their order: by the whole path where it has a slash, else by the name."""
    of_name = re.compile("|".join(translate(p) for p in patterns if "/" not in p)).match
    of_path = re.compile("|".join(translate(p) for p in patterns if "/" in p) or r"(?!)").match
    return [f for f in files if of_name(f.rpartition("/")[2]) or of_path(f)]


# ---------------------------------------------------------------- configuration in JavaScript


def _of_script(graph: Graph, path: str) -> Iterator[Rewrite]:
    facts = graph.view(path).facts
    roots = [e.value for e in facts.exports] + [a.value for a in facts.assigns] + [r.value for r in facts.returns]
    for call in facts.calls:
        roots.extend(a.value for a in call.args)
        first = call.args[0].value if call.args else None
        if isinstance(first, Lit) and len(call.args) > 1 and isinstance(call.args[1].value, Record):  # createProxyMiddleware("/api", {...})
            yield from _entry(graph, path, str(first.value), call.args[1].value)
    for root in roots:
        for record in records_in(root):
            keys = dict(record.items)
            source, target = keys.get("source"), keys.get("destination")
            if isinstance(source, Lit) and isinstance(target, Lit):
                yield from _pair(graph, path, str(source.value), str(target.value))
            prefix, inner = keys.get("prefix"), keys.get("rewritePrefix")
            if isinstance(prefix, Lit) and isinstance(inner, Lit) and "upstream" in keys:  # `register(proxy, { prefix, rewritePrefix })`
                yield from _made(graph, path, str(prefix.value), str(inner.value))
            if "target" in keys and "pathRewrite" in keys:  # `app.use("/api", createProxyMiddleware({ target, pathRewrite }))`
                yield from (replace(r, deeper=not isinstance(keys["target"], Lit)) for r in _entry(graph, path, "", record))
            for key, value in record.items:
                if key is not None and key.lstrip("^").startswith("/") and isinstance(value, Record):
                    yield from _entry(graph, path, key, value)


def _entry(graph: Graph, path: str, prefix: str, settings: Record) -> Iterator[Rewrite]:
    """One proxied prefix: `{ target, rewrite: (path) => path.replace(/^\\/api/, "") }`, `{ target, pathRewrite: {"^/api": ""} }`."""
    keys = dict(settings.items)
    table = keys.get("pathRewrite")
    if isinstance(table, Record):
        for before, after in table.items:
            if before is not None and isinstance(after, Lit):
                yield from _made(graph, path, _plain(before), str(after.value))
    function = keys.get("rewrite") or keys.get("pathRewrite")
    if isinstance(function, Func):
        facts = graph.view(path).facts
        for call in facts.calls:
            if (
                call.owner == function.symbol
                and callee_name(call) == "replace"
                and len(call.args) == 2
                and isinstance(call.args[1].value, Lit)
            ):
                first = call.args[0].value
                text = first.text if isinstance(first, Unknown) else str(first.value) if isinstance(first, Lit) else ""
                yield from _made(graph, path, _plain(text), str(call.args[1].value.value))


def _plain(pattern: str) -> str:
    """The prefix that a simple regular expression means: `/^\\/api/` and `^/api` are `/api`."""
    match = _REGEX.fullmatch(pattern.strip()) if len(pattern) < 120 else None
    return match.group(1).replace("\\", "") if match else ""


def _pair(graph: Graph, path: str, source: str, destination: str) -> Iterator[Rewrite]:
    """`source: "/api/:path*"`, `destination: "http://host/v1/:path*"`."""
    before = re.split(r"/:\w+\*|/\(\.\*\)|/\*\*?$", source)[0]
    target = destination.partition("://")[2].partition("/")[2] if "://" in destination else destination.lstrip("/")
    after = re.split(r"(?:^|/):\w+\*|(?:^|/)\$\d|(?:^|/)\*\*?$", target)[0]
    if before != source and ("://" in destination or destination.startswith(("$", "/"))):
        yield from _made(graph, path, before, "/" + after.lstrip("/"))


def _made(graph: Graph, path: str, before: str, after: str) -> Iterator[Rewrite]:
    if before.startswith("/"):
        lines = graph.text(path).split("\n")
        line = next((n for n, text in enumerate(lines, 1) if before.strip("/") and before.strip("/") in text.replace("\\", "")), 1)
        yield Rewrite(before=before, after=after, place=Place(file=path, line=line, end_line=line))


# ---------------------------------------------------------------- other formats


def _of_json(graph: Graph, path: str) -> Iterator[Rewrite]:
    try:
        data = json.loads(graph.text(path))
    except (ValueError, RecursionError):
        return
    for prefix, settings in data.items() if isinstance(data, dict) else ():
        if isinstance(settings, dict) and isinstance(settings.get("pathRewrite"), dict):
            for before, after in settings["pathRewrite"].items():
                if isinstance(after, str):
                    yield from _made(graph, path, _plain(before), after)
        for item in settings if prefix == "rewrites" and isinstance(settings, list) else ():
            if isinstance(item, dict) and isinstance(item.get("source"), str) and isinstance(item.get("destination"), str):
                yield from _pair(graph, path, item["source"], item["destination"])


def _of_server(graph: Graph, path: str) -> Iterator[Rewrite]:
    """`location /api/ { proxy_pass http://backend:8000/; }`: a path behind the host takes the place of the location."""
    text = "\n".join("" if line.lstrip().startswith("#") else line for line in graph.text(path)[:200_000].split("\n"))
    for match in _LOCATION.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        place = Place(file=path, line=line, end_line=line + match.group(0).count("\n"))
        passed = _PASS.search(match.group(2))
        rewritten = _REWRITE.search(match.group(2))
        if rewritten:
            yield Rewrite(before=rewritten.group(1), after="/" + rewritten.group(2), place=place)
        elif passed and passed.group(1) and "$" not in passed.group(1):
            yield Rewrite(before=match.group(1), after=passed.group(1), place=place)
