"""Endpoints that another system calls: no frontend is expected to."""

from __future__ import annotations

import pytest
from tests.rules.small_repository import tracer_of

from backend_readiness.graph.flows import flows_of

PAGE = "<html><body><a href='/orders'>Orders</a></body></html>"


def server(path: str, body: str = "return 1") -> dict[str, str]:
    return {
        "app/main.py": f"import stripe\nfrom fastapi import FastAPI\napp = FastAPI()\n@app.post({path!r})\ndef take():\n    {body}\n",
        "web/index.html": PAGE,
    }


@pytest.mark.parametrize(
    "path,body,caller",
    [
        ("/api/webhooks/stripe", "return 1", "Stripe"),
        ("/github/webhook", "return 1", "GitHub"),
        ("/payments/events", "stripe.Webhook.construct_event(b'', '', '')", "Stripe"),
        ("/webhooks", "return 1", ""),
        ("/webhooks/{id}/test", "return 1", ""),
        ("/webhooks/{id}/slack", "return 1", ""),
        ("/stripe/customers", "return 1", ""),
    ],
)
def test_a_webhook_says_who_calls_it(path: str, body: str, caller: str) -> None:
    tracer = tracer_of(server(path, body))
    gaps = [g.why for t in tracer.start(f"POST {path}")[1] for g in t.chain.gaps if g.stage == "api_call"]
    assert gaps == [f"called by {caller}, no frontend expected" if caller else "no frontend code calls this endpoint"]
    described = f"webhook, called by {caller}: POST {path}" if caller else f"POST {path}"
    assert [f.description for f in flows_of(tracer)] == [described]
