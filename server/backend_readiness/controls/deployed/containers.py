"""The containers of a cluster that run the backend itself, and what is said of their health."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.deployment import Manifest
from backend_readiness.controls.deployed.workloads import is_beside, workloads
from backend_readiness.controls.deployed.yamlfile import Entry
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.places import is_for_development

_PAGES = re.compile(sign("containers", "pages"))
# A command that holds whatever the state of the service is.
_ALWAYS = re.compile(r"^\s*(?:CMD(?:-SHELL)?\s+)?(?:/(?:usr/)?bin/)?(?:NONE|true|:|exit 0|echo\b[^|;&]*)\s*$", re.I)
_OPTIONS = re.compile(r"--\w[\w-]*=\S+\s*")


def own_containers(context: Context) -> tuple[tuple[Manifest, Entry], ...]:
    """Containers of the backend that ship, without those that stand beside it, nor those of its pages where others are left."""
    found = []
    for manifest in workloads(context):
        listed = manifest.entry.get("spec", "template", "spec", "containers")
        for container in listed.each() if listed is not None and not is_for_development(manifest.path) else ():
            image = container.get("image")
            if image is None or not is_beside(image.text):
                found.append((manifest, container))
    served = [f for f in found if not _is_of_pages(*f)]
    return tuple(served or found)


def _is_of_pages(manifest: Manifest, container: Entry) -> bool:
    name = manifest.entry.get("metadata", "name")
    told = [name, container.get("name")]
    return any(e is not None and _PAGES.search(e.text) is not None for e in told)


def checks_nothing(command: str) -> bool:
    """Does a health check hold whatever the service does, or is it switched off?"""
    plain = re.sub(r"[\[\]\",']+", " ", _OPTIONS.sub("", command))
    return _ALWAYS.match(" ".join(plain.split())) is not None
