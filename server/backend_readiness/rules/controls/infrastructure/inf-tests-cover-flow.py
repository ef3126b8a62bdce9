"""Automated tests that call the flow's endpoints, over HTTP, through a browser, or at the handler itself."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.other_methods import only_other_methods
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.standing import apart
from backend_readiness.controls.work.first_tests import first_test
from backend_readiness.controls.work.idle_lines import is_no_run, tells_a_double
from backend_readiness.controls.work.operation_calls import operation_calls
from backend_readiness.controls.work.route_names import named_calls, path_helpers
from backend_readiness.controls.work.test_files import VERBS, asks_the_file, test_files
from backend_readiness.facts.builder import last_name
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.urls import shape
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Evidence, Named
from backend_readiness.rules.signs import sign

_GENERIC = re.compile(r"(?i)^(api|rest|v\d+(\.\d+)?|app)$")
_BROWSER = re.compile(r"\bcy\.|\bpage\.|\bbrowser\.|\bdriver\.|\bscreen\.")
_DRIVES = re.compile(_BROWSER.pattern + r"|\bvisit[ (]|\bclick_(button|on|link)\b")
_BAD_PATH = re.compile(
    r"(?<!\d)(?:4[0-2]\d|50\d)(?!\d)|(?i:invalid|wrong|fail|unauthori[sz]ed|forbidden|not.?found|reject|error|denied|missing|duplicate|raises|unprocessable|bad.?request|throws)"
)
# The address of somebody else's server, as the samples of test tools have it.
_FOREIGN = re.compile(r"https?://(?!(?:[\w-]+\.)*(?:example\.\w+|\w+\.(?:test|local|localhost|internal)\b|\d+\.\d))[\w-]+\.[a-z][\w.-]*")
_ASKED = re.compile(r"(?i)\.(get|post|put|patch|delete|head)\(\s*[fru]?[\"'`]/")
_TITLED = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE|HEAD)\s+/")
_STEPS = re.compile(r"(^|/)(steps|step_definitions|support)/")
_ANY_CLASS = ("Handler", "Command", "Query", "Controller", "Service")
_OTHERS = re.compile(sign("inf-tests-cover-flow", "others"))


def verify(context: Context) -> Judgement:
    if not context.routes:
        return not_applicable("The flow has no endpoint.")
    tests, inline, others = test_files(context)
    covered: list[tuple[BoundRoute, str, int]] = []
    open_ones: list[BoundRoute] = []
    mentioned: Evidence | None = None
    for bound in context.routes:
        hits = _calls_route(context, bound, tests, inline) or _calls_handler(context, bound, tests, inline)
        hits = hits or operation_calls(context, bound, [p for p in tests if p not in inline]) or _tells_of(context, bound, tests)
        if hits and all(_BROWSER.search(context.snapshot.lines(f)[n - 1]) or "visit(" in context.snapshot.lines(f)[n - 1] for f, n in hits):
            hits = [*_calls_handler(context, bound, tests, inline), *hits]
        if hits:
            covered.extend((bound, file, line) for file, line in hits)
        else:
            open_ones.append(bound)
            mentioned = mentioned or _mentions(context, bound, [*tests, *others], inline)
    if covered and not open_ones:
        places = [context.at(file, line) for _, file, line in covered[:3]]
        if not any(_BAD_PATH.search(context.snapshot.text(file)) for file in _with_users(context, {f for _, f, _ in covered}, tests)):
            return partial("The tests take the happy path alone.", *places)
        return passed("Tests call the endpoints of the flow.", *places)
    if covered:
        return partial(
            f"No test calls `{open_ones[0].route.endpoint}`.",
            context.at_place(open_ones[0].route.place),
            context.at(covered[0][1], covered[0][2]),
        )
    if mentioned is not None:
        if only_other_methods(context, open_ones[0].route.endpoint.method, tests, _last_part(open_ones[0])):
            why = f"The tests call this path with other methods, and none calls `{open_ones[0].route.endpoint}`."
            return failed(why, *apart((context.at_place(open_ones[0].route.place), mentioned)))
        return unverified("Tests deal with the same resource; whether they call the endpoint was not found out.", mentioned)
    service = _names_service(context, [p for p in tests if p not in inline])
    if service is not None:
        return unverified("Tests name what the handler calls; whether they run the flow was not found out.", service)
    browsing = next((p for p in tests if _DRIVES.search(context.snapshot.text(p)) is not None), None) if not context.is_resolved else None
    if browsing is not None:
        return unverified(
            "The handler is a package's, and tests drive a browser; whether one runs the flow was not found out.", context.at(browsing, 1)
        )
    at = context.at_place(context.handlers[0]) if context.handlers else context.at_route()
    runs = [context.at(p, (e.line if (e := d.get("on")) is not None else 1)) for p, d in context.deployment.workflows[:1]]
    if not tests and not others:
        return failed("The repository has no automated test.", at, *runs)
    return failed(
        f"No test calls `{open_ones[0].route.endpoint}`.",
        *apart((at, *([first] if (first := first_test(context, tests or others)) is not None else []))),
    )


def _pattern(bound: BoundRoute) -> re.Pattern[str] | None:
    """The path as a test writes it: generic parts in front are left out, parameters are anything."""
    segments = list(shape(bound.route.endpoint.path))
    while segments and _GENERIC.match(segments[0]):
        segments.pop(0)
    if not any("{" not in s for s in segments):
        return None
    parts = [r"[^/\"'`\s]+" if "{" in s else re.escape(s) for s in segments]
    return re.compile(r"(?:[/\"'`}]|^)" + "/".join(parts) + r"/?(?=[\"'`?\s)]|$)")


def _longer(context: Context, bound: BoundRoute, pattern: re.Pattern[str]) -> list[re.Pattern[str]]:
    """The paths of other routes that end as this one does: `/posts/{id}/comments` beside `/comments`."""
    own = bound.route.endpoint
    found = []
    for other in context.tracer.routes:
        there = other.route.endpoint
        if there.method in (own.method, "ANY") and there.path != own.path and pattern.search(re.sub(r"\{[^}]*\}", "1", there.path)):
            longer = _pattern(other)
            if longer is not None and len(longer.pattern) > len(pattern.pattern):
                found.append(longer)
    return found[:20]


def _calls_route(context: Context, bound: BoundRoute, tests: list[str], starts: dict[str, int]) -> list[tuple[str, int]]:
    """The first call of the route in each test file."""
    pattern = _pattern(bound)
    if pattern is None:
        return []
    found: list[tuple[str, int]] = []
    method = bound.route.endpoint.method
    verb = (
        re.compile(
            rf"(?i)\.{method}\b|['\"]{method}['\"]|\b{method}\s+[/\"'`{{h]|request\(|\b{method}(?:Json|Async|AsJson\w*|FromJson\w*)?[(<]"
            rf"|\bMethod\.?{method}\b"
        )
        if method != "ANY"
        else re.compile(r"\(")
    )
    others = _longer(context, bound, pattern)
    plain = sum("{" not in s and not _GENERIC.match(s) for s in shape(bound.route.endpoint.path)) == 1
    for path in tests:
        text = context.snapshot.text(path)
        if pattern.search(text) is None and not any(pattern.search(line) for line in context.snapshot.lines(path)):
            continue
        lines = context.snapshot.lines(path)
        browser = _BROWSER.search(text) is not None
        for number, line in enumerate(lines, 1):
            if (
                number <= starts.get(path, 0)
                or len(line) > 2_000
                or pattern.search(line) is None
                or any(o.search(line) is not None for o in others)
                or line.lstrip().startswith(("#", "//", "*"))
                or _FOREIGN.search(line) is not None
                or _asks_otherwise(line, method)
                or (plain and not _is_asked(line, pattern, method))
                or is_no_run(lines, number)
            ):
                continue
            near = "\n".join(lines[max(0, number - 4) : number + 2])
            if verb.search(near) is not None:
                found.append((path, number))
                break
            if browser and re.search(r"visit\(|goto\(|get\(", near) and re.search(r"click\(|submit\(|type\(|fill\(", text):
                found.append((path, number))
                break
            name = re.match(r"\s*(?:const|let|var|self\.)?\s*\.?(\w+)\s*=\s*['\"`f]", line)  # the path has a name
            if name is not None and re.search(rf"(?i)\.{method}\(\s*(?:\w+\.)?{re.escape(name.group(1))}\b", text) is not None:
                found.append((path, number))
                break
    return found


def _is_asked(line: str, pattern: re.Pattern[str], method: str) -> bool:
    """Is a path of one word a path here: after a slash, or as what the method is called with? `"users"` is a key elsewhere."""
    for found in pattern.finditer(line):
        before = line[: found.start() + 1]
        called = re.search(rf"(?i)\b(?:{method}|request)\w{{0,12}}[(<][^\"'`)]{{0,60}}[\"'`]$", before)
        if called is not None or before.endswith(("/", "}")):
            return True
    return False


def _asks_otherwise(line: str, method: str) -> bool:
    """Is the path of the line asked for by other methods alone: `request(app).get("/orders")` for a POST?"""
    asked = {m.upper() for m in (*_ASKED.findall(line), *_TITLED.findall(line))}
    return bool(asked) and method != "ANY" and method not in asked and _BROWSER.search(line) is None


def _tells_of(context: Context, bound: BoundRoute, tests: list[str]) -> list[tuple[str, int]]:
    """Scenarios in plain words, which steps run through a browser or a client: one whose title has all words of the path."""
    last = next((s for s in reversed(shape(bound.route.endpoint.path)) if "{" not in s and not _GENERIC.match(s)), "")
    words = re.findall(r"[a-z]{2,}", last.lower())
    if len(words) < 2 or not any(_STEPS.search(p) for p in tests):
        return []
    told = re.compile(r"\s*(?:Scenario|Scenario Outline|Example|When)\b:?(.*)")
    for path in tests:
        for number, line in enumerate(context.snapshot.lines(path) if path.endswith(".feature") else (), 1):
            title = told.match(line[:2_000])
            if title is not None and set(words) <= set(re.findall(r"[a-z]+", title.group(1).lower())):
                return [(path, number)]
    return []


def _with_users(context: Context, files: set[str], tests: list[str]) -> set[str]:
    """The files, and the tests that use one of them as a helper."""
    stems = {f.rpartition("/")[2].partition(".")[0] for f in files}
    stems = {s for s in stems if len(s) > 3 and not s.startswith("test")}
    return files | {p for p in tests if any(re.search(rf"\b{re.escape(s)}\b", context.snapshot.text(p)) for s in stems)}


def _calls_handler(context: Context, bound: BoundRoute, tests: list[str], starts: dict[str, int]) -> list[tuple[str, int]]:
    """Tests that call the handler by its name, or ask for its URL by it."""
    handler = bound.route.handler
    if handler is None:
        return []
    name = handler.symbol.rpartition(".")[2]
    by_action = _calls_action(context, bound, handler.symbol, [p for p in tests if p not in starts])
    by_action = by_action or named_calls(context, bound, name, tests)
    if by_action:
        return by_action
    if (
        name in ("(anonymous)", "get", "post", "put", "delete", "create", "index", "update", "list", "show", "handle", "handler")
        or len(name) < 4
    ):
        return []
    if name in VERBS:  # files of routes name all their handlers alike
        tests = [p for p in tests if asks_the_file(context, p, (handler.file, bound.route.place.file))]
    found: list[tuple[str, int]] = []
    taken = _clients(context, handler, tests)
    stems = {handler.file.rpartition("/")[2].partition(".")[0], *taken}
    for path in tests:
        text = context.snapshot.text(path)
        beside = path.endswith("_test.go") and path.rpartition("/")[0] == handler.file.rpartition("/")[0]
        if name not in text:
            continue
        lines = context.snapshot.lines(path)
        for number, line in enumerate(lines, 1):
            asked = re.search(rf"(?:url_for|reverse|url_path_for)\(\s*['\"](?:[\w.:-]*[.:])?{re.escape(name)}['\"]", line) is not None
            called = (
                (run := re.search(rf"(?:(\w+)(?:\.|->|::))?\b{re.escape(name)}\(", line)) is not None
                and (run.group(1) is None or any(t in text for t in taken) or not _is_anothers(run.group(1), handler))
                and ((beside and not lines[number - 2].endswith(".")) or any(stem in text for stem in stems))
                and not tells_a_double(line)
                and not is_no_run(lines, number)
                and not re.match(r"\s*(?:async\s+)?(?:def|function|func)\b", line)
            )
            if (asked or called) and number > starts.get(path, 0):
                found.append((path, number))
                break
    return found


def _is_anothers(receiver: str, handler: Named) -> bool:
    """Is a method of the handler's name called on what lies behind it, as its own class is not called?"""
    return _OTHERS.search(receiver) is not None and _OTHERS.search(handler.symbol.rpartition(".")[0]) is None


def _clients(context: Context, handler: Named, tests: list[str]) -> set[str]:
    """Types of the tests that take over an interface of the handler's class: a client declared by what it asks (`extends Orders`)."""
    view = context.view(handler.file)
    holders = [s for s in view.facts.symbols if s.kind == "class" and s.line <= handler.line <= s.end_line]
    bases = {n for s in holders for b in s.bases if (n := last_name(b)) and len(n) > 4}
    world = context.graph.ev.world
    own = {n for n in bases if any(context.view(w.file).symbol(w.index).kind == "interface" for w in world.defining(n))}
    if not own:
        return set()
    taken = re.compile(rf"\binterface\s+(\w+)[^{{]{{0,200}}\b(?:{'|'.join(sorted(re.escape(n) for n in own))})\b")
    return {m.group(1) for path in tests for m in taken.finditer(context.snapshot.text(path)[:100_000])}


def _calls_action(context: Context, bound: BoundRoute, symbol: str, tests: list[str]) -> list[tuple[str, int]]:
    """Tests that name the controller and ask it for the action (`post :create`), or ask for the path by the helper of the route."""
    holder, _, action = symbol.rpartition(".")
    controller = holder.rpartition(".")[2].rpartition("::")[2]
    if not controller or not action.isidentifier():
        return []
    verb = bound.route.endpoint.method.lower()
    helper = re.compile(rf"\b{verb}[\s(]+(?:\w+\.)?(?:{'|'.join(re.escape(n) for n in path_helpers(bound))})_(?:path|url)\b")
    asked = re.compile(rf"\b{verb}\s*\(?\s*:{re.escape(action)}\b")
    noun = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", controller.removesuffix("Controller")).lower()
    linked = re.compile(  # Phoenix names a path by its controller and action
        rf"\b{verb}\(\s*(?:\w+\s*,\s*)?(?:\w+\.)?\w*{re.escape(noun)}_(?:path|url)\(\s*\w+\s*,\s*:{re.escape(action)}\b"
    )
    found = []
    for path in tests:
        text = context.snapshot.text(path)
        names = controller in text
        if not names and "_path" not in text and "_url" not in text:
            continue
        for number, line in enumerate(context.snapshot.lines(path), 1):
            named = any(p.search(line[:2_000]) is not None for p in (helper, linked)) or (names and asked.search(line[:2_000]) is not None)
            if named and not is_no_run(context.snapshot.lines(path), number):
                found.append((path, number))
                break
    return found


def _names_service(context: Context, tests: list[str]) -> Evidence | None:
    """A test that names a class of the chain and calls what it does for the flow: it may run the flow below its route."""
    works = _leading_to_data(context)
    called: dict[str, set[str]] = {}
    for reached in context.functions:
        where = reached.function.symbol
        view = context.view(where.file)
        holder = view.holder(where.index)
        if holder is None or (works and where not in works):
            continue
        for scope in view.enclosing(holder):
            name = view.symbol(scope).name
            if view.symbol(scope).kind == "class" and len(name) > 4 and name[:1].isupper() and name not in _ANY_CLASS:
                called.setdefault(name, set()).add(view.symbol(where.index).name)
    if not called:
        return None
    wanted = re.compile(rf"\b(?:{'|'.join(sorted(re.escape(n) for n in called))})\b")
    for path in tests:
        text = context.snapshot.text(path)
        methods = {m for name, names in called.items() if name in text for m in names if m}
        if not methods or re.search(rf"\b(?:{'|'.join(sorted(re.escape(m) for m in methods))})\b\s*[(<]", text) is None:
            continue
        for number, line in enumerate(context.snapshot.lines(path), 1):
            if wanted.search(line[:2_000]) is not None and not re.match(r"\s*(?:import|using|use|from|namespace|package|require)\b", line):
                return context.at(path, number)
    return None


def _leading_to_data(context: Context) -> set[SymbolId]:
    """Functions of the chain that touch data, or call what does."""
    found: set[SymbolId] = set()
    for backend in context.backends:
        leading: set[int] = set()
        for _, number in backend.effects:
            parent = backend.links[number].parent
            while parent is not None and parent not in leading:
                leading.add(parent)
                parent = backend.links[parent].parent
        found |= {r.function.symbol for r in backend.functions if r.link in leading}
    return found


def _last_part(bound: BoundRoute) -> re.Pattern[str] | None:
    words = [s for s in shape(bound.route.endpoint.path) if "{" not in s and not _GENERIC.match(s)]
    return re.compile(rf"(?i){'/' if len(words) == 1 else '[/' + chr(34) + chr(39) + '`]'}{re.escape(words[-1])}\b") if words else None


def _mentions(context: Context, bound: BoundRoute, tests: list[str], starts: dict[str, int]) -> Evidence | None:
    last = _last_part(bound)
    if last is None:
        return context.at(tests[0], 1) if tests else None
    for path in tests:
        for number, line in enumerate(context.snapshot.lines(path), 1):
            if number > starts.get(path, 0) and last.search(line[:2_000]) is not None and "import" not in line and "require" not in line:
                return context.at(path, number)
    return None
