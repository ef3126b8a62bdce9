"""Buses that an application writes itself: the handler is the only class that takes what is sent."""

from __future__ import annotations

import pytest
from tests.rules.small_repository import tracer_of

from backend_readiness.model import Stage

JAVA = {
    "src/main/java/shop/Bus.java": """package shop;
import java.util.*;
import org.springframework.jdbc.core.JdbcTemplate;
interface Command<R> { }
interface CommandHandler<C extends Command<R>, R> { R handle(C command); }
class CreateOrder implements Command<String> { }
class DropOrder implements Command<Void> { }
class CreateHandler implements CommandHandler<CreateOrder, String> {
  private JdbcTemplate jdbc;
  public String handle(CreateOrder command) { jdbc.update("insert into orders(name) values ('x')"); return ""; }
}
class DropHandler implements CommandHandler<DropOrder, Void> {
  private JdbcTemplate jdbc;
  public Void handle(DropOrder command) { jdbc.update("delete from carts"); return null; }
}
class CommandBus {
  private final Map<Class<?>, CommandHandler> handlers = new HashMap<>();
  public Object execute(Command<?> command) { return handlers.get(command.getClass()).handle(command); }
}
""",
    "src/main/java/shop/Web.java": """package shop;
import org.springframework.web.bind.annotation.*;
@RestController
public class Web {
  private final CommandBus bus = new CommandBus();
  @PostMapping("/orders")
  public Object add() { return bus.execute(new CreateOrder()); }
  @DeleteMapping("/orders")
  public Object drop() { return bus.execute(new DropOrder()); }
}
""",
}
KOTLIN = {
    "src/Bus.kt": """package shop
import kotlin.reflect.KClass
import org.springframework.jdbc.core.JdbcTemplate
import org.springframework.web.bind.annotation.*
interface Query<R>
interface QueryHandler<Q : Query<R>, R> { fun handle(query: Q): R }
class OneOrder(val id: Long) : Query<String>
class AllCarts(val page: Int) : Query<String>
class QueryBus(handlers: List<QueryHandler<*, *>>) {
  private val byType: Map<KClass<*>, QueryHandler<*, *>> = handlers.associateBy { it::class }
  fun <R> ask(query: Query<R>): R = (byType[query::class] as QueryHandler<Query<R>, R>).handle(query)
}
class OneOrderHandler(val jdbc: JdbcTemplate) : QueryHandler<OneOrder, String> {
  override fun handle(query: OneOrder): String { jdbc.update("insert into orders values (1)"); return "" }
}
class AllCartsHandler(val jdbc: JdbcTemplate) : QueryHandler<AllCarts, String> {
  override fun handle(query: AllCarts): String { jdbc.update("delete from carts"); return "" }
}
@RestController
class Web(val bus: QueryBus) {
  @PostMapping("/orders") fun one() = bus.ask(OneOrder(1))
  @DeleteMapping("/orders") fun all() = bus.ask(AllCarts(1))
}
""",
}
CSHARP = {
    "Bus.cs": """using Microsoft.AspNetCore.Mvc;
using Dapper;
namespace Shop;
public interface ICommandHandler<TCommand> { Task HandleAsync(TCommand command); }
public record CreateOrder(string Name);
public record DropOrder(int Id);
public class Dispatcher {
  private readonly IServiceProvider _provider;
  public Dispatcher(IServiceProvider provider) { _provider = provider; }
  public async Task Send<TCommand>(TCommand command) {
    var handler = _provider.GetRequiredService<ICommandHandler<TCommand>>();
    await handler.HandleAsync(command);
  }
}
public class CreateHandler : ICommandHandler<CreateOrder> {
  private readonly System.Data.IDbConnection _db;
  public async Task HandleAsync(CreateOrder command) { await _db.ExecuteAsync("insert into orders values (1)"); }
}
public class DropHandler : ICommandHandler<DropOrder> {
  private readonly System.Data.IDbConnection _db;
  public async Task HandleAsync(DropOrder command) { await _db.ExecuteAsync("delete from carts"); }
}
[ApiController]
public class OrdersController : ControllerBase {
  private readonly Dispatcher _dispatcher;
  public OrdersController(Dispatcher dispatcher) { _dispatcher = dispatcher; }
  [HttpPost("/orders")] public async Task Add() { await _dispatcher.Send(new CreateOrder("x")); }
  [HttpDelete("/orders")] public async Task Drop() { await _dispatcher.Send(new DropOrder(1)); }
}
""",
}
TYPESCRIPT = {
    "package.json": '{"dependencies": {"express": "4", "@prisma/client": "5"}}',
    "bus.ts": """import express from "express";
import { PrismaClient } from "@prisma/client";
const prisma = new PrismaClient();
interface Handler<T> { execute(command: T): Promise<void>; }
class CreateOrder { constructor(public name: string) {} }
class DropOrder { constructor(public id: number) {} }
class CreateHandler implements Handler<CreateOrder> {
  async execute(command: CreateOrder) { await prisma.orders.create({ data: { name: command.name } }); }
}
class DropHandler implements Handler<DropOrder> {
  async execute(command: DropOrder) { await prisma.carts.delete({ where: { id: command.id } }); }
}
class Bus {
  private handlers = new Map<string, Handler<any>>();
  async dispatch(command: object) { return this.handlers.get(command.constructor.name).execute(command); }
}
const bus = new Bus();
const app = express();
app.post("/orders", async (req, res) => { await bus.dispatch(new CreateOrder("x")); });
app.delete("/orders", async (req, res) => { await bus.dispatch(new DropOrder(1)); });
""",
}


@pytest.mark.parametrize("files", [JAVA, KOTLIN, CSHARP, TYPESCRIPT], ids=["java", "kotlin", "csharp", "typescript"])
def test_what_is_sent_runs_the_only_class_that_takes_it(files: dict[str, str]) -> None:
    tracer = tracer_of(files)
    touched = {}
    for bound in tracer.routes:
        links = [link for chain in tracer.from_route(bound) for link in chain.chain.links]
        touched[str(bound.route.endpoint)] = {(link.operation, link.target) for link in links if link.stage is Stage.DATA}
    assert touched == {"POST /orders": {("write", "orders")}, "DELETE /orders": {("delete", "carts")}}


def test_two_classes_that_take_it_are_both_left_alone() -> None:
    twice = JAVA["src/main/java/shop/Bus.java"] + (
        "class Audit implements CommandHandler<CreateOrder, String> { public String handle(CreateOrder command) { return null; } }\n"
    )
    tracer = tracer_of({**JAVA, "src/main/java/shop/Bus.java": twice})
    bound = next(b for b in tracer.routes if b.route.endpoint.method == "POST")
    assert all(link.stage is not Stage.DATA for chain in tracer.from_route(bound) for link in chain.chain.links)
