"""Load test of the flows: `locust -f loadtest/locustfile.py --host https://staging.shop.example --users 200 --run-time 10m --headless`.

Needs SHOP_LOAD_EMAIL and SHOP_LOAD_PASSWORD of a confirmed account on staging. Fails the run when a budget of docs/slo.md is missed.
"""

import os
import uuid

from locust import HttpUser, between, events, task

BUDGETS_MS = {"catalogue": 200, "cart": 300, "checkout": 2000}


class Customer(HttpUser):
    wait_time = between(1, 4)

    def on_start(self) -> None:
        account = {"email": os.environ["SHOP_LOAD_EMAIL"], "password": os.environ["SHOP_LOAD_PASSWORD"]}
        answer = self.client.post("/api/v1/sessions", json=account, name="sign-in")
        self.client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]

    @task(10)
    def browse(self) -> None:
        self.client.get("/api/v1/products", name="catalogue")

    @task(3)
    def fill_cart(self) -> None:
        self.client.put("/api/v1/cart/lines/1", json={"quantity": 1}, name="cart")

    @task(1)
    def check_out(self) -> None:
        address = {"name": "Load", "street": "1 Test Street", "postcode": "10115", "city": "Berlin", "country": "DE"}
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        with self.client.post("/api/v1/orders", json={"address": address}, headers=headers, name="checkout", catch_response=True) as answer:
            if answer.status_code == 409:
                answer.success()  # an empty cart or no stock is an answer, not a failure


@events.quitting.add_listener
def hold_the_budgets(environment, **kwargs) -> None:
    for name, budget_ms in BUDGETS_MS.items():
        stats = environment.stats.get(name, "POST" if name == "checkout" else "PUT" if name == "cart" else "GET")
        if stats.num_requests and (stats.get_response_time_percentile(0.95) > budget_ms or stats.fail_ratio > 0.001):
            environment.process_exit_code = 1
