"""Endpoints that a library serves by itself, as settings of an application say: `management.endpoints.web.exposure.include=health`.

Options of the rule: `needs`: names of which the module's build (or that of the root) mentions one; `endpoints`: id -> its paths below the
base with their methods, and `needs` of its own, and `opt_in` if it must be switched on; `include` and `exclude`: settings that list ids or
`*`; `base`: settings that say where they are served, else `default_base`; `apart`: settings that take them from below `settings` (as in
shape `mapping`); `enabled` and `renamed`: settings of one `{id}`. Where no setting includes any, nothing is listed; where one includes all
and none leaves any out, one route stands for them, so that those of the application do not drown.
"""

from __future__ import annotations

import re

from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.settings.application_settings import ApplicationSettings, module_of
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card
from backend_readiness.rules.setting_rules import load_setting_rules

MAX_CHARS = 400_000


def collect(scan: Scan) -> None:
    rules = [(card, rule) for card in scan.graph.knowledge.cards for rule in card.routes if rule.shape == "library_endpoints"]
    seen: set[str] = set()
    for path in (p for name in load_setting_rules().files for p in scan.graph.files_named(name)) if rules else ():
        module = module_of(path)
        if module not in seen and "/test/" not in f"/{path}":
            found = [_serve(scan, card, rule, path, module) for card, rule in rules]
            seen.update([module] if any(found) else [])


def _serve(scan: Scan, card: Card, rule: RouteRule, path: str, module: str) -> bool:
    """Register what the settings of one module expose. Did they expose anything?"""
    settings, options = ApplicationSettings(scan.graph), rule.options

    def said(key: str, identifier: str = "") -> str:
        names = (str(n).replace("{id}", identifier) for n in options.get(key, ()))
        return settings.value(tuple(names), path).strip().strip("'\"")

    included, excluded = _ids(said("include")), _ids(said("exclude"))
    build = _build(scan, module)
    line = _line(scan, path, str(options["include"][0]).rpartition(".")[2])
    if not included or line == 0 or not any(need in build for need in options.get("needs", ())):
        return False
    before = [settings.value(tuple(names), path) for names in options.get("settings", ())] if not said("apart") else []
    prefix = "".join(f"/{v.strip('/')}" for v in before if v.strip("/"))
    base = f"{prefix}/{(said('base') or str(options.get('default_base', ''))).strip('/')}".rstrip("/")
    place = Place(file=path, line=line, end_line=line)
    if "*" in included and not excluded:
        _register(scan, card, rule, f"{base}/{{path*}}", ["ANY"], place)
        return True
    for identifier, spec in options.get("endpoints", {}).items():
        listed = (identifier in included or "*" in included) and identifier not in excluded and "*" not in excluded
        needed = [str(n) for n in spec.get("needs", ())]
        switched = said("enabled", identifier).lower()
        if (
            not listed
            or switched == "false"
            or (spec.get("opt_in") and switched != "true")
            or (needed and not any(n in build for n in needed))
        ):
            continue
        own = (said("renamed", identifier) or identifier).strip("/")
        for below, methods in spec["paths"].items():
            _register(scan, card, rule, f"{base}/{own}{below}", methods, place)
    return True


def _register(scan: Scan, card: Card, rule: RouteRule, path: str, methods: list[str], place: Place) -> None:
    for method in methods:
        made = Registration(router=None, method=method, path=path, place=place, start=0, card=card, rule=rule, handler=None)
        scan.routing.registrations.append(made)


def _ids(text: str) -> set[str]:
    return {i for i in re.split(r"[,\s\[\]\"']+", text) if i}


def _build(scan: Scan, module: str) -> str:
    """The build files of a module and of all that is around it, as one text."""
    folders = [module.rsplit("/", n)[0] for n in range(module.count("/") + 1)] + [""]
    names = (f"{folder}/{name}".lstrip("/") for folder in dict.fromkeys(folders) for name in load_setting_rules().builds)
    return "\n".join(scan.graph.text(n)[:MAX_CHARS] for n in names if scan.graph.has(n))


def _line(scan: Scan, path: str, key: str) -> int:
    """Where the last part of a setting is written; 0 when another file of the module says it."""
    written = re.compile(rf"(?:^|[.\s]){re.escape(key)}\s*[:=]")
    return next((n for n, text in enumerate(scan.graph.text(path)[:MAX_CHARS].split("\n"), 1) if written.search(text[:300])), 0)
