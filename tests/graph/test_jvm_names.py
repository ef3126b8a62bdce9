"""Names of Java and Scala across files: packages of the same name in several programs, self types, what an object brings."""

from __future__ import annotations

import pytest
from tests.rules.small_repository import tracer_of

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, Site, SymbolId, options


def callees(files: dict[str, str], file: str, name: str) -> list[AV]:
    """What the calls of `name` in a file may run."""
    graph = tracer_of(files).graph
    view = graph.view(file)
    calls = [view.facts.calls[n] for n in view.calls_by_name[name]]
    return [v for c in calls for v in options(graph.ev.value(c.callee, file, c.owner))]


def places(files: dict[str, str], file: str, name: str) -> list[str]:
    """The files of the functions that they run."""
    return [v.symbol.file for v in callees(files, file, name) if isinstance(v, FuncV)]


def test_a_class_of_a_package_that_two_programs_have_is_that_of_the_program_which_names_it() -> None:
    java = "package v1;\npublic class Orders { public int all() { return 1; } }\n"
    scala = "package v1\nclass Orders { def all() = 1 }\n"
    files = {
        "java-shop/app/v1/Orders.java": java,
        "java-shop/app/v1/Use.java": "package v1;\nclass Use { int x(Orders orders) { return orders.all(); } }\n",
        "scala-shop/app/v1/Orders.scala": scala,
        "scala-shop/app/v1/Use.scala": "package v1\nclass Use(orders: Orders) { def x = orders.all() }\n",
        "scala-shop/app/web/Page.scala": "package web\nimport v1.Orders\nclass Page(orders: Orders) { def x = orders.all() }\n",
    }
    assert places(files, "java-shop/app/v1/Use.java", "all") == ["java-shop/app/v1/Orders.java"]
    assert places(files, "scala-shop/app/v1/Use.scala", "all") == ["scala-shop/app/v1/Orders.scala"]
    assert places(files, "scala-shop/app/web/Page.scala", "all") == ["scala-shop/app/v1/Orders.scala"]


def test_the_body_of_a_trait_sees_the_members_of_its_self_type() -> None:
    files = {
        "src/main/scala/shop/Store.scala": "package shop\ntrait Store { def all() = Nil }\ntrait Clock { def now(): Long = 1 }\n",
        "src/main/scala/shop/Api.scala": (
            "package shop\ntrait Api { self: Store with Clock =>\n  def list() = all()\n  def time() = self.now()\n}\n"
        ),
        "src/main/scala/shop/Other.scala": "package shop\ntrait Other { me =>\n  def list() = all()\n}\n",
    }
    assert places(files, "src/main/scala/shop/Api.scala", "all") == ["src/main/scala/shop/Store.scala"]
    assert places(files, "src/main/scala/shop/Api.scala", "now") == ["src/main/scala/shop/Store.scala"]
    assert places(files, "src/main/scala/shop/Other.scala", "all") == []


def test_a_method_that_a_self_type_leaves_open_is_that_of_its_only_implementation() -> None:
    files = {
        "src/main/scala/shop/Store.scala": "package shop\ntrait Store { def all(): List[Int] }\n",
        "src/main/scala/shop/Db.scala": "package shop\nclass Db extends Store { def all() = List(1) }\n",
        "src/main/scala/shop/Api.scala": "package shop\ntrait Api { this: Store =>\n  def list() = all()\n}\n",
    }
    assert places(files, "src/main/scala/shop/Api.scala", "all") == ["src/main/scala/shop/Db.scala"]


def test_a_whole_import_of_an_object_brings_what_it_keeps_of_a_package() -> None:
    files = {
        "src/main/scala/shop/Http.scala": "package shop\nimport sttp.tapir._\nobject Http { val base = endpoint.in(stringBody) }\n",
        "src/main/scala/shop/Api.scala": "package shop.api\nimport shop.Http._\nobject Api { val show = base.get }\n",
        "src/main/scala/shop/Use.scala": "package shop.api\nimport shop.Http._\nobject Use { val x = base.serverLogic(f) }\n",
    }
    found = callees(files, "src/main/scala/shop/Use.scala", "serverLogic")
    assert [v.path for v in found if isinstance(v, Ext)] == ["sttp.tapir.endpoint.in().serverLogic"]


def test_classes_without_a_package_see_each_other_within_one_module() -> None:
    orders = "public class Orders { public static int all() { return 1; } }\n"
    files = {
        "shop/src/main/java/Orders.java": orders,
        "shop/src/main/java/Main.java": "class Main { int x() { return Orders.all(); } }\n",
        "shop/src/main/java/web/Page.java": "package web;\nclass Page { int x() { return Orders.all(); } }\n",
        "store/src/main/java/Orders.java": orders,
    }
    assert places(files, "shop/src/main/java/Main.java", "all") == ["shop/src/main/java/Orders.java"]
    assert places(files, "shop/src/main/java/web/Page.java", "all") == []


def test_a_copy_that_no_class_writes_is_of_the_class_of_its_object() -> None:
    files = {
        "src/main/java/shop/Place.java": "package shop;\npublic record Place(@lombok.With String slug) { public void run() {} }\n",
        "src/main/java/shop/Web.java": "package shop;\n"
        'class Web {\n  void add(Place place) { place.withSlug("x").run(); place.other().run(); }\n}\n',
        "src/main/kotlin/shop/Order.kt": "package shop\ndata class Order(val paid: Boolean) {\n  fun keep() {}\n}\n"
        "fun pay(order: Order) { order.copy(paid = true).keep() }\n",
    }
    assert places(files, "src/main/java/shop/Web.java", "run") == ["src/main/java/shop/Place.java"]
    assert places(files, "src/main/kotlin/shop/Order.kt", "keep") == ["src/main/kotlin/shop/Order.kt"]


@pytest.mark.parametrize(
    "heads",
    [
        ["Order extends Base<Order, Event>", "Event"],
        ["Order extends Base<Event, Order>", "Event extends Base<Order, Event>"],
        ["Order extends Base<Event, Item>", "Event extends Base<Item, Order>", "Item extends Base<Order, Event>"],
    ],
)
def test_classes_that_stand_in_the_type_arguments_of_their_own_bases_are_looked_at_once(heads: list[str]) -> None:
    imported = "package shop;\nimport org.library.Base;\n"
    files = {f"shop/{head.split()[0]}.java": f"{imported}class {head} {{}}\n" for head in heads}
    graph = tracer_of(files).graph
    for path in files:
        [symbol] = [SymbolId(path, i) for i, s in enumerate(graph.view(path).facts.symbols) if s.kind == "class"]
        bases = inheritance.external_bases(graph.ev, ClassV(symbol))
        assert [b.path for b in bases] == (["org.library.Base"] if "extends" in files[path] else [])


def test_an_overload_is_told_by_what_a_call_makes_or_writes() -> None:
    files = {
        "src/main/java/shop/Users.java": (
            "package shop;\nimport java.util.UUID;\npublic class Users {\n"
            "    public User find(UUID id) { return byId(id); }\n    public User find(String name) { return byName(name); }\n"
            "    public User find(long number) { return byNumber(number); }\n}\n"
        ),
        "src/main/java/shop/Use.java": (
            "package shop;\nimport java.util.UUID;\nclass Use {\n    Users users = new Users();\n"
            '    void a(String text) { users.find(UUID.fromString(text)); }\n    void b() { users.find("ann"); }\n'
            "    void c() { users.find(7); }\n}\n"
        ),
    }
    tracer = tracer_of(files)
    view = tracer.graph.view("src/main/java/shop/Use.java")
    found = [e.target.symbol for n in view.calls_by_name["find"] for e in tracer.edges.of_call(Site(view.path, n, None))]
    assert [tracer.graph.view(s.file).symbol(s.index).line for s in found] == [4, 5, 6]


def test_a_local_that_is_called_like_the_method_which_fills_it_hides_nothing() -> None:
    files = {
        "src/main/java/shop/Orders.java": (
            "package shop;\nimport java.util.List;\nclass Orders {\n"
            "    void list() { List<String> open = open(1); open.size(); }\n    List<String> open(int page) { return null; }\n}\n"
        ),
    }
    tracer = tracer_of(files)
    view = tracer.graph.view("src/main/java/shop/Orders.java")
    found = [e.target.symbol for n in view.calls_by_name["open"] for e in tracer.edges.of_call(Site(view.path, n, None))]
    assert [view.symbol(s.index).line for s in found] == [5]


@pytest.mark.parametrize(("written", "found"), [("Consumer<Store>", 1), ("RowMapper<Store>", 0), ("Consumer", 0)])
def test_the_type_of_a_function_says_what_it_is_given(written: str, found: int) -> None:
    files = {
        "src/main/java/shop/Store.java": "package shop;\nclass Store { void save() { } }\n",
        "src/main/java/shop/Work.java": (
            "package shop;\nimport java.util.function.Consumer;\nclass Work {\n"
            f"    void run({written} work) {{ Outside.run(work); }}\n    void go() {{ run(s -> s.save()); }}\n}}\n"
        ),
    }
    assert places(files, "src/main/java/shop/Work.java", "save") == ["src/main/java/shop/Store.java"] * found
