"""The walk over one Java file."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

# imported for their handlers, which register themselves by node kind
from backend_readiness.facts.languages.java import chains as _chains  # noqa: F401
from backend_readiness.facts.languages.java import definitions as _definitions  # noqa: F401
from backend_readiness.facts.languages.java import literals as _literals  # noqa: F401
from backend_readiness.facts.languages.java import statements as _statements  # noqa: F401
from backend_readiness.facts.languages.java.grammar import GRAMMAR
from backend_readiness.facts.languages.jvm.bodies import class_body
from backend_readiness.facts.languages.jvm.comments import collect_comments
from backend_readiness.facts.languages.jvm.tree import Walk, count_errors


def extract_java(source: bytes) -> Builder:
    """The facts of one file. Syntax errors are counted, the facts of the rest still stand; code nested deeper than the
    limits of `jvm.tree` is left out."""
    builder = Builder("java", source)
    root = GRAMMAR.root(source)
    w = Walk(source, builder, GRAMMAR)
    count = class_body(w, 0, root)
    builder.amend(0, statements=count)
    builder.errors = count_errors(root)
    collect_comments(w, GRAMMAR, root)
    builder.names.discard("")
    return builder
