"""Functions that give the same under all bindings are looked into a few times only; those that may give another thing always are."""

from __future__ import annotations

from backend_readiness.graph.evaluation.alike import MAX_TIMES, Alike
from backend_readiness.graph.values import AV, ClassV, Const, InstV, Site, SymbolId


def _asked(alike: Alike, values: list[AV]) -> tuple[list[AV], int]:
    """What is given for each look-up of one function, and how often it was looked into."""
    looked = 0

    def work() -> AV:
        nonlocal looked
        looked += 1
        return values[looked - 1]

    return [alike.asked(("f",), work) for _ in values], looked


def test_one_class_again_and_again_is_settled() -> None:
    user: AV = InstV(ClassV(SymbolId("user.go", 1)))
    found, looked = _asked(Alike(), [user] * (MAX_TIMES + 5))
    assert looked == MAX_TIMES
    assert found == [user] * (MAX_TIMES + 5)


def test_what_was_made_at_a_call_is_looked_up_each_time() -> None:
    made: AV = InstV(ClassV(SymbolId("server.go", 1)), Site("main.go", 3, None))
    assert _asked(Alike(), [made] * (MAX_TIMES + 5))[1] == MAX_TIMES + 5


def test_a_function_that_gave_two_things_is_never_settled() -> None:
    user: AV = InstV(ClassV(SymbolId("user.go", 1)))
    group: AV = InstV(ClassV(SymbolId("group.go", 1)))
    for other in (group, Const("/x")):
        values = [user, other, *[user] * (MAX_TIMES + 5)]
        assert _asked(Alike(), values)[1] == len(values)
