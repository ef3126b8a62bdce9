"""The commands that hand over: `mcp` to the server, `eval` to the scorer of a source checkout."""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from backend_readiness.cli import DONE
from backend_readiness.cli.terminal import cache_folder, note, read_file
from backend_readiness.errors import UnusableInput

if TYPE_CHECKING:
    from backend_readiness.tools import Effect


def mcp(options: argparse.Namespace) -> int:
    """Serves the folders of `--root`; the token comes from a file or the environment, never from the command line that others can list."""
    from backend_readiness.mcp_server import build

    gc.set_threshold(10_000, 10, 10)  # a server lives long: what one call leaves behind must not wait for the end, as it may in an audit
    if options.allow_host and not options.allow_probe:
        raise UnusableInput("--allow-host goes with --allow-probe: without it no request is sent anywhere")
    roots = options.root or ["."]
    allow: frozenset[Effect] = frozenset({"network"}) if options.allow_probe else frozenset()
    server = build(roots, cache_dir=cache_folder(), allow=allow, probe_hosts=options.allow_host)
    if options.transport == "stdio":
        server.run()
        return DONE
    from backend_readiness.mcp_server import http

    token = _token(options.token_file)
    application = http.app(server, host=options.host, port=options.port, token=token, allowed_hosts=options.allowed_host)
    listening = http.listen(options.host, options.port)
    name = f"[{options.host}]" if ":" in options.host else options.host
    note(f"listening on http://{name}:{listening.getsockname()[1]}{http.PATH}")
    http.serve(application, listening)
    return DONE


def _token(file: str | None) -> str | None:
    if file is None:
        return os.environ.get("BACKEND_READINESS_TOKEN") or None
    text = read_file(file).decode("utf-8", "replace").strip()
    if not text:
        raise UnusableInput(f"{file} is empty: write the token into it")
    return text


def evaluate(options: argparse.Namespace) -> int:
    """Runs `python -m evals.run` of the source checkout that this package stands in; its status is ours."""
    from backend_readiness import resources

    checkout = resources.folder()
    if not (checkout / "evals" / "run.py").is_file():
        raise UnusableInput("the evals are not part of an installation: run this in a checkout of the source")
    return subprocess.run([sys.executable, "-m", "evals.run", *options.arguments], cwd=checkout, check=False).returncode
