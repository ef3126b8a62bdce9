"""What kind of flow this is, by its addresses: signing in, signing up, resetting a password, public by purpose."""

from __future__ import annotations

import re
from functools import cached_property

from backend_readiness.controls.asked_methods import asked_methods
from backend_readiness.controls.context import Context

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SIGN_IN = re.compile(
    r"(?i)(^|[/_-])(log-?_?[io]n|sign-?_?[io]n|authenticate|session(s)?/?$|access-?_?token|obtain-?_?token|(api-?_?)?token-?_?auth|oauth/token|auth/token|token/?$|token/(obtain|pair|create|new)/?$|jwt/create|auth/local/?$)([/_-]|$)"
)
_SIGN_UP = re.compile(r"(?i)(^|[/_-])(register|registration|sign-?_?up|create-?_?account|join|users/open)([/_-]|$)")
_RESET = re.compile(r"(?i)(^|[/_-])(reset|forgot(ten)?|recover(y)?|password-?_?(recovery|resets?|forgot(ten)?)|resets)([/_-]|$)")
_VERIFY = re.compile(
    r"(?i)(^|[/_-])(verify|confirm|activate|verifications?|confirmations?|activations?|magic-?link|otp|2fa|mfa|totp)([/_-]|$)"
)
_HEALTH = re.compile(
    r"(?i)(^|/)(health(z|-?check)?|live(ness|z)?|ready(z)?|readiness|ping|status|version|metrics|favicon\.ico|robots\.txt)/?$"
)
_PUBLIC = re.compile(
    r"(?i)(^|[/_-])(contact|subscribe|newsletter|feedback|webhooks?|callback|oauth|sso|docs|openapi|swagger|static|assets|public|csp-report|refresh|log-?o(?:ut|ff)|sign-?o(?:ut|ff)|captcha|guest|i18n|locale|track|analytics|home|about|tutorial|terms|privacy)([/_.-]|$)"
)


_ENDING = re.compile(r"(?i)\.(php\d?|phtml|aspx?|ashx|jspx?|jsf|do|action|html?|cgi|pl|cfm)$")
_PEOPLE = re.compile(r"(?i)/(users?|accounts?|members?|customers?)$")
_MONEY = re.compile(r"(?i)/accounts?$")
_USERS = re.compile(r"(?i)/(users?|members?|customers?)$")
_ACCOUNT = re.compile(r"(?i)^(\w+\.)?(app)?(user|account|member)s?$")
_SIGNS_UP = frozenset({"signup", "sign_up", "register", "register_user", "registeruser", "create_account"})
# What whoever asks for the audit calls the flow.
_NAMED_SIGN_IN = re.compile(r"(?i)^(user|customer|member|admin|account)?[-_ ]?(log|sign)[-_ ]?[io]n$")
_NAMED_SIGN_UP = re.compile(r"(?i)^(user|customer|member|account)?[-_ ]?(sign[-_ ]?up|register|registration)$")
# `/sign/in` is said in two steps.
_IN_PARTS = re.compile(r"(?i)/(sign|log)/(in|on|up|out|off)$")
_SIGNS_IN = re.compile(r"(^|_)(sign_?[io]n|log_?[io]n|authenticate)(_user|_post|_action|_handler|_async)?$")


_CHECKS_PASSWORD = re.compile(
    r"(?i)\b(check|verify|validate|compare|match|valid)\w*\(.*passw|passw\w*\W{1,3}(check|verify|compare|matches)\w*\(|\w*check_?password\w*\(|passw\w*\s*={2,3}|={2,3}\s*\S*passw"
)
_MAKES_TOKEN = re.compile(r"(?i)\b(generate|create|issue|make|sign|build)_?\w*(token|jwt)\w*\(|\bjwt\.(sign|encode)\(")
_TRADES_CODE = re.compile(r"(?i)grant_?type\W{1,8}authorization_code\b")
_ABOUT_ENTRY = re.compile(r"(?i)(^|[/_-])(auth|log-?_?[io]n|sign-?_?[io]n|sessions?|tokens?)/?$")
_NOTES_WHO = re.compile(
    r"(?i)\bsession\b(\.|\[[\"'])(\w*user\w*|uid|account\w*|member\w*|logged_?in|is_?auth\w*|auth\w*)([\"']\])?\s*=[^=]|\bsession\.(set|put|add)\([\"']\w*(user|uid|account|auth)|\blogin_user\("
)


class Subject:
    """`context.routes` in words. The last two literal parts of the path decide, so that `/auth/users/7` is no sign-in."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.paths = tuple(r.route.endpoint.path for r in context.routes)
        self.methods = asked_methods(context)

    def _any(self, pattern: re.Pattern[str]) -> bool:
        return any(pattern.search(tail(p)) for p in self.paths)

    @cached_property
    def _handler_names(self) -> tuple[str, ...]:
        """The names of the handlers in snake case, without those of their classes."""
        return tuple("_".join(_WORDS.findall(h.symbol.rpartition(".")[2])).lower() for h in self.context.handlers)

    def _called(self, pattern: re.Pattern[str]) -> bool:
        return bool(self.methods & {"POST", "MUTATION", "ACTION"}) and any(pattern.search(n) for n in self._handler_names)

    @property
    def changes(self) -> bool:
        """Is one of the methods one that changes something by convention?"""
        return bool(self.methods & {"POST", "PUT", "PATCH", "DELETE", "MUTATION", "ACTION"})

    def _named(self, pattern: re.Pattern[str]) -> bool:
        """Is the flow called so, and does it ask for a change?"""
        return self.changes and pattern.match(self.context.flow.name) is not None

    @property
    def sign_in(self) -> bool:
        if self._any(_RESET):
            return False
        if self._any(_SIGN_IN) or self._named(_NAMED_SIGN_IN):
            return True
        return not self._any(_SIGN_UP) and (self._called(_SIGNS_IN) or self._signs_in_by_deed or self.trades_code)

    @cached_property
    def _signs_in_by_deed(self) -> bool:
        """A handler that checks a password and notes in the session whose it is, whatever its address says."""
        if "POST" not in self.methods:
            return False
        texts = self._handler_lines
        checks = any(_CHECKS_PASSWORD.search(t) is not None for t in texts)
        entry = self._any(_ABOUT_ENTRY)
        notes = any(_NOTES_WHO.search(t) is not None or (entry and _MAKES_TOKEN.search(t) is not None) for t in texts)
        return checks and notes

    @cached_property
    def trades_code(self) -> bool:
        """A handler that trades the code of an identity provider for who somebody is, and gives them a token or session of its own."""
        if "POST" not in self.methods or not any(_TRADES_CODE.search(t) is not None for t in self._handler_lines):
            return False
        return any(_MAKES_TOKEN.search(t) is not None or _NOTES_WHO.search(t) is not None for t in self._handler_lines)

    @cached_property
    def _handler_lines(self) -> tuple[str, ...]:
        return tuple(t for h in self.context.handlers for t in self.context.snapshot.lines(h.file)[h.line - 1 : h.end_line])

    @property
    def sign_up(self) -> bool:
        names = {h.symbol.rpartition(".")[2].lower() for h in self.context.handlers}
        return (
            self._any(_SIGN_UP)
            or self._named(_NAMED_SIGN_UP)
            or self._opens_accounts
            or bool(names & {"signup", "sign_up", "register", "register_user", "registeruser", "create_account"})
        )

    @property
    def lets_in_people(self) -> bool:
        """Does the flow make an account, at an address that is called a registration or not?"""
        made = (e.target or "" for e, _ in self.context.effects if e.operation == "write")
        return self.sign_up or ("POST" in self.methods and any(_ACCOUNT.match(t) is not None for t in made))

    @cached_property
    def _opens_accounts(self) -> bool:
        """`POST /users` of a backend that has a sign-in and no other address for signing up, with nothing on the route that guards it.

        Where a rule of access names the address as open, the sign-in may be that of a package.
        """
        if "POST" not in self.methods or not any(_PEOPLE.search(tail(p)) for p in self.paths):
            return False
        others = [tail(b.route.endpoint.path) for b in self.context.tracer.routes if b.route.endpoint.method in ("POST", "ANY")]
        if all(r.registration.opened is not None for r in self.context.routes):
            return True
        if all(_MONEY.search(tail(p)) for p in self.paths) and any(_USERS.search(p) for p in others):
            return False  # an account that a user opens, where people sign up beside it
        guarded = any("auth_guard" in self.context.roles.of_value(g.value) for g in self.context.guards)
        return not guarded and any(_SIGN_IN.search(p) for p in others) and not any(_SIGN_UP.search(p) for p in others)

    @property
    def reset(self) -> bool:
        return self._any(_RESET)

    @property
    def verification(self) -> bool:
        return self._any(_VERIFY)

    @property
    def health(self) -> bool:
        return self._any(_HEALTH)

    @property
    def public_by_purpose(self) -> bool:
        return self._any(_PUBLIC) or all(p == "/" for p in self.paths)

    @property
    def credentials(self) -> bool:
        """Signing in, signing up, resetting or verifying: flows of people who are not signed in yet."""
        return self.sign_in or self.sign_up or self.reset or (self.verification and not any("{" in p for p in self.paths))


def tail(path: str) -> str:
    """The last literal segments of a path, without what names a kind of file: `/api/auth/login.php` -> `/auth/login`."""
    literal = [s for s in _ENDING.sub("", path).split("/") if s and not s.startswith("{")]
    return _IN_PARTS.sub(r"/\1-\2", "/" + "/".join(literal[-2:]))
