"""Imports and exports of ES modules and CommonJS."""

from __future__ import annotations

import pytest
from tests.facts.javascript_show import facts_of, show, show_assign, show_call

IMPORTS = {
    "import a from 'm'": ["m default a"],
    "import { a, b as c, default as d } from 'm'": ["m a a", "m b c", "m default d"],
    "import * as ns from 'm'": ["m None ns"],
    "import a, { b } from 'm'": ["m default a", "m b b"],
    "import 'm'": ["m None None"],
    "import type { T } from 'm'": ["m T T"],
    "import { type T, u } from 'm'": ["m T T", "m u u"],
    "import x = require('m')": ["m None x"],
    "const x = require('m')": ["m None x"],
    "const { a, b: c } = require('m')": ["m a a", "m b c"],
    "const x = require('m').y": ["m y x"],
    "let x; x = require('m')": ["m None x"],
    "require('m')": ["m None None"],
    "const x = require('m')(app)": ["m None None"],
    "const { a: { b } } = require('m')": ["m None None"],
    "use(require(`m`))": ["m None None"],
    "const x = await import('m')": ["m None None"],
    "const Page = lazy(() => import('./Page'))": ["./Page None None"],
    "require(name)": [],
    "import json from './a.json' with { type: 'json' }": ["./a.json default json"],
}


@pytest.mark.parametrize("source", IMPORTS)
def test_an_import_gives_one_fact_for_each_local_name(source: str) -> None:
    facts = facts_of(source)
    assert facts.errors == 0
    assert [f"{i.module} {i.name} {i.local}" for i in facts.imports] == IMPORTS[source]


def test_a_required_name_is_an_import_and_no_assignment_and_the_call_is_kept() -> None:
    facts = facts_of("const express = require('express'); const app = express(); const db = require('./db')(app)")
    assert [show_assign(a, facts) for a in facts.assigns] == ["const app = express()", "const db = require('./db')(app)"]
    assert [show_call(c, facts) for c in facts.calls] == ["require('express')", "express()", "require('./db')", "require('./db')(app)"]


def test_a_require_inside_of_a_function_belongs_to_it() -> None:
    facts = facts_of("function load() {\n  const fs = require('fs')\n}")
    assert [(i.local, i.owner, i.line) for i in facts.imports] == [("fs", 1, 2)]


EXPORTS = {
    "export const a = 1, b = 2": ["a = a", "b = b"],
    "export const { a, b: [c] } = f()": ["a = a", "c = c"],
    "export function f() {}": ["f = f"],
    "export async function f() {}": ["f = f"],
    "export class A {}": ["A = A"],
    "export interface I {}": ["I = I"],
    "export type T = string": ["T = T"],
    "export enum E {}": ["E = E"],
    "export declare const g: string": ["g = g"],
    "export abstract class A {}": ["A = A"],
    "export default function f() {}": ["default = f"],
    "export default function () {}": ["default = fn:"],
    "export default class {}": ["default = class:"],
    "export default app": ["default = app"],
    "export default { name: 'x' }": ["default = {name: 'x'}"],
    "export default memo(function X() {})": ["default = memo(fn:X)"],
    "export { a, b as c, d as default }": ["a = a", "c = b", "default = d"],
    "export { a as b, default } from 'm'": ["b = a @m", "default = default @m"],
    "export * from 'm'": ["* = - @m"],
    "export * as ns from 'm'": ["ns = * @m"],
    "export type { T } from 'm'": ["T = T @m"],
    "export = foo": ["= = foo"],
    "module.exports = { a, b() {} }": ["= = {a: a, b: fn:b}"],
    "module.exports = router": ["= = router"],
    "exports.a = async () => 1": ["a = fn:a"],
    "module.exports.a = b": ["a = b"],
    "exports['a-b'] = c": ["a-b = c"],
    "exports = module.exports = f": ["= = f"],
    "module.exports = require('m')": ["= = require('m')"],
    "export const h = async () => 1": ["h = h"],
    "export import a = b.c": [],
    "export {}": [],
}


@pytest.mark.parametrize("source", EXPORTS)
def test_an_export_gives_its_name_its_value_and_its_module(source: str) -> None:
    facts = facts_of(source)
    assert facts.errors == 0
    shown = [f"{e.name} = {show(e.value, facts)}" + (f" @{e.module}" if e.module else "") for e in facts.exports]
    assert shown == EXPORTS[source]
