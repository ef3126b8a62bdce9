"""What JavaScript backends touch, where the answer must stay silent or bounded."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of

APP = "const express = require('express');\nconst app = express();\n"


def touched(files: dict[str, str], start: str) -> list[tuple[str | None, str | None]]:
    _, chains = tracer_of(files).start(start)
    return [(link.operation, link.target) for link in chains[0].chain.links if link.operation is not None]


def test_rows_that_were_fetched_are_not_fetched_again() -> None:
    source = (
        "const { model, Schema } = require('mongoose');\nconst Item = model('Item', new Schema({}));\n"
        + APP
        + "app.get('/x', async (q, s) => { const rows = await Item.find({}).lean(); const one = rows.find((r) => r.id);\n"
        " const doc = await Item.findOne({}); await doc.save(); s.json(one); });"
    )
    assert touched({"app.js": source}, "GET /x") == [("read", "Item"), ("read", "Item"), ("write", "Item")]


def test_a_fragment_of_sql_and_a_query_under_construction_touch_nothing() -> None:
    source = (
        "const db = require('knex')({});\n" + APP + "app.get('/x', async (q, s) => {\n"
        " const query = db('items').select('*').select(db.raw('count(*) as n')); query.where({ a: 1 });\n"
        " s.json(await query.orderBy('a')); });"
    )
    assert touched({"app.js": source}, "GET /x") == [("read", "items"), ("read", "items")]


def test_a_job_of_another_name_is_not_run() -> None:
    files = {
        "jobs.ts": "import { Processor, Process } from '@nestjs/bull'; import { appendFileSync } from 'fs';\n"
        "@Processor('media') export class Media {\n"
        " @Process('resize') resize() { appendFileSync('resized', 'x'); }\n @Process('drop') drop() { appendFileSync('dropped', 'x'); } }",
        "app.ts": "import { Controller, Post } from '@nestjs/common'; import { InjectQueue } from '@nestjs/bull';\n"
        "import { Queue } from 'bull';\n"
        "@Controller('m') export class C { constructor(@InjectQueue('media') private readonly queue: Queue) {}\n"
        " @Post() send() { return this.queue.add('resize', {}); } }",
    }
    assert touched(files, "POST /m") == [("call", "media"), ("write", "resized")]


def test_providers_that_name_each_other_end() -> None:
    files = {
        "app.ts": "import { Controller, Get, Module, Inject } from '@nestjs/common';\n"
        "@Controller('x') export class C { constructor(@Inject('A') private a: any) {} @Get() go() { return this.a.run(); } }\n"
        "const providers = [{ provide: 'A', useFactory: (b) => b, inject: ['B'] }, { provide: 'B', useExisting: 'A' }];\n"
        "@Module({ controllers: [C], providers }) export class App {}",
    }
    assert touched(files, "GET /x") == []


def test_a_worker_that_puts_its_own_job_back_ends() -> None:
    source = (
        "const { Queue, Worker } = require('bullmq');\nconst jobs = new Queue('jobs');\n"
        "async function work() { await jobs.add('again'); }\n"
        "new Worker('jobs', work);\n" + APP + "app.post('/x', async (q, s) => { await jobs.add('first'); s.json({}); });"
    )
    assert touched({"app.js": source}, "POST /x") == [("call", "jobs"), ("call", "jobs")]
