"""What is done, said in other words than the route says it, or only by its method."""

from __future__ import annotations

import pytest
from tests.rules.small_repository import tracer_of

from backend_readiness.graph.search import rank
from backend_readiness.graph.sentences import stem

RESOURCES = """
from flask import Flask
app = Flask(__name__)
@app.post("/users")
def users_post(): ...
@app.get("/users")
def users_get(): ...
@app.get("/users/<id>")
def users_one(id): ...
@app.post("/token")
def token(): ...
@app.post("/partners")
def partners_post(): ...
@app.post("/partners/contacts/new")
def partner_contacts(): ...
@app.put("/partners/<id>")
def partners_put(id): ...
@app.delete("/partners/<id>")
def partners_delete(id): ...
@app.post("/payments/<invoice>/rows")
def add_payment(invoice): ...
"""
NAMED = """
from flask import Flask
app = Flask(__name__)
@app.post("/register")
def register(): ...
@app.post("/login")
def login(): ...
@app.post("/users")
def users_post(): ...
@app.post("/token")
def token(): ...
@app.post("/payments")
def payments_post(): ...
@app.post("/password/forgot")
def forgot(): ...
@app.post("/password/reset/<token>")
def reset(token): ...
@app.post("/activation/mail")
def activation_mail(): ...
@app.get("/courses-counter")
def counter(): ...
@app.get("/courses")
def courses(): ...
@app.post("/products/add")
def products_add(): ...
@app.post("/addtocart")
def to_cart(): ...
@app.post("/checkout")
def checkout(): ...
@app.get("/recipes")
def recipes(): ...
@app.get("/tags")
def tags(): ...
"""


def best(source: str, text: str) -> str:
    return str(rank(tracer_of({"app.py": source}), text)[0][1].route.endpoint)


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("sign up", "POST /users"),
        ("log in", "POST /token"),
        ("a new partner is created", "POST /partners"),
        ("suggest a partner", "POST /partners"),
        ("edit a partner", "PUT /partners/{id}"),
        ("delete a partner", "DELETE /partners/{id}"),
        ("show one user", "GET /users/{id}"),
        ("list all users", "GET /users"),
    ],
)
def test_a_method_says_what_no_word_of_the_route_does(text: str, endpoint: str) -> None:
    assert best(RESOURCES, text) == endpoint


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("sign up", "POST /register"),
        ("log in", "POST /login"),
        ("log into the site", "POST /login"),
        ("register a payment", "POST /payments"),
        ("register a user", "POST /register"),
        ("visitor creates an account and receives an activation mail", "POST /register"),
        ("send me a mail to reset my password", "POST /password/forgot"),
        ("reset my password", "POST /password/reset/{token}"),
        ("how many courses there are", "GET /courses-counter"),
        ("list the courses", "GET /courses"),
        ("add to cart", "POST /addtocart"),
        ("add a product", "POST /products/add"),
        ("check out", "POST /checkout"),
        ("list my recipes filtered by tags", "GET /recipes"),
    ],
)
def test_a_name_for_it_comes_before_what_it_might_be_named(text: str, endpoint: str) -> None:
    assert best(NAMED, text) == endpoint


@pytest.mark.parametrize(
    ("one", "other"), [("shipped", "ship"), ("shipping", "ship"), ("planned", "plan"), ("adding", "add"), ("settings", "setting")]
)
def test_a_letter_doubled_before_an_ending_is_no_part_of_the_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)
