"""Values under the name of a secret that may be placeholders, a developer's own or real: with them no search for secrets passes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.layered import is_replaced
from backend_readiness.controls.places import is_production
from backend_readiness.controls.protection.credential_shapes import PLACEHOLDER
from backend_readiness.controls.protection.given_instead import given_instead
from backend_readiness.controls.protection.secrets import Origin
from backend_readiness.controls.protection.signing import signing_keys
from backend_readiness.model import Evidence
from backend_readiness.snapshot.places import is_for_development

FILES = (
    "**/*.conf",
    "**/*.yml",
    "**/*.yaml",
    "**/*.properties",
    "**/*.toml",
    "**/*.ini",
    "**/*.json",
    "**/*.config",
    "**/.env",
)
# What every line has that one of the patterns below matches.
_HINTS = (
    r"""(?i)(?:secret|passw(?:or)?d|secret_?key(?:_?base)?|secret_?token|signing_?key|encryption_?key|jwt_?key)["']?\s*[:=]\s*["']?[^\s"'#$]""",
    r"://[^:/\s]+:[^@/\s]{3,}@",
    r"(?i)(?:secret|passw(?:or)?d|_pw|_pwd|_pass)[^\n]*\$\{\w+:?-",
)
_SET = re.compile(
    r"""(?i)^\s*-?\s*["']?(?P<name>[\w.-]*?(?:secret|passw(?:or)?d|secret_?key(?:_?base)?|secret_?token|(?:signing|encryption|jwt)_?key))["']?\s*[:=]\s*"""
    r"""(?P<quote>["']?)(?P<value>[A-Za-z0-9][^\s"'#${}<>%,;()]{2,80})(?P=quote)\s*,?\s*(#.*)?$"""
)
_NO_VALUE = re.compile(r"(?i)^(true|false|null|none|nil|string|text|password|required|optional|boolean|object|yes|no|env\W.*|vault\W.*)$")
_GIVEN = re.compile(r"""[:=]>?\s*(?P<text>["'][^"']{1,80}["'])\s*,?\s*$""")
_BESIDE, _OFTEN = 6, 3
_URL = re.compile(r"\b\w+(?:\+\w+)?://(?P<user>[^:/\s\"'@${}<>]+):(?P<value>[^@/\s\"'${}<>%*]{3,})@[\w.-]+")
_INSTEAD = re.compile(r"(?i)(?:(?:passw(?:or)?d|secret)\w*|_(?:pw|pwd|pass))\s*[:=]\s*[\"']?\$\{\w+:?-(?P<value>[^}\s\"'$]{3,})\}")
# Words, interfaces, dependencies and the pipelines of a repository say such things and set nothing.
_APART = re.compile(
    r"(?i)(^|/)(node_modules|vendor|locales?|langs?|languages?|i18n|translations?|messages|docs?|documentation|\.github|\.circleci|\.vscode|\.devcontainer|k6|postman)/"
    r"|openapi|swagger|package(-lock)?\.json$|lock\.(json|ya?ml)$|composer\.json|\.(example|sample|template|dist)\b|postman|[._]collection\.json$|messages[\w.-]*\.properties$|schema[\w.-]*\.json$|tsconfig|mkdocs|\.travis|\.gitlab-ci|appveyor|azure-pipelines|cypress|playwright"
    r"|(^|/)(tests?|e2e|specs?|fixtures|examples?|samples?|seeds?)[/.]"
)
_OF_DEVELOPMENT = re.compile(r"(?i)(^|[._/-])(dev|development|local|test|testing|ci)([._/-]|$)")
MAX_FOUND = 3
_EXAMPLES = ("**/.env.example", "**/.env.sample", "**/.env.dist", "**/.env.template", "**/.env.default", "**/env.example")
_GENERATED = re.compile(r"^(?:export\s+)?\w*(?:SECRET|KEY)\w*\s*=\s*[\"']?(?:base64:)?(?P<value>[A-Za-z0-9+/_-]{40,200})={0,2}[\"']?\s*$")
_MIXED = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])|^[0-9a-f]{40,}$")
# A text beside a signing key that may be the key itself: no name of a setting, path, claim or algorithm is so long.
_TEXT = re.compile(r"""["'`](?P<value>[^\s"'`:/.<>{}$]{20,200})["'`]""")
_STATEMENT = 3


def is_repeated(lines: Sequence[str], number: int) -> bool:
    """Do other keys beside it have the same text: `"smtp_host": "mail", "smtp_password": "mail"`? Then it names something."""
    given = _GIVEN.search(lines[number - 1][:500])
    beside = (_GIVEN.search(t[:500]) for t in lines[max(0, number - 1 - _BESIDE) : number + _BESIDE])
    return given is not None and sum(b is not None and b.group("text") == given.group("text") for b in beside) >= _OFTEN


def doubtful_secrets(context: Context) -> list[Evidence]:
    """Lines of settings that ship which put a text under the name of a secret, or a password into an address."""
    return [*(e for e, _ in _found(context)), *_in_examples(context), *given_instead(context)][:MAX_FOUND]


def _in_examples(context: Context) -> Iterator[Evidence]:
    """Lines of examples of the environment that give a key which looks generated: whoever copies the file has it."""
    for path in context.snapshot.glob(*_EXAMPLES):
        for number, line in enumerate(context.snapshot.lines(path)[:300], 1):
            said = _GENERATED.match(line[:500])
            if said is not None and is_production(path) and _MIXED.match(said["value"]) and not PLACEHOLDER.search(said["value"]):
                yield context.at(path, number)


def unresolved_keys(context: Context) -> list[Evidence]:
    """Signing keys of which nothing says where they come from, with a long text in the same statement."""
    found: list[Evidence] = []
    for source in signing_keys(context):
        if source.origin is Origin.UNKNOWN and source.at is not None and source.at.file and source.at.line:
            lines = context.snapshot.lines(source.at.file)[source.at.line - 1 : source.at.line - 1 + _STATEMENT]
            if any(_TEXT.search(line[:500]) is not None for line in lines):
                found.append(source.at)
    return found[:MAX_FOUND]


def known_instead(context: Context) -> list[Evidence]:
    """Lines of what ships that give a password for lack of one: `${DB_PASSWORD:-opensesame}`."""
    return [e for e, instead in _found(context) if instead][:MAX_FOUND]


def _found(context: Context) -> Iterator[tuple[Evidence, bool]]:
    for path, number, line in context.absences.all_hits(_HINTS, FILES):
        if not is_production(path) or is_for_development(path) or _APART.search(path) or _OF_DEVELOPMENT.search(path):
            continue
        text = line[:500]
        if path.endswith(".env") and "=" in text:
            continue  # a variable, which is read with the code; `NAME: value` is a part of a compose file
        if text.lstrip().startswith(("#", "//", "*", "/*", "<!--")) or _is_in_development(context, path, number, text):
            continue
        if _INSTEAD.search(text) is not None:
            yield context.at(path, number), True
            continue
        said = _SET.match(text)
        given = said is not None and _NO_VALUE.match(said.group("value")) is None and not is_replaced(context, path, said.group("name"))
        if given or _URL.search(text) is not None:
            yield context.at(path, number), False


def _is_in_development(context: Context, path: str, number: int, line: str) -> bool:
    """Does the line stand in a section of a YAML file that is for development or tests?"""
    if not path.endswith((".yml", ".yaml")):
        return False
    indent = len(line) - len(line.lstrip())
    for above in reversed(context.snapshot.lines(path)[max(0, number - 200) : number - 1]):
        depth = len(above) - len(above.lstrip())
        if above.strip() and depth < indent:
            indent = depth
            if _OF_DEVELOPMENT.search(above.strip().rstrip(":")) is not None:
                return True
    return False
