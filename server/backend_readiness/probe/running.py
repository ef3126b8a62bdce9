"""A probe of one repository's flow: what is asked follows from its routes, what is judged becomes results like those of the analysis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from backend_readiness.controls.deployed.deployment import Deployment
from backend_readiness.errors import UnusableInput
from backend_readiness.graph.flows import whole
from backend_readiness.model import ControlResult, Endpoint, Flow, Verdict, VerifiedBy
from backend_readiness.probe.address import Target
from backend_readiness.probe.client import Limits
from backend_readiness.probe.exchange import Request
from backend_readiness.probe.judging import Probed, judge
from backend_readiness.probe.scene import MAX_ENDPOINTS, Scene, filled
from backend_readiness.probe.session import Session
from backend_readiness.progress import Progress
from backend_readiness.rules.control_cards import load_controls
from backend_readiness.rules.probe_cards import ProbeCard, load_probe_words, load_probes
from backend_readiness.snapshot.matching import compile_patterns
from backend_readiness.workspace import Workspace

_OPEN = (Verdict.FAIL, Verdict.PARTIAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probing:
    """What a probe found. `left_out` names what was not asked, or not answered, and why; `ended` why it stopped early ("": it did not)."""

    target: Target
    flow: Flow | None
    requests: int
    results: tuple[ControlResult, ...]
    left_out: tuple[str, ...]
    ended: str


def probe(
    found: Workspace, target: Target, flow: Flow | None = None, *, limits: Limits | None = None, progress: Progress | None = None
) -> Probing:
    """Asks the server at `target` about `flow`; without one about its entry page and its health.

    Errors: `UnusableInput` when no server answers there, or none that speaks HTTP.
    """
    session = Session(target, limits)
    changing = _acting(found, flow) if flow is not None else {}
    static = _Static(found, flow)
    scene = _scene(found, target, flow, changing, static)
    first = session.ask(Request(method="GET", target=scene.base + filled(scene.entry) or "/"))
    if first.answer is None:
        hint = (
            "start it, or name its address and port" if session.refused else "is it the development server, with the right scheme and port?"
        )
        raise UnusableInput(f"no answer from {target.url}: {first.failure}; {hint}")
    cards = load_probes()
    probed: dict[str, Probed] = {}
    for done, control in enumerate(i for i in load_controls() if i in cards):
        if progress is not None:
            progress("Asking", done, len(cards))
        probed[control] = judge(cards[control], scene, session)
    of_flow = static.results(None)
    return Probing(
        target=target,
        flow=flow,
        requests=session.sent,
        results=tuple(_result(item, cards[item.control], of_flow.get(item.control)) for item in probed.values()),
        left_out=_left_out(scene, changing, probed),
        ended=session.ended,
    )


def _scene(found: Workspace, target: Target, flow: Flow | None, changing: dict[Endpoint, str], static: _Static) -> Scene:
    acting = compile_patterns(load_probe_words().acting_paths)
    routes = tuple(r.endpoint for r in found.routes())
    endpoints = flow.endpoints if flow is not None else ()
    named = frozenset(e for e in (*routes, *endpoints) if acting is not None and acting.search(e.path.encode("utf-8", "replace")))
    return Scene(
        base=target.base,
        entry=_entry(flow),
        endpoints=endpoints,
        routes=routes,
        acts=named | frozenset(changing),
        proxy=_has_front(Deployment(found.snapshot)),
        static=static.verdict,
    )


def _has_front(deployment: Deployment) -> bool:
    """Does the repository declare something that stands before the application: a proxy, an ingress, a gateway?"""
    words = load_probe_words()
    image = compile_patterns((words.front_images,))
    return (
        bool(deployment.proxies)
        or any(manifest.kind in words.front_kinds for manifest in deployment.manifests)
        or any(image is not None and image.search(service.image.encode("utf-8", "replace")) for service in deployment.compose)
    )


def _entry(flow: Flow | None) -> str:
    """The path of the page on which the flow starts."""
    path = urlsplit(flow.entry_url).path if flow is not None and flow.entry_url else ""
    return path if path.startswith("/") else "/"


def _acting(found: Workspace, flow: Flow) -> dict[Endpoint, str]:
    """The endpoints of the flow whose GET does more than read, by the chain, with the place. What it keeps in a cache does not count."""
    acting: dict[Endpoint, str] = {}
    for traced in found.chains(flow):
        if traced.backend is None or traced.chain.endpoint is None:
            continue
        for effect, index in traced.backend.effects:
            link = traced.backend.links[index]
            if effect.operation != "read" and effect.kind != "cache":
                acting.setdefault(traced.chain.endpoint, f"{effect.operation} {effect.target or link.symbol} at {link.file}:{link.line}")
    return acting


class _Static:
    """What the analysis says of the probed controls, on one endpoint or (for None) on the whole flow; computed when first asked for."""

    def __init__(self, found: Workspace, flow: Flow | None) -> None:
        self._found = found
        self._flow = flow or whole(found.tracer)
        self._known: dict[Endpoint | None, dict[str, ControlResult]] = {}

    def results(self, endpoint: Endpoint | None) -> dict[str, ControlResult]:
        about = None if len(self._flow.endpoints) == 1 else endpoint
        if about not in self._known:
            alone = self._flow if about is None else replace(self._flow, endpoints=(about,))
            self._known[about] = {r.id: r for r in self._found.judge(alone, frozenset(load_probes())).results}
        return self._known[about]

    def verdict(self, control: str, endpoint: Endpoint | None) -> Verdict:
        result = self.results(endpoint).get(control)
        return result.verdict if result is not None else Verdict.UNVERIFIED


def _result(probed: Probed, card: ProbeCard, static: ControlResult | None) -> ControlResult:
    control = load_controls()[card.id]
    is_open = probed.verdict in _OPEN
    return ControlResult(
        id=control.id,
        layer=control.layer,
        title=control.title_fail if is_open else control.title,
        severity=static.severity if static is not None else control.severity,
        verdict=probed.verdict,
        why=probed.why,
        verified_by=VerifiedBy.RUNTIME,
        evidence=probed.evidence,
        fix=((static.fix if static is not None else ()) or control.fix) if is_open else (),
        question=control.ask if probed.verdict is Verdict.UNVERIFIED else "",
    )


def _left_out(scene: Scene, changing: dict[Endpoint, str], probed: dict[str, Probed]) -> tuple[str, ...]:
    said: list[str] = []
    others = [e for e in scene.endpoints if e.method not in ("GET", "ANY")]
    if others:
        said.append(f"{', '.join(str(e) for e in others[:6])}{' ...' if len(others) > 6 else ''}: a probe sends only GET, HEAD and OPTIONS")
    for endpoint in scene.endpoints:
        if endpoint in scene.acts and endpoint.method in ("GET", "ANY"):
            reason = changing.get(endpoint, "its path says so")
            said.append(f"{endpoint}: its GET may do something ({reason}), so it was not sent")
    readable = [e for e in scene.endpoints if e.method in ("GET", "ANY") and e not in scene.acts]
    if len(readable) > MAX_ENDPOINTS:
        said.append(f"{len(readable) - MAX_ENDPOINTS} endpoints after the first {MAX_ENDPOINTS}: narrow the flow")
    failures = dict.fromkeys(failure for item in probed.values() for failure in item.failures)
    said += list(failures)[:10]
    if len(failures) > 10:
        said.append(f"{len(failures) - 10} more requests without an answer")
    return tuple(said)
