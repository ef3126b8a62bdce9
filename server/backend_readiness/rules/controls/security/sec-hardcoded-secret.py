"""Working credentials in source, configuration and deployment files; placeholders that are refused pass."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.accounts import configured
from backend_readiness.controls.deployed.layered import is_read_beside, is_replaced
from backend_readiness.controls.deployed.setting_files import FileSetting, secret_settings
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.places import is_production
from backend_readiness.controls.protection.credential_shapes import PLACEHOLDER, SKIP, credentials
from backend_readiness.controls.protection.doubtful_secrets import doubtful_secrets, is_repeated, known_instead, unresolved_keys
from backend_readiness.controls.protection.passwords import GIVEN
from backend_readiness.controls.protection.secrets import Origin, is_refused
from backend_readiness.controls.protection.signing import signing_keys
from backend_readiness.controls.protection.started_with import given_by_files, started_with
from backend_readiness.model import Evidence, Severity
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.matching import MAX_LINE_CHARS
from backend_readiness.snapshot.places import is_for_development

_KEY = re.compile(r"-----BEGIN (RSA |EC |OPENSSH |DSA |ENCRYPTED |)PRIVATE KEY-----")
_TOKEN = re.compile(
    r"\b(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,}|xox[abpr]-[\w-]{20,}|sk_live_[0-9a-zA-Z]{20,}|rk_live_[0-9a-zA-Z]{20,}|AIza[0-9A-Za-z_-]{35}"
    r"|SG\.[\w-]{20,}\.[\w-]{30,}|glpat-[\w-]{20}|(?<=slack: )[\w-]{2,40}:[A-Za-z0-9]{24})\b"
)
_ASSIGNED = re.compile(
    r"""(?ix)(?:^|[\s,{(\["'.])(?P<name>[\w.-]*?(?:secret(?:_?key)?|password|passwd|api_?key|access_?key|private_?key|auth_?token|crypto_?key|encryption_?key|zap_?api_?key)\w{0,12})["'\]]*\s*(?::?\s*(?:str|string|&(?:'static\s)?str)\s*)?(?P<sign>=>|:=|=|:)\s*(?P<quote>["'])(?P<value>[^"'\s]{4,200})(?P=quote)"""
)
# A setting that is read from the environment with a value for when it is missing: `env("DB_PASSWORD", "AaBb1234")`.
_FALLBACK = re.compile(
    r"""(?ix)(?:secret|passw(?:or)?d|pass|(?:api|app|access|private)_?key|auth_?token)\w{0,16}["']\s*(?:,\s*(?:default\s*=\s*)?|\)\s*\|\|\s*|\)\s*\{\s*|\]\s*\|\|=?\s*)["'](?P<value>[^"'\s]{8,200})["']\s*(?:[)}]|$)"""
)
_GUARDS = re.compile(sign("sec-hardcoded-secret", "guards"))
# A sign-in that compares with a name and a password which are written out.
_COMPARED = re.compile(
    r"""(?i)\b\w*(?:user\w*|login|email|name)\W{0,3}\s*={2,3}\s*["'][^"'\s]{2,60}["']\W*(?:and|&&|\|\||or)\W+\w*\W?\w*(?:passw(?:or)?d|passwd|pwd|pass)\W{0,3}\s*={2,3}\s*["'](?P<value>[^"'\s]{2,60})["']"""
)
_SET_DEFAULT = re.compile(sign("sec-hardcoded-secret", "set_default"))
_HANDED = re.compile(sign("sec-hardcoded-secret", "given"))
_WEB_KEY = re.compile(sign("sec-hardcoded-secret", "web_key"))
_WEB_KEY_KIND = re.compile(sign("sec-hardcoded-secret", "web_key_kind"))
_HOLDER = re.compile(sign("sec-hardcoded-secret", "holder"))
_LONG_KEY = re.compile(sign("sec-hardcoded-secret", "long_key"))
_AROUND = 4
# Passwords that people really set, however much they look like a placeholder.
_SIMPLE = re.compile(r"(?i)(password|passw0rd|pass|secret|admin|root)[@!_-]?\d{1,6}[@!]?$")
_MIXED = re.compile(r"(?=.*\d)(?=.*[A-Za-z])")
_URL = re.compile(
    r"\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqps?)(?:\+\w+)?://(?P<user>[^:/\s\"'@${}]+):(?P<value>[^@/\s\"'${}<>]{3,})@(?P<host>[\w.-]+)"
)
_NAME_ONLY = re.compile(
    r"(?i)(hash|url|uri|path|file|field|label|name|type|header|regex|pattern|min|max|length|placeholder|error|message|title|column|id|hint|help|prompt|policy|reset|forgot|confirm|changed|invalid|required|incorrect|wrong|alg|algorithm)$"
)
# A name of a kind of secret, not of one.
_KIND = re.compile(
    r"(?i)(type|kind|name|label|field|column|header|param|prefix|suffix|event|status|action|scope|role|permission)s?_?[a-z]*$|(session|cache|storage|cookie|local|config)_?key$"
)
# Settings whose values stand without quotes.
_PLAIN_FILES = (".properties", ".yml", ".yaml", ".conf", ".ini", ".neon")
_SETTING = re.compile(
    r"""(?i)^\s*(?P<name>[\w.-]*(?:secret[_-]?key(?:[_-]?base)?|jwt[._-]?(?:secret|key)|[._-]secret|^\s*secret|signing[_-]?key|api[_-]?key|private[_-]?key|base64[_-]secret|access[_-]?key))\s*[:=]\s*(?P<value>[^\s"'#${}<>%!*]{12,})\s*$"""
)
# A passphrase of several words that a file of settings gives for the secret of the application.
_PASSPHRASE = re.compile(
    r"""(?i)^[^"'\w]*["']?(?:(?:jwt|token|session|app|auth|signing)[_-]?)?secret(?:[_-]?key)?["']?"""
    r"""\s*:\s*["'][^"'<>{}$\s]+(?: [^"'<>{}$\s]+){3,}["']"""
)
_CONFIG_FILE = re.compile(r"(?i)(^|/)(config|settings?|appsettings)[^/]*\.(json|ya?ml)$")
_SETTINGS = (".toml", ".yml", ".yaml", ".json", ".ini", ".properties", ".cfg")
# A module of settings for tests or development: `settings/ci.py`, `config/environments/test.rb`, `settings_local.py`.
_SETTINGS_MODULE = re.compile(r"(?i)(settings|config\w*|environments?|env)[/._-](ci|dev|devel|development|local|test|testing|e2e)\.\w+$")
_OF_DEVELOPMENT = re.compile(r"(?i)(^|[._/-])(dev|development|local|test|testing|sample|samples|example|ci)([._/-]|$)")
# What every line has that `_KEY`, `_TOKEN`, `_ASSIGNED` or `_URL` match: asked of all files at once.
_HINTS = (
    r"PRIVATE KEY|AKIA|gh[pousr]_|github_pat_|xox[abpr]-|k_live_|AIza|SG\.|glpat-",
    r"slack: [\w-]{2,40}:[A-Za-z0-9]{24}\b",  # the account and the token of notifications
    r"""(?i)(?:secret|password|passwd|ap[ip]_?key|access_?key|private_?key|auth_?token|crypto_?key|encryption_?key|zap_?api_?key).*[=:].*["']""",
    r"://[^:/\s]+:[^@/\s]{3,}@",
    r"""(?i)\.set_?password!?\(\s*["']|password\w*["']?\s*(=>|[:=]|,)\s*[\w.:>$-]+\(\s*["']""",
    r"""(?i)^\s*[\w.-]*(?:secret|api[_-]?key|private[_-]?key|signing[_-]?key|access[_-]?key|jwt)[\w.-]*\s*[:=]\s*[^\s"'$]{12,}""",
    r"""(?i)\bset_?(?:parameter|property)\(\s*["'][^"']*(?:secret|passw|key)""",
    r"""["'\s,{(]k["']?\s*(?:=>|:)\s*["'][\w-]{22,}""",
    sign("sec-hardcoded-secret", "long_key_hint"),
    sign("sec-hardcoded-secret", "set_default_hint"),
)
_FILES = (
    "**/*.py",
    "**/*.js",
    "**/*.ts",
    "**/*.mjs",
    "**/*.cjs",
    "**/*.go",
    "**/*.java",
    "**/*.kt",
    "**/*.kts",
    "**/*.cs",
    "**/*.config",
    "**/*.php",
    "**/*.rb",
    "**/*.rs",
    "**/*.ex",
    "**/*.exs",
    "**/*.scala",
    "**/*.conf",
    "**/*.tf",
    "**/*.tfvars",
    "**/*.sh",
    "**/*.json",
    "**/*.yml",
    "**/*.yaml",
    "**/*.toml",
    "**/*.ini",
    "**/*.cfg",
    "**/*.properties",
    "**/.env",
    "**/.env.*",
    "**/*.env",
    "**/*.pem",
    "**/*.key",
    "**/*.rsa",
    "**/*.p8",
    "**/id_rsa",
    "**/*private*key*",
    "**/Dockerfile*",
)
_ENVIRONMENT = re.compile(r"(^|/)\.env(\.[\w.-]+)?$|\.env$")


def verify(context: Context) -> Judgement:
    found: list[Evidence] = []
    compose: list[Evidence] = []
    hinted: dict[str, list[tuple[int, str]]] = {}
    for path, number, line in context.absences.all_hits(_HINTS, _FILES):
        hinted.setdefault(path, []).append((number, line))
    for path in context.snapshot.glob(*_FILES):
        environment = _ENVIRONMENT.search(path) is not None
        whole = "compose" in path or environment
        if not (whole or path in hinted) or not is_production(path) or SKIP.search(path):
            continue
        if environment and is_for_development(path.rpartition("/")[2]):
            continue
        for number, full in enumerate(context.snapshot.lines(path), 1) if whole else hinted[path]:
            line = full[:MAX_LINE_CHARS] if whole else full
            if (len(line) >= MAX_LINE_CHARS and not whole) or line.lstrip().startswith(("#", "//", "*", "/*")):
                continue
            if (
                (environment and _in_environment_file(line))
                or _is_key(context, path, number, line)
                or _TOKEN.search(line)
                or _COMPARED.search(line)
                or (_LONG_KEY.search(line) and not is_for_development(path))
                or (_CONFIG_FILE.search(path) and _PASSPHRASE.search(line))
                or _is_credential(context, path, line)
                or _is_web_key(context, path, number, line)
                or (path.endswith(_PLAIN_FILES) and _is_plain_setting(context, path, number, line))
            ):
                found.extend([] if is_repeated(context.snapshot.lines(path), number) else [context.at(path, number)])
            elif "compose" in path and not is_for_development(path) and _compose_password(line):
                compose.append(context.at(path, number))
        if len(found) > 8:
            break
    signing = [s for s in signing_keys(context) if s.origin is Origin.LITERAL and s.at is not None and not is_refused(context, s.text)]
    keys = list({(s.at.file, s.at.line): s.at for s in signing if s.at is not None}.values())
    others = [f for f in found if all((f.file, f.line) != (k.file, k.line) for k in keys)]
    certain, maybe = credentials(context)
    others += [c for c in certain if all((c.file, c.line) != (o.file, o.line) for o in (*others, *keys))]
    found = [*keys[:2], *sorted(others, key=lambda f: context.is_apart(f.file or "")), *keys[2:]]
    if found:
        return failed("A credential or key stands in the repository as a literal.", *found[:5])
    person = configured(context)
    if person is not None:
        return failed("The settings of the sign-in hold the password of an account.", person)
    if fixed := compose or given_by_files(context):
        return failed("A compose file, or a file that it names, holds a fixed password.", *fixed[:3], severity=Severity.LOW)
    started = started_with(context)
    if started:
        return failed("The build file starts the application with a fixed password.", *started[:3], severity=Severity.LOW)
    plain = [context.at(s.file, s.line) for s in secret_settings(context) if _is_plain_password(context, s)]
    if plain:
        return failed("A settings file that ships holds a password.", *plain[:3])
    instead = [s for s in signing_keys(context) if s.origin is Origin.FALLBACK and s.at is not None and not is_refused(context, s.text)]
    known = _fallbacks(context, hinted) + _defaults(context, hinted) + known_instead(context) + [s.at for s in instead if s.at is not None]
    if known:
        known = list({(k.file, k.line): k for k in known}.values())
        return partial("A password or key in the source counts wherever the environment holds none.", *known[:3])
    if context.unread:
        return unverified("Source files could not be read, so they may hold a secret.")
    doubtful = [*doubtful_secrets(context), *maybe][:3]
    if doubtful:
        return unverified("Settings hold a text where a secret belongs; whether it is one that counts anywhere was not settled.", *doubtful)
    beside = unresolved_keys(context)
    if beside:
        return unverified("A text stands beside a signing key of which it was not resolved where it comes from.", *beside)
    where = context.at_route() if context.routes else None
    return passed("No literal credential, key or token was found in source and configuration.", *([where] if where is not None else []))


def _defaults(context: Context, hinted: dict[str, list[tuple[int, str]]]) -> list[Evidence]:
    """Lines that give a setting of a secret its value for when nothing else does: `viper.SetDefault("jwt-secret", "...")`."""
    files = [p for p in hinted if is_production(p) and not is_for_development(p) and SKIP.search(p) is None]
    found = ((p, n, m) for p in files for n, t in hinted[p] if (m := _SET_DEFAULT.search(t[:MAX_LINE_CHARS])) is not None)
    return [
        context.at(p, n) for p, n, m in found if PLACEHOLDER.search(m.group("value")) is None and not is_refused(context, m.group("value"))
    ]


def _is_plain_password(context: Context, setting: FileSetting) -> bool:
    """A password of a store or service that stands in a settings file, with nothing in the file that lets the environment decide."""
    value = setting.literal
    return (
        re.search(r"passw(or)?d$", setting.path[-1]) is not None
        and not setting.can_be_replaced
        and re.fullmatch(r"[^\s${}<>%#]{3,100}", value) is not None
        and PLACEHOLDER.search(value) is None
        and not is_refused(context, value)
        and SKIP.search(setting.file) is None
        and re.search(r"(?i)\.(js|json|ya?ml|toml|ini|properties|cfg|conf)$", setting.file) is not None
        and "openapi" not in setting.file.lower()
    )


def _fallbacks(context: Context, hinted: dict[str, list[tuple[int, str]]]) -> list[Evidence]:
    """Lines of production that read a password or key from the environment, and hold a value that looks like a real one for lack of it."""
    found: list[Evidence] = []
    for path, lines in hinted.items():
        if not is_production(path) or is_for_development(path) or SKIP.search(path) or _SETTINGS_MODULE.search(path):
            continue
        for number, line in lines:
            match = _FALLBACK.search(line[:MAX_LINE_CHARS]) if not line.lstrip().startswith(("#", "//", "*", "/*")) else None
            opens = match is not None and _GUARDS.search(line[:MAX_LINE_CHARS]) is not None  # whatever the value, it opens the page
            if match is not None and (opens or (_MIXED.match(match["value"]) and not PLACEHOLDER.search(match["value"]))):
                found.append(context.at(path, number))
    return found


def _is_credential(context: Context, path: str, line: str) -> bool:
    url = _URL.search(line)
    if (
        url is not None
        and not PLACEHOLDER.search(url.group("value"))
        and url.group("host") not in ("localhost", "127.0.0.1", "db", "postgres", "mysql", "mongo", "redis", "database")
    ):
        return True
    if (path.endswith(_SETTINGS) or _SETTINGS_MODULE.search(path) is not None) and is_for_development(path):
        return False
    for given in (GIVEN.search(line), _HANDED.search(line)):
        if given is not None and not PLACEHOLDER.search(given.group("value")):
            return True
    match = _ASSIGNED.search(line)
    if match is None:
        return False
    name, value = match.group("name"), match.group("value")
    if line.startswith(name) and is_replaced(context, path, name):
        return False
    if path.endswith((".json", ".yml", ".yaml")) and not re.search(
        r"(?i)config|setting|secret|env|deploy|k8s|compose|helm|values|appsettings", path
    ):
        return False
    if (
        _NAME_ONLY.search(name)
        or PLACEHOLDER.search(value)
        or re.fullmatch(
            r"[A-Za-z_-]+(?:[.:/][A-Za-z_-]+)+|[a-z_]+(?:/[a-z]\w*)+", value
        )  # an event, a label, a permission: `user.password_changed`
        or re.fullmatch(
            r"[a-z_]+(:[\w,.]+)?(\|[a-z_]+(:[\w,.]+)?)+|[\w/]+[#@]\w+", value
        )  # rules of a validator; an action of a controller
        or re.fullmatch(r"[A-Za-z]+[.!?…]+", value)  # what a person is told: `"password": "Updated."`
        or (re.fullmatch(r"[A-Za-z]+", value) and (not re.search(r"(?i)secret|key$", name) or match.group("sign") == "=>"))
        or _KIND.search(name)
    ):
        return False
    if (re.search(r"[\s()]|^[./]|^https?:|^[A-Z][a-z]+ |%s|\{", value) and not _is_generated(name, value)) or value.lower().replace(
        "_", ""
    ) == name.lower().replace("_", "").rpartition(".")[2]:
        return False
    return not is_refused(context, value)


def _is_key(context: Context, path: str, number: int, line: str) -> bool:
    """A private key: the line that begins one, with the key itself behind it or on the next line."""
    begun = _KEY.search(line)
    if begun is None:
        return False
    after = line[begun.end() :] + "".join(context.snapshot.lines(path)[number : number + 1])
    return re.search(r"[A-Za-z0-9+/=]{30,}", after) is not None


def _is_web_key(context: Context, path: str, number: int, line: str) -> bool:
    """The value of a symmetric JSON Web Key whose kind stands near, unless the settings of production replace what holds it."""
    if _WEB_KEY.search(line) is None or is_for_development(path) or _SETTINGS_MODULE.search(path) is not None:
        return False
    near = context.snapshot.lines(path)[max(0, number - _AROUND) : number + _AROUND - 1]
    if not any(_WEB_KEY_KIND.search(t[:MAX_LINE_CHARS]) is not None for t in near):
        return False
    above = context.snapshot.lines(path)[max(0, number - _AROUND) : number]
    held = next((m.group("name") for t in reversed(above) if (m := _HOLDER.match(t[:500])) is not None), None)
    if held is None:
        return True
    return not (is_replaced(context, path, held) or is_read_beside(context, path, held, (path[path.rfind(".") :],)))


def _is_plain_setting(context: Context, path: str, number: int, line: str) -> bool:
    """A key under its name in a settings file, outside of what is for development or tests."""
    match = _SETTING.match(line)
    if match is None or _OF_DEVELOPMENT.search(path) or ".github/" in path:
        return False
    name, value = match.group("name"), match.group("value")
    if PLACEHOLDER.search(value) or _NAME_ONLY.search(name) or _KIND.search(name) or re.match(r"https?:|/|[A-Za-z]+$", value):
        return False
    if not re.search(r"\d", value) or not re.search(r"[A-Za-z]", value):
        return False
    if path.endswith((".yml", ".yaml")):
        indent = len(line) - len(line.lstrip())
        for above in reversed(context.snapshot.lines(path)[: number - 1]):
            depth = len(above) - len(above.lstrip())
            if above.strip() and depth < indent:
                indent = depth
                if _OF_DEVELOPMENT.search(above.strip().rstrip(":")):
                    return False
    return not is_refused(context, value)


def _is_generated(name: str, value: str) -> bool:
    """A long value of letters, digits and signs under the name of a key, as `django-admin startproject` writes one."""
    if len(value) < 40 or re.search(r"(?i)secret_?key$", name) is None or re.match(r"https?:|[./]\w|[\w.]+\(", value):
        return False
    return all(re.search(kind, value) for kind in (r"[a-z]", r"\d", r"[^\w\s]"))


def _in_environment_file(line: str) -> bool:
    match = re.match(r"\s*(?:export\s+)?\w*(PASSWORD|SECRET|_KEY|TOKEN)\w*\s*=\s*[\"']?([^\s\"'#]{6,})", line)
    if match is None or "PUBLIC" in line:
        return False
    return PLACEHOLDER.search(match.group(2)) is None or _SIMPLE.match(match.group(2)) is not None


def _compose_password(line: str) -> bool:
    url = _URL.search(line)
    if url is not None and not line.lstrip().startswith("#") and re.match(r"\s*-?\s*[\w\"']+\s*[:=]", line):
        return True
    if re.search(r"(?i)\bPUBLIC|://|/", line):
        return False
    match = re.search(r"(?i)^\s*-?\s*[\w]*(PASSWORD|SECRET|_KEY)\w*\s*[:=]\s*[\"']?([^\s\"'#]{3,})", line)
    return (
        match is not None
        and not re.search(r"^\$|\$\{|^/run/secrets|^<", match.group(2))
        and "_FILE" not in line.split(":")[0].split("=")[0]
    )
