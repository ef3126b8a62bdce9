"""Does what a model names hold? Its places and searches become evidence, or a line that says what is wrong and what is near."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import PurePosixPath

from backend_readiness.agent.fragment import Absence, Place
from backend_readiness.model import Evidence, EvidenceKind, RejectedHit, Search
from backend_readiness.render.plain import one_line
from backend_readiness.report.evidence import fill, relocate
from backend_readiness.report.redact import redact, redact_lines
from backend_readiness.snapshot import Snapshot

_PROSE = frozenset((".md", ".mdx", ".txt", ".rst", ".adoc", ".markdown"))
_CONFIG = frozenset((".yml", ".yaml", ".toml", ".ini", ".cfg", ".conf", ".env", ".json", ".properties", ".tf", ".hcl", ".xml", ".lock"))
_COMMENT = ("#", "//", "/*", "*", "<!--", "--", ";", "%", '"""', "'''", "{#", "{/*", "REM ")
_NEAR_LINES = 400


def kind_of(file: str) -> EvidenceKind:
    path = PurePosixPath(file)
    if path.suffix.lower() in _PROSE:
        return EvidenceKind.DOC
    if path.suffix.lower() in _CONFIG or path.name.lower().startswith(("dockerfile", "makefile", "procfile", ".env")):
        return EvidenceKind.CONFIG
    return EvidenceKind.CODE


def evidence_of(place: Place, snapshot: Snapshot) -> Evidence | str:
    """The evidence at its true line, or what is wrong with the place and which true one is nearest."""
    file = place.file.removeprefix("./")
    if snapshot.file(file) is None:
        return f"{one_line(file, 200)} is not among the files that were read{_near_file(file, snapshot)}"
    named = Evidence(kind=kind_of(file), file=file, line=place.line, end_line=place.end_line, quote=place.text or None, note=place.note)
    if place.text and place.text.strip():
        placed = relocate(named, snapshot)
        if placed is None:
            return f"that text stands nowhere in {file}{_near_text(place, snapshot)}"
        named = Evidence(kind=named.kind, file=file, line=placed.line, end_line=_end(place, placed), note=place.note)
    else:
        named = Evidence(kind=named.kind, file=file, line=place.line, end_line=place.end_line, note=place.note)
    filled = fill(named, snapshot)
    return named if filled.evidence is not None else filled.problem


def _end(place: Place, placed: Evidence) -> int | None:
    """The span keeps its length when its first line moved."""
    if placed.line is None or place.end_line is None or place.end_line < place.line:
        return placed.end_line
    return max(placed.end_line or placed.line, placed.line + place.end_line - place.line)


def search_of(absence: Absence) -> Search:
    return Search(
        scope=absence.scope,
        paths=absence.paths,
        patterns=absence.patterns,
        rejected=tuple(RejectedHit(file=r.file, line=r.line, why=r.why) for r in absence.rejected),
    )


def absence_evidence(absence: Absence, stand: Evidence | None, snapshot: Snapshot) -> Evidence | str:
    """The proved absence, with the place where the thing should stand; or the hit that refutes it."""
    search = search_of(absence)
    if not search.patterns and not search.paths:
        return "the search names neither patterns nor paths"
    named = Evidence(
        kind=EvidenceKind.ABSENCE,
        file=stand.file if stand else None,
        line=stand.line if stand else None,
        end_line=stand.end_line if stand else None,
        search=search,
        note=stand.note if stand else "",
    )
    filled = fill(named, snapshot)
    if filled.evidence is None:
        return f"{filled.problem}; reject that hit with a reason, or take back the claim"
    found = filled.evidence.search
    if found is not None and search.patterns and found.files_searched == 0:
        return "the search covers no file, so it could not have found the thing: mend `paths`"
    return named


def is_prose(evidence: Sequence[Evidence], snapshot: Snapshot) -> bool:
    """Whether nothing but documents and comments is named: what a repository says of itself is no proof."""
    placed = [e for e in evidence if e.file is not None and e.line is not None and e.search is None]
    return bool(placed) and all(_says_only(e, snapshot) for e in placed)


def _says_only(evidence: Evidence, snapshot: Snapshot) -> bool:
    if evidence.kind is EvidenceKind.DOC:
        return True
    line = evidence.line or 1
    lines = snapshot.lines(evidence.file or "")[line - 1 : evidence.end_line or line]
    written = [text.strip() for text in lines if text.strip()]
    return all(text.startswith(_COMMENT) for text in written)


def _near_file(file: str, snapshot: Snapshot) -> str:
    name = PurePosixPath(file).name
    same = [f.path for f in snapshot.files if f.path.endswith(f"/{name}") or f.path == name][:3]
    found = same or difflib.get_close_matches(file, [f.path for f in snapshot.files], 2, 0.7)
    return f"; there is {', '.join(found)}" if found else ""


def _near_text(place: Place, snapshot: Snapshot) -> str:
    """The line that is most like the text, near the place or anywhere in a short file."""
    wanted = redact(place.text or "").strip().split("\n")[0].strip()
    whole = snapshot.lines(place.file.removeprefix("./"))
    lines = [line.strip() for line in redact_lines(whole, 1, len(whole), max_chars=400)]
    start = max(0, min(place.line, len(lines)) - _NEAR_LINES // 2)
    window = lines[start : start + _NEAR_LINES]
    near = difflib.get_close_matches(wanted, [line for line in window if line], 1, 0.5)
    if near:
        return f"; the nearest is line {start + window.index(near[0]) + 1}: {one_line(near[0], 160)}"
    if 1 <= place.line <= len(lines):
        return f"; line {place.line} is: {one_line(lines[place.line - 1], 160)}"
    return f"; the file has {len(lines)} lines"
