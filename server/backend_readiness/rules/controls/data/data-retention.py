"""Records that the flow adds are deleted or archived some day: by a job, an expiry rule, or the people they belong to."""

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import schema_of
from backend_readiness.controls.database.tables import plain
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.places import is_test
from backend_readiness.controls.work.hidden_touches import settled
from backend_readiness.controls.work.unread import may_change_unread
from backend_readiness.controls.work.unseen_writes import may_write_unseen
from backend_readiness.model import Evidence

_EXPIRY = (
    r"(?i)expireAfterSeconds|lifecycle_rule|LifecycleConfiguration|lifecycleRules|drop\s+partition|add_retention_policy|pg_partman|ttl\s*=\s*true",
    r"(?i)delete\s+from\s+\S+\s+where\s.{0,80}(?:_at|_on|date|time|expires?)\S*\s*<",
    r"(?i)delete\(\s*\w+\s*\).{0,40}where\(.{0,80}(?:_at|at|date|time|expires?)\w*\s*<",
    r"(?i)(?:deleteMany|destroy|delete_many|deleteMany)\(.{0,120}(?:\$lte?|\[Op\.lte?\]|\blte?\b)",
    r"(?i)filter\(.{0,80}(?:_at|date|time|expires?)\w*__lte?\s*=.{0,80}\.delete\(",
)
_WORDS = (
    r"(?i)retention(?:[^P(]|$)|\bpurg(?:e|ing)|\barchive_?(?:old|expired|orders|records|rows)|delete_?(?:old|expired|stale)|(?:clean|clear)_?_?(?:up)?_?(?:old|expired|sessions)|older_?than|prune_|expire_?at",
)
_WHOSE = regex.compile(r"(?i)(?:delete|purge|prune|clean|clear|archive|remove)_?(?:up_?)?_?(?:all_?)?(?:old|expired|stale)_?(\w{4,40})")
_DELETES = regex.compile(
    r"(?i)delete\s+from\s+[\"'`\[]?(?:\w+\.)?(\w+)|(\w+)(?:\.objects)?\.(?:deleteMany|delete_many|destroy|filter)\(|delete\(\s*(\w+)\s*\)"
)
_PAGES = ("**/*.md", "**/*.rst", "**/*.adoc")
_FILES = (  # not every YAML file: a lock of dependencies names what deletes their records
    "**/*.sh", "**/*.sql", "**/*.tf", "**/crontab*", "**/*compose*.y*ml", "**/*cron*.y*ml", "**/*job*.y*ml", "**/config/**/*.y*ml",
    "**/k8s/**/*.y*ml", "**/deploy*/**/*.y*ml", "**/kubernetes/**/*.y*ml", "**/helm/**/*.y*ml", "**/charts/**/*.y*ml",
    "**/templates/**/*.y*ml",
    "*.yml", "serverless.y*ml", "template.y*ml", ".github/workflows/*.y*ml",
)  # fmt: skip


def verify(context: Context) -> Judgement:
    return settled(context, _judgement(context))


def _judgement(context: Context) -> Judgement:
    added = [(e, link) for e, link in context.effects if e.operation == "write" and e.kind in ("orm", "sql", "nosql", "storage", "file")]
    if not added:
        unseen = may_change_unread(context) or may_write_unseen(context)
        if context.is_resolved and not unseen and not any(r.registration.touches for r in context.routes):
            return not_applicable("The flow adds no records.", context.at_route())
        return unverified("The flow's data calls were not all found.")
    names = {plain(e.target).removesuffix("s"): e.target for e, _ in added if e.target}
    every = (*context.source_globs, *_FILES)
    rules = [h for h in context.hits(_EXPIRY, every) if not h[0].startswith(".github/")]
    about = {h: _subject(h[2]) for h in rules}
    named = [h for h in rules if any(_is_about(about[h], h[2], n) for n in names)]
    mine = [h for h in named if _is_run(context, h[0], h[1])]
    covered = {n for n in names if any(_is_about(about[h], h[2], n) for h in mine)}
    written = [h for h in context.absences.all_hits(_WORDS, _PAGES) if not is_test(h[0]) and any(n in plain(h[2]) for n in names)]
    if mine and (covered == set(names) or written):
        pages = [context.at(f, n) for f, n, _ in written[:1]] if covered != set(names) else []
        return passed("Old records of the flow are deleted by rule.", *(context.at(f, n) for f, n, _ in mine[:3]), *pages)
    words = [
        h
        for h in context.hits(_WORDS, every)
        if not regex.search(r"(?i)lock\.(?:ya?ml|json)$|-lock\.", h[0])
        and regex.match(r"\s*(?:import|from|use|using|require)\b", h[2]) is None
        and not _is_of_others(h[2], names)
        and not h[0].startswith(".github/")
    ]
    if rules or words:
        file, line, _ = (rules or words)[0]
        return unverified("Something deletes old records; whether it reaches those of the flow is not settled.", context.at(file, line))
    kept = [t.shown for t in schema_of(context).of_flow(context, "write")[:1]]
    table = [context.at(t.file, t.line) for t in kept]
    by_hand = _deleted_by_request(context, names)
    if by_hand is not None:
        what = "Records are deleted on request; nothing says how long the others are kept, and nothing deletes them."
        return partial(what, by_hand, context.at_place(added[0][1]), *table)
    patterns = _EXPIRY if context.hits(_WORDS, every) else (*_EXPIRY, *_WORDS)  # words that stand there are about other records
    absence = context.missing("the backend and its jobs", at=context.at_place(added[0][1]), patterns=patterns, paths=every)
    if absence is None or context.unread:
        return unverified("The sources could not all be searched for what deletes old records.")
    return failed(
        f"Nothing ever deletes or archives what the flow adds to {', '.join(sorted(names.values())) or 'its store'}.", absence, *table
    )


def _subject(text: str) -> str:
    """What a statement deletes, as far as it says: `orders` of `delete from orders where`, `order` of `prisma.order.deleteMany(`."""
    found = _DELETES.search(text)
    return plain(next((g for g in found.groups() if g), "")).removesuffix("s") if found is not None else ""


def _is_about(subject: str, text: str, name: str) -> bool:
    return subject == name if subject else name in plain(text)


def _is_run(context: Context, file: str, line: int) -> bool:
    """Is the function around the line named anywhere else? What stands in none, or in a file that is no code, runs with its file."""
    if file not in context.graph.production:
        return True
    view = context.view(file)
    around = [s for s in view.facts.symbols if s.line <= line <= s.end_line and s.kind in ("function", "method") and s.name]
    if not around:
        return True
    holder = max(around, key=lambda s: s.line)
    if holder.decorators:
        return True
    for path in context.graph.naming(holder.name):
        for number, text in enumerate(context.snapshot.lines(path), 1):
            if not (path == file and number == holder.line) and regex.search(rf"\b{regex.escape(holder.name)}\b", text[:500]):
                return True
    return False


def _is_of_others(text: str, names: dict[str, str]) -> bool:
    """Does every word for deleting on the line say what it deletes (`deleteExpiredTokens`), and is that none of the flow's records?"""
    said = _WHOSE.findall(text)
    return bool(said) and not any(n in plain(s) for s in said for n in names)


def _deleted_by_request(context: Context, names: dict[str, str]) -> Evidence | None:
    """A route that deletes records of the flow's tables, by its method and path."""
    for bound in context.tracer.routes:
        endpoint = bound.route.endpoint
        path = plain(endpoint.path)
        if (endpoint.method == "DELETE" or regex.search(r"delete|remove", path)) and any(n in path for n in names):
            return context.at_place(bound.route.place)
    return None
