"""The programs of a repository: which folders are meant by the names that deployments and settings say."""

from __future__ import annotations

from pathlib import Path

from backend_readiness.graph.remote.programs import Programs, plain, words_of
from backend_readiness.workspace import Workspace

COMPOSE = """
services:
  warehouse: {build: .stock}
  elsewhere: {build: ../other}
  whole: {build: .}
"""


def programs(root: Path) -> Programs:
    files = {
        "compose.yml": COMPOSE,
        ".stock/app.py": "x = 1\n",
        "shop-order-service/pom.xml": "<project><artifactId>shop-order-service</artifactId></project>",
        "shop-order-service/A.java": "class A { }",
        "shop-order-history-service/pom.xml": "<project><artifactId>shop-order-history-service</artifactId></project>",
        "shop-order-history-service/B.java": "class B { }",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Programs(Workspace(root).tracer.graph)


def test_a_service_names_the_folder_that_it_is_built_in(tmp_path: Path) -> None:
    found = programs(tmp_path)
    assert found.named("warehouse:5000") == {".stock"}
    assert found.named("elsewhere") == found.named("whole") == frozenset()


def test_a_setting_means_the_program_with_the_fewest_other_words(tmp_path: Path) -> None:
    assert programs(tmp_path).about("orderServiceUrl") == {"shop-order-service"}


def test_a_host_outside_names_no_program(tmp_path: Path) -> None:
    assert programs(tmp_path).named("order.example.com") == frozenset()


def test_names_are_compared_by_words_in_the_singular() -> None:
    assert plain(words_of("ORDERS_API_ADDRESS")) == plain(words_of("order-service")) == ("order",)
    assert plain(words_of("api-server")) == ("api", "server")
