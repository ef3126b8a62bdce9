"""Names of Go across files: packages, methods in several files, embedded and implemented types, several results."""

from __future__ import annotations

from tests.graph.test_evaluate import value_of
from tests.rules.small_repository import tracer_of

from backend_readiness.graph.evaluation.params import bind
from backend_readiness.graph.values import AV, Const, Ext, FuncV, InstV, Site, options

MOD = {"go.mod": "module example.org/shop/v2\n\ngo 1.22\n"}


def callees(files: dict[str, str], file: str, name: str) -> list[AV]:
    """What the calls of `name` in a file may run."""
    tracer = tracer_of(MOD | files)
    view = tracer.graph.view(file)
    return [
        v
        for n in view.calls_by_name[name]
        for v in options(tracer.graph.ev.value(view.facts.calls[n].callee, file, view.facts.calls[n].owner))
    ]


def functions(files: dict[str, str], file: str, name: str) -> list[str]:
    tracer = tracer_of(MOD | files)
    found = callees(files, file, name)
    return [f"{v.symbol.file}:{tracer.graph.view(v.symbol.file).symbol(v.symbol.index).line}" for v in found if isinstance(v, FuncV)]


def test_a_name_of_the_package_is_found_in_its_other_files_and_through_an_import() -> None:
    files = {
        "store/open.go": "package store\nfunc Open() {}\n",
        "store/use.go": "package store\nfunc use() { Open() }\n",
        "main.go": 'package main\nimport "example.org/shop/v2/store"\nfunc main() { store.Open() }\n',
        "other/open.go": "package other\nfunc Open() {}\n",
    }
    assert functions(files, "store/use.go", "Open") == ["store/open.go:2"]
    assert functions(files, "main.go", "Open") == ["store/open.go:2"]


def test_a_package_that_is_not_called_like_its_folder_is_found_by_its_name() -> None:
    files = {
        "internal/api/v1/routes.go": "package v1\nfunc Routes() {}\n",
        "main.go": 'package main\nimport "example.org/shop/v2/internal/api/v1"\nfunc main() { v1.Routes() }\n',
    }
    assert functions(files, "main.go", "Routes") == ["internal/api/v1/routes.go:2"]


def test_versions_of_outside_modules_are_no_part_of_their_names() -> None:
    files = {"main.go": 'package main\nimport "github.com/labstack/echo/v4"\nvar app = echo.New()\n'}
    value = value_of(MOD | files, "main.go", "app")
    assert isinstance(value, Ext)
    assert value.path == "github.com/labstack/echo.New()"


def test_methods_of_a_type_are_found_in_every_file_of_its_package() -> None:
    files = {
        "a.go": "package shop\ntype Server struct { db *DB }\nfunc (s *Server) Start() { s.Stop() }\n",
        "b.go": "package shop\nfunc (s *Server) Stop() { s.db.Close() }\n",
        "c.go": "package shop\ntype DB struct{}\nfunc (d *DB) Close() {}\n",
    }
    assert functions(files, "a.go", "Stop") == ["b.go:2"]
    assert functions(files, "b.go", "Close") == ["c.go:3"]


def test_an_embedded_type_brings_its_methods() -> None:
    files = {"a.go": "package a\ntype Base struct{}\nfunc (b *Base) Run() {}\ntype Top struct { *Base }\nfunc f(t *Top) { t.Run() }\n"}
    assert functions(files, "a.go", "Run") == ["a.go:3"]


def test_an_interface_leads_to_the_type_that_has_its_methods() -> None:
    files = {
        "store.go": "package a\ntype Store interface {\n Find(id int) string\n Save(id int)\n}\nfunc f(s Store) { s.Find(1) }\n",
        "sql.go": "package a\ntype sqlStore struct{}\nfunc (s *sqlStore) Find(id int) string { return q() }\n"
        "func (s *sqlStore) Save(id int) {}\n",
        "half.go": "package a\ntype half struct{}\nfunc (h half) Find(id int) string { return q() }\n",
        "store_test.go": "package a\ntype fake struct{}\nfunc (f fake) Find(id int) string { return q() }\nfunc (f fake) Save(id int) {}\n",
    }
    assert functions(files, "store.go", "Find") == ["sql.go:3"]


def test_of_several_implementations_the_one_that_is_passed_in_is_meant() -> None:
    files = {
        "a.go": """package a
type Mailer interface { Send() error }
type smtp struct{}
func (s smtp) Send() error { return dial() }
type memory struct{}
func (m memory) Send() error { return nil }
type Shop struct { mailer Mailer }
func NewShop(m Mailer) *Shop { return &Shop{mailer: m} }
func main() {
    shop := NewShop(&smtp{})
    shop.mailer.Send()
}
"""
    }
    assert functions(files, "a.go", "Send") == ["a.go:4"]


def test_each_of_several_results_has_its_own_value() -> None:
    files = {
        "a.go": """package a
type User struct{}
func (u *User) Name() {}
func find(id int) (*User, error) {
    if id == 0 { return nil, errNone }
    return &User{}, nil
}
func open() (*User, error) { return remote(1) }
func f() {
    u, err := find(1)
    u.Name()
    o, _ := open()
    o.Name()
    err.Error()
}
"""
    }
    assert functions(files, "a.go", "Name") == ["a.go:3", "a.go:3"]
    assert functions(files, "a.go", "Error") == []


def test_assertions_makes_elements_and_shadowed_names() -> None:
    files = {
        "a.go": """package a
import "example.org/shop/v2/user"
type User struct{}
func (u *User) Name() {}
func f(v any, all []*User, byName map[string]User) {
    v.(*User).Name()
    for _, u := range all { u.Name() }
    byName["x"].Name()
    new(User).Name()
    user := user.Open()
    user.Close()
}
""",
        "user/user.go": "package user\ntype Store struct{}\nfunc (s Store) Close() {}\nfunc Open() Store { return Store{} }\n",
    }
    assert functions(files, "a.go", "Name") == ["a.go:4"] * 4
    assert functions(files, "a.go", "Close") == ["user/user.go:3"]


def test_constants_of_another_package_and_format_strings_are_folded() -> None:
    files = {
        "paths/paths.go": 'package paths\nconst Base = "/api"\n',
        "a.go": 'package a\nimport (\n "fmt"\n "example.org/shop/v2/paths"\n)\nvar full = fmt.Sprintf("%s/v%d", paths.Base, 1)\n',
    }
    assert value_of(MOD | files, "a.go", "full") == Const("/api/v1")


def test_a_literal_is_an_instance_whose_fields_are_what_it_gives() -> None:
    files = {
        "a.go": "package a\ntype Conf struct { Host, Port string }\n"
        'var c = &Conf{"local", "80"}\nvar d = Conf{Port: "81"}\nvar p = c.Port + d.Port\n'
    }
    assert isinstance(value_of(files, "a.go", "c"), InstV)
    assert value_of(files, "a.go", "p") == Const("8081")


def test_a_call_of_nothing_known_is_unresolved() -> None:
    found = callees({"a.go": "package a\nfunc f(x any) { x.Run() }\n"}, "a.go", "Run")
    assert not [v for v in found if isinstance(v, FuncV)]


def test_a_field_that_is_called_like_a_package_does_not_hide_it() -> None:
    files = {
        "a.go": 'package a\nimport "example.org/shop/v2/http"\ntype S struct { http http.Client }\nfunc (s *S) f() { s.http.Do() }\n',
        "http/http.go": "package http\ntype Client struct{}\nfunc (c Client) Do() {}\n",
    }
    assert functions(files, "a.go", "Do") == ["http/http.go:3"]


def test_a_method_whose_name_stands_in_many_files_is_still_known_by_its_calls() -> None:
    """`Post` is what a forum is about: the files that only name it are no reason to give up on those that call it."""
    files = {
        f"posts/p{i}.go": f"package posts\ntype P{i} struct {{ Post string }}\nfunc F{i}(p P{i}) string {{ return p.Post }}\n"
        for i in range(80)
    }
    files["web/engine.go"] = (
        'package web\nimport ("net/http"; "github.com/julienschmidt/httprouter")\n'
        "type Context struct { Name string }\ntype HandlerFunc func(c *Context) error\n"
        "type Engine struct { mux *httprouter.Router }\n"
        "func New() *Engine { return &Engine{mux: httprouter.New()} }\n"
        'func (e *Engine) Post(path string, handler HandlerFunc) { e.mux.Handle("POST", path, e.handle(handler)) }\n'
        "func (e *Engine) handle(handler HandlerFunc) httprouter.Handle {\n"
        "  return func(w http.ResponseWriter, r *http.Request, ps httprouter.Params) { handler(&Context{}) }\n}\n"
    )
    files["main.go"] = (
        'package main\nimport "shop/web"\n'
        'func main() {\n  e := web.New()\n  e.Post("/orders", create)\n}\n'
        "func create(c *web.Context) error { return nil }\n"
    )
    files["go.mod"] = "module shop\n"
    assert [str(b.route.endpoint) for b in tracer_of(files).routes] == ["POST /orders"]


def test_what_an_unknown_function_makes_is_of_the_type_that_the_parameter_says() -> None:
    head = 'package shop\nimport (\n"database/sql"\n"example.org/kit"\n)\ntype server struct{ db *sql.DB }\n'
    code = (
        "func (s *server) connect() { s.db = kit.Connect() }\n"
        "func store(db *sql.DB, name string) *sql.DB { return db }\n"
        "func (s *server) run() { store(s.db, kit.Name()) }\n"
    )
    graph = tracer_of({"shop.go": head + code}).graph
    view = graph.view("shop.go")
    [number] = view.calls_by_name["store"]
    call = view.facts.calls[number]
    [function] = [v for v in options(graph.ev.value(call.callee, "shop.go", call.owner)) if isinstance(v, FuncV)]
    args = bind(graph.ev, function, view.symbol(function.symbol.index), Site("shop.go", number, None)).args
    assert [v.path for v in args.values() if isinstance(v, Ext)] == ["database/sql.DB()", "example.org/kit.Name()"]
