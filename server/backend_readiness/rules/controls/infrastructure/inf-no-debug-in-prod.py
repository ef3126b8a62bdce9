"""The commands and settings of what is deployed: no development server, no reload, no debug mode."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of, place_of, states
from backend_readiness.controls.deployed.deployment import Service
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.controls.deployed.env_beside import mode_beside
from backend_readiness.controls.deployed.given_mode import given_mode
from backend_readiness.controls.deployed.on_by_default import left_on, on_by_default, spread_options
from backend_readiness.controls.deployed.startup import (
    Command,
    Setting,
    backend_images,
    backend_services,
    commands,
    override_settings,
    settings,
    shipped_services,
    stands_beside,
    start_scripts,
)
from backend_readiness.controls.deployed.units import unit_of
from backend_readiness.controls.deployed.unsaid_mode import shown_to_developers, unsaid_mode
from backend_readiness.controls.deployed.workload_settings import settings_of_workloads
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.places import is_production
from backend_readiness.controls.standing import apart
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Call, Lit, Value
from backend_readiness.model import Evidence
from backend_readiness.rules.default_rules import FrameworkDefault
from backend_readiness.rules.signs import sign, signs_by
from backend_readiness.snapshot.matching import compile_patterns
from backend_readiness.snapshot.places import is_for_development

_COMMAND = tuple((re.compile(p), what) for what, patterns in signs_by("inf-no-debug-in-prod", "command").items() for p in patterns)
_SCRIPT = re.compile(r"\bpython\d?(?:\.\d+)?\s+(?:-u\s+|-O\s+|-B\s+)*([\w./-]+\.py)\b")
_TRUE_OF_TEXT = re.compile(sign("inf-no-debug-in-prod", "true_of_text"))
_ON = {"1", "true", "yes", "on"}
_MODE_OF = tuple((re.compile(p), names) for p, names in signs_by("inf-no-debug-in-prod", "mode_of").items())
_MODES = ("NODE_ENV", "FLASK_ENV", "APP_ENV", "RAILS_ENV", "RACK_ENV", "MIX_ENV", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT")
_RELEASE = re.compile(r"(?i)^[\"']?(release|prod(uction)?)[\"']?$")
_PROFILES = frozenset(signs_by("inf-no-debug-in-prod", "profiles")["names"])
_FOR_DEVELOPERS = re.compile(r"(?i)(^|[,\s\"'])(dev(el|elop|elopment)?|local|debug|test)([,\s\"']|$)")
_GIVES_FLAGS = re.compile(r"(?i)_OPTS$|_OPTIONS$|_ARGS$")
_AGENT = re.compile(r"-agentlib:jdwp|-Xrunjdwp|--inspect\b")
_DEBUG_NAMES = {"DEBUG", "FLASK_DEBUG", "DJANGO_DEBUG", "APP_DEBUG"}


def verify(context: Context) -> Judgement:
    ran = commands(context)
    for command in ran:
        for pattern, what in _COMMAND:
            if pattern.search(command.text) is not None and not _is_aside(context, command):
                return failed(
                    f"The deployed command {what}.", context.at(command.file, command.line, min(command.end_line, command.line + 10))
                )
    profile: Setting | None = None
    for setting in (*settings(context), *settings_of_workloads(context)):
        if setting.name in _DEBUG_NAMES and setting.value.strip("\"'").lower() in _ON:
            return failed(f"The deployment sets `{setting.name}={setting.value}`.", context.at(setting.file, setting.line))
        if setting.name in _MODES and setting.value.strip("\"'").lower() in ("development", "dev"):
            return failed(f"The deployment sets `{setting.name}={setting.value}`.", context.at(setting.file, setting.line))
        if setting.name in (*_PROFILES, *_MODES) and _FOR_DEVELOPERS.search(setting.value) is not None:
            profile = profile or setting
        if _GIVES_FLAGS.search(setting.name) is not None and _AGENT.search(setting.value) is not None:
            return failed(f"`{setting.name}` opens a port for a debugger.", context.at(setting.file, setting.line))
    said = override_settings(context)
    beside = next((s for s in said if s.name in _MODES and s.value.strip("\"'").lower() in ("development", "dev")), None)
    if beside is not None:
        why = f"A compose file that is read along sets `{beside.name}={beside.value}`; whether it is part of what is deployed is open."
        return unverified(why, context.at(beside.file, beside.line))
    started = ran or start_scripts(context)
    served = _entry_server(context, started)
    if served is not None:
        evidence, what = served
        first = [context.at(c.file, c.line, c.end_line) for c in ran[:1]]
        return failed(f"What is started {what}.", evidence, *first)
    switched = _by_text(context, started) or _switched_on(context)
    if switched is not None:
        return switched
    mode = _of_framework(context)
    if mode is not None:
        return mode
    if profile is not None:
        return _by_profile(context, profile)
    beside_code = mode_beside(context)
    if beside_code is not None:
        return beside_code
    if not started and (image := next(iter(backend_images(context)), None)) is not None:
        at = context.at(image.path, image.all("FROM")[-1].line)
        return unverified("The image leaves the command that starts the backend to its base, or to who runs it.", at)
    if not started:
        return _not_started(context)
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
        if _is_told_nothing(context, last, named[1]):
            why = f"The server runs in development mode: nothing in the compose file sets `{named[1][0]}`."
            return failed(why, context.at(last.file, last.line, min(last.end_line, last.line + 10)))
        why = f"`{named[1][0]}` decides whether debugging is on; what the deployment sets it to is not written down."
        return unverified(why, context.at(last.file, last.line, last.end_line))
    unsaid = unsaid_mode(context, " ".join(c.text for c in started))
    if unsaid is not None:
        why = "A mode for developers holds where nothing says otherwise; what the deployment sets it to is not written down."
        return unverified(why, unsaid, context.at(last.file, last.line, last.end_line))
    shown = shown_to_developers(context)
    if shown is not None:
        why = "What shows errors to developers runs where nothing names another mode, and nothing that deploys the application does."
        return partial(why, shown, context.at(last.file, last.line, last.end_line))
    staged = next((t for s in backend_services(context) if (t := s.get("build", "target")) is not None and _STAGE.match(t.text)), None)
    if staged is not None:
        path = next(s.path for s in backend_services(context) if s.get("build", "target") is not None)
        why = "The compose file builds the stage for development; whether it is what is deployed was not found out."
        return unverified(why, context.at(path, staged.line), context.at(last.file, last.line, last.end_line))
    return passed(
        "What is deployed is started without debug mode, reload or a development server.", context.at(last.file, last.line, last.end_line)
    )


def _not_started(context: Context) -> Judgement:
    """Nothing starts the backend, as far as its images were told from others: without any image, the control has no subject."""
    images = [d.path for d in context.deployment.dockerfiles if is_production(d.path) and not is_for_development(d.path)]
    if images:
        return unverified("Which image is the backend's, and how it is started, was not settled.", context.at(images[0], 1))
    service = next((s for s in shipped_services(context) if not stands_beside(context, s)), None)
    if service is not None:
        why = "A compose file runs an image that is built elsewhere; how the backend is started in it is not written down."
        return unverified(why, context.at(service.path, service.entry.line))
    unit = unit_of(context)
    if unit is not None:
        return unverified("A unit of the host starts the backend; in which mode was not settled.", unit)
    return not_applicable("The repository does not say how the backend is started.")


def _by_profile(context: Context, setting: Setting) -> Judgement:
    """A profile for developers that the deployment names: what it switches on is not told by its name."""
    why = f"The deployment sets `{setting.name}={setting.value}`; what it switches on was not settled."
    return unverified(why, context.at(setting.file, setting.line))


_STAGE = re.compile(r"(?i)(dev|develop|development|local|debug)$")
_DEFAULTS = re.compile(sign("inf-no-debug-in-prod", "mode_default"))


def _is_told_nothing(context: Context, command: Command, names: tuple[str, ...]) -> bool:
    """Does a compose service that ships start the server, and neither it nor a file of its environment may name the mode?"""
    if command.source != "compose" or _DEFAULTS.search(command.text) is None or is_for_development(command.file):
        return False
    if any(re.search(rf"\b{name}\s*=", command.text) for name in names):
        return False
    own = [s for s in context.deployment.compose if s.path == command.file and s.entry.line <= command.line <= s.entry.end_line]
    return bool(own) and all(s.get("env_file") is None and not _names(s, names) for s in own)


def _names(service: Service, names: tuple[str, ...]) -> bool:
    found = service.get("environment")
    keys = {k for k, _ in found.items()} | {e.text.partition("=")[0].strip() for e in found.each()} if found is not None else set()
    built = service.get("build")
    return bool(keys & set(names)) or built is not None  # an image that is built here may set it


# Languages whose image starts the program itself: `/app/server`, `./api --port 80`.
_COMPILED = ("go", "rust")
_PROGRAM = re.compile(r"(?:[\w./-]*/)?[\w-]+(?:\s+-?[\w=:./-]+)*$")
_SERVER = re.compile(sign("inf-no-debug-in-prod", "server"))


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
    chosen = own.otherwise or own.at if own is not None and own.off is None else None
    if own is not None and chosen is not None and _is_left_to_a_setting(context, own.otherwise, own.at):
        why = "A setting chooses between the mode for developers and the other; what the deployment sets it to is not written down."
        return unverified(why, chosen)
    given = given_mode(context, own.rule.value) if own is not None and own.off is None and own.rule.value else None
    if given is not None and not any(_RELEASE.search(s.value) is not None for s in settings(context)):
        call, setting = given
        if setting is not None and not setting.can_be_replaced:
            return failed("A settings file that ships selects the mode for developers.", context.at(setting.file, setting.line), call)
        return unverified("A setting chooses the mode; what the deployment sets it to is not written down.", call)
    rule = states(context, "debug_mode")
    place = place_of(context, rule) if own is None and rule is not None else None
    if rule is None or place is None:
        return None
    return failed(rule.says_not, *apart((place, *(context.at(c.file, c.line) for c in commands(context)[:1]))))


def _is_left_to_a_setting(context: Context, developers: Evidence | None, release: Evidence | None) -> bool:
    """Does the source choose the mode by a condition, and nothing that deploys it name the mode of production?"""
    if any(_RELEASE.search(s.value) is not None for s in settings(context)):
        return False
    for at in (e for e in (developers, release) if e is not None and e.file in context.graph.facts.files):
        blocks = [b for b in context.view(at.file or "").facts.blocks if b.kind in ("if", "case", "switch")]
        if developers is not None or any(b.line <= (at.line or 0) <= b.end_line for b in blocks):
            return True
    return False


def _is_aside(context: Context, command: Command) -> bool:
    """A line of a script below a test for another environment."""
    if command.source != "shell":
        return False
    lines = context.snapshot.lines(command.file)
    above = " ".join(lines[max(0, command.line - 4) : command.line - 1])
    return re.search(r"(?i)\b(if|elif|case)\b.*(dev|debug|local|test)", above) is not None


def _entry_server(context: Context, started: tuple[Command, ...]) -> tuple[Evidence, str] | None:
    """A development server that the started Python file runs itself; without any command, that of any main block."""
    for path, call, named in _entry_calls(context, started):
        found = _serves(context, path, call)
        if found is not None and (named or found.endswith("debugger on")):
            return context.at(path, call.line, min(call.end_line, call.line + 5)), found
    return None


def _entry_calls(context: Context, started: tuple[Command, ...]) -> Iterator[tuple[str, Call, bool]]:
    """The calls of the Python file that is started; without any command, those of files that run something, and False."""
    names = [m.group(1).lstrip("./").rpartition("/")[2] for c in started for m in [_SCRIPT.search(c.text)] if m is not None]
    for path in context.production_files("python") if names or not started else ():
        if names and path.rpartition("/")[2] not in names:
            continue
        if is_for_development(path) or not context.graph.facts.files[path].called({"run"}):
            continue
        yield from ((path, call, bool(names)) for call in context.view(path).facts.calls)


def _by_text(context: Context, started: tuple[Command, ...]) -> Judgement | None:
    """A reload that a text of the environment switches: `bool(os.getenv("RELOAD"))` is true of `False` as well."""
    for path, call, named in _entry_calls(context, started):
        value = next((a.value for a in call.args if a.name == "reload"), None) if dotted(call.callee) == "uvicorn.run" else None
        if value is None or isinstance(value, Lit) or not named:
            continue
        at = context.at(path, call.line, call.end_line)
        text = " ".join(context.snapshot.lines(path)[call.line - 1 : call.end_line])
        asked = _TRUE_OF_TEXT.search(text)
        given = next((s for s in settings(context) if asked is not None and s.name == asked.group(1) and s.value.strip("\"'")), None)
        if given is not None:
            why = f"The server reloads on changes for any text of `{given.name}`, and the deployment gives it `{given.value}`."
            return failed(why, at, context.at(given.file, given.line))
        return unverified("A setting decides whether the server reloads on changes; what it is where it is deployed was not settled.", at)
    return None


def _serves(context: Context, path: str, call: Call) -> str | None:
    callee = dotted(call.callee) or ""
    named = {a.name: a.value for a in call.args if a.name is not None}
    if callee == "uvicorn.run":
        return "reloads on changes" if _is_true(named.get("reload")) else None
    own = _own_server(context, path) if callee.endswith(".run") and callee.count(".") <= 2 else None
    if own is not None:
        return f"is {own.value} with the interactive debugger on" if _is_true(named.get("debug")) else f"is {own.value}"
    return None


def _own_server(context: Context, path: str) -> FrameworkDefault | None:
    """What the run call of the flow's framework starts, or of one that the file imports."""
    modules = {m.split(".")[0] for m in context.graph.facts.files[path].modules}
    importing = (c.defaults["server"] for c in context.graph.knowledge.cards if "server" in c.defaults and modules & set(c.detect.imports))
    return states(context, "server") or next(importing, None)


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
                    spread = [g for a in call.args if a.spread for g in spread_options(context, a.value, "debug")]
                    on = next((g for g in spread if _is_true(g[2])), None)
                    if on is not None:
                        return failed("The application is made with `debug=True`.", context.at(*on[:2]), context.at(key[1], call.line))
                    said = [a.value for a in call.args if a.name == "debug"] + [g[2] for g in spread]
                    left = next((o for v in said if (o := on_by_default(context, v))), None)
                    if left is not None and left[1]:
                        why = "Debug mode is on by default; what the deployment sets it to is not written down."
                        return unverified(why, left[0], context.at(key[1], call.line))
                    if left is not None:
                        why = "Debug mode is on by default, and nothing that deploys the application switches it off."
                        return partial(why, left[0], context.at(key[1], call.line))
    for card in context.graph.knowledge.cards:
        rule = card.defaults.get("debug_setting")
        found = _setting(context, rule) if rule is not None else None
        if rule is not None and found is not None:
            return failed(rule.says, found)
        rule = card.defaults.get("debug_default")
        unset = left_on(context, rule) if rule is not None else None
        if rule is not None and unset is not None and unset[1]:
            return unverified(f"{rule.says} What the deployment sets it to is not written down.", unset[0])
        if rule is not None and unset is not None:
            return partial(f"{rule.says} Nothing that deploys the application does.", unset[0])
    return None


def _setting(context: Context, rule: FrameworkDefault) -> Evidence | None:
    """The line of shipped settings that switches debug mode on."""
    written = compile_patterns(rule.when)
    for path in context.snapshot.glob(*rule.paths):
        if not is_production(path) or is_for_development(path) or context.is_apart(path):
            continue
        if "base" in path and context.snapshot.glob("**/settings/prod*.py"):
            continue
        for number, line in enumerate(context.snapshot.lines(path), 1):
            if written is None or written.search(line.encode("utf-8", "replace")) is None:
                continue
            if not stands_in_development(context, path, number):
                return context.at(path, number)
    return None
