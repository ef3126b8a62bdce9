"""Which pipeline runs on each change, and whether it runs the backend's tests."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.checked_changes import (
    has_tests,
    ignores_tests,
    left_out_by_build,
    lets_failures_go,
    runs_own_program,
    runs_tests,
)
from backend_readiness.controls.deployed.pipeline_steps import Runs, Step, runs_on, steps_of, text_of
from backend_readiness.controls.deployed.yamlfile import Entry
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.standing import apart
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_PATHS = (
    ".github/workflows/*.y*ml", ".gitlab-ci.y*ml", ".circleci/config.y*ml", "azure-pipelines*.y*ml", "bitbucket-pipelines.yml",
    ".drone.y*ml",
    ".travis.yml", ".woodpecker*.y*ml", "Jenkinsfile", ".buildkite/*.y*ml", ".cirrus.yml", "appveyor.yml", ".semaphore/*.y*ml",
    "cloudbuild.y*ml",
)  # fmt: skip
_SUBSET = re.compile(sign("inf-ci-pipeline", "subset"))
_PAGES = re.compile(sign("inf-ci-pipeline", "pages"))
_SCRIPT = re.compile(sign("inf-ci-pipeline", "script"))
_BUILDS = re.compile(
    r"docker/build-push-action|\bdocker\s+(?:compose\s+)?build|\bdocker-compose\s+build|\bnpm\s+run\s+build|\bmake\b|\bbuild\b|\bassemble\b|\btestClasses\b|\blint|ruff|eslint|mypy|\bmvnw?\b.*\b(?:compile|package|install|verify)\b|\bcargo\b|\bdotnet\s+publish\b"
)


# Pipelines of something else than the backend.
_ASIDE = re.compile(r"(?i)docs?\b|pages|website|release|label|stale")
# Languages whose tests Travis runs by itself.
_RUN_BY_TRAVIS = ("go", "node_js", "php", "ruby", "java", "kotlin", "scala", "elixir", "rust", "groovy")
_WEAK = {
    Runs.NONE: "does not run the tests on changes",
    Runs.OTHERS: "runs the tests on changes of other files only",
    Runs.SOME: "runs the tests on some branches only, and not on pull requests",
}
_KEY = re.compile(r"^(\w+):\s*[\"']?([\w-]*)")


def verify(context: Context) -> Judgement:
    weak: list[tuple[str, Evidence]] = []
    builds: list[tuple[bool, Evidence]] = []
    programs: list[Evidence] = []
    parts: list[Evidence] = []
    let_go: list[Evidence] = []
    pages: list[Evidence] = []
    full: tuple[Evidence, ...] = ()
    code = context.routes[0].route.place.file if context.routes else ""
    for path, document in context.deployment.workflows:
        called = _called_on_changes(context, path, code)
        for step in steps_of(path, document, code):
            runs = Runs.EACH if called else step.runs
            place = context.at(path, step.line, min(step.end_line, step.line + 8))
            if ignores_tests(context, step) and runs is not Runs.NONE:
                let_go.append(place)
            if not runs_tests(context, step):
                if runs is Runs.EACH and runs_own_program(step.text):
                    programs.append(place)
                if _BUILDS.search(step.text) is not None:
                    builds.append((runs is Runs.NONE or _ASIDE.search(path) is not None, place))
                continue
            if step.ignored:
                weak.append(("ignores the result of the tests", place))
            elif runs is not Runs.EACH:
                weak.append((_WEAK[runs], place))
            elif _SUBSET.search(step.text) is not None:
                parts.append(place)
            elif _is_through_pages(context, step.text):
                pages.append(place)
            elif (left_out := left_out_by_build(context, step)) is not None:
                weak.append(("builds, and the build file leaves the tests out", left_out))
            elif not has_tests(context, step.text):
                weak.append(("runs a command of tests, and the repository holds no test that it takes", place))
            else:
                full = full or (context.at(path, _trigger(document)), place)
    going = lets_failures_go(context) if full else None
    if going is not None:
        return partial("The pipeline runs the tests, and the build goes on whatever they find.", going, *full[1:])
    if full and let_go:
        return partial("The pipeline runs tests, and goes on whatever one step of them finds.", let_go[0], *full[1:])
    if full:
        return passed("The pipeline runs the backend's tests on each change.", *full)
    if let_go:
        return partial("The only steps that run the tests go on whatever they find.", *let_go[:2])
    if len(parts) > 1:
        return passed("The pipeline runs the backend's tests on each change, each kind in a step of its own.", *parts[:2])
    if parts:
        return partial("The pipeline runs a part of the tests only.", *parts)
    if pages:
        why = "The pipeline runs tests through a browser; whether they, or others, run the backend of the change was not found out."
        return unverified(why, pages[0])
    if weak:
        return partial(f"The pipeline {weak[0][0]}.", weak[0][1])
    if programs:
        return unverified("The pipeline runs a program of the repository; whether that runs the tests was not found out.", programs[0])
    return _without_tests(context, [place for _, place in sorted(builds, key=lambda b: b[0])])


def _is_through_pages(context: Context, text: str) -> bool:
    """Does the step drive a browser, by its command or the script that it runs, or run a script of that name which is not there?"""
    if _PAGES.search(text) is not None:
        return True
    named = {m.group(1) for m in _SCRIPT.finditer(text)}
    known = [s.command for s in context.deployment.scripts if s.name in named]
    if known:
        return all(_PAGES.search(command) is not None for command in known)
    return bool(named) and all("e2e" in name for name in named)


def _without_tests(context: Context, builds: list[Evidence]) -> Judgement:
    usual = _usual_script(context)
    if usual is not None:
        return usual
    others = [p for p in context.snapshot.glob(*_PATHS) if p not in {w for w, _ in context.deployment.workflows}]
    for path in others:
        for number, line in enumerate(context.snapshot.lines(path), 1):
            step = Step(line, number, number, "", ignored=False, runs=Runs.EACH)
            if not line.lstrip().startswith(("//", "*")) and runs_tests(context, step) and has_tests(context, line):
                return passed("The pipeline runs tests.", context.at(path, number))
    if others:
        return unverified("A pipeline of another kind is declared; whether it runs the tests was not found out.", context.at(others[0], 1))
    if builds:
        return partial("The pipeline builds, but runs no test of the backend.", builds[0])
    if any(s.runs is not Runs.NONE for p, d in context.deployment.workflows for s in steps_of(p, d, "")):
        path, document = context.deployment.workflows[0]
        done = list(steps_of(path, document, ""))[:1]  # what it does instead
        places = (context.at(path, _trigger(document)), *(context.at(path, s.line) for s in done))
        return failed("No pipeline builds the backend or runs its tests.", *apart(places))
    proof = context.missing("a pipeline", at=_manifest(context), paths=_PATHS)
    if proof is None:
        return unverified("A pipeline is declared; what it does was not found out.", context.at(context.snapshot.glob(*_PATHS)[0], 1))
    return failed("The repository has no pipeline.", *apart((proof, *_test_setup(context))))


def _usual_script(context: Context) -> Judgement | None:
    """A Travis file that names a language and no script runs the tests of that language."""
    for path in context.snapshot.glob(".travis.yml"):
        lines = context.snapshot.lines(path)
        keys = {m.group(1): (n, m.group(2).strip()) for n, t in enumerate(lines, 1) if (m := _KEY.match(t)) is not None}
        number, language = keys.get("language", (0, ""))
        if language in _RUN_BY_TRAVIS and "script" not in keys and "jobs" not in keys and "matrix" not in keys:
            return passed(f"The pipeline runs the usual tests of {language} on each change.", context.at(path, number))
    return None


def _manifest(context: Context) -> Evidence:
    """Where a reader looks first: the test script, else the manifest of the repository."""
    here = ("", context.backend_root)
    tests = [s for s in context.deployment.scripts if s.name == "test" and s.path.rpartition("/")[0] in here]
    scripts = sorted(tests, key=lambda s: s.path.count("/"))
    if scripts:
        return context.at(scripts[0].path, scripts[0].line)
    manifests = sorted((m for a in context.snapshot.applications for m in a.manifests), key=lambda m: m.count("/"))
    if not manifests:
        return context.at_application()
    lines = context.snapshot.lines(manifests[0])
    return context.at(manifests[0], next((n for n, t in enumerate(lines, 1) if t.lstrip().startswith('"scripts"')), 1))


def _test_setup(context: Context) -> tuple[Evidence, ...]:
    """The settings of the tests that a pipeline would run."""
    found = context.snapshot.glob(
        "phpunit.xml*", "pytest.ini", "tox.ini", "jest.config.*", "vitest.config.*", ".rspec", "test/test_helper.rb"
    )
    return (context.at(found[0], 1),) if found else ()


def _trigger(document: Entry) -> int:
    found = document.get("on")
    return found.line if found is not None else document.line


def _called_on_changes(context: Context, path: str, code: str) -> bool:
    """Does a workflow that runs on each change call this one (`uses: ./.github/workflows/tests.yml`)?"""
    for other, document in context.deployment.workflows:
        jobs = document.get("jobs")
        called = [text_of(job.get("uses")) for _, job in jobs.items()] if jobs is not None and other.startswith(".github/") else []
        if other != path and f"./{path}" in called and runs_on(other, document, code) is Runs.EACH:
            return True
    return False
