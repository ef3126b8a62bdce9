"""What stands among the bases of a class and is none: it is given to the base."""

from __future__ import annotations

from backend_readiness.facts.languages import python
from backend_readiness.facts.model import Arg, FileFacts, Lit, Member, Name


def read(text: str) -> FileFacts:
    return python.extract(text.encode(), "app.py").facts()


def test_a_base_is_told_of_the_class_and_of_what_is_given() -> None:
    facts = read('class Orders(View, attach=app, uri="/orders"):\n    pass\n')
    assert [(c.callee, c.line) for c in facts.calls] == [(Member(Name("View"), "__init_subclass__"), 1)]
    assert facts.calls[0].args == (Arg(Name("Orders")), Arg(Name("app"), "attach"), Arg(Lit("/orders"), "uri"))
    assert facts.symbols[1].bases == (Name("View"),)


def test_a_metaclass_is_not_given_to_the_base() -> None:
    assert read("class Orders(View, metaclass=Meta): ...\nclass Lines(metaclass=Meta): ...\n").calls == ()


def test_keywords_that_are_not_whole_are_read_without_harm() -> None:
    assert read("class Orders(View, attach=): ...\nclass (View, x=1): ...\n").language == "python"
