"""Which of the chains from one place comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.model import Stage

if TYPE_CHECKING:
    from backend_readiness.graph.trace import Traced


def usual(traced: Traced) -> int:
    """Of several requests of one action the one that a reader means first: what it creates, then what it shows."""
    endpoint = traced.chain.endpoint
    order = ("POST", "GET", "PUT", "PATCH", "DELETE")
    return order.index(endpoint.method) if endpoint is not None and endpoint.method in order else len(order)


def is_beside(traced: Traced) -> bool:
    """Is it a message over a socket, which goes beside the request that an action is for?"""
    endpoint = traced.chain.endpoint
    return endpoint is not None and endpoint.method == "WS"


def is_idle(traced: Traced) -> bool:
    """Does its handler change nothing? Of the messages of one form the one that saves is meant, not the one that only checks."""
    handler = next((n for n, link in enumerate(traced.chain.links) if link.stage is Stage.HANDLER), None)
    return handler is None or all(link.operation in (None, "read") for link in traced.chain.links[handler:])


def is_other_name(traced: Traced) -> bool:
    """Of several requests to one address: is the function that sends it called otherwise than what the action runs?"""
    names = [link.symbol.rpartition(".")[2] for link in traced.chain.links if link.stage is Stage.FRONTEND_HANDLER]
    return len(names) > 1 and names[0] != names[-1]
