"""Lines of a flow that speak of a thing in the words of the language, for what no card names.

They prove nothing by themselves: a hit says that a thing may be there, and only where the words of the language are known does no
hit say that it is not.
"""

from __future__ import annotations

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.kept import once
from backend_readiness.model import Evidence
from backend_readiness.rules.security_words import Noun, load_security_words
from backend_readiness.snapshot.matching import compile_patterns


def words_of(context: Context, noun: Noun) -> tuple[str, ...] | None:
    """The patterns of the flow's language; None when the language was not looked at.

    Where the handlers are written in another one than the framework (Kotlin on Spring), those of both.
    """
    words = load_security_words().nouns[noun]
    known = [words[name] for name in dict.fromkeys((context.language, *_written_in(context))) if name in words]
    return tuple(p for patterns in known for p in patterns) if known else None


def _written_in(context: Context) -> tuple[str, ...]:
    return once(context, _languages)


def _languages(context: Context) -> tuple[str, ...]:
    return tuple(dict.fromkeys(context.view(h.file).language for h in context.handlers))


def mentioned(context: Context, noun: Noun) -> Evidence | None:
    """The first line of the chain that speaks of the thing."""
    pattern = compile_patterns(words_of(context, noun) or ())
    if pattern is None:
        return None
    return next((context.at(f, n) for f, n, t in chain_text(context) if pattern.search(t.encode("utf-8", "replace"))), None)
