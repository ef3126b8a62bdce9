"""The walk over one Scala file."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

# imported for their handlers, which register themselves by node kind
from backend_readiness.facts.languages.jvm.bodies import declarations
from backend_readiness.facts.languages.jvm.comments import collect_comments
from backend_readiness.facts.languages.jvm.tree import Walk, count_errors
from backend_readiness.facts.languages.scala import control as _control  # noqa: F401
from backend_readiness.facts.languages.scala import definitions as _definitions  # noqa: F401
from backend_readiness.facts.languages.scala import members as _members  # noqa: F401
from backend_readiness.facts.languages.scala import modules as _modules  # noqa: F401
from backend_readiness.facts.languages.scala.grammar import GRAMMAR
from backend_readiness.facts.languages.scala.literals import WORDS


def extract_scala(source: bytes) -> Builder:
    """The facts of one file. Syntax errors are counted, the facts of the rest still stand; code nested deeper than the
    limits of `jvm.tree` is left out."""
    builder = Builder("scala", source)
    root = GRAMMAR.root(source)
    w = Walk(source, builder, GRAMMAR)
    w.words.update(WORDS)
    count = declarations(w, root)
    builder.amend(0, statements=count)
    builder.errors = count_errors(root)
    collect_comments(w, GRAMMAR, root)
    builder.names.discard("")
    return builder
