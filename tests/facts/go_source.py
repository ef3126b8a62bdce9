"""Go source to facts, and values on one line for tables of expectations."""

from __future__ import annotations

from textwrap import dedent

from tests.facts.python_source import show

from backend_readiness.facts.languages.go import extract
from backend_readiness.facts.model import FileFacts

__all__ = ["body_of", "facts_of", "show"]


def facts_of(source: str) -> FileFacts:
    return extract(("package shop\n" + dedent(source)).encode(), "file.go").facts()


def body_of(statements: str) -> FileFacts:
    """The facts of statements inside of a method `func (s *Server) run(in string)`."""
    return facts_of("func (s *Server) run(in string) (int, error) {\n" + dedent(statements) + "\n}\n")
