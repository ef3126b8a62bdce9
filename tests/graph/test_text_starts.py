"""Which route a sentence means: its own words, before what it shares with all others."""

from __future__ import annotations

import pytest
from tests.rules.small_repository import tracer_of

from backend_readiness.graph.search import rank
from backend_readiness.graph.sentences import stem

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


SHOP = {
    "server.js": """
const express = require("express");
const { addReview } = require("./reviews");
const app = express();
app.post("/reviews", (req, res) => addReview(req, res));
app.get("/issues/:id", getIssueWithComments);
app.post("/comments", create);
app.post("/login", signIn);
app.get("/oauth/github", toGithub);
app.get("/sessions", listSessions);
app.put("/accounts/:id/unlock", free);
// Removes everybody from the list of recipients
app.post("/x1", (req, res) => res.end());
app.post("/settings/2fa/on", (req, res) => res.end());
app.post("/admin/forgotpassword", (req, res) => res.end());
app.get("/{*rest}", spa);
function getIssueWithComments(req, res) {}
function create(req, res) {}
function signIn(req, res) {}
function toGithub(req, res) {}
function listSessions(req, res) {}
function free(req, res) {}
function spa(req, res) {}
""",
    "reviews.js": "exports.addReview = (req, res) => res.end();",
    "package.json": '{"dependencies": {"express": "4"}}',
}


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("leave a comment on an issue", "POST /comments"),
        ("sign in with GitHub", "GET /oauth/github"),
        ("log in", "POST /login"),
        ("unblock an account", "PUT /accounts/{id}/unlock"),
        ("buyer posts a review", "POST /reviews"),
        ("clear the recipients", "POST /x1"),
        ("turn on two factor authentication", "POST /settings/2fa/on"),
        ("lost password", "POST /admin/forgotpassword"),
    ],
)
def test_a_sentence_may_say_it_with_other_words_than_the_route(text: str, endpoint: str) -> None:
    assert str(rank(tracer_of(SHOP), text)[0][1].route.endpoint) == endpoint


def test_the_label_of_a_button_speaks_for_the_route_that_it_leads_to() -> None:
    page = """
import React from "react";
export function Board() {
  const first = () => fetch("/a1", { method: "POST" });
  const second = () => fetch("/a2", { method: "POST" });
  return <div><button onClick={first}>Freeze everything</button><button onClick={second}>Thaw</button></div>;
}
"""
    server = 'const app = require("express")();\napp.post("/a1", (q, r) => r.end());\napp.post("/a2", (q, r) => r.end());'
    files = {"server.js": server, "Board.jsx": page, "package.json": '{"dependencies": {"express": "4", "react": "18"}}'}
    ranked = rank(tracer_of(files), "thaw the board")
    assert str(ranked[0][1].route.endpoint) == "POST /a2"


def test_an_endpoint_that_shares_no_word_is_no_answer() -> None:
    assert rank(tracer_of({"app.py": APP}), "print the invoice") == []


HEARTS = """
from flask import Flask
app = Flask(__name__)
@app.delete("/articles/<slug>/favorite")
def unfavorite(slug): ...
@app.post("/articles/<slug>/favorite")
def favorite(slug): ...
@app.get("/articles")
def articles(): ...
@app.get("/me/profile")
def profile(): ...
@app.get("/owners")
def owners(): ...
"""


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("reader clicks the heart to favourite an article", "POST /articles/{slug}/favorite"),
        ("look for owners by last name", "GET /owners"),
    ],
)
def test_who_reads_is_no_verb_and_whose_it_is_no_thing(text: str, endpoint: str) -> None:
    assert str(rank(tracer_of({"app.py": HEARTS}), text)[0][1].route.endpoint) == endpoint


def test_who_stands_behind_a_verb_is_what_it_is_done_to() -> None:
    files = {
        "app.py": """
from fastapi import FastAPI
app = FastAPI()
@app.post("/issues/{id}/create-copy")
def create_copy(id: int): ...
@app.post("/users")
def store(): ...
"""
    }
    assert [str(rank(tracer_of(files), text)[0][1].route.endpoint) for text in ("add a user", "user adds a copy of an issue")] == [
        "POST /users",
        "POST /issues/{id}/create-copy",
    ]


def test_a_page_that_only_asks_comes_after_what_it_asks_about() -> None:
    files = {
        "app.py": """
from flask import Flask, render_template
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
db = SQLAlchemy(app)
class Link(db.Model): ...
@app.get("/guest-links/new")
def new_guest_link():
    return render_template("new.html")
@app.post("/guest-links")
def store():
    db.session.add(Link())
@app.get("/notes/<id>/delete")
def delete_note(id):
    db.session.delete(Link.query.get(id))
@app.get("/notes/<id>")
def note(id): ...
"""
    }
    found = [str(rank(tracer_of(files), text)[0][1].route.endpoint) for text in ("create a guest link", "delete a note")]
    assert found == ["POST /guest-links", "GET /notes/{id}/delete"]


@pytest.mark.parametrize(("one", "other"), [("delivered", "deliver"), ("ordering", "orders"), ("registered", "register")])
def test_a_verb_has_one_stem_in_all_its_forms(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_what_somebody_signs_in_with_names_no_other_route() -> None:
    routes = "\n".join(f'@app.get("/things{n}/auth")\n@login_required\ndef thing{n}(): ...' for n in range(40))
    code = f"""
from flask import Flask
from flask_login import login_required
app = Flask(__name__)
@app.post("/session")
def create(): ...
@app.post("/reset_password")
@login_required
def create_password_reset(): ...
{routes}
"""
    assert str(rank(tracer_of({"app.py": code}), "user logs in with email and password")[0][1].route.endpoint) == "POST /session"


LIVE = {
    "mix.exs": 'defmodule Shop.MixProject do\n  defp deps, do: [{:phoenix, "~> 1.7"}, {:ecto_sql, "~> 3.0"}]\nend\n',
    "lib/shop_web/router.ex": """
defmodule ShopWeb.Router do
  use ShopWeb, :router
  live "/lists", ShopWeb.ListsLive
end
""",
    "lib/shop/lists.ex": """
defmodule Shop.Lists do
  alias Shop.Repo
  alias Shop.List
  def delete_list(id), do: Repo.delete!(Repo.get!(List, id))
  def create_list(given), do: Repo.insert!(struct(List, given))
end
""",
    "lib/shop/repo.ex": "defmodule Shop.Repo do\n  use Ecto.Repo, otp_app: :shop, adapter: Ecto.Adapters.Postgres\nend\n",
    "lib/shop/list.ex": 'defmodule Shop.List do\n  use Ecto.Schema\n  schema "lists" do\n    field :name, :string\n  end\nend\n',
    "lib/shop_web/live/lists_live.ex": '''
defmodule ShopWeb.ListsLive do
  use ShopWeb, :live_view
  alias Shop.Lists
  def mount(_params, _session, socket), do: {:ok, socket}
  def render(assigns) do
    ~H"""
    <.link phx-click="drop" phx-value-id={1}>x</.link>
    <.form for={@form} phx-submit="keep"><input name="name" /></.form>
    """
  end
  def handle_event("drop", %{"id" => id}, socket) do
    Lists.delete_list(id)
    {:noreply, socket}
  end
  def handle_event("keep", %{"list" => given}, socket) do
    Lists.create_list(given)
    {:noreply, socket}
  end
end
''',
}


@pytest.mark.parametrize(
    ("text", "element"), [("user creates a new list", "<.form phx-submit>"), ("user deletes a list", "<.link phx-click>")]
)
def test_the_message_comes_first_whose_functions_say_what_the_sentence_does(text: str, element: str) -> None:
    chains = tracer_of(LIVE).start(text)[1]
    assert chains[0].chain.links[0].symbol == element


def test_a_path_that_says_another_deed_and_the_page_that_only_asks_come_behind_the_request_that_does_it() -> None:
    app = """
from flask import Flask
app = Flask(__name__)
@app.post("/base/update_password")
def update_password(): verify_login()
@app.post("/base/access_token")
def login_access_token(): ...
@app.get("/orders/new")
def suggest_new(): ...
@app.post("/orders")
def create(): ...
"""
    tracer = tracer_of({"app.py": app})
    assert str(rank(tracer, "user signs in with name and password")[0][1].route.endpoint) == "POST /base/access_token"
    assert str(rank(tracer, "user suggests a new order")[0][1].route.endpoint) == "POST /orders"
