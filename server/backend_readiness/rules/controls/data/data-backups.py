"""Automated backups: a schedule, a managed database's setting, or a backup job that something runs."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.places import is_production
from backend_readiness.model import Evidence

_BACKUP = (r"(?i)pg_dump|pg_basebackup|mysqldump|mongodump|mariabackup|xtrabackup|wal-g|wal-e|pgbackrest|barman|litestream|restic|velero|backup_retention|backup-retention|point_in_time|\bbackup\b",)
_FILES = ("**/*.sh", "**/*.y*ml", "**/*.tf", "**/*.toml", "**/Dockerfile*", "**/*.service", "**/*.timer", "**/crontab*", "**/Makefile", "**/justfile", "**/*.sql", "**/Jenkinsfile*")
_REAL = re.compile(r"(?i)pg_dump|pg_basebackup|mysqldump|mongodump|wal-g|pgbackrest|barman|litestream|restic|velero|backup_retention_period\s*=\s*[1-9]|point_in_time_recovery|prodrigestivill/postgres-backup|backup-s3|kartoza/pg-backup")
_SCHEDULE = re.compile(r"(?i)cron|schedule|interval|OnCalendar|sleep \$|every|restart:|deploy:|daily|hourly|retention")


def verify(context: Context) -> Judgement:
    kept = [e for e, _ in context.effects if e.kind in ("orm", "sql", "nosql", "file", "storage")]
    if not kept and context.is_resolved:
        return not_applicable("The flow keeps nothing.")
    hits = [h for h in context.hits(_BACKUP, _FILES) if is_production(h[0])]
    real = [h for h in hits if _REAL.search(h[2])]
    if real:
        scheduled = [h for h in hits if _SCHEDULE.search(h[2])] or [h for h in real if _scheduled_nearby(context, h[0])]
        if scheduled:
            return passed("A backup job is defined and scheduled.", context.at(real[0][0], real[0][1]), context.at(scheduled[0][0], scheduled[0][1]))
        return partial("A backup command is in the repository, but nothing runs it on a schedule.", context.at(real[0][0], real[0][1]))
    if hits:
        return unverified("Backups are named, but no job of a known kind was found.", *(context.at(f, n) for f, n, _ in hits[:2]))
    absence = context.missing("deployment files, scripts and infrastructure code", at=_database(context), patterns=_BACKUP, paths=_FILES)
    if absence is None:
        return unverified("The deployment files could not be searched for backups.")
    return failed("Nothing in the repository backs the database up.", absence)


def _scheduled_nearby(context: Context, path: str) -> bool:
    return any(_SCHEDULE.search(line) for line in context.snapshot.lines(path))


def _database(context: Context) -> Evidence:
    """Where the database is declared: a compose service, a data source setting, else where it is first touched."""
    for service in context.deployment.compose:
        if re.search(r"postgres|mysql|mariadb|mongo|timescale|cockroach", service.image):
            image = service.get("image")
            return context.at(service.path, image.line if image is not None else service.entry.line)
    urls = context.hits((r"(?i)(database_url|sqlalchemy_database_uri|mongodb://|mongodb\+srv|postgres(ql)?://|mysql://|dialect|create_engine\(|new Sequelize\(|datasource db)",))
    if urls:
        return context.at(urls[0][0], urls[0][1])
    links = [link for _, link in context.effects]
    return context.at_place(links[0]) if links else context.at_route()
