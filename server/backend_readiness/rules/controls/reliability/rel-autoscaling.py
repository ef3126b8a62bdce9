"""A rule changes the number of instances with the load."""

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.deployment import Dockerfile, Manifest
from backend_readiness.controls.deployed.instances import counts
from backend_readiness.controls.deployed.platforms import platform_files
from backend_readiness.controls.deployed.startup import backend_images, backend_services
from backend_readiness.controls.deployed.workloads import idle_scalers, is_of_others, scalers, workloads
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.model import Evidence

_RULES = (
    r"HorizontalPodAutoscaler|ScaledObject|autoscaling|auto_scaling|min_machines_running|maxScale|max_instances|maxInstances|minInstances|min_instances|numInstances",
    r"(?i)auto_stop_machines|max_scale|scaling_policy|appautoscaling|reservedConcurrency|cloudrun|scaling:",
)
_PATHS = ("**/*.y*ml", "**/*.tf", "**/*.toml", "**/*.json", "**/*.bicep")


def verify(context: Context) -> Judgement:
    if not context.routes or not context.deployment.is_declared:
        return unverified("The repository does not say how the backend is deployed.")
    scaled = next((c for c in counts(context) if c.kind == "autoscaled"), None)
    fixed = next((m for m in scalers(context) if _is_fixed(m)), None)
    if scaled is not None and fixed is not None and len(scalers(context)) == 1:
        return partial("A scaling rule is declared whose bounds are the same.", scaled.evidence)
    if scaled is not None and _is_of_one(context):
        why = "A scaling rule is declared for one of several workloads; which of them serves the flow was not settled."
        return unverified(why, scaled.evidence)
    if scaled is not None:
        return passed("A scaling rule is declared.", scaled.evidence)
    idle = idle_scalers(context)
    if idle:
        why = "A scaling rule is in the chart, and the values of the chart leave it out."
        return partial(why, context.at(idle[0].path, idle[0].entry.line))
    every = context.hits(_RULES, _PATHS)
    hits = [h for h in every if "lock" not in h[0].rpartition("/")[2] and not is_of_others(context, h[0])]
    if hits:
        return unverified("Something about scaling is declared; whether it scales the backend is not settled.", context.at(*hits[0][:2]))
    services, images = backend_services(context), backend_images(context)
    places = [_sized(context, m) for m in workloads(context) if m.kind in ("Deployment", "StatefulSet", "Rollout")][:1]
    places += [context.at(s.path, s.entry.line) for s in services[:1]] + [context.at(i.path, _start(i)) for i in images[:1]]
    if not places:
        places = [_of_platform(context, p) for p in platform_files(context, ("**/app.json", "**/Procfile"))[:1]]
    if not places:
        return unverified("How the backend itself is deployed was not found.")
    at, *others = places
    missing = at if every else context.missing("a scaling rule", at=at, patterns=_RULES, paths=_PATHS)
    if missing is None:
        return unverified("Whether scaling rules exist could not be settled.")
    return failed("The declared deployment has no rule that adds or removes instances.", missing, *others)


def _is_fixed(manifest: Manifest) -> bool:
    least, most = manifest.entry.get("spec", "minReplicas"), manifest.entry.get("spec", "maxReplicas")
    return least is not None and most is not None and least.text.isdigit() and least.text == most.text


def _is_of_one(context: Context) -> bool:
    """Are there several workloads by name of which only some are scaled?"""
    names = {n.text for m in workloads(context) if (n := m.entry.get("metadata", "name")) is not None and "{{" not in n.text}
    scaled = {t.text for m in scalers(context) if (t := m.entry.get("spec", "scaleTargetRef", "name")) is not None}
    return len(names) > 1 and not names <= scaled


def _sized(context: Context, manifest: Manifest) -> Evidence:
    """Where a workload of the cluster says how many instances there are, or would."""
    replicas = manifest.entry.get("spec", "replicas") or manifest.entry.get("spec")
    return context.at(manifest.path, replicas.line if replicas is not None else manifest.entry.line)


def _start(image: Dockerfile) -> int:
    """The line of the image that starts the one process."""
    return next((i.line for i in reversed(image.final_stage) if i.name in ("CMD", "ENTRYPOINT")), 1)


def _of_platform(context: Context, path: str) -> Evidence:
    """Where the file of a platform says how many processes there are, or its first line."""
    lines = context.snapshot.lines(path)
    return context.at(path, next((n for n, t in enumerate(lines, 1) if '"quantity"' in t or '"formation"' in t or t.startswith("web:")), 1))
