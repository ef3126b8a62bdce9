"""Which route a sentence means: its own words, before what it shares with all others."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of

from backend_readiness.graph.search import rank

APP = """
from flask import Blueprint, Flask
from flask_login import login_required
auth = Blueprint("auth", __name__, url_prefix="/users")
@auth.post("/login")
def create_session(): ...
@auth.post("/reset_password")
@login_required
def reset(): ...
@auth.post("/settings/address")
@login_required
def change_address(): ...
@auth.get("/settings")
@login_required
def settings(): ...
@auth.get("/notes")
@login_required
def notes(): ...
app = Flask(__name__)
app.register_blueprint(auth)
"""


def best(text: str) -> str:
    return str(rank(tracer_of({"app.py": APP}), text)[0][1].route.endpoint)


def test_a_word_of_guards_that_stand_before_all_routes_keeps_its_weight_for_the_route_that_it_names() -> None:
    assert best("user logs in with address and password") == "POST /users/login"


def test_what_is_done_counts_before_what_it_is_done_with() -> None:
    assert best("user changes their address") == "POST /users/settings/address"


def test_the_end_of_a_path_counts_before_what_is_above() -> None:
    assert best("user reads the settings") == "GET /users/settings"
