"""The examples of `references/configuration.md` are read by the program as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from backend_readiness.configuration import parse
from backend_readiness.configuration.own_controls import OwnControl
from backend_readiness.rules.checklists import load_attested_items
from backend_readiness.rules.control_cards import load_controls

TEXT = (Path(__file__).parents[2] / "references" / "configuration.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_configuration_is_read_and_names_what_exists() -> None:
    (text,) = blocks("toml")
    said = parse(text)
    named = {*said.severity, *(a.control for a in said.attestations if a.control), *(r.control for r in said.accepted_risks if r.control)}
    assert named <= set(load_controls())
    assert {a.item for a in said.attestations if a.item} <= set(load_attested_items())


def test_the_own_controls_are_read() -> None:
    assert [OwnControl.model_validate(yaml.safe_load(text)).id for text in blocks("yaml")] == ["own-audit-trail", "own-ledger"]
