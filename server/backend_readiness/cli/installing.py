"""The command `init`: the skill and the server's entry into a repository."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from pathlib import Path

from backend_readiness.cli import DONE
from backend_readiness.cli.terminal import note, write
from backend_readiness.errors import NotARepository, UnusableInput


def init(options: argparse.Namespace) -> int:
    from backend_readiness.init import plan
    from backend_readiness.init.clients import CLIENTS, client

    repository = Path(options.repo).resolve()
    if not repository.is_dir():
        raise NotARepository(f"{options.repo} is no folder: name the repository")
    named = [client(name) for name in dict.fromkeys(options.client)]
    chosen = named or [one for one in CLIENTS if any((repository / place).exists() for place in one.signs)]
    if not chosen:
        raise UnusableInput(f"no client is set up here: name one with --client ({', '.join(one.name for one in CLIENTS)})")
    if options.remove:
        made = plan.remove(repository, chosen, [one for one in CLIENTS if one not in chosen], home=Path.home())
    else:
        made = plan.install(repository, chosen, home=Path.home(), command=_command(options.command_line))
    for reason in made.left:
        note(f"left: {reason}")
    if options.dry_run:
        write("".join(change.diff() for change in made.changes) or "Nothing would change.\n")
        return DONE
    plan.write(made)
    for change in made.changes:
        write(f"{'removed' if change.after is None else 'written'}: {change.shown}\n")
    if not made.changes:
        write("Nothing to change.\n")
    return DONE


def _command(line: str | None) -> list[str]:
    """What starts the server: as told, the installed command, through uvx, else this interpreter."""
    if line is not None:
        parts = shlex.split(line)
        if not parts:
            raise UnusableInput("--command is empty: leave it out, or name what starts the server")
        return parts
    if shutil.which("backend-readiness"):
        return ["backend-readiness", "mcp"]
    if shutil.which("uvx"):
        return ["uvx", "backend-readiness", "mcp"]
    return [sys.executable, "-m", "backend_readiness", "mcp"]
