"""The schema is made by versioned migrations that the deployment applies, not by the application at start."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import opened_by_itself
from backend_readiness.controls.database.schema import schema_of
from backend_readiness.controls.deployed.checked_changes import is_other_application
from backend_readiness.controls.deployed.first_start import first_start_scripts
from backend_readiness.controls.deployed.releases import release_commands
from backend_readiness.controls.deployed.startup import backend_images, backend_services, commands
from backend_readiness.controls.deployed.switched_off import is_off
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.places import is_production, is_test
from backend_readiness.controls.work.hidden_touches import settled
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.matching import compile_patterns, matching_lines
from backend_readiness.snapshot.places import is_for_development

_SYNC = (
    r"\bmetadata\.create_all\b",
    r"\bdb\.(create_all|drop_all)\(",
    r"\.sync\(\s*(\)|\{)",
    *signs("data-migrations", "synced"),
    r"\bsynchronize\s*:\s*true",
    r"\bAutoMigrate\(",
    r"\bcreate_tables\(",
    r"\bEnsureCreated(Async)?\(|ddl-auto\s*[:=]\s*(update|create|create-drop)\b|(database\.generation|schema-management\.strategy)\s*=\s*(update|create|drop-and-create)\b|\bddl_auto\s*=\s*update",
    r"\bgenerate_schemas\s*=\s*True|\.generate_schemas\(",
)
_APPLIES = re.compile(sign("data-migrations", "applies"))
_PUSHES = re.compile(sign("data-migrations", "pushes"))
_SHIPS = re.compile(sign("data-migrations", "ships"))
_CHECKS = re.compile(  # runs of the tests: what they apply reaches no deployment
    r"(^|/)(\.travis|appveyor|phpunit|codecov)\b|(^|/)\.circleci/|(^|/)\.github/workflows/[\w.-]*(test|lint|check|ci)[\w.-]*$|(^|/)\.github/dependabot"
)
_PIPELINE = re.compile(
    r"(^|/)\.github/workflows/|(^|/)(\.gitlab-ci|bitbucket-pipelines|azure-pipelines|\.drone|\.woodpecker)[\w.-]*\.ya?ml$"
)
_DEPLOYS = re.compile(r"(?i)deploy|production|\brelease\b|staging")
_OF_VERSIONED = sign("data-migrations", "of_versioned")
_LEFT_OUT = re.compile(sign("data-migrations", "left_out"))
_ASIDE = re.compile(sign("data-migrations", "aside"))
_VERSIONED = re.compile(
    r"(?i)(^|/)(migrations?|migrate|changelog|changes|versions|evolutions|updates?|patches)/|(^|/)([VUR]\d|\d{2,}|\d+[_-])[^/]*\.sql$"
)
# Numbered scripts that fill an empty database, as developers and first starts of a container have it.
_ANEW = re.compile(r"(?i)(^|/)(?:(?:dev|test|local|sample|demo|seed)[\w.-]*|init|initdb(?:\.d)?|docker-entrypoint-initdb\.d)/[^/]*\.sql$")
_TRIAL_FILE = re.compile(sign("data-migrations", "trial_file"))
_TRIAL_LINE = re.compile(sign("data-migrations", "trial_line"))
_TRIAL_PART = re.compile(sign("data-migrations", "trial_part"))
_AWAY = re.compile(sign("data-migrations", "away"))
_DECLARES = re.compile(sign("data-migrations", "declares"))
_LEFT_ALONE = sign("data-migrations", "left_alone")
_SETTINGS = ("**/src/main/resources/application*.*", "**/appsettings*.json", "**/persistence.xml", "**/hibernate.cfg.xml")
_SHOWN = (".tsx", ".jsx", ".vue", ".svelte", ".html")  # what a page shows of a command runs nothing
_MAKES = r"(?i)^\s*(drop|create)\s+(database|schema|table)\b"
_CODED = re.compile(r"(?i)(?:^|/)(?:db_?)?migrations?/(?:\w+/)*v?\d+[\w.-]*\.\w+$")
_CHANGES = re.compile(r"(?i)\b(?:ALTER|CREATE|DROP)\s+(?:TABLE|INDEX|TYPE|UNIQUE)\b")


def verify(context: Context) -> Judgement:
    return settled(context, _judgement(context))


def _judgement(context: Context) -> Judgement:
    schema = schema_of(context)
    kinds = {e.kind for e, _ in context.effects}
    relational = kinds & {"orm", "sql"} or any(not _is_of_another(context, m.path) for m in schema.migrations)
    if not relational:
        if kinds & {"nosql"} or (context.is_resolved and not any(r.registration.touches for r in context.routes)):
            return not_applicable("The flow's data have no schema that migrations could version.", context.at_route())
        return unverified("The flow's data calls were not all found.")
    sync = [
        h
        for h in context.hits(_SYNC, (*context.source_globs, *_SETTINGS))
        if _AWAY.search(h[0]) is None
        and not _in_comment(h[2])
        and not _is_for_trial(context, h)
        and not is_off(context, h[0], h[1])
        and not _is_own_wrapper(context, h)
    ]
    if sync:
        beside = " although migrations stand beside it" if schema.migrations else ""
        called = sync[0][2].strip()[:60]
        return failed(
            f"The application makes or changes the schema itself (`{called}`){beside}.", *(context.at(f, n) for f, n, _ in sync[:3])
        )
    pushed = _pushed(context)
    if pushed is not None:
        beside = ", whatever the migrations beside it say" if schema.migrations else ""
        return failed(f"A step of each build or start makes the schema follow the models{beside}.", pushed)
    if not schema.migrations:
        django = context.snapshot.glob("**/migrations/0*.py")
        if django:
            return _applied(context, context.at(django[-1], 1))
        sql = context.snapshot.glob("**/prisma/migrations/**/*.sql", "**/migrations/**/*.sql", "**/db/migrate/**")
        if sql:
            return _applied(context, context.at(sql[0], 1))
        if schema.in_source and (coded := _coded(context)):
            return _of_numbered(context, coded)
        if schema.in_source:
            made = schema.in_source[0]
            what = f"The application makes `{made.name}` with a statement of its own: no change to the schema is versioned."
            return failed(what, context.at(made.file, made.line))
        scripts = [h for h in context.hits(_SYNC, context.source_globs) if _AWAY.search(h[0]) is not None and not _in_comment(h[2])]
        made_by = next((h for h in scripts if "conftest" not in h[0] and re.search(r"(?i)create_(all|tables)\(", h[2]) is not None), None)
        if made_by is not None:
            return failed(
                "A script makes the tables of the models as they stand: no change to the schema is versioned.", context.at(*made_by[:2])
            )
        opened = opened_by_itself(context)
        if opened is not None and not context.hits((_LEFT_ALONE,), _SETTINGS):
            why = "No address of a database is given: the embedded one gets its tables from the models at each start, without versions."
            return failed(why, opened)
        unversioned = _unversioned(context)
        if unversioned is not None:
            return failed("The framework makes tables by migrations alone, and none is committed for these models.", unversioned)
        return unverified("Nothing in the repository says what makes the schema.")
    loaded = set(first_start_scripts(context))  # the first start runs them, and no later one
    versioned = [
        m
        for m in schema.migrations
        if m.tool in ("code", "changelog")
        or (_VERSIONED.search(m.path) is not None and m.path not in loaded and _ANEW.search(m.path) is None)
    ]
    if not versioned and context.snapshot.glob("**/prisma/migrations/**/*.sql", "**/migrations/0*.py"):
        versioned = schema.migrations
    coded = [] if versioned else _coded(context)
    if coded:
        return _of_numbered(context, coded)
    if not versioned:
        first = schema.migrations[0].path
        pattern = compile_patterns((_MAKES,))
        line = next((n for n, _ in matching_lines(context.snapshot, first, pattern)), 1) if pattern is not None else 1
        what = "The schema is a file that is loaded as a whole: no change to it is versioned, and none reaches a database that has data."
        return failed(what, context.at(first, line))
    return _applied(context, context.at(versioned[-1].path, 1))


def _is_own_wrapper(context: Context, hit: tuple[str, int, str]) -> bool:
    """Is the line a method of the same name that passes on, or its declaration? What calls the method is another hit, or nothing is."""
    if _DECLARES.search(hit[2]) is not None:
        return True
    if hit[0] not in context.graph.facts.files:
        return False
    lines = context.snapshot.lines(hit[0])
    around = (s for s in context.view(hit[0]).facts.symbols if s.kind in ("function", "method") and s.line < hit[1] <= s.end_line)
    return any(_DECLARES.search(lines[s.line - 1]) is not None for s in around)


def _is_of_another(context: Context, path: str) -> bool:
    """Does a file belong to another application of the repository than the flow's?"""
    holds = [a.root for a in context.snapshot.applications if a.holds(path)]
    return is_other_application(context, max(holds, key=len, default=""))


def _is_for_trial(context: Context, hit: tuple[str, int, str]) -> bool:
    """Does a setting stand in a file, a line or a part of a file that only development or tests read?"""
    if _TRIAL_FILE.search(hit[0]) is not None or _TRIAL_LINE.search(hit[2]) is not None:
        return True
    if not hit[0].endswith((".yml", ".yaml", ".properties")):
        return False
    lines = context.snapshot.lines(hit[0])
    start = next((n for n in range(hit[1] - 1, 0, -1) if lines[n - 1].startswith(("---", "#---"))), 0)
    end = next((n for n in range(hit[1], len(lines)) if lines[n].startswith(("---", "#---"))), len(lines))
    return any(_TRIAL_PART.search(t) is not None for t in lines[start:end])


def _unversioned(context: Context) -> Evidence | None:
    """A model of the flow in a framework that makes no table without a migration, where none is committed or left out on purpose."""
    if any(_LEFT_OUT.search(t) is not None for p in context.snapshot.glob("**/.gitignore") for t in context.snapshot.lines(p)):
        return None
    modules = {f for f, _, _ in context.hits((_OF_VERSIONED,), context.source_globs) if is_production(f)}
    for target in dict.fromkeys(e.target.rpartition(".")[2] for e, _ in context.effects if e.target):
        for file, line, _ in context.hits((rf"^class\s+{re.escape(target)}\s*\(",)):
            if file in modules:
                return context.at(file, line)
    return None


def _pushed(context: Context) -> Evidence | None:
    """The step of each build or start that changes the schema without a migration."""
    for script in context.deployment.scripts:
        if _SHIPS.search(script.name) is not None and _PUSHES.search(script.command) is not None and is_production(script.path):
            return context.at(script.path, script.line)
    return next((context.at(c.file, c.line, c.end_line) for c in commands(context) if _PUSHES.search(c.text)), None)


def _coded(context: Context) -> list[str]:
    """Sources in a folder of migrations that are named by a version or number and change tables: `migrations/v2.1.0.go`."""
    found = [p for p in context.graph.production if _CODED.search(p) is not None and context.is_backend(p)]
    return sorted(found) if sum(bool(_CHANGES.search(context.snapshot.text(p))) for p in found) > 1 else []


def _of_numbered(context: Context, coded: list[str]) -> Judgement:
    folder = coded[-1].split("/")[-2]
    return _applied(context, context.at(coded[-1], 1), re.compile(rf"\b{re.escape(folder)}\.\w+"))


def _applied(context: Context, migration: Evidence, used: re.Pattern[str] | None = None) -> Judgement:
    """`used` is how sources outside of the migrations name them."""
    paths = (
        "**/pom.xml",
        "**/*.gradle*",
        "**/*.properties",
        "**/bin/*",
        "**/*.sh",
        "**/Dockerfile*",
        "**/*.y*ml",
        "**/package.json",
        "**/Procfile",
        "**/*.toml",
        "**/*.ini",
        "**/Makefile",
        "**/*.tf",
    )
    steps = sorted(context.snapshot.glob(*paths), key=lambda p: p.endswith("package.json"))  # it only names a command
    sources = [p for p in context.snapshot.glob(*context.source_globs) if not p.endswith(_SHOWN)]
    for path in dict.fromkeys((*steps, *sources)):
        if "node_modules/" in path or _CHECKS.search(path) is not None or path.endswith("lock.yaml") or is_test(path):
            continue
        if _PIPELINE.search(path) is not None and _DEPLOYS.search(context.snapshot.text(path)) is None:
            continue  # it prepares the database of its own tests
        for number, line in enumerate(context.snapshot.lines(path)[:3_000], 1):
            if _ASIDE.search(line) is not None:
                continue
            if (_APPLIES.search(line) is not None or (used is not None and used.search(line) is not None)) and not _in_comment(line):
                return passed(
                    "Versioned migrations make the schema, and a step of the repository applies them.", migration, context.at(path, number)
                )
    declared = [c.file for c in (*commands(context), *release_commands(context))] + [i.path for i in backend_images(context)]
    if all(is_for_development(path) for path in declared) and not backend_services(context):
        return passed("Versioned migrations make the schema; the repository declares no deployment that could apply them.", migration)
    return partial("There are migrations, and nothing in the deployment applies them.", migration)


def _in_comment(line: str) -> bool:
    return line.lstrip().startswith(("#", "//", "*", "--"))
