"""A Go program whose list is filtered by conditions that are added one by one to names given anew."""

from __future__ import annotations

from typing import Any

import pytest


def filtered_list() -> dict[str, str]:
    """Its files: `GET /orders` behind a guard."""
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
        'func guard(c *gin.Context) {\n\tif c.GetHeader("Authorization") == "" {\n\t\tc.AbortWithStatus(401)\n\t}\n}\n\n'
        'func main() {\n\tr := gin.Default()\n\tr.GET("/orders", guard, list)\n}\n'
    )
    return {"go.mod": "module example.org/shop\n\ngo 1.22\n", "main.go": code}


def counting(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> list[None]:
    """One more entry for each call of a method, or of a function of a module, from now on."""
    calls: list[None] = []
    inner = getattr(owner, name)

    def counted(self: object, *given: Any) -> Any:
        calls.append(None)
        return inner(self, *given)

    monkeypatch.setattr(owner, name, counted)
    return calls
