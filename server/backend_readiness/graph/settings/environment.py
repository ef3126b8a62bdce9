"""Variables of the environment: how code reads one, and what the files say that a repository keeps for them."""

from __future__ import annotations

import re
from functools import cache

from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.values import Const, Ext
from backend_readiness.rules.setting_rules import load_setting_rules
from backend_readiness.snapshot.places import is_test

MAX_CHARS = 100_000
_LINE = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w{0,100})[ \t]*=[ \t]*([^\r\n]{0,500})", re.MULTILINE)
_TEXT = re.compile(r"\"([^\"]*)\"|'([^']*)'|([^\s#]*)")
_PATH = re.compile(r"/?[A-Za-z][\w-]*(?:/[\w-]+)*/?")


def variable_of(value: Ext) -> str | None:
    """The variable of the environment that a value is."""
    read = _reads().fullmatch(value.path)
    return read["name"] if read is not None else None


def path_in(ev: Evaluator, value: Ext) -> str | None:
    """The path that a variable holds, where every file of the repository which names it says the same: `PREFIX=api`, `BASE=/api/v1`."""
    name = variable_of(value) or _asked(ev, value)
    said_so = path_of(ev, name) if name is not None else None
    return said_so or (_otherwise(ev, value) if name is not None else None)


def path_of(ev: Evaluator, name: str) -> str | None:
    """The same of a variable by its name."""
    if ev.environment is None:
        ev.environment = _agreed(ev)
    return ev.environment.get(name)


def _asked(ev: Evaluator, value: Ext) -> str | None:
    """The variable that a function of the environment is asked for: `env('PREFIX', 'api')`."""
    if value.site is None or value.path not in load_setting_rules().environment_calls:
        return None
    name = ev.arg_value(value.site, 0)
    return name.value if isinstance(name, Const) and isinstance(name.value, str) else None


def _otherwise(ev: Evaluator, value: Ext) -> str | None:
    """What a function of the environment gives where the variable is not set: the text behind the name."""
    given = ev.arg_value(value.site, 1) if value.site is not None and variable_of(value) is None else None
    return given.value if isinstance(given, Const) and isinstance(given.value, str) and _PATH.fullmatch(given.value) else None


def _agreed(ev: Evaluator) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for name in load_setting_rules().environment_files:
        for path in ev.world.files_named(name):
            for key, text in said(ev.world.text(path)).items() if not is_test(path) else ():
                if text:
                    found.setdefault(key, set()).add(text)
    return {key: text for key, (text, *more) in found.items() if not more and _PATH.fullmatch(text)}


@cache
def _reads() -> re.Pattern[str]:
    return re.compile("|".join(load_setting_rules().environment_reads))


def said(text: str) -> dict[str, str]:
    """Variable -> value of each line of such a file."""
    found: dict[str, str] = {}
    for line in _LINE.finditer(text[:MAX_CHARS]):
        value = _TEXT.match(line[2])
        found[line[1]] = next((g for g in value.groups() if g is not None), "") if value is not None else ""
    return found
