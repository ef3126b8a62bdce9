"""What stands between a container and its server, and keeps the signal that ends it: a shell, a script, a runner of scripts."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.deployment import Dockerfile, Instruction
from backend_readiness.controls.deployed.startup import backend_images, backend_services, commands
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.places import is_for_development

DRAINS = re.compile(sign("behind_shell", "drains"))
_CHILD = re.compile(sign("behind_shell", "child"))
# `bundle exec` starts what follows and forwards nothing; `exec` as a command of the shell puts the server in its place.
_FORWARDS = re.compile(r"\b(tini|dumb-init|catatonit|s6-svscan)\b|(?:^|[;&|(\"'\[,]|\bthen|\bdo)\s*exec\s")
# Several commands that one shell runs in turn: `bash -c 'wait; server'`.
_SHELL_LIST = re.compile(r"(?s)^\W*(?:/bin/)?(?:ba|da)?sh\W+-\w*c\b.*(?:&&|;)")
_CLOSES = re.compile(r"\s*(?:fi|done|esac|end|else|\}|set\b|wait\b)\s*")
_CHILD_RUN = re.compile(r"\s*(node|npm|yarn|pnpm|python[\d.]*|java|dotnet|ruby|bundle|uvicorn|gunicorn|php)\s(?!.*&\s*$)")
_MANAGED = (".conf", ".ini")
_KEEPS = re.compile(sign("behind_shell", "keeps"))
MAX_SCRIPT_LINES = 600


def behind_shell(context: Context) -> Evidence | None:
    """The start command, when a shell stays in front of the server and swallows the signal."""
    if any((entry := s.get("init")) is not None and entry.text.lower() in ("true", "yes") for s in backend_services(context)):
        pass  # an init forwards to its child, and the shell is that child: it still keeps the signal
    for image in backend_images(context):
        last = _starts(image)
        if last is None or _FORWARDS.search(last.text) is not None:
            continue
        text = last.text.strip()
        shell = not text.startswith("[") or re.match(r'\[\s*"(/bin/)?(ba|da)?sh"\s*,\s*"-\w*c"', text) is not None
        if shell:
            return context.at(image.path, last.line, last.end_line)
        if re.match(r'(\[\s*)?"?(npm|yarn|pnpm)\b', text) is not None and context.language == "javascript":
            return context.at(image.path, last.line, last.end_line)
        managed = _behind_manager(context, image)
        started = " ".join(i.text for i in image.final_stage if i.name in ("CMD", "ENTRYPOINT"))
        kept = managed if managed is not None else _behind_script(context, text) or _without_exec(context, started)
        if kept is not None:
            return kept
    for command in commands(context):
        if command.source == "compose" and not is_for_development(command.file) and _FORWARDS.search(command.text) is None:
            kept = _behind_script(context, command.text)
            if kept is not None:
                return kept
    return _behind_runner(context) if context.language == "javascript" else None


def _behind_script(context: Context, text: str) -> Evidence | None:
    """The line of the script that a command names which starts the server as a child, so that the script keeps the signal."""
    script = re.search(r"([\w./-]+\.sh)\b", text)
    for path in context.graph.files_named(script.group(1).rpartition("/")[2])[:2] if script is not None else ():
        for number, line in enumerate(context.snapshot.lines(path), 1):
            starts = DRAINS.search(line) or _CHILD.search(line)
            if starts and not line.lstrip().startswith("#") and _FORWARDS.search(line) is None:
                return context.at(path, number)
    return None


def _without_exec(context: Context, started: str) -> Evidence | None:
    """The last command of the script that an image starts, when the script puts nothing in its own place."""
    script = re.search(r"([\w./-]+\.sh)\b", started)
    if script is None or _FORWARDS.search(started) is not None:
        return None
    for path in context.graph.files_named(script.group(1).rpartition("/")[2])[:2]:
        lines = context.snapshot.lines(path)[:MAX_SCRIPT_LINES]
        live = [(n, t) for n, t in enumerate(lines, 1) if re.match(r"\s*[\w./\"$-]", t) is not None and _CLOSES.match(t) is None]
        ends = live and _CHILD_RUN.match(live[-1][1]) is not None  # only another branch puts something in the script's place
        if live and (ends or not any(_FORWARDS.search(t) is not None for _, t in live)):
            return context.at(path, live[-1][0])
    return None


def _behind_manager(context: Context, image: Dockerfile) -> Evidence | None:
    """The command of a process manager's file that the image takes in, when it runs the server inside of a shell."""
    taken = {w.rpartition("/")[2] for i in image.instructions if i.name in ("COPY", "ADD") for w in i.text.split() if w.endswith(_MANAGED)}
    for name in sorted(taken):
        for path in context.graph.files_named(name)[:2]:
            for number, line in enumerate(context.snapshot.lines(path)[:300], 1):
                _, sign_, command = line.partition("=")
                if line.startswith("command") and sign_ and DRAINS.search(command) is not None and waits_in_shell(command):
                    return context.at(path, number)
    return None


def waits_in_shell(text: str) -> bool:
    """Does one shell run several commands, the server among them, and stay in front of it?"""
    return _SHELL_LIST.search(text) is not None and _FORWARDS.search(text) is None


def _behind_runner(context: Context) -> Evidence | None:
    """The command of a deployed service, when it starts the server through the runner of scripts, which keeps the signal."""
    for command in commands(context):
        if command.source == "compose" and _KEEPS.search(command.text) is not None and not is_for_development(command.file):
            return context.at(command.file, command.line, command.end_line)
    return None


def _starts(image: Dockerfile) -> Instruction | None:
    found = [i for i in image.final_stage if i.name in ("CMD", "ENTRYPOINT")]
    return found[-1] if found else None
