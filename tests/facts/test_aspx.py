"""Pages of Web Forms: markup with server controls, and code between that is not read."""

from __future__ import annotations

from backend_readiness.facts.languages.markup import extract
from backend_readiness.facts.model import Lit, Name

SOURCE = b"""<%@ Page Language="C#" Inherits="Shop.Home" %>
<% if (open) { %>
<asp:Button runat="server" OnClick="Save_Click" Text='<%# Eval("Name") %>' />
<% } %>
<%-- <a href="/old">Old</a> --%>
<a href="/orders">Orders</a>
"""


def test_elements_stand_at_their_lines_and_comments_are_no_markup() -> None:
    builder = extract(SOURCE, "Home.aspx")
    assert builder.language == "aspx"
    assert [(e.tag, e.line) for e in builder.elements] == [("asp:Button", 3), ("a", 6)]
    button = {a.name: a.value for a in builder.elements[0].attrs}
    assert button["onclick"] == Name("Save_Click")
    assert button["runat"] == Lit("server")


def test_a_piece_without_an_end_is_text() -> None:
    assert extract(b"<p><%= open", "Home.ascx").language == "aspx"
