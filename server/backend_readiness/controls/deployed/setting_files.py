"""Settings that stand in files beside the source: `application.properties`, `appsettings.json`, YAML, TOML and INI."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.yamlfile import MAX_CHARS, Entry, documents
from backend_readiness.controls.kept import once
from backend_readiness.controls.places import is_production
from backend_readiness.rules.signs import signs
from backend_readiness.snapshot.places import is_for_development

_FILES = signs("setting_files", "files")
_MAX_ENTRIES = 4_000
_MAX_DEPTH = 12
_SECRET = re.compile(r"(?:secret|secretkey|password|passwd|apikey|privatekey|signingkey|jwtkey|accesskey)$")
# `${NAME}`, `${NAME:default}`, `${NAME:-default}`: the environment decides, and says what holds without it.
_FROM_OUTSIDE = re.compile(r"^(?:\$\{[\w.\-]+(?::-?(?P<default>[^}]*))?\}|\$\w+|%env\(.*\)%|<%=.*%>|\{\{.*\}\}|ENC\(.*\)|#\{.*\})$")
_VARIABLE = re.compile(r"^(?:%env\((?:\w+:){0,4}|\$\{)(\w{1,60})(?:\)%|\})$")
_LINE = re.compile(r"^\s*(?P<key>[\w.\-\[\]]+)\s*[=:]\s*(?P<value>.*?)\s*$")
_SECTION = re.compile(r"^\s*\[+(?P<name>[\w.\-\"]+)\]+\s*$")
# A placeholder of an annotation on a field or parameter: `@Value("${app.secret:default}") String secret`.
_ANNOTATED = (
    r"@\w+\(\s*(?:\w+\s*=\s*)?[\"'](?:\\?\$\{)?(?P<key>[\w.\-]{1,80})(?::(?P<default>[^}\"]{0,300}))?\}?[\"']"
    r"[^)\n]{0,60}\)[^;{,)]{0,200}?\b%s\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSetting:
    """One setting. `path` holds the parts of its key as they compare: lower case, without `-` and `_`."""

    path: tuple[str, ...]
    value: str
    file: str
    line: int

    @property
    def literal(self) -> str:
        """The value that holds if nothing outside of the file says otherwise; empty when there is none."""
        outside = _FROM_OUTSIDE.match(self.value)
        return (outside.group("default") or "" if outside is not None else self.value).strip()

    @property
    def can_be_replaced(self) -> bool:
        """Does the file itself let the environment decide?"""
        return _FROM_OUTSIDE.match(self.value) is not None


def setting_at(context: Context, key: str) -> FileSetting | None:
    """The setting of a whole key (`app.jwt.secret`, `Jwt:Key`), as frameworks compare keys."""
    wanted = _parts(key)
    return next((s for s in once(context, _all) if s.path == wanted), None) if wanted else None


def settings_named(context: Context, name: str) -> list[FileSetting]:
    """Settings whose key ends in the name."""
    wanted = _parts(name)
    return [s for s in once(context, _all) if wanted and s.path[-len(wanted) :] == wanted]


def annotation_of(text: str, name: str) -> re.Match[str] | None:
    """The annotation that fills a field or parameter: `key` is the setting that it names, `default` what holds without it."""
    return re.search(_ANNOTATED % re.escape(name), text)


def settings_about(context: Context, word: str) -> list[FileSetting]:
    """Settings with a key of which one part is the word, or ends in it (`cors`, `globalcors`)."""
    return [s for s in once(context, _all) if any(p.endswith(word) for p in s.path)]


def settings_below(context: Context, key: str) -> list[FileSetting]:
    """Settings of a section (`spring.datasource`)."""
    wanted = _parts(key)
    return [s for s in once(context, _all) if wanted and s.path[: len(wanted)] == wanted]


def value_in_env(context: Context, setting: FileSetting) -> str:
    """What the committed file of the environment says for a setting that asks for a variable (`%env(NAME)%`); empty when none does."""
    asked = _VARIABLE.search(setting.value)
    if asked is None:
        return ""
    hits = context.hits((rf"^\s*{re.escape(asked.group(1))}\s*=",), (".env", "**/.env", "**/.env.prod*"))
    return hits[0][2].partition("=")[2].strip().strip("\"'") if hits else ""


def secret_settings(context: Context) -> list[FileSetting]:
    """Settings whose last part names a secret."""
    return [s for s in once(context, _all) if s.path and _SECRET.search(s.path[-1])]


def _parts(key: str) -> tuple[str, ...]:
    return tuple(p for part in re.split(r"[.:]|__", key) if (p := re.sub(r"[-_\[\]\"]", "", part).lower()))


def _all(context: Context) -> list[FileSetting]:
    found: list[FileSetting] = []
    root = context.backend_root
    for path in context.snapshot.glob(*_FILES):
        folder = path.rpartition("/")[0]
        near = not root or not folder or f"{folder}/".startswith(f"{root}/") or root.startswith(f"{folder}/")
        if near and is_production(path) and (not is_for_development(path.rpartition("/")[2]) or _is_named(context, path)):
            found.extend(_of_file(context, path))
        if len(found) > _MAX_ENTRIES:
            break
    return found


def _is_named(context: Context, path: str) -> bool:
    """Does the source name a file for development as the one that is read: `default_config="./config/dev.yaml"`?"""
    said = re.escape("/".join(path.rsplit("/", 2)[-2:]))
    return "/" in path and bool(context.hits((rf"[\"'`](\./)?([\w-]+/)*{said}[\"'`]",)))


def _of_file(context: Context, path: str) -> Iterator[FileSetting]:
    text = context.snapshot.text(path)
    if len(text) > MAX_CHARS:
        return
    if path.endswith((".yml", ".yaml", ".json")):
        plain = re.sub(r"(?m)^\s*//.*$", "", text.removeprefix("\ufeff")).replace("\t", "  ") if path.endswith(".json") else text
        budget = [_MAX_ENTRIES]  # aliases of a hostile file cannot blow it up
        for document in documents(plain):
            yield from _of_entry(document, (), path, 0, budget)
        return
    section: tuple[str, ...] = ()
    for number, line in enumerate(context.snapshot.lines(path), 1):
        if line.lstrip().startswith(("#", ";", "!")):
            continue
        if (opened := _SECTION.match(line)) is not None:
            section = _parts(opened.group("name"))
        elif (match := _LINE.match(line)) is not None:
            value = match.group("value").strip("\"'")
            yield FileSetting(path=(*section, *_parts(match.group("key"))), value=value, file=path, line=number)


def _of_entry(entry: Entry, above: tuple[str, ...], path: str, depth: int, budget: list[int]) -> Iterator[FileSetting]:
    for key, value in entry.items():
        here = (*above, *_parts(key))
        budget[0] -= 1
        if budget[0] <= 0:
            return
        listed = [item for item in value.each() if item.text]
        budget[0] -= len(listed)
        for item in listed:
            yield FileSetting(path=here, value=item.text, file=path, line=item.line)
        if listed:
            continue
        if value.text or not any(True for _ in value.items()):
            yield FileSetting(path=here, value=value.text, file=path, line=value.line)
        elif depth < _MAX_DEPTH:
            yield from _of_entry(value, here, path, depth + 1, budget)
