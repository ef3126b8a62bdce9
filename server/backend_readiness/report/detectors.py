"""Tokens of known services, as `detect-secrets` knows them. Nothing is verified: no request leaves the machine.

Its detectors of entropy, of telling names and of passwords in addresses are left out: `report.redact` decides these with the code
around them. A detector sees single lines of bounded length, and only those that hold something as long as a token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Protocol

MAX_LINE_CHARS = 4_000
_LONG = re.compile(r"[A-Za-z0-9_+/=.-]{20}")
_MIN_DIGITS = 2
_MODULES = {
    "artifactory": "ArtifactoryDetector",
    "aws": "AWSKeyDetector",
    "azure_storage_key": "AzureStorageKeyDetector",
    "cloudant": "CloudantDetector",
    "discord": "DiscordBotTokenDetector",
    "github_token": "GitHubTokenDetector",
    "gitlab_token": "GitLabTokenDetector",
    "ibm_cloud_iam": "IbmCloudIamDetector",
    "ibm_cos_hmac": "IbmCosHmacDetector",
    "jwt": "JwtTokenDetector",
    "mailchimp": "MailchimpDetector",
    "npm": "NpmDetector",
    "openai": "OpenAIDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "softlayer": "SoftlayerDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
    "telegram_token": "TelegramBotTokenDetector",
    "twilio": "TwilioKeyDetector",
}


class _Detector(Protocol):
    def analyze_string(self, string: str) -> Iterator[object]: ...


def may_hold_token(text: str) -> bool:
    """Whether anything in the text is as long as a token; false for most code."""
    return _LONG.search(text) is not None


@lru_cache(maxsize=4_096)
def tokens_in(line: str) -> tuple[str, ...]:
    """The tokens that stand in a line, longest first; a name without digits is none. Longer lines than `MAX_LINE_CHARS` have none."""
    if len(line) > MAX_LINE_CHARS or not may_hold_token(line):
        return ()
    found = {str(token) for detector in _detectors() for token in detector.analyze_string(line) if token}
    return tuple(sorted((t for t in found if sum(c.isdigit() for c in t) >= _MIN_DIGITS and len(t) >= 12), key=lambda t: (-len(t), t)))


@cache
def _detectors() -> tuple[_Detector, ...]:
    import importlib

    made: list[_Detector] = []
    for module, name in _MODULES.items():
        made.append(getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name)())
    return tuple(made)
