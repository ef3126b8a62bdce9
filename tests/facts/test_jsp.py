"""Pages of a Java server: elements, Java, expressions, and the tags that make addresses."""

from __future__ import annotations

import msgspec
import pytest

from backend_readiness.facts.languages.jsp import extract
from backend_readiness.facts.model import Concat, Element, FileFacts, Lit, Member, Name, Value


def facts(page: str) -> FileFacts:
    return extract(page.encode(), "file.jsp").facts()


def given(element: Element, name: str) -> Value | None:
    return next(a.value for a in element.attrs if a.name == name)


def test_scriptlets_and_declarations_are_one_java_program_at_their_lines() -> None:
    found = facts(
        '<%@ page import="java.sql.*, shop.Orders" %>\n<%@ include file="head.jsp" %>\n<%! private int total(int n) { return n; } %>\n'
        '<% if (request.getParameter("id") != null) {\n  Orders orders = new Orders(); %>\n<b><%= orders.find(total(1)) %></b>\n<% } %>\n'
    )
    assert {(i.module, i.name) for i in found.imports} >= {("java.sql", "*"), ("shop", "Orders"), ("./head.jsp", "*")}
    assert found.template == ("head.jsp",)
    assert [(s.name, s.line) for s in found.symbols if s.kind == "method"] == [("total", 3)]
    assert [(a.type, a.line) for a in found.assigns if a.target == Name("orders")] == [(Name("Orders"), 5)]
    assert [c.line for c in found.calls if c.callee == Member(Name("orders"), "find")] == [6]
    assert found.errors == 0


def test_addresses_lose_the_context_path_and_keep_what_is_filled_in() -> None:
    found = facts(
        '<form action="${pageContext.request.contextPath}/orders/${order.id}/pay" method="post"></form>\n'
        "<a href=\"<c:url value='/orders'/>\">all</a>\n"
        '<a href="<c:url value="/orders"><c:param name="page" value="${page}"/></c:url>">all</a>\n'
        '<a href="<%= request.getContextPath() %>/cart">cart</a>\n'
        '<s:url action="save" namespace="/orders" var="save"/><a href="${save}">save</a>\n'
        '<spring:url value="/owners/{ownerId}" var="owner"><spring:param name="ownerId" value="${o.id}"/></spring:url>\n'
    )
    form, *links = [e for e in found.elements if e.tag in ("form", "a")]
    assert given(form, "action") == Concat((Lit(""), Lit("/orders/"), Member(Name("order"), "id"), Lit("/pay")))
    assert [given(e, "href") for e in links] == [
        Lit("/orders"),
        Lit("/orders"),
        Concat((Lit(""), Lit("/cart"))),
        Name("save"),
    ]
    bound = {a.target: a.value for a in found.assigns}
    assert bound == {Name("save"): Lit("/orders/save"), Name("owner"): Concat((Lit("/owners/"), Name("ownerId")))}


def test_tags_inside_of_tags_do_not_break_them() -> None:
    found = facts(
        '<option value="1" <c:if test="${a eq "x"}">selected</c:if>>one</option>\n'
        '<form:form method="post" cssClass="<c:out value="${kind}"/>"><form:input path="name"/></form:form>\n'
        '<script>var u = "<c:url value="/orders/save"/>"; $.post(u); if (1 < 2) { go("${id}"); }</script>\n<p>last</p>\n'
    )
    assert [e.tag for e in found.elements] == ["option", "form:form", "form:input", "script", "p"]
    assert [a.value for a in found.assigns if a.target == Name("u")] == [Lit("/orders/save")]
    assert [c.line for c in found.calls if c.callee == Name("go")] == [3]


_BROKEN = [
    "<% " * 3_000,
    "${" * 5_000,
    "<c:if test='" * 3_000,
    "<a href='<c:url value=\"" * 2_000,
    "<c:choose><c:when>" * 3_000,
    "<%" + "if (a) {" * 5_000 + "%>",
    "<script>" + "<c:url " * 3_000,
    '<a href="' + '<c:url value="x" ' * 3_000,
    "${'" * 9_000,
    "",
]


@pytest.mark.parametrize("page", _BROKEN)
def test_broken_pages_still_give_facts(page: str) -> None:
    msgspec.msgpack.encode(extract(page.encode(), "file.jsp").facts())
