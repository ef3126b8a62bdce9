"""Rules of cards for middleware that protects answers and sessions: how it is put up, and what its options say."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from backend_readiness.rules.card_rules import Closed, Ref

Header = Literal["content-security-policy", "strict-transport-security", "x-content-type-options", "x-frame-options"]


class MountRule(Closed):
    """A call that puts up middleware.

    `callee`: the paths of what is called. `call`: or the names of a call on any receiver, whose first argument is one of the paths
    `given`, where those are named. `options`: the position of the object with its options; without one they are keyword arguments.
    """

    callee: tuple[str, ...] = ()
    call: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    options: int | None = None


class CorsRule(MountRule):
    """Which foreign origins may read answers: the keys of the options that say it.

    `without`: what holds where none of `origins` is given. `pattern`: the key of a regular expression of origins. `single`: a key that
    sets the origins for single resources. `later`: a call without arguments says nothing, another one follows.
    """

    origins: tuple[str, ...]
    credentials: tuple[str, ...]
    without: Literal["any", "none"]
    pattern: str = ""
    single: str = ""
    later: bool = False


class CorsSettings(Closed):
    """CORS that settings of a file switch on, without a call: `enabled` are whole keys, `origins` the last parts of keys that name origins.

    `section`: where there is no switch, the part of the settings that is read by being there.
    `without`: what holds where no key of `origins` is set.
    """

    enabled: tuple[str, ...] = ()
    section: str = ""
    origins: tuple[str, ...]
    without: Literal["any", "none", "unknown"]


class HeadersRule(MountRule):
    """Which protective headers are `sent`; `dropped_by` names the options that drop one by `false` or nothing.

    `in_order`: only handlers that are registered after the call get them. `since`: the version of a package from which on a header is
    sent without being asked for; before it only where its option is given.
    """

    sent: tuple[Header, ...]
    dropped_by: dict[str, Header] = Field(default_factory=dict)
    since: dict[Header, dict[str, str]] = Field(default_factory=dict)
    in_order: bool = False


class HashRule(Closed):
    """What makes a slow hash of passwords too cheap.

    `cost`: where the number that sets the cost stands, looked for in order; below `least` it is too low, and `says` is the sentence, with
    `{}` for the number. `schemes`: where the names of the algorithms stand, the first of which new passwords get.
    """

    callee: str | tuple[str, ...]
    cost: tuple[Ref, ...] = ()
    least: int = 0
    says: str = ""
    schemes: tuple[Ref, ...] = ()


class SessionRule(MountRule):
    """The flags of the session's cookie: for each the key of the options, `""` for none, and what holds where it is not given.

    `within`: the key of the object that holds them.
    """

    http_only: tuple[str, bool]
    secure: tuple[str, bool]
    same_site: tuple[str, str]
    within: str = ""

    @field_validator("http_only", "secure", "same_site", mode="before")
    @classmethod
    def _is_pair(cls, pair: Any) -> Any:  # a list of YAML
        return tuple(pair) if isinstance(pair, list) else pair
