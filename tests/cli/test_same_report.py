"""The same bytes give the same report, whatever the order of hashes and whether facts were cached."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "evals" / "apps" / "shop"


def audit(cache: Path, seed: str) -> dict[str, object]:
    """The report of the shop's checkout from a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "server"), "PYTHONHASHSEED": seed, "BACKEND_READINESS_CACHE": str(cache)}
    command = [sys.executable, "-m", "backend_readiness", "audit", str(SHOP), "--flow", "checkout", "--format", "json", "--output", "-"]
    ran = subprocess.run(command, capture_output=True, env=environment, cwd=cache, timeout=120, check=True)
    report: dict[str, object] = json.loads(ran.stdout)
    report.pop("run")
    return report


def test_runs_with_other_hashes_and_a_warm_cache_give_one_report(tmp_path: Path) -> None:
    cold, other = tmp_path / "cold", tmp_path / "other"
    cold.mkdir()
    other.mkdir()
    first = audit(cold, "0")
    assert audit(cold, "1") == first
    assert audit(other, "2") == first
