"""Who answers: the vendor's API, a cloud, or any server that speaks the Messages API. The SDK is imported here and nowhere earlier."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from backend_readiness.errors import UnusableInput

if TYPE_CHECKING:
    import httpx2
    from anthropic import Anthropic

Provider = Literal["anthropic", "bedrock", "vertex", "foundry"]
PROVIDERS: tuple[Provider, ...] = ("anthropic", "bedrock", "vertex", "foundry")
DEFAULT_MODEL = "claude-sonnet-5-5"
_CREDENTIALS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE", "ANTHROPIC_FEDERATION_RULE_ID")
_EXTRAS = {"bedrock": "anthropic[bedrock]", "vertex": "anthropic[vertex]"}
_NEEDS = {"bedrock": "botocore", "vertex": "google.auth"}  # imported by the SDK at its first request only


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`base_url` is that of a gateway or local server; `max_output` the tokens of one answer."""

    provider: Provider = "anthropic"
    model: str = DEFAULT_MODEL
    base_url: str | None = None
    stream: bool = True
    max_output: int = 8_000
    timeout_s: float = 600.0
    retries: int = 2


def client(settings: Settings, transport: httpx2.BaseTransport | None = None, *, offline: bool = False) -> Anthropic:
    """The SDK's client. `transport` takes the place of the network; `offline` needs no credential.

    Errors: `UnusableInput` when the extra is not installed or nothing says who pays.
    """
    try:
        import anthropic
    except ImportError as error:
        raise UnusableInput("the engine agent needs more packages: pip install 'backend-readiness[agent]'") from error
    options: dict[str, Any] = {"max_retries": settings.retries, "timeout": settings.timeout_s}
    if settings.base_url is not None:
        options["base_url"] = settings.base_url
    if transport is not None:
        options["http_client"] = anthropic.DefaultHttpxClient(transport=transport)
    if offline:
        return anthropic.Anthropic(**{**options, "api_key": "replayed", "base_url": "http://replay.invalid"})
    if settings.provider == "anthropic":
        known = any(os.environ.get(name) for name in _CREDENTIALS)
        elsewhere = settings.base_url is not None or bool(os.environ.get("ANTHROPIC_BASE_URL"))
        if elsewhere and not known:
            options["api_key"] = "none"  # a local server asks for none, and the SDK insists on one
        elif not known and not _profile():
            raise UnusableInput("no credential: set ANTHROPIC_API_KEY, or name another --provider or a --base-url")
        return anthropic.Anthropic(**options)
    needed = _NEEDS.get(settings.provider)
    signs = settings.provider != "bedrock" or not os.environ.get("AWS_BEARER_TOKEN_BEDROCK")
    if needed is not None and signs and not _is_installed(needed):
        raise UnusableInput(f"{settings.provider} needs more packages: pip install '{_EXTRAS[settings.provider]}'")
    kinds = {"bedrock": "AnthropicBedrock", "vertex": "AnthropicVertex", "foundry": "AnthropicFoundry"}
    try:
        made: Anthropic = getattr(anthropic, kinds[settings.provider])(**options)
    except (anthropic.AnthropicError, ValueError, TypeError) as error:
        raise UnusableInput(f"{settings.provider} is not set up: {' '.join(str(error).split())[:300]}") from error
    return made


def _profile() -> bool:
    """Whether the SDK's own configuration file, made by its log-in, is there."""
    folder = os.environ.get("ANTHROPIC_CONFIG_DIR") or os.path.join(os.path.expanduser("~"), ".config", "anthropic")
    return os.path.isdir(folder)


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the package around it is missing
        return False
