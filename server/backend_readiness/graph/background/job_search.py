"""Work that no request starts, looked for by words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.rules.words import load_words

if TYPE_CHECKING:
    from backend_readiness.graph.background.jobs import Job
    from backend_readiness.graph.trace import Tracer

MAX_FOUND = 3
_MOST, _SOME = 0.6, 0.3  # of the words must be named; the second where the text says itself that it is about a job
_OF_NAME, _OF_FILE = 1.0, 0.5


def speaks_of_jobs(text: str) -> bool:
    """Does the text say that no user does it ("nightly", "cron", "when a message arrives")?"""
    from backend_readiness.graph.sentences import stem, stems

    clock = {stem(w) for w in load_words().jobs}
    return any(s in clock for s in stems(text))


def jobs_named(tracer: Tracer, text: str) -> list[Job]:
    """The jobs whose names have most of the words, best first; words that only say that it is a job do not count."""
    from backend_readiness.graph.sentences import parse, stem, words

    clock = {stem(w) for w in load_words().jobs}
    enough = _SOME if speaks_of_jobs(text) else _MOST
    asked = {word: n for word, n in parse(text).weights.items() if word not in clock}
    if not asked:
        return []
    scored: list[tuple[float, Job]] = []
    for job in (*tracer.scheduled, *tracer.received):
        where = job.function.symbol
        view = tracer.graph.view(where.file)
        symbol = view.symbol(where.index)
        holder = view.symbol(symbol.parent).name if symbol.parent > 0 else ""
        named = set(words(f"{symbol.name} {holder} {job.symbol}"))
        near = set(words(f"{where.file.rpartition('/')[2].partition('.')[0]} {symbol.doc or ''}"))
        score = sum(n * (_OF_NAME if w in named else _OF_FILE if w in near else 0.0) for w, n in asked.items())
        if score >= enough * sum(asked.values()):
            scored.append((score, job))
    scored.sort(key=lambda s: (-s[0], s[1].place.file, s[1].place.line))
    return [job for _, job in scored[:MAX_FOUND]]
