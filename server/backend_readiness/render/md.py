"""The report a person reads: Markdown from `references/report-template.md`.

Jinja's autoescape is off: it escapes HTML, and this is Markdown. In its place every expression of the template that is not
`Escaped` already goes through `md`, so forgetting a filter in the template is harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from backend_readiness import resources
from backend_readiness.render import mermaid
from backend_readiness.render.plain import (
    STAGE_TITLES,
    STATUS_TITLES,
    VERDICT_TITLES,
    accepted_text,
    chain_title,
    one_line,
    place_of,
    searched,
    visible,
)

if TYPE_CHECKING:
    from jinja2 import Environment

    from backend_readiness.report.schema import EvidenceOut, Report, SkippedOut

FORMAT = "md"
SUFFIX = ".md"
TEMPLATE = "references/report-template.md"
_SHOWN_SKIPPED = 10
_LANGUAGES = {
    ".py": "python", ".js": "js", ".jsx": "jsx", ".ts": "ts", ".tsx": "tsx", ".vue": "vue", ".svelte": "svelte", ".html": "html",
    ".go": "go", ".java": "java", ".kt": "kotlin", ".cs": "csharp", ".php": "php", ".rb": "ruby", ".rs": "rust", ".sql": "sql",
    ".yml": "yaml", ".yaml": "yaml", ".json": "json", ".toml": "toml", ".sh": "sh", ".tf": "hcl", ".mermaid": "mermaid",
}  # fmt: skip
_SIGNS = re.compile(r"([\\`*\[\]{}<>|~#!$^=])|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_LINE_START = re.compile(r"^(?:([-+])|(\d{1,9})([.)])(?=\s|$))")
_ENTITY = re.compile(r"&(?=#|[A-Za-z])")


class Escaped(str):
    """Markdown that was made here and may stand in the report as it is."""

    __slots__ = ()


def md(text: object) -> Escaped:
    """Text as inline Markdown that shows exactly the text: no markup, link, mention, HTML or table cell comes out of it."""
    flat = _ENTITY.sub("&amp;", one_line(str(text)))
    flat = _SIGNS.sub(lambda m: {"<": "&lt;", ">": "&gt;"}.get(m[0], "\\" + m[0]), flat)
    flat = flat.replace("://", "&#58;//").replace("www.", "www&#46;").replace("@", "&#64;")
    return Escaped(_LINE_START.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", flat))


def code(text: object) -> Escaped:
    """Text as a code span, also inside a table."""
    flat = one_line(str(text))
    if not flat:
        return Escaped("")
    fence = "`" * (_longest_run(flat) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return Escaped(f"{fence}{pad}{flat}{pad}{fence}".replace("|", "\\|"))


def _places(evidence: Iterable[EvidenceOut]) -> Escaped:
    """Where the evidence stands, each place once; the kind of evidence that has none."""
    return Escaped(", ".join(dict.fromkeys(code(place_of(e)) or e.kind.value for e in evidence)))


def _heading(evidence: EvidenceOut) -> Escaped:
    """The place of a quote and what to know about it."""
    if evidence.kind == "runtime" and evidence.file is None:
        return Escaped("Answer of the running server:")
    notes = ["here it should stand"] if evidence.kind == "absence" else []
    notes += ["a secret was taken out"] if evidence.redacted else []
    return Escaped(code(place_of(evidence)) + (f" ({', '.join(notes)})" if notes else ""))


def fence(text: object, file: str | None = None) -> Escaped:
    """Text as a fenced block that nothing in it can close."""
    marks = "`" * max(3, _longest_run(str(text)) + 1)
    language = _LANGUAGES.get(PurePosixPath(file or "").suffix, "text")
    return Escaped(f"{marks}{language}\n{visible(str(text))}\n{marks}")


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def _by_reason(skipped: Iterable[SkippedOut]) -> list[tuple[str, int, list[str]]]:
    """(reason, number of files, the first of them)."""
    ordered = sorted(skipped, key=lambda s: (s.reason, s.path))
    groups = ((reason, [s.path for s in group]) for reason, group in groupby(ordered, key=lambda s: s.reason))
    return [(reason, len(paths), paths[:_SHOWN_SKIPPED]) for reason, paths in groups]


def render(report: Report, *, width: int | None = None, color: bool = False) -> str:
    """Markdown of the flavour that GitHub reads; `width` and `color` mean nothing to it."""
    return environment().from_string(resources.read(TEMPLATE)).render(report=report)


def environment() -> Environment:
    """The filters and words of the template."""
    from jinja2 import Environment, StrictUndefined

    env = Environment(
        autoescape=False,
        finalize=_escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters |= {"code": code, "fence": fence, "places": _places, "heading": _heading, "by_reason": _by_reason}
    env.filters |= {
        "accepted": accepted_text,
        "place": place_of,
        "searched": searched,
        "chain_title": chain_title,
        "diagram": mermaid.diagram,
        "by_reason": _by_reason,
    }
    env.globals |= {"stages": STAGE_TITLES, "statuses": STATUS_TITLES, "verdicts": VERDICT_TITLES}
    return env


def _escaped(value: object) -> object:
    return md(value) if isinstance(value, str) and not isinstance(value, Escaped) else value
