"""Components: Vue, Svelte, Angular."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages.markup import documents as markup
from backend_readiness.facts.model import Arg, CallRef, Concat, Element, Func, Lit, Member, Name, Op, Record, Value


def read(source: str, path: str) -> Builder:
    return markup.extract(source.encode(), path)


def element(builder: Builder, tag: str) -> Element:
    return next(e for e in builder.elements if e.tag == tag)


def value(of: Element, name: str) -> Value | None:
    return next(a.value for a in of.attrs if a.name == name)


# ---------------------------------------------------------------- Vue

VUE = """<script setup lang="ts">
import { login } from "./api"
const email: string = ""
async function submit() { await login(email) }
</script>
<template>
  <form @submit.prevent="submit">
    <Input v-model="email" :disabled="busy || off" />
    <li v-for="(order, i) in orders" :key="order.id">{{ order.total < 3 ? f(order) : "" }}</li>
    <button @click="tries = 1; submit()">Log in</button>
    <p v-html="bio" v-else></p>
    <Row #item="{ row }"><i>{{ row }}</i></Row>
  </form>
</template>
<style>form > p { color: red }</style>
"""


def test_a_vue_component_has_its_script_and_its_template() -> None:
    builder = read(VUE, "Login.vue")
    assert builder.errors == 0
    assert [(s.kind, s.name, s.line) for s in builder.symbols[1:2]] == [("function", "submit", 4)]
    assert [(i.module, i.local, i.line) for i in builder.imports] == [("./api", "login", 2)]
    assert value(element(builder, "form"), "@submit.prevent") == Name("submit")
    assert element(builder, "form").line == 7


def test_vue_bindings_are_expressions() -> None:
    builder = read(VUE, "Login.vue")
    field = element(builder, "Input")
    assert value(field, "v-model") == Name("email")
    assert value(element(builder, "p"), "v-html") == Name("bio")
    assert value(element(builder, "p"), "v-else") is None
    assert value(element(builder, "Row"), "#item") == Record((("row", Name("row")),))
    assert element(builder, "i").parent == builder.elements.index(element(builder, "Row"))


def test_vue_loops_bind_their_variable() -> None:
    builder = read(VUE, "Login.vue")
    assert value(element(builder, "li"), "v-for") == Name("orders")
    assert [(a.target, a.value, a.line) for a in builder.assigns if a.kind == "for"] == [(Name("order"), Name("orders"), 9)]


def test_vue_handlers_of_several_statements_own_their_calls() -> None:
    builder = read(VUE, "Login.vue")
    button = element(builder, "button")
    handler = value(button, "@click")
    assert isinstance(handler, Func)
    assert [(c.callee, c.line) for c in builder.calls if c.owner == handler.symbol] == [(Name("submit"), 10)]
    assert button.text == "Log in"


def test_vue_output_in_text_is_lowered_at_its_line() -> None:
    builder = read(VUE, "Login.vue")
    (call,) = [c for c in builder.calls if c.callee == Name("f")]
    assert (call.line, builder.source[call.start : call.end]) == (9, b"f(order)")
    assert element(builder, "li").text == '{{ order.total < 3 ? f(order) : "" }}'


def test_a_vue_component_named_like_a_void_element_has_children() -> None:
    builder = read("<template><Link href='/a'><b>x</b></Link><link href='/c'><i></i></template>", "x.vue")
    assert [(e.tag, e.parent) for e in builder.elements] == [("template", -1), ("Link", 0), ("b", 1), ("link", 0), ("i", 0)]


def test_the_methods_of_an_options_component_are_functions() -> None:
    builder = read(
        "<script>\nexport default { methods: { save() { post('/x') } } }\n</script><template><a @click='save'/></template>", "x.vue"
    )
    assert "save" in [s.name for s in builder.symbols]
    assert [(c.callee, c.line) for c in builder.calls] == [(Name("post"), 2)]


# ---------------------------------------------------------------- Svelte

SVELTE = """<script lang="ts">
  import { enhance } from "$app/forms"
  let { orders }: Props = $props()
</script>
{#if a < b}
  <form method="POST" action="?/login" use:enhance>
    <button on:click={() => save(1 > 0)} {disabled} {...rest}>Go</button>
  </form>
{:else if c}
  {@html bio}
{:else}<b></b>{/if}
{#each orders as order, i (order.id)}
  <A href="/orders/{order.id}" bind:value={order.name} onclick={open} />
{/each}
{#await load()}<i></i>{:then x}<u></u>{/await}
{#snippet row(o)}<td>{o}</td>{/snippet}
{@render row(1)}
"""


def test_svelte_bindings_are_expressions() -> None:
    builder = read(SVELTE, "x.svelte")
    assert builder.errors == 0
    button, link = element(builder, "button"), element(builder, "A")
    assert isinstance(value(button, "on:click"), Func)
    assert (value(button, "disabled"), value(button, "...")) == (Name("disabled"), Name("rest"))
    assert value(element(builder, "form"), "use:enhance") == Name("enhance")
    assert value(element(builder, "form"), "action") == Lit("?/login")
    assert value(link, "href") == Concat((Lit("/orders/"), Member(Name("order"), "id")))
    assert (value(link, "bind:value"), value(link, "onclick")) == (Member(Name("order"), "name"), Name("open"))
    assert [(i.module, i.line) for i in builder.imports] == [("$app/forms", 2)]


def test_svelte_blocks_hold_their_elements() -> None:
    builder = read(SVELTE, "x.svelte")
    assert [(b.kind, b.line) for b in builder.blocks] == [("if", 5), ("else", 9), ("else", 11), ("loop", 12)]
    assert builder.blocks[0].subject == Op("<", (Name("a"), Name("b")))
    form = element(builder, "form")
    assert builder.blocks[0].start < form.start < builder.blocks[0].end


def test_svelte_html_is_raw_output() -> None:
    (call,) = [c for c in read(SVELTE, "x.svelte").calls if c.callee == Name("raw_output")]
    assert (call.args, call.line) == ((Arg(Name("bio")),), 10)


def test_svelte_snippets_are_functions_that_own_their_elements() -> None:
    builder = read(SVELTE, "x.svelte")
    (row,) = [i for i, s in enumerate(builder.symbols) if s.name == "row"]
    assert element(builder, "td").owner == row
    assert [p.name for p in builder.symbols[row].params] == ["o"]
    assert element(builder, "u").owner == 0


# ---------------------------------------------------------------- Angular

ANGULAR = """<form [formGroup]="form" (ngSubmit)="save(form.value)">
  <input [(ngModel)]="user.name" formControlName="name">
  <li *ngFor="let order of orders$ | async; trackBy: byId">{{ order.at | date: 'short' }}</li>
  <a [routerLink]="['/orders', id]" href="/x/{{ id }}" (click)="a(); b()">Open</a>
  @if (user(); as u) {
    <p [innerHTML]="u.bio"></p>
  } @else if (guest) { <b></b> } @else { <i></i> }
  @for (item of items; track item.id) { <app-row [item]="item" /> } @empty { none }
</form>
"""


def test_angular_bindings_are_expressions() -> None:
    builder = read(ANGULAR, "order.component.html")
    assert (builder.language, builder.errors) == ("angular", 0)
    form = element(builder, "form")
    assert (value(form, "[formGroup]"), value(form, "(ngSubmit)")) == (Name("form"), CallRef(0))
    assert value(element(builder, "input"), "[(ngModel)]") == Member(Name("user"), "name")
    assert value(element(builder, "a"), "href") == Concat((Lit("/x/"), Name("id")))
    assert isinstance(value(element(builder, "a"), "(click)"), Func)
    assert value(element(builder, "p"), "[innerHTML]") == Member(Name("u"), "bio")


def test_angular_loops_bind_their_variable_and_pipes_are_operators() -> None:
    builder = read(ANGULAR, "order.component.html")
    piped = Op("|", (Name("orders$"), Name("async")))
    assert value(element(builder, "li"), "*ngFor") == piped
    assert [(a.target, a.value, a.line) for a in builder.assigns] == [(Name("order"), piped, 3), (Name("item"), Name("items"), 8)]


def test_angular_control_flow_is_blocks_with_elements_inside() -> None:
    builder = read(ANGULAR, "order.component.html")
    assert [(b.kind, b.line) for b in builder.blocks] == [("if", 5), ("else", 7), ("else", 7), ("loop", 8), ("else", 8)]
    assert element(builder, "app-row").parent == builder.elements.index(element(builder, "form"))


def test_angular_microsyntax_with_an_alias_keeps_the_condition() -> None:
    builder = read('<p *ngIf="user$ | async as user; else login"></p>', "x.component.html")
    assert value(element(builder, "p"), "*ngIf") == Op("|", (Name("user$"), Name("async")))
