"""What the application itself puts before the paths of its classes: `@ApplicationPath("/api")`, the path of its servlet, its settings.

Options of the rule that asks: `application`: annotations of the class of an application, `application_bases`: base classes of one;
`descriptors`: files that map such a class, or one of the `containers`, to a path (`web.xml`), `descriptor_keys`: their parameters that
name the path; `served`: calls that put such a container at the path in their last argument, `patterns` those that only name the path,
`packaged` those by which its configuration names packages;
`application_settings`: names of settings that say it where no class does; `documents`: settings in other files, each with `imports`
(modules of which the repository imports one), `glob` and `settings` as in shape `mapping`. Of several applications of a module the one
whose package the class lies in counts; a module without one has those of the modules that are built upon it.
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatch
from typing import Any

from backend_readiness.facts.model import Call, CallRef, Lit, Member, Name, Value
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routes.descriptors import deployed, parameters
from backend_readiness.graph.settings.application_settings import ApplicationSettings, module_of, settings_in
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import ClassV, Ext, InstV, SymbolId
from backend_readiness.graph.values import options as value_options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.snapshot.manifests import parts_of

MAX_FILES = 40
Application = tuple[str, str, str]  # folder of the module, package, path
Given = Callable[[Ext, tuple[str, ...]], list[str]]


class Applications:
    """The applications of one repository, as a rule sees them. `given` reads the texts of an annotation."""

    def __init__(self, graph: Graph, settings: ApplicationSettings, given: Given) -> None:
        self._graph, self._settings, self._given = graph, settings, given
        self._known: dict[int, list[Application]] = {}
        self._documents: dict[int, list[tuple[str, dict[str, str]]]] = {}
        self._built_upon: dict[str, tuple[str, ...]] = {}

    def before(self, file: str, options: dict[str, Any]) -> list[str]:
        """What stands before the paths of the classes in a file; `[""]` when nothing is said."""
        package = self._graph.facts.files[file].package
        mine = [a for a in self._all(options) if not a[0] or file.startswith(f"{a[0]}/")]
        mine = mine or [a for a in self._all(options) if any(file.startswith(f"{part}/") for part in self._parts(a[0]))]
        nearest = max((len(a[0]) for a in mine), default=0)
        mine = [a for a in mine if len(a[0]) == nearest]
        around = [a for a in mine if a[1] and f"{package}.".startswith(f"{a[1]}.")]
        longest = max((len(a[1]) for a in around), default=0)
        chosen = [a for a in around if len(a[1]) == longest] if len(mine) > 1 and around else mine
        written = list(dict.fromkeys(a[2] for a in chosen))
        said = written or [self._settings.value(tuple(options.get("application_settings", ())), file)]
        outside = "".join(f"/{v}" for v in self._documented(file, options))
        return [join(outside, p, keep_root=False).rstrip("/") if p.strip("/") else outside for p in said]

    def _parts(self, module: str) -> tuple[str, ...]:
        """The folders of the modules that the one of an application is built upon."""
        if module not in self._built_upon:
            self._built_upon[module] = parts_of(self._graph.snapshot.applications, module)[1:]
        return self._built_upon[module]

    # ------------------------------------------------------------ classes

    def _all(self, options: dict[str, Any]) -> list[Application]:
        if id(options) not in self._known:
            marks = tuple(options.get("application", ()))
            paths, everywhere = self._mapped(options)
            found: list[Application] = [*everywhere, *self._served(options)]
            for cls in self._classes(marks, tuple(options.get("application_bases", ()))):
                file = cls.symbol.file
                package = self._graph.facts.files[file].package
                name = self._graph.view(file).symbol(cls.symbol.index).name
                own = [t for a in of_kind(decorators_of(self._graph, cls.symbol), marks) for t in self._given(a, ("value",))]
                said = paths.get(f"{package}.{name}" if package else name) or own
                found.extend((module_of(file), package, path) for path in said)
            self._known[id(options)] = found
        return self._known[id(options)]

    def _classes(self, marks: tuple[str, ...], bases: tuple[str, ...]) -> list[ClassV]:
        found: dict[SymbolId, ClassV] = {}
        for name in dict.fromkeys(last_step(m) for m in (*marks, *bases)):
            for file in self._graph.naming(name):
                view = self._graph.view(file)
                for index, symbol in enumerate(view.facts.symbols) if file in self._graph.production else ():
                    cls = ClassV(SymbolId(file, index))
                    if symbol.kind != "class" or cls.symbol in found:
                        continue
                    if (symbol.decorators and of_kind(decorators_of(self._graph, cls.symbol), marks)) or (
                        symbol.bases and any(b.path in bases for b in inheritance.external_bases(self._graph.ev, cls))
                    ):
                        found[cls.symbol] = cls
        return list(found.values())

    def _mapped(self, options: dict[str, Any]) -> tuple[dict[str, list[str]], list[Application]]:
        """Paths by the class that a descriptor maps, and applications whose class is one of a library."""
        paths: dict[str, list[str]] = {}
        everywhere: list[Application] = []
        containers = set(options.get("containers", ()))
        for path in self._files(tuple(options.get("descriptors", ()))):
            text = self._graph.text(path)
            for item in deployed(text):
                given = [p.removesuffix("*").rstrip("/") for p in item.patterns if p.startswith("/")]
                for name in sorted(item.names):
                    paths.setdefault(name, []).extend(given)
                if item.names & containers and not any(n in paths for n in self._own(item.names)):
                    everywhere.extend((module_of(path), "", p) for p in given)
            said = parameters(text)
            for key in options.get("descriptor_keys", ()):
                everywhere.extend([(module_of(path), "", said[key])] if said.get(key) else [])
        return paths, everywhere

    def _served(self, options: dict[str, Any]) -> list[Application]:
        """Paths that code gives to a container: `context.addServlet(new ServletHolder(new ServletContainer(config)), "/api/*")`."""
        names = {last_step(c) for c in options.get("containers", ())}
        found: list[Application] = []
        for name in (*options.get("served", ()), *options.get("patterns", ())):
            for file in self._graph.naming(name):
                view = self._graph.view(file)
                for call in (view.facts.calls[n] for n in view.calls_by_name.get(name, ())[:MAX_FILES] if file in self._graph.production):
                    container = self._container(view, call, names)
                    if name not in options.get("patterns", ()) and container is None:
                        continue
                    packages = self._packages(view, container, options) if container is not None else []
                    given = [t for a in call.args[-1:] for t in texts(self._graph.ev, self._graph.ev.value(a.value, file, call.owner))]
                    paths = [t.removesuffix("*").rstrip("/") for t in given if t.startswith("/")]
                    found.extend((module_of(file), package, path) for path in paths for package in packages or [""])
        found.extend(a for name in options.get("patterns", ()) if name.startswith("set") for a in self._assigned(name))
        return found

    def _assigned(self, setter: str) -> list[Application]:
        """The same as Kotlin writes it: `environment.jersey().urlPattern = "/api/*"`."""
        name = f"{setter[3:4].lower()}{setter[4:]}"
        found: list[Application] = []
        for file in (f for f in self._graph.naming(name) if f in self._graph.production):
            for assign in self._graph.view(file).facts.assigns:
                if isinstance(assign.target, Member) and assign.target.name == name and assign.value is not None:
                    said = texts(self._graph.ev, self._graph.ev.value(assign.value, file, assign.owner))
                    found.extend((module_of(file), "", t.removesuffix("*").rstrip("/")) for t in said if t.startswith("/"))
        return found

    def _container(self, view: FileView, call: Call, names: set[str]) -> Call | None:
        """The call that makes the container: inside of the one that serves it, or of the one behind a name that is given to it."""
        spans = [call]
        for arg in call.args[:-1] if isinstance(call.args[-1].value if call.args else None, Lit) else ():
            if isinstance(arg.value, Name):
                bound = view.bindings.get((call.owner, arg.value.id), ())
                spans.extend(view.facts.calls[a.value.call] for a, _ in bound[-1:] if isinstance(a.value, CallRef))
        inside = (c for span in spans for c in view.facts.calls if span.start <= c.start and c.end <= span.end)
        return next((c for c in inside if callee_name(c) in names), None)

    def _packages(self, view: FileView, container: Call, options: dict[str, Any]) -> list[str]:
        """The packages of the classes that a container serves: those that its configuration names, or that of the configuration's class."""
        found: list[str] = []
        for arg in container.args[:1]:
            for value in value_options(self._graph.ev.value(arg.value, view.path, container.owner)):
                if isinstance(value, InstV):
                    found.append(self._graph.facts.files[value.cls.symbol.file].package)
                elif isinstance(arg.value, CallRef) and "." in (dotted := _dotted(view.facts.calls[arg.value.call].callee)):
                    found.append(dotted.rpartition(".")[0])  # `new shop.second.Config()`
            for name in options.get("packaged", ()) if isinstance(arg.value, Name) else ():
                for call in (view.facts.calls[n] for n in view.calls_by_name.get(name, ())):
                    if isinstance(call.callee, Member) and call.callee.base == arg.value and call.owner == container.owner:
                        found.extend(str(a.value.value) for a in call.args if isinstance(a.value, Lit))
        return found

    def _own(self, names: frozenset[str]) -> list[str]:
        """Those of the names that are classes of the repository."""
        return [
            n
            for n in names
            if any(self._graph.facts.files[s.file].package == n.rpartition(".")[0] for s in self._graph.defining(last_step(n)))
        ]

    # ------------------------------------------------------------ settings in other files

    def _documented(self, file: str, options: dict[str, Any]) -> list[str]:
        found: list[str] = []
        for spec in options.get("documents", ()):
            if id(spec) not in self._documents:
                self._documents[id(spec)] = self._read(spec)
            known = max(self._documents[id(spec)], key=lambda read: _shared(read[0], file), default=("", {}))[1]
            for names in spec.get("settings", ()):
                value = next((known[n.lower()] for n in names if n.lower() in known), "").removesuffix("*").strip("/")
                found.extend([value] if value and "{" not in value else [])
        return found

    def _read(self, spec: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
        wanted = tuple(spec.get("imports", ()))
        if not any(m == w or m.startswith(f"{w}.") for _, modules in self._graph.importing() for m in modules for w in wanted):
            return []
        keys = {n.lower() for names in spec.get("settings", ()) for n in names}
        found: dict[str, dict[str, str]] = {}
        for path in self._files(tuple(spec.get("glob", ()))):
            said = {k.lower(): v for k, v in settings_in(path, self._graph.text(path)) if k.lower() in keys}
            if said:
                found.setdefault(module_of(path), said)
        return list(found.items())

    def _files(self, globs: tuple[str, ...]) -> list[str]:
        from backend_readiness.snapshot.places import is_test

        found = [f.path for f in self._graph.snapshot.files if globs and any(fnmatch(f.path, g) for g in globs)]
        return [p for p in found if not is_test(p)][:MAX_FILES]


def _shared(folder: str, file: str) -> int:
    """How many folders two paths have in common."""
    left, right = folder.split("/"), file.split("/")
    return next((n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def _dotted(value: Value) -> str:
    """A name with its package as it is written; "" for anything else."""
    parts: list[str] = []
    while isinstance(value, Member) and len(parts) < 20:
        parts.append(value.name)
        value = value.base
    return ".".join([value.id, *reversed(parts)]) if isinstance(value, Name) else ""
