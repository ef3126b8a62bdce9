"""Addresses that a function adds to after it has begun them."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of

SCRIPT = """
import axios from "axios";
class Orders {
  url(id = null, action = null) {
    let url = "/api/orders/";
    if (id !== null) { url += `${id}/`; }
    if (action) { url += `${action}/`; }
    return url;
  }
  list() { return axios.get(this.url()); }
  one(id) { return axios.get(this.url(id)); }
  pay(id) { return axios.post(this.url(id, "pay")); }
  check() { return axios.put(this.url(null, "check")); }
}
export function always(id) { let url = "/api/"; url += "always"; return axios.get(url); }
export function again(all) { let url = "/api/again"; url += "/x"; for (const a of all) { url += a; } return axios.get(url); }
export function asked(q) { let url = "/api/asked"; url += "?q=" + q; return axios.get(url); }
"""

WITH_ELSE = """
import axios from "axios";
function address(number = null) {
  let url = "/api/orders/";
  if (number !== null) { url += `${number}/`; } else { url += "all/"; }
  return url;
}
export const one = (number) => axios.get(address(number));
export const every = () => axios.get(address());
"""


def calls(code: str) -> list[str]:
    return sorted(c.symbol for c in tracer_of({"src/orders.js": code}).calls)


def test_what_a_function_adds_is_part_of_the_address() -> None:
    assert calls(SCRIPT) == [
        "GET /api/again/x",
        "GET /api/always",
        "GET /api/asked",
        "GET /api/orders/",
        "GET /api/orders/{id}/",
        "POST /api/orders/{id}/pay/",
        "PUT /api/orders/check/",
    ]


def test_an_else_is_added_where_its_condition_does_not_hold() -> None:
    assert calls(WITH_ELSE) == ["GET /api/orders/all/", "GET /api/orders/{number}/"]
