"""Routes of JavaScript backends where the source is odd or hostile: cycles, depth, loops, and guards that cover only a part."""

from __future__ import annotations

import pytest
from tests.rules.small_repository import tracer_of

from backend_readiness.graph.shapes.directive import has_directive
from backend_readiness.graph.shapes.file_path import covers


def routes(files: dict[str, str]) -> dict[str, list[str]]:
    """Endpoint -> names of what runs before it."""
    return {str(b.route.endpoint): [m.symbol for m in b.route.middleware] for b in tracer_of(files).routes}


def test_routers_that_mount_each_other_end() -> None:
    found = routes(
        {
            "a.js": "const { Router } = require('express'); const a = Router(); module.exports = a; a.use('/b', require('./b'));"
            " a.get('/x', f); function f(req, res) {}",
            "b.js": "const { Router } = require('express'); const b = Router(); module.exports = b; b.use('/a', require('./a'));",
        }
    )
    assert all(path.endswith("/x") for path in found)
    assert len(found) <= 2


def test_a_loop_over_a_long_table_is_bounded() -> None:
    entries = ",".join(f"['/r{i}', h]" for i in range(3_000))
    files = {"app.js": f"const app = require('express')(); function h(q, s) {{}}\nfor (const [p, f] of [{entries}]) app.get(p, f);"}
    assert 0 < len(routes(files)) <= 60


def test_wrappers_around_wrappers_end_at_a_function() -> None:
    source = "const w = (f) => (q, s) => f(q, s);\nfunction show(q, s) {}\nconst app = require('express')();\n"
    files = {"app.js": source + "app.get('/x', " + "w(" * 200 + "show" + ")" * 200 + ");"}
    assert list(routes(files)) == ["GET /x"]


def test_a_guard_at_a_path_covers_whole_segments_only() -> None:
    found = routes(
        {
            "app.js": "const app = require('express')(); function guard(q, s, n) { n(); } function h(q, s) {}\n"
            "app.use('/admin', guard);\napp.get('/admin/users', h);\napp.get('/administrators', h);\napp.get('/admin', h);"
        }
    )
    assert found == {"GET /admin/users": ["guard"], "GET /administrators": [], "GET /admin": ["guard"]}


def test_modules_that_import_each_other_and_a_missing_root_still_give_their_controllers() -> None:
    found = routes(
        {
            "src/a.ts": "import { Module } from '@nestjs/common'; import { B } from './b'; @Module({ imports: [B] }) export class A {}",
            "src/b.ts": "import { Module, Controller, Get, forwardRef } from '@nestjs/common'; import { A } from './a';\n"
            "@Controller('c') export class C { @Get() list() {} }\n"
            "@Module({ imports: [forwardRef(() => A)], controllers: [C] }) export class B {}",
            "src/main.ts": "import { NestFactory } from '@nestjs/core'; import { A } from './a';\n"
            "async function start() { const app = await NestFactory.create(A); app.setGlobalPrefix('v'); }",
        }
    )
    assert found == {"GET /v/c": []}


def test_two_applications_keep_their_own_prefixes() -> None:
    def application(name: str) -> dict[str, str]:
        return {
            f"apps/{name}/main.ts": "import { NestFactory } from '@nestjs/core'; import { App } from './app';\n"
            f"async function start() {{ const app = await NestFactory.create(App); app.setGlobalPrefix('{name}'); }}",
            f"apps/{name}/app.ts": "import { Module, Controller, Get } from '@nestjs/common';\n"
            f"@Controller('of-{name}') export class C {{ @Get() list() {{}} }}\n@Module({{ controllers: [C] }}) export class App {{}}",
        }

    assert set(routes(application("one") | application("two"))) == {"GET /one/of-one", "GET /two/of-two"}


@pytest.mark.parametrize(
    ("pattern", "route", "expected"),
    [
        ("/api/:path*", "/api/orders/{id}", True),
        ("/api/:path*", "/apis", False),
        ("/dashboard", "/dashboard/x", False),
        ("/((?!api|_next/static|favicon.ico).*)", "/api/orders", False),
        ("/((?!api|_next/static|favicon.ico).*)", "/orders", True),
    ],
)
def test_a_matcher_covers_what_it_names(pattern: str, route: str, expected: bool) -> None:
    assert covers(pattern, route) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"use server";\nexport async function f() {}', True),
        ("// actions\n/* of the shop */\n'use server'\n", True),
        ('import x from "y";\n"use server";', False),
        ('"use strict";\n"use server";', True),
        ("/*" + "*" * 100_000, False),
    ],
)
def test_a_directive_stands_before_everything_else(text: str, expected: bool) -> None:
    assert has_directive(text, "use server") is expected
