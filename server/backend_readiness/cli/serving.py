"""The commands that hand over: `mcp` to the server, `eval` to the scorer of a source checkout."""

from __future__ import annotations

import argparse
import subprocess
import sys

from backend_readiness.cli import DONE
from backend_readiness.cli.terminal import cache_folder
from backend_readiness.errors import UnusableInput


def mcp(options: argparse.Namespace) -> int:
    from backend_readiness.mcp_server import serve

    serve(options.root or ["."], cache_dir=cache_folder())
    return DONE


def evaluate(options: argparse.Namespace) -> int:
    """Runs `python -m evals.run` of the source checkout that this package stands in; its status is ours."""
    from backend_readiness import resources

    checkout = resources.folder()
    if not (checkout / "evals" / "run.py").is_file():
        raise UnusableInput("the evals are not part of an installation: run this in a checkout of the source")
    return subprocess.run([sys.executable, "-m", "evals.run", *options.arguments], cwd=checkout, check=False).returncode
