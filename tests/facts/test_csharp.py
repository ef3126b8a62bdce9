"""C# lowered to facts: types and their members, attributes, calls, strings, patterns, statements."""

from __future__ import annotations

from textwrap import dedent

import pytest
from tests.facts.python_source import show

from backend_readiness.facts.languages.csharp import extract
from backend_readiness.facts.model import Call, FileFacts, Func, Name, Symbol


def facts(source: str) -> FileFacts:
    return extract(dedent(source).encode(), "file.cs").facts()


def symbol(found: FileFacts, name: str) -> Symbol:
    return next(s for s in found.symbols if s.name == name)


def calls_of(found: FileFacts, name: str) -> list[Call]:
    return [c for c in found.calls if (c.callee.id if isinstance(c.callee, Name) else getattr(c.callee, "name", "")) == name]


VALUES = [
    ('"a\\tb"', "'a\\tb'"),
    ('@"a""b\\n"', "'a\"b\\\\n'"),
    ('"""a "b" c"""', "'a \"b\" c'"),
    ('$"/orders/{id}/x{y:N2}"', "`/orders/{id}/x{y}`"),
    ('$"{{a}}{b}"', "`{a}{b}`"),
    ('$$"""{a}{{b}}"""', "`{a}{b}`"),
    ('"/a/" + id + "/b"', "`/a/{id}/b`"),
    ("nameof(Order.Id)", "'Id'"),
    ("0x1F", "31"),
    ("-1_000", "-1000"),
    ("1.5m", "1.5"),
    ("default", "None"),
    ("a ?? b ?? c", "<a | b | c>"),
    ("a ? b : c ? d : e", "<b | d | e>"),
    ("a ?? throw new E()", "a"),
    ("a?.B?.C(d)", "a.B.C(d)"),
    ("a?[0]", "a[0]"),
    ("a!.B", "a.B"),
    ("(Order)a", "a"),
    ("a as Order", "a"),
    ("this.A", "self.A"),
    ("base.M()", "super.M()"),
    ("await a.B(c)", "await a.B(c)"),
    ("Find<Order>(id)", "Find(id)"),
    ("a.Find<Order>(id, name: b)", "a.Find(id, name=b)"),
    ("new Order(a) { Id = 1, Lines = { b } }", "Order(a, Id=1, Lines=[b])"),
    ("new List<int> { 1, 2 }", "[1, 2]"),
    ("new[] { a, b }", "[a, b]"),
    ("[a, .. b]", "[a, (* b)]"),
    ('new Dictionary<string, int> { ["a"] = 1, { "b", 2 } }', "{a: 1, b: 2}"),
    ("new { a = 1, b.Id }", "{a: 1, Id: b.Id}"),
    ("typeof(Repository<Order>)", "Repository[Order]"),
    ("(a, b)", "[a, b]"),
    ("a && b && !c", "(and a b (not c))"),
    ("a is null or 1", "(is a (or None 1))"),
    ("a is not null", "(is a (not None))"),
    ("a switch { 1 => b, _ => throw new E() }", "b"),
    ("from o in db.Orders where o.Id == id select o", "db.Orders"),
]


@pytest.mark.parametrize("source,expected", VALUES, ids=[source for source, _ in VALUES])
def test_an_expression_becomes_a_value(source: str, expected: str) -> None:
    found = facts(f"class A {{ void M() {{ var x = {source}; }} }}")
    assigned = next(a for a in found.assigns if a.target == Name("x"))
    assert show(assigned.value, found) == expected
    assert found.errors == 0


def test_a_controller_has_its_attributes_its_fields_and_what_its_constructor_sets() -> None:
    found = facts(
        """
        namespace Shop.Web;
        [ApiController, Route("api/[controller]", Name = "orders")]
        public class OrdersController : ControllerBase, IOrders
        {
            private readonly IOrders _orders;
            public const string Path = "x";
            public OrdersController(IOrders orders) : base(orders) { _orders = orders; }
            /// <summary>One order.</summary>
            [HttpGet("{id:int}")]
            public async Task<ActionResult<Order>> Get([FromRoute] int id, params string[] more) => Ok(await _orders.Find(id));
        }
        """
    )
    cls, get = symbol(found, "OrdersController"), symbol(found, "Get")
    assert extract(b"namespace Shop.Web;", "file.cs").package == "Shop.Web"
    assert [show(d, found) for d in cls.decorators] == ["ApiController()", "Route('api/[controller]', Name='orders')"]
    assert [show(b, found) for b in cls.bases] == ["ControllerBase", "IOrders"]
    assert (cls.line, get.line, get.doc, get.is_async) == (4, 11, "One order.", True)
    assert show(get.returns, found) == "Task[ActionResult[Order]]"
    assert [(p.name, p.kind, show(p.type, found)) for p in get.params] == [("id", "", "int"), ("more", "*", "Array[string]")]
    assert [(a.kind, show(a.target, found), show(a.value, found), show(a.type, found)) for a in found.assigns] == [
        ("field", "_orders", "-", "IOrders"),
        ("field", "Path", "'x'", "string"),
        ("assign", "self._orders", "orders", "-"),
    ]
    assert [show(r.value, found) for r in found.returns] == ["Ok(await _orders.Find(id))"]
    assert all(c.kind == "decorator" for c in calls_of(found, "HttpGet"))


def test_a_primary_constructor_declares_fields_and_calls_its_base() -> None:
    found = facts("public record Pay(int Id, string? Note = null) : Command<Unit>(Id);")
    made = symbol(found, "constructor")
    assert [(p.name, p.field, show(p.type, found), show(p.default, found)) for p in made.params] == [
        ("Id", True, "int", "-"),
        ("Note", True, "string", "None"),
    ]
    assert show(calls_of(found, "super")[0].args[0].value, found) == "Id"


def test_a_property_with_code_is_a_method_and_one_without_is_a_field() -> None:
    found = facts("class A { public IX X { get; } = new(); int Y => 1; int Z { get { return 2; } set { X.Set(value); } } }")
    assert [(s.kind, s.name) for s in found.symbols[2:]] == [("method", "Y"), ("method", ""), ("method", "Z")]
    assert symbol(found, "Z").decorators == (Name("property"),)
    assert [(show(a.target, found), show(a.value, found)) for a in found.assigns] == [("X", "IX()")]


def test_an_extension_method_is_a_function_and_its_receiver_is_marked() -> None:
    found = facts("static class E { public static IApp MapOrders(this IApp app, string path) { app.MapGet(path, List); return app; } }")
    extension = symbol(found, "MapOrders")
    assert (extension.kind, [p.kind for p in extension.params], extension.is_static) == ("function", ["this", ""], True)


def test_names_that_no_function_declares_are_members_when_they_are_assigned() -> None:
    found = facts("class A { void M(int p) { var l = 1; l = 2; p = 3; F(() => { l = 4; f = 5; }); } }")
    assert [show(a.target, found) for a in found.assigns if a.kind == "assign"] == ["l", "p", "l", "self.f"]


def test_top_level_statements_belong_to_the_module_and_lambdas_are_arguments() -> None:
    found = facts('var app = Build(args);\napp.MapGet("/x", async (int id, [FromServices] IOrders o) => await o.Find(id)).Guard();\n')
    mapped = calls_of(found, "MapGet")[0]
    assert (mapped.owner, mapped.line, isinstance(mapped.args[1].value, Func)) == (0, 2, True)
    assert calls_of(found, "Guard")[0].callee.base.call == found.calls.index(mapped)  # type: ignore[union-attr]
    handler = found.symbols[1]
    assert (handler.kind, [p.name for p in handler.params]) == ("lambda", ["id", "o"])


def test_usings_are_star_imports_aliases_and_global_ones() -> None:
    found = facts(
        "global using A.B;\nglobal using B = A.C.B;\nusing static C.D;\nusing E = F.G.H<int>;\nusing I;\nnamespace N { using J; }"
    )
    assert [(i.module, i.name, i.local) for i in found.imports] == [
        ("global::A.B", "*", None),
        ("global::A.C", "B", "B"),
        ("C.D", "*", None),
        ("F.G", "H", "E"),
        ("I", "*", None),
        ("J", "*", None),
    ]


def test_statements_become_blocks_in_source_order() -> None:
    found = facts(
        """
        class A { void M() {
            if (a) { f(); } else if (b) { } else { g(); }
            foreach (var (k, v) in items) { }
            try { h(); } catch (E e) when (e.Code == 1) { } finally { }
            using var s = Open();
            lock (x) { }
            switch (y) { case 1: f(); break; case Order o: default: break; }
        } }
        """
    )
    assert [(b.kind, show(b.subject, found), b.empty, b.name) for b in found.blocks] == [
        ("if", "a", False, None),
        ("if", "b", True, None),
        ("else", "-", False, None),
        ("loop", "items", True, None),
        ("try", "-", False, None),
        ("catch", "E", True, "e"),
        ("finally", "-", True, None),
        ("with", "Open()", False, None),
        ("with", "x", True, None),
        ("switch", "y", False, None),
        ("case", "1", False, None),
        ("case", "Order", True, None),
        ("case", "-", True, None),
    ]


def test_only_comments_that_say_that_something_is_unfinished_are_kept() -> None:
    found = facts("// fine\n/* a\n * TODO: later */\nclass A { } // HACK\n")
    assert [(c.text, c.line) for c in found.comments] == [("TODO: later", 3), ("HACK", 4)]


def test_comments_and_directives_between_attributes_end_nothing() -> None:
    found = facts("""
        class A
        {
            [HttpGet("a")] // the first
            [HttpGet("b")]
            /* and */
            [Authorize]
            public void M() { }
        }
    """)
    assert [show(d, found) for d in symbol(found, "M").decorators] == ["HttpGet('a')", "HttpGet('b')", "Authorize()"]
