"""Statements and definitions of Python as facts."""

from __future__ import annotations

from textwrap import dedent

import pytest
from tests.facts.python_source import facts_of, show

from backend_readiness.facts.languages.python import SUFFIXES, extract

ASSIGNS = [
    ("x = 1", ["let x = 1 : -"]),
    ("a = b = f()", ["let a = f() : -", "let b = f() : -"]),
    ("a, (b, *c) = d, e", ["let [a, [b, (* c)]] = [d, e] : -"]),
    ("x: int = 5", ["let x = 5 : int"]),
    ("x: 'User'", ["let x = - : User"]),
    ("x: Mapped[list['Order']] = relationship()", ["let x = relationship() : Mapped[list[Order]]"]),
    ("x: 'app.User | None' = None", ["let x = None : (| app.User None)"]),
    ("x: Literal['a', 'b']", ["let x = - : Literal[['a', 'b']]"]),
    ("x: Annotated['User', 'doc']", ["let x = - : Annotated[[User, 'doc']]"]),
    ("x: dict[str, t.Optional['User']]", ["let x = - : dict[[str, t.Optional[User]]]"]),
    ("x: 'not a (type)'", ["let x = - : 'not a (type)'"]),
    ("x += 1", ["aug x = 1 : -"]),
    ("a.b = 1", ["assign a.b = 1 : -"]),
    ("a['k'] = 1", ["assign a['k'] = 1 : -"]),
    ("if (n := f()): pass", ["walrus n = f() : -"]),
    ("for i, j in items: pass", ["for [i, j] = items : -"]),
    ("with open(p) as f, lock: pass", ["with f = open(p) : -"]),
    ("with (a() as b, c as d.e): pass", ["with b = a() : -", "with d.e = c : -"]),
    ("[x for x in y for z in x]", ["for x = y : -", "for z = x : -"]),
    ("class A:\n    x: int\n    y = 1\n    z: str = 'a'", ["field x = - : int", "field y = 1 : -", "field z = 'a' : str"]),
    ("def f():\n    global x\n    x = y = 1", ["assign x = 1 : -", "let y = 1 : -"]),
    ("class A:\n    def f(self):\n        self.x: int = 1", ["assign self.x = 1 : int"]),
    ("x = await f()", ["let x = await f() : -"]),
    ("type Pair = tuple[int, int]", ["let Pair = tuple[[int, int]] : -"]),
]


@pytest.mark.parametrize("source,expected", ASSIGNS, ids=[source for source, _ in ASSIGNS])
def test_a_binding_becomes_an_assign(source: str, expected: list[str]) -> None:
    facts = facts_of(source)
    shown = [f"{a.kind} {show(a.target, facts)} = {show(a.value, facts)} : {show(a.type, facts)}" for a in facts.assigns]
    assert shown == expected


IMPORTS = [
    ("import a", [("a", None, "a")]),
    ("import a.b", [("a", None, "a"), ("a.b", None, None)]),
    ("import a.b as c, d", [("a.b", None, "c"), ("d", None, "d")]),
    ("from a.b import c", [("a.b", "c", "c")]),
    ("from a import (b as c,  # why\n    d)", [("a", "b", "c"), ("a", "d", "d")]),
    ("from . import models", [(".", "models", "models")]),
    ("from ..core.config import settings", [("..core.config", "settings", "settings")]),
    ("from a import *", [("a", "*", None)]),
    ("from __future__ import annotations", [("__future__", "annotations", "annotations")]),
    ("if TYPE_CHECKING:\n    from a import B", [("a", "B", "B")]),
]


@pytest.mark.parametrize("source,expected", IMPORTS, ids=[source for source, _ in IMPORTS])
def test_an_import_binds_its_local_name(source: str, expected: list[tuple[str, str | None, str | None]]) -> None:
    assert [(i.module, i.name, i.local) for i in facts_of(source).imports] == expected


def test_an_import_inside_a_function_belongs_to_it() -> None:
    facts = facts_of("def f():\n    import a\n")
    assert [(i.owner, i.line) for i in facts.imports] == [(1, 2)]


BLOCKS = [
    ("if a: pass\nelif b: f()\nelse: ...", ["if a 1-1 empty", "if b 2-2", "else - 3-3 empty"]),
    ("for i in range(3):\n    f()\nelse:\n    g()", ["loop range(3) 1-2", "else - 3-4"]),
    ("while True:\n    f()", ["loop True 1-2"]),
    ("with a(), b as c:\n    f()", ["with [a(), b] 1-2"]),
    (
        "try:\n    f()\nexcept (A, b.C) as e:\n    pass  # nothing\nexcept D:\n    raise\n"
        "except:\n    g()\nelse:\n    h()\nfinally:\n    i()",
        ["try - 1-2", "catch [A, b.C] as e 3-4 empty", "catch D 5-6", "catch - 7-8", "else - 9-10", "finally - 11-12"],
    ),
    ("try:\n    f()\nexcept* A as e:\n    g()", ["try - 1-2", "catch A as e 3-4"]),
    ("try:\n    f()\nexcept A, e:\n    g()", ["try - 1-2", "catch A as e 3-4"]),
    (
        "match x.kind:\n    case 'a' | 'b':\n        f()\n"
        "    case Kind.C if ok():\n        g()\n    case -1: pass\n    case User(id=1): pass\n    case _: pass",
        ["switch x.kind 1-8", "case <'a' | 'b'> 2-3", "case Kind.C 4-5", "case -1 6-6 empty", "case User 7-7 empty", "case _ 8-8 empty"],
    ),
]


@pytest.mark.parametrize("source,expected", BLOCKS, ids=[source.split(":")[0] for source, _ in BLOCKS])
def test_a_compound_statement_becomes_blocks(source: str, expected: list[str]) -> None:
    facts = facts_of(source)
    shown = [
        f"{b.kind} {show(b.subject, facts)}{f' as {b.name}' if b.name else ''} {b.line}-{b.end_line}{' empty' if b.empty else ''}"
        for b in facts.blocks
    ]
    assert shown == expected
    assert facts.errors == 0


def test_an_if_block_ends_before_its_else() -> None:
    source = "if a:\n    f()\nelse:\n    g()\n"
    first, second = facts_of(source).blocks
    assert source[first.start : first.end].strip() == "if a:\n    f()"
    assert source[second.start : second.end] == "else:\n    g()"


def test_returns_yields_and_raises_are_collected_with_their_owner() -> None:
    facts = facts_of(
        """
        def f(x):
            yield x
            y = yield
            yield from g(x)
            if x:
                raise HTTPException(404) from error
            raise
            return x, 1
        """
    )
    assert [(show(r.value, facts), r.owner, r.line) for r in facts.returns] == [
        ("x", 1, 3),
        ("-", 1, 4),
        ("g(x)", 1, 5),
        ("[x, 1]", 1, 9),
    ]
    assert [(show(t.value, facts), t.line) for t in facts.throws] == [("HTTPException(404)", 7), ("-", 8)]


ROUTE = dedent(
    '''
    from fastapi import Depends

    @router.post("/users/{id}", status_code=201)
    @login_required
    async def create_user(
        id: int,
        body: "UserIn",
        db: Annotated[Session, Depends(get_db)],
        user: User = Depends(current_user),
        *args: int,
        limit: Annotated[int, Query(ge=1)] = 50,
        **extra,
    ) -> "UserOut":
        """Create a user.

        More words.
        """
        # TODO check the quota
        async with db.begin():
            await db.execute(insert(User))
        return user
    '''
).lstrip()


def test_a_fastapi_route_keeps_decorators_parameters_and_span() -> None:
    facts = facts_of(ROUTE)
    symbol = facts.symbols[1]
    assert (symbol.kind, symbol.name, symbol.parent, symbol.is_async, symbol.statements) == ("function", "create_user", 0, True, 2)
    assert symbol.doc == "Create a user."
    assert (symbol.line, symbol.end_line) == (5, 21)
    assert ROUTE[symbol.start : symbol.end].startswith("async def create_user(")
    assert [show(d, facts) for d in symbol.decorators] == ["router.post('/users/{id}', status_code=201)", "login_required"]
    assert show(symbol.returns, facts) == "UserOut"
    assert [f"{p.kind}{p.name}: {show(p.type, facts)} = {show(p.default, facts)}" for p in symbol.params] == [
        "id: int = -",
        "body: UserIn = -",
        "db: Annotated[[Session, Depends(get_db)]] = -",
        "user: User = Depends(current_user)",
        "*args: int = -",
        "limit: Annotated[[int, Query(ge=1)]] = 50",
        "**extra: - = -",
    ]
    assert [(c.text, c.line) for c in facts.comments] == [("TODO check the quota", 18)]


def test_a_decorator_call_belongs_to_the_enclosing_scope_and_a_default_to_the_function() -> None:
    facts = facts_of(ROUTE)
    owners = {show(c.callee, facts): (c.kind, c.owner, c.line) for c in facts.calls}
    assert owners["router.post"] == ("decorator", 0, 3)
    assert owners["Depends"] == ("call", 1, 9)
    assert owners["Query"] == ("call", 1, 11)
    assert owners["db.begin"] == ("call", 1, 19)


CLASS = """
class Orders(generics.ListAPIView, Base[Order], metaclass=Meta, table=make()):
    '''Orders of a shop.'''
    queryset = Order.objects.all()
    timeout: int

    @action(detail=True)
    def pay(self, request, pk=None):
        def later(self):
            return self.x
        return self.queryset.get(pk=pk)

    @classmethod
    def build(cls, **kw):
        return [cls(x) for x in kw], (lambda cls: cls.y), (lambda: cls.z)

    @staticmethod
    def plain(cls): return cls.a

    async def other(this): return this.b

    class Meta:
        ordering = ["id"]
"""


def test_a_class_keeps_bases_members_and_doc() -> None:
    facts = facts_of(CLASS)
    assert [(s.kind, s.name, s.parent) for s in facts.symbols] == [
        ("module", "", -1),
        ("class", "Orders", 0),
        ("method", "pay", 1),
        ("function", "later", 2),
        ("method", "build", 1),
        ("lambda", "", 4),
        ("lambda", "", 4),
        ("method", "plain", 1),
        ("method", "other", 1),
        ("class", "Meta", 1),
    ]
    orders = facts.symbols[1]
    assert [show(base, facts) for base in orders.bases] == ["generics.ListAPIView", "Base[Order]"]
    assert (orders.doc, orders.statements) == ("Orders of a shop.", 7)
    assert [s.name for s in facts.symbols if s.is_static] == ["plain"]
    assert [(a.kind, show(a.target, facts), a.owner) for a in facts.assigns if a.kind == "field"] == [
        ("field", "queryset", 1),
        ("field", "timeout", 1),
        ("field", "ordering", 9),
    ]
    owners = {show(c.callee, facts): c.owner for c in facts.calls}
    assert (owners["make"], owners["action"], owners["Order.objects.all"]) == (0, 1, 1)


def test_the_receiver_of_a_method_is_written_self_and_nothing_else_is() -> None:
    facts = facts_of(CLASS)
    returned = {(facts.symbols[r.owner].name, show(r.value, facts)) for r in facts.returns}
    assert ("pay", "self.queryset.get(pk=pk)") in returned
    assert ("later", "self.x") in returned
    assert ("build", "[[self(x)], λ5, λ6]") in returned
    assert ("", "cls.y") in returned
    assert ("", "self.z") in returned
    assert ("plain", "cls.a") in returned
    assert ("other", "this.b") in returned
    assert [s.params[0].name for s in facts.symbols if s.name in ("pay", "build", "plain", "other")] == ["self", "self", "cls", "this"]


def test_a_decorated_class_and_method_spans_leave_decorators_out() -> None:
    source = "@dataclass(frozen=True)\nclass A:\n    @property\n    def x(self): return 1\n"
    facts = facts_of(source)
    assert [source[s.start : s.end].split("(")[0].split(":")[0] for s in facts.symbols[1:]] == ["class A", "def x"]
    assert [(c.kind, c.start, c.end) for c in facts.calls] == [("decorator", 0, 23)]


def test_a_django_urlconf_keeps_its_routes_in_order() -> None:
    facts = facts_of(
        """
        urlpatterns = [
            path("orders/<int:pk>/", views.OrderView.as_view(), name="order"),
            *router.urls,
        ] + static(settings.MEDIA_URL)
        urlpatterns += [re_path(r"^x/(?P<id>[0-9]+)$", views.x)]
        """
    )
    assert [show(a.value, facts) for a in facts.assigns] == [
        "(+ [path('orders/<int:pk>/', views.OrderView.as_view(), name='order'), (* router.urls)] static(settings.MEDIA_URL))",
        "[re_path('^x/(?P<id>[0-9]+)$', views.x)]",
    ]


def test_module_docstring_and_statement_count_stand_on_the_module() -> None:
    module = facts_of('"""What it is.\n\nMore."""\nx = 1\nf()\n').symbols[0]
    assert (module.doc, module.statements) == ("What it is.", 2)


def test_only_telling_comments_are_kept_and_strings_are_no_comments() -> None:
    facts = facts_of('x = "# TODO not this"\n# plain words\ny = 1  # FIXME: leaks\n#: stub\n# nosec B101\n')
    assert [(c.text, c.line) for c in facts.comments] == [("FIXME: leaks", 3), (": stub", 4), ("nosec B101", 5)]


def test_python_2_print_is_a_call() -> None:
    facts = facts_of("print 'a', b\nprint >>log, f(x)\n")
    assert [show(c.callee, facts) for c in facts.calls] == ["print", "f", "print"]


def test_names_hold_identifiers_members_imports_keywords_and_quoted_types() -> None:
    index = extract(b"import os.path as p\nx: 'User' = a.b(key=c)\ndef f(d): pass\n", "x.py").index()
    assert {"p", "x", "User", "a", "b", "key", "c", "f", "d"} <= set(index.names)
    assert "" not in index.names
    assert index.modules == ("os.path",)
    assert [(d.name, d.kind) for d in index.definitions] == [("f", "function"), ("x", "variable")]


def test_byte_offsets_hold_in_text_that_is_not_ascii() -> None:
    source = "# größer\nname = 'ß' + größe(é)\n".encode()
    facts = extract(source, "x.py").facts()
    call = facts.calls[0]
    assert source[call.start : call.end].decode() == "größe(é)"
    assert show(facts.assigns[0].value, facts) == "`ß{größe(é)}`"


def test_both_suffixes_of_python_are_claimed() -> None:
    assert SUFFIXES == {".py": "python", ".pyi": "python"}
