"""What the Java adapter says of a file."""

from __future__ import annotations

from tests.facts.jvm_source import assigned, call, index_of, java, symbol, value_of

from backend_readiness.facts.languages.java import extract
from backend_readiness.facts.model import Alt, Arg, Assign, CallRef, Concat, Func, Import, Index, Lit, Member, Name, Op, Seq


def test_the_package_and_the_imports_are_stated_as_written() -> None:
    source = b"package com.shop.orders;\nimport java.util.List;\nimport com.shop.*;\nimport static a.B.m;\nimport static a.B.*;\n"
    builder = extract(source, "file.java")
    assert builder.package == "com.shop.orders"
    assert builder.imports == [
        Import("java.util", "List", "List", 2),
        Import("com.shop", "*", None, 3),
        Import("a.B", "m", "m", 4),
        Import("a.B", "*", None, 5),
    ]


def test_a_class_has_its_bases_its_annotations_and_its_documentation() -> None:
    facts = java(
        """
        /** Orders of the shop. */
        @RestController
        @RequestMapping("/orders")
        public class Orders<T extends Item> extends Base<T, Long> implements Api {
        }
        """
    )
    orders = symbol(facts, "Orders")
    assert orders.kind == "class"
    assert orders.line == 5
    assert orders.doc == "Orders of the shop."
    assert orders.bases == (Index(Name("Base"), Seq((Name("T"), Name("Long")))), Name("Api"))
    named = [facts.calls[d.call] for d in orders.decorators if isinstance(d, CallRef)]
    assert [(c.callee, c.args, c.kind) for c in named] == [
        (Name("RestController"), (), "decorator"),
        (Name("RequestMapping"), (Arg(Lit("/orders")),), "decorator"),
    ]
    assert (assigned(facts, "T").kind, value_of(facts, "T")) == ("type", Name("Item"))


def test_a_method_has_typed_and_annotated_parameters() -> None:
    facts = java(
        """
        class A {
          @GetMapping(value = {"/a", "/b"}, method = GET)
          public static List<Order> get(@PathVariable("id") final Long id, String... more) throws IOException { return x; }
        }
        """
    )
    get = symbol(facts, "get")
    assert get.is_static
    assert get.returns == Index(Name("List"), Name("Order"))
    assert [(p.name, p.type, p.kind) for p in get.params] == [("id", Name("Long"), ""), ("more", Name("String"), "*")]
    assert len(get.params[0].decorators) == 1
    assert call(facts, "GetMapping").args == (Arg(Seq((Lit("/a"), Lit("/b"))), "value"), Arg(Name("GET"), "method"))
    assert facts.returns[0].value == Name("x")


def test_fields_constructors_and_record_components_are_members_of_their_class() -> None:
    facts = java(
        """
        class A {
          @Autowired private Repo repo;
          static final String PATH = "/a" + Q.Z;
          A(Repo repo) { this.repo = repo; }
        }
        record Point(@NotNull int x, String y) {}
        """
    )
    repo = assigned(facts, "repo")
    assert (repo.kind, repo.type, repo.value, repo.owner) == ("field", Name("Repo"), None, index_of(facts, "A"))
    decorator = call(facts, "Autowired")
    assert decorator.owner == repo.owner
    assert repo.start <= decorator.start < decorator.end <= repo.end
    assert value_of(facts, "PATH") == Concat((Lit("/a"), Member(Name("Q"), "Z")))
    constructors = [s for s in facts.symbols if s.name == "constructor"]
    assert [[(p.name, p.field) for p in s.params] for s in constructors] == [[("repo", False)], [("x", True), ("y", True)]]
    assert any(a.target == Member(Name("self"), "repo") and a.value == Name("repo") for a in facts.assigns)


def test_chains_keep_receivers_arguments_and_lambdas() -> None:
    facts = java("class A { void m() { repo.findById(id).orElseThrow(() -> new NotFound(id)); } }")
    outer = call(facts, "orElseThrow")
    assert isinstance(outer.callee, Member)
    assert outer.callee.base == CallRef(facts.calls.index(call(facts, "findById")))
    thrown = outer.args[0].value
    assert isinstance(thrown, Func)
    assert facts.symbols[thrown.symbol].kind == "lambda"
    assert call(facts, "NotFound").kind == "new"


def test_an_anonymous_class_is_made_with_its_base() -> None:
    facts = java("class A { Object o = new Handler<String>(1) { public void go() { } }; }")
    made = next(c for c in facts.calls if c.kind == "new")
    assert isinstance(made.callee, Func)
    assert facts.symbols[made.callee.symbol].bases == (Index(Name("Handler"), Name("String")),)
    assert symbol(facts, "go").parent == made.callee.symbol


def test_texts_are_joined_formatted_and_unindented() -> None:
    facts = java(
        '''
        class A {
          String a = String.format("/x/%s/%d", id, 1);
          String b = "a\\n" + 'c' + name;
          String c = """
              select *
                from x""";
          String d = "no %s".formatted(id);
        }
        '''
    )
    assert value_of(facts, "a") == Concat((Lit("/x/"), Name("id"), Lit("/"), Lit(1)))
    assert value_of(facts, "b") == Concat((Lit("a\nc"), Name("name")))
    assert value_of(facts, "c") == Lit("select *\n  from x")
    assert value_of(facts, "d") == Concat((Lit("no "), Name("id")))


def test_choices_references_casts_and_lists_have_their_values() -> None:
    facts = java(
        """
        class A {
          Object a = x ? b : y ? c : d;
          Object e = this::run;
          Object f = Order::new;
          Object g = (Foo) h;
          Object i = Foo.class;
          Object j = List.of("a", b);
          int[] k = {1, 2};
          int l = switch (m) { case N -> 1; default -> 2; };
        }
        """
    )
    assert value_of(facts, "a") == Alt((Name("b"), Name("c"), Name("d")))
    assert value_of(facts, "e") == Member(Name("self"), "run")
    assert value_of(facts, "f") == Name("Order")
    assert value_of(facts, "g") == Name("h")
    assert value_of(facts, "i") == Name("Foo")
    assert value_of(facts, "j") == Seq((Lit("a"), Name("b")))
    assert value_of(facts, "k") == Seq((Lit(1), Lit(2)))
    assert value_of(facts, "l") == Alt((Lit(1), Lit(2)))


def test_statements_are_blocks_with_their_subjects() -> None:
    facts = java(
        """
        class A {
          void m() {
            if (a) { b(); } else if (c) { } else { d(); }
            for (Order o : orders) { o.go(); }
            try (var r = open()) { e(); } catch (X | Y failed) { throw new Z(failed); } finally { }
            while (x instanceof Foo foo) { }
            synchronized (this) { f(); }
          }
        }
        """
    )
    assert [b.kind for b in facts.blocks] == ["if", "if", "else", "loop", "try", "catch", "finally", "loop", "with"]
    caught = facts.blocks[5]
    assert (caught.subject, caught.name) == (Seq((Name("X"), Name("Y"))), "failed")
    assert facts.blocks[6].empty
    looped = assigned(facts, "o")
    assert (looped.kind, looped.type, looped.value) == ("for", Name("Order"), Name("orders"))
    assert assigned(facts, "r").kind == "with"
    assert assigned(facts, "foo").type == Name("Foo")
    assert facts.blocks[7].subject == Op("instanceof", (Name("x"), Name("Foo")))
    assert len(facts.throws) == 1


def test_constants_of_an_enum_are_made_by_it() -> None:
    facts = java('enum Color implements Named { RED("r"), GREEN { void x() {} }; private final String code; Color(String code) {} }')
    color = symbol(facts, "Color")
    assert (color.kind, color.bases) == ("enum", (Name("Named"),))
    assert [a.target for a in facts.assigns if a.kind == "field"] == [Name("RED"), Name("GREEN"), Name("code")]
    red = assigned(facts, "RED")
    assert isinstance(red, Assign)
    assert isinstance(red.value, CallRef)
    assert facts.calls[red.value.call].args == (Arg(Lit("r")),)


def test_an_annotation_type_is_an_interface_with_methods() -> None:
    facts = java('@RequestMapping @interface Api { String[] value() default {"/api"}; }')
    assert symbol(facts, "Api").kind == "interface"
    assert symbol(facts, "value").kind == "method"
    assert facts.returns[0].value == Seq((Lit("/api"),))


def test_marked_comments_are_kept_with_their_lines() -> None:
    facts = java("/*\n * TODO: check the owner\n */\nclass A {} // nothing\n")
    assert [(c.text, c.line) for c in facts.comments] == [("TODO: check the owner", 2)]


def test_syntax_errors_are_counted_and_the_rest_stands() -> None:
    facts = java("class A { void ok() { a.b(); } void broken( { } void also() { c.d(); } }")
    assert facts.errors > 0
    assert call(facts, "b").callee == Member(Name("a"), "b")
