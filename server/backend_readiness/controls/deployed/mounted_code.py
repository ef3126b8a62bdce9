"""Containers that run the backend's code from a folder of the repository mounted into them: no image holds it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.deployment import Dockerfile, Service
from backend_readiness.rules.signs import signs_by

_HERE = re.compile(r"^\$(\{PWD(:-\.?)?\}|PWD\b|\(pwd\))")


def mounts_code(context: Context, service: Service) -> bool:
    """Is the backend's folder, or one above it, a volume of the service?"""
    volumes = service.get("volumes")
    here = service.path.rpartition("/")[0]
    for item in volumes.each() if volumes is not None else ():
        named = item.get("source")
        source = named.text if named is not None else item.text.strip("\"'").partition(":")[0]
        source = _HERE.sub(".", source)
        if not source.startswith("."):
            continue  # a named volume, or a folder of the host
        folder = posixpath.normpath(posixpath.join(here, source))
        folder = "" if folder == "." else folder
        if folder == context.backend_root or not folder or context.backend_root.startswith(f"{folder}/"):
            return True
        if any(h.file.startswith(f"{folder}/") for h in context.handlers):
            return True  # the part of it that holds the handlers
    return False


def runs_language(context: Context, image: str) -> bool:
    """Is a base image one in which programs of the backend's language run?"""
    words = signs_by("mounted_code", "runtimes").get(context.language or "", ())
    return any(re.search(rf"(?i)(^|[/_-])({word})\d*(?=[:@/_-]|$)", image) for word in words)


def is_run_by_mount(context: Context, image: Dockerfile, base: str, services: Iterable[Service]) -> bool:
    """Does a service that is built from the image's folder get the backend's code as a volume, and is the image of its language?"""
    folder = image.path.rpartition("/")[0]
    return runs_language(context, base) and any(
        _folder(service) == folder and mounts_code(context, service) for service in services if service.get("build") is not None
    )


def ready_images(context: Context, services: Iterable[Service]) -> list[Service]:
    """Services that run the backend's code, mounted into an image that the repository does not build."""
    return [s for s in services if s.get("build") is None and runs_language(context, s.image) and mounts_code(context, s)]


def _folder(service: Service) -> str:
    build = service.get("build")
    context = build.get("context") if build is not None else None
    place = (build.text if build is not None else "") or (context.text if context is not None else ".")
    folder = posixpath.normpath(posixpath.join(service.path.rpartition("/")[0], place))
    named = build.get("dockerfile") if build is not None else None
    if named is not None:
        folder = posixpath.normpath(posixpath.join(folder, named.text.rpartition("/")[0] or "."))
    return "" if folder == "." else folder
