"""The tables of signs: each belongs to one module that judges, and each of its keys is read there."""

from __future__ import annotations

import re

import pytest

from backend_readiness.errors import BadCard
from backend_readiness.rules.signs import sign, signs, signs_by
from backend_readiness.rules.yaml_files import RULES
from tests.architecture.sources import package_sources

_READ = re.compile(r"\bsigns?(?:_by)?\(\s*\"([\w-]+)\",\s*\"(\w+)\"")
_KEY = re.compile(r"^(\w+):", re.MULTILINE)


def read_keys() -> set[tuple[str, str, str]]:
    """(module's last name, table, key) of every look-up."""
    return {(s.module.rpartition(".")[2], *found.groups()) for s in package_sources() for found in _READ.finditer(s.text)}


def written_keys() -> set[tuple[str, str]]:
    return {(path.stem, key) for path in (RULES / "signs").glob("*.yml") for key in _KEY.findall(path.read_text("utf-8"))}


def test_every_key_is_read_and_every_key_that_is_read_is_there() -> None:
    assert written_keys() == {(table, key) for _, table, key in read_keys()}


def test_a_table_is_read_by_the_module_that_it_is_named_for() -> None:
    assert sorted((module, table) for module, table, _ in read_keys() if module != table) == []


def test_a_missing_key_is_named() -> None:
    for look in (sign, signs, signs_by):
        with pytest.raises(BadCard, match=r"signs/databases\.yml has no \w+ nothing"):
            look("databases", "nothing")
