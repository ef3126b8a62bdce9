"""The commands and settings of what is deployed: no development server, no reload, no debug mode."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of, place_of, states
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.places import is_production
from backend_readiness.controls.setups import stands_in_development
from backend_readiness.controls.standing import apart
from backend_readiness.controls.startup import Command, commands, settings, start_scripts
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Call, Lit, Value
from backend_readiness.model import Evidence
from backend_readiness.snapshot.places import is_for_development

_COMMAND = (
    (re.compile(r"(?<!\S)--reload\b|--auto-?reload\b"), "reloads on changes"),
    (
        re.compile(r"\bfastapi\s+dev\b|\bflask\b(?:\s+--?[\w=.-]+(?:\s+[\w.:]+)?)*\s+run\b|manage\.py\s+runserver\b"),
        "is a development server",
    ),
    (
        re.compile(r"\b(nodemon|ts-node-dev)\b|\btsx\s+watch\b|\bnode\s+(?:\S+\s+)*--watch\b|\bnest\s+start\s+.*--watch"),
        "restarts on changes",
    ),
    (
        re.compile(r"\bnext\s+dev\b|\bnuxt\s+dev\b|\bwebpack(?:-dev-server|\s+serve)\b|\bvite(?:\s+dev|\s+serve)?(?:\s+--host\S*)*\s*$"),
        "is a development server",
    ),
    (re.compile(r"\bartisan\s+serve\b|\bphp\s+-S\b|\bsymfony\s+(?:server:start|serve)\b"), "is a development server"),
    (re.compile(r"\bdotnet\s+watch\b|\bcargo\s+watch\b|(?<!\S)air(?:\s+-c\s|\s*$)|\bquarkus:dev\b|\bquarkusDev\b"), "restarts on changes"),
    (re.compile(r"\bspring-boot:run\b|\bbootRun\b|\bjetty:run\b|\btomcat7?:run\b"), "runs from the sources by a goal for development"),
    (re.compile(r"\bdotnet\s+run\b(?!.*(--no-launch-profile|-c\s+Release|--configuration\s+Release))"), "runs the profile for development"),
    (re.compile(r"(?<!\S)--debug(?:=true)?(?!\S)|(?<!\S)--inspect(?:-brk)?\b"), "switches debugging on"),
    (
        re.compile(
            r"\b(?:FLASK_DEBUG|DJANGO_DEBUG|DEBUG|APP_DEBUG)=(?:1|true|True|on)\b|\b(?:NODE_ENV|FLASK_ENV|RAILS_ENV|RACK_ENV|APP_ENV|MIX_ENV)=dev(?:elopment)?\b"
        ),
        "sets development mode",
    ),
)
_SCRIPT = re.compile(r"\bpython\d?(?:\.\d+)?\s+(?:-u\s+|-O\s+|-B\s+)*([\w./-]+\.py)\b")
_ON = {"1", "true", "yes", "on"}
# Servers of frameworks that run in development mode, or may, until a setting says otherwise.
_MODE_OF = (
    (re.compile(r"\b(?:rails|puma|unicorn|thrust)\b"), ("RAILS_ENV", "RACK_ENV")),
    (re.compile(r"\b(?:php|php-fpm\S*|apache2-foreground|frankenphp|nginx|octane:start|rr)\b"), ("APP_ENV", "APP_DEBUG")),
)
_MODES = ("NODE_ENV", "FLASK_ENV", "APP_ENV", "RAILS_ENV", "RACK_ENV", "MIX_ENV", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT")
_DEBUG_NAMES = {"DEBUG", "FLASK_DEBUG", "DJANGO_DEBUG", "APP_DEBUG"}


def verify(context: Context) -> Judgement:
    ran = commands(context)
    for command in ran:
        for pattern, what in _COMMAND:
            if pattern.search(command.text) is not None and not _is_aside(context, command):
                return failed(
                    f"The deployed command {what}.", context.at(command.file, command.line, min(command.end_line, command.line + 10))
                )
    for setting in settings(context):
        if setting.name in _DEBUG_NAMES and setting.value.strip("\"'").lower() in _ON:
            return failed(f"The deployment sets `{setting.name}={setting.value}`.", context.at(setting.file, setting.line))
        if setting.name in _MODES and setting.value.strip("\"'").lower() in ("development", "dev"):
            return failed(f"The deployment sets `{setting.name}={setting.value}`.", context.at(setting.file, setting.line))
    started = ran or start_scripts(context)
    served = _entry_server(context, started)
    if served is not None:
        evidence, what = served
        first = [context.at(c.file, c.line, c.end_line) for c in ran[:1]]
        return failed(f"What is started {what}.", evidence, *first)
    switched = _switched_on(context)
    if switched is not None:
        return switched
    mode = _of_framework(context)
    if mode is not None:
        return mode
    if not started:
        return not_applicable("The repository does not say how the backend is started.")
    if not ran:
        for command in started:
            for pattern, what in _COMMAND:
                if pattern.search(command.text) is not None:
                    return failed(f"The start script {what}.", context.at(command.file, command.line))
    last = next((c for c in started if _SERVER.search(c.text) is not None), started[0])
    if not _is_known_server(context, started):
        return unverified("The command that starts the backend is not known.", context.at(last.file, last.line, last.end_line))
    named = next(((p, names) for p, names in _MODE_OF if p.search(last.text) is not None), None)
    if named is not None and last.source != "procfile" and not any(s.name in named[1] for s in settings(context)):
        why = f"`{named[1][0]}` decides whether debugging is on; what the deployment sets it to is not written down."
        return unverified(why, context.at(last.file, last.line, last.end_line))
    return passed(
        "What is deployed is started without debug mode, reload or a development server.", context.at(last.file, last.line, last.end_line)
    )


# Languages whose image starts the program itself: `/app/server`, `./api --port 80`.
_COMPILED = ("go", "rust")
_PROGRAM = re.compile(r"(?:[\w./-]*/)?[\w-]+(?:\s+-?[\w=:./-]+)*$")
_SERVER = re.compile(
    r"\b(uvicorn|gunicorn|hypercorn|daphne|granian|waitress|uwsgi|fastapi\s+run|node|bun|deno|java|python|npm|yarn|pnpm|pm2|next\s+start|nest|dotnet|puma|unicorn|rails\s+s(?:erver)?|thrust|php-fpm\S*|apache2-foreground|frankenphp|octane:start|rr\s+serve|nginx)\b"
)


def _is_known_server(context: Context, ran: tuple[Command, ...]) -> bool:
    compiled = context.language in _COMPILED
    return any(_SERVER.search(c.text) is not None or (compiled and _PROGRAM.match(c.text.strip()) is not None) for c in ran)


def _of_framework(context: Context) -> Judgement | None:
    """A mode for developers that the framework is in until something says otherwise, or that the source switches on."""
    own = default_of(context, "debug_mode")
    if (
        own is not None
        and own.off is not None
        and own.otherwise is None
        and not stands_in_development(context, own.off.file or "", own.off.line or 1)
    ):
        return failed(own.rule.says_not, own.off)
    rule = states(context, "debug_mode")
    place = place_of(context, rule) if own is None and rule is not None else None
    if rule is None or place is None:
        return None
    return failed(rule.says_not, *apart((place, *(context.at(c.file, c.line) for c in commands(context)[:1]))))


def _is_aside(context: Context, command: Command) -> bool:
    """A line of a script below a test for another environment."""
    if command.source != "shell":
        return False
    lines = context.snapshot.lines(command.file)
    above = " ".join(lines[max(0, command.line - 4) : command.line - 1])
    return re.search(r"(?i)\b(if|elif|case)\b.*(dev|debug|local|test)", above) is not None


def _entry_server(context: Context, started: tuple[Command, ...]) -> tuple[Evidence, str] | None:
    """A development server that the started Python file runs itself; without any command, that of any main block."""
    names = [m.group(1).lstrip("./").rpartition("/")[2] for c in started for m in [_SCRIPT.search(c.text)] if m is not None]
    for path in context.production_files("python"):
        if names and path.rpartition("/")[2] not in names:
            continue
        if not names and started:
            continue
        if is_for_development(path) or not context.graph.facts.files[path].called({"run"}):
            continue
        for call in context.view(path).facts.calls:
            found = _serves(context, path, call)
            if found is not None and (names or found.endswith("debugger on")):
                return context.at(path, call.line, min(call.end_line, call.line + 5)), found
    return None


def _serves(context: Context, path: str, call: Call) -> str | None:
    callee = dotted(call.callee) or ""
    named = {a.name: a.value for a in call.args if a.name is not None}
    if callee == "uvicorn.run":
        return "reloads on changes" if _is_true(named.get("reload")) else None
    if callee.endswith(".run") and callee.count(".") <= 2 and _is_flask(context, path):
        return (
            "is Flask's development server with the interactive debugger on"
            if _is_true(named.get("debug"))
            else "is Flask's development server"
        )
    return None


def _is_flask(context: Context, path: str) -> bool:
    if states(context, "server") is not None:
        return True
    return any(m.split(".")[0] in ("flask", "connexion") for m in context.graph.facts.files[path].modules)


def _is_true(value: Value | None) -> bool:
    return isinstance(value, Lit) and value.value is True


def _switched_on(context: Context) -> Judgement | None:
    """Debug mode as a literal of the application or its settings."""
    for bound in context.routes[:1]:
        router = bound.registration.router
        if router is not None and router[0] == "site":
            for key in [router, *context.tracer.mounts_above(router)]:
                if key[0] == "site":
                    call = context.view(key[1]).facts.calls[key[2]]
                    if any(a.name == "debug" and _is_true(a.value) for a in call.args):
                        return failed(
                            "The application is made with `debug=True`.", context.at(key[1], call.line, min(call.end_line, call.line + 5))
                        )
    if "django" not in {d.lower() for d in context.dependencies()}:
        return None
    for path in context.snapshot.glob("**/settings.py", "**/settings/*.py"):
        if not is_production(path) or is_for_development(path):
            continue
        if "base" in path and context.snapshot.glob("**/settings/prod*.py"):
            continue
        for number, line in enumerate(context.snapshot.lines(path), 1):
            if re.match(r"DEBUG\s*=\s*True\b", line):
                return failed("The settings switch Django's debug mode on.", context.at(path, number))
    return None
