"""Accounts that files of the repository bring along: settings, data that is loaded, deployments, and code that may make one."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.controls.places import is_production
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.places import is_for_development

_GIVES_PASSWORD = re.compile(r"(?i)\bpass(word|wd)?\w*[\"']?\s*(=>|[:=(,])\s*[\"'][^\"'$#{]{3,}[\"']")
_OF_STORES = re.compile(sign("shipped_accounts", "of_stores"))
# The body of a request within a text: what a test or an example sends.
_BODY = re.compile(r"[\"'`#(]\s*\{\s*\\?\"|\\\"")
_COMMENT = re.compile(r"\s*(#|$)")


def made_by_files(context: Context) -> Evidence | None:
    """The line of settings, or of data that a migration loads, that makes an account."""
    return _first(context, signs("shipped_accounts", "made"), signs("shipped_accounts", "made_in"))


def prepared(context: Context) -> tuple[Evidence, bool] | None:
    """A script that the start runs where the database is new, and whether it gives somebody a password that stands there."""
    files = [p for p in context.snapshot.glob(*signs("shipped_accounts", "prepared")) if is_production(p) or p.endswith("db/seeds.rb")]
    if not files or _first(context, signs("shipped_accounts", "prepares"), signs("shipped_accounts", "prepares_in")) is None:
        return None
    told = [(p, n, t) for p in files[:3] for n, t in enumerate(context.snapshot.lines(p)[:2_000], 1) if _COMMENT.match(t) is None]
    given = [(p, n) for p, n, t in told if _GIVES_PASSWORD.search(t[:500]) is not None]
    shipped = next((g for g in given if not stands_in_development(context, *g)), None)
    if shipped is not None:
        return context.at(*shipped), True
    told = [] if given else told  # nothing but what a developer's machine gets
    return (context.at(*told[0][:2]), False) if told else None


def perhaps(context: Context) -> Evidence | None:
    """The first line that may make an account, in code, dumps and files of the deployment."""
    in_code = context.hits(signs("shipped_accounts", "perhaps"))
    lasting = (h for h in in_code if not is_for_development(h[0]) and not stands_in_development(context, *h[:2]))
    found = next((h for h in lasting if _BODY.search(h[2][:500]) is None), None)
    if found is not None:
        return context.at(*found[:2])
    return _first(context, signs("shipped_accounts", "perhaps_in_files"), signs("shipped_accounts", "files"))


def in_pipeline(context: Context, seeds: re.Pattern[str]) -> Evidence | None:
    """The line of a pipeline that deploys and fills or empties the database on the way."""
    for path in context.snapshot.glob(*signs("shipped_accounts", "pipelines")):
        lines = context.snapshot.lines(path)[:2_000]
        for number, text in enumerate(lines, 1):
            near = " ".join(lines[max(0, number - 6) : number])
            if seeds.search(text[:1_000]) is not None and any(
                re.search(p, near[:4_000]) is not None for p in signs("shipped_accounts", "deploys")
            ):
                return context.at(path, number)
    return None


def _first(context: Context, patterns: tuple[str, ...], paths: tuple[str, ...]) -> Evidence | None:
    hits = context.hits(patterns, paths)
    hit = next((h for h in hits if not is_for_development(h[0]) and _OF_STORES.search(h[2][:500]) is None), None)
    return context.at(*hit[:2]) if hit is not None else None
