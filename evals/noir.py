"""Endpoints against an independent standard: the functional samples of OWASP Noir, with what its authors expect of them.

    git clone https://github.com/owasp-noir/noir
    python -m evals.noir noir                         every sample of our languages, a table by language
    python -m evals.noir noir go java/spring --verbose   what is missing (-) and what is more (+) in these

Samples of command-line programs and those that are about options of Noir are left out. Noir counts each file below a static mount as an
endpoint and this product none, so recall is given without and with those. A route for any method stands for each of them.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from backend_readiness.errors import UnusableInput
from backend_readiness.model import Route
from backend_readiness.workspace import Workspace

LANGUAGES = (
    "python", "javascript", "typescript", "go", "java", "kotlin", "csharp", "aspnet", "php", "ruby", "rust", "elixir", "scala",
)  # fmt: skip
METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "ANY", "WS"})
_LEFT_OUT = re.compile(r"/cli|_ai_context|multi_base|exclude_path|in_node_modules|lexer_repro")
_ENDPOINT = re.compile(r'Endpoint\.new\(\s*"((?:[^"\\]|\\.)*)"\s*,\s*"(\w+)"')
_PARAM = re.compile(r'Param\.new\(\s*"([^"]+)"')
_SAMPLE = re.compile(r'FunctionalTester\.new\(\s*"fixtures/([^"]+?)/?"')
_STATIC = re.compile(r"\.(html?|css|js|png|jpe?g|txt|ico|svg|json|xml)$|/\*\*?$|static|assets|public")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    method: str
    path: str  # as the sample writes it
    params: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Score:
    """Counts of one sample or language. `static`: missing ones that look like files of a static mount."""

    found: int = 0
    expected: int = 0
    static: int = 0
    right: int = 0
    given: int = 0
    named: int = 0
    params: int = 0
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        for name in ("found", "expected", "static", "right", "given", "named", "params"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def plain(path: str) -> str:
    """A path with its parameters as `{}`, in whatever notation it stands; the case and a last slash do not count."""
    path = path.partition("?")[0]
    path = re.sub(r"\(\?P?<(\w+)>(?:[^()]|\([^)]*\))*\)", r"{\1}", path)
    path = re.sub(r"\{\*{0,2}(\w+)[^{}]*(\{[^{}]*\}[^{}]*)*\}", "{}", path)
    path = re.sub(r"<[^<>]*>", "{}", path)
    path = re.sub(r"(?<=/)[:@]\w+(\([^)]*\))?[?*+]?", "{}", path)
    path = re.sub(r"(?<=/)\*+\w*", "{}", path)
    path = re.sub(r"(?<=[\w.\-]):\w+", "{}", path)
    return (re.sub(r"/+", "/", f"/{path}").rstrip("/") or "/").lower()


def expectations(noir: Path) -> dict[str, list[Expected]]:
    """Sample (`go/gin`) -> the endpoints that its tester lists. Errors: `UnusableInput` when the folder is no copy of Noir."""
    found: dict[str, list[Expected]] = defaultdict(list)
    folder = noir / "spec" / "functional_test"
    for tester in sorted((folder / "testers").rglob("*.cr")):
        text = re.sub(r"(?m)^\s*#.*$", "", tester.read_text("utf-8"))
        samples = set(_SAMPLE.findall(text))
        if len(samples) != 1 or _LEFT_OUT.search(f"/{min(samples)}") or _LEFT_OUT.search(str(tester.relative_to(folder))):
            continue
        found[min(samples)].extend(_listed(text))
    if not found:
        raise UnusableInput(f"{noir} holds no functional samples of OWASP Noir: name the folder of a clone of it")
    return found


def _listed(text: str) -> Iterator[Expected]:
    hits = list(_ENDPOINT.finditer(text))
    for number, hit in enumerate(hits):
        body = text[hit.end() : hits[number + 1].start() if number + 1 < len(hits) else len(text)].partition("FunctionalTester")[0]
        method = "WS" if 'protocol = "ws"' in body and hit.group(2) == "GET" else hit.group(2)
        if method in METHODS:
            yield Expected(method=method, path=hit.group(1).replace("\\\\", "\\"), params=tuple(_PARAM.findall(body)))


def score(expected: list[Expected], routes: tuple[Route, ...]) -> Score:
    """One sample: what is missing, what is more, and how many of the parameters of what was found are named."""
    want = {(e.method, plain(e.path)): e for e in reversed(expected)}
    have = {(r.endpoint.method, plain(r.endpoint.path)): r for r in routes if r.endpoint.method in METHODS}
    result = Score(expected=len(want), given=len(have))
    for key, item in want.items():
        route = next((have[k] for k in have if _same(key, k)), None)
        if route is None:
            result.static += bool(_STATIC.search(item.path))
            result.missing.append(f"{item.method} {item.path}")
            continue
        names = {p.name.lower() for p in route.params}
        result.found += 1
        result.params += len(item.params)
        result.named += sum(p.lower() in names for p in item.params)
    for key, route in have.items():
        if any(_same(k, key) for k in want):
            result.right += 1
        else:
            result.extra.append(f"{route.endpoint} {route.place}")
    return result


def _same(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return one[1] == other[1] and (one[0] == other[0] or "ANY" in (one[0], other[0]) or {one[0], other[0]} == {"WS", "GET"})


def routes_of(sample: Path, scratch: Path) -> tuple[Route, ...]:
    """The endpoints of a copy of the sample that lies alone, as a repository does; none when nothing in it can be read."""
    copy = scratch / sample.parent.name / sample.name
    shutil.copytree(sample, copy, symlinks=True)
    try:
        return Workspace(copy, cache_dir=scratch / "cache").routes()
    except UnusableInput:
        return ()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.noir", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("noir", type=Path, help="a clone of owasp-noir/noir")
    parser.add_argument("samples", nargs="*", help="languages (go) or samples (go/gin); all of ours without")
    parser.add_argument("--verbose", action="store_true", help="list what is missing and what is more")
    given = parser.parse_args(arguments)
    try:
        expected = expectations(given.noir)
    except UnusableInput as error:
        print(error, file=sys.stderr)
        return 2
    totals: dict[str, Score] = {}
    compared = 0
    wanted = given.samples or LANGUAGES
    with tempfile.TemporaryDirectory() as scratch:
        for sample, listed in expected.items():
            folder = given.noir / "spec" / "functional_test" / "fixtures" / sample
            if not folder.is_dir() or not any(sample == w or sample.startswith(f"{w.rstrip('/')}/") for w in wanted):
                continue
            result = score(listed, routes_of(folder, Path(scratch)))
            compared += 1
            totals.setdefault(sample.partition("/")[0], Score()).add(result)
            if given.verbose:
                print(f"{sample}: {result.found} of {result.expected}, {len(result.extra)} more")
                print("".join(f"  - {m}\n" for m in result.missing) + "".join(f"  + {e}\n" for e in result.extra), end="")
    print("| language | endpoints | recall | without static files | precision | parameters named |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for language, t in totals.items():
        print(
            f"| {language} | {t.expected} | {_share(t.found, t.expected)} | {_share(t.found, t.expected - t.static)} "
            f"| {_share(t.right, t.given)} | {_share(t.named, t.params)} |"
        )
    print(f"\n{compared} samples were compared.")
    return 0


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "-"


if __name__ == "__main__":
    raise SystemExit(main())
