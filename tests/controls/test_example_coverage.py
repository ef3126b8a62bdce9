"""Each control with a hook is shown in three languages, and by a case of its own: a custom or ineffective implementation, or a trap."""

from __future__ import annotations

from typing import get_args

import pytest

from backend_readiness.model import Verdict
from backend_readiness.rules.control_cards import ControlCard, Shown, load_controls

HOOKED = [pytest.param(card, id=card.id) for card in load_controls().values() if card.has_hook]
WANTED: frozenset[Shown] = frozenset(get_args(Shown))


@pytest.mark.parametrize("card", HOOKED)
def test_a_bad_and_a_good_example_stand_in_each_language_that_can_show_the_control(card: ControlCard) -> None:
    if card.language_free:
        assert {shown.partition(" ")[2] for shown in card.shown} == {"bad", "good"}
        return
    missing = WANTED - card.shown - card.no_example.keys()
    assert sorted(missing) == [], "write the example, or say under `no_example` why it makes no sense"


@pytest.mark.parametrize("card", HOOKED)
def test_what_is_said_to_make_no_sense_is_not_shown_after_all(card: ControlCard) -> None:
    assert not (card.language_free and card.no_example), "a control that is free of languages needs no reason for one of them"
    assert sorted(card.no_example.keys() & card.shown) == []


@pytest.mark.parametrize("card", HOOKED)
def test_a_case_of_its_own_says_by_its_name_what_is_special(card: ControlCard) -> None:
    assert [e.name for e in card.examples if e.name and any(c.expect != {Verdict.NOT_APPLICABLE} for c in e.cases())] != []
