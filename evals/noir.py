"""Endpoints against an independent standard: the functional samples of OWASP Noir, with what its authors expect of them.

    git clone https://github.com/owasp-noir/noir
    python -m evals.noir noir                         every sample of our languages, a table by language
    python -m evals.noir noir go java/spring --verbose   what is missing (-) and what is more (+) in these

Samples of command-line programs and those that are about options of Noir are left out. A route for any method stands for each of them, an
operation that has a name here (`RPC`, `QUERY`, `MUTATION`) for the path that Noir writes for it. `noir_decisions.yml` holds the differences
that are a matter of definition, by class with the reason; recall and precision are given with those and without.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from backend_readiness.errors import UnusableInput
from backend_readiness.model import Route
from backend_readiness.workspace import Workspace

LANGUAGES = (
    "python", "javascript", "typescript", "go", "java", "kotlin", "csharp", "aspnet", "php", "ruby", "rust", "elixir", "scala",
)  # fmt: skip
OPERATIONS = frozenset({"RPC", "QUERY", "MUTATION", "SUBSCRIPTION", "ACTION"})
_SOCKET = frozenset({"GET", "SEND", "SUBSCRIBE"})  # how Noir writes a socket and the messages that are sent through it
METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "QUERY", "ANY", "WS"})
DECISIONS = Path(__file__).with_name("noir_decisions.yml")
_LEFT_OUT = re.compile(r"/cli|_ai_context|multi_base|exclude_path|in_node_modules|lexer_repro")
_ENDPOINT = re.compile(r'Endpoint\.new\(\s*"((?:[^"\\]|\\.)*)"\s*,\s*"(\w+)"')
_PARAM = re.compile(r'Param\.new\(\s*"([^"]+)"')
_SAMPLE = re.compile(r'FunctionalTester\.new\(\s*"fixtures/([^"]+?)/?"')
_GRAPHQL = re.compile(r".*#(Query|Mutation|Subscription)\.(\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    method: str
    path: str  # as the sample writes it
    params: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Score:
    """Counts of one sample or language. `missing_by`, `extra_by`: those of the differences that fall in a class of `DECISIONS`."""

    found: int = 0
    expected: int = 0
    right: int = 0
    given: int = 0
    named: int = 0
    params: int = 0
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    missing_by: Counter[str] = field(default_factory=Counter)
    extra_by: Counter[str] = field(default_factory=Counter)

    def add(self, other: Score) -> None:
        for name in ("found", "expected", "right", "given", "named", "params"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.missing_by.update(other.missing_by)
        self.extra_by.update(other.extra_by)


def plain(path: str) -> str:
    """A path with its parameters as `{}`, in whatever notation it stands; the case and a last slash do not count."""
    path = path.partition("?")[0]
    path = re.sub(r"\(\?P?<(\w+)>(?:[^()]|\([^)]*\))*\)", r"{\1}", path)
    path = re.sub(r"\$\w+<[^<>]*>", "{}", path)
    path = re.sub(r"\{\*{0,2}(\w+)[^{}]*(\{[^{}]*\}[^{}]*)*\}", "{}", path)
    path = re.sub(r"<[^<>]*>", "{}", path)
    path = re.sub(r"(?<=/)[:@]\w+(\([^)]*\))?[?*+]?", "{}", path)
    path = re.sub(r"\*+\w*", "{}", path)
    path = re.sub(r"(?<=[\w.\-]):\w+", "{}", path)
    path = re.sub(r"\((?!\?)[^()]*\)", "{}", path)
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
        members = min(samples).startswith("ruby/rails")  # Noir writes the key of a member as 1
        found[min(samples)].extend(replace(e, path=re.sub(r"/1(?=/|$)", "/:id", e.path)) if members else e for e in _listed(text))
    if not found:
        raise UnusableInput(f"{noir} holds no functional samples of OWASP Noir: name the folder of a clone of it")
    return found


def _listed(text: str) -> Iterator[Expected]:
    hits = list(_ENDPOINT.finditer(text))
    for number, hit in enumerate(hits):
        body = text[hit.end() : hits[number + 1].start() if number + 1 < len(hits) else len(text)].partition("FunctionalTester")[0]
        method = "WS" if 'protocol = "ws"' in body and hit.group(2) in _SOCKET else hit.group(2)
        operation = _GRAPHQL.fullmatch(hit.group(1))
        if operation is not None:
            yield Expected(method=operation.group(1).upper(), path=operation.group(2), params=tuple(_PARAM.findall(body)))
        elif method in METHODS:
            yield Expected(method=method, path=hit.group(1).replace("\\\\", "\\"), params=tuple(_PARAM.findall(body)))


def decisions() -> dict[tuple[str, str], str]:
    """(sample, endpoint) -> the class of a difference that is a matter of definition; `*` for every endpoint of a sample."""
    classes = yaml.safe_load(DECISIONS.read_text("utf-8"))
    return {
        (sample, endpoint): name
        for name, entry in classes.items()
        for side in ("missing", "more")
        for sample, listed in entry.get(side, {}).items()
        for endpoint in listed
    }


def score(expected: list[Expected], routes: tuple[Route, ...], decided: Mapping[str, str] | None = None) -> Score:
    """One sample: what is missing, what is more, how many parameters of what was found are named. `decided`: endpoint -> class."""
    decided = decided or {}
    want = {(e.method, plain(e.path)): e for e in reversed(expected)}
    have = {(r.endpoint.method, plain(r.endpoint.path)): r for r in routes if r.endpoint.method in METHODS | OPERATIONS}
    result = Score(expected=len(want), given=len(have))
    for key, item in want.items():
        route = next((have[k] for k in have if _same(key, k)), None)
        if route is None:
            name = decided.get(f"{item.method} {item.path}", decided.get("*", ""))
            result.missing_by.update([name] if name else [])
            result.missing.append(f"{item.method} {item.path}{f' ({name})' if name else ''}")
            continue
        names = {p.name.lower() for p in route.params}
        result.found += 1
        result.params += len(item.params)
        result.named += sum(p.lower() in names for p in item.params)
    for key, route in have.items():
        if any(_same(k, key) for k in want):
            result.right += 1
        else:
            name = decided.get(str(route.endpoint), decided.get("*", ""))
            result.extra_by.update([name] if name else [])
            result.extra.append(f"{route.endpoint} {route.place}{f' ({name})' if name else ''}")
    return result


def _same(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Is what Noir writes (`one`) the same endpoint? A procedure stands below whatever it is mounted at."""
    if other[0] in ("RPC", "ACTION") and one[0] in ("GET", "POST") and one[1].endswith(other[1]):
        return True
    return one[1] == other[1] and (one[0] == other[0] or "ANY" in (one[0], other[0]) or {one[0], other[0]} == {"WS", "GET"})


def copied(sample: Path, scratch: Path) -> Path:
    """A copy of the sample that lies alone, as a repository does."""
    copy = scratch / sample.parent.name / sample.name
    shutil.copytree(sample, copy, symlinks=True)
    return copy


def routes_of(sample: Path, scratch: Path) -> tuple[Route, ...]:
    """The endpoints of a copy of the sample that lies alone, as a repository does; none when nothing in it can be read."""
    try:
        return Workspace(copied(sample, scratch), cache_dir=scratch / "cache").routes()
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
    classes: dict[str, dict[str, str]] = defaultdict(dict)
    for (sample, endpoint), name in decisions().items():
        classes[sample][endpoint] = name
    with tempfile.TemporaryDirectory() as scratch:
        for sample, listed in expected.items():
            folder = given.noir / "spec" / "functional_test" / "fixtures" / sample
            if not folder.is_dir() or not any(sample == w or sample.startswith(f"{w.rstrip('/')}/") for w in wanted):
                continue
            result = score(listed, routes_of(folder, Path(scratch)), classes.get(sample))
            compared += 1
            totals.setdefault(sample.partition("/")[0], Score()).add(result)
            if given.verbose:
                print(f"{sample}: {result.found} of {result.expected}, {len(result.extra)} more")
                print("".join(f"  - {m}\n" for m in result.missing) + "".join(f"  + {e}\n" for e in result.extra), end="")
    _print_tables(totals)
    print(f"\n{compared} samples were compared.")
    return 0


def _print_tables(totals: dict[str, Score]) -> None:
    print("| language | endpoints | recall | precision | recall, decided left out | precision, decided left out | parameters named |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    everything = Score()
    for language, t in totals.items():
        print(_row(language, t))
        everything.add(t)
    print(_row("all", everything))
    print("\n| class of differences | missing | more |\n| --- | ---: | ---: |")
    for name in sorted({*everything.missing_by, *everything.extra_by}):
        print(f"| {name} | {everything.missing_by[name]} | {everything.extra_by[name]} |")
    open_missing = everything.expected - everything.found - everything.missing_by.total()
    print(f"| not decided: ours is wrong | {open_missing} | {everything.given - everything.right - everything.extra_by.total()} |")


def _row(name: str, t: Score) -> str:
    missing, more = t.missing_by.total(), t.extra_by.total()
    return (
        f"| {name} | {t.expected} | {_share(t.found, t.expected)} | {_share(t.right, t.given)} "
        f"| {_share(t.found, t.expected - missing)} | {_share(t.right, t.given - more)} | {_share(t.named, t.params)} |"
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "-"


if __name__ == "__main__":
    raise SystemExit(main())
