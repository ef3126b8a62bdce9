"""What the start of the deployed application creates or wipes: commands that seed or reset, accounts with a password in the repository."""

import re
from collections.abc import Iterator, Sequence

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import databases
from backend_readiness.controls.deployed.accounts import configured, migrated
from backend_readiness.controls.deployed.at_start import calls_of_module, text_at_start
from backend_readiness.controls.deployed.dropped_tables import drops, is_asked
from backend_readiness.controls.deployed.first_start import first_start_scripts
from backend_readiness.controls.deployed.releases import release_commands
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.deployed.shipped_accounts import in_pipeline, made_by_files, perhaps, prepared
from backend_readiness.controls.deployed.start_scripts import text_of_scripts
from backend_readiness.controls.deployed.startup import commands
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.places import is_production
from backend_readiness.controls.protection.passwords import GIVEN
from backend_readiness.controls.protection.written_accounts import written_accounts
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.places import is_for_development

_DATABASE = re.compile(r"\.(?:db|sqlite3?|sqlite3?-db)$")
_SEEDS = re.compile(sign("sec-default-accounts", "seeds"))
_MAKES = re.compile(sign("sec-default-accounts", "makes"))
_ADMIN_FALLBACK = signs("sec-default-accounts", "admin_fallback")
_SQL = (
    "**/data.sql",
    "**/import.sql",
    "**/migrations/**/*.sql",
    "**/migration/**/*.sql",
    "**/migrate/**/*.sql",
    "**/evolutions/**/*.sql",
    "**/docker-entrypoint-initdb.d/*.sql",
)
_INSERTS = re.compile(
    r"(?i)\binsert\s+(ignore\s+|or\s+\w+\s+)?into\s+[`\"\[]?([\w.]+\.)?[`\"\[]?(app_?|auth_?|sys_?|\w{1,24}_)?(users?|accounts?|admins?|members?|administrators?)\b"
)
_PASSWORD = re.compile(r"(?i)passw|\bpwd(_|\b)|\$2[aby]\$|\{bcrypt\}|\$argon2|pbkdf2|'(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})'")
_ADDRESS = re.compile(r"'[^'\s@]+@[^'\s@]+\.[a-z]+'")
# Of code that runs when the process starts: an account is made, with a password that is written out.
_AT_START = (
    r"\b(CommandLineRunner|ApplicationRunner|ApplicationReadyEvent|ContextRefreshedEvent|InitializingBean|StartupEvent|IHostedService)\b",
    r"@(PostConstruct|Startup|EventListener)\b|\bOnModelCreating\b|\bHasData\(|on_event\(\s*[\"']startup|\blifespan\b|OnApplicationBootstrap|\bonModuleInit\b",
    r"(?i)\b(seed|init)_?(data|db|database|users?|admin|roles?)\w*\(",
)
_ACCOUNT = re.compile(
    r"(?i)(set_?password|encode|hash(_?pw|_?password|sync)?|create_?(super)?user|createasync|password(_?hash)?\s*[:=]|with_?password)\W{0,4}[^\n]{0,60}[\"'][^\"'\s$\{]{3,}[\"']"
)
# Of code that a start function calls: a person with a password, both written out; a table that is emptied.
_WRITTEN_OUT = re.compile(
    r"(?i)\b(create|insert|add|register|save|seed|new)_?\w*(user|account|admin|member)\w*!?\(\s*[\"'][^\"']+[\"']\s*,(.{0,60},)?\s*[\"'][^\"'\s]{3,}[\"']"
    r"|\b\w*(user|account|member)_?(manager|service|store)\w*\.create\w*\(\s*[\w.]+\s*,\s*[\"'][^\"'\s]{3,}[\"']"
)
_EMPTIES = re.compile(r"(?i)[\"'`]\s*(delete from|truncate(\s+table)?|drop table(\s+if exists)?)\s+[`\[]?[\w.]+[`\]]?\s*;?\s*[\"'`]")
# The same with a constant for the password.
_CONSTANT = re.compile(
    r"(?i)\b(create|save|new|add|insert)_?\s*\w*(user|account|admin|member)\w*\(.*?(?-i:\b(?P<name>[A-Z][A-Z0-9_]*PASS(?:WORD)?[A-Z0-9_]*)\b)"
)
# In a script that seeds: records of any kind are removed; a password is written out as a field.
_WIPES = re.compile(
    r"(?i)\.(deleteMany|destroy|truncate|remove|drop(Database|Collection|_all|Table)?)\(\s*(\)|\{\s*\}|\{\s*(where:\s*\{\s*\}|truncate))"
    r"|\bdrop\s+(database|table)\b|sync\(\s*\{\s*force:\s*true"
)
_PLAIN = re.compile(r"(?i)^\s*[\"']?password[\"']?\s*[:=]\s*[\"'][^\"'$\s]{3,}[\"']\s*,?\s*$")
# The same as one expression, or as a field below the call that makes the record.
_RECORD = re.compile(
    r"(?i)(\b(user|account|admin|member)\w*\s*\{|=\s*\w*(user|account|admin|member)\w*\(|\bnew\s+\w*(user|account|admin|member)\w*\(|\b(create|add|insert|register)_?\w*(user|account|admin|member)\w*\(|(user|account|admin|member)\w*\.(create|insert|build|save|upsert|findOrCreate)\w*\()"
)
_ITS_PASSWORD = re.compile(r"(?i)[\"']?\b(?:password|passwd|pwd|pw)[\"']?\s*[:=]\s*[\"'][^\"'$\s{]{3,}[\"']")
# The same with a password that goes through a hash on the way; a row of a table of people under another name.
_HASHED = re.compile(
    r"(?i)(?:\b|_)(user|account|admin|member)\w*\(.{0,120}\b\w*(hash|crypt|encode|argon)\w*\(\s*b?[\"'][^\"'\s{$]{2,40}[\"']"
    r"|\binsert\s+into\s+\W?(employees?|staff|customers?|logins?|people|persons?)\b.{0,200}\b\w*(hash|pass|crypt)\w*\(\s*b?[\"'][^\"'\s{$]{2,40}[\"']"
)
_CONFIGURED = re.compile(
    r"(?i)\benv|config|setting|secret|process\.|getenv|propert(y|ies)|@value|options\.|placeholder|label|required|message|error|\bmin|\bmax"
)
_HINTS = (
    r"\b(CommandLineRunner|ApplicationRunner|HasData)\b",
    r"(?i)\bseed(s|er|ing|_?data|_?users?)?\b|default_?(admin|user|account|password)|create_?superuser|first_?(superuser|admin)|initial_?(admin|user|password)",
    r"(?i)\b(drop_all|dropDatabase|sync\(\s*\{\s*force:\s*(true|[\w.]*[a-z_]{2}\w*\s*[,}])|EnsureDeleted|deleteMany\(\s*\{?\s*\}?\s*\))",
    r"(?i)[\"'`]\s*(delete from|truncate(\s+table)?)\s+[\w.`]+\s*;?\s*[\"'`]",
    r"(?i)\b(create|insert|add|register)_?\w*(user|account|admin)\w*\(\s*[\"'][^\"']+[\"']\s*,\s*[\"'][^\"'\s]{3,}[\"']",
    r"(?i)[(,{\s]password[\"']?\s*(=>|=|:)\s*(\w+[\w.:]*\(\s*)?[\"'][^\"'\s{}$<>%()]{3,40}[\"']\s*[,)}\]]*\s*$",
)
_DEVELOPMENT = re.compile(r"(?i)is_?dev|development|debug")
_SCRIPT = re.compile(r"(?i)(^|/)(\w+[.-])?(seeds?|seeders?|seeding|fixtures|factories)[/.]")
# A migration that adds rows: the schema of production comes with them.
_SEEDED = re.compile(r"(?i)(^|/)(migrations?|migrate)/([^/]+/)*[^/]*(seed|fixture|test_?data|demo_?data)[^/]*\.\w+$")
_CALLS_SEEDS = (
    r"(?i)^\s*(import|from|require|use|using|include|const|let|var)\b.*\bseed(s|er|ers)?['\";)]",
    r"(?i)\bseed_?(data|database|db|users)\(",
)
# In a script of a document store: people are added, with a password that is written out.
_PEOPLE = re.compile(r"(?i)\bdb\.(users?|accounts?|admins?|members?)\.(insert(One|Many)?|save)\(")
_HELD = re.compile(r"(?i)^.{0,200}?\b(password|passwd|pass|pwd)(hash)?[\"']?\s*:\s*[\"'][^\"']{3,}[\"']")
_NEAR = 12
MAX_STATEMENT = 30
_PLACE = re.compile(r"\$\{[^}]{0,80}\}")
_FILLS = re.compile(r"(?i)\s*insert\s+(ignore\s+)?into\b")


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("No route of the flow was found.")
    for command in commands(context):
        if _SEEDS.search(command.text) is not None and not is_for_development(command.file):
            return failed("The command that starts the application seeds or resets the database.", context.at(command.file, command.line))
    for command in release_commands(context):
        if _SEEDS.search(command.text) is not None:
            return partial("What the platform runs at a deployment seeds or resets the database.", context.at(command.file, command.line))
    dropped = setup_of(context, "schema_dropped")
    if dropped is not None and dropped.off is None:
        return failed(dropped.rule.says, dropped.at)
    inserted = next(_inserted(context), None)
    if inserted is not None:
        return failed("A migration or a script that runs at start inserts an account that the repository holds.", inserted)
    known = next(migrated(context), None)
    if known is not None:
        return failed("A migration inserts an account that the repository holds.", known)
    named = configured(context)
    if named is not None:
        return failed("The settings of the sign-in name an account whose password stands in the source.", named)
    shipped_by_files = made_by_files(context)
    if shipped_by_files is not None:
        return failed("A file that the application reads at start holds an account with its password.", shipped_by_files)
    new = prepared(context)
    if new is not None and new[1]:
        return failed("The start fills a new database with an account whose password stands in the source.", new[0])
    filled = next(_filled(context), None)
    if filled is not None:
        return partial("The settings name a script that fills the database with records at start.", filled)
    made = next(_made_at_start(context), None)
    if made is not None:
        return failed("Code that runs at start creates an account whose password stands in the source.", made)
    for file, line, text in text_at_start(context):
        if any(p.search(text[:500]) is not None for p in (_WRITTEN_OUT, GIVEN, _HASHED)):
            return failed("What starts the application creates an account whose password stands in the source.", context.at(file, line))
        if _INSERTS.search(text) is not None and not _near(context, file, line, _CONFIGURED):
            return failed("What starts the application inserts accounts.", context.at(file, line))
        if _ITS_PASSWORD.search(text) is not None and (_RECORD.search(text) is not None or _near(context, file, line, _RECORD)):
            return failed("What starts the application creates an account whose password stands in the source.", context.at(file, line))
        if drops(context, file, text) and not is_asked(context, file, line):
            return failed("What starts the application drops its tables.", context.at(file, line))
        if _EMPTIES.search(text) is not None:
            return failed("What starts the application empties a table.", context.at(file, line))
    for file, line, text in calls_of_module(context):
        if drops(context, file, text):
            return failed("What starts the application drops its tables.", context.at(file, line))
    for file, line, text, command in text_of_scripts(context):
        wipes = _EMPTIES.search(text) is not None or _WIPES.search(text) is not None
        if wipes or _WRITTEN_OUT.search(text) is not None or GIVEN.search(text) is not None or _PLAIN.search(text) is not None:
            what = "empties the records" if wipes else "creates an account whose password stands in the source"
            why = f"A script that the start of the application runs {what}."
            return failed(why, context.at(file, line), context.at(command.file, command.line))
    paths = (*context.source_globs, *_SQL)
    listed = written_accounts(context)
    if listed is not None:
        return failed("The accounts that may sign in are written into the source.", listed)
    shipped = _shipped_database(context)
    if shipped is not None:
        return unverified("A file of the database is in the repository; whether accounts are in it was not settled.", shipped)
    seeded = next((p for p in context.production_files() if _SEEDED.search(p) is not None), None)
    if seeded is not None:
        return unverified("A migration fills tables; whether accounts are among what it adds was not settled.", context.at(seeded, 1))
    made_of_settings = next((h for h in text_at_start(context) if _MAKES.search(h[2][:500]) is not None), None)
    if made_of_settings is not None:
        why = "What starts the application makes an account; whether its password is known was not settled."
        return unverified(why, context.at(*made_of_settings[:2]))
    fallback = context.hits(_ADMIN_FALLBACK)
    if fallback and not is_for_development(fallback[0][0]):
        return partial("An administrator has a password of the source wherever none is configured.", context.at(*fallback[0][:2]))
    doubtful = in_pipeline(context, _SEEDS) or (new[0] if new is not None else None) or perhaps(context)
    if doubtful is not None:
        return unverified(
            "Something may make an account or fill the database; whether it does in what is deployed was not settled.", doubtful
        )
    proof = context.missing(
        "seeds, resets and accounts that the application creates by itself", at=context.at_application(), patterns=_HINTS, paths=paths
    )
    if proof is not None and not context.unread:
        return passed("Nothing that runs at start creates an account or resets data.", proof)
    hits = context.hits(_HINTS, paths)
    if hits and all(_SCRIPT.search(f) for f, _, _ in hits) and not context.is_found(_CALLS_SEEDS):
        return passed("Seeds are scripts of their own, and nothing that starts the application runs them.", context.at(*hits[0][:2]))
    return unverified(
        "The repository holds seeds or default values; whether they run in what is deployed was not settled.",
        *(context.at(f, n) for f, n, _ in hits[:2]),
    )


def _shipped_database(context: Context) -> Evidence | None:
    """The line that opens a database in a file, where such a file lies in the backend."""
    every = [f.path for f in context.snapshot.files] + [s.path for s in context.snapshot.skipped]
    names = {p.rpartition("/")[2] for p in every if _DATABASE.search(p) is not None and context.is_backend(p) and is_production(p)}
    opened = databases(context).files if names else ()
    for hit in opened:
        said = " ".join(context.snapshot.lines(hit.file)[hit.line - 1 : hit.line + 3])  # the engine, and the name below it
        if any(n in said for n in names):
            return context.at(hit.file, hit.line)
    named = context.hits(tuple(rf"[\"'/\\]{re.escape(n)}[\"']" for n in sorted(names)[:4])) if opened else []
    return next((context.at(f, n) for f, n, _ in named if is_production(f)), None)  # the address is put together elsewhere


def _near(context: Context, file: str, line: int, pattern: re.Pattern[str]) -> bool:
    """Does a line around this one say it?"""
    return any(pattern.search(t) is not None for t in context.snapshot.lines(file)[max(0, line - 8) : line + 4])


def _inserted(context: Context) -> Iterator[Evidence]:
    mounted = first_start_scripts(context)  # they run wherever they lie
    for path in dict.fromkeys((*context.snapshot.glob(*_SQL), *_scripts_named(context), *mounted)):
        if (not is_production(path) and path not in mounted) or is_for_development(path.rpartition("/")[2]):
            continue
        lines = context.snapshot.lines(path)
        for number, text in enumerate(lines, 1):
            if _PEOPLE.search(text[:500]) is not None and any(_HELD.match(t[:300]) for t in lines[number - 1 : number + MAX_STATEMENT]):
                yield context.at(path, number)
            if _INSERTS.search(text[:5_000]) is not None:
                said = _statement(lines, number)
                if (_PASSWORD.search(said) or _ADDRESS.search(said)) is not None and re.search(r"(?i)\bvalues\b", said) is not None:
                    yield context.at(path, number)


def _scripts_named(context: Context) -> list[str]:
    """Scripts that a settings file of the application runs at start: `classpath:/sql/people.sql, file:extra.sql`."""
    patterns = signs("sec-default-accounts", "scripts_named")
    hits = context.hits(patterns, ("**/application.properties", "**/application.y*ml"))
    said = [m.group(1) for _, _, t in hits[:10] if not t.lstrip().startswith("#") for p in patterns if (m := re.search(p, t)) is not None]
    names = [n.rpartition(":")[2].strip(" /\"'") for value in said for n in value.split(",")[:10]]
    meant = [_PLACE.sub("*", name) for name in names if name.endswith(".sql") and "*" not in name]
    return [path for name in meant if name.strip("*/") != ".sql" for path in context.snapshot.glob(f"**/{name}", name)]


def _filled(context: Context) -> Iterator[Evidence]:
    """Lines that insert records of any kind, in scripts that the settings run at start."""
    for path in dict.fromkeys(_scripts_named(context)):
        if is_production(path) and not is_for_development(path.rpartition("/")[2]):
            for number, text in enumerate(context.snapshot.lines(path)[:5_000], 1):
                if _FILLS.match(text[:200]) is not None:
                    yield context.at(path, number)
                    break


def _statement(lines: Sequence[str], number: int) -> str:
    """The statement that begins on a line: to its semicolon, or its first lines."""
    said: list[str] = []
    for text in lines[number - 1 : number + MAX_STATEMENT]:
        said.append(text[:1_000])
        if text.rstrip().endswith(";"):
            break
    return " ".join(said)[:6_000]


def _by_constant(context: Context, text: str) -> bool:
    """Is a person made with a password that is a constant of the source?"""
    named = _CONSTANT.search(text)
    return named is not None and context.is_found((rf"\b{named.group('name')}\b[^=\n]{{0,20}}=\s*[\"'][^\"'\s$]{{3,}}[\"']",))


def _made_at_start(context: Context) -> Iterator[Evidence]:
    starts = {f for f, _, _ in context.hits(_AT_START)}
    for file in sorted(starts):
        if is_for_development(file.rpartition("/")[2]):
            continue
        lines = context.snapshot.lines(file)
        near = [n for f, n, _ in context.hits(_AT_START) if f == file]
        for number, text in enumerate(lines, 1):
            if len(text) > 500 or text.lstrip().startswith(("//", "#", "*", "/*")):
                continue
            if any(0 <= number - n <= 60 for n in near) and _by_constant(context, text):
                yield context.at(file, number)
                continue
            if (
                _ACCOUNT.search(text) is None
                or _CONFIGURED.search(text) is not None
                or not re.search(r"(?i)passw|user|admin|account", text)
            ):
                continue
            if any(0 <= number - n <= 60 for n in near) and not any(
                re.search(r"(?i)is_?dev|development|debug", t) for t in lines[max(0, number - _NEAR) : number]
            ):
                yield context.at(file, number)
