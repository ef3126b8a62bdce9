"""Shell commands and evaluated code of the flow are not built from input."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement
from backend_readiness.controls.protection.sinks import Sink, judge, positional, sinks
from backend_readiness.facts.model import Lit, Seq, Value

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
    }
)
_PATH = re.compile(
    r"^(node:)?child_process\.|^(shelljs|execa)(\.|$)|^os\.(system|popen)$|^subprocess\.|^~(eval|exec|Function)$|^(node:)?vm\.|^asyncio\.(subprocess\.)?create_subprocess_shell"
)
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
    command = positional(sink, 0, "args", "cmd")
    shell = any(a.name == "shell" and isinstance(a.value, Lit) and a.value.value is True for a in sink.call.args)
    if command and isinstance(command[0], Seq) and not shell:
        return list(command[0].items[:1])
    return command
