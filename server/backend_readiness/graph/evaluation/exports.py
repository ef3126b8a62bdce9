"""What a module gives to those who import it, in Python and in both module systems of JavaScript."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.facts.model import ATTRIBUTES, Import, Member, Name, Record, Value
from backend_readiness.graph.evaluation import filled_in, inline_modules, json_files, packages, put_elsewhere, value_imports, whole_names
from backend_readiness.graph.families import COMPONENTS, family
from backend_readiness.graph.values import AV, UNKNOWN, ClassV, Const, Ext, ModV, Obj, PackageV, UnknownV, options, union
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

_PRELUDE = frozenset({"Vec", "String", "Box", "Option", "Result", "Some", "None", "Ok", "Err", "Default"})
_WHOLE_NAMES = frozenset({"elixir"})  # languages whose modules go by their whole name everywhere
_MODELS = re.compile(r"(?i)(^|/)(models?|entit(y|ies))/")
_ALL_GIVEN = frozenset({"python", "php", "jsp"})  # languages in which a file gives all that stands at its top
_DOTTED = frozenset({"go"})
_GIVING_BACK = frozenset({"php"})  # languages whose loaded files are what they return, a table too
_ATTRIBUTE_BASE = Name(ATTRIBUTES)
_IMPORTS_WIN = frozenset({"kotlin"})  # where an imported name counts before a class of the file that is called alike
_APART = frozenset({"rust"})  # languages that keep the names of modules and of functions apart
_WITHIN_FILES = _WHOLE_NAMES | _APART  # languages in which what is taken whole may be a part of a file


def module(ev: Evaluator, name: str, importer: str) -> AV:
    """The module of that name: a file of the repository or an external package."""
    target = ev.world.resolve(name, importer)
    if target is None:
        inside = (
            packages.qualified(ev, name, importer)
            or inline_modules.inside_file(ev, name, importer)
            or json_files.loaded(ev, name, importer)
        )
        return inside if inside is not None else Ext(ev.world.outside(name, importer))
    view = ev.world.view(target)
    whole, records = view.exports.get("="), view.language in _GIVING_BACK
    if whole is not None and whole.value is not None and (records or not isinstance(whole.value, Record)):
        value = ev.value(whole.value, target, 0)  # `module.exports = router`: the module is that value
        if not isinstance(value, UnknownV if records else UnknownV | Obj):
            return value
    return ModV(target)


def own_module(ev: Evaluator, written: Value, file: str) -> ModV | None:
    """What a module names itself by where it fills in its exports: `exports`, `module.exports`."""
    bare = written.base if isinstance(written, Member) else written
    if not isinstance(bare, Name) or bare.id != ("module" if isinstance(written, Member) else "exports"):
        return None
    view = ev.world.view(file)
    return ModV(file) if view.exports and (0, bare.id) not in view.bindings and family(view.language) == "javascript" else None


def all_imported(ev: Evaluator, view: FileView, items: list[Import]) -> AV:
    """The value of a name; a function and a module may share it in languages that keep them apart. Elsewhere imports of one name stand in
    for each other (`except ImportError: from b import router`): each may be meant that gives something made here."""
    values = [imported(ev, view, item) for item in items[:4] if view.language in _APART or item.owner == items[0].owner]
    if view.language not in _APART:
        made: list[AV] = [v for v in values if isinstance(v, Ext) and v.site is not None]
        return union(made) if len(made) > 1 else values[0]
    own: list[AV] = [v for v in values if isinstance(v, ModV | ClassV)]  # a crate of that name is meant where no module of this one has it
    return union(own or values)


def named_apart(ev: Evaluator, written: Member, file: str, owner: int) -> AV | None:
    """What a member means that is none of its base: the exports of the module, an attribute whose name means something else too."""
    if written.name == "exports":
        return own_module(ev, written, file)
    if written.base == _ATTRIBUTE_BASE:
        return _attribute(ev, ev.world.view(file), written.name, owner)
    found = whole_names.imported_module(ev, ev.world.view(file), written)
    return ModV(found) if found is not None else whole_names.macro(ev, ev.world.view(file), written)


def _attribute(ev: Evaluator, view: FileView, name: str, owner: int) -> AV:
    """What an import of a package says of it, or a global."""
    found = [v for i in view.imports.get(ATTRIBUTES + name, ())[:4] if isinstance(v := imported(ev, view, i), Ext)]
    if not found:
        found = [v for v in options(ev.lookup(name, view.path, owner)) if isinstance(v, Ext)]
    return union([*found]) if found else Ext(f"~{name}")


def loaded(ev: Evaluator, view: FileView, name: str) -> AV | None:
    """A package that a file names only in paths (`axum::Router::new()`), or a name that every file has from the standard library."""
    if view.language in _WHOLE_NAMES and name.startswith(":"):
        return Ext(f"~{name}")  # what a module asks of another one: `use Web, :router`
    if view.language in _WHOLE_NAMES and name[:1].isupper():
        return whole_names.meant(ev, view, name)
    if view.language in _APART and name in _PRELUDE:
        return Ext(f"std.{name}", Ext("std"))
    return module(ev, name, view.path) if view.language in _APART and name in view.loaded else None


def beside(ev: Evaluator, view: FileView, name: str) -> AV | None:
    """What a file imports under the name of a function of its own, where both may be meant."""
    items = view.imports.get(name, ()) if view.language in _APART else ()
    found = next((v for i in items if isinstance(v := imported(ev, view, i), ModV) or i.name is None), None)
    return found if found is not None else loaded(ev, view, name)


def own_or_imported(ev: Evaluator, view: FileView, name: str, own: AV) -> AV:
    """What a name means that a file both defines and imports."""
    items = [i for i in view.imports.get(name, ()) if i.owner == 0]
    if items and isinstance(own, ClassV) and view.language in _IMPORTS_WIN | _APART:
        found = all_imported(ev, view, items)  # `@Controller class Controller`: what is imported counts
        return found if view.language in _IMPORTS_WIN else union([found, own])  # `use axum::routing::get;` and `mod get { ... }`
    package = beside(ev, view, name)  # `rocket::build()` in a function that is called so too
    return own if package is None else union([package, own])


def imported(ev: Evaluator, view: FileView, item: Import) -> AV:
    """The value of a name that an import binds."""
    free = packages.without_package(ev, item.name, view.path) if item.module == "" and item.name else None
    if free is not None:
        return free
    value = module(ev, item.module, view.path)
    if item.name is None:
        return value
    if isinstance(value, PackageV):
        member = packages.exported(ev, value, item.name, view.path) or ev.world.package_below(view.path, item.name, value.key)
        return member if member is not None else Ext(f"{item.module}.{item.name}", Ext(item.module))
    if isinstance(value, ModV):
        if value.file == view.path and (own := ev.world.submodule(value.file, item.name)):
            return ModV(own)  # `from . import orders` in the package itself
        found = exported(ev, value.file, item.name)
        if found is not None:
            return found
        if view.language in _APART:
            return UnknownV(f"{item.name} is not in {value.file}")
        if view.language == "python":
            sub = ev.world.submodule(value.file, item.name)
            return ModV(sub) if sub else UnknownV(f"{item.name} is not in {value.file}")
        return filled_in.by_name_below(ev, value.file, item.name)
    if view.language == "python":
        sub = ev.world.resolve(f"{item.module}.{item.name}" if not item.module.endswith(".") else item.module + item.name, view.path)
        if sub is not None:
            return ModV(sub)
        return Ext(f"{value.path if isinstance(value, Ext) else item.module}.{item.name}", value)
    if item.name == "default":
        return value
    if isinstance(value, Ext) and ev.world.resolve(item.module, view.path) is None:
        below = ev.world.package_below(view.path, f"{item.module}.{item.name}") if item.local is not None else None
        return below if below is not None else Ext(f"{value.path}.{item.name}", value)
    return ev.member(value, item.name)


ABSENT = UnknownV("absent")


def exported(ev: Evaluator, file: str, name: str) -> AV | None:
    """`name` as exported by the file; None when it does not export it."""
    value = ev.guarded(("export", file, name), lambda: _exported(ev, file, name) or ABSENT)
    return None if value is ABSENT else value


def _exported(ev: Evaluator, file: str, name: str) -> AV | None:
    view = ev.world.view(file)
    if name == "default" and view.language in COMPONENTS:
        return ModV(file)
    if view.language in _ALL_GIVEN:
        return _module_name(ev, view, name)
    if view.language in _APART:
        return _apart(ev, view, name)
    export = view.exports.get(name)
    if export is not None:
        if export.module is not None:
            target = module(ev, export.module, file)
            if isinstance(target, ModV):
                inner = export.value.id if isinstance(export.value, Name) else None
                if inner == "*":
                    return target
                return exported(ev, target.file, inner or name)
            inner = export.value.id if isinstance(export.value, Name) else name
            return Ext(f"{target.path}.{inner}", target) if isinstance(target, Ext) else None
        if export.value is not None:
            return put_elsewhere.value_of(ev, file, name, export.value) or ev.value(export.value, file, 0)
    whole = view.exports.get("=")
    if whole is not None and whole.value is not None:
        value = ev.value(whole.value, file, 0)
        if name in ("default", "="):
            return value
        found = ev.member(value, name)
        if not isinstance(found, UnknownV) and not (isinstance(found, Ext) and not found.known):
            return found
    for star in view.exported_stars:
        target = module(ev, star, file)
        if isinstance(target, ModV):
            found_there = exported(ev, target.file, name)
            if found_there is not None:
                return found_there
    return None


def _module_name(ev: Evaluator, view: FileView, name: str) -> AV | None:
    if (0, name) in view.bindings or (0, name) in view.named_children or name in view.imports:
        return ev.lookup(name, view.path, 0)
    sub = ev.world.submodule(view.path, name)
    if sub:
        copied = ev.world.renamed(f".{name}", view.path)  # the program brings a copy of a module of a package
        return ModV(sub) if copied is None else Ext(copied)
    return star_import(ev, view, name)


def _apart(ev: Evaluator, view: FileView, name: str) -> AV | None:
    """A name of a module where modules and functions have names apart: `mod health; pub use health::*;` may give both."""
    found: AV | None = None
    if (0, name) in view.bindings or (0, name) in view.named_children or name in view.imports:
        found = ev.lookup(name, view.path, 0)
    if found is None or isinstance(found, ModV):
        other = star_import(ev, view, name)
        beside = [v for v in options(other) if not isinstance(found, ModV) or not isinstance(v, ModV)] if other is not None else []
        found = union([*([found] if found is not None else []), *beside]) if beside else found  # a module declared here hides others
    return found


def star_import(ev: Evaluator, view: FileView, name: str, owner: int = -1) -> AV | None:
    """`name` through `from x import *` of the file; `use x::*` takes the names of an enum or an inline module, `import x._` of a value."""
    for star in (*view.stars, *whole_names.quoted_stars(ev, view)) if view.language in _WHOLE_NAMES else view.stars:
        if view.language not in _WITHIN_FILES and ev.world.resolve(star, view.path) is None:
            copied = ev.world.renamed(star, view.path)
            if copied is not None and ev.world.is_spoken_of(f"{copied}.{name}"):  # the program brings a copy of the package
                return Ext(f"{copied}.{name}", Ext(copied))
            continue  # a package: what it gives is asked for by `packages.unqualified`
        target = module(ev, star, view.path)
        found: AV | None = None
        if isinstance(target, ModV) and target.file != view.path:
            found = exported(ev, target.file, name)
        elif view.language in _WHOLE_NAMES:
            given = loaded(ev, view, star)
            found = inline_modules.of_class(ev, given, name) if given is not None and star != name else None
        elif view.language in _APART and not isinstance(target, ModV):
            found = inline_modules.of_class(ev, target, name)
        if found is not None and not isinstance(found, UnknownV):
            return found
    return value_imports.member(ev, view, name, owner)


def dotted(ev: Evaluator, view: FileView, name: str) -> AV | None:
    """`Name` of a package whose names a file takes as its own (`import . "pkg"`), when its own package has none of that name."""
    if view.language not in _DOTTED or not name[:1].isupper():
        return None
    found: list[AV] = []
    for star in view.stars[:4]:
        target = module(ev, star, view.path)
        given = packages.exported(ev, target, name, view.path) if isinstance(target, PackageV) else None
        if given is not None:
            return given
        found.extend([Ext(f"{target.path}.{name}", target)] if isinstance(target, Ext) else [])
    return found[0] if len(found) == 1 else None


def module_value(ev: Evaluator, file: str) -> AV:
    """What the module itself is when it is used as a value: `module.exports = value`, or the default export."""
    for name in ("=", "default"):
        export = ev.world.view(file).exports.get(name)
        if export is not None and export.value is not None:
            return ev.value(export.value, file, 0) if export.module is None else exported(ev, file, name) or UNKNOWN
    return UNKNOWN


def default_of(ev: Evaluator, value: AV) -> AV:
    """The default export, when the value is a module that has one (`lazy(() => import("./Page"))`)."""
    if isinstance(value, ModV) and "default" in ev.world.view(value.file).exports:
        return exported(ev, value.file, "default") or value
    return value


def assigned_at(ev: Evaluator, annotation: Value, file: str, owner: int) -> tuple[FileView, Value] | None:
    """The module-level expression that a plain name is assigned, following imports."""
    name = annotation.id if isinstance(annotation, Name) else None
    view = ev.world.view(file)
    if isinstance(annotation, Member) and isinstance(annotation.base, Name):
        base = ev.lookup(annotation.base.id, file, owner)
        if not isinstance(base, ModV):
            return None
        view, name = ev.world.view(base.file), annotation.name
    for _ in range(6):
        if name is None:
            return None
        bound = view.bindings.get((0, name))
        if bound:
            value = bound[-1][0].value
            return (view, value) if value is not None and not bound[-1][1] else None
        items = view.imports.get(name)
        if not items or items[0].name is None:
            return None
        target = ev.world.resolve(items[0].module, view.path)
        if target is None:
            return None
        view, name = ev.world.view(target), items[0].name
    return None


def class_named(ev: Evaluator, name: str) -> AV:
    """The class of that name, for names given as text (`relationship("User")`): the only one, or the only one among the models."""
    classes = [s for s in ev.world.defining(name) if ev.world.view(s.file).symbol(s.index).kind == "class"]
    if len(classes) > 1:
        from backend_readiness.graph.classes.parts import parts

        classes = [s for s in classes if _MODELS.search(s.file) is not None]
        opened = {p for c in classes[:1] for p in parts(ev, ClassV(c))}  # one class, opened again in other files
        classes = classes[:1] if all(c in opened for c in classes) else classes
    return union([ClassV(classes[0])]) if len(classes) == 1 else UNKNOWN


def class_in_folder(ev: Evaluator, value: AV, folders: tuple[str, ...]) -> ClassV | None:
    """The class that a text or a class names, in a file of a folder that is called so; of several the one nearest to the root."""
    name = value.value.rpartition("\\")[2] if isinstance(value, Const) and isinstance(value.value, str) else ""
    if isinstance(value, ClassV):
        return value
    found = [s for s in ev.world.defining(name) if s.file.rpartition("/")[0].rpartition("/")[2] in folders]
    near = sorted(found, key=lambda s: s.file.count("/"))
    return ClassV(near[0]) if near and (len(near) == 1 or near[0].file.count("/") < near[1].file.count("/")) else None
