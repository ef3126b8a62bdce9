"""What runs a script again and again: a timer, a scheduled workflow, a CronJob, or a container that is deployed for it."""

from __future__ import annotations

import re

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


def runs_regularly(context: Context, path: str, depth: int = 0) -> Evidence | None:
    """The place that runs the script: itself a scheduled job, or named by one, by a deployed service's image or command; else None.

    A script that only another script names, which nothing runs, is not run.
    """
    if _is_timed(context, path):
        return context.at(path, _line(context, path, _TIMED) or 1)
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
        elif re.match(r"(docker-)?compose", last) or _is_timed(context, other):
            return context.at(other, line)
        elif last.endswith(".sh"):
            found = runs_regularly(context, other, depth + 1)
            if found is not None:
                return found
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
    if "crontab" in path.rpartition("/")[2]:
        return True
    return path.endswith((".yml", ".yaml", ".timer", ".cron", ".tf")) and _TIMED.search(context.snapshot.text(path)) is not None


def _line(context: Context, path: str, pattern: re.Pattern[str]) -> int | None:
    return next((n for n, t in enumerate(context.snapshot.lines(path), 1) if pattern.search(t)), None)
