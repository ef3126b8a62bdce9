"""Names of Rust across files: modules, re-exports, workspaces, methods that stand in other files, traits and inline modules."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of

from backend_readiness.graph.values import AV, Ext, FuncV, options

SHOP = {"Cargo.toml": '[package]\nname = "my-shop"\n[dependencies]\naxum = "0.8"\n'}


def callees(files: dict[str, str], file: str, name: str) -> list[AV]:
    tracer = tracer_of(SHOP | files)
    view = tracer.graph.view(file)
    calls = [view.facts.calls[n] for n in view.calls_by_name[name]]
    return [v for c in calls for v in options(tracer.graph.ev.value(c.callee, file, c.owner))]


def places(files: dict[str, str], file: str, name: str) -> list[str]:
    """Where the functions stand that the calls of `name` in a file run; the path of what is outside."""
    tracer = tracer_of(SHOP | files)
    found = []
    for value in callees(files, file, name):
        if isinstance(value, FuncV):
            found.append(f"{value.symbol.file}:{tracer.graph.view(value.symbol.file).symbol(value.symbol.index).line}")
        else:
            found.append(value.path if isinstance(value, Ext) else type(value).__name__)
    return found


def test_paths_go_through_modules_of_files_and_folders() -> None:
    files = {
        "src/main.rs": "mod routes;\nmod db;\nfn main() { routes::orders::list(); crate::db::open(); self::db::open(); }\n",
        "src/routes/mod.rs": "pub mod orders;\n",
        "src/routes/orders.rs": "pub fn list() { super::super::db::open(); crate::db::close(); }\n",
        "src/db.rs": "pub fn open() {}\npub fn close() {}\n",
    }
    assert places(files, "src/main.rs", "list") == ["src/routes/orders.rs:1"]
    assert places(files, "src/main.rs", "open") == ["src/db.rs:1"] * 2
    assert places(files, "src/routes/orders.rs", "open") == ["src/db.rs:1"]
    assert places(files, "src/routes/orders.rs", "close") == ["src/db.rs:2"]


def test_a_module_and_a_function_that_it_exports_again_may_share_a_name() -> None:
    files = {
        "src/lib.rs": "pub mod routes;\npub mod startup;\n",
        "src/routes/mod.rs": "mod health;\nmod admin;\npub use health::*;\npub use self::admin::run as admin_run;\n",
        "src/routes/health.rs": "use super::*;\npub fn health() {}\n",
        "src/routes/admin.rs": "pub fn run() {}\n",
        "src/startup.rs": "use crate::routes::{admin_run, health};\nfn f() { admin_run(); health(); missing(); }\n",
        "src/main.rs": "use my_shop::routes::health;\nfn main() { health(); my_shop::routes::admin_run(); }\n",
    }
    assert places(files, "src/startup.rs", "admin_run") == ["src/routes/admin.rs:1"]
    assert "src/routes/health.rs:2" in places(files, "src/startup.rs", "health")
    assert "src/routes/health.rs:2" in places(files, "src/main.rs", "health")
    assert places(files, "src/main.rs", "admin_run") == ["src/routes/admin.rs:1"]
    assert places(files, "src/startup.rs", "missing") == ["~missing"]


def test_a_module_that_is_declared_hides_one_that_a_star_brings() -> None:
    files = {
        "src/main.rs": "mod handlers;\nmod store;\nuse handlers::order;\nfn main() {}\n",
        "src/handlers/mod.rs": "pub mod order;\n",
        "src/handlers/order.rs": "use crate::store;\npub fn find() { store::order::find(); }\n",
        "src/store/mod.rs": "use super::*;\npub mod order;\n",
        "src/store/order.rs": "pub fn find() {}\n",
    }
    assert places(files, "src/handlers/order.rs", "find") == ["src/store/order.rs:1"]


def test_a_path_that_starts_like_a_variable_leads_to_what_a_star_brings_or_to_a_crate() -> None:
    files = {
        "src/main.rs": "mod store;\nuse store::*;\nfn main() { let orders = orders::load(); let axum = axum::serve(); }\n",
        "src/store.rs": "pub mod orders { pub fn load() {} }\n",
    }
    assert places(files, "src/main.rs", "load") == ["src/store.rs:1"]
    assert places(files, "src/main.rs", "serve") == ["axum.serve"]


def test_a_module_that_is_imported_beside_a_function_of_its_name_is_meant_in_front_of_a_path() -> None:
    files = {
        "src/main.rs": "mod secrets;\nfn main() {}\n",
        "src/secrets/mod.rs": "pub mod hash;\npub mod password;\n",
        "src/secrets/hash.rs": "pub fn slow() {}\n",
        "src/secrets/password.rs": "use super::hash;\npub fn hash() { hash::slow(); }\npub fn again() { hash(); }\n",
    }
    assert places(files, "src/secrets/password.rs", "slow") == ["src/secrets/hash.rs:1"]
    assert "src/secrets/password.rs:2" in places(files, "src/secrets/password.rs", "hash")


def test_crates_of_a_workspace_and_crates_outside() -> None:
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n',
        "crates/api/Cargo.toml": '[package]\nname = "shop-api"\n',
        "crates/api/src/main.rs": "use shop_domain::orders::find;\nfn main() { find(); shop_domain::close(); axum::Router::new(); }\n",
        "crates/domain/Cargo.toml": '[package]\nname = "domain"\n[lib]\nname = "shop_domain"\npath = "source/lib.rs"\n',
        "crates/domain/source/lib.rs": "pub mod orders;\npub fn close() {}\n",
        "crates/domain/source/orders.rs": "pub fn find() {}\n",
    }
    assert places(files, "crates/api/src/main.rs", "find") == ["crates/domain/source/orders.rs:1"]
    assert places(files, "crates/api/src/main.rs", "close") == ["crates/domain/source/lib.rs:2"]
    assert places(files, "crates/api/src/main.rs", "new") == ["axum.Router.new"]


def test_a_manifest_gives_a_crate_of_the_repository_a_name_of_its_own() -> None:
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n'
        '[workspace.dependencies]\nstore = { package = "shop-store", path = "crates/store" }\n',
        "crates/web/Cargo.toml": '[package]\nname = "shop-web"\n[dependencies]\nstore.workspace = true\n'
        'rules = { package = "shop-rules", path = "../rules" }\n',
        "crates/web/src/main.rs": "use rules::checks::check;\nfn main() { check(); store::open(); }\n",
        "crates/rules/Cargo.toml": '[package]\nname = "shop-rules"\n',
        "crates/rules/src/lib.rs": "pub mod checks;\n",
        "crates/rules/src/checks.rs": "pub fn check() {}\n",
        "crates/store/Cargo.toml": '[package]\nname = "shop-store"\n',
        "crates/store/src/lib.rs": "pub fn open() {}\n",
    }
    assert places(files, "crates/web/src/main.rs", "check") == ["crates/rules/src/checks.rs:1"]
    assert places(files, "crates/web/src/main.rs", "open") == ["crates/store/src/lib.rs:1"]


def test_methods_and_traits_of_an_impl_in_another_file_belong_to_the_type() -> None:
    files = {
        "src/main.rs": "mod models;\nmod impls;\nuse models::User;\nfn f(user: &User) { user.rename(); User::find(); user.save(); }\n",
        "src/models.rs": "pub struct User { pub id: i32 }\npub trait Saved { fn save(&self) { self.rename() } }\n",
        "src/impls.rs": "use crate::models::{Saved, User};\nimpl User {\n  pub fn rename(&self) {}\n"
        "  pub fn find() -> User { let u = User { id: 1 }; u.rename(); u }\n}\nimpl Saved for User {}\n",
        "src/other.rs": "struct User;\nimpl User { fn rename(&self) {} }\n",
    }
    assert places(files, "src/main.rs", "rename") == ["src/impls.rs:3"]
    assert places(files, "src/main.rs", "find") == ["src/impls.rs:4"]
    assert places(files, "src/main.rs", "save") == ["src/models.rs:2"]
    assert places(files, "src/impls.rs", "rename") == ["src/impls.rs:3"]


def test_a_trait_object_is_its_only_implementation() -> None:
    files = {
        "src/main.rs": "mod store;\nuse std::sync::Arc;\nuse store::*;\n"
        "struct Service { store: Arc<dyn Store> }\nstruct Typed<S: Store> { store: S }\n"
        "impl Service { fn a(&self) { self.store.find(); } }\nimpl<S: Store> Typed<S> { fn a(&self) { self.store.find(); } }\n",
        "src/store.rs": "pub trait Store { fn find(&self); }\npub struct Postgres;\nimpl Store for Postgres { fn find(&self) {} }\n",
    }
    assert places(files, "src/main.rs", "find") == ["src/store.rs:3"] * 2


def test_inline_modules_enums_and_tables_give_their_names() -> None:
    files = {
        "src/lib.rs": "mod schema;\npub mod api { pub fn ping() {}\n"
        "  pub mod inner { use super::ping;\n    pub fn g() { ping(); super::super::top(); }\n  } }\n"
        "fn top() {}\nuse api::inner;\nfn f() { inner::g(); api::ping(); }\n",
        "src/schema.rs": "diesel::table! { users (id) { id -> Int4, name -> Text, } }\n",
        "src/query.rs": "use crate::schema::users;\nuse crate::schema::users::dsl::*;\n"
        "fn f() { users::table.load(c); users.first(c); name.eq(1); other.eq(2); }\n",
    }
    assert places(files, "src/lib.rs", "g") == ["src/lib.rs:4"]
    assert places(files, "src/lib.rs", "ping") == ["src/lib.rs:2"] * 2
    assert places(files, "src/lib.rs", "top") == ["src/lib.rs:6"]
    assert places(files, "src/query.rs", "load") == ["diesel.Table.table.load"]
    assert places(files, "src/query.rs", "eq") == ["diesel.Table.dsl.name.eq", "~other.eq"]


def test_what_a_variant_holds_is_a_part_of_the_value_not_the_value() -> None:
    files = {
        "src/main.rs": (
            "mod db;\npub struct Session { user: db::User }\npub enum Login { Cookie(Session), Token(db::User) }\n"
            "impl Login {\n  pub fn user(&self) -> &db::User {\n"
            "    match self { Login::Cookie(c) => &c.user, Self::Token(t) => t }\n  }\n}\n"
            "fn show(login: Login) { login.user().rename(); }\n"
        ),
        "src/db.rs": "pub struct User { id: i32 }\nimpl User {\n  pub fn rename(&self) {}\n}\n",
    }
    assert places(files, "src/main.rs", "rename") == ["src/db.rs:3"]


def test_a_written_parameter_is_of_its_type_though_a_package_gave_the_value() -> None:
    files = {
        "src/main.rs": (
            "mod db;\nuse pool::Rows;\nfn show(rows: Rows) { let (first, _) = rows.pair(); rename(&first); }\n"
            "fn rename(user: &db::User) { user.rename(); }\n"
        ),
        "src/db.rs": "pub struct User { id: i32 }\nimpl User {\n  pub fn rename(&self) {}\n}\n",
    }
    assert places(files, "src/main.rs", "rename")[-1] == "src/db.rs:3"
