"""Names that outlive an edit: the id of a finding and its fingerprint."""

from __future__ import annotations

from collections.abc import Sequence

from backend_readiness.report.canonical import digest
from backend_readiness.report.schema import EvidenceOut

_LENGTH = 32


def finding_id(control: str, ordinal: int = 1) -> str:
    """`BR-sec-cors`; the second finding of the same control is `BR-sec-cors-2`."""
    return f"BR-{control}" if ordinal == 1 else f"BR-{control}-{ordinal}"


def fingerprint(control: str, evidence: Sequence[EvidenceOut]) -> str:
    """Stable when lines move, when blanks change and when the code around is edited.

    Made of the control, the file of the first evidence and the first written line of its quote, with blanks folded; for
    evidence without a place, of the scope of its search. Line numbers and the commit are no part of it.
    """
    first = evidence[0] if evidence else None
    text = ""
    if first is not None:
        written = [folded for line in (first.quote or "").split("\n") if (folded := " ".join(line.split()))]
        text = written[0] if written else (first.search.scope if first.search else first.note)
    return digest([control, first.file if first else None, text])[:_LENGTH]
