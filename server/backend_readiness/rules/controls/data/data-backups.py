"""Automated backups: a schedule, a managed database's setting, or a backup job that something runs."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.schedules import JOB_FILES, is_switched_off, runs_regularly
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.places import is_production
from backend_readiness.controls.standing import database
from backend_readiness.controls.work.hidden_touches import settled

_BACKUP = (
    r"(?i)pg_dump|pg_basebackup|mysqldump|mongodump|mariabackup|xtrabackup|wal-g|wal-e|pgbackrest|barman|litestream|restic|velero|ScheduledBackup\b|backup_retention|backup-retention|point_in_time|\bbackup\b",
)
_FILES = (*JOB_FILES, "**/*.sql", "**/Jenkinsfile*")
_REAL = re.compile(
    r"(?i)pg_dump|pg_basebackup|mysqldump|mongodump|wal-g|pgbackrest|barman|litestream|restic|velero|kind:\s*ScheduledBackup\b|backup_retention_period\s*=\s*[1-9]|point_in_time_recovery|prodrigestivill/postgres-backup|backup-s3|kartoza/pg-backup"
)
_MAKES = re.compile(
    r"(?i)pg_dump|pg_basebackup|mysqldump|mongodump|mariabackup|xtrabackup|restic\s(?:\S+\s){0,8}backup|backup-push|pgbackrest\b.*\bbackup"
    r"|barman\s+backup|litestream|velero\s+(?:backup|schedule)|kind:\s*ScheduledBackup\b|backup_retention|point_in_time|postgres-backup|backup-s3|pg-backup"
)
# A dump of the tables without their rows, or of a database that only a run of the tests has.
_IN_PART = re.compile(
    r"(?i)--schema-only|--no-data\b|pg_dump\s+(?:\S+\s+)*-s\b|localhost[:/]|127\.0\.0\.1|\btest(?:ing)?_?db\b|/test\b|_test\b"
)
_SWITCHED = re.compile(r"(?i)point_?in_?time_?recovery")
_VARIABLE = re.compile(r"backup_retention_(?:period|days)\s*=\s*var\.(\w{1,80})")
_MANAGED = re.compile(
    r"(?i)kind:\s*ScheduledBackup\b|backup_retention|point_in_time|prodrigestivill/postgres-backup|backup-s3|kartoza/pg-backup"
)


def verify(context: Context) -> Judgement:
    return settled(context, _judgement(context))


def _judgement(context: Context) -> Judgement:
    kept = [e for e, _ in context.effects if e.kind in ("orm", "sql", "nosql", "file", "storage")]
    if not kept and not context.touches and context.is_resolved:
        return not_applicable("The flow keeps nothing.")
    hits = [h for h in context.hits(_BACKUP, _FILES) if is_production(h[0])]
    real = [h for h in hits if (_REAL.search(h[2]) or _by_variable(context, h)) and not h[0].startswith(".github/dependabot")]
    makes = [
        h
        for h in real
        if _MAKES.search(h[2]) is not None and _IN_PART.search(h[2]) is None and not _is_image(h[0], h[2]) and _is_on(context, h)
    ]
    for file, line, text in makes:
        managed = _MANAGED.search(text) is not None and not is_switched_off(context, file)
        by = context.at(file, line) if managed else runs_regularly(context, file)
        if by is not None:
            return passed("A backup job is defined, and something runs it.", context.at(file, line), by)
    if makes:
        name = re.escape(makes[0][0].rpartition("/")[2])
        callers = [h for h in context.hits((rf"\b{name}\b",), ("**/*.sh",)) if h[0] != makes[0][0]]
        return partial(
            "A backup command is in the repository, but nothing that is deployed runs it on a schedule.",
            context.at(makes[0][0], makes[0][1]),
            *(context.at(f, n) for f, n, _ in callers[:1]),
            database(context)[0],
        )
    if hits:
        return unverified("Backups are named, but no job of a known kind was found.", *(context.at(f, n) for f, n, _ in hits[:2]))
    at, *others = database(context)
    absence = context.missing("deployment files, scripts and infrastructure code", at=at, patterns=_BACKUP, paths=_FILES)
    if absence is None:
        return unverified("The deployment files could not be searched for backups.")
    return failed("Nothing in the repository backs the database up.", absence, *others)


def _is_on(context: Context, hit: tuple[str, int, str]) -> bool:
    """Is a setting that must be switched on so, on its line or in its block?"""
    if _SWITCHED.search(hit[2]) is None:
        return True
    block = " ".join(context.snapshot.lines(hit[0])[hit[1] - 1 : hit[1] + 4])
    said = re.search(r"(?i)enabled\"?\s*[=:]\s*\"?(true|false|var\.\w{1,80}|\W?\{\{|!\w+)", block)
    if said is not None and said.group(1).startswith("var."):
        return _default_of(context, said.group(1)[4:]) == "true"
    return said is not None and said.group(1).lower() == "true"


def _default_of(context: Context, variable: str) -> str:
    for file, line, _ in context.hits((rf'^\s*variable\s+"{re.escape(variable)}"',), ("**/*.tf",)):
        block = context.snapshot.lines(file)[line : line + 12]
        return next((m.group(1) for text in block if (m := re.match(r"\s*default\s*=\s*(\w+)", text)) is not None), "")
    return ""


def _by_variable(context: Context, hit: tuple[str, int, str]) -> bool:
    """Is the retention that of a variable whose default keeps at least a day?"""
    named = _VARIABLE.search(hit[2])
    if named is None:
        return False
    default = _default_of(context, named.group(1))
    return default.isdigit() and int(default) > 0


def _is_image(path: str, text: str) -> bool:
    """A line of a Dockerfile that only fetches the tool."""
    return "dockerfile" in path.rpartition("/")[2].lower() and re.match(r"\s*(FROM|COPY|ADD|RUN)\b", text) is not None
