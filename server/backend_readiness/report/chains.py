"""Chains as they stand in the report and in the answer of `trace`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from backend_readiness.model import Chain, Link
from backend_readiness.report.evidence import MAX_SPAN_LINE_CHARS
from backend_readiness.report.redact import redact, redact_lines
from backend_readiness.report.schema import ChainOut, EndpointOut, GapOut, LinkOut, StartOut, TraceOut
from backend_readiness.report.source import Source


def chain_out(chain: Chain, source: Source | None = None) -> ChainOut:
    """The chain with the text of each link's first line, when there is a source to take it from."""
    endpoint = EndpointOut(method=chain.endpoint.method, path=chain.endpoint.path) if chain.endpoint else None
    return ChainOut(
        endpoint=endpoint,
        complete=chain.complete,
        links=tuple(_link_out(link, source) for link in chain.links),
        gaps=tuple(GapOut(stage=gap.stage, why=redact(gap.why)) for gap in chain.gaps),
    )


def _link_out(link: Link, source: Source | None) -> LinkOut:
    return LinkOut(
        stage=link.stage,
        status=link.status,
        file=link.file,
        line=link.line,
        end_line=link.end_line,
        symbol=redact(link.symbol),
        parent=link.parent,
        operation=link.operation,
        target=redact(link.target) if link.target is not None else None,
        why=redact(link.why),
        quote=link_quote(source, link.file, link.line) if source else None,
    )


def link_quote(source: Source, file: str, line: int) -> str | None:
    """The text of the line with secrets redacted; None when it does not exist or has more than 400 characters."""
    if source.file(file) is None:
        return None
    lines = source.lines(file)
    if not 1 <= line <= len(lines) or len(lines[line - 1]) > MAX_SPAN_LINE_CHARS:
        return None
    return redact_lines(lines, line, line)[0]


def trace_out(kind: Literal["route", "location", "text"], value: str, chains: Iterable[Chain], source: Source | None = None) -> TraceOut:
    """The answer of `trace`; the chains stand in the order given, best first."""
    return TraceOut(start=StartOut(kind=kind, value=value), chains=tuple(chain_out(chain, source) for chain in chains))
