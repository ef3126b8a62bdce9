"""Functions, classes, interfaces, enums and their members as symbols and fields."""

from __future__ import annotations

import pytest
from tests.facts.javascript_show import facts_of, show, show_assign, show_call, show_param

from backend_readiness.facts.model import FileFacts, Symbol

NAMES = {
    "function save() {}": "function save",
    "async function* save() {}": "function save",
    "const save = () => 1": "function save",
    "const save = function other() {}": "function save",
    "const save = (async () => 1) as Handler": "function save",
    "export const save = async () => 1": "function save",
    "export default function save() {}": "function save",
    "export default function () {}": "lambda ",
    "export default () => 1": "lambda ",
    "save(() => 1)": "lambda ",
    "save(function inner() {})": "lambda inner",
    "const save = wrap(async () => 1)": "lambda ",
    "api = { save() {} }": "lambda save",
    "api = { 'save-it': () => 1 }": "lambda save-it",
    "exports.save = async () => 1": "lambda save",
    "module.exports.save = function () {}": "lambda save",
    "module.exports = { save: function () {} }": "lambda save",
    "module.exports = () => 1": "lambda ",
    "module.exports = function save() {}": "lambda save",
    "Foo.prototype.save = function () {}": "lambda save",
    "this.save = (req, res) => {}": "lambda save",
    "table['save'] = () => 1": "lambda save",
    "save = () => 1": "lambda save",
    "class Foo {}": "class Foo",
    "const Foo = class {}": "class Foo",
    "export default class extends Base {}": "class ",
    "module.exports = class Foo {}": "class Foo",
    "abstract class Foo {}": "class Foo",
    "interface Foo {}": "interface Foo",
    "type Foo = string": "type Foo",
    "enum Foo {}": "enum Foo",
    "declare function save(): void": "function save",
    "namespace Foo {}": "module Foo",
}


@pytest.mark.parametrize("source", NAMES)
def test_a_definition_gets_the_name_by_which_it_is_reached(source: str) -> None:
    facts = facts_of(source)
    assert facts.errors == 0
    assert [f"{s.kind} {s.name}" for s in facts.symbols[1:]] == [NAMES[source]]


PARAMS = {
    "(a, b = 1, ...c) => 1": ["a", "b = 1", "*c"],
    "a => 1": ["a"],
    "({id, name: n = 'x'}, [first]) => 1": ["{id: id, name: n}", "[first]"],
    "(this: App, a: A, b?: B, c: C = make(), ...d: D[]) => 1": ["a: A", "b: B", "c: C = make()", "*d: Array[D]"],
    "({id}: Props = {}) => 1": ["{id: id}: Props = {}"],
}


@pytest.mark.parametrize("path", ["a.js", "a.ts"])
@pytest.mark.parametrize("source", PARAMS)
def test_parameters_keep_names_types_defaults_and_patterns(source: str, path: str) -> None:
    facts = facts_of(f"const f = {source}", path)
    assert facts.errors == 0
    function = facts.symbols[1]
    assert [show_param(p, facts) for p in function.params] == PARAMS[source]
    assert all(call.owner == 1 for call in facts.calls)


def test_functions_say_whether_they_are_async_and_what_they_return() -> None:
    facts = facts_of("async function a(): Promise<User> { x(); y(); }\nconst b = async () => 1\nfunction c() { /* nothing */ }")
    assert [(s.name, s.is_async, show(s.returns, facts), s.statements) for s in facts.symbols[1:]] == [
        ("a", True, "Promise[User]", 2),
        ("b", True, "-", 1),
        ("c", False, "-", 0),
    ]
    assert [(s.line, s.end_line) for s in facts.symbols[1:]] == [(1, 1), (2, 2), (3, 3)]


def test_a_doc_comment_gives_its_first_line_to_what_follows() -> None:
    source = "/**\n * Saves the order.\n * @param a\n */\nexport async function save(a) {}\n/** Other */\nlet x = 1\nfunction bare() {}\n"
    source += "class A {\n  /** Runs. */\n  @Get()\n  run() {}\n}\n"
    assert {s.name: s.doc for s in facts_of(source).symbols[1:]} == {"save": "Saves the order.", "bare": "", "A": "", "run": "Runs."}


def test_a_directive_that_says_where_code_runs_stands_in_the_place_of_the_doc() -> None:
    facts = facts_of("// actions\n'use server'\nexport async function save() {}\nasync function a() { \"use server\"; b() }\n'use client'")
    assert [s.doc for s in facts.symbols] == ["use server", "", "use server"]
    assert [s.doc for s in facts_of("'use strict'; function f() { 'used'; use(server) }").symbols] == ["", ""]


def class_facts(body: str, head: str = "class A") -> FileFacts:
    return facts_of(f"{head} {{ {body} }}")


def member(facts: FileFacts, name: str) -> Symbol:
    return next(s for s in facts.symbols if s.name == name)


def test_a_class_has_bases_methods_and_fields() -> None:
    facts = class_facts(
        "static count = 0; #secret?: string; name: string; handle = (e) => this.x(e); constructor() { super() } static async all() {}",
        "class A extends Base<User> implements I, J<K>",
    )
    symbol = facts.symbols[1]
    assert [show(b, facts) for b in symbol.bases] == ["Base[User]", "I", "J[K]"]
    assert [show_assign(a, facts) for a in facts.assigns] == [
        "field count = 0",
        "field #secret: string",
        "field name: string",
        "field handle = fn:handle",
    ]
    assert {a.owner for a in facts.assigns} == {1}
    assert [(s.kind, s.name, s.parent) for s in facts.symbols[2:]] == [
        ("method", "handle", 1),
        ("method", "constructor", 1),
        ("method", "all", 1),
    ]
    assert (member(facts, "all").is_static, member(facts, "all").is_async) == (True, True)


def test_a_mixin_is_a_base_that_is_called() -> None:
    facts = facts_of("class A extends Mix(Base, Other) {}", "a.js")
    assert [show(b, facts) for b in facts.symbols[1].bases] == ["Mix(Base, Other)"]


def test_decorators_of_classes_methods_and_parameters_are_kept_where_they_stand() -> None:
    facts = facts_of(
        "@Controller('orders') @Public export class A { constructor(@InjectRepository(User) private readonly users: Repository<User>) {}"
        " @Get(':id') @UseGuards(Auth) find(@Param('id') id: string, @Body() dto: Dto) {} }"
    )
    symbol, constructor, find = facts.symbols[1:4]
    assert [show(d, facts) for d in symbol.decorators] == ["@Controller('orders')", "Public"]
    assert [show(d, facts) for d in find.decorators] == ["@Get(':id')", "@UseGuards(Auth)"]
    assert [show_param(p, facts) for p in constructor.params] == ["@InjectRepository(User) field users: Repository[User]"]
    assert [show_param(p, facts) for p in find.params] == ["@Param('id') id: string", "@Body() dto: Dto"]
    assert [c.owner for c in facts.calls if show(c.callee, facts) in ("Controller", "Get", "UseGuards")] == [0, 1, 1]


def test_a_decorator_that_goes_on_behind_its_call_is_its_call() -> None:
    source = "class A {\n  @Returns(404, ')').Description(\n    'none'\n  )\n  @Get(':id').x()\n  show() { return f().g(); }\n  add() {}\n}"
    facts = facts_of(source, "a.ts")
    show_it = next(s for s in facts.symbols if s.name == "show")
    assert [show(d, facts) for d in show_it.decorators] == ["@Returns(404, ')')", "@Get(':id')"]
    assert (show_it.line, [s.name for s in facts.symbols if s.kind == "method"]) == (6, ["show", "add"])


def test_a_decorated_class_without_export_and_plain_javascript_decorators_work_alike() -> None:
    for path in ("a.js", "a.ts"):
        facts = facts_of("@A() class X { @B() m() {} @C() f = 1 }", path)
        assert [show(d, facts) for d in (*facts.symbols[1].decorators, *facts.symbols[2].decorators)] == ["@A()", "@B()"]
        assert [s.start for s in facts.symbols[1:]] == [5, 20]


def test_the_decorator_of_a_field_is_a_call_of_the_class_within_the_span_of_the_field() -> None:
    facts = class_facts("@Column({ type: 'text' }) name: string; @Input size = 1;")
    column, size = facts.calls
    assert [show_call(c, facts) for c in facts.calls] == ["@Column({type: 'text'})", "@Input()"]
    assert (column.owner, size.owner) == (1, 1)
    for call, field in zip(facts.calls, facts.assigns, strict=True):
        assert field.start <= call.start < call.end <= field.end


def test_getters_setters_and_computed_members_are_methods() -> None:
    facts = class_facts("get total() { return 1 } set total(v) {} ['a' + 1]() {} static { boot() }")
    assert [(s.kind, s.name) for s in facts.symbols[2:]] == [("method", "total"), ("method", "total"), ("method", "")]
    assert facts.calls[0].owner == 1


def test_overloads_are_not_symbols_and_abstract_methods_are() -> None:
    facts = facts_of(
        "function f(a: string): void; function f(a: any) {} abstract class A { g(a: string): void; g(a: any) {} abstract h(): B }"
    )
    assert [(s.name, s.statements) for s in facts.symbols[1:]] == [("f", 0), ("A", 3), ("g", 0), ("h", 0)]


def test_an_interface_has_fields_and_methods() -> None:
    facts = facts_of("interface Repo<T> extends Base<T> { url: string; find(id: number): Promise<T>; readonly [k: string]: any }")
    assert show(facts.symbols[1].bases[0], facts) == "Base[T]"
    assert [show_assign(a, facts) for a in facts.assigns] == ["field url: string"]
    assert (facts.symbols[2].kind, facts.symbols[2].name, facts.symbols[2].parent) == ("method", "find", 1)


def test_a_type_alias_has_fields_and_what_it_joins_as_bases() -> None:
    facts = facts_of("type A = { id: string; go(): void }; type B = Repository<User> & C & { name: string }; type D = A | B")
    assert [show_assign(a, facts) for a in facts.assigns] == ["field id: string", "field name: string"]
    assert [show(b, facts) for b in facts.symbols[-2].bases] == ["Repository[User]", "C"]
    assert [show(b, facts) for b in facts.symbols[-1].bases] == ["<A | B>"]


def test_members_of_an_enum_are_fields() -> None:
    facts = facts_of("enum Role { Admin = 'ADMIN', User, 'x-y' = 2 }")
    assert [show_assign(a, facts) for a in facts.assigns] == ["field Admin = 'ADMIN'", "field User", "field x-y = 2"]
    assert {a.owner for a in facts.assigns} == {1}


def test_a_namespace_owns_its_members_and_exports_nothing_of_the_file() -> None:
    facts = facts_of("export namespace N { export const a = 1; export function f() {} }")
    assert [(s.name, s.parent) for s in facts.symbols[1:]] == [("N", 0), ("f", 1)]
    assert [(e.name, show(e.value, facts)) for e in facts.exports] == [("N", "N")]


def test_declaration_files_give_the_signatures_they_declare() -> None:
    facts = facts_of("export function f(a: A): B; export class C { g(): D }", "a.d.ts")
    assert [(s.kind, s.name) for s in facts.symbols[1:]] == [("function", "f"), ("class", "C"), ("method", "g")]
