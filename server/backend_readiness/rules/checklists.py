"""The reference documents that are generated from the cards.

`python -m backend_readiness.rules.checklists --write` writes them anew; without `--write` the stale ones are named and the
status is 1. A test does the same.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from backend_readiness.errors import BadCard
from backend_readiness.model import Layer
from backend_readiness.rules import yaml_files
from backend_readiness.rules.control_cards import ControlCard, load_controls
from backend_readiness.rules.technologies import frameworks_document

_RULES = Path(__file__).parent
_REFERENCES = _RULES.parents[2] / "references"
_HEAD = "<!-- Generated from the cards; write it anew with `python -m backend_readiness.rules.checklists --write`. -->\n"


class SeedItem(BaseModel):
    """An item of the two checklists that the catalogue covers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^\d{3}(/[a-z0-9-]+)+$")]
    section: str
    group: str | None
    item: str


def load_seed_items() -> tuple[SeedItem, ...]:
    """All items, in the order of the documents."""
    return TypeAdapter(tuple[SeedItem, ...]).validate_json((_RULES / "seed_items.json").read_bytes())


def load_attested_items() -> Mapping[str, str]:
    """Items that only people can answer: id of the item to the evidence in a repository that would count."""
    raw = yaml_files.read("attested_items.yml")
    return TypeAdapter(dict[str, str]).validate_python(raw)


def homes_of_seeds() -> Mapping[str, tuple[str, ...]]:
    """Item ids to the ids of the controls that name them; an item that no card names is missing.

    Errors: `BadCard` when a card names an item that does not exist, or one that is listed as attested as well.
    """
    known = {item.id for item in load_seed_items()}
    attested = load_attested_items()
    homes: dict[str, list[str]] = {}
    for card in load_controls().values():
        for seed in card.seeds:
            if seed not in known:
                raise BadCard(f"{card.id}: no seed item {seed!r}")
            if seed in attested:
                raise BadCard(f"{card.id}: {seed!r} is also listed in attested_items.yml")
            homes.setdefault(seed, []).append(card.id)
    return {seed: tuple(ids) for seed, ids in homes.items()}


def layer_checklist(layer: Layer) -> str:
    """One layer as Markdown: a box per control with what must hold, how it is verified, and the question to settle."""
    cards = [card for card in load_controls().values() if card.layer is layer]
    return "\n".join([f"## {layer.title}\n", *(_entry(card) for card in cards)])


def all_checklists() -> str:
    """`references/layer-checklists.md`."""
    intro = (
        "# Layer checklists\n\n"
        "What a flow must hold, layer by layer. Answer each question for the flow at hand, with evidence: path, line and quote.\n"
        "The verdicts are pass, partial (it holds for part of the flow, or in a form that would not stop the failure), fail,\n"
        "not applicable (the flow has no such subject) and unverified (neither side is proved). One defect counts under one control.\n"
    )
    return "\n".join([_HEAD, intro, *(layer_checklist(layer) for layer in Layer)])


def seed_coverage() -> str:
    """`references/seed-coverage.md`: each item of the two checklists and where it is looked at."""
    items, homes, attested = load_seed_items(), homes_of_seeds(), load_attested_items()
    lines = [
        _HEAD,
        "# Seed coverage\n",
        "Each item of the two checklists that the catalogue was built from, and the controls that look at it. An item marked",
        "*attestation* is one that only people can answer, or that no flow needs to be ready; what would count as evidence stands",
        "beside it.\n",
    ]
    heading = ""
    for item in items:
        here = f"{item.id[:3]}: {item.section}" + (f" / {item.group}" if item.group else "")
        if here != heading:
            heading = here
            lines += [f"\n## {here}\n", "| item | id | looked at by |", "| --- | --- | --- |"]
        if item.id in homes:
            where = ", ".join(homes[item.id])
        elif item.id in attested:
            where = f"*attestation*: {attested[item.id]}"
        else:
            where = "**nothing**"
        lines.append(f"| {item.item.replace('|', '/')} | `{item.id}` | {where} |")
    return "\n".join(lines) + "\n"


DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "layer-checklists.md": all_checklists,
    "seed-coverage.md": seed_coverage,
    "frameworks.md": lambda: frameworks_document(_HEAD),
}


def stale_documents(folder: Path = _REFERENCES) -> tuple[str, ...]:
    """Names of the documents in `folder` that differ from what the cards say, or are not there."""
    return tuple(name for name, text in DOCUMENTS.items() if not _holds(folder / name, text()))


def write_documents(folder: Path = _REFERENCES) -> None:
    """Write every document into `folder`, which must exist."""
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text(), encoding="utf-8", newline="\n")


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _entry(card: ControlCard) -> str:
    lines = [
        f"- [ ] **{card.title}** ({card.severity.value}, `{card.id}`)",
        f"  - Why: {card.why}",
        f"  - Applies: {card.applies}",
        f"  - Verified by: {', '.join(way.value for way in card.verified_by)}",
        f"  - Question: {card.ask}",
    ]
    if card.raises:
        lines.append(f"  - Weighs more when: {'; '.join(card.raises)}")
    if card.severity_when:
        lines.append(f"  - Severity by flow and profile: {', '.join(f'{t} {s.value}' for t, s in card.severity_when.items())}")
    if card.notes:
        lines += ["  - Settled cases:", *(f"    - {note}" for note in card.notes)]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="backend_readiness.rules.checklists", description="Check or write the generated references.")
    parser.add_argument("--write", action="store_true", help="write the documents instead of checking them")
    arguments = parser.parse_args()
    if not _REFERENCES.is_dir():
        parser.error("there is no references folder: run this in a source tree, not in an installed package")
    if arguments.write:
        write_documents()
        return 0
    stale = stale_documents()
    sys.stderr.writelines(f"references/{name} is stale: run with --write\n" for name in stale)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
