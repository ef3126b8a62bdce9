"""Rows of answers from what a workspace knows. Text of the repository leaves through `redact`, and bounded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from backend_readiness.report.redact import redact
from backend_readiness.tools import answers
from backend_readiness.tools.paging import compact

if TYPE_CHECKING:
    from backend_readiness.facts.file_index import Definition
    from backend_readiness.model import Chain
    from backend_readiness.report.schema import ControlOut, EvidenceOut, FindingOut
    from backend_readiness.snapshot import Application
    from backend_readiness.tools.chains import Drawn
    from backend_readiness.workspace import Workspace

MAX_TEXT = 300  # characters of a name
MAX_LISTED = 25
MAX_VERDICT = 9_000  # characters of one verdict: evidence beyond it is only counted
_MAX_FOUND = 5_000


def about(found: Workspace, cursor: str | None, what: str, *more: str) -> answers.About:
    """The head of an answer about `found`; `what` are the rows that a cursor goes on with, `more` what else is not in it."""
    taken = found.snapshot
    left_out = list(more)
    if cursor is not None:
        left_out.append(f"more {what}: ask again with cursor")
    if taken.skipped:
        reasons = Counter(_reason(s.reason) for s in taken.skipped).most_common(3)
        named = ", ".join(f"{n} {reason}" for reason, n in reasons)
        left_out.append(f"{len(taken.skipped)} files or folders not read: {named}")
    return answers.About(notice=answers.NOTICE, commit=taken.commit, dirty=taken.dirty, left_out=tuple(left_out), next_cursor=cursor)


def _reason(text: str) -> str:
    return text.partition(":")[0].partition(" (")[0][:60]


def holds(text: str | None, *where: str) -> bool:
    return text is None or any(text.lower() in w.lower() for w in where)


def counts(counter: Mapping[str, int]) -> tuple[answers.Count, ...]:
    return tuple(answers.Count(name=name, count=n) for name, n in sorted(counter.items(), key=lambda i: (-i[1], i[0])))


# ---------------------------------------------------------------- the repository


def application(app: Application) -> answers.ApplicationRow:
    return answers.ApplicationRow(root=app.root or ".", name=app.name[:200], languages=app.languages, manifests=app.manifests[:10])


def repository_map(found: Workspace, applications: Sequence[answers.ApplicationRow], head: answers.About) -> answers.RepositoryMap:
    tracer = found.tracer
    linking = tracer.linking
    calls = Counter({"reach an endpoint": len({id(m.call) for m in linking.matches}), **Counter(u.reason for u in linking.unmatched)})
    unmatched = [
        f"{u.call.symbol[:120]} at {u.call.place}: {u.reason}" for u in linking.unmatched if u.reason in ("no such route", "method differs")
    ]
    folders = Counter("/".join(f.path.split("/")[:-1][:2]) or "." for f in found.snapshot.files)
    skipped: dict[str, list[str]] = defaultdict(list)
    for item in found.repository.skipped:
        skipped[_reason(item.reason)].append(item.path)
    cards = [c.id for c in tracer.graph.knowledge.cards if c.detect.imports or c.detect.manifests or c.detect.files]
    return answers.RepositoryMap(
        about=head,
        files=len(found.snapshot.files),
        languages=counts(Counter(i.language for i in found.facts.files.values())),
        technologies=tuple(cards),
        routes=len(tracer.routes),
        api_calls=counts(calls),
        unmatched_examples=tuple(redact(u) for u in unmatched[:8]),
        folders=tuple(answers.Count(name=name[:120], count=n) for name, n in folders.most_common(MAX_LISTED)),
        skipped=tuple(
            answers.SkippedRow(reason=reason, count=len(paths), examples=tuple(p[:200] for p in paths[:3]))
            for reason, paths in sorted(skipped.items(), key=lambda s: (-len(s[1]), s[0]))[:MAX_LISTED]
        ),
        applications=tuple(applications),
    )


# ---------------------------------------------------------------- chains


def chain(number: int, one: Chain, drawn: Drawn | None = None) -> answers.ChainRow:
    return answers.ChainRow(
        number=number,
        endpoint=str(one.endpoint) if one.endpoint else None,
        complete=one.complete,
        gaps=tuple(redact(f"{gap.stage.value}: {gap.why}")[:MAX_TEXT] for gap in one.gaps[:MAX_LISTED]),
        tree=drawn.links if drawn else (),
        source=drawn.source if drawn else (),
    )


def link(chains: Sequence[Chain], number: int, index: int) -> answers.LinkRow:
    one = chains[number].links[index]
    return answers.LinkRow(
        chain=number,
        number=index,
        parent=one.parent,
        stage=one.stage,
        status=one.status,
        at=_span(one.file, one.line, one.end_line),
        symbol=redact(one.symbol)[:MAX_TEXT],
        operation=one.operation,
        target=redact(one.target)[:MAX_TEXT] if one.target is not None else None,
        why=redact(one.why)[:MAX_TEXT] if one.status != "confirmed" and one.why else None,
    )


def _span(file: str, line: int, end_line: int) -> str:
    return f"{file}:{line}" if end_line == line else f"{file}:{line}-{end_line}"


# ---------------------------------------------------------------- symbols


def definitions(found: Workspace, name: str) -> list[tuple[str, Definition]]:
    """(file, definition) of what has the name; when nothing has, of what holds it in any case of letters, at most 5,000."""
    parent, _, last = name.strip().rpartition(".")
    exact = list(found.facts.defining(last))
    if parent:
        exact = [(file, d) for file, d in exact if _parent(found, file, d) == parent.rpartition(".")[2]]
    if exact or parent:
        return exact
    lowered = last.lower()
    loose = [(file, d) for file, index in found.facts.files.items() for d in index.definitions if lowered in d.name.lower()]
    return loose[:_MAX_FOUND]


def names_like(found: Workspace, name: str) -> list[str]:
    """Names that begin alike, to look for near ones among."""
    first = name.rpartition(".")[2][:1].lower()
    return sorted({d.name for index in found.facts.files.values() for d in index.definitions if d.name[:1].lower() == first})[:_MAX_FOUND]


def symbol(found: Workspace, file: str, definition: Definition) -> answers.SymbolRow:
    end_line = definition.line
    if definition.kind != "variable":
        end_line = max(end_line, found.facts.of(file).symbols[definition.symbol].end_line)
    return answers.SymbolRow(
        name=definition.name[:200],
        kind=definition.kind,
        file=file,
        line=definition.line,
        end_line=end_line,
        inside=_parent(found, file, definition) or None,
    )


def _parent(found: Workspace, file: str, definition: Definition) -> str:
    """The name of the class or function around a definition, or ""."""
    symbols = found.facts.of(file).symbols
    holder = definition.symbol if definition.kind == "variable" else symbols[definition.symbol].parent
    return symbols[holder].name if holder > 0 else ""


# ---------------------------------------------------------------- verdicts


def verdict(control: ControlOut, finding: FindingOut | None) -> answers.VerdictRow:
    kept: list[answers.EvidenceRow] = []
    used = 0
    for item in control.evidence:
        row = _evidence(item)
        used += len(compact(row))
        if kept and used > MAX_VERDICT:
            kept.append(answers.EvidenceRow(note=f"{len(control.evidence) - len(kept)} more places"))
            break
        kept.append(row)
    return answers.VerdictRow(
        id=control.id,
        layer=control.layer.value,
        title=control.title,
        verdict=control.verdict.value,
        severity=control.severity.value,
        why=control.why[:2_000],
        question=control.question or None,
        evidence=tuple(kept),
        fix=finding.fix if finding is not None else (),
    )


def _evidence(item: EvidenceOut) -> answers.EvidenceRow:
    from backend_readiness.render.plain import place_of, searched

    return answers.EvidenceRow(at=place_of(item) or None, quote=item.quote, searched=searched(item) or None, note=item.note or None)
