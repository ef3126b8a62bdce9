"""A server lives long: of a repository as it was before a change, nothing stays."""

from __future__ import annotations

import gc
import shutil
import weakref
from pathlib import Path

from backend_readiness.tools import Tools
from backend_readiness.tools.workspaces import Workspaces


def test_what_was_known_before_a_change_is_freed(orders_repo: Path, tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    shutil.copytree(orders_repo, repo)
    tools = Tools(Workspaces([repo]))
    graphs: list[weakref.ref[object]] = []
    for number in range(3):
        (repo / "notes.md").write_text(str(number))
        tools.run_check(flow="login")
        tools.trace_call_chain(start="POST /api/login")
        graphs.append(weakref.ref(tools.workspaces.open(".").tracer.graph))
    gc.collect()
    assert [graph() is not None for graph in graphs] == [False, False, True]
