from pathlib import Path

import pytest

from backend_readiness.errors import BadCard
from backend_readiness.model import Layer, Severity, Verdict, VerifiedBy
from backend_readiness.rules.checklists import (
    all_checklists,
    homes_of_seeds,
    layer_checklist,
    load_attested_items,
    load_seed_items,
    seed_coverage,
    stale_documents,
    write_documents,
)
from backend_readiness.rules.control_cards import ControlCard, Example, load_controls

CARDS = load_controls()
PREFIXES = {"infrastructure": "inf", "security": "sec", "performance": "perf", "reliability": "rel", "observability": "obs", "data": "data"}

CARD = """\
id: perf-thing
title: The thing holds
severity: high
why: It breaks.
applies: Always.
verify: [agent]
ask: Does it hold?
title_fail: The thing does not hold
fix: [Do this, Do that]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "performance").mkdir()
    return tmp_path


def put(folder: Path, text: str, name: str = "perf-thing.yml") -> Path:
    path = folder / "performance" / name
    path.write_text(text, encoding="utf-8")
    return path


# ------------------------------------------------------------------ the shipped cards


def test_every_layer_has_cards_and_they_stand_in_layer_order_and_then_by_id() -> None:
    order = list(Layer)
    keys = [(order.index(card.layer), card.id) for card in CARDS.values()]
    assert keys == sorted(keys)
    assert {card.layer for card in CARDS.values()} == set(Layer)


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_a_card_says_everything_that_a_finding_needs(card: ControlCard) -> None:
    assert card.id.startswith(PREFIXES[card.layer.value] + "-")
    assert card.notes, "the settled cases are what makes two readers agree"
    assert card.seeds
    assert len(card.fix) in (3, 4, 5)
    sentences = [card.why, card.applies, *card.notes]
    assert [text for text in sentences if not text.endswith(".")] == []
    assert [text for text in (card.title, card.title_fail, *card.fix) if text.endswith(".")] == []


def test_no_two_cards_share_a_title_or_a_question() -> None:
    for field in ("title", "title_fail", "ask", "why"):
        texts = [getattr(card, field) for card in CARDS.values()]
        assert sorted({text for text in texts if texts.count(text) > 1}) == []


def test_fix_steps_by_framework_name_a_language_or_a_language_and_framework() -> None:
    keys = {key for card in CARDS.values() for key in card.fix_by}
    assert [key for key in keys if not key.islower() or key.count("/") > 1] == []


def test_notes_refer_only_to_controls_that_exist() -> None:
    words = {
        word.strip(".,;:()")
        for card in CARDS.values()
        for text in (card.ask, card.applies, *card.notes)
        for word in text.split()
        if word.startswith(("inf-", "sec-", "perf-", "rel-", "obs-", "data-"))
    }
    assert words - set(CARDS) == set()


def test_each_layer_shows_an_example() -> None:
    assert {card.layer for card in CARDS.values() if card.examples} == set(Layer)


# ------------------------------------------------------------------ loading


def test_a_hook_beside_the_card_makes_it_static(folder: Path) -> None:
    path = put(folder, CARD)
    assert load_controls(folder)["perf-thing"].verified_by == (VerifiedBy.AGENT,)
    path.with_suffix(".py").write_text("", encoding="utf-8")
    load_controls.cache_clear()
    card = load_controls(folder)["perf-thing"]
    assert card.has_hook
    assert card.verified_by == (VerifiedBy.STATIC, VerifiedBy.AGENT)
    assert card.layer is Layer.PERFORMANCE
    assert card.severity is Severity.HIGH


def test_fix_steps_are_the_closest_ones_for_the_framework(folder: Path) -> None:
    put(folder, CARD + "fix_by: {python: [A, B], python/flask: [C, D]}\n")
    card = load_controls(folder)["perf-thing"]
    assert card.fix_for("python/flask") == ("C", "D")
    assert card.fix_for("python/django") == ("A", "B")
    assert card.fix_for("go/gin") == ("Do this", "Do that")


@pytest.mark.parametrize(
    "text, says",
    [
        (CARD + "sead: []\n", "unknown key sead, did you mean seeds?"),
        (CARD + "examples: [{framework: any, exspect: pass, files: {a: b}, expect: pass}]\n", "did you mean expect?"),
        (CARD.replace("severity: high", "severity: hihg"), "severity"),
        (CARD.replace("ask: Does it hold?", "ask: It holds."), "ask"),
        (CARD.replace("perf-thing", "perf-other"), "must be the file's name"),
        (CARD.replace("[agent]", "[static, agent]"), "no perf-thing.py"),
        (CARD + "layer: data\n", "layer comes from the place of the file"),
        (CARD + "hook: /etc/passwd\n", "hook comes from the place of the file"),
        (CARD + "notes: [a: b\n", "is not YAML"),
        (CARD + "why: !!python/object/apply:os.getcwd []\n", "is not YAML"),
        ("- a\n", "a card is a mapping"),
        ("", "a card is a mapping"),
    ],
)
def test_a_card_that_does_not_hold_its_schema_is_refused(folder: Path, text: str, says: str) -> None:
    put(folder, text)
    with pytest.raises(BadCard, match=r"controls/performance/perf-thing\.yml") as refused:
        load_controls(folder)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_bytes_that_are_no_text_are_refused(folder: Path) -> None:
    put(folder, "").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadCard, match="is not YAML"):
        load_controls(folder)


def test_an_id_in_two_layers_is_refused(folder: Path) -> None:
    put(folder, CARD)
    (folder / "data").mkdir()
    (folder / "data" / "perf-thing.yml").write_text(CARD, encoding="utf-8")
    with pytest.raises(BadCard, match="twice"):
        load_controls(folder)


def test_a_folder_that_is_no_layer_is_refused_with_the_nearest(folder: Path) -> None:
    (folder / "securty").mkdir()
    with pytest.raises(BadCard, match="did you mean security"):
        load_controls(folder)


def test_no_cards_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadCard, match="no control cards"):
        load_controls(tmp_path / "nothing")


# ------------------------------------------------------------------ examples


def test_bad_and_good_texts_become_two_cases_with_the_marker_cut_out() -> None:
    example = Example(framework="javascript/express", bad="a();\nb(); // expect\n", good="a();\n", endpoint="GET /orders")
    bad, good = example.cases()
    assert bad.files == {"src/app.js": "a();\nb();\n"}
    assert [(mark.file, mark.line) for mark in bad.marks] == [("src/app.js", 2)]
    assert bad.expect == {Verdict.FAIL, Verdict.PARTIAL}
    assert good.expect == {Verdict.PASS, Verdict.NOT_APPLICABLE}
    assert good.marks == ()
    assert {bad.endpoint, good.endpoint} == {"GET /orders"}


def test_files_become_one_case_with_one_verdict() -> None:
    files = {"Dockerfile": "FROM a:1 # expect\nUSER b\n", "page.html": "<p>\n<b> <!-- expect -->\n"}
    (case,) = Example(framework="any", name="two marks", files=files, expect=Verdict.PARTIAL).cases()
    assert case.files == {"Dockerfile": "FROM a:1\nUSER b\n", "page.html": "<p>\n<b>\n"}
    assert [(mark.file, mark.line) for mark in case.marks] == [("Dockerfile", 1), ("page.html", 2)]
    assert case.expect == {Verdict.PARTIAL}


def test_words_that_only_look_like_the_marker_stay() -> None:
    text = "run --expect 3\nx = 1  # expected\n// expectations\n"
    (case,) = Example(framework="any", files={"a": text}, expect=Verdict.PASS).cases()
    assert case.files == {"a": text}
    assert case.marks == ()


@pytest.mark.parametrize(
    "keys",
    [
        {"framework": "python/flask"},
        {"framework": "python/flask", "bad": "x  # expect", "files": {"a": "b"}, "expect": Verdict.FAIL},
        {"framework": "python/flask", "files": {"a": "b"}},
        {"framework": "python/flask", "files": {}, "expect": Verdict.PASS},
        {"framework": "python/flask", "good": "x", "expect": Verdict.PASS},
        {"framework": "python/flask", "bad": "x"},
        {"framework": "any", "good": "x"},
        {"framework": "any", "good": "x", "path": "../x"},
        {"framework": "any", "files": {"/etc/x": "b"}, "expect": Verdict.PASS},
        {"framework": "any", "files": {"a": "b"}, "expect": Verdict.PASS, "endpoint": "orders"},
    ],
)
def test_an_example_without_one_clear_form_is_refused(keys: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Example.model_validate(keys)


# ------------------------------------------------------------------ seeds and generated documents


def test_every_seed_item_has_a_control_or_is_attested_by_people() -> None:
    items = [item.id for item in load_seed_items()]
    assert items
    assert len(items) == len(set(items))
    homes, attested = homes_of_seeds(), load_attested_items()
    assert [item for item in items if (item in homes) == (item in attested)] == []
    assert set(attested) <= set(items)


def test_a_checklist_holds_each_control_of_its_layer_once() -> None:
    for layer in Layer:
        text = layer_checklist(layer)
        ids = [card.id for card in CARDS.values() if card.layer is layer]
        assert [text.count(f"`{each}`)") for each in ids] == [1] * len(ids)
        assert text.count("- [ ] ") == len(ids)
        assert text in all_checklists()


def test_coverage_names_each_item_and_leaves_none_open() -> None:
    text = seed_coverage()
    assert [item.id for item in load_seed_items() if f"| `{item.id}` |" not in text] == []
    assert "**nothing**" not in text


def test_the_generated_documents_are_fresh() -> None:
    assert stale_documents() == (), "run: python -m backend_readiness.rules.checklists --write"


def test_stale_and_missing_documents_are_named(tmp_path: Path) -> None:
    assert stale_documents(tmp_path) == ("layer-checklists.md", "seed-coverage.md", "frameworks.md")
    write_documents(tmp_path)
    assert stale_documents(tmp_path) == ()
    (tmp_path / "seed-coverage.md").write_text("old", encoding="utf-8")
    assert stale_documents(tmp_path) == ("seed-coverage.md",)
