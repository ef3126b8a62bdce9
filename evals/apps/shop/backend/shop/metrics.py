"""What is measured. Labels are route templates, never raw paths."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("shop_http_requests_total", "Requests answered", ["method", "route", "status"])
LATENCY = Histogram(
    "shop_http_request_seconds",
    "Time to answer a request",
    ["method", "route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10),
)
IN_FLIGHT = Gauge("shop_http_requests_in_flight", "Requests being answered")
PAYMENT_CALLS = Counter("shop_payment_calls_total", "Calls to the payment provider", ["outcome"])
ORDERS = Counter("shop_orders_total", "Orders by what became of them", ["outcome"])
OUTBOX_WAITING = Gauge("shop_outbox_waiting", "Messages not yet sent")
OUTBOX_DEAD = Gauge("shop_outbox_dead", "Messages given up on")
