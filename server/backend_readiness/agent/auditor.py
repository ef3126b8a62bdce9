"""The audit with a model: it starts from the static one, and whatever ends it early, the report with what was settled is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from backend_readiness import prompts
from backend_readiness.agent import transcript as records
from backend_readiness.agent.budget import Budget
from backend_readiness.agent.fragment import MAX_SETTLED, TOOL
from backend_readiness.agent.providers import Settings, client
from backend_readiness.agent.settling import Session
from backend_readiness.agent.transcript import Transcript
from backend_readiness.controls.imported import Imported
from backend_readiness.errors import BudgetExceeded
from backend_readiness.model import ControlResult, Flow, Layer, Severity, Verdict, VerifiedBy
from backend_readiness.prompts import Block, OpenControl
from backend_readiness.report.schema import AgentOut, Report
from backend_readiness.rules.control_cards import load_controls
from backend_readiness.tools import Tools, marked
from backend_readiness.tools.paging import compact
from backend_readiness.tools.workspaces import OneWorkspace
from backend_readiness.workspace import Workspace

CHAIN_CHARS = 12_000
_OPEN = (Verdict.FAIL, Verdict.PARTIAL)
_MAX_PLACES = 4
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How a run is made. `record` is where the transcript goes; `resume` goes on from one, `replay` uses no network at all."""

    settings: Settings
    budget: Budget
    record: Path | None = None
    resume: Path | None = None
    replay: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """`ended` says why the run ended early, "" when it did not."""

    report: Report
    ended: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One conversation: its prompt, and the controls that it must report."""

    name: str
    prompt: prompts.Prompt
    wanted: tuple[str, ...]


def audit(found: Workspace, flow: Flow, run: Run, told: Told, *, imported: Sequence[Imported] = ()) -> Audited:
    """Errors: `UnusableInput` for settings, credentials and transcripts that cannot be used, before anything is asked."""
    judged = found.judge(flow, imported=imported)
    session = Session(found.snapshot, {r.id: r for r in judged.results})
    start = _start(found, flow, run.settings)
    source = run.replay or run.resume
    earlier = records.read(source) if source else None
    if earlier is not None:
        records.check_fits(earlier, start)
    ended = ""
    pipe = _connected(run, Transcript(None, start, earlier))  # says what is missing before a file is made
    transcript = Transcript(None if run.replay else run.resume or run.record, start, earlier, append=run.resume is not None)
    pipe.transcript = transcript
    if pipe.replay is not None:
        pipe.replay.transcript = transcript
    pipe.told = told
    unfinished: list[str] = []
    try:
        _converse(found, flow, session, pipe, unfinished)
    except BudgetExceeded as error:
        ended = f"The budget ended the run: {error}."
    except KeyboardInterrupt:
        ended = "The run was interrupted."
    except pipe.failed as error:
        ended = f"The run broke off: {str(error).rstrip('.')}."
    finally:
        session.give_up(list(session.results))
        transcript.ended(ended or "done")
        pipe.client.close()
    incomplete = (*judged.incomplete, *unfinished, *([ended] if ended else []))
    final = replace(judged, results=tuple(session.results.values()), incomplete=incomplete)
    report = found.report_of(flow, final, engine="agent", agent=_used(run, session))
    return Audited(report=report, ended=ended or "; ".join(unfinished))


def _used(run: Run, session: Session) -> AgentOut:
    spent = run.budget.spent
    return AgentOut(
        provider=run.settings.provider,
        model=run.settings.model,
        turns=run.budget.turns,
        input_tokens=spent.input + spent.cache_write,
        cached_tokens=spent.cache_read,
        output_tokens=spent.output,
        usd=round(run.budget.usd, 4) if run.budget.usd is not None else None,
        settled=_settled(session),
    )


def _settled(session: Session) -> int:
    return sum(r.verified_by is VerifiedBy.AGENT and r.verdict is not Verdict.UNVERIFIED for r in session.results.values())


def _start(found: Workspace, flow: Flow, settings: Settings) -> dict[str, Any]:
    return {
        "version": records.VERSION,
        "flow": flow.name,
        "endpoints": [str(e) for e in flow.endpoints],
        "digest": found.snapshot.digest,
        "commit": found.snapshot.commit,
        "provider": settings.provider,
        "model": settings.model,
        "controls": sorted({*load_controls(), *found.own_controls}),
    }


@dataclass(slots=True)
class _Pipe:
    """The connection, made before anything is written; `failed` is what it raises when it breaks."""

    client: Any
    transcript: Transcript
    settings: Settings
    budget: Budget
    replay: Any
    offline: bool
    failed: type[Exception]
    told: Told = print


def _connected(run: Run, transcript: Transcript) -> _Pipe:
    offline = run.replay is not None
    if not offline and run.resume is None:
        made: Any = client(run.settings)
        replay = None
    else:
        client(run.settings, offline=True)  # says what is not installed
        import httpx2

        from backend_readiness.agent.replaying import Replay

        replay = Replay(transcript, None if offline else httpx2.HTTPTransport())
        made = client(run.settings, replay, offline=offline)
    from backend_readiness.agent.conversation import RunFailed

    return _Pipe(made, transcript, run.settings, run.budget, replay, offline, RunFailed)


# ---------------------------------------------------------------- the phases


def _converse(found: Workspace, flow: Flow, session: Session, pipe: _Pipe, unfinished: list[str]) -> None:
    from backend_readiness.agent.conversation import Line, talk
    from backend_readiness.agent.toolbox import Answering, answering_tool, reading_tools

    tools = Tools(OneWorkspace(found))
    chain = _chain(tools, flow)
    line = Line(
        client=pipe.client,
        settings=pipe.settings,
        budget=pipe.budget,
        transcript=pipe.transcript,
        system=prompts.render(prompts.AgentSystem(answer_tool=TOOL)),
        told=lambda what: pipe.told(f"{what}: {_settled(session)} verdicts, {_cost(pipe.budget)}"),
        replay=pipe.replay,
        offline=pipe.offline,
    )
    for phase in _phases(flow, session, chain):
        answering = Answering(session, set())
        heard = lambda tool, given, result, name=phase.name: pipe.transcript.called(name, tool, given, result)  # noqa: E731
        offered = [*reading_tools(marked(tools), heard), answering_tool(answering, heard)]

        def remind(phase: Phase = phase, answering: Answering = answering) -> str:
            left = [name for name in phase.wanted if name not in answering.reported]
            if left:
                return f"Not reported yet: {', '.join(left)}. Report each with {TOOL}; `unverified` with what is missing is an answer."
            return "" if answering.answered else f"Nothing was reported. Answer with {TOOL}, also when there is nothing to report."

        ended = talk(line, phase.name, prompts.render(phase.prompt), offered, remind)
        if ended != "done":
            unfinished.append(f"{phase.name}: the model's answer {_ENDS[ended]}")


_ENDS = {"refused": "was a refusal", "cut off": "was cut off twice", "too long": "took too many turns"}


def _cost(budget: Budget) -> str:
    usd = f", ${budget.usd:.2f}" if budget.usd is not None else ""
    return f"{budget.spent.total:,} tokens{usd}"


def _chain(tools: Tools, flow: Flow) -> Block:
    """The answers of `trace_call_chain` for the flow's first endpoints, a line each."""
    share = max(2_000, CHAIN_CHARS // max(1, min(3, len(flow.endpoints))))
    return Block("\n".join(compact(tools.trace_call_chain(start=str(e), max_chars=share)) for e in flow.endpoints[:3]))


def _phases(flow: Flow, session: Session, chain: Block) -> Iterator[Phase]:
    """One at a time: what a phase settles, the next one sees."""
    endpoints = tuple(str(e) for e in flow.endpoints)
    for layer in _by_gravity(session):
        unverified = [r for r in session.results.values() if r.layer is layer and r.verdict is Verdict.UNVERIFIED]
        for number, part in enumerate(_parts(unverified), start=1):
            prompt = prompts.VerifyLayer(
                flow=flow.name,
                layer=layer.title,
                endpoints=endpoints,
                success_criteria=flow.success_criteria,
                chain=chain,
                controls=tuple(_shown(r) for r in part),
            )
            yield Phase(name=f"{layer.value} {number}", prompt=prompt, wanted=tuple(r.id for r in part))
    found = [r for r in session.results.values() if r.verdict in _OPEN and not r.id.startswith("observed-")]
    for number, part in enumerate(_parts(found), start=1):
        refuting = prompts.RefuteFindings(flow=flow.name, endpoints=endpoints, chain=chain, controls=tuple(_shown(r) for r in part))
        yield Phase(name=f"refute {number}", prompt=refuting, wanted=tuple(r.id for r in part))
    known = tuple(_shown(r) for r in session.results.values() if r.verdict in _OPEN)
    yield Phase(name="review", prompt=prompts.ReviewFlow(flow=flow.name, endpoints=endpoints, chain=chain, findings=known), wanted=())


def _by_gravity(session: Session) -> list[Layer]:
    """The layers, those with the most critical and high questions first."""
    grave = (Severity.CRITICAL, Severity.HIGH)
    weight = {
        layer: sum(r.layer is layer and r.verdict is Verdict.UNVERIFIED and r.severity in grave for r in session.results.values())
        for layer in Layer
    }
    return sorted(Layer, key=lambda layer: -weight[layer])


def _parts(results: Sequence[ControlResult]) -> Iterator[list[ControlResult]]:
    ordered = iter(sorted(results, key=lambda r: -r.severity.rank))
    while part := list(islice(ordered, MAX_SETTLED)):
        yield part


def _shown(result: ControlResult) -> OpenControl:
    card = load_controls().get(result.id)
    places = [f"{e.file}:{e.line}" for e in result.evidence if e.file is not None and e.line is not None]
    return OpenControl(
        id=result.id,
        severity=result.severity.value,
        verdict=result.verdict.value,
        title=result.title,
        question=card.ask if card else result.question,
        why=result.why,
        notes=card.notes if card else (),
        places=tuple(dict.fromkeys(places))[:_MAX_PLACES],
    )
