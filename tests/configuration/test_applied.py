"""What the configuration says shows in flows, chains and verdicts, and every report with it still validates."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from backend_readiness.errors import UnknownControl, UnusableInput
from backend_readiness.model import Severity, Verdict, VerifiedBy
from backend_readiness.report.build import seal
from backend_readiness.report.schema import Report
from backend_readiness.report.validate import is_valid, validate
from backend_readiness.workspace import Workspace


@pytest.fixture
def repo(orders_repo: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(orders_repo, tmp_path / "repository"))


@pytest.fixture
def audited(repo: Path, tmp_path: Path):
    def audit(configuration: str, files: dict[str, str] | None = None, flow: str = "login") -> Report:
        for path, text in {".backend-readiness.toml": configuration, **(files or {})}.items():
            (repo / path).parent.mkdir(parents=True, exist_ok=True)
            (repo / path).write_text(text)
        space = Workspace(repo, cache_dir=tmp_path / "cache", today=date(2026, 6, 1))
        report = space.audit(space.resolve_flow(flow))
        assert is_valid(validate(report.model_dump_json(), space.snapshot))
        return report

    return audit


def control(report: Report, name: str):
    return next(c for c in report.controls if c.id == name)


def open_one(report: Report) -> str:
    """A control that the code leaves open."""
    return next(c.id for c in report.controls if c.verdict is Verdict.UNVERIFIED)


def test_a_declared_flow_has_its_name_entry_and_endpoints(audited, repo: Path) -> None:
    text = '[[flows]]\nname = "buy"\nentry_url = "/shop"\nsuccess = ["an order exists"]\nendpoints = ["POST /api/orders"]\n'
    report = audited(text, flow="buy")
    assert (report.flow.entry_url, report.flow.success_criteria) == ("/shop", ("an order exists",))
    assert report.flow.endpoints == ("POST /api/orders",)
    assert Workspace(repo).flows()[0].name == "buy"


def test_a_declared_endpoint_that_is_not_there_is_an_error(audited) -> None:
    with pytest.raises(UnusableInput):
        audited('[[flows]]\nname = "buy"\nendpoints = ["POST /nowhere"]\n', flow="buy")


def test_an_attestation_settles_what_is_open_and_shows_who_said_so(audited) -> None:
    name = open_one(audited(""))
    text = f'[[attestations]]\ncontrol = "{name}"\nowner = "ops team"\ndate = 2026-01-31\nevidence = "docs/rules.md"\n'
    settled = control(audited(text, {"docs/rules.md": "# Rules\n"}), name)
    assert (settled.verdict, settled.verified_by) == (Verdict.PASS, VerifiedBy.ATTESTATION)
    assert "ops team attested on 2026-01-31" in settled.why
    assert [e.file for e in settled.evidence] == [".backend-readiness.toml", "docs/rules.md"]


def test_an_attestation_never_overrules_what_the_code_shows(audited) -> None:
    failing = next(c for c in audited("").controls if c.verdict is Verdict.FAIL)
    text = f'[[attestations]]\ncontrol = "{failing.id}"\nowner = "ops"\ndate = 2026-01-31\n'
    after = control(audited(text), failing.id)
    assert after.verdict is Verdict.FAIL
    assert "says otherwise" in after.why


@pytest.mark.parametrize("line", ["expires = 2026-02-01", 'flow = "another"', 'evidence = "docs/absent.md"'])
def test_an_attestation_that_ran_out_or_is_for_another_flow_or_names_nothing_counts_for_nothing(audited, line: str) -> None:
    name = open_one(audited(""))
    text = f'[[attestations]]\ncontrol = "{name}"\nowner = "ops"\ndate = 2026-01-31\n{line}\n'
    assert control(audited(text), name).verdict is Verdict.UNVERIFIED


def test_an_accepted_risk_is_shown_and_does_not_block(audited) -> None:
    finding = audited("").findings[0]
    text = f'[[accepted_risks]]\nfinding = "{finding.fingerprint}"\nreason = "one office"\nowner = "cto"\nexpires = 2999-01-01\n'
    report = audited(text)
    accepted = next(f for f in report.findings if f.fingerprint == finding.fingerprint)
    assert accepted.is_accepted
    assert accepted.accepted is not None
    assert accepted.accepted.reason == "one office"
    assert finding.id not in report.score.blockers
    assert any("Accepted risks" in reason for reason in report.score.reasons) or report.score.verdict == "not_ready"


def test_an_expired_acceptance_is_shown_as_such_and_counts_for_nothing(audited) -> None:
    before = audited("")
    finding = before.findings[0]
    report = audited(f'[[accepted_risks]]\ncontrol = "{finding.control}"\nreason = "r"\nowner = "o"\nexpires = 2020-01-01\n')
    found = next(f for f in report.findings if f.control == finding.control)
    assert found.accepted is not None
    assert found.accepted.expired
    assert not found.is_accepted
    assert report.score.verdict == before.score.verdict


def test_the_owner_names_a_severity_and_a_profile_lowers(audited) -> None:
    plain = audited("")
    chosen = plain.findings[0].control
    assert control(audited(f'[severity]\n{chosen} = "low"\n'), chosen).severity is Severity.LOW
    later = next(f for f in plain.findings if f.layer in ("performance", "reliability", "observability") and f.severity is Severity.HIGH)
    assert control(audited('profile = "prototype"\n'), later.control).severity is Severity.MEDIUM


def test_an_unknown_control_in_the_file_is_an_error_that_names_the_nearest(audited) -> None:
    with pytest.raises(UnknownControl, match="sec-mfa"):
        audited('[severity]\nsec-mfaa = "low"\n')


def test_a_declared_link_joins_the_chain(audited, repo: Path) -> None:
    page = "export function quick() {\n  window.shopBus.emit('order');\n}\n"
    text = '[[links]]\nfrom = "web/bus.ts:2"\nto = "POST /api/orders"\nwhy = "sent through the event bus"\n'
    (repo / "web").mkdir(exist_ok=True)
    report = audited(text + '[[flows]]\nname = "buy"\nendpoints = ["POST /api/orders"]\n', {"web/bus.ts": page}, flow="buy")
    links = [link for chain in report.chains for link in chain.links]
    assert any((link.file, link.line) == ("web/bus.ts", 2) and "event bus" in link.why for link in links)


def test_excluded_paths_are_not_read(audited) -> None:
    report = audited('exclude = ["web/**"]\n', {"web/old.ts": "fetch('/api/orders')\n"})
    assert not any(link.file.startswith("web/") for chain in report.chains for link in chain.links)


OWN = """\
id: own-audit-trail
layer: observability
title: Orders are written to the audit trail
title_fail: An order leaves no trace in the audit trail
requires: ["**.record_order"]
methods: [POST]
fix: [Call record_order after the commit]
"""


def test_an_own_control_is_judged_on_the_chain(audited) -> None:
    flow = '[[flows]]\nname = "buy"\nendpoints = ["POST /api/orders"]\n'
    report = audited(f'controls = "readiness"\n{flow}', {"readiness/audit.yml": OWN}, flow="buy")
    assert control(report, "own-audit-trail").verdict is Verdict.FAIL
    assert next(f for f in report.findings if f.control == "own-audit-trail").fix == ("Call record_order after the commit",)


@pytest.mark.parametrize(
    ("card", "complaint"),
    [
        (OWN.replace("requires", "require"), "did you mean requires?"),
        (OWN.replace("own-audit-trail", "sec-mfa"), "id"),
        (OWN + "ask: Is it?\n", "either ask, or requires"),
        ("- a\n", "a mapping of keys"),
    ],
)
def test_an_own_control_that_is_wrong_is_named(audited, card: str, complaint: str) -> None:
    with pytest.raises(UnusableInput) as refused:
        audited('controls = "readiness"\n', {"readiness/audit.yml": card})
    assert "readiness/audit.yml" in str(refused.value)
    assert complaint in str(refused.value)


def test_an_own_question_stays_open(audited) -> None:
    card = 'id: own-ask\nlayer: data\ntitle: A\ntitle_fail: B\nfix: [c]\nask: "Is the ledger balanced?"\n'
    asked = control(audited('controls = "readiness"\n', {"readiness/ask.yml": card}), "own-ask")
    assert (asked.verdict, asked.question) == (Verdict.UNVERIFIED, "Is the ledger balanced?")


def test_reports_stay_json(audited) -> None:
    assert json.loads(audited('profile = "team"\n').model_dump_json())["findings"]


def test_an_item_that_only_people_answer_is_attested_in_the_report(audited) -> None:
    item = "001/1/roadmap-visibility-milestones"
    report = audited(f'[[attestations]]\nitem = "{item}"\nowner = "product"\ndate = 2026-03-01\nevidence = "ROADMAP.md"\n')
    assert [(a.item, a.owner, a.date) for a in report.attestations] == [(item, "product", "2026-03-01")]


def test_an_item_that_nobody_is_asked_for_is_an_error_that_names_the_nearest(audited) -> None:
    with pytest.raises(UnknownControl, match="001/1/roadmap-visibility-milestones"):
        audited('[[attestations]]\nitem = "001/1/roadmap"\nowner = "product"\ndate = 2026-03-01\n')


def test_a_report_that_claims_an_attestation_or_an_acceptance_of_its_own_is_refused(audited, repo: Path) -> None:
    text = '[[attestations]]\ncontrol = "sec-business-rules"\nowner = "ops"\ndate = 2026-01-31\n'
    finding = audited("").findings[0]
    text += f'[[accepted_risks]]\nfinding = "{finding.fingerprint}"\nreason = "one office"\nowner = "cto"\nexpires = 2999-01-01\n'
    report = audited(text)
    snapshot = Workspace(repo).snapshot
    forged = report.attestations[0].model_copy(update={"owner": "auditor"})
    assert not is_valid(validate(seal(report.model_copy(update={"attestations": (forged,)})).model_dump_json(), snapshot))
    first, *others = report.findings
    accepted = next(f.accepted for f in report.findings if f.accepted is not None)
    other = first.model_copy(update={"accepted": accepted.model_copy(update={"reason": "because"})})
    assert not is_valid(validate(seal(report.model_copy(update={"findings": (other, *others)})).model_dump_json(), snapshot))
