"""How the deployed backend is started: its images, and the commands that images, compose files, Procfiles and scripts run."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.deployment import Dockerfile, Instruction, Script, Service
from backend_readiness.controls.deployed.mounted_code import is_run_by_mount
from backend_readiness.controls.deployed.other_programs import is_of_another
from backend_readiness.controls.places import is_production
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.places import is_for_development

MAX_COMMANDS = 60
_FRONT = re.compile(r"(?i)(^|/)(web|www|frontend|front|client|ui|spa|site|docs|website)(/|$)")
_PRODUCTION = re.compile(r"(?i)(^|[._-])(prod|production|release)([._-]|$)")
# An image that packages are built in, not one that runs.
_PACKAGES = re.compile(r"(?i)(^|/)(debian|deb|rpm|arch|aur|alpine-package|builder|buildroot|ci|cross|release)(/|$)")
_FOLDER_ASIDE = re.compile(r"(?i)(^|/)\.?(devcontainer|gitpod|dev|development|local|tests?|e2e|ci|examples?|samples?)/")
BESIDE = re.compile(sign("startup", "beside"))
_CODE_OR_LIST = re.compile(
    r"src|app|package|requirements|pyproject|Gemfile|composer\.|go\.(mod|sum)|pom\.xml|gradle|Cargo|mix\.|\.csproj|\.sln|main\."
    r"|\.[jw]ar\b|-runner\b|(^|/)(target|build/libs|publish)/"
)
_OTHER_BASE = re.compile(sign("startup", "other_base"))
# A tool that builds or starts a backend, in the stage that runs: a program beside the database or proxy of its base.
_BUILDS = re.compile(r"(?<![\w/.-])(mvn|mvnw|gradle|gradlew|dotnet\s+(build|publish|run)|go\s+build|cargo\s+build)\b")
_ELSEWHERE = re.compile(r"(?:--filter|-F|-w|--workspace|--prefix|-C|--cwd|--dir)[= ]\S+\s+|\bcd\s+\S+|\bworkspace\s+\S+\s+")
_RUNNER = re.compile(sign("startup", "runner"))
_SHELL = re.compile(r"(?<![\w.-])([\w./-]+\.sh|[\w./-]*entrypoint)\b")
_NOT_SCRIPTS = {"install", "ci", "i", "add", "exec", "prune", "cache", "config", "x", "dlx", "audit", "link"}
# Lines of a script that run nothing.
_SAYS = re.compile(r"\s*(?:#|(?:echo|printf|set|unset|fi|done|esac|else|then)\b|[{}]\s*$)")
_OVERRIDE = re.compile(r"(^|/)(docker-)?compose\.override\.ya?ml$")
_ASSIGNMENT = re.compile(r"^\s*([A-Za-z_]\w*)\s*[=:]\s*(.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command line with the place where it is written. `source`: image, compose, procfile, manifest, script, shell or release."""

    text: str
    file: str
    line: int
    end_line: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """An environment variable that the deployment sets."""

    name: str
    value: str
    file: str
    line: int


def base_image(instruction: Instruction) -> str:
    """The image of a FROM: `python:3.12-slim`."""
    words = [w for w in instruction.text.split() if not w.startswith("--")]
    return words[0] if words else ""


def backend_images(context: Context) -> tuple[Dockerfile, ...]:
    """Dockerfiles of the backend, nearest to its code first; those for development only when there is no other."""
    root = context.backend_root
    found: list[tuple[int, Dockerfile]] = []
    for_production = {d.path.rpartition("/")[0] for d in context.deployment.dockerfiles if _PRODUCTION.search(d.path.rpartition("/")[2])}

    def outdone(image: Dockerfile) -> bool:
        """Does the folder hold another that says it is the one for production?"""
        folder, _, name = image.path.rpartition("/")
        return folder in for_production and _PRODUCTION.search(name) is None

    for image in context.deployment.dockerfiles:
        starts = image.all("FROM")
        folder = image.path.rpartition("/")[0]
        if not starts or not is_production(image.path):
            continue
        near = 0 if folder == root else 1 if root.startswith(f"{folder}/") or not folder else 2
        builds = any(_BUILDS.search(i.text) is not None for i in image.final_stage if i.name in ("RUN", "CMD", "ENTRYPOINT"))
        serves_files = not builds and _OTHER_BASE.search(base_image(_resolved(image, starts[-1]))) is not None
        if (
            (serves_files or is_of_another(context, image))
            or (folder != root and _FRONT.search(folder) is not None)
            or (
                near == 2
                and root
                and folder.split("/")[0]
                not in ("docker", "deploy", "deployment", "deployments", "build", ".docker", "ops", "infra", root.split("/")[0])
            )
        ):
            continue
        copies = near < 2 or any(_copies_code(i.text) for i in image.instructions if i.name in ("COPY", "ADD"))
        if not copies and not is_run_by_mount(context, image, base_image(base_of(image)), shipped_services(context)):
            continue
        near += (5 if outdone(image) else 0) + (3 if _PACKAGES.search(image.path.rpartition("/")[0] + "/") is not None else 0)
        found.append((near + (10 if is_for_development(image.path) else 0), image))
    ranked = sorted(found, key=lambda f: (f[0], f[1].path))
    ships = [image for rank, image in ranked if rank < 10]
    nearest = ranked[0][0] if ranked else 0
    return tuple(image for rank, image in ranked if rank == nearest) if ships else tuple(image for _, image in ranked)


def _copies_code(text: str) -> bool:
    words = [w for w in text.split() if not w.startswith("--")]
    return any(w.rstrip("/").rpartition("/")[2] in (".", "..", "") or _CODE_OR_LIST.search(w) is not None for w in words[:-1])


def _resolved(image: Dockerfile, start: Instruction, depth: int = 0) -> Instruction:
    """The FROM behind a stage that is built on another stage."""
    name = base_image(start)
    for other in image.all("FROM"):
        words = other.text.split()
        if depth < 8 and len(words) >= 3 and words[-2].lower() == "as" and words[-1] == name and other is not start:
            return _resolved(image, other, depth + 1)
    return start


def base_of(image: Dockerfile) -> Instruction:
    """The FROM that the final stage rests on, stages resolved."""
    return _resolved(image, image.all("FROM")[-1])


def shipped_services(context: Context) -> tuple[Service, ...]:
    """Services of compose files that are not marked for development; of all when there are no others."""
    every = context.deployment.compose
    ships = tuple(s for s in every if not is_for_development(s.path) and _FOLDER_ASIDE.search(s.path) is None and is_production(s.path))
    return ships or tuple(s for s in every if is_production(s.path))


def image_of(context: Context, service: Service) -> str:
    """The image of a compose service: the one that it names, else the one that its Dockerfile is built on; empty when neither is known."""
    build = service.get("build")
    if service.image or build is None:
        return service.image
    place = build.text or ((c.text if (c := build.get("context")) is not None else ".") or ".")
    named = build.get("dockerfile")
    path = _joined(_joined(service.path.rpartition("/")[0], place), named.text if named is not None else "Dockerfile")
    found = next((d for d in context.deployment.dockerfiles if d.path == path and d.all("FROM")), None)
    return base_image(base_of(found)) if found is not None else ""


def is_built_for_development(context: Context, service: Service) -> bool:
    """Is the service built from a Dockerfile for development, beside which the repository has another?"""
    named = service.get("build", "dockerfile")
    if named is None or not is_for_development(named.text):
        return False
    return any(not is_for_development(i.path.rpartition("/")[2]) for i in context.deployment.dockerfiles)


def backend_services(context: Context) -> tuple[Service, ...]:
    """Compose services that run the backend's own code: built here, from a folder that holds it."""
    found = []
    folders = {image.path.rpartition("/")[0] for image in backend_images(context)}
    for service in shipped_services(context):
        build = service.get("build")
        if build is None or is_built_for_development(context, service) or _OTHER_BASE.search(image_of(context, service)) is not None:
            continue
        place = build.text or ((c.text if (c := build.get("context")) is not None else ".") or ".")
        where = _joined(service.path.rpartition("/")[0], place)
        dockerfile = build.get("dockerfile")
        if dockerfile is not None and folders and all(d.path != _joined(where, dockerfile.text) for d in context.deployment.dockerfiles):
            continue  # built from a file that was not read: nothing says that it is the backend
        here = where in folders or not folders or (not where and any(f == "" for f in folders)) or context.backend_root == where
        if here or (dockerfile is not None and any(i.path == _joined(where, dockerfile.text) for i in backend_images(context))):
            found.append(service)
    return tuple(sorted(found, key=_is_behind)) or _published(context)


def _is_behind(service: Service) -> tuple[bool, bool]:
    """Sorts what runs once, and what serves nobody, behind what serves."""
    once = (restart := service.get("restart")) is not None and restart.text.strip("\"'") == "no"
    return once, service.get("ports") is None and service.get("expose") is None


def _published(context: Context) -> tuple[Service, ...]:
    """Where no compose file builds the backend: what runs an image of its folder's name, else the one image that stands beside nothing."""
    services = shipped_services(context)
    own = [s for s in services if s.image and not stands_beside(context, s)]
    folder = context.backend_root.rpartition("/")[2]
    called = tuple(s for s in own if folder and re.sub(r"[:@].*$", "", s.image.strip("\"'").rpartition("/")[2]) == folder)
    if called or any(s.get("build") is not None for s in services):
        return called
    images = {re.sub(r":[^/]*$", "", s.image) for s in own}
    return tuple(own) if len(images) == 1 else ()


def stands_beside(context: Context, service: Service) -> bool:
    """Does a compose service run a data store, a proxy or a tool, also in an image that is built on one?"""
    image = image_of(context, service)
    return BESIDE.search(image.strip("\"'").rpartition("${")[2].rpartition(":-")[2] or image) is not None


def _joined(folder: str, path: str) -> str:
    """`path` as seen from a folder of the repository; "" for its root."""
    found = posixpath.normpath(posixpath.join(folder, path))
    return "" if found == "." else found


def commands(context: Context) -> tuple[Command, ...]:
    """What starts the backend where it is deployed, scripts behind a command after it. Empty when nothing says it."""
    found: list[Command] = []
    for first in _written(context):
        behind: list[Command] = []
        _follow(context, first, behind, 0)
        found.extend(c for c in behind if all((c.file, c.line) != (f.file, f.line) for f in found))
    return tuple(found[: 3 * MAX_COMMANDS])


def _overrides(context: Context) -> tuple[Service, ...]:
    """What a second compose file that ships says of a service of the backend: same name, neither image nor build of its own."""
    names = {s.name for s in backend_services(context)}
    return tuple(s for s in shipped_services(context) if s.name in names and not s.image and s.get("build") is None)


def _written(context: Context) -> Iterator[Command]:
    overridden = False
    services = backend_services(context)
    plain = [s for s in services if s.get("command") is None and s.get("entrypoint") is None and not any(_is_behind(s))]
    if plain and len(plain) < len(services):  # the others run workers and tools of the same image
        yield from _of_images(context)
    for service in (*_overrides(context), *services):
        for key in ("entrypoint", "command"):
            entry = service.get(key)
            if entry is not None and entry.texts():
                overridden = overridden or key == "command"
                yield Command(
                    text=" ".join(entry.texts()),
                    file=service.path,
                    line=entry.line,
                    end_line=max(entry.line, entry.end_line),
                    source="compose",
                )
    yield from (c for c in _of_images(context) if not (overridden and not c.file))
    for path in context.snapshot.glob("Procfile", f"{context.backend_root}/Procfile".lstrip("/")):
        for number, line in enumerate(context.snapshot.lines(path), 1):
            name, colon, text = line.partition(":")
            if colon and re.search(r"(?:^|[_-])(?:web|api|app|server)$", name.strip()) is not None:
                yield Command(text=text.strip(), file=path, line=number, end_line=number, source="procfile")


def _of_images(context: Context) -> Iterator[Command]:
    for image in backend_images(context):
        last = {i.name: i for i in image.final_stage if i.name in ("CMD", "ENTRYPOINT")}
        if last:
            ordered = [last[n] for n in ("ENTRYPOINT", "CMD") if n in last]
            text = " ".join(_words(i.text) for i in ordered)
            yield Command(text=text, file=image.path, line=ordered[-1].line, end_line=ordered[-1].end_line, source="image")


def _words(text: str) -> str:
    """`["python", "app.py"]` as `python app.py`."""
    if text.startswith("["):
        try:
            parts = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return " ".join(str(p) for p in parts) if isinstance(parts, list) else text
    return text


def _follow(context: Context, command: Command, found: list[Command], depth: int) -> None:
    if len(found) >= MAX_COMMANDS or any((c.file, c.line) == (command.file, command.line) for c in found):
        return
    found.append(command)
    if depth > 3:
        return
    for match in _RUNNER.finditer(command.text):
        name = match.group(1)
        if name not in _NOT_SCRIPTS:
            script = _script(context, command, name)
            if script is not None:
                behind = Command(text=script.command, file=script.path, line=script.line, end_line=script.line, source="script")
                _follow(context, behind, found, depth + 1)
    for match in _SHELL.finditer(command.text):
        name = match.group(1).rpartition("/")[2]
        for path in context.graph.files_named(name)[:3]:
            for number, line in enumerate(context.snapshot.lines(path)[:300], 1):
                if line.strip() and _SAYS.match(line) is None:
                    _follow(context, Command(text=line.strip(), file=path, line=number, end_line=number, source="shell"), found, depth + 1)


def _script(context: Context, command: Command, name: str) -> Script | None:
    """The script of a package.json that a command runs: of the folder it is run in, of the backend's when it goes elsewhere."""
    roots = {context.backend_root, ""} | {context.backend_root[:i] for i, c in enumerate(context.backend_root) if c == "/"}
    known = {s.path.rpartition("/")[0]: s for s in context.deployment.scripts if s.name == name and s.path.rpartition("/")[0] in roots}
    here = context.backend_root if _ELSEWHERE.search(command.text) else command.file.rpartition("/")[0]
    return known.get(here) or known.get(context.backend_root) or next(iter(known.values()), None)


def start_scripts(context: Context) -> tuple[Command, ...]:
    """The `start` scripts of the backend's package.json: how it is started where nothing else says it."""
    found: list[Command] = []
    for script in context.deployment.scripts:
        if script.name in ("start:prod", "start") and script.path.rpartition("/")[0] == context.backend_root:
            _follow(
                context, Command(text=script.command, file=script.path, line=script.line, end_line=script.line, source="script"), found, 0
            )
    return tuple(found)


def settings(context: Context) -> tuple[Setting, ...]:
    """Environment variables that the shipped image and compose services of the backend set."""
    found: list[Setting] = []
    for image in backend_images(context):
        for instruction in image.run_stages:
            if instruction.name in ("ENV", "ARG"):
                pairs = re.findall(r"([A-Za-z_]\w*)=(\"[^\"]*\"|\S*)", instruction.text) or [(*instruction.text.split(None, 1), "", "")[:2]]
                found.extend(Setting(name=n, value=v.strip("\"'"), file=image.path, line=instruction.line) for n, v in pairs)
    for service in backend_services(context):
        found.extend(_of_service(service))
        files = service.get("env_file")
        folder = service.path.rpartition("/")[0]
        for name in files.texts() if files is not None else ():
            path = _joined(folder, name)
            if context.graph.has(path):
                found.extend(_of_file(context, path))
    return tuple(found)


def override_settings(context: Context) -> tuple[Setting, ...]:
    """Those of the same services in `docker-compose.override.yml`, which compose reads along with the file beside it unless told not to."""
    names = {(s.path.rpartition("/")[0], s.name) for s in backend_services(context)}
    beside = (
        s for s in context.deployment.compose if _OVERRIDE.search(s.path) is not None and (s.path.rpartition("/")[0], s.name) in names
    )
    return tuple(setting for service in beside for setting in _of_service(service))


def _of_service(service: Service) -> Iterator[Setting]:
    environment = service.get("environment")
    for name, value in environment.items() if environment is not None else ():
        yield Setting(name=name, value=value.text, file=service.path, line=value.line)
    for item in environment.each() if environment is not None else ():
        name, _, text = item.text.partition("=")
        yield Setting(name=name.strip(), value=text.strip(), file=service.path, line=item.line)


def _of_file(context: Context, path: str) -> Iterator[Setting]:
    for number, line in enumerate(context.snapshot.lines(path)[:500], 1):
        match = _ASSIGNMENT.match(line.removeprefix("export "))
        if match is not None and not line.lstrip().startswith("#"):
            yield Setting(name=match.group(1), value=match.group(2).strip("\"' "), file=path, line=number)
