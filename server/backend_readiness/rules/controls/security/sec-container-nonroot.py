"""As which user the backend's image starts."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.mounted_code import ready_images
from backend_readiness.controls.deployed.startup import backend_images, base_image, shipped_services
from backend_readiness.controls.deployed.workloads import workloads
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.standing import NEAR_LINES

_ROOTLESS = re.compile(r"(?i)nonroot|rootless|unprivileged|chainguard|cgr\.dev|distroless/[\w-]+:\w*nonroot|bitnami/")
_DROPS = re.compile(r"\b(gosu|su-exec|setpriv|runuser|s6-setuidgid|chpst)\b|--user[= ]\w|\bsu\s+-\w*\s*\w+\s+-c")

_UNSET = re.compile(r"\$\{?\w+\}?(?::|$)|\$\{\w+:?-0?\}")  # a variable without a default


def verify(context: Context) -> Judgement:
    images = backend_images(context)
    for manifest in workloads(context):
        for key, entry in manifest.entry.walk():
            if key == "runAsNonRoot" and entry.text.lower() == "true":
                return passed("The manifest refuses to run the container as root.", context.at(manifest.path, entry.line))
    if not images:
        ready = next((s for s in ready_images(context, shipped_services(context)) if _ROOTLESS.search(s.image) is None), None)
        if ready is not None and ready.get("user") is None:
            line = (ready.get("image") or ready.entry).line
            return failed(f"`{ready.image}` starts as root, and the compose file names no user.", context.at(ready.path, line))
        if context.deployment.dockerfiles:
            return unverified("Which image is the backend's was not settled.", context.at(context.deployment.dockerfiles[0].path, 1))
        return not_applicable("The backend is not shipped as a container image of this repository.")
    answers = []
    for image in images[:3]:
        stage = image.final_stage
        users = [i for i in stage if i.name == "USER"]
        last = stage[-1] if stage else image.instructions[-1]
        start = next((i for i in reversed(stage) if i.name in ("CMD", "ENTRYPOINT")), last)
        if users and users[-1].text.split(":")[0].strip() not in ("root", "0"):
            answers.append(passed(f"The final stage runs as `{users[-1].text.strip()}`.", context.at(image.path, users[-1].line)))
            continue
        for service in context.deployment.compose:
            user = service.get("user")
            if user is not None and user.text not in ("root", "0", "0:0") and service.get("build") is not None:
                named_at = context.at(service.path, user.line)
                if _UNSET.match(user.text) is not None:
                    answers.append(
                        unverified("The user comes from the environment, and nothing says which it is when it is not set.", named_at)
                    )
                else:
                    answers.append(passed("The compose file sets another user.", named_at))
                break
        else:
            base = base_image(stage[0]) if stage else ""
            named = next(
                (i for i in image.instructions if i.name == "FROM" and re.search(rf"(?i)\bas\s+{re.escape(base)}\s*$", i.text)), None
            )
            inherited = named is not None and any(
                i.name == "USER" and i.text.strip() not in ("root", "0")
                for i in image.instructions[image.instructions.index(named) : image.instructions.index(stage[0])]
            )
            if not users and (_ROOTLESS.search(base) or inherited):
                answers.append(passed("The base image does not run as root.", context.at(image.path, stage[0].line)))
            elif any(_DROPS.search(i.text) for i in stage) or _entry_drops(context, start.text):
                answers.append(
                    unverified(
                        "The container starts as root and seems to drop its rights in the entry point.", context.at(image.path, start.line)
                    )
                )
            else:
                why = "The final stage switches to root." if users else "The final stage names no user, so the process runs as root."
                at = users[-1] if users else start
                base_at = [context.at(image.path, stage[0].line)] if stage and at.line - stage[0].line > NEAR_LINES else []
                answers.append(failed(why, context.at(image.path, at.line), *base_at))
    order = {"fail": 0, "unverified": 1, "pass": 2}
    return min(answers, key=lambda a: order[a.verdict])


def _entry_drops(context: Context, command: str) -> bool:
    """Does a shell script that the image starts drop its rights?"""
    names = re.findall(r"[\w./-]+\.sh\b", command)
    return any(_DROPS.search(context.snapshot.text(p)) for n in names for p in context.snapshot.glob(f"**/{n.rpartition('/')[2]}"))
