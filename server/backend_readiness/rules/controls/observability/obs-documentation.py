"""A diagram or a text with the parts of the system, what they depend on and how data flows."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.documents import GLOBS, Section, absent, named, sections
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified

_ABOUT = re.compile(
    r"(?i)architect|system (?:design|context|overview)|data[ -]?flow|\bc4\b|how it works|design (?:document|overview)|components\b|topology"
    r"|decision record|\badr\b"
)
_LISTS = re.compile(
    r"(?i)\btech(?:nology)?[ -]stack|^stack$|^technolog|built with|(?:project|folder) structure"
    r"|directory (?:structure|layout)|code ?base structure"
)
_DIAGRAM = re.compile(
    r"(?i)```\s*(?:mermaid|plantuml|d2|dot|graphviz)\b|@startuml|\bgraph (?:LR|TD|TB)"
    r"|!\[[^\]]*(?:architect|diagram|(?<!work)flow|context)[^\]]*\]"
    r"|!\[[^\]]*\]\([^)]*(?:architect|diagram|(?:^|[^k])flow)[^)]*\)"
)
_PART = re.compile(
    r"(?i)\b(database|postgres\w*|mongo\w*|mysql|redis|queue|broker|worker|frontend|browser|client|backend|api"
    r"|proxy|gateway|service|server|cache"
    r"|storage|scheduler)\b"
)
# A way of building in general, as books and articles explain it: a picture of it shows nothing of this system.
_STYLE = re.compile(r"(?i)hexagonal|\bonion\b|clean architecture|ports (?:and|&) adapters|layered|domain[ -]driven|\bcqrs\b|\bmvc\b")
_FILES = ("**/*.puml", "**/*.plantuml", "**/*.drawio", "**/*.dsl", "**/*.mmd", "**/*.excalidraw", "**/*.c4", "**/*.d2")
_OF_A_PART = re.compile(
    r"(?i)oauth|openid|\boidc|\bsaml|\bjwt\b|kerberos|\bsolid\b"  # how a protocol or a principle goes, whoever uses it
    r"|(?<![a-z])(?:erd?|entity|entities|schema|tables?|database|db|class(?:es)?|use-?cases?|model|sequence|state)(?![a-z])"
)
_WORDS = (r"(?i)architecture|data[ -]?flow|system (?:context|overview)|mermaid|plantuml",)


def verify(context: Context) -> Judgement:
    drawn = [p for p in context.snapshot.glob(*_FILES) if _is_of_system(context, p)]
    for path in drawn[:1]:
        return passed("A diagram describes the system.", context.at(path, 1))
    listed: Section | None = None
    for section in sections(context):
        if _DIAGRAM.search(section.text) is not None and (
            (named(section, _ABOUT) and _STYLE.search(section.heading) is None) or len(_parts(section)) >= 3
        ):
            return passed("A diagram describes the parts and what flows between them.", context.at(section.file, section.line))
        if named(section, _ABOUT) and _prose(section) >= 60 and len(_parts(section)) >= 3:
            return passed("A text describes the parts and what flows between them.", context.at(section.file, section.line))
        if listed is None and (named(section, _ABOUT) or _LISTS.search(section.heading)) and (section.words >= 10 or section.steps >= 3):
            listed = section
    tables = context.snapshot.glob(*_FILES)
    if tables and listed is None:
        return partial("A diagram shows a part of the system; no document shows its parts together.", context.at(tables[0], 1))
    if listed is not None:
        return partial("Parts are listed, but not how they depend on each other or how data flows.", context.at(listed.file, listed.line))
    proof = absent(context, "the documents of the repository", _WORDS, (*GLOBS, *_FILES))
    return (
        failed("No document describes the architecture or the flow of data.", proof)
        if proof
        else unverified("No description was recognised.")
    )


def _is_of_system(context: Context, path: str) -> bool:
    """Is a drawing one of the parts of the system, neither of its tables and classes alone nor a script in another language?"""
    if path.endswith(".dsl"):
        return re.search(r"(?m)^\s*workspace\b", context.snapshot.text(path)[:5_000]) is not None
    return _OF_A_PART.search(path.rpartition("/")[2]) is None


def _parts(section: Section) -> set[str]:
    return {m.lower() for m in _PART.findall(section.text)}


def _prose(section: Section) -> int:
    """Words outside of lists, tables and code."""
    text = re.sub(r"(?s)```.*?```", "", section.text)
    lines = [line for line in text.split("\n") if not re.match(r"\s*(?:[-*+|#>]|\d+[.)])", line)]
    return len(re.findall(r"[A-Za-z]{2,}", " ".join(lines)))
