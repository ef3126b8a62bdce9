"""Declarations, assignments and control flow."""

from __future__ import annotations

import pytest
from tests.facts.javascript_show import facts_of, show, show_assign

ASSIGNS = {
    "let a = 1, b: B; var c = 3": ["let a = 1", "let b: B", "let c = 3"],
    "const {a: b = 1, c, ...d} = o": ["const {a: b, c: c, ...d} = o"],
    "const [a, , b, ...c] = o": ["const [a, ?, b, (* c)] = o"],
    "const {[k]: v} = o": ["const {[k]: v} = o"],
    "a = b = c()": ["assign b = c()", "assign a = c()"],
    "a.b[c] = 1": ["assign a.b[c] = 1"],
    "this.x ??= make()": ["assign self.x = <self.x | make()>"],
    "total += price": ["aug total = price"],
    "({ a, b: this.c } = o)": ["assign {a: a, b: self.c} = o"],
    "for (const [k, v] of entries(m)) {}": ["for [k, v] = entries(m)"],
    "for (x in y) {}": ["for x = (keys y)"],
    "f(a = 1)": ["assign a = 1"],
    "for (let i = 0; i < n; i++) {}": ["let i = 0"],
}


@pytest.mark.parametrize("source", ASSIGNS)
def test_an_assignment_has_a_target_a_value_and_a_kind(source: str) -> None:
    facts = facts_of(source)
    assert facts.errors == 0
    assert [show_assign(a, facts) for a in facts.assigns] == ASSIGNS[source]


BLOCKS = {
    "if (a) { x() } else if (b) {} else { y() }": [
        "if a 0-14 full",
        "else - 15-42 full",
        "if b 20-29 empty",
        "else - 30-42 full",
    ],
    "for (const a of b()) { x() }": ["loop b() 0-28 full"],
    "for (let i = 0; i < n; i++) x()": ["loop (< i n) 0-31 full"],
    "for (;;) {}": ["loop - 0-11 empty"],
    "while (a) b()": ["loop a 0-13 full"],
    "do { b() } while (a)": ["loop a 0-20 full"],
    "try { a() } catch (e) { /* ignored */ } finally { b() }": ["try - 0-11 full", "catch - 12-39 empty e", "finally - 40-55 full"],
    "try { a() } catch { b() }": ["try - 0-11 full", "catch - 12-25 full"],
    "try {} catch ({ message }) { b() }": ["try - 0-6 empty", "catch - 7-34 full"],
    "switch (a) { case 1: x(); break; case 2: default: y() }": [
        "switch a 0-55 full",
        "case 1 13-32 full",
        "case 2 33-40 empty",
        "case - 41-53 full",
    ],
    "outer: for (const a of b) { continue outer }": ["loop b 7-44 full"],
}


@pytest.mark.parametrize("source", BLOCKS)
def test_a_compound_statement_is_a_block_with_its_span(source: str) -> None:
    facts = facts_of(source)
    assert facts.errors == 0
    shown = []
    for b in facts.blocks:
        mark = f"{'empty' if b.empty else 'full'}{' ' + b.name if b.name else ''}"
        shown.append(f"{b.kind} {show(b.subject, facts)} {b.start}-{b.end} {mark}")
    assert shown == BLOCKS[source]


def test_returns_and_throws_belong_to_their_function() -> None:
    facts = facts_of("function f() { if (a) return; throw new E('x') }\nconst g = () => h()\nfunction* s() { const u = yield call(api) }")
    assert [(show(r.value, facts), r.owner) for r in facts.returns] == [("-", 1), ("h()", 2), ("call(api)", 3)]
    assert [(show(t.value, facts), t.owner) for t in facts.throws] == [("new E('x')", 1)]
    assert [show_assign(a, facts) for a in facts.assigns if a.owner == 3] == ["const u = call(api)"]


def test_places_are_lines_from_one_and_bytes() -> None:
    source = "const é = 'ü'\n\nsave(\n  1,\n)\n"
    (call,) = facts_of(source).calls
    assert (call.line, call.end_line) == (3, 5)
    assert source.encode()[call.start : call.end] == b"save(\n  1,\n)"


def test_only_comments_that_say_something_is_unfinished_are_kept() -> None:
    source = "// TODO: check\n// plain\n/* a\n * not implemented yet\n */\nconst placeholder = 1 // eslint-disable-line no-x\n"
    assert [(c.line, c.text) for c in facts_of(source).comments] == [
        (1, "TODO: check"),
        (4, "not implemented yet"),
        (6, "eslint-disable-line no-x"),
    ]
