"""The Rust adapter: what each construct is lowered to, and that hostile input is borne."""

from __future__ import annotations

import time

from backend_readiness.facts.languages import rust
from backend_readiness.facts.model import (
    ATTRIBUTES,
    Alt,
    CallRef,
    Concat,
    FileFacts,
    Func,
    Import,
    Index,
    Lit,
    Member,
    Name,
    Record,
    Seq,
    Symbol,
    Value,
)


def facts(source: str) -> FileFacts:
    return rust.extract(source.encode(), "file.rs").facts()


def symbol(found: FileFacts, name: str) -> Symbol:
    return next(s for s in found.symbols if s.name == name)


def returned(source: str) -> Value | None:
    return facts(f"fn f() {{ {source} }}").returns[-1].value


def test_methods_of_an_impl_belong_to_the_type_of_the_file_and_traits_are_its_bases() -> None:
    found = facts(
        "impl Store for Memory { fn find(&self) {} }\nstruct Memory { pool: Arc<PgPool> }\n"
        "impl Memory { fn new() -> Self { Self { pool } } }"
    )
    memory = symbol(found, "Memory")
    assert memory.kind == "class"
    assert memory.bases == (Name("Store"),)
    index = found.symbols.index(memory)
    assert [(s.name, s.kind, s.is_static) for s in found.symbols if s.parent == index] == [
        ("find", "method", False),
        ("new", "method", True),
    ]
    assert symbol(found, "new").returns == Name("Memory")
    field = found.assigns[0]
    assert (field.target, field.type, field.kind, field.owner) == (Name("pool"), Index(Name("Arc"), Name("PgPool")), "field", index)


def test_an_impl_of_a_type_of_another_file_is_a_partial_class() -> None:
    found = facts("use crate::models::User;\nimpl User { fn show(&self) -> u8 { self.age } }")
    extension = symbol(found, "User")
    assert (extension.kind, extension.partial) == ("class", True)
    assert symbol(found, "show").parent == found.symbols.index(extension)
    assert found.returns[0].value == Member(Name("self"), "age")


def test_uses_are_one_import_for_each_name() -> None:
    found = facts(
        "use axum::{routing::{get, post as p}, Router, self};\nuse crate::db::*;\n"
        "use super::user;\nmod api;\nmod a { use super::b::C; mod d; }"
    )
    assert [(i.module, i.name, i.local) for i in found.imports] == [
        ("axum.routing", "get", "get"),
        ("axum.routing", "post", "p"),
        ("axum", "Router", "Router"),
        ("axum", None, "axum"),
        ("crate.db", "*", None),
        ("super", "user", "user"),
        ("self.api", None, "api"),
        ("self.b", "C", "C"),
        ("self.a.d", None, "d"),
    ]


def test_a_crate_that_only_a_path_names_is_noted() -> None:
    found = facts('fn f() { warp::path("x"); api::run(); u8::from(1); }\nmod api { fn run() {} }')
    assert Import("warp", None, None, 1) in found.imports
    assert "api" not in {i.module for i in found.imports}


def test_attributes_are_decorators() -> None:
    found = facts(
        '#[get("/x/<id>", data = "<form>")]\n#[handler]\nasync fn show() {}\n#[derive(Serialize, Clone)]\n#[serde(rename = "y")]\nstruct S;'
    )
    show = symbol(found, "show")
    assert isinstance(show.decorators[0], CallRef)
    assert show.decorators[1] == Member(Name(ATTRIBUTES), "handler")
    assert show.is_async
    call = found.calls[show.decorators[0].call]
    assert call.kind == "decorator"
    assert [(a.name, a.value) for a in call.args] == [(None, Lit("/x/<id>")), ("data", Lit("<form>"))]
    assert call.line == 1
    derive = found.calls[symbol(found, "S").decorators[0].call]  # type: ignore[union-attr]
    assert [a.value for a in derive.args] == [Name("Serialize"), Name("Clone")]


def test_macros_are_read_as_calls_with_true_places() -> None:
    found = facts('fn f() {\n  sqlx::query!("select 1", id,\n    user.name());\n  info!(user = %id, "gone {name}");\n}')
    name, query, info = found.calls
    assert query.callee == Member(Name("sqlx"), "query!")
    assert query.args[0].value == Lit("select 1")
    assert name.callee == Member(Name("user"), "name")
    assert name.line == 3
    assert query.args[2].value == CallRef(0)
    assert info.args[0].name == "user"
    assert info.args[1].value == Concat((Lit("gone "), Name("name")))


def test_texts_lists_and_objects_are_made_by_macros() -> None:
    assert returned('format!("/users/{}/x{y}", id)') == Concat((Lit("/users/"), Name("id"), Lit("/x"), Name("y")))
    assert returned('concat!("/a", "/b")') == Lit("/a/b")
    assert returned("vec![a, b::c]") == Seq((Name("a"), Member(Name("b"), "c")))
    made = returned('json!({"user": {"id": user.id, "tags": [1, null]}})')
    assert made == Record((("user", Record((("id", Member(Name("user"), "id")), ("tags", Seq((Lit(1), Lit(None))))))),))


def test_a_block_is_its_last_expression_and_choices_are_alternatives() -> None:
    assert returned("let x = 1; if a { b } else { c }") == Alt((Name("b"), Name("c")))
    assert returned("match x { Some(y) => y, None => return Err(e) }") == Name("y")
    found = facts("fn f() { let Some(user) = find(1).await? else { return Err(Missing) }; }")
    assert found.assigns[0].target == Name("user")
    assert found.assigns[0].value == CallRef(0)
    assert [c.awaited for c in found.calls][:1] == [True]
    assert found.throws[0].value == Name("Missing")


def test_methods_that_hand_on_their_receiver_are_transparent() -> None:
    found = facts("fn f() { let x = state.pool.clone().unwrap(); }")
    assert found.assigns[0].value == Member(Name("state"), "pool")
    assert len(found.calls) == 2


def test_extractors_are_parameters_with_the_declared_type() -> None:
    found = facts("async fn f(State(pool): State<PgPool>, Path((id, n)): Path<(u8, u8)>, _: Claims) {}")
    first, second, third = symbol(found, "f").params
    assert (first.name, first.type) == ("pool", Index(Name("State"), Name("PgPool")))
    assert second.pattern == Seq((Name("id"), Name("n")))
    assert (third.name, third.type) == ("_", Name("Claims"))


def test_a_bound_type_parameter_is_its_trait() -> None:
    found = facts("struct S<R: Clone + Repo> { repo: Arc<R> }\nfn f<T>(x: &T, y: impl Mailer + Send) where T: Clock {}")
    assert found.assigns[0].type == Index(Name("Arc"), Name("Repo"))
    assert [p.type for p in symbol(found, "f").params] == [Name("Clock"), Name("Mailer")]


def test_closures_are_functions_named_after_what_they_are_bound_to() -> None:
    found = facts("fn f() { let show = |id: u8| async move { id }; spawn(|| 1); }")
    assert symbol(found, "show").kind == "lambda"
    assert symbol(found, "show").is_async
    assert isinstance(found.calls[0].args[0].value, Func)


def test_what_is_compiled_for_tests_alone_is_left_out() -> None:
    found = facts("fn a() {}\n#[cfg(test)]\nmod tests { fn b() { run(); } }\n#[cfg(test)]\nfn c() {}\nfn d() {}")
    assert [s.name for s in found.symbols[1:]] == ["a", "d"]
    assert not found.calls


def test_a_table_of_diesel_is_a_class_with_columns() -> None:
    found = facts(
        'diesel::table! {\n  use diesel::sql_types::*;\n  #[sql_name = "people"]\n'
        "  users (id) {\n    id -> Int4,\n    name -> Nullable<Varchar>,\n  }\n}"
    )
    users = symbol(found, "users")
    assert users.kind == "class"
    assert users.bases == (Member(Name("diesel"), "Table"),)
    assert [a.target for a in found.assigns] == [Name("id"), Name("name")]


def test_quoted_code_says_nothing() -> None:
    found = facts("fn f() { quote! { app.route(x) }; }\nmacro_rules! m { () => { app.route(x) } }")
    assert not found.calls


def test_hostile_files_are_borne() -> None:
    started = time.process_time()
    for source in (
        "fn f() { " + "(" * 10_000 + ")" * 10_000 + " }",
        "fn f() { " + "{" * 10_000 + "}" * 10_000 + " }",
        "mod a { " * 5_000 + "}" * 5_000,
        "fn f() { x" + ".y()" * 10_000 + "; }",
        "fn f() { " + "m!(" * 5_000 + ")" * 5_000 + " }",
        "fn f() { json!(" + "[" * 5_000 + "]" * 5_000 + ") }",
        "fn f() { " + "if a {} else " * 5_000 + "{} }",
        "fn f() { " + "1 + " * 10_000 + "1 }",
        "type A = " + "Box<" * 5_000 + "u8" + ">" * 5_000 + ";",
        "use a::" + "{b::" * 5_000,
        "#[" * 5_000,
        "fn f() { " + "|x| " * 5_000 + "1 }",
        "fn f() { match x { " + "Some(" * 5_000 + "y" + ")" * 5_000 + " => 1 } }",
        "\x00\xff\ufeff fn",
        "",
    ):
        rust.extract(source.encode(), "file.rs").index()
    assert time.process_time() - started < 60
