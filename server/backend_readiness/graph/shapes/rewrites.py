"""Rules that lead a path to an action by its names: `"GET posts/<id>" => "post/view"`, `$route["news/(:any)"] = "news/show/$1"`.

The action is that which the shape `methods` of the same card found under the path that the rule leads to. Options: `files` are globs of
the configuration and `at` lists of keys that lead to the table in what such a file returns; or `variable` is the name of a table to whose
keys texts are assigned. A call of `callee` gives a table too (`handler`, its argument). `skip` are keys that are no paths; `home` is one
whose action answers `/`; `first`: an entry may be a list of the action and more. `strict` are keys that say that nothing but the rules is
a path. `keys` names the parts of an entry that is a record: `pattern`, `route`, `verb`, `rules`; `resource` describes one that stands for
a collection: `class` and its `types`, `controller`, `prefix`, `plural`, `extra` rules, `patterns` that stand for all, `only` and
`except`, `actions` (name -> HTTP methods and a path), and `alone`: those of an action whose pattern names none. `modules` see
`graph.routes.module_ids`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from backend_readiness.facts.model import Index, Lit, Name, Value
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.evaluation.folders import shared
from backend_readiness.graph.evaluation.inflections import plural as plural_of
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routes.module_ids import ModuleIds
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Const, Ext, ListV, Obj, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_RULES = 3_000
MAX_DEPTH = 6
MAX_FIELDS = 80
_VERBS = re.compile(r"\s*((?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)(?:\s*,\s*(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS))*)\s+(\S*)\s*")
_ARGUMENTS = re.compile(r"(?:/\{[^{}]*\})+$")
_NAMED = re.compile(r"<(\w+)(?::[^<>]*)?>")
_CHOICE = re.compile(r"<(\w+):[^<>]*>")
_CHOICES = re.compile(r"<(\w+):\(?([\w-]+(?:\|[\w-]+)*)\)?>")  # `<action:(login|logout)>`
_LEFT_OUT = re.compile(r"\^?(\((?!\?)[^()]{1,100}\))\?/\??(.{1,200})")
_SLOTS = re.compile(r"<[^<>]*>|\$\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    pattern: str
    route: str
    methods: tuple[str, ...]
    file: str
    said: str  # the text in the file that says it


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "rewrites":
                _Table(scan, card, rule).register()


class _Table:
    def __init__(self, scan: Scan, card: Card, rule: RouteRule) -> None:
        self.scan, self.card, self.rule, self.ev = scan, card, rule, scan.graph.ev
        self.ids = ModuleIds(scan.graph, rule.options.get("modules", {}), tuple(rule.options.get("files", ())))
        self.actions: dict[str, list[Registration]] = defaultdict(list)
        for item in scan.routing.registrations:
            if item.card.id == card.id and item.rule.shape == "methods":
                self.actions[_ARGUMENTS.sub("", item.path.lower()) or "/"].append(item)

    def register(self) -> None:
        found = list(self._rules())[:MAX_RULES]
        self._only(found)
        for rule in found:
            paths = ["/"] if rule.pattern == self.rule.options.get("home") else ["/" + _plain(w).strip("/") for w in _ways(rule.pattern)]
            for bound, filled in self._filled(rule):
                at = place_of_text(self.scan, rule.file, rule.said, bound.place)
                self._add(rule.methods or (bound.method,), filled, at, bound.handler)
            actions = self._actions(rule)
            if not actions and (_SLOTS.search(rule.route.partition("/$")[0]) or rule.pattern == self.rule.options.get("home")):
                continue  # which class answers is in the path, and the convention has it already
            place = place_of_text(self.scan, rule.file, rule.said, Place(file=rule.file, line=1, end_line=1))
            for path in paths:
                for action in actions:
                    self._add(rule.methods or (action.method,), path, place, action.handler)
                if not actions:
                    self._add(rule.methods or ("ANY",), path, place, None)

    def _add(self, methods: tuple[str, ...], path: str, place: Place, handler: AV | None) -> None:
        for method in methods:
            self.scan.routing.registrations.append(
                Registration(
                    router=None, method=method, path=path, place=place, start=place.line, card=self.card, rule=self.rule, handler=handler
                )
            )  # fmt: skip

    def _actions(self, rule: _Rule) -> list[Registration]:
        """What the convention found under the path that a rule leads to; of several applications that of the rule's own."""
        bare = "/" + re.split(r"/\d*/?\$|\?", rule.route.strip("/"))[0].strip("/").lower()
        near = self._near(self.actions.get(bare) or self.actions.get(bare.removesuffix("/index"), []), rule.file)
        return near[:1] if rule.methods else near

    def _near(self, known: list[Registration], file: str) -> list[Registration]:
        """Of several applications the actions of that whose file it is, one of each method."""
        best = max((shared(r.place.file, file) for r in known), default=0)
        return list({r.method: r for r in reversed(known) if shared(r.place.file, file) == best}.values())

    def _filled(self, rule: _Rule) -> Iterator[tuple[Registration, str]]:
        """The actions that a rule leads to whose parts are in its path, with what stands there: `"<action>" => "post/<action>"`.

        A rule that leads to the same path, or leaves a part of it out, adds nothing to the convention.
        """
        named = _NAMED.findall(rule.pattern)
        if not named or sorted(named) != sorted(_NAMED.findall(rule.route)) or _CHOICE.sub(r"<\1>", rule.pattern).strip("/") == rule.route:
            return
        limits = dict(_CHOICES.findall(rule.pattern))
        wanted = [limits.get(p, "[^/{}]+") if n % 2 else re.escape(p.lower()) for n, p in enumerate(_NAMED.split(rule.route.strip("/")))]
        asked = re.compile("/" + "".join(f"({p})" if n % 2 else p for n, p in enumerate(wanted)))
        for path, found in list(self.actions.items()):
            fits = asked.fullmatch(path)
            given = dict(zip(_NAMED.findall(rule.route), fits.groups(), strict=True)) if fits is not None else {}
            for item in self._near(found, rule.file) if given else ():
                parts = _NAMED.split(rule.pattern)
                filled = "".join(str(given.get(p, p)) if n % 2 else str(p) for n, p in enumerate(parts))
                yield item, "/" + _plain(filled).strip("/")

    def _only(self, rules: list[_Rule]) -> None:
        """Where the configuration says that only its rules are paths, the convention gives none but what a rule leads to by its parts."""
        keys = self.rule.options.get("strict", ())
        for value, path in self._returned() if keys else ():
            said = [_down(self, value, list(keys)), *(_field(self, table, keys[-1]) for table in self._apart(value))]
            if any(isinstance(s, Const) and s.value is True for s in said):
                folder = path.rpartition("config/")[0]
                open_ = [_opened(r) for r in rules if r.file.startswith(folder)]
                listed = self.scan.routing.registrations
                mine = [r for r in listed if r.card.id == self.card.id and r.rule.shape == "methods"]
                mine = [r for r in mine if r.place.file.startswith(folder)]
                closed = {id(r) for r in mine if not any(o is not None and o.fullmatch(r.path.lower()) for o in open_)}
                listed[:] = [r for r in listed if id(r) not in closed]

    def _returned(self) -> Iterator[tuple[AV, str]]:
        for path, index in self.scan.graph.production.items():
            if index.language == self.card.id.partition("/")[0] and any(fnmatch(path, g) for g in self.rule.options.get("files", ())):
                for found in self.scan.graph.view(path).facts.returns[:40]:
                    for value in options(self.ev.value(found.value, path, found.owner)) if found.value is not None else ():
                        yield value, path

    # ------------------------------------------------------------ tables

    def _rules(self) -> Iterator[_Rule]:
        if "variable" in self.rule.options:
            yield from self._assigned(str(self.rule.options["variable"]))
        for value, path in self._returned():
            for keys in self.rule.options.get("at", ()):
                yield from self._entries(_down(self, value, keys), path, "", 0)
            for table in self._apart(value):
                yield from self._entries(_down(self, table, self.rule.options["at"][0][-1:]), path, "", 0)
        for hit in self.scan.hits.get("rewrites", ()):
            if hit.rule is self.rule:
                for value in options(self.scan.value(hit, self.rule.handler) or Const(None)):
                    yield from self._entries(value, hit.site.file, "", 0)

    def _apart(self, value: AV) -> list[Obj]:
        """The settings of the manager of addresses in a file that holds nothing else, or holds them under a name of its own."""
        apart = self.rule.options.get("apart", ())
        fields = list(value.fields.values())[:MAX_FIELDS] if apart and isinstance(value, Obj) else []
        held = (value, *(next(options(self.ev.thunk(t)), None) for t in fields))
        return [t for t in held if isinstance(t, Obj) and not t.fields.keys().isdisjoint(apart)]

    def _assigned(self, variable: str) -> Iterator[_Rule]:
        """`$route["news"] = "news/index"`, `$route["news"]["POST"] = "news/store"`."""
        skipped = frozenset(self.rule.options.get("skip", ()))
        for file in self.scan.graph.naming(variable):
            view = self.scan.graph.view(file)
            for assign in view.facts.assigns if any(fnmatch(file, g) for g in self.rule.options["files"]) else ():
                keys = _keys(assign.target, variable)
                values = texts(self.ev, self.ev.value(assign.value, file, assign.owner)) if assign.value is not None and keys else []
                if values and keys and keys[0] not in skipped:
                    yield _Rule(pattern=keys[0], route=values[0], methods=tuple(k.upper() for k in keys[1:2]), file=file, said=keys[0])

    def _entries(self, table: AV | None, file: str, prefix: str, depth: int) -> Iterator[_Rule]:
        if depth > MAX_DEPTH:
            return
        if isinstance(table, ListV):
            for thunk in table.items[:MAX_RULES]:
                yield from self._entry("", next(options(self.ev.thunk(thunk)), None), thunk.file or file, prefix, depth)
        if isinstance(table, Obj):
            for spread in table.spreads:
                yield from self._entries(next(options(self.ev.thunk(spread)), None), file, prefix, depth + 1)
            listed = [(k, t) for k, t in table.fields.items() if k not in self.rule.options.get("skip", ())]
            for key, thunk in listed[:MAX_RULES]:
                yield from self._entry(key, next(options(self.ev.thunk(thunk)), None), thunk.file or file, prefix, depth)

    def _entry(self, key: str, value: AV | None, file: str, prefix: str, depth: int) -> Iterator[_Rule]:
        if isinstance(value, Const) and isinstance(value.value, str):
            found = _VERBS.fullmatch(key)
            verbs = tuple(v.strip() for v in found.group(1).split(",")) if found is not None else ()
            pattern = found.group(2) if found is not None else key
            route = f"{prefix}{value.value.lstrip('/')}" if prefix else value.value
            yield _Rule(pattern=f"{prefix}{pattern.lstrip('/')}", route=route, methods=verbs, file=file, said=key)
            return
        keys, spec = self.rule.options.get("keys", {}), self.rule.options.get("resource", {})
        if isinstance(value, Ext) and value.site is not None:  # `new GroupUrlRule(['prefix' => 'admin', 'rules' => [...]])`
            value = next(options(self.ev.arg_value(value.site, 0) or Const(None)))
        first = _texts(self, value, "0") if isinstance(value, Obj) and self.rule.options.get("first") else ()
        if first:  # `"news" => ["admin/posts", "name" => "news"]`
            yield from self._entry(key, Const(next(iter(first))), file, prefix, depth)
        if not isinstance(value, Obj) or not keys:
            return
        kind = _class_name(_field(self, value, spec.get("class", "")))
        inner = _field(self, value, str(keys.get("rules", "")))
        pattern = next(iter(_texts(self, value, keys["pattern"])), "")
        if kind in spec.get("types", ()):
            yield from self._resource(value, spec, file)
        elif inner is not None:
            below = next(iter(_texts(self, value, str(spec.get("prefix", "prefix")))), "")
            yield from self._entries(inner, file, f"{prefix}{below.strip('/')}/" if below else prefix, depth + 1)
        elif pattern:
            verbs = tuple(t.upper() for t in _texts(self, value, keys["verb"]))
            route = next(iter(_texts(self, value, keys["route"])), "")
            ending = next(iter(_texts(self, value, str(keys.get("suffix", "")))), "")
            yield _Rule(pattern=f"{prefix}{pattern}{ending}", route=route, methods=verbs, file=file, said=pattern)

    def _resource(self, entry: Obj, spec: dict[str, Any], file: str) -> Iterator[_Rule]:
        """A collection with the usual actions; a name is written in the plural unless the entry says otherwise."""
        plural = _field(self, entry, spec["plural"])
        prefix = next(iter(_texts(self, entry, spec["prefix"])), "").strip("/")
        controllers = _field(self, entry, spec["controller"])
        named = [(k, t) for k, t in controllers.fields.items()] if isinstance(controllers, Obj) else []
        written = [(v, k) for k, thunk in named for v in texts(self.ev, self.ids.filled(self.ev.thunk(thunk)))]
        pairs = [(v, k) for v, k in written if not k.isdigit()]
        listed = [v for v, k in written if k.isdigit()] if named else texts(self.ev, self.ids.filled(controllers))
        for controller in listed:
            folder, _, last = controller.rpartition("/")
            shown = last if isinstance(plural, Const) and plural.value is False else plural_of(last)
            pairs.append((controller, f"{folder}/{shown}" if folder else shown))
        for controller, shown in pairs:
            base = f"{prefix}/{shown}".strip("/")
            only, without = (_texts(self, entry, str(spec.get(k, ""))) for k in ("only", "except"))
            instead = _field(self, entry, str(spec.get("patterns", "")))
            for action, given in spec["actions"].items() if instead is None else ():
                if action in without or (only and action not in only):
                    continue
                *methods, tail = given
                yield _Rule(pattern=f"{base}{tail}", route=f"{controller}/{action}", methods=tuple(methods), file=file, said=controller)
            extra = _field(self, entry, str(spec.get("extra", "")))
            for key, thunk in (pair for table in (extra, instead) if isinstance(table, Obj) for pair in table.fields.items()):
                found = _VERBS.fullmatch(f"{key} ")
                action = next(iter(texts(self.ev, self.ev.thunk(thunk))), "")
                if action in without or (only and action not in only):
                    continue
                alone = tuple(spec.get("alone", {}).get(action, ()))
                verbs = tuple(v.strip() for v in found.group(1).split(",")) if found is not None else alone
                tail = found.group(2) if found is not None else key
                yield _Rule(pattern=f"{base}/{tail}".rstrip("/"), route=f"{controller}/{action}", methods=verbs, file=file, said=key)


def _opened(rule: _Rule) -> re.Pattern[str] | None:
    """What a rule lets through whose path is that which it leads to (`"<controller>/<action>"`); None for any other."""
    if not _NAMED.search(rule.route) or _CHOICE.sub(r"<\1>", rule.pattern).strip("/") != rule.route.strip("/"):
        return None
    limits = {name: f"(?:{choices.lower()})" for name, choices in _CHOICES.findall(rule.pattern)}
    parts = _NAMED.split(rule.route.strip("/"))
    wanted = [limits.get(p, "[^/]+") if n % 2 else re.escape(p.lower()) for n, p in enumerate(parts)]
    return re.compile("/" + "".join(wanted) + r"(?:/\{[^{}]*\})*")


def _down(table: _Table, value: AV | None, keys: list[str]) -> AV | None:
    for key in keys:
        value = _field(table, value, key)
    return value


def _field(table: _Table, record: AV | None, key: str) -> AV | None:
    thunk = members.field_thunk(table.ev, record, key) if isinstance(record, Obj) and key else None
    return next(options(table.ev.thunk(thunk)), None) if thunk is not None else None


def _texts(table: _Table, record: Obj, key: str) -> list[str]:
    value = table.ids.filled(_field(table, record, key))
    return texts(table.ev, value) if isinstance(value, Const | ListV) else []


def _class_name(value: AV | None) -> str:
    if isinstance(value, Ext):
        return last_step(value.path)
    return str(value.value).rpartition("\\")[2] if isinstance(value, Const) else ""


def _keys(target: Value, variable: str) -> list[str]:
    """The keys of `$route["a"]["b"]`."""
    found: list[str] = []
    while isinstance(target, Index) and isinstance(target.key, Lit):
        found.insert(0, str(target.key.value))
        target = target.base
    return found if target == Name(variable) else []


def _ways(pattern: str) -> list[str]:
    """A path with and without a group at its start that may be left out: `(\\w{2})?/?cart`."""
    found = _LEFT_OUT.fullmatch(pattern)
    return [f"{found[1]}/{found[2]}", found[2]] if found is not None else [pattern]


def _plain(pattern: str) -> str:
    """A path whose groups without a name are parameters too: `news/([a-z]+)/(:num)`."""
    found = re.sub(r"\((?!:\w+\))(?:[^()]|\([^()]*\)){1,200}\)", "{arg}", pattern)
    return re.sub(r"[\\^$]|(?<=[}/])\?", "", found)
