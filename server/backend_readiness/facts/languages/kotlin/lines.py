"""Declarations on one line, which the grammar does not know: it wants a line break before the end of the body of a class.

`object Users : Table("users") { val id = integer("id") }` parses when the blank before its last brace is a line break. The copy
that is parsed has the same length, so that offsets and lines stay those of the file.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from backend_readiness.facts.languages.jvm.tree import count_errors
from backend_readiness.facts.languages.kotlin.grammar import GRAMMAR

MAX_BYTES = 400_000
_TOKEN = re.compile(
    rb'"""(?:(?!""").)*+"""|"(?:\\.|[^"\\\n])*+"|\'(?:\\.|[^\'\\\n])++\'|//[^\n]*+|/\*(?:(?!\*/).)*+\*/|[ \t;]\}', re.DOTALL
)


def parsed(source: bytes) -> tuple[Node, int]:
    """The tree of a file and the number of its syntax errors; the better one of two ways to read it. Errors: see `Grammar.root`."""
    root = GRAMMAR.root(source)
    errors = count_errors(root)
    if not errors or len(source) > MAX_BYTES:
        return root, errors
    broken = _TOKEN.sub(lambda m: b"\n}" if m.group()[1:] == b"}" else m.group(), source)
    if broken == source:
        return root, errors
    again = GRAMMAR.root(broken)
    left = count_errors(again)
    return (again, left) if left < errors else (root, errors)
