"""Facts of a few lines of Java, Kotlin or Scala, for tests."""

from __future__ import annotations

from textwrap import dedent

from backend_readiness.facts.languages.java import extract as extract_java
from backend_readiness.facts.languages.kotlin import extract as extract_kotlin
from backend_readiness.facts.languages.scala import extract as extract_scala
from backend_readiness.facts.model import Assign, Call, FileFacts, Symbol, Value


def java(source: str) -> FileFacts:
    return extract_java(dedent(source).encode(), "file.java").facts()


def kotlin(source: str) -> FileFacts:
    return extract_kotlin(dedent(source).encode(), "file.kt").facts()


def scala(source: str) -> FileFacts:
    return extract_scala(dedent(source).encode(), "file.scala").facts()


def symbol(facts: FileFacts, name: str) -> Symbol:
    return next(s for s in facts.symbols if s.name == name)


def index_of(facts: FileFacts, name: str) -> int:
    return next(i for i, s in enumerate(facts.symbols) if s.name == name)


def assigned(facts: FileFacts, name: str) -> Assign:
    from backend_readiness.facts.model import Name

    return next(a for a in facts.assigns if a.target == Name(name))


def value_of(facts: FileFacts, name: str) -> Value | None:
    return assigned(facts, name).value


def call(facts: FileFacts, name: str) -> Call:
    from backend_readiness.graph.views import callee_name

    return next(c for c in facts.calls if callee_name(c) == name)
