"""Which pipeline runs on each change, and whether it runs the backend's tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.yamlfile import Entry
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.places import is_test
from backend_readiness.controls.standing import apart
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_PATHS = (
    ".github/workflows/*.y*ml", ".gitlab-ci.y*ml", ".circleci/config.y*ml", "azure-pipelines*.y*ml", "bitbucket-pipelines.yml",
    ".drone.y*ml",
    ".travis.yml", ".woodpecker*.y*ml", "Jenkinsfile", ".buildkite/*.y*ml", ".cirrus.yml", "appveyor.yml", ".semaphore/*.y*ml",
    "cloudbuild.y*ml",
)  # fmt: skip
_TESTS = re.compile(sign("inf-ci-pipeline", "tests"))
_SUBSET = re.compile(sign("inf-ci-pipeline", "subset"))
_SCRIPT = re.compile(sign("inf-ci-pipeline", "script"))
_INSTALLS = re.compile(r"^npm\s+(?:-\S+\s+)*ci$")
# The usual task, which is the tests where the file of tasks says so, or leaves it to the framework.
_RAKE = re.compile(r"(?m)\brake[ \t]*$")
_RAKE_TESTS = re.compile(r"\bdefault\b\W+\[?\s*[:\"']?\w*(?:test|spec)|\bload_tasks\b")
_NO_TESTS = re.compile(r"no test specified|^\s*(?:echo|exit|true)\b")
# Files that hold tests, in the words that languages have for them; and tests that stand in files of other names.
_TESTED = re.compile(
    r"(?:(?:^|[/._-])(?i:_*tests?_*|specs?|cypress|e2e)(?=[/._-]).*|(?:Tests?|Specs?|IT)(?:[A-Z/.][^/]*)?(?:/.*)?)"
    r"\.(?:py|[cm]?[jt]sx?|go|rb|php|cs|fs|vb|java|kt|groovy|scala|rs|exs?|feature|sh|http|hurl|robot|json|clj)$"
)
_INSIDE = (r"#\[(?:cfg\(test\)|test)\]|^\s*>>> |\bdoctest\b|\[(?:Fact|Theory|Test|TestMethod)\b|^\s*@Test\b",)
_IGNORED = re.compile(r"\|\|\s*(?:true|:|echo|exit 0)")
_END_TO_END = re.compile(r"cypress|playwright|e2e|newman")
_BUILDS = re.compile(
    r"docker/build-push-action|\bdocker\s+(?:compose\s+)?build|\bdocker-compose\s+build|\bnpm\s+run\s+build|\bmake\b|\bbuild\b|\blint|ruff|eslint|mypy"
)


@dataclass(frozen=True, slots=True)
class Step:
    text: str
    line: int
    end_line: int
    folder: str
    ignored: bool


# A script of the repository: `./bin/ci`, `scripts/test.sh`.
_PROGRAM = re.compile(
    r"(?:^|[\s;&])((?:\./)?(?:bin|scripts?|ci|tools|\.github|\.ci|dev|hack|build)/[\w./-]+|\./[\w-]+(?:\.sh)?(?=[\s;]|$))"
)
MAX_SCRIPT_LINES = 200
# Pipelines of something else than the backend.
_ASIDE = re.compile(r"(?i)docs?\b|pages|website|release|label|stale")
# Languages whose tests Travis runs by itself.
_RUN_BY_TRAVIS = ("go", "node_js", "php", "ruby", "java", "kotlin", "scala", "elixir", "rust", "groovy")
_KEY = re.compile(r"^(\w+):\s*[\"']?([\w-]*)")


def verify(context: Context) -> Judgement:
    weak: list[tuple[str, Evidence]] = []
    builds: list[tuple[bool, Evidence]] = []
    parts: list[Evidence] = []
    for path, document in context.deployment.workflows:
        each_change = _runs_on_changes(path, document) or _called_on_changes(context, path)
        for step in _steps(path, document):
            place = context.at(path, step.line, min(step.end_line, step.line + 8))
            if not _runs_tests(context, step):
                if _BUILDS.search(step.text) is not None:
                    builds.append((each_change is None or _ASIDE.search(path) is not None, place))
                continue
            if step.ignored:
                weak.append(("ignores the result of the tests", place))
            elif each_change is None:
                weak.append(("does not run the tests on changes", place))
            elif each_change is False:
                weak.append(("runs the tests on some branches only, and not on pull requests", place))
            elif _SUBSET.search(step.text) is not None:
                parts.append(place)
            elif not _has_tests(context):
                weak.append(("runs a command of tests, and the repository holds no test", place))
            else:
                return passed("The pipeline runs the backend's tests on each change.", context.at(path, _trigger(document)), place)
    if len(parts) > 1:
        return passed("The pipeline runs the backend's tests on each change, each kind in a step of its own.", *parts[:2])
    if parts:
        return partial("The pipeline runs a part of the tests only.", *parts)
    if weak:
        return partial(f"The pipeline {weak[0][0]}.", weak[0][1])
    return _without_tests(context, [place for _, place in sorted(builds, key=lambda b: b[0])])


def _has_tests(context: Context) -> bool:
    """Is there source that a run of the tests could take, by its path or by the tests inside of it?"""
    held = any(is_test(f.path) or _TESTED.search(f.path) is not None for f in context.snapshot.files if not f.path.startswith("."))
    return held or bool(context.hits(_INSIDE, ("**/*.rs", "**/*.py", "**/*.exs", "**/*.cs", "**/*.java", "**/*.kt")))


def _without_tests(context: Context, builds: list[Evidence]) -> Judgement:
    usual = _usual_script(context)
    if usual is not None:
        return usual
    others = [p for p in context.snapshot.glob(*_PATHS) if p not in {w for w, _ in context.deployment.workflows}]
    for path in others:
        for number, line in enumerate(context.snapshot.lines(path), 1):
            if _TESTS.search(line) is not None or _SCRIPT.search(line) is not None:
                return passed("The pipeline runs tests.", context.at(path, number))
    if others:
        return unverified("A pipeline of another kind is declared; whether it runs the tests was not found out.", context.at(others[0], 1))
    if builds:
        return partial("The pipeline builds, but runs no test of the backend.", builds[0])
    if context.deployment.workflows and any(
        list(_steps(p, d)) for p, d in context.deployment.workflows if _runs_on_changes(p, d) is not None
    ):
        path, document = context.deployment.workflows[0]
        done = [s for s in _steps(path, document) if "checkout" not in s.text][:1]  # what it does instead
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


def _runs_on_changes(path: str, document: Entry) -> bool | None:
    """True: on pull requests, or on pushes to every branch. False: on pushes to some. None: by hand, by time, on tags."""
    if not path.startswith(".github/"):
        return True
    on = document.get("on")
    if on is None:
        return None
    names = set(on.texts()) | {k for k, _ in on.items()}
    if names & {"pull_request", "merge_group", "pull_request_target"}:
        return True
    if "push" not in names:
        return None
    push = on.get("push")
    branches = push.get("branches") if push is not None else None
    if branches is None:
        return not (push is not None and push.get("tags") is not None)
    return any(b in ("*", "**") for b in branches.texts()) or False


def _called_on_changes(context: Context, path: str) -> bool | None:
    """Does a workflow that runs on each change call this one (`uses: ./.github/workflows/tests.yml`)?"""
    for other, document in context.deployment.workflows:
        jobs = document.get("jobs")
        called = [_text(job.get("uses")) for _, job in jobs.items()] if jobs is not None and other.startswith(".github/") else []
        if other != path and f"./{path}" in called and _runs_on_changes(other, document):
            return True
    return None


def _steps(path: str, document: Entry) -> Iterator[Step]:
    """Commands and actions of a pipeline, with the folder that they run in."""
    if path.startswith(".github/"):
        jobs = document.get("jobs")
        for _, job in jobs.items() if jobs is not None else ():
            base = _text(job.get("defaults", "run", "working-directory"))
            steps = job.get("steps")
            for step in steps.each() if steps is not None else ():
                for key in ("run", "uses"):
                    entry = next((e for k, e in step.items() if k == key), None)
                    if entry is not None:
                        folder = _text(step.get("working-directory")) or base
                        extra = " ".join(e.text for k, e in step.items() if k in ("name", "with")) if key == "uses" else ""
                        ignored = _text(step.get("continue-on-error")) == "true"
                        yield Step(f"{entry.text} {extra}", entry.line, entry.end_line, folder, ignored)
        return
    for key, entry in document.walk():
        if key in ("script", "run", "command", "commands", "before_script", "bash", "install"):
            for text in entry.texts():
                yield Step(text, entry.line, entry.end_line, "", False)
    if path == ".travis.yml" and document.get("script") is None and _text(document.get("language")) == "node_js":
        yield Step("npm test", document.line, document.line, "", False)


def _text(entry: Entry | None) -> str:
    return entry.text if entry is not None else ""


def _runs_tests(context: Context, step: Step) -> bool:
    text = "\n".join(line for line in step.text.split("\n") if _IGNORED.search(line) is None)
    folder = step.folder.strip("./")
    moved = re.search(r"\bcd\s+([\w./-]+)", text)
    folder = folder or (moved.group(1).strip("./") if moved is not None else "")
    text += "\n" + _own_script(context, text)
    elsewhere = bool(folder) and _is_other_application(context, folder)
    for match in _TESTS.finditer(text):
        if "install" not in text[max(0, match.start() - 40) : match.start()].rpartition("\n")[2] and (
            not elsewhere or _END_TO_END.search(text) is not None
        ):
            return True
    if _RAKE.search(text) is not None and not elsewhere and _RAKE_TESTS.search(_rakefile(context)) is not None:
        return True
    for match in _SCRIPT.finditer(text):
        name = (match.group(1) or "test").replace("t", "test") if match.group(1) == "t" else (match.group(1) or "test")
        known = [s for s in context.deployment.scripts if s.name == name]
        if _INSTALLS.search(match.group(0)) is not None or (match.group(1) and not known and context.deployment.scripts):
            continue  # `npm ci` installs, and a name that no package of the repository has runs nothing
        runs = [s for s in known if _NO_TESTS.search(s.command) is None]
        if (runs or not known) and (not elsewhere or _END_TO_END.search(text + " ".join(s.command for s in runs)) is not None):
            return True
    return False


def _rakefile(context: Context) -> str:
    """The text of the file of tasks nearest to the backend; empty when there is none."""
    held = (p for p in (f"{context.backend_root}/Rakefile".lstrip("/"), "Rakefile") if context.snapshot.file(p) is not None)
    path = next(held, None)
    return context.snapshot.text(path) if path is not None else ""


def _own_script(context: Context, text: str) -> str:
    """The commands of a script of the repository that a step runs."""
    for match in _PROGRAM.finditer(text):
        path = match.group(1).removeprefix("./")
        if context.snapshot.file(path) is not None:
            return "\n".join(t for t in context.snapshot.lines(path)[:MAX_SCRIPT_LINES] if not t.lstrip().startswith("#"))
    return ""


def _is_other_application(context: Context, folder: str) -> bool:
    """Is the folder that of an application which does not hold the flow's routes?"""
    root = context.backend_root
    if not root or folder == root or folder.startswith(f"{root}/") or root.startswith(f"{folder}/"):
        return False
    return any(a.root == folder for a in context.snapshot.applications)
