"""What a manifest declares: one small parser a format. A manifest that does not parse declares nothing."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_MAX_LINE_CHARS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """`local`: folders of the same repository that the manifest builds upon, from its own folder (`../Shared`) or the top (`/shared`)."""

    name: str = ""
    dependencies: Mapping[str, str] = field(default_factory=dict)
    local: tuple[str, ...] = ()


def _table(value: object, *keys: str) -> dict[str, object]:
    """The table at `keys`, empty where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return {k: v for k, v in value.items() if isinstance(k, str)} if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _version(value: object) -> str:
    return _text(value) or _text(_table(value).get("version"))


def _items(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _json(text: str) -> object:
    try:
        loaded: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return loaded


def _toml(text: str) -> object:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return None


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if len(line) <= _MAX_LINE_CHARS)


def package_json(text: str) -> Declared:
    loaded = _json(text)
    found: dict[str, str] = {}
    for kind in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
        for name, version in _table(loaded, kind).items():
            found.setdefault(name, _text(version))
    return Declared(name=_text(_table(loaded).get("name")), dependencies=found)


def composer_json(text: str) -> Declared:
    loaded = _json(text)
    found = {name: _text(version) for kind in ("require-dev", "require") for name, version in _table(loaded, kind).items()}
    return Declared(name=_text(_table(loaded).get("name")), dependencies=found)


# ---------------------------------------------------------------- Python

_REQUIREMENT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,200})\s*(?:\[[^\]]{0,500}\])?\s*\(?([^;#]*)")


def _requirements(lines: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        stripped = line.partition(" #")[0].strip()  # what is said of a package may hold an address
        if not stripped or stripped[0] in "#-" or len(stripped) > _MAX_LINE_CHARS or "://" in stripped.split("@")[0]:
            continue
        if match := _REQUIREMENT.match(stripped):
            found[match[1]] = match[2].split(" --")[0].strip(" \t)\\")
    return found


def requirements(text: str) -> Declared:
    return Declared(dependencies=_requirements(text.splitlines()))


def pyproject(text: str) -> Declared:
    loaded = _toml(text)
    project, poetry = _table(loaded, "project"), _table(loaded, "tool", "poetry")
    found = _requirements(_items(project.get("dependencies")))
    groups = [*_table(project, "optional-dependencies").values(), *_table(loaded, "dependency-groups").values()]
    for group in groups:
        found |= {name: version for name, version in _requirements(_items(group)).items() if name not in found}
    tables = [_table(poetry, "dependencies"), _table(poetry, "dev-dependencies")]
    tables += [_table(group, "dependencies") for group in _table(poetry, "group").values()]
    for table in tables:
        for name, version in table.items():
            if name != "python":
                found.setdefault(name, _version(version))
    return Declared(name=_text(project.get("name")) or _text(poetry.get("name")), dependencies=found)


def pipfile(text: str) -> Declared:
    loaded = _toml(text)
    tables = (_table(loaded, "dev-packages"), _table(loaded, "packages"))
    return Declared(dependencies={name: _version(version) for table in tables for name, version in table.items()})


def setup_cfg(text: str) -> Declared:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return Declared()
    found: dict[str, str] = {}
    if parser.has_section("options.extras_require"):
        for _, extra in parser.items("options.extras_require"):
            found |= _requirements(extra.splitlines())
    found |= _requirements(parser.get("options", "install_requires", fallback="").splitlines())
    return Declared(name=parser.get("metadata", "name", fallback="").strip(), dependencies=found)


_SETUP_LIST = re.compile(r"(?:install_requires|tests_require)\s*=\s*\[([^\]]{0,20000})\]")
_SETUP_NAME = re.compile(r"""^\s{0,40}name\s{0,9}=\s{0,9}["']([\w.-]{1,200})["']""", re.MULTILINE)
_QUOTED = re.compile(r"""["']([^"'\n]{1,500})["']""")


def setup_py(text: str) -> Declared:
    name = _SETUP_NAME.search(text)
    quoted = [item for block in _SETUP_LIST.findall(text) for item in _QUOTED.findall(block)]
    return Declared(name=name[1] if name else "", dependencies=_requirements(quoted))


# ---------------------------------------------------------------- others, by lines

_GO_REQUIRE = re.compile(r"^\s{0,40}(?:require\s{1,9})?([\w.-]+\.[\w.-]+(?:/[^\s/]+)*)\s{1,9}(v\d\S*)")
_GRADLE = re.compile(r"""["']([\w.-]{1,200}:[\w.-]{1,200})(?::([\w.$\{}\[\]+-]{1,100}))?["']""")
_GRADLE_PLUGIN = re.compile(r"""\bid\s{0,9}\(?\s{0,9}["']([\w.-]{1,200})["']\)?(?:\s{1,9}version\s{1,9}["']([^"']{1,100}))?""")
_XML_DEPENDENCY = re.compile(r"<(?:dependency|parent|plugin)>(.{0,4000}?)</(?:dependency|parent|plugin)>", re.DOTALL)
_XML_FIELD = re.compile(r"<(groupId|artifactId|version)>\s{0,99}([^<]{1,200}?)\s{0,99}</")
_PROJECT_SDK = re.compile(r"<(?:Project|Sdk)\s[^<>]{0,200}?(?:Sdk|Name)=\"([\w.]{1,100})")
_FRAMEWORK_REFERENCE = re.compile(r"<FrameworkReference\s[^<>]{0,200}?Include=\"([\w.]{1,100})")
_PACKAGE_REFERENCE = re.compile(r"<(?:PackageReference|PackageVersion|FrameworkReference)\s([^>]{1,1000})>")
_PROJECT_REFERENCE = re.compile(r"""<ProjectReference\s[^<>]{0,200}?Include\s{0,9}=\s{0,9}["']([^"'<>]{1,300})""")
# A name of a catalogue of versions: `implementation(libs.micronaut.liquibase)`.
_GRADLE_CATALOGUE = re.compile(
    r"""\b(?:\w{0,40}[iI]mplementation|api|\w{0,40}Only|\w{0,40}[pP]rocessor|kapt|ksp|alias)\s{0,9}\(?\s{0,9}(?:platform\s{0,9}\(\s{0,9})?(?:\w{0,20}[lL]ibs|mn)\.([\w.]{1,200})"""
)
_GRADLE_PROJECT = re.compile(r"""\bproject\s{0,9}\(\s{0,9}(?:path\s{0,9}[:=]\s{0,9})?["']:([\w.:-]{1,200})["']""")
_XML_ATTRIBUTE = re.compile(r"""\b(Include|Version)\s{0,9}=\s{0,9}["']([^"']{1,200})["']""")
_GEM = re.compile(r"""^\s{0,99}gem[\s(]{1,9}["']([\w.-]{1,200})["'](?:\s{0,9},\s{0,9}["']([^"']{1,100})["'])?""")
_MIX = re.compile(r"""(?<!: )\{\s{0,99}:(\w{1,200})\s{0,9},\s{0,99}(?:"([^"]{1,100})")?""")
_SBT = re.compile(r""""([\w.-]{1,200})"\s{0,9}%{1,3}\s{0,9}"([\w.-]{1,200})"\s{0,9}%\s{0,9}"?([\w.-]{1,100})""")
_NAMED = re.compile(r"""^\s{0,40}(?:app|name|rootProject\.name)\s{0,9}:?=?\s{0,9}[:"']([\w.-]{1,200})""", re.MULTILINE)


def go_mod(text: str) -> Declared:
    name = next((line.split()[1] for line in _lines(text) if line.startswith("module ") and len(line.split()) > 1), "")
    found = (_GO_REQUIRE.match(line) for line in _lines(text))
    return Declared(name=name, dependencies={match[1]: match[2] for match in found if match})


def gradle(text: str) -> Declared:
    found: dict[str, str] = {}
    for line in _lines(text):
        for match in (*_GRADLE.finditer(line), *_GRADLE_PLUGIN.finditer(line)):
            found[match[1]] = match[2] or ""
        for name in _GRADLE_CATALOGUE.findall(line):
            found.setdefault(name.strip(".").removeprefix("plugins.").replace(".", "-"), "")
    inner = [m.replace(":", "/") for line in _lines(text) for m in _GRADLE_PROJECT.findall(line)]
    return Declared(dependencies=found, local=tuple(f"/{folder}" for folder in inner))


def pom(text: str) -> Declared:
    found: dict[str, str] = {}
    blocks = _XML_DEPENDENCY.findall(text) if text.count("<dependency>") < 5_000 else []
    for block in blocks:
        fields = dict(reversed(_XML_FIELD.findall(block)))  # the first of a kind counts: exclusions come after
        if "artifactId" in fields:
            found[f"{fields.get('groupId', '')}:{fields['artifactId']}"] = fields.get("version", "")
    own = _XML_FIELD.findall(_XML_DEPENDENCY.sub("", text)) if blocks else _XML_FIELD.findall(text)
    return Declared(name=next((value for key, value in own if key == "artifactId"), ""), dependencies=found)


def csproj(text: str) -> Declared:
    """Packages, and the kit and the frameworks that a project is built with (`Microsoft.NET.Sdk.Web`)."""
    found: dict[str, str] = dict.fromkeys((*_PROJECT_SDK.findall(text), *_FRAMEWORK_REFERENCE.findall(text)), "")
    for reference in _PACKAGE_REFERENCE.findall(text):
        attributes = dict(_XML_ATTRIBUTE.findall(reference))
        if "Include" in attributes:
            found[attributes["Include"]] = attributes.get("Version", "")
    inner = [path.replace("\\", "/").rpartition("/")[0] for path in _PROJECT_REFERENCE.findall(text)]
    return Declared(dependencies=found, local=tuple(folder or "." for folder in inner))


def gemfile(text: str) -> Declared:
    found = (_GEM.match(line) for line in _lines(text))
    return Declared(dependencies={match[1]: match[2] or "" for match in found if match})


def mix(text: str) -> Declared:
    named = _NAMED.search(text)
    found = (match for line in _lines(text) for match in _MIX.finditer(line))
    return Declared(name=named[1] if named else "", dependencies={match[1]: match[2] or "" for match in found})


def sbt(text: str) -> Declared:
    named = _NAMED.search(text)
    found = (match for line in _lines(text) for match in _SBT.finditer(line))
    return Declared(name=named[1] if named else "", dependencies={f"{m[1]}:{m[2]}": m[3] for m in found})


def cargo(text: str) -> Declared:
    loaded = _toml(text)
    tables = [_table(loaded, kind) for kind in ("dependencies", "dev-dependencies", "build-dependencies")]
    tables.append(_table(loaded, "workspace", "dependencies"))
    found = {_text(_table(asked).get("package")) or name: _version(asked) for table in tables for name, asked in table.items()}
    return Declared(name=_text(_table(loaded, "package").get("name")), dependencies=found)
