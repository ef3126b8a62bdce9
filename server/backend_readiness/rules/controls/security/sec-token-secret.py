"""The key that signs tokens or session cookies: from configuration, not a literal, and no known stand-in."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of, states
from backend_readiness.controls.deployed.startup import settings
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.protection.deployed_keys import set_default, written_for_keys
from backend_readiness.controls.protection.secrets import Origin, Source, is_refused
from backend_readiness.controls.protection.signing import signing_keys
from backend_readiness.controls.protection.start_keys import made_at_start
from backend_readiness.controls.protection.token_settings import library_tokens
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import signs
from backend_readiness.snapshot.places import is_for_development

_HINTS = signs("sec-token-secret", "hints")


# Settings by their names that hold a key which signs, and values that only stand for one.
_KEY = re.compile(r"(?i)^(?=.*(jwt|token|session|cookie|auth|sign))(?=.*(secret|key)).*$|^\s*(APP_)?SECRET(_KEY)?\s*$")
_SETTING_KEYS = signs("sec-token-secret", "setting_keys")
_SETTING_FILES = ("**/*.conf", "**/*.yml", "**/*.yaml", "**/*.properties")
_LOADS = signs("sec-token-secret", "loads")
_OPENS = signs("sec-token-secret", "opens")
_COPIES = (
    r"(?:\bcp\s+(?:-\w+\s+)*|\bcopy\(\s*|\bCOPY\s+)['\"]?([\w./-]*\.env[\w.-]+|[\w./-]*\w\.env|(?:[\w.-]+/)*env[._-][\w.-]+)['\"]?[,\s]+['\"]?[\w./-]*\.env(?:['\"\s);&|]|$)",
)
_STEPS = ("**/composer.json", "**/package.json", "**/Makefile", "**/*ockerfile*", "**/*.sh", "**/bin/setup", "**/docker-compose*.y*ml")
MIN_KEY = 8  # characters
_STANDS_IN = re.compile(r"^$|\$|<|^\{\{|^#")
# Code that reads the example itself: `dotenv.config({ path: ".env.example" })`.
_EXAMPLE_READ = (r"(?i)(?:config|load)\w*\(.*[\"'`]([\w./-]*\.env[\w.-]*(?:example|sample|defaults?|dist|template))[\"'`]",)


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("No route of the flow was found.")
    found = signing_keys(context)
    kept = library_tokens(context)
    if kept is not None and kept.key_at is not None and all(s.origin is Origin.UNKNOWN for s in found):
        if kept.shipped_key is not None:
            return partial("The private key that the settings name is committed: it signs wherever no other is set.", kept.shipped_key)
        if kept.known_key is not None:
            return partial("A known value signs when no key is configured.", kept.known_key)
        return passed("The signing key comes from configuration.", kept.key_at)
    outside = default_of(context, "signing_key_outside")
    fixed = _fixed(context)
    if fixed is not None:
        return failed("What is deployed signs with a key that the compose file writes down.", fixed)
    if not found and outside is not None and outside.off is not None and outside.rule.says_not:
        return failed(outside.rule.says_not, outside.off)
    given = _given_beside(context) if not found else None
    if given is not None:
        return failed("The key that signs stands in a file of the environment that is committed and read at start.", given)
    signed = states(context, "signing_key")
    copied = _copied(context, frozenset(signed.value.split())) if not found and signed is not None else None
    if copied is not None:
        return partial(
            "The example of the environment, which a step of the repository copies or reads, gives the signing key a known value.", *copied
        )
    if not found and outside is not None and outside.at is not None and outside.holds:
        return passed(outside.rule.says, outside.at)
    if not found and outside is not None and outside.otherwise is not None and outside.off is None:
        return unverified("What the key of the application is where nothing sets it was not settled.", outside.otherwise)
    if not found:
        proof = context.missing(
            "signing of tokens or cookies",
            at=context.at_application(),
            roles=("token_sign", "session_cookie"),
            patterns=_HINTS,
        )
        written = _written_in_settings(context)
        if written is not None:
            return unverified("A file of settings gives the key that signs; which value it has in what is deployed is open.", written)
        made = made_at_start(context)
        if made is not None:
            return unverified("The key that signs is made anew at each start, and comes from no configuration.", made)
        if proof is not None:
            return not_applicable("The backend signs neither tokens nor cookies.", proof)
        return unverified("The key that signs tokens or cookies was not found.", context.at_route())
    literal = next((s for s in found if s.origin is Origin.LITERAL and not is_refused(context, s.text)), None)
    if literal is not None and literal.at is not None:
        return failed("The signing key is a literal in the source.", literal.at)
    fallback = next((s for s in found if s.origin is Origin.FALLBACK and not is_refused(context, s.text)), None)
    if fallback is not None and fallback.at is not None:
        return partial("A known value signs when no key is configured.", fallback.at)
    shipped = _shipped(context) or written_for_keys(context, _named(context, found))
    if shipped is not None and any(s.origin not in (Origin.LITERAL, Origin.FALLBACK) for s in found):
        return failed("What is deployed signs with a key that the repository writes down.", shipped)
    default = set_default(context, found)
    if default is not None:
        return partial("A known value signs when no key is configured.", default)
    committed = _committed(context, found) if any(s.origin is Origin.CONFIGURED for s in found) else None
    if committed is not None:
        return failed("The key that signs stands in a file of the environment that is committed and read at start.", committed)
    copied = _copied(context) if any(s.origin is Origin.CONFIGURED for s in found) else None
    if copied is not None:
        return partial(
            "The example of the environment, which a step of the repository copies or reads, gives the signing key a known value.", *copied
        )
    unknown = next((s for s in found if s.origin is Origin.UNKNOWN), None)
    configured = next((s for s in found if s.at is not None and s.origin not in (Origin.UNKNOWN, Origin.MADE)), None)
    if configured is not None and configured.at is not None and (unknown is None or len(found) > 1):
        return passed("The signing key comes from configuration.", configured.at)
    random = next((s.at for s in found if s.at is not None and s.origin is Origin.MADE), None)
    if random is not None:
        return unverified("The program makes the key that signs by itself; whether it is kept was not found.", random)
    return unverified(
        "Where the signing key comes from was not resolved.", *([unknown.at] if unknown is not None and unknown.at is not None else [])
    )


def _written_in_settings(context: Context) -> Evidence | None:
    """A setting by which a framework is given its key, in a file that is no source."""
    hits = [h for h in context.hits(_SETTING_KEYS, _SETTING_FILES) if not is_for_development(h[0])]
    return context.at(*hits[0][:2]) if hits else None


def _fixed(context: Context) -> Evidence | None:
    """The line of a compose file that gives the setting from which the framework takes its key a value."""
    signed = states(context, "signing_key")
    names = set(signed.value.split()) if signed is not None else set()
    for setting in settings(context):
        if setting.name in names and "compose" in setting.file and not is_for_development(setting.file):
            value = setting.value.strip("\"'")
            if len(value) > MIN_KEY and not _STANDS_IN.search(value) and not is_refused(context, value):
                return context.at(setting.file, setting.line)
    return None


def _committed(context: Context, found: list[Source]) -> Evidence | None:
    """Where a committed `.env`, which the program loads, gives a signing key its value."""
    named = _named(context, found)
    usual = dict.fromkeys((f"{context.backend_root}/.env".lstrip("/"), ".env")) if context.hits(_LOADS) else ()
    for path in dict.fromkeys((*usual, *_opened(context))):
        for number, line in enumerate(context.snapshot.lines(path)[:300] if context.graph.has(path) else (), 1):
            if _gives_key(context, line, named):
                return context.at(path, number)
    return None


def _opened(context: Context) -> list[str]:
    """Files of the environment under a name of their own that code opens by it: `EnvFile::new("config/app.env")`."""
    found = []
    for file, _, text in context.hits(_OPENS):
        match = re.search(_OPENS[0], text)
        path = match.group(1).removeprefix("./") if match is not None else ""
        folders = (f"{context.backend_root}/", "", f"{file.rpartition('/')[0]}/")
        found += [p for p in (f"{f}{path}".lstrip("/") for f in folders) if path and not is_for_development(p) and context.graph.has(p)]
    return found


def _given_beside(context: Context) -> Evidence | None:
    """Where a committed `.env` gives the setting from which the framework takes its key a value."""
    signed = states(context, "signing_key")
    named = frozenset(signed.value.split()) if signed is not None else frozenset()
    for path in dict.fromkeys((f"{context.backend_root}/.env".lstrip("/"), ".env")):
        for number, line in enumerate(context.snapshot.lines(path)[:300] if named and context.graph.has(path) else (), 1):
            if line.partition("=")[0].strip() in named and _gives_key(context, line, named) and len(line.partition("=")[2]) > MIN_KEY:
                return context.at(path, number)
    return None


def _named(context: Context, found: list[Source]) -> frozenset[str]:
    """The settings that stand, in quotes, where a key is given to what signs: `os.Getenv("API_SECRET")`."""
    places = [s.at for s in found if s.origin is Origin.CONFIGURED and s.at is not None]
    lines = [context.snapshot.lines(at.file)[at.line - 1] for at in places if at.file is not None and at.line is not None]
    return frozenset(name for text in lines for name in re.findall(r"[\"'`]([A-Z][A-Z0-9_]{2,})[\"'`]", text))


def _copied(context: Context, named: frozenset[str] = frozenset()) -> tuple[Evidence, Evidence] | None:
    """The line of an example that gives a signing key its value, and the step that makes the example the environment."""
    for file, line, text in (*context.hits(_COPIES, _STEPS), *context.hits(_EXAMPLE_READ)):
        match = re.search(_COPIES[0], text) or re.search(_EXAMPLE_READ[0], text)
        name = match.group(1).rpartition("/")[2] if match is not None else ""
        folders = dict.fromkeys((file.rpartition("/")[0], context.backend_root, ""))
        for path in (f"{folder}/{name}".lstrip("/") for folder in folders):
            for number, given in enumerate(context.snapshot.lines(path)[:300] if name and context.graph.has(path) else (), 1):
                if _gives_key(context, given, named):
                    return context.at(path, number), context.at(file, line)
    return None


def _gives_key(context: Context, line: str, named: frozenset[str] = frozenset()) -> bool:
    """Does the line of an environment give a signing key, which the code reads, a value that is none to be filled in?"""
    name, sign_, value = line.strip().removeprefix("export ").partition("=")
    value = value.strip().strip("\"'")
    if not sign_ or (name.strip() not in named and _KEY.search(name) is None):
        return False
    return not _STANDS_IN.search(value) and not is_refused(context, value) and _is_read(context, name)


def _is_read(context: Context, name: str) -> bool:
    return bool(context.hits((rf"\b{re.escape(name.strip())}\b",)))


def _shipped(context: Context) -> Evidence | None:
    """Where a file of settings that the shipped services load gives a signing key its value."""
    for setting in settings(context):
        loaded = setting.file.rpartition("/")[2].startswith(".env") or setting.file.endswith(".env")
        if loaded and not is_for_development(setting.file) and _KEY.search(setting.name) and not _STANDS_IN.search(setting.value):
            return context.at(setting.file, setting.line)
    return None
