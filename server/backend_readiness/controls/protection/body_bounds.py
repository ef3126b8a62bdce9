"""What a configuration of a proxy says about the size of bodies: which directive, how much, and for which addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

# The directives by which a proxy bounds bodies, with what they allow. Words that only look alike (`$request_body` of a log line, the
# `max_size` of a cache) are none of them.
_DIRECTIVES = re.compile(
    r"""(?ix)(?:^|[\s{;"'])
    (?: client_max_body_size\s+ | LimitRequestBody\s+ | (?:proxy-)?(?:client-max-)?body-size["']?\s*[:=]\s*
      | max_?Request_?Body(?:_?(?:Bytes|Size))?["']?\s*[:=]\s* | buffering[\w.]*maxRequestBodyBytes\s*[:=]\s*
      | (?:[\w./-]{1,80}[./])(?:proxy-body-size|maxRequestBodyBytes)["']?\s*[:=]\s* )
    ["']?(?P<size>[\w.]+)"""
)
_CADDY = re.compile(r"^\s*max_size\s+(?P<size>[\w.]+)")
_SIZE = re.compile(r"(?i)(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$")
_SCALE = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}
_LOCATION = re.compile(r"^\s*location\s+(?:(=|\^~|~\*?)\s+)?([^\s{]+)\s*\{?")
_SERVES = re.compile(r"^\s*(server|location)\b[^;]*\{")
_PASSES = re.compile(sign("body_bounds", "passes"))
_TAKEN_OFF = re.compile(r"(?i)/(api|backend|server|app|v\d+)\b")
ABSURD = 5 * 1024**3


def proxy_bounds(context: Context, path: str) -> Iterator[tuple[Evidence, int | None]]:
    """The bounds of a file that hold for the flow: their places and bytes; 0 for no bound, None where the size is not read."""
    lines = context.snapshot.lines(path)
    if any(_SERVES.match(t) for t in lines) and not any(_PASSES.search(t) for t in lines):
        return  # it serves files, and passes nothing on
    for number, line in enumerate(lines, 1):
        text = line[:400]
        if text.lstrip().startswith("#"):
            continue
        found = _DIRECTIVES.search(text) or (_CADDY.match(text) if "caddy" in path.lower() else None)
        if found is not None and _holds_here(context, lines, number):
            yield context.at(path, number), _bytes(found["size"])


def _bytes(text: str) -> int | None:
    size = _SIZE.match(text)
    return int(float(size.group(1)) * _SCALE[size.group(2).lower()]) if size is not None else None


def _holds_here(context: Context, lines: tuple[str, ...], number: int) -> bool:
    """Does the line stand in no block for other addresses: `location /uploads/ {`?"""
    depth = 0
    here = lines[number - 1].split("{")[0] + "{" if _LOCATION.match(lines[number - 1]) is not None else ""
    for text in (here, *reversed(lines[max(0, number - 200) : number - 1])):
        depth += text.count("}") - text.count("{")
        if depth >= 0:
            continue
        depth = 0
        block = _LOCATION.match(text)
        if block is None:
            continue
        way, prefix = block.group(1) or "", block.group(2).strip("\"'").rstrip("/")
        if way.startswith("~") or not prefix:
            return True
        paths = [r.route.endpoint.path for r in context.routes]
        # A prefix that the proxy takes off, as `/api/` often is, is part of no route.
        return any(p.startswith(prefix) for p in paths) or _TAKEN_OFF.match(prefix) is not None
    return True
