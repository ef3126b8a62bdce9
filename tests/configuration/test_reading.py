"""`.backend-readiness.toml` is closed: what it does not know it refuses, naming the nearest."""

from __future__ import annotations

import pytest

from backend_readiness.configuration import FILE_NAME, Profile, parse, read
from backend_readiness.errors import UnusableInput
from backend_readiness.model import Severity


def test_a_repository_without_the_file_has_the_defaults(tmp_path) -> None:
    configuration, text = read(tmp_path)
    assert (configuration.profile, configuration.flows, text) == (Profile.TEAM, (), "")


def test_everything_that_can_be_said_is_read() -> None:
    said = parse("""
profile = "scale"
exclude = ["legacy/**"]
controls = "readiness"
[severity]
sec-mfa = "high"
[[flows]]
name = "checkout"
entry_url = "/cart"
success = ["an order row exists"]
endpoints = ["POST /api/orders"]
[[attestations]]
control = "rel-disaster-recovery"
owner = "ops"
date = 2026-01-31
[[accepted_risks]]
control = "sec-mfa"
reason = "internal users only"
owner = "cto"
expires = 2027-01-01
[[links]]
from = "web/bus.ts:12"
to = "POST /api/orders"
why = "sent through the event bus"
""")
    assert said.severity == {"sec-mfa": Severity.HIGH}
    assert (said.flows[0].endpoints, said.links[0].from_, said.accepted_risks[0].expires.year) == (
        ("POST /api/orders",),
        "web/bus.ts:12",
        2027,
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("profil = 'team'", "unknown key profil; did you mean profile?"),
        ("[[flows]]\nname = 'a'\nendpoint = ['GET /a']", "unknown key flows.0.endpoint; did you mean endpoints?"),
        ("profile = 'giant'", "profile: "),
        ("[[accepted_risks]]\ncontrol = 'sec-mfa'\nreason = 'x'\nowner = 'y'", "accepted_risks.0.expires"),
        ("[[attestations]]\nowner = 'x'\ndate = 2026-01-01", "names either a control or an item"),
        ("[[flows]]\nname = 'a'\n[[flows]]\nname = 'a'", "the flow 'a' stands twice"),
        ("controls = '../elsewhere'", "stands inside the repository"),
        ("[[links]]\nfrom = 'a.ts'\nto = 'POST /x'\nwhy = 'bus'", "links.0.from"),
        ("= nonsense", "is not TOML"),
    ],
)
def test_what_is_wrong_is_named(text: str, complaint: str) -> None:
    with pytest.raises(UnusableInput) as refused:
        parse(text)
    assert FILE_NAME in str(refused.value)
    assert complaint in str(refused.value)


def test_a_link_out_of_the_repository_is_not_followed(tmp_path) -> None:
    outside = tmp_path / "outside.toml"
    outside.write_text("profile = 'scale'")
    root = tmp_path / "repo"
    root.mkdir()
    (root / FILE_NAME).symlink_to(outside)
    with pytest.raises(UnusableInput, match="cannot be read"):
        read(root)


def test_a_huge_file_is_refused(tmp_path) -> None:
    (tmp_path / FILE_NAME).write_text("# " + "x" * 300_000)
    with pytest.raises(UnusableInput, match="larger than"):
        read(tmp_path)
