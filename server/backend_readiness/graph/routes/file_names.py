"""What the names of files and the patterns of places say of paths: `orders.$id` is `/orders/{id}`, `/api/:path*` is all below `/api`."""

from __future__ import annotations

import re

from backend_readiness.graph.urls import uniform

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_AFTER_NAME = re.compile(r"\$(\w+)(\[[^\]]+\].*)")
_EXCEPT = re.compile(r"\(\?!([^()]{0,400})\)")


def flat_path(parts: list[str]) -> str | None:
    """The path that names with dots stand for: `orders.$id_.edit` is `/orders/{id}/edit`; None for what is no route.

    `_index` is the path itself, `_layout.` and `__layout` add nothing and are no routes by themselves, `$` alone takes the rest, `(x)` may
    be absent, `[x.y]` stands so.
    """
    if parts[-1] in ("route", "index") and len(parts) > 1:
        parts = parts[:-1]
    last = re.split(r"\.(?![^\[]*\])", parts[-1])[-1]
    if any(p.startswith(".") for p in parts) or (last.startswith("_") and last not in ("_", "_index")):  # `_auth.tsx` lays others out
        return None
    found: list[str] = []
    for part in parts:
        for segment in re.split(r"\.(?![^\[]*\])", part):
            if segment in ("_index", "index") or (segment.startswith("_") and segment != "_"):
                continue
            bare = segment.removesuffix("_").removesuffix("+").strip("()")
            after = _AFTER_NAME.match(bare)
            if bare == "$":
                found.append("*")
            elif after is not None:  # `$id[.pdf]`
                found.append("{" + after[1] + "}" + after[2].replace("[", "").replace("]", ""))
            elif bare.startswith("$"):
                found.append(f"[[{bare[1:]}]]" if segment.startswith("(") else "{" + bare[1:] + "}")
            elif bare:
                found.append(bare.replace("[", "").replace("]", ""))
    return "/" + "/".join(found)


def covers(pattern: str, route: str) -> bool:
    """Does a matcher (`/api/:path*`, `/((?!api|_next).*)`) cover a route? What cannot be told does not."""
    excepted = _EXCEPT.search(pattern)
    if excepted is not None:
        names = [re.sub(r"[^\w/-]", "", n) for n in excepted.group(1).split("|")]
        inside = route.removeprefix(pattern[: excepted.start()].rstrip("(").rstrip("/")).lstrip("/")
        return not any(n and inside.startswith(n.lstrip("/")) for n in names)
    wanted, mine = [s for s in uniform(pattern).split("/") if s], [s for s in route.split("/") if s]
    tail = bool(wanted) and wanted[-1].endswith("*}")
    wanted = wanted[:-1] if tail else wanted
    if len(mine) < len(wanted) or (not tail and len(mine) != len(wanted)):
        return False
    return all(a == b or "{" in a for a, b in zip(wanted, mine, strict=False))


def method_of(stem: str) -> tuple[str, str, str]:
    """`[id].get` as its name, method and what stood between."""
    stem = stem.removesuffix(".dev").removesuffix(".prod") if stem.count(".") > 1 else stem
    name, dot, last = stem.rpartition(".")
    return (name, last.upper(), dot) if dot and last.upper() in _METHODS else (stem, "", "")
