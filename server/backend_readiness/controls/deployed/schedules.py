"""What runs a script again and again: a timer, a scheduled workflow, a CronJob, or a container that is deployed for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_test
from backend_readiness.model import Evidence

JOB_FILES = (
    "**/*.sh",
    "**/*.y*ml",
    "**/*.tf",
    "**/*.toml",
    "**/Dockerfile*",
    "**/*.service",
    "**/*.timer",
    "**/crontab*",
    "**/Makefile",
    "**/justfile",
)
"""Where a deployment writes down the jobs that it runs."""

_FILES = (
    "**/*.sh", "**/*.y*ml", "**/Dockerfile*", "**/*.Dockerfile", "**/*.service", "**/*.timer", "**/crontab*", "**/*.cron",
    "**/*.tf",
)  # fmt: skip
_TIMED = re.compile(r"(?im)^[ \t]*schedule[ \t]*:|^[ \t]*-?[ \t]*cron[ \t]*:|OnCalendar|kind:[ \t]*CronJob|schedule_expression")
MAX_STEPS = 4
_COMPOSE = re.compile(r"(docker-)?compose\b.*\.ya?ml$")
_REPEATS = re.compile(r"\b(while|until|sleep|crond?|supercronic|ofelia|schedule)\b|(?i:\bcron\b|_SCHEDULE\b|BACKUP_(?:INTERVAL|CRON|FREQ))")
_TIMERS = re.compile(r":/etc/(?:periodic|cron)|:/var/spool/cron")
_MOUNT = re.compile(r"\s*-\s*[\"']?[^\s:\"']+:/[^\s\"']*[\"']?\s*$")
_SAMPLE = re.compile(r"(?i)[._-](example|sample|dist|tmpl|template)\b")
_GATE = re.compile(r"\s*\{\{-?\s*if\s+\(?\.Values\.([\w.]{1,120})\s*\)?\s*-?\}\}")


def runs_regularly(context: Context, path: str, depth: int = 0) -> Evidence | None:
    """The place that runs the script: itself a scheduled job, or named by one, by a deployed service's image or command; else None.

    A script that only another script names, which nothing runs, is not run.
    """
    if _is_timed(context, path):
        return context.at(path, _line(context, path, _TIMED) or 1)
    if _COMPOSE.match(path.rpartition("/")[2].lower()) is not None:
        return next((context.at(path, s.line) for s in _services(context, path) if _REPEATS.search(s.text) is not None), None)
    if depth >= MAX_STEPS:
        return None
    name = re.compile(rf"(?<![\w.-]){re.escape(path.rpartition('/')[2])}(?![\w-])")
    for other in context.snapshot.glob(*_FILES):
        if other == path or is_test(other) or name.search(context.snapshot.text(other)) is None:
            continue
        line = next((n for n, t in enumerate(context.snapshot.lines(other), 1) if name.search(t) and not t.lstrip().startswith("#")), None)
        if line is None:
            continue
        last = other.rpartition("/")[2].lower()
        if "dockerfile" in last:
            instruction = context.snapshot.lines(other)[line - 1].lstrip().upper()
            runs = instruction.startswith(("CMD", "ENTRYPOINT")) or _starts_what_names(context, other, path)
            built = _deployed(context, other) if runs else None
            if built is not None:
                return built
        elif _COMPOSE.match(last) is not None:
            by = _service_that_repeats(context, other, path, name)
            if by is not None:
                return by
        elif _is_timed(context, other):
            return context.at(other, line)
        elif last.endswith(".sh"):
            found = runs_regularly(context, other, depth + 1)
            if found is not None:
                return found
    return None


@dataclass(frozen=True, slots=True)
class _Lines:
    """A service of a compose file as text: nothing that it needs a profile for."""

    line: int
    text: str


def _services(context: Context, path: str) -> list[_Lines]:
    lines = context.snapshot.lines(path)
    starts = sorted(s.entry.line for s in context.deployment.compose if s.path == path)
    found = []
    for start, end in zip(starts, [*starts[1:], len(lines) + 1], strict=True):
        kept = [t for t in lines[start - 1 : end - 1] if not t.lstrip().startswith("#")]
        if not any(re.match(r"\s*profiles\s*:", t) for t in kept):
            found.append(_Lines(start, "\n".join(kept)))
    return found


def _service_that_repeats(context: Context, path: str, script: str, name: re.Pattern[str]) -> Evidence | None:
    """The service of a compose file that starts the script again and again. One that only has it at hand does not."""
    for service in _services(context, path):
        lines = service.text.split("\n")
        named = [n for n, t in enumerate(lines) if name.search(t) is not None]
        run = [n for n in named if _MOUNT.match(lines[n]) is None]
        if named and (
            any(_TIMERS.search(lines[n]) is not None for n in named)
            or (run and (_REPEATS.search(service.text) is not None or _REPEATS.search(context.snapshot.text(script)) is not None))
        ):
            return context.at(path, service.line + named[0])
    return None


def _starts_what_names(context: Context, image: str, path: str) -> bool:
    """Does the image start another script that names this one?"""
    name = path.rpartition("/")[2]
    for text in context.snapshot.lines(image):
        if text.lstrip().upper().startswith(("CMD", "ENTRYPOINT")):
            for started in re.findall(r"[\w.-]+\.sh", text):
                if any(name in context.snapshot.text(f) for f in context.graph.files_named(started)[:3]):
                    return True
    return False


def _deployed(context: Context, image: str) -> Evidence | None:
    """The service or job that builds the image."""
    folder = image.rpartition("/")[0]
    for service in context.deployment.compose:
        build = service.get("build")
        if build is not None:
            place = build.text or (c.text if (c := build.get("context")) is not None else "")
            where = "/".join(p for p in (*service.path.split("/")[:-1], *place.split("/")) if p not in (".", ""))
            if where == folder:
                return context.at(service.path, build.line)
    last = folder.rpartition("/")[2]
    for manifest in context.deployment.manifests:
        if last and manifest.kind in ("CronJob", "Deployment") and last in context.snapshot.text(manifest.path):
            return context.at(manifest.path, 1)
    return None


def _is_timed(context: Context, path: str) -> bool:
    name = path.rpartition("/")[2]
    if _SAMPLE.search(name) is not None:
        return False
    if "crontab" in name:
        return True
    text = context.snapshot.text(path) if path.endswith((".yml", ".yaml", ".timer", ".cron", ".tf")) else ""
    if _TIMED.search(text) is None or re.search(r"(?m)^[ \t]*suspend[ \t]*:[ \t]*true\b", text) is not None:
        return False
    return not is_switched_off(context, path)


def is_switched_off(context: Context, path: str) -> bool:
    """Is the whole template of a chart made only under a value that its own values leave off?"""
    head, inside, _ = path.rpartition("/templates/")
    if not inside:
        return False
    asked = next((m for t in context.snapshot.lines(path)[:12] if (m := _GATE.match(t)) is not None), None)
    values = next((v for v in (f"{head}/values.yaml", f"{head}/values.yml") if context.graph.has(v)), None)
    if asked is None or values is None:
        return False
    found = value_at(context.snapshot.lines(values), asked.group(1).split("."))
    return found in ("false", "", "{}", "null", "~")


def value_at(lines: Sequence[str], keys: Sequence[str]) -> str | None:
    """The plain text under nested keys of simple YAML: `backup: {enabled: false}` written over lines."""
    indent, left = -1, list(keys)
    for line in lines[:5_000]:
        match = re.match(r"( *)([\w.-]+):\s*([^#]*)", line)
        if match is None or not left:
            continue
        depth = len(match.group(1))
        if depth <= indent and len(left) < len(keys):
            return None
        if match.group(2) == left[0] and depth > indent and (len(left) < len(keys) or depth == 0):
            left.pop(0)
            indent = depth
            if not left:
                return match.group(3).strip().strip("\"'")
    return None


def _line(context: Context, path: str, pattern: re.Pattern[str]) -> int | None:
    return next((n for n, t in enumerate(context.snapshot.lines(path), 1) if pattern.search(t)), None)
