"""What every source file keeps to: size, names, and which part may touch the world outside."""

from __future__ import annotations

import ast
import re

from tests.architecture.sources import AUDITED, Source, dotted, imports_of, package_sources, sources_of_tests, tracked_texts

MAX_LINES = 350
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "manager", "managers", "misc"}

# The parts that meet the outside: argv, environment, network and clock are theirs.
SHELLS = ("probe", "agent", "review", "export", "mcp_server", "eval", "init", "cli", "__main__")
# The parts that judge values they were handed. What they need of the audited tree, the snapshot read for them.
PURE = ("model", "errors", "facts", "graph", "controls", "report", "render")

# `except Exception` and its like hide bugs; each place that may has its reason here.
BROAD_EXCEPT: dict[str, str] = {
    "cli": "a person gets one line and not a traceback",
    "controls.runner": "one crashing control becomes `unverified`, the others still run",
    "facts.extraction": "one file that its adapter cannot take is listed, the others are still read",
}

OUTSIDE_MODULES = ("socket", "requests", "httpx", "httpx2", "urllib.request", "http.client", "aiohttp")
OUTSIDE_NAMES = (
    "sys.argv", "os.environ", "os.environb", "os.getenv", "time.time", "time.time_ns",
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now", "datetime.date.today",
)  # fmt: skip
READING_METHODS = {"read_text", "read_bytes", "rglob", "iterdir", "scandir", "walk_files"}

# What names one machine or one registry belongs in nobody's clone.
MACHINE_PATH = re.compile(r"""(?:^|[\s"'`=(:])/(?:work|root|farm|Users/\w+)/""")
TEMPORARY_PATH = re.compile(r"""["']/tmp/""")
REGISTRY_HOST = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|npmjs\.org|registry\.yarnpkg|npmm[i]rror|crates\.io/api|rubygems\.org|deb\.debian\.org"
    r"|proxy\.golang\.org|repo\.maven|repo1\.maven",
    re.IGNORECASE,
)


def part(source: Source) -> str:
    return source.module.partition(".")[0]


def test_files_stay_small_enough_to_be_one_thing() -> None:
    sizes = {source.path: len(source.text.splitlines()) for source in (*package_sources(), *sources_of_tests())}
    assert {path: lines for path, lines in sizes.items() if lines > MAX_LINES} == {}, "split by noun"


def test_modules_are_named_for_a_noun() -> None:
    named = [(s.path, set(s.module.split("."))) for s in (*package_sources(), *sources_of_tests())]
    assert [path for path, names in named if names & VAGUE_NAMES] == []


def test_every_module_says_what_it_is() -> None:
    assert [source.path for source in package_sources() if source.text.strip() and not ast.get_docstring(source.tree)] == []


def test_only_the_command_line_prints() -> None:
    found = [
        f"{s.path}:{node.lineno}"
        for s in package_sources()
        if part(s) not in ("cli", "__main__")
        for node in ast.walk(s.tree)
        if isinstance(node, ast.Call) and dotted(node.func) == "print"
    ]
    assert found == []


def test_broad_excepts_stand_only_where_a_reason_does() -> None:
    found: dict[str, list[int]] = {}
    for source in package_sources():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ExceptHandler) and is_broad(node):
                found.setdefault(source.module, []).append(node.lineno)
    assert {module: lines for module, lines in found.items() if module not in BROAD_EXCEPT} == {}
    assert {module: lines for module, lines in found.items() if len(lines) > 1} == {}, "one place a module"


def is_broad(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or dotted(kind) in ("Exception", "BaseException") for kind in kinds)


def test_only_shells_read_arguments_environment_network_or_clock() -> None:
    found = []
    for source in package_sources():
        if part(source) in SHELLS:
            continue
        for name, line in imports_of(source):
            if any(name == module or name.startswith(f"{module}.") for module in OUTSIDE_MODULES):
                found.append(f"{source.path}:{line} imports {name}")
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and dotted(node) in OUTSIDE_NAMES:
                found.append(f"{source.path}:{node.lineno} reads {dotted(node)}")
    assert found == []


def test_stages_after_the_snapshot_read_no_files() -> None:
    found = []
    for source in package_sources():
        if part(source) not in PURE:
            continue
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call):
                continue
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if dotted(node.func) in ("open", "os.walk", "os.listdir", "os.scandir") or method in READING_METHODS:
                found.append(f"{source.path}:{node.lineno}")
    assert found == [], "the audited tree is read by `snapshot`, the product's own data by `rules` and `resources`"


def test_tests_neither_skip_nor_expect_to_fail() -> None:
    found = []
    for source in sources_of_tests():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and dotted(node) in ("pytest.mark.skip", "pytest.mark.xfail", "pytest.skip", "pytest.xfail"):
                found.append(f"{source.path}:{node.lineno} {dotted(node)}")
            elif isinstance(node, ast.Assert) and isinstance(node.test, ast.Constant):
                found.append(f"{source.path}:{node.lineno} asserts a constant")
    assert found == []


def test_test_names_are_sentences() -> None:
    short = [
        f"{source.path}:{node.lineno} {node.name}"
        for source in sources_of_tests()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_") and node.name.count("_") < 3
    ]
    assert short == []


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    texts = tracked_texts()
    assert len(texts) > 10
    found = []
    for path, text in texts:
        # A Dockerfile in a card's example or in an app may well name root's home.
        is_example = path.startswith((*AUDITED, "evals/defects/")) or path.endswith((".yml", ".yaml"))
        patterns = [REGISTRY_HOST] if is_example else [REGISTRY_HOST, MACHINE_PATH]
        if path.startswith("server/") and path.endswith(".py"):
            patterns.append(TEMPORARY_PATH)
        for number, line in enumerate(text.splitlines(), start=1):
            if any(pattern.search(line) for pattern in patterns):
                found.append(f"{path}:{number}: {line.strip()[:120]}")
    assert found == []
