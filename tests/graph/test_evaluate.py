"""What expressions stand for, across files and without running anything."""

from __future__ import annotations

import pytest
from tests.rules.small_repository import tracer_of

from backend_readiness.facts.model import Name
from backend_readiness.graph.evaluation.evaluate import MAX_STEPS, Evaluator
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Const, Ext, FuncV, InstV, UnknownV


def value_of(files: dict[str, str], file: str, name: str) -> AV:
    """The value of a name at the top of a file."""
    return tracer_of(files).graph.ev.value(Name(name), file, 0)


def text_of(files: dict[str, str], file: str, name: str) -> list[str]:
    tracer = tracer_of(files)
    return texts(tracer.graph.ev, tracer.graph.ev.value(Name(name), file, 0))


def test_a_setting_of_a_class_is_folded_through_imports() -> None:
    files = {
        "app/config.py": "class Settings:\n    API: str = '/api'\n    V: str = 'v1'\nsettings = Settings()\n",
        "app/main.py": "from app.config import settings\nprefix = f'{settings.API}/{settings.V}'\n",
    }
    assert value_of(files, "app/main.py", "prefix") == Const("/api/v1")


def test_a_default_of_the_environment_is_what_can_be_said_about_it() -> None:
    files = {"a.js": 'const base = process.env.API_URL || "http://localhost:3000/api";\nconst url = `${base}/orders`;\n'}
    assert text_of(files, "a.js", "url") == ["http://localhost:3000/api/orders"]


def test_an_argument_is_bound_to_its_parameter() -> None:
    files = {"a.js": 'const path = (name) => `/api/${name}`;\nconst url = path("orders");\n'}
    assert value_of(files, "a.js", "url") == Const("/api/orders")


def test_a_re_export_and_a_default_export_lead_to_the_function() -> None:
    files = {
        "lib/orders.ts": "export default function place() {}\nexport const list = () => 1;\n",
        "lib/index.ts": 'export { default as place } from "./orders";\nexport * from "./orders";\n',
        "app.ts": 'import { place, list } from "./lib";\nconst a = place, b = list;\n',
    }
    for name in ("a", "b"):
        found = value_of(files, "app.ts", name)
        assert isinstance(found, FuncV)
        assert found.symbol.file == "lib/orders.ts"


def test_an_instance_keeps_its_class_through_a_constructor_argument() -> None:
    files = {
        "a.py": "class Mailer:\n    def send(self): ...\n"
        "class Orders:\n    def __init__(self, mailer: Mailer):\n        self.mailer = mailer\n"
        "orders = Orders(Mailer())\nsend = orders.mailer.send\n"
    }
    found = value_of(files, "a.py", "send")
    assert isinstance(found, FuncV)
    assert isinstance(found.self_value, InstV)


def test_an_external_value_has_a_path() -> None:
    found = value_of({"a.py": "from fastapi import APIRouter\nget = APIRouter(prefix='/x').get\n"}, "a.py", "get")
    assert isinstance(found, Ext)
    assert found.path == "fastapi.APIRouter().get"


def test_a_cycle_ends_as_unknown() -> None:
    files = {"a.py": "from b import y\nx = y\n", "b.py": "from a import x\ny = x\n"}
    assert isinstance(value_of(files, "a.py", "x"), UnknownV)


def test_a_function_that_calls_itself_ends() -> None:
    files = {"a.js": "function f(n) { return g(n); }\nfunction g(n) { return f(n); }\nconst x = f(1);\n"}
    assert isinstance(value_of(files, "a.js", "x"), UnknownV)


def test_what_a_budget_did_not_settle_is_not_tried_again_from_each_of_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds of a digest, each made of the one before: their sums would be worked out anew for every argument of every round."""
    names = (("a", "b", "c"), ("c", "a", "b"), ("b", "c", "a")) * 20
    rounds = "".join(f"    {n} = mix({n}, {m}, {o}, x[{i % 16}]);\n" for i, (n, m, o) in enumerate(names))
    java = (
        "class Digest {\n  private int mix(int a, int b, int c, int x) {\n    a = pick(b, c) + x + a;\n    a = turn(a, 7);\n"
        "    a = a + b;\n    return a;\n  }\n  private int pick(int b, int c) { return (b & c) | (~b & c); }\n"
        "  private int turn(int a, int n) { return (a << n) | (a >>> (32 - n)); }\n"
        f"  int run(int[] x) {{\n    int a = 1, b = 2, c = 3;\n{rounds}    return a;\n  }}\n}}\n"
    )
    steps: list[object] = []
    guarded = Evaluator.guarded
    monkeypatch.setattr(Evaluator, "guarded", lambda self, key, work: (steps.append(key), guarded(self, key, work))[1])
    graph = tracer_of({"Digest.java": java}).graph
    for call in graph.view("Digest.java").facts.calls:
        for argument in call.args:
            graph.ev.value(argument.value, "Digest.java", call.owner)
    assert len(steps) < 2 * MAX_STEPS


def test_an_interface_leads_to_its_only_implementation() -> None:
    files = {
        "store.ts": "export abstract class Store { abstract save(): void; }\nexport class Disk extends Store { save() {} }\n",
        "app.ts": 'import { Store } from "./store";\nclass App { constructor(private store: Store) {} run() { this.store.save(); } }\n',
    }
    tracer = tracer_of(files)
    (edge,) = tracer.edges.of_file("app.ts").values()
    target = tracer.graph.view("store.ts").symbol(edge[0].target.symbol.index)
    assert tracer.graph.view("store.ts").symbol(target.parent).name == "Disk"


def test_a_member_of_a_generic_base_is_found_in_the_base() -> None:
    files = {
        "repo.py": "from sqlalchemy.orm import Session\nclass Generic_(object):\n    session: Session\n    def add(self, row):\n"
        "        self.session.add(row)\nclass Orders(Generic_[int, str]):\n    pass\nadd = Orders().session.add\n"
    }
    found = value_of(files, "repo.py", "add")
    assert isinstance(found, Ext)
    assert found.path == "sqlalchemy.orm.Session().add"


def test_a_module_of_the_name_of_a_package_imports_the_package() -> None:
    files = {
        "app/__init__.py": "",
        "app/services/__init__.py": "",
        "app/services/jwt.py": "import jwt\nsigned = jwt.encode\n",
    }
    assert getattr(value_of(files, "app/services/jwt.py", "signed"), "path", None) == "jwt.encode"
