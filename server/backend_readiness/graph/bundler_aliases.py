"""Names that the configuration of a bundler gives to folders: `alias: { "@api": path.resolve(__dirname, "src/api") }`,
`{ find: "@api", replacement: ... }`, `config.resolve.alias.set("_c", resolve("src/components"))`, `alias: { "@api": "./src/api" }`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from backend_readiness.rules.signs import signs

MAX_CHARS = 60_000
MAX_WITHIN = 3_000
_ALIAS = re.compile(r"\balias\b")
_PATH = (
    r"(?:(?:[\w$]{1,30}\.){0,2}(?:resolve|join|resolvePath|pathResolve|r)\(\s*(?:(?:__dirname|process\.cwd\(\)|root\w{0,20})\s*,\s*)?"
    r"|fileURLToPath\(\s*new URL\(\s*|new URL\(\s*)?[\"'`]([./\w@-]{1,120})[\"'`]"
)
_KEYED = re.compile(rf"(?:[\"']([@~#$\w][\w@~#$/.-]{{0,60}})[\"']|\b(\w{{1,60}}))\s*:\s*{_PATH}")
_FOUND = re.compile(rf"\bfind:\s*(?:[\"']([^\"'\n]{{1,60}})[\"']|/\^?([\w@~#$-]{{1,60}})[^,\n]{{0,10}}/)\s*,\s*replacement:\s*{_PATH}")
_SET = re.compile(rf"\.set\(\s*[\"']([^\"'\n]{{1,60}})[\"']\s*,\s*{_PATH}")


def aliases(folder: str, has: Callable[[str], bool], text: Callable[[str], str]) -> list[tuple[str, str]]:
    """(pattern, target from the repository's root) that the configurations of a folder say; a target may not be there."""
    found: list[tuple[str, str]] = []
    for path in (posixpath.join(folder, name) for name in signs("bundler_aliases", "files")):
        for alias, target in _written(text(path)[:MAX_CHARS]) if has(path) else ():
            for base in dict.fromkeys((posixpath.dirname(path), folder)):  # `build/webpack.base.conf.js` speaks of the folder around it
                at = posixpath.normpath(posixpath.join(base, target.lstrip("/")))
                found.extend(((alias, at), (f"{alias.rstrip('/')}/*", posixpath.join(at, "*"))) if at not in (".", folder or ".") else ())
    return found


def _written(text: str) -> Iterator[tuple[str, str]]:
    """Names and the paths that stand for them, behind the word `alias`."""
    for start in _ALIAS.finditer(text):
        part = text[start.end() : start.end() + MAX_WITHIN]
        for pattern in (_KEYED, _FOUND, _SET):
            for match in pattern.finditer(part):
                name = next((g for g in match.groups()[:-1] if g), "")
                if name not in ("find", "replacement") and not name.endswith("$"):
                    yield name, match.groups()[-1]
        return
