"""Restoring a backup is written down, and something does it regularly."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.schedules import JOB_FILES, runs_regularly
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.places import is_test
from backend_readiness.snapshot.places import DOCUMENTS

_COMMANDS = (
    r"pg_restore|mongorestore|restic\s+(?:\S+\s+){0,6}restore|litestream\s+restore|wal-g\s+backup-fetch|pgbackrest\b.*\brestore"
    r"|barman\s+recover|velero\s+restore|mariabackup\b.*--copy-back|borg\s+extract"
)
_RESTORES = (
    rf"(?i){_COMMANDS}",
    r"(?i)\brestor(?:e|es|ing|ed)\b.{0,60}\b(?:backup|database|dump|snapshot)s?\b",
    r"(?i)\b(?:backup|database|dump|snapshot)s?\b.{0,60}\brestor(?:e|es|ing|ed)\b",
    r"(?i)^#+ .{0,60}\b(?:restore|recovery)\b",
)
_COMMAND = re.compile(rf"(?i){_COMMANDS}")
_BACKUP = (r"(?i)pg_dump|pg_basebackup|mysqldump|mongodump|mariabackup|wal-g|pgbackrest|barman|litestream|restic|velero|backup_retention",)
# What fills a database for trying out or tests: no backup comes back by it.
_FILLS = re.compile(r"(?i)seed|sample|fixture|initdb|demo|dummy|(?:^|[/_ .-])(?:e2e|tests?)(?:[/_ .-]|$)|localhost|127\.0\.0\.1")
_FOR_TOOLS = re.compile(r"(^|/)\.(agents|claude|cursor|github|vscode)/")  # what tools are told is no step of operations
_PAGES = ("**/*.md", "**/*.rst", "**/*.adoc", "**/*.txt")


def verify(context: Context) -> Judgement:
    if (
        context.is_resolved
        and context.effects
        and not any(e.kind in ("orm", "sql", "nosql", "file", "storage") for e, _ in context.effects)
    ):
        return not_applicable("The flow keeps nothing.")
    hits = [
        h
        for h in context.absences.all_hits(_RESTORES, (*JOB_FILES, *_PAGES))
        if not is_test(h[0]) and not _FOR_TOOLS.search(h[0]) and not h[2].lstrip().startswith(("#!", "//"))
    ]
    jobs = [
        h
        for h in hits
        if not h[0].endswith(DOCUMENTS)
        and _COMMAND.search(h[2]) is not None
        and not h[2].lstrip().startswith("#")
        and _FILLS.search(f"{h[0]} {h[2]}") is None
    ]
    for file, line, _ in jobs:
        by = runs_regularly(context, file)
        if by is not None:
            return passed("A job restores a backup regularly.", context.at(file, line), by)
    backups = context.hits(_BACKUP, JOB_FILES)
    if jobs:
        return partial("A script restores a backup, and nothing runs it or records that it worked.", context.at(jobs[0][0], jobs[0][1]))
    pages = [h for h in hits if h[0].endswith(DOCUMENTS)]
    if pages and backups:
        return partial("The steps of a restore are written down, and no restore is recorded.", context.at(pages[0][0], pages[0][1]))
    if not backups:
        return unverified("The repository defines no backup, so that there is none to restore; where the data are backed up must be asked.")
    absence = context.missing(
        "scripts, deployment files and infrastructure code",
        at=context.at(backups[0][0], backups[0][1]),
        patterns=_RESTORES,
        paths=JOB_FILES,
    )
    if absence is None:
        return unverified("Restoring is named, but no job of a known kind was found.")
    return failed("Backups are made, and nothing says how one is restored.", absence)
