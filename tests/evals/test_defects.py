"""The seeded defects are patches that apply to the shop and say truly what they break, and where."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from evals.seeded import SHOP, Seeded, load_seeded, shop_copy

from backend_readiness.model import Layer

CARDS = Path(__file__).resolve().parents[2] / "server" / "backend_readiness" / "rules" / "controls"
SEEDED = load_seeded()
CARD_IDS = {path.stem for path in CARDS.rglob("*.yml")}


def parse_all(shop: Path) -> int:
    paths = sorted(shop.rglob("*.py"))
    for path in paths:
        ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    return len(paths)


def touched(patch: str) -> set[str]:
    return set(re.findall(r"^diff --git a/\S+ b/(\S+)$", patch, flags=re.MULTILINE))


def test_every_python_file_of_the_shop_parses(tmp_path: Path) -> None:
    assert parse_all(shop_copy(tmp_path / "shop")) > 20


@pytest.mark.parametrize("seeded", SEEDED.values(), ids=SEEDED)
def test_a_patch_applies_changes_what_it_names_and_leaves_files_that_parse(seeded: Seeded, tmp_path: Path) -> None:
    shop = shop_copy(tmp_path / "shop", [seeded])
    parse_all(shop)
    for name in touched(seeded.patch):
        before, after = SHOP / name, shop / name
        assert not (before.exists() and after.exists()) or before.read_bytes() != after.read_bytes(), name
    for place in seeded.expect:
        lines = (shop / place.file).read_text(encoding="utf-8").splitlines()
        assert 1 <= place.line <= place.end_line <= len(lines), place
        assert any(line.strip() for line in lines[place.line - 1 : place.end_line]), place


@pytest.mark.parametrize("seeded", SEEDED.values(), ids=SEEDED)
def test_evidence_is_expected_in_a_file_that_the_change_touches(seeded: Seeded) -> None:
    assert touched(seeded.patch)
    if seeded.kind == "defect":
        assert touched(seeded.patch) & {place.file for place in seeded.expect}


@pytest.mark.parametrize("seeded", SEEDED.values(), ids=SEEDED)
def test_a_seeded_change_names_controls_of_the_catalogue(seeded: Seeded) -> None:
    named = {*seeded.also, *seeded.watch, *([seeded.control] if seeded.control else [])}
    assert not CARD_IDS or named <= CARD_IDS, sorted(named - CARD_IDS)
    assert seeded.control not in seeded.also


@pytest.mark.parametrize("seeded", [seeded for seeded in SEEDED.values() if seeded.control in CARD_IDS], ids=lambda seeded: seeded.id)
def test_layer_and_severity_are_those_of_the_card(seeded: Seeded) -> None:
    (path,) = CARDS.rglob(f"{seeded.control}.yml")
    assert seeded.layer == path.parent.name
    assert seeded.severity == yaml.safe_load(path.read_text(encoding="utf-8"))["severity"]


def test_identity_is_the_file_name_and_titles_are_told_apart() -> None:
    assert SEEDED
    assert all(name == seeded.id for name, seeded in SEEDED.items())
    assert len({seeded.title for seeded in SEEDED.values()}) == len(SEEDED)


def test_a_defect_does_not_announce_itself() -> None:
    added = [line for seeded in SEEDED.values() for line in seeded.patch.splitlines() if line.startswith("+")]
    telling = re.compile(r"\b(defect|vulnerab\w+|insecure|unsafe|broken|bug|wrong)\b", re.IGNORECASE)
    assert [line for line in added if telling.search(line)] == []


def test_each_layer_has_defects_and_benign_changes_stand_beside_them() -> None:
    layers = Counter(seeded.layer for seeded in SEEDED.values() if seeded.layer)
    assert all(layers[layer] >= 2 for layer in Layer)
    assert sum(seeded.kind == "benign" for seeded in SEEDED.values()) >= 6
