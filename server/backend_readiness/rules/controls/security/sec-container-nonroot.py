"""As which user the backend's image starts."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.container_users import cluster_user, name_of, service_users
from backend_readiness.controls.deployed.deployment import Dockerfile
from backend_readiness.controls.deployed.mounted_code import ready_images
from backend_readiness.controls.deployed.startup import backend_images, base_of, shipped_services
from backend_readiness.controls.deployed.workloads import workloads
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.standing import NEAR_LINES
from backend_readiness.rules.signs import sign, signs

_ROOTLESS = re.compile(sign("sec-container-nonroot", "rootless"))
_ROOTED = re.compile(sign("sec-container-nonroot", "rooted"))
_DOUBTFUL = re.compile(sign("sec-container-nonroot", "doubtful"))
_BUILT_OTHERWISE = signs("sec-container-nonroot", "built_otherwise")
_BUILDS = ("**/pom.xml", "**/*.gradle", "**/*.gradle.kts", "**/*.sbt", "**/*.csproj", "**/*.nix", ".github/workflows/*.y*ml", "**/Makefile")
# Manifests that show how the image may be run; whoever takes it as it is starts it otherwise.
_SHOWN = re.compile(sign("sec-container-nonroot", "shown"))
_DROPS = re.compile(r"\b(gosu|su-exec|setpriv|runuser|s6-setuidgid|chpst)\b|--user[= ]\w|\bsu\s+-\w*\s*\w+\s+-c")


def verify(context: Context) -> Judgement:
    images = backend_images(context)
    cluster = cluster_user(context)
    if cluster is not None and cluster.is_root:
        return failed("The manifest runs the container as root.", cluster.at)
    if cluster is not None and not (images and _SHOWN.search(cluster.at.file or "")):
        return passed("The manifest runs every container of the backend as somebody else than root.", cluster.at)
    if not images:
        return _without_image(context)
    answers = [_of_image(context, image) for image in images[:3]]
    order = {"fail": 0, "unverified": 1, "pass": 2}
    return min(answers, key=lambda a: order[a.verdict])


def _without_image(context: Context) -> Judgement:
    ready = next((s for s in ready_images(context, shipped_services(context)) if _ROOTLESS.search(s.image) is None), None)
    if ready is not None and ready.get("user") is None:
        line = (ready.get("image") or ready.entry).line
        return failed(f"`{ready.image}` starts as root, and the compose file names no user.", context.at(ready.path, line))
    if context.deployment.dockerfiles:
        return unverified("Which image is the backend's was not settled.", context.at(context.deployment.dockerfiles[0].path, 1))
    built = context.hits(_BUILT_OTHERWISE, _BUILDS)
    if built:
        return unverified("The image is built without a Dockerfile; as whom it starts is not written down.", context.at(*built[0][:2]))
    ran = workloads(context)
    if ran:
        return unverified("The cluster runs an image that is built elsewhere.", context.at(ran[0].path, ran[0].containers_line))
    return not_applicable("The backend is not shipped as a container image of this repository.")


def _of_image(context: Context, image: Dockerfile) -> Judgement:
    stages = image.run_stages
    users = [i for i in stages if i.name == "USER"]
    last = image.final_stage[-1] if image.final_stage else image.instructions[-1]
    start = next((i for i in reversed(image.final_stage) if i.name in ("CMD", "ENTRYPOINT")), last)
    named = service_users(context)
    given = next((u for u in named if u is not None and (u.is_root or None not in named)), None)
    if given is not None and given.is_root:
        return failed("The compose file runs the container as root.", given.at)
    if given is not None and given.name is None:
        return unverified("The user comes from the environment, and nothing says which it is when it is not set.", given.at)
    if given is not None:
        return passed("The compose file sets another user.", given.at)
    if users:
        user = name_of(image, users[-1])
        at = context.at(image.path, users[-1].line)
        if user is None:
            return unverified("The user of the image is an argument that has no value here.", at)
        if user.is_root:
            return failed("The final stage switches to root.", at)
        return passed(f"The final stage runs as `{user.name}`.", at)
    base = base_of(image) if image.all("FROM") else start
    if _ROOTLESS.search(base.text) and not _ROOTED.search(base.text):
        return passed("The base image does not run as root.", context.at(image.path, base.line))
    if _DOUBTFUL.search(base.text):
        return unverified("As whom the base image starts is not written here.", context.at(image.path, base.line))
    if any(_DROPS.search(i.text) for i in image.final_stage) or _entry_drops(context, start.text):
        why = "The container starts as root and seems to drop its rights in the entry point."
        return unverified(why, context.at(image.path, start.line))
    first = image.final_stage[0] if image.final_stage else start
    base_at = [context.at(image.path, first.line)] if start.line - first.line > NEAR_LINES else []
    return failed("The final stage names no user, so the process runs as root.", context.at(image.path, start.line), *base_at)


def _entry_drops(context: Context, command: str) -> bool:
    """Does a shell script that the image starts drop its rights?"""
    names = re.findall(r"[\w./-]+\.sh\b", command)
    return any(_DROPS.search(context.snapshot.text(p)) for n in names for p in context.snapshot.glob(f"**/{n.rpartition('/')[2]}"))
