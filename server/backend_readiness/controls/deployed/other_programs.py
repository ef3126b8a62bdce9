"""Images of a repository with several programs, of which each starts its own: which of them is certainly not the flow's."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.deployment import Dockerfile
from backend_readiness.snapshot.manifests import Application, parts_of

_ASSEMBLY = re.compile(r"\bdotnet[\"',\s]+(?:[\w./-]*/)?([\w.-]+)\.dll\b")
_PATH = re.compile(r"[\w@.-]+(?:/[\w@.-]+)+")


def is_of_another(context: Context, image: Dockerfile) -> bool:
    """Does the image hold another program: a folder of its own that the flow has no part in, or what it starts is another project?"""
    started = " ".join(i.text for i in image.final_stage if i.name in ("CMD", "ENTRYPOINT"))
    others = [a for a in context.snapshot.applications if _is_other(context, a)]
    folder = image.path.rpartition("/")[0]
    if any(a.root == folder for a in others) and not _is_built_from_above(context, image):
        return True
    assembly = _ASSEMBLY.search(started)
    if assembly is not None:
        project = f"{assembly.group(1)}.csproj"
        return any(m.rpartition("/")[2] == project for a in others for m in a.manifests)
    roots = {a.root for a in others}
    own = context.backend_root
    return any(
        _within(words, roots) and not (own and (words.startswith(f"{own}/") or f"/{own}/" in words)) for words in _PATH.findall(started)
    )


def is_of_another_folder(context: Context, path: str) -> bool:
    """Does a file of a deployment stand in the folder of another program of the repository?"""
    return any(a.holds(path) for a in context.snapshot.applications if _is_other(context, a))


def _is_other(context: Context, application: Application) -> bool:
    """Is the application neither the flow's nor built upon it, nor a folder around or within it?"""
    root, own = application.root, context.backend_root
    if not root or root == own or own.startswith(f"{root}/") or (own and root.startswith(f"{own}/")):
        return False
    touched = {r.route.place.file for r in context.routes} | {f.function.symbol.file for f in context.functions}
    if any(path.startswith(f"{root}/") for path in touched):
        return False
    return not own or own not in parts_of(context.snapshot.applications, root)


def _within(path: str, roots: set[str]) -> bool:
    """Does a path of a command go through the folder of an application, as `packages/admin/dist/main.js` does?"""
    parts = path.lstrip("./").split("/")
    return any("/".join(parts[start:end]) in roots for start in range(2) for end in range(start + 2, len(parts) + 1))


def _is_built_from_above(context: Context, image: Dockerfile) -> bool:
    """Does a compose service build it from another folder than its own, or does it copy what lies beside the folder?"""
    folder = image.path.rpartition("/")[0]
    for service in context.deployment.compose:
        named = service.get("build", "dockerfile")
        if named is not None and named.text.endswith(image.path) and "/" in named.text:
            return True
    copied = [w for i in image.instructions if i.name in ("COPY", "ADD") for w in i.text.split()]
    return any(w.lstrip("./").startswith(f"{folder}/") for w in copied)
