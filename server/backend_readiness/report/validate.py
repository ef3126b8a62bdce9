"""Does a report still hold? Schema, digest, every place and quote, every absence run again, every verdict recomputed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from backend_readiness.errors import InvalidReport
from backend_readiness.model import EvidenceKind, Verdict
from backend_readiness.report import build, canonical, declared, score
from backend_readiness.report.absence import BadSearch, Searcher
from backend_readiness.report.accepted import accepted_controls
from backend_readiness.report.chains import link_quote
from backend_readiness.report.evidence import quote_at, span_problem
from backend_readiness.report.fingerprint import finding_id, fingerprint
from backend_readiness.report.load import model_of, parse
from backend_readiness.report.schema import ChainOut, EvidenceOut, FindingOut, Report, SearchOut
from backend_readiness.report.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`path` leads to the place in the report (`controls[3].evidence[0].quote`). A note does not make it invalid."""

    path: str
    message: str
    note: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def validate(report_json: bytes | str | Mapping[str, object], source: Source) -> list[Problem]:
    """Everything in the report that does not hold against the snapshot; it is valid when no problem is more than a note."""
    try:
        raw = report_json if isinstance(report_json, Mapping) else parse(report_json)
    except InvalidReport as error:
        return [Problem(path="report", message=str(error))]
    try:
        report = model_of(raw)
    except ValidationError as error:
        return [
            Problem(path=_path(detail["loc"]), message=f"does not fit the schema: {detail['msg']}")
            for detail in error.errors(include_url=False, include_input=False)
        ]
    problems = list(_whole(raw, report))
    problems += _chains(report, source)
    problems += _controls(report, source)
    problems += _findings(report)
    problems += _conclusions(report)
    problems += (Problem(path=path, message=message) for path, message in declared.problems(report, source))
    problems += _commit(report, source, held=not problems)
    return problems


def is_valid(problems: list[Problem]) -> bool:
    return all(problem.note for problem in problems)


def _path(parts: tuple[int | str, ...]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".") or "report"


def _whole(raw: Mapping[str, object], report: Report) -> Iterator[Problem]:
    try:
        intact = canonical.integrity(raw) == report.integrity
    except (ValueError, TypeError, RecursionError):
        intact = False
    if not intact:
        yield Problem(path="integrity", message="the report was altered after it was written: its digest differs")


# ---------------------------------------------------------------- places


def _chains(report: Report, source: Source) -> Iterator[Problem]:
    for c, chain in enumerate(report.chains):
        yield from _links(f"chains[{c}]", chain, source)


def _links(path: str, chain: ChainOut, source: Source) -> Iterator[Problem]:
    for i, link in enumerate(chain.links):
        here = f"{path}.links[{i}]"
        wrong = span_problem(source, link.file, link.line, link.end_line)
        if wrong:
            yield Problem(path=here, message=wrong)
        elif link.quote != link_quote(source, link.file, link.line):
            yield Problem(path=f"{here}.quote", message=f"is not the text of {link.file}:{link.line}")
        if link.parent is not None and (link.parent >= len(chain.links) or link.parent == i):
            yield Problem(path=f"{here}.parent", message="names no other link of the chain")


def _controls(report: Report, source: Source) -> Iterator[Problem]:
    searcher = Searcher.over(source, (e.search for control in report.controls for e in control.evidence if e.search))
    for c, control in enumerate(report.controls):
        if not control.evidence and control.verdict in (Verdict.PASS, Verdict.FAIL, Verdict.PARTIAL):
            yield Problem(path=f"controls[{c}].evidence", message=f"a verdict of {control.verdict.value} needs evidence")
        for e, evidence in enumerate(control.evidence):
            yield from _evidence(f"controls[{c}].evidence[{e}]", evidence, source, searcher)


def _evidence(path: str, evidence: EvidenceOut, source: Source, searcher: Searcher) -> Iterator[Problem]:
    if evidence.search is not None:
        yield from _search(f"{path}.search", evidence.search, searcher)
    elif evidence.kind is EvidenceKind.ABSENCE:
        yield Problem(path=f"{path}.search", message="an absence is claimed without the search that proves it")
    if evidence.file is None:
        told = None if evidence.kind is EvidenceKind.RUNTIME else evidence.quote  # what a server answered stands in no file
        if (evidence.line, evidence.end_line, told, evidence.blob) != (None, None, None, None):
            yield Problem(path=f"{path}.file", message="a quote or a line stands without its file")
        return
    known = source.file(evidence.file)
    if known is None:
        yield Problem(path=f"{path}.file", message=f"{evidence.file} is not among the files that were read")
        return
    if evidence.blob != known.blob:
        yield Problem(path=f"{path}.blob", message=f"{evidence.file} has changed: its hash is {known.blob}")
    if evidence.line is None or evidence.end_line is None:
        if evidence.kind is EvidenceKind.CODE or (evidence.line, evidence.end_line, evidence.quote) != (None, None, None):
            yield Problem(path=f"{path}.line", message="the span or the quote is not whole")
        return
    wrong = span_problem(source, evidence.file, evidence.line, evidence.end_line)
    if wrong:
        yield Problem(path=f"{path}.line", message=wrong)
        return
    quote = quote_at(source.lines(evidence.file), evidence.line, evidence.end_line)
    if evidence.quote != quote.text:
        yield Problem(path=f"{path}.quote", message=f"does not stand at {evidence.file}:{evidence.line}")
    if evidence.end_line != quote.end_line:
        yield Problem(path=f"{path}.end_line", message=f"the quote ends at line {quote.end_line}")
    if evidence.redacted != quote.redacted:
        yield Problem(path=f"{path}.redacted", message="does not say what was done to the quote")


def _search(path: str, search: SearchOut, searcher: Searcher) -> Iterator[Problem]:
    try:
        hits = searcher.hits(search)
    except BadSearch as error:
        yield Problem(path=path, message=f"cannot be run again: {error}")
        return
    if hits:
        yield Problem(path=path, message=f"finds something at {hits[0].file}:{hits[0].line}, so the absence is refuted")
    covered = len(searcher.files_of(search))
    if search.files_searched != covered:
        yield Problem(path=f"{path}.files_searched", message=f"the search covers {covered} files")
    if search.digest != searcher.digest_of(search):
        yield Problem(path=f"{path}.digest", message="the search or a file that it covers was altered")


# ---------------------------------------------------------------- what follows from the controls


def _findings(report: Report) -> Iterator[Problem]:
    expected: dict[str, tuple[object, ...]] = {}
    count: dict[str, int] = {}
    for control in report.controls:
        if score.is_open(control):
            count[control.id] = count.get(control.id, 0) + 1
            name = finding_id(control.id, count[control.id])
            expected[name] = (control.id, control.title, control.layer, control.severity, control.why, control.evidence)
    for f, finding in enumerate(report.findings):
        wanted = expected.pop(finding.id, None)
        if wanted is None:
            yield Problem(path=f"findings[{f}].id", message="no open control has this finding, or it stands here twice")
        else:
            yield from _finding(f"findings[{f}]", finding, wanted)
    for name in expected:
        yield Problem(path="findings", message=f"{name} is missing though its control is open")
    if tuple(sorted(report.findings, key=build.finding_order)) != report.findings:
        yield Problem(path="findings", message="are not in the order of severity, layer and control")


def _finding(path: str, finding: FindingOut, wanted: tuple[object, ...]) -> Iterator[Problem]:
    have = (finding.control, finding.title, finding.layer, finding.severity, finding.why, finding.evidence)
    for name, mine, theirs in zip(("control", "title", "layer", "severity", "why", "evidence"), have, wanted, strict=True):
        if mine != theirs:
            yield Problem(path=f"{path}.{name}", message="differs from the control's")
    if finding.fingerprint != fingerprint(finding.control, finding.evidence):
        yield Problem(path=f"{path}.fingerprint", message="is not that of the control and its evidence")


def _conclusions(report: Report) -> Iterator[Problem]:
    accepted = accepted_controls(report.findings)
    decision = score.decide(report.controls, incomplete=bool(report.run.incomplete), accepted=accepted)
    pairs: tuple[tuple[str, object, object], ...] = (
        ("layers", report.layers, score.layers(report.controls, accepted)),
        ("score", report.score, build.score_out(report.controls, report.findings, decision)),
        ("checklist", report.checklist, build.checklist(report.controls, report.findings)),
        ("tool.name", report.tool.name, build.TOOL),
    )
    for path, have, wanted in pairs:
        if have != wanted:
            yield Problem(path=path, message="does not follow from the controls")


def _commit(report: Report, source: Source, *, held: bool) -> Iterator[Problem]:
    theirs, mine = report.repository.commit, source.commit
    if theirs == mine:
        return
    message = f"the report is on {theirs or 'no commit'}, the repository is at {mine or 'no commit'}"
    if held:
        message += "; every file it stands on is the same"
    yield Problem(path="repository.commit", message=message, note=held)
