"""A scanner of dependencies or images in CI or in a hook; an update bot alone is half of it."""

import re
from collections.abc import Iterator

from backend_readiness.controls.application import manifest_place
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.pipelines import only_by_hand, switched_off
from backend_readiness.controls.judgement import Judgement, failed, partial, passed
from backend_readiness.controls.standing import apart
from backend_readiness.graph.families import are_kin
from backend_readiness.rules.signs import sign, signs_by

_SCANS = re.compile(sign("sec-dependency-scan", "scans"))
_HINTS = (
    r"(?i)\b(pip-audit|safety +(check|scan)|audit|trivy|grype|snyk|osv-scanner|dependency-check|dependency-review|govulncheck)\b",
    r"(?i)docker +scout|anchore|gemnasium|whitesource|(dependency|container)-scanning",
)
_PLACES = (
    ".github/workflows/*.y*ml",
    ".gitlab-ci.y*ml",
    ".circleci/config.y*ml",
    "azure-pipelines*.y*ml",
    "bitbucket-pipelines.yml",
    ".drone.y*ml",
    ".travis.yml",
    "**/Jenkinsfile*",
    ".pre-commit-config.y*ml",
    ".husky/*",
    ".woodpecker*.y*ml",
)
_BOTS = (".github/dependabot.y*ml", "renovate.json*", ".github/renovate.json*", ".renovaterc*", ".gitlab/renovate.json*")
_ECOSYSTEM = re.compile(r"^\s*-?\s*package-ecosystem\s*:")
_OF_PIPELINES = re.compile(r"github-actions|docker|gitsubmodule|devcontainers")
_RUN = re.compile(sign("sec-dependency-scan", "run"))
_OF_OTHERS = re.compile(sign("sec-dependency-scan", "of_others"))
_PREPARES = re.compile(sign("sec-dependency-scan", "prepares"))
_LANGUAGES = {name: re.compile(patterns[0]) for name, patterns in signs_by("sec-dependency-scan", "languages").items()}
_STEP = re.compile(r"\s*-\s")
_ITEM = re.compile(r"(\s*)-\s+['\"]?[^\s'\"]+['\"]?\s*$")
_LISTS = re.compile(sign("sec-dependency-scan", "lists"))
MAX_LIST = 60
OPTIONS = 12  # lines of a step


def verify(context: Context) -> Judgement:
    found = list(_scans(context))
    read = [(path, number) for path, number, text in found if not _is_of_another(context, text)]
    regular = next(((p, n) for p, n in read if not only_by_hand(context, p)), None)
    if regular is not None:
        return passed("A pipeline scans dependencies or images.", context.at(*regular))
    if read:
        return partial("The scan runs only when somebody starts it by hand.", context.at(*read[0]))
    if found:
        return partial("The scan reads the dependencies of another part of the repository alone.", context.at(*found[0][:2]))
    bots = context.snapshot.glob(*_BOTS)
    if bots:
        kinds = [n for n, t in enumerate(context.snapshot.lines(bots[0]), 1) if _ECOSYSTEM.search(t) is not None]
        own = [n for n in kinds if _OF_PIPELINES.search(context.snapshot.lines(bots[0])[n - 1]) is None]
        return partial("An update bot is configured, but nothing scans for vulnerabilities.", context.at(bots[0], (own or kinds or [1])[0]))
    for path in context.snapshot.glob("**/package.json"):
        for number, line in enumerate(context.snapshot.lines(path), 1):
            if re.search(r"\"renovate\"\s*:", line):
                return partial("An update bot is configured, but nothing scans for vulnerabilities.", context.at(path, number))
    flows = context.snapshot.glob(*_PLACES)
    manifest = manifest_place(context)
    at = context.at(flows[0], _line_of_job(context, flows[0])) if flows else manifest or context.at_application()
    above = [p for p in context.snapshot.glob("package.json") if not flows and p != at.file]  # a workspace is scanned from its root
    proof = context.missing("scanners in pipelines and hooks, update bots", at=at, patterns=_HINTS, paths=_PLACES)
    also = [context.at(flows[0], _line_of_jobs(context, flows[0]))] if flows else []
    also += [manifest] if flows and manifest is not None else [context.at(p, _line_of_list(context, p)) for p in above]
    return failed("No pipeline, hook or bot looks for vulnerable dependencies.", proof or at, *apart((proof or at, *also))[1:])


def _scans(context: Context) -> Iterator[tuple[str, int, str]]:
    """(file, line, text) of steps that look for vulnerable dependencies, in pipelines and hooks; none that is switched off."""
    scripts = {s.name: s.command for s in context.deployment.scripts if _SCANS.search(s.command)}
    for path in context.snapshot.glob(*_PLACES):
        lines = context.snapshot.lines(path)
        off: frozenset[int] | None = None
        for number, line in enumerate(lines, 1):
            if line.lstrip().startswith("#") or _is_of_a_list(lines, number):
                continue
            pieces = [p for p in re.split(r"&&|;|\|", line[:1_000]) if _PREPARES.search(p) is None]
            text = next((p for p in pieces if _SCANS.search(p) is not None), None)
            if text is None:
                run = next((m for p in pieces if (m := _RUN.search(p)) is not None and m.group(1) in scripts), None)
                text = scripts[run.group(1)] if run is not None else None
            if text is None or _OF_OTHERS.search(text) is not None or _asks_for_others(lines, number):
                continue
            off = switched_off(context, path) if off is None else off
            if number not in off:
                yield path, number, text


def _is_of_a_list(lines: tuple[str, ...], number: int) -> bool:
    """Is the line an item of a list that names files, branches or jobs, and runs nothing?"""
    item = _ITEM.match(lines[number - 1])
    if item is None:
        return False
    for text in reversed(lines[max(0, number - 1 - MAX_LIST) : number - 1]):
        key = re.match(r"(\s*)([\w-]+)\s*:\s*$", text)
        if key is not None and len(key.group(1)) <= len(item.group(1)):
            return _LISTS.match(key.group(2)) is not None
    return False


def _asks_for_others(lines: tuple[str, ...], number: int) -> bool:
    """Do the options of a step, below a line of it or above, say that the tool looks for something else?"""
    for text in reversed(lines[max(0, number - 1 - OPTIONS) : number]):
        if _OF_OTHERS.search(text[:300]) is not None:
            return True
        if _STEP.match(text) is not None:
            break
    for text in lines[number : number + OPTIONS]:
        if _STEP.match(text) is not None:
            return False
        if _OF_OTHERS.search(text[:300]) is not None:
            return True
    return False


def _is_of_another(context: Context, text: str) -> bool:
    """Does the tool read the dependencies of one language alone, and is the backend written in another?"""
    tool = next((name for name, pattern in _LANGUAGES.items() if pattern.search(text) is not None), "")
    return bool(tool and context.language) and not are_kin(tool, context.language)


def _line_of_list(context: Context, path: str) -> int:
    """Where a manifest begins to list scripts or dependencies."""
    lines = context.snapshot.lines(path)
    return next((n for n, t in enumerate(lines, 1) if re.search(r'"(scripts|dependencies)"', t)), 1)


def _line_of_jobs(context: Context, path: str) -> int:
    """Where a pipeline begins to list its jobs: none of them scans."""
    heads = re.compile(r"^(jobs|stages|pipelines?|steps|workflows|script)\s*:")
    return next((n for n, t in enumerate(context.snapshot.lines(path), 1) if heads.match(t) is not None), 1)


def _line_of_job(context: Context, path: str) -> int:
    """The last step of the pipeline: behind it a scan would stand."""
    steps = [
        n
        for n, t in enumerate(context.snapshot.lines(path), 1)
        if t.lstrip().startswith(("- run:", "run:", "script:", "- uses:", "uses:", "- name:"))
    ]
    return steps[-1] if steps else 1
