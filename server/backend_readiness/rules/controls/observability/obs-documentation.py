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
_DIAGRAM = re.compile(r"(?i)```\s*(?:mermaid|plantuml|d2|dot|graphviz)\b|@startuml|\bgraph (?:LR|TD|TB)")
_IMAGE = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]*)")
_BADGE = re.compile(r"(?i)badge|shields\.io|/workflows?/|status\b|codecov|/actions/")
# What a picture is called that shows parts and what goes between them.
_PICTURED = re.compile(r"(?i)architect|diagram|(?<!work)flow|\bcontext\b")
_PART = re.compile(
    r"(?i)\b(database|postgres\w*|mongo\w*|mysql|redis|queue|broker|worker|frontend|browser|client|backend|api"
    r"|proxy|gateway|service|server|cache"
    r"|storage|scheduler)\b"
)
# A way of building in general, as books and articles explain it: a picture of it shows nothing of this system.
_STYLE = re.compile(
    r"(?i)hexagonal|\bonion\b|clean architecture|ports (?:and|&) adapters|layer(?:ed|s)?\b|tier\b|domain[ -]driven|\bcqrs\b|\bmvc\b"
)
_FILES = ("**/*.puml", "**/*.plantuml", "**/*.drawio", "**/*.dsl", "**/*.mmd", "**/*.excalidraw", "**/*.c4", "**/*.d2")
_OF_A_PART = re.compile(
    r"(?i)oauth|openid|\boidc|\bsaml|\bjwt\b|kerberos|\bsolid\b"  # how a protocol or a principle goes, whoever uses it
    r"|(?<![a-z])(?:erd?|entity|entities|schema|tables?|database|db|class(?:es)?|use-?cases?|model|sequence|state)(?![a-z])"
)
# How a drawing of the whole is called.
_OF_WHOLE = re.compile(
    r"(?i)architect|system|context|overview|landscape|topolog|infra|deploy|container|component|microservice|data[-_ ]?flow|network"
    r"|(^|[^a-z])c[1-4]([^a-z]|$)"
)
_WORDS = (r"(?i)architecture|data[ -]?flow|system (?:context|overview)|mermaid|plantuml",)


def verify(context: Context) -> Judgement:
    drawn = [p for p in context.snapshot.glob(*_FILES) if _is_of_system(context, p)]
    for path in [p for p in drawn if _shows_whole(context, p)][:1]:
        return passed("A diagram describes the system.", context.at(path, 1))
    listed: Section | None = None
    for section in sections(context):
        if _draws(section) and ((named(section, _ABOUT) and _STYLE.search(section.heading) is None) or len(_parts(section)) >= 3):
            return passed("A diagram describes the parts and what flows between them.", context.at(section.file, section.line))
        if named(section, _ABOUT) and _prose(section) >= 60 and len(_parts(section)) >= 3:
            return passed("A text describes the parts and what flows between them.", context.at(section.file, section.line))
        if listed is None and (named(section, _ABOUT) or _LISTS.search(section.heading)) and (section.words >= 10 or section.steps >= 3):
            listed = section
    if drawn:
        return unverified("There is a drawing; whether it shows the parts of this system was not settled.", context.at(drawn[0], 1))
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


def _shows_whole(context: Context, path: str) -> bool:
    """Is the drawing called one of the whole, or does it lie among the first documents and name parts of a system?"""
    name = path.rpartition("/")[2].rpartition(".")[0]
    if _OF_WHOLE.search(name) is not None and not _STYLE.search(name):
        return True
    text = context.snapshot.text(path)[:200_000] if re.match(r"(?i)(?:docs?/)?[^/]+$", path) is not None else ""
    return len({m.lower() for m in _PART.findall(text)}) >= 3


def _draws(section: Section) -> bool:
    """A diagram as text, or a picture that is called one by its text or the name of its file; a badge of a workflow is none."""
    if _DIAGRAM.search(section.text) is not None:
        return True
    for text, address in _IMAGE.findall(section.text):
        named_as = address.partition("?")[0].rstrip("/").rpartition("/")[2]
        if _BADGE.search(address) is None and _BADGE.search(text) is None and (_PICTURED.search(text) or _PICTURED.search(named_as)):
            return True
    return False


def _parts(section: Section) -> set[str]:
    return {m.lower() for m in _PART.findall(section.text)}


def _prose(section: Section) -> int:
    """Words outside of lists, tables and code."""
    text = re.sub(r"(?s)```.*?```", "", section.text)
    lines = [line for line in text.split("\n") if not re.match(r"\s*(?:[-*+|#>]|\d+[.)])", line)]
    return len(re.findall(r"[A-Za-z]{2,}", " ".join(lines)))
