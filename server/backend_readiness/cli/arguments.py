"""What can be typed: commands, arguments and options. Wrong arguments raise `UnusableInput` with one line that says what to do."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Sequence
from typing import NoReturn

from backend_readiness import __version__
from backend_readiness.errors import UnusableInput

_SEVERITIES = ("critical", "high", "medium", "low")
_START = 'a route ("POST /login"), a place ("web/Login.tsx:41") or words ("user signs in")'


class _Parser(argparse.ArgumentParser):
    """Raises in place of printing its usage and ending the process."""

    def error(self, message: str) -> NoReturn:
        raise UnusableInput(f"{message} (see {self.prog} --help)")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options with `run`, the function of the command. `--help` prints and ends. Errors: `UnusableInput`."""
    parser = _parser()
    commands = _commands(parser)
    first = next((a for a in arguments if not a.startswith("-")), None)
    if first is not None and first not in commands and arguments[0] == first:
        near = difflib.get_close_matches(first, commands, 1, 0.5)
        raise UnusableInput(f"no command {first!r}" + (f"; did you mean {near[0]}?" if near else f"; there are {', '.join(commands)}"))
    return parser.parse_args(arguments)


def _parser() -> _Parser:
    parser = _Parser(
        prog="backend-readiness",
        description="Is this flow of this repository ready for production? An answer with proof, from the user's click to the database.",
        epilog="Environment: BACKEND_READINESS_CACHE names the folder of the cache, NO_COLOR turns colours off.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", "-V", action="version", version=f"backend-readiness {__version__}")
    return parser


def _commands(parser: _Parser) -> list[str]:
    add = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND", required=True, parser_class=_Parser)

    audit = add.add_parser("audit", help="the verdict on one flow, with the report", allow_abbrev=False)
    _repository(audit)
    audit.add_argument("--flow", required=True, metavar="NAME", help="a name that `flows` lists, or words that say what the user does")
    _flow_parts(audit)
    audit.add_argument("--entry-url", metavar="URL", help="where the user starts")
    audit.add_argument("--success", action="append", default=[], metavar="TEXT", help="what must persist or complete; may be given again")
    audit.add_argument(
        "--engine",
        default="static",
        metavar="static|agent",
        help="static (default): no key and no network; agent: a model settles the rest",
    )
    audit.add_argument("--format", metavar="FORMAT", help="md (default), json, sarif, html or terminal")
    audit.add_argument("--output", "-o", metavar="FILE|-", help="where the report goes; - is standard output")
    audit.add_argument("--fail-on", metavar="SEVERITY", help=f"exit 1 when a finding is at or above: {', '.join(_SEVERITIES)}")
    audit.add_argument(
        "--import",
        dest="imports",
        action="append",
        default=[],
        metavar="FILE.sarif",
        help="results of another scanner (checkov, trivy, hadolint, semgrep, gitleaks) that join the report; may be given again",
    )
    _probed(audit, "--probe")
    audit.add_argument("--baseline", metavar="FILE", help="an earlier JSON report: findings that stand in it do not count")
    _agent(audit)
    _reading(audit)
    audit.set_defaults(run=_lazy("judging", "audit"))

    routes = add.add_parser("routes", help="every backend endpoint", allow_abbrev=False)
    _repository(routes)
    _answer(routes)
    routes.set_defaults(run=_lazy("reading", "routes"))

    flows = add.add_parser("flows", help="what a user can do, ready for audit --flow", allow_abbrev=False)
    _repository(flows)
    _answer(flows)
    flows.set_defaults(run=_lazy("reading", "flows"))

    trace = add.add_parser("trace", help="the chain from the user's action to the data, through any place on it", allow_abbrev=False)
    trace.add_argument("start", metavar="START", help=_START)
    trace.add_argument("--repo", metavar="REPO", default=".", help="the repository's folder (default: this one)")
    _answer(trace)
    trace.set_defaults(run=_lazy("reading", "trace"))

    check = add.add_parser("check", help="verdicts of single controls or of a whole layer", allow_abbrev=False)
    check.add_argument("control", nargs="*", metavar="CONTROL", help="ids or layers; see --list")
    check.add_argument("--repo", metavar="REPO", default=".", help="the repository's folder (default: this one)")
    check.add_argument("--flow", metavar="NAME", help="judge one flow (default: all endpoints together)")
    _flow_parts(check)
    check.add_argument("--list", action="store_true", help="list the catalogue and end")
    _answer(check)
    check.set_defaults(run=_lazy("judging", "check"))

    probe = add.add_parser("probe", help="runtime checks against a running development server", allow_abbrev=False)
    probe.add_argument(
        "base_url", metavar="BASE_URL", help="where the server listens, with the path it is mounted on: http://127.0.0.1:8000"
    )
    probe.add_argument("--repo", metavar="REPO", default=".", help="the repository's folder (default: this one)")
    probe.add_argument("--flow", metavar="NAME", help="the flow whose routes are asked; without one only the entry page and health")
    _flow_parts(probe)
    probe.add_argument("--entry-url", metavar="URL", help="where the user starts; only its path counts")
    _allowed(probe)
    _answer(probe)
    probe.set_defaults(run=_lazy("probing", "probe"))

    validate = add.add_parser("validate", help="does a report still hold: schema, evidence, claimed absences", allow_abbrev=False)
    validate.add_argument("report", metavar="REPORT.json")
    validate.add_argument("--repo", metavar="REPO", default=".", help="the repository's folder (default: this one)")
    _answer(validate)
    validate.set_defaults(run=_lazy("judging", "validate"))

    mcp = add.add_parser("mcp", help="the MCP server", allow_abbrev=False)
    mcp.add_argument("--transport", default="stdio", choices=["stdio", "http"], help="stdio (default) or streamable http at /mcp")
    mcp.add_argument("--host", default="127.0.0.1", metavar="HOST", help="with http: where to listen (default: 127.0.0.1)")
    mcp.add_argument("--port", type=int, default=8765, metavar="PORT", help="with http (default: 8765); 0 takes a free one")
    mcp.add_argument(
        "--token-file", metavar="FILE", help="with http: holds the bearer token (or BACKEND_READINESS_TOKEN); needed off this machine"
    )
    mcp.add_argument(
        "--allowed-host", action="append", default=[], metavar="NAME", help="with http: a name that clients use; may be given again"
    )
    mcp.add_argument(
        "--root", action="append", default=[], metavar="FOLDER", help="a folder that may be read (default: this one); may be given again"
    )
    mcp.add_argument("--allow-probe", action="store_true", help="offer probe_runtime, which sends requests to a running server")
    _allowed(mcp, "with --allow-probe: ")
    mcp.set_defaults(run=_lazy("serving", "mcp"))

    init = add.add_parser("init", help="puts the skill and the MCP server into a repository, for an assistant", allow_abbrev=False)
    _repository(init)
    init.add_argument(
        "--client",
        action="append",
        default=[],
        metavar="NAME",
        help="claude-code, codex, cursor, vscode, gemini or windsurf (default: those set up here); may be given again",
    )
    init.add_argument("--dry-run", action="store_true", help="print the diff and write nothing")
    init.add_argument("--remove", action="store_true", help="take it back")
    init.add_argument("--command", dest="command_line", metavar="COMMAND", help="what starts the server (default: backend-readiness mcp)")
    init.set_defaults(run=_lazy("installing", "init"))

    # Nothing starts with this character, so that every option, `--help` too, is the scorer's.
    what = "audit the seeded broken repositories and print the scoreboard"
    evals = add.add_parser("eval", help=what, prefix_chars="\0", add_help=False)
    evals.add_argument("arguments", nargs="*")
    evals.set_defaults(run=_lazy("serving", "evaluate"))
    return list(add.choices)


def _agent(audit: argparse.ArgumentParser) -> None:
    group = audit.add_argument_group("with --engine agent (pip install 'backend-readiness[agent]')")
    group.add_argument("--provider", metavar="NAME", help="anthropic (default), bedrock, vertex or foundry")
    group.add_argument("--model", metavar="NAME", help="a model of the provider (default: claude-sonnet-5-5)")
    group.add_argument("--base-url", metavar="URL", help="a gateway or local server that speaks the Messages API")
    group.add_argument("--max-usd", type=float, metavar="USD", help="end before a call that could cost more in all")
    group.add_argument("--max-tokens", type=int, metavar="N", help="end before a call that could use more tokens in all")
    group.add_argument("--max-turns", type=int, metavar="N", help="end after so many answers")
    group.add_argument("--price", metavar="INPUT,OUTPUT", help="dollars for a million tokens, for a model whose price is not known")
    group.add_argument("--transcript", metavar="FILE", help="where the run is recorded (default: beside the report)")
    group.add_argument("--resume", metavar="FILE", help="go on from a transcript")
    group.add_argument("--replay", metavar="FILE", help="build the report from a transcript, with no network")
    group.add_argument("--no-stream", action="store_true", help="ask for whole answers, for a server that cannot stream")


def _lazy(module: str, name: str) -> Callable[[argparse.Namespace], int]:
    """The function `name` of `cli.<module>`, imported when it is called."""

    def run(options: argparse.Namespace) -> int:
        import importlib

        function: Callable[[argparse.Namespace], int] = getattr(importlib.import_module(f"backend_readiness.cli.{module}"), name)
        return function(options)

    return run


def _repository(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("repo", metavar="REPO", nargs="?", default=".", help="the repository's folder (default: this one)")


def _flow_parts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--endpoint",
        action="append",
        default=[],
        metavar='"METHOD /path"',
        help="an endpoint of the flow; its name is free then; may be given again",
    )


def _probed(parser: argparse.ArgumentParser, option: str) -> None:
    parser.add_argument(option, metavar="BASE_URL", help="a running development server that may settle what the code leaves open")
    _allowed(parser, f"with {option}: ")


def _allowed(parser: argparse.ArgumentParser, when: str = "") -> None:
    what = f"{when}a host off this machine that may be asked (default: none); may be given again"
    parser.add_argument("--allow-host", action="append", default=[], metavar="HOST", help=what)


def _answer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=["terminal", "json"], default="terminal", help="terminal (default) or json")
    _reading(parser)


def _reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--exclude", action="append", default=[], metavar="GLOB", help="files to leave out, as in .gitignore; may be given again"
    )
