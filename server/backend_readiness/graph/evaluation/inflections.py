"""Names of classes, tables and paths made from each other, as frameworks with conventions do it (`order_items` -> `OrderItem`)."""

from __future__ import annotations

import re

_IRREGULAR = {
    "people": "person", "children": "child", "men": "man", "women": "woman", "mice": "mouse", "media": "medium", "data": "datum",
    "criteria": "criterion", "indices": "index", "matrices": "matrix", "vertices": "vertex", "oxen": "ox", "feet": "foot",
    "teeth": "tooth", "geese": "goose", "moves": "move", "aliases": "alias", "statuses": "status", "buses": "bus", "quizzes": "quiz",
    "movies": "movie", "cookies": "cookie", "series": "series", "species": "species", "news": "news",
}  # fmt: skip
_PLURAL = {one: many for many, one in _IRREGULAR.items()}
_UNCOUNTED = frozenset({"series", "species", "news", "equipment", "information", "money", "rice", "sheep", "fish", "jeans", "police"})


def singular(word: str) -> str:
    """`order_items` -> `order_item`. A word that is no plural stays."""
    head, _, last = word.rpartition("_")
    stem = f"{head}_" if head else ""
    if last in _IRREGULAR:
        return stem + _IRREGULAR[last]
    if last in _UNCOUNTED or last.endswith(("ss", "us", "is")) or not last.endswith("s") or len(last) < 3:
        return word
    if last.endswith("ies") and len(last) > 4:
        return f"{stem}{last[:-3]}y"
    if last.endswith(("ches", "shes", "xes", "sses", "zzes")):
        return f"{stem}{last[:-2]}"
    if last.endswith(("analyses", "crises", "theses", "diagnoses", "parentheses", "hypotheses")):
        return f"{stem}{last[:-2]}is"
    if last.endswith(("lves", "arves", "eaves")):
        return f"{stem}{last[:-3]}f"
    return f"{stem}{last[:-1]}"


def plural(word: str) -> str:
    """`order_item` -> `order_items`."""
    head, _, last = word.rpartition("_")
    stem = f"{head}_" if head else ""
    if last in _PLURAL:
        return stem + _PLURAL[last]
    if last in _UNCOUNTED or last in _IRREGULAR or plural_already(last):
        return word
    if re.search(r"[^aeiou]y$", last):
        return f"{stem}{last[:-1]}ies"
    if last.endswith(("s", "x", "ch", "sh", "z")):
        return f"{word}es"
    return f"{word}s"


def plural_already(word: str) -> bool:
    """Does the word look like a plural: `orders`, but not `address` or `status`?"""
    return word.endswith("s") and singular(word) != word and singular(word) + "s" == word


def camel(path: str) -> str:
    """`admin/order_items` -> `Admin::OrderItems`."""
    return "::".join("".join(w[:1].upper() + w[1:] for w in part.split("_")) for part in path.split("/") if part)


def snake(name: str) -> str:
    """`Admin::OrderItem` -> `admin/order_item`."""
    parts = (re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", part) for part in name.split("::"))
    return "/".join(parts).lower()


def class_names(word: str) -> list[str]:
    """The names that a class may have of which there are some under this name."""
    if "::" in word or word[:1].isupper():
        return [word]
    return list(dict.fromkeys((camel(singular(word)), camel(word), camel(word.removesuffix("s")))))
