"""Stripe Checkout over HTTP: bounded in time and size, retried only because each call carries an idempotency key."""

import json
import logging
import random
import threading
import time
from dataclasses import dataclass
from functools import lru_cache

import httpx

from shop import metrics
from shop.logs import request_id
from shop.models import Order
from shop.settings import Settings, get_settings

log = logging.getLogger(__name__)

TIMEOUT = httpx.Timeout(connect=2.0, read=5.0, write=5.0, pool=2.0)
TOTAL_S = 8.0
MAX_ATTEMPTS = 3
MAX_RESPONSE_BYTES = 262_144
RETRIED_STATUS = frozenset({409, 429, 500, 502, 503, 504})


class PaymentUnavailable(Exception):
    """The provider cannot be reached or refused; nothing is known to have been charged."""


@dataclass(frozen=True, slots=True)
class PaymentSession:
    reference: str
    url: str


class CircuitBreaker:
    """Opens after `threshold` failures in a row and lets one call through after `pause_s`."""

    def __init__(self, threshold: int = 5, pause_s: float = 20.0) -> None:
        self.threshold, self.pause_s = threshold, pause_s
        self.failures = 0
        self.retry_at = 0.0
        self.lock = threading.Lock()

    def check(self) -> None:
        with self.lock:
            if self.failures < self.threshold:
                return
            if time.monotonic() < self.retry_at:
                raise PaymentUnavailable("circuit open")
            self.retry_at = time.monotonic() + self.pause_s

    def note(self, ok: bool) -> None:
        with self.lock:
            self.failures = 0 if ok else self.failures + 1
            if self.failures >= self.threshold:
                self.retry_at = time.monotonic() + self.pause_s


class StripeClient:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.breaker = CircuitBreaker()
        self.http = httpx.Client(
            base_url=str(settings.stripe_api_base),
            timeout=TIMEOUT,
            limits=httpx.Limits(max_connections=20, max_keepalive_connections=5),
            auth=(settings.stripe_secret_key.get_secret_value(), ""),
            follow_redirects=False,
        )

    def close(self) -> None:
        self.http.close()

    def create_session(self, order: Order, email: str) -> PaymentSession:
        """Errors: `PaymentUnavailable`."""
        public = str(self.settings.public_url).rstrip("/")
        form = {
            "mode": "payment",
            "client_reference_id": str(order.id),
            "customer_email": email,
            "success_url": f"{public}/orders?paid={order.id}",
            "cancel_url": f"{public}/cart",
            "expires_at": str(int(order.created_at.timestamp()) + 3600),
        }
        for index, line in enumerate(order.lines):
            item = f"line_items[{index}]"
            form[f"{item}[quantity]"] = str(line.quantity)
            form[f"{item}[price_data][currency]"] = order.currency.lower()
            form[f"{item}[price_data][unit_amount]"] = str(line.unit_price_minor)
            form[f"{item}[price_data][product_data][name]"] = line.product_name
        answer = self._post("/v1/checkout/sessions", form, idempotency_key=f"order-{order.id}")
        reference, url = answer.get("id"), answer.get("url")
        if not isinstance(reference, str) or not isinstance(url, str):
            raise PaymentUnavailable("unexpected answer")
        return PaymentSession(reference=reference, url=url)

    def _post(self, path: str, form: dict[str, str], *, idempotency_key: str) -> dict[str, object]:
        self.breaker.check()
        headers = {"Idempotency-Key": idempotency_key, "X-Request-ID": request_id.get()}
        deadline = time.monotonic() + TOTAL_S
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                status, body = self._send(path, form, headers, deadline)
            except httpx.TransportError as error:
                status, body = 0, type(error).__name__.encode()
            if status == 200:
                self.breaker.note(ok=True)
                metrics.PAYMENT_CALLS.labels("ok").inc()
                return _json_object(body)
            pause = 0.2 * 2**attempt * random.uniform(0.5, 1.0)
            transient = status == 0 or status in RETRIED_STATUS
            if not transient or attempt == MAX_ATTEMPTS or time.monotonic() + pause > deadline:
                break
            log.warning("payment call failed, trying again", extra={"status": status, "attempt": attempt})
            time.sleep(pause)
        self.breaker.note(ok=not transient)
        metrics.PAYMENT_CALLS.labels("failed").inc()
        log.error("payment call failed", extra={"status": status, "path": path})
        raise PaymentUnavailable(f"status {status}")

    def _send(self, path: str, form: dict[str, str], headers: dict[str, str], deadline: float) -> tuple[int, bytes]:
        """Status and body. The deadline covers reading the body too, which the client's own timeouts do not."""
        body = bytearray()
        with self.http.stream("POST", path, data=form, headers=headers) as response:
            for chunk in response.iter_bytes(16_384):
                body += chunk
                if len(body) > MAX_RESPONSE_BYTES or time.monotonic() > deadline:
                    raise httpx.ReadTimeout("answer too long or too slow", request=response.request)
            return response.status_code, bytes(body)


def _json_object(body: bytes) -> dict[str, object]:
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise PaymentUnavailable("unreadable answer") from error
    if not isinstance(answer, dict):
        raise PaymentUnavailable("unexpected answer")
    return answer


@lru_cache
def get_stripe() -> StripeClient:
    return StripeClient(get_settings())
