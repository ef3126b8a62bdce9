"""Routes in YAML and XML files of the configuration, as Symfony keeps them: `orders: {path: /orders, controller: Shop::list}`.

Option `glob` of the rule: the files. An entry with `resource` leads to another file or to a folder of classes whose annotated routes
stand below its `prefix`; so does a call of `callee`, `$routes->import("../src/Controller/")->prefix("/shop")`, and a file of code that
it names, see `graph.routes.imported`. `parameters`: see `graph.routes.named_parameters`. `names`: see `graph.handling.handler_names`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any

import yaml

from backend_readiness.graph.handling.handler_names import class_named
from backend_readiness.graph.routes import imported, named_parameters
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.routing_xml import entries
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card
from backend_readiness.rules.yaml_files import LOADER
from backend_readiness.snapshot.yaml_nesting import is_nested_too_deep

_ROUTES = (".xml", ".yaml", ".yml")
MAX_CHARS = 1_000_000
MAX_FILES = 60
MAX_ENTRIES = 3_000


def collect(scan: Scan) -> None:
    seen: set[str] = set()
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "routing_file":
                paths = [f.path for f in scan.graph.snapshot.files if any(fnmatch(f.path, g) for g in rule.glob)]
                files = _read(scan, card, rule, paths[:MAX_FILES])
                seen |= set(files)
                for file in [f for p, f in files.items() if p not in f.inner]:
                    file.register("", files, 0)
    for hit in scan.hits.get("routing_file", ()):
        file = _File(scan, hit.card, hit.rule, hit.site.file, set())
        for target in map(file.beside, scan.texts(hit, hit.rule.path)):
            prefix = next((f"/{p.strip('/')}" for p in scan.texts(hit, hit.rule.prefix)), "")
            if target.endswith(_ROUTES) and scan.graph.has(target):
                files = _read(scan, hit.card, hit.rule, [target]) if target not in seen else {}
                for loaded in [f for p, f in files.items() if p == target]:
                    loaded.register(prefix, files, 0)
            elif target in scan.graph.production and imported.mounts(scan, hit, target, prefix):
                continue
            elif prefix:
                file.classes_below(target, prefix)


def _read(scan: Scan, card: Card, rule: RouteRule, paths: list[str]) -> dict[str, _File]:
    """The files, and those that they load."""
    inner: set[str] = set()
    files = {p: _File(scan, card, rule, p, inner) for p in paths}
    queue = list(files.values())
    for file in queue:
        file.read()
        for other in file.loads() if len(files) < MAX_FILES else ():
            if other not in files:
                files[other] = _File(scan, card, rule, other, inner)
                queue.append(files[other])
    return files


class _File:
    """One file. `inner` collects the files that others load."""

    def __init__(self, scan: Scan, card: Card, rule: RouteRule, path: str, inner: set[str]) -> None:
        self.scan, self.card, self.rule, self.path, self.inner = scan, card, rule, path, inner
        self.entries: list[tuple[str, int, dict[str, Any]]] = []
        self.placed: dict[tuple[str, int], str] = {}  # the prefixes that this file has given to classes

    def read(self) -> None:
        text = self.scan.graph.text(self.path)
        if len(text) > MAX_CHARS:
            return
        for name, line, fields in entries(text) if self.path.endswith(".xml") else self._of_yaml(text):
            resource = fields.get("resource")
            if isinstance(resource, dict) and isinstance(resource.get("path"), str):
                fields["resource"] = resource = resource["path"]
            if isinstance(resource, str):
                self.inner.add(self.beside(resource))
            self.entries.append((name, line, fields))

    def loads(self) -> list[str]:
        """The files of routes that this one names."""
        named = (self.beside(f["resource"]) for _, _, f in self.entries if isinstance(f.get("resource"), str))
        return [p for p in named if p.endswith(_ROUTES) and self.scan.graph.has(p)]

    def _of_yaml(self, text: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
        try:
            root = yaml.compose(text, Loader=LOADER) if not is_nested_too_deep(text) else None
        except (yaml.YAMLError, RecursionError):
            return
        for key, node in root.value[:MAX_ENTRIES] if isinstance(root, yaml.MappingNode) else ():
            name = str(getattr(key, "value", ""))
            if not (name.startswith("when@") and isinstance(node, yaml.MappingNode)):
                yield name, key.start_mark.line + 1, _fields(node)

    def beside(self, resource: str) -> str:
        if resource.startswith("@"):  # `@ShopBundle/Resources/config/routing.xml`: the folder of a bundle of the repository
            bundle, _, rest = resource[1:].partition("/")
            for cls in self.scan.graph.files_named(f"{bundle}.php"):  # the class of the bundle stands in its folder, or in `src` below it
                folder = posixpath.dirname(cls)
                for beside in (posixpath.join(folder, rest), posixpath.join(posixpath.dirname(folder), rest)):
                    if self.scan.graph.has(beside) or any(p.startswith(f"{beside}/") for p in self.scan.graph.production):
                        return beside
            found = [f.path for f in self.scan.graph.snapshot.files if f.path == rest or f.path.endswith(f"/{rest}")]
            named = [p for p in found if bundle in p.split("/")]  # else it is one of a package
            return named[0] if len(named) == 1 else resource
        if resource == "routing.controllers":  # all classes of the application
            return posixpath.normpath(posixpath.join(self.path.rpartition("config/")[0], "src"))
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.path), resource))

    def register(self, prefix: str, files: dict[str, _File], depth: int) -> None:
        for name, line, fields in self.entries:
            below = f"{prefix}/{self._filled(_prefix(fields.get('prefix'))).strip('/')}".rstrip("/")
            if isinstance(fields.get("resource"), str):
                target = self.beside(fields["resource"])
                if target in files and depth < 6:
                    files[target].register(below, files, depth + 1)
                elif below:
                    self.classes_below(target, below)
            elif "path" in fields or "pattern" in fields:
                for path in _localized(fields.get("path", fields.get("pattern"))):
                    self._route(name, line, f"{below}/{self._filled(path).lstrip('/')}", fields)

    def _filled(self, text: str) -> str:
        return named_parameters.filled(self.scan, self.rule, text)

    def classes_below(self, folder: str, prefix: str) -> None:
        """The classes of a folder (or file) whose routes stand below a prefix; of several for one class the last of a file counts."""
        graph = self.scan.graph
        for path in graph.facts.files:
            if path == folder or path.startswith(f"{folder.rstrip('/')}/"):
                for index, symbol in enumerate(graph.view(path).facts.symbols):
                    if symbol.kind == "class":
                        info = self.scan.routing.routers["class", path, index]
                        if not info.prefixes or info.prefixes[0] == self.placed.get((path, index)):
                            info.prefixes = [prefix]
                            self.placed[path, index] = prefix

    def _route(self, name: str, line: int, path: str, fields: dict[str, Any]) -> None:
        defaults = fields.get("defaults")
        written = _text(fields.get("controller") or (defaults.get("_controller") if isinstance(defaults, dict) else ""))
        methods = fields.get("methods") or fields.get("_method") or []
        listed = methods if isinstance(methods, list) else _text(methods).replace("|", ",").split(",")
        for method in [str(m).strip().upper() for m in listed if str(m).strip()] or ["ANY"]:
            self.scan.routing.registrations.append(
                Registration(
                    router=None, method=method, path=path, place=Place(file=self.path, line=line, end_line=line), start=line,
                    card=self.card, rule=self.rule, handler=self._handler(written), name=name,
                )
            )  # fmt: skip

    def _handler(self, written: str) -> AV | None:
        names = self.rule.options.get("names", {})
        cls_name, _, method = written.partition("::")
        if not method and ":" in written:
            *_, cls_name, method = written.split(":")
        cls: ClassV | None = class_named(self.scan, "", cls_name, tuple(names.get("namespaces", ())), str(names.get("suffix", "")))
        if cls is None:
            return None
        from backend_readiness.graph.evaluation import members

        for wanted in (method, f"{method}{names.get('action', '')}", *names.get("methods", ())):
            found = members.own_member(self.scan.graph.ev, InstV(cls), wanted) if wanted else None
            if isinstance(found, FuncV):
                return found
        return cls


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _localized(value: Any) -> list[str]:
    """The path, or that of each language."""
    return [v for v in value.values() if isinstance(v, str)] if isinstance(value, dict) else [_text(value)]


def _prefix(value: Any) -> str:
    """The prefix; of one for each language the first that is not empty."""
    return next((v for v in value.values() if v), "") if isinstance(value, dict) else _text(value)


def _fields(node: yaml.Node) -> dict[str, Any]:
    """The scalar fields of an entry, lists of scalars, and one level of mappings."""
    found: dict[str, Any] = {}
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        name = str(getattr(key, "value", ""))
        if isinstance(value, yaml.ScalarNode):
            found[name] = str(value.value)
        elif isinstance(value, yaml.SequenceNode):
            found[name] = [str(v.value) for v in value.value if isinstance(v, yaml.ScalarNode)]
        elif isinstance(value, yaml.MappingNode):
            found[name] = {str(k.value): str(v.value) for k, v in value.value if isinstance(v, yaml.ScalarNode)}
    return found
