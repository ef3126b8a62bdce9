from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from tests.render.hostile import hostile_report
from tests.report.folder_source import login_report

from backend_readiness.render.mermaid import MAX_NODES, diagram
from backend_readiness.report.schema import ChainOut

_TEXT = r"(?:[A-Za-z0-9 _./,-]|#\d+;|<br/>)*"
GRAMMAR = re.compile(
    rf'^(?:flowchart TD|  (?:n|g)\d+\["{_TEXT}"\]:::(?:confirmed|inferred|missing|stubbed)|  more\["{_TEXT}"\]'
    r"|  n\d+ (?:-->|-\.->) n\d+|  classDef \w+ [\w:#,-]+)$"
)


def check(chain: ChainOut) -> None:
    wrong = [line for line in diagram(chain).split("\n") if not GRAMMAR.match(line)]
    assert wrong == []


def test_the_diagram_has_each_link_each_edge_and_each_gap() -> None:
    text = diagram(login_report().chains[0])
    assert len(re.findall(r"^  n\d+\[", text, re.MULTILINE)) == 6
    assert len(re.findall(r"^  n\d+ -", text, re.MULTILINE)) == 5
    assert "n3 -.-> n5" in text
    assert "External service missing" in text


def test_hostile_names_stay_within_their_labels() -> None:
    check(hostile_report().chains[0])


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_name_stays_within_its_label(symbol: str, file: str) -> None:
    chain = login_report().chains[0]
    link = chain.links[0].model_copy(update={"symbol": symbol, "file": file, "target": symbol})
    check(chain.model_copy(update={"links": (link,), "gaps": ()}))


def test_a_long_chain_is_cut_and_says_so() -> None:
    chain = login_report().chains[0]
    links = tuple(chain.links[0].model_copy(update={"parent": n - 1 if n else None}) for n in range(MAX_NODES + 5))
    text = diagram(chain.model_copy(update={"links": links}))
    assert "5 more links stand in the table" in text
    assert f"n{MAX_NODES}" not in text


def test_parents_that_point_nowhere_or_ahead_make_no_edge() -> None:
    chain = login_report().chains[0]
    links = tuple(link.model_copy(update={"parent": parent}) for link, parent in zip(chain.links, (5, 1, 99, 3, 2, 4), strict=True))
    text = diagram(chain.model_copy(update={"links": links}))
    assert re.findall(r"n\d+ -.*", text) == ["n2 --> n4", "n4 -.-> n5"]
