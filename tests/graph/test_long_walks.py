"""A walk for which there is no room keeps what is near to the handler."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.rules.small_repository import tracer_of

from backend_readiness.graph.backend.backend import MAX_LINKS
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.values import AV
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
    fields = [f"Field{i}" for i in range(6)]
    conditions = "".join(
        f'\tif v := find.{f}; v != nil {{\n\t\twhere, args = append(where, "{f} = "+placeholder(len(args)+1)), append(args, *v)\n\t}}\n'
        for f in fields
    )
    code = (
        'package main\n\nimport (\n\t"context"\n\t"database/sql"\n\t"strings"\n\n\t"github.com/gin-gonic/gin"\n)\n\nvar db *sql.DB\n\n'
        "type Find struct {\n\tList []string\n" + "".join(f"\t{f} *string\n" for f in fields) + "}\n\n"
        'func placeholder(n int) string { return "?" }\n\n'
        f'func find(ctx context.Context, find *Find) {{\n\twhere, args := []string{{"1 = 1"}}, []any{{}}\n{conditions}'
        "\tif len(find.List) > 0 {\n\t\tholders := make([]string, 0)\n\t\tfor _, id := range find.List {\n"
        "\t\t\tholders = append(holders, placeholder(len(args)+1))\n"
        '\t\t\targs = append(args, id)\n\t\t}\n\t\twhere = append(where, "id IN ("+strings.Join(holders, ", ")+")")\n\t}\n'
        '\tdb.QueryContext(ctx, "SELECT id FROM orders WHERE "+strings.Join(where, " AND "), args...)\n}\n\n'
        'func list(c *gin.Context) {\n\tid := c.Param("id")\n\tfind(c.Request.Context(), &Find{Field0: &id})\n}\n\n'
        'func main() {\n\tr := gin.Default()\n\tr.GET("/orders", list)\n}\n'
    )
    done = 0
    inner = Evaluator._value

    def counted(self: Evaluator, *given: Any) -> AV:
        nonlocal done
        done += 1
        return inner(self, *given)

    monkeypatch.setattr(Evaluator, "_value", counted)
    (tmp_path / "go.mod").write_text("module example.org/shop\n\ngo 1.22\n")
    (tmp_path / "main.go").write_text(code)
    chain = Workspace(tmp_path).trace("GET /orders")[1][0]
    assert "orders" in {link.target for link in chain.links if link.stage is Stage.DATA}
    assert done < 20_000
