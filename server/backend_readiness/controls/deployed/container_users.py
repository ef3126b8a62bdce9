"""As whom containers of the backend run: what manifests, compose files and images name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.deployment import Dockerfile, Instruction
from backend_readiness.controls.deployed.startup import BESIDE, backend_services
from backend_readiness.controls.deployed.workloads import workloads
from backend_readiness.controls.deployed.yamlfile import Entry
from backend_readiness.model import Evidence

_ROOT = re.compile(r"(?i)^(root|0+|containeradministrator)$")
# A word that stands for what whoever deploys puts in: `user: UID:GID`.
_STANDS_IN = re.compile(r"^(P?UID|P?GID|USER(_?ID)?|YOUR\w*|<.*>)$")
_VARIABLE = re.compile(r"^\$\{?(?P<name>\w+)(?::?-(?P<default>[^}]*))?\}?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageUser:
    """The user of an image."""

    name: str

    @property
    def is_root(self) -> bool:
        return _ROOT.match(self.name) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedUser:
    """The user that a file of the deployment names; `name` is None where the environment says it."""

    name: str | None
    at: Evidence

    @property
    def is_root(self) -> bool:
        return self.name is not None and _ROOT.match(self.name) is not None


def cluster_user(context: Context) -> NamedUser | None:
    """What the manifests say of the backend's containers: root where one is root, somebody else where all are; None where they leave it."""
    found: list[NamedUser | None] = []
    for manifest in workloads(context):
        pod = next((e for k, e in manifest.entry.walk() if k == "spec" and e.get("containers") is not None), None)
        for container in _containers(pod) if pod is not None else ():
            found.append(_of_security(context, manifest.path, container) or _of_security(context, manifest.path, pod))
    named = [u for u in found if u is not None]
    root = next((u for u in named if u.is_root), None)
    return root or (named[0] if named and len(named) == len(found) else None)


def _containers(pod: Entry | None) -> Iterator[Entry]:
    """The containers of a pod, without proxies, stores and agents beside the program."""
    listed = pod.get("containers") if pod is not None else None
    for container in listed.each() if listed is not None else ():
        image = container.get("image")
        if image is None or BESIDE.search(image.text.strip("\"'")) is None:
            yield container


def _of_security(context: Context, path: str, holder: Entry | None) -> NamedUser | None:
    security = holder.get("securityContext") if holder is not None else None
    if security is None:
        return None
    user, refuses = security.get("runAsUser"), security.get("runAsNonRoot")
    if user is not None and re.fullmatch(r"\d+", user.text):
        return NamedUser(name=user.text, at=context.at(path, user.line))
    if refuses is not None and refuses.text.lower() == "true":
        return NamedUser(name="nonroot", at=context.at(path, refuses.line))
    return None


def service_users(context: Context) -> list[NamedUser | None]:
    """The user that each compose service of the backend names; None for one that names none."""
    found: list[NamedUser | None] = []
    for service in backend_services(context):
        user = service.get("user")
        if user is None or not user.text:
            found.append(None)
            continue
        text = user.text.strip("\"'")
        variable = _VARIABLE.match(text.partition(":")[0] if "{" not in text else text[: text.find("}") + 1])
        name = (variable["default"] or None) if variable is not None else text.partition(":")[0]
        known = name and "$" not in name and _STANDS_IN.match(name) is None
        found.append(NamedUser(name=name if known else None, at=context.at(service.path, user.line)))
    return found


def name_of(image: Dockerfile, instruction: Instruction) -> ImageUser | None:
    """The user of a `USER`: arguments and variables of the image put in; None where one has no value."""
    text = instruction.text.strip().strip("\"'")
    variable = _VARIABLE.match(text.partition(":")[0] if "{" not in text else text[: text.find("}") + 1])
    if variable is None:
        name = text.partition(":")[0].strip()
        return ImageUser(name=name) if name and "$" not in name else None
    told = re.compile(rf"(?:^|\s){re.escape(variable['name'])}[= ]\s*[\"']?([\w.-]+)")
    values = [m.group(1) for i in image.instructions if i.name in ("ARG", "ENV") and (m := told.search(i.text)) is not None]
    value = values[-1] if values else variable["default"]
    return ImageUser(name=value) if value else None
