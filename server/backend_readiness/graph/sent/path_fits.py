"""How well the segments of a call fit those of a route, where `{}` is a part that is not known or a parameter."""

from __future__ import annotations

from backend_readiness.graph.routes.routing import BoundRoute


def compared(route: BoundRoute, call: tuple[str, ...], pattern: tuple[str, ...]) -> int | None:
    """As `compare`; a server that takes a path in any case, or with an extension behind it, takes this one too, but one that is written
    alike is likelier."""
    score = compare(call, pattern)
    if score is None and route.card.path_extensions and call and pattern:
        last, _, extension = call[-1].rpartition(".")
        if last and extension in route.card.path_extensions and "." not in pattern[-1]:
            score = compare((*call[:-1], last), pattern)
            return score if score is None else score - 1
    if score is None and route.card.any_case:
        score = compare(tuple(s.lower() for s in call), tuple(s.lower() for s in pattern))
        return score if score is None else score - 1
    return score


def compare(call: tuple[str, ...], route: tuple[str, ...]) -> int | None:
    """How well segments fit: the number of equal fixed segments times ten, minus guesses; None when they differ."""
    tail = bool(route) and route[-1] == "{*}"
    if tail:
        if len(call) < len(route) - 1:
            return None
        call, route = call[: len(route) - 1], route[:-1]
    if len(call) != len(route):
        return None
    if _crosses(call, route):
        return None
    score = -5 if tail else 0
    for mine, theirs in zip(call, route, strict=True):
        if mine == theirs:
            score += 1 if mine == "{}" else 10
        elif theirs == "{}":
            score += 1
        elif "{}" in theirs and fits(mine, theirs):
            score += 5
        elif mine == "{}" or ("{}" in mine and "{" not in theirs and fits(theirs, mine)):
            score -= 3
        else:
            return None
    return score


def _crosses(call: tuple[str, ...], route: tuple[str, ...]) -> bool:
    """Would a part that is not known have to be a word of the route, and a word of the call one of its parameters?"""
    pairs = list(zip(call, route, strict=True))
    return any(m == "{}" and "{" not in t for m, t in pairs) and any(t == "{}" and "{" not in m for m, t in pairs)


def left_out(route: tuple[str, ...], call: tuple[str, ...], open_base: bool) -> bool:
    """May a call leave out what the route has in front? A word right behind that is no parameter (`/api` of `/badges/{id}`). A base that
    is not known may be of parameters alone, when at least two words behind it are those of the route."""
    extra = len(route) - len(call)
    if extra <= 3 and "{}" not in route[: extra + (call[0] != "{}")]:
        return True
    same = sum(m == t != "{}" for m, t in zip(call, route[extra:], strict=True))
    return open_base and extra <= 2 and set(route[:extra]) == {"{}"} and call[0] == route[extra] and same >= 2


def fits(text: str, pattern: str) -> bool:
    """Does `order-7.json` fit `order-{}.json`?"""
    pieces = pattern.split("{}")
    if not text.startswith(pieces[0]) or not text.endswith(pieces[-1]):
        return False
    position = 0
    for piece in pieces:
        found = text.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def guesses(call: tuple[str, ...], route: tuple[str, ...]) -> bool:
    """Does a part of the call that is not known stand where the route has a word?"""
    return len(call) == len(route) and any("{}" in m and "{" not in t for m, t in zip(call, route, strict=True))


def nearness(file: str, other: str) -> int:
    """How many folders two files share: of several programs in one repository, an interface asks its own."""
    shared = 0
    for mine, theirs in zip(file.split("/")[:-1], other.split("/")[:-1], strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared
