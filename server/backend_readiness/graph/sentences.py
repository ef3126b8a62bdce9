"""Sentences and names taken apart: stems, concepts, and what a sentence asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache

from backend_readiness.rules.words import load_words

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SIGNED = re.compile(r"\b(?:signed|logged)[\s-]in\b(?=\s+\w)", re.I)
_PHRASE = re.compile(r"\b(sign|log)(?:s|ed|ing|ging|ged)?[\s_-]+(in|up|out|on|off)\b", re.I)
_JOINED = re.compile(r"(sign|log)(In|Up|Out|On|Off)(?![a-z])")
_UNDONE = re.compile(r"(?<![A-Za-z])[Uu]n[-_]?([A-Z][a-z]+|(?<=[-_])[a-z]+)")  # `UnPublish`: the opposite, and one word
_ASIDE = re.compile(
    r"\([^()]*\)|;.*|\b(?:with|using|via|through)\b.*"
    r"|\b(?:filtered|sorted|grouped|ordered) by\b.*|\band (?:then )?(?:receives?|gets?|sees?)\b.*",
    re.S,
)
_ONE = re.compile(r"\b(?:one|single)\b(?! of the)", re.I)
_PROPER = re.compile(r"[A-Z]\w+")
_WHERE = re.compile(r"\b(?:on|in|at|for|from|by)\b", re.I)
_OF_ACTOR, OF_ASIDE, _OF_WAY, _OF_PLACE, _OF_LIGHT, _OF_DEED, _OF_DEED_OR_LOOK = 0.25, 0.25, 0.6, 0.6, 0.3, 0.5, 0.25
_OF_IMPLIED, _OF_OTHERWISE = 1.0, 0.7
_SHORTEST = 4
_DOUBLED = "bgmnp"  # doubled before an ending; `adding` and `setting` are none of these
_TOWARDS = re.compile(r"(add|move|save|copy|remove)(to|from)(\w*)")
_MANY, _ONE_WORD = 3, 4  # how many words of a phrase are tried; the shortest part of a word that is two


@cache
def vocabulary() -> tuple[dict[str, str], frozenset[str], dict[str, frozenset[str]]]:
    """(synonym -> its concept, words that mean nothing, method -> concepts that speak for it), from `rules/words.yml`."""
    data = load_words()
    concepts = {stem(w): stem(group[0]) for group in data.synonyms for w in group}
    heads = {stem(group[0]) for group in data.synonyms}
    plain = {m: {stem(w) for w in several} for m, several in data.methods.items()}
    methods = {m: frozenset(several | {w for w in heads if w in several}) for m, several in plain.items()}
    return concepts, frozenset(stem(w) for w in data.stop), methods


@cache
def _phrases() -> dict[tuple[str, ...], str]:
    return {tuple(stem(w) for w in said.split()): stem(meant) for said, meant in load_words().phrases.items()}


@cache
def _parts() -> frozenset[str]:
    """Words that may stand in another without a sign between: `forgotpassword`."""
    data = load_words()
    several = (*(w for group in data.synonyms for w in group), *(w for group in data.methods.values() for w in group))
    return frozenset(w for w in several if len(w) >= _ONE_WORD)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A crude stem: plural, then -ing, -ed, -er and -ion endings off."""
    w = word.lower()
    whole = next((k for k in load_words().whole if w in (k, f"{k}s")), None)
    if whole is not None:
        return whole
    for ending, keep in (("ies", "y"), ("sses", "ss"), ("ings", "ing"), ("ers", "er"), ("ations", "ation")):
        if w.endswith(ending) and len(w) - len(ending) + len(keep) >= 3:
            w = w[: len(w) - len(ending)] + keep
            break
    for ending, keep in (("ation", "ate"), ("ing", ""), ("er", ""), ("ed", ""), ("es", ""), ("s", "")):
        if w.endswith(ending) and len(w) - len(ending) + len(keep) >= 3:
            if ending == "s" and w.endswith("ss"):
                break
            w = w[: len(w) - len(ending)] + keep
            if ending in ("ing", "ed") and w.endswith("er") and len(w) > _SHORTEST:  # `delivered` and `ordering` as `deliver` and `order`
                w = w[:-2]
            if ending in ("ing", "ed") and w[-1] == w[-2:-1] and w[-1] in _DOUBLED and len(w) > _SHORTEST - 1:
                w = w[:-1]  # `shipped` as `ship`
            break
    return w[:-1] if w.endswith("e") and len(w) > 3 else w


@lru_cache(maxsize=50_000)
def _stems(text: str) -> tuple[str, ...]:
    text = _UNDONE.sub(lambda m: "un" + m.group(1).lower(), text)
    joined = _JOINED.sub(lambda m: m.group(1) + m.group(2).lower(), _PHRASE.sub(r"\1\2", text))
    found = [stem(part) for word in _WORD.findall(joined) for part in _split(word.lower())]
    phrases = _phrases()
    merged: list[str] = []
    position = 0
    while position < len(found):
        length = next((n for n in range(_MANY, 1, -1) if tuple(found[position : position + n]) in phrases), 1)
        merged.append(phrases[tuple(found[position : position + length])] if length > 1 else found[position])
        position += length
    return tuple(merged)


def _split(word: str) -> tuple[str, ...]:
    """`forgotpassword` as two; a word that is one itself stays."""
    parts = _parts()
    towards = _TOWARDS.fullmatch(word)  # `addtocart`
    if towards is not None:
        return tuple(w for w in towards.groups() if w)
    if len(word) < 2 * _ONE_WORD or word in parts:
        return (word,)
    at = next((i for i in range(_ONE_WORD, len(word) - _ONE_WORD + 1) if word[:i] in parts and word[i:].removesuffix("s") in parts), None)
    return (word,) if at is None else (word[:at], word[at:])


def stems(text: str) -> list[str]:
    """The stems of a text, identifiers taken apart; `sign in` and `logIn` are one word each, `2FA` and `two factor` the same."""
    return list(_stems(text))


def words(text: str) -> list[str]:
    """The concepts of a text: its stems without words that mean nothing, synonyms folded."""
    concepts, stop, _ = vocabulary()
    return [concepts.get(s, s) for s in _stems(text) if len(s) > 1 and s not in stop]


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for: concepts with weights and the stems that stand for each, the methods that its verbs speak for, and these verbs."""

    weights: dict[str, float]
    written: dict[str, frozenset[str]]
    methods: frozenset[str]
    verbs: frozenset[str]
    one: bool = False  # a single thing is to be seen
    supposed: frozenset[str] = frozenset()  # concepts that a route may be named without
    otherwise: dict[str, float] = field(default_factory=dict)  # what is looked for beside it where nothing is named as it is said


def parse(text: str) -> Query:
    """Take a sentence apart: who does it counts little, where and what with less than what is done and to what.

    A name in what it is done with ("with GitHub", "via CSV") counts in full: it tells this way of doing it from the others.
    """
    concepts, stop, methods = vocabulary()
    text = _SIGNED.sub(" ", text[:500])
    aside = " ".join(_ASIDE.findall(text))
    main = _ASIDE.sub(" ", text)
    said = [s for s in _stems(main) if len(s) > 1 and (s not in stop or s in _deeds())]
    actor = _actor(main, said)
    lead = next((s for s in said if concepts.get(s, s) != actor), "")
    formal = lead if _is_formal(lead, said) else ""
    if formal:
        lead = said[said.index(lead) + 1]
    led = not {lead, concepts.get(lead, lead)}.isdisjoint(_deeds())
    weights: dict[str, float] = {}
    found = words(main)
    where = set(words(" ".join(_WHERE.split(main)[1:])))
    for position, word in enumerate(found):
        weight = _OF_PLACE if word in where and position else 1.0
        if word == actor and position < 2 and found.count(word) == 1 and len(said) > 1:
            weight = _OF_ACTOR
        weights[word] = max(weights.get(word, 0.0), weight)
    if formal and concepts.get(formal, formal) in weights:
        weights[concepts.get(formal, formal)] = _OF_LIGHT
    if led and lead in _light() and len(weights) > 1 and concepts.get(lead, lead) in weights and found.count(concepts.get(lead, lead)) == 1:
        weights[concepts.get(lead, lead)] = _OF_LIGHT
    reads = lead in methods.get("GET", ())  # `open` is to see something, or to begin it
    enters = led and lead in _enters()
    person = enters and _names_person(said[said.index(lead) + 1 :])
    if enters and not person:
        weights[concepts.get(lead, lead)] = _OF_LIGHT
    if person and "user" in weights:  # whoever registers is one
        weights["user"] = min(weights["user"], _OF_WAY)
    for deed in _meant(lead) if led and not person else ():
        weights[deed] = max(weights.get(deed, 0.0), _OF_DEED_OR_LOOK if reads else _OF_DEED)
    for part in aside.split():
        proper = bool(_PROPER.match(part))
        for word in words(part):
            weights.setdefault(word, 1.0 if proper or word in _providers() else OF_ASIDE)
    spoken = {lead, concepts.get(lead, lead)} if led else {w for s in stems(main) for w in (s, concepts.get(s, s))}
    favoured = frozenset(m for m, several in methods.items() if several & spoken)
    verbs = frozenset(concepts.get(v, v) for m in favoured for v in methods[m] & spoken)
    if "login" in weights and not _providers().isdisjoint(weights):  # another says who it is: the browser is sent there
        weights["login"] = _OF_WAY
        weights.setdefault(concepts.get("oauth", "oauth"), 1.0)
        favoured = frozenset()
    written: dict[str, set[str]] = {}
    for s in stems(text):
        written.setdefault(concepts.get(s, s), set()).add(s)
    for meant, several in load_words().implied.items():
        if all(weights.get(concepts.get(stem(w), stem(w)), 0.0) >= 1 and stem(w) in said for w in several):
            weights.setdefault(stem(meant), _OF_IMPLIED)
    supposed = frozenset(w for w in _otherwise() if weights.get(w, 0.0) >= 1)
    otherwise = {w: _OF_OTHERWISE for word in supposed for w in _otherwise()[word]}
    one = favoured == {"GET"} and _ONE.search(main) is not None
    return Query(weights, {w: frozenset(written.get(w, ())) for w in weights}, favoured, verbs, one, supposed, otherwise)


@cache
def _deeds() -> frozenset[str]:
    """All verbs that speak for a method."""
    return frozenset(stem(w) for several in load_words().methods.values() for w in several)


@cache
def _light() -> frozenset[str]:
    return frozenset(stem(w) for w in load_words().light)


def _is_formal(lead: str, said: list[str]) -> bool:
    """Is the deed the noun that follows? `confirm the deletion`, and not `confirm the order`."""
    data = load_words()
    after = said[said.index(lead) + 1 :][:1] if lead in {stem(w) for w in data.formal} else []
    return bool(after) and after[0] in {stem(w) for w in data.nominal}


@cache
def _enters() -> frozenset[str]:
    return frozenset(stem(w) for w in load_words().enters)


def _names_person(after: list[str]) -> bool:
    """Is it a person, or nothing, that follows a verb of entering? `register a payment` is to create one."""
    concepts, _, _ = vocabulary()
    people = {stem(a) for a in load_words().actors} | {stem("user"), stem("me")}
    return not after or any(w in people or concepts.get(w, w) in people for w in after)


@cache
def _otherwise() -> dict[str, tuple[str, ...]]:
    return {stem(word): tuple(stem(w) for w in several) for word, several in load_words().otherwise.items()}


@cache
def _meant(verb: str) -> tuple[str, ...]:
    """What a verb at the head of a sentence means: `hire` is to create."""
    return tuple(stem(deed) for deed, several in load_words().deeds.items() if verb in {stem(w) for w in several})


@cache
def _providers() -> frozenset[str]:
    concepts, _, _ = vocabulary()
    return frozenset(concepts.get(stem(p), stem(p)) for p in load_words().providers)


def _actor(main: str, said: list[str]) -> str | None:
    """Who does it: one of the actors at the head, or what stands before a verb in the third person ("speaker submits a talk")."""
    concepts, _, _ = vocabulary()
    actors = {stem(a) for a in load_words().actors}
    done = bool(said) and not {said[0], concepts.get(said[0], said[0])}.isdisjoint(_deeds())  # "add a user": it is what is added
    known = next((concepts.get(s, s) for s in said[:2] if s in actors), None) if said and not done else None
    plain = [w for w in re.findall(r"\w+", main) if w.lower() not in ("a", "an", "the")]
    if (
        known is None
        and len(plain) > 2
        and plain[1].endswith("s")
        and not _deeds().isdisjoint(said[1:2])
        and stem(plain[0]) not in _deeds()
    ):
        return concepts.get(stem(plain[0]), stem(plain[0]))
    return known
