"""The walk over one Kotlin file."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

# imported for their handlers, which register themselves by node kind
from backend_readiness.facts.languages.jvm.bodies import declarations
from backend_readiness.facts.languages.jvm.comments import collect_comments
from backend_readiness.facts.languages.jvm.tree import Walk
from backend_readiness.facts.languages.kotlin import definitions as _definitions  # noqa: F401
from backend_readiness.facts.languages.kotlin import functions as _functions  # noqa: F401
from backend_readiness.facts.languages.kotlin import statements as _statements  # noqa: F401
from backend_readiness.facts.languages.kotlin.grammar import GRAMMAR
from backend_readiness.facts.languages.kotlin.lines import parsed
from backend_readiness.facts.languages.kotlin.literals import WORDS


def extract_kotlin(source: bytes) -> Builder:
    """The facts of one file. Syntax errors are counted, the facts of the rest still stand; code nested deeper than the
    limits of `jvm.tree` is left out."""
    builder = Builder("kotlin", source)
    root, errors = parsed(source)
    w = Walk(source, builder, GRAMMAR)
    w.words.update(WORDS)
    count = declarations(w, root)
    builder.amend(0, statements=count)
    builder.errors = errors
    collect_comments(w, GRAMMAR, root)
    builder.names.discard("")
    return builder
