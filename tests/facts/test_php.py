"""The PHP adapter: symbols, calls, names and statements."""

from __future__ import annotations

from backend_readiness.facts.languages.php import extract
from backend_readiness.facts.model import Alt, CallRef, Concat, FileFacts, Func, Index, Lit, Member, Name, Op, Record, Seq


def facts(code: str) -> FileFacts:
    return extract(b"<?php\n" + code.encode(), "file.php").facts()


def test_a_class_has_its_bases_traits_and_typed_members() -> None:
    found = facts(
        "namespace App;\n"
        "abstract class Orders extends Base implements Countable {\n"
        "    use Loggable;\n"
        "    const OPEN = 'open';\n"
        "    private ?Mailer $mailer = null;\n"
        "    public function __construct(private readonly Repo $repo, int|Total $total = 3, ...$rest) {}\n"
        "    public static function all(): static { return new self(); }\n"
        "}\n"
    )
    cls, constructor, every = found.symbols[1:4]
    assert (cls.kind, cls.name, cls.bases) == ("class", "Orders", (Name("Base"), Name("Countable"), Name("Loggable")))
    assert [(p.name, p.type, p.field, p.kind) for p in constructor.params] == [
        ("$repo", Name("Repo"), True, ""),
        ("$total", Alt((Name("int"), Name("Total"))), False, ""),
        ("$rest", None, False, "*"),
    ]
    assert every.is_static
    assert every.returns == Name("Orders")
    assert [(a.target, a.value, a.type) for a in found.assigns] == [
        (Name("OPEN"), Lit("open"), None),
        (Name("mailer"), Lit(None), Name("Mailer")),
    ]
    assert found.calls[0].callee == Name("Orders")
    assert found.calls[0].kind == "new"


def test_names_are_bound_by_use_by_groups_and_where_they_are_qualified() -> None:
    found = facts(
        "use App\\Models\\User as U;\nuse App\\{Cart, Shop\\Order};\nuse Symfony\\Constraints as Assert;\nuse PDO;\n"
        "new Assert\\Email(); new \\Shop\\Item(); new \\PDO('x'); User::class;\n"
    )
    assert {(i.module, i.name, i.local) for i in found.imports} == {
        ("App.Models", "User", "U"),
        ("App", "Cart", "Cart"),
        ("App.Shop", "Order", "Order"),
        ("Symfony", "Constraints", "Assert"),
        ("Symfony.Constraints", "Email", "Assert\\Email"),
        ("Shop", "Item", "\\Shop\\Item"),
    }
    assert [c.callee for c in found.calls] == [Name("Assert\\Email"), Name("\\Shop\\Item"), Name("PDO")]


def test_variables_keep_their_sign_so_that_they_hide_no_function() -> None:
    found = facts("$config = config('app.name');\n$this->run(key: $config, ...$rest);\n")
    assert found.assigns[0].target == Name("$config")
    assert found.calls[0].callee == Name("config")
    call = found.calls[1]
    assert call.callee == Member(Name("self"), "run")
    assert [(a.name, a.value, a.spread) for a in call.args] == [("key", Name("$config"), False), (None, Name("$rest"), True)]


def test_text_is_joined_and_arrays_are_lists_or_records() -> None:
    found = facts(
        "$a = \"/orders/{$order->id}/$row[name]\\n\";\n$b = 'it\\'s' . $x . 'end';\n$c = [1, 'k' => 2];\n$d = [Orders::class, 'show'];\n"
        "$e = <<<SQL\nSELECT $x\nSQL;\n"
    )
    values = [a.value for a in found.assigns]
    assert values[0] == Concat((Lit("/orders/"), Member(Name("$order"), "id"), Lit("/"), Index(Name("$row"), Lit("name")), Lit("\n")))
    assert values[1] == Concat((Lit("it's"), Name("$x"), Lit("end")))
    assert values[2] == Record((("0", Lit(1)), ("k", Lit(2))))
    assert values[3] == Seq((Name("Orders"), Lit("show")))
    assert values[4] == Concat((Lit("SELECT "), Name("$x")))


def test_words_of_the_language_may_name_constants_and_arguments() -> None:
    found = facts(
        "class A { private const NAMESPACE = 'x'; const Mixed = 2; public function f() { return g(self::NAMESPACE, new: __CLASS__); } }"
    )
    assert [a.target for a in found.assigns] == [Name("NAMESPACE"), Name("Mixed")]
    assert [(a.name, a.value) for a in found.calls[0].args] == [(None, Member(Name("self"), "NAMESPACE")), ("new", Name("A"))]


def test_closures_are_functions_given_to_a_call() -> None:
    found = facts("Route::get('/x', function ($id) use ($db) { return $db->find($id); });\n$f = fn($x) => $x->id;\n")
    call = next(c for c in found.calls if c.callee == Member(Name("Route"), "get"))
    assert isinstance(call.args[1].value, Func)
    assert found.symbols[call.args[1].value.symbol].params[0].name == "$id"
    assert found.symbols[2].name == "f"
    assert found.returns[-1].value == Member(Name("$x"), "id")


def test_attributes_and_doc_annotations_are_decorators() -> None:
    found = facts(
        "class A {\n"
        "    #[Route('/x', methods: ['GET']), Cached]\n"
        "    public function one() {}\n"
        '    /**\n     * Shows it.\n     * @Route("/y/{id}", name="y", methods={"GET", "POST"}, requirements={"id": "\\d+"})\n'
        "     * @param Order[] $orders\n     * @return Page\n     */\n"
        "    public function two($orders) {}\n"
        "}\n"
    )
    one, two = found.symbols[2:4]
    assert [type(d) for d in one.decorators] == [CallRef, Name]
    assert two.doc == "Shows it."
    assert two.returns == Name("Page")
    assert two.params[0].type is None
    call = found.calls[two.decorators[0].call]  # type: ignore[union-attr]  # it is a CallRef
    assert (call.kind, call.line) == ("decorator", 7)
    assert [(a.name, a.value) for a in call.args] == [
        (None, Lit("/y/{id}")),
        ("name", Lit("y")),
        ("methods", Seq((Lit("GET"), Lit("POST")))),
        ("requirements", Record((("id", Lit("\\d+")),))),
    ]


def test_doc_comments_give_the_types_that_the_code_leaves_out() -> None:
    found = facts(
        "class A {\n    /** @var Orders|null */\n    private $orders;\n"
        "    /** @param Clock $clock */\n    function run($clock) {\n"
        "        /** @var Cart $cart */\n        $cart = app('cart');\n    }\n}\n"
    )
    assert [a.type for a in found.assigns] == [Name("Orders"), Name("Cart")]
    assert found.symbols[2].params[0].type == Name("Clock")


def test_included_files_are_imports_and_a_return_of_the_file_is_its_export() -> None:
    found = facts("require __DIR__ . '/../db.php';\n$run = require_once 'routes.php';\ninclude $page;\nreturn ['debug' => true];\n")
    assert [(i.module, i.name, i.local) for i in found.imports] == [("./../db.php", "*", None), ("routes.php", "*", None)]
    assert found.calls[0].callee == Name("require")
    assert found.calls[0].args[0].value == Lit("./../db.php")
    assert found.exports[0].name == "="
    assert found.exports[0].value == Record((("debug", Lit(True)),))


def test_blocks_stand_with_their_subjects() -> None:
    found = facts(
        "if ($a) { f(); } elseif ($b) {} else { g(); }\nforeach ($rows as $id => $row): h($row); endforeach;\n"
        "try { f(); } catch (Failure | Other $e) {} finally { g(); }\nswitch ($x) { case 1: f(); break; default: }\n"
    )
    assert [(b.kind, b.empty) for b in found.blocks] == [
        ("if", False), ("if", True), ("else", False), ("loop", False), ("try", False), ("catch", True), ("finally", False),
        ("switch", False), ("case", False), ("case", True),
    ]  # fmt: skip
    loop = next(a for a in found.assigns if a.kind == "for")
    assert (loop.target, loop.value) == (Name("$row"), Name("$rows"))
    keys = next(a for a in found.assigns if a.target == Name("$id"))
    assert (keys.value, keys.start) == (Op("keys", (Name("$rows"),)), loop.start)
    caught = next(b for b in found.blocks if b.kind == "catch")
    assert caught.subject == Alt((Name("Failure"), Name("Other")))
    assert caught.name == "$e"


def test_a_match_has_a_branch_for_each_of_its_conditions() -> None:
    found = facts("match ($x) { '/', '/home' => f(), default => g() };\nmatch (true) { $x === '/a' && $y => f() };\n")
    assert [(b.kind, b.subject) for b in found.blocks] == [
        ("switch", Name("$x")), ("case", Lit("/")), ("case", Lit("/home")), ("case", None),
        ("if", Op("&&", (Op("===", (Name("$x"), Lit("/a"))), Name("$y")))),
    ]  # fmt: skip


def test_markup_between_the_tags_gives_elements_with_the_output_inside() -> None:
    page = b'<form action="/orders/<?= $id ?>" method="post">\n<?php if ($x): ?><input name="total"><?php endif; ?>\n</form>\n'
    found = extract(page, "file.php").facts()
    assert [e.tag for e in found.elements] == ["form", "input"]
    assert found.elements[0].attrs[0].value == Concat((Lit("/orders/"), Name("$id")))
    assert found.elements[1].line == 2
    assert found.language == "php"


def test_a_file_that_only_holds_code_has_no_elements() -> None:
    assert not facts("$x = '<form action=\"/x\">';\n").elements
