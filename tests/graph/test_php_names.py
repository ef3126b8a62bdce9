"""Names of PHP: what files of one name space give each other, and what stands in included files."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of


def paths(files: dict[str, str]) -> set[str]:
    return {str(b.route.endpoint) for b in tracer_of(files).routes}


def test_a_constant_that_several_files_define_by_itself_ends() -> None:
    files = {
        "a.php": "<?php\ndefine('BASE', BASE ?? 'x');\nRoute::get(BASE . '/orders', fn () => 1);\n",
        "b.php": "<?php\ndefine('BASE', BASE ?? 'y');\n",
        "routes/web.php": "<?php\nuse Illuminate\\Support\\Facades\\Route;\nRoute::get('/ping', fn () => 1);\n",
    }
    assert "GET /ping" in paths(files)


def test_a_class_is_found_by_its_name_space_and_through_an_alias() -> None:
    files = {
        "routes/web.php": "<?php\nuse App\\Web\\Orders as Handler;\nuse Illuminate\\Support\\Facades\\Route;\n"
        "Route::get('/a', [Handler::class, 'show']);\n"
        "Route::get('/b', [\\App\\Web\\Orders::class, 'show']);\n",
        "src/Orders.php": "<?php\nnamespace App\\Web;\nclass Orders extends Base {}\n",
        "src/Base.php": "<?php\nnamespace App\\Web;\nclass Base { public function show() {} }\n",
        "lib/Orders.php": "<?php\nnamespace Lib;\nclass Orders { public function show() {} }\n",
    }
    found = {str(b.route.endpoint): b.route.handler for b in tracer_of(files).routes}
    assert {k: (h.symbol, h.file) for k, h in found.items() if h is not None} == {
        "GET /a": ("Base.show", "src/Base.php"),
        "GET /b": ("Base.show", "src/Base.php"),
    }


def test_variables_of_an_included_file_are_seen_and_those_of_others_are_not() -> None:
    files = {
        "db.php": "<?php\n$pdo = new PDO('sqlite:x');\n",
        "other.php": "<?php\n$store = new PDO('sqlite:y');\n",
        "a.php": "<?php\nrequire 'db.php';\n$pdo->query('SELECT 1 FROM orders');\necho $_GET['x'];\n",
        "b.php": "<?php\n$store->run('SELECT 1 FROM carts');\necho $_GET['x'];\n",
    }
    tracer = tracer_of(files)
    _, chains = tracer.start("GET /a.php")
    assert [link.target for link in chains[0].chain.links if link.operation is not None] == ["orders"]
    _, chains = tracer.start("GET /b.php")
    assert [link.target for link in chains[0].chain.links if link.operation is not None] == []
