"""Expressions and types of JavaScript and TypeScript as values."""

from __future__ import annotations

import pytest
from tests.facts.javascript_show import facts_of, show, show_call

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages.javascript import scripts as javascript

VALUES = {
    "a": "a",
    "this.a": "self.a",
    "this.#secret": "self.#secret",
    "a?.b?.[0]?.(1)": "a.b[0](1)",
    "a['b']": "a['b']",
    "'it\\'s \\n\\u0041\\x42\\u{43}'": '"it\'s \\nABC"',
    "'\\ud83d\\ude00'": "'😀'",
    "'\\ud83d'": "'\ufffd'",
    "`plain`": "'plain'",
    "`/orders/${id}/items`": "{'/orders/' + id + '/items'}",
    "`${id}`": "{id}",
    "'/a/' + id + '/' + sub": "{'/a/' + id + '/' + sub}",
    "base + path": "(+ base path)",
    "a + b + c": "(+ (+ a b) c)",
    "a - 1 * 2": "(- a (* 1 2))",
    "1_000": "1000",
    "0xff": "255",
    "1.5e3": "1500.0",
    "10n": "10",
    "-3": "-3",
    "99999999999999999999": "?99999999999999999999",
    "true": "True",
    "null": "None",
    "undefined": "None",
    "a ? b : c ? d : 'e'": "<b | d | 'e'>",
    "a || b || c": "<a | b | c>",
    "a ?? 'b'": "<a | 'b'>",
    "a && b": "(&& a b)",
    "!a": "(! a)",
    "!!a": "a",
    "a === 'x'": "(=== a 'x')",
    "'k' in o": "(in 'k' o)",
    "e instanceof E": "(instanceof e E)",
    "typeof x": "(typeof x)",
    "void f()": "f()",
    "(a, b, c)": "c",
    "(a as B)": "a",
    "(a satisfies B)": "a",
    "a!.b!": "a.b",
    "<B>a": "a",
    "await f()": "await f()",
    "(await f()).data": "await f().data",
    "{a, b: 1, 'c-d': 2, 5: 3, [k]: 4, ...rest}": "{a: a, b: 1, c-d: 2, 5: 3, ...rest, [k]: 4}",
    "{save() {}, get x() { return 1 }, async *go() {}, on: () => 1, [k]() {}}": "{save: fn:save, x: fn:x, go: fn:go, on: fn:on, [k]: fn:}",
    "[a, ...b]": "[a, (* b)]",
    "new Foo.Bar<Baz>(1)": "new Foo.Bar<Baz>(1)",
    "new Foo": "new Foo()",
    "f<A, B[]>(...xs, 1)": "f<A, Array[B]>(...xs, 1)",
    "sql`select ${id}`": "tag sql({'select ' + id})",
    "gql`query`": "tag gql({'query'})",
    "a.b().c().d": "a.b().c().d",
    "require('m')(app)": "require('m')(app)",
    "/a+/g": "?/a+/g",
    "import.meta.env.VITE_API": "import.meta.env.VITE_API",
    "x = f()": "f()",
    "function inner() {}": "fn:v",
    "class Inner {}": "class:v",
    "() => 1": "fn:v",
    "wrap(async () => 1)": "wrap(fn:)",
    "i++": "(++ i)",
}


APPLIED = {
    "app.get.apply(app, ['/x', check].concat(all, [show]))": "app.get('/x', check, ...all, show)",
    "app[verb].apply(app, ['/x', ...all])": "app[verb]('/x', ...all)",
    "this.run.apply(this, given)": "self.run(...given)",
    "app.get.call(app, '/x', show)": "app.get('/x', show)",
    "app.get.apply(other, ['/x'])": "app.get.apply(other, ['/x'])",
    "consumer.apply(Logged)": "consumer.apply(Logged)",
    "run.call(self, 1)": "run.call(self, 1)",
}


@pytest.mark.parametrize("source", APPLIED)
def test_a_method_that_is_applied_to_its_own_object_is_called_on_it(source: str) -> None:
    facts = facts_of(source)
    assert show_call(facts.calls[-1], facts) == APPLIED[source]


@pytest.mark.parametrize("source", VALUES)
def test_an_expression_is_lowered_to_its_value(source: str) -> None:
    facts = facts_of(f"const v = {source};")
    assert facts.errors == 0
    declared = next(a for a in facts.assigns if a.kind == "const")
    assert show(declared.value, facts) == VALUES[source]


TYPES = {
    "string": "string",
    "Repository<User>": "Repository[User]",
    "Map<string, User>": "Map[[string, User]]",
    "User[]": "Array[User]",
    "readonly User[]": "Array[User]",
    "A | B | null": "<A | B | None>",
    "A & B": "(& A B)",
    "'a' | 'b'": "<'a' | 'b'>",
    "ns.Type<X>": "ns.Type[X]",
    "[a: A, B?]": "[A, B]",
    "{ a: string; b?: B }": "{a: string, b: B}",
    "z.infer<typeof schema>": "z.infer[(typeof schema)]",
    "keyof A": "(keyof A)",
    "A['b']": "A['b']",
    "(A)": "A",
    "() => void": "?() => void",
    "A extends B ? C : D": "?A extends B ? C : D",
    "this": "self",
}


@pytest.mark.parametrize("source", TYPES)
def test_a_type_annotation_is_lowered_to_a_value(source: str) -> None:
    facts = facts_of(f"let v: {source};")
    assert facts.errors == 0
    assert show(facts.assigns[0].type, facts) == TYPES[source]


def test_a_call_that_is_awaited_through_alternatives_is_marked() -> None:
    facts = facts_of("await (a ? f() : g())")
    assert [call.awaited for call in facts.calls] == [True, True]


def test_calls_of_a_chain_stand_from_the_inside_out_and_share_the_start() -> None:
    facts = facts_of("z.object({a: z.string()}).strict()")
    assert [show_call(c, facts) for c in facts.calls] == [
        "z.string()",
        "z.object({a: z.string()})",
        "z.object({a: z.string()}).strict()",
    ]
    assert facts.calls[1].start == facts.calls[2].start == 0


def test_conditions_defaults_and_computed_keys_are_walked_for_their_calls() -> None:
    facts = facts_of("const v = ok() ? 1 : 2; const {a = make(), [key()]: b} = o; const p = {[name()]: 1}")
    assert [show(c.callee, facts) for c in facts.calls] == ["ok", "make", "key", "name"]


EXPRESSIONS = {
    "save(order)": "save(order)",
    "x.y": "x.y",
    "{active: isActive}": "{active: isActive}",
    "onSubmit($event)": "onSubmit($event)",
    "count++; save()": "[(++ count), save()]",
    "() => save(1)": "fn:",
    "open = !open": "(! open)",
    "items | async": "(| items async)",
    "`/a/${b}`": "{'/a/' + b}",
    "not valid at all": "?not valid at all",
    "": "?",
    "a b": "?a b",
    "// only a comment": "?// only a comment",
}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_template_binding_is_lowered_in_place(text: str) -> None:
    builder = Builder("html", b"<a>\n  <b @click='...'>\n")
    value = javascript.expression_into(builder, text, owner=0, line=2, start=12)
    facts = builder.facts()
    assert show(value, facts) == EXPRESSIONS[text]
    assert [(c.line, c.start) for c in facts.calls if "save" in text] == [(2, 12 + text.find("save"))] * text.count("save")


def test_a_binding_that_does_not_parse_leaves_no_facts() -> None:
    builder = Builder("html", b"")
    javascript.expression_into(builder, "save(1) )", owner=0, line=1, start=0)
    assert builder.facts() == Builder("html", b"").facts()
