"""Endpoints of one published interface that many people wrote in many frameworks: the truth is the interface, and nobody here labelled it.

    git clone https://github.com/the-benchmarker/web-frameworks
    python -m evals.standards web-frameworks web-frameworks [go ...]    GET /, GET /user/:id and POST /user in every framework
    git clone https://github.com/TechEmpower/FrameworkBenchmarks
    python -m evals.standards techempower FrameworkBenchmarks [Go ...]  the URLs that `benchmark_config.json` of each sample names
    python -m evals.standards realworld REPOSITORY ...                  the 19 endpoints of RealWorld, below any prefix

With `--verbose` what is missing (-) and what else is listed (+) stands below each sample. A route for any method stands for each of them.
What else is listed may be true: samples answer more than the interface asks for.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend_readiness.errors import UnusableInput
from evals.noir import plain, routes_of

Endpoint = tuple[str, str]  # method, and path with its parameters as {}

WEB_FRAMEWORKS = ("GET /", "GET /user/{}", "POST /user")
# https://docs.realworld.show/specifications/backend/endpoints
REALWORLD = (
    "POST /users/login", "POST /users", "GET /user", "PUT /user",
    "GET /profiles/{}", "POST /profiles/{}/follow", "DELETE /profiles/{}/follow",
    "GET /articles", "GET /articles/feed", "GET /articles/{}", "POST /articles", "PUT /articles/{}", "DELETE /articles/{}",
    "POST /articles/{}/comments", "GET /articles/{}/comments", "DELETE /articles/{}/comments/{}",
    "POST /articles/{}/favorite", "DELETE /articles/{}/favorite", "GET /tags",
)  # fmt: skip
LANGUAGES = ("csharp", "elixir", "go", "java", "javascript", "kotlin", "php", "python", "ruby", "rust", "scala", "typescript")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One sample. `missing`: of what the interface names; `more`: what else is listed."""

    language: str
    sample: str
    true: int
    missing: tuple[str, ...]
    more: tuple[str, ...]


def compare(language: str, sample: str, wanted: Sequence[str], listed: Iterable[Endpoint]) -> Compared:
    have = {(method, plain(path)) for method, path in listed}
    pairs = {w: (w.partition(" ")[0], w.partition(" ")[2]) for w in wanted}
    missing = tuple(w for w, (method, path) in pairs.items() if not any(_is(method, path, h) for h in have))
    more = tuple(f"{h[0]} {h[1]}" for h in sorted(have) if not any(_is(method, path, h) for method, path in pairs.values()))
    return Compared(language=language, sample=sample, true=len(pairs), missing=missing, more=more)


def _is(method: str, path: str, listed: Endpoint) -> bool:
    """Is it listed? A URL that names a folder may be completed by what the test puts behind it."""
    if listed[0] not in (method, "ANY"):
        return False
    paths = (plain(path), plain(f"{path}{{}}")) if path.endswith("/") and path != "/" else (plain(path),)
    return listed[1] in paths


def below_prefix(wanted: Sequence[str], listed: Sequence[Endpoint]) -> tuple[str, ...]:
    """The interface below the prefix that most of what is listed has: `/api/v1`."""
    have = [(method, plain(path)) for method, path in listed]
    prefixes = {path.removesuffix(w.partition(" ")[2]) for w in wanted for _, path in have if path.endswith(w.partition(" ")[2])}

    def found(prefix: str) -> int:
        return sum(any(_is(*_under(prefix, w), h) for h in have) for w in wanted)

    best = max(sorted(prefixes), key=found, default="")
    return tuple(" ".join(_under(best, w)) for w in wanted)


def _under(prefix: str, wanted: str) -> Endpoint:
    method, _, path = wanted.partition(" ")
    return method, f"{prefix}{path}"


def urls_of(sample: Path) -> tuple[str, ...]:
    """What `benchmark_config.json` asks a sample for, without the queries; nothing when it cannot be read."""
    try:
        tests = json.loads((sample / "benchmark_config.json").read_text("utf-8"))["tests"]
        urls = {v for test in tests for one in test.values() for k, v in one.items() if k.endswith("_url")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(sorted({f"GET {url.partition('?')[0]}" for url in urls if isinstance(url, str)}))


def samples(kind: str, folders: Sequence[str]) -> Iterator[tuple[str, Path, tuple[str, ...]]]:
    """(language, folder, what is wanted). Errors: `UnusableInput` when the first folder is no clone that holds such samples."""
    if kind == "realworld":
        yield from (("realworld", Path(f), REALWORLD) for f in folders)
        return
    root = Path(folders[0]) / ("frameworks" if kind == "techempower" else "")
    languages = [p for p in sorted(root.iterdir()) if p.name.lower() in LANGUAGES] if root.is_dir() else []
    if not languages:
        raise UnusableInput(f"{folders[0]} holds no samples of {kind}: name the folder of a clone of it")
    for language in languages:
        if folders[1:] and language.name not in folders[1:]:
            continue
        for sample in sorted(p for p in language.iterdir() if p.is_dir()):
            wanted = urls_of(sample) if kind == "techempower" else WEB_FRAMEWORKS
            if wanted:
                yield language.name, sample, wanted


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.standards", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("kind", choices=["web-frameworks", "techempower", "realworld"])
    parser.add_argument("folders", nargs="+", help="a clone, and languages of it; with realworld: repositories")
    parser.add_argument("--verbose", action="store_true", help="list what is missing and what else is listed")
    given = parser.parse_args(arguments)
    compared: list[Compared] = []
    try:
        with tempfile.TemporaryDirectory() as scratch:
            for number, (language, sample, wanted) in enumerate(samples(given.kind, given.folders)):
                listed = [(r.endpoint.method, r.endpoint.path) for r in routes_of(sample, Path(scratch) / str(number))]
                below = below_prefix(wanted, listed) if given.kind == "realworld" else wanted
                compared.append(compare(language, sample.name, below, listed))
                if given.verbose:
                    print_sample(compared[-1])
    except UnusableInput as error:
        print(error, file=sys.stderr)
        return 2
    print_table(compared, "endpoints")
    return 0


def print_sample(one: Compared) -> None:
    print(f"{one.language}/{one.sample}: {one.true - len(one.missing)} of {one.true}, {len(one.more)} more")
    print("".join(f"  - {m}\n" for m in one.missing) + "".join(f"  + {m}\n" for m in one.more), end="")


def print_table(compared: Sequence[Compared], things: str) -> None:
    """The sums of each language and of all; `things` is what is counted."""
    print(f"| language | samples | complete | with nothing found | {things} | found | share |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for language in [*dict.fromkeys(c.language for c in compared), "all"]:
        rows = [c for c in compared if language in (c.language, "all")]
        true, missing = sum(c.true for c in rows), sum(len(c.missing) for c in rows)
        complete, empty = sum(not c.missing for c in rows), sum(len(c.missing) == c.true for c in rows)
        share = f"{(true - missing) / true:.2f}" if true else "-"
        print(f"| {language} | {len(rows)} | {complete} | {empty} | {true} | {true - missing} | {share} |")


if __name__ == "__main__":
    raise SystemExit(main())
