"""From answers to the verdict of one control. What a card's rules do not say stays open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from backend_readiness.model import Endpoint, Evidence, EvidenceKind, Verdict
from backend_readiness.probe.conditions import Seen, fits
from backend_readiness.probe.exchange import Answer, Exchange, Request
from backend_readiness.probe.quoting import noted, quoted
from backend_readiness.probe.scene import Question, Scene, absent, questions
from backend_readiness.probe.session import Asker
from backend_readiness.rules.probe_cards import Ask, ProbeCard, Rule

MAX_EVIDENCE = 6
_MAX_REDIRECTS = 3
_OPEN = (Verdict.FAIL, Verdict.PARTIAL)
_BADNESS = {Verdict.PASS: 0, Verdict.UNVERIFIED: 1, Verdict.PARTIAL: 2, Verdict.FAIL: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What one answer says."""

    rule: Rule
    exchange: Exchange
    endpoint: Endpoint | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What the running server says of a control. `failures` are requests that got no answer."""

    control: str
    verdict: Verdict
    why: str
    evidence: tuple[Evidence, ...] = ()
    failures: tuple[str, ...] = ()


def judge(card: ProbeCard, scene: Scene, asker: Asker) -> Probed:
    """Asks what the card asks and weighs what its rules say of the answers."""
    rulings: list[Ruling] = []
    failures: list[str] = []
    nowhere: Answer | None = None
    for ask in card.asks:
        for question in questions(ask, scene):
            exchange = _asked(question, scene, asker)
            if exchange.answer is None:
                failures.append(f"{exchange.request}: {exchange.failure}")
                continue
            nowhere = nowhere or asker.ask(absent(scene)).answer
            seen = Seen(
                answer=exchange.answer,
                scheme=asker.scheme,
                absent=nowhere,
                static=scene.static(card.id, question.endpoint),
                endpoints=scene.endpoints,
            )
            rule = _rule(ask, seen)
            if rule is not None:
                rulings.append(Ruling(rule=rule, exchange=exchange, endpoint=question.endpoint))
    return _weighed(card, scene, rulings, tuple(failures))


def _rule(ask: Ask, seen: Seen) -> Rule | None:
    return next((rule for rule in ask.rules if fits(rule, seen)), None)


def _asked(question: Question, scene: Scene, asker: Asker) -> Exchange:
    """The answer; for the entry page that of the page on this server to which it is redirected."""
    exchange = asker.ask(question.request)
    for _ in range(_MAX_REDIRECTS if question.follows else 0):
        target = _redirected(exchange, asker.scheme)
        if target is None:
            break
        following = asker.ask(Request(method="GET", target=target, headers=question.request.headers))
        if following.answer is None:
            break
        exchange = following
    return exchange


def _redirected(exchange: Exchange, scheme: str) -> str | None:
    """The target of a redirect that stays on the server; None for any other answer."""
    answer = exchange.answer
    if answer is None or answer.status not in (301, 302, 303, 307, 308):
        return None
    location = answer.first("location")
    if not location.isascii() or not location.isprintable() or " " in location or "\\" in location:
        return None
    try:
        parts = urlsplit(urljoin(f"{scheme}://same.invalid{exchange.request.target}", location))
        if parts.scheme != scheme or parts.netloc != "same.invalid":
            return None
    except ValueError:
        return None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return target if target != exchange.request.target else None


# ---------------------------------------------------------------- weighing


def _weighed(card: ProbeCard, scene: Scene, rulings: Sequence[Ruling], failures: tuple[str, ...]) -> Probed:
    if not rulings:
        why = card.open if not failures else f"{card.open} {len(failures)} requests got no answer."
        return Probed(control=card.id, verdict=Verdict.UNVERIFIED, why=why, failures=failures)
    pick = min if card.take == "best" else max
    deciding = pick(rulings, key=lambda r: _BADNESS[r.rule.verdict])
    verdict: Verdict = deciding.rule.verdict
    why = deciding.rule.why
    if card.take == "share" and verdict is Verdict.FAIL and any(r.rule.verdict is not Verdict.FAIL for r in rulings):
        verdict, why = Verdict.PARTIAL, f"{why} Other answers do better."
    told = [r for r in rulings if r.rule.verdict is deciding.rule.verdict]
    if verdict in _OPEN and all(r.rule.elsewhere for r in told):
        verdict, why = _elsewhere(card, scene, verdict, why)
    if verdict is Verdict.PASS:
        verdict, why = _covered(card, scene, rulings, failures, why)
    better = (r for r in rulings if r not in told and r.rule.verdict is not Verdict.UNVERIFIED)
    shown = list({r.exchange.request: r for r in reversed((*told, *better))}.values())[::-1]
    return Probed(
        control=card.id, verdict=verdict, why=why, evidence=tuple(_evidence(card, r) for r in shown[:MAX_EVIDENCE]), failures=failures
    )


def _elsewhere(card: ProbeCard, scene: Scene, verdict: Verdict, why: str) -> tuple[Verdict, str]:
    """A development server lacks what a proxy adds in production: that is a finding only if nothing else could add it."""
    if scene.static(card.id, None) is Verdict.PASS:
        return Verdict.UNVERIFIED, f"{why} The repository has it; this server runs without the part that adds it, or without its settings."
    if scene.proxy:
        return Verdict.UNVERIFIED, f"{why} The proxy that the repository declares does not stand before this server, and may add it."
    return verdict, why


def _covered(card: ProbeCard, scene: Scene, rulings: Sequence[Ruling], failures: Sequence[str], why: str) -> tuple[Verdict, str]:
    """A pass speaks for what was asked; for the rest of the flow only the static analysis can."""
    if not card.every_endpoint:
        return Verdict.PASS, why
    passed = {r.endpoint for r in rulings if r.rule.verdict is Verdict.PASS}
    rest = [e for e in scene.endpoints if e not in passed and not _settled_by_code(card, scene, e)]
    if rest or not scene.endpoints:
        named = ", ".join(str(e) for e in rest[:4]) or "the endpoints of a flow"
        return Verdict.UNVERIFIED, f"{why} Not shown for {named}, which gave no such answer or could not be asked."
    return Verdict.PASS, why


def _settled_by_code(card: ProbeCard, scene: Scene, endpoint: Endpoint) -> bool:
    """An endpoint that was asked and did not answer as it should is not excused because the code seemed to have no such subject."""
    verdict = scene.static(card.id, endpoint)
    return verdict is Verdict.PASS or (verdict is Verdict.NOT_APPLICABLE and endpoint not in scene.asked)


def _evidence(card: ProbeCard, ruling: Ruling) -> Evidence:
    answer = ruling.exchange.answer
    assert answer is not None
    quote = quoted(card, ruling.rule, answer)
    return Evidence(kind=EvidenceKind.RUNTIME, quote=quote, note=noted(ruling.exchange.request, answer))
