"""Steps of a chain that call what is shown below another one."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of

GO = {
    "go.mod": "module example.org/shop\n",
    "main.go": """package main

import (
    "database/sql"
    "net/http"
)

var db *sql.DB

func customer(id int) *sql.Row { return db.QueryRow("SELECT name FROM customers WHERE id = ?", id) }

func insert(id int) {
    customer(id)
    db.Exec("INSERT INTO orders (id) VALUES (?)", id)
}

func attach(id int) { customer(id) }

func label(id int) { tidy(id) }

func tidy(id int) {}

func place(id int) {
    insert(id)
    attach(id)
    label(id)
}

func add(w http.ResponseWriter, r *http.Request) { place(1) }

func main() { http.HandleFunc("POST /orders", add) }
""",
}


def test_what_reads_by_a_function_that_is_shown_elsewhere_stays_and_what_touches_nothing_goes() -> None:
    tracer = tracer_of(GO)
    (traced,) = tracer.from_route(tracer.by_endpoint("POST", "/orders")[0])
    steps = [link.symbol for link in traced.chain.links if link.stage == "service"]
    assert steps == ["place", "insert", "customer", "attach"]


def test_an_overload_without_type_parameters_takes_a_call_without_type_arguments() -> None:
    source = """using System.Threading.Tasks;
class Store
{
    public async Task<Order> Get(int? id) { return await Plain(id); }
    public async Task<TResult> Get<TResult>(int? id) { return await Mapped(id); }
    public async Task Plain(int? id) { System.IO.File.AppendAllText("plain.txt", "x"); }
    public async Task Mapped(int? id) { System.IO.File.AppendAllText("mapped.txt", "x"); }
    public async Task Drop(int id) { await Get(id); }
    public async Task Show(int id) { await Get<Shown>(id); }
}
class Order { }
class Shown { }
"""
    tracer = tracer_of({"Store.cs": source})
    view = tracer.graph.view("Store.cs")
    lines = {name: _lines_run(tracer, name) for name in ("Drop", "Show")}
    assert view.language == "csharp"
    assert lines == {"Drop": [4], "Show": [5]}


def _lines_run(tracer, name: str) -> list[int]:  # type: ignore[no-untyped-def]
    from backend_readiness.graph.values import SymbolId

    view = tracer.graph.view("Store.cs")
    (index,) = [i for i, s in enumerate(view.facts.symbols) if s.name == name]
    return [view.symbol(e.target.symbol.index).line for e in tracer.edges.of_symbol(SymbolId("Store.cs", index))]
