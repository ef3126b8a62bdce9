"""Rules of cards for what a framework does by itself, unless the application says otherwise."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from backend_readiness.rules.card_rules import Closed
from backend_readiness.snapshot.matching import compile_patterns

Topic = Literal[
    "application",  # `place`: the lines that make or start the application, best first
    "services",  # `place`: the lines where the parts of the application are registered, where that is not where it is made
    "protection",  # `place`: the lines where what guards all handlers is put up, best first
    "body_limit",  # how large a request body may be
    "client_address",  # only named proxies may say whose address it is; `place`: the calls that believe forwarding headers without
    "cors_open",  # CORS middleware allows every origin unless settings name some
    "cors",  # CORS middleware is there and allows no origin unless settings name one
    "csrf",  # state changes need a token
    "debug_setting",  # a line of its settings switches debug mode on
    "debug_default",  # `value`: the names in its settings that switch debug mode on, and may be on where nothing says otherwise
    "debug_mode",  # what runs is not in the mode for developers
    "embedded_database",  # which database is opened when no address is given
    "endpoints",  # `place`: the lines where the routes of the whole application are put up
    "error_handler",  # an error that nothing catches is recorded and answered in one shape
    "forwards_rejections",  # what an asynchronous handler throws reaches the handler of errors
    "error_middleware",  # errors go to the functions of four arguments that the application mounts
    "error_page",  # what the client sees of an error that nothing catches
    "text_is_html",  # a text that a handler returns or sends is an answer of the kind HTML
    "html_escaping",  # templates escape what they put out
    "logged_parameters",  # the parameters of a request are logged; `place`: what is left out, where a line near names the `value`
    "json_body",  # a typed body must be JSON: a form of a foreign page cannot send it
    "openapi",  # a document of the endpoints is generated
    "pooling",  # connections to the database are kept between requests
    "parsers",  # bodies are read by parsers that the application mounts, each with a limit of its own
    "server",  # what the framework's own run call starts
    "server_timeouts",  # the server bounds the time of slow clients
    "server_body_timeouts",  # among those bounds is one for reading a whole request or writing its answer
    "session_in_cookie",  # the session is kept wholly in a signed cookie
    "session_renewed",  # signing in gives the session a new identifier
    "set_cookie",  # the framework's own call that sets a cookie; `value`: its SameSite when the call says none
    "slow_queries",  # slow statements are recorded
    "migrates",  # the application applies its migrations when it starts
    "drains",  # the server finishes running requests when it is told to stop
    "security_headers",  # answers carry protective headers; `value`: their names
    "json_reads",  # reads that refuse a body which is not sent as JSON (`when`), and other reads beside them (`unless`)
    "session_reads",  # how a handler reads an ambient credential: the patterns of `when` on the lines of the chain
    "signing_key_outside",  # the key of sessions comes from the environment or an encrypted file unless the source says otherwise
    "signing_key",  # sessions are signed with a key of the settings; `value`: the names of the settings
    "throttling",  # limits of the rate, switched on by a setting
    "typed_input",  # the types of a handler's parameters are checked before it runs
    "typed_output",  # the declared type of the answer bounds its fields
    "utc_times",  # times are stored as instants
    "validation",  # input is validated for all handlers by a setting
]


class FrameworkDefault(Closed):
    """What holds in every application of the framework.

    `says` is the sentence of a verdict. Patterns are RE2 on single lines. `when`: one of them must stand in the backend's source for it to
    hold. `unless`: they say otherwise; what they say instead is not known, so a hit makes the answer unknown. `disabled`: they switch it
    off for certain. `beside`: lines that start something else for which it does not hold; which of them serves a flow is then not known.
    `place`: the lines where it would be switched on; `says_not` is the sentence where it is off or absent.
    `paths`: globs where to look, by default the source of the backend. `methods`: it holds for endpoints of these methods only.
    `value`: a word for programs. `since`: packages and the version from which on it holds, without a line of `when` if there is one;
    where the version is not declared, a rule with `when` says neither side, and one without holds. `holds_since`: in an older version that
    is declared nothing is said, with a line of `when` too.
    """

    says: str
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    says_not: str = ""
    paths: tuple[str, ...] = ()
    value: str = ""
    since: dict[str, str] = Field(default_factory=dict)
    holds_since: dict[str, str] = Field(default_factory=dict)
    methods: tuple[str, ...] = ()

    @field_validator("when", "unless", "disabled", "beside", "place")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        compile_patterns(patterns)
        return patterns


class SessionCookieRule(Closed):
    """The cookie in which a framework keeps its session, and the settings that change its flags.

    `when`: patterns one of which must stand in the backend's source (the session is used), `unless`: patterns of settings that are not
    read here, in the source and in the files of `paths`: with one of them nothing is said. The flags are those without any setting;
    `same_site` is lower case, empty when the cookie carries none. `secure: request`: set where the request came over TLS.
    Where settings are lines of files: in those of `paths`, a line of `secure_lines` sets Secure, one of `secure_asked` where the variable
    of its group `name` says so (a group `given`: also where nothing sets it), one of `lax_lines` sets SameSite=Lax, one of
    `no_same_site_lines` takes SameSite away, and the first of `place` is where the flags stand. `stateless`: files (patterns of paths)
    whose routes have no session where the source names no group of routes that has one. Patterns are RE2.
    """

    when: tuple[str, ...]
    unless: tuple[str, ...] = ()
    http_only: bool = True
    secure: bool | Literal["request"] = False
    same_site: str = ""
    http_only_setting: str = ""
    secure_setting: str = ""
    same_site_setting: str = ""
    secure_lines: tuple[str, ...] = ()
    secure_asked: tuple[str, ...] = ()
    lax_lines: tuple[str, ...] = ()
    no_same_site_lines: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    stateless: tuple[str, ...] = ()

    @field_validator("when", "unless", "secure_lines", "secure_asked", "lax_lines", "no_same_site_lines", "place", "stateless")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        compile_patterns(patterns)
        return patterns
