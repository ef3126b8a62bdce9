"""Tables that Entity Framework makes of classes, by its conventions and by calls on builders."""

from __future__ import annotations

import pytest

from backend_readiness.controls.database.schema import Schema
from backend_readiness.controls.database.tables import Table
from backend_readiness.facts.store import collect
from backend_readiness.graph.world import Graph
from backend_readiness.snapshot import take

FILES = {
    "Shop.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><Nullable>enable</Nullable></PropertyGroup></Project>\n',
    "Data/Entities.cs": """using System.ComponentModel.DataAnnotations;
namespace Shop.Data;
public abstract class Entity { public int Id { get; set; } }
public class Customer : Entity
{
    public string Email { get; set; } = "";
    public string? Phone { get; set; }
    public List<Order> Orders { get; set; } = new();
}
public class Order : Entity
{
    public string Number { get; set; } = "";
    public int CustomerId { get; set; }
    public Customer Customer { get; set; } = null!;
    public int? SellerId { get; set; }
    public decimal Total { get; private set; }
    private bool _paid;
    [Required] public string? Note { get; set; }
}
public class Line { public int OrderNumber { get; set; } public int Position { get; set; } }
public class NoTable : Entity { public string Name { get; set; } = ""; }
""",
    "Data/ShopContext.cs": """using Microsoft.EntityFrameworkCore;
namespace Shop.Data;
public class ShopContext : DbContext
{
    public DbSet<Customer> Customers { get; set; }
    public DbSet<Order> Orders => Set<Order>();
    public DbSet<Line> Lines { get; set; }
    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<Customer>(b =>
        {
            b.HasIndex(c => c.Email).IsUnique();
            b.HasIndex(c => c.Phone);
            b.HasMany(c => c.Orders).WithOne(o => o.Customer).HasForeignKey(o => o.CustomerId).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<Line>().HasKey(l => new { l.OrderNumber, l.Position });
        Note("HasIndex(c => c.Nothing)");
    }
    private void Note(string text) { }
}
""",
    "Data/OrderConfiguration.cs": """using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
namespace Shop.Data;
public class OrderConfiguration : IEntityTypeConfiguration<Order>
{
    public void Configure(EntityTypeBuilder<Order> builder)
    {
        builder.ToTable("orders");
        builder.Property(o => o.Number).IsRequired().HasMaxLength(20);
        builder.HasIndex(o => new { o.CustomerId, o.Number }).IsUnique().HasFilter("deleted = 0");
        builder.HasIndex("Total").IsUnique(false);
        builder.HasCheckConstraint("total", "Total >= 0");
        builder.HasOne<Customer>().WithMany().HasForeignKey(o => o.SellerId);
    }
}
""",
}


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    folder = tmp_path_factory.mktemp("shop")
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    snapshot = take(folder)
    return Schema(Graph(snapshot, collect(snapshot)))


def table(schema: Schema, name: str) -> Table:
    found = schema.table(name)
    assert found is not None
    return found.real


def test_properties_are_columns_and_navigation_is_none(schema: Schema) -> None:
    customers = table(schema, "Customer")
    assert customers.name == "Customers"
    assert [(c.name, c.nullable, c.primary) for c in customers.columns.values()] == [
        ("Id", False, True),
        ("Email", False, False),
        ("Phone", True, False),
    ]
    order = table(schema, "Order")
    assert (order.name, list(order.columns)) == ("orders", ["Id", "Number", "CustomerId", "SellerId", "Total", "Note"])
    note = order.column("Note")
    assert note is not None
    assert not note.nullable


def test_indexes_say_what_they_cover_and_whether_they_are_unique(schema: Schema) -> None:
    assert [(i.columns, i.unique, i.partial) for i in table(schema, "Customer").indexes] == [
        (("Email",), True, False),
        (("Phone",), False, False),
    ]
    assert [(i.columns, i.unique, i.partial) for i in table(schema, "orders").indexes] == [
        (("CustomerId", "Number"), True, True),
        (("Total",), False, False),
    ]
    assert table(schema, "orders").checks == [("Total >= 0", "Data/OrderConfiguration.cs", 12)]


def test_foreign_keys_follow_the_convention_or_the_call(schema: Schema) -> None:
    customer, seller = table(schema, "Order").column("CustomerId"), table(schema, "Order").column("SellerId")
    assert customer is not None
    assert seller is not None
    assert (customer.references, customer.indexed, customer.on_delete) == ("Customers", True, "Restrict")
    assert (seller.references, seller.indexed, seller.on_delete) == ("Customers", True, "")


def test_a_key_may_hold_several_columns(schema: Schema) -> None:
    assert [c.name for c in table(schema, "Line").columns.values() if c.primary] == ["OrderNumber", "Position"]


def test_a_class_that_no_context_keeps_is_no_table(schema: Schema) -> None:
    assert schema.table("NoTable") is None
