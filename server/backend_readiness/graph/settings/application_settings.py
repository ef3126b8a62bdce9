"""Settings of an application in `application.properties`, `application.yml`, `application.conf`: by dotted name, and what stands for them.

The names are compared as Spring, Quarkus and Micronaut do it: `context-path`, `contextPath` and `context_path` are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import yaml

from backend_readiness.graph.settings import hocon, property_sources
from backend_readiness.graph.settings.property_sources import Source
from backend_readiness.rules.setting_rules import load_setting_rules
from backend_readiness.rules.yaml_files import LOADER
from backend_readiness.snapshot.places import is_test
from backend_readiness.snapshot.yaml_nesting import is_nested_too_deep

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

MAX_CHARS = 400_000
MAX_DEPTH = 40
MAX_SETTINGS = 4_000
MAX_PROFILES = 8
_LINE = re.compile(r"^[ \t]*([\w.\-\[\]\"/{}$@]{1,200})[ \t]*[=:][ \t]*([^\r\n]{0,500})", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\$\{([\w.\-]{1,200})(?::([^{}]{0,300}))?\}")
MAX_NESTED = 4
MAX_PLACEHOLDERS = 6
_SOURCE = re.compile(r"(?:^|/)src/(?:main|test|\w+)/")


class ApplicationSettings:
    """The settings of all modules of a repository."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._reached: dict[tuple[str, str], bool] = {}

    def value(self, names: tuple[str, ...], file: str) -> str:
        """The first of these settings that the module of a source file has; empty when none is set there.

        A module without a file of settings takes those of the only module that has one.
        """
        settings = self._of(file)
        return next((self.filled(settings[n], file) for n in map(_canonical, names) if n in settings), "")

    def filled(self, text: str, file: str, depth: int = 0) -> str:
        """`${name}` and `${name:default}` replaced by the setting, its default, or the parameter `{name}`."""

        def meant(match: re.Match[str]) -> str:
            found = self._of(file).get(_canonical(match.group(1)))
            if found is not None and depth < 4:
                return self.filled(found, file, depth + 1)
            return match.group(2) if match.group(2) is not None else "{" + match.group(1).rpartition(".")[2] + "}"

        for _ in range(MAX_NESTED):  # the default of one may be another: `${a:${b:/x}}`
            if "${" not in text:
                break
            text = _PLACEHOLDER.sub(meant, text, count=MAX_PLACEHOLDERS)
        return text

    def is_part_of(self, module: str, file: str) -> bool:
        """Does what a module holds count for a file: one of the module, or of one whose build names the module as a dependency?"""
        if not module or file.startswith(f"{module}/"):
            return True
        key = (module, module_of(file))
        if key not in self._reached:
            named = re.compile(rf"(?<![\w.\-]){re.escape(module.rpartition('/')[2])}(?![\w.\-])")
            builds = (f"{key[1]}/{name}".lstrip("/") for name in load_setting_rules().builds)
            self._reached[key] = any(named.search(self._graph.text(path)[:MAX_CHARS]) for path in builds if self._graph.has(path))
        return self._reached[key]

    def _of(self, file: str) -> dict[str, str]:
        own = self._of_module(file)
        named = [source for source in self._sources if self.is_part_of(module_of(source.file), file)]
        if not named:
            return own
        package = self._graph.facts.files[file].package if file in self._graph.facts.files else ""
        mine = [source for source in named if source.holds(package)]
        said: dict[str, set[str]] = {}
        for source in mine or named:
            for key, value in source.settings.items():
                said.setdefault(key, set()).add(value)
        return {**{k: next(iter(v)) for k, v in said.items() if len(v) == 1}, **own}  # what two applications say otherwise is neither's

    @cached_property
    def _sources(self) -> list[Source]:
        return list(property_sources.named(self._graph, lambda p, t: {_canonical(k): v for k, v in settings_in(p, t)}))

    def _of_module(self, file: str) -> dict[str, str]:
        module = module_of(file)
        while module:
            if module in self._modules:
                return self._modules[module]
            module = module.rpartition("/")[0]
        if "" in self._modules:
            return self._modules[""]
        return next(iter(self._modules.values())) if len(self._modules) == 1 else {}

    @cached_property
    def _modules(self) -> dict[str, dict[str, str]]:
        """Folder of a module -> its settings. Files of tests do not count."""
        found: dict[str, dict[str, str]] = {}
        for name in load_setting_rules().files:
            for path in self._graph.files_named(name):
                if is_test(path):
                    continue
                settings = found.setdefault(module_of(path), {})
                for key, value in settings_in(path, self._graph.text(path)):
                    settings.setdefault(_canonical(key), value)
        for module, settings in found.items():
            settings.update(self._of_profiles(module, settings))
            settings.update(self._handed_out(settings))
        return found

    def _files_of(self, module: str, names: Iterable[str]) -> list[str]:
        return [p for n in names for p in self._graph.files_named(n) if module_of(p) == module and not is_test(p)]

    def _of_profiles(self, module: str, settings: dict[str, str]) -> dict[str, str]:
        """What the files and documents say that hold for the profiles which the settings make active; the last profile counts most."""
        rules = load_setting_rules()
        said = ",".join(settings.get(_canonical(name), "") for name in rules.active)
        profiles = [p for p in (_PLACEHOLDER.sub(lambda m: m.group(2) or "", p).strip() for p in said.split(",")) if p]
        found: dict[str, str] = {}
        for profile in profiles[:MAX_PROFILES]:
            names = (name.replace("{profile}", profile) for name in rules.profile_files)
            files, main = self._files_of(module, names), self._files_of(module, rules.files)
            for path in [p for p in main if p.endswith((".yml", ".yaml"))]:
                found.update((_canonical(k), v) for k, v in _yaml(self._graph.text(path), profile))
            for path in files:
                found.update((_canonical(k), v) for k, v in settings_in(path, self._graph.text(path)))
        return found

    def _handed_out(self, settings: dict[str, str]) -> dict[str, str]:
        """What a server of settings of the same repository hands out to the module: it counts before its own."""
        rule = load_setting_rules().handed_out
        name = settings.get(_canonical(rule.name), "")
        if not name or not any(key.startswith(_canonical(below)) for key in settings for below in rule.below):
            return {}
        files = [p for ending in rule.endings for p in self._graph.files_named(f"{name}{ending}") if not is_test(p)]
        return {_canonical(k): v for p in files[:1] for k, v in settings_in(p, self._graph.text(p))}


def settings_in(path: str, text: str) -> Iterator[tuple[str, str]]:
    """The settings of one file by dotted name: of HOCON, YAML or lines."""
    if path.endswith(".conf"):
        return hocon.settings_of(text)
    return _properties(text) if path.endswith(".properties") else _yaml(text)


def module_of(path: str) -> str:
    """The folder of the module that a file below `src/main/...` belongs to; else the file's own folder."""
    found = _SOURCE.search(path)
    if found is not None:
        return path[: found.start()].strip("/")
    return f"/{path.rpartition('/')[0]}".removesuffix("/config").removesuffix("/resources").strip("/")


def _canonical(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _properties(text: str) -> Iterator[tuple[str, str]]:
    for count, match in enumerate(_LINE.finditer(text[:MAX_CHARS])):
        if count > MAX_SETTINGS:
            return
        yield match.group(1), match.group(2).strip()


def _yaml(text: str, profile: str = "") -> Iterator[tuple[str, str]]:
    """The settings of the documents that are not for a profile, or of those for this one."""
    if len(text) > MAX_CHARS or is_nested_too_deep(text):
        return
    text = text.replace("\\${", "${")  # a build that fills in `${version}` wants the others escaped
    try:
        roots = list(yaml.compose_all(text, Loader=LOADER))
    except (yaml.YAMLError, RecursionError):
        return
    for root in roots[:20]:
        settings = list(_below(root, "", 0))
        held = [v for k, v in settings if k in load_setting_rules().profiles]
        if profile in {p.strip() for v in held for p in v.split(",")} if profile else not held:
            yield from settings


def _below(node: yaml.Node | None, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(node, yaml.ScalarNode) and prefix:
        yield prefix, str(node.value)
    elif isinstance(node, yaml.SequenceNode) and prefix and all(isinstance(n, yaml.ScalarNode) for n in node.value[:MAX_SETTINGS]):
        yield prefix, ",".join(str(n.value) for n in node.value[:MAX_SETTINGS])
    elif isinstance(node, yaml.MappingNode) and depth < MAX_DEPTH:
        for key, value in node.value[:MAX_SETTINGS]:
            if isinstance(key, yaml.ScalarNode):
                yield from _below(value, f"{prefix}.{key.value}" if prefix else str(key.value), depth + 1)
