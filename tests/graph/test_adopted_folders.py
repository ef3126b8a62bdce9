"""Folders that are named after samples and are the application itself."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of

APP = """
from flask import Flask
app = Flask(__name__)
@app.route("/{0}")
def show(): ...
"""


def routes(files: dict[str, str]) -> set[str]:
    return {str(b.route.endpoint) for b in tracer_of(files).routes}


def test_a_package_that_the_start_file_imports_counts() -> None:
    files = {"run.py": "from demo import app\napp.run()\n", "demo/__init__.py": APP.format("orders")}
    assert routes(files) == {"GET /orders"}


def test_a_package_that_the_settings_of_the_server_name_counts() -> None:
    files = {
        "setup.py": "from setuptools import setup\nsetup(name='x')\n",
        "development.ini": "[app:main]\nuse = egg:tutorial\n",
        "tutorial/__init__.py": APP.format("wiki"),
    }
    assert routes(files) == {"GET /wiki"}


def test_samples_beside_an_application_that_names_none_of_them_do_not_count() -> None:
    files = {
        "app.py": APP.format("orders") + "TITLE = 'examples'\nfrom shop import examples_of\n",
        "shop/__init__.py": "def examples_of(): ...\n",
        "examples/__init__.py": "",
        "examples/first.py": APP.format("not-a-route"),
        "docs/conf.py": APP.format("not-a-route"),
    }
    assert routes(files) == {"GET /orders"}


def test_samples_that_only_tests_import_do_not_count() -> None:
    files = {
        "app.py": APP.format("orders"),
        "tests/test_demo.py": "from demo import app\n",
        "demo/__init__.py": APP.format("not-a-route"),
    }
    assert routes(files) == {"GET /orders"}
