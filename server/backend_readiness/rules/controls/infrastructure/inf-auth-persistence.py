"""Where accounts, sessions and refresh tokens live: a store that outlasts the process, or its memory."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import Databases, databases, is_fallback, volume_for
from backend_readiness.controls.database.schema import schema_of
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.controls.deployed.dropped_tables import dropped_at_start
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.deployed.start_scripts import text_of_scripts
from backend_readiness.controls.deployed.startup import settings
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.places import is_production
from backend_readiness.controls.protection.cookies import accepts_cookie, starts_no_session
from backend_readiness.controls.protection.guard_doubts import doubt_of_guards
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.protection.start_keys import made_at_start
from backend_readiness.controls.roles import RoleCall
from backend_readiness.controls.work.memory import Memory
from backend_readiness.facts.model import Record
from backend_readiness.graph.values import Const, Ext, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_KEPT = re.compile(r"(?i)session|refresh|token|(?<!active_)users?\b|users?_|accounts?|login|revoked|black_?list|deny_?list")
_NOT_KEPT = re.compile(r"(?i)cache|csrf|socket|online|limit|attempt|config|roles?\b|schema|(?:\b|_)logs?$|(?-i:[a-z]Logs?$)")
_SIGN_IN = re.compile(r"(?i)log-?in|sign-?in|sign-?up|register|session|token|auth|password|account|refresh|\bme\b|users?\b|\buser")
# The default of a setting is a call that makes something random.
_MADE_UNLESS_SET = (
    r"(?i)\b\w*(secret|jwt_key|signing_key)\w*['\"\]]*\s*(:\s*\w+\s*)?[:=].*\b(getenv|environ\.get|process\.env\.\w+)\b.*(,|\|\||\?\?|\bor\b)\s*"
    r"[\w.]*(random|generate|urandom|token_hex|token_urlsafe|uuid|nanoid)\w*\(",
)
_SECRET = re.compile(r"(?i)passw|digest|encrypted|hash|salt|email")
_PROVES = re.compile(r"(?i)passw|digest|encrypted|hash|salt")
_NAMES = re.compile(r"\b[A-Z][A-Z0-9_]{3,}\b")
# Where a setting is looked up, with what stands in for it.
_ASKED = re.compile(r"(?i)getenv|lookup_?env|environ|process\.env")
_WIPES = re.compile(r"(?i)\b\w*(user|account|member|session)\w*\.(deleteMany|destroy|truncate|remove|drop)\(\s*(\)|\{\s*\}|\{\s*truncate)")
# Classes that keep who is signed in.
_HOLDS = re.compile(sign("inf-auth-persistence", "holds"))
_ABOUT = re.compile(sign("inf-auth-persistence", "about"))
_GIVEN = signs("inf-auth-persistence", "store_given")
_LASTS = re.compile(sign("inf-auth-persistence", "store_lasts"))
_OF_MACHINE = (sign("inf-auth-persistence", "key_of_machine"),)
_RANDOM = (sign("inf-auth-persistence", "random_key"),)
_EITHER = (sign("inf-auth-persistence", "memory_or_other"),)
_DATABASE = ("orm", "sql", "nosql", "cache")


def verify(context: Context) -> Judgement:
    kept = _kept_in_memory(context)
    if kept is not None:
        return kept
    for call in context.roles.calls("server_session"):
        found = _server_session(context, call)
        if found is not None:
            return found
    if not _signs_in(context):
        if not context.is_resolved:
            return unverified("The handler of the flow was not found, so whether it asks who is signed in is not known.")
        doubt = doubt_of_guards(context)
        if doubt is not None:
            return unverified(f"Whether people sign in for this flow is open. {doubt[0]}", *doubt[1])
        return not_applicable("The flow neither signs users in nor asks who is signed in.")
    memory = setup_of(context, "session_memory")
    if memory is not None and memory.off is None:
        return failed(memory.rule.says, memory.at)
    files = setup_of(context, "session_files") if starts_no_session(context) is None else None
    if files is not None and files.off is None and not (context.chain_role("token_verify") or context.chain_role("token_sign")):
        return partial(files.rule.says, files.at)
    either = next((h for h in context.hits(_EITHER) if is_production(h[0]) and not stands_in_development(context, *h[:2])), None)
    if either is not None:
        why = "Sessions are kept in the memory of one process unless the settings choose another store; which one ships is not clear."
        return unverified(why, context.at(*either[:2]))
    key = made_at_start(context)
    if key is not None:
        return failed("The key that signs sessions or tokens is made anew at each start.", key)
    stored = next(
        (link for e, link in context.effects if e.kind in _DATABASE and _SIGN_IN.search(f"{e.target} {e.path}") is not None), None
    )
    if stored is not None:
        base = databases(context)
        if base.memory and not (base.servers or base.files or base.selected):
            at = context.at(base.memory[0].file, base.memory[0].line)
            return failed("The accounts are kept in a database in memory; they are gone after a restart.", at, context.at_place(stored))
        dropped = dropped_at_start(context, "The accounts do not survive it.", context.at_place(stored))
        if dropped is not None:
            return dropped
        if not (base.servers or base.files or base.selected or base.drivers):
            return unverified(
                "The accounts are kept in a database; whether it outlasts the process was not found.", context.at_place(stored)
            )
        if (wiped := _wiped(context)) is not None:
            return wiped
        if (loose := _loose(context, base, context.at_place(stored))) is not None:
            return loose
        return passed("Accounts and sessions are kept in the database, or in signed tokens.", context.at_place(stored))
    cookie = context.roles.calls("cookie_session")
    if cookie:
        place = context.at_call(cookie[0])
        if (loose := _loose_key(context, place)) is not None:
            return loose
        base = databases(context)
        if not (base.servers or base.files or base.memory or base.selected or base.drivers) and _accounts(context) is None:
            return unverified("The session is kept in a signed cookie; where the accounts are kept was not found out.", place)
        return passed("The session is kept in a signed cookie.", place)
    accounts = _accounts(context)
    dropped = dropped_at_start(context, "The accounts do not survive it.", accounts) if accounts is not None else None
    if dropped is not None:
        return dropped
    base = databases(context)
    if accounts is not None and base.servers:
        return _wiped(context) or _loose(context, base, accounts) or passed("The accounts are a table of the database.", accounts)
    return unverified("Where accounts and sessions are kept was not found out.", context.at_route())


def _kept_in_memory(context: Context) -> Judgement | None:
    """A collection of the process that the flow changes, which by its name or its class holds people, sessions or tokens."""
    perhaps: Judgement | None = None
    for use in Memory(context).uses:
        made = use.collection
        if not use.changes or _NOT_KEPT.search(made.name) is not None:
            continue
        around = [s for s in context.view(made.file).facts.symbols if s.kind != "function" and s.line <= made.line <= s.end_line]
        holder = next((s.name for s in reversed(around) if s.kind not in ("method", "lambda")), "")
        places = (context.at(made.file, made.line), context.at(use.file, use.line))
        if _KEPT.search(made.name) is not None or (_HOLDS.search(holder) is not None and _NOT_KEPT.search(holder) is None):
            return failed(f"`{made.name}` keeps who is signed in in the memory of one process.", *places)
        if _ABOUT.search(made.file.rpartition("/")[2].partition(".")[0]) is not None:
            perhaps = perhaps or unverified(f"Whether `{made.name}`, in the memory of one process, keeps sessions is not clear.", *places)
    return perhaps


def _loose(context: Context, base: Databases, stored: Evidence) -> Judgement | None:
    """Why the database may not outlast the container, or the key of its tokens the process; None when nothing speaks against it."""
    if (key := _loose_key(context, stored)) is not None:
        return key
    if base.selected or not (base.files or base.memory or not (base.servers or base.drivers)):
        return None
    hit = (*base.files, *base.memory, *base.servers)[0] if base.files or base.memory or base.servers else None
    if hit is None:
        return unverified("The accounts are kept in an embedded database; where its file lies was not found.", stored)
    at = context.at(hit.file, hit.line)
    if base.servers or not base.files:
        return unverified(
            "The code names a server as well as a database that lies in a file or in memory; which one ships is not clear.", at, stored
        )
    volume, open_question = volume_for(context, hit)
    if volume is not None:
        return passed("The accounts are kept in a database file on a declared volume.", at, volume)
    if open_question or (is_fallback(hit) and base.drivers):
        return unverified("The accounts are kept in a database file by default; whether it lies on a volume is not clear.", at, stored)
    return partial("The accounts are kept in a database file, and the deployment declares no volume that keeps it.", at, stored)


def _loose_key(context: Context, beside: Evidence) -> Judgement | None:
    """A key that the process or its machine makes for itself, unless what is deployed gives one."""
    given = {s.name for s in settings(context)}
    for file, line, text in context.hits(_MADE_UNLESS_SET):
        if given & set(_NAMES.findall(text)):
            continue  # what is deployed sets it
        why = "Unless the environment sets it, the key that signs tokens is made anew at each start."
        return partial(why, context.at(file, line), beside)
    for file, line, text in context.hits(_RANDOM):
        name = re.search(_RANDOM[0], text)
        asked = [t for t in context.snapshot.lines(file) if name is not None and re.search(rf"\b{name.group(1)}\b", t) and _ASKED.search(t)]
        if asked and is_production(file) and not any(given & set(_NAMES.findall(t)) for t in asked):
            why = "Unless the environment sets it, the key that signs tokens is made anew at each start."
            return partial(why, context.at(file, line), beside)
    for file, line, _ in context.hits(_OF_MACHINE):
        if is_production(file) and not stands_in_development(context, file, line):
            why = "The key that signs tokens is made on the machine for development: another instance or container has another."
            return partial(why, context.at(file, line), beside)
    return None


def _wiped(context: Context) -> Judgement | None:
    """A script that each start of the container runs, and that removes all accounts."""
    found = next((h for h in text_of_scripts(context) if _WIPES.search(h[2]) is not None), None)
    if found is None:
        return None
    why = "A script that each start runs removes the accounts."
    return failed(why, context.at(found[0], found[1]), context.at(found[3].file, found[3].line))


def _accounts(context: Context) -> Evidence | None:
    """Where the table of people who may sign in is declared."""
    for name in ("User", "Account", "Member", "Customer"):
        declared = schema_of(context).table(name)
        proves = _SECRET if name in ("User", "Account") else _PROVES  # a customer with an address is no account yet
        if declared is not None and any(proves.search(c) for c in declared.real.columns):
            return context.at(declared.shown.file, declared.shown.line)
    return None


def _signs_in(context: Context) -> bool:
    if (
        any(_SIGN_IN.search(r.route.endpoint.path) is not None for r in context.routes)
        or context.chain_role("token_verify")
        or context.chain_role("token_sign")
    ):
        return True
    if (
        any(_SIGN_IN.search(m.symbol) for r in context.routes for m in r.route.middleware)
        or context.guard_with_role("auth_guard") is not None
    ):
        return True
    identity = identity_of(context) if context.is_resolved else None
    if identity is not None and (identity.refusal_before() or identity.refusal() or accepts_cookie(context)):
        return True
    return any(_SIGN_IN.search(f"{e.target}") for e, _ in context.effects if e.operation == "read")


def _server_session(context: Context, call: RoleCall) -> Judgement | None:
    """The session middleware: without a store it keeps sessions in memory."""
    first = call.call.args[0].value if call.call.args else None
    place = context.at_call(call)
    short = context.at(place.file or "", place.line or 1, min(place.end_line or 1, (place.line or 1) + 8))
    given = context.hits(_GIVEN) if first is None else []
    if given:
        file, line, text = given[0]
        if _LASTS.search(text) is not None:
            return passed("Sessions are kept in a configured store.", context.at(file, line), short)
        return unverified("The manager of sessions is given a store; whether that lasts was not found.", context.at(file, line))
    if not isinstance(first, Record):
        return (
            unverified("The options of the session middleware are made elsewhere.", short)
            if first is not None
            else failed("The session middleware has no store.", short)
        )
    if any(key is None for key, _ in first.items):
        return None
    store = next((v for k, v in first.items if k == "store"), None)
    if store is None:
        return failed("The session middleware has no store, so sessions live in the memory of one process.", short)
    made = list(options(context.graph.ev.value(store, call.site.file, call.call.owner)))
    if any(isinstance(v, Ext) and "MemoryStore" in v.path and "memorystore" not in v.path for v in made):
        return failed("The session store is the memory of one process.", short)
    if any(isinstance(v, Const) and v.value is None for v in made):
        return unverified("The session middleware has a store only where a setting names one; whether it ships was not settled.", short)
    return passed("Sessions are kept in a configured store.", short)
