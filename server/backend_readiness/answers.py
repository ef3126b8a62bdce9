"""The answers of `routes`, `flows`, `check` and `validate` as other programs read them; those of `audit` and `trace` are in `report`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from backend_readiness.model import Flow, Layer, Named, Repository, Route, Severity, VerifiedBy
from backend_readiness.report.schema import ControlOut, FindingOut
from backend_readiness.report.validate import Problem, is_valid
from backend_readiness.rules.control_cards import ControlCard
from backend_readiness.workspace import Checked


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True, populate_by_name=True)


class HandlerOut(_Answer):
    symbol: str
    file: str
    line: int
    end_line: int


class ParamOut(_Answer):
    """`in`: path, query, header, cookie, body or form."""

    name: str
    in_: str = Field(alias="in")


class MiddlewareOut(_Answer):
    symbol: str
    file: str
    line: int


class RouteOut(_Answer):
    """One endpoint. `file` and `line` are of the registration; `handler` is null when it could not be resolved."""

    method: str
    path: str
    file: str
    line: int
    framework: str
    handler: HandlerOut | None = None
    params: tuple[ParamOut, ...] = ()
    middleware: tuple[MiddlewareOut, ...] = ()


class RoutesOut(_Answer):
    schema_: Literal["backend-readiness/routes/1"] = Field(default="backend-readiness/routes/1", alias="schema")
    commit: str | None
    routes: tuple[RouteOut, ...]


class FlowOut(_Answer):
    """`name` is what `audit --flow` takes; `file` and `line` say where the flow starts."""

    name: str
    description: str
    entry_url: str | None = None
    endpoints: tuple[str, ...] = ()
    file: str | None = None
    line: int | None = None


class FlowsOut(_Answer):
    schema_: Literal["backend-readiness/flows/1"] = Field(default="backend-readiness/flows/1", alias="schema")
    commit: str | None
    flows: tuple[FlowOut, ...]


def route_out(route: Route) -> RouteOut:
    return RouteOut(
        method=route.endpoint.method,
        path=route.endpoint.path,
        file=route.place.file,
        line=route.place.line,
        framework=route.framework,
        handler=_handler(route.handler) if route.handler is not None else None,
        params=tuple(ParamOut(name=p.name, in_=p.where) for p in route.params),
        middleware=tuple(MiddlewareOut(symbol=m.symbol, file=m.file, line=m.line) for m in route.middleware),
    )


def routes_out(repository: Repository, routes: Iterable[Route]) -> RoutesOut:
    return RoutesOut(commit=repository.commit, routes=tuple(route_out(r) for r in routes))


def flow_out(flow: Flow) -> FlowOut:
    return FlowOut(
        name=flow.name,
        description=flow.description,
        entry_url=flow.entry_url,
        endpoints=tuple(str(e) for e in flow.endpoints),
        file=flow.place.file if flow.place is not None else None,
        line=flow.place.line if flow.place is not None else None,
    )


def flows_out(repository: Repository, flows: Iterable[Flow]) -> FlowsOut:
    return FlowsOut(commit=repository.commit, flows=tuple(flow_out(f) for f in flows))


def _handler(named: Named) -> HandlerOut:
    return HandlerOut(symbol=named.symbol, file=named.file, line=named.line, end_line=named.end_line)


# ---------------------------------------------------------------- check


class CheckOut(_Answer):
    """`flow` is null when all endpoints were judged together."""

    schema_: Literal["backend-readiness/check/1"] = Field(default="backend-readiness/check/1", alias="schema")
    commit: str | None
    dirty: bool
    flow: FlowOut | None
    controls: tuple[ControlOut, ...]
    findings: tuple[FindingOut, ...]


class CardOut(_Answer):
    id: str
    layer: Layer
    severity: Severity
    title: str
    question: str
    verified_by: tuple[VerifiedBy, ...]


class CatalogueOut(_Answer):
    schema_: Literal["backend-readiness/controls/1"] = Field(default="backend-readiness/controls/1", alias="schema")
    controls: tuple[CardOut, ...]


def catalogue_out(cards: Iterable[ControlCard]) -> CatalogueOut:
    return CatalogueOut(
        controls=tuple(
            CardOut(id=c.id, layer=c.layer, severity=c.severity, title=c.title, question=c.ask, verified_by=c.verified_by) for c in cards
        )
    )


def check_out(repository: Repository, flow: Flow | None, checked: Checked) -> CheckOut:
    return CheckOut(
        commit=repository.commit,
        dirty=repository.dirty,
        flow=flow_out(flow) if flow is not None else None,
        controls=checked.controls,
        findings=checked.findings,
    )


# ---------------------------------------------------------------- validate


class ProblemOut(_Answer):
    """`path` leads to the place in the report; a note does not make it invalid."""

    path: str
    message: str
    note: bool


class ValidationOut(_Answer):
    schema_: Literal["backend-readiness/validation/1"] = Field(default="backend-readiness/validation/1", alias="schema")
    valid: bool
    problems: tuple[ProblemOut, ...]


def validation_out(problems: Sequence[Problem]) -> ValidationOut:
    return ValidationOut(
        valid=is_valid(list(problems)), problems=tuple(ProblemOut(path=p.path, message=p.message, note=p.note) for p in problems)
    )
