"""Database connections come from one pool per process, with a limit."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of, library_default, library_rules, place_of, states
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.writes import STORES

# What makes a client or engine that pools by default, with a limit and a wait; and what does not pool.
_POOLED = (
    r"\bcreate_(async_)?engine\(", r"new\s+Sequelize\(", r"\bnew\s+PrismaClient\(", r"\bcreatePool\(", r"\bnew\s+(pg\.)?Pool\(",
    r"mongoose\.connect\(", r"MongoClient(\.connect)?\(", r"AsyncIOMotorClient\(", r"\bSQLAlchemy\(", r"asyncpg\.create_pool\(",
    r"ConnectionPool\(", r"\bnew\s+DataSource\(", r"TypeOrmModule\.forRoot", r"MongooseModule\.forRoot",
    r"\bknex\(", r"\bpostgres\(", r"\bdrizzle\(",
)  # fmt: skip
_UNPOOLED = (
    r"\bNullPool\b",
    r"psycopg2?\.connect\(",
    r"sqlite3\.connect\(",
    r"pymysql\.connect\(",
    r"mysql\.connector\.connect\(",
    r"createConnection\(",
    r"new\s+(pg\.)?Client\(",
)
_UNLIMITED = re.compile(r"max_overflow\s*=\s*-1|pool_size\s*=\s*0|connectionLimit:\s*0|maxPoolSize:\s*0")


def verify(context: Context) -> Judgement:
    kinds = {e.kind for e, _ in context.effects}
    if not kinds & STORES:
        if context.is_resolved and not any(r.registration.touches for r in context.routes):
            return not_applicable("The flow talks to no database.", context.at_route())
        return unverified("The flow's data calls were not all found.")
    root = context.backend_root
    near = [h for h in context.hits(_POOLED) if (not root or h[0].startswith(f"{root}/")) and not _aside(h[0])]
    bare = [h for h in context.hits(_UNPOOLED) if (not root or h[0].startswith(f"{root}/")) and not _aside(h[0]) and "import" not in h[2]]
    null = [h for h in bare if "NullPool" in h[2]]
    if null:
        return failed("The engine is made without a pool: each request opens a connection of its own.", context.at(*null[0][:2]))
    unlimited = [h for h in near if _UNLIMITED.search(" ".join(context.snapshot.lines(h[0])[h[1] - 1 : h[1] + 14]))]
    if unlimited:
        return partial("The pool has no upper limit.", context.at(*unlimited[0][:2]))
    inside = [h for h in near if _in_chain(context, h[0], h[1])]
    if inside and not _kept(context, inside[0]):
        return failed("The database client is made inside of the request: every request has a pool of its own.", context.at(*inside[0][:2]))
    if near:
        return passed("One client per process pools its connections, with the library's limit or its own.", context.at(*near[0][:2]))
    if bare:
        return partial("Each use opens a connection; nothing pools or limits them.", context.at(*bare[0][:2]))
    return _by_setting(context) or unverified("Where the database client is made was not found.")


def _by_setting(context: Context) -> Judgement | None:
    """Frameworks that make the client themselves keep connections only where a setting says so."""
    kept = default_of(context, "pooling")
    if kept is not None and kept.holds and kept.at is not None:
        return passed(kept.rule.says, kept.at)
    library = library_default(context, "pooling")
    if library is not None and library.holds and library.at is not None:
        return passed(library.rule.says, library.at)
    for stated in library_rules(context, "pooling"):
        where = place_of(context, stated)
        if where is not None and library is None:
            return partial(stated.says_not, where)
    rule = states(context, "pooling")
    place = place_of(context, rule) if rule is not None else None
    return partial(rule.says_not, place) if rule is not None and place is not None and kept is None else None


def _aside(path: str) -> bool:
    return (
        re.search(r"(^|/)(scripts?|seeds?|seeders?|migrations?|alembic|tools?|bin|cli)(/|$)|(seed|reset|import)[\w-]*\.\w+$", path)
        is not None
    )


def _in_chain(context: Context, file: str, line: int) -> bool:
    return any(h.file == file and h.line < line <= h.end_line for h in context.handlers)


def _kept(context: Context, hit: tuple[str, int, str]) -> bool:
    return "global" in hit[2] or "cache" in hit[2]
