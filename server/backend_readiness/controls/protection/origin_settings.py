"""Origins that files of proxies, web servers and clusters allow, beside the application."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence

_HEADER = "access-control-allow-origin"
_STAR = re.compile(r"[\s'\"]\*[\s'\";]")
# A gateway of a cluster that is told to answer preflights: without a list it lets every origin in, with credentials.
_SWITCH = re.compile(r"(?i)\benable-cors[\"']?\s*:\s*[\"']?true")
_NAMES = re.compile(r"(?i)\bcors-allow-origin[\"']?\s*:\s*[\"']?([^\s\"']+)")
_ANYBODY = re.compile(r"(?i)\bcors-allow-credentials[\"']?\s*:\s*[\"']?false")


def of_proxies(context: Context) -> Iterator[tuple[Evidence, str]]:
    """Each place with what it allows: `*`, `*!` (with credentials), `origin` (whatever is asked for), or nothing where it names some."""
    for path in (*context.deployment.proxies, *context.snapshot.glob("**/.htaccess")):
        for line, text in enumerate(context.snapshot.lines(path)[:2_000], 1):
            if _HEADER in text.lower() and not text.lstrip().startswith("#"):
                said = "*" if _STAR.search(text + " ") else "origin" if re.search(r"\$http_origin|%\{(HTTP_)?ORIGIN\}", text) else ""
                yield context.at(path, line), said
    for path in sorted({m.path for m in context.deployment.manifests}):
        lines = context.snapshot.lines(path)[:2_000]
        on = next((n for n, t in enumerate(lines, 1) if _SWITCH.search(t) and not t.lstrip().startswith("#")), None)
        if on is None:
            continue
        named = next((m for t in lines if (m := _NAMES.search(t)) is not None), None)
        shut = any(_ANYBODY.search(t) for t in lines)
        yield context.at(path, on), ("" if named is not None and named.group(1) != "*" else "*" if shut else "*!")
