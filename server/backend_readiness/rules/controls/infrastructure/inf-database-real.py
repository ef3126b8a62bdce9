"""Where the records of the flow end up: a database server, a file, or the memory of one process."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import Databases, chosen_by, databases, is_fallback, volume_for
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.protection.written_accounts import written_accounts
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.controls.work.handed_on import handed_on, looks_up_an_account
from backend_readiness.controls.work.memory import Memory, Use
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.values import ParamV, UnknownV
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence, Link, Stage

_DATABASE = {"orm", "sql", "nosql"}
_LOG = re.compile(r"(?:^|_)[lL]ogs?$|[a-z]Logs?$")
_NO_RECORD = (
    "cache", "memo", "limit", "seen", "lock", "listener", "connection", "client", "socket", "metric", "registry", "counter", "attempt",
    "session",
    "token", "handler", "route", "config", "setting", "option", "queue", "pending", "inflight", "logger", "header", "schema", "error",
    "status",
    "rate", "hit", "bucket",
)  # fmt: skip


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not found, so what it stores is not known.")
    touches = [(e, link) for e, link in context.effects if e.kind in _DATABASE]
    kept = _kept_in_memory(context, touches)
    if kept is not None:
        return kept
    base = next((link for b in context.backends for link in b.links if link.stage is Stage.DATA and link.why.startswith("orm")), None)
    if not touches and base is None:
        return _without_database(context)
    place = touches[0][1] if touches else base
    assert place is not None
    touched = context.at_place(place)
    return _by_engine(context, databases(context), touches, touched)


def _by_engine(context: Context, found: Databases, touches: list[tuple[Effect, Link]], touched: Evidence) -> Judgement:
    servers, files, memory = found.servers, found.files, found.memory
    if found.selected:
        setting = found.selected[0]
        return passed(f"The deployment selects a database server with `{setting.name}`.", context.at(setting.file, setting.line), touched)
    if memory and not servers and not files:
        hit = memory[0]
        return failed(
            "The shipped configuration selects a database in memory; all records are gone after a restart.",
            context.at(hit.file, hit.line),
            touched,
        )
    if memory and servers:
        hit = memory[0]
        chosen, at = chosen_by(context, hit)
        if chosen is None:
            why = "The code opens a database in memory or on a server; which one is deployed is not written down."
            return unverified(why, context.at(hit.file, hit.line), context.at(servers[0].file, servers[0].line))
        if chosen and at is not None:
            return failed("The shipped settings choose the database in memory; all records are gone after a restart.", at,
                          context.at(hit.file, hit.line))  # fmt: skip
    if servers and not files:
        return passed("The records go to a database server.", context.at(servers[0].file, servers[0].line), touched)
    if files and not servers:
        hit = files[0]
        volume, open_question = volume_for(context, hit)
        if volume is not None:
            return passed("The database file lies on a declared volume.", context.at(hit.file, hit.line), volume)
        if open_question:
            return unverified("The database is a file; whether the declared volume holds it is not clear.", context.at(hit.file, hit.line))
        if is_fallback(hit) and found.drivers:
            return unverified(
                "A file is the default database and a driver of a server is installed; what is deployed is not written down.",
                context.at(hit.file, hit.line),
            )
        return partial(
            "The database is a file, and the deployment declares no volume that keeps it.", context.at(hit.file, hit.line), touched
        )
    if files:
        return unverified(
            "The configuration names a file as well as a database server; which one ships is not clear.",
            *(context.at(h.file, h.line) for h in (files[0], servers[0])),
        )
    if (any(e.kind == "nosql" for e, _ in touches) and (found.drivers or not found.embedded)) or (found.drivers and not found.embedded):
        return passed("The records go to a database server.", touched)
    return unverified("Which database the configuration selects was not found.", touched)


def _kept_in_memory(context: Context, touches: list[tuple[Effect, Link]]) -> Judgement | None:
    """Records in a collection of the process, where the flow stores or reads nothing of the kind in a database."""
    memory = Memory(context)
    uses = [u for u in memory.uses if not any(w in u.collection.name.lower() for w in _NO_RECORD) and not _LOG.search(u.collection.name)]
    changes = [u for u in uses if u.changes]
    wrote = any(e.operation in ("write", "delete") for e, _ in touches)
    if changes and not wrote and context.routes[0].route.endpoint.method != "GET":
        return _in_memory(context, changes[0])
    if touches:
        return _or_in_memory(context, [u for u in uses if u.changes or memory.is_changed(u.collection)], touches)
    read = next((u for u in uses if not u.changes and memory.is_changed(u.collection)), None)
    return _in_memory(context, read) if read is not None else None


def _or_in_memory(context: Context, found: list[Use], touches: list[tuple[Effect, Link]]) -> Judgement | None:
    """One of two classes does the work, and the other keeps the records in memory: which one is made is the settings' choice."""
    if databases(context).selected:
        return None
    kept = {_method(context, u.function.file, u.function.index): u for u in found if not _hands_on(context, u)}
    for effect, link in touches:
        view = context.view(effect.site.file)
        name, holder = _method(context, effect.site.file, view.facts.calls[effect.site.call].owner)
        other = next((u for (n, h), u in kept.items() if name and n == name and h and h != holder), None)
        if other is not None:
            made = other.collection
            why = f"One store of the code is a database, another is `{made.name}` in memory; which one ships is not clear."
            return unverified(why, context.at(made.file, made.line), context.at_place(link))
    return None


def _hands_on(context: Context, use: Use) -> bool:
    """Does the method keep what it also asks another object's method of that name for?"""
    view = context.view(use.function.file)
    name, _ = _method(context, use.function.file, use.function.index)
    return any(callee_name(view.facts.calls[n]) == name for i in view.body(use.function.index) for n in view.calls_of.get(i, ()))


def _method(context: Context, file: str, index: int) -> tuple[str, str]:
    """(name of the method that a scope lies in, its class); empty texts for a function of a module."""
    view = context.view(file)
    for scope in view.enclosing(index):
        symbol, holder = view.symbol(scope), view.holder(scope)
        if symbol.kind == "method" and holder is not None:
            return symbol.name, f"{file}:{view.symbol(holder).name}"
    return "", ""


def _in_memory(context: Context, use: Use) -> Judgement:
    made = use.collection
    why = f"The records are kept in `{made.name}`, a collection in the memory of one process; they are gone after a restart."
    return failed(why, context.at(made.file, made.line, made.line), context.at(use.file, use.line))


def _without_database(context: Context) -> Judgement:
    listed = written_accounts(context)
    if listed is not None:
        return failed("The accounts are a list in the source, and no database is asked for them.", listed, context.at_route())
    dumped = next((c for c in context.calls if any(p.removeprefix("node:") in _DUMPS for p in c.paths)), None)
    if dumped is not None and context.routes[0].route.endpoint.method != "GET":
        return failed("The records are written to a file on the process's own disk.", context.at_call(dumped))
    if context.effects:
        return unverified("The chain touches services or files, but no database that is known.", context.at_place(context.effects[0][1]))
    unknown = next((c for c in context.calls if _may_store(c)), None)
    if unknown is not None:
        return unverified("The chain ends in a call whose target was not found; it may store something.", context.at_call(unknown))
    if databases(context).drivers and any(isinstance(v, UnknownV | ParamV) for c in context.calls for v in c.callee):
        return unverified("A database driver is installed, and calls on the chain were not resolved.", context.at_route())
    taken = handed_on(context)
    if taken is not None:
        return unverified("The request is handed to code that is found at run time; what that stores or reads was not followed.", taken)
    account = looks_up_an_account(context)
    if account is not None:
        return unverified("Somebody is signed in by code that was not followed; where the accounts are kept was not found out.", account)
    return not_applicable("The handlers of the flow neither store nor read records.", context.at_route())


def _may_store(call: ChainCall) -> bool:
    return any(
        not p.startswith("~") and p.rpartition(".")[2] in (_STORING | _GETTING if p.startswith("?") else _STORING) for p in call.paths
    )


_DUMPS = {
    "json.dump",
    "pickle.dump",
    "fs.writeFileSync",
    "fs.writeFile",
    "fs.promises.writeFile",
    "fs/promises.writeFile",
    "fs-extra.writeJson",
}
_STORING = {
    "save", "create", "insert", "insertOne", "insertMany", "update", "updateOne", "deleteOne", "find", "findOne", "findAll", "findById",
    "findUnique",
    "findFirst", "findMany", "query", "execute", "upsert", "persist", "commit", "one", "oneOrNone", "many",
    "create!", "save!", "update!", "destroy", "destroy!", "find_by", "find_by!", "find_each", "Create", "Save", "Insert", "Exec",
    "ExecContext", "Query", "QueryRow", "QueryContext", "QueryRowContext", "SaveChanges", "SaveChangesAsync", "AddAsync", "ExecuteAsync",
    "QueryAsync", "FirstOrDefaultAsync", "saveAndFlush", "merge", "executeUpdate", "insertGetId", "flush", "fetch_one", "fetch_all",
    "fetch_optional", "executeQuery", "prepareStatement",
}  # fmt: skip
_GETTING = {"get", "all", "first", "add", "delete", "remove", "put", "store"}
