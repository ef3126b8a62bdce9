"""What elements of the interface say: which route a sentence means, and which way to it."""

from __future__ import annotations

import pytest
from tests.rules.small_repository import tracer_of

from backend_readiness.graph.search import rank
from backend_readiness.graph.sentences import parse, stems

SERVER = """
const app = require("express")();
app.get("/api/notes", (q, r) => r.json([]));
app.post("/api/notes", (q, r) => r.end());
app.put("/api/notes/:id", (q, r) => r.end());
app.delete("/api/notes/:id", (q, r) => r.end());
app.get("/api/notes/pinned", (q, r) => r.json([]));
app.get("/api/notes/published", (q, r) => r.json([]));
app.post("/api/ring", (q, r) => r.end());
app.post("/api/ring/entry/create", (q, r) => r.end());
"""
PAGE = """
import React from "react";
export function Notes({ note }) {
  const put = (value) => fetch(`/api/notes/${note.id}`, { method: "PUT", body: value });
  const hide = () => put(false);
  const show = () => put(true);
  const keep = () => fetch("/api/notes", { method: "POST" });
  const found = () => fetch("/api/notes");
  const all = () => fetch("/api/notes");
  const begin = () => fetch("/api/ring", { method: "POST" });
  const enter = () => fetch("/api/ring/entry/create", { method: "POST" });
  return <div>
    <button onClick={all}>Reload</button><button onClick={found}>Search</button>
    <button onClick={keep}>Send</button>
    <button onClick={hide}>UnPublish</button><button onClick={show}>Publish</button>
    <button onClick={begin}>Create Circle</button><button onClick={enter}>Send</button>
  </div>;
}
"""
FILES = {"server.js": SERVER, "Notes.jsx": PAGE, "package.json": '{"dependencies": {"express": "4", "react": "18"}}'}


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("user publishes a note", "PUT /api/notes/{id}"),  # the button says it, and not that it makes one
        ("user creates a note", "POST /api/notes"),
        ("user creates a circle", "POST /api/ring"),  # no path has the word, a button has
        ("user confirms the deletion of a note", "DELETE /api/notes/{id}"),
    ],
)
def test_what_no_path_says_a_button_says(text: str, endpoint: str) -> None:
    assert str(rank(tracer_of(FILES), text)[0][1].route.endpoint) == endpoint


def test_where_no_button_says_it_to_publish_is_to_create() -> None:
    plain = {"server.js": SERVER, "package.json": '{"dependencies": {"express": "4"}}'}
    assert str(rank(tracer_of(plain), "user publishes a note")[0][1].route.endpoint) == "POST /api/notes"


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("user searches the notes", "<button onClick> 'Search'"),
        ("user reloads the notes", "<button onClick> 'Reload'"),
        ("user publishes a note", "<button onClick> 'Publish'"),
    ],
)
def test_of_several_ways_to_a_route_the_one_that_says_it_comes_first(text: str, element: str) -> None:
    assert tracer_of(FILES).start(text)[1][0].chain.links[0].symbol == element


def test_a_deed_may_be_the_noun_behind_a_verb_that_says_little() -> None:
    asked = parse("user confirms the deletion of an order")
    assert asked.methods == {"DELETE"}
    assert asked.weights["delet"] > asked.weights["confirm"]
    assert "confirm" in parse("user confirms the order").verbs


def test_the_opposite_of_a_deed_is_one_word() -> None:
    assert stems("UnPublish un_follow") == ["unpublish", "unfollow"]
    assert stems("run unique userName") == ["run", "uniqu", "user", "nam"]
