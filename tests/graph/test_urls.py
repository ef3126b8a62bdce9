"""Paths in one notation, joined and compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_readiness.graph.urls import from_regex, join, shape, uniform


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("/users/:id", "/users/{id}"),
        ("/users/:id(\\d+)/posts/:slug", "/users/{id}/posts/{slug}"),
        ("/files/:path*", "/files/{path*}"),
        ("/users/<int:id>", "/users/{id}"),
        ("/files/<path:name>", "/files/{name*}"),
        ("/items/{item_id:path}", "/items/{item_id*}"),
        ("/items/{item_id:int}", "/items/{item_id}"),
        ("/items/{id}:cancel", "/items/{id}:cancel"),
        ("/blog/[...slug]", "/blog/{slug*}"),
        ("/blog/[id]", "/blog/{id}"),
        ("/items/:id:int", "/items/{id}"),
        ("/items/:id:[0-9]+", "/items/{id}"),
        ("/items/:id:cancel", "/items/{id}:cancel"),
        ("/items/{name prefix(a)}", "/items/{name}"),
        ("/files/{**}", "/files/{wildcard*}"),
        ("*", "{wildcard*}"),
        ("/static/*", "/static/{wildcard*}"),
    ],
)
def test_every_notation_of_a_parameter_becomes_braces(written: str, expected: str) -> None:
    assert uniform(written) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"^orders/(?P<pk>\d+)/$", "orders/{pk}/"),
        (r"^(?P<year>[0-9]{4})/(?:page-(?P<page>\d+)/)?$", "{year}/"),
        (r"^a/(\w+)$", "a/{arg1}"),
        (r"^/[-_A-Za-z0-9]{1,64}(,[-_A-Za-z0-9]{1,64})*/json$", "/{arg1}/json"),
        (r"^[/]orders/\d+/.*$", "/orders/{arg1}/{path*}"),
    ],
)
def test_a_regular_expression_of_a_route_becomes_a_path(pattern: str, expected: str) -> None:
    assert from_regex(pattern) == expected


@pytest.mark.parametrize(
    ("prefix", "path", "keep", "expected"),
    [
        ("/api", "/users", False, "/api/users"),
        ("/api/", "users", False, "/api/users"),
        ("/api", "/", False, "/api"),
        ("/api", "/", True, "/api/"),
        ("/api", "", True, "/api"),
        ("", "", False, "/"),
        ("", "/", True, "/"),
    ],
)
def test_a_prefix_and_a_path_are_joined_with_one_slash(prefix: str, path: str, keep: bool, expected: str) -> None:
    assert join(prefix, path, keep_root=keep) == expected


def test_names_of_parameters_do_not_count_when_paths_are_compared() -> None:
    assert shape("/users/{id}/") == shape("/users/{user_id}?x=1#top") == ("users", "{}")


@given(st.text(max_size=300))
def test_no_text_makes_a_path_function_fail(text: str) -> None:
    assert isinstance(uniform(text), str)
    assert isinstance(from_regex(text), str)
    assert join("/p", text, keep_root=False).startswith("/")
    assert all("/" not in s or s.startswith("{") for s in shape(text))
