"""The singular of an English word, as frameworks name the parameter of a collection (`categories` -> `category`)."""

from __future__ import annotations

import re

_SAME = {"news", "series", "species", "sheep", "fish", "information", "equipment", "money", "rice", "media", "data", "status", "settings"}
_IRREGULAR = {
    "people": "person", "men": "man", "women": "woman", "children": "child", "feet": "foot", "teeth": "tooth", "mice": "mouse",
    "geese": "goose", "criteria": "criterion", "movies": "movie", "cookies": "cookie", "indices": "index", "vertices": "vertex",
    "matrices": "matrix", "leaves": "leaf", "lives": "life", "knives": "knife", "wives": "wife", "shelves": "shelf", "wolves": "wolf",
    "halves": "half", "analyses": "analysis", "bases": "base", "cases": "case", "databases": "database", "purchases": "purchase",
    "releases": "release", "expenses": "expense", "licenses": "license", "responses": "response", "courses": "course", "houses": "house",
    "warehouses": "warehouse", "uses": "use", "causes": "cause", "caches": "cache", "ties": "tie", "pies": "pie", "shoes": "shoe",
}  # fmt: skip
_ENDINGS = (
    (re.compile(r"(?:ss|us|is)$"), ""),
    (re.compile(r"(?<=[^aeiou])ies$"), "y"),
    (re.compile(r"(?<=ss|sh|ch)es$"), ""),
    (re.compile(r"(?<=x|z)es$"), ""),
    (re.compile(r"(?<=us|as)es$"), ""),
    (re.compile(r"s$"), ""),
)
_WORD = re.compile(r"[A-Za-z]+$")


def singular(word: str) -> str:
    """Of the last word of a name (`user-invites` -> `user-invite`); a word that is no plural stays."""
    found = _WORD.search(word)
    if found is None:
        return word
    last = found.group()
    if last.lower() in _SAME:
        return word
    if last.lower() in _IRREGULAR:
        return word[: found.start()] + _IRREGULAR[last.lower()]
    for pattern, ending in _ENDINGS:
        match = pattern.search(last)
        if match:
            return word if not ending and match.group() in ("ss", "us", "is") else word[: found.start()] + last[: match.start()] + ending
    return word
