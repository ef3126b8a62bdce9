"""Is there a file that says how the backend is deployed, and does it bound what the backend may use?"""

from __future__ import annotations

import re

from backend_readiness.controls.application import where_missing
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.containers import own_containers
from backend_readiness.controls.deployed.platforms import platform_files
from backend_readiness.controls.deployed.startup import BESIDE, backend_services, shipped_services, stands_beside
from backend_readiness.controls.deployed.workloads import workloads
from backend_readiness.controls.deployed.yamlfile import Entry
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.standing import apart, listening
from backend_readiness.model import Evidence
from backend_readiness.snapshot.places import is_for_development

_PLATFORM = (
    "**/fly.toml", "**/render.y*ml", "**/vercel.json", "**/Procfile", "**/app.json", "**/app.y*ml", "**/serverless.y*ml", "**/netlify.toml",
    "**/railway.*", "**/wrangler.toml", "**/zappa_settings.json", "**/nixpacks.toml", "**/heroku.yml", "**/samconfig.toml", "**/*.service",
    "**/*.tf", "**/Chart.yaml", "**/ecosystem.config.*", "**/captain-definition", "**/apprunner.y*ml", "**/Pulumi.y*ml", "**/cdk.json",
    "**/*.nomad", "**/dokku*", "**/config/deploy.y*ml", "**/kustomization.y*ml",
)  # fmt: skip
MAX_TEXT = 100_000
_ASKS = re.compile(r"\brequests\b\s*[=:]?\s*\{?\s*$")
_ALL = (*_PLATFORM, "**/docker-compose*.y*ml", "**/compose*.y*ml", "**/k8s/**", "**/kubernetes/**", "**/helm/**")
# The key or the flag by which a platform is told how much the backend may use.
_LIMITS = re.compile(
    r"(?i)^[\s\-\[\"'.]*(?:\w+[._])*(?:memory|memory_?(?:mb|size|limit)|mem_?limit|max_memory_restart|cpus?|cpu_?(?:limit|quota|ms)|vm"
    r"|instance_?(?:type|class|size)(?:_slug)?|plan|size|machine_?type|MemoryMax|CPUQuota|max_?duration)[\]\"']*\s*(?:[:=\]]|$)"
    r"|--(?:memory|cpus?|machine-type)[= ]|[\"'](?:memory|cpus?|size)[\"']\s*:"
)
# A variable of the environment that the platform hands on: `"POOL_SIZE": {`.
_VARIABLE = re.compile(r"^[\s\-\"']*[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+[\"']?\s*[:=]")
# A list of manifests: its `resources` are files.
_LISTS = re.compile(r"(^|/)kustomization\.ya?ml$")
_BOUNDS = re.compile(r"^\s*(?:limits|memory|cpu)\s*:|/resources/limits")
# The size of a store beside the backend, not its own.
_ADDON = re.compile(r"(?i)\bplan\b.*(postgres|mysql|redis|mongo|memcache|\bdb\b|search|broker|queue|scheduler|mail)")
# What a block is about that sizes a store, a disk or a machine that builds.
_STORE = re.compile(
    r"(?i)databases?\b|add-?ons?\b|_db_|\brds|rds_|sql|redis|elasticache|bucket|disk\b|volumes?\b|mounts?\b|\bbuild\b|storage|cache"
)
# A limit of nothing: the platform reads it as none.
_NOTHING = re.compile(r"0+(?:\.0+)?[a-zA-Z]*|\$\{\w+:?-0*[a-zA-Z]*\}")
_WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet", "Service.serving", "Rollout"}


def verify(context: Context) -> Judgement:
    lacks: list[tuple[str, Evidence]] = []
    bounded: list[Evidence] = []
    for manifest, container in own_containers(context):
        limit = container.get("resources", "limits")
        if limit is not None and (limit.text or any(True for _ in limit.items())):
            bounded.append(context.at(manifest.path, limit.line, min(limit.end_line, limit.line + 4)))
        elif container.get("image") is not None or limit is not None:
            lacks.append(
                (
                    "The manifest of the workload has no resource limits.",
                    context.at(manifest.path, manifest.containers_line, max(container.line, manifest.containers_line)),
                )
            )
    if bounded and not lacks:
        return passed("The manifest of the workload sets resource limits.", bounded[0])
    if bounded:
        return partial("Some containers of the workloads have resource limits, others have none.", lacks[0][1], bounded[0])
    if not lacks:
        lacks.extend(
            ("The manifest of the workload has no resource limits.", context.at(m.path, m.containers_line))
            for m in workloads(context)
            if m.kind in _WORKLOADS
        )
    services = backend_services(context) or tuple(
        s for s in shipped_services(context) if s.get("build") is not None and not stands_beside(context, s)
    )
    serving = [s for s in services if s.get("ports") is not None or s.get("expose") is not None] or services
    for service in serving:
        for keys in (("deploy", "resources", "limits"), ("mem_limit",), ("cpus",)):
            found = service.get(*keys)
            if found is not None and not is_for_development(service.path) and not _is_unlimited(found):
                return passed(
                    f"The compose service `{service.name}` has resource limits.",
                    context.at(service.path, found.line, min(found.end_line, found.line + 3)),
                )
        lacks.append((f"The compose service `{service.name}` has no resource limits.", context.at(service.path, service.entry.line)))
    for path in platform_files(context, _PLATFORM):
        if (
            path.endswith((".yml", ".yaml"))
            and path.rpartition("/")[2].startswith("app.")
            and "runtime:" not in context.snapshot.text(path)
            and "services:" not in context.snapshot.text(path)
        ):
            continue
        if path.endswith("app.json") and '"expo"' in context.snapshot.text(path):
            continue
        if path.rpartition("/")[2].startswith("deploy.") and re.search(r"(?m)^servers:", context.snapshot.text(path)) is None:
            continue
        limits = _BOUNDS if _LISTS.search(path) is not None else _LIMITS
        block, asked = "", 0
        for number, line in enumerate(context.snapshot.lines(path)[:2_000], 1):
            if line[:1].strip() and line[:1] not in "#/-}])":
                block = line.split("#")[0] if not line.startswith("[env") else "build"
            if _STORE.search(block[:200]) is not None or (path.endswith(".tf") and _is_beside(context, path)):
                continue
            if _ASKS.search(line) is not None:
                asked = 3  # what is asked for bounds nothing: this line and the two below it
            asked -= 1
            if asked >= 0:
                continue
            if _VARIABLE.match(line[:500]) is not None or line.lstrip().startswith(("#", "//")):
                continue
            if path.endswith("app.json") and '"plan"' in line:
                continue  # of an add-on
            if limits.search(line[:500]) is not None and _ADDON.search(line) is None:
                return passed(f"`{path}` declares the deployment and its size.", context.at(path, number))
        lacks.append((f"`{path}` declares the deployment, without limits of its resources.", context.at(path, 1)))
    if lacks:
        return partial(lacks[0][0], lacks[0][1])
    if context.deployment.compose:
        first = context.deployment.compose[0]
        return partial("The compose file starts other services than the backend.", context.at(first.path, first.entry.line))
    workflow = next((p for p, _ in context.deployment.workflows if re.search(r"(?i)deploy|release", p) is not None), None)
    if workflow is not None:
        return unverified("A workflow deploys; how is not declared elsewhere.", context.at(workflow, 1))
    images = context.deployment.dockerfiles
    starts = [context.at(images[0].path, i.line) for i in images[0].final_stage if i.name in ("CMD", "ENTRYPOINT")] if images else []
    begins = [context.at(images[0].path, 1)] if images else []
    listens = listening(context)
    at, *others = apart([*starts[-1:], *begins, *([listens] if listens is not None else []), *where_missing(context, "")], 4)
    proof = context.missing("a declaration of the deployment", at=at, paths=_ALL)
    if proof is None:
        return unverified("A file of a deployment is there in a form that was not understood.", at)
    return failed("The repository does not say how the backend is deployed.", proof, *others)


def _is_unlimited(limits: Entry) -> bool:
    """Is each of the limits nothing, unless the environment says otherwise?"""
    texts = [t.strip("\"'") for _, e in limits.items() for t in e.texts()] or [t.strip("\"'") for t in limits.texts()]
    return bool(texts) and all(_NOTHING.fullmatch(t) is not None for t in texts)


def _is_beside(context: Context, path: str) -> bool:
    """Does infrastructure code run images, and none of them the backend's: agents, stores and tools?"""
    images = re.findall(r"(?m)^\s*image\s*=\s*\"([^\"$]{1,200})", context.snapshot.text(path)[:MAX_TEXT])
    return bool(images) and all(BESIDE.search(i) is not None for i in images)
