"""Groups: calls that run a function, or load a file, whose routes stand below a prefix and behind guards.

`Route::prefix("admin")->group(function () {...})`, `$app->group("/api", function ($group) {...})`,
`->group(base_path("routes/api.php"))`. What a route belongs to is where it is written: the innermost body of a group, then the file, then
what its receiver is. Options of a rule of shape `group`, each a list of references of which the first that says something counts:
`prefixes`, `names` (of route names), `controllers`, `namespaces`; `member` adds the parameter of one of a collection (`keys` and
`member_names` say how it is called, `single` that there is none); `kebab` writes the words of a prefix apart; `described` names an
argument that describes the prefix by the options of shape `described`; `routers`: a router may be given as a body; `typed`, `regexes`,
`settings`, `set_in`: see `group_prefixes`. `also` are further bodies with settings of their own; `methods` are the methods of a class
that is given as a body; `is_guard` says that the call itself stands before its routes; `called` that functions which hold routes belong
to where they are called (`macros`: their code stands there, whatever it is called on); `inner` see `branches`; `apart` that the body
belongs to nothing that it is written in, below the prefix which `name` is in what a file of `folders` returns, else which the variable
`variable` of the environment holds. A file that a body or a grouped file includes belongs to the same group.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend_readiness.facts.model import Func, Member
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.evaluation.plurals import singular
from backend_readiness.graph.routes.branches import made_inside
from backend_readiness.graph.routes.called_functions import CalledFunctions
from backend_readiness.graph.routes.files_alone import alone
from backend_readiness.graph.routes.group_prefixes import said_elsewhere
from backend_readiness.graph.routes.loaded_folders import loaded
from backend_readiness.graph.routes.marked_paths import spelled
from backend_readiness.graph.routes.unnamed_bodies import unnamed
from backend_readiness.graph.settings.environment import path_of
from backend_readiness.graph.settings.file_settings import setting_in_file
from backend_readiness.graph.urls import texts, with_settings
from backend_readiness.graph.values import AV, UNKNOWN, ClassV, Const, Ext, FuncV, InstV, ModV, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref

if TYPE_CHECKING:
    from backend_readiness.graph.routes.routing import Guard, Mount, RouterKey
    from backend_readiness.graph.routes.scan import Hit, Scan

MAX_HOLDING = 400
MAX_NESTED = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What one group says; `parent` is what the group itself belongs to."""

    parent: RouterKey | None
    name: str
    controller: AV | None
    namespace: str


class Groups:
    """All groups of one scan."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.mounts: list[Mount] = []
        self.bodies: dict[tuple[str, int], str] = {}  # function -> the card of the group
        self._settings: dict[RouterKey, Setting] = {}
        self._files: dict[str, str] = {}
        self._holding: set[RouterKey] = set()
        found = [item for hit in scan.hits.get("group", ()) for item in self._read(hit)]
        for hit, child, _ in found:
            if child[0] == "body":
                self.bodies[child[1], child[2]] = hit.card.id
            elif child[0] == "file":
                self._files[child[1]] = hit.card.id
        rules = [(c.id, r.options) for c in scan.graph.knowledge.cards for r in c.routes if r.shape == "group"]
        self.macros = frozenset(card for card, said in rules if said.get("called") == "macros")
        self.called = CalledFunctions(self)
        called = self.called.functions()
        self._holding = {("body", *function) for function in called}
        for hit, child, spec in found:
            self._mount(hit, child, spec)
        for function in called:
            self.mounts.extend(self.called.mounts(function))
        for file, index in sorted({(c[1], int(c[2])) for _, c, _ in found if c[0] == "body"}):
            self._mount_kept(file, index)
        self._includes()
        for card, mount in alone(scan, {*self._files, *(str(m.child[1]) for m in self.mounts if m.child[0] == "file")}):
            self._files[str(mount.child[1])] = card
            self.mounts.append(mount)
        for body, card in list(unnamed(scan, self.bodies)):
            self.bodies[body] = card
            scan.routing.routers[("body", *body)].needs_mount = True

    def key_of(self, hit: Hit) -> RouterKey | None:
        """The body that a call is written in, None when it is in none."""
        return self.around(hit.site.file, hit.call.owner)

    def router(self, hit: Hit) -> RouterKey | None:
        """The group that a call is written in, else its receiver, which comes first in a function that holds routes for others."""
        return self.called.as_called(hit, self._router(hit))

    def _router(self, hit: Hit) -> RouterKey | None:
        key = self.key_of(hit)
        if key is not None and key not in self._holding:
            return made_inside(self.scan, hit, key) or key
        given = hit.site.env.site if key is not None and hit.card.id in self.macros and hit.site.env is not None else None
        if given is not None:  # a macro: its code stands where it is called
            return self.around(given.file, self.scan.graph.view(given.file).facts.calls[given.call].owner) or self.scan.receiver(hit)
        if key is not None and hit.card.id in self.macros:
            return key
        found = self.scan.receiver(hit)
        return key if key is not None and (found is None or found[0] == "file") else found

    def around(self, file: str, owner: int) -> RouterKey | None:
        for scope in self.scan.graph.view(file).enclosing(owner) if self.bodies else ():
            if (file, scope) in self.bodies:
                return ("body", file, scope)
        return ("file", file, 0) if file in self._files else None

    def settings(self, key: RouterKey | None) -> Iterator[Setting]:
        """From the inside out."""
        for _ in range(MAX_NESTED):
            setting = self._settings.get(key) if key is not None else None
            if setting is None:
                return
            yield setting
            key = setting.parent

    def name_before(self, key: RouterKey | None) -> str:
        return "".join(s.name for s in reversed(list(self.settings(key))))

    # ------------------------------------------------------------ reading

    def _read(self, hit: Hit) -> Iterator[tuple[Hit, RouterKey, dict[str, Any]]]:
        own = {**hit.rule.options, "body": hit.rule.child.model_dump(exclude_defaults=True)} if hit.rule.child is not None else None
        for spec in (*((own,) if own is not None else ()), *hit.rule.options.get("also", ())):
            value = self.scan.value(hit, Ref(**spec["body"]))
            for child in self._children(hit, value, tuple(hit.rule.options.get("methods", ()))):
                yield hit, child, spec

    def _children(self, hit: Hit, value: AV | None, methods: tuple[str, ...]) -> Iterator[RouterKey]:
        from backend_readiness.graph.handling.handler_names import pair

        for option in options(value) if value is not None else ():
            option = pair(self.scan, option) or option
            bodies = self._of_class(self._supplied(option) if methods else option, methods)
            if bodies:
                yield from bodies
            elif isinstance(option, FuncV):
                yield ("body", option.symbol.file, option.symbol.index)
            elif isinstance(option, ModV):
                yield ("file", option.file, 0)
            elif hit.rule.options.get("routers") and (key := self.scan.router_of_value(option, hit.card)) is not None:
                yield key  # `nest(path("/orders"), route().GET("", list).build())`
            else:
                for text in texts(self.scan.graph.ev, option):
                    file = named_file(self.scan, hit.site.file, text)
                    if file is not None:
                        yield ("file", file, 0)

    def _supplied(self, value: AV) -> AV:
        """What a function without parameters gives: `register("/orders", () -> new OrderService())`."""
        if not isinstance(value, FuncV) or self.scan.graph.view(value.symbol.file).symbol(value.symbol.index).params:
            return value
        return next((o for o in options(self.scan.graph.ev.invoke(value)) if isinstance(o, InstV)), value)

    def _of_class(self, value: AV, methods: tuple[str, ...]) -> list[RouterKey]:
        """The methods of a class that are bodies, with their overloads: which of them a library calls is not written."""
        made = InstV(value) if isinstance(value, ClassV) else value
        found = next((f for m in methods if (f := members.own_member(self.scan.graph.ev, made, m)) is not None), UNKNOWN)
        first = next((o for o in options(found) if isinstance(o, FuncV)), None) if isinstance(made, InstV) else None
        if first is None:
            return []
        view = self.scan.graph.view(first.symbol.file)
        symbol = view.symbol(first.symbol.index)
        return [("body", view.path, i) for i in view.named_children.get((symbol.parent, symbol.name), (first.symbol.index,))]

    def _first(self, hit: Hit, refs: Iterable[dict[str, Any]]) -> AV | None:
        for ref in refs:
            read = Ref(**ref)
            value = self._value(hit, read)
            if value is not None and not isinstance(value, FuncV):  # `Route::group(function () {...})`: the body stands in its place
                return value
        return None

    def _value(self, hit: Hit, ref: Ref) -> AV | None:
        if ref.const is not None:
            return Const(ref.const)
        if ref.receiver and ref.at is None:  # `"/orders".nest { ... }`: the text that the call is written on
            written = hit.call.callee.base if isinstance(hit.call.callee, Member) else None
            return self.scan.graph.ev.value(written, hit.site.file, hit.call.owner, hit.site.env) if written is not None else None
        return self.scan.value(hit, ref)

    def _texts(self, hit: Hit, refs: Iterable[dict[str, Any]]) -> list[str]:
        value = self._first(hit, refs)
        return texts(self.scan.graph.ev, value) if value is not None else []

    def _mount(self, hit: Hit, child: RouterKey, spec: dict[str, Any]) -> None:
        from backend_readiness.graph.routes.routing import Mount

        parent = self.router(hit) if "apart" not in spec else None
        if parent == child:
            return
        place = self.scan.place(hit)
        guards: list[Guard] = list(self.scan.guards(hit, hit.rule.middleware))
        if spec.get("is_guard"):
            guards.extend(self.scan.guards_of(hit.callee, place, hit.call.start))
        for name in spec.get("guards", ()):
            guards.extend(self.scan.guards_of(Const(name), place, hit.call.start))
        front = self._front(hit, spec["apart"]) if "apart" in spec else ""
        written = self._first(hit, spec.get("prefixes", ()))
        described = self._value(hit, Ref(**spec["described"])) if "described" in spec else None
        for prefix in said_elsewhere(self.scan, hit, spec, written, described) or self._texts(hit, spec.get("prefixes", ())) or [front]:
            prefix = "" if re.fullmatch(r"\{[^{}]*\}", prefix) and self._is_setting(hit, spec) else prefix
            prefix = kebab(prefix) if spec.get("kebab") else spelled(prefix, spec.get("spelling", ()))
            prefix += f"/{{{self._member(hit, spec, prefix)}}}" if spec.get("member") and not self._alone(hit, spec) else ""
            path = f"/{prefix.strip('/')}" if prefix.strip("/") else ""
            self.mounts.append(Mount(parent=parent, child=child, prefix=path, place=place, start=hit.call.start, guards=tuple(guards)))
        names = self._texts(hit, spec.get("names", ()))
        spaces = self._texts(hit, spec.get("namespaces", ()))
        controller = self._first(hit, spec.get("controllers", ()))
        setting = Setting(parent=parent, name=names[0] if names else "", controller=controller, namespace=spaces[0] if spaces else "")
        self._settings.setdefault(child, setting)

    def _is_setting(self, hit: Hit, spec: dict[str, Any]) -> bool:
        """Is a prefix nothing but a setting that no file gives: `"prefix" => config("shop.prefix")`? It may well be empty."""
        value = self._first(hit, spec.get("prefixes", ()))
        said = list(options(value)) if value is not None else []
        return bool(said) and all(isinstance(o, Ext) and o.path.endswith(("config()", "env()")) for o in said)

    def _front(self, hit: Hit, spec: dict[str, Any]) -> str:
        """The prefix of all routes of a router that stands apart from that of the application."""
        ev = self.scan.graph.ev
        value = with_settings(ev, setting_in_file(ev, Const(spec["name"]), tuple(spec["folders"]), hit.site.file))
        said = texts(ev, value) if value is not None and value != Const(None) else []
        return next((t for t in said if "{" not in t), None) or path_of(ev, spec["variable"]) or ""

    def _member(self, hit: Hit, spec: dict[str, Any], prefix: str) -> str:
        """The parameter of one of a collection, `{order_id}`: its own name and that of its key may be given."""
        name = next(iter(self._texts(hit, spec.get("member_names", ()))), "") or _member(prefix)
        return f"{name}_{next(iter(self._texts(hit, spec.get('keys', ()))), '') or 'id'}"

    def _alone(self, hit: Hit, spec: dict[str, Any]) -> bool:
        """One thing alone has no parameter."""
        return self._first(hit, spec.get("single", ())) == Const(True)

    def _mount_kept(self, file: str, index: int) -> None:
        """A body that a variable keeps, which is called too: `$shop($routes); $routes->group("en", $shop)`."""
        from backend_readiness.graph.routes.routing import Mount

        view = self.scan.graph.view(file)
        names = {a.target for a in view.facts.assigns if a.value == Func(index)}
        for call in view.facts.calls if names else ():
            if call.callee in names and call.kind == "call":
                place = Place(file=file, line=call.line, end_line=call.end_line)
                parent = self.around(file, call.owner)
                self.mounts.append(Mount(parent=parent, child=("body", file, index), prefix="", place=place, start=call.start))

    # ------------------------------------------------------------ included files

    def _includes(self) -> None:
        """Files that a body or a grouped file includes, and those that these include."""
        from backend_readiness.graph.routes.routing import Mount

        graph = self.scan.graph
        queue = list(dict.fromkeys([*(f for f, _ in self.bodies), *self._files]))
        seen = set(queue)
        while queue:
            file = queue.pop(0)
            brought: list[tuple[RouterKey, str, Place]] = []
            for item in graph.view(file).facts.imports:
                parent = self.around(file, item.owner) if item.name == "*" and item.local is None else None
                target = graph.resolve(item.module, file) if parent is not None else None
                if target is not None and parent is not None and target != file:
                    brought.append((parent, target, Place(file=file, line=item.line, end_line=item.line)))
            for call, target in loaded(graph, file):
                parent = self.around(file, call.owner)
                if parent is not None:
                    brought.append((parent, target, Place(file=file, line=call.line, end_line=call.end_line)))
            for parent, target, place in brought:
                child: RouterKey = ("file", target, 0)
                self.mounts.append(Mount(parent=parent, child=child, prefix="", place=place, start=0))
                self._settings.setdefault(child, Setting(parent=parent, name="", controller=None, namespace=""))
                if target not in seen:
                    seen.add(target)
                    queue.append(target)
                    self._files[target] = self._files.get(file, "")


def _member(path: str) -> str:
    """The name of one of a collection: `order_item` of `/order-items`."""
    return singular(path.strip("/").rpartition("/")[2]).replace("-", "_")


def kebab(name: str) -> str:
    """`OrderItems` as frameworks write it in a path: `order-items`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def named_file(scan: Scan, importer: str, text: str) -> str | None:
    """The file of a path that may start with what is only known at run time (`{__DIR__}/../routes/web.php`)."""
    if text.startswith("{__DIR__}"):
        return scan.graph.resolve("." + text.removeprefix("{__DIR__}"), importer)
    tail = text.rpartition("}")[2].lstrip("/")
    return scan.graph.resolve(tail, importer) if "." in tail else None
