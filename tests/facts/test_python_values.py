"""Expressions of Python: one source, one value."""

from __future__ import annotations

import pytest
from tests.facts.python_source import facts_of, show

VALUES = [
    # literals
    ("1", "1"),
    ("0x1F", "31"),
    ("1_000", "1000"),
    ("1.5", "1.5"),
    ("-2", "-2"),
    ("True", "True"),
    ("None", "None"),
    ("...", "?...?"),
    ("2j", "?2j?"),
    ("9" * 30, f"?{'9' * 30}?"),
    ("'it''s'", "'its'"),
    (r"'a\n\x41\u00e9\'\\'", repr("a\nAé'\\")),
    (r"r'\d+'", repr(r"\d+")),
    ("b'raw'", "'raw'"),
    ("'''two\nlines'''", repr("two\nlines")),
    ("'größe'", "'größe'"),
    (r"'\ud800'", repr("\ufffd")),
    # names, chains
    ("a.b.c", "a.b.c"),
    ("(a).b", "a.b"),
    ("((f))(1)", "f(1)"),
    ("f(1, key=x, *rest, **more)", "f(1, key=x, *rest, *more)"),
    ("db.query(User).filter(User.id == 1).first()", "db.query(User).filter((== User.id 1)).first()"),
    ("(db  # comment\n .query(User)  # more\n .all())", "db.query(User).all()"),
    ("f(x for x in y)", "f([x])"),
    ("await f(1)", "await f(1)"),
    ("await (f(1))", "await f(1)"),
    ("await a.b().c()", "await a.b().c()"),
    ("await task", "task"),
    # subscripts
    ("a[0]", "a[0]"),
    ("a['k'].b", "a['k'].b"),
    ("a[i, 'k']", "a[[i, 'k']]"),
    ("a[1:n]", "a[(: 1 n)]"),
    ("a[:10]", "a[(: None 10)]"),
    ("a[::2]", "a[(: None None 2)]"),
    ("os.environ['URL']", "os.environ['URL']"),
    # spread members
    ("[*a, *a.b, *a.b.c, d.e]", "[(* a), (* a.b), (* a.b.c), d.e]"),
    ("[*a['k'], *a['k'].b, *a.f(), *a.b.f().c]", "[(* a['k']), (* a['k'].b), (* a.f()), (* a.b.f().c)]"),
    ("{*a.b, c}", "[(* a.b), c]"),
    ("(*a.b, c)", "[(* a.b), c]"),
    # text
    ("f'/users/{user.id}/x'", "`/users/{user.id}/x`"),
    ("f'{{{x!r:>{width}}}}'", "`{{x}}`"),
    ("f'plain'", "'plain'"),
    ("rf'\\d{x}'", "`\\d{x}`"),
    ("f'{a}' '/tail' f'{b}'", "`{a}/tail{b}`"),
    ("'a' + b + '/c' + '/d'", "`a{b}/c/d`"),
    ("'a' + 'b'", "'ab'"),
    ("a + b + 'c'", "`{a}{b}c`"),
    ("a + b", "(+ a b)"),
    ("'%s/%d' % (a, b)", "`{a}/{b}`"),
    ("'%s' % a", "`{a}`"),
    ("'100%% %(name)s' % row", "`100% {row['name']}`"),
    ("'%(name)s' % {'name': x}", "`{x}`"),
    ("'%s and %s' % a", "`{a} and {?%s?}`"),
    ("'/users/{}'.format(pk)", "`/users/{pk}`"),
    ("'{1}-{0}'.format(a, b)", "`{b}-{a}`"),
    ("'{name}/{o.id}/{d[k]}/{missing}'.format(name=n, o=o, d=d)", "`{n}/{o.id}/{d['k']}/{?{missing}?}`"),
    ("'{a}{{}}'.format(**row)", "`{row['a']}{}`"),
    ("template.format(a)", "template.format(a)"),
    # collections
    ("[1, a, *b]", "[1, a, (* b)]"),
    ("(1, 2)", "[1, 2]"),
    ("{1, 2}", "[1, 2]"),
    ("{'a': 1, b: 2, **c, 3: d}", "{a: 1, **c, [b]: 2, [3]: d}"),
    ("[path(x) for x in y if x.ok]", "[path(x)]"),
    ("{k: v for k, v in y}", "{[k]: v}"),
    # operators and choices
    ("a if c else b", "<a | b>"),
    ("a if c else b if d else e", "<a | b | e>"),
    ("a or b or 'c'", "<a | b | 'c'>"),
    ("a and b and c", "(and a b c)"),
    ("not a", "(not a)"),
    ("a == b", "(== a b)"),
    ("a not in b", "(not in a b)"),
    ("a is not None", "(is not a None)"),
    ("0 < a <= 9", "(and (< 0 a) (<= a 9))"),
    ("a * b - c", "(- (* a b) c)"),
    ("60 * 60", "(* 60 60)"),
    ("Q(a=1) | Q(b=2)", "(| Q(a=1) Q(b=2))"),
    ("~Q(a=1)", "(~ Q(a=1))"),
    ("(n := f())", "f()"),
    ("lambda: 1", "λ1"),
]


@pytest.mark.parametrize("source,expected", VALUES, ids=[source for source, _ in VALUES])
def test_an_expression_becomes_its_value(source: str, expected: str) -> None:
    facts = facts_of(f"x = {source}")
    assert show(facts.assigns[-1].value, facts) == expected
    assert facts.errors == 0


@pytest.mark.parametrize(
    "source",
    [
        "x if f(1) else y",
        "[a for a in b if f(1)]",
        "[a for a in f(1)]",
        "{f(1): a}",
        "a[f(1):]",
        "f'{f(1)}'",
        "'%s' % f(1)",
        "'{}'.format(f(1))",
        "a[f(1)]",
        "g(k=f(1))",
        "lambda: f(1)",
        "not f(1)",
        "(yield f(1))",
        "(a, *f(1))",
    ],
)
def test_a_call_inside_any_expression_is_collected(source: str) -> None:
    facts = facts_of(f"def run():\n    x = {source}\n")
    assert "f" in [show(call.callee, facts) for call in facts.calls]


def test_each_call_of_a_chain_has_its_own_fact_and_an_exact_span() -> None:
    source = "rows = db.query(User).filter_by(\n    id=1,\n).all()"
    facts = facts_of(source)
    assert [source[call.start : call.end].split("(")[0] + "/" + str(call.end) for call in facts.calls] == [
        "db.query/21",
        "db.query/44",
        "db.query/50",
    ]
    assert [(call.line, call.end_line) for call in facts.calls] == [(1, 1), (1, 3), (1, 3)]


def test_only_the_awaited_call_of_a_chain_is_marked_awaited() -> None:
    facts = facts_of("async def run(s):\n    return (await s.execute(q())).scalars().all()\n")
    assert [show(c.callee, facts).rpartition(".")[2] for c in facts.calls if c.awaited] == ["execute"]


def test_long_collections_keep_their_first_400_items_and_all_calls() -> None:
    facts = facts_of("x = [" + "f(1), " * 500 + "]\ny = {" + ", ".join(f"'k{i}': 1" for i in range(500)) + "}")
    assert [len(assign.value.items) for assign in facts.assigns] == [400, 400]  # type: ignore[union-attr]
    assert len(facts.calls) == 500


def test_a_string_is_cut_at_20000_characters() -> None:
    facts = facts_of(f"x = '{'a' * 19_000}'\ny = '{'é' * 30_000}'")
    assert [len(assign.value.value) for assign in facts.assigns] == [19_000, 20_000]  # type: ignore[union-attr, arg-type]


def test_a_lambda_takes_the_name_it_is_bound_to() -> None:
    facts = facts_of("a = lambda x, *y, z=1: f(x)\nb = {'key': lambda: 1}\nsorted(q, key=lambda: 1)\nmap(lambda: 1, q)\n")
    assert [s.name for s in facts.symbols[1:]] == ["a", "key", "key", ""]
    assert [(p.name, p.kind) for p in facts.symbols[1].params] == [("x", ""), ("y", "*"), ("z", "")]
    assert [(show(r.value, facts), r.owner) for r in facts.returns[:2]] == [("f(x)", 1), ("1", 2)]
    assert facts.calls[0].owner == 1
