"""No state of the flow exists once per process, so several instances may run."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import databases
from backend_readiness.controls.deployed.instances import several
from backend_readiness.controls.deployed.local_store import local_store
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.protection.cookies import accepts_cookie, session_cookies, starts_no_session
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.protection.limiter_stores import unshared_limiter
from backend_readiness.controls.protection.start_keys import made_at_start
from backend_readiness.controls.subjects import Subject
from backend_readiness.controls.work.lasting_state import changed_names, left_files, of_process
from backend_readiness.controls.work.memory import Memory, Use
from backend_readiness.controls.work.out_of_sight import unseen_work
from backend_readiness.controls.work.process_state import kept_collection, kept_connections, kept_timer
from backend_readiness.controls.work.shared_objects import changed_object
from backend_readiness.controls.work.writes import texts_of_chain
from backend_readiness.facts.model import Assign, CallRef, Index, Member, Name, Record, Seq, Value
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.memory_words import load_memory_words
from backend_readiness.rules.signs import sign, signs

_FILE_DATABASE = signs("perf-stateless-scaling", "file_database")
_SCHEDULER = signs("perf-stateless-scaling", "scheduler")
_WORKERS = signs("perf-stateless-scaling", "workers")
_READ = frozenset({"python", "javascript"})  # languages whose module state and sessions this reads
_KEPT = (
    r"@@\w+|\bstatic\s+(final\s+)?(Concurrent)?(Hash)?(Map|Dictionary|List|Set)\b|ConcurrentHashMap|ConcurrentDictionary|sync\.Map"
    r"|IMemoryCache|lazy_static|once_cell|OnceLock|\$GLOBALS"
)
_SESSIONS = (
    r"^\s{0,4}(private(\[\w+\])?\s+)?val\s+\w+\s*(:[^=]*)?=\s*(scala\.collection\.)?(mutable\.(HashMap|Map|ListBuffer|ArrayBuffer|HashSet|Set)|TrieMap)\b",
    r"\b(Mutex|RwLock)\s*<\s*(Vec|VecDeque|HashMap|HashSet|BTreeMap)\s*<|\bDashMap\s*<",
    r"HttpSession\b|AddDistributedMemoryCache|AddMemoryCache|cookie\.NewStore|memstore\.|session_start\(|InMemorySession|MemoryStore::",
)
_SPARE = re.compile(r"(?i)cache|memo|pool|regist|metric|template|loader|buffer|convert|mapper|types?$|names?$")
_BUS = signs("perf-stateless-scaling", "bus")
_OF_PROCESS = re.compile(sign("perf-stateless-scaling", "of_process"))
_MAKES = frozenset({"Map", "Set", "dict", "list", "set", "defaultdict", "deque", "Counter"})
_OWN = (Name("self"), Name("this"))
# A file that is there for the request only, or for people who operate the service.
_PASSING = re.compile(r"(?i)te?mp|cache|\blog")
_LOCKED = (r"(?i)redlock|advisory_lock|pg_try_advisory|\block\b.*redis|leader",)
_OWN_ADDRESS = re.compile(r"(?i)\bDATABASE_URL\b|dj_database_url")  # the deployment names its database
_BRANCH = re.compile(r"\b(if|elif|else|case|when|switch)\b")
_ANOTHER = re.compile(sign("perf-stateless-scaling", "another"))
_BESIDE = re.compile(sign("perf-stateless-scaling", "beside"))


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("The flow has no route of the backend.")
    every = context.hits(_FILE_DATABASE, (*context.source_globs, "**/*.prisma", "**/*.env", "**/config*.json"))
    files = [h for h in every if not _spare(context, h) and not h[2].lstrip().startswith("|")]  # a row of a table in prose
    named = databases(context)
    if not files and named.files and not (named.servers or named.selected or named.drivers or named.memory):
        files = [(h.file, h.line, h.text) for h in named.files]
    if files and any(e.kind in ("orm", "sql") for e, _ in context.effects):
        return failed("A database in a local file ties the service to one instance.", context.at(*files[0][:2]))
    inside = named.memory if not (named.servers or named.files or named.selected or files) else ()
    if inside and any(e.kind in ("orm", "sql", "nosql") for e, _ in context.effects):
        return failed(
            "The database is in the memory of the process: a second instance has another one.", context.at(inside[0].file, inside[0].line)
        )
    open_question = not (named.servers or named.files or named.selected or named.memory or files) and named.embedded
    sessions = context.hits((r"\bsession\(\s*(\{|$)",)) if _uses_sessions(context) else []
    for file, line, _ in sessions:
        closed = max((c.end_line for c in context.view(file).facts.calls if c.line == line), default=line + 16)
        block = "\n".join(context.snapshot.lines(file)[line - 1 : min(closed, line + 16)]).split("});")[0]
        live = "\n".join(t for t in block.split("\n") if not t.lstrip().startswith(("//", "*", "#")))
        if re.search(r"\bstore\b", live) is None:
            return failed(
                "Sessions live in the memory of one process: a second instance does not know them.", context.at(file, line, line + 5)
            )
    kept = _module_state(context)
    if kept is not None:
        return failed("State that requests change is kept in the memory of one process.", kept)
    counted = _kept_by_guard(context)
    if counted is not None:
        return partial(
            "What runs before the handler keeps its own state in the memory of one process: each instance counts alone.", counted
        )
    bus = _bus_of_process(context)
    if bus is not None:
        why = "What the flow publishes goes to subscribers of the same process: those of another instance do not get it."
        return partial(why, *bus)
    key = made_at_start(context) if _asks_who(context) else None
    if key is not None:
        return failed("Each process makes its own key of sessions or tokens: a second instance refuses what the first has signed.", key)
    clock = [h for h in context.hits(_SCHEDULER) if "import" not in h[2]]
    if clock and not context.hits(_LOCKED):
        return partial("A scheduler runs inside of the web process: a second instance runs each job again.", context.at(*clock[0][:2]))
    worker = context.first_hit(_WORKERS) if not clock else None
    use = _collection(context)
    if use is not None:
        why = f"`{use.collection.name}` keeps state that requests change in the memory of one process."
        return failed(why, context.at(use.collection.file, use.collection.line), context.at(use.file, use.line))
    one = changed_object(context)
    if one is not None:
        return failed(f"`{one.name}` is one object of the process that requests change.", one.at, one.changed)
    kept_in = setup_of(context, "session_memory")
    walked = {r.function.symbol.file for r in context.functions}  # what the flow itself keeps there, or reads
    if kept_in is not None and kept_in.off is None and (_reads_sessions(context) or kept_in.at.file in walked):
        return failed(kept_in.rule.says, kept_in.at)
    if kept_in is not None and kept_in.off is None and identity_of(context).refusal_before() is not None:
        why = "Sessions are kept in the memory of one process; whether one of them opens this flow was not resolved."
        return unverified(why, kept_in.at)
    on_disk = _on_disk(context)
    if on_disk is not None:
        return on_disk
    if context.language not in _READ:
        own = texts_of_chain(context, _KEPT) or context.hits(_SESSIONS)
        if own:
            why = "A session or a value that outlives the request is used; where it is kept is not settled."
            return unverified(why, *(context.at(*h[:2]) for h in own[:1]))
        if context.language not in load_memory_words() and context.language != "php":  # PHP keeps nothing between requests
            return unverified("What the process keeps between requests was not read in this language.")
    files_of = setup_of(context, "session_files")
    if files_of is not None and files_of.off is None and starts_no_session(context) is None:
        if accepts_cookie(context) is None and not session_cookies(context):
            return unverified(f"{files_of.rule.says} Whether one of them opens this flow was not resolved.", files_of.at)
        return partial(files_of.rule.says, files_of.at)
    if worker is not None:
        why = "The process works by itself at times or keeps what it was given; whether a second instance would do so again is not settled."
        return unverified(why, context.at(*worker[:2]))
    shared = _filled_elsewhere(context)
    if shared is not None:
        name = shared.collection.name
        why = f"`{name}` is read by the flow and filled elsewhere in the same process; whether requests fill it is not settled."
        return unverified(why, context.at(shared.collection.file, shared.collection.line), context.at(shared.file, shared.line))
    changed = changed_names(context)
    if changed is not None:
        why = f"`{changed[1]}` outlives the request and is changed by it; whether other instances need it was not settled."
        return unverified(why, changed[0])
    alone = of_process(context)
    if alone is not None:
        return unverified("The flow does something that holds for one process alone; whether others must know was not settled.", alone)
    left = left_files(context)
    if left is not None:
        return unverified("The flow writes a file; whether other instances find it was not settled.", left)
    counts = unshared_limiter(context)
    if counts is not None and counts[1]:
        return partial("The limiter in front of the flow counts in the memory of one process: each instance counts alone.", counts[0])
    if counts is not None:
        return unverified("A limiter stands in front of the flow; that instances share its counts was not found.", counts[0])
    chosen = [h for h in every if h not in files and _is_chosen(context, h)]
    if chosen and any(e.kind in ("orm", "sql") for e, _ in context.effects):
        why = "Settings choose between a database in a local file and others; which one runs was not found."
        return unverified(why, context.at(*chosen[0][:2]))
    if open_question and any(e.kind in ("orm", "sql") for e, _ in context.effects):
        return unverified("A database that lives in the process or a file is among the dependencies; which one runs was not found.")
    beside = _beside(context)
    if beside is not None:
        return unverified(*beside)
    crowd = several(context)
    if crowd is not None:
        return passed("No state of the flow is kept in the process, and the deployment runs several.", crowd.evidence)
    if not context.is_resolved:
        return unverified("The flow's handlers were not all resolved.")
    return passed("No state of the flow is kept in the process.", context.at_route())


def _beside(context: Context) -> tuple[str, Evidence] | None:
    """What the serving process keeps beside the chain of the flow, or what of the chain was not seen."""
    held = kept_connections(context)
    if held is not None:
        return "The process keeps connections open, and nothing carries messages to those of other instances.", held
    timer = kept_timer(context)
    if timer is not None:
        return "The process works by itself at times; whether a second instance would do so again is not settled.", timer
    kept = kept_collection(context)
    if kept is not None:
        return f"`{kept[0]}` is kept and changed in the same process; whether other instances need it was not settled.", kept[1]
    lost = unseen_work(context)
    return ("The flow hands work to what was not seen; what that keeps was not settled.", context.at_call(lost[0])) if lost else None


def _bus_of_process(context: Context) -> tuple[Evidence, Evidence] | None:
    """(where it is made, where the flow sends) of a bus for subscribers that lives in the memory of the process."""
    sent = texts_of_chain(context, r"(?i)\bpub_?sub\w*\.publish\(")
    made = [h for h in context.hits(_BUS) if _OF_PROCESS.search(context.snapshot.text(h[0])) is not None] if sent else []
    return (context.at(*made[0][:2]), context.at(*sent[0])) if made else None


def _asks_who(context: Context) -> bool:
    """Does the flow sign tokens or sessions, or check them?"""
    roles = ("token_sign", "token_verify", "cookie_session")
    return Subject(context).sign_in or any(context.chain_role(r) for r in roles) or identity_of(context).refusal_before() is not None


def _on_disk(context: Context) -> Judgement | None:
    """Files that the flow leaves on the disk of one instance, or in a store that is such a disk unless settings say otherwise."""
    local = local_store(context)
    for effect, link in context.effects:
        if effect.operation != "write" or effect.kind not in ("file", "storage"):
            continue
        text = context.snapshot.lines(link.file)[link.line - 1] if link.file in context.graph.facts.files else ""
        if effect.kind == "file" and _PASSING.search(text) is None:
            return failed("The flow leaves files on the disk of one instance, where no other finds them.", context.at_place(link))
        if effect.kind == "storage" and local is not None:
            why = "The flow keeps files, and the settings name the local disk as their store; whether instances share it was not settled."
            return unverified(why, context.at_place(link), local)
    return None


def _collection(context: Context) -> Use | None:
    """A collection of the process that the chain changes, and that is no cache of what is stored elsewhere."""
    uses = (u for u in Memory(context).uses if u.changes and _SPARE.search(u.collection.name) is None)
    return next((u for u in uses if u.collection.captured or context.language not in _READ), None)


def _filled_elsewhere(context: Context) -> Use | None:
    """A collection that starts empty, is read on the chain, and that callbacks outside of it change: who is connected, what is running."""
    if context.language not in _READ:
        return None
    memory = Memory(context)
    return next(
        (
            u
            for u in memory.uses
            if u.collection.items == 0 and _SPARE.search(u.collection.name) is None and memory.is_changed(u.collection)
        ),
        None,
    )


def _reads_sessions(context: Context) -> bool:
    return bool(texts_of_chain(context, r"(?i)\bsession\b|HttpContext\.Session"))


def _uses_sessions(context: Context) -> bool:
    return bool(context.hits(signs("perf-stateless-scaling", "sessions")))


def _spare(context: Context, hit: tuple[str, int, str]) -> bool:
    """A file database for tests or development beside a real one."""
    file, line, text = hit
    if re.search(r"(?i)test|memory|dev", text) is not None or _BESIDE.search(file) is not None:
        return True
    if _OWN_ADDRESS.search(context.snapshot.text(file)) is not None and databases(context).drivers:
        return True  # what is deployed names its own
    around = "\n".join(context.snapshot.lines(file)[max(0, line - 12) : line + 14])
    return _ANOTHER.search(around) is not None


def _is_chosen(context: Context, hit: tuple[str, int, str]) -> bool:
    """Is the file database one branch of several, in code of the service?"""
    above = context.snapshot.lines(hit[0])[max(0, hit[1] - 4) : hit[1]]
    named = context.language in _READ and _OWN_ADDRESS.search(context.snapshot.text(hit[0])) is not None
    return not named and _BESIDE.search(hit[0]) is None and any(_BRANCH.search(t) is not None for t in above)


def _module_state(context: Context) -> Evidence | None:
    """A module-level list, dict, Map or Set that functions of the chain change."""
    for reached in context.functions:
        symbol = reached.function.symbol
        view = context.view(symbol.file)
        body = set(view.body(symbol.index))
        for scope in body:
            for number in view.calls_of.get(scope, ()):
                call = view.facts.calls[number]
                base = getattr(call.callee, "base", None)
                if callee_name(call) in ("append", "push", "set", "add", "update", "setdefault", "pop", "delete") and isinstance(
                    base, Name
                ):
                    held = _held(view, base.id, body)
                    if held is not None:
                        return context.at(symbol.file, held.line)
        for assign in view.facts.assigns:
            base = getattr(assign.target, "base", None)
            if assign.owner in body and isinstance(base, Name) and type(assign.target).__name__ == "Index":
                held = _held(view, base.id, body)
                if held is not None:
                    return context.at(symbol.file, held.line)
    return None


def _kept_by_guard(context: Context) -> Evidence | None:
    """A collection that an object in front of the handler holds from its start, and changes with each request."""
    for guard in context.guards:
        for function in context.roles.functions(guard.value):
            view = context.view(function.symbol.file)
            body = set(view.body(function.symbol.index))
            for assign in view.facts.assigns:
                held = assign.target.base if isinstance(assign.target, Index) else None
                if assign.owner not in body or not isinstance(held, Member) or held.base not in _OWN or _SPARE.search(held.name):
                    continue
                for made in view.facts.assigns:
                    if made.target == held and made.owner not in body and _is_empty(view, made.value):
                        return context.at(function.symbol.file, made.line)
    return None


def _held(view: FileView, name: str, body: set[int]) -> Assign | None:
    if any((scope, name) in view.bindings for scope in body):
        return None
    for assign, path in view.bindings.get((0, name), ()):
        if not path and (isinstance(assign.value, Seq) or _is_empty(view, assign.value)):  # a list that starts with samples grows as well
            found: Assign = assign
            return found
    return None


def _is_empty(view: FileView, value: Value | None) -> bool:
    """A collection that starts empty."""
    if isinstance(value, Seq | Record):
        return not value.items
    return isinstance(value, CallRef) and callee_name(view.facts.calls[value.call]) in _MAKES
