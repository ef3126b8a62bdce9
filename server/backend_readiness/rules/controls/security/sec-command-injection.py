"""Shell commands and evaluated code of the flow are not built from input."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement
from backend_readiness.controls.protection.sinks import Sink, judge, positional, sinks
from backend_readiness.facts.model import Arg, Lit, Record, Seq, Value
from backend_readiness.rules.signs import sign

_NAMES = frozenset(
    {
        "exec",
        "execSync",
        "spawn",
        "spawnSync",
        "system",
        "popen",
        "Popen",
        "run",
        "call",
        "check_output",
        "check_call",
        "getoutput",
        "getstatusoutput",
        "eval",
        "Function",
        "execaCommand",
        "create_subprocess_shell",
        "runInNewContext",
        "runInThisContext",
        "runInContext",
        "execFile",
        "execFileSync",
        "fork",
        "execa",
        "execaSync",
        "execaCommandSync",
        "command",
        "create_subprocess_exec",
        "execvp",
        "execv",
        "execl",
        "execlp",
        "spawnlp",
        "spawnvp",
        "spawnl",
        "spawnv",
        "import_module",
        "__import__",
        "render_template_string",
        "from_string",
        "Template",
    }
)
_PATH = re.compile(sign("sec-command-injection", "path"))
_SHELLS = re.compile(r"(?i)(/(usr/)?bin/(env\s+)?)?(sh|bash|zsh|dash|ksh|fish)|cmd(\.exe)?|powershell(\.exe)?|pwsh")
_CLEANERS = re.compile(r"^(quote|join_args|escapeShellArg|shellescape)$")


def verify(context: Context) -> Judgement:
    found = list(sinks(context, _NAMES, _PATH))
    return judge(
        context,
        found,
        _dangerous,
        cleaners=_CLEANERS,
        fails="A command or code that is run is built from {}.",
        passes="The commands and code that the flow runs are fixed, or take input as separate arguments.",
        none="The flow runs no command and evaluates no code.",
        noun="commands",
    )


def _dangerous(sink: Sink) -> list[Value]:
    command = positional(sink, 0, "args", "cmd", "source")
    shell = any(_is_shell(a) for a in sink.call.args)
    given = [a.value for a in sink.call.args]
    if shell or any(_names_shell(v) for v in (*given[:4], *(v for c in command[:1] if isinstance(c, Seq) for v in c.items[:3]))):
        return given  # what a shell reads is a command, wherever it stands
    if sink.path.startswith("os.spawn"):
        return given[1:2]
    if command and isinstance(command[0], Seq):
        return list(command[0].items[:1])
    return command


def _is_shell(arg: Arg) -> bool:
    """`shell=True`, or `{ shell: true }` among the options."""
    if arg.name == "shell":
        return isinstance(arg.value, Lit) and arg.value.value not in (False, None)
    return isinstance(arg.value, Record) and any(
        k == "shell" and not (isinstance(v, Lit) and v.value in (False, None)) for k, v in arg.value.items
    )


def _names_shell(value: Value) -> bool:
    return isinstance(value, Lit) and isinstance(value.value, str) and _SHELLS.fullmatch(value.value) is not None
