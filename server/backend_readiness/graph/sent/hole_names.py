"""What the unknown parts of an address may stand for, by their names: its base, its query."""

from __future__ import annotations

_OF_PAGE = frozenset({"", "attr", "getAttribute", "data", "val", "prop", "content", "dataset"})  # `$("base").attr("href") + "orders"`


def is_base(name: str) -> bool:
    """May an unknown start of a URL be its base, by its name? One without a name is computed, as a base is, or stands in the page."""
    lowered = name.lower()
    return name in _OF_PAGE or any(
        w in lowered
        for w in (
            "url",
            "base",
            "host",
            "origin",
            "endpoint",
            "root",
            "server",
            "service",
            "gateway",
            "domain",
            "ctx",
            "contextpath",
            "context_path",
        )
    )


def is_query(name: str) -> bool:
    lowered = name.lower()
    return any(w in lowered for w in ("query", "params", "search", "qs"))


def is_whole_query(name: str) -> bool:
    """Is it the query with its question mark, as a template's tag writes it behind a path: `{% url 'list' %}{% querystring %}`?"""
    return name.lower().replace("_", "") in ("querystring", "querytransform")
