"""Passwords that what starts containers gives them: `docker run -e DB_PASSWORD=abc`, `env_file` of compose, scripts that set up a store."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.startup import shipped_services
from backend_readiness.controls.protection.credential_shapes import PLACEHOLDER
from backend_readiness.facts.model import Lit, Name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.places import is_for_development

_GIVEN = re.compile(sign("started_with", "given"))
_LINE = re.compile(sign("started_with", "line"))
_SAMPLE = re.compile(sign("started_with", "sample"))
_SETS_UP = re.compile(sign("started_with", "sets_up"))
_ACCOUNT = re.compile(sign("started_with", "account"))
_PASSWORD = re.compile(sign("started_with", "password"))
_BUILDS = re.compile(sign("started_with", "builds"))
MAX_FILES = 20
MAX_LINES = 500


def started_with(context: Context) -> list[Evidence]:
    """Lines of build files that start the built image with others and give one of them a fixed password."""
    found: list[Evidence] = []
    for path in context.snapshot.glob(*signs("started_with", "files"))[:MAX_FILES]:
        lines = context.snapshot.lines(path)
        if any(_BUILDS.search(t) is not None for t in lines):
            given = ((n, t) for n, t in enumerate(lines, 1) if not t.lstrip().startswith("#"))
            found += [context.at(path, n) for n, t in given if _GIVEN.search(t) is not None]
    return found


def given_by_files(context: Context) -> list[Evidence]:
    """Lines with a fixed password in files of the repository that compose hands a service: its environment, what sets its store up."""
    return [context.at(*place) for place in dict.fromkeys((*_lines_of_services(context), *_lines_of_scripts(context)))]


def _lines_of_scripts(context: Context) -> Iterator[tuple[str, int]]:
    """Lines by which a script that the image of a store runs at its first start gives an account a password that is written out."""
    for service in shipped_services(context) if context.deployment.compose else ():
        mounts = service.get("volumes")
        for mount in mounts.texts()[:MAX_FILES] if mounts is not None and not is_for_development(service.path) else ():
            source, _, target = mount.partition(":")
            if not source.startswith(".") or _SETS_UP.match(target) is None:
                continue
            path = posixpath.normpath(posixpath.join(service.path.rpartition("/")[0], source))
            for script in context.snapshot.glob(path, f"{path}/*")[:MAX_FILES]:
                lines = enumerate(context.snapshot.lines(script)[:MAX_LINES], 1)
                yield from ((script, n) for n, t in lines if (m := _ACCOUNT.search(t[:500])) and not PLACEHOLDER.search(m["value"]))
                yield from ((script, n) for n in _given_to_functions(context, script))


def _given_to_functions(context: Context, script: str) -> Iterator[int]:
    """Lines of calls that hand a function of the same script a text as its parameter for a password: `seed("shop", "app", "abc")`."""
    if script not in context.graph.facts.files:
        return
    view = context.view(script)
    takes = {s.name: n for s in view.facts.symbols for n, p in enumerate(s.params) if _PASSWORD.search(p.name) is not None}
    for call in view.facts.calls:
        at = takes.get(call.callee.id) if isinstance(call.callee, Name) else None
        value = call.args[at].value if at is not None and at < len(call.args) else None
        if isinstance(value, Lit) and isinstance(value.value, str) and len(value.value) > 2:
            yield call.line


def _lines_of_services(context: Context) -> Iterator[tuple[str, int]]:
    for service in shipped_services(context) if context.deployment.compose else ():
        named = service.get("env_file")
        if named is None or is_for_development(service.path):
            continue
        paths = [*named.texts(), *(p.text for e in named.each() if (p := e.get("path")) is not None)]
        for name in paths[:MAX_FILES]:
            path = posixpath.normpath(posixpath.join(service.path.rpartition("/")[0], name))
            if not context.graph.has(path) or is_for_development(path) or _SAMPLE.search(path) is not None:
                continue
            yield from ((path, n) for n, t in enumerate(context.snapshot.lines(path)[:MAX_LINES], 1) if _LINE.match(t[:500]) is not None)
