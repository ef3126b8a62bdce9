"""Credentials that no name of their own announces: in addresses of stores, as arguments, in markup, images and objects of a cluster."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.setting_files import secret_settings, settings_about
from backend_readiness.controls.kept import once
from backend_readiness.controls.places import is_production
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs, signs_by
from backend_readiness.snapshot.places import is_for_development, is_workplace

PLACEHOLDER = re.compile(
    r"(?i)^(\$|%|<|\[|\{|xxx+|\*+|\.{3}|your|change|example|placeholder|dummy|todo|none|null|true|false|undefined|test|redacted|insert|replace|string|password$|text$|env[.(]|process\.|os\.)|\{\{|\$\{|^[\w-]*(password|secret|key|token)[\w-]*$|example\.|>|<[%?=]"
)
SKIP = re.compile(
    r"(?i)(^|/)(node_modules|vendor|migrations?|locales?|langs?|languages?|i18n|translations?|__generated__|generated|client)/|\.min\.js$|package-lock\.json$|(^|/)(yarn|pnpm)[.-]lock|(^|/)Cargo\.toml$|openapi|swagger|\.(example|sample|template|dist)$|cypress\.|playwright|(^|/)(test|e2e|spec)s?[/.]|(^|/)(seeds?|seeders?|fixtures|factories)[/.]|\.github/"
)
_EMPTY = re.compile(sign("credential_shapes", "empty"))
_WEAK = re.compile(sign("credential_shapes", "weak"))
_LOCAL = re.compile(sign("credential_shapes", "local"))
_NAMED_FIELD = re.compile(sign("credential_shapes", "named_field"))
_PLAIN_WORD = re.compile(r"[A-Za-z]+[.!?…:]*$|[a-z]+(?:[._-][a-z]+)+$")
_MIXED = re.compile(r"(?=.*\d)(?=.*[A-Za-z])|[@#$%^&*!+][A-Za-z]")
_WHOLE_KEY = re.compile(r"[0-9a-f]{32}$")
_NAMES = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*,?$")
_FOUR_WORDS = re.compile(r"(?:[a-z]{4} ){3}[a-z]{4}$")
_LAST = frozenset({"key", "secret", "signingkey", "secretkey", "pass", "password"})
_BESIDE = re.compile(r"(?i)[\"'](user(name)?|login|host(name)?)[\"']\s*=>")
_VALUE = re.compile(r"^\s*(?:value|default)\s*[:=]\s*[\"']?(?P<value>[^\s\"'${}<>%]{4,200})[\"']?\s*$")
_MADE_UP = frozenset({"property", "element", "attribute", "attribute_below", "guard", "test_key", "basic", "second", "third"})
_WORDS = frozenset({"short_name", "short_name_joined", "listed"})
MAX_HITS = 400
MAX_DATA = 40
MAX_LINE = 600


def credentials(context: Context) -> tuple[list[Evidence], list[Evidence]]:
    """(places of credentials, places of what may be one: a weak word, the developer's own store, a script) in files that ship."""
    return once(context, _found)


def _found(context: Context) -> tuple[list[Evidence], list[Evidence]]:
    certain: list[Evidence] = []
    doubtful: list[Evidence] = []
    shapes = {k: re.compile(p[0]) for k, p in signs_by("credential_shapes", "shapes").items()}
    where = {k: re.compile(p[0]) for k, p in signs_by("credential_shapes", "where").items()}
    hits = context.absences.all_hits(tuple(p.pattern for p in shapes.values()), signs("credential_shapes", "files"))
    for path, number, line in hits:
        if len(certain) > 8 or not _counts(context, path, line):
            continue
        for kind, pattern in shapes.items():
            if kind in where and where[kind].search(path) is None:
                continue
            match = pattern.search(line[:MAX_LINE])
            if match is None:
                continue
            at, value = number, match.groupdict().get("value") or ""
            if not value:  # on the line below
                below = [*context.snapshot.lines(path)[number : number + 2]]
                given = next(((n, m) for n, t in enumerate(below, 1) if (m := _VALUE.match(t[:MAX_LINE])) is not None), None)
                if given is None:
                    continue
                at, value = number + given[0], given[1]["value"]
            if kind in ("pairs", "pairs_turned") and _is_handed(line[:MAX_LINE], match):
                continue
            level = _level(context, kind, value, path, number, line)
            if level:
                (certain if level > 1 else doubtful).append(context.at(path, at))
                break
    kept = [*_key_files(context), *_of_cluster(context)]
    return [*certain, *kept[:3]], [*doubtful, *_of_sections(context)]


def _key_files(context: Context) -> Iterator[Evidence]:
    """Committed files whose whole content is the key that opens the settings beside them."""
    for path in context.snapshot.glob(*signs("credential_shapes", "key_files")):
        lines = context.snapshot.lines(path)
        if lines and is_production(path) and not is_for_development(path) and _WHOLE_KEY.match(lines[0].strip()) is not None:
            yield context.at(path, 1)


def _of_sections(context: Context) -> Iterator[Evidence]:
    """Settings that are a key or an application's password by the section they stand in."""
    for section in signs("credential_shapes", "sections"):
        for setting in settings_about(context, section):
            text = setting.literal
            strong = _MIXED.search(text) is not None and len(text) > 7 and PLACEHOLDER.search(text) is None
            if setting.path[-1] in _LAST and strong and SKIP.search(setting.file) is None and not is_for_development(setting.file):
                yield context.at(setting.file, setting.line)
    for setting in secret_settings(context):
        if _FOUR_WORDS.match(setting.literal) is not None and not is_for_development(setting.file):
            yield context.at(setting.file, setting.line)


def _counts(context: Context, path: str, line: str) -> bool:
    if not is_production(path) or SKIP.search(path) is not None or is_for_development(path) or is_workplace(path):
        return False
    return not line.lstrip().startswith(("#", "//", "*", "/*", "--", "<!--", ";"))


def _is_handed(line: str, match: re.Match[str]) -> bool:
    """Are the pairs arguments of a call with their names (`connect(user=name, password=form.password)`), and no text?"""
    before = line[: match.start()]
    if any(before.count(q) % 2 for q in "\"'`"):
        return False
    return _NAMES.match(match["value"]) is not None and ("." in match["value"] or "," in match[0])


def _level(context: Context, kind: str, value: str, path: str, number: int, line: str) -> int:
    """2 for a credential, 1 for what may be one, 0 for none."""
    if _EMPTY.match(value) is not None or re.search(r"\(|\)|^[./\\]|::|->|\{\d|^@", value) is not None or value.startswith(("${", "%(")):
        return 0
    beside = context.snapshot.lines(path)[max(0, number - 6) : number + 5] if kind == "listed" else ()
    if kind == "filled_in" and PLACEHOLDER.search(value) is None:  # a form that is sent as it is signs somebody in
        near = context.snapshot.lines(path)[max(0, number - 6) : number + 5]
        return 2 if any(_NAMED_FIELD.search(t[:MAX_LINE]) is not None for t in near) else 1
    if kind in _WORDS and _MIXED.search(value) is None and not any(_BESIDE.search(t) for t in beside):
        return 0
    if kind in ("shell", "variable", "test_key", "basic", "image") and _MIXED.search(value) is None:
        return 1 if kind == "image" and _PLAIN_WORD.match(value) is None else 0
    if kind in ("shell", "variable", "test_key", "basic") or _WEAK.match(value) is not None or _LOCAL.search(line) is not None:
        return 1
    if PLACEHOLDER.search(value) is not None:
        return 1 if kind in ("guard", "bytes", "dsn", "pairs", "pairs_turned") and not value.lower().startswith(("your", "xxx")) else 0
    return 2


def _of_cluster(context: Context) -> Iterator[Evidence]:
    """Values of a `Secret` that a manifest of the repository holds in the clear, or no more than encoded."""
    for manifest in context.deployment.manifests:
        if manifest.kind != "Secret" or not is_production(manifest.path) or is_for_development(manifest.path) or SKIP.search(manifest.path):
            continue
        for key in ("stringData", "data"):
            held = manifest.entry.get(key)
            for _, value in list(held.items())[:MAX_DATA] if held is not None else ():
                text = value.text.strip()
                plain = text if key == "stringData" else _decoded(text)
                if (
                    len(plain) > 3
                    and "{{" not in text
                    and "$" not in text
                    and PLACEHOLDER.search(plain) is None
                    and _EMPTY.match(plain) is None
                ):
                    yield context.at(manifest.path, value.line)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text.encode("ascii", "ignore"), validate=True).decode("utf-8", "replace").strip()
    except (binascii.Error, ValueError):
        return ""
