"""The command line starts without loading what a command does not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("tree_sitter", "pydantic", "rich", "jinja2", "sqlglot", "mcp", "msgspec", "yaml", "git", "typer", "argparse")


def loaded_by(*arguments: str) -> set[str]:
    """The modules that are loaded when a command ends: libraries by their top level, our own packages by theirs."""
    code = (
        "import sys\n"
        "from backend_readiness.cli import main\n"
        "try:\n"
        f"    main({list(arguments)!r})\n"
        "except SystemExit:\n"
        "    pass\n"
        "ours = 'backend_readiness.'\n"
        "print(*sorted({'.'.join(m.split('.')[: 1 + m.startswith(ours)]) for m in sys.modules}), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_printed_without_loading_any_library(flag: str) -> None:
    assert loaded_by(flag) & set(HEAVY) == set()


def test_help_loads_only_the_parser() -> None:
    assert loaded_by("--help") & set(HEAVY) == {"argparse"}
    assert loaded_by("audit", "--help") & set(HEAVY) == {"argparse"}


def test_reading_endpoints_as_json_loads_neither_renderer_nor_server(orders_repo) -> None:
    loaded = loaded_by("routes", str(orders_repo), "--format", "json")
    assert "msgspec" in loaded
    assert loaded & {"jinja2", "mcp", "typer"} == set()


def test_an_audit_that_is_remembered_loads_neither_graph_nor_rules(orders_repo) -> None:
    asked = ("audit", str(orders_repo), "--flow", "asked twice", "--endpoint", "GET /orders", "--format", "json", "--output", "-")
    working = {"backend_readiness.graph", "backend_readiness.rules"}
    assert loaded_by(*asked) >= working
    assert loaded_by(*asked) & working == set()


def test_the_module_runs_like_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "backend_readiness", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("backend-readiness ")
    assert done.stderr == ""
