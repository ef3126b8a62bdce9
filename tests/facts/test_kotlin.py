"""What the Kotlin adapter says of a file."""

from __future__ import annotations

from tests.facts.jvm_source import assigned, call, index_of, kotlin, symbol, value_of

from backend_readiness.facts.languages.kotlin import extract
from backend_readiness.facts.model import Alt, Arg, CallRef, Concat, Func, Import, Index, Lit, Member, Name, Op, Seq


def test_the_package_and_the_imports_are_stated_as_written() -> None:
    builder = extract(b"package com.shop.orders\nimport java.util.List\nimport io.ktor.server.routing.*\nimport a.b.C as D\n", "file.kt")
    assert builder.package == "com.shop.orders"
    assert builder.imports == [
        Import("java.util", "List", "List", 2),
        Import("io.ktor.server.routing", "*", None, 3),
        Import("a.b", "C", "D", 4),
    ]


def test_a_class_has_its_bases_its_annotations_and_the_fields_of_its_constructor() -> None:
    facts = kotlin(
        """
        /** Orders of the shop. */
        @RestController
        @RequestMapping("/orders", produces = ["x"])
        open class Orders<T : Item>(private val repo: Repo, @Value("a") name: String? = "b") : Base<T>(repo), Api by repo {
            @Autowired lateinit var service: Service
        }
        """
    )
    orders = symbol(facts, "Orders")
    assert (orders.kind, orders.line, orders.doc) == ("class", 5, "Orders of the shop.")
    assert orders.bases == (Index(Name("Base"), Name("T")), Name("Api"))
    assert call(facts, "RequestMapping").args == (Arg(Lit("/orders")), Arg(Seq((Lit("x"),)), "produces"))
    params = symbol(facts, "constructor").params
    assert [(p.name, p.type, p.default, p.field) for p in params] == [
        ("repo", Name("Repo"), None, True),
        ("name", Name("String"), Lit("b"), True),
    ]
    service = assigned(facts, "service")
    assert (service.kind, service.type, service.owner) == ("field", Name("Service"), index_of(facts, "Orders"))
    assert service.start <= call(facts, "Autowired").start < service.end
    assert call(facts, "super").args == (Arg(Name("repo")),)
    assert value_of(facts, "T") == Name("Item")


def test_a_function_has_its_receiver_its_parameters_and_its_type() -> None:
    facts = kotlin("suspend fun Route.orders(@Query id: Long = 1, vararg more: String): List<Order> = repo.all(id)")
    orders = symbol(facts, "orders")
    assert (orders.kind, orders.is_async, orders.statements) == ("function", True, 1)
    assert [(p.name, p.type, p.default, p.kind, len(p.decorators)) for p in orders.params] == [
        ("self", Name("Route"), None, "this", 0),
        ("id", Name("Long"), Lit(1), "", 1),
        ("more", Name("String"), None, "*", 0),
    ]
    assert orders.returns == Index(Name("List"), Name("Order"))
    assert facts.returns[0].value == CallRef(facts.calls.index(call(facts, "all")))


def test_a_lone_dollar_of_a_string_with_two_dollars_is_text() -> None:
    facts = kotlin('class Port(@param:Value($$"${server.port:#{null}}") val port: Int?) { val price = $$"costs $5 or $${port}" }')
    assert symbol(facts, "Port").kind == "class"
    assert call(facts, "Value").args == (Arg(Lit("${server.port:#{null}}")),)
    assert facts.assigns[0].value == Concat((Lit("costs $5 or $"), Name("port")))


def test_annotations_of_type_arguments_hide_nothing() -> None:
    facts = kotlin("class Lines {\n fun save(all: Map<\n @Pattern(regexp = KEY)\n String,\n @NotNull @Valid\n Line,\n >) { keep(all) }\n}")
    assert symbol(facts, "save").params[0].name == "all"
    assert call(facts, "keep").args == (Arg(Name("all")),)


def test_trailing_lambdas_are_arguments_of_one_call() -> None:
    facts = kotlin('fun f() { route("/x") { get<Order>("/{id}") { call.respond(it) }\n post<Order> { a -> b(a) } } }')
    route = call(facts, "route")
    assert route.args[0] == Arg(Lit("/x"))
    assert isinstance(route.args[1].value, Func)
    get = call(facts, "get")
    assert get.type_args == (Name("Order"),)
    assert isinstance(get.args[1].value, Func)
    assert [p.name for p in facts.symbols[get.args[1].value.symbol].params] == ["it"]
    post = call(facts, "post")
    assert post.type_args == (Name("Order"),)
    assert isinstance(post.args[0].value, Func)
    assert [p.name for p in facts.symbols[post.args[0].value.symbol].params] == ["a"]
    assert len([c for c in facts.calls if c.callee == Name("route")]) == 1


def test_a_lambda_gives_its_last_expression() -> None:
    facts = kotlin("fun f() { orders.map { val a = 1\n show(a) } }")
    given = [r for r in facts.returns if facts.symbols[r.owner].kind == "lambda"]
    assert [r.value for r in given] == [CallRef(facts.calls.index(call(facts, "show")))]


def test_infix_calls_references_and_null_checks_have_their_values() -> None:
    facts = kotlin(
        """
        val a = "/x" bind GET to ::show
        val b = Order::class.java
        val c = Order::name
        val d = x!!.y as Foo
        val e = p ?: q
        val f = arrayOf("a", b)
        val g = if (x) 1 else 2
        val h = when (x) { is Foo -> 1; else -> 2 }
        val i = true
        val j = object : Foo(1) { }
        """
    )
    to = call(facts, "to")
    assert to.args == (Arg(Name("show")),)
    assert isinstance(to.callee, Member)
    assert isinstance(to.callee.base, CallRef)
    assert facts.calls[to.callee.base.call].callee == Member(Lit("/x"), "bind")
    assert value_of(facts, "b") == Name("Order")
    assert value_of(facts, "c") == Member(Name("Order"), "name")
    assert value_of(facts, "d") == Member(Name("x"), "y")
    assert value_of(facts, "e") == Alt((Name("p"), Name("q")))
    assert value_of(facts, "f") == Seq((Lit("a"), Name("b")))
    assert value_of(facts, "g") == Alt((Lit(1), Lit(2)))
    assert value_of(facts, "h") == Alt((Lit(1), Lit(2)))
    assert value_of(facts, "i") == Lit(True)
    made = value_of(facts, "j")
    assert isinstance(made, CallRef)
    assert isinstance(facts.calls[made.call].callee, Func)


def test_strings_are_taken_apart_at_their_templates() -> None:
    facts = kotlin('val a = "no $id and ${a.b} \\n"\nval b = """sel ${a} $b \\n"""\nval c = "\\$id"\n')
    assert value_of(facts, "a") == Concat((Lit("no "), Name("id"), Lit(" and "), Member(Name("a"), "b"), Lit(" \n")))
    assert value_of(facts, "b") == Concat((Lit("sel "), Name("a"), Lit(" "), Name("b"), Lit(" \\n")))
    assert value_of(facts, "c") == Lit("$id")


def test_members_of_a_companion_are_members_of_the_class() -> None:
    facts = kotlin(
        """
        class A {
            companion object {
                const val PATH = "/x"
                fun of() = 1
            }
            val name: String
                get() = "a"
            init {
                setup()
            }
        }
        """
    )
    a = index_of(facts, "A")
    assert assigned(facts, "PATH").owner == a
    assert symbol(facts, "of").parent == a
    name = symbol(facts, "name")
    assert (name.kind, name.decorators) == ("method", (Name("property"),))
    assert facts.symbols[call(facts, "setup").owner].parent == a


def test_an_object_an_interface_and_an_enum_are_told_apart() -> None:
    facts = kotlin(
        'object Users : Table("users") { val id = integer("id") }\ninterface A { fun a() }\nenum class C(val s: String) { RED("r"), GREEN }'
    )
    assert [(s.kind, s.name) for s in facts.symbols if s.parent == 0] == [("class", "Users"), ("interface", "A"), ("enum", "C")]
    assert symbol(facts, "Users").bases == (Name("Table"),)
    assert assigned(facts, "RED").kind == "field"


def test_statements_are_blocks_with_their_subjects() -> None:
    facts = kotlin(
        """
        fun f() {
            for ((k, v) in entries) { k.go() }
            try { a() } catch (e: IOException) { } finally { c() }
            while (x) { y() }
            when (val r = z) { "a", "b" -> c() else -> throw X() }
            if (a) b() else if (c) d() else { }
        }
        """
    )
    kinds = [b.kind for b in facts.blocks]
    assert kinds == ["loop", "try", "catch", "finally", "loop", "switch", "case", "case", "if", "if", "else"]
    assert (facts.blocks[2].name, facts.blocks[2].subject, facts.blocks[2].empty) == ("e", Name("IOException"), True)
    assert facts.blocks[6].subject == Seq((Lit("a"), Lit("b")))
    assert any(a.kind == "for" and a.target == Seq((Name("k"), Name("v"))) for a in facts.assigns)
    assert value_of(facts, "r") == Name("z")
    assert len(facts.throws) == 1


def test_annotations_on_lines_of_their_own_belong_to_the_declaration_behind_them() -> None:
    facts = kotlin(
        """
        package shop

        @RestController
        @RequestMapping("/orders")
        class Orders(private val repo: Repo) {
            @GetMapping
            fun all(): List<Order> = repo.all()
        }

        @Controller
        @RequestMapping(
            value = ["/items"],
        )
        class Items {
            @GetMapping("/")
            fun all(): String { return service.all("x") }
        }

        class Order(val id: Long) {
            fun f(): L = e()
        }
        """
    )
    decorated = {s.name: [facts.calls[d.call].callee for d in s.decorators if isinstance(d, CallRef)] for s in facts.symbols}
    assert decorated["Orders"] == [Name("RestController"), Name("RequestMapping")]
    assert decorated["Items"] == [Name("Controller"), Name("RequestMapping")]
    assert symbol(facts, "Orders").line == 6
    assert [a.value for c in facts.calls if c.callee == Name("GetMapping") for a in c.args] == [Lit("/")]


def test_a_class_behind_two_annotations_is_a_class_when_others_follow_it() -> None:
    facts = kotlin(
        """
        package shop

        @Component
        @Transactional("orders (main)")
        class Orders {
            fun add(): Int {
                return 1
            }
        }

        data class Order(val id: Long)
        """
    )
    found = {s.name: (s.kind, len(s.decorators)) for s in facts.symbols if s.kind == "class"}
    assert found == {"Orders": ("class", 2), "Order": ("class", 0)}
    assert symbol(facts, "add").kind == "method"


def test_get_between_two_values_is_no_accessor() -> None:
    facts = kotlin(
        """
        class Stored : Orders {
            fun add(): Int = transaction {
                val id = Items.insert { it[name] = 1 } get Items.id ?: 0
                id
            }
            val size: Int get() = 1
        }
        """
    )
    assert symbol(facts, "Stored").kind == "class"
    assert symbol(facts, "add").kind == "method"
    assert call(facts, "insert").line == 4


def test_a_call_of_get_on_the_line_behind_a_value_is_no_accessor() -> None:
    facts = kotlin(
        """
        fun routes() {
            val orders = Orders()

            get("/orders") { all(orders) }
            val store: Store by dependencies
            get {
                start()
            }
            val text = \"\"\"
              get("x")
            \"\"\"
        }
        class Orders {
            val size: Int
                get() = 1
        }
        """
    )
    assert [c.callee.id for c in facts.calls if isinstance(c.callee, Name)] == ["Orders", "all", "get", "start", "get"]
    assert call(facts, "all").line == 5
    assert [a.value for a in facts.assigns if a.target == Name("text")] == [Lit('\n      get("x")\n    ')]


def test_a_sign_before_a_chain_is_about_its_result() -> None:
    facts = kotlin("fun f(a: A) {\n  if (!a.b(1)) return\n  if (!g()) return\n  if ((!g).k()) return\n  a!!.c()\n}\n")
    subjects = [b.subject for b in facts.blocks]
    assert subjects[:2] == [
        Op("not", (CallRef(facts.calls.index(call(facts, "b"))),)),
        Op("not", (CallRef(facts.calls.index(call(facts, "g"))),)),
    ]
    assert subjects[2] == CallRef(facts.calls.index(call(facts, "k")))
    assert call(facts, "b").callee == Member(Name("a"), "b")
    assert call(facts, "g").callee == Name("g")
    assert call(facts, "c").callee == Member(Name("a"), "c")


def test_a_variable_called_where_is_no_constraint_and_a_context_before_a_function_is_none_of_its_names() -> None:
    facts = kotlin(
        """
        class Orders(private val db: Db) {
            context (Session, Clock)
            suspend fun recent(filter: Filter): Int {
                var where = none()

                if (filter.open) {
                    where = where.and(open())
                    val other = USERS.`as`("u")
                    from = from
                        .join(other).on(same(other))

                    where = where.or(closed())
                }
                return db.select().where(where).count()
            }
        }
        """
    )
    assert symbol(facts, "recent").kind == "method"
    assert facts.errors == 0
    assert {c.callee.id for c in facts.calls if isinstance(c.callee, Name)} >= {"none", "open", "same", "closed"}


def test_classes_without_a_body_keep_their_annotations() -> None:
    facts = kotlin(
        """
        @Serializable
        @Resource("/me")
        class Me

        @Target(CLASS)
        @Api("x")
        annotation class Mark

        @One @Two("y") class Line { fun a() = 1 }
        """
    )
    found = {s.name: (s.kind, len(s.decorators)) for s in facts.symbols if s.kind in ("class", "interface")}
    assert found == {"Me": ("class", 2), "Mark": ("interface", 2), "Line": ("class", 2)}
