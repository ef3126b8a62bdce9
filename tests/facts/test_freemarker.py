"""Templates of FreeMarker to facts: what is put out, what is blanked, and hostile ones."""

from __future__ import annotations

import time
from textwrap import dedent

import pytest
from tests.rules.small_repository import tracer_of

from backend_readiness.facts.languages import markup
from backend_readiness.facts.model import Concat, FileFacts, Lit, Member, Name

PAGE = """
    <#-- <a href="/never">x</a> -->
    <#import "../common/layout.ftl" as layout>
    <@layout.head title="a > b" />
    <#list orders as order>
      <a href="${request.contextPath}/orders/${order.id}">${(order.name)!?html}</a>
      <option value="1" <#if order.open && order.total gt 3>selected</#if> >x</option>
    </#list>
    <form action='${rc.contextPath}/orders' method="post"><input name="name"></form>
"""
JAVA = """
    import org.springframework.stereotype.Controller;
    import org.springframework.web.bind.annotation.*;
    @Controller
    public class Orders {
      @PostMapping("/orders") public String add() { return "orders"; }
      @PostMapping("/orders/pay") @ResponseBody public String pay() { return ""; }
    }
"""


def facts_of(source: str, name: str = "orders.ftl") -> FileFacts:
    return markup.extract(dedent(source).lstrip("\n").encode(), name).facts()


def test_outputs_are_names_and_the_path_of_the_application_is_empty() -> None:
    elements = {e.tag: e for e in facts_of(PAGE).elements}
    assert list(elements) == ["a", "option", "form", "input"]
    href = next(a.value for a in elements["a"].attrs if a.name == "href")
    assert href == Concat((Lit(""), Lit("/orders/"), Member(Name("order"), "id")))
    assert [a.name for a in elements["option"].attrs] == ["value", "selected"]


def test_a_page_without_directives_is_no_template_of_it() -> None:
    assert markup.extract(b"<p>${name} <b>1 < 2</b></p>", "page.html").language == "html"
    assert markup.extract(b"<#if a>x</#if><#list b as c>y</#list>", "page.html").language == "freemarker"


@pytest.mark.parametrize("piece", ["<#if ", "${", '<#if "', "<#--", "</#", "${a ? b : '", "<@a b='"])
def test_hostile_templates_take_linear_time(piece: str) -> None:
    started = time.process_time()
    facts_of(piece * 20_000)
    assert time.process_time() - started < 10


def test_forms_and_scripts_of_a_template_reach_the_routes() -> None:
    page = """
        <form action="${request.contextPath}/orders" method="post"><button>Add</button></form>
        <button id="pay">Pay</button>
        <script>
          var base = '${request.contextPath}';
          $("#pay").click(function () { $.ajax({ type: "POST", url: base + "/orders/pay" }); });
        </script>
    """
    files = {"src/main/java/Orders.java": dedent(JAVA), "src/main/resources/templates/orders.ftl": dedent(page)}
    matches = tracer_of(files).linking.matches
    assert sorted(str(m.route.route.endpoint) for m in matches) == ["POST /orders", "POST /orders/pay"]
