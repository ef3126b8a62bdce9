"""A walk for which there is no room keeps what is near to the handler."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.filtered_list import counting, filtered_list
from tests.rules.small_repository import tracer_of

from backend_readiness.graph.backend.backend import MAX_LINKS
from backend_readiness.graph.evaluation import evaluate, packages
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.model import Stage
from backend_readiness.workspace import Workspace

WIDTH, DEPTH = 5, 3


def test_what_the_handler_itself_calls_comes_before_what_lies_deep_below_its_first_call() -> None:
    names = ["f"]
    code = ["import db", "from fastapi import FastAPI", "app = FastAPI()", "from sqlalchemy.orm import Session"]
    for _ in range(DEPTH):
        below = [f"{n}_{i}" for n in names for i in range(WIDTH)]
        for at, name in enumerate(names):
            code.append(f"def {name}(db: Session):")
            code.extend(f"    {b}(db)" for b in below[at * WIDTH : (at + 1) * WIDTH])
        names = below
    for name in names:
        code.extend([f"def {name}(db: Session):", f"    db.execute('DELETE FROM {name}')"])
    code.extend(["def last(db: Session):", "    db.execute('INSERT INTO orders (id) VALUES (1)')"])
    code.extend(['@app.post("/orders")', "def add(db: Session):", "    f(db)", "    last(db)"])
    chain = tracer_of({"app.py": "\n".join(code) + "\n"}).start("POST /orders")[1][0].chain
    assert len(chain.links) <= MAX_LINKS
    assert "orders" in {link.target for link in chain.links if link.stage is Stage.DATA}
    assert all(link.parent is None or link.parent < at for at, link in enumerate(chain.links))


def test_parts_of_a_statement_that_a_go_function_adds_one_by_one_are_not_looked_at_in_all_their_orders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = counting(monkeypatch, Evaluator, "_value")
    for name, text in filtered_list().items():
        (tmp_path / name).write_text(text)
    chain = Workspace(tmp_path).trace("GET /orders")[1][0]
    assert "orders" in {link.target for link in chain.links if link.stage is Stage.DATA}
    assert len(done) < 20_000


def test_namespaces_that_a_file_takes_whole_are_not_looked_up_for_every_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = counting(monkeypatch, packages, "qualified")
    usings = "\n".join(f"using Shop.Part{n};" for n in range(20))
    for n in range(20):
        (tmp_path / f"Part{n}.cs").write_text(f"namespace Shop.Part{n};\npublic class Thing{n} {{ public int Value; }}\n")
    body = "\n".join(f"        var v{n} = new Thing{n % 20}(); total += v{n}.Value;" for n in range(60))
    (tmp_path / "Shop.csproj").write_text('<Project Sdk="Microsoft.NET.Sdk.Web" />\n')
    (tmp_path / "OrdersController.cs").write_text(
        f'using Microsoft.AspNetCore.Mvc;\n{usings}\nnamespace Shop;\n[ApiController]\n[Route("orders")]\n'
        f"public class OrdersController : ControllerBase\n{{\n    [HttpPost]\n    public int Add()\n    {{\n"
        f"        var total = 0;\n{body}\n"
        "        return total;\n    }\n}\n"
    )
    assert [str(r.endpoint) for r in Workspace(tmp_path).routes()] == ["POST /orders"]
    assert len(done) < 600


def test_many_calls_of_one_name_all_put_their_routes_where_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "MAX_STEPS", 300)
    count = 40
    main = [
        "package main",
        'import ("net/http"; "example.org/shop/api"; "github.com/go-chi/chi/v5")',
        "func main() {",
        "v1 := chi.NewRouter()",
    ]
    files = {"go.mod": "module example.org/shop\nrequire github.com/go-chi/chi/v5 v5.0.0\n"}
    for n in range(count):
        main.append(f"p{n} := api.New{n}()")
        files[f"api/h{n}.go"] = (
            f'package api\nimport ("net/http"; "github.com/go-chi/chi/v5")\ntype H{n} struct{{}}\n'
            f"func New{n}() *H{n} {{ return &H{n}{{}} }}\n"
            f'func (h *H{n}) Register(router chi.Router) {{ router.Get("/p{n}", h.Get) }}\n'
            f"func (h *H{n}) Get(w http.ResponseWriter, r *http.Request) {{}}\n"
        )
    main.extend(f"p{n}.Register(v1)" for n in range(count))
    main.extend(["r := chi.NewRouter()", 'r.Mount("/v1", v1)', 'http.ListenAndServe(":80", r)', "}"])
    files["main.go"] = "\n".join(main) + "\n"
    assert {b.route.endpoint.path for b in tracer_of(files).routes} == {f"/v1/p{n}" for n in range(count)}
