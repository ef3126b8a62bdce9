"""What the Scala adapter says of a file."""

from __future__ import annotations

from tests.facts.jvm_source import assigned, call, index_of, scala, symbol, value_of

from backend_readiness.facts.languages.scala import extract
from backend_readiness.facts.model import Alt, Arg, CallRef, Concat, Func, Import, Index, Lit, Member, Name, Op, Param, Seq


def test_packages_are_joined_and_each_imported_name_is_a_fact() -> None:
    builder = extract(b"package com.shop\npackage orders\nimport a.b.{C, D => E, _}\nimport x.Y, z.w.*\nimport _root_.q.R\n", "file.scala")
    assert builder.package == "com.shop.orders"
    assert builder.imports == [
        Import("a.b", "C", "C", 3),
        Import("a.b", "D", "E", 3),
        Import("a.b", "*", None, 3),
        Import("x", "Y", "Y", 4),
        Import("z.w", "*", None, 4),
        Import("q", "R", "R", 5),
    ]


def test_a_class_has_its_bases_its_annotations_and_the_fields_of_all_its_parameter_lists() -> None:
    facts = scala(
        """
        /** Orders of the shop. */
        @Singleton
        class Orders[T] @Inject()(cc: Parts, val repo: Repo[T] = none)(implicit ec: Context) extends Base(cc) with Logging {
          private lazy val log = Logger("orders")
          var left: Int = 3
        }
        """
    )
    orders = symbol(facts, "Orders")
    assert (orders.kind, orders.line, orders.doc, orders.bases) == ("class", 4, "Orders of the shop.", (Name("Base"), Name("Logging")))
    made = symbol(facts, "constructor")
    assert [(p.name, p.type, p.default, p.field) for p in made.params] == [
        ("cc", Name("Parts"), None, True),
        ("repo", Index(Name("Repo"), Name("T")), Name("none"), True),
        ("ec", Name("Context"), None, True),
    ]
    assert made.decorators == (CallRef(facts.calls.index(call(facts, "Inject"))),)
    assert call(facts, "Singleton").kind == "decorator"
    assert call(facts, "super").args == (Arg(Name("cc")),)
    assert (assigned(facts, "log").kind, assigned(facts, "left").type) == ("field", Name("Int"))


def test_a_companion_holds_members_of_its_class_and_an_object_alone_is_a_class_of_its_own() -> None:
    facts = scala("object Alone { def a(): Int = 1 }\nobject Order { def of(x: Int) = new Order(x) }\ncase class Order(x: Int)\ntrait Repo")
    found = [(s.kind, s.name, s.is_static, s.partial) for s in facts.symbols if s.kind in ("class", "interface")]
    assert found == [
        ("class", "Alone", True, False),
        ("class", "Order", True, True),
        ("class", "Order", False, False),
        ("interface", "Repo", False, False),
    ]


def test_a_function_without_a_parameter_list_is_read_like_a_field() -> None:
    facts = scala("trait Repo { def all: Rows; def one(id: Long)(implicit s: Session): Row = find(id)\n }")
    assert symbol(facts, "all").decorators == (Name("property"),)
    assert symbol(facts, "all").returns == Name("Rows")
    one = symbol(facts, "one")
    assert ([p.name for p in one.params], one.decorators, one.returns) == (["id", "s"], (), Name("Row"))
    assert facts.returns[0].value == CallRef(facts.calls.index(call(facts, "find")))


def test_the_argument_lists_of_a_call_are_one_and_a_block_is_a_function() -> None:
    facts = scala("""val a = path("x" / Id) { id => get { done(id) } }""")
    get, path = symbol(facts, "a") if any(s.name == "a" for s in facts.symbols) else None, call(facts, "path")
    assert get is None
    assert path.args[0].value == Op("/", (Lit("x"), Name("Id")))
    outer = path.args[1].value
    assert isinstance(outer, Func)
    assert facts.symbols[outer.symbol].params == (Param("id"),)
    inner = call(facts, "get").args[0].value
    assert isinstance(inner, Func)
    assert facts.symbols[inner.symbol].params == ()
    assert call(facts, "done").owner == inner.symbol


def test_each_case_of_a_function_of_cases_is_a_function_with_its_pattern() -> None:
    facts = scala(
        """
        val routes = HttpRoutes.of[F] {
          case req @ GET -> Root / "users" / LongVar(id) => show(id)
          case POST -> Root / "users" => add()
        }
        """
    )
    of = call(facts, "of")
    assert of.type_args == (Name("F"),)
    cases = of.args[0].value
    assert isinstance(cases, Alt)
    assert len(cases.options) == 2
    first = next(s for s in facts.symbols if s.kind == "lambda")
    wanted = Op("/", (Op("->", (Name("GET"), Name("Root"))), Lit("users"), Index(Name("LongVar"), Name("id"))))
    assert (first.params, first.line) == ((Param("", pattern=wanted),), 3)
    assert {a.target for a in facts.assigns} >= {Name("id"), Name("req")}
    assert not any(c.callee == Name("LongVar") for c in facts.calls)


def test_texts_are_put_together_and_other_interpolators_are_tagged_templates() -> None:
    facts = scala('val a = s"hi $x ${y.z}!"\nval b = sql"select $c from t"\nval c = "a" + b\nval d = """\n  |x\n  |y""".stripMargin')
    assert value_of(facts, "a") == Concat((Lit("hi "), Name("x"), Lit(" "), Member(Name("y"), "z"), Lit("!")))
    tagged = call(facts, "sql")
    assert (tagged.kind, tagged.args) == ("template", (Arg(Concat((Lit("select "), Name("c"), Lit(" from t")))),))
    assert value_of(facts, "c") == Concat((Lit("a"), Name("b")))
    assert value_of(facts, "d") == Lit("\nx\ny")


def test_control_flow_has_blocks_and_the_value_of_its_branches() -> None:
    facts = scala(
        """
        def f(a: Option[Int]) = {
          val b = if (p) 1 else 2
          val c = a match { case Some(n) if n > 1 => n; case _ => 0 }
          val d = try g() catch { case e: Failure => log(e) } finally close()
          for (x <- xs) { save(x) }
          while (p) { step() }
          for { y <- load(1); z = y } yield z
        }
        """
    )
    assert [(b.kind, b.name) for b in facts.blocks] == [
        ("if", None), ("else", None), ("switch", None), ("case", None), ("case", None), ("try", None), ("catch", "e"), ("finally", None),
        ("loop", None), ("loop", None),
    ]  # fmt: skip
    assert value_of(facts, "b") == Alt((Lit(1), Lit(2)))
    assert next(b for b in facts.blocks if b.kind == "catch").subject == Name("Failure")
    assert [(a.target, a.kind) for a in facts.assigns if a.kind == "for"] == [(Name("x"), "for"), (Name("y"), "for")]
    assert facts.returns[-1].value == Name("z")


def test_words_between_values_are_calls_and_operators_are_none() -> None:
    facts = scala(
        "val a = x orElse y\nval b = p ~ q ~ r\nval c = List(1, 2)\nval d = new Repo[Row](db)\nval e = new Base { val n = 1 }\ni += 1"
    )
    assert call(facts, "orElse").callee == Member(Name("x"), "orElse")
    assert value_of(facts, "b") == Op("~", (Name("p"), Name("q"), Name("r")))
    assert value_of(facts, "c") == Seq((Lit(1), Lit(2)))
    made = call(facts, "Repo")
    assert (made.kind, made.args, made.type_args) == ("new", (Arg(Name("db")),), (Name("Row"),))
    assert facts.symbols[index_of(facts, "")].kind == "module"
    assert any(s.kind == "class" and s.bases == (Name("Base"),) for s in facts.symbols)
    assert call(facts, "+=").args == (Arg(Lit(1)),)


def test_indentation_enums_and_extensions_of_scala_3_are_read() -> None:
    facts = scala(
        """
        enum Color:
          case Red, Green
        class Shop(repo: Repo):
          def show(id: Long): Unit =
            val row = repo.find(id)
            print(row)
        extension (s: Shop) def open(): Unit = s.show(1)
        """
    )
    assert symbol(facts, "Color").kind == "enum"
    assert symbol(facts, "show").statements == 2
    assert symbol(facts, "open").params[0] == Param("self", Name("Shop"), kind="this")
    assert call(facts, "show").callee == Member(Name("self"), "show")


def test_a_call_with_type_arguments_behind_an_operator_belongs_to_the_last_operand() -> None:
    facts = scala('val a = x <+> Orders[F](db) <+> Items[F](db)\nval b = "/v1" -> Orders.routes[F](db).all')
    orders, items, routes = (facts.calls.index(call(facts, name)) for name in ("Orders", "Items", "routes"))
    assert value_of(facts, "a") == Op("<+>", (Name("x"), CallRef(orders), CallRef(items)))
    assert value_of(facts, "b") == Op("->", (Lit("/v1"), Member(CallRef(routes), "all")))
