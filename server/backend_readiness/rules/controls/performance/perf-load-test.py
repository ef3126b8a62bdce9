"""A load test sends the flow's requests, with thresholds."""

import re

from backend_readiness.controls.application import manifest_place
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.places import is_test
from backend_readiness.controls.standing import apart
from backend_readiness.controls.work.first_tests import first_test
from backend_readiness.model import Evidence

_TOOL = (
    r"from\s+[\"']k6|require\([\"']k6|from\s+locust\s+import|import\s+locust|\bartillery\b|<jmeterTestPlan|io\.gatling|import\s+autocannon|\bautocannon\b"
    r"|\bvegeta\s+attack|\bwrk\s+-|\bhey\s+-|\bdrill\b.*benchmark|\boha\b\s+-|taurus|\bghz\b",
)  # fmt: skip
_PATHS = (
    "**/*.js",
    "**/*.ts",
    "**/*.mjs",
    "**/*.py",
    "**/*.y*ml",
    "**/*.jmx",
    "**/*.scala",
    "**/*.sh",
    "**/package.json",
    "**/Makefile",
    "**/*.toml",
    "**/justfile",
    "**/*.txt",
)
MAX_TAIL = 160
_FOR_TESTS = (
    "[dev-dependencies]",
    "group :test",
    "group :development, :test",
    '"require-dev"',
    "testImplementation",
    "only: [:test",
    "<scope>test",
)
_NAMED = re.compile(r"(?i)(^|/)(load|stress|perf(ormance)?|soak)[_-]?tests?([._/-]|$)[^/]*(?<!\.md)$")
_LIMITS = re.compile(r"thresholds|ensure\b|check_fail|assertions|\bp\(?9\d|percentile|fail_ratio|environment\.process_exit_code|expect\b")


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("The flow has no route of the backend.")
    hits = [
        h for h in context.absences.all_hits(_TOOL, _PATHS) if "node_modules" not in h[0] and not h[0].endswith(("lock.yaml", "lock.json"))
    ]
    scripts = list(
        dict.fromkeys(h[0] for h in hits if h[0].endswith((".js", ".ts", ".mjs", ".py", ".yml", ".yaml", ".jmx", ".scala", ".sh")))
    )
    named = next((f.path for f in context.snapshot.files if _NAMED.search(f.path) is not None), None) if not hits else None
    if named is not None:
        return unverified("A file is called a load test; what it sends, and how much, was not read.", context.at(named, 1))
    if not hits:
        missing = context.missing("a load test", at=context.at_route(), patterns=_TOOL, paths=_PATHS)
        if missing is not None:
            return failed("No load test is in the repository.", *apart((missing, *_tests(context), *_scripts(context))))
        return unverified("Whether a load test exists could not be settled.")
    words = [
        w
        for r in context.routes
        for w in r.route.endpoint.path.split("/")
        if w and not w.startswith("{") and w not in ("api", "v1", "v2", "v3")
    ]
    for path in scripts:
        text = context.snapshot.text(path)
        live = [t for t in text.split("\n") if not t.lstrip().startswith(("//", "#", "*", "/*", "<!--"))]
        if any(f"/{w}" in t for w in words for t in live) or not words:
            where = context.at(path, next((h[1] for h in hits if h[0] == path), 1))
            if _LIMITS.search(text) is None:
                return partial("A load test sends the flow's requests and sets no thresholds.", where)
            return passed("A load test with thresholds sends the flow's requests.", where)
    if scripts:
        return failed("There is a load test, and it does not send the flow's requests.", context.at(scripts[0], 1), context.at_route())
    return unverified("A load testing tool is named, and no script of it was found.", context.at(hits[0][0], hits[0][1]))


def _scripts(context: Context) -> tuple[Evidence, ...]:
    """The scripts of the backend's manifest, or what it needs for its tests: none of them sends load."""
    root = context.backend_root
    own = sorted(
        context.deployment.scripts, key=lambda s: (s.path.rpartition("/")[0] != root, not s.path.startswith(root), "test" not in s.name)
    )
    inside = [s for s in own if s.path.startswith(root)]
    needs = manifest_place(context, marks=_FOR_TESTS) if not inside else None
    return tuple(context.at(s.path, s.line) for s in inside[:1] or own[:1]) + ((needs,) if needs is not None else ())


def _tests(context: Context) -> tuple[Evidence, ...]:
    """The tests of the same resource, beside which a load test would stand."""
    asked = _asks(context)
    if asked is not None:
        return (asked,)
    words = [w for w in context.routes[0].route.endpoint.path.lower().split("/") if len(w) > 2 and "{" not in w and w != "api"]
    tests = [f.path for f in context.snapshot.files if is_test(f.path) and "mock" not in f.path.lower()]
    found = first_test(context, (p for p in tests if any(w in p.rpartition("/")[2].lower() for w in words[-1:])))
    kind = context.routes[0].route.place.file.rpartition(".")[2]
    found = found or first_test(context, (p for p in tests if p.endswith(f".{kind}")))
    return (found,) if found is not None else ()


def _asks(context: Context) -> Evidence | None:
    """The first line of a test that sends a request to the flow's path, or names it by the helper of the framework."""
    words = [w for w in context.routes[0].route.endpoint.path.split("/") if w and "{" not in w]
    if not words:
        return None
    tail = re.escape("/".join(words[-2:]))
    named = re.escape(words[-1].replace("-", "_"))
    patterns = (rf"[\"'`][^\"'`\s]{{0,60}}{tail}[\"'`?]", rf"\b{named}_(path|url)\b") if len(tail) + len(named) < MAX_TAIL else ()
    hits = context.absences.all_hits(patterns, context.source_globs) if patterns else []
    found = next((h for h in hits if is_test(h[0]) and context.routes[0].route.endpoint.method.lower() in _near(context, h[0], h[1])), None)
    return context.at(*found[:2]) if found is not None else None


def _near(context: Context, file: str, line: int) -> str:
    """The line and those around it, in small letters: the method may stand above or below the path."""
    return " ".join(context.snapshot.lines(file)[max(0, line - 4) : line + 2]).lower()
