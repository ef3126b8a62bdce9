"""Methods of the repository behind names of packages."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of

from backend_readiness.graph.values import SymbolId


def runs(files: dict[str, str], file: str, name: str) -> list[str]:
    """What the calls in a function run."""
    tracer = tracer_of(files)
    view = tracer.graph.view(file)
    (index,) = [i for i, s in enumerate(view.facts.symbols) if s.name == name and s.statements]
    targets = (e.target.symbol for e in tracer.edges.of_symbol(SymbolId(file, index)))
    return [f"{t.file}:{tracer.graph.view(t.file).symbol(t.index).line}" for t in targets]


def test_a_trait_that_a_file_sees_adds_its_methods_to_types_of_packages() -> None:
    files = {
        "Cargo.toml": '[package]\nname = "shop"\n',
        "src/main.rs": "mod found;\nmod orders;\nmod plain;\nfn main() {}\n",
        "src/found.rs": "pub trait Found {\n    fn found(self) -> u8;\n}\nimpl<T> Found for Option<T> {\n"
        "    fn found(self) -> u8 { check() }\n}\n"
        "fn check() -> u8 { 1 }\n",
        "src/orders.rs": "use crate::found::Found;\npub fn get(db: sqlx::PgPool) { sqlx::query(1).fetch_optional(db).found(); }\n",
        "src/plain.rs": "pub fn get(db: sqlx::PgPool) { sqlx::query(1).fetch_optional(db).found(); }\n",
    }
    assert runs(files, "src/orders.rs", "get") == ["src/found.rs:5"]
    assert runs(files, "src/plain.rs", "get") == []


def test_a_class_of_kotlin_has_functions_for_another_type() -> None:
    files = {
        "src/main/kotlin/shop/Orders.kt": "package shop\nimport org.jooq.DSLContext\nimport org.jooq.Record\n"
        "class Orders(private val dsl: DSLContext) {\n  fun one(): Order? = dsl.selectFrom(ORDERS).fetchOne()?.toOrder()\n"
        "  private fun Record.toOrder(): Order = make(this)\n  private fun make(r: Record) = Order(r)\n}\n",
        "src/main/kotlin/shop/Others.kt": "package shop\nimport org.jooq.DSLContext\n"
        "class Others(private val dsl: DSLContext) {\n  fun two() { dsl.selectFrom(ORDERS).fetchOne()?.toOrder() }\n}\n",
    }
    assert runs(files, "src/main/kotlin/shop/Orders.kt", "one") == ["src/main/kotlin/shop/Orders.kt:6"]
    assert runs(files, "src/main/kotlin/shop/Others.kt", "two") == []


def test_the_only_class_that_implements_an_interface_of_a_package_is_meant_by_it() -> None:
    filter_of_tokens = (
        "package shop;\nimport org.springframework.security.core.userdetails.UserDetailsService;\n"
        "class TokenFilter {\n  private final UserDetailsService users;\n  private final Comparable<String> other;\n"
        "  void run(String name) {\n    users.loadUserByUsername(name);\n    other.compareTo(name);\n  }\n}\n"
    )
    users = (
        "package shop;\nimport org.springframework.security.core.userdetails.UserDetailsService;\n"
        "class Users implements UserDetailsService {\n"
        "  public UserDetails loadUserByUsername(String name) { return find(name); }\n"
        "  private UserDetails find(String n) { return null; }\n}\n"
    )
    own = "package shop;\nclass Name implements Comparable<String> {\n  public int compareTo(String s) { return s.length(); }\n}\n"
    files = {"a/TokenFilter.java": filter_of_tokens, "a/Users.java": users, "a/Name.java": own}
    assert runs(files, "a/TokenFilter.java", "run") == ["a/Users.java:4"]
    assert runs(files | {"a/More.java": users.replace("Users ", "More ")}, "a/TokenFilter.java", "run") == []


def test_a_path_does_not_start_from_a_parameter() -> None:
    files = {
        "Cargo.toml": '[package]\nname = "shop"\n',
        "src/main.rs": "mod version;\nmod web;\nfn main() {}\n",
        "src/version.rs": "pub fn parse(text: &str) -> u8 { check(text) }\nfn check(t: &str) -> u8 { 1 }\n",
        "src/web.rs": "use crate::version;\npub fn show(Path((version, id)): Path<(String, u8)>) { version::parse(&version); }\n",
    }
    assert runs(files, "src/web.rs", "show") == ["src/version.rs:1"]
