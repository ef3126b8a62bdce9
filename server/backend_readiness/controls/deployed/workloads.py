"""The Kubernetes objects that run the backend, apart from the add-ons and bundles of others that stand in the same repository."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.charts import chart_of, is_switched_off, values_in
from backend_readiness.controls.deployed.deployment import Manifest
from backend_readiness.controls.deployed.startup import BESIDE
from backend_readiness.controls.kept import once
from backend_readiness.rules.signs import sign

KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout", "Service.serving")
SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
_OF_CLUSTER = re.compile(sign("workloads", "of_cluster"))
# A file of a product as its makers publish it: nobody writes manifests of this length by hand.
MAX_LINES = 2_500


def own_manifests(context: Context) -> tuple[Manifest, ...]:
    """Objects of the cluster without those of published charts and bundles."""
    return once(context, _own_manifests)


def _own_manifests(context: Context) -> tuple[Manifest, ...]:
    return tuple(m for m in context.deployment.manifests if not _is_published(context, m))


def workloads(context: Context) -> tuple[Manifest, ...]:
    """What runs the backend's containers: no data store, proxy, tool or add-on beside it."""
    found = [m for m in own_manifests(context) if m.kind in KINDS and not _stands_beside(m)]
    root = f"{context.backend_root}/"
    beneath = [m for m in found if m.path.startswith(root)]  # its chart stands in the folder of its code
    if beneath:
        return tuple(beneath)
    for folder in reversed(context.backend_root.split("/")):  # of several programs of the repository, the one in whose folder the flow is
        named = [m for m in found if folder and _is_of_folder(folder, m)]
        if named:
            return tuple(named)
    return tuple(found)


def scalers(context: Context) -> tuple[Manifest, ...]:
    """Rules that scale a workload of the backend; one whose target has no plain name counts, unless it is another chart's."""
    return tuple(m for m in _scalers(context) if not _is_left_out(context, m))


def idle_scalers(context: Context) -> tuple[Manifest, ...]:
    """Rules of a chart that would scale a workload of the backend, and that the chart's own values leave out."""
    return tuple(m for m in _scalers(context) if _is_left_out(context, m))


def _scalers(context: Context) -> list[Manifest]:
    served = workloads(context)
    names = {name for m in served if (name := _name(m))}
    charts = {chart_of(m.path) for m in served}
    found = []
    for manifest in own_manifests(context):
        target = manifest.entry.get("spec", "scaleTargetRef", "name")
        if manifest.kind not in SCALERS or (served and (chart := chart_of(manifest.path)) is not None and chart not in charts):
            continue
        if target is None or "{{" in target.text or not names or target.text in names:
            found.append(manifest)
    return found


def _is_left_out(context: Context, manifest: Manifest) -> bool:
    return stands_switched_off(context, manifest.path, manifest.entry.line)


def stands_switched_off(context: Context, path: str, line: int) -> bool:
    """Does a line of a chart's template depend on a value that the chart sets to false?"""
    values = f"{chart_of(path) or ''}values.yaml"
    if chart_of(path) is None or context.snapshot.file(values) is None:
        return False
    return is_switched_off(context.snapshot.text(path), line, values_in(context.snapshot.text(values)))


def is_of_others(context: Context, path: str) -> bool:
    """Does a file hold nothing but objects of published products?"""
    if path.endswith((".yml", ".yaml")) and len(context.snapshot.lines(path)) > MAX_LINES:
        return True
    held = [m for m in context.deployment.manifests if m.path == path]
    return bool(held) and all(_is_published(context, m) or (m.kind in KINDS and _stands_beside(m)) for m in held)


def _is_of_folder(folder: str, manifest: Manifest) -> bool:
    """Is the workload, or its image, called as a folder is that holds the flow's code?"""
    told = [_name(manifest), *(e.text.rpartition("/")[2].partition(":")[0] for k, e in manifest.entry.walk() if k == "image")]
    wanted = re.compile(rf"(?i)(?<![a-z0-9]){re.escape(folder)}(?![a-z0-9])")
    return any(wanted.search(text.replace("_", "-")) is not None for text in told)


def _name(manifest: Manifest) -> str:
    found = manifest.entry.get("metadata", "name")
    return found.text if found is not None and "{{" not in found.text else ""


def _is_published(context: Context, manifest: Manifest) -> bool:
    if len(context.snapshot.lines(manifest.path)) > MAX_LINES:
        return True
    chart = manifest.entry.get("metadata", "labels", "helm.sh/chart")
    return chart is not None and "{{" not in chart.text


def is_beside(image: str) -> bool:
    """Is it the image of a data store, a proxy, a tool or an add-on?"""
    plain = image.strip("\"'")
    return BESIDE.search(plain) is not None or _OF_CLUSTER.search(plain) is not None


def _stands_beside(manifest: Manifest) -> bool:
    running = manifest.entry.get("spec", "template", "spec", "containers")  # what runs before them prepares only
    images = [e.text for k, e in (running or manifest.entry).walk() if k == "image" and e.text]
    return bool(images) and all(map(is_beside, images))


__all__ = ["KINDS", "idle_scalers", "is_beside", "is_of_others", "own_manifests", "scalers", "stands_switched_off", "workloads"]
