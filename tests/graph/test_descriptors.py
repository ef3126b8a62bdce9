"""Deployment descriptors, and settings that name each other, whatever they hold."""

from __future__ import annotations

import time

from backend_readiness.graph.routes.descriptors import deployed, parameters, without_comments

WEB = """<web-app>
  <!-- <servlet-mapping><servlet-name>old</servlet-name><url-pattern>/old</url-pattern></servlet-mapping>
  -->
  <servlet>
    <servlet-name> shop </servlet-name>
    <servlet-class>org.example.Shop</servlet-class>
    <init-param><param-name>application</param-name><param-value> org.example.App </param-value></init-param>
  </servlet>
  <servlet-mapping>
    <servlet-name>shop</servlet-name>
    <url-pattern>/shop/*</url-pattern>
    <url-pattern>/buy</url-pattern>
  </servlet-mapping>
</web-app>
"""


def test_a_mapping_has_its_class_its_parameters_and_its_paths() -> None:
    found = list(deployed(WEB))
    assert [(d.kind, d.name, d.cls, d.patterns, d.line) for d in found] == [
        ("servlet", "shop", "org.example.Shop", ("/shop/*", "/buy"), 10),
    ]
    assert found[0].names == {"shop", "org.example.Shop", "org.example.App"}
    assert parameters(WEB) == {"application": "org.example.App"}


def test_what_follows_a_comment_without_an_end_is_left_out() -> None:
    assert without_comments("a<!-- b\n -->c<!-- d") == "a\nc"


def test_hostile_descriptors_take_no_time() -> None:
    start = time.process_time()
    for text in (
        "<!--" * 100_000,
        "<servlet>" * 40_000,
        "<param-name>x</param-name><param-value>" + " " * 300_000,
        "<servlet-mapping>" * 20_000,
    ):
        assert list(deployed(text)) == []
    assert time.process_time() - start < 3
