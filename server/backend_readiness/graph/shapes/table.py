"""Tables of routes: lists whose entries are calls (`urlpatterns = [path(...)]`, `Starlette(routes=[Route(...)])`).

A rule with `child` names what an entry leads on to (`include(...)`, `Mount(..., routes=[...])`); one with `options.variable`
says which module-level list is a table, and `options.setting` which setting names the first one. What tables of packages hold
that an entry includes by name is in the cards (`brings`). An entry may be written on the text of its path, once or in a chain
(`path: {receiver: true}`, `"/orders".GET(list).POST(create)`). `options.verbs` and those beside it: the handler is a chain, see shape
`chain`. With `options.guarded` what else stands in a table runs before its entries, with `pipeline` what stands before a handler in a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from backend_readiness.facts.model import CallRef, Member, Name, Op, Seq, Value
from backend_readiness.graph.classes import parts
from backend_readiness.graph.classes.constructions import is_inherited
from backend_readiness.graph.classes.inheritance import as_external
from backend_readiness.graph.evaluation.calls import result
from backend_readiness.graph.evaluation.loops import rounds
from backend_readiness.graph.routes.registering import register
from backend_readiness.graph.routes.routing import Guard, Mount, Registration, RouterKey
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.shapes.chain import answers_of
from backend_readiness.graph.urls import from_regex, join, texts
from backend_readiness.graph.values import AV, Const, Ext, InstV, ListV, ModV, Thunk, UnknownV, options
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref, RouteRule

MAX_NESTED = 12
_ADDING = ("append", "extend", "insert")
MAX_ENTRIES = 20_000
_OPTIONAL_SLASH = re.compile(r"(?:\(/\)|/)\?\$?$")


@dataclass(frozen=True, slots=True)
class Above:
    """Where a table hangs: what stands before its paths, and the tables that led to it."""

    prefix: str = ""
    guards: tuple[Guard, ...] = ()
    router: RouterKey | None = None
    seen: tuple[tuple[str, str], ...] = ()
    entry: Hit | None = None  # the one that led here


def collect(scan: Scan) -> None:
    Tables(scan).collect()


class Tables:
    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.graph = scan.graph
        self.ev = scan.graph.ev
        self._entries = 0
        self._walked: set[tuple[str, str]] = set()

    def collect(self) -> None:
        for hit in self.scan.hits.get("table", ()):
            if hit.rule.options.get("root") and hit.rule.child is not None:  # a call that names a table to start at
                child = self.scan.thunk(hit, hit.rule.child)
                if child is not None:
                    self._below(child, Above(), 0)
            if hit.rule.options.get("holder") and hit.rule.child is not None:
                value = Ext(f"{hit.callee.path}()", hit.callee, hit.site)
                base = hit.callee.path.endswith("__init__")  # `super().__init__(routes=[...])`
                key = self.scan.receiver(hit) if base else self.scan.router_of_value(value, hit.card)
                table = self.scan.thunk(hit, hit.rule.child)
                if key is not None and table is not None:
                    self.walk(table, Above(router=key, guards=self._before(hit, table)))
        for card in self.graph.knowledge.cards:
            for rule in card.routes:
                if rule.shape == "table" and "variable" in rule.options:
                    self._variables(rule)

    def _variables(self, rule: RouteRule) -> None:
        """Start at the tables that the setting names; where there is none, at those that no other table includes."""
        name = str(rule.options["variable"])
        setting = str(rule.options.get("setting", ""))
        before = self._entries
        for file in [f for f in self.graph.naming(setting) if f in self.graph.production] if setting else ():
            view = self.graph.view(file)
            bound = [
                b for (_, written), several in view.bindings.items() if written == setting for b in several
            ]  # also in a class of settings
            for assign, _ in bound:
                for text in texts(self.ev, self.ev.value(assign.value, file, assign.owner)) if assign.value is not None else ():
                    target = self.graph.resolve(text, file)
                    if target is not None:
                        self.walk_named(target, name, Above())
        if self._entries > before:
            return
        files = list(
            dict.fromkeys(path for path, d in self.graph.facts.defining(name) if d.kind == "variable" and path in self.graph.production)
        )
        included = {t for f in files for t in self.graph.importing_files(f) if t in files}
        for file in sorted(files, key=lambda f: (f in included, f.count("/"), f)):
            if (file, name) not in self._walked:
                self.walk_named(file, name, Above())

    # ------------------------------------------------------------ walking

    def walk_named(self, file: str, name: str, above: Above) -> None:
        """All that a module puts into the list of that name, `+=`, `.extend(...)` and `.append(...)` included.

        What stands there before the list is made anew around itself (`urls = [path("api/", include(urls))]`) hangs below that entry.
        """
        view = self.graph.view(file)
        bound = view.bindings.get((0, name), [])
        around = next((n for n in range(len(bound) - 1, 0, -1) if _holds(view, bound[n][0].value, name)), 0)
        inside = (file, name) in above.seen
        key = (file, f"{name} before") if inside and around else (file, name)
        if key in above.seen or len(above.seen) >= MAX_NESTED:
            return
        self._walked.add((file, name))
        below = replace(above, seen=(*above.seen, key))
        turn = bound[around][0].start if around else -1
        for assign, path in bound[:around] if inside else bound[around:]:
            if assign.value is not None and not path:
                self.walk(Thunk(file, 0, assign.value, None), below)
        for number in sorted(n for verb in _ADDING for n in view.calls_by_name.get(verb, ())):
            call = view.facts.calls[number]
            own = call.owner == 0 and isinstance(call.callee, Member) and call.callee.base == Name(name)
            if own and call.args and (call.start < turn) == inside:
                self.walk(Thunk(file, 0, call.args[-1].value, None), below)

    def walk(self, table: Thunk, above: Above, depth: int = 0) -> None:
        """Register every entry of a list expression."""
        if depth > MAX_NESTED or self._entries > MAX_ENTRIES:
            return
        expr = table.expr
        if isinstance(expr, Seq | Op) and (isinstance(expr, Seq) or expr.op in ("+", "*")):
            for item in expr.items if isinstance(expr, Seq) else expr.operands:
                self.walk(Thunk(table.file, table.owner, item, table.env), above, depth + 1)
            return
        if isinstance(expr, Name) and (0, expr.id) in self.graph.view(table.file).bindings:
            self.walk_named(table.file, expr.id, above)
            return
        for value in self._repeated(table):
            if isinstance(value, ListV):
                for thunk in value.items:
                    self.walk(thunk, above, depth + 1)
            elif isinstance(value, Ext):
                for entry in self._chained(value):
                    for hit in self._hits(entry):
                        self._entry(hit, above, depth)
                        break
                    else:
                        self._mount(entry, above)

    def _chained(self, value: Ext) -> list[Ext]:
        """An entry, and those that it goes on from: `"/orders".GET(list).POST(create)`."""
        found = [value]
        for _ in range(MAX_NESTED):
            before = found[-1].base.base if isinstance(found[-1].base, Ext) else None
            if not isinstance(before, Ext) or not any(h.rule.path is not None and h.rule.path.receiver for h in self._hits(before)):
                break
            found.append(before)
        return found[::-1]

    def _before(self, hit: Hit, table: Thunk) -> tuple[Guard, ...]:
        """What stands in the table and is no entry runs before those that are."""
        if not hit.rule.options.get("guarded"):
            return ()
        listed = [o for o in options(self.ev.thunk(table)) if isinstance(o, ListV)]
        values = [o for one in listed for item in one.items for o in options(self.ev.thunk(item))]
        others = [v for v in values if not isinstance(v, Ext) or not any(self._hits(v))]
        return tuple(g for v in others for g in self.scan.guards_of(v, self.scan.place(hit), hit.call.start))

    def _repeated(self, table: Thunk) -> list[AV]:
        """What an expression of a list gives: a call in a loop, or in a comprehension, once for each round."""
        if isinstance(table.expr, CallRef) and table.env is None:
            sites = rounds(self.ev, self.graph.view(table.file), table.expr.call)
            if len(sites) > 1 or sites[0].env is not None:
                return [o for s in sites for o in options(result(self.ev, s.file, s.call, s.env))]
        return list(options(self.ev.thunk(table)))

    def _hits(self, value: Ext) -> Iterator[Hit]:
        """The entry rules that the call behind a value matches."""
        if value.site is None or not isinstance(value.base, Ext):
            return
        call = self.graph.view(value.site.file).facts.calls[value.site.call]
        for tagged, match in self.graph.knowledge.routes.matches(value.base.path):
            if tagged.rule.shape == "table":
                yield Hit(value.site, call, value.base, tagged.rule, tagged.card, match)

    def _entry(self, hit: Hit, above: Above, depth: int) -> None:
        self._entries += 1
        rule = hit.rule
        if rule.options.get("list"):  # `i18n_patterns(path(...), path(...))`
            below = replace(above, prefix=above.prefix + self._of_list(hit))
            for arg in hit.call.args:
                if arg.name is None:
                    self.walk(Thunk(hit.site.file, hit.call.owner, arg.value, hit.site.env), below, depth + 1)
            return
        paths = self._written_on(hit) if rule.path is not None and rule.path.receiver else None
        if paths is None:
            paths = self.scan.texts(hit, rule.path) if rule.path is not None else [""]
        guards = (*above.guards, *self.scan.guards(hit, rule.middleware))
        for path in paths:
            below = replace(above, prefix=self._joined(rule, above.prefix, path), guards=guards, entry=hit)
            if rule.child is not None:
                other = rule.options.get("other_child")
                child = self.scan.thunk(hit, rule.child) or (self.scan.thunk(hit, Ref(**other)) if other else None)
                if child is not None:
                    self._below(child, below, depth)
                continue
            handler = self.scan.thunk(hit, rule.handler)
            value = self.ev.thunk(handler) if handler is not None else None
            if rule.options.get("pipeline") and isinstance(value, ListV) and value.items:  # `"/orders".GET((guard, list))`
                *before, value = (self.ev.thunk(t) for t in value.items[:MAX_NESTED])
                place, start = self.scan.place(hit), hit.call.start
                register(
                    self.scan, hit, above.router, below.prefix, value,
                    (*guards, *(g for v in before for g in self.scan.guards_of(v, place, start))),
                )  # fmt: skip
                continue
            if handler is not None and value is not None and self._leads_on(value):
                self._below(handler, below, depth)
                continue
            answers = list(answers_of(self.scan, hit, value)) if "verbs" in rule.options and value is not None else []
            for one in answers:
                register(self.scan, hit, above.router, below.prefix, one.handler, (*guards, *one.guards), one.method)
            if not answers:
                register(self.scan, hit, above.router, below.prefix, value, guards)

    def _written_on(self, hit: Hit) -> list[str]:
        """The text at which the chain of an entry begins."""
        value: AV | None = hit.callee.base
        for _ in range(MAX_NESTED):
            if not isinstance(value, Ext):
                break
            value = value.base
        return texts(self.ev, value) if value is not None else []

    def _of_list(self, hit: Hit) -> str:
        """What a list puts before its entries (option `below`), which a keyword that is said to be false leaves out (`below_unless`)."""
        left_out = self.scan.value(hit, Ref(kwarg=str(hit.rule.options.get("below_unless", ""))))
        return "" if isinstance(left_out, Const) and left_out.value is False else str(hit.rule.options.get("below", ""))

    def _joined(self, rule: RouteRule, prefix: str, path: str) -> str:
        if rule.options.get("regex"):
            path = from_regex(_OPTIONAL_SLASH.sub("", path))
        return prefix + path if rule.options.get("text") else join(prefix, path, keep_root=True)

    def _leads_on(self, value: AV) -> bool:
        """Is the value another table, or a router, rather than a handler?"""
        for option in options(value):
            if isinstance(option, ListV):
                return True
            if isinstance(option, Ext) and (any(h.rule.child is not None for h in self._hits(option)) or self._router(option) is not None):
                return True
        return False

    def _below(self, child: Thunk, above: Above, depth: int) -> None:
        """What an entry includes: a module by name or value, a list or several put together, a pair of list and name, a router."""
        if isinstance(child.expr, Op) and child.expr.op == "+" and depth < MAX_NESTED:
            self.walk(child, above, depth + 1)
            return
        for value in options(self.ev.thunk(child)):
            if isinstance(value, Ext):
                inner = next((h for h in self._hits(value) if h.rule.child is not None and not h.rule.options.get("holder")), None)
                thunk = self.scan.thunk(inner, inner.rule.child) if inner is not None else None
                if thunk is not None:
                    self._below(thunk, above, depth + 1) if depth < MAX_NESTED else None
                else:
                    self._mount(value, above)
            elif isinstance(value, ListV):
                pair = len(value.items) >= 2 and isinstance(self.ev.thunk(value.items[1]), Const)
                if pair:
                    self._below(value.items[0], above, depth + 1) if depth < MAX_NESTED else None
                else:
                    self.walk(child, above, depth + 1)
            elif isinstance(value, ModV):
                self._module(value.file, above)
            elif isinstance(value, UnknownV) and isinstance(child.expr, Member):
                self._extended(child, child.expr, above, depth)
            else:
                for text in texts(self.ev, value):
                    target = self.graph.resolve(text, child.file)
                    if target is not None:
                        self._module(target, above)
                    elif above.entry is not None:
                        self._brought(text, above.entry, above)

    def _brought(self, module: str, hit: Hit, above: Above) -> None:
        """What a table of a package holds, as a card lists it (`brings`): it stands at the entry that includes the table by its name."""
        for line in (line for card in self.graph.knowledge.cards for line in card.brings.get(module, ())):
            methods, path, name = (*line.split(" "), "", "")[:3]
            whole = self._joined(hit.rule, above.prefix, path) if path else above.prefix
            for method in methods.split(","):
                self.scan.routing.registrations.append(
                    Registration(
                        router=above.router, method=method, path=whole, place=self.scan.place(hit), start=self.scan.start(hit),
                        card=hit.card, rule=hit.rule, handler=None, guards=above.guards, name=name,
                    )
                )  # fmt: skip

    def _extended(self, child: Thunk, read: Member, above: Above, depth: int) -> None:
        """`router.urls` where a subclass of the router adds to them: `return super().urls + [path(...)]`."""
        for made in [m for m in options(self.ev.value(read.base, child.file, child.owner, child.env)) if isinstance(m, InstV)]:
            for where in parts.methods(self.ev, made.cls, read.name)[:1]:
                view = self.graph.view(where.file)
                for item in view.returns.get(where.index, ())[:4]:
                    sum_of = item.value.operands if isinstance(item.value, Op) and item.value.op == "+" else ()
                    inherited = [o for o in sum_of if is_inherited(view, o, read.name)]
                    outer = next(iter(as_external(self.ev, made)), None) if inherited else None
                    if outer is None or depth > MAX_NESTED:
                        continue
                    self._mount(outer, above)
                    for operand in sum_of:
                        if operand not in inherited:
                            self.walk(Thunk(where.file, where.index, operand, None), above, depth + 1)

    def _module(self, file: str, above: Above) -> None:
        for card in self.graph.knowledge.cards:
            for rule in card.routes:
                if rule.shape == "table" and "variable" in rule.options:
                    self.walk_named(file, str(rule.options["variable"]), above)

    def _router(self, value: Ext) -> RouterKey | None:
        return self.scan.router_of_any(value)

    def _mount(self, value: Ext, above: Above) -> None:
        key = self._router(value)
        if key is None or key == above.router:
            return
        self._entries += 1
        place = Place(file=key[1] if key[0] == "site" else "", line=1, end_line=1)
        prefix = above.prefix if above.prefix.startswith("/") or not above.prefix else f"/{above.prefix}"
        self.scan.routing.mounts.append(Mount(parent=above.router, child=key, prefix=prefix, place=place, start=0, guards=above.guards))


def _holds(view: FileView, value: Value | None, name: str) -> bool:
    """Does an entry of a list name the list of that name: `[path("api/", include(urls))]`?"""
    calls = [view.facts.calls[i.call] for i in value.items if isinstance(i, CallRef)] if isinstance(value, Seq) else []
    given = [a.value for c in calls for a in c.args]
    given += [a.value for g in given if isinstance(g, CallRef) for a in view.facts.calls[g.call].args]
    return Name(name) in given
