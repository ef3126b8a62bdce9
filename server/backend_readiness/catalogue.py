"""The catalogue of controls as people name it: ids, layers, severities."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from backend_readiness.errors import UnknownControl, UnusableInput
from backend_readiness.model import Layer, Severity

if TYPE_CHECKING:
    from backend_readiness.configuration import Configuration
    from backend_readiness.configuration.own_controls import OwnControl
    from backend_readiness.rules.control_cards import ControlCard


def controls() -> dict[str, ControlCard]:
    """The catalogue by id, in the order of layers."""
    from backend_readiness.rules.control_cards import load_controls

    return dict(load_controls())


def control_ids(names: Sequence[str], own: Mapping[str, OwnControl] = MappingProxyType({})) -> frozenset[str] | None:
    """The ids that names of controls and layers stand for; None for all. `own`: the repository's own controls.

    Errors: `UnknownControl` naming the nearest.
    """
    if not names:
        return None
    catalogue = {**{i: card.layer for i, card in controls().items()}, **{i: card.layer for i, card in own.items()}}
    found: set[str] = set()
    for name in names:
        wanted = name.strip().lower()
        of_layer = {i for i, layer in catalogue.items() if layer == wanted}
        if wanted in catalogue:
            found.add(wanted)
        elif of_layer:
            found |= of_layer
        else:
            known = [*(layer.value for layer in Layer), *catalogue]
            near = [k for k in known if wanted and wanted in k][:3] or difflib.get_close_matches(wanted, known, 3, 0.4)
            hint = f"the nearest: {', '.join(near)}" if near else f"the layers are {', '.join(layer.value for layer in Layer)}"
            raise UnknownControl(f"no control or layer {name!r}; {hint}")
    return frozenset(found)


def severity_of(name: str) -> Severity:
    """Errors: `UnusableInput`."""
    try:
        return Severity(name.strip().lower())
    except ValueError:
        raise UnusableInput(f"no severity {name!r}: take one of {', '.join(s.value for s in Severity)}") from None


def check_names(configured: Configuration, own: Mapping[str, OwnControl]) -> None:
    """Errors: `UnknownControl` for a control that the configuration names and that is not there."""
    from backend_readiness.configuration import FILE_NAME
    from backend_readiness.rules.checklists import load_attested_items

    attested, accepted = configured.attestations, configured.accepted_risks
    named = [*configured.severity, *(a.control for a in attested if a.control), *(r.control for r in accepted if r.control)]
    items = [a.item for a in attested if a.item]
    unknown = next((item for item in items if item not in load_attested_items()), None)
    if unknown is not None:
        near = difflib.get_close_matches(unknown, list(load_attested_items()), 1, 0.0)
        raise UnknownControl(f"{FILE_NAME} attests the item {unknown!r}, which people are not asked for; the nearest: {near[0]}")
    for name in named:
        if name not in controls() and name not in own:
            control_ids([name], own)
            raise UnknownControl(f"{FILE_NAME} names {name!r}, which is a layer: name a control")
