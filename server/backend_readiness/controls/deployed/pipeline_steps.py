"""Pipelines as the files of CI services declare them: the commands that they run, and on which changes they run them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from backend_readiness.controls.deployed.yamlfile import Entry
from backend_readiness.rules.signs import sign

_GITHUB = ".github/"
# Actions that handle results, caches and tools: what they are called and given runs nothing.
_HANDLES = re.compile(sign("pipeline_steps", "handles"))
_NEVER = re.compile(r"^\s*(?:\$\{\{\s*)?false(?:\s*\}\})?\s*$")
_AT_TIMES = re.compile(
    r"workflow_dispatch|\bschedule\b|refs/tags|\$?CI_COMMIT_TAG|\$?CI_PIPELINE_SOURCE\s*==\s*[\"'](?:schedule|web|trigger|api)\b"
)
_ON_A_BRANCH = re.compile(r"(?:github\.ref(?:_name)?|\$CI_COMMIT_(?:BRANCH|REF_NAME))\s*==\s*\S+")
_OTHERWISE = re.compile(r"!=|\|\||pull_request|merge_request|(?<!\w)!|always\(\)")
_COMMANDS = ("script", "run", "command", "commands", "before_script", "bash", "install")
_RARE = {"tags", "schedules", "triggers", "web", "api", "pipeline_steps", "external", "custom", "promote", "cron", "tag", "rollback"}
MAX_PATTERNS = 60


class Runs(Enum):
    """When a command runs: on each change that a reviewer sees, on pushes to some branches, on other files' changes, or on none."""

    EACH = "each"
    SOME = "some"
    OTHERS = "others"
    NONE = "none"


_ORDER = (Runs.NONE, Runs.OTHERS, Runs.SOME, Runs.EACH)


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a pipeline. `ignored`: it may fail and the pipeline goes on."""

    text: str
    line: int
    end_line: int
    folder: str
    ignored: bool
    runs: Runs


def steps_of(path: str, document: Entry, code: str) -> Iterator[Step]:
    """Commands and actions of a pipeline. `code` is a file of the backend, whose changes must set the pipeline off."""
    when = runs_on(path, document, code)
    if path.startswith(_GITHUB):
        jobs = document.get("jobs")
        for _, job in jobs.items() if jobs is not None else ():
            yield from _of_job(job, when)
        return
    if path.startswith(".gitlab-ci"):
        for name, job in document.items():
            if not name.startswith(".") or job.get("script") is None:
                yield from _plain(job, _least(when, _of_gitlab(job)), text_of(job.get("allow_failure")) == "true")
        return
    yield from _plain(document, when, ignored=False)
    if path == ".travis.yml" and document.get("script") is None and text_of(document.get("language")) == "node_js":
        yield Step("npm test", document.line, document.line, "", ignored=False, runs=when)


def runs_on(path: str, document: Entry, code: str) -> Runs:
    """On which changes the pipeline runs at all."""
    if not path.startswith(_GITHUB):
        return Runs.NONE if _is_off(document) else Runs.EACH
    on = document.get("on")
    if on is None:
        return Runs.NONE
    names = set(on.texts()) | {k for k, _ in on.items()}
    for name in ("pull_request", "merge_group", "pull_request_target"):
        if name in names:
            return Runs.EACH if _is_set_off_by(on.get(name), code) else Runs.OTHERS
    if "push" not in names:
        return Runs.NONE
    push = on.get("push")
    if not _is_set_off_by(push, code):
        return Runs.OTHERS
    branches = push.get("branches") if push is not None else None
    if branches is None:
        return Runs.NONE if push is not None and push.get("tags") is not None else Runs.EACH
    return Runs.EACH if any(b in ("*", "**") for b in branches.texts()) else Runs.SOME


def text_of(entry: Entry | None) -> str:
    return entry.text if entry is not None else ""


def _of_job(job: Entry, when: Runs) -> Iterator[Step]:
    base = text_of(job.get("defaults", "run", "working-directory"))
    lax = text_of(job.get("continue-on-error")) == "true"
    own = _least(when, _by_condition(text_of(job.get("if"))))
    steps = job.get("steps")
    for step in steps.each() if steps is not None else ():
        runs = _least(own, _by_condition(text_of(step.get("if"))))
        for key in ("run", "uses"):
            entry = next((e for k, e in step.items() if k == key), None)
            if entry is None or (key == "uses" and _HANDLES.search(entry.text) is not None):
                continue
            given = step.get("with") if key == "uses" else None
            extra = " ".join(t for _, e in given.items() for t in e.texts()) if given is not None else ""
            folder = text_of(step.get("working-directory")) or base
            ignored = lax or text_of(step.get("continue-on-error")) == "true"
            tool = entry.text.partition("@")[0].rpartition("/")[2] if key == "uses" else ""  # `acme/cargo@v1` with `command: test`
            yield Step(f"{entry.text} {tool} {extra}".strip(), entry.line, entry.end_line, folder, ignored, runs)


def _plain(entry: Entry, when: Runs, ignored: bool) -> Iterator[Step]:
    for key, found in entry.walk():
        if key in _COMMANDS:
            for text in found.texts():
                yield Step(text, found.line, found.end_line, "", ignored, when)


def _least(one: Runs, other: Runs) -> Runs:
    return min(one, other, key=_ORDER.index)


def _by_condition(condition: str) -> Runs:
    """What a condition of a job or a step leaves of the changes; one that is not understood leaves all."""
    if _NEVER.match(condition) is not None:
        return Runs.NONE
    if _OTHERWISE.search(condition) is not None:
        return Runs.EACH
    if _AT_TIMES.search(condition) is not None:
        return Runs.NONE
    return Runs.SOME if _ON_A_BRANCH.search(condition) is not None else Runs.EACH


def _of_gitlab(job: Entry) -> Runs:
    if text_of(job.get("when")) == "manual":
        return Runs.NONE
    only = job.get("only")
    names = set(only.texts()) | {t for e in [only.get("refs")] if e is not None for t in e.texts()} if only is not None else set()
    if names and names <= _RARE:
        return Runs.NONE
    if names and not names & {"branches", "merge_requests", "pushes"} and not any(n.startswith("/") for n in names):
        return Runs.SOME
    rules = job.get("rules")
    left = [_of_rule(r) for r in rules.each()] if rules is not None else []
    return max(left, key=_ORDER.index) if left else Runs.EACH


def _of_rule(rule: Entry) -> Runs:
    if text_of(rule.get("when")) in ("manual", "never"):
        return Runs.NONE
    return _by_condition(text_of(rule.get("if")))


def _is_off(document: Entry) -> bool:
    """Neither pushes nor proposed changes set it off (`trigger: none` and `pr: none`), or events of other kinds alone do."""
    if text_of(document.get("trigger")) == "none" and text_of(document.get("pr")) == "none":
        return True
    event = document.get("trigger", "event")
    events = set(event.texts()) if event is not None else set()
    return bool(events) and events <= _RARE


def _is_set_off_by(trigger: Entry | None, code: str) -> bool:
    """Does a change of the file set the trigger off, as far as it names paths?"""
    wanted = trigger.get("paths") if trigger is not None else None
    if wanted is None or not code:
        return True
    held = False
    for pattern in wanted.texts()[:MAX_PATTERNS]:
        if _glob(pattern.removeprefix("!")).fullmatch(code) is not None:
            held = not pattern.startswith("!")
    return held


def _glob(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/?|\*|\?)", pattern.strip()[:300])
    shapes = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(shapes.get(p) or re.escape(p) for p in parts))
