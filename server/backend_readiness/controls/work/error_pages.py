"""Pages that a handler of errors renders with the text of the error: `res.locals.message = err.message; res.render("error")`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend_readiness.controls.context import Context

_PUT = re.compile(r"^\s*res\.locals\.(\w+)\s*=\s*(?:e|err|error)\.(?:message|stack)\b(?!\s*[?&])")
_RENDERED = re.compile(r"\bres\b.*\.render\(\s*['\"](?:[\w.-]*/)*([\w.-]+)['\"]")
_ENDINGS = ("ejs", "pug", "jade", "hbs", "handlebars", "html", "njk", "nunjucks", "twig", "mustache", "eta", "liquid")


def told_on_a_page(context: Context, body: Sequence[str]) -> int | None:
    """How many lines into the function the text of any error is kept for the page that the function renders, and the page shows it."""
    page = next((m.group(1) for text in body if (m := _RENDERED.search(text)) is not None), None)
    if page is None:
        return None
    files = context.snapshot.glob(*(f"**/{page}{'' if page.endswith(f'.{e}') else f'.{e}'}" for e in _ENDINGS))
    for number, text in enumerate(body):
        put = _PUT.search(text)
        if put is None:
            continue
        shows = re.compile(rf"(?:<%[-=]|\{{\{{\{{?|[\w)]\s*!?=|#\{{)\s*(?:locals\.)?{put.group(1)}\b")
        if any(shows.search(context.snapshot.text(f)) is not None for f in files):
            return number
    return None
