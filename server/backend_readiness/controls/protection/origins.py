"""Patterns of origins, and which hosts they let in that nobody can have meant."""

from __future__ import annotations

import re

import regex

_STRANGERS = ("https://a.example", "https://qx7.stranger.test")
# Names of hosts in a pattern, their points escaped or not.
_HOSTS = re.compile(r"(?<![\w.])((?:[\w-]+\\?\.){1,3}(?:com|net|org|io|app|dev|co|example|test))\b")


def matches_any(pattern: object) -> bool:
    """Does the pattern match origins that nobody can have meant?"""
    if not isinstance(pattern, str) or len(pattern) > 300:
        return False
    try:
        written = regex.compile(pattern)
        return all(written.fullmatch(o, timeout=0.05) is not None for o in _STRANGERS)
    except (regex.error, TimeoutError):
        return False


def matches_lookalikes(pattern: object) -> bool:
    """Does a host that only begins or ends like one that the pattern names match it too: a point that is not escaped, no anchor?"""
    if not isinstance(pattern, str) or len(pattern) > 300:
        return False
    hosts = [h.replace("\\", "") for h in _HOSTS.findall(pattern)]
    alike = [o for h in hosts[:6] for o in (f"https://stranger{h}", f"https://{h}.stranger.test")]
    try:
        written = regex.compile(pattern)
        return any(written.fullmatch(o, timeout=0.05) is not None for o in alike)
    except (regex.error, TimeoutError):
        return False
