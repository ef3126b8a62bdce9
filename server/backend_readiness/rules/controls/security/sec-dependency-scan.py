"""A scanner of dependencies or images in CI or in a hook; an update bot alone is half of it."""

import re

from backend_readiness.controls.application import manifest_place
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, partial, passed
from backend_readiness.controls.standing import apart
from backend_readiness.rules.signs import sign

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


def verify(context: Context) -> Judgement:
    scripts = {s.name for s in context.deployment.scripts if _SCANS.search(s.command)}
    for path in context.snapshot.glob(*_PLACES):
        for number, line in enumerate(context.snapshot.lines(path), 1):
            if line.lstrip().startswith("#"):
                continue
            run = _RUN.search(line)
            if _SCANS.search(line) or (run is not None and run.group(1) in scripts):
                if re.search(r"^\s*if:\s*false", line):
                    continue
                return passed("A pipeline scans dependencies or images.", context.at(path, number))
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
