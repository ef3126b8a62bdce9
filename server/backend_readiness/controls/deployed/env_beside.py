"""A mode for developers in a committed file of variables that is read beside the code: `APP_DEBUG=true` of `.env`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.startup import backend_images, backend_services, settings
from backend_readiness.controls.deployed.workload_settings import settings_of_workloads
from backend_readiness.controls.judgement import Judgement, failed, unverified
from backend_readiness.controls.kept import once
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs, signs_by

_READ = signs_by("env_beside", "read")
_ASKED = signs_by("env_beside", "asked")
_ASKS = sign("env_beside", "asks")
_MODES = signs("env_beside", "modes")
_FOR_DEVELOPERS = signs("env_beside", "for_developers")
_DEBUG = signs("env_beside", "debug")
_ON = ("1", "true", "yes", "on")
_KEPT_OUT = re.compile(r"\.env\b|\*\*?/\.env")
MAX_LINES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A mode for developers in such a file. `is_read`: the framework reads the file without being asked to."""

    name: str
    value: str
    at: Evidence
    is_read: bool


def mode_beside(context: Context) -> Judgement | None:
    """What the mode of such a file says, where what is deployed does not name that mode."""
    said = next(iter(once(context, _said)), None)
    if said is None:
        return None
    services = backend_services(context)
    if services and said.is_read:
        why = f"`{said.name}={said.value}` of the file that is read with the code holds: the deployment sets nothing else."
        return failed(why, said.at, context.at(services[0].path, services[0].entry.line))
    why = f"`{said.name}={said.value}` stands in the file that is read with the code; what the deployment sets is not known."
    return unverified(why, said.at)


def shown_beside(context: Context, names: Sequence[str]) -> Judgement | None:
    """The same of the variables by which a framework shows its errors: whether the file is what is deployed, nothing settles."""
    said = next((s for s in once(context, _said) if s.name in names), None)
    if said is None:
        return None
    why = (
        f"`{said.name}={said.value}` stands in the committed file that is read with the code, the mode in which errors show what they hold."
    )
    return unverified(why, said.at)


def _said(context: Context) -> list[Said]:
    root, read = context.backend_root, _READ.get(context.language, ())
    found: list[Said] = []
    for name in (*read, *_ASKED.get(context.language, ())):
        path = f"{root}/{name}".lstrip("/")
        if context.snapshot.file(path) is None or (name not in read and not context.is_found((_ASKS,))):
            continue
        is_built = bool(backend_images(context) or backend_services(context))
        if is_built and any(_KEPT_OUT.match(t) for t in _ignored(context, path)):
            continue
        given = {s.name for s in (*settings(context), *settings_of_workloads(context))}
        for number, line in enumerate(context.snapshot.lines(path)[:MAX_LINES], 1):
            key, _, value = (part.strip().strip("\"'") for part in line.partition("="))
            on = (key in _MODES and value.lower() in _FOR_DEVELOPERS) or (key in _DEBUG and value.lower() in _ON)
            if on and key not in given:
                found.append(Said(name=key, value=value, at=context.at(path, number), is_read=name in read))
    return found


def _ignored(context: Context, path: str) -> tuple[str, ...]:
    ignores = f"{path.rpartition('/')[0]}/.dockerignore".lstrip("/")
    return context.snapshot.lines(ignores) if context.snapshot.file(ignores) is not None else ()
