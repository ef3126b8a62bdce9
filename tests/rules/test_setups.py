"""The forms in which things are set up: every file is well formed and speaks of a language that has cards."""

from __future__ import annotations

import pytest

from backend_readiness.rules.setup_rules import load_setups
from backend_readiness.rules.yaml_files import RULES

LANGUAGES = sorted(p.stem for p in (RULES / "setups").glob("*.yml"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_of_setups_is_well_formed(language: str) -> None:
    setups = load_setups(language)
    assert setups
    assert all(rule.says.endswith(".") and rule.all for rules in setups.values() for rule in rules)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_of_setups_belongs_to_a_language_with_cards(language: str) -> None:
    assert (RULES / "libraries" / language).is_dir()


def test_kotlin_is_set_up_as_java_is() -> None:
    assert load_setups("kotlin") == load_setups("java")


def test_a_language_without_a_file_has_no_setups() -> None:
    assert load_setups("cobol") == {}
    assert load_setups("") == {}
