"""Modes for developers that are on until a setting of the deployment switches them off."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import backend_files
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.named_values import written_values
from backend_readiness.controls.deployed.startup import backend_images, backend_services, settings
from backend_readiness.controls.places import is_production
from backend_readiness.facts.model import Call, CallRef, Lit, Member, Name, Op, Record, Value
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.default_rules import FrameworkDefault
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.places import is_for_development

_ON = re.compile(sign("on_by_default", "switched_on"))
_READS = re.compile(sign("on_by_default", "reads"))
_FILES = signs("on_by_default", "files")


def on_by_default(context: Context, value: Value) -> tuple[Evidence, bool] | None:
    """Where a setting gets the default by which a mode is on, and whether a file that was not read may switch it off.

    None where it has no such default, or what deploys the application gives it a value.
    """
    name = _said(value)
    if not name or any(s.name.lower().endswith(name.lower()) for s in settings(context)):
        return None
    for file, line, given in written_values(context, name):
        if not is_for_development(file) and _is_on(context.view(file), given):
            elsewhere = any(s.get("env_file") is not None for s in backend_services(context)) or bool(context.snapshot.glob(*_FILES))
            return context.at(file, line), elsewhere
    return None


def left_on(context: Context, rule: FrameworkDefault) -> tuple[Evidence, bool] | None:
    """The setting of a framework by which a mode is on where its variable is missing, and whether a file that was not read may give it.

    None where what deploys the application gives the variable a value.
    """
    given = {s.name for s in settings(context)}
    for path in context.snapshot.glob(*rule.paths):
        if not is_production(path) or is_for_development(path) or context.is_apart(path) or path not in context.graph.facts.files:
            continue
        view = context.view(path)
        for made in (a for a in view.facts.assigns if a.owner == 0 and _said(a.target) in rule.value.split()):
            if made.value is None or isinstance(made.value, Lit) or not _is_on(view, made.value):
                continue
            if given & set(re.findall(r"\w+", " ".join(context.snapshot.lines(path)[made.line - 1 : made.line + 2]))):
                return None
            elsewhere = any(s.get("env_file") is not None for s in backend_services(context)) or bool(context.snapshot.glob(*_FILES))
            return context.at(path, made.line), elsewhere or not backend_images(context)
    return None


def spread_options(context: Context, value: Value, key: str) -> Iterator[tuple[str, int, Value]]:
    """(file, line, value) of what a name gives to a call under a key, `FastAPI(**settings.kwargs)`: an object, or a function that returns one."""  # noqa: E501
    name = _said(value)
    for file in backend_files(context) if name else ():
        if name not in context.graph.facts.files[file].names or is_for_development(file):
            continue
        view = context.view(file)
        made = [(a.line, a.value) for a in view.facts.assigns if a.value is not None and _said(a.target) == name]
        made += [
            (r.line, r.value) for r in view.facts.returns if r.value is not None and view.symbol(r.owner).name.rpartition(".")[2] == name
        ]
        for line, given in made:
            items = given.items if isinstance(given, Record) else ()
            yield from ((file, line, v) for k, v in items if k == key)


def _said(target: Value) -> str:
    return target.id if isinstance(target, Name) else target.name if isinstance(target, Member) else ""


def _is_on(view: FileView, value: Value, depth: int = 0) -> bool:
    """`True`, `Field(default=True)`, `os.getenv("DEBUG", "true") == "true"`."""
    if isinstance(value, Lit):
        return value.value is True
    if depth > 4:
        return False
    if isinstance(value, Op) and value.op in ("==", "===", "in"):
        return bool(value.operands) and _default_of(view, value.operands[0]) is not None
    if isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        if (callee_name(call) or "") == "Field":
            given = next((a.value for a in call.args if a.name == "default"), call.args[0].value if call.args else None)
            return given is not None and _is_on(view, given, depth + 1)
        if isinstance(call.callee, Name) and call.callee.id == "bool":
            return any(_default_of(view, a.value) is not None for a in call.args[:1])
        return _default_of(view, value) is not None
    return False


def _default_of(view: FileView, value: Value) -> Call | None:
    """The call that reads a setting which is on where nobody says otherwise; what is done to its text does not matter."""
    while isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        if _READS.match(callee_name(call) or "") is not None:
            named = [a.value for a in call.args if a.name in (None, "default")][1:] or [a.value for a in call.args if a.name == "default"]
            said = [n for n in named if isinstance(n, Lit) and _ON.match(str(n.value)) is not None]
            return call if said else None
        if not isinstance(call.callee, Member):
            return None
        value = call.callee.base
    return None
