"""Secrets out of text that leaves the audited repository: quotes, reasons, everything a reader or a model sees.

Two kinds are recognised: tokens with a known shape (those here and those of `report.detectors`), and values with the entropy of a
secret that are assigned to a name that says secret. Every pattern is bounded, so the work is linear in the text. `redact` is idempotent.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from backend_readiness.report.detectors import may_hold_token, tokens_in
from backend_readiness.report.private_keys import MASK, without_key_bodies

_MAX_PASSES = 12

_TOKENS = re.compile(
    r"""
      \b(?:AKIA|ASIA)[0-9A-Z]{16}\b
    | \bgh[pousr]_[A-Za-z0-9]{30,255}
    | \bgithub_pat_[A-Za-z0-9_]{22,255}
    | \bglpat-[A-Za-z0-9_-]{20,255}
    | \b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{12,255}
    | \bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,255}
    | \bwhsec_[A-Za-z0-9+/=]{16,255}
    | \bxox[abeprs]-[A-Za-z0-9-]{10,255}
    | \bAIza[0-9A-Za-z_-]{35}
    | \bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}
    | \bnpm_[A-Za-z0-9]{36}\b
    | \bpypi-[A-Za-z0-9_-]{50,255}
    | \beyJ[A-Za-z0-9_-]{8,300}\.eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,1000}
    | \bhooks\.slack\.com/services/[A-Za-z0-9/_-]{20,120}
    """,
    re.VERBOSE,
)
_KEY_ON_ONE_LINE = re.compile(r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)([^-\n]{0,80}[A-Za-z0-9+/=]{16}[^-\n]{0,4000})")
_URL_PASSWORD = re.compile(r"(://[^\s:/@\"'`{}$<>]{1,80}:)([^\s@/\"'`{}$<>\[\]%]{1,200})(@)")
_BEARER = re.compile(r"((?:[Bb]earer|[Bb]asic)[ ]{1,4})([A-Za-z0-9._~+/=-]{20,2000})")
_SENSITIVE = (
    r"(?:secret|token|passw(?:or)?d|pwd|passphrase|api[_-]?key|credential|salt|dsn"
    r"|(?:access|private|signing|encryption)[_-]?key)"
)
_QUOTED = re.compile(
    rf"({_SENSITIVE}[\w\"'\]-]{{0,40}}[ \t]{{0,8}}(?:=>|:=|[:=,])[ \t]{{0,8}}[rbfu]?)"  # the name and the sign
    r"([\"'`])([^\"'`\s]{8,500})(\2)",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"({_SENSITIVE}[\w-]{{0,40}}[ \t]{{0,8}}[:=][ \t]{{0,8}})"
    r"([A-Za-z0-9+/=_!@#%^&*-]{12,500})(?=$|[\s,;\"'}])",
    re.IGNORECASE | re.MULTILINE,
)


def redact(text: str) -> str:
    """`text` with every recognised secret replaced by `[redacted]`; the number of lines stays the same."""
    for _ in range(_MAX_PASSES):
        once = _redact_once(text)
        if once == text:
            break
        text = once  # what stood glued to a secret stands free now
    return text


def redact_lines(lines: Sequence[str], first: int, last: int, max_chars: int = 2_000) -> list[str]:
    """Lines `first`..`last` of a file (from 1), each cut to `max_chars` and redacted with regard to the lines above it."""
    return [redact(line[:max_chars]) for line in without_key_bodies(lines, first, last)]


def _redact_once(text: str) -> str:
    if "PRIVATE KEY" in text:
        lines = _KEY_ON_ONE_LINE.sub(lambda m: m[1] + MASK, text).split("\n")
        text = "\n".join(without_key_bodies(lines, 1, len(lines)))
    text = _TOKENS.sub(MASK, text)
    text = _URL_PASSWORD.sub(lambda m: m[1] + MASK + m[3], text)
    text = _BEARER.sub(lambda m: m[1] + (MASK if _looks_random(m[2]) else m[2]), text)
    text = _QUOTED.sub(lambda m: m[1] + m[2] + (MASK if _looks_secret(m[3]) else m[3]) + m[4], text)
    text = _BARE.sub(lambda m: m[1] + (MASK if _looks_random(m[2]) else m[2]), text)
    return "\n".join(_without_tokens(line) for line in text.split("\n")) if may_hold_token(text) else text


def _without_tokens(line: str) -> str:
    for token in tokens_in(line):
        if MASK not in token:
            line = line.replace(token, MASK)
    return line


def _entropy(value: str) -> float:
    """Shannon entropy of the characters, in bits per character."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())


def _classes(value: str) -> int:
    return sum(
        (
            any(c.islower() for c in value),
            any(c.isupper() for c in value),
            any(c.isdigit() for c in value),
            any(not c.isalnum() for c in value),
        )
    )


def _looks_secret(value: str) -> bool:
    """Whether a quoted value of a sensitive name is a secret and not a placeholder, a path or a template."""
    if MASK in value or any(mark in value for mark in ("${", "{{", "<", "%(", "://", "process.env", "environ")):
        return False
    if value.startswith(("/", "./", "../")) or re.fullmatch(r"[A-Za-z]+(?:[._ -][A-Za-z]+){0,12}", value):
        return False
    return _entropy(value) >= 2.75 and _classes(value) >= (2 if len(value) >= 12 else 3)


def _looks_random(value: str) -> bool:
    """Whether a bare word is a generated secret; an identifier or a path is not."""
    if MASK in value or sum(c.isdigit() for c in value) < 3:
        return False
    return _entropy(value) >= 3.2 and _classes(value) >= (2 if len(value) >= 20 else 3)
