"""Go as facts: definitions, statements, imports and comments."""

from __future__ import annotations

import pytest
from tests.facts.go_source import body_of, facts_of, show

from backend_readiness.facts.languages.go import SUFFIXES, extract
from backend_readiness.facts.languages.go.files import local_name

ASSIGNS = [
    ("x := 1\n{\nx := x\n_ = x\n}\n_ = x", ["let x = 1 : -", "let x'69 = x : -", "assign _ = x'69 : -", "assign _ = x : -"]),
    ("{\nx := 1\n_ = x\n}", ["let x = 1 : -", "assign _ = x : -"]),
    ("x := 1", ["let x = 1 : -"]),
    ("x, y := 1, f()", ["let x = 1 : -", "let y = f() : -"]),
    ("x, err := f()", ["let x = (result f() 0) : -", "let err = (result f() 1) : -"]),
    ("v, ok := m[in]", ["let v = m[in] : -", "let ok = - : -"]),
    ("u, ok := v.(*User)", ["let u = (as v User) : -", "let ok = - : -"]),
    ("var x *db.Conn", ["let x = - : db.Conn"]),
    ("var a, b []User", ["let a = - : [][User]", "let b = - : [][User]"]),
    ("var m map[string]*User = nil", ["let m = None : map[[string, User]]"]),
    ("const a, b = 1, 2", ["const a = 1 : -", "const b = 2 : -"]),
    ("s.name = in", ["assign self.name = in : -"]),
    ("x += 2", ["aug x = 2 : -"]),
    ("x++", ["aug x = 1 : -"]),
    ("for i, v := range items {}", ["for i = (keys items) : -", "for v = items : -"]),
    ("for i := 0; i < 3; i++ {}", ["let i = 0 : -", "aug i = 1 : -"]),
    ("if u := f(); u != nil {}", ["let u = f() : -"]),
    ("switch t := in.(type) {\ncase *User:\ncase int, string:\n}", ["let t = in : -", "let t = - : User"]),
    ("select {\ncase v := <-c:\n}", ["let v = c[None] : -"]),
    ("h := func(c int) {}", ["let h = λ3 : -"]),
]


@pytest.mark.parametrize("source,expected", ASSIGNS, ids=[source for source, _ in ASSIGNS])
def test_a_binding_becomes_an_assign(source: str, expected: list[str]) -> None:
    facts = body_of(source)
    shown = [f"{a.kind} {show(a.target, facts)} = {show(a.value, facts)} : {show(a.type, facts)}" for a in facts.assigns]
    assert shown == expected


VALUES = [
    ('"/a" + "/b" + in', "`/a/b{in}`"),
    ('fmt.Sprintf("/orders/%s/%05d%%", in, n)', "`/orders/{in}/{n}%`"),
    ("`raw\\n`", "'raw\\\\n'"),
    (r'"\t\u00e9\x41"', "'\\té' + 'A'".replace("' + '", "")),
    ("0x1F + 1_000", "(+ 31 1000)"),
    ("-3", "-3"),
    ("!s.done && x", "(and (not self.done) x)"),
    ("[]byte(in)", "in"),
    ("&User{Name: in}", "User(Name=in)"),
    ("shop.User{1, in}", "shop.User(1, in)"),
    ('[]Route{{"GET", h}, {Method: "POST"}}', "[Route('GET', h), Route(Method='POST')]"),
    ('map[string]Route{"a": {Method: in}}', "{a: Route(Method=in)}"),
    ('gin.H{"a": 1, key: 2}', "{a: 1, [key]: 2}"),
    ('bson.D{{"a", 1}}', "bson.D(['a', 1])"),
    ("make([]User, 0, n)", "(as None [][User])"),
    ("[]*User{}", "(as None [][User])"),
    ("new(User)", "User()"),
    ("s.find(in)[0].Name", "self.find(in)[0].Name"),
    ("x[1:n]", "x[(: 1 n)]"),
    ("parse[Order](in)", "parse(in)"),
    ("pair[Order, User](in, 1)", "pair(in, 1)"),
    ("append(x, y...)", "append(x, *y)"),
    ("<-c", "c[None]"),
]


@pytest.mark.parametrize("source,expected", VALUES, ids=[source for source, _ in VALUES])
def test_an_expression_becomes_a_value(source: str, expected: str) -> None:
    facts = body_of(f"x := {source}")
    assert show(facts.assigns[-1].value, facts) == expected


def test_a_struct_is_a_class_with_its_embedded_types_as_bases_and_its_tags_as_decorator_calls() -> None:
    facts = facts_of(
        """
        type User struct {
            *Base
            gorm.Model
            Name, Nick string `json:"name" binding:"required,max=8"`
        }
        """
    )
    user = facts.symbols[1]
    assert (user.kind, user.name, [show(b, facts) for b in user.bases]) == ("class", "User", ["Base", "gorm.Model"])
    assert [show(a.target, facts) for a in facts.assigns if a.kind == "field"] == ["Base", "Model", "Name", "Nick"]
    assert [(show(c.callee, facts), show(c.args[0].value, facts), c.kind) for c in facts.calls] == [
        ("tag:json", "'name'", "decorator"),
        ("tag:binding", "'required,max=8'", "decorator"),
    ]
    field = facts.assigns[-1]
    assert all(field.start <= c.start and c.end <= field.end for c in facts.calls)


def test_annotations_in_the_comment_of_a_function_are_decorators_and_those_with_a_capital_are_not() -> None:
    facts = facts_of(
        """
        // @router /unattached [get]

        // List gives orders.
        // @Summary all orders
        // @router /orders/:id [get,post]
        func (c *Orders) List() {}

        // See @router for more.
        func other() {}
        """
    )
    (call,) = facts.calls
    assert (show(call.callee, facts), show(call.args[0].value, facts), call.kind) == ("doc:router", "'/orders/:id [get,post]'", "decorator")
    assert [s.name for s in facts.symbols if s.decorators] == ["List"]


def test_methods_belong_to_the_class_of_their_receiver_wherever_it_is_declared() -> None:
    facts = facts_of(
        """
        func (s Shop) Open() {}
        type Shop struct{}
        func (o *Other[T]) Close() error { return o.x }
        """
    )
    by_name = {s.name: s for s in facts.symbols}
    assert facts.symbols[by_name["Open"].parent].name == "Shop"
    assert not by_name["Shop"].partial
    assert by_name["Other"].partial
    assert facts.symbols[by_name["Close"].parent].name == "Other"
    assert [p.name for p in by_name["Close"].params] == ["self"]
    assert show(facts.returns[0].value, facts) == "self.x"
    index = extract(b"package a\nfunc (o Other) Close() {}\n", "file.go").index()
    assert [(d.name, d.kind) for d in index.definitions] == [("Other", "partial"), ("Close", "method")]


def test_an_interface_lists_its_methods_without_bodies() -> None:
    facts = facts_of("type Store interface {\n io.Closer\n Find(ctx context.Context, id int) (*User, error)\n}\n")
    store, find = facts.symbols[1], facts.symbols[2]
    assert (store.kind, [show(b, facts) for b in store.bases]) == ("interface", ["io.Closer"])
    assert (find.kind, find.parent, find.statements, show(find.returns, facts)) == ("method", 1, 0, "[User, error]")
    assert [(p.name, show(p.type, facts)) for p in find.params] == [("self", "-"), ("ctx", "context.Context"), ("id", "int")]


def test_types_behind_a_name_and_aliases() -> None:
    facts = facts_of("type Handler func(int)\ntype Local = web.Context\ntype ID uuid.UUID\n")
    assert [(s.name, [show(b, facts) for b in s.bases]) for s in facts.symbols[1:]] == [("Handler", []), ("ID", ["uuid.UUID"])]
    assert [(show(a.target, facts), show(a.value, facts)) for a in facts.assigns] == [("Local", "web.Context")]


def test_returns_panics_and_blocks() -> None:
    facts = body_of('if in == "" {\n panic("none")\n} else if x {\n} else {\n return 0, nil\n}\ndefer s.close()\nreturn find(in)')
    assert [show(r.value, facts) for r in facts.returns] == ["[0, None]", "find(in)"]
    assert [show(t.value, facts) for t in facts.throws] == ["'none'"]
    assert [(b.kind, b.empty) for b in facts.blocks] == [("if", False), ("if", True), ("else", False), ("finally", False)]


def test_named_results_are_what_a_bare_return_gives() -> None:
    facts = facts_of("func f() (n int, err error) {\n n = 1\n return\n}\n")
    assert show(facts.returns[0].value, facts) == "[n, err]"
    assert [(show(a.target, facts), show(a.type, facts)) for a in facts.assigns[:2]] == [("n", "int"), ("err", "error")]


def test_imports_and_the_names_they_bind() -> None:
    facts = facts_of('import (\n "net/http"\n e "github.com/labstack/echo/v4"\n _ "github.com/lib/pq"\n . "fmt"\n)\n')
    assert [(i.module, i.name, i.local) for i in facts.imports] == [
        ("net/http", None, "http"),
        ("github.com/labstack/echo/v4", None, "e"),
        ("github.com/lib/pq", None, None),
        ("fmt", "*", None),
    ]


LOCAL_NAMES = [
    ("github.com/go-chi/chi/v5", "chi"),
    ("gopkg.in/yaml.v3", "yaml"),
    ("github.com/redis/go-redis/v9", "redis"),
    ("github.com/mattn/go-sqlite3", "sqlite3"),
    ("github.com/golang-jwt/jwt-go", "jwt"),
    ("github.com/appleboy/gin-jwt", "jwt"),
    ("net/http", "http"),
]


@pytest.mark.parametrize("module,expected", LOCAL_NAMES)
def test_the_name_of_an_imported_package_is_its_last_element_without_version(module: str, expected: str) -> None:
    assert local_name(module) == expected


def test_the_package_the_documentation_and_the_marked_comments_are_kept() -> None:
    builder = extract(b"package shop\n\n// Open opens.\n// It is.\nfunc Open() {\n // TODO: write\n // fine\n}\n", "file.go")
    assert builder.index().package == "shop"
    assert builder.facts().symbols[1].doc == "Open opens."
    assert [(c.text, c.line) for c in builder.facts().comments] == [("TODO: write", 6)]


def test_a_file_with_errors_keeps_the_facts_of_the_rest() -> None:
    builder = extract(b"package a\nfunc f() { x := }\nfunc g() { h() }\n", "file.go")
    assert builder.errors > 0
    assert "g" in [s.name for s in builder.facts().symbols]
    assert SUFFIXES == {".go": "go"}
