"""Passwords that what starts containers gives them: `docker run -e DB_PASSWORD=abc` of a build file, `env_file` of a compose file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.startup import shipped_services
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.places import is_for_development

_GIVEN = re.compile(sign("started_with", "given"))
_LINE = re.compile(sign("started_with", "line"))
_SAMPLE = re.compile(sign("started_with", "sample"))
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
    """Lines with a fixed password in files of the repository from which a compose service takes its environment."""
    return [context.at(*place) for place in dict.fromkeys(_lines_of_services(context))]


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
