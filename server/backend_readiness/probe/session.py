"""All requests of one probe: each is sent once, and their number and time are bounded."""

from __future__ import annotations

import time
from typing import Protocol

from backend_readiness.probe.address import Target
from backend_readiness.probe.client import Limits, NoAnswer, send
from backend_readiness.probe.exchange import Exchange, Request

# A server that leaves so many requests in a row without an answer gets no more of them.
_PATIENCE = 5


class Asker(Protocol):
    """Answers requests; `scheme` is http or https."""

    @property
    def scheme(self) -> str: ...

    def ask(self, request: Request) -> Exchange: ...


class Session:
    """Asks `target`. `sent` counts requests, `ended` says why no more are sent ("" while there are)."""

    def __init__(self, target: Target, limits: Limits | None = None) -> None:
        self.target = target
        self.limits = limits or Limits()
        self.sent = 0
        self.ended = ""
        self.refused = False
        self._until = time.monotonic() + self.limits.total_s
        self._known: dict[Request, Exchange] = {}
        self._silent = 0

    @property
    def scheme(self) -> str:
        return self.target.scheme

    def ask(self, request: Request) -> Exchange:
        """The answer to a request; the same request is sent once."""
        known = self._known.get(request)
        if known is None:
            known = self._known[request] = self._sent(request)
        return known

    def _sent(self, request: Request) -> Exchange:
        now = time.monotonic()
        if not self.ended:
            self.ended = self._spent(now)
        if self.ended:
            return Exchange(request=request, answer=None, failure=f"not sent: {self.ended}")
        self.sent += 1
        try:
            answer = send(self.target, request, self.limits, min(now + self.limits.request_s, self._until))
        except NoAnswer as error:
            self._silent += 1
            self.refused = error.refused
            return Exchange(request=request, answer=None, failure=str(error))
        except TimeoutError:
            self._silent += 1
            return Exchange(request=request, answer=None, failure="it did not answer in time")
        self._silent = 0
        return Exchange(request=request, answer=answer)

    def _spent(self, now: float) -> str:
        if self.sent >= self.limits.requests:
            return f"{self.limits.requests} requests were sent, which is the limit"
        if now >= self._until:
            return f"{self.limits.total_s:g} seconds have passed, which is the limit"
        if self._silent >= _PATIENCE:
            return f"the server left {self._silent} requests in a row without an answer"
        return ""
