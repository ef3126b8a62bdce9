"""What the server's answers cost a model, in tokens: the tool definitions, and the answers that an audit of one flow reads.

    python benchmarks/tokens.py                                        evals/apps/shop, the flow "checkout"
    python benchmarks/tokens.py PATH "POST /login" "POST /orders"      of this repository, these endpoints

Prints JSON. Tokens are o200k_base, counted offline; a current Claude model sees up to 1.4 times as many.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from pathlib import Path
from typing import Any

from backend_readiness.agent.tokens import ENCODING, count
from backend_readiness.mcp_server import INSTRUCTIONS, build
from mcp import Client

ROOT = Path(__file__).resolve().parents[1]
SHOP = (str(ROOT / "evals/apps/shop"), "POST /api/v1/orders", "POST /api/v1/sessions", "PUT /api/v1/cart/lines/{product_id}")
DEFINITIONS_LIMIT, TRACE_LIMIT, ANSWER_CHARS = 4_000, 1_200, 8_000


async def measure(repository: str, endpoints: list[str]) -> dict[str, Any]:
    async with Client(build([repository])) as client:
        tools = (await client.list_tools()).tools
        definitions = [{"name": t.name, "description": t.description, "input_schema": t.input_schema} for t in tools]
        answers: dict[str, dict[str, int]] = {}

        async def ask(label: str, name: str, **arguments: object) -> str:
            result = await client.call_tool(name, dict(arguments))
            text = "".join(getattr(part, "text", "") for part in result.content)
            if result.is_error:
                raise SystemExit(f"{name}: {text}")
            answers[label] = {"chars": len(text), "tokens": count(text)}
            return text

        await ask("map_repository", "map_repository")
        await ask("list_flows", "list_flows")
        await ask("list_routes", "list_routes")
        for endpoint in endpoints:
            await ask(f"trace {endpoint}", "trace_call_chain", start=endpoint)
            pages, cursor = 0, None
            while pages == 0 or cursor:
                pages += 1
                text = await ask(f"check {endpoint} page {pages}", "run_check", endpoints=[endpoint], cursor=cursor)
                cursor = json.loads(text)["about"].get("next_cursor")
    traces = [a["tokens"] for label, a in answers.items() if label.startswith("trace ")]
    whole = [sum(a["tokens"] for label, a in answers.items() if label.startswith(f"check {e} ")) for e in endpoints]
    return {
        "encoding": ENCODING,
        "tool_definitions": {"tokens": count(json.dumps(definitions)), "limit": DEFINITIONS_LIMIT},
        "instructions": {"tokens": count(INSTRUCTIONS)},
        "trace_call_chain": {"tokens_median": int(statistics.median(traces)), "tokens_most": max(traces), "limit": TRACE_LIMIT},
        "run_check_all_pages": {"tokens_median": int(statistics.median(whole)), "tokens_most": max(whole)},
        "largest_answer": {"chars": max(a["chars"] for a in answers.values()), "limit": ANSWER_CHARS},
        "answers": answers,
    }


if __name__ == "__main__":
    repository, *endpoints = sys.argv[1:] or SHOP
    print(json.dumps(asyncio.run(measure(repository, endpoints)), indent=2))
