"""Does a command of a pipeline run tests of the backend, and does the repository hold tests that such a command takes?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.pipeline_steps import Step
from backend_readiness.controls.places import is_test
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs, signs_by

_TESTS = re.compile(sign("checked_changes", "tests"))
_SCRIPT = re.compile(sign("checked_changes", "script"))
_SKIPS = re.compile(sign("checked_changes", "skips"))
_END_TO_END = re.compile(sign("checked_changes", "end_to_end"))
_CHECKS_ONLY = re.compile(sign("checked_changes", "checks_only"))
_TAKES = tuple((re.compile(p), kinds) for p, kinds in signs_by("checked_changes", "takes").items())
_SCRIPTS_OF = frozenset(signs_by("checked_changes", "takes_of")["scripts"])
_INSTALLS = re.compile(r"^npm\s+(?:-\S+\s+)*ci$")
_IGNORED = re.compile(r"\|\|\s*(?:true|:|echo|exit 0)|-D\s*maven\.test\.failure\.ignore(?!=false)|--fail-never\b|(?<!\S)-fn(?!\S)")
_LET_GO = re.compile(r"\s*\|\|\s*(?:true|:|echo|exit 0).*|-D\s*maven\.test\.failure\.ignore\S*|--fail-never\b|(?<!\S)-fn(?!\S)")
_SAYS = re.compile(r"^\s*(?:-\s+)?[\"']?(?:echo|printf|export)\b")
_COMMENT = re.compile(r"(?:^\s*|\s)#(?:\s.*)?$|^\s*#.*$")
_GIVEN = re.compile(r"(?<!\S)-[DP][\w.-]+(?:=\S*)?")
# The usual task, which is the tests where the file of tasks says so, or leaves it to the framework.
_RAKE = re.compile(r"(?m)\brake[ \t]*$")
_RAKE_TESTS = re.compile(r"\bdefault\b\W+\[?\s*[:\"']?\w*(?:test|spec)|\bload_tasks\b")
_NO_TESTS = re.compile(r"no test specified|^\s*(?:echo|exit|true)\b")
_MAKE = re.compile(r"\bmake\s+(?:-\S+\s+)*([\w-]*(?:test|check)[\w-]*)")
_MOVED = re.compile(r"\bcd\s+([\w./-]+)|(?<!\S)(?:--prefix|--cwd|--dir|-C)[= ]([\w./-]+)")
# A script of the repository: `./bin/ci`, `scripts/test.sh`.
_PROGRAM = re.compile(
    r"(?:^|[\s;&])((?:\./)?(?:bin|scripts?|ci|tools|\.github|\.ci|dev|hack|build)/[\w./-]+|\./[\w-]+(?:\.sh)?(?=[\s;]|$))"
)
# Files that hold tests, in the words that languages have for them; and tests that stand in files of other names.
_TESTED = re.compile(
    r"(?:(?:^|[/._-])(?i:_*tests?_*|specs?|cypress|e2e)(?=[/._-]).*|(?:Tests?|Specs?|IT)(?:[A-Z/.][^/]*)?(?:/.*)?)"
    r"\.(?:py|[cm]?[jt]sx?|go|rb|php|cs|fs|vb|java|kt|groovy|scala|rs|exs?|feature|sh|http|hurl|robot|json|clj)$"
)
_INSIDE = (r"#\[(?:cfg\(test\)|test)\]|^\s*>>> |\bdoctest\b|\[(?:Fact|Theory|Test|TestMethod)\b|^\s*@Test\b",)
_PAGES = re.compile(r"(?i)front|client|web|\bui\b|admin|app|mobile|dashboard|site|portal")
# A program of the repository that its build tool runs, with the folder and what it is asked for: `dotnet run --project build/b.csproj`.
_BUILT = re.compile(sign("checked_changes", "programs"))
_ASKED = re.compile(sign("checked_changes", "asked"))
_LEFT_OUT_OF = re.compile(sign("checked_changes", "left_out_of"))
_TAKEN_IN = re.compile(sign("checked_changes", "taken_in"))
_LOOKS = re.compile(sign("checked_changes", "looks"))
_ANY_TEST = re.compile(sign("checked_changes", "any_test"))
_QUOTES = re.compile(r"[\"'$@`,()\[\]]+")
_GOES_ON = re.compile(sign("checked_changes", "goes_on"))
_STOPS_AGAIN = re.compile(sign("checked_changes", "stops_again"))
_MINDS = re.compile(sign("checked_changes", "minds"))
MAX_SCRIPT_LINES = 200
MAX_PROGRAM_FILES = 8


def commands_in(text: str) -> Iterator[str]:
    """Single commands, without comments, what is only said, and what may fail unnoticed."""
    for line in re.sub(r"\\\n\s*", " ", text).split("\n"):
        if _IGNORED.search(line) is None:
            for command in re.split(r"&&|;", _COMMENT.sub("", line)):
                if command.strip() and _SAYS.match(command) is None and _SKIPS.search(command) is None:
                    yield command.strip()


def runs_tests(context: Context, step: Step) -> bool:
    text = "\n".join(commands_in(step.text))
    moved = _MOVED.search(text)
    folder = step.folder.strip("./") or (next(g for g in moved.groups() if g).strip("./") if moved is not None else "")
    text += "\n" + _own_script(context, text)
    plain = _GIVEN.sub(" ", text)
    aside = (bool(folder) and is_other_application(context, folder)) or _is_of_pages(context, plain)
    end_to_end = _END_TO_END.search(text) is not None
    for match in _TESTS.finditer(plain):
        line = plain[max(0, match.start() - 40) : match.start()].rpartition("\n")[2]
        if "install" not in line and (not aside or end_to_end) and _is_made(context, match.group(0)):
            return True
    if _RAKE.search(text) is not None and not aside and _RAKE_TESTS.search(_rakefile(context)) is not None:
        return True
    return any(_runs_script(context, m, aside, text) for m in _SCRIPT.finditer(plain))


def ignores_tests(context: Context, step: Step) -> bool:
    """Does a step run tests and go on whatever they find: by its own mark, or by what follows the command?"""
    if step.ignored:
        return runs_tests(context, step)
    if _loses_status(step.text):
        return runs_tests(context, step)
    strict = "\n".join(_LET_GO.sub("", t) for t in step.text.split("\n") if _IGNORED.search(t) is not None)
    return bool(strict) and runs_tests(context, replace(step, text=strict))


def _loses_status(text: str) -> bool:
    """Does a script go on after every failed command until a later one, and end on something else than what the tests said?"""
    lines = [_COMMENT.sub("", t) for t in text.split("\n")]
    off = next((n for n, t in enumerate(lines) if _GOES_ON.search(t) is not None), None)
    if off is None:
        return False
    back = next((n for n, t in enumerate(lines[off + 1 :], off + 1) if _STOPS_AGAIN.search(t) is not None), len(lines))
    tests = any(_TESTS.search(t) is not None for t in lines[off:back])
    return tests and any(t.strip() for t in lines[back + 1 :]) and not any(_MINDS.search(t) is not None for t in lines[off:])


def lets_failures_go(context: Context) -> Evidence | None:
    """The line of a build file by which failing tests do not fail the build."""
    found = context.hits(signs("checked_changes", "failures_go"), signs("checked_changes", "build_files"))
    return context.at(*found[0][:2]) if found else None


def left_out_by_build(context: Context, step: Step) -> Evidence | None:
    """The line of a build file by which the build that a step runs leaves the tests out, in whatever profile."""
    if _LEFT_OUT_OF.search(step.text) is None or _TAKEN_IN.search(step.text) is not None:
        return None
    for file, number, _ in context.hits(signs("checked_changes", "left_out"), signs("checked_changes", "build_files")):
        before = context.snapshot.lines(file)[: number - 1]
        folder = file.rpartition("/")[0]
        own = not folder or context.backend_root == folder or context.backend_root.startswith(f"{folder}/") or context.is_backend(file)
        if own and sum("<profile>" in t for t in before) == sum("</profile>" in t for t in before):
            return context.at(file, number)
    return None


def has_tests(context: Context, text: str) -> bool:
    """Is there source that such a run of tests could take, by its path or by the tests inside of it?"""
    kinds = {k for pattern, found in _TAKES if pattern.search(text) is not None for k in found}
    aside = [a.root for a in context.snapshot.applications if is_other_application(context, a.root) and _PAGES.search(a.root)]

    def is_taken(path: str) -> bool:
        of_pages = path.endswith(tuple(_SCRIPTS_OF)) and any(path.startswith(f"{root}/") for root in aside)
        return (not kinds or path.endswith(tuple(kinds))) and (not of_pages or _END_TO_END.search(text) is not None)

    paths = (f.path for f in context.snapshot.files if not f.path.startswith("."))
    if any((is_test(p) or _TESTED.search(p) is not None) and is_taken(p) for p in paths):
        return True
    inside = context.hits(_INSIDE, ("**/*.rs", "**/*.py", "**/*.exs", "**/*.cs", "**/*.java", "**/*.kt"))
    return any(is_taken(f) for f, _, _ in inside)


def runs_own_program(text: str) -> bool:
    """Does a command run a program of the repository, which may do anything?"""
    return any(_BUILT.search(command) is not None for command in commands_in(text))


def is_other_application(context: Context, folder: str) -> bool:
    """Is the folder that of an application which does not hold the flow's routes?"""
    root = context.backend_root
    if not folder or folder == root or (folder.startswith(f"{root}/") and root) or root.startswith(f"{folder}/"):
        return False
    found = [a for a in context.snapshot.applications if a.root == folder]
    if root:
        return bool(found)
    held = any(r.route.place.file.startswith(f"{folder}/") for r in context.routes)
    return bool(found) and not held and all(context.language not in a.languages or _PAGES.search(a.root) for a in found)


def _is_of_pages(context: Context, text: str) -> bool:
    """Are scripts of a browser's language run, where the backend is written in another and the script runs none of its tools?"""
    own = {f".{g.rpartition('.')[2]}" for g in context.source_globs if not g.endswith("*")}
    if not own or own & _SCRIPTS_OF:
        return False
    kinds = {k for pattern, found in _TAKES if pattern.search(text) is not None for k in found}
    return bool(kinds) and kinds <= _SCRIPTS_OF


def _runs_script(context: Context, match: re.Match[str], aside: bool, text: str) -> bool:
    name = "test" if match.group(1) in (None, "t") else match.group(1)
    known = [s for s in context.deployment.scripts if s.name == name]
    if _INSTALLS.search(match.group(0)) is not None or (match.group(1) and not known and context.deployment.scripts):
        return False  # `npm ci` installs, and a name that no package of the repository has runs nothing
    runs = [s for s in known if _NO_TESTS.search(s.command) is None and not _only_checks(s.command)]
    if _LOOKS.search(name) is not None:
        runs = [s for s in runs if _ANY_TEST.search(s.command) is not None or _TESTS.search(s.command) is not None]
    if known and not runs:
        return False
    ran = " ".join(s.command for s in runs)
    if not aside or _END_TO_END.search(f"{text} {ran}") is not None:
        return True
    return _TESTS.search(ran) is not None and not _is_of_pages(context, ran)


def _only_checks(command: str) -> bool:
    return _CHECKS_ONLY.search(command) is not None and _TESTS.search(command) is None and _SCRIPT.search(command) is None


def _is_made(context: Context, command: str) -> bool:
    """Does the rule that `make` is asked for run anything but texts and checks? True where no rule of that name was read."""
    asked = _MAKE.search(command)
    if asked is None:
        return True
    for path in (f"{context.backend_root}/Makefile".lstrip("/"), "Makefile"):
        lines = context.snapshot.lines(path) if context.snapshot.file(path) is not None else ()
        start = next((n for n, t in enumerate(lines) if re.match(rf"{re.escape(asked.group(1))}\s*:(?!=)", t)), None)
        if start is not None:
            ends = next((n for n in range(start + 1, len(lines)) if lines[n].strip() and lines[n][:1] not in "\t #"), len(lines))
            strict = [t for t in lines[start + 1 : min(ends, start + 60)] if t.startswith("\t") and not t.lstrip("\t @").startswith("-")]
            recipe = [t.lstrip("\t @") for t in strict]
            after = lines[start].partition(":")[2].split("#")[0].split()
            return bool(after) or any(t and _SAYS.match(t) is None and not _only_checks(t) for t in recipe)
    return True


def _rakefile(context: Context) -> str:
    """The text of the file of tasks nearest to the backend; empty when there is none."""
    held = (p for p in (f"{context.backend_root}/Rakefile".lstrip("/"), "Rakefile") if context.snapshot.file(p) is not None)
    path = next(held, None)
    return context.snapshot.text(path) if path is not None else ""


def _own_script(context: Context, text: str) -> str:
    """The commands of a script or program of the repository that a step runs."""
    if runs_own_program(text):
        return "\n".join(_of_program(context, command) for command in commands_in(text))
    for match in _PROGRAM.finditer(text):
        path = match.group(1).removeprefix("./")
        for inner in (path, f"{path}/action.yml", f"{path}/action.yaml"):
            if context.snapshot.file(inner) is not None:
                return "\n".join(commands_in("\n".join(context.snapshot.lines(inner)[:MAX_SCRIPT_LINES])))
    return ""


def _of_program(context: Context, command: str) -> str:
    """The commands that a program of the repository starts, when it is asked for its usual work or for the tests."""
    built = _BUILT.search(command)
    asked = command[built.end() :].strip(" -") if built is not None else ""
    if built is None or (asked and _ASKED.search(asked) is None):
        return ""
    folder = built.group(1).strip("./").rpartition("/")[0] if "." in built.group(1).rpartition("/")[2] else built.group(1).strip("./")
    files = [f for f in context.snapshot.glob(f"{folder}/*")[:MAX_PROGRAM_FILES] if folder and f in context.graph.facts.files]
    lines = (t for f in files for t in context.snapshot.lines(f)[:MAX_SCRIPT_LINES] if not t.lstrip().startswith(("//", "#", "*")))
    return "\n".join(_QUOTES.sub(" ", t) for t in lines)
