"""Which folders and files are not read, by name; and that ordinary words are not taken for build output."""

from __future__ import annotations

import pytest
from tests.conftest import MakeRepo

from backend_readiness.snapshot import take
from backend_readiness.snapshot.skips import content_reason

LEFT_OUT = [
    "node_modules/x.js",
    "a/b/node_modules/x.js",
    "web/bower_components/x.js",
    "third_party/x.py",
    "lib/third_party/x.py",
    "lib/assets/js/third_party/x.py",
    ".venv/lib/x.py",
    "lib/site-packages/x.py",
    "__pycache__/x.txt",
    ".next/server/x.js",
    "coverage/lcov.txt",
    "dist/main.js",
    "build/main.js",
    "static/vendor/x.js",
    "public/vendor/x.js",
    "wwwroot/lib/bootstrap/x.js",
    "public/lib/x.js",
    "x.egg-info/PKG-INFO",
    "venv/x.py",
    ".svn/entries",
    "sub/.hg/store",
    "static/jquery.js",
    "_ide_helper.php",
    ".phpstorm.meta.php",
    "assets/js/jquery.validate.js",
    "public/bootstrap.bundle.css",
    "wwwroot/js/vue.global.prod.js",
    "lib/underscore-1.8.3.js",
    "Shop/Scripts/jquery-1.7.1.js",
    "web/app.js.map",
    "style.min.css",
    "jquery-min.js",
    "photo.JPG",
    "font.woff2",
    "data.sqlite3",
    "x.pyc",
]
READ = [
    "lib/shop/third_party/mail.ex",
    "src/vendor/orders.py",
    "app/build/service.py",
    "src/target/x.py",
    "services/dist/x.py",
    "src/env/config.py",
    "coverage-report.py",
    "src/lib/client.js",
    "lib/api.js",
    "app/assets/javascripts/shop.js",
    "src/plugins/x.js",
    "resources/js/lib/api.js",
    "public/app.js",
    "src/vue.js",
    "scripts/deploy.js",
    "static/js/cart.js",
    "Shop/Scripts/cart.js",
    "static/js/axios-client.js",
    "api/client.gen.ts",
    "yarn.lock",
    "Dockerfile.db",
    "go.sum",
    "key.pem",
    "binary.py",
    "minify.js",
    "images.svg.py",
    ".env",
    ".github/workflows/ci.yml",
    "packages/core/x.ts",
    "bin/server.js",
    "obj/x.py",
]


def test_vendored_built_and_binary_things_are_left_out(make_repo: MakeRepo) -> None:
    snapshot = take(make_repo({"package.json": "{}", "setup.py": "", **dict.fromkeys(LEFT_OUT, "x\n")}, git=False))
    assert [file.path for file in snapshot.files] == ["package.json", "setup.py"]
    listed = [skipped.path for skipped in snapshot.skipped]
    assert [path for path in LEFT_OUT if not any(path == one or path.startswith(one + "/") for one in listed)] == []


def test_code_whose_folder_has_an_ordinary_name_is_read(make_repo: MakeRepo) -> None:
    snapshot = take(make_repo({"package.json": "{}", "setup.py": "", **dict.fromkeys(READ, "x\n")}, git=False))
    assert [path for path in READ if snapshot.file(path) is None] == []
    assert snapshot.skipped == ()


@pytest.mark.parametrize(
    "manifest,folder",
    [
        ("go.mod", "vendor"),
        ("composer.json", "vendor"),
        ("Gemfile", "vendor"),
        ("Cargo.toml", "target"),
        ("pom.xml", "target"),
        ("build.gradle.kts", "build"),
        ("mix.exs", "deps"),
        ("spark", "system"),
        ("Shop.csproj", "obj"),
        ("package.json", "dist"),
        ("pyproject.toml", "env"),
    ],
)
def test_an_ordinary_name_beside_the_manifest_that_fills_it_is_left_out(manifest: str, folder: str, make_repo: MakeRepo) -> None:
    beside = take(make_repo({f"app/{manifest}": "", f"app/{folder}/x.txt": "x"}, git=False))
    alone = take(make_repo({f"app/{folder}/x.txt": "x"}, git=False))
    assert [skipped.path for skipped in beside.skipped] == [f"app/{folder}"]
    assert [file.path for file in alone.files] == [f"app/{folder}/x.txt"]


@pytest.mark.parametrize(
    "name,content,is_read",
    [
        ("a.js", b"x=1;" * 1_000, True),  # one line, but short
        ("a.js", b"x=1;" * 5_000, False),
        ("a.js", b"x = 1;\n" * 5_000, True),
        ("a.json", b"[1," * 5_000, True),
        ("a.sql", b"INSERT " * 5_000, True),
        ("a.css", b"a{b:c}" * 5_000, False),
        ("a.ts", b"// @generated\n" + b"x = 1\n" * 1_000, True),
        ("a.ts", b"// @generated\n" + b"x = 1\n" * 40_000, False),
        ("a.ts", b"x = 1\n" * 40_000 + b"// @generated\n", True),
        ("audit.md", b"# Backend readiness audit: login\n", False),
        ("notes.md", b"# Notes\n\nSee the Backend readiness audit.\n", True),
        ("out.json", b'{\n  "schema": "backend-readiness/report/1",\n', False),
        ("out.sarif", b'{"runs": [{"tool": {"driver": {"name": "backend-readiness"}}}]}', False),
        ("out.html", b"<!doctype html>\n<title>Backend readiness: login</title>", False),
        ("shop.py", b'# Backend readiness audit: login\nprint("x")\n', True),
        ("go.sum", b"// DO NOT EDIT\n" + b"x = 1\n" * 40_000, True),
        ("a.py", b"x" * 8_192 + b"\0", True),
        ("a.py", b"x" * 8_191 + b"\0", False),
        ("web/src/lib/axios.js", b'import axios from "axios";\nexport const api = axios.create({});\n', True),
        ("resources/js/vue.js", b"const Vue = require('vue')\nmodule.exports = Vue\n", True),
        ("web/src/lib/axios.js", b"/*! axios v0.27.2 */\nexport default function axios() {}\n", False),
        ("static/js/react.js", b"(function (f) { typeof exports === 'object' ? 1 : f() })\nexport {}\n", False),
        ("static/js/vue.js", b"import x from 'y'\n" * 2_000, False),
        ("static/js/chart.js", b"var Chart = function () {}\n", False),
        ("yarn.lock", b"x\n" * (4 << 20), True),
        ("yarn.lock", b"x\n" * (4 << 20) + b"x", False),
    ],
)
def test_the_content_of_a_file_decides_where_its_name_does_not(name: str, content: bytes, is_read: bool, make_repo: MakeRepo) -> None:
    snapshot = take(make_repo({name: content}, git=False))
    assert bool(snapshot.files) == is_read
    assert bool(snapshot.skipped) != is_read


def test_frameworks_of_one_file_beside_the_code_are_left_out() -> None:
    copied = b"<?php\n/** A router. */\nnamespace Bramus\\Router;\nclass Router {}\n"
    assert content_reason("Router.php", copied) == "vendored: a copy of a published framework"
    assert content_reason("Route.php", b"<?php\nnamespace think;\nclass Route {}\n") == "vendored: a copy of a published framework"
    assert content_reason("AltoRouter.php", b"<?php\nclass AltoRouter {\n}\n") == "vendored: a copy of a published framework"
    assert content_reason("index.php", b"<?php\nuse Bramus\\Router\\Router;\n$router = new AltoRouter();\n") is None


@pytest.mark.parametrize(
    "framework,beside",
    [
        ("thinkphp/library/Log.php", "application/route.php"),
        ("system/core/Model.php", "application/x.php"),
        ("framework/yii.php", "protected/config/main.php"),
        ("lib/Cake/basics.php", "app/Config/core.php"),
    ],
)
def test_whole_frameworks_beside_the_code_are_left_out(framework: str, beside: str, make_repo: MakeRepo) -> None:
    snapshot = take(
        make_repo({"index.php": "<?php\n", beside: "<?php\n", framework: "<?php\n", "src/system/core.php": "<?php\n"}, git=False)
    )
    assert [file.path for file in snapshot.files] == sorted(["index.php", beside, "src/system/core.php"])


def test_builds_of_libraries_among_static_files_are_left_out() -> None:
    module = b"(function (root, factory) {\n  if (typeof define === 'function' && define.amd) { define([], factory); }\n"
    banner = b"/*!\n * Calendar Package v4.3.1\n * (c) Some Author\n */\nvar a = 1;\n"
    assert content_reason("calendar.js", module, ("wwwroot", "js")) == "vendored: a copy of a published library"
    assert content_reason("main.esm.js", banner, ("static",)) == "vendored: a copy of a published library"
    assert content_reason("calendar.js", module, ("src", "widgets")) is None
    assert content_reason("cart.js", b"/* Version 2.1 of the cart */\nfetch('/cart');\n", ("static", "js")) is None
