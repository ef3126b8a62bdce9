"""Evidence is filled in and checked against the snapshot; what does not stand there is named, never shipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend_readiness.model import Evidence, EvidenceKind
from backend_readiness.report.absence import BadSearch, Searcher
from backend_readiness.report.private_keys import without_key_bodies
from backend_readiness.report.redact import redact
from backend_readiness.report.schema import EvidenceOut, SearchOut
from backend_readiness.report.source import Source

MAX_QUOTE_LINES = 12
MAX_SPAN_LINE_CHARS = 400
MAX_LINE_CHARS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One of the two is set: the evidence with quote and blob, or what is wrong with it."""

    evidence: EvidenceOut | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """`text` is what a report shows of lines `line`..`end_line`; `redacted` when a secret was taken out."""

    line: int
    end_line: int
    text: str
    redacted: bool


def quote_at(lines: Sequence[str], line: int, end_line: int) -> Quote:
    """The quote for a span that exists.

    At most `MAX_QUOTE_LINES` lines; a span with a line of more than 400 characters is cut to its first line, and a line
    to 2,000 characters.
    """
    end_line = min(end_line, line + MAX_QUOTE_LINES - 1)
    raw, taken = list(lines[line - 1 : end_line]), without_key_bodies(lines, line, end_line)
    if any(len(text) > MAX_SPAN_LINE_CHARS for text in raw):
        end_line, raw, taken = line, [raw[0][:MAX_LINE_CHARS]], [taken[0][:MAX_LINE_CHARS]]
    text = redact("\n".join(taken))
    return Quote(line=line, end_line=end_line, text=text, redacted=text != "\n".join(raw))


def span_problem(source: Source, file: str, line: int, end_line: int) -> str:
    """What is wrong with the place, or ""."""
    if source.file(file) is None:
        return f"{file} is not among the files that were read"
    total = len(source.lines(file))
    if line < 1 or end_line < line:
        return f"{file}:{line}-{end_line} is not a span of lines"
    if end_line > total:
        return f"{file}:{end_line} does not exist: the file has {total} lines"
    return ""


def fill(evidence: Evidence, source: Source, searcher: Searcher | None = None) -> Filled:
    """The evidence with its exact quote, blob and digest of the search; or the reason why it cannot stand.

    A quote that came with the evidence is looked for: at its line, then elsewhere in the file.
    """
    searcher = searcher or Searcher(source)
    search: SearchOut | None = None
    if evidence.search is not None:
        try:
            hits = searcher.hits(evidence.search)
        except BadSearch as error:
            return Filled(problem=f"the search that should prove the absence cannot be run again: {error}")
        if hits:
            return Filled(problem=f"the search that should prove the absence finds something at {hits[0].file}:{hits[0].line}")
        search = searcher.record(evidence.search)
    elif evidence.kind is EvidenceKind.ABSENCE:
        return Filled(problem="an absence is claimed without the search that proves it")
    if evidence.file is None:
        if search is None and not (evidence.kind is EvidenceKind.RUNTIME and evidence.note):
            return Filled(problem="it names no file")
        # What a running server answered stands in no file: its lines are the quote.
        quote = redact(evidence.quote) if evidence.kind is EvidenceKind.RUNTIME and evidence.quote is not None else None
        return Filled(evidence=EvidenceOut(kind=evidence.kind, quote=quote, search=search, note=redact(evidence.note)))
    placed: Evidence | None = evidence
    if evidence.quote is not None:
        placed = relocate(evidence, source)
        if placed is None:
            return Filled(problem=f"the quote named for {evidence.file}:{evidence.line} stands nowhere in the file")
    return _with_quote(placed or evidence, source, search)


def _with_quote(evidence: Evidence, source: Source, search: SearchOut | None) -> Filled:
    file, line = evidence.file or "", evidence.line
    known = source.file(file)
    if known is None:
        return Filled(problem=f"{file} is not among the files that were read")
    note = redact(evidence.note)
    if line is None:
        if evidence.kind is EvidenceKind.CODE:
            return Filled(problem=f"it names no line of {file}")
        return Filled(evidence=EvidenceOut(kind=evidence.kind, file=file, blob=known.blob, search=search, note=note))
    problem = span_problem(source, file, line, evidence.end_line or line)
    if problem:
        return Filled(problem=problem)
    quote = quote_at(source.lines(file), line, evidence.end_line or line)
    return Filled(
        evidence=EvidenceOut(
            kind=evidence.kind,
            file=file,
            line=quote.line,
            end_line=quote.end_line,
            quote=quote.text,
            blob=known.blob,
            redacted=quote.redacted,
            search=search,
            note=note,
        )
    )


def relocate(evidence: Evidence, source: Source) -> Evidence | None:
    """The evidence moved to where its quote stands, nearest to the line it named; None when it stands nowhere.

    Lines are compared without the blanks around them and after redaction; the exact text is filled in by `fill`.
    """
    if evidence.file is None or evidence.quote is None or source.file(evidence.file) is None:
        return None
    wanted = [line.strip() for line in redact(evidence.quote).strip("\r\n").split("\n")]
    if not any(wanted):
        return None
    whole = source.lines(evidence.file)
    lines = [line.strip() for line in redact("\n".join(without_key_bodies(whole, 1, len(whole)))).split("\n")]
    starts = [i for i, text in enumerate(lines) if text == wanted[0] and lines[i : i + len(wanted)] == wanted]
    if not starts and len(wanted) == 1 and len(wanted[0]) >= 8:
        starts = [i for i, text in enumerate(lines) if wanted[0] in text]
    if not starts:
        return None
    named = (evidence.line or 1) - 1
    start = min(starts, key=lambda i: (abs(i - named), i))
    return Evidence(
        kind=evidence.kind,
        file=evidence.file,
        line=start + 1,
        end_line=start + len(wanted),
        search=evidence.search,
        note=evidence.note,
    )
