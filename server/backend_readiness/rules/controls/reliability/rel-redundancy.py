"""More than one instance of the backend runs, and unhealthy ones leave the routing."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.instances import Count, counts
from backend_readiness.controls.deployed.platforms import platform_files
from backend_readiness.controls.deployed.startup import backend_images, backend_services
from backend_readiness.controls.deployed.workloads import workloads
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified

_CHECKS = re.compile(
    r"(?i)^[^#]*\b(health_?check|health_uri|health_path|max_fails|httpchk|active_health)|^\s*server\b.*\bcheck\b|healthcheck\.path"
)
_PLATFORMS = (
    "**/fly.toml", "**/render.y*ml", "**/Procfile", "**/app.json", "**/serverless.y*ml", "**/railway.*", "**/*.tf", "**/Chart.yaml",
    "**/app.yaml", "**/*.nomad", "**/kustomization.y*ml", "**/appspec.y*ml", "**/heroku.yml", "**/config/deploy.y*ml",
    "**/captain-definition",
)  # fmt: skip


def verify(context: Context) -> Judgement:
    if not context.routes or not context.deployment.is_declared:
        return unverified("The repository does not say how the backend is deployed.")
    found = counts(context)
    spread = next((c for c in found if c.kind in ("replicas", "autoscaled") and c.number > 1), None)
    workers = next((c for c in found if c.kind == "workers" and c.several), None)
    if spread is not None:
        if _checked(context, spread):
            return passed("The deployment runs several instances and checks their health.", spread.evidence)
        return partial("Several instances run, and nothing takes an unhealthy one out of the routing.", spread.evidence)
    one = next((c for c in found if c.kind == "replicas" and c.number == 1), None)
    if workers is not None:
        return partial("One container runs several workers: a crash of the node stops them all.", workers.evidence)
    if one is not None:
        return failed("The deployment runs a single instance.", one.evidence)
    left = next((c for c in found if c.kind == "replicas" and c.number == 0), None)
    if left is not None:
        return unverified("How many instances run is a variable of the deployment.", left.evidence)
    services = backend_services(context)
    if services and not workloads(context):
        return failed("The compose file runs a single instance of the backend.", context.at(services[0].path, services[0].entry.line))
    images = backend_images(context)
    if images and not workloads(context) and not platform_files(context, _PLATFORMS):
        start = next((i for i in reversed(images[0].final_stage) if i.name in ("CMD", "ENTRYPOINT")), None)
        why = "The image of one process is all that is declared: nothing runs more than one of it."
        return failed(why, context.at(images[0].path, start.line if start is not None else 1))
    return unverified("How many instances run is not declared.", *(context.at(i.path, 1) for i in backend_images(context)[:1]))


def _checked(context: Context, spread: Count) -> bool:
    """Is it known of each instance whether it is healthy: in the workload that is spread, or where containers run without a cluster?"""
    held = [m for m in workloads(context) if spread.kind == "autoscaled" or m.path == spread.evidence.file] or list(workloads(context))
    if held:
        names = {n.text for m in held if (n := m.entry.get("metadata", "name")) is not None}
        same = [
            m for m in workloads(context) if (n := m.entry.get("metadata", "name")) is None or n.text in names
        ]  # an overlay and its base
        return any(k == "readinessProbe" for m in same for k, _ in m.entry.walk())
    images = any(i.all("HEALTHCHECK") for i in backend_images(context))
    checks = [c for s in backend_services(context) if (c := s.get("healthcheck")) is not None]
    services = any((off := c.get("disable")) is None or off.text != "true" for c in checks)
    proxies = any(_CHECKS.search(t) is not None for p in context.deployment.proxies for t in context.snapshot.lines(p))
    return images or services or proxies
