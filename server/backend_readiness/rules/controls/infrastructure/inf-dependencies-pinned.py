"""A committed lock of the backend's dependencies, and a build that installs from it."""

from __future__ import annotations

import re

from backend_readiness.controls.application import workspace_place
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.deployment import Dockerfile, Instruction
from backend_readiness.controls.deployed.locks import hidden_from_images, left_out_of, lock_of
from backend_readiness.controls.deployed.startup import backend_images
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.operations import manifest_place
from backend_readiness.controls.places import is_production
from backend_readiness.model import Evidence, Verdict
from backend_readiness.rules.signs import sign, signs_by

_SCRIPTS = (".js", ".jsx", ".ts", ".tsx", ".mjs", ".vue", ".svelte")
_GRADLE = ("gradle.lockfile", "buildscript-gradle.lockfile")
_LOCKS = signs_by("inf-dependencies-pinned", "locks")
_USES = {
    "uv.lock": r"\buv\s+(?:sync|export|run)", "poetry.lock": r"\bpoetry\s+(?:install|export|sync)",
    "Pipfile.lock": r"\bpipenv\s+(?:install|sync|requirements)",
    "pdm.lock": r"\bpdm\s+(?:install|sync)", "package-lock.json": r"\bnpm\s+(?:ci|install|i)\b",
    "npm-shrinkwrap.json": r"\bnpm\s+(?:ci|install|i)\b",
    "yarn.lock": r"\byarn\b", "pnpm-lock.yaml": r"\bpnpm\b", "bun.lock": r"\bbun\s+(?:install|i|ci)\b",
    "bun.lockb": r"\bbun\s+(?:install|i|ci)\b",
    "composer.lock": r"\bcomposer\s+install\b", "Gemfile.lock": r"\bbundle\s+install\b",
    "Cargo.lock": r"\bcargo\s+(?:build|install|fetch|run)\b", "mix.lock": r"\bmix\s+(?:[\w.]+,\s*)*deps\.get\b",
}  # fmt: skip
_INSTALLS = {
    "python": re.compile(r"\b(?:pip3?|uv\s+pip)\s+install\b"),
    "javascript": re.compile(r"\bnpm\s+(?:ci|install|i)\b|\byarn(?:\s+install)?\b|\bpnpm\s+(?:install|i)\b|\bbun\s+install\b"),
    "php": re.compile(r"\bcomposer\s+(?:install|update|require)\b"),
    "ruby": re.compile(r"\bbundle\s+(?:install|update)\b"),
    "rust": re.compile(r"\bcargo\s+(?:build|install\s+--path|fetch|run)\b"),
    "elixir": re.compile(r"\bmix\s+(?:[\w.]+,\s*)*deps\.get\b"),
}
_GLOBAL = r"\bnpm\s+(?:install|i)\s+(?:-g|--global)\s+([^&|;]*)|\bnpm\s+(?:install|i)\s+([^&|;]*?)\s(?:-g|--global)\b"
_OF_MACHINE = re.compile(_GLOBAL)
_TOOL = re.compile(rf"\bpip3?\s+install\s+([^&|;]*)|{_GLOBAL}")
_NEWEST = re.compile(r"(?<=.)@(?:latest|next|canary|\*)$")  # names no version
_PLAIN = re.compile(r"^[A-Za-z@][\w@/.\[\],-]*$")
# A step that takes newer versions than the lock names, whatever installs after it.
_RENEWS = re.compile(
    r"\b(?:npm\s+(?:update|upgrade)|yarn\s+(?:upgrade|up)|pnpm\s+(?:update|up|upgrade)|composer\s+update|bundle\s+update|poetry\s+update"
    r"|pipenv\s+update|cargo\s+update|mix\s+deps\.update|go\s+get\s+(?:-\w+\s+)*-u)\b(?![^&|;]*\s(?:-g|--global)\b)"
)
# A step that takes the lock away, or that is told to work without.
_WITHOUT = re.compile(sign("inf-dependencies-pinned", "without"))
_ADDS = re.compile(sign("inf-dependencies-pinned", "adds"))
# Build tools that resolve what a manifest says, most often without a lock.
_WITHOUT_LOCK = ("java", "kotlin", "csharp")
_BUILT = (*_WITHOUT_LOCK, "scala", "groovy")
_MANIFESTS = ("**/pom.xml", "**/build.gradle", "**/build.gradle.kts", "**/*.csproj", "**/Directory.Packages.props", "**/libs.versions.toml")
_RANGES = (
    r"<version>\s*(?:[\[(]\s*\d.*[\])]|LATEST|RELEASE)\s*</version>",
    r"""['"][\w.-]+:[\w.-]+:(?:[\d.]*\+|latest\.\w+|[\[(][^'"]*[\])])['"]""",
    r'(?i)<Package(?:Reference|Version)\s.*Version="(?:[^"]*\*[^"]*|[\[(][^"]*,[^"]*)"',
)
# Declarations of dependencies, by whatever names they are given.
_DECLARES = (
    r"^\s*(implementation|api|compileOnly|runtimeOnly|kapt|ksp)\s*\(?\s*(platform\(\s*)?(libs\.|[\"']|group\b)",
    r"<dependency>|<PackageReference\s",
)
# What direct dependencies bring: a list that has the first and not the second leaves out what is transitive.
_BRINGS = {a: b for a, (b,) in signs_by("inf-dependencies-pinned", "brings").items()}
_BRINGS_SINCE = {a: re.compile(b) for a, (b,) in signs_by("inf-dependencies-pinned", "brings_not_yet").items()}

_BROUGHT_BEFORE = {a: b for a, (b,) in signs_by("inf-dependencies-pinned", "brought_before").items()}


def verify(context: Context) -> Judgement:
    judged = _of_backend(context)
    pages = _unlocked_pages(context) if judged.verdict is Verdict.PASS else None
    if pages is not None:
        return partial("The backend's dependencies are locked; those of the pages that call it are not.", pages, *judged.evidence[:1])
    return judged


def _unlocked_pages(context: Context) -> Evidence | None:
    """The manifest of the pages that call the flow's endpoints, when no lock file lies beside it or above."""
    manifests = {p for p in context.snapshot.glob("package.json", "**/package.json") if is_production(p)}
    locked = {p.rpartition("/")[0] for n in _LOCKS["javascript"] for p in context.snapshot.glob(n, f"**/{n}")}
    called = {m.call.place.file for m in context.matches if m.call.place.file.endswith(_SCRIPTS)}
    for file in sorted(called) if manifests else ():
        folder = file
        while folder:
            folder = folder.rpartition("/")[0]
            manifest = f"{folder}/package.json" if folder else "package.json"
            if folder in locked:
                break
            if manifest in manifests and not any(folder == f or folder.startswith(f"{f}/") or not f for f in locked):
                return context.at(manifest, 1)
    return None


def _of_backend(context: Context) -> Judgement:
    told = any(version or ":" in name for name, version in context.dependencies().items())  # else by names of a catalogue of elsewhere
    if (
        not told
        and context.language in _BUILT
        and not context.snapshot.glob("**/*.versions.toml", "**/Directory.Packages.props")
        and context.hits(_DECLARES, _MANIFESTS)
    ):
        return unverified("How the build names its dependencies was not read.", context.at(*context.hits(_DECLARES, _MANIFESTS)[0][:2]))
    if not context.dependencies():
        return not_applicable("The backend declares no third-party dependency.")
    lock = lock_of(context, _LOCKS.get(context.language, ()))
    if lock is not None and not (context.language == "python" and _goes_past(context, lock)):
        return _with_lock(context, lock)
    if context.language == "python":
        return _by_lists(context)
    place = manifest_place(context)
    if place is not None and context.language in _WITHOUT_LOCK:
        return _by_versions(context, place)
    if context.language not in _LOCKS or place is None or place.file is None:
        return unverified("How the dependencies of this language are locked was not found out.", *([place] if place else []))
    folder = place.file.rpartition("/")[0]
    paths = tuple(f"{p}{n}" for n in _LOCKS[context.language] for p in {f"{folder}/" if folder else "", ""})
    proof = context.missing("a lock file beside the manifest", at=place, paths=paths)
    beside = [e for e in (workspace_place(context), *_ignored(context, _LOCKS[context.language])) if e is not None]
    return failed("The repository has no lock file of its dependencies.", proof or place, *beside)


def _ignored(context: Context, names: tuple[str, ...]) -> list[Evidence]:
    """The line by which git leaves the lock file out of the repository."""
    wanted = {*names, *(f"/{n}" for n in names), *(f"*{n[n.rindex('.') :]}" for n in names if "." in n and n.endswith(".lock"))}
    for number, text in enumerate(context.snapshot.lines(".gitignore") if context.snapshot.file(".gitignore") is not None else (), 1):
        if text.strip() in wanted:
            return [context.at(".gitignore", number)]
    return []


def _by_versions(context: Context, place: Evidence) -> Judgement:
    """Manifests of build tools that most often go without a lock: exact versions, or ranges and the newest."""
    loose = context.hits(_RANGES, _MANIFESTS)
    central = [context.at(p, 1) for p in context.snapshot.glob("**/Directory.Packages.props", "**/libs.versions.toml")]
    if loose:
        return failed("A dependency takes any version of a range, and nothing locks it.", *(context.at(f, n) for f, n, _ in loose[:2]))
    return partial("The direct dependencies have exact versions; nothing locks what they bring.", *central[:1], place)


def _with_lock(context: Context, lock: str) -> Judgement:
    name = lock.rpartition("/")[2]
    short = left_out_of(context, lock)
    if short is not None:
        return partial(f"`{lock}` leaves out `{short[0]}`, which the manifest asks for.", short[1], _at_lock(context, lock))
    for image in backend_images(context):
        renews = next((i for i in image.all("RUN") if _RENEWS.search(i.text) is not None), None)
        if renews is not None:
            why = f"`{lock}` is committed, but the image takes newer versions than it names."
            return partial(why, context.at(image.path, renews.line, renews.end_line))
        added = next((i for i in image.all("RUN") if _ADDS.search(_OF_MACHINE.sub(" ", i.text)) is not None), None)
        if added is not None:
            why = f"`{lock}` is committed, but the image adds what it does not name."
            return partial(why, context.at(image.path, added.line, added.end_line))
        dropped = next((i for i in image.all("RUN") if _WITHOUT.search(i.text) is not None), None)
        if dropped is not None:
            why = f"`{lock}` is committed, but the image is built without it."
            return partial(why, context.at(image.path, dropped.line, dropped.end_line))
        hidden = hidden_from_images(context, lock, image.path)
        if hidden is not None:
            return partial(f"`{lock}` is committed, and the images are built without it.", hidden)
        astray = _ignores(image, lock, context.language)
        if astray is not None:
            return partial(
                f"`{lock}` is committed, but the image does not install from it.", context.at(image.path, astray.line, astray.end_line)
            )
        tool = _unversioned(image)
        if tool is not None:
            why = f"`{lock}` is committed, but the build installs `{tool[1]}` without a version."
            return partial(why, context.at(image.path, tool[0].line, tool[0].end_line))
        used = next((i for i in image.all("RUN") if name in _USES and re.search(_USES[name], _OF_MACHINE.sub(" ", i.text))), None)
        if used is not None:
            return passed(
                f"`{lock}` is committed and the image installs from it.",
                _at_lock(context, lock),
                context.at(image.path, used.line, used.end_line),
            )
    return passed(f"`{lock}` is committed.", _at_lock(context, lock))


def _goes_past(context: Context, lock: str) -> bool:
    """Do the images install a list of requirements, and nothing that reads the lock?"""
    uses = _USES.get(lock.rpartition("/")[2])
    steps = [i.text for image in backend_images(context) for i in image.all("RUN")]
    listed = any(_INSTALLS["python"].search(t) and re.search(r"\s(-r|--requirement)[\s=]", t) for t in steps)
    return uses is not None and listed and not any(re.search(uses, t) for t in steps)


def _at_lock(context: Context, lock: str) -> Evidence:
    if context.graph.has(lock):
        return context.at(lock, 1)
    return manifest_place(context) or context.at_application()


def _ignores(image: Dockerfile, path: str, language: str) -> Instruction | None:
    """The install step of the image that cannot see the lock, or that installs from something else."""
    folders, _, lock = path.rpartition("/")
    install = _INSTALLS.get(language)
    if install is None:
        return None  # the build tool reads the lock by itself
    texts = [(i, _OF_MACHINE.sub(" ", i.text)) for i in image.all("RUN")]  # `npm i -g pnpm` installs no dependency
    installs = [i for i, text in texts if install.search(text) is not None or (lock in _USES and re.search(_USES[lock], text))]
    if not installs:
        return None
    proper = [i for i, text in texts if i in installs and (lock in text or (lock in _USES and re.search(_USES[lock], text) is not None))]
    if not proper:
        return next(
            (
                i
                for i in installs
                if re.search(
                    r"\bcomposer\s+update|\bbundle\s+update|-r\s+\S|install\s+(?:-\S+\s+)*\.(?:\s|$|\[)|\bnpm\s+(?:ci|install)\s*(?:&|$|--)|\byarn\b",
                    i.text,
                )
            ),
            None,
        )
    first = proper[0]
    stem = lock.partition(".")[0].partition("-")[0]
    for copied in image.instructions[: image.instructions.index(first)]:
        if copied.name in ("COPY", "ADD"):
            sources = [w for w in copied.text.split() if not w.startswith("--")][:-1]
            if any(
                s.strip('[]",') in (".", "./")
                or lock in s
                or ("*" in s and s.lstrip("./").startswith(stem))
                or s.rstrip("/").rpartition("/")[2] in folders.split("/")
                or s.startswith(("$", "--from"))
                for s in sources
            ):
                return None
    return None if lock in first.text or "--mount" in first.text else first


def _unversioned(image: Dockerfile) -> tuple[Instruction, str] | None:
    for instruction in image.all("RUN"):
        for match in _TOOL.finditer(instruction.text):
            words = next(g for g in match.groups() if g is not None).split()
            if "-r" in words or "--requirement" in words or "." in words or "-e" in words:
                continue
            for word in words:
                bare = _NEWEST.sub("", word.strip("\"'"))
                if (
                    _PLAIN.match(bare)
                    and "==" not in bare
                    and "@" not in bare[1:]
                    and bare not in ("pip", "setuptools", "wheel", "install")
                ):
                    return instruction, bare
    return None


def _by_lists(context: Context) -> Judgement:
    """requirements files: compiled with hashes or origins, complete, exact or ranges."""
    files = [
        m for a in context.snapshot.applications if a.root in ("", context.backend_root) for m in a.manifests if m.endswith((".txt", ".in"))
    ]
    files += context.snapshot.glob("requirements*.lock", f"{context.backend_root}/requirements*.lock".lstrip("/"))
    shipped = [f for f in files if re.search(r"(?i)dev|test|doc|lint|(^|[^a-z])ci([^a-z]|$)", f.rpartition("/")[2]) is None] or files
    marks = re.compile(r"--hash=|# +via\b|pip-compile|uv pip compile")
    compiled = [f for f in shipped if marks.search(context.snapshot.text(f)[:20_000]) is not None]
    if compiled:
        names = [f.rpartition("/")[2] for f in compiled]
        for image in backend_images(context):
            install = next((i for i in image.all("RUN") if re.search(r"\bpip3?\s+install\b|\buv\s+pip\b", i.text)), None)
            if install is not None and not any(name in i.text for i in image.all("RUN") for name in names):
                why = f"`{compiled[0]}` is committed, but the image installs from something else."
                return partial(why, context.at(image.path, install.line, install.end_line))
            tool = _unversioned(image)
            if tool is not None:
                return partial(f"The build installs `{tool[1]}` without a version.", context.at(image.path, tool[0].line, tool[0].end_line))
        return passed(f"`{compiled[0]}` locks direct and transitive dependencies.", context.at(compiled[0], 1))
    if not shipped:
        place = manifest_place(context) or context.at_application()
        return failed("The dependencies are declared as ranges and nothing locks them.", place)
    return _of_list(context, shipped)


def _of_list(context: Context, shipped: list[str]) -> Judgement:
    exact, loose = set(), []
    before: dict[str, str] = {}
    for path in shipped:
        for number, line in enumerate(context.snapshot.lines(path), 1):
            text = line.split("#")[0].strip()
            if not text or text.startswith("-"):
                continue
            name = re.split(r"[\s\[=<>!~;@]", text, maxsplit=1)[0].lower().replace("_", "-")
            if "==" in text or "@" in text:
                exact.add(name)
                if name in _BRINGS_SINCE and _BRINGS_SINCE[name].search(text) is not None:
                    exact.add(_BRINGS[name])
                    before.update({name: _BROUGHT_BEFORE[name]} if name in _BROUGHT_BEFORE else {})
            else:
                loose.append((path, number, name))
    if loose and len(loose) > len(exact):
        return failed(f"`{loose[0][2]}` and others have no exact version, and nothing locks them.", context.at(loose[0][0], loose[0][1]))
    if loose:
        return partial(f"`{loose[0][2]}` has no exact version, and nothing locks it.", context.at(loose[0][0], loose[0][1]))
    left_out = next(((a, b) for a, b in (*before.items(), *_BRINGS.items()) if a in exact and b not in exact), None)
    if left_out is not None:
        return partial(
            f"The list pins what is direct; `{left_out[1]}`, which `{left_out[0]}` brings, is left open.", context.at(shipped[0], 1)
        )
    if not any(a in exact for a in _BRINGS):
        return unverified("All listed versions are exact; whether the list is complete was not found out.", context.at(shipped[0], 1))
    for image in backend_images(context):
        tool = _unversioned(image)
        if tool is not None:
            return partial(
                f"The list is exact, but the build installs `{tool[1]}` without a version.",
                context.at(image.path, tool[0].line, tool[0].end_line),
            )
    return passed("The list has exact versions, the transitive ones included.", context.at(shipped[0], 1))
