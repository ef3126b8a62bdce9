"""Which operations by name are taken for reads."""

from __future__ import annotations

import pytest

from backend_readiness.controls.asked_methods import _READS


@pytest.mark.parametrize("name", ["ListOrders", "GetOrder", "batch_get_orders", "BatchGetOrders", "check", "IsOpen", "lookUp"])
def test_the_first_word_says_that_an_operation_reads(name: str) -> None:
    assert _READS.match(name)


@pytest.mark.parametrize("name", ["Checkout", "IssueToken", "Hash", "Listen", "SignIn", "getaway", "Streamline"])
def test_letters_that_begin_another_word_do_not(name: str) -> None:
    assert not _READS.match(name)
