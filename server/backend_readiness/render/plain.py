"""Hostile text made harmless before any format escapes it, and the words that all formats share."""

from __future__ import annotations

import unicodedata

from backend_readiness.report.schema import AcceptedOut, ChainOut, EvidenceOut, LinkOut

STAGE_TITLES = {
    "user_action": "User action",
    "frontend_handler": "Frontend handler",
    "api_call": "API call",
    "route": "Route",
    "middleware": "Middleware",
    "handler": "Handler",
    "service": "Service",
    "data": "Data",
    "external": "External service",
}
VERDICT_TITLES = {"ready": "Ready", "ready_with_conditions": "Ready with conditions", "not_ready": "Not ready"}
STATUS_TITLES = {"ready": "Ready", "at_risk": "At risk", "not_ready": "Not ready", "unverified": "Unverified"}

# Characters that act instead of showing: controls, and what turns the direction of text (as in "Trojan Source").
_ACTING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def visible(text: str) -> str:
    """`text` with acting characters written as `\\x1b`; tabs and line feeds stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c in "\n\t" or unicodedata.category(c) not in _ACTING else _escape(c) for c in text)


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str, limit: int | None = None) -> str:
    """`text` visible, on one line, with runs of blanks folded, and cut with an ellipsis at `limit` characters."""
    folded = " ".join(visible(text).split())
    return folded if limit is None or len(folded) <= limit else folded[: limit - 1] + "…"


def place_of(item: EvidenceOut | LinkOut) -> str:
    """`app/users.py:12-14`, `app/users.py:12`, `app/users.py`, or "" without a file."""
    if item.file is None:
        return ""
    name = one_line(item.file)
    if item.line is None:
        return name
    if item.end_line is None or item.end_line == item.line:
        return f"{name}:{item.line}"
    return f"{name}:{item.line}-{item.end_line}"


def chain_title(chain: ChainOut) -> str:
    title = one_line(f"{chain.endpoint.method} {chain.endpoint.path}") if chain.endpoint else "Without an endpoint"
    return title if chain.complete else f"{title} (incomplete)"


def searched(evidence: EvidenceOut) -> str:
    """The recorded search of an absence in a sentence, without its patterns; "" when there is none."""
    search = evidence.search
    if search is None:
        return ""
    parts = [_count(search.files_searched, "file")]
    if search.roles:
        parts.append(f"for {', '.join(one_line(role) for role in search.roles)}")
    if search.patterns:
        parts.append(_count(len(search.patterns), "pattern"))
    if search.rejected:
        parts.append(f"{_count(len(search.rejected), 'hit')} rejected")
    if search.unread:
        parts.append(f"{_count(len(search.unread), 'file')} not read")
    return f"Searched {one_line(search.scope)}: {', '.join(parts)}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def children_of(chain: ChainOut) -> dict[int | None, list[int]]:
    """Indexes of links by parent, in order; a parent that is missing, later or the link itself makes a root (key None)."""
    found: dict[int | None, list[int]] = {}
    for index, link in enumerate(chain.links):
        parent = link.parent if link.parent is not None and link.parent < index else None
        found.setdefault(parent, []).append(index)
    return found


def accepted_text(accepted: AcceptedOut) -> str:
    """Who accepted the risk of a finding, until when and why."""
    held = f"The acceptance of {accepted.owner} ran out on" if accepted.expired else f"Accepted by {accepted.owner} until"
    return one_line(f"{held} {accepted.expires}: {accepted.reason}")
