"""Secrets reach the process from a secret store or the environment."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import databases
from backend_readiness.controls.deployed.development import stands_under_a_setting
from backend_readiness.controls.deployed.setting_files import secret_settings, settings_about
from backend_readiness.controls.deployed.startup import settings
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.protection.secrets import Origin
from backend_readiness.controls.protection.signing import signing_keys
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_STORE = signs("sec-secret-management", "store")
_ENVIRONMENT = signs("sec-secret-management", "environment")
_SECRETS = (
    r"(?i)(secret|passw(or)?d|api_?key|private_?key|signing_?key|credential|access_?token)\w*['\"]?\s*(:=|[:=])|jwt\.(sign|encode)|://\w+:[^@\s]+@",
    r"(?i)(env|config|setting|viper|property|option)\w*[.\w]*\s*[(\[]\s*['\"][\w.:-]*(pass|secret|token|_key|\.key|apikey|dsn|database_url|connection)",
)
_SETTINGS = (
    "**/application*.properties",
    "**/application*.y*ml",
    "**/appsettings*.json",
    "**/*.conf",
    "**/config/*.php",
    "**/config/*.y*ml",
)

_DOCUMENTS = ("**/*.md", "**/*.rst", "**/*.adoc", "**/*.y*ml")
_NAMES_SECRET = re.compile(
    r"(?i)secret|passw|_pass\b|api_?key|private_?key|signing_?key|jwt_?key|token_?key|access_?key|database_?url|db_?url|\bdsn\b"
)
# What a cluster itself puts into every container is no secret of the application.
_OF_CLUSTER = re.compile(r"secrets/kubernetes\.io|serviceaccount")
# How a secret is replaced: words for it, keys with a name, keys that are still taken beside the new one.
_ROTATES = (
    r"(?i)\brotat(e|es|ed|ing|ion)\b.{0,60}(key|secret|token|credential|password)",
    r"(?i)(key|secret|token|credential|password)s?\b.{0,20}\brotat(e|es|ed|ing|ion)\b",
    r"(?i)secret_key_fallbacks|(previous|old)_?(secret|key)s?\b|[\"']kid[\"']|key_?ring",
)
# A settings file that leaves the value to the environment.
_REFERS = (r"\$\{\w+",)
# A read of the environment itself, where the others read settings that a file may hold.
_OUTSIDE = (
    r"System\.getenv|GetEnvironmentVariable|os\.(Getenv|LookupEnv)|env::var|\bENV\[|ENV\.fetch|\$_ENV|\benv\(|getenv\(|System\.(get|fetch)_env|AddAzureKeyVault",
)
_READS = (*_ENVIRONMENT, *_STORE)
# A package that is named to be left out, a line that only imports, and a condition by which a setting switches something on.
_LEFT_OUT = re.compile(sign("sec-secret-management", "left_out"))
_IMPORTS = re.compile(sign("sec-secret-management", "imports"))
_SWITCH = re.compile(sign("sec-secret-management", "switch"))
MAX_SWITCH = 4


# A value that says that there is no store unless somebody names one, and names of where a store or an entry of it is.
_NOTHING = re.compile(sign("sec-secret-management", "nothing"))
_OF_STORE = re.compile(sign("sec-secret-management", "of_store"))


def _by_store(context: Context, hit: tuple[str, int, str], is_called: bool) -> Judgement:
    """A secret store is named: whether it is asked, in every case, and whether it is where all secrets come from."""
    file, line, text = hit
    at = context.at(file, line)
    if not is_called:
        return unverified("A package of a secret store is imported; which secrets are asked of it was not found out.", at)
    above = context.snapshot.lines(file)[max(0, line - MAX_SWITCH) : line]
    switch = next((t for t in reversed(above) if _SWITCH.search(t[:500]) is not None), None)
    kept = [context.at(s.file, s.line) for s in secret_settings(context) if s.value and not s.can_be_replaced]
    if kept:
        why = "A secret store is asked, and a settings file holds secrets as well: which of them counts was not settled."
        return unverified(why, at, *kept[:2])
    if switch is not None or _NOTHING.search(text[:500]) is not None or stands_under_a_setting(context, file, line):
        return unverified("A secret store is asked where a setting says so; what ships sets it to was not found out.", at)
    instead = next((s.at for s in signing_keys(context) if s.origin is Origin.FALLBACK and s.at is not None), None)
    if instead is not None:
        return unverified("A secret store is asked, and the source holds a key for where there is none.", at, instead)
    beside = _read_beside(context)
    if beside:
        why = "Some secrets are read from a secret store, others from the environment: how those are rotated is not in the code."
        return unverified(why, at, *beside)
    return passed("Secrets are read from a secret store.", at)


def _read_beside(context: Context) -> list[Evidence]:
    """Secrets that the code takes from the environment, those left out that name where a store or an entry of it is."""
    read = ((f, n, _OF_STORE.sub("", t[:500])) for f, n, t in context.hits(_ENVIRONMENT) if _IMPORTS.match(t) is None)
    return [context.at(f, n) for f, n, t in read if _NAMES_SECRET.search(t) is not None][:2]


def _needs_one(context: Context) -> Evidence | None:
    """What needs a secret though no line of the source names one: a variable that the deployment hands over, a database server."""
    given = next((s for s in settings(context) if _NAMES_SECRET.search(s.name) is not None), None)
    if given is not None:
        return context.at(given.file, given.line)
    found = databases(context)
    server = next(iter(found.servers), None)
    if server is not None:
        return context.at(server.file, server.line)
    said = next(iter((*secret_settings(context), *settings_about(context, "connectionstrings"))), None)
    if said is not None:
        return context.at(said.file, said.line)
    return context.at_application() if found.drivers else None


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("The flow has no route of the backend.")
    store = [h for h in context.hits(_STORE) if _OF_CLUSTER.search(h[2][:500]) is None and _LEFT_OUT.search(h[2][:500]) is None]
    used = [h for h in store if _IMPORTS.match(h[2]) is None]
    literal = next((s.at for s in signing_keys(context) if s.origin is Origin.LITERAL and s.at is not None), None)
    if store and literal is None:
        return _by_store(context, (used or store)[0], bool(used))
    paths = (*context.source_globs, *_SETTINGS)
    needed = context.hits(_SECRETS) or context.hits(_SECRETS, paths)
    if not needed and (asks := _needs_one(context)) is not None:
        return unverified("Something needs a secret that the source does not name: how it reaches the process was not found out.", asks)
    if not needed:
        proof = context.missing("secrets", at=context.at_application(), patterns=_SECRETS, paths=paths)
        return not_applicable("The backend uses no secret.", proof) if proof is not None else unverified("No secret was found.")
    reads = (*_READS, *_REFERS)
    at = literal or context.at(*needed[0][:2])
    proof = context.missing("reads of the environment or of a secret store", at=at, patterns=reads, paths=paths)
    if proof is not None:
        return failed("The backend reads no secret from the environment or a store: they stand in the source.", proof)
    kept = [s for s in secret_settings(context) if s.value]
    if kept and not any(s.can_be_replaced for s in kept) and not context.is_found(_OUTSIDE):
        places = [context.at(s.file, s.line) for s in kept[:3]]
        return failed("Secrets stand in the settings file of the repository, and nothing takes them from outside.", *places)
    instead = next((s.at for s in signing_keys(context) if s.origin is Origin.FALLBACK and s.at is not None), None)
    read = [context.at(f, n) for f, n, _ in context.hits(_ENVIRONMENT)[:1]]
    if literal is not None:
        return partial("Some settings come from the environment, and the key that signs stands in the source.", literal, *read)
    if instead is not None:
        return partial("Secrets come from the environment, and the source holds a key for where it has none.", instead, *read)
    taken = [context.at(f, n) for f, n, t in context.hits(_ENVIRONMENT) if _NAMES_SECRET.search(t) is not None][:2]
    if taken and not context.absences.all_hits(_ROTATES, (*context.source_globs, *_DOCUMENTS)):
        return partial("Secrets come from the environment, and nothing in the repository says how one is replaced.", *taken)
    return unverified("Settings come from the environment; how secrets reach it and are rotated is not in the code.", *read)
