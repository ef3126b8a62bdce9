"""Four properties of the backend's image: separate stages, a pinned base, a small run stage, a health check."""

from __future__ import annotations

import re

from backend_readiness.controls.application import where_missing
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.containers import checks_nothing, own_containers
from backend_readiness.controls.deployed.deployment import Dockerfile, Instruction
from backend_readiness.controls.deployed.mounted_code import ready_images
from backend_readiness.controls.deployed.other_programs import is_of_another_folder
from backend_readiness.controls.deployed.startup import (
    backend_images,
    backend_services,
    base_image,
    base_of,
    is_built_for_development,
    shipped_services,
)
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.places import is_production
from backend_readiness.controls.standing import apart
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_SMALL = re.compile(sign("inf-container-image", "small"))
_RELEASES = re.compile(sign("inf-container-image", "releases"))
_PLATFORM = (
    "**/fly.toml",
    "**/render.y*ml",
    "**/vercel.json",
    "**/Procfile",
    "**/app.json",
    "**/app.y*ml",
    "**/serverless.y*ml",
    "**/netlify.toml",
    "**/railway.*",
    "**/wrangler.toml",
    "**/zappa_settings.json",
    "**/nixpacks.toml",
    "**/heroku.yml",
    "**/samconfig.toml",
    "**/*.service",
)
# Builds that make an image without a Dockerfile: Jib, Spring Boot's and Micronaut's buildpacks, Ko, the .NET SDK, Nixpacks.
_BUILDERS = (
    r"^\s*jib\s*\{|jib-maven-plugin|^\s*bootBuildImage\b|spring-boot:build-image|<goal>build-image",
    r"\bko (?:build|publish|apply)\b|\bpack build\b",
    r"<ContainerRepository>|PublishContainer|/t:PublishContainer|quarkus-container-image-\w+|sbt-native-packager|dockerBaseImage",
)
_BUILD_FILES = (
    "**/build.gradle", "**/build.gradle.kts", "**/pom.xml", "**/*.csproj", "**/build.sbt", "**/plugins.sbt", ".github/workflows/*.y*ml",
    "**/Makefile", ".gitlab-ci.y*ml",
)  # fmt: skip
_TAKES_OVER = re.compile(r"--from=|\bfrom=\S")
_VARIABLE = re.compile(r"\$\{?(\w+)(:?-[^}]*)?\}?")
_NAMES_BASE = re.compile(r"(?i)\bimage\b|<image>|dockerBaseImage|ContainerBaseImage|builder")
_IMAGES = ("**/Dockerfile*", "**/*.Dockerfile", "**/Containerfile", "**/*.dockerfile")


def verify(context: Context) -> Judgement:
    images = backend_images(context)
    if not images:
        return _without_image(context)
    image = images[0]
    start = image.all("FROM")[-1]
    base = base_of(image)
    lacks: list[tuple[str, Instruction]] = []
    if len(image.all("FROM")) < 2:
        lacks.append(("there is one stage only", start))
    elif not any(_TAKES_OVER.search(i.text) is not None for i in image.run_stages if i.name in ("COPY", "ADD", "RUN")):
        lacks.append(("the run stage rests on the stage of the build and leaves nothing of it behind", start))
    unpinned = next((i for i in image.all("FROM") if not _is_pinned(image, i)), None)
    if unpinned is not None:
        lacks.append((f"`{base_image(unpinned)}` has no version", unpinned))
    if _SMALL.search(base_image(base)) is None and base_image(base) != "scratch":
        lacks.append((f"the run stage rests on the full `{base_image(base)}`", base))
    probe = _health_check(context, image)
    last = next((i for i in reversed(image.final_stage) if i.name in ("CMD", "ENTRYPOINT")), image.final_stage[-1])
    if probe is None:
        lacks.append(("neither image nor manifest has a health check", last))
    if not lacks:
        assert probe is not None
        return passed("Separate stages on a pinned, small base, with a health check.", context.at(image.path, start.line), probe)
    places = {i.line: context.at(image.path, i.line, i.end_line) for _, i in lacks} | {
        start.line: context.at(image.path, start.line, start.end_line)
    }
    why = f"Of the image in `{image.path}`: " + "; ".join(w for w, _ in lacks) + "."
    evidence = tuple(places[line] for line in sorted(places))
    return failed(why, *evidence) if len(lacks) >= 3 else partial(why, *evidence)


def _is_pinned(image: Dockerfile, start: Instruction) -> bool:
    name = base_image(start)
    stages = {w[-1].lower() for f in image.all("FROM") if len(w := f.text.split()) >= 3 and w[-2].lower() == "as"}
    if name.lower() in stages or name == "scratch" or "@sha256:" in name:
        return True
    defaults = {i.text.partition("=")[0].strip(): i.text.partition("=")[2].strip("\"' ") for i in image.all("ARG")}
    name = _VARIABLE.sub(lambda m: defaults.get(m.group(1)) or (m.group(2) or "").lstrip(":-") or m.group(0), name)
    tag = name.rpartition("/")[2].partition(":")[2]
    if "$" in tag or ("$" in name and not tag):
        return True  # a build argument gives the version
    if any(c.isdigit() for c in tag) or _RELEASES.search(name) is not None:
        return True
    release = re.search(r"\w\d+-\w+\d+$", name.rpartition("/")[2].partition(":")[0])  # `nodejs24-debian12:nonroot`
    return release is not None and tag not in ("", "latest")


def _health_check(context: Context, image: Dockerfile) -> Evidence | None:
    for instruction in image.final_stage:
        if instruction.name == "HEALTHCHECK" and not checks_nothing(instruction.text):
            return context.at(image.path, instruction.line, instruction.end_line)
    for service in backend_services(context) or shipped_services(context):
        check = service.get("healthcheck", "test")
        if check is None or checks_nothing(" ".join(check.texts())):
            continue
        if not is_built_for_development(context, service) and (service.get("build") is not None or not service.image):
            return context.at(service.path, check.line, check.end_line)
    return _probe(context)


def _probe(context: Context) -> Evidence | None:
    """A probe of a workload in a cluster."""
    for manifest, container in own_containers(context):
        for key, entry in container.items():
            if key in ("livenessProbe", "readinessProbe", "startupProbe"):
                return context.at(manifest.path, entry.line, min(entry.end_line, entry.line + 4))
    return None


def _without_image(context: Context) -> Judgement:
    ready = ready_images(context, shipped_services(context))
    if ready:
        image = ready[0].get("image") or ready[0].entry
        why = f"The backend runs from its sources, mounted into `{ready[0].image}`: the repository builds no image of it."
        return failed(why, context.at(ready[0].path, image.line))
    if context.deployment.dockerfiles:
        return unverified(
            "The Dockerfiles of the repository seem to build other parts than the flow's backend.",
            context.at(context.deployment.dockerfiles[0].path, 1),
        )
    declared = context.snapshot.glob(*_PLATFORM)
    other = [p for p in declared if is_production(p) and not is_of_another_folder(context, p)]
    if declared and not other:
        why = "A form of deployment is declared for another part of the repository, or in a document: how the backend is deployed is open."
        return unverified(why, context.at(declared[0], 1))
    if other:
        return not_applicable(f"`{other[0]}` declares another form of deployment.", context.at(other[0], 1))
    built = context.hits(_BUILDERS, _BUILD_FILES)
    if built:
        file, line, _ = built[0]
        lines = context.snapshot.lines(file)
        base = next((n for n in range(line, min(line + 12, len(lines)) + 1) if _NAMES_BASE.search(lines[n - 1]) is not None), line)
        check = _probe(context)
        why = "The build makes the image in layers on a base of its own"
        if check is not None:
            return passed(f"{why}, and what runs it checks its health.", context.at(file, line), check)
        return partial(f"{why}; nothing checks its health.", context.at(file, base), *([context.at(file, line)] if base != line else []))
    elsewhere = [context.at(s.path, s.entry.line) for s in shipped_services(context) if s.get("build") is not None]
    at = elsewhere[0] if elsewhere else context.at_application("no image is built from this application")
    proof = context.missing("an image of the backend", at=at, paths=_IMAGES)
    if proof is None:
        return unverified("An image may be there in a form that was not understood.", at)
    return failed("The repository has no image and declares no other form of deployment.", *apart((proof, *where_missing(context, ""))))
