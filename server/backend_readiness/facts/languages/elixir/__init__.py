"""Elixir and its templates. The walker and the grammar are loaded when the first file of the language is read."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

SUFFIXES = {".ex": "elixir", ".exs": "elixir", ".heex": "heex", ".eex": "eex", ".leex": "eex"}


def extract(source: bytes, path: str) -> Builder:
    """The facts of one Elixir file or template in a filled Builder; never raises. See `elixir.file` and `elixir.heex`."""
    if path.endswith("eex"):
        from backend_readiness.facts.languages.elixir import heex

        return heex.extract(source, path)
    from backend_readiness.facts.languages.elixir.file import facts_of

    return facts_of(source)
