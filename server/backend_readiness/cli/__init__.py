"""The command line: `backend-readiness COMMAND`. It starts fast, so every part is imported by the command that needs it.

Standard output carries the answer and nothing else; progress and errors go to standard error.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

DONE, FOUND, UNUSABLE, PARTIAL, INTERRUPTED = 0, 1, 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status of `INTERFACES`: 0 done, 1 found, 2 unusable, 3 partial, 130 interrupted."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["--version"], ["-V"]):
        from backend_readiness import __version__

        print(f"backend-readiness {__version__}")
        return DONE
    from backend_readiness.cli.arguments import parse
    from backend_readiness.errors import BudgetExceeded, ReadinessError

    gc.set_threshold(200_000, 50, 100)  # what is read stays: looking for cycles in it again and again takes a third of an audit
    try:
        options = parse(arguments)
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        _say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _close_quietly()
        return DONE
    except BudgetExceeded as error:
        _say(f"partial: {_one_line(error)}")
        return PARTIAL
    except ReadinessError as error:
        _say(f"error: {_one_line(error)}")
        return UNUSABLE
    except Exception as error:
        if os.environ.get("BACKEND_READINESS_DEBUG"):
            raise
        _say(f"error: this is a bug: {type(error).__name__}: {_one_line(error)[:300]} (BACKEND_READINESS_DEBUG=1 shows where)")
        return UNUSABLE


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _say(text: str) -> None:
    try:
        print(text.encode("utf-8", "backslashreplace").decode(), file=sys.stderr)
    except OSError:
        pass  # nobody listens any more


def _close_quietly() -> None:
    """What reads our output has gone: point it at nothing, so that the interpreter's last flush does not complain."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)
