"""The package moves one way: a part imports only what stands above it in `ORDER`."""

from __future__ import annotations

import importlib

import pytest
from tests.architecture.sources import PACKAGE, SERVER, Source, imports_of, package_sources

# Lowest first. A name covers the module and everything below it, unless a longer name here fits better:
# `rules` holds the cards' schema and loader; the Python hooks beside the cards stand after what they may use.
ORDER = (
    "",  # the package itself: its version
    "errors",
    "model",
    "progress",
    "resources",
    "snapshot",
    "configuration",
    "rules",
    "facts",
    "graph",
    "rules.languages",
    "rules.frameworks",
    "rules.libraries",
    "controls",
    "rules.controls",
    "report",
    "render",
    "catalogue",
    "workspace",
    "answers",
    "prompts",
    "tools",
    "probe",
    "agent",
    "review",
    "export",
    "mcp_server",
    "eval",
    "init",
    "cli",
    "__main__",
)
# Facts adapters see syntax and nothing else: not the snapshot, not the cards.
FACTS_ADAPTERS = "facts.languages"
ADAPTERS_MAY_IMPORT = ("facts", "model", "errors")
# A hook judges facts through the graph; parsing belongs to the adapters.
HOOKS = ("rules.frameworks", "rules.libraries", "rules.controls", "rules.languages")
PARSERS = ("tree_sitter", "sqlglot", "ast", "html.parser")


def within(module: str, name: str) -> bool:
    return module == name or module.startswith(f"{name}.")


def part_of(module: str) -> str | None:
    """The longest name of `ORDER` that covers the module; None when no part does."""
    if not module:
        return ""
    return max((name for name in ORDER if name and within(module, name)), key=len, default=None)


def own_imports(source: Source) -> list[tuple[str, int]]:
    """The package's modules that the file imports, relative to the package."""
    modules = {other.module for other in package_sources()}
    found = []
    for name, line in imports_of(source):
        if not within(name, PACKAGE):
            continue
        target = name.removeprefix(PACKAGE).removeprefix(".")
        while target and target not in modules:  # the last name is something defined in the module
            target = target.rpartition(".")[0]
        found.append((target, line))
    return found


def test_the_walk_finds_the_package_and_its_imports() -> None:
    sources = package_sources()
    assert {"model", "errors", "facts.model"} <= {source.module for source in sources}
    assert sum(len(own_imports(source)) for source in sources) > 0


def test_every_module_has_a_place_in_the_order() -> None:
    assert [source.path for source in package_sources() if part_of(source.module) is None] == []


def test_no_module_imports_a_later_part() -> None:
    wrong = []
    for source in package_sources():
        mine = part_of(source.module)
        for target, line in own_imports(source):
            theirs = part_of(target)
            if mine is not None and theirs is not None and ORDER.index(theirs) > ORDER.index(mine):
                wrong.append(f"{source.path}:{line} imports {target}: `{theirs}` stands after `{mine}`")
    assert wrong == []


def test_language_adapters_import_only_facts_and_nouns() -> None:
    wrong = [
        f"{source.path}:{line} imports {target}"
        for source in package_sources()
        if within(source.module, FACTS_ADAPTERS)
        for target, line in own_imports(source)
        if not any(within(target, name) for name in ADAPTERS_MAY_IMPORT)
    ]
    assert wrong == []


def test_hooks_beside_cards_parse_nothing() -> None:
    wrong = [
        f"{source.path}:{line} imports {name}"
        for source in package_sources()
        if any(within(source.module, hooks) for hooks in HOOKS)
        for name, line in imports_of(source)
        if name.startswith("tree_sitter") or any(within(name, parser) for parser in PARSERS)
    ]
    assert wrong == []


@pytest.mark.parametrize("module", [source.module for source in package_sources() if source.module != "__main__"])
def test_every_module_can_be_imported(module: str) -> None:
    if any(not part.isidentifier() for part in module.split(".") if part):
        return  # a hook beside a card (`sec-cors.py`) is loaded by its path, with the card's tests
    importlib.import_module(f"{PACKAGE}.{module}".rstrip("."))


def test_every_folder_of_modules_is_a_package() -> None:
    holders = {path.parent for path in SERVER.rglob("*.py") if path.stem.isidentifier() and "__pycache__" not in path.parts}
    outside_rules = [folder for folder in holders if SERVER / "rules" not in folder.parents]
    assert [str(folder) for folder in sorted(outside_rules) if not (folder / "__init__.py").is_file()] == []
